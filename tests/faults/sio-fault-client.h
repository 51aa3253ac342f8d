/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sioclient/sio.h>

#include "sio-test-wait.h"

G_BEGIN_DECLS

/* A program that uses the library as programs do, and notes what it hears. */
typedef struct
{
  SioManager *manager;
  SioSocket *socket;

  guint n_connects;
  guint n_disconnects;
  guint n_connect_errors;
  guint n_errors; /* of the manager */
  guint n_events;
  SioDisconnectReason reason; /* of the last disconnect */
  char *details;              /* of the last disconnect or connect_error: message of its error */
  GHashTable *events;         /* set of names */

  guint n_alive; /* objects of the library */
  GSource *metronome;
  gint64 last_tick;
  gint64 longest_gap; /* that the main loop was busy without a turn, in µs of its own time */
} SioFaultClient;

/* @transports is nullable: both. Attempts have a second; reconnecting takes ten milliseconds. */
SioFaultClient *sio_fault_client_new (guint16 port, const char *transports);
/* The same, with a manager that is not open yet. */
SioFaultClient *sio_fault_client_new_idle (guint16 port, const char *transports);
/* Another namespace of the same manager, watched likewise. */
SioSocket *sio_fault_client_add (SioFaultClient *self, const char *nsp);
/* Whether an event of that name came. */
gboolean sio_fault_client_heard (SioFaultClient *self, const char *name);
/* Drops all, and waits until nothing of the library is left; no turn may have taken too long. */
void sio_fault_client_free (SioFaultClient *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioFaultClient, sio_fault_client_free)

/* Counts @object as alive until it is finalized. */
void sio_fault_client_watch (SioFaultClient *self, gpointer object);

/* How much slower this program is than it would be without a sanitizer or valgrind. */
guint sio_fault_slowness (void);
/* Whether tests that repeat may take their time: the environment variable SIO_TEST_LONG is set. */
gboolean sio_fault_long (void);

G_END_DECLS
