/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/sio-clock-private.h"
#include "machine/sio-decoder-private.h"

#include <string.h>

#define GOT_BINARY "got binary data when not reconstructing a packet"
#define GOT_TEXT   "got plaintext data when reconstructing a packet"

#define NOW ((gint64) 1000000)

typedef struct
{
  SioLimits limits;
  SioDecoder decoder;
  SioPacket packet;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  const SioLimits limits = SIO_LIMITS_INIT;

  f->limits = limits;
  f->packet = (SioPacket) SIO_PACKET_INIT;
  sio_decoder_init (&f->decoder, &f->limits);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  sio_packet_clear (&f->packet);
  sio_decoder_clear (&f->decoder);
}

/* From memory that is exactly as long as the text, so that a read past its end is seen. */
static SioDecoderResult
feed_text (Fixture *f, const char *text, gint64 now, GError **error)
{
  gsize length = strlen (text);
  g_autofree char *exact = length > 0 ? g_memdup2 (text, length) : g_malloc (1);

  sio_packet_clear (&f->packet);
  return sio_decoder_feed_text (&f->decoder, exact, length, now, &f->packet, error);
}

static SioDecoderResult
feed_bytes (Fixture *f, const char *content, gint64 now, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (content, strlen (content));

  sio_packet_clear (&f->packet);
  return sio_decoder_feed_binary (&f->decoder, bytes, now, &f->packet, error);
}

static void
assert_idle (Fixture *f)
{
  g_assert_cmpint (f->decoder.state, ==, SIO_DECODER_TEXT);
  g_assert_cmpint (sio_decoder_get_deadline (&f->decoder), ==, SIO_CLOCK_NEVER);
  g_assert_null (f->decoder.attachments);
  g_assert_null (f->decoder.packet.nsp);
  g_assert_null (f->decoder.packet.payload);
  g_assert_cmpuint (f->decoder.expected, ==, 0);
  g_assert_cmpuint (f->decoder.n_bytes, ==, 0);
}

static void
assert_packet (Fixture *f, SioPacketType type, const char *nsp, guint64 id, const char *json)
{
  assert_idle (f);
  g_assert_cmpint (f->packet.type, ==, type);
  g_assert_cmpstr (f->packet.nsp, ==, nsp);
  g_assert_cmpuint (f->packet.id, ==, id);
  if (json != NULL)
    {
      gsize length;
      const char *text = sio_value_peek_json (f->packet.payload, &length);

      g_assert_cmpmem (text, length, json, strlen (json));
    }
  else
    {
      g_assert_null (f->packet.payload);
    }
}

static void
assert_bytes (SioValue *value, const char *content)
{
  GBytes *bytes = sio_value_get_bytes (value);

  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), content,
                   strlen (content));
}

static void
assert_refused (Fixture *f, SioDecoderResult result, GError **error, const char *words)
{
  g_assert_cmpint (result, ==, SIO_DECODER_ERROR);
  g_assert_error (*error, SIO_ERROR, SIO_ERROR_PROTOCOL);
  g_assert_true (g_str_has_prefix ((*error)->message, words));
  g_assert_null (f->packet.nsp);
  g_assert_null (f->packet.payload);
  assert_idle (f);
}

/* What comes after an error must be read as if nothing had been. */
static void
assert_usable (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (feed_text (f, "2[\"after\"]", NOW, &error), ==, SIO_DECODER_PACKET);
  g_assert_no_error (error);
  assert_packet (f, SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "[\"after\"]");

  g_assert_cmpint (feed_text (f, "51-[\"b\",{\"_placeholder\":true,\"num\":0}]", NOW, &error), ==,
                   SIO_DECODER_MORE);
  g_assert_cmpint (feed_bytes (f, "xyz", NOW, &error), ==, SIO_DECODER_PACKET);
  g_assert_no_error (error);
  assert_bytes (sio_value_get_element (f->packet.payload, 1), "xyz");
}

