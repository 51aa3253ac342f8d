/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-certificate.h"
#include "sio-transport-fixture.h"

#include <string.h>

/* How a websocket ends, whoever wants it. */

#define FIN_TEXT (SIO_RAW_FIN | SIO_RAW_TEXT)

#define BATCH 300
#define BIG   100000

typedef struct
{
  const char *name;
  void (*play) (SioRawConn *conn);
  SioDisconnectReason reason;
  int code;
  const char *expected;
} EndCase;

static void
end_masked (SioRawConn *conn)
{
  sio_raw_frame_masked (conn, FIN_TEXT, "4x", -1);
}

static void
end_reserved_opcode (SioRawConn *conn)
{
  sio_raw_frame (conn, SIO_RAW_FIN | 0x3, "4x", -1);
}

static void
end_reserved_bit (SioRawConn *conn)
{
  sio_raw_frame (conn, FIN_TEXT | 0x40, "4x", -1);
}

static void
end_fragmented_ping (SioRawConn *conn)
{
  sio_raw_frame (conn, SIO_RAW_PING, "4x", -1);
}

static void
end_stray_continuation (SioRawConn *conn)
{
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_CONTINUATION, "4x", -1);
}

static void
end_bad_utf8 (SioRawConn *conn)
{
  sio_raw_frame (conn, FIN_TEXT, "4\xff\xfe", -1);
}

static void
end_over_limit (SioRawConn *conn)
{
  g_autofree char *payload = g_strnfill (200000, '4');

  sio_raw_frame (conn, FIN_TEXT, payload, -1);
}

static void
end_longest (SioRawConn *conn)
{
  sio_raw_send (conn, "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10);
}

static void
end_empty_text (SioRawConn *conn)
{
  sio_raw_frame (conn, FIN_TEXT, "", 0);
}

static void
end_unknown_type (SioRawConn *conn)
{
  sio_raw_frame (conn, FIN_TEXT, "4fine", -1);
  sio_raw_frame (conn, FIN_TEXT, "9", -1);
  sio_raw_frame (conn, FIN_TEXT, "4late", -1);
}

static void
end_bad_base64 (SioRawConn *conn)
{
  sio_raw_frame (conn, FIN_TEXT, "b!", -1);
}

static void
end_close_1000 (SioRawConn *conn)
{
  sio_raw_send_close (conn, 1000, "bye\n");
  sio_raw_expect_close (conn, 1000);
}

static void
end_close_empty (SioRawConn *conn)
{
  sio_raw_send_close (conn, 0, "");
}

static void
end_close_1009 (SioRawConn *conn)
{
  sio_raw_send_close (conn, 1009, "");
}

static void
end_close_1012 (SioRawConn *conn)
{
  sio_raw_send_close (conn, 1012, "restart");
}

static void
end_close_4000 (SioRawConn *conn)
{
  sio_raw_send_close (conn, 4000, "own");
}

static void
end_close_1006 (SioRawConn *conn)
{
  sio_raw_send_close (conn, 1006, "");
}

static void
end_close_short (SioRawConn *conn)
{
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_CLOSE, "x", 1);
}

static void
end_close_packet (SioRawConn *conn)
{
  sio_raw_text (conn, "4before");
  sio_raw_text (conn, "1");
  sio_raw_text (conn, "4late");
  sio_raw_expect_close (conn, 0);
}

static void
end_of_stream (SioRawConn *conn)
{
}

static void
end_inside_frame (SioRawConn *conn)
{
  sio_raw_send (conn,
                "\x81\x10"
                "4abc",
                -1);
}

static void
end_by_reset (SioRawConn *conn)
{
  sio_raw_reset (conn);
}

#define FAILS  SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT, "websocket error: ?*"
#define PARSER SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_PROTOCOL, "parser error*"
#define CLOSES(text)                                                                               \
  SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT, "websocket connection closed " text

static const EndCase ends[] = {
  { "reserved-opcode", end_reserved_opcode, FAILS },
  { "reserved-bit", end_reserved_bit, FAILS },
  { "fragmented-ping", end_fragmented_ping, FAILS },
  { "stray-continuation", end_stray_continuation, FAILS },
  { "bad-utf8", end_bad_utf8, FAILS },
  { "over-limit", end_over_limit, FAILS },
  { "longest", end_longest, FAILS },
  { "masked", end_masked, FAILS },
  { "empty-text", end_empty_text, PARSER },
  { "unknown-type", end_unknown_type, PARSER },
  { "bad-base64", end_bad_base64, PARSER },
  { "close-1000", end_close_1000, CLOSES ("(1000, bye*)") },
  { "close-empty", end_close_empty, CLOSES ("(1005)") },
  { "close-1009", end_close_1009, CLOSES ("(1009)") },
  { "close-1012", end_close_1012, CLOSES ("(1012*)") },
  { "close-4000", end_close_4000, CLOSES ("(4000, own)") },
  { "close-1006", end_close_1006, FAILS },
  { "close-short", end_close_short, FAILS },
  { "close-packet", end_close_packet, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
    "transport closed by the server" },
  { "end-of-stream", end_of_stream, CLOSES ("(1006)") },
  { "inside-frame", end_inside_frame, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
    "websocket connection closed (1006)" },
  { "reset", end_by_reset, FAILS },
};

