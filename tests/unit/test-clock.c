/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/sio-clock-private.h"

#include <time.h>

#define MS ((gint64) 1000)

/* What happened, in order, in letters. */
typedef struct _Stage Stage;
typedef struct
{
  Stage *stage;
  char name;
  SioTimer *timer;
  gint64 again; /* deadlines to set when it fires: relative to now, or NEVER */
  guint times;
  gboolean frees;
} Player;

struct _Stage
{
  SioClock *clock;
  GString *seen;
  gint64 last;
  Player players[4];
};

static void
test_manual_sleep (void)
{
  g_autoptr (SioClock) clock = sio_clock_new_manual (5);

  sio_clock_sleep (clock, 10);
  g_assert_cmpint (sio_clock_now (clock), ==, 15);
  sio_clock_sleep (clock, SIO_CLOCK_NEVER - 1);
  g_assert_cmpint (sio_clock_now (clock), ==, SIO_CLOCK_NEVER - 1);
}

static void
test_to_monotonic (void)
{
  g_autoptr (SioClock) system = sio_clock_new_system ();
  g_autoptr (SioClock) manual = sio_clock_new_manual (5);
  gint64 before = g_get_monotonic_time ();
  gint64 later = sio_clock_to_monotonic (system, sio_clock_now (system) + 60 * G_USEC_PER_SEC);

  g_assert_cmpint (later, >=, before + 59 * G_USEC_PER_SEC);
  g_assert_cmpint (later, <=, g_get_monotonic_time () + 60 * G_USEC_PER_SEC);
  g_assert_cmpint (sio_clock_to_monotonic (system, sio_clock_now (system)), <=,
                   g_get_monotonic_time ());
  g_assert_cmpint (sio_clock_to_monotonic (system, G_MININT64 / 2), ==, 0);
  g_assert_cmpint (sio_clock_to_monotonic (system, SIO_CLOCK_NEVER - 1), >=, SIO_CLOCK_NEVER / 2);
  g_assert_cmpint (sio_clock_to_monotonic (manual, 7), ==, 7);
}

static void
player_cb (gpointer owner)
{
  Player *player = owner;
  Stage *stage = player->stage;

  g_string_append_c (stage->seen, player->name);
  stage->last = sio_clock_now (stage->clock);
  g_assert_cmpint (sio_timer_get_deadline (player->timer), ==, SIO_CLOCK_NEVER);

  if (player->frees)
    {
      g_clear_pointer (&player->timer, sio_timer_free);
    }
  else if (player->times > 0)
    {
      player->times--;
      sio_timer_set_deadline (player->timer, stage->last + player->again);
    }
}

static void
stage_init (Stage *stage, SioClock *clock, GMainContext *context)
{
  guint i;

  *stage = (Stage){ .clock = clock, .seen = g_string_new (NULL) };
  for (i = 0; i < G_N_ELEMENTS (stage->players); i++)
    {
      stage->players[i] = (Player){ .stage = stage, .name = (char) ('a' + (int) i) };
      stage->players[i].timer = sio_timer_new (clock, context, player_cb, &stage->players[i]);
    }
}

static void
stage_clear (Stage *stage)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (stage->players); i++)
    g_clear_pointer (&stage->players[i].timer, sio_timer_free);
  g_string_free (stage->seen, TRUE);
  sio_clock_unref (stage->clock);
}

static void
stage_set (Stage *stage, guint player, gint64 deadline)
{
  sio_timer_set_deadline (stage->players[player].timer, deadline);
}

static void
test_manual_stands_still (void)
{
  g_autoptr (SioClock) clock = sio_clock_new_manual (1234);

  g_assert_cmpint (sio_clock_now (clock), ==, 1234);
  g_assert_cmpint (sio_clock_now (clock), ==, 1234);
  sio_clock_advance (clock, 766);
  g_assert_cmpint (sio_clock_now (clock), ==, 2000);
  sio_clock_advance (clock, 0);
  g_assert_cmpint (sio_clock_now (clock), ==, 2000);
  sio_clock_advance (clock, G_MAXINT64);
  g_assert_cmpint (sio_clock_now (clock), ==, SIO_CLOCK_NEVER - 1);
}

