/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long to wait before each attempt to reconnect (M34–M37). */
typedef struct
{
  guint delay;     /* ms */
  guint delay_max; /* ms */
  double jitter;   /* 0 … 1; out of range counts as 0 */
  guint attempts;  /* delays given since the last reset; does not overflow */
} SioBackoff;

void sio_backoff_init (SioBackoff *self, guint delay, guint delay_max, double jitter);
/* ms to wait before the next attempt, which is counted. @random is uniform in [0, 1). */
guint sio_backoff_next (SioBackoff *self, double random);
void sio_backoff_reset (SioBackoff *self);

G_END_DECLS
