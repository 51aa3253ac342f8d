/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "machine/sio-http-body-private.h"

#include "sio-types.h"

typedef struct
{
  const char *name;
  SioHttpBodyFraming framing;
  guint64 length;
  const char *wire;
  const char *body;  /* NULL: it fails, */
  const char *cause; /* with this in its words */
  gboolean surplus;
} Case;

#define CHUNKED SIO_HTTP_BODY_CHUNKED, 0
#define UNTIL   SIO_HTTP_BODY_UNTIL_END, 0

static const Case cases[] = {
  { "length", SIO_HTTP_BODY_LENGTH, 3, "abc", "abc" },
  { "length-0", SIO_HTTP_BODY_LENGTH, 0, "", "" },
  { "length-surplus", SIO_HTTP_BODY_LENGTH, 2, "abc", "ab", NULL, TRUE },
  { "length-cut", SIO_HTTP_BODY_LENGTH, 4, "abc", NULL, "cut off" },
  { "until-end", UNTIL, "abc", "abc" },
  { "until-end-empty", UNTIL, "", "" },
  { "chunk", CHUNKED, "3\r\nabc\r\n0\r\n\r\n", "abc" },
  { "chunks", CHUNKED, "1\r\na\r\n002\r\nbc\r\n0\r\n\r\n", "abc" },
  { "hex", CHUNKED, "A\r\n0123456789\r\n00\r\n\r\n", "0123456789" },
  { "extension", CHUNKED, "1;x=\"y\"\r\na\r\n0 ;z\r\n\r\n", "a" },
  { "trailers", CHUNKED, "1\r\na\r\n0\r\nA: b\r\nC: d\r\n\r\n", "a" },
  { "bare-line-ends", CHUNKED, "1\na\n0\n\n", "a" },
  { "nothing", CHUNKED, "0\r\n\r\n", "" },
  { "surplus", CHUNKED, "0\r\n\r\nHTTP/1.1", "", NULL, TRUE },
  { "no-size", CHUNKED, "\r\n", NULL, "sound" },
  { "no-hex", CHUNKED, "x\r\n", NULL, "sound" },
  { "negative", CHUNKED, "-1\r\n", NULL, "sound" },
  { "overflow", CHUNKED, "fffffffffffffffff\r\n", NULL, "sound" },
  { "too-long-chunk", CHUNKED, "1\r\nab\r\n", NULL, "sound" },
  { "two-returns", CHUNKED, "1\r\na\r\r\n", NULL, "sound" },
  { "over-the-limit", CHUNKED, "ff\r\n0123456789012345678901234567890123456789", NULL, "limit" },
  { "over-the-limit-length", SIO_HTTP_BODY_LENGTH, 40, "0123456789012345678901234567890123456789",
    NULL, "limit" },
};

static gboolean
feed (SioHttpBody *body, const guint8 *data, gsize length, gsize step, GError **error)
{
  for (gsize i = 0; i < length; i += step)
    if (!sio_http_body_take (body, data + i, MIN (step, length - i), error))
      return FALSE;
  return sio_http_body_end (body, error);
}

static void
assert_body (SioHttpBody *body, const char *expected)
{
  g_autoptr (GBytes) bytes = sio_http_body_steal (body);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  g_assert_cmpmem (data, length, expected, strlen (expected));
}

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  gsize length = strlen (test->wire);

  for (gsize step = 1; step <= length + 1; step++)
    {
      g_autoptr (SioHttpBody) body = sio_http_body_new (test->framing, test->length, FALSE, 32);
      g_autoptr (GError) error = NULL;
      gboolean whole = feed (body, (const guint8 *) test->wire, length, step, &error);

      g_assert_cmpint (whole, ==, test->body != NULL);
      g_assert_cmpint (sio_http_body_has_surplus (body), ==, test->surplus);
      if (test->body == NULL)
        {
          g_assert_error (error, SIO_ERROR, (int) SIO_ERROR_TRANSPORT);
          g_assert_nonnull (strstr (error->message, test->cause));
          continue;
        }
      g_assert_no_error (error);
      g_assert_true (sio_http_body_is_whole (body));
      g_assert_cmpuint (sio_http_body_get_appetite (body, 100), ==, 0);
      assert_body (body, test->body);
    }
}

/* Nothing is whole before its last byte. */
static void
test_cut (gconstpointer data)
{
  const Case *test = data;

  for (gsize n = 0; n < strlen (test->wire); n++)
    {
      g_autoptr (SioHttpBody) body = sio_http_body_new (test->framing, test->length, FALSE, 32);
      g_autoptr (GError) error = NULL;

      g_assert_false (feed (body, (const guint8 *) test->wire, n, 1, &error));
      g_assert_error (error, SIO_ERROR, (int) SIO_ERROR_TRANSPORT);
    }
}

static GBytes *
gzip (GZlibCompressorFormat format, const char *data, gsize length)
{
  g_autoptr (GConverter) compressor = G_CONVERTER (g_zlib_compressor_new (format, 9));
  gsize size = length + 1024;
  char *out = g_malloc (size);
  gsize n_read, n_written;

  g_assert_cmpint (g_converter_convert (compressor, data, length, out, size,
                                        G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL),
                   ==, G_CONVERTER_FINISHED);
  return g_bytes_new_take (out, n_written);
}