static void
test_manual_order (void)
{
  Stage stage;

  stage_init (&stage, sio_clock_new_manual (0), NULL);
  stage_set (&stage, 0, 30 * MS);
  stage_set (&stage, 1, 10 * MS);
  stage_set (&stage, 2, 20 * MS);
  stage_set (&stage, 3, 50 * MS);

  sio_clock_advance (stage.clock, 10 * MS - 1);
  g_assert_cmpstr (stage.seen->str, ==, "");
  sio_clock_advance (stage.clock, 1);
  g_assert_cmpstr (stage.seen->str, ==, "b");
  g_assert_cmpint (stage.last, ==, 10 * MS);
  sio_clock_advance (stage.clock, 30 * MS);
  g_assert_cmpstr (stage.seen->str, ==, "bca");
  g_assert_cmpint (stage.last, ==, 30 * MS);
  g_assert_cmpint (sio_clock_now (stage.clock), ==, 40 * MS);
  stage_clear (&stage);
}

static void
test_manual_same_instant (void)
{
  Stage stage;

  stage_init (&stage, sio_clock_new_manual (0), NULL);
  stage_set (&stage, 2, 5);
  stage_set (&stage, 0, 5);
  stage_set (&stage, 1, 5);
  sio_clock_advance (stage.clock, 5);
  g_assert_cmpstr (stage.seen->str, ==, "abc");
  stage_clear (&stage);
}

static void
test_manual_due_already (void)
{
  Stage stage;

  stage_init (&stage, sio_clock_new_manual (100), NULL);
  stage_set (&stage, 0, 100);
  stage_set (&stage, 1, 7);
  g_assert_cmpstr (stage.seen->str, ==, "");
  sio_clock_advance (stage.clock, 0);
  g_assert_cmpstr (stage.seen->str, ==, "ba");
  g_assert_cmpint (stage.last, ==, 100);
  stage_clear (&stage);
}

static void
test_manual_set_again (void)
{
  Stage stage;

  stage_init (&stage, sio_clock_new_manual (0), NULL);
  stage.players[0].again = 10;
  stage.players[0].times = 1000;
  stage_set (&stage, 0, 10);
  stage_set (&stage, 1, 25);
  sio_clock_advance (stage.clock, 45);
  g_assert_cmpstr (stage.seen->str, ==, "aabaa");
  g_assert_cmpint (sio_timer_get_deadline (stage.players[0].timer), ==, 50);
  stage_clear (&stage);
}

static void
test_manual_set_again_to_now (void)
{
  Stage stage;

  stage_init (&stage, sio_clock_new_manual (0), NULL);
  stage.players[0].times = G_MAXUINT;
  stage.players[1].times = G_MAXUINT;
  stage.players[1].again = -5;
  stage_set (&stage, 0, 10);
  stage_set (&stage, 1, 20);
  sio_clock_advance (stage.clock, 100);
  g_assert_cmpstr (stage.seen->str, ==, "ab");
  sio_clock_advance (stage.clock, 0);
  g_assert_cmpstr (stage.seen->str, ==, "abab");
  sio_clock_advance (stage.clock, 100);
  g_assert_cmpstr (stage.seen->str, ==, "ababba");
  stage_clear (&stage);
}

typedef struct
{
  SioTimer *timer[2];
  SioClock *clock;
  guint fired;
} PingPong;

static void
pong_cb (gpointer owner)
{
  PingPong *game = owner;

  game->fired++;
  sio_timer_set_deadline (game->timer[0], sio_clock_now (game->clock));
}

static void
ping_cb (gpointer owner)
{
  PingPong *game = owner;

  game->fired++;
  sio_timer_set_deadline (game->timer[1], sio_clock_now (game->clock));
}