static void
play_end (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);
  const EndCase *end = &ends[fixture_of (peer)->data];

  sio_raw_await_go (peer);
  end->play (conn);
  if (end->play == end_of_stream || end->play == end_inside_frame)
    sio_raw_close (conn);
  else if (end->play != end_by_reset)
    sio_raw_await_end (conn);
  sio_raw_mark (peer);
}

static void
test_end (gconstpointer data)
{
  const EndCase *end = data;
  Fixture fixture;

  fixture_init (&fixture, play_end, (int) (end - ends));
  fixture.settings->limits.max_payload = 100000;
  fixture.settings->limits.close_timeout = 500;
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.was_opened);
  sio_raw_peer_go (fixture.peer);
  fixture_assert_closed (&fixture, end->reason, end->code, end->expected);
  g_assert_null (strstr (fixture.log->str, "late"));
  g_assert_false (sio_transport_get_writable (fixture.transport));
  /* Whatever libsoup still wanted to do, the connection is ended. */
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
}

typedef struct
{
  const char *name;
  guint code;        /* of the close frame; 0: the close packet instead */
  gboolean lets_go;  /* the owner, in the middle of it */
  gboolean ends_tcp; /* the peer, at once */
  const char *expected;
} LeaveCase;

static const LeaveCase leaves[] = {
  { "frame", 1001, FALSE, FALSE, "websocket connection closed (1001, away)" },
  { "frame-let-go", 1001, TRUE, FALSE, "websocket connection closed (1001, away)" },
  { "frame-and-end", 1001, FALSE, TRUE, "websocket connection closed (1001, away)" },
  { "packet", 0, FALSE, FALSE, "transport closed by the server" },
  { "packet-let-go", 0, TRUE, FALSE, "transport closed by the server" },
  { "packet-and-end", 0, FALSE, TRUE, "transport closed by the server" },
};

static void
play_leave (SioRawPeer *peer)
{
  const LeaveCase *leave = &leaves[fixture_of (peer)->data];
  SioRawConn *conn = sio_raw_expect_websocket (peer);

  sio_raw_await_go (peer);
  sio_raw_text (conn, "4before");
  if (leave->code != 0)
    sio_raw_send_close (conn, leave->code, "away");
  else
    sio_raw_text (conn, "1");
  sio_raw_text (conn, "4late");
  if (leave->ends_tcp)
    sio_raw_end_output (conn);
  sio_raw_expect_close (conn, leave->code);
  sio_raw_mark (peer);
  if (!leave->ends_tcp)
    sio_raw_await_go (peer);
  sio_raw_await_end (conn);
  sio_raw_mark (peer);
}

/* The owner is told when the peer says so, not when the connection has ended; that may take until
 * the deadline, and is nobody's business. */
static void
test_leave (gconstpointer data)
{
  const LeaveCase *leave = data;
  Fixture fixture;

  /* Shutting down one way is not for TLS. */
  if (leave->ends_tcp && fixture_get_framing () == FIXTURE_OWN_TLS)
    {
      g_test_skip ("not with TLS");
      return;
    }
  fixture_init (&fixture, play_leave, (int) (leave - leaves));
  fixture.settings->limits.close_timeout = 2 * sio_test_patience ();
  if (leave->lets_go)
    fixture.on_closed = fixture_abort;
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.was_opened);
  sio_raw_peer_go (fixture.peer);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                         leave->expected);
  g_assert_cmpstr (fixture.log->str, ==, "opened\n4before\n");
  if (!leave->lets_go)
    {
      g_assert_false (sio_transport_get_writable (fixture.transport));
      sio_transport_close (fixture.transport);
    }
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) >= 1);
  if (!leave->ends_tcp)
    {
      /* Nobody else would end it in time. */
      sio_raw_peer_go (fixture.peer);
      g_clear_pointer (&fixture.peer, sio_raw_peer_free);
      fixture.peer = sio_raw_peer_new (play_nothing, &fixture);
    }
  else
    sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 2);
  fixture_clear (&fixture);
}

/* The peer waits for us to end the connection. */
static void
test_leave_deadline (gconstpointer data)
{
  const LeaveCase *leave = data;
  Fixture fixture;

  fixture_init (&fixture, play_leave, (int) (leave - leaves));
  fixture.settings->limits.close_timeout = 100;
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.was_opened);
  sio_raw_peer_go (fixture.peer);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                         leave->expected);
  sio_raw_peer_go (fixture.peer);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 2);
  fixture_clear (&fixture);
}

