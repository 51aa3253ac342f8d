/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-engine-packet-private.h"

#include "sio-types.h"

#include <string.h>

typedef struct
{
  const char *name;
  const char *text;
  gsize length;
  SioEnginePacketType type;
  gboolean binary;
  const char *payload; /* NULL: refused */
  gsize payload_length;
} Case;

#define TEXT(literal)    literal, sizeof (literal) - 1
#define MESSAGE(literal) SIO_ENGINE_PACKET_MESSAGE, TRUE, literal, sizeof (literal) - 1
#define REFUSED          0, FALSE, NULL, 0

/* clang-format off */
static const Case cases[] = {
  { "E14/open", TEXT ("0{\"sid\":\"a\"}"), SIO_ENGINE_PACKET_OPEN, FALSE, TEXT ("{\"sid\":\"a\"}") },
  { "E14/close", TEXT ("1"), SIO_ENGINE_PACKET_CLOSE, FALSE, TEXT ("") },
  { "E14/ping", TEXT ("2"), SIO_ENGINE_PACKET_PING, FALSE, TEXT ("") },
  { "E14/ping-probe", TEXT ("2probe"), SIO_ENGINE_PACKET_PING, FALSE, TEXT ("probe") },
  { "E14/pong-probe", TEXT ("3probe"), SIO_ENGINE_PACKET_PONG, FALSE, TEXT ("probe") },
  { "E14/message", TEXT ("4hello"), SIO_ENGINE_PACKET_MESSAGE, FALSE, TEXT ("hello") },
  { "E14/empty-message", TEXT ("4"), SIO_ENGINE_PACKET_MESSAGE, FALSE, TEXT ("") },
  { "E14/utf8", TEXT ("4€🎉"), SIO_ENGINE_PACKET_MESSAGE, FALSE, TEXT ("€🎉") },
  { "E14/nul-inside", TEXT ("4a\0b"), SIO_ENGINE_PACKET_MESSAGE, FALSE, TEXT ("a\0b") },
  { "E14/upgrade", TEXT ("5"), SIO_ENGINE_PACKET_UPGRADE, FALSE, TEXT ("") },
  { "E14/noop", TEXT ("6"), SIO_ENGINE_PACKET_NOOP, FALSE, TEXT ("") },
  { "E16/empty", TEXT (""), REFUSED },
  { "E16/seven", TEXT ("7"), REFUSED },
  { "E16/nine", TEXT ("9x"), REFUSED },
  { "E16/letter", TEXT ("a"), REFUSED },
  { "E16/slash", TEXT ("/"), REFUSED },
  { "E16/space", TEXT (" 4"), REFUSED },
  { "E16/sign", TEXT ("-1"), REFUSED },
  { "E16/capital-b", TEXT ("BAQID"), REFUSED },
  { "E16/nul", TEXT ("\0"), REFUSED },
  { "E16/high-byte", TEXT ("\377"), REFUSED },
  { "E16/separator", TEXT ("\x1e"), REFUSED },
  { "E15/empty-binary", TEXT ("b"), MESSAGE ("") },
  { "E15/one-byte", TEXT ("bAQ=="), MESSAGE ("\1") },
  { "E15/two-bytes", TEXT ("bAQI="), MESSAGE ("\1\2") },
  { "E15/three-bytes", TEXT ("bAQID"), MESSAGE ("\1\2\3") },
  { "E15/four-bytes", TEXT ("bAQIDBA=="), MESSAGE ("\1\2\3\4") },
  { "E15/zeros", TEXT ("bAAAA"), MESSAGE ("\0\0\0") },
  { "E15/ones", TEXT ("b////"), MESSAGE ("\377\377\377") },
  { "E15/all-digits", TEXT ("bABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    MESSAGE ("\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51\x55\x97\x61\x96\x9b\x71\xd7\x9f"
             "\x82\x18\xa3\x92\x59\xa7\xa2\x9a\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7\xe3\x9e\xbb\xf3\xdf\xbf") },
  { "E15/trailing-bits", TEXT ("bAR=="), MESSAGE ("\1") },
  { "D42/one-character", TEXT ("bA"), REFUSED },
  { "D42/two-characters", TEXT ("bAQ"), REFUSED },
  { "D42/three-characters", TEXT ("bAQI"), REFUSED },
  { "D42/five-characters", TEXT ("bAQIDA"), REFUSED },
  { "D42/one-padding", TEXT ("b="), REFUSED },
  { "D42/padding-only", TEXT ("b===="), REFUSED },
  { "D42/three-paddings", TEXT ("bA==="), REFUSED },
  { "D42/padding-in-the-middle", TEXT ("bAQ==AQ=="), REFUSED },
  { "D42/padding-before-digit", TEXT ("bAQ=A"), REFUSED },
  { "D42/padding-too-much", TEXT ("bAQID===="), REFUSED },
  { "D42/space", TEXT ("bAQ ID"), REFUSED },
  { "D42/space-for-a-digit", TEXT ("bAQ D"), REFUSED },
  { "D42/space-for-a-digit-before-the-end", TEXT ("bAQ DAAAA"), REFUSED },
  { "D42/newline", TEXT ("bAQI\n"), REFUSED },
  { "D42/url-alphabet-minus", TEXT ("bAQ-D"), REFUSED },
  { "D42/url-alphabet-underscore", TEXT ("bAQ_D"), REFUSED },
  { "D42/nul", TEXT ("bAQ\0D"), REFUSED },
  { "D42/high-byte", TEXT ("bAQI\377"), REFUSED },
  { "D42/high-byte-before-the-end", TEXT ("b\377QIDAAAA"), REFUSED },
};
/* clang-format on */

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  /* Exactly as long as it is, so that a sanitizer sees every read past the end. */
  g_autoptr (GBytes) bytes = g_bytes_new (c->text, c->length);
  g_auto (SioEnginePacket) packet = SIO_ENGINE_PACKET_INIT;
  g_autoptr (GError) error = NULL;
  const char *text = g_bytes_get_data (bytes, NULL);
  gboolean accepted;

  accepted = sio_engine_packet_init_parse (&packet, bytes, text, c->length, &error);
  if (c->payload == NULL)
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
      g_assert_true (g_str_has_prefix (error->message, "parser error: "));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_false (accepted);
      g_assert_null (packet.bytes);
      return;
    }

  g_assert_no_error (error);
  g_assert_true (accepted);
  g_assert_cmpint (packet.type, ==, c->type);
  g_assert_cmpint (packet.binary, ==, c->binary);
  g_assert_nonnull (packet.data);
  g_assert_cmpmem (packet.data, packet.length, c->payload, c->payload_length);
  if (!c->binary)
    {
      gsize length;
      const char *wire = sio_engine_packet_get_wire (&packet, &length);

      g_assert_true (wire == text);
      g_assert_cmpuint (length, ==, c->length);
    }
}