/* Two timers that wake each other at the same instant: the first round counts, the rest waits. */
static void
test_manual_no_endless_loop (void)
{
  g_autoptr (SioClock) clock = sio_clock_new_manual (0);
  PingPong game = { .clock = clock };

  game.timer[0] = sio_timer_new (clock, NULL, ping_cb, &game);
  game.timer[1] = sio_timer_new (clock, NULL, pong_cb, &game);
  sio_timer_set_deadline (game.timer[0], 10);
  sio_clock_advance (clock, 10);
  g_assert_cmpuint (game.fired, ==, 2);
  sio_clock_advance (clock, 10);
  g_assert_cmpuint (game.fired, ==, 4);
  sio_timer_free (game.timer[0]);
  sio_timer_free (game.timer[1]);
}

static void
test_manual_stop_and_move (void)
{
  Stage stage;

  stage_init (&stage, sio_clock_new_manual (0), NULL);
  stage_set (&stage, 0, 10);
  stage_set (&stage, 0, SIO_CLOCK_NEVER);
  stage_set (&stage, 1, 10);
  stage_set (&stage, 1, 40);
  sio_clock_advance (stage.clock, 20);
  g_assert_cmpstr (stage.seen->str, ==, "");
  sio_clock_advance (stage.clock, 20);
  g_assert_cmpstr (stage.seen->str, ==, "b");
  sio_clock_advance (stage.clock, G_MAXINT64);
  g_assert_cmpstr (stage.seen->str, ==, "b");
  stage_clear (&stage);
}

static void
free_all_cb (gpointer owner)
{
  Stage *stage = owner;
  guint i;

  g_string_append_c (stage->seen, '!');
  for (i = 0; i < G_N_ELEMENTS (stage->players); i++)
    g_clear_pointer (&stage->players[i].timer, sio_timer_free);
}

static void
test_manual_freed (void)
{
  Stage stage;
  SioTimer *killer;

  stage_init (&stage, sio_clock_new_manual (0), NULL);
  killer = sio_timer_new (stage.clock, NULL, free_all_cb, &stage);
  stage.players[0].frees = TRUE;
  stage_set (&stage, 0, 10);
  stage_set (&stage, 1, 10);
  sio_timer_set_deadline (killer, 10);
  stage_set (&stage, 2, 11);
  sio_clock_advance (stage.clock, 100);
  g_assert_cmpstr (stage.seen->str, ==, "ab!");
  sio_timer_free (killer);
  stage_clear (&stage);
}

static void
drop_everything_cb (gpointer owner)
{
  PingPong *game = owner;

  game->fired++;
  g_clear_pointer (&game->timer[0], sio_timer_free);
  g_clear_pointer (&game->clock, sio_clock_unref);
}

static void
test_manual_clock_dropped_inside (void)
{
  PingPong game = { .clock = sio_clock_new_manual (0) };

  game.timer[0] = sio_timer_new (game.clock, NULL, drop_everything_cb, &game);
  sio_timer_set_deadline (game.timer[0], 1);
  sio_clock_advance (game.clock, 10);
  g_assert_cmpuint (game.fired, ==, 1);
  g_assert_null (game.clock);
}

static void
test_boottime (void)
{
#ifdef CLOCK_BOOTTIME
  g_autoptr (SioClock) clock = sio_clock_new_system ();
  struct timespec before, after;
  gint64 now;

  g_assert_cmpint (clock_gettime (CLOCK_BOOTTIME, &before), ==, 0);
  now = sio_clock_now (clock);
  g_assert_cmpint (clock_gettime (CLOCK_BOOTTIME, &after), ==, 0);
  g_assert_cmpint (now, >=, (gint64) before.tv_sec * G_USEC_PER_SEC + before.tv_nsec / 1000);
  g_assert_cmpint (now, <=, (gint64) after.tv_sec * G_USEC_PER_SEC + after.tv_nsec / 1000);
#else
  g_test_skip ("no such clock here");
#endif
}

/* Until @n letters were seen, or the test's own deadline. */
static void
stage_wait (Stage *stage, GMainContext *context, gsize n)
{
  gint64 limit = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  while (stage->seen->len < n && g_get_monotonic_time () < limit)
    g_main_context_iteration (context, TRUE);
  g_assert_cmpuint (stage->seen->len, ==, n);
}