static void
play_close (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);

  sio_raw_expect_text (conn, "41");
  sio_raw_expect_close (conn, 0);
  if (fixture_of (peer)->data == 0)
    {
      sio_raw_text (conn, "4late");
      sio_raw_send_close (conn, 1000, "");
      sio_raw_close (conn);
    }
  else
    sio_raw_await_end (conn);
  sio_raw_mark (peer);
}

static void
test_close (void)
{
  int i;

  for (i = 0; i < 2; i++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_close, i);
      if (i == 1)
        fixture.settings->limits.close_timeout = 100;
      fixture_open (&fixture, "websocket", NULL);
      sio_test_wait (fixture.was_opened);
      fixture_write (&fixture, "41");
      fixture.inside = TRUE;
      sio_transport_close (fixture.transport);
      fixture.inside = FALSE;
      g_assert_false (sio_transport_get_writable (fixture.transport));
      /* It keeps itself alive. */
      g_clear_pointer (&fixture.transport, sio_transport_unref);
      fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                             "websocket connection closed*");
      g_assert_cmpuint (fixture.n_drained, ==, 0);
      g_assert_cmpuint (fixture.n_packets, ==, 0);
      sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
      fixture_clear (&fixture);
    }
}

/* All of a large batch goes out before the close frame. */
static void
play_close_behind (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);
  const char *payload;
  gsize length;
  int i;

  for (i = 0; i < BATCH; i++)
    {
      sio_raw_read_frame (conn, &payload, &length);
      g_assert_cmpuint (length, ==, BIG);
    }
  sio_raw_expect_close (conn, 0);
  sio_raw_send_close (conn, 0, "");
  sio_raw_close (conn);
  sio_raw_mark (peer);
}

static void
test_close_behind (void)
{
  g_autofree SioEnginePacket *packets = g_new0 (SioEnginePacket, BATCH);
  g_autoptr (GBytes) wire = g_bytes_new_take (g_strnfill (BIG, '4'), BIG);
  Fixture fixture;
  int i;

  fixture_init (&fixture, play_close_behind, 0);
  fixture.settings->limits.close_timeout = sio_test_patience ();
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.was_opened);
  for (i = 0; i < BATCH; i++)
    sio_engine_packet_init_wire (&packets[i], g_bytes_ref (wire));
  sio_transport_write (fixture.transport, packets, BATCH);
  for (i = 0; i < BATCH; i++)
    sio_engine_packet_clear (&packets[i]);
  sio_transport_close (fixture.transport);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                         "websocket connection closed*");
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
}

static void
play_silence (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect (peer, "GET ", NULL);

  sio_raw_mark (peer);
  sio_raw_await_end (conn);
  sio_raw_mark (peer);
}

static void
play_quiet (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);

  sio_raw_await_end (conn);
  sio_raw_mark (peer);
}

static void
test_close_opening (void)
{
  fixture_run_close_opening ("websocket", play_silence);
}

static void
test_abort (void)
{
  Fixture fixture;

  /* New. */
  fixture_init (&fixture, play_nothing, 0);
  fixture_open (&fixture, "websocket", NULL);
  fixture_clear (&fixture);

  /* Opening. */
  fixture_init (&fixture, play_silence, 0);
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_abort (&fixture);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 2);
  fixture_clear (&fixture);

  /* Open. */
  fixture_open_websocket (&fixture, play_quiet, 0);
  fixture_abort (&fixture);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);

  /* Open, with something to be written. */
  fixture_open_websocket (&fixture, play_quiet, 0);
  fixture_write (&fixture, "4x");
  fixture_abort (&fixture);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);

  /* Closing, with and without. */
  fixture_open_websocket (&fixture, play_quiet, 0);
  sio_transport_close (fixture.transport);
  fixture_abort (&fixture);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);

  fixture_open_websocket (&fixture, play_quiet, 0);
  fixture_write (&fixture, "4x");
  sio_transport_close (fixture.transport);
  fixture_abort (&fixture);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
  g_assert_false (fixture.was_closed);
}

static void
play_flood (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);
  g_autofree char *frames = g_malloc (4 * 16384);
  int i;

  for (i = 0; i < 16384; i++)
    memcpy (frames + 4 * i,
            "\x81\x02"
            "4x",
            4);
  while (sio_raw_try_send (conn, frames, 4 * 16384))
    ;
  sio_raw_mark (peer);
}

static void
abort_at_limit (Fixture *self)
{
  g_assert_cmpuint (self->n_packets, <=, 1000);
  if (self->n_packets == 1000)
    fixture_abort (self);
}

