/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-poll-payload-private.h"

#include "base/sio-limits-private.h"
#include "sio-types.h"

#include <string.h>

typedef struct
{
  const char *name;
  const char *body;
  gsize length;
  const char *packets; /* `|` after each; binary ones in hexadecimal after a # */
  gboolean accepted;
} Case;

#define TEXT(literal) literal, sizeof (literal) - 1

/* clang-format off */
static const Case cases[] = {
  { "E18/one", TEXT ("4hello"), "4hello|", TRUE },
  { "E18/two", TEXT ("4a\x1e" "4b"), "4a|4b|", TRUE },
  { "E18/handshake-and-more", TEXT ("0{}\x1e" "40\x1e" "2\x1e" "6"), "0{}|40|2|6|", TRUE },
  { "E15/binary", TEXT ("bAQID"), "#010203|", TRUE },
  { "E15/empty-binary", TEXT ("b"), "#|", TRUE },
  { "E15/empty-binaries", TEXT ("b\x1e" "b"), "#|#|", TRUE },
  { "W5/event-and-attachment", TEXT ("451-[\"bin\",{\"_placeholder\":true,\"num\":0}]\x1e" "bAQID"),
    "451-[\"bin\",{\"_placeholder\":true,\"num\":0}]|#010203|", TRUE },
  { "E25/close-in-the-middle", TEXT ("4a\x1e" "1\x1e" "4b"), "4a|1|4b|", TRUE },
  { "E18/newlines-are-data", TEXT ("4a\nb\r\n"), "4a\nb\r\n|", TRUE },
  { "E18/empty-body", TEXT (""), "", FALSE },
  { "E18/separator-only", TEXT ("\x1e"), "", FALSE },
  { "E18/leading-separator", TEXT ("\x1e" "4a"), "", FALSE },
  { "E18/trailing-separator", TEXT ("4a\x1e"), "4a|", FALSE },
  { "E18/double-separator", TEXT ("4a\x1e\x1e" "4b"), "4a|", FALSE },
  { "E18/stops-at-first-error", TEXT ("4a\x1e" "4b\x1e" "x\x1e" "4c"), "4a|4b|", FALSE },
  { "E18/bad-type-first", TEXT ("7\x1e" "4a"), "", FALSE },
  { "E18/older-revision", TEXT ("6:4hello"), "6:4hello|", TRUE },
  { "E18/html", TEXT ("<html>"), "", FALSE },
  { "E18/ok", TEXT ("ok"), "", FALSE },
  { "D42/bad-base64", TEXT ("4a\x1e" "bAQI\x1e" "4b"), "4a|", FALSE },
  { "D42/base64-with-newline", TEXT ("bAQID\n"), "", FALSE },
};
/* clang-format on */

static GArray *
new_packets (void)
{
  GArray *packets = g_array_new (FALSE, FALSE, sizeof (SioEnginePacket));

  g_array_set_clear_func (packets, (GDestroyNotify) sio_engine_packet_clear);
  return packets;
}

static const SioEnginePacket *
peek (GArray *packets)
{
  return (const SioEnginePacket *) (gpointer) packets->data;
}

static char *
describe (GArray *packets)
{
  GString *out = g_string_new (NULL);
  guint i;

  for (i = 0; i < packets->len; i++)
    {
      const SioEnginePacket *packet = &peek (packets)[i];
      gsize j;

      if (packet->binary)
        {
          g_string_append_c (out, '#');
          for (j = 0; j < packet->length; j++)
            g_string_append_printf (out, "%02x", (guchar) packet->data[j]);
        }
      else
        g_string_append_len (out, packet->data - 1, (gssize) packet->length + 1);
      g_string_append_c (out, '|');
    }
  return g_string_free (out, FALSE);
}