static void
test_every_base64_byte (void)
{
  guint byte, at;

  for (byte = 0; byte < 256; byte++)
    for (at = 1; at < 9; at++)
      {
        char text[] = "bAAAAAAAA";
        const gsize length = sizeof text - 1;
        g_autoptr (GBytes) bytes = NULL;
        g_auto (SioEnginePacket) packet = SIO_ENGINE_PACKET_INIT;
        gboolean legal = byte == '+' || byte == '/' || (byte < 128 && g_ascii_isalnum (byte)) ||
                         (byte == '=' && at == 8);

        text[at] = (char) byte;
        bytes = g_bytes_new (text, length);
        g_assert_cmpint (sio_engine_packet_init_parse (
                             &packet, bytes, g_bytes_get_data (bytes, NULL), length, NULL),
                         ==, legal);
      }
}

static void
test_base64_against_glib (void)
{
  gsize length;

  for (length = 0; length < 300; length++)
    {
      g_autofree guint8 *data = g_malloc (length + 1);
      g_autofree char *encoded = NULL;
      g_autofree char *text = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_auto (SioEnginePacket) packet = SIO_ENGINE_PACKET_INIT;
      gsize i;

      for (i = 0; i < length; i++)
        data[i] = (guint8) g_test_rand_int ();
      encoded = g_base64_encode (data, length);
      text = g_strconcat ("b", encoded, NULL);
      bytes = g_bytes_new (text, strlen (text));
      g_assert_true (sio_engine_packet_init_parse (&packet, bytes, g_bytes_get_data (bytes, NULL),
                                                   strlen (text), NULL));
      g_assert_true (packet.binary);
      g_assert_cmpmem (packet.data, packet.length, data, length);
    }
}