static void
close_at_limit (Fixture *self)
{
  g_assert_cmpuint (self->n_packets, <=, 1000);
  if (self->n_packets == 1000)
    sio_transport_close (self->transport);
}

/* Nothing but this ends libsoup's reading of a peer that never stops (hazard A2). */
static void
test_abort_in_flood (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_flood, 0);
  fixture.quiet = TRUE;
  fixture.on_packet = abort_at_limit;
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.transport == NULL);
  g_assert_cmpuint (fixture.n_packets, ==, 1000);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
}

static void
test_close_in_flood (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_flood, 0);
  fixture.quiet = TRUE;
  fixture.on_packet = close_at_limit;
  fixture.settings->limits.close_timeout = 100;
  fixture_open (&fixture, "websocket", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                         "websocket connection closed*");
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
}

static void
play_refused (SioRawPeer *peer)
{
  sio_raw_respond (sio_raw_expect (peer, "GET ", NULL), "403 Forbidden", "");
}

static void
test_abort_inside (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_quiet, 0);
  fixture.on_opened = fixture_abort;
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.transport == NULL);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);

  fixture_init (&fixture, play_quiet, 0);
  fixture.on_drained = fixture_abort;
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.was_opened);
  fixture_write (&fixture, "4x");
  sio_test_wait (fixture.transport == NULL);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);

  fixture_init (&fixture, play_refused, 0);
  fixture.on_closed = fixture_abort;
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.was_closed);
  fixture_clear (&fixture);
}

static void
play_write_to_dead (SioRawPeer *peer)
{
  sio_raw_reset (sio_raw_expect_websocket (peer));
  sio_raw_mark (peer);
}

/* The failure is found out inside our own write, and still told later. */
static void
write_to_dead (Fixture *self)
{
  while (sio_raw_peer_get_marks (self->peer) == 0)
    g_thread_yield ();
  fixture_write (self, "4x");
}

static void
test_write_to_dead (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_write_to_dead, 0);
  fixture.on_opened = write_to_dead;
  fixture_open (&fixture, "websocket", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                         "websocket error: ?*");
  fixture_clear (&fixture);
}

static void
play_last_word (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);

  sio_raw_text (conn, "4x");
  sio_raw_close (conn);
  sio_raw_mark (peer);
}

/* So that the packet and the end are there together. */
static void
await_end (Fixture *self)
{
  while (sio_raw_peer_get_marks (self->peer) == 0)
    g_thread_yield ();
}

static guint answer_id; /* of the source, until it has run */

static gboolean
answer_cb (gpointer user_data)
{
  Fixture *self = user_data;

  answer_id = 0;
  if (!self->was_closed && sio_transport_get_writable (self->transport))
    fixture_write (self, "4y");
  return G_SOURCE_REMOVE;
}

static void
answer_soon (Fixture *self)
{
  answer_id = g_idle_add_full (G_PRIORITY_HIGH, answer_cb, self, NULL);
}

/* libsoup, which reads on to the end, had closed the socket for which a source was made then. */
static void
test_write_after_end (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_last_word, 0);
  fixture.on_opened = await_end;
  fixture.on_packet = answer_soon;
  fixture_open (&fixture, "websocket", NULL);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                         "websocket connection closed*");
  g_assert_cmpuint (fixture.n_packets, ==, 1);
  /* Where the packet and the end come in one turn, all is over before. */
  g_clear_handle_id (&answer_id, g_source_remove);
  fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{
  guint i;

  g_test_init (&argc, &argv, NULL);

  for (i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strconcat ("/websocket/E34/end/", ends[i].name, NULL);

      fixture_add_data_test (path, &ends[i], test_end);
    }
  for (i = 0; i < G_N_ELEMENTS (leaves); i++)
    {
      g_autofree char *path = g_strconcat ("/websocket/X26/", leaves[i].name, NULL);
      g_autofree char *late = g_strconcat (path, "/deadline", NULL);

      fixture_add_data_test (path, &leaves[i], test_leave);
      if (!leaves[i].lets_go && !leaves[i].ends_tcp)
        fixture_add_data_test (late, &leaves[i], test_leave_deadline);
    }
  fixture_add_test ("/websocket/E36/close", test_close);
  fixture_add_test ("/websocket/E36/close-behind-writes", test_close_behind);
  fixture_add_test ("/websocket/E36/close-opening", test_close_opening);
  fixture_add_test ("/websocket/abort", test_abort);
  fixture_add_test ("/websocket/abort-in-flood", test_abort_in_flood);
  fixture_add_test ("/websocket/close-in-flood", test_close_in_flood);
  fixture_add_test ("/websocket/abort-inside", test_abort_inside);
  fixture_add_test ("/websocket/write-to-dead", test_write_to_dead);
  fixture_add_test ("/websocket/write-after-end", test_write_after_end);
  return g_test_run ();
}
