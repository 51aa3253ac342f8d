/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "engine/sio-packet-queue-private.h"

#include <string.h>

static void
count_free (gpointer data)
{
  ++*(guint *) data;
}

static void
init_text (SioEnginePacket *packet, const char *text)
{
  sio_engine_packet_init (packet, SIO_ENGINE_PACKET_MESSAGE, text);
}

static void
init_number (SioEnginePacket *packet, guint number)
{
  g_autofree char *text = g_strdup_printf ("%u", number);

  init_text (packet, text);
}

static void
push_number (SioPacketQueue *queue, guint number)
{
  SioEnginePacket packet;

  init_number (&packet, number);
  sio_packet_queue_push (queue, &packet);
}

static void
push_number_first (SioPacketQueue *queue, guint number)
{
  SioEnginePacket packet;

  init_number (&packet, number);
  sio_packet_queue_push_first (queue, &packet);
}

static void
push_counted (SioPacketQueue *queue, guint *n_freed)
{
  SioEnginePacket packet;

  sio_engine_packet_init_binary (&packet,
                                 g_bytes_new_with_free_func ("data", 4, count_free, n_freed));
  sio_packet_queue_push (queue, &packet);
}

static guint
get_number (const SioEnginePacket *packet)
{
  g_autofree char *text = g_strndup (packet->data, packet->length);

  return (guint) g_ascii_strtoull (text, NULL, 10);
}

static guint
pop_number (SioPacketQueue *queue)
{
  g_auto (SioEnginePacket) packet = SIO_ENGINE_PACKET_INIT;

  g_assert_true (sio_packet_queue_pop (queue, &packet));
  return get_number (&packet);
}

static void
test_empty (void)
{
  SioPacketQueue queue;
  SioEnginePacket packet = SIO_ENGINE_PACKET_INIT;

  sio_packet_queue_init (&queue);
  packet.length = 7;
  g_assert_false (sio_packet_queue_pop (&queue, &packet));
  g_assert_cmpuint (packet.length, ==, 7);
  sio_packet_queue_drop (&queue, 0);
  sio_packet_queue_drop (&queue, G_MAXUINT);
  g_assert_cmpuint (queue.n_packets, ==, 0);
  g_assert_cmpuint (queue.n_bytes, ==, 0);
  sio_packet_queue_clear (&queue);
  sio_packet_queue_clear (&queue);
  g_assert_null (queue.packets);
}

static void
test_order (void)
{
  SioPacketQueue queue;
  guint i;

  sio_packet_queue_init (&queue);
  for (i = 0; i < 100; i++)
    push_number (&queue, i);
  for (i = 0; i < 100; i++)
    g_assert_cmpuint (pop_number (&queue), ==, i);
  g_assert_cmpuint (queue.n_packets, ==, 0);
  sio_packet_queue_clear (&queue);
}

/* Its type digit counts too, so that packets without content have a weight. */
static void
test_weight (void)
{
  SioPacketQueue queue;
  SioEnginePacket packet;
  guint n_freed = 0;

  sio_packet_queue_init (&queue);
  sio_engine_packet_init (&packet, SIO_ENGINE_PACKET_PING, NULL);
  sio_packet_queue_push (&queue, &packet);
  g_assert_cmpuint (queue.n_bytes, ==, 1);
  init_text (&packet, "12345");
  sio_packet_queue_push_first (&queue, &packet);
  g_assert_cmpuint (queue.n_bytes, ==, 7);
  push_counted (&queue, &n_freed);
  g_assert_cmpuint (queue.n_bytes, ==, 12);

  sio_packet_queue_drop (&queue, 1);
  g_assert_cmpuint (queue.n_bytes, ==, 6);
  g_assert_true (sio_packet_queue_pop (&queue, &packet));
  g_assert_cmpint (packet.type, ==, SIO_ENGINE_PACKET_PING);
  sio_engine_packet_clear (&packet);
  g_assert_cmpuint (queue.n_bytes, ==, 5);
  sio_packet_queue_clear (&queue);
  g_assert_cmpuint (queue.n_bytes, ==, 0);
  g_assert_cmpuint (n_freed, ==, 1);
}

