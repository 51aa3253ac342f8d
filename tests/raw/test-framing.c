/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-certificate.h"
#include "sio-transport-fixture.h"

#include <string.h>

/* What only our own framing does, or what each framing has to do with large and with many messages;
 * see test-websocket.c for the rest. */

#define FIN_TEXT   (SIO_RAW_FIN | SIO_RAW_TEXT)
#define FIN_BINARY (SIO_RAW_FIN | SIO_RAW_BINARY)

#define N_LARGE 60

static gsize
large_size (int i)
{
  return (gsize) (i * 7919 % 50) * 4096 + (gsize) i;
}

static void
fill (char *payload, gsize length, int seed)
{
  gsize i;

  for (i = 0; i < length; i++)
    payload[i] = (char) ((gsize) seed + i * 31 + i / 251);
}

/* All sizes, small texts between them, some in two fragments with a ping in the middle. */
static void
play_large (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);
  const char *received;
  gsize length;
  int i;

  for (i = 0; i < N_LARGE; i++)
    {
      gsize size = large_size (i);
      char *payload = g_malloc (size + 1);

      fill (payload, size, i);
      sio_raw_text (conn, "4small");
      if (i % 3 == 0)
        {
          sio_raw_frame (conn, SIO_RAW_BINARY, payload, (gssize) size / 2);
          sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_PING, "between", -1);
          sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_CONTINUATION, payload + size / 2,
                         (gssize) (size - size / 2));
        }
      else
        sio_raw_frame (conn, FIN_BINARY, payload, (gssize) size);
      g_free (payload);
    }

  for (i = 0; i < N_LARGE; i++)
    {
      char *payload = g_malloc (large_size (i) + 1);
      guint8 first;

      do
        first = sio_raw_read_frame (conn, &received, &length);
      while (first == (SIO_RAW_FIN | SIO_RAW_PONG));
      g_assert_cmphex (first, ==, FIN_BINARY);
      fill (payload, large_size (i), i);
      g_assert_cmpmem (received, length, payload, large_size (i));
      g_free (payload);
    }
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

static void
append_large (GString *log, int i)
{
  g_autofree char *payload = g_malloc (large_size (i) + 1);

  fill (payload, large_size (i), i);
  g_string_append_printf (log, "binary %" G_GSIZE_FORMAT " ", large_size (i));
  g_string_append_len (log, payload, (gssize) large_size (i));
  g_string_append_c (log, '\n');
}

static void
test_large (void)
{
  g_autoptr (GString) expected = g_string_new ("opened\n");
  SioEnginePacket packets[N_LARGE];
  Fixture fixture;
  int i;

  fixture_open_websocket (&fixture, play_large, 0);
  sio_test_wait (fixture.n_packets == 2 * N_LARGE);
  for (i = 0; i < N_LARGE; i++)
    {
      char *payload = g_malloc (large_size (i) + 1);

      g_string_append (expected, "4small\n");
      append_large (expected, i);
      fill (payload, large_size (i), i);
      sio_engine_packet_init_binary (&packets[i], g_bytes_new_take (payload, large_size (i)));
    }
  g_assert_cmpmem (fixture.log->str, fixture.log->len, expected->str, expected->len);

  sio_transport_write (fixture.transport, packets, N_LARGE);
  for (i = 0; i < N_LARGE; i++)
    sio_engine_packet_clear (&packets[i]);
  sio_test_wait (fixture.n_drained == 1);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
}

#define PAUSED_AT  1000
#define N_BLOCKS   500
#define BLOCK_SIZE 100000

static void
play_until_full (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);
  char *payload = g_malloc0 (BLOCK_SIZE);
  int i;

  for (i = 0; i < PAUSED_AT + 10; i++)
    sio_raw_text (conn, "4x");
  for (i = 0; i < N_BLOCKS; i++)
    sio_raw_frame (conn, FIN_BINARY, payload, BLOCK_SIZE);
  g_free (payload);
  sio_raw_mark (peer);
  sio_raw_send_close (conn, 1000, "");
  sio_raw_close (conn);
}

static void
pause_at (Fixture *self)
{
  if (self->n_packets == PAUSED_AT)
    sio_transport_set_reading (self->transport, FALSE);
}

/* libsoup can't be made to stop. Whoever does not read makes the peer wait, and hears nothing, not
 * even of its end; and then all, in order. */
