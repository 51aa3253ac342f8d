/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/sio-clock-private.h"

#include <time.h>

#define LAST_INSTANT (SIO_CLOCK_NEVER - 1)

typedef enum
{
  CLOCK_SYSTEM,
  CLOCK_MANUAL,
} ClockKind;

struct _SioClock
{
  gatomicrefcount ref_count;
  ClockKind kind;

  /* of a manual clock */
  gint64 now;
  GPtrArray *timers; /* in the order in which they were made; each holds us, not we it */
  guint64 advances;
  gboolean advancing;
};

typedef struct
{
  GSource parent;
  SioTimer *timer; /* NULL once it was freed */
} TimerSource;

struct _SioTimer
{
  SioClock *clock;
  SioTimerFunc func;
  gpointer owner;
  gint64 deadline;
  GMainContext *context; /* nullable */
  GSource *source;       /* NULL on a manual clock, and until there is a deadline */
  gint64 armed;          /* the deadline for which the source wakes; not later than ours */

  /* on a manual clock: when it fired last */
  guint64 fired_in;
  gint64 fired_at;
};

static SioClock *
sio_clock_new (ClockKind kind)
{
  SioClock *self = g_new0 (SioClock, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->kind = kind;
  return self;
}

SioClock *
sio_clock_new_system (void)
{
  return sio_clock_new (CLOCK_SYSTEM);
}

SioClock *
sio_clock_new_manual (gint64 now)
{
  SioClock *self = sio_clock_new (CLOCK_MANUAL);

  self->now = now;
  self->timers = g_ptr_array_new ();
  return self;
}

SioClock *
sio_clock_ref (SioClock *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
sio_clock_unref (SioClock *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->timers, g_ptr_array_unref);
  g_free (self);
}

static gint64
system_now (void)
{
#ifdef CLOCK_BOOTTIME
  struct timespec time;

  if (clock_gettime (CLOCK_BOOTTIME, &time) == 0)
    return (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
#endif
  /* Where there is no clock that goes on during suspend, the other one has to do. */
  return g_get_monotonic_time ();
}

gint64
sio_clock_now (SioClock *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->kind == CLOCK_MANUAL ? self->now : system_now ();
}

gint64
sio_clock_to_monotonic (SioClock *self, gint64 instant)
{
  gint64 now, monotonic;

  g_return_val_if_fail (self != NULL, 0);

  if (self->kind == CLOCK_MANUAL)
    return instant;

  now = system_now ();
  monotonic = g_get_monotonic_time ();
  if (instant > now)
    return instant - now > LAST_INSTANT - monotonic ? LAST_INSTANT : monotonic + (instant - now);
  return instant < now - monotonic ? 0 : monotonic - (now - instant);
}

gint64
sio_clock_after (gint64 now, guint64 milliseconds)
{
  gint64 room;

  if (now >= LAST_INSTANT)
    return LAST_INSTANT;

  room = LAST_INSTANT - MAX (now, 0);
  if (milliseconds > (guint64) room / 1000)
    return LAST_INSTANT;
  return now + (gint64) milliseconds * 1000;
}

/* Callbacks may set timers again and again to an instant that has come already. So within one
 * advance a timer fires only at instants that are later than the one at which it fired before;
 * else it has to wait for the next advance. */
static gboolean
sio_timer_may_fire (SioTimer *self, gint64 until)
{
  if (self->deadline > until)
    return FALSE;
  return self->fired_in != self->clock->advances || self->deadline > self->fired_at;
}

static SioTimer *
sio_clock_find_next (SioClock *self, gint64 until)
{
  SioTimer *next = NULL;
  guint i;

  for (i = 0; i < self->timers->len; i++)
    {
      SioTimer *timer = g_ptr_array_index (self->timers, i);

      if (sio_timer_may_fire (timer, until) && (next == NULL || timer->deadline < next->deadline))
        next = timer;
    }
  return next;
}

void
sio_clock_advance (SioClock *self, gint64 microseconds)
{
  SioTimer *timer;
  gint64 until;

  g_return_if_fail (self != NULL);
  g_return_if_fail (self->kind == CLOCK_MANUAL);
  g_return_if_fail (microseconds >= 0);
  g_return_if_fail (!self->advancing);

  sio_clock_ref (self);
  self->advancing = TRUE;
  self->advances++;
  until = self->now > LAST_INSTANT - microseconds ? LAST_INSTANT : self->now + microseconds;

  while ((timer = sio_clock_find_next (self, until)) != NULL)
    {
      self->now = MAX (self->now, timer->deadline);
      timer->deadline = SIO_CLOCK_NEVER;
      timer->fired_in = self->advances;
      timer->fired_at = self->now;
      timer->func (timer->owner);
    }

  self->now = until;
  self->advancing = FALSE;
  sio_clock_unref (self);
}

void
sio_clock_sleep (SioClock *self, gint64 microseconds)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (self->kind == CLOCK_MANUAL);
  g_return_if_fail (microseconds >= 0);

  self->now = self->now > LAST_INSTANT - microseconds ? LAST_INSTANT : self->now + microseconds;
}

static gboolean
sio_timer_is_due (SioTimer *self)
{
  return self->deadline != SIO_CLOCK_NEVER && sio_clock_now (self->clock) >= self->deadline;
}

/* The main loop sleeps on a clock that stands still during suspend. Each change of when it has to
 * wake is a system call, so a deadline that only moves away, as those of a busy connection do all
 * the time, is looked at when the old one has come. */
static void
sio_timer_arm (SioTimer *self)
{
  gint64 ready = -1;

  if (self->deadline >= self->armed && self->deadline != SIO_CLOCK_NEVER)
    return;
  self->armed = self->deadline;

  if (self->deadline != SIO_CLOCK_NEVER)
    {
      gint64 now = sio_clock_now (self->clock);
      gint64 monotonic = g_get_monotonic_time ();
      gint64 left = self->deadline > now ? self->deadline - now : 0;

      if (left <= LAST_INSTANT - monotonic)
        ready = monotonic + left;
    }
  g_source_set_ready_time (self->source, ready);
}

/* After a suspend the ready time is still ahead though the deadline has passed, so every
 * turn of the loop, whatever woke it, looks at the clock itself. */
static gboolean
timer_source_prepare (GSource *source, int *timeout)
{
  SioTimer *timer = ((TimerSource *) source)->timer;

  *timeout = -1;
  return timer != NULL && sio_timer_is_due (timer);
}

static gboolean
timer_source_check (GSource *source)
{
  SioTimer *timer = ((TimerSource *) source)->timer;

  return timer != NULL && sio_timer_is_due (timer);
}

static gboolean
timer_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  SioTimer *timer = ((TimerSource *) source)->timer;

  if (timer == NULL)
    return G_SOURCE_REMOVE;

  timer->armed = SIO_CLOCK_NEVER;
  if (!sio_timer_is_due (timer))
    {
      sio_timer_arm (timer);
      return G_SOURCE_CONTINUE;
    }

  timer->deadline = SIO_CLOCK_NEVER;
  g_source_set_ready_time (source, -1);
  /* It may free the timer, which destroys the source: nothing is read after it. */
  timer->func (timer->owner);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs timer_source_funcs = {
  .prepare = timer_source_prepare,
  .check = timer_source_check,
  .dispatch = timer_source_dispatch,
};

SioTimer *
sio_timer_new (SioClock *clock, GMainContext *context, SioTimerFunc func, gpointer owner)
{
  SioTimer *self;

  g_return_val_if_fail (clock != NULL, NULL);
  g_return_val_if_fail (func != NULL, NULL);

  self = g_new0 (SioTimer, 1);
  self->clock = sio_clock_ref (clock);
  self->func = func;
  self->owner = owner;
  self->deadline = SIO_CLOCK_NEVER;
  self->armed = SIO_CLOCK_NEVER;

  if (clock->kind == CLOCK_MANUAL)
    {
      g_ptr_array_add (clock->timers, self);
      return self;
    }

  if (context != NULL)
    self->context = g_main_context_ref (context);
  return self;
}

/* The loop looks at each source in each turn, and many a timer never has a deadline. */
static void
sio_timer_make_source (SioTimer *self)
{
  self->source = g_source_new (&timer_source_funcs, sizeof (TimerSource));
  ((TimerSource *) self->source)->timer = self;
  g_source_set_static_name (self->source, "[sioclient] timer");
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, self->context);
}

void
sio_timer_free (SioTimer *self)
{
  g_return_if_fail (self != NULL);

  if (self->source != NULL)
    {
      ((TimerSource *) self->source)->timer = NULL;
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  if (self->clock->kind == CLOCK_MANUAL)
    g_ptr_array_remove (self->clock->timers, self);
  g_clear_pointer (&self->context, g_main_context_unref);
  sio_clock_unref (self->clock);
  g_free (self);
}

void
sio_timer_set_deadline (SioTimer *self, gint64 deadline)
{
  g_return_if_fail (self != NULL);

  if (self->deadline == deadline)
    return;
  self->deadline = deadline;
  if (self->clock->kind == CLOCK_MANUAL)
    return;
  if (self->source == NULL)
    sio_timer_make_source (self);
  sio_timer_arm (self);
}

gint64
sio_timer_get_deadline (SioTimer *self)
{
  g_return_val_if_fail (self != NULL, SIO_CLOCK_NEVER);

  return self->deadline;
}
