/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-polling-script.h"

#include <string.h>

static void
play_handshake (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect (peer, FIRST_GET, "transport=polling");
  const char *head = sio_raw_get_head (conn);

  g_assert_nonnull (strstr (head, "EIO=4"));
  g_assert_nonnull (strstr (head, "&t="));
  g_assert_nonnull (strstr (head, "\r\nAccept: */*\r\n"));
  g_assert_nonnull (strstr (head, "\r\nX-Own: one\r\n"));
  g_assert_null (strstr (head, "sid="));
  g_assert_null (strstr (head, "\r\nCookie:"));
  sio_raw_respond (conn, "200 OK",
                   OPEN_PACKET "\x1e"
                               "40{}");
  conn = hold_get (peer);
  head = sio_raw_get_head (conn);
  g_assert_nonnull (strstr (head, "\r\nX-Own: one\r\n"));
  sio_raw_mark (peer);
}

static void
test_handshake (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_handshake, 0);
  g_strfreev (fixture.settings->headers);
  fixture.settings->headers = g_strsplit ("X-Own,one", ",", -1);
  fixture_open (&fixture, "polling", NULL);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1 && fixture.n_packets == 2);
  g_assert_cmpstr (fixture.log->str, ==, "opened\n" OPEN_PACKET "\n40{}\n");
  g_assert_true (sio_transport_get_writable (fixture.transport));
  fixture_clear (&fixture);
}

static void
play_answer (SioRawPeer *peer)
{
  static const char *const answers[] = { "",
                                         "4hello",
                                         "40" OPEN_PACKET,
                                         "x",
                                         OPEN_PACKET "\x1e",
                                         OPEN_PACKET "\x1e"
                                                     "4one\x1e"
                                                     "9\x1e"
                                                     "4two" };
  SioRawConn *conn = sio_raw_expect (peer, FIRST_GET, NULL);

  sio_raw_respond (conn, "200 OK", answers[fixture_of (peer)->data]);
  sio_raw_await_go (peer);
}

static void
test_no_open_packet (void)
{
  guint i;

  for (i = 0; i < 4; i++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_answer, (int) i);
      fixture_open (&fixture, "polling", NULL);
      if (i == 1 || i == 2)
        fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                               "xhr poll error: *");
      else
        fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_PROTOCOL,
                               "parser error*");
      g_assert_cmpstr (fixture.log->str, ==, "");
      fixture_clear (&fixture);
    }
}

static void
test_undecodable (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_answer, 4);
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_PROTOCOL,
                         "parser error*");
  g_assert_cmpstr (fixture.log->str, ==, "opened\n" OPEN_PACKET "\n");
  fixture_clear (&fixture);

  fixture_init (&fixture, play_answer, 5);
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_PROTOCOL,
                         "parser error*");
  g_assert_cmpstr (fixture.log->str, ==, "opened\n" OPEN_PACKET "\n4one\n");
  g_assert_false (sio_transport_get_writable (fixture.transport));
  fixture_clear (&fixture);
}

static void
play_reading (SioRawPeer *peer)
{
  SioRawConn *conn;

  open_session (peer);
  sio_raw_respond (hold_get (peer), "200 OK",
                   "4one\x1e"
                   "4two");
  sio_raw_respond (hold_get (peer), "200 OK", "6");
  sio_raw_respond (hold_get (peer), "200 OK", "bAAEC");
  conn = hold_get (peer);
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
  sio_raw_respond (conn, "200 OK", "4three");
  sio_raw_await_go (peer);
}

static void
test_reading (void)
{
  static const char expected[] = "opened\n" OPEN_PACKET "\n4one\n4two\n6\nbinary 3 \0\1\2\n";
  Fixture fixture;

  fixture_init (&fixture, play_reading, 0);
  fixture_open (&fixture, "polling", NULL);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1 && fixture.n_packets == 5);
  g_assert_cmpmem (fixture.log->str, fixture.log->len, expected, sizeof expected - 1);
  /* What was asked for is still taken, but nothing more is asked for. */
  sio_transport_set_reading (fixture.transport, FALSE);
  sio_raw_peer_go (fixture.peer);
  sio_test_wait (fixture.n_packets == 6);
  g_assert_cmpint (sio_raw_peer_get_connections (fixture.peer), ==, 1);
  fixture_clear (&fixture);
}

