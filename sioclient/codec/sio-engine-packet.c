/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-engine-packet-private.h"

#include "base/sio-log-private.h"
#include "sio-types.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define BINARY_MARK 'b'

/* Value of a base64 digit plus one; 0 is no digit, so that what is left out below is refused. */
/* clang-format off */
#define DIGIT(value) ((value) + 1)
static const guint8 digits[256] = {
  ['A'] = DIGIT (0),  ['B'] = DIGIT (1),  ['C'] = DIGIT (2),  ['D'] = DIGIT (3),
  ['E'] = DIGIT (4),  ['F'] = DIGIT (5),  ['G'] = DIGIT (6),  ['H'] = DIGIT (7),
  ['I'] = DIGIT (8),  ['J'] = DIGIT (9),  ['K'] = DIGIT (10), ['L'] = DIGIT (11),
  ['M'] = DIGIT (12), ['N'] = DIGIT (13), ['O'] = DIGIT (14), ['P'] = DIGIT (15),
  ['Q'] = DIGIT (16), ['R'] = DIGIT (17), ['S'] = DIGIT (18), ['T'] = DIGIT (19),
  ['U'] = DIGIT (20), ['V'] = DIGIT (21), ['W'] = DIGIT (22), ['X'] = DIGIT (23),
  ['Y'] = DIGIT (24), ['Z'] = DIGIT (25), ['a'] = DIGIT (26), ['b'] = DIGIT (27),
  ['c'] = DIGIT (28), ['d'] = DIGIT (29), ['e'] = DIGIT (30), ['f'] = DIGIT (31),
  ['g'] = DIGIT (32), ['h'] = DIGIT (33), ['i'] = DIGIT (34), ['j'] = DIGIT (35),
  ['k'] = DIGIT (36), ['l'] = DIGIT (37), ['m'] = DIGIT (38), ['n'] = DIGIT (39),
  ['o'] = DIGIT (40), ['p'] = DIGIT (41), ['q'] = DIGIT (42), ['r'] = DIGIT (43),
  ['s'] = DIGIT (44), ['t'] = DIGIT (45), ['u'] = DIGIT (46), ['v'] = DIGIT (47),
  ['w'] = DIGIT (48), ['x'] = DIGIT (49), ['y'] = DIGIT (50), ['z'] = DIGIT (51),
  ['0'] = DIGIT (52), ['1'] = DIGIT (53), ['2'] = DIGIT (54), ['3'] = DIGIT (55),
  ['4'] = DIGIT (56), ['5'] = DIGIT (57), ['6'] = DIGIT (58), ['7'] = DIGIT (59),
  ['8'] = DIGIT (60), ['9'] = DIGIT (61), ['+'] = DIGIT (62), ['/'] = DIGIT (63),
};
/* clang-format on */

/* Four digits as 24 bits; more than 24 bits if one of them is none. */
static inline guint32
read_group (const guint8 *in)
{
  /* No digit wraps round to a number with all its high bits set. */
  guint32 a = (guint32) digits[in[0]] - 1;
  guint32 b = (guint32) digits[in[1]] - 1;
  guint32 c = (guint32) digits[in[2]] - 1;
  guint32 d = (guint32) digits[in[3]] - 1;

  if (((a | b | c | d) & ~(guint32) 63) != 0)
    return G_MAXUINT32;
  return a << 18 | b << 12 | c << 6 | d;
}

static inline void
write_group (guint8 *out, guint32 group)
{
  out[0] = (guint8) (group >> 16);
  out[1] = (guint8) (group >> 8);
  out[2] = (guint8) group;
}

/* g_base64_decode() passes over what it does not know; here that is an error. NULL for one. */
static GBytes *
decode_base64 (const char *text, gsize length)
{
  const guint8 *in = (const guint8 *) text;
  const guint8 *end = in + length;
  g_autofree guint8 *data = NULL;
  guint8 last[4], last_bytes[3];
  guint32 group;
  guint8 *out;
  gsize padding;

  if (length == 0)
    return g_bytes_new_static ("", 0);
  if (length % 4 != 0)
    return NULL;

  padding = end[-1] != '=' ? 0 : end[-2] != '=' ? 1 : 2;
  data = g_malloc (length / 4 * 3);
  out = data;

  for (; end - in > 4; in += 4, out += 3)
    {
      group = read_group (in);
      if (G_UNLIKELY (group == G_MAXUINT32))
        return NULL;
      write_group (out, group);
    }

  memcpy (last, in, sizeof last);
  memset (last + sizeof last - padding, 'A', padding);
  group = read_group (last);
  if (group == G_MAXUINT32)
    return NULL;
  write_group (last_bytes, group);
  memcpy (out, last_bytes, sizeof last_bytes - padding);

  return g_bytes_new_take (g_steal_pointer (&data), length / 4 * 3 - padding);
}

