/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-reach-private.h"

#define MS ((gint64) 1000)

/* One that is watched since the instant 0. */
static SioReach
watched (void)
{
  SioReach reach;

  sio_reach_init (&reach);
  sio_reach_start (&reach, 0, 0);
  g_assert_cmpint (sio_reach_check (&reach, 0), ==, SIO_REACH_WATCH);
  return reach;
}

static SioReachAction
hear (SioReach *reach, gboolean available, gint64 now)
{
  sio_reach_hear (reach, available, now);
  g_assert_cmpint (sio_reach_check (reach, sio_reach_get_deadline (reach) - 1), ==,
                   SIO_REACH_NOTHING);
  return sio_reach_check (reach, sio_reach_get_deadline (reach));
}

static SioReach
away (void)
{
  SioReach reach = watched ();

  g_assert_cmpint (hear (&reach, FALSE, 0), ==, SIO_REACH_ASK);
  g_assert_cmpint (sio_reach_answer (&reach, reach.question, FALSE), ==, SIO_REACH_LOST);
  g_assert_true (sio_reach_is_away (&reach));
  return reach;
}

static void
test_start (void)
{
  SioReach reach;

  sio_reach_init (&reach);
  g_assert_cmpint (sio_reach_get_deadline (&reach), ==, SIO_CLOCK_NEVER);
  sio_reach_hear (&reach, FALSE, 0);
  g_assert_cmpint (sio_reach_check (&reach, SIO_CLOCK_NEVER), ==, SIO_REACH_NOTHING);

  sio_reach_start (&reach, 0, 1000);
  sio_reach_hear (&reach, FALSE, 0);
  g_assert_cmpint (sio_reach_get_deadline (&reach), ==, 1000 * MS);
  sio_reach_start (&reach, 0, 2000);
  g_assert_cmpint (sio_reach_get_deadline (&reach), ==, 1000 * MS);
  sio_reach_start (&reach, 0, 10);
  g_assert_cmpint (sio_reach_check (&reach, 10 * MS - 1), ==, SIO_REACH_NOTHING);
  g_assert_cmpint (sio_reach_check (&reach, 10 * MS), ==, SIO_REACH_WATCH);
  g_assert_cmpint (sio_reach_check (&reach, 10 * MS), ==, SIO_REACH_NOTHING);
  sio_reach_start (&reach, 20 * MS, 10);
  g_assert_cmpint (sio_reach_get_deadline (&reach), ==, SIO_CLOCK_NEVER);
}

static void
test_lost_and_back (void)
{
  SioReach reach = away ();

  g_assert_cmpint (hear (&reach, FALSE, 0), ==, SIO_REACH_ASK);
  g_assert_cmpint (sio_reach_answer (&reach, reach.question, FALSE), ==, SIO_REACH_NOTHING);
  g_assert_cmpint (hear (&reach, TRUE, 0), ==, SIO_REACH_BACK);
  g_assert_false (sio_reach_is_away (&reach));
  g_assert_cmpint (hear (&reach, TRUE, 0), ==, SIO_REACH_CHANGED);
}

static void
test_route_alone (void)
{
  SioReach reach = watched ();

  g_assert_cmpint (hear (&reach, FALSE, 0), ==, SIO_REACH_ASK);
  g_assert_cmpint (sio_reach_answer (&reach, reach.question, TRUE), ==, SIO_REACH_CHANGED);
  reach = away ();
  g_assert_cmpint (hear (&reach, FALSE, 0), ==, SIO_REACH_ASK);
  g_assert_cmpint (sio_reach_answer (&reach, reach.question, TRUE), ==, SIO_REACH_BACK);
}

static void
test_burst (void)
{
  SioReach reach = watched ();

  sio_reach_hear (&reach, TRUE, 0);
  sio_reach_hear (&reach, FALSE, 100 * MS);
  sio_reach_hear (&reach, TRUE, 400 * MS);
  g_assert_cmpint (sio_reach_check (&reach, 499 * MS), ==, SIO_REACH_NOTHING);
  g_assert_cmpint (sio_reach_check (&reach, 500 * MS), ==, SIO_REACH_BACK);
  g_assert_cmpint (sio_reach_check (&reach, 501 * MS), ==, SIO_REACH_NOTHING);
}

static void
test_late_answer (void)
{
  SioReach reach = watched ();
  guint question;

  g_assert_cmpint (sio_reach_answer (&reach, 0, FALSE), ==, SIO_REACH_NOTHING);
  g_assert_cmpint (hear (&reach, FALSE, 0), ==, SIO_REACH_ASK);
  question = reach.question;
  sio_reach_hear (&reach, FALSE, 0);
  g_assert_cmpint (sio_reach_answer (&reach, question, FALSE), ==, SIO_REACH_NOTHING);
  g_assert_cmpint (sio_reach_check (&reach, sio_reach_get_deadline (&reach)), ==, SIO_REACH_ASK);
  g_assert_cmpint (sio_reach_answer (&reach, question, FALSE), ==, SIO_REACH_NOTHING);
  sio_reach_stop (&reach);
  g_assert_cmpint (sio_reach_answer (&reach, question + 1, FALSE), ==, SIO_REACH_NOTHING);

  sio_reach_start (&reach, 0, 0);
  g_assert_cmpint (sio_reach_check (&reach, 0), ==, SIO_REACH_WATCH);
  g_assert_cmpint (hear (&reach, FALSE, 0), ==, SIO_REACH_ASK);
  g_assert_cmpint (sio_reach_answer (&reach, question + 1, FALSE), ==, SIO_REACH_NOTHING);
}

static void
test_wrong_verdict (void)
{
  SioReach reach = away ();

  sio_reach_prove (&reach);
  g_assert_false (sio_reach_is_away (&reach));
  g_assert_cmpint (hear (&reach, FALSE, 0), ==, SIO_REACH_CHANGED);
  g_assert_cmpint (hear (&reach, FALSE, 0), ==, SIO_REACH_CHANGED);
  /* It is believed again once it has said that the network is there. */
  g_assert_cmpint (hear (&reach, TRUE, 0), ==, SIO_REACH_CHANGED);
  g_assert_cmpint (hear (&reach, FALSE, 0), ==, SIO_REACH_ASK);

  reach = watched ();
  sio_reach_prove (&reach);
  g_assert_cmpint (hear (&reach, FALSE, 0), ==, SIO_REACH_ASK);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/reach/E82/start", test_start);
  g_test_add_func ("/reach/E82/late-answer", test_late_answer);
  g_test_add_func ("/reach/E82/route-alone", test_route_alone);
  g_test_add_func ("/reach/E82/wrong-verdict", test_wrong_verdict);
  g_test_add_func ("/reach/E83/lost-and-back", test_lost_and_back);
  g_test_add_func ("/reach/E83/burst", test_burst);

  return g_test_run ();
}
