/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/sio-clock-private.h"

G_BEGIN_DECLS

/* Whether there is a way to the server, from what the system says of its network (E82, E83).
 *
 * off ──start──▶ resting ──a while──▶ calm ──heard──▶ settling ──▶ asking ──answer──▶ calm
 *                                      ▲                  └──it is available──▶ calm
 *
 * Changes come in bursts, and one of them alone may be wrong: a virtual interface has come or gone,
 * or the system cannot know the way that is used. So what is heard is let settle, and only
 * if the system says that it has no network, and then that there is no route to this host either,
 * the host is away. A system that was wrong in that once is no longer believed. */
typedef enum
{
  SIO_REACH_OFF,
  SIO_REACH_RESTING, /* it is not watched yet: looking at the network takes its time */
  SIO_REACH_CALM,
  SIO_REACH_SETTLING,
  SIO_REACH_ASKING, /* for a route */
} SioReachState;

typedef enum
{
  SIO_REACH_NOTHING,
  SIO_REACH_WATCH, /* begin to listen to the system */
  SIO_REACH_ASK,   /* whether there is a route; the answer is to carry the number of the question */
  SIO_REACH_LOST,  /* there is no way any more */
  SIO_REACH_BACK,  /* there is one again */
  SIO_REACH_CHANGED, /* the way may be another one */
} SioReachAction;

typedef struct
{
  SioReachState state;
  gint64 deadline;    /* SIO_CLOCK_NEVER unless resting or settling */
  guint question;     /* the number of the last one */
  gboolean available; /* as it was heard last */
  gboolean dipped;    /* it was not meanwhile */
  gboolean away;      /* the verdict */
  gboolean doubted;   /* that verdict was wrong, and nothing better was heard since */
} SioReach;

void sio_reach_init (SioReach *self);
/* Watching begins in @delay ms, or earlier if that was so already. */
void sio_reach_start (SioReach *self, gint64 now, guint delay);
void sio_reach_stop (SioReach *self);
/* The system says something, or the same as before. */
void sio_reach_hear (SioReach *self, gboolean available, gint64 now);
SioReachAction sio_reach_check (SioReach *self, gint64 now);
SioReachAction sio_reach_answer (SioReach *self, guint question, gboolean reachable);
/* A connection was made, which is the proof. */
void sio_reach_prove (SioReach *self);
gint64 sio_reach_get_deadline (const SioReach *self);
gboolean sio_reach_is_away (const SioReach *self);

G_END_DECLS