/* What was pushed is the queue's, and what was popped the caller's. */
static void
test_ownership (void)
{
  SioPacketQueue queue;
  SioEnginePacket packet;
  guint n_freed = 0;
  GBytes *bytes = g_bytes_new_with_free_func ("data", 4, count_free, &n_freed);

  sio_packet_queue_init (&queue);
  sio_engine_packet_init_binary (&packet, bytes);
  sio_packet_queue_push (&queue, &packet);
  g_assert_null (packet.bytes);
  g_assert_null (packet.data);
  g_assert_cmpuint (packet.length, ==, 0);
  sio_engine_packet_clear (&packet);

  g_assert_true (sio_packet_queue_pop (&queue, &packet));
  g_assert_true (packet.bytes == bytes);
  sio_packet_queue_push_first (&queue, &packet);
  g_assert_null (packet.bytes);

  g_assert_true (sio_packet_queue_pop (&queue, &packet));
  sio_packet_queue_clear (&queue);
  g_assert_cmpuint (n_freed, ==, 0);
  g_assert_cmpmem (packet.data, packet.length, "data", 4);
  sio_engine_packet_clear (&packet);
  g_assert_cmpuint (n_freed, ==, 1);
}

static void
test_push_first (void)
{
  SioPacketQueue queue;
  guint i;

  /* Without a gap in front. */
  sio_packet_queue_init (&queue);
  for (i = 0; i < 50; i++)
    push_number_first (&queue, i);
  while (i-- > 0)
    g_assert_cmpuint (pop_number (&queue), ==, i);

  /* Into the gap, and beyond it. */
  for (i = 0; i < 10; i++)
    push_number (&queue, i);
  for (i = 0; i < 3; i++)
    pop_number (&queue);
  for (i = 100; i < 105; i++)
    push_number_first (&queue, i);
  for (i = 104; i >= 100; i--)
    g_assert_cmpuint (pop_number (&queue), ==, i);
  for (i = 3; i < 10; i++)
    g_assert_cmpuint (pop_number (&queue), ==, i);
  g_assert_cmpuint (queue.n_bytes, ==, 0);
  sio_packet_queue_clear (&queue);
}

/* All that wait can be seen side by side, wherever they stand in the block. */
static void
test_peek (void)
{
  SioPacketQueue queue;
  guint next = 0, first = 0, round;

  sio_packet_queue_init (&queue);
  for (round = 0; round < 200; round++)
    {
      const SioEnginePacket *packets;
      guint i;

      for (i = 0; i < round % 7 + 1; i++)
        push_number (&queue, next++);
      packets = sio_packet_queue_peek (&queue);
      for (i = 0; i < queue.n_packets; i++)
        g_assert_cmpuint (get_number (&packets[i]), ==, first + i);
      for (i = 0; i < round % 5 + 1 && queue.n_packets > 0; i++)
        g_assert_cmpuint (pop_number (&queue), ==, first++);
    }
  g_assert_cmpuint (queue.n_packets, ==, next - first);
  sio_packet_queue_clear (&queue);
}

static void
test_drop (void)
{
  SioPacketQueue queue;
  guint n_freed = 0, n_later_freed = 0;
  guint i;

  sio_packet_queue_init (&queue);
  for (i = 0; i < 5; i++)
    push_counted (&queue, &n_freed);
  push_counted (&queue, &n_later_freed);

  sio_packet_queue_drop (&queue, 5);
  g_assert_cmpuint (n_freed, ==, 5);
  g_assert_cmpuint (n_later_freed, ==, 0);
  g_assert_cmpuint (queue.n_packets, ==, 1);
  g_assert_cmpuint (queue.n_bytes, ==, 5);
  sio_packet_queue_drop (&queue, 5);
  g_assert_cmpuint (n_later_freed, ==, 1);

  for (i = 0; i < 20; i++)
    push_counted (&queue, &n_later_freed);
  sio_packet_queue_drop (&queue, 1);
  sio_packet_queue_clear (&queue);
  g_assert_cmpuint (n_later_freed, ==, 21);
}

