/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-deflate-private.h"

#include "sio-types.h"

#include <string.h>

#define LIMIT 100000

static SioDeflateParams
make_params (guint bits, gboolean forgets)
{
  SioDeflateParams params = { forgets, forgets, bits, bits };

  return params;
}

static char *
make_text (gsize length, guint seed)
{
  char *text = g_malloc (length + 1);
  gsize i;

  for (i = 0; i < length; i++)
    text[i] = (char) ('a' + (i * seed + i / 7) % 23);
  text[length] = '\0';
  return text;
}

static void
assert_expands (SioInflater *inflater, GBytes *compressed, const char *expected, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint close_code = 0;
  gsize n;
  const guint8 *data = g_bytes_get_data (compressed, &n);

  bytes = sio_inflater_expand (inflater, data, n, LIMIT, &close_code, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, length);
}

/* What one makes the other expands, whatever they agreed on; except that nothing is compressed
 * where zlib has no window small enough. */
static void
test_E87_there_and_back (void)
{
  static const gsize lengths[] = { 1, 2, 100, 1024, 5000, 65536, LIMIT };
  gsize i;
  guint bits;
  gboolean forgets;

  for (bits = 8; bits <= 15; bits++)
    for (forgets = 0; forgets < 2; forgets++)
      {
        SioDeflateParams params = make_params (bits, forgets);
        SioDeflater *deflater = sio_deflater_new (&params);
        SioInflater *inflater = sio_inflater_new (&params);

        for (i = 0; i < G_N_ELEMENTS (lengths); i++)
          {
            g_autofree char *text = make_text (lengths[i], 3 + (guint) i);
            g_autoptr (GBytes) compressed = sio_deflater_compress (deflater, text, lengths[i]);

            g_assert_true ((compressed == NULL) == (bits == 8));
            if (compressed != NULL)
              assert_expands (inflater, compressed, text, lengths[i]);
          }
        sio_deflater_free (deflater);
        sio_inflater_free (inflater);
      }
}

/* With the context of the message before, the same again is next to nothing; without it is not. */
static void
test_E87_context (void)
{
  g_autofree char *text = make_text (4000, 5);
  gboolean forgets;

  for (forgets = 0; forgets < 2; forgets++)
    {
      SioDeflateParams params = make_params (15, forgets);
      SioDeflater *deflater = sio_deflater_new (&params);
      SioInflater *inflater = sio_inflater_new (&params);
      SioInflater *other = sio_inflater_new (&params);
      g_autoptr (GBytes) first = sio_deflater_compress (deflater, text, 4000);
      g_autoptr (GBytes) second = sio_deflater_compress (deflater, text, 4000);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;
      guint close_code = 0;

      g_assert_true (g_bytes_equal (first, second) == forgets);
      assert_expands (inflater, first, text, 4000);
      assert_expands (inflater, second, text, 4000);

      bytes = sio_inflater_expand (other, g_bytes_get_data (second, NULL),
                                   g_bytes_get_size (second), LIMIT, &close_code, &error);
      g_assert_true ((bytes != NULL) == forgets);
      if (!forgets)
        {
          g_assert_error (error, SIO_ERROR, SIO_ERROR_TRANSPORT);
          g_assert_cmpuint (close_code, ==, 1007);
        }
      sio_deflater_free (deflater);
      sio_inflater_free (inflater);
      sio_inflater_free (other);
    }
}

/* RFC 7692, 7.2.3: the examples. */
static void
test_E87_examples (void)
{
  static const char *const hello[] = {
    "\xf2\x48\xcd\xc9\xc9\x07\x00",                         /* 7.2.3.1 */
    "\xf2\x00\x11\x00\x00",                                 /* 7.2.3.2, looks back */
    "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",         /* 7.2.3.3, not compressed */
    "\xf3\x48\xcd\xc9\xc9\x07\x00\x00",                     /* 7.2.3.4, a last block */
    "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", /* 7.2.3.5, two blocks */
  };
  static const gsize lengths[] = { 7, 5, 11, 8, 13 };
  SioDeflateParams params = SIO_DEFLATE_PARAMS_INIT;
  SioInflater *inflater = sio_inflater_new (&params);
  gsize i;

  for (i = 0; i < G_N_ELEMENTS (hello); i++)
    {
      g_autoptr (GBytes) compressed = g_bytes_new_static (hello[i], lengths[i]);

      assert_expands (inflater, compressed, "Hello", 5);
    }
  sio_inflater_free (inflater);
}