static void
test_gzip (void)
{
  static const GZlibCompressorFormat formats[] = { G_ZLIB_COMPRESSOR_FORMAT_GZIP,
                                                   G_ZLIB_COMPRESSOR_FORMAT_ZLIB };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr (GBytes) one = gzip (formats[i], "one ", 4);
      g_autoptr (GBytes) two = gzip (formats[i], "two", 3);
      g_autoptr (GByteArray) wire = g_byte_array_new ();
      gsize first = g_bytes_get_size (one);

      g_byte_array_append (wire, g_bytes_get_data (one, NULL), (guint) first);
      g_byte_array_append (wire, g_bytes_get_data (two, NULL), (guint) g_bytes_get_size (two));
      for (gsize n = 0; n <= wire->len; n++)
        {
          g_autoptr (SioHttpBody) body = sio_http_body_new (UNTIL, TRUE, 32);
          g_autoptr (GError) error = NULL;
          gboolean whole = feed (body, wire->data, n, 1 + n % 7, &error);

          /* Between two members nobody can know. */
          g_assert_cmpint (whole, ==, n == 0 || n == first || n == wire->len);
          if (n == wire->len)
            assert_body (body, "one two");
        }
    }
}

static void
test_gzip_length (void)
{
  g_autoptr (GBytes) packed = gzip (G_ZLIB_COMPRESSOR_FORMAT_GZIP, "text", 4);
  gsize length;
  const guint8 *data = g_bytes_get_data (packed, &length);

  /* The length is as it is said, and the end of what is packed is missing. */
  for (gsize n = 1; n <= length; n++)
    {
      g_autoptr (SioHttpBody) body = sio_http_body_new (SIO_HTTP_BODY_LENGTH, n, TRUE, 32);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (feed (body, data, n, 5, &error), ==, n == length);
    }
}

static void
test_bomb (void)
{
  g_autofree char *zeros = g_malloc0 (1024 * 1024);
  g_autoptr (GBytes) packed = gzip (G_ZLIB_COMPRESSOR_FORMAT_GZIP, zeros, 1024 * 1024);
  g_autoptr (SioHttpBody) body = sio_http_body_new (UNTIL, TRUE, 1000);
  g_autoptr (GError) error = NULL;
  gsize length;
  const guint8 *data = g_bytes_get_data (packed, &length);

  g_assert_cmpuint (sio_http_body_get_appetite (body, 65536), <=, 4096);
  g_assert_false (feed (body, data, length, 64, &error));
  g_assert_nonnull (strstr (error->message, "limit"));
  sio_http_body_peek (body, &length);
  g_assert_cmpuint (length, ==, 1000);
}

/* It packs nothing, over and over. */
static void
test_empty_blocks (void)
{
  g_autoptr (SioHttpBody) body = sio_http_body_new (UNTIL, TRUE, 1000);
  g_autoptr (GError) error = NULL;
  gboolean goes_on =
      sio_http_body_take (body, (const guint8 *) "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10, &error);
  guint n;

  for (n = 0; goes_on && n < 100000; n++)
    goes_on = sio_http_body_take (body, (const guint8 *) "\0\0\0\xff\xff", 5, &error);
  g_assert_false (goes_on);
  g_assert_cmpuint (n, <, 20000);
  g_assert_nonnull (strstr (error->message, "limit"));
}

static void
test_garbage (void)
{
  g_autoptr (SioHttpBody) body = sio_http_body_new (UNTIL, TRUE, 1000);
  g_autoptr (GError) error = NULL;

  g_assert_false (sio_http_body_take (body, (const guint8 *) "<html>", 6, &error));
  g_assert_nonnull (strstr (error->message, "expanded"));
}

static void
test_endless_lines (void)
{
  static const char *const lines[][2] = { { "0\r\n", "A: b\r\n" }, { "1;", "a" }, { "", "0" } };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (SioHttpBody) body = sio_http_body_new (CHUNKED, FALSE, 1000);
      g_autoptr (GError) error = NULL;
      gboolean goes_on =
          sio_http_body_take (body, (const guint8 *) lines[i][0], strlen (lines[i][0]), &error);
      guint n;

      for (n = 0; goes_on && n < 100000; n++)
        goes_on =
            sio_http_body_take (body, (const guint8 *) lines[i][1], strlen (lines[i][1]), &error);
      g_assert_cmpuint (n, <, 20000);
      g_assert_error (error, SIO_ERROR, (int) SIO_ERROR_TRANSPORT);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/http-body/", cases[i].name, NULL);
      g_autofree char *cut = g_strconcat (path, "/X11-cut", NULL);

      g_test_add_data_func (path, &cases[i], test_case);
      if (cases[i].body != NULL && !cases[i].surplus && cases[i].framing != SIO_HTTP_BODY_UNTIL_END)
        g_test_add_data_func (cut, &cases[i], test_cut);
    }
  g_test_add_func ("/http-body/X11/gzip", test_gzip);
  g_test_add_func ("/http-body/X11/gzip-length", test_gzip_length);
  g_test_add_func ("/http-body/X30/bomb", test_bomb);
  g_test_add_func ("/http-body/X30/empty-blocks", test_empty_blocks);
  g_test_add_func ("/http-body/X30/endless-lines", test_endless_lines);
  g_test_add_func ("/http-body/garbage", test_garbage);
  return g_test_run ();
}
