/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One GET and one POST at a time (E20–E22), by construction: the server ends a
 * session that sees two. Each direction is idle, in flight or paused; the read direction
 * is also held while the owner does not want more (nobody has room for it, or the session has no
 * id yet).
 *
 * Each input gives a set of what to do now. */
typedef enum
{
  SIO_POLL_IDLE,
  SIO_POLL_IN_FLIGHT,
  SIO_POLL_PAUSED,
} SioPollState;

typedef enum
{
  SIO_POLL_NOTHING = 0,
  SIO_POLL_GET = 1 << 0,   /* start one; the machine counts it as in flight from now on */
  SIO_POLL_DRAIN = 1 << 1, /* tell that the next write may come */
  SIO_POLL_TELL_PAUSED = 1 << 2,
} SioPollAction;

typedef struct
{
  SioPollState reading;
  SioPollState writing;
  gboolean held;    /* set by the owner, true in every state alike */
  gboolean pausing; /* asked to pause, something is still in flight */
} SioPollCycle;

/* Idle both ways and held, but for the first GET: sio_poll_cycle_start(). */
void sio_poll_cycle_init (SioPollCycle *self);
/* The GET of the handshake; asks for it although the cycle is held. */
SioPollAction sio_poll_cycle_start (SioPollCycle *self);
SioPollAction sio_poll_cycle_set_held (SioPollCycle *self, gboolean held);
/* A GET came to its end with a payload that was taken. */
SioPollAction sio_poll_cycle_on_got (SioPollCycle *self);
/* FALSE if nothing may be posted now; else a POST is counted as in flight. */
gboolean sio_poll_cycle_post (SioPollCycle *self);
SioPollAction sio_poll_cycle_on_posted (SioPollCycle *self);
gboolean sio_poll_cycle_is_writable (const SioPollCycle *self);
SioPollAction sio_poll_cycle_pause (SioPollCycle *self);
SioPollAction sio_poll_cycle_resume (SioPollCycle *self);

G_END_DECLS