static void
assert_measured (GArray *packets, gsize length)
{
  gsize sum = packets->len > 0 ? packets->len - 1 : 0;
  guint i;

  for (i = 0; i < packets->len; i++)
    sum += sio_poll_payload_measure (&peek (packets)[i]);
  g_assert_cmpuint (sum, ==, length);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GBytes) body = g_bytes_new (c->body, c->length);
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GArray) packets = new_packets ();
  g_autoptr (GError) error = NULL;
  g_autofree char *description = NULL;
  gboolean accepted = sio_poll_payload_parse (body, packets, &error);

  description = describe (packets);
  g_assert_cmpstr (description, ==, c->packets);
  g_assert_cmpint (accepted, ==, c->accepted);
  if (!accepted)
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
      g_assert_true (g_str_has_prefix (error->message, "parser error: "));
      return;
    }

  g_assert_no_error (error);
  again = sio_poll_payload_encode (peek (packets), packets->len);
  g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again), c->body, c->length);
  assert_measured (packets, c->length);
}

static void
test_appends (void)
{
  g_autoptr (GArray) packets = new_packets ();
  g_autoptr (GBytes) first = g_bytes_new_static ("4a", 2);
  g_autoptr (GBytes) second = g_bytes_new_static ("4b", 2);
  g_autofree char *description = NULL;

  g_assert_true (sio_poll_payload_parse (first, packets, NULL));
  g_assert_true (sio_poll_payload_parse (second, packets, NULL));
  description = describe (packets);
  g_assert_cmpstr (description, ==, "4a|4b|");
}

static void
test_every_truncation (void)
{
  static const char text[] = "0{\"sid\":\"a\"}\x1e"
                             "42[\"€\"]\x1e"
                             "bAQIDBA==\x1e"
                             "b\x1e"
                             "6";
  gsize length;

  for (length = 0; length < sizeof text; length++)
    {
      g_autoptr (GArray) packets = new_packets ();
      g_autoptr (GBytes) body = g_bytes_new (text, length);
      g_autoptr (GError) error = NULL;

      if (sio_poll_payload_parse (body, packets, &error))
        {
          g_autoptr (GBytes) again = sio_poll_payload_encode (peek (packets), packets->len);

          g_assert_true (g_bytes_equal (body, again));
        }
      else
        g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
    }
}

/* A packet costs more memory than the byte or two that it takes on the wire. */
static void
test_too_many (void)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  g_autoptr (GString) text = g_string_new ("6");
  guint extra;

  while (text->len < 2 * (gsize) limits.inbound_packets - 1)
    g_string_append (text, "\x1e"
                           "6");

  for (extra = 0; extra < 2; extra++)
    {
      g_autoptr (GBytes) body = g_bytes_new (text->str, text->len);
      g_autoptr (GArray) packets = new_packets ();
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (sio_poll_payload_parse (body, packets, &error), ==, extra == 0);
      g_assert_cmpuint (packets->len, ==, limits.inbound_packets);
      if (extra == 0)
        g_assert_no_error (error);
      else
        g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
      g_string_append (text, "\x1e"
                             "6");
    }
}

static void
add_packet (GArray *packets, gboolean binary, gsize length, const char *unit)
{
  SioEnginePacket packet;
  GString *text = g_string_new (binary ? NULL : "4");
  gsize i;

  for (i = 0; i < length; i++)
    g_string_append (text, unit);
  if (binary)
    sio_engine_packet_init_binary (&packet, g_string_free_to_bytes (text));
  else
    sio_engine_packet_init_wire (&packet, g_string_free_to_bytes (text));
  g_array_append_val (packets, packet);
}

static void
assert_batches (GArray *packets, gsize max_payload, const guint *batches)
{
  guint done = 0;

  for (; *batches > 0; batches++)
    {
      guint n = sio_poll_payload_fit (peek (packets) + done, packets->len - done, max_payload);

      g_assert_cmpuint (n, ==, *batches);
      done += n;
    }
  g_assert_cmpuint (done, ==, packets->len);
}

static void
test_batches_text (void)
{
  static const guint batches[] = { 1, 3, 1, 1, 0 };
  g_autoptr (GArray) packets = new_packets ();
  g_autoptr (GBytes) second = NULL;

  add_packet (packets, FALSE, 99, "a");
  add_packet (packets, FALSE, 30, "a");
  add_packet (packets, FALSE, 30, "a");
  add_packet (packets, FALSE, 35, "a");
  add_packet (packets, FALSE, 33, "€");
  add_packet (packets, FALSE, 99, "a");
  assert_batches (packets, 100, batches);

  second = sio_poll_payload_encode (peek (packets) + 1, 3);
  g_assert_cmpuint (g_bytes_get_size (second), ==, 100);
}

