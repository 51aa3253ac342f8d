/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-raw-peer.h"

G_BEGIN_DECLS

/* Answers that never end, or that are small on the wire and large when expanded, and a measure of
 * what they cost. */

typedef struct
{
  const char *name;
  const char *headers; /* what stands between the status line and the end of the head */
  gboolean bomb;       /* 5 MB of gzip that expand to 5 GB follow, and only then the rest */
  gboolean chunked;    /* that comes in chunks */
  const char *first;   /* the body begins so, nullable */
  const char *again;   /* and goes on so without an end, nullable: nothing more comes */
  gsize again_length;  /* if it may have NUL in it, else 0 */
} SioTestFlood;

extern const SioTestFlood sio_test_floods[];
extern const guint sio_test_n_floods;

/* Sends an answer and returns when the other side has ended the connection, or took far more than
 * anyone should. Returns the number of bytes that it took, or could have taken. */
gsize sio_test_flood_send (const SioTestFlood *flood, SioRawConn *conn, const char *status);
/* More than this, and it was read on without any need; what the system keeps on the way is less. */
#define SIO_TEST_FLOOD_LIMIT ((gsize) 48 * 1024 * 1024)

/* How much processor time of this thread, in microseconds, a turn of the main loop took at most.
 * How long it took by the clock depends on who else runs on the machine. */
typedef struct _SioTestMeter SioTestMeter;

SioTestMeter *sio_test_meter_new (void);
void sio_test_meter_reset (SioTestMeter *self);
gint64 sio_test_meter_get_longest (SioTestMeter *self);
void sio_test_meter_free (SioTestMeter *self);
/* How much slower this program is than it would be without a sanitizer or valgrind. */
guint sio_test_meter_slowness (void);

G_END_DECLS