static void
test_loop_deadline (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Stage stage;
  gint64 now;

  stage_init (&stage, sio_clock_new_system (), context);
  now = sio_clock_now (stage.clock);
  stage_set (&stage, 0, now + 40 * MS);
  stage_set (&stage, 1, now + 20 * MS);
  g_assert_cmpint (sio_timer_get_deadline (stage.players[0].timer), ==, now + 40 * MS);
  stage_wait (&stage, context, 1);
  g_assert_cmpint (stage.last, >=, now + 20 * MS);
  stage_wait (&stage, context, 2);
  g_assert_cmpint (stage.last, >=, now + 40 * MS);
  g_assert_cmpstr (stage.seen->str, ==, "ba");
  stage_clear (&stage);
  g_assert_false (g_main_context_pending (context));
}

/* However late it is, it fires once. */
static void
test_loop_late (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Stage stage;

  stage_init (&stage, sio_clock_new_system (), context);
  stage_set (&stage, 0, 1);
  stage_set (&stage, 1, -1);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpstr (stage.seen->str, ==, "ab");
  stage_clear (&stage);
}

static void
test_loop_never (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Stage stage;

  stage_init (&stage, sio_clock_new_system (), context);
  stage_set (&stage, 0, 1);
  stage_set (&stage, 0, SIO_CLOCK_NEVER);
  stage_set (&stage, 1, SIO_CLOCK_NEVER - 1);
  stage_set (&stage, 2, sio_clock_after (sio_clock_now (stage.clock), G_MAXUINT64));
  g_assert_false (g_main_context_iteration (context, FALSE));
  g_assert_cmpstr (stage.seen->str, ==, "");
  stage_clear (&stage);
}

/* A deadline that moves away is not forgotten, nor does its old one fire. */
static void
test_loop_moved (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Stage stage;
  gint64 now;

  stage_init (&stage, sio_clock_new_system (), context);
  now = sio_clock_now (stage.clock);
  stage_set (&stage, 0, now + 10 * MS);
  stage_set (&stage, 0, now + 30 * MS);
  stage_set (&stage, 1, now + 3600 * 1000 * MS);
  stage_set (&stage, 1, now + 20 * MS);
  stage_set (&stage, 2, now + 10 * MS);
  stage_set (&stage, 2, SIO_CLOCK_NEVER);
  stage_wait (&stage, context, 2);
  g_assert_cmpstr (stage.seen->str, ==, "ba");
  g_assert_cmpint (stage.last, >=, now + 30 * MS);
  stage_clear (&stage);
}

static void
test_loop_set_again (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Stage stage;

  stage_init (&stage, sio_clock_new_system (), context);
  stage.players[0].again = MS;
  stage.players[0].times = 4;
  stage.players[1].frees = TRUE;
  stage_set (&stage, 0, 1);
  stage_set (&stage, 1, 1);
  stage_wait (&stage, context, 6);
  g_assert_cmpstr (stage.seen->str, ==, "abaaaa");
  g_assert_false (g_main_context_pending (context));
  stage_clear (&stage);
}

/* One callback frees timers that are due in the same turn of the loop. */
static void
test_loop_freed (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (SioClock) clock = sio_clock_new_system ();
  SioTimer *killer;
  Stage stage;
  guint i;

  killer = sio_timer_new (clock, context, free_all_cb, &stage);
  stage_init (&stage, sio_clock_ref (clock), context);
  /* Sources of the same priority get their turn in the order in which they were made: with the
   * first deadline. */
  sio_timer_set_deadline (killer, 1);
  for (i = 0; i < G_N_ELEMENTS (stage.players); i++)
    stage_set (&stage, i, 1);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpstr (stage.seen->str, ==, "!");
  sio_timer_free (killer);
  stage_clear (&stage);
}

typedef struct
{
  GMainContext *context;
  SioClock *clock;
  SioTimer *timer;
  guint depth;
  guint deepest;
} Nested;

