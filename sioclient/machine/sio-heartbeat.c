/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-heartbeat-private.h"

void
sio_heartbeat_init (SioHeartbeat *self)
{
  self->deadline = SIO_CLOCK_NEVER;
  self->allowance = 0;
}

void
sio_heartbeat_start (SioHeartbeat *self, guint ping_interval, guint ping_timeout, gint64 now)
{
  self->allowance = (guint64) ping_interval + ping_timeout;
  self->deadline = sio_clock_after (now, self->allowance);
}

void
sio_heartbeat_stop (SioHeartbeat *self)
{
  self->deadline = SIO_CLOCK_NEVER;
}

void
sio_heartbeat_ping (SioHeartbeat *self, gint64 now)
{
  if (self->deadline != SIO_CLOCK_NEVER)
    self->deadline = sio_clock_after (now, self->allowance);
}

gint64
sio_heartbeat_get_deadline (const SioHeartbeat *self)
{
  return self->deadline;
}

gboolean
sio_heartbeat_expired (const SioHeartbeat *self, gint64 now)
{
  return self->deadline != SIO_CLOCK_NEVER && now >= self->deadline;
}
