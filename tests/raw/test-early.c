/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "sio-polling-script.h"

/* The answer comes before the program has gone on after sending the request, as it does now and
 * then when the server takes its processor away. So there is no turn of the main loop between the
 * two.
 *
 * libsoup 3.6 then tells of the headers one turn after they were read; cancelled in that turn, it
 * gave its features back twice, and freed them while they were in use. */

static GThread *client;
static guint n_early;

/* The body of a POST goes out after its head. */
static gboolean
ends_request (const char *buffer, size_t size)
{
  return g_str_has_prefix (buffer, "GET ") || (size == 5 && memcmp (buffer, "4body", 5) == 0);
}

/* Takes the place of the one that GIO calls. */
ssize_t
send (int fd, const void *buffer, size_t size, int flags)
{
  ssize_t (*real_send) (int, const void *, size_t, int) = dlsym (RTLD_NEXT, "send");
  ssize_t n_sent = real_send (fd, buffer, size, flags);

  if (g_thread_self () == client && n_early > 0 && size > 4 && ends_request (buffer, size))
    {
      struct pollfd answer = { .fd = fd, .events = POLLIN };

      n_early--;
      g_assert_cmpint (poll (&answer, 1, (int) sio_test_patience ()), ==, 1);
    }
  return n_sent;
}

static void
play_early (SioRawPeer *peer)
{
  guint n_gets = 0;

  open_session (peer);
  for (;;)
    {
      SioRawConn *conn = sio_raw_expect (peer, "", "sid=a");

      if (g_str_has_prefix (sio_raw_get_head (conn), "POST "))
        sio_raw_respond (conn, "200 OK", "ok");
      else if (n_gets++ < 3)
        sio_raw_respond (conn, "200 OK", "4x");
    }
}

static void
play_websocket (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);

  sio_raw_text (conn, OPEN_PACKET);
  sio_raw_await_go (peer);
}

static void
play_refusal (SioRawPeer *peer)
{
  sio_raw_respond (sio_raw_expect (peer, "GET ", NULL), "403 Forbidden", "4x");
  sio_raw_await_go (peer);
}

typedef struct
{
  const char *path;
  const char *transport;
  SioRawScript script;
  guint n_early;   /* answers to requests */
  guint n_packets; /* after which it is over, */
  guint n_drained; /* and so many writes */
  gboolean writes;
  gboolean closes; /* or else aborts */
  gboolean fails;  /* after which it is over instead */
} Case;

static gboolean
is_over (const Case *test, Fixture *fixture)
{
  if (test->fails)
    return fixture->was_closed;
  return fixture->n_packets >= test->n_packets && fixture->n_drained >= test->n_drained;
}

static gboolean
run_turns (const Case *test, Fixture *fixture, guint n)
{
  gboolean writes = test->writes;

  for (guint i = 0; i < n && !is_over (test, fixture); i++)
    {
      g_main_context_iteration (NULL, TRUE);
      if (writes && sio_transport_get_writable (fixture->transport))
        {
          fixture_write (fixture, "4body");
          writes = FALSE;
        }
    }
  return !is_over (test, fixture);
}

static void
test_each_turn (gconstpointer data)
{
  const Case *test = data;
  gboolean is_on_its_way = TRUE;
  guint n;

  for (n = 0; is_on_its_way; n++)
    {
      Fixture fixture;

      client = g_thread_self ();
      n_early = test->n_early;
      fixture_init (&fixture, test->script, 0);
      fixture_open (&fixture, test->transport, NULL);
      is_on_its_way = run_turns (test, &fixture, n);
      g_assert_true (is_on_its_way || n_early == 0);
      n_early = 0;
      if (test->closes)
        sio_transport_close (fixture.transport);
      else
        sio_transport_abort (fixture.transport);
      fixture_clear (&fixture);
    }
}

static const Case cases[] = {
  { "/early/get/abort", "polling", play_early, 4, 4, 0, FALSE, FALSE },
  { "/early/get/close", "polling", play_early, 4, 4, 0, FALSE, TRUE },
  { "/early/post/abort", "polling", play_early, 5, 4, 1, TRUE, FALSE },
  { "/early/post/close", "polling", play_early, 5, 4, 1, TRUE, TRUE },
  { "/early/websocket/abort", "websocket", play_websocket, 1, 1, 0, FALSE, FALSE },
  { "/early/websocket/close", "websocket", play_websocket, 1, 1, 0, FALSE, TRUE },
  { "/early/X30/websocket/abort", "websocket", play_refusal, 1, 0, 0, FALSE, FALSE, TRUE },
  { "/early/X30/websocket/close", "websocket", play_refusal, 1, 0, 0, FALSE, TRUE, TRUE },
  { "/early/X30/polling/abort", "polling", play_refusal, 1, 0, 0, FALSE, FALSE, TRUE },
  { "/early/X30/polling/close", "polling", play_refusal, 1, 0, 0, FALSE, TRUE, TRUE },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i], test_each_turn);
  return g_test_run ();
}