static void
test_pause (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_until_full, 0);
  fixture.quiet = TRUE;
  fixture.on_packet = pause_at;
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.n_packets == PAUSED_AT);
  sio_test_watch (100);
  g_assert_cmpuint (fixture.n_packets, ==, PAUSED_AT);
  g_assert_cmpint (sio_raw_peer_get_marks (fixture.peer), ==, 0);
  /* Twice is not more than once. */
  sio_transport_set_reading (fixture.transport, FALSE);
  sio_transport_set_reading (fixture.transport, TRUE);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                         "websocket connection closed (1000)");
  g_assert_cmpuint (fixture.n_packets, ==, PAUSED_AT + 10 + N_BLOCKS);
  fixture_clear (&fixture);
}

/* While it does not read, a close in order still sees the peer's answer. */
static void
play_answer_close (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);

  sio_raw_text (conn, "4x");
  sio_raw_text (conn, "4never read");
  sio_raw_expect_close (conn, 0);
  sio_raw_send_close (conn, 4001, "so be it");
  sio_raw_close (conn);
}

static void
stop_reading (Fixture *self)
{
  sio_transport_set_reading (self->transport, FALSE);
}

static void
test_close_paused (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_answer_close, 0);
  fixture.on_packet = stop_reading;
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.n_packets >= 1);
  sio_transport_close (fixture.transport);
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                         "websocket connection closed (4001, so be it)");
  fixture_clear (&fixture);
}

#define N_PINGS 20000

static void
play_pings (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);
  GByteArray *pings = g_byte_array_new ();
  const char *payload;
  gsize length;
  gint64 last = 0;
  int n_pongs = 0;
  int i;

  for (i = 1; i <= N_PINGS; i++)
    {
      guint8 ping[10] = "\x89\x08";

      memcpy (ping + 2, &(gint64){ i }, 8);
      g_byte_array_append (pings, ping, sizeof ping);
    }
  sio_raw_try_send (conn, (char *) pings->data, pings->len);
  g_byte_array_unref (pings);

  do
    {
      gint64 number;

      g_assert_cmphex (sio_raw_read_frame (conn, &payload, &length), ==,
                       SIO_RAW_FIN | SIO_RAW_PONG);
      g_assert_cmpuint (length, ==, 8);
      memcpy (&number, payload, 8);
      g_assert_cmpint (number, >, last);
      last = number;
      n_pongs++;
    }
  while (last < N_PINGS);
  /* Some answers stand for many. */
  if (fixture_get_framing () == FIXTURE_OWN)
    g_assert_cmpint (n_pongs, <, N_PINGS / 10);
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

static void
test_pings (void)
{
  Fixture fixture;

  fixture_open_websocket (&fixture, play_pings, 0);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  g_assert_cmpuint (fixture.n_packets, ==, 0);
  fixture_clear (&fixture);
}

#define N_FLOOD 400000

static void
play_flood (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);
  char *frames = g_malloc (4 * 1000);
  int i;

  for (i = 0; i < 1000; i++)
    memcpy (frames + 4 * i,
            "\x81\x02"
            "4x",
            4);
  sio_raw_await_go (peer);
  for (i = 0; i < N_FLOOD / 1000; i++)
    if (!sio_raw_try_send (conn, frames, 4 * 1000))
      break;
  g_free (frames);
  sio_raw_await_go (peer);
}

/* So many frames of four bytes are in the four blocks of 64 KB that one turn reads at most. */
#define MOST_IN_A_TURN (4 * 65536 / 4)

typedef struct
{
  Fixture *fixture;
  guint n_before;
  guint most;
} Gap;

static gboolean
gap_cb (gpointer user_data)
{
  Gap *gap = user_data;

  gap->most = MAX (gap->most, gap->fixture->n_packets - gap->n_before);
  gap->n_before = gap->fixture->n_packets;
  return G_SOURCE_CONTINUE;
}

/* Whoever else waits for a turn of the loop gets it all the while; with libsoup only when the flood
 * is over. How much comes in between is counted: how long that takes is the machine's affair. */
static void
test_gap (void)
{
  Fixture fixture;
  Gap gap = { &fixture, 0, 0 };
  guint other;

  fixture_init (&fixture, play_flood, 0);
  fixture.quiet = TRUE;
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.was_opened);
  other = g_idle_add_full (G_PRIORITY_DEFAULT, gap_cb, &gap, NULL);
  sio_raw_peer_go (fixture.peer);
  sio_test_wait (fixture.n_packets == N_FLOOD);
  g_source_remove (other);
  g_test_message ("%u in one turn", gap.most);
  g_assert_cmpuint (gap.most, >, 0);
  g_assert_cmpuint (gap.most, <=, MOST_IN_A_TURN);
  fixture_clear (&fixture);
}

