/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-poll-payload-private.h"

#include "base/sio-limits-private.h"
#include "sio-types.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SEPARATOR   '\x1e'
#define BINARY_MARK 'b'
/* What an open packet looks like behind its length. */
#define OLD_OPEN ":0{"

gboolean
sio_poll_payload_parse (GBytes *body, GArray *packets, GError **error)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  guint n_packets = 0;

  while (TRUE)
    {
      const char *separator = length > 0 ? memchr (text, SEPARATOR, length) : NULL;
      gsize packet_length = separator != NULL ? (gsize) (separator - text) : length;
      SioEnginePacket packet;

      /* Two bytes of a hostile body would become forty of an array. */
      if (n_packets++ == limits.inbound_packets)
        {
          g_set_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL, "parser error: %s",
                       _ ("too many packets in one payload"));
          return FALSE;
        }
      if (!sio_engine_packet_init_parse (&packet, body, text, packet_length, error))
        return FALSE;
      g_array_append_val (packets, packet);

      if (separator == NULL)
        return TRUE;
      text += packet_length + 1;
      length -= packet_length + 1;
    }
}

gboolean
sio_poll_payload_is_old (GBytes *body)
{
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  gsize n_digits = 0;

  while (n_digits < length && g_ascii_isdigit (text[n_digits]))
    n_digits++;
  return n_digits > 0 && length - n_digits > strlen (OLD_OPEN) &&
         memcmp (text + n_digits, OLD_OPEN, strlen (OLD_OPEN)) == 0;
}

gsize
sio_poll_payload_measure (const SioEnginePacket *packet)
{
  if (!packet->binary)
    return packet->length + 1;
  return (packet->length / 3 + (packet->length % 3 != 0)) * 4 + 1;
}

static char *
write_packet (char *out, const SioEnginePacket *packet)
{
  gint state = 0, save = 0;
  const char *wire;
  gsize length;

  if (!packet->binary)
    {
      wire = sio_engine_packet_get_wire (packet, &length);
      memcpy (out, wire, length);
      return out + length;
    }

  *out++ = BINARY_MARK;
  if (packet->length > 0)
    out += g_base64_encode_step ((const guchar *) packet->data, packet->length, FALSE, out, &state,
                                 &save);
  return out + g_base64_encode_close (FALSE, out, &state, &save);
}

GBytes *
sio_poll_payload_encode (const SioEnginePacket *packets, guint n_packets)
{
  gsize length = n_packets > 0 ? n_packets - 1 : 0;
  char *text, *out;
  guint i;

  for (i = 0; i < n_packets; i++)
    length += sio_poll_payload_measure (&packets[i]);

  text = g_malloc (length);
  out = text;
  for (i = 0; i < n_packets; i++)
    {
      if (i > 0)
        *out++ = SEPARATOR;
      out = write_packet (out, &packets[i]);
    }
  return g_bytes_new_take (text, length);
}

guint
sio_poll_payload_fit (const SioEnginePacket *packets, guint n_packets, gsize max_payload)
{
  gsize room = max_payload;
  guint i;

  if (max_payload == 0)
    return n_packets;

  for (i = 0; i < n_packets; i++)
    {
      gsize wanted = sio_poll_payload_measure (&packets[i]) + (i > 0);

      if (wanted > room)
        return MAX (i, 1);
      room -= wanted;
    }
  return n_packets;
}
