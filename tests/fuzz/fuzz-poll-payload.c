/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-handshake-private.h"
#include "codec/sio-poll-payload-private.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check (gboolean holds)
{
  if (!holds)
    g_abort ();
}

static void
read_handshake (const SioEnginePacket *packet)
{
  g_auto (SioHandshake) handshake = SIO_HANDSHAKE_INIT;

  if (packet->type != SIO_ENGINE_PACKET_OPEN ||
      !sio_handshake_parse (&handshake, packet->data, packet->length, NULL))
    return;
  check (g_utf8_validate (handshake.sid, -1, NULL) && handshake.sid[0] != '\0');
  check (handshake.ping_interval > 0 && handshake.ping_timeout > 0);
}

static void
check_sizes (const SioEnginePacket *packets, guint n_packets, gsize size)
{
  gsize sum = n_packets - 1;
  guint i;

  for (i = 0; i < n_packets; i++)
    sum += sio_poll_payload_measure (&packets[i]);
  check (sum == size);
  check (sio_poll_payload_fit (packets, n_packets, size) == n_packets);
  check (n_packets == 1 || sio_poll_payload_fit (packets, n_packets, size - 1) == n_packets - 1);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) body = g_bytes_new (data, size);
  g_autoptr (GBytes) encoded = NULL;
  g_autoptr (GArray) packets = g_array_new (FALSE, FALSE, sizeof (SioEnginePacket));
  const SioEnginePacket *first;
  gboolean whole;
  guint i;

  g_array_set_clear_func (packets, (GDestroyNotify) sio_engine_packet_clear);
  whole = sio_poll_payload_parse (body, packets, NULL);
  if (packets->len == 0)
    return 0;

  first = (const SioEnginePacket *) (gpointer) packets->data;
  for (i = 0; i < packets->len; i++)
    read_handshake (&first[i]);

  encoded = sio_poll_payload_encode (first, packets->len);
  check_sizes (first, packets->len, g_bytes_get_size (encoded));
  /* Not byte for byte: the last bits of base64 may be any. */
  check (!whole || g_bytes_get_size (encoded) == size);
  return 0;
}
