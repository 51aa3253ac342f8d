/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-polling-script.h"

/* How polling pauses, and how it ends. */

static void
play_pause (SioRawPeer *peer)
{
  SioRawConn *get;
  SioRawConn *post;

  open_session (peer);
  get = hold_get (peer);
  post = sio_raw_expect (peer, "POST ", NULL);
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
  sio_raw_respond (post, "200 OK", "ok");
  sio_raw_respond (get, "200 OK",
                   "4last\x1e"
                   "6");
  hold_get (peer);
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

static void
test_pause (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_pause, 0);
  fixture_open_session (&fixture);
  fixture_write (&fixture, "4x");
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  sio_transport_pause (fixture.transport);
  g_assert_false (fixture.was_paused);
  sio_raw_peer_go (fixture.peer);
  sio_test_wait (fixture.was_paused);
  g_assert_true (g_str_has_suffix (fixture.log->str, "4last\n6\npaused\n") ||
                 g_str_has_suffix (fixture.log->str, "drained\npaused\n"));
  g_assert_cmpuint (fixture.n_packets, ==, 3);
  g_assert_cmpuint (fixture.n_drained, ==, 1);
  g_assert_false (sio_transport_get_writable (fixture.transport));
  g_assert_cmpint (sio_raw_peer_get_marks (fixture.peer), ==, 1);

  sio_transport_resume (fixture.transport);
  g_assert_true (sio_transport_get_writable (fixture.transport));
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 2);
  fixture_clear (&fixture);
}

static void
play_open_only (SioRawPeer *peer)
{
  open_session (peer);
  sio_raw_await_go (peer);
}

static void
test_pause_idle (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_open_only, 0);
  fixture.sid = NULL;
  fixture_open_session (&fixture);
  fixture.inside = TRUE;
  sio_transport_pause (fixture.transport);
  fixture.inside = FALSE;
  sio_test_wait (fixture.was_paused);
  fixture_clear (&fixture);
}

static void
play_farewell (SioRawPeer *peer)
{
  SioRawConn *get;
  SioRawConn *post;

  open_session (peer);
  get = hold_get (peer);
  if (fixture_of (peer)->data > 0)
    {
      post = sio_raw_expect (peer, "POST ", "sid=a");
      g_assert_cmpstr (sio_raw_get_body (post, NULL), ==, "41");
      sio_raw_mark (peer);
      sio_raw_await_go (peer);
      sio_raw_respond (post, "200 OK", "ok");
    }
  post = sio_raw_expect (peer, "POST ", "sid=a");
  g_assert_cmpstr (sio_raw_get_body (post, NULL), ==, "1");
  sio_raw_respond (post, "200 OK", "ok");
  sio_raw_await_end (get);
  sio_raw_mark (peer);
}

static void
test_close (void)
{
  int i;

  for (i = 0; i < 2; i++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_farewell, i);
      fixture_open_session (&fixture);
      if (i == 1)
        {
          fixture_write (&fixture, "41");
          sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
        }
      fixture.inside = TRUE;
      sio_transport_close (fixture.transport);
      fixture.inside = FALSE;
      g_assert_false (sio_transport_get_writable (fixture.transport));
      /* It keeps itself alive. */
      g_clear_pointer (&fixture.transport, sio_transport_unref);
      sio_raw_peer_go (fixture.peer);
      fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                             "transport closed");
      g_assert_cmpuint (fixture.n_drained, ==, 0);
      sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == i + 1);
      fixture_clear (&fixture);
    }
}

static void
play_no_farewell (SioRawPeer *peer)
{
  open_session (peer);
  hold_get (peer);
  sio_raw_await_end (sio_raw_expect (peer, "POST ", "sid=a"));
  sio_raw_mark (peer);
}

static void
test_close_deadline (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_no_farewell, 0);
  fixture.settings->limits.close_timeout = 100;
  fixture_open_session (&fixture);
  sio_transport_close (fixture.transport);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                         "transport closed");
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
}