static void
play_held (SioRawPeer *peer)
{
  open_session (peer);
  hold_get (peer);
  sio_raw_mark (peer);
}

static void
test_held (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_held, 0);
  fixture.sid = NULL;
  fixture_open_session (&fixture);
  sio_transport_set_reading (fixture.transport, TRUE);
  sio_test_watch (50);
  g_assert_cmpint (sio_raw_peer_get_marks (fixture.peer), ==, 0);
  sio_transport_set_sid (fixture.transport, "a");
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
}

/* The next GET is under way while the packets of the last are handed over (performance). */
static void
open_next_early (Fixture *self)
{
  if (self->n_packets == 2)
    while (sio_raw_peer_get_marks (self->peer) == 0)
      g_main_context_iteration (NULL, TRUE);
}

static void
play_early (SioRawPeer *peer)
{
  open_session (peer);
  sio_raw_respond (hold_get (peer), "200 OK", "4one");
  hold_get (peer);
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

static void
test_next_get_first (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_early, 0);
  fixture.on_packet = open_next_early;
  fixture_open (&fixture, "polling", NULL);
  sio_test_wait (fixture.n_packets == 2);
  fixture_clear (&fixture);
}

static void
play_post (SioRawPeer *peer)
{
  SioRawConn *conn;
  const char *head;

  open_session (peer);
  hold_get (peer);
  conn = sio_raw_expect (peer, "POST /socket.io/?", "sid=a");
  head = sio_raw_get_head (conn);
  g_assert_nonnull (strstr (head, "\r\nContent-Type: text/plain;charset=UTF-8\r\n"));
  g_assert_nonnull (strstr (head, "\r\nAccept: */*\r\n"));
  g_assert_nonnull (strstr (head, "&t="));
  g_assert_cmpstr (sio_raw_get_body (conn, NULL), ==, "42[\"ä\"]");
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
  sio_raw_respond (conn, "200 OK", "ok");
  conn = sio_raw_expect (peer, "POST ", "sid=a");
  g_assert_cmpstr (sio_raw_get_body (conn, NULL), ==, "bAAEC");
  sio_raw_respond (conn, "200 OK", "whatever");
  sio_raw_await_go (peer);
}

static void
test_post (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_post, 0);
  fixture_open_session (&fixture);
  fixture_write (&fixture, "42[\"ä\"]");
  g_assert_false (sio_transport_get_writable (fixture.transport));
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  g_assert_false (sio_transport_get_writable (fixture.transport));
  sio_raw_peer_go (fixture.peer);
  sio_test_wait (fixture.n_drained == 1);
  fixture_write_binary (&fixture, "\0\1\2", 3);
  sio_test_wait (fixture.n_drained == 2);
  /* A POST uses the connection of the last one. */
  g_assert_cmpint (sio_raw_peer_get_connections (fixture.peer), ==, 2);
  fixture_clear (&fixture);
}

typedef struct
{
  const char *name;
  const char *status;
  const char *headers;
  const char *body;
  const char *expected; /* after the token */
} StatusCase;

static const StatusCase status_cases[] = {
  { "400-0", "400 Bad Request", "", "{\"code\":0,\"message\":\"Transport unknown\"}",
    "HTTP status 400: Transport unknown" },
  { "400-1", "400 Bad Request", "", "{\"code\":1,\"message\":\"Session ID unknown\"}",
    "HTTP status 400: Session ID unknown" },
  { "400-2", "400 Bad Request", "", "{\"code\":2,\"message\":\"Bad handshake method\"}",
    "HTTP status 400: Bad handshake method" },
  { "400-3", "400 Bad Request", "", "{\"code\":3,\"message\":\"Bad request\"}",
    "HTTP status 400: Bad request" },
  { "403-4", "403 Forbidden", "", "{\"code\":4,\"message\":\"Forbidden\"}",
    "HTTP status 403: Forbidden" },
  { "400-5", "400 Bad Request", "", "{\"code\":5,\"message\":\"Unsupported protocol version\"}",
    "HTTP status 400: Unsupported protocol version" },
  { "400-odd", "400 Bad Request", "", "{\"message\":[]}", "HTTP status 400: *message*" },
  { "400-broken", "400 Bad Request", "", "{\"code\":", "HTTP status 400: *code*" },
  { "401", "401 Unauthorized", "WWW-Authenticate: Basic realm=\"r\"\r\n", "", "HTTP status 401" },
  { "404", "404 Not Found", "", "Cannot GET /", "HTTP status 404: Cannot GET /" },
  { "413", "413 Payload Too Large", "", "", "HTTP status 413" },
  { "429", "429 Too Many Requests", "", " \r\n", "HTTP status 429" },
  { "500", "500 Internal Server Error", "", "line\nbreak", "HTTP status 500: line*break" },
  { "502", "502 Bad Gateway", "", "<html>", "HTTP status 502: <html>" },
  { "503", "503 Service Unavailable", "", "", "HTTP status 503" },
  { "204", "204 No Content", "", "", "HTTP status 204" },
  { "301", "301 Moved", "Location: https://u:p@other/a?token=s#f\r\n", "",
    "HTTP status 301: redirected to https://other/a" },
  { "302", "302 Found", "Location: /login?next=secret\r\n", "moved",
    "HTTP status 302: redirected to /login" },
  { "307", "307 Temporary Redirect", "Location: //other/\r\n", "",
    "HTTP status 307: redirected to //other/" },
  { "302-none", "302 Found", "", "", "HTTP status 302" },
};

