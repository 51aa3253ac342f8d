/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-certificate.h"
#include "sio-transport-fixture.h"

#include <string.h>

#define FIN_TEXT   (SIO_RAW_FIN | SIO_RAW_TEXT)
#define FIN_BINARY (SIO_RAW_FIN | SIO_RAW_BINARY)

static void
play_handshake (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect (peer, "GET /socket.io/?", "transport=websocket");
  const char *head = sio_raw_get_head (conn);

  g_assert_nonnull (strstr (head, "EIO=4"));
  g_assert_nonnull (strstr (head, "sid=up"));
  g_assert_null (strstr (head, "t=1"));
  g_assert_nonnull (strstr (head, "\r\nX-Own: one\r\n"));
  g_assert_nonnull (strstr (head, "\r\nSec-WebSocket-Protocol: a, b\r\n"));
  g_assert_null (strstr (head, "Sec-WebSocket-Extensions"));
  g_assert_null (strstr (head, "\r\nCookie:"));
  sio_raw_upgrade (conn, "Sec-WebSocket-Protocol: b\r\n");
  sio_raw_text (conn, "3probe");
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

static void
test_handshake (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_handshake, 0);
  g_strfreev (fixture.settings->headers);
  fixture.settings->headers = g_strsplit ("X-Own,one", ",", -1);
  fixture.settings->protocols = g_strsplit ("a,b", ",", -1);
  fixture_open (&fixture, "websocket", "up");
  sio_test_wait (fixture.n_packets == 1);
  g_assert_cmpstr (fixture.log->str, ==, "opened\n3probe\n");
  g_assert_true (sio_transport_get_writable (fixture.transport));
  fixture_clear (&fixture);
}

/* Frames that come together with the answer to the handshake are not lost. */
static void
play_eager (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect (peer, "GET ", NULL);

  sio_raw_upgrade (conn, "");
  sio_raw_frame (conn, FIN_TEXT, "0{}", -1);
  sio_raw_frame (conn, FIN_TEXT, "4a", -1);
  sio_raw_frame (conn, FIN_BINARY, "\0\1\2", 3);
  sio_raw_frame (conn, FIN_BINARY, "", 0);
  sio_raw_frame (conn, FIN_TEXT, "bAAEC", -1);
  sio_raw_frame (conn, FIN_TEXT, "4nul\0nul", 8);
  sio_raw_await_go (peer);
}

static void
test_messages (void)
{
  static const char expected[] = "opened\n0{}\n4a\nbinary 3 \0\1\2\nbinary 0 \nbinary 3 \0\1\2\n"
                                 "4nul\0nul\n";
  Fixture fixture;

  fixture_open_websocket (&fixture, play_eager, 0);
  sio_test_wait (fixture.n_packets == 6);
  g_assert_cmpmem (fixture.log->str, fixture.log->len, expected, sizeof expected - 1);
  fixture_clear (&fixture);
}

static void
play_fragments (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);
  const char *payload;
  gsize length;

  sio_raw_frame (conn, SIO_RAW_TEXT, "4on", -1);
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_PING, "p", -1);
  sio_raw_frame (conn, SIO_RAW_CONTINUATION, "e\xc3", -1);
  g_assert_cmphex (sio_raw_read_frame (conn, &payload, &length), ==, SIO_RAW_FIN | SIO_RAW_PONG);
  g_assert_cmpstr (payload, ==, "p");
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_CONTINUATION, "\xa4", -1);
  sio_raw_await_go (peer);
}

static void
test_fragments (void)
{
  Fixture fixture;

  fixture_open_websocket (&fixture, play_fragments, 0);
  sio_test_wait (fixture.n_packets == 1);
  g_assert_cmpstr (fixture.log->str, ==, "opened\n4oneä\n");
  fixture_clear (&fixture);
}

static void
play_writes (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);
  const char *payload;
  gsize length;

  sio_raw_expect_text (conn, "2probe");
  if (fixture_of (peer)->data == 1)
    sio_raw_expect_text (conn, "bAAEC");
  else
    {
      g_assert_cmphex (sio_raw_read_frame (conn, &payload, &length), ==, FIN_BINARY);
      g_assert_cmpmem (payload, length, "\0\1\2", 3);
      g_assert_cmphex (sio_raw_read_frame (conn, &payload, &length), ==, FIN_BINARY);
      g_assert_cmpuint (length, ==, 0);
    }
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

static void
test_writes (void)
{
  int i;

  for (i = 0; i < 2; i++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_writes, i);
      fixture.settings->force_base64 = i == 1;
      fixture_open (&fixture, "websocket", NULL);
      sio_test_wait (fixture.was_opened);
      fixture_write (&fixture, "2probe");
      g_assert_false (sio_transport_get_writable (fixture.transport));
      sio_test_wait (fixture.n_drained == 1);
      g_assert_true (sio_transport_get_writable (fixture.transport));
      fixture_write_binary (&fixture, "\0\1\2", 3);
      sio_test_wait (fixture.n_drained == 2);
      if (i == 0)
        {
          fixture_write_binary (&fixture, "", 0);
          sio_test_wait (fixture.n_drained == 3);
        }
      sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
      fixture_clear (&fixture);
    }
}

#define BATCH 300
#define BIG   100000