void
sio_engine_packet_init (SioEnginePacket *self, SioEnginePacketType type, const char *payload)
{
  gsize length = payload != NULL ? strlen (payload) : 0;
  char *wire = g_malloc (length + 1);

  wire[0] = (char) ('0' + type);
  if (length > 0)
    memcpy (wire + 1, payload, length);
  sio_engine_packet_init_wire (self, g_bytes_new_take (wire, length + 1));
}

void
sio_engine_packet_init_wire (SioEnginePacket *self, GBytes *wire)
{
  gsize length;
  const char *text = g_bytes_get_data (wire, &length);

  *self = (SioEnginePacket) SIO_ENGINE_PACKET_INIT;
  g_return_if_fail (length > 0 && text[0] >= '0' && text[0] <= '6');

  self->type = (SioEnginePacketType) (text[0] - '0');
  self->data = text + 1;
  self->length = length - 1;
  self->bytes = wire;
}

void
sio_engine_packet_init_binary (SioEnginePacket *self, GBytes *bytes)
{
  *self = (SioEnginePacket) SIO_ENGINE_PACKET_INIT;
  self->type = SIO_ENGINE_PACKET_MESSAGE;
  self->binary = TRUE;
  self->data = g_bytes_get_data (bytes, &self->length);
  if (self->data == NULL)
    self->data = "";
  self->bytes = bytes;
}

gboolean
sio_engine_packet_init_parse (SioEnginePacket *self,
                              GBytes *bytes,
                              const char *data,
                              gsize length,
                              GError **error)
{
  *self = (SioEnginePacket) SIO_ENGINE_PACKET_INIT;

  if (length == 0)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL, "parser error: %s",
                   _ ("the packet is empty"));
      return FALSE;
    }

  if (data[0] == BINARY_MARK)
    {
      GBytes *decoded = decode_base64 (data + 1, length - 1);

      if (decoded == NULL)
        {
          g_set_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL, "parser error: %s",
                       _ ("the packet is not valid base64"));
          return FALSE;
        }
      sio_engine_packet_init_binary (self, decoded);
      return TRUE;
    }

  if (data[0] < '0' || data[0] > '6')
    {
      g_autofree char *quoted = sio_log_quote (data, 1, 8);

      g_set_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL, "parser error: %s “%s”",
                   _ ("unknown packet type"), quoted);
      return FALSE;
    }

  self->type = (SioEnginePacketType) (data[0] - '0');
  self->data = data + 1;
  self->length = length - 1;
  self->bytes = g_bytes_ref (bytes);
  return TRUE;
}

void
sio_engine_packet_init_copy (SioEnginePacket *self, const SioEnginePacket *other)
{
  *self = *other;
  if (self->bytes != NULL)
    g_bytes_ref (self->bytes);
}

void
sio_engine_packet_clear (SioEnginePacket *self)
{
  g_clear_pointer (&self->bytes, g_bytes_unref);
  *self = (SioEnginePacket) SIO_ENGINE_PACKET_INIT;
}

const char *
sio_engine_packet_get_wire (const SioEnginePacket *self, gsize *length)
{
  g_return_val_if_fail (!self->binary && self->bytes != NULL, NULL);

  *length = self->length + 1;
  return self->data - 1;
}

const char *
sio_engine_packet_type_to_string (SioEnginePacketType type)
{
  switch (type)
    {
    case SIO_ENGINE_PACKET_OPEN:
      return "open";
    case SIO_ENGINE_PACKET_CLOSE:
      return "close";
    case SIO_ENGINE_PACKET_PING:
      return "ping";
    case SIO_ENGINE_PACKET_PONG:
      return "pong";
    case SIO_ENGINE_PACKET_MESSAGE:
      return "message";
    case SIO_ENGINE_PACKET_UPGRADE:
      return "upgrade";
    case SIO_ENGINE_PACKET_NOOP:
      return "noop";
    }

  g_return_val_if_reached ("noop");
}