static void
play_status_get (SioRawPeer *peer)
{
  const StatusCase *status = &status_cases[fixture_of (peer)->data];

  sio_raw_respond_full (sio_raw_expect (peer, "GET ", NULL), status->status, status->headers,
                        status->body, -1);
  sio_raw_await_go (peer);
}

static void
play_status_post (SioRawPeer *peer)
{
  const StatusCase *status = &status_cases[fixture_of (peer)->data];

  open_session (peer);
  hold_get (peer);
  sio_raw_respond_full (sio_raw_expect (peer, "POST ", NULL), status->status, status->headers,
                        status->body, -1);
  sio_raw_await_go (peer);
}

static void
test_status (gconstpointer data)
{
  const StatusCase *status = data;
  g_autofree char *poll = g_strconcat ("xhr poll error: ", status->expected, NULL);
  g_autofree char *post = g_strconcat ("xhr post error: ", status->expected, NULL);
  Fixture fixture;

  fixture_init (&fixture, play_status_get, (int) (status - status_cases));
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         poll);
  g_assert_false (fixture.was_opened);
  fixture_clear (&fixture);

  fixture_init (&fixture, play_status_post, (int) (status - status_cases));
  fixture_open_session (&fixture);
  fixture_write (&fixture, "4x");
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         post);
  g_assert_cmpuint (fixture.n_drained, ==, 0);
  fixture_clear (&fixture);
}

static void
play_close_packet (SioRawPeer *peer)
{
  open_session (peer);
  sio_raw_respond (hold_get (peer), "200 OK",
                   "4one\x1e"
                   "1\x1e"
                   "4two\x1e"
                   "junk");
  sio_raw_await_end (sio_raw_accept (peer));
}

static void
test_close_packet (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_close_packet, 0);
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                         "transport closed by the server");
  g_assert_cmpstr (fixture.log->str, ==, "opened\n" OPEN_PACKET "\n4one\n");
  g_assert_cmpint (sio_raw_peer_get_connections (fixture.peer), ==, 1);
  fixture_clear (&fixture);
}

static void
test_request_timeout (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_silence, 0);
  fixture.settings->request_timeout = 100;
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "xhr poll error: *timed out");
  fixture_clear (&fixture);
}

static void
play_dribble (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect (peer, FIRST_GET, NULL);

  sio_raw_send (conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", -1);
  while (sio_raw_try_send (conn, "0", 1))
    g_usleep (5000);
  sio_raw_mark (peer);
}

static void
test_dribble (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_dribble, 0);
  fixture.settings->request_timeout = 100;
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "xhr poll error: *timed out");
  /* The connection was ended with the request. */
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
}

static void
play_endless (SioRawPeer *peer)
{
  static const char block[65536] = { 'x' };
  SioRawConn *conn = sio_raw_expect (peer, FIRST_GET, NULL);
  gsize sent = 0;

  sio_raw_send (conn,
                fixture_of (peer)->data == 0
                    ? "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
                    : "HTTP/1.1 500 Oh\r\nContent-Length: 99999999999\r\n\r\n",
                -1);
  while (sio_raw_try_send (conn, block, sizeof block))
    sent += sizeof block;
  g_assert_cmpuint (sent, <, 64 * 1024 * 1024);
  sio_raw_mark (peer);
}

