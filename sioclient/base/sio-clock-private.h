/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An instant that never comes. */
#define SIO_CLOCK_NEVER G_MAXINT64

/* The only source of time. Instants are microseconds on a clock that goes on
 * during suspend (CLOCK_BOOTTIME); a manual clock stands still until it is told. */
typedef struct _SioClock SioClock;

SioClock *sio_clock_new_system (void);
SioClock *sio_clock_new_manual (gint64 now);
SioClock *sio_clock_ref (SioClock *self);
void sio_clock_unref (SioClock *self);

gint64 sio_clock_now (SioClock *self);

/* Manual clocks only: lets time pass; timers fall due one after the other, in
 * the order of their deadlines, each seeing its own instant as now. */
void sio_clock_advance (SioClock *self, gint64 microseconds);

/* Manual clocks only: a suspend, during which no timer can fire. */
void sio_clock_sleep (SioClock *self, gint64 microseconds);

/* When that is as others count: on the clock of g_get_monotonic_time(), which stands still during
 * suspend, so it holds until the next one only. A manual clock is its own. */
gint64 sio_clock_to_monotonic (SioClock *self, gint64 instant);

/* Milliseconds after an instant, without overflow. */
gint64 sio_clock_after (gint64 now, guint64 milliseconds);

/* One deadline in a main context. Its callback may set it anew or free it. A
 * timer that is late (a suspend, a busy loop) still fires once only. */
typedef struct _SioTimer SioTimer;
typedef void (*SioTimerFunc) (gpointer owner);

SioTimer *sio_timer_new (SioClock *clock, GMainContext *context, SioTimerFunc func, gpointer owner);
void sio_timer_free (SioTimer *self);
/* SIO_CLOCK_NEVER stops it. */
void sio_timer_set_deadline (SioTimer *self, gint64 deadline);
gint64 sio_timer_get_deadline (SioTimer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioClock, sio_clock_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioTimer, sio_timer_free)

G_END_DECLS
