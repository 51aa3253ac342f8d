/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/sio-utf8-private.h"

#include <string.h>

/* Each piece stands at each place of texts of several lengths, as words are looked at at a time. */
static void
check_everywhere (const char *piece, gsize length, gboolean valid)
{
  gsize size, at;

  for (size = length; size < length + 45; size++)
    for (at = 0; at + length <= size; at++)
      {
        g_autofree char *text = g_strnfill (size, 'x');

        memcpy (text + at, piece, length);
        g_assert_cmpint (sio_utf8_is_valid (text, size), ==, valid);
      }
}

static void
test_valid (void)
{
  static const char *const pieces[] = {
    "a",
    "~",
    "\x7f",
    "\xc2\x80",
    "\xdf\xbf",
    "ä",
    "\xe0\xa0\x80",
    "\xed\x9f\xbf",
    "\xee\x80\x80",
    "\xef\xbf\xbf",
    "€",
    "\xf0\x90\x80\x80",
    "\xf4\x8f\xbf\xbf",
    "ä€😀日本語 text ä",
  };
  guint i;

  g_assert_true (sio_utf8_is_valid ("", 0));
  for (i = 0; i < G_N_ELEMENTS (pieces); i++)
    check_everywhere (pieces[i], strlen (pieces[i]), TRUE);
  check_everywhere ("\0", 1, TRUE);
}

static void
test_invalid (void)
{
  static const char *const pieces[] = {
    "\x80",
    "\xbf",
    "\xc0\x80",
    "\xc1\xbf",
    "\xc2",
    "\xc2x",
    "\xe0\x80\x80",
    "\xe0\x9f\xbf",
    "\xe2\x82",
    "\xe2\x82x",
    "\xed\xa0\x80",
    "\xed\xbf\xbf",
    "\xf0\x80\x80\x80",
    "\xf0\x8f\xbf\xbf",
    "\xf0\x90\x80",
    "\xf0\x90\x80x",
    "\xf4\x90\x80\x80",
    "\xf5\x80\x80\x80",
    "\xfe",
    "\xff",
    "ä\x80",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (pieces); i++)
    check_everywhere (pieces[i], strlen (pieces[i]), FALSE);
}

/* The same as GLib says, for whatever two and three bytes. */
static void
test_like_glib (void)
{
  guint i;

  for (i = 0; i < 1 << 24; i += i < 1 << 16 ? 1 : 251)
    {
      const char text[] = { (char) (i >> 16 | 1), (char) (i >> 8), (char) i };
      const char *start = i < 1 << 16 ? text + 1 : text;
      gsize length = i < 1 << 16 ? 2 : 3;

      if (memchr (start, 0, length) == NULL)
        g_assert_cmpint (sio_utf8_is_valid (start, length), ==,
                         g_utf8_validate_len (start, length, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/utf8/valid", test_valid);
  g_test_add_func ("/utf8/invalid", test_invalid);
  g_test_add_func ("/utf8/like-glib", test_like_glib);
  return g_test_run ();
}
