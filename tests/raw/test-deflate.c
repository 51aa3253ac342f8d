/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-transport-fixture.h"

#include <string.h>

#include "machine/sio-deflate-private.h"

/* permessage-deflate (E87), with a peer that compresses as it likes. */

#define FIN_TEXT   (SIO_RAW_FIN | SIO_RAW_TEXT)
#define FIN_BINARY (SIO_RAW_FIN | SIO_RAW_BINARY)
#define COMPRESSED 0x40
#define OFFER      "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
#define AGREED     "Sec-WebSocket-Extensions: permessage-deflate"

static void
open_compressing (Fixture *fixture, SioRawScript script, int data)
{
  fixture_init (fixture, script, data);
  fixture->settings->per_message_deflate = TRUE;
  fixture_open (fixture, "websocket", NULL);
}

/* What a client may answer with an agreement to @params. */
static SioRawConn *
agree (SioRawPeer *peer, const char *params)
{
  SioRawConn *conn = sio_raw_expect (peer, "GET ", NULL);
  g_autofree char *header = g_strconcat (AGREED, params, "\r\n", NULL);

  g_assert_nonnull (strstr (sio_raw_get_head (conn), OFFER));
  sio_raw_upgrade (conn, header);
  return conn;
}

static void
play_never_offered (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect (peer, "GET ", NULL);

  g_assert_null (strstr (sio_raw_get_head (conn), "Sec-WebSocket-Extensions"));
  sio_raw_upgrade (conn, "");
  sio_raw_text (conn, "4x");
  sio_raw_await_go (peer);
}

/* Unless it is asked for, and then only where it can be carried out. */
static void
test_never_offered (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_never_offered, 0);
  fixture.settings->per_message_deflate = fixture_get_framing () == FIXTURE_LIBSOUP;
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.n_packets == 1);
  fixture_clear (&fixture);
}

static void
play_declined (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect (peer, "GET ", NULL);
  const char *payload;
  gsize length;

  g_assert_nonnull (strstr (sio_raw_get_head (conn), OFFER));
  sio_raw_upgrade (conn, "");
  g_assert_cmphex (sio_raw_read_frame (conn, &payload, &length), ==, FIN_TEXT);
  g_assert_cmpuint (length, ==, 5000);
  sio_raw_frame (conn, FIN_TEXT | COMPRESSED, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
  sio_raw_expect_close (conn, 1002);
}

/* A server that did not agree gets everything as it is, and may not compress. */
static void
test_declined (void)
{
  g_autofree char *text = g_strnfill (5000, '4');
  Fixture fixture;

  open_compressing (&fixture, play_declined, 0);
  sio_test_wait (fixture.was_opened);
  fixture_write (&fixture, text);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "websocket error: *reserved bit*");
  sio_test_wait (sio_raw_peer_is_done (fixture.peer));
  fixture_clear (&fixture);
}

/* “4on”, in a block that is not compressed, and as two bytes that look back at it. */
#define STORED_4ON                                                                                 \
  "\x00\x03\x00\xfc\xff"                                                                           \
  "4on\x00"

static void
play_incoming (SioRawPeer *peer)
{
  SioRawConn *conn = agree (peer, "");

  sio_raw_frame (conn, FIN_TEXT | COMPRESSED, STORED_4ON, 9);
  sio_raw_text (conn, "4plain");
  sio_raw_frame (conn, SIO_RAW_TEXT | COMPRESSED, STORED_4ON, 2);
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_PING, "p", -1);
  sio_raw_frame (conn, SIO_RAW_CONTINUATION, &STORED_4ON[2], 3);
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_CONTINUATION, &STORED_4ON[5], 4);
  sio_raw_frame (conn, FIN_BINARY | COMPRESSED, "\0", 1);
  sio_raw_frame (conn, FIN_BINARY | COMPRESSED, "\x00\x02\x00\xfd\xff\0\1\x00", 8);
  sio_raw_await_go (peer);
}

static void
test_incoming (void)
{
  static const char expected[] = "opened\n4on\n4plain\n4on\nbinary 0 \nbinary 2 \0\1\n";
  Fixture fixture;

  open_compressing (&fixture, play_incoming, 0);
  sio_test_wait (fixture.n_packets == 5);
  g_assert_cmpmem (fixture.log->str, fixture.log->len, expected, sizeof expected - 1);
  fixture_clear (&fixture);
}

typedef struct
{
  const char *name;
  const char *bytes;
  gsize length;
  guint8 first;
  guint code;
  const char *message;
} BadCase;