static void
play_batch (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);
  const char *payload;
  gsize length;
  int i;

  sio_raw_await_go (peer);
  for (i = 0; i < BATCH; i++)
    {
      char expected[16];

      sio_raw_read_frame (conn, &payload, &length);
      g_snprintf (expected, sizeof expected, "4%d", i);
      g_assert_true (g_str_has_prefix (payload, expected));
      g_assert_cmpuint (length, ==, BIG);
    }
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

/* The peer does not read: no drain, and libsoup has not got it all. */
static void
test_drain (void)
{
  g_autofree SioEnginePacket *packets = g_new0 (SioEnginePacket, BATCH);
  Fixture fixture;
  int i;

  fixture_open_websocket (&fixture, play_batch, 0);
  for (i = 0; i < BATCH; i++)
    {
      char *wire = g_malloc (BIG);

      memset (wire, 'x', BIG);
      wire[g_snprintf (wire, 16, "4%d", i)] = 'x';
      sio_engine_packet_init_wire (&packets[i], g_bytes_new_take (wire, BIG));
    }
  sio_transport_write (fixture.transport, packets, BATCH);
  for (i = 0; i < BATCH; i++)
    sio_engine_packet_clear (&packets[i]);
  sio_test_watch (100);
  g_assert_cmpuint (fixture.n_drained, ==, 0);
  g_assert_false (sio_transport_get_writable (fixture.transport));
  sio_raw_peer_go (fixture.peer);
  sio_test_wait (fixture.n_drained == 1);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
}

typedef struct
{
  const char *name;
  const char *response;
  const char *expected; /* after the token */
} RefusalCase;

static const RefusalCase refusals[] = {
  { "400", "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 3\r\n\r\nBad",
    "HTTP status 400*" },
  { "403", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "HTTP status 403*" },
  { "200", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP status 200*" },
  { "502", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "HTTP status 502*" },
  { "302", "HTTP/1.1 302 Found\r\nLocation: /there?secret\r\nContent-Length: 0\r\n\r\n",
    "HTTP status 302: redirected to /there" },
  { "401",
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"\r\n"
    "Content-Length: 0\r\n\r\n",
    "HTTP status 401*" },
  { "bad-accept",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: AAAA\r\n\r\n",
    "?*" },
  { "not-http", "SSH-2.0-OpenSSH\r\n\r\n", "?*" },
  { "cut", "HTTP/1.1 101 Swi", "?*" },
  { "nothing", "", "?*" },
};

static void
play_refusal (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect (peer, "GET ", NULL);

  sio_raw_send (conn, refusals[fixture_of (peer)->data].response, -1);
  sio_raw_close (conn);
}

static void
test_refusal (gconstpointer data)
{
  const RefusalCase *refusal = data;
  g_autofree char *expected = g_strconcat ("websocket error: ", refusal->expected, NULL);
  Fixture fixture;

  fixture_open_websocket (&fixture, play_refusal, (int) (refusal - refusals));
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         expected);
  g_assert_false (fixture.was_opened);
  fixture_clear (&fixture);
}

static void
test_cannot_open (void)
{
  g_autofree char *long_path = g_strnfill (9000, 'x');
  Fixture fixture;

  fixture_init (&fixture, play_nothing, 0);
  fixture.settings->port = 1;
  fixture_open (&fixture, "websocket", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "websocket error: *refused*");
  fixture_clear (&fixture);

  fixture_init (&fixture, play_nothing, 0);
  g_free (fixture.settings->path);
  fixture.settings->path = g_strconcat ("/", long_path, NULL);
  fixture_open (&fixture, "websocket", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "websocket error: ?*");
  fixture_clear (&fixture);

  fixture_init (&fixture, play_nothing, 0);
  fixture.settings->protocols = g_strsplit ("a\r\nX: y", ",", -1);
  fixture_open (&fixture, "websocket", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "websocket error: *protocol*");
  fixture_clear (&fixture);
}

static void
play_cookies (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect (peer, "GET ", "transport=polling");

  sio_raw_respond_full (conn, "200 OK", "Set-Cookie: lb=1; Path=/; SameSite=Strict\r\n", "0{}", -1);
  conn = sio_raw_expect (peer, "GET ", "transport=websocket");
  g_assert_nonnull (strstr (sio_raw_get_head (conn), "\r\nCookie: lb=1\r\n"));
  sio_raw_upgrade (conn, "");
  sio_raw_await_go (peer);
}

static void
test_cookies (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_cookies, 0);
  fixture.sid = NULL;
  fixture.settings->with_credentials = TRUE;
  fixture_open_session (&fixture);
  fixture_abort (&fixture);
  fixture.was_opened = FALSE;
  fixture_open (&fixture, "websocket", "a");
  sio_test_wait (fixture.was_opened);
  fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{
  guint i;

  g_test_init (&argc, &argv, NULL);

  fixture_add_test ("/websocket/E29/handshake", test_handshake);
  fixture_add_test ("/websocket/E30/messages", test_messages);
  fixture_add_test ("/websocket/E30/fragments", test_fragments);
  fixture_add_test ("/websocket/E31/writes", test_writes);
  fixture_add_test ("/websocket/E3/drain", test_drain);
  for (i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strconcat ("/websocket/E33/refused/", refusals[i].name, NULL);

      fixture_add_data_test (path, &refusals[i], test_refusal);
    }
  fixture_add_test ("/websocket/E33/cannot-open", test_cannot_open);
  fixture_add_test ("/websocket/E86/cookies", test_cookies);
  return g_test_run ();
}
