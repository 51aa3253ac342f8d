/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-socket.h"

#include "base/sio-clock-private.h"

G_BEGIN_DECLS

/* Events that wait for an answer. Each ends once: it is taken out of the table first, then told. */

typedef struct
{
  guint64 id;
  gint64 deadline;   /* SIO_CLOCK_NEVER for none */
  gboolean buffered; /* its event was not sent yet, so a lost connection does not end it (S41) */
  gboolean reported; /* whom it tells of a refusal has no ear for it: SioManager::error has */
  GError *failure;   /* settled before the event could go anywhere; told at the deadline */
  SioAckFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} SioAck;

SioAck *sio_ack_new (SioAckFunc func, gpointer user_data, GDestroyNotify destroy);
void sio_ack_free (SioAck *ack);
/* Tells the answer, or why there is none; frees @ack. */
void sio_ack_settle (SioAck *ack, SioSocket *socket, SioValue *args, const GError *error);

typedef struct
{
  GHashTable *acks; /* id → SioAck */
  gint64 deadline;  /* none is earlier; may be of one that is gone */
} SioAckTable;

void sio_ack_table_init (SioAckTable *self);
void sio_ack_table_clear (SioAckTable *self);
guint sio_ack_table_get_size (SioAckTable *self);
/* Takes @ack. */
void sio_ack_table_add (SioAckTable *self, SioAck *ack);
/* NULL if it is not there (any more); else the caller's. */
SioAck *sio_ack_table_steal (SioAckTable *self, guint64 id);
SioAck *sio_ack_table_peek (SioAckTable *self, guint64 id);
/* @ack is in it. Takes @failure, which is told from @deadline on. */
void sio_ack_table_fail (SioAckTable *self, SioAck *ack, GError *failure, gint64 deadline);
/* Those that match, in the order in which they were sent, taken out; the array is the caller's, and
 * so is each in it. */
typedef enum
{
  SIO_ACKS_DUE,
  SIO_ACKS_SENT,
  SIO_ACKS_ALL,
} SioAckSelection;
GPtrArray *sio_ack_table_steal_some (SioAckTable *self, SioAckSelection selection, gint64 now);

G_END_DECLS
