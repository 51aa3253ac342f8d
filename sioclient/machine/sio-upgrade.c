/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-upgrade-private.h"

#include "base/sio-log-private.h"

#include <string.h>

#define TO(state) (1u << SIO_UPGRADE_##state)

/* clang-format off */
static const struct
{
  const char *name;
  guint next;
} states[] = {
  [SIO_UPGRADE_IDLE]      = { "idle",      TO (PROBING) },
  [SIO_UPGRADE_PROBING]   = { "probing",   TO (PAUSING) | TO (ABANDONED) },
  [SIO_UPGRADE_PAUSING]   = { "pausing",   TO (DONE) | TO (ABANDONED) },
  [SIO_UPGRADE_DONE]      = { "done",      0 },
  [SIO_UPGRADE_ABANDONED] = { "abandoned", 0 }, /* one probe in a session (E51) */
};
/* clang-format on */

static void
sio_upgrade_enter (SioUpgrade *self, SioUpgradeState next)
{
  g_return_if_fail ((states[self->state].next & (1u << next)) != 0);

  sio_debug ("upgrade %p: %s → %s", (void *) self, states[self->state].name, states[next].name);
  self->state = next;

  switch (next)
    {
    case SIO_UPGRADE_PROBING:
    case SIO_UPGRADE_PAUSING:
      break; /* one deadline for both */
    case SIO_UPGRADE_IDLE:
    case SIO_UPGRADE_DONE:
    case SIO_UPGRADE_ABANDONED:
      self->deadline = SIO_CLOCK_NEVER;
      break;
    }
}

static gboolean
sio_upgrade_under_way (const SioUpgrade *self)
{
  return self->state == SIO_UPGRADE_PROBING || self->state == SIO_UPGRADE_PAUSING;
}

/* The session lives on with polling, which needs a push only if it was already asked to pause. */
static SioUpgradeAction
sio_upgrade_fail (SioUpgrade *self)
{
  gboolean paused = self->state == SIO_UPGRADE_PAUSING;

  if (!sio_upgrade_under_way (self))
    return SIO_UPGRADE_NOTHING;

  sio_upgrade_enter (self, SIO_UPGRADE_ABANDONED);
  return paused ? SIO_UPGRADE_RESUME_POLLING : SIO_UPGRADE_ABANDON;
}

void
sio_upgrade_init (SioUpgrade *self)
{
  self->state = SIO_UPGRADE_IDLE;
  self->deadline = SIO_CLOCK_NEVER;
}

SioUpgradeAction
sio_upgrade_start (SioUpgrade *self, gint64 now, guint timeout)
{
  if (self->state != SIO_UPGRADE_IDLE)
    return SIO_UPGRADE_NOTHING;

  self->deadline = sio_clock_after (now, timeout);
  sio_upgrade_enter (self, SIO_UPGRADE_PROBING);
  return SIO_UPGRADE_OPEN_WEBSOCKET;
}

SioUpgradeAction
sio_upgrade_on_open (SioUpgrade *self)
{
  return self->state == SIO_UPGRADE_PROBING ? SIO_UPGRADE_SEND_PROBE : SIO_UPGRADE_NOTHING;
}

static gboolean
is_probe_answer (const SioEnginePacket *packet)
{
  static const char answer[] = "probe";

  return packet->type == SIO_ENGINE_PACKET_PONG && !packet->binary &&
         packet->length == strlen (answer) && memcmp (packet->data, answer, packet->length) == 0;
}

SioUpgradeAction
sio_upgrade_on_packet (SioUpgrade *self, const SioEnginePacket *packet)
{
  if (self->state != SIO_UPGRADE_PROBING)
    return SIO_UPGRADE_NOTHING;

  if (!is_probe_answer (packet))
    return sio_upgrade_fail (self);

  sio_upgrade_enter (self, SIO_UPGRADE_PAUSING);
  return SIO_UPGRADE_PAUSE_POLLING;
}

SioUpgradeAction
sio_upgrade_on_paused (SioUpgrade *self)
{
  if (self->state != SIO_UPGRADE_PAUSING)
    return SIO_UPGRADE_NOTHING;

  sio_upgrade_enter (self, SIO_UPGRADE_DONE);
  return SIO_UPGRADE_SWITCH;
}

SioUpgradeAction
sio_upgrade_on_closed (SioUpgrade *self)
{
  return sio_upgrade_fail (self);
}

SioUpgradeAction
sio_upgrade_check (SioUpgrade *self, gint64 now)
{
  return now >= self->deadline ? sio_upgrade_fail (self) : SIO_UPGRADE_NOTHING;
}

SioUpgradeAction
sio_upgrade_cancel (SioUpgrade *self)
{
  if (!sio_upgrade_under_way (self))
    return SIO_UPGRADE_NOTHING;

  sio_upgrade_enter (self, SIO_UPGRADE_ABANDONED);
  return SIO_UPGRADE_ABANDON;
}

gint64
sio_upgrade_get_deadline (const SioUpgrade *self)
{
  return self->deadline;
}