/* All together, or one by one. */
static void
play_count (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);
  GByteArray *frames;
  int i;

  sio_raw_await_go (peer);
  frames = g_byte_array_new ();
  for (i = 0; i < 100; i++)
    {
      char text[16] = "\x81";

      text[1] = (char) g_snprintf (text + 2, sizeof text - 2, "4%d", i);
      g_byte_array_append (frames, (guint8 *) text, 2 + (guint) text[1]);
      if (fixture_of (peer)->data == 1)
        {
          sio_raw_try_send (conn, (char *) frames->data, frames->len);
          g_byte_array_set_size (frames, 0);
        }
    }
  sio_raw_try_send (conn, (char *) frames->data, frames->len);
  g_byte_array_unref (frames);
  sio_raw_await_go (peer);
}

static void
run_loop_inside (Fixture *self)
{
  guint n_before = self->n_packets;

  if (n_before % 10 == 5 && n_before < 90)
    sio_test_wait (self->n_packets > n_before);
}

/* Whoever hears of a packet may run a main loop, in which it goes on, in order. */
static void
test_nested (void)
{
  g_autoptr (GString) expected = g_string_new ("opened\n");
  int i, data;

  for (i = 0; i < 100; i++)
    g_string_append_printf (expected, "4%d\n", i);
  for (data = 0; data < 2; data++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_count, data);
      fixture.on_packet = run_loop_inside;
      fixture_open (&fixture, "websocket", NULL);
      sio_test_wait (fixture.was_opened);
      sio_test_settle ();
      sio_raw_peer_go (fixture.peer);
      sio_test_wait (fixture.n_packets == 100);
      g_assert_cmpstr (fixture.log->str, ==, expected->str);
      fixture_clear (&fixture);
    }
}

#define N_WRITES 300

static void
play_read_all (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);
  int i;

  for (i = 0; i < N_WRITES; i++)
    {
      char text[16];

      g_snprintf (text, sizeof text, "4%d", i);
      sio_raw_expect_text (conn, text);
    }
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

static void
write_next (Fixture *self)
{
  char text[16];

  g_assert_true (sio_transport_get_writable (self->transport));
  if (self->n_drained == N_WRITES)
    return;
  g_snprintf (text, sizeof text, "4%u", self->n_drained);
  fixture_write (self, text);
  g_assert_false (sio_transport_get_writable (self->transport));
}

/* Each write from inside the drain of the one before. */
static void
test_write_in_drain (void)
{
  Fixture fixture;

  fixture_init (&fixture, play_read_all, 0);
  fixture.on_opened = write_next;
  fixture.on_drained = write_next;
  fixture_open (&fixture, "websocket", NULL);
  sio_test_wait (fixture.n_drained == N_WRITES);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture_clear (&fixture);
}

/* An idle connection wakes up nobody. */
static void
play_idle (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);

  sio_raw_text (conn, "4x");
  sio_raw_expect_text (conn, "4y");
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

static void
test_idle (void)
{
  Fixture fixture;
  int i;

  fixture_open_websocket (&fixture, play_idle, 0);
  sio_test_wait (fixture.n_packets == 1);
  fixture_write (&fixture, "4y");
  sio_test_wait (fixture.n_drained == 1 && sio_raw_peer_get_marks (fixture.peer) == 1);
  for (i = 0; i < 2; i++)
    {
      sio_test_settle ();
      g_assert_false (g_main_context_pending (NULL));
      sio_transport_set_reading (fixture.transport, FALSE);
    }
  fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{

  g_test_init (&argc, &argv, NULL);
  fixture_add_test ("/framing/E30/large", test_large);
  fixture_add_own_test ("/framing/pause", test_pause);
  fixture_add_test ("/framing/E36/close-paused", test_close_paused);
  fixture_add_test ("/framing/pings", test_pings);
  fixture_add_own_test ("/framing/gap", test_gap);
  fixture_add_own_test ("/framing/nested", test_nested);
  fixture_add_test ("/framing/E3/write-in-drain", test_write_in_drain);
  fixture_add_test ("/framing/idle", test_idle);
  return g_test_run ();
}