#define BYTES(literal) literal, sizeof (literal) - 1

static const BadCase bad[] = {
  { "not-deflate", BYTES ("\xff\xff"), FIN_TEXT | COMPRESSED, 1007, "*can't be expanded*" },
  { "looks-back-too-far", BYTES ("\xf2\x00\x11\x00\x00"), FIN_TEXT | COMPRESSED, 1007,
    "*can't be expanded*" },
  { "not-utf-8", BYTES ("\x00\x01\x00\xfe\xff\xff\x00"), FIN_TEXT | COMPRESSED, 1007, "*UTF-8*" },
  { "compressed-ping", BYTES ("p"), SIO_RAW_FIN | SIO_RAW_PING | COMPRESSED, 1002,
    "*reserved bit*" },
  { "second-reserved-bit", BYTES ("p"), FIN_TEXT | 0x20, 1002, "*reserved bit*" },
};

static void
play_bad (SioRawPeer *peer)
{
  const BadCase *expected = &bad[fixture_of (peer)->data];
  SioRawConn *conn = agree (peer, "");

  sio_raw_frame (conn, expected->first, expected->bytes, (gssize) expected->length);
  sio_raw_expect_close (conn, expected->code);
}

static void
test_bad (gconstpointer data)
{
  const BadCase *expected = data;
  g_autofree char *message = g_strconcat ("websocket error: ", expected->message, NULL);
  Fixture fixture;

  open_compressing (&fixture, play_bad, (int) (expected - bad));
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         message);
  sio_test_wait (sio_raw_peer_is_done (fixture.peer));
  fixture_clear (&fixture);
}

/* 64 MB in 64 KB. */
static void
play_bomb (SioRawPeer *peer)
{
  const SioDeflateParams params = SIO_DEFLATE_PARAMS_INIT;
  SioRawConn *conn = agree (peer, "");
  SioDeflater *deflater = sio_deflater_new (&params);
  g_autofree char *zeros = g_malloc0 (64 << 20);
  g_autoptr (GBytes) bomb = sio_deflater_compress (deflater, zeros, 64 << 20);

  sio_deflater_free (deflater);
  g_assert_cmpuint (g_bytes_get_size (bomb), <, 128 << 10);
  sio_raw_frame (conn, FIN_BINARY | COMPRESSED, g_bytes_get_data (bomb, NULL),
                 (gssize) g_bytes_get_size (bomb));
  sio_raw_expect_close (conn, 1009);
}

static void
test_bomb (void)
{
  Fixture fixture;

  open_compressing (&fixture, play_bomb, 0);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "websocket error: *too large when expanded*");
  g_assert_cmpuint (fixture.n_packets, ==, 0);
  sio_test_wait (sio_raw_peer_is_done (fixture.peer));
  fixture_clear (&fixture);
}

static const char *const agreements[] = {
  "",
  "; server_no_context_takeover; client_no_context_takeover",
  "; client_max_window_bits=10; server_max_window_bits=9",
  "; client_max_window_bits=8",
  "; server_max_window_bits=\"15\"",
};

static SioDeflateParams
params_of (int agreement)
{
  SioDeflateParams params = SIO_DEFLATE_PARAMS_INIT;

  params.client_no_context_takeover = params.server_no_context_takeover = agreement == 1;
  params.client_max_window_bits = agreement == 2 ? 10 : agreement == 3 ? 8 : 15;
  params.server_max_window_bits = agreement == 2 ? 9 : 15;
  return params;
}

/* What the client sends, expanded as a server would: with its own memory, and the other's rules. */
static void
expect_message (SioRawConn *conn, SioInflater *inflater, guint8 first, gsize expected_length)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  const char *payload;
  guint close_code = 0;
  gsize length;

  g_assert_cmphex (sio_raw_read_frame (conn, &payload, &length), ==, first);
  if ((first & COMPRESSED) == 0)
    {
      g_assert_cmpuint (length, ==, expected_length);
      return;
    }
  g_assert_cmpuint (length, <, expected_length / 4);
  bytes = sio_inflater_expand (inflater, (const guint8 *) payload, length, 1 << 20, &close_code,
                               &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, expected_length);
}