typedef enum
{
  GET_502,
  GET_RESET,
  GET_CUT,
  GET_UNDECODABLE,
  GET_TOO_LARGE,
  GET_WHILE_POST,
  POST_502,
  POST_RESET,
  N_FAULTS
} Fault;

static const char *const fault_messages[] = {
  [GET_502] = "xhr poll error: HTTP status 502*",
  [GET_RESET] = "xhr poll error: *",
  [GET_CUT] = "xhr poll error: *",
  [GET_UNDECODABLE] = "*parser error*",
  [GET_TOO_LARGE] = "xhr poll error: the answer is larger than the limit",
  [GET_WHILE_POST] = "xhr poll error: HTTP status 502*",
  [POST_502] = "xhr post error: HTTP status 502*",
  [POST_RESET] = "xhr post error: *",
};

static void
strike_get (SioRawConn *get, Fault fault)
{
  g_autofree char *large = g_strnfill (200, 'x');

  switch (fault)
    {
    case GET_502:
    case GET_WHILE_POST:
      sio_raw_respond (get, "502 Bad Gateway", "");
      break;
    case GET_RESET:
      sio_raw_reset (get);
      break;
    case GET_CUT:
      sio_raw_send (get, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n4x", -1);
      sio_raw_close (get);
      break;
    case GET_UNDECODABLE:
      sio_raw_respond (get, "200 OK", "9");
      break;
    case GET_TOO_LARGE:
      sio_raw_respond (get, "200 OK", large);
      break;
    case POST_502:
    case POST_RESET:
    case N_FAULTS:
      break;
    }
}

static void
play_fault (SioRawPeer *peer)
{
  Fault fault = (Fault) fixture_of (peer)->data;
  SioRawConn *get, *post;

  open_session (peer);
  get = hold_get (peer);
  if (fault >= POST_502)
    {
      post = sio_raw_expect (peer, "POST ", "sid=a");
      if (fault == POST_RESET)
        sio_raw_reset (post);
      else
        sio_raw_respond (post, "502 Bad Gateway", "");
    }
  else
    {
      post = fault == GET_WHILE_POST ? sio_raw_expect (peer, "POST ", "sid=a") : NULL;
      strike_get (get, fault);
      /* Two at once would be an error for the server. */
      if (post != NULL)
        {
          sio_raw_await_end (post);
          sio_raw_close (post);
        }
    }

  post = sio_raw_expect (peer, "POST ", "sid=a");
  g_assert_cmpstr (sio_raw_get_body (post, NULL), ==, "1");
  sio_raw_mark (peer);
  /* The end was told by now. Cut off, the GET would look like a lost connection. */
  sio_raw_await_go (peer);
  if (fault >= POST_502)
    sio_raw_respond (get, "200 OK", "6");
  sio_raw_respond (post, "200 OK", "ok");
  sio_raw_mark (peer);
  /* There is no other; a request that comes now is the first one of another session. */
  sio_raw_expect (peer, FIRST_GET, NULL);
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

static void
test_fault_farewell (void)
{
  for (int fault = 0; fault < N_FAULTS; fault++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_fault, fault);
      fixture.settings->limits.max_payload = 100;
      fixture_open_session (&fixture);
      if (fault >= GET_WHILE_POST)
        fixture_write (&fixture, "4x");
      fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR,
                             fault == GET_UNDECODABLE ? SIO_ERROR_PROTOCOL : SIO_ERROR_TRANSPORT,
                             fault_messages[fault]);
      /* Nobody has to hold it. */
      g_clear_pointer (&fixture.transport, sio_transport_unref);
      sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
      sio_raw_peer_go (fixture.peer);
      sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 2);
      fixture_open (&fixture, "polling", NULL);
      sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 3);
      fixture_clear (&fixture);
    }
}

static void
play_deaf (SioRawPeer *peer)
{
  open_session (peer);
  strike_get (hold_get (peer), GET_502);
  sio_raw_await_end (sio_raw_expect (peer, "POST ", "sid=a"));
  sio_raw_mark (peer);
}

