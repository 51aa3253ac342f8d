/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-backoff-private.h"

#include <math.h>

#define ROUNDS 20000

/* Every result of one attempt lies in a range, and comes near both of its ends. */
static void
check_range (guint delay, guint max, double jitter, guint attempt, guint from, guint to)
{
  guint lowest = G_MAXUINT, highest = 0;
  guint i;

  for (i = 0; i < ROUNDS; i++)
    {
      SioBackoff backoff;
      guint ms;

      sio_backoff_init (&backoff, delay, max, jitter);
      backoff.attempts = attempt - 1;
      ms = sio_backoff_next (&backoff, g_test_rand_double ());
      lowest = MIN (lowest, ms);
      highest = MAX (highest, ms);
    }
  g_assert_cmpuint (lowest, >=, from);
  g_assert_cmpuint (highest, <=, to);
  g_assert_cmpuint (lowest - from, <=, (to - from) / 10 + 1);
  g_assert_cmpuint (to - highest, <=, (to - from) / 10 + 1);
}

static void
test_defaults (void)
{
  check_range (1000, 5000, 0.5, 1, 551, 1499);
  check_range (1000, 5000, 0.5, 2, 1101, 2999);
  check_range (1000, 5000, 0.5, 3, 2201, 5000);
}

static void
test_late_attempts (void)
{
  static const guint attempts[] = { 4, 5, 6, 32, 33, 34, 64, 65, 1016, 1000000, G_MAXUINT };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      check_range (1000, 5000, 0.5, attempts[i], 2500, 5000);
      check_range (1000, 5000, 0.2, attempts[i], 4000, 5000);
    }
}

static void
test_exact (void)
{
  /* random, attempt, wanted: M34 by hand, base 1000, jitter 0.5 */
  static const struct
  {
    double random;
    guint attempt;
    guint ms;
  } table[] = {
    { 0.0, 1, 1000 },   { 0.05, 1, 975 },   { 0.1, 1, 1050 },   { 0.25, 1, 875 },
    { 0.5, 1, 1250 },   { 0.899, 1, 551 },  { 0.999, 1, 1499 }, { 0.5, 2, 2500 },
    { 0.899, 2, 1101 }, { 0.899, 3, 2202 }, { 0.1, 3, 4200 },   { 0.3, 3, 4600 },
    { 0.999, 3, 4002 }, /* 5998, mirrored at 5000 */
    { 0.899, 4, 2753 }, { 0.5, 4, 3750 },   { 0.0, 9, 5000 },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (table); i++)
    {
      SioBackoff backoff;

      sio_backoff_init (&backoff, 1000, 5000, 0.5);
      backoff.attempts = table[i].attempt - 1;
      g_assert_cmpuint (sio_backoff_next (&backoff, table[i].random), ==, table[i].ms);
    }
}

static void
test_doubles_and_counts (void)
{
  SioBackoff backoff;
  guint i;

  sio_backoff_init (&backoff, 100, 10000, 0);
  g_assert_cmpuint (backoff.attempts, ==, 0);
  for (i = 0; i < 7; i++)
    {
      g_assert_cmpuint (sio_backoff_next (&backoff, 0.7), ==, 100u << i);
      g_assert_cmpuint (backoff.attempts, ==, i + 1);
    }
  g_assert_cmpuint (sio_backoff_next (&backoff, 0.7), ==, 10000);
  g_assert_cmpuint (sio_backoff_next (&backoff, 0.7), ==, 10000);

  sio_backoff_reset (&backoff);
  g_assert_cmpuint (backoff.attempts, ==, 0);
  g_assert_cmpuint (sio_backoff_next (&backoff, 0.7), ==, 100);
}

static void
test_no_overflow (void)
{
  SioBackoff backoff;
  guint i;

  sio_backoff_init (&backoff, 1000, 5000, 0.5);
  for (i = 0; i < 1000000; i++)
    {
      guint ms = sio_backoff_next (&backoff, g_test_rand_double ());

      if (ms < (i < 3 ? 500 : 2500) || ms > 5000)
        g_assert_cmpuint (ms, ==, 5000);
    }
  g_assert_cmpuint (backoff.attempts, ==, 1000000);

  backoff.attempts = G_MAXUINT;
  g_assert_cmpuint (sio_backoff_next (&backoff, 0), ==, 5000);
  g_assert_cmpuint (backoff.attempts, ==, G_MAXUINT);

  check_range (G_MAXUINT, G_MAXUINT, 1, 33, 10, G_MAXUINT);
  check_range (1, G_MAXUINT, 0, 33, G_MAXUINT, G_MAXUINT);
  check_range (1, G_MAXUINT, 0, 32, 1u << 31, 1u << 31);
}

static void
test_jitter_out_of_range (void)
{
  const double jitters[] = { 0, -0.5, 1.5, -1, 1e300, (double) INFINITY, (double) NAN };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (jitters); i++)
    {
      check_range (1000, 5000, jitters[i], 1, 1000, 1000);
      check_range (1000, 5000, jitters[i], 5, 5000, 5000);
    }
}

static void
test_floor (void)
{
  check_range (0, 5000, 0.5, 1, 10, 10);
  check_range (0, 5000, 0.5, 100, 10, 10);
  check_range (1, 5, 0.5, 1, 10, 10);
  check_range (1, 0, 0.5, 1000, 10, 10);
  check_range (1000, 5000, 1, 5, 10, 5000);
}

/* A base above the cap is the cap. */
static void
test_base_above_max (void)
{
  check_range (10000, 5000, 0.5, 1, 2500, 5000);
  check_range (10000, 5000, 0, 1, 5000, 5000);
}

static void
test_never_below_base (void)
{
  static const guint bases[] = { 20, 100, 1000, 4000, 5000 };
  static const double jitters[] = { 0.1, 0.25, 0.5, 0.75, 0.9 };
  guint b, j, attempt, i;

  for (b = 0; b < G_N_ELEMENTS (bases); b++)
    for (j = 0; j < G_N_ELEMENTS (jitters); j++)
      for (attempt = 1; attempt < 12; attempt++)
        for (i = 0; i < 200; i++)
          {
            SioBackoff backoff;
            guint ms;

            sio_backoff_init (&backoff, bases[b], 5000, jitters[j]);
            backoff.attempts = attempt - 1;
            ms = sio_backoff_next (&backoff, g_test_rand_double ());
            g_assert_cmpuint (ms, <=, 5000);
            g_assert_cmpfloat (ms + 1e-6, >=, MAX (10, bases[b] * (1 - jitters[j])));
          }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/backoff/M34/defaults", test_defaults);
  g_test_add_func ("/backoff/M34/exact", test_exact);
  g_test_add_func ("/backoff/M34/doubles-and-counts", test_doubles_and_counts);
  g_test_add_func ("/backoff/M34/jitter-out-of-range", test_jitter_out_of_range);
  g_test_add_func ("/backoff/M35/no-overflow", test_no_overflow);
  g_test_add_func ("/backoff/M35/never-below-base", test_never_below_base);
  g_test_add_func ("/backoff/M35/floor", test_floor);
  g_test_add_func ("/backoff/M36/late-attempts", test_late_attempts);
  g_test_add_func ("/backoff/base-above-max", test_base_above_max);

  return g_test_run ();
}