static void
test_init (void)
{
  g_auto (SioEnginePacket) probe = SIO_ENGINE_PACKET_INIT;
  g_auto (SioEnginePacket) pong = SIO_ENGINE_PACKET_INIT;
  const char *wire;
  gsize length;

  sio_engine_packet_init (&probe, SIO_ENGINE_PACKET_PING, "probe");
  wire = sio_engine_packet_get_wire (&probe, &length);
  g_assert_cmpmem (wire, length, "2probe", 6);
  g_assert_cmpmem (probe.data, probe.length, "probe", 5);
  g_assert_false (probe.binary);

  sio_engine_packet_init (&pong, SIO_ENGINE_PACKET_PONG, NULL);
  wire = sio_engine_packet_get_wire (&pong, &length);
  g_assert_cmpmem (wire, length, "3", 1);
  g_assert_cmpuint (pong.length, ==, 0);
}

static void
test_init_wire (void)
{
  g_auto (SioEnginePacket) packet = SIO_ENGINE_PACKET_INIT;
  GBytes *bytes = g_bytes_new_static ("42[\"a\"]", 7);
  gsize length;

  sio_engine_packet_init_wire (&packet, bytes);
  g_assert_cmpint (packet.type, ==, SIO_ENGINE_PACKET_MESSAGE);
  g_assert_true (packet.bytes == bytes);
  g_assert_cmpmem (packet.data, packet.length, "2[\"a\"]", 6);
  g_assert_true (sio_engine_packet_get_wire (&packet, &length) == g_bytes_get_data (bytes, NULL));
}

static void
test_copy_shares (void)
{
  SioEnginePacket packet, copy;
  g_auto (SioEnginePacket) none = SIO_ENGINE_PACKET_INIT;
  g_auto (SioEnginePacket) none_copy = SIO_ENGINE_PACKET_INIT;

  sio_engine_packet_init_binary (&packet, g_bytes_new ("abc", 3));
  sio_engine_packet_init_copy (&copy, &packet);
  g_assert_true (copy.bytes == packet.bytes);
  sio_engine_packet_clear (&packet);
  g_assert_null (packet.bytes);
  g_assert_cmpuint (packet.length, ==, 0);
  g_assert_cmpmem (copy.data, copy.length, "abc", 3);
  g_assert_true (copy.binary);
  sio_engine_packet_clear (&copy);
  sio_engine_packet_clear (&copy);

  sio_engine_packet_init_copy (&none_copy, &none);
  g_assert_null (none_copy.bytes);
}

static void
test_empty_binary (void)
{
  g_auto (SioEnginePacket) packet = SIO_ENGINE_PACKET_INIT;

  sio_engine_packet_init_binary (&packet, g_bytes_new (NULL, 0));
  g_assert_nonnull (packet.data);
  g_assert_cmpuint (packet.length, ==, 0);
}

/* A packet keeps what it points into. */
static void
test_outlives_body (void)
{
  g_auto (SioEnginePacket) packet = SIO_ENGINE_PACKET_INIT;
  GBytes *bytes = g_bytes_new ("xx4abc", 6);
  const char *text = g_bytes_get_data (bytes, NULL);

  g_assert_true (sio_engine_packet_init_parse (&packet, bytes, text + 2, 4, NULL));
  g_bytes_unref (bytes);
  g_assert_cmpmem (packet.data, packet.length, "abc", 3);
}

static void
test_type_to_string (void)
{
  static const char *const names[] = {
    "open", "close", "ping", "pong", "message", "upgrade", "noop"
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpstr (sio_engine_packet_type_to_string ((SioEnginePacketType) i), ==, names[i]);
}

int
main (int argc, char *argv[])
{
  guint i;

  g_test_init (&argc, &argv, NULL);

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/engine-packet/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/engine-packet/D42/every-byte", test_every_base64_byte);
  g_test_add_func ("/engine-packet/E15/every-length", test_base64_against_glib);
  g_test_add_func ("/engine-packet/init", test_init);
  g_test_add_func ("/engine-packet/init-wire", test_init_wire);
  g_test_add_func ("/engine-packet/copy-shares", test_copy_shares);
  g_test_add_func ("/engine-packet/E15/empty-buffer", test_empty_binary);
  g_test_add_func ("/engine-packet/outlives-body", test_outlives_body);
  g_test_add_func ("/engine-packet/type-to-string", test_type_to_string);

  return g_test_run ();
}