/* A queue that never runs empty must not grow with all that went through it. */
static void
test_gap_is_closed (void)
{
  SioPacketQueue queue;
  guint i;

  sio_packet_queue_init (&queue);
  for (i = 0; i < 5; i++)
    push_number (&queue, i);
  for (; i < 10000; i++)
    {
      push_number (&queue, i);
      g_assert_cmpuint (pop_number (&queue), ==, i - 5);
    }
  g_assert_cmpuint (queue.n_packets, ==, 5);
  g_assert_cmpuint (queue.n_allocated, <=, 16);
  sio_packet_queue_clear (&queue);
}

static void
test_memory_is_given_back (void)
{
  SioPacketQueue queue;
  guint i;

  sio_packet_queue_init (&queue);
  for (i = 0; i < 1000; i++)
    push_number (&queue, i);
  g_assert_cmpuint (queue.n_allocated, >=, 1000);
  g_assert_cmpuint (queue.n_allocated, <=, 2000);
  sio_packet_queue_drop (&queue, 999);
  g_assert_nonnull (queue.packets);
  sio_packet_queue_drop (&queue, 1);
  g_assert_null (queue.packets);
  g_assert_cmpuint (queue.n_allocated, ==, 0);

  /* It can be used again, and keeps what a few packets take. */
  push_number (&queue, 1);
  g_assert_cmpuint (pop_number (&queue), ==, 1);
  g_assert_nonnull (queue.packets);
  sio_packet_queue_clear (&queue);
}

/* Whatever is done in whatever order, it is what a list would be. */
static void
test_against_list (void)
{
  SioPacketQueue queue;
  GQueue list = G_QUEUE_INIT;
  gsize n_bytes = 0;
  guint i;

  sio_packet_queue_init (&queue);
  for (i = 0; i < 20000; i++)
    {
      /* Times of growing, and of shrinking. */
      int limit = i / 200 % 2 == 0 ? 8 : 4;
      int what = g_test_rand_int_range (0, 10);
      gsize weight = i < 10 ? 2 : i < 100 ? 3 : i < 1000 ? 4 : i < 10000 ? 5 : 6;

      if (what == 0)
        {
          push_number_first (&queue, i);
          g_queue_push_head (&list, GUINT_TO_POINTER (i));
          n_bytes += weight;
        }
      else if (what < limit)
        {
          push_number (&queue, i);
          g_queue_push_tail (&list, GUINT_TO_POINTER (i));
          n_bytes += weight;
        }
      else if (!g_queue_is_empty (&list))
        {
          gsize before = queue.n_bytes;

          g_assert_cmpuint (pop_number (&queue), ==, GPOINTER_TO_UINT (g_queue_pop_head (&list)));
          n_bytes -= before - queue.n_bytes;
        }
      g_assert_cmpuint (queue.n_packets, ==, g_queue_get_length (&list));
      g_assert_cmpuint (queue.n_bytes, ==, n_bytes);
    }
  while (!g_queue_is_empty (&list))
    g_assert_cmpuint (pop_number (&queue), ==, GPOINTER_TO_UINT (g_queue_pop_head (&list)));
  g_assert_cmpuint (queue.n_bytes, ==, 0);
  sio_packet_queue_clear (&queue);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/packet-queue/empty", test_empty);
  g_test_add_func ("/packet-queue/order", test_order);
  g_test_add_func ("/packet-queue/weight", test_weight);
  g_test_add_func ("/packet-queue/ownership", test_ownership);
  g_test_add_func ("/packet-queue/push-first", test_push_first);
  g_test_add_func ("/packet-queue/peek", test_peek);
  g_test_add_func ("/packet-queue/drop", test_drop);
  g_test_add_func ("/packet-queue/gap-is-closed", test_gap_is_closed);
  g_test_add_func ("/packet-queue/memory-is-given-back", test_memory_is_given_back);
  g_test_add_func ("/packet-queue/against-list", test_against_list);

  return g_test_run ();
}