static void
play_outgoing (SioRawPeer *peer)
{
  int agreement = fixture_of (peer)->data;
  SioDeflateParams params = params_of (agreement);
  SioDeflateParams turned = params;
  SioRawConn *conn = agree (peer, agreements[agreement]);
  guint8 compressed = agreement == 3 ? 0 : COMPRESSED;
  SioDeflater *deflater;
  SioInflater *inflater;
  char text[3000];
  int i;

  memset (text, '4', sizeof text);
  /* What the client does is what the server reads, and the other way round. */
  turned.server_max_window_bits = params.client_max_window_bits;
  turned.client_max_window_bits = params.server_max_window_bits;
  inflater = sio_inflater_new (&turned);
  deflater = sio_deflater_new (&turned);
  expect_message (conn, inflater, FIN_TEXT, 1023);
  expect_message (conn, inflater, FIN_TEXT | compressed, 1024);
  expect_message (conn, inflater, FIN_TEXT | compressed, 3000);
  expect_message (conn, inflater, FIN_TEXT | compressed, 3000);
  expect_message (conn, inflater, FIN_BINARY | compressed, 100000);
  expect_message (conn, inflater, FIN_TEXT, 5000);
  expect_message (conn, inflater, FIN_TEXT | compressed, 3000);
  for (i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) bytes = sio_deflater_compress (deflater, text, sizeof text);

      sio_raw_frame (conn, FIN_TEXT | COMPRESSED, g_bytes_get_data (bytes, NULL),
                     (gssize) g_bytes_get_size (bytes));
    }
  sio_inflater_free (inflater);
  sio_deflater_free (deflater);
  sio_raw_await_go (peer);
}

static void
write_text (Fixture *fixture, gsize length)
{
  g_autofree char *text = g_strnfill (length, '4');

  sio_test_wait (sio_transport_get_writable (fixture->transport));
  fixture_write (fixture, text);
}

static void
write_plain (Fixture *fixture, gsize length)
{
  SioEnginePacket packet;

  sio_test_wait (sio_transport_get_writable (fixture->transport));
  sio_engine_packet_init_wire (&packet, g_bytes_new_take (g_strnfill (length, '4'), length));
  packet.plain = TRUE;
  sio_transport_write (fixture->transport, &packet, 1);
  sio_engine_packet_clear (&packet);
}

static void
test_outgoing (gconstpointer data)
{
  g_autofree char *binary = g_strnfill (100000, 'b');
  Fixture fixture;

  open_compressing (&fixture, play_outgoing, GPOINTER_TO_INT (data));
  sio_test_wait (fixture.was_opened);
  write_text (&fixture, 1023);
  write_text (&fixture, 1024);
  write_text (&fixture, 3000);
  write_text (&fixture, 3000);
  sio_test_wait (sio_transport_get_writable (fixture.transport));
  fixture_write_binary (&fixture, binary, 100000);
  write_plain (&fixture, 5000);
  write_text (&fixture, 3000);
  sio_test_wait (fixture.n_packets == 3);
  g_assert_cmpuint (fixture.n_bytes, ==, 3 * 2999);
  fixture_clear (&fixture);
}

static const char *const refused_agreements[] = {
  "; server_max_window_bits=16",
  "; client_max_window_bits=7",
  "; server_max_window_bits",
  "; server_no_context_takeover=1",
  "; unheard_of",
  ", x-other",
};

static void
play_refused_agreement (SioRawPeer *peer)
{
  sio_raw_await_end (agree (peer, refused_agreements[fixture_of (peer)->data]));
}

static void
test_refused_agreement (gconstpointer data)
{
  Fixture fixture;

  open_compressing (&fixture, play_refused_agreement, GPOINTER_TO_INT (data));
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "websocket error: *");
  g_assert_false (fixture.was_opened);
  fixture_clear (&fixture);
}

static void
add_numbered (const char *name, gsize n, GTestDataFunc func)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("/deflate-raw/E87/%s-%" G_GSIZE_FORMAT, name, i);

      g_test_add_data_func (path, GINT_TO_POINTER ((int) i), func);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  fixture_add_test ("/deflate-raw/E87/never-offered", test_never_offered);
  fixture_add_own_test ("/deflate-raw/E87/declined", test_declined);
  fixture_add_own_test ("/deflate-raw/E87/incoming", test_incoming);
  fixture_add_own_test ("/deflate-raw/E87/bomb", test_bomb);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strconcat ("/deflate-raw/E87/bad/", bad[i].name, NULL);

      g_test_add_data_func (path, &bad[i], test_bad);
    }
  add_numbered ("outgoing", G_N_ELEMENTS (agreements), test_outgoing);
  add_numbered ("refused-agreement", G_N_ELEMENTS (refused_agreements), test_refused_agreement);
  return g_test_run ();
}
