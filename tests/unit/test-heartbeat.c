/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-heartbeat-private.h"

#define MS     ((gint64) 1000)
#define SECOND (1000 * MS)

static void
test_stopped (void)
{
  SioHeartbeat heartbeat;

  sio_heartbeat_init (&heartbeat);
  g_assert_cmpint (sio_heartbeat_get_deadline (&heartbeat), ==, SIO_CLOCK_NEVER);
  g_assert_false (sio_heartbeat_expired (&heartbeat, 0));
  g_assert_false (sio_heartbeat_expired (&heartbeat, SIO_CLOCK_NEVER));
}

static void
test_from_handshake (void)
{
  SioHeartbeat heartbeat;

  sio_heartbeat_init (&heartbeat);
  sio_heartbeat_start (&heartbeat, 25000, 20000, 7 * SECOND);
  g_assert_cmpint (sio_heartbeat_get_deadline (&heartbeat), ==, 52 * SECOND);
  g_assert_false (sio_heartbeat_expired (&heartbeat, 52 * SECOND - 1));
  g_assert_true (sio_heartbeat_expired (&heartbeat, 52 * SECOND));
  g_assert_true (sio_heartbeat_expired (&heartbeat, 3600 * SECOND));
}

static void
test_ping_resets (void)
{
  SioHeartbeat heartbeat;
  guint i;

  sio_heartbeat_init (&heartbeat);
  sio_heartbeat_start (&heartbeat, 300, 200, 0);
  for (i = 1; i <= 10; i++)
    {
      sio_heartbeat_ping (&heartbeat, i * 400 * MS);
      g_assert_false (sio_heartbeat_expired (&heartbeat, i * 400 * MS));
      g_assert_cmpint (sio_heartbeat_get_deadline (&heartbeat), ==, (i * 400 + 500) * MS);
    }
  g_assert_true (sio_heartbeat_expired (&heartbeat, 4500 * MS));
}

static void
test_start_anew (void)
{
  SioHeartbeat heartbeat;

  sio_heartbeat_init (&heartbeat);
  sio_heartbeat_start (&heartbeat, 300, 200, 0);
  sio_heartbeat_start (&heartbeat, 100, 100, 50 * MS);
  g_assert_cmpint (sio_heartbeat_get_deadline (&heartbeat), ==, 250 * MS);
}

static void
test_late_ping_after_stop (void)
{
  SioHeartbeat heartbeat;

  sio_heartbeat_init (&heartbeat);
  sio_heartbeat_ping (&heartbeat, 5);
  g_assert_cmpint (sio_heartbeat_get_deadline (&heartbeat), ==, SIO_CLOCK_NEVER);

  sio_heartbeat_start (&heartbeat, 300, 200, 0);
  sio_heartbeat_stop (&heartbeat);
  g_assert_cmpint (sio_heartbeat_get_deadline (&heartbeat), ==, SIO_CLOCK_NEVER);
  sio_heartbeat_ping (&heartbeat, 10);
  g_assert_cmpint (sio_heartbeat_get_deadline (&heartbeat), ==, SIO_CLOCK_NEVER);
  g_assert_false (sio_heartbeat_expired (&heartbeat, 3600 * SECOND));
}

static void
test_absurd_intervals (void)
{
  SioHeartbeat heartbeat;

  sio_heartbeat_init (&heartbeat);
  sio_heartbeat_start (&heartbeat, G_MAXUINT, G_MAXUINT, 0);
  g_assert_cmpint (sio_heartbeat_get_deadline (&heartbeat), ==, 2 * (gint64) G_MAXUINT * MS);
  sio_heartbeat_start (&heartbeat, G_MAXUINT, G_MAXUINT, SIO_CLOCK_NEVER - 5);
  g_assert_cmpint (sio_heartbeat_get_deadline (&heartbeat), ==, SIO_CLOCK_NEVER - 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/heartbeat/stopped", test_stopped);
  g_test_add_func ("/heartbeat/E43/from-handshake", test_from_handshake);
  g_test_add_func ("/heartbeat/E43/ping-resets", test_ping_resets);
  g_test_add_func ("/heartbeat/start-anew", test_start_anew);
  g_test_add_func ("/heartbeat/late-ping-after-stop", test_late_ping_after_stop);
  g_test_add_func ("/heartbeat/E46/absurd-intervals", test_absurd_intervals);

  return g_test_run ();
}
