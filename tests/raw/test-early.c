/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "sio-polling-script.h"

/* The answer comes before the program has gone on after sending the request, as it does now and then
 * when the server takes its processor away. So there is no turn of the main loop between the two.
 *
 * libsoup 3.6 then tells of the headers one turn after they were read; cancelled in that turn, it gave
 * its features back twice, and freed them while they were in use. */

static GThread *client;
static guint n_early;

/* Takes the place of the one that GIO calls. */
ssize_t
send (int fd, const void *buffer, size_t size, int flags)
{
  ssize_t (*real_send) (int, const void *, size_t, int) = dlsym (RTLD_NEXT, "send");
  ssize_t n_sent = real_send (fd, buffer, size, flags);

  if (g_thread_self () == client && n_early > 0 && size > 4 && memcmp (buffer, "GET ", 4) == 0)
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

static gboolean
run_turns (Fixture *fixture, guint n)
{
  for (guint i = 0; i < n && fixture->n_packets < 4; i++)
    g_main_context_iteration (NULL, TRUE);
  return fixture->n_packets < 4;
}

static void
test_each_turn (gconstpointer data)
{
  gboolean close = GPOINTER_TO_INT (data);
  gboolean is_on_its_way = TRUE;
  guint n;

  for (n = 0; is_on_its_way; n++)
    {
      Fixture fixture;

      client = g_thread_self ();
      n_early = 4;
      fixture_init (&fixture, play_early, 0);
      fixture_open (&fixture, "polling", NULL);
      is_on_its_way = run_turns (&fixture, n);
      n_early = 0;
      if (close)
        sio_transport_close (fixture.transport);
      else
        sio_transport_abort (fixture.transport);
      fixture_clear (&fixture);
    }
  g_assert_cmpuint (n, >, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/early/abort", GINT_TO_POINTER (FALSE), test_each_turn);
  g_test_add_data_func ("/early/close", GINT_TO_POINTER (TRUE), test_each_turn);
  return g_test_run ();
}