static void
nested_cb (gpointer owner)
{
  Nested *nested = owner;

  nested->depth++;
  nested->deepest = MAX (nested->deepest, nested->depth);
  if (nested->depth < 3)
    {
      sio_timer_set_deadline (nested->timer, sio_clock_now (nested->clock));
      g_assert_true (g_main_context_iteration (nested->context, FALSE));
    }
  nested->depth--;
}

/* A handler may run a main loop of its own, in which time has to go on. */
static void
test_loop_nested (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (SioClock) clock = sio_clock_new_system ();
  Nested nested = { .context = context, .clock = clock };

  nested.timer = sio_timer_new (clock, context, nested_cb, &nested);
  sio_timer_set_deadline (nested.timer, 1);
  g_assert_true (g_main_context_iteration (context, FALSE));
  g_assert_cmpuint (nested.deepest, ==, 3);
  sio_timer_free (nested.timer);
}

static void
test_loop_default_context (void)
{
  Stage stage;

  stage_init (&stage, sio_clock_new_system (), NULL);
  stage_set (&stage, 3, 1);
  stage_wait (&stage, NULL, 1);
  g_assert_cmpstr (stage.seen->str, ==, "d");
  stage_clear (&stage);
}

static void
test_after (void)
{
  const gint64 last = SIO_CLOCK_NEVER - 1;

  g_assert_cmpint (sio_clock_after (5, 0), ==, 5);
  g_assert_cmpint (sio_clock_after (5, 20), ==, 20005);
  g_assert_cmpint (sio_clock_after (-20000, 20), ==, 0);
  g_assert_cmpint (sio_clock_after (0, G_MAXUINT64), ==, last);
  g_assert_cmpint (sio_clock_after (0, (guint64) G_MAXINT64), ==, last);
  g_assert_cmpint (sio_clock_after (0, (guint64) last / 1000), ==, last / 1000 * 1000);
  g_assert_cmpint (sio_clock_after (0, (guint64) last / 1000 + 1), ==, last);
  g_assert_cmpint (sio_clock_after (G_MININT64, G_MAXUINT64), ==, last);
  g_assert_cmpint (sio_clock_after (last - 1000, 1), ==, last);
  g_assert_cmpint (sio_clock_after (last - 999, 1), ==, last);
  g_assert_cmpint (sio_clock_after (last, 0), ==, last);
  g_assert_cmpint (sio_clock_after (SIO_CLOCK_NEVER, 1), ==, last);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/clock/after", test_after);
  g_test_add_func ("/clock/E84/sleep", test_manual_sleep);
  g_test_add_func ("/clock/N4/to-monotonic", test_to_monotonic);
  g_test_add_func ("/clock/manual/stands-still", test_manual_stands_still);
  g_test_add_func ("/clock/manual/order", test_manual_order);
  g_test_add_func ("/clock/manual/same-instant", test_manual_same_instant);
  g_test_add_func ("/clock/manual/due-already", test_manual_due_already);
  g_test_add_func ("/clock/manual/set-again", test_manual_set_again);
  g_test_add_func ("/clock/manual/set-again-to-now", test_manual_set_again_to_now);
  g_test_add_func ("/clock/manual/no-endless-loop", test_manual_no_endless_loop);
  g_test_add_func ("/clock/manual/stop-and-move", test_manual_stop_and_move);
  g_test_add_func ("/clock/manual/freed", test_manual_freed);
  g_test_add_func ("/clock/manual/clock-dropped-inside", test_manual_clock_dropped_inside);
  g_test_add_func ("/clock/E45/boottime", test_boottime);
  g_test_add_func ("/clock/loop/deadline", test_loop_deadline);
  g_test_add_func ("/clock/loop/late", test_loop_late);
  g_test_add_func ("/clock/loop/never", test_loop_never);
  g_test_add_func ("/clock/loop/moved", test_loop_moved);
  g_test_add_func ("/clock/loop/set-again", test_loop_set_again);
  g_test_add_func ("/clock/loop/freed", test_loop_freed);
  g_test_add_func ("/clock/loop/nested", test_loop_nested);
  g_test_add_func ("/clock/loop/default-context", test_loop_default_context);

  return g_test_run ();
}