static void
test_text (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *text;
    SioPacketType type;
    const char *nsp;
    guint64 id;
    const char *json;
  } table[] = {
    { "0", SIO_PACKET_CONNECT, "/", SIO_PACKET_NO_ID, NULL },
    { "0{\"sid\":\"x\"}", SIO_PACKET_CONNECT, "/", SIO_PACKET_NO_ID, "{\"sid\":\"x\"}" },
    { "0/admin,{\"sid\":\"x\"}", SIO_PACKET_CONNECT, "/admin", SIO_PACKET_NO_ID,
      "{\"sid\":\"x\"}" },
    { "0/admin", SIO_PACKET_CONNECT, "/admin", SIO_PACKET_NO_ID, NULL },
    { "1", SIO_PACKET_DISCONNECT, "/", SIO_PACKET_NO_ID, NULL },
    { "1/admin,", SIO_PACKET_DISCONNECT, "/admin", SIO_PACKET_NO_ID, NULL },
    { "2[\"a\",1]", SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "[\"a\",1]" },
    { "2/admin,456[\"a\"]", SIO_PACKET_EVENT, "/admin", 456, "[\"a\"]" },
    { "312[]", SIO_PACKET_ACK, "/", 12, "[]" },
    { "4{\"message\":\"no\"}", SIO_PACKET_CONNECT_ERROR, "/", SIO_PACKET_NO_ID,
      "{\"message\":\"no\"}" },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (feed_text (f, table[i].text, NOW, &error), ==, SIO_DECODER_PACKET);
      g_assert_no_error (error);
      assert_packet (f, table[i].type, table[i].nsp, table[i].id, table[i].json);
    }
}

static void
test_collects (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (feed_text (f,
                              "52-/admin,13[\"x\",{\"_placeholder\":true,\"num\":0},"
                              "{\"k\":[{\"_placeholder\":true,\"num\":1}]}]",
                              NOW, &error),
                   ==, SIO_DECODER_MORE);
  g_assert_cmpint (f->decoder.state, ==, SIO_DECODER_COLLECTING);
  g_assert_cmpint (feed_bytes (f, "one", NOW, &error), ==, SIO_DECODER_MORE);
  g_assert_cmpint (feed_bytes (f, "", NOW, &error), ==, SIO_DECODER_PACKET);
  g_assert_no_error (error);

  assert_idle (f);
  g_assert_cmpint (f->packet.type, ==, SIO_PACKET_EVENT);
  g_assert_cmpstr (f->packet.nsp, ==, "/admin");
  g_assert_cmpuint (f->packet.id, ==, 13);
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (f->packet.payload, 0)), ==, "x");
  assert_bytes (sio_value_get_element (f->packet.payload, 1), "one");
  assert_bytes (sio_value_lookup (f->packet.payload, "/2/k/0"), "");
}

static void
test_binary_ack (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (feed_text (f, "61-7[{\"_placeholder\":true,\"num\":0}]", NOW, &error), ==,
                   SIO_DECODER_MORE);
  g_assert_cmpint (feed_bytes (f, "abc", NOW, &error), ==, SIO_DECODER_PACKET);
  g_assert_no_error (error);
  g_assert_cmpint (f->packet.type, ==, SIO_PACKET_ACK);
  g_assert_cmpuint (f->packet.id, ==, 7);
  assert_bytes (sio_value_get_element (f->packet.payload, 0), "abc");
}

static void
test_placeholders_in_any_order (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  /* the second first, the first twice, the third nowhere; other members don't matter */
  g_assert_cmpint (feed_text (f,
                              "53-[\"a\",{\"_placeholder\":true,\"num\":1},"
                              "{\"num\":0,\"x\":{},\"_placeholder\":true},"
                              "[{\"_placeholder\":true,\"num\":0}]]",
                              NOW, &error),
                   ==, SIO_DECODER_MORE);
  g_assert_cmpint (feed_bytes (f, "zero", NOW, &error), ==, SIO_DECODER_MORE);
  g_assert_cmpint (feed_bytes (f, "one", NOW, &error), ==, SIO_DECODER_MORE);
  g_assert_cmpint (feed_bytes (f, "two", NOW, &error), ==, SIO_DECODER_PACKET);
  g_assert_no_error (error);
  assert_bytes (sio_value_lookup (f->packet.payload, "/1"), "one");
  assert_bytes (sio_value_lookup (f->packet.payload, "/2"), "zero");
  assert_bytes (sio_value_lookup (f->packet.payload, "/3/0"), "zero");
}