static void
test_E87_empty (void)
{
  SioDeflateParams params = SIO_DEFLATE_PARAMS_INIT;
  SioInflater *inflater = sio_inflater_new (&params);
  SioDeflater *deflater = sio_deflater_new (&params);
  g_autoptr (GBytes) compressed = g_bytes_new_static ("\0", 1);

  assert_expands (inflater, compressed, "", 0);
  g_assert_null (sio_deflater_compress (deflater, "", 0));
  sio_inflater_free (inflater);
  sio_deflater_free (deflater);
}

/* A megabyte of zeros takes a kilobyte: it is given up as soon as it passes the limit. */
static void
test_E87_bomb (void)
{
  g_autofree char *zeros = g_malloc0 (1 << 20);
  SioDeflateParams params = SIO_DEFLATE_PARAMS_INIT;
  SioDeflater *deflater = sio_deflater_new (&params);
  g_autoptr (GBytes) bomb = sio_deflater_compress (deflater, zeros, 1 << 20);
  static const gsize limits[] = { 1, 1023, 1024, 1025, LIMIT, (1 << 20) - 1, 1 << 20 };
  gsize i;

  for (i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      SioInflater *inflater = sio_inflater_new (&params);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = NULL;
      guint close_code = 0;

      bytes = sio_inflater_expand (inflater, g_bytes_get_data (bomb, NULL), g_bytes_get_size (bomb),
                                   limits[i], &close_code, &error);
      if (limits[i] == 1 << 20)
        g_assert_cmpuint (g_bytes_get_size (bytes), ==, 1 << 20);
      else
        {
          g_assert_error (error, SIO_ERROR, SIO_ERROR_TRANSPORT);
          g_assert_cmpuint (close_code, ==, 1009);
          g_assert_null (bytes);

          /* And nothing more comes of it. */
          g_clear_error (&error);
          g_assert_null (
              sio_inflater_expand (inflater, (const guint8 *) "\0", 1, LIMIT, &close_code, &error));
          g_assert_error (error, SIO_ERROR, SIO_ERROR_TRANSPORT);
        }
      sio_inflater_free (inflater);
    }
  sio_deflater_free (deflater);
}

/* Whatever is wrong with it: an error or other text, never more than the limit. */
static void
test_E87_mutated (void)
{
  g_autofree char *text = make_text (3000, 7);
  SioDeflateParams params = SIO_DEFLATE_PARAMS_INIT;
  SioDeflater *deflater = sio_deflater_new (&params);
  g_autoptr (GBytes) compressed = sio_deflater_compress (deflater, text, 3000);
  gsize n = g_bytes_get_size (compressed);
  g_autoptr (GRand) chance = g_rand_new_with_seed (87);
  guint n_failed = 0;
  int i;

  for (i = 0; i < 2000; i++)
    {
      g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (compressed, NULL), n);
      SioInflater *inflater = sio_inflater_new (&params);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = NULL;
      guint close_code = 0;

      data[g_rand_int_range (chance, 0, (gint32) n)] ^= (guint8) g_rand_int_range (chance, 1, 256);
      bytes = sio_inflater_expand (inflater, data, n, 4000, &close_code, &error);
      g_assert_true ((bytes == NULL) == (error != NULL));
      if (bytes != NULL)
        g_assert_cmpuint (g_bytes_get_size (bytes), <=, 4000);
      else
        g_assert_true (close_code == 1007 || close_code == 1009);
      n_failed += bytes == NULL;
      sio_inflater_free (inflater);
    }
  g_assert_cmpuint (n_failed, >, 0);
  sio_deflater_free (deflater);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/deflate/E87/there-and-back", test_E87_there_and_back);
  g_test_add_func ("/deflate/E87/context", test_E87_context);
  g_test_add_func ("/deflate/E87/examples", test_E87_examples);
  g_test_add_func ("/deflate/E87/empty", test_E87_empty);
  g_test_add_func ("/deflate/E87/bomb", test_E87_bomb);
  g_test_add_func ("/deflate/E87/mutated", test_E87_mutated);

  return g_test_run ();
}