static void
test_endless_body (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_endless, 0);
  fixture.settings->limits.max_payload = 1024 * 1024;
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "xhr poll error: *limit*");
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);

  fixture_init (&fixture, play_endless, 1);
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "xhr poll error: HTTP status 500: x*");
  g_assert_cmpuint (strlen (fixture.details->message), <, 400);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
}

static GBytes *
gzip (const char *data, gsize length)
{
  g_autoptr (GConverter) compressor =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  gsize size = length / 500 + 1024;
  char *out = g_malloc (size);
  gsize read;
  gsize written;

  g_assert_cmpint (g_converter_convert (compressor, data, length, out, size,
                                        G_CONVERTER_INPUT_AT_END, &read, &written, NULL),
                   ==, G_CONVERTER_FINISHED);
  return g_bytes_new_take (out, written);
}

static void
play_gzip (SioRawPeer *peer)
{
  gsize length = fixture_of (peer)->data == 0 ? strlen (OPEN_PACKET) : 64 * 1024 * 1024;
  char *data = g_malloc0 (length);
  SioRawConn *conn;
  GBytes *packed;

  memcpy (data, OPEN_PACKET, strlen (OPEN_PACKET));
  packed = gzip (data, length);
  g_free (data);
  conn = sio_raw_expect (peer, FIRST_GET, NULL);
  g_assert_nonnull (strstr (sio_raw_get_head (conn), "gzip"));
  sio_raw_respond_full (conn, "200 OK", "Content-Encoding: gzip\r\n",
                        g_bytes_get_data (packed, NULL), (gssize) g_bytes_get_size (packed));
  g_bytes_unref (packed);
  sio_raw_await_go (peer);
}

static void
test_gzip (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_gzip, 0);
  fixture_open_session (&fixture);
  g_assert_cmpstr (fixture.log->str, ==, "opened\n" OPEN_PACKET "\n");
  fixture_clear (&fixture);

  fixture_init (&fixture, play_gzip, 1);
  fixture.settings->limits.max_payload = 1024 * 1024;
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "xhr poll error: *limit*");
  fixture_clear (&fixture);
}

typedef enum
{
  CUT_AT_ACCEPT,
  CUT_BEFORE_HEAD,
  CUT_INSIDE_HEAD,
  CUT_AFTER_HEAD,
  CUT_INSIDE_BODY,
  CUT_INSIDE_CHUNK,
  CUT_NOT_HTTP,
  N_CUTS,
} Cut;

static void
play_cut (SioRawPeer *peer)
{
  static const char *const sent[] = {
    [CUT_AT_ACCEPT] = "",
    [CUT_BEFORE_HEAD] = "",
    [CUT_INSIDE_HEAD] = "HTTP/1.1 200 OK\r\nContent-Le",
    [CUT_AFTER_HEAD] = "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n",
    [CUT_INSIDE_BODY] = "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" OPEN_PACKET,
    [CUT_INSIDE_CHUNK] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" OPEN_PACKET,
    [CUT_NOT_HTTP] = "SSH-2.0-OpenSSH\r\n\r\n\r\n",
  };
  int cut = fixture_of (peer)->data % N_CUTS;
  SioRawConn *conn =
      cut == CUT_AT_ACCEPT ? sio_raw_accept (peer) : sio_raw_expect (peer, FIRST_GET, NULL);

  sio_raw_send (conn, sent[cut], -1);
  if (fixture_of (peer)->data < N_CUTS)
    sio_raw_close (conn);
  else
    sio_raw_reset (conn);
}

static void
test_cut (void)
{
  int i;

  for (i = 0; i < 2 * N_CUTS; i++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_cut, i);
      fixture_open (&fixture, "polling", NULL);
      fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                             "xhr poll error: ?*");
      g_assert_false (fixture.was_opened);
      fixture_clear (&fixture);
    }
}

/* The answer may have been lost with packets in it, so the GET must not be sent again; all that
 * comes is the farewell (X10). */
static void
play_dead_connection (SioRawPeer *peer)
{
  SioRawConn *conn;

  open_session (peer);
  conn = hold_get (peer);
  sio_raw_reset (conn);
  conn = sio_raw_expect (peer, "POST ", "sid=a");
  g_assert_cmpstr (sio_raw_get_body (conn, NULL), ==, "1");
  sio_raw_respond (conn, "200 OK", "ok");
  sio_raw_mark (peer);
  sio_raw_expect (peer, "GET ", NULL);
  g_assert_not_reached ();
}

