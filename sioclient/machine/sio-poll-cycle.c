/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-poll-cycle-private.h"

#define TO(state) (1u << SIO_POLL_##state)

/* clang-format off */
static const guint next_states[] = {
  [SIO_POLL_IDLE]      = TO (IN_FLIGHT) | TO (PAUSED),
  [SIO_POLL_IN_FLIGHT] = TO (IDLE) | TO (PAUSED),
  [SIO_POLL_PAUSED]    = TO (IDLE),
};
/* clang-format on */

static void
enter (SioPollState *direction, SioPollState next)
{
  g_return_if_fail ((next_states[*direction] & (1u << next)) != 0);

  *direction = next;
}

/* While pausing no direction is idle: it is paused as soon as nothing is in flight there. So an
 * idle one may always be used. */
static SioPollAction
sio_poll_cycle_get_if_wanted (SioPollCycle *self)
{
  if (self->reading != SIO_POLL_IDLE || self->held)
    return SIO_POLL_NOTHING;

  enter (&self->reading, SIO_POLL_IN_FLIGHT);
  return SIO_POLL_GET;
}

static SioPollAction
sio_poll_cycle_tell_if_paused (SioPollCycle *self)
{
  if (self->reading != SIO_POLL_PAUSED || self->writing != SIO_POLL_PAUSED)
    return SIO_POLL_NOTHING;

  self->pausing = FALSE;
  return SIO_POLL_TELL_PAUSED;
}

void
sio_poll_cycle_init (SioPollCycle *self)
{
  self->reading = SIO_POLL_IDLE;
  self->writing = SIO_POLL_IDLE;
  self->held = TRUE;
  self->pausing = FALSE;
}

SioPollAction
sio_poll_cycle_start (SioPollCycle *self)
{
  if (self->reading != SIO_POLL_IDLE)
    return SIO_POLL_NOTHING;

  enter (&self->reading, SIO_POLL_IN_FLIGHT);
  return SIO_POLL_GET;
}

SioPollAction
sio_poll_cycle_set_held (SioPollCycle *self, gboolean held)
{
  self->held = held;
  return sio_poll_cycle_get_if_wanted (self);
}

SioPollAction
sio_poll_cycle_on_got (SioPollCycle *self)
{
  if (self->reading != SIO_POLL_IN_FLIGHT)
    return SIO_POLL_NOTHING;

  if (self->pausing)
    {
      enter (&self->reading, SIO_POLL_PAUSED);
      return sio_poll_cycle_tell_if_paused (self);
    }

  enter (&self->reading, SIO_POLL_IDLE);
  return sio_poll_cycle_get_if_wanted (self);
}

gboolean
sio_poll_cycle_post (SioPollCycle *self)
{
  if (self->writing != SIO_POLL_IDLE)
    return FALSE;

  enter (&self->writing, SIO_POLL_IN_FLIGHT);
  return TRUE;
}

SioPollAction
sio_poll_cycle_on_posted (SioPollCycle *self)
{
  if (self->writing != SIO_POLL_IN_FLIGHT)
    return SIO_POLL_NOTHING;

  if (self->pausing)
    {
      enter (&self->writing, SIO_POLL_PAUSED);
      return SIO_POLL_DRAIN | sio_poll_cycle_tell_if_paused (self);
    }

  enter (&self->writing, SIO_POLL_IDLE);
  return SIO_POLL_DRAIN;
}

gboolean
sio_poll_cycle_is_writable (const SioPollCycle *self)
{
  return self->writing == SIO_POLL_IDLE;
}

static gboolean
sio_poll_cycle_is_pausing_or_paused (const SioPollCycle *self)
{
  return self->pausing || self->reading == SIO_POLL_PAUSED;
}

SioPollAction
sio_poll_cycle_pause (SioPollCycle *self)
{
  if (sio_poll_cycle_is_pausing_or_paused (self))
    return SIO_POLL_NOTHING;

  self->pausing = TRUE;
  if (self->reading == SIO_POLL_IDLE)
    enter (&self->reading, SIO_POLL_PAUSED);
  if (self->writing == SIO_POLL_IDLE)
    enter (&self->writing, SIO_POLL_PAUSED);
  return sio_poll_cycle_tell_if_paused (self);
}

SioPollAction
sio_poll_cycle_resume (SioPollCycle *self)
{
  if (!sio_poll_cycle_is_pausing_or_paused (self))
    return SIO_POLL_NOTHING;

  self->pausing = FALSE;
  if (self->reading == SIO_POLL_PAUSED)
    enter (&self->reading, SIO_POLL_IDLE);
  if (self->writing == SIO_POLL_PAUSED)
    enter (&self->writing, SIO_POLL_IDLE);
  return sio_poll_cycle_get_if_wanted (self);
}