/* It waits for no answer, however long. */
static void
test_fault_deadline (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_deaf, 0);
  fixture.settings->limits.close_timeout = 100;
  fixture_open_session (&fixture);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "xhr poll error: HTTP status 502*");
  g_clear_pointer (&fixture.transport, sio_transport_unref);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
}

static void
close_at_second (Fixture *self)
{
  if (self->n_packets == 2)
    sio_transport_close (self->transport);
}

static void
play_closed_by_server (SioRawPeer *peer)
{
  open_session (peer);
  sio_raw_respond (hold_get (peer), "200 OK",
                   fixture_of (peer)->data == 0 ? "1"
                                                : "4a\x1e"
                                                  "1");
  sio_raw_expect (peer, FIRST_GET, NULL);
  sio_raw_mark (peer);
}

static void
test_closed_by_server (void)
{
  for (int i = 0; i < 2; i++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_closed_by_server, i);
      /* Closed inside the delivery of what came before the close packet, or not. */
      if (i == 1)
        fixture.on_packet = close_at_second;
      fixture_open_session (&fixture);
      fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                             "transport closed*");
      g_clear_pointer (&fixture.transport, sio_transport_unref);
      fixture_open (&fixture, "polling", NULL);
      sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
      fixture_clear (&fixture);
    }
}

static void
play_last_post (SioRawPeer *peer)
{
  SioRawConn *post;

  open_session (peer);
  hold_get (peer);
  post = sio_raw_expect (peer, "POST ", "sid=a");
  g_assert_cmpstr (sio_raw_get_body (post, NULL), ==, "41");
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
  if (fixture_of (peer)->data == 0)
    sio_raw_respond (post, "502 Bad Gateway", "");
  else
    {
      sio_raw_await_end (post);
      sio_raw_close (post);
    }
  post = sio_raw_expect (peer, "POST ", "sid=a");
  g_assert_cmpstr (sio_raw_get_body (post, NULL), ==, "1");
  sio_raw_respond (post, "200 OK", "ok");
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

/* The last POST fails, or hangs until the deadline. */
static void
test_close_last_post (void)
{
  for (int i = 0; i < 2; i++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_last_post, i);
      fixture.settings->limits.close_timeout = i == 0 ? sio_test_patience () : 200;
      fixture_open_session (&fixture);
      fixture_write (&fixture, "41");
      sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
      sio_transport_close (fixture.transport);
      g_clear_pointer (&fixture.transport, sio_transport_unref);
      sio_raw_peer_go (fixture.peer);
      fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                             "transport closed");
      sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 2);
      fixture_clear (&fixture);
    }
}

static void
play_close_opening (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect (peer, FIRST_GET, NULL);

  sio_raw_mark (peer);
  sio_raw_await_end (conn);
  sio_raw_mark (peer);
}

static void
test_close_opening (void)
{
  fixture_run_close_opening ("polling", play_close_opening);
}

static void
play_abort (SioRawPeer *peer)
{
  open_session (peer);
  hold_get (peer);
  sio_raw_expect (peer, "POST ", NULL);
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

static void
test_abort (void)
{
  Fixture fixture;

  /* New. */
  fixture_init (&fixture, play_nothing, 0);
  fixture_open (&fixture, "polling", NULL);
  fixture_abort (&fixture);
  fixture_clear (&fixture);

  /* Opening, the request sent. */
  fixture_init (&fixture, play_silence, 0);
  fixture_open (&fixture, "polling", NULL);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);

  /* Open, both ways in flight. */
  fixture_init (&fixture, play_abort, 0);
  fixture_open_session (&fixture);
  fixture_write (&fixture, "4x");
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);

  /* Closing. */
  fixture_init (&fixture, play_abort, 0);
  fixture_open_session (&fixture);
  sio_transport_close (fixture.transport);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
  g_assert_false (fixture.was_closed);

  /* Closed, but not yet told. */
  fixture_init (&fixture, play_nothing, 0);
  fixture_open (&fixture, "polling", NULL);
  sio_transport_close (fixture.transport);
  fixture_clear (&fixture);
  g_assert_false (fixture.was_closed);
}