static void
test_no_silent_repeat (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_dead_connection, 0);
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "xhr poll error: *before the answer*");
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  sio_test_watch (50);
  fixture_clear (&fixture);
}

static void
test_refused (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_nothing, 0);
  fixture.settings->port = 1;
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "xhr poll error: *refused*");
  fixture_clear (&fixture);
}

static void
test_bad_input (void)
{
  static const char *const headers[][2] = {
    { "A b", "c" }, { "", "c" }, { "A:", "c" }, { "A", "b\r\nC: d" }
  };
  g_autofree char *long_path = g_strnfill (9000, 'x');
  Fixture fixture;
  guint i;

  fixture_init (&fixture, play_nothing, 0);
  g_free (fixture.settings->path);
  fixture.settings->path = g_strconcat ("/", long_path, NULL);
  fixture_open (&fixture, "polling", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "xhr poll error: ?*");
  fixture_clear (&fixture);

  for (i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      fixture_init (&fixture, play_nothing, 0);
      g_strfreev (fixture.settings->headers);
      fixture.settings->headers = g_new0 (char *, 3);
      fixture.settings->headers[0] = g_strdup (headers[i][0]);
      fixture.settings->headers[1] = g_strdup (headers[i][1]);
      fixture_open (&fixture, "polling", NULL);
      fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                             "xhr poll error: *header*");
      g_assert_cmpint (sio_raw_peer_get_connections (fixture.peer), ==, 0);
      fixture_clear (&fixture);
    }
}

static void
play_cookies (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect (peer, FIRST_GET, "\r\nCookie: own=1\r\n");

  sio_raw_respond_full (conn, "200 OK", "Set-Cookie: lb=\"x=y\"; Path=/; HttpOnly\r\n", OPEN_PACKET,
                        -1);
  sio_raw_expect (peer, NEXT_GET,
                  fixture_of (peer)->settings->with_credentials
                      ? "\r\nCookie: own=1; lb=\"x=y\"\r\n"
                      : "\r\nCookie: own=1\r\n");
  conn = sio_raw_expect (peer, "POST ", NULL);
  g_assert_true ((strstr (sio_raw_get_head (conn), "lb=") != NULL) ==
                 fixture_of (peer)->settings->with_credentials);
  sio_raw_respond (conn, "200 OK", "ok");
  sio_raw_await_go (peer);
}

static void
test_cookies (void)
{
  int i;

  for (i = 0; i < 2; i++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_cookies, 0);
      fixture.settings->with_credentials = i == 0;
      g_strfreev (fixture.settings->headers);
      fixture.settings->headers = g_strsplit ("Cookie,own=1", ",", -1);
      fixture_open_session (&fixture);
      fixture_write (&fixture, "4x");
      sio_test_wait (fixture.n_drained == 1);
      fixture_clear (&fixture);
    }
}

int
main (int argc, char **argv)
{
  guint i;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/polling/E19/handshake", test_handshake);
  g_test_add_func ("/polling/E19/no-open-packet", test_no_open_packet);
  g_test_add_func ("/polling/E18/undecodable", test_undecodable);
  g_test_add_func ("/polling/E20/reading", test_reading);
  g_test_add_func ("/polling/E20/held", test_held);
  g_test_add_func ("/polling/E20/next-get-first", test_next_get_first);
  g_test_add_func ("/polling/E21/post", test_post);
  for (i = 0; i < G_N_ELEMENTS (status_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/polling/E24/status/", status_cases[i].name, NULL);

      g_test_add_data_func (path, &status_cases[i], test_status);
    }
  g_test_add_func ("/polling/E25/close-packet", test_close_packet);
  g_test_add_func ("/polling/E27/request-timeout", test_request_timeout);
  g_test_add_func ("/polling/E27/dribble", test_dribble);
  g_test_add_func ("/polling/E28/gzip", test_gzip);
  g_test_add_func ("/polling/endless-body", test_endless_body);
  g_test_add_func ("/polling/cut", test_cut);
  g_test_add_func ("/polling/no-silent-repeat", test_no_silent_repeat);
  g_test_add_func ("/polling/refused", test_refused);
  g_test_add_func ("/polling/E12/bad-input", test_bad_input);
  g_test_add_func ("/polling/E86/cookies", test_cookies);
  return g_test_run ();
}