static void
test_batches_binary (void)
{
  static const guint batches[] = { 1, 3, 1, 0 };
  g_autoptr (GArray) packets = new_packets ();

  add_packet (packets, TRUE, 72, "a");
  add_packet (packets, TRUE, 20, "a");
  add_packet (packets, FALSE, 20, "a");
  add_packet (packets, TRUE, 20, "a");
  add_packet (packets, TRUE, 72, "a");
  assert_batches (packets, 100, batches);
}

static void
test_fit_borders (void)
{
  g_autoptr (GArray) packets = new_packets ();

  g_assert_cmpuint (sio_poll_payload_fit (NULL, 0, 0), ==, 0);
  g_assert_cmpuint (sio_poll_payload_fit (NULL, 0, 100), ==, 0);

  add_packet (packets, FALSE, 500, "a");
  add_packet (packets, FALSE, 1, "a");
  add_packet (packets, FALSE, 1, "a");
  g_assert_cmpuint (sio_poll_payload_fit (peek (packets), 3, 0), ==, 3);
  /* E61: one that is too large goes out all the same, alone. */
  g_assert_cmpuint (sio_poll_payload_fit (peek (packets), 3, 100), ==, 1);
  g_assert_cmpuint (sio_poll_payload_fit (peek (packets), 3, 503), ==, 1);
  g_assert_cmpuint (sio_poll_payload_fit (peek (packets), 3, 504), ==, 2);
  g_assert_cmpuint (sio_poll_payload_fit (peek (packets), 3, 507), ==, 3);
  g_assert_cmpuint (sio_poll_payload_fit (peek (packets), 3, G_MAXSIZE), ==, 3);
  g_assert_cmpuint (sio_poll_payload_fit (peek (packets) + 1, 2, 1), ==, 1);
}

static void
test_measure_binary (void)
{
  gsize length;

  for (length = 0; length < 100; length++)
    {
      g_autoptr (GArray) packets = new_packets ();
      g_autoptr (GBytes) body = NULL;

      add_packet (packets, TRUE, length, "\377");
      body = sio_poll_payload_encode (peek (packets), 1);
      assert_measured (packets, g_bytes_get_size (body));
    }
}

static void
test_encode_none (void)
{
  g_autoptr (GBytes) body = sio_poll_payload_encode (NULL, 0);

  g_assert_cmpuint (g_bytes_get_size (body), ==, 0);
}

static void
test_old (void)
{
  static const struct
  {
    const char *body;
    gboolean old;
  } bodies[] = {
    { "97:0{\"sid\":\"a\"}2:40", TRUE },
    { "104:0{\"sid\":\"a\"}", TRUE },
    { "0:0{}", TRUE },
    { "0{\"sid\":\"a\"}", FALSE },
    { "97:4{\"sid\":\"a\"}", FALSE },
    { ":0{\"sid\":\"a\"}", FALSE },
    { "97:0", FALSE },
    { "97:0{", FALSE },
    { "97:", FALSE },
    { "97", FALSE },
    { "", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GBytes) body = g_bytes_new_static (bodies[i].body, strlen (bodies[i].body));

      g_assert_cmpint (sio_poll_payload_is_old (body), ==, bodies[i].old);
    }
}

int
main (int argc, char *argv[])
{
  guint i;

  g_test_init (&argc, &argv, NULL);

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/poll-payload/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/poll-payload/appends", test_appends);
  g_test_add_func ("/poll-payload/every-truncation", test_every_truncation);
  g_test_add_func ("/poll-payload/too-many-packets", test_too_many);
  g_test_add_func ("/poll-payload/E60/text", test_batches_text);
  g_test_add_func ("/poll-payload/E60/binary", test_batches_binary);
  g_test_add_func ("/poll-payload/E59/borders", test_fit_borders);
  g_test_add_func ("/poll-payload/E59/measure-is-exact", test_measure_binary);
  g_test_add_func ("/poll-payload/encode-none", test_encode_none);
  g_test_add_func ("/poll-payload/S12/old", test_old);

  return g_test_run ();
}
