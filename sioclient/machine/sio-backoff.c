/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-backoff-private.h"

#include <math.h>

/* Whatever the delays were set to, a server that is away is never asked more than a hundred times
 * in a second (M35). This floor stands above delay_max, too. */
#define FLOOR 10

void
sio_backoff_init (SioBackoff *self, guint delay, guint delay_max, double jitter)
{
  self->delay = delay;
  self->delay_max = delay_max;
  self->jitter = jitter;
  self->attempts = 0;
}

/* base * 2^n, which stops growing at the cap so that nothing overflows (M35). */
static guint64
sio_backoff_grow (const SioBackoff *self, guint n)
{
  guint64 grown;

  if (self->delay == 0)
    return 0;
  if (n >= 32)
    return self->delay_max;
  grown = (guint64) self->delay << n;
  return MIN (grown, self->delay_max);
}

guint
sio_backoff_next (SioBackoff *self, double random)
{
  guint64 max = self->delay_max;
  guint64 ms;

  g_return_val_if_fail (random >= 0 && random < 1, MAX (self->delay_max, FLOOR));

  ms = sio_backoff_grow (self, self->attempts);
  if (self->attempts < G_MAXUINT)
    self->attempts++;

  /* One random number gives both size and sign (M34). */
  if (self->jitter > 0 && self->jitter <= 1)
    {
      guint64 deviation = (guint64) floor (random * self->jitter * (double) ms);

      if ((guint) floor (random * 10) % 2 == 0)
        ms -= deviation;
      else
        ms += deviation;
    }

  /* What would come out above the cap is mirrored at it instead of cut off, else all clients
   * that have waited long would come back at the same time (M36). As ms was at most max before, the
   * result is at least max * (1 - jitter). */
  if (ms > max)
    ms = max - (ms - max);

  return (guint) MAX (ms, FLOOR);
}

void
sio_backoff_reset (SioBackoff *self)
{
  self->attempts = 0;
}