static void
test_placeholder_lookalikes (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  SioValue *text, *no;

  g_assert_cmpint (feed_text (f,
                              "51-[\"a\",{\"_placeholder\":\"true\",\"num\":9},"
                              "{\"_placeholder\":false,\"num\":9}]",
                              NOW, &error),
                   ==, SIO_DECODER_MORE);
  g_assert_cmpint (feed_bytes (f, "dropped", NOW, &error), ==, SIO_DECODER_PACKET);
  g_assert_no_error (error);
  text = sio_value_lookup (f->packet.payload, "/1/_placeholder");
  no = sio_value_lookup (f->packet.payload, "/2/_placeholder");
  g_assert_cmpstr (sio_value_get_string (text), ==, "true");
  g_assert_cmpint (sio_value_get_kind (no), ==, SIO_VALUE_BOOLEAN);
}

static void
test_no_placeholders_in_plain_event (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *json = "[\"a\",{\"_placeholder\":true,\"num\":0}]";
  g_autofree char *text = g_strconcat ("2", json, NULL);

  g_assert_cmpint (feed_text (f, text, NOW, &error), ==, SIO_DECODER_PACKET);
  g_assert_no_error (error);
  assert_packet (f, SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, json);
  g_assert_cmpint (sio_value_get_integer (sio_value_lookup (f->packet.payload, "/1/num")), ==, 0);
  g_assert_null (sio_value_get_bytes (sio_value_get_element (f->packet.payload, 1)));
}

static void
test_illegal_placeholders (Fixture *f, gconstpointer data)
{
  static const char *const placeholders[] = {
    "{\"_placeholder\":true}",
    "{\"_placeholder\":true,\"num\":\"0\"}",
    "{\"_placeholder\":true,\"num\":-1}",
    "{\"_placeholder\":true,\"num\":1}",
    "{\"_placeholder\":true,\"num\":0.5}",
    "{\"_placeholder\":true,\"num\":null}",
    "{\"_placeholder\":true,\"num\":99999999999999999999}",
    "{\"a\":[{\"_placeholder\":true,\"num\":4294967296}]}",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (placeholders); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = g_strdup_printf ("51-[\"a\",%s]", placeholders[i]);
      SioDecoderResult result;

      g_assert_cmpint (feed_text (f, text, NOW, &error), ==, SIO_DECODER_MORE);
      result = feed_bytes (f, "data", NOW, &error);
      assert_refused (f, result, &error, "illegal attachments");
      assert_usable (f);
    }
}

static void
test_malformed_text (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *text;
    const char *words;
  } table[] = {
    { "", "unknown packet type" },
    { "7", "unknown packet type" },
    { "9[\"a\"]", "unknown packet type" },
    { "b64", "unknown packet type" },
    { "5", "illegal attachments" },
    { "51", "illegal attachments" },
    { "50-[\"a\"]", "illegal attachments" },
    { "5-[\"a\"]", "illegal attachments" },
    { "51.0-[\"a\"]", "illegal attachments" },
    { "511-[\"a\"]", "too many attachments" },
    { "5999999999999999999999-[\"a\"]", "too many attachments" },
    { "51-", "invalid payload" },
    { "51-{}", "invalid payload" },
    { "51-[{\"_placeholder\":true,\"num\":0}]", "invalid payload" },
    { "51-[\"connect\"]", "invalid payload" },
    { "2", "invalid payload" },
    { "2[", "invalid payload" },
    { "2[]", "invalid payload" },
    { "2{}", "invalid payload" },
    { "2[\"a\"]x", "invalid payload" },
    { "2[\"disconnect\"]", "invalid payload" },
    { "3", "invalid payload" },
    { "61-{}", "invalid payload" },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = NULL;
      SioDecoderResult result = feed_text (f, table[i].text, NOW, &error);

      assert_refused (f, result, &error, table[i].words);
      assert_usable (f);
    }
}

static void
test_binary_without_header (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  assert_refused (f, feed_bytes (f, "x", NOW, &error), &error, GOT_BINARY);
  g_assert_cmpstr (error->message, ==, GOT_BINARY);
  assert_usable (f);
}

static void
test_one_attachment_too_many (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  assert_usable (f);
  assert_refused (f, feed_bytes (f, "x", NOW, &error), &error, GOT_BINARY);
}