static void
play_many (SioRawPeer *peer)
{
  open_session (peer);
  sio_raw_respond (hold_get (peer), "200 OK",
                   "4a\x1e"
                   "4b\x1e"
                   "4c");
  sio_raw_await_go (peer);
}

static void
play_empty_answer (SioRawPeer *peer)
{
  sio_raw_respond (sio_raw_expect (peer, FIRST_GET, NULL), "200 OK", "");
  sio_raw_await_go (peer);
}

static void
abort_at_second (Fixture *self)
{
  if (self->n_packets == 2)
    fixture_abort (self);
}

static void
test_abort_inside (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_many, 0);
  fixture.on_packet = abort_at_second;
  fixture_open (&fixture, "polling", NULL);
  sio_test_wait (fixture.transport == NULL);
  fixture_clear (&fixture);
  g_assert_cmpuint (fixture.n_packets, ==, 2);

  fixture_init (&fixture, play_many, 0);
  fixture.on_opened = fixture_abort;
  fixture_open (&fixture, "polling", NULL);
  sio_test_wait (fixture.transport == NULL);
  fixture_clear (&fixture);
  g_assert_cmpuint (fixture.n_packets, ==, 0);

  fixture_init (&fixture, play_many, 0);
  fixture.on_packet = close_at_second;
  fixture.settings->limits.close_timeout = 100;
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                         "transport closed");
  g_assert_cmpuint (fixture.n_packets, ==, 2);
  fixture_clear (&fixture);

  fixture_init (&fixture, play_empty_answer, 0);
  fixture.on_closed = fixture_abort;
  fixture_open (&fixture, "polling", NULL);
  sio_test_wait (fixture.was_closed);
  fixture_clear (&fixture);
}

/* A thread with a main context of its own, in which a foreign context is the default while the
 * transport is called. */
static gpointer
run_in_other_context (gpointer data)
{
  Fixture *fixture = data;
  GMainContext *context = fixture->settings->context;
  g_autoptr (GMainContext) foreign = g_main_context_new ();

  g_main_context_push_thread_default (context);
  g_main_context_push_thread_default (foreign);
  fixture_open (fixture, "polling", NULL);
  g_main_context_pop_thread_default (foreign);
  while (fixture->n_packets == 0)
    g_main_context_iteration (context, TRUE);

  g_main_context_push_thread_default (foreign);
  fixture_write (fixture, "4x");
  fixture_abort (fixture);
  g_clear_pointer (&fixture->factory, sio_transport_factory_unref);
  g_main_context_pop_thread_default (foreign);
  while (!g_atomic_ref_count_compare (&fixture->settings->ref_count, 1))
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_context (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_open_only, 0);
  fixture.sid = NULL;
  g_main_context_unref (fixture.settings->context);
  fixture.settings->context = g_main_context_new ();
  g_thread_join (g_thread_new ("other", run_in_other_context, &fixture));
  fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/polling/E48/pause", test_pause);
  g_test_add_func ("/polling/E48/pause-idle", test_pause_idle);
  g_test_add_func ("/polling/E66/close", test_close);
  g_test_add_func ("/polling/E66/deadline", test_close_deadline);
  g_test_add_func ("/polling/E66/opening", test_close_opening);
  g_test_add_func ("/polling/X10/fault", test_fault_farewell);
  g_test_add_func ("/polling/X10/deadline", test_fault_deadline);
  g_test_add_func ("/polling/X10/closed by the server", test_closed_by_server);
  g_test_add_func ("/polling/X10/last POST", test_close_last_post);
  g_test_add_func ("/polling/abort", test_abort);
  g_test_add_func ("/polling/abort-inside", test_abort_inside);
  g_test_add_func ("/polling/context", test_context);
  return g_test_run ();
}
