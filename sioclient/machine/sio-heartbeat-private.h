/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/sio-clock-private.h"

G_BEGIN_DECLS

/* The server pings; silence for longer than interval + timeout is its end (E42–E46). */
typedef struct
{
  gint64 deadline;   /* SIO_CLOCK_NEVER while stopped */
  guint64 allowance; /* ms */
} SioHeartbeat;

void sio_heartbeat_init (SioHeartbeat *self);
/* Intervals in ms, as the handshake gave them. */
void sio_heartbeat_start (SioHeartbeat *self, guint ping_interval, guint ping_timeout, gint64 now);
void sio_heartbeat_stop (SioHeartbeat *self);
/* Only a ping counts; anything else that arrives does not (E43). */
void sio_heartbeat_ping (SioHeartbeat *self, gint64 now);
gint64 sio_heartbeat_get_deadline (const SioHeartbeat *self);
gboolean sio_heartbeat_expired (const SioHeartbeat *self, gint64 now);

G_END_DECLS