static void
test_text_while_collecting (Fixture *f, gconstpointer data)
{
  static const char *const texts[] = { "2[\"a\"]", "51-[\"a\"]", "", "7", "1" };
  guint i, n;

  for (i = 0; i < G_N_ELEMENTS (texts); i++)
    for (n = 0; n < 2; n++)
      {
        g_autoptr (GError) error = NULL;
        SioDecoderResult result;

        g_assert_cmpint (feed_text (f, "52-[\"a\"]", NOW, NULL), ==, SIO_DECODER_MORE);
        if (n == 1)
          g_assert_cmpint (feed_bytes (f, "x", NOW, NULL), ==, SIO_DECODER_MORE);
        result = feed_text (f, texts[i], NOW, &error);
        assert_refused (f, result, &error, GOT_TEXT);
        g_assert_cmpstr (error->message, ==, GOT_TEXT);
        assert_usable (f);
      }
}

static void
test_reset (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (feed_text (f, "52-[\"a\"]", NOW, NULL), ==, SIO_DECODER_MORE);
  g_assert_cmpint (feed_bytes (f, "x", NOW, NULL), ==, SIO_DECODER_MORE);
  sio_decoder_reset (&f->decoder);
  assert_idle (f);
  sio_decoder_reset (&f->decoder);
  assert_idle (f);
  assert_usable (f);
}

static void
test_attachment_count (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint i;

  g_assert_cmpint (feed_text (f, "510-[\"a\",{\"_placeholder\":true,\"num\":9}]", NOW, &error), ==,
                   SIO_DECODER_MORE);
  for (i = 0; i < 9; i++)
    g_assert_cmpint (feed_bytes (f, "x", NOW, &error), ==, SIO_DECODER_MORE);
  g_assert_cmpint (feed_bytes (f, "last", NOW, &error), ==, SIO_DECODER_PACKET);
  g_assert_no_error (error);
  assert_bytes (sio_value_get_element (f->packet.payload, 1), "last");

  f->limits.attachments = 2;
  assert_refused (f, feed_text (f, "53-[\"a\"]", NOW, &error), &error, "too many attachments");
}

static void
test_attachment_bytes (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->limits.attachment_bytes = 6;
  g_assert_cmpint (feed_text (f, "52-[\"a\"]", NOW, &error), ==, SIO_DECODER_MORE);
  g_assert_cmpint (feed_bytes (f, "123", NOW, &error), ==, SIO_DECODER_MORE);
  g_assert_cmpint (feed_bytes (f, "456", NOW, &error), ==, SIO_DECODER_PACKET);
  g_assert_no_error (error);

  g_assert_cmpint (feed_text (f, "52-[\"a\"]", NOW, &error), ==, SIO_DECODER_MORE);
  g_assert_cmpint (feed_bytes (f, "123", NOW, &error), ==, SIO_DECODER_MORE);
  assert_refused (f, feed_bytes (f, "4567", NOW, &error), &error, "too many attachments");
  assert_usable (f);
}

static void
test_deadline (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const gint64 deadline = NOW + 20000 * 1000;
  gboolean in_time;

  g_assert_true (sio_decoder_check (&f->decoder, G_MAXINT64 - 1, &error));
  g_assert_cmpint (feed_text (f, "52-[\"a\"]", NOW, &error), ==, SIO_DECODER_MORE);
  g_assert_cmpint (sio_decoder_get_deadline (&f->decoder), ==, deadline);

  /* for the whole set: an attachment that comes does not move it */
  g_assert_cmpint (feed_bytes (f, "x", deadline - 1, &error), ==, SIO_DECODER_MORE);
  g_assert_cmpint (sio_decoder_get_deadline (&f->decoder), ==, deadline);
  g_assert_true (sio_decoder_check (&f->decoder, deadline - 1, &error));
  g_assert_no_error (error);

  in_time = sio_decoder_check (&f->decoder, deadline, &error);
  g_assert_false (in_time);
  assert_refused (f, SIO_DECODER_ERROR, &error, "attachments missing");
  assert_usable (f);
}

/* A timer may be late, as after a suspend. */
static void
test_attachment_after_deadline (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->limits.attachment_set = 5;
  g_assert_cmpint (feed_text (f, "51-[\"a\"]", NOW, &error), ==, SIO_DECODER_MORE);
  assert_refused (f, feed_bytes (f, "x", NOW + 5000, &error), &error, "attachments missing");
  assert_usable (f);
}

