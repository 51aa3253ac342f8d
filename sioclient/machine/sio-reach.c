/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-reach-private.h"

/* How long a burst is let settle, in ms: counted from its first change, as some never end. */
#define SETTLE 500

static void
enter (SioReach *self, SioReachState state, gint64 deadline)
{
  self->state = state;
  self->deadline = deadline;
}

void
sio_reach_init (SioReach *self)
{
  *self = (SioReach){ .state = SIO_REACH_OFF, .deadline = SIO_CLOCK_NEVER, .available = TRUE };
}

void
sio_reach_start (SioReach *self, gint64 now, guint delay)
{
  gint64 deadline = sio_clock_after (now, delay);

  if (self->state == SIO_REACH_OFF ||
      (self->state == SIO_REACH_RESTING && deadline < self->deadline))
    enter (self, SIO_REACH_RESTING, deadline);
}

void
sio_reach_stop (SioReach *self)
{
  guint question = self->question;

  sio_reach_init (self);
  self->question = question;
}

void
sio_reach_hear (SioReach *self, gboolean available, gint64 now)
{
  if (self->state == SIO_REACH_OFF || self->state == SIO_REACH_RESTING)
    return;

  self->available = available;
  if (available)
    self->doubted = FALSE;
  else
    self->dipped = TRUE;
  if (self->state != SIO_REACH_SETTLING)
    enter (self, SIO_REACH_SETTLING, sio_clock_after (now, SETTLE));
}

static SioReachAction
conclude (SioReach *self, gboolean reachable)
{
  gboolean was_away = self->away;
  gboolean dipped = self->dipped;

  enter (self, SIO_REACH_CALM, SIO_CLOCK_NEVER);
  self->dipped = FALSE;
  self->away = !reachable;
  if (!reachable)
    return was_away ? SIO_REACH_NOTHING : SIO_REACH_LOST;
  return was_away || (dipped && self->available) ? SIO_REACH_BACK : SIO_REACH_CHANGED;
}

SioReachAction
sio_reach_check (SioReach *self, gint64 now)
{
  if (now < self->deadline)
    return SIO_REACH_NOTHING;

  switch (self->state)
    {
    case SIO_REACH_RESTING:
      enter (self, SIO_REACH_CALM, SIO_CLOCK_NEVER);
      return SIO_REACH_WATCH;

    case SIO_REACH_SETTLING:
      if (self->available || self->doubted)
        return conclude (self, TRUE);
      enter (self, SIO_REACH_ASKING, SIO_CLOCK_NEVER);
      self->question++;
      return SIO_REACH_ASK;

    case SIO_REACH_OFF:
    case SIO_REACH_CALM:
    case SIO_REACH_ASKING:
    default:
      return SIO_REACH_NOTHING;
    }
}

SioReachAction
sio_reach_answer (SioReach *self, guint question, gboolean reachable)
{
  /* What was heard since is newer. */
  if (self->state != SIO_REACH_ASKING || question != self->question)
    return SIO_REACH_NOTHING;
  return conclude (self, reachable);
}

void
sio_reach_prove (SioReach *self)
{
  if (!self->away)
    return;
  self->away = FALSE;
  self->doubted = TRUE;
}

gint64
sio_reach_get_deadline (const SioReach *self)
{
  return self->deadline;
}

gboolean
sio_reach_is_away (const SioReach *self)
{
  return self->away;
}
