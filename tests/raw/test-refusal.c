/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "tests/lib/sio-test-flood.h"

#include "sio-polling-script.h"

/* The server refuses, with a body that never ends or that expands to far more than it seems, and as
 * fast as it can. The answer is known by its headers; nothing of that body may hold up the main
 * loop (X30). */

/* Microseconds of the processor in one turn. */
#define LONGEST_TURN 16000

typedef enum
{
  STEP_WEBSOCKET, /* the first request is for a WebSocket */
  STEP_UPGRADE,   /* one for an upgrade */
  STEP_HANDSHAKE, /* polling: the first GET */
  STEP_GET,       /* polling, in the session */
  STEP_POST,
  N_STEPS
} Step;

static const struct
{
  const char *name;
  const char *transport;
  const char *sid;
  const char *token;
} steps[] = {
  [STEP_WEBSOCKET] = { "websocket", "websocket", NULL, "websocket error: " },
  [STEP_UPGRADE] = { "upgrade", "websocket", "a", "websocket error: " },
  [STEP_HANDSHAKE] = { "handshake", "polling", NULL, "xhr poll error: " },
  [STEP_GET] = { "get", "polling", NULL, "xhr poll error: " },
  [STEP_POST] = { "post", "polling", NULL, "xhr post error: " },
};

static const char *const statuses[] = {
  "200 OK",
  "302 Found",
  "401 Unauthorized",
  "403 Forbidden",
  "407 Proxy Authentication Required",
  "503 Service Unavailable",
};

typedef struct
{
  Step step;
  guint flood;
  guint status;
} Case;

static int
case_pack (const Case *test)
{
  return (int) ((test->flood * G_N_ELEMENTS (statuses) + test->status) * N_STEPS + test->step);
}

static Case
case_unpack (int packed)
{
  guint number = (guint) packed;

  return (Case){ .step = (Step) (number % N_STEPS),
                 .status = number / N_STEPS % G_N_ELEMENTS (statuses),
                 .flood = number / N_STEPS / G_N_ELEMENTS (statuses) };
}

static SioRawConn *
await_victim (SioRawPeer *peer, Step step)
{
  if (step == STEP_WEBSOCKET || step == STEP_UPGRADE)
    return sio_raw_expect (peer, "GET ", "transport=websocket");
  if (step == STEP_HANDSHAKE)
    return sio_raw_expect (peer, FIRST_GET, NULL);

  open_session (peer);
  if (step == STEP_GET)
    return hold_get (peer);
  hold_get (peer);
  return sio_raw_expect (peer, "POST ", NULL);
}

static void
play_flood (SioRawPeer *peer)
{
  Case test = case_unpack (fixture_of (peer)->data);
  SioRawConn *conn = await_victim (peer, test.step);

  sio_raw_mark (peer);
  sio_raw_await_go (peer);
  g_assert_cmpuint (sio_test_flood_send (&sio_test_floods[test.flood], conn, statuses[test.status]),
                    <, SIO_TEST_FLOOD_LIMIT);
  sio_raw_mark (peer);
}

static void
begin (Fixture *fixture, const Case *test)
{
  fixture_init (fixture, play_flood, case_pack (test));
  fixture->settings->limits.max_payload = 1024 * 1024;
  fixture->quiet = TRUE;
  if (test->step == STEP_GET || test->step == STEP_POST)
    fixture_open_session (fixture);
  else
    fixture_open (fixture, steps[test->step].transport, steps[test->step].sid);
  if (test->step == STEP_POST)
    fixture_write (fixture, "4x");
  sio_test_wait (sio_raw_peer_get_marks (fixture->peer) == 1);
}

static void
test_flood (gconstpointer data)
{
  const Case *test = data;
  gboolean is_refusal = test->step <= STEP_UPGRADE || test->status > 0;
  g_autofree char *expected =
      is_refusal
          ? g_strdup_printf ("%sHTTP status %.3s*", steps[test->step].token, statuses[test->status])
          : g_strdup_printf ("%s?*", steps[test->step].token);
  SioTestMeter *meter;
  Fixture fixture;
  gint64 longest;

  begin (&fixture, test);
  meter = sio_test_meter_new ();
  sio_raw_peer_go (fixture.peer);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         expected);
  /* The connection is ended, however long the peer would go on. */
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 2);
  longest = sio_test_meter_get_longest (meter);
  sio_test_meter_free (meter);
  fixture_clear (&fixture);
  g_test_message ("longest turn of the main loop: %d µs", (int) longest);
  g_assert_cmpint (longest, <=, LONGEST_TURN * sio_test_meter_slowness ());
}

/* Told inside the turn in which the headers came or later, it is over for whoever lets go of it
 * there. */
static void
test_let_go (gconstpointer data)
{
  const Case *test = data;
  Fixture fixture;

  begin (&fixture, test);
  fixture.on_closed = fixture_abort;
  sio_raw_peer_go (fixture.peer);
  sio_test_wait (fixture.was_closed);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 2);
  fixture_clear (&fixture);
}

static gboolean
is_worth_it (const Case *test)
{
  /* A refusal of polling is told with its words, if they come; any other answer is one like any
   * other. The timeouts are there for both. */
  return test->step <= STEP_UPGRADE || !g_str_equal (sio_test_floods[test->flood].name, "nothing");
}

static void
add_case (const Case *test)
{
  const SioTestFlood *flood = &sio_test_floods[test->flood];
  g_autofree char *path = g_strdup_printf ("/refusal/X30/%s/%s/%.3s", steps[test->step].name,
                                           flood->name, statuses[test->status]);

  fixture_add_data_test (path, test, test_flood);
  if (test->status == 3)
    {
      g_autofree char *let_go = g_strconcat (path, "/let-go", NULL);

      fixture_add_data_test (let_go, test, test_let_go);
    }
}

int
main (int argc, char **argv)
{
  static Case cases[G_N_ELEMENTS (statuses) * N_STEPS * 16];
  Case *test = cases;

  g_test_init (&argc, &argv, NULL);
  for (guint step = 0; step < N_STEPS; step++)
    for (guint flood = 0; flood < sio_test_n_floods; flood++)
      for (guint status = 0; status < G_N_ELEMENTS (statuses); status++)
        {
          *test = (Case){ .step = (Step) step, .flood = flood, .status = status };
          /* What there is of statuses matters with the bomb alone. */
          if ((flood > 0 && status != 0 && status != 3) || !is_worth_it (test))
            continue;
          add_case (test++);
        }
  return g_test_run ();
}