static void
test_errors_may_be_ignored (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (feed_bytes (f, "x", NOW, NULL), ==, SIO_DECODER_ERROR);
  g_assert_cmpint (feed_text (f, "x", NOW, NULL), ==, SIO_DECODER_ERROR);
  g_assert_cmpint (feed_text (f, "51-[\"a\"]", NOW, NULL), ==, SIO_DECODER_MORE);
  g_assert_cmpint (feed_text (f, "x", NOW, NULL), ==, SIO_DECODER_ERROR);
  g_assert_cmpint (feed_text (f, "51-[\"a\"]", NOW, NULL), ==, SIO_DECODER_MORE);
  g_assert_false (sio_decoder_check (&f->decoder, G_MAXINT64 - 1, NULL));
}

/* One large packet does not make a connection that lives for weeks large. */
static void
test_tape_shrinks (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("2[\"a\"");
  g_autoptr (GError) error = NULL;
  guint i;

  for (i = 0; i < 100000; i++)
    g_string_append (text, ",1");
  g_string_append_c (text, ']');
  g_assert_cmpint (feed_text (f, text->str, NOW, &error), ==, SIO_DECODER_PACKET);
  g_assert_no_error (error);
  g_assert_cmpuint (sio_value_get_length (f->packet.payload), ==, 100001);
  g_assert_cmpuint (sio_json_tape_get_scratch ()->n_allocated, ==, 0);
  assert_usable (f);
  g_assert_cmpuint (sio_json_tape_get_scratch ()->n_allocated, >, 0);
}

/* Nothing that comes in any order can make it do more than refuse. */
static void
test_random_walk (Fixture *f, gconstpointer data)
{
  static const char *const texts[] = {
    "2[\"a\"]", "51-[\"a\",{\"_placeholder\":true,\"num\":0}]", "53-[\"a\"]", "62-[]", "50-[]",
    "0",        "51-[\"a\",{\"_placeholder\":true,\"num\":1}]", "2[",         "31[]",
  };
  gint64 now = NOW;
  guint i;

  for (i = 0; i < 20000; i++)
    {
      g_autoptr (GError) error = NULL;
      SioDecoderResult result;
      int which = g_test_rand_int_range (0, 2 * (int) G_N_ELEMENTS (texts));

      now += g_test_rand_int_range (0, 3000000);
      if (which < (int) G_N_ELEMENTS (texts))
        result = feed_text (f, texts[which], now, &error);
      else
        result = feed_bytes (f, "data", now, &error);

      g_assert_cmpint (result == SIO_DECODER_ERROR, ==, error != NULL);
      g_assert_cmpint (result == SIO_DECODER_PACKET, ==, f->packet.nsp != NULL);
      g_assert_cmpint (result == SIO_DECODER_MORE, ==, f->decoder.state == SIO_DECODER_COLLECTING);
      if (result != SIO_DECODER_MORE)
        assert_idle (f);
      else
        g_assert_cmpuint (f->decoder.attachments->len, <, f->decoder.expected);
    }
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/decoder/P19/text", test_text },
    { "/decoder/P20/collects", test_collects },
    { "/decoder/P20/binary-ack", test_binary_ack },
    { "/decoder/P21/placeholders-in-any-order", test_placeholders_in_any_order },
    { "/decoder/P21/placeholder-lookalikes", test_placeholder_lookalikes },
    { "/decoder/P22/no-placeholders-in-plain-event", test_no_placeholders_in_plain_event },
    { "/decoder/P28/illegal-placeholders", test_illegal_placeholders },
    { "/decoder/P28/malformed-text", test_malformed_text },
    { "/decoder/P28/binary-without-header", test_binary_without_header },
    { "/decoder/P28/one-attachment-too-many", test_one_attachment_too_many },
    { "/decoder/P28/text-while-collecting", test_text_while_collecting },
    { "/decoder/P24/reset", test_reset },
    { "/decoder/P33/attachment-count", test_attachment_count },
    { "/decoder/P32/attachment-bytes", test_attachment_bytes },
    { "/decoder/P32/deadline", test_deadline },
    { "/decoder/P32/attachment-after-deadline", test_attachment_after_deadline },
    { "/decoder/errors-may-be-ignored", test_errors_may_be_ignored },
    { "/decoder/tape-shrinks", test_tape_shrinks },
    { "/decoder/random-walk", test_random_walk },
  };
  guint i;

  g_test_init (&argc, &argv, NULL);

  for (i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);

  return g_test_run ();
}
