/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/sio-log-private.h"

#include <string.h>

typedef struct
{
  const char *name;
  const char *text;
  gsize length;
  gsize limit;
  const char *quoted;
} Case;

#define TEXT(literal) literal, sizeof (literal) - 1

/* clang-format off */
static const Case cases[] = {
  { "plain", TEXT ("hello, \"you\" \\o/"), 256, "hello, \"you\" \\o/" },
  { "empty", TEXT (""), 256, "" },
  { "utf8", TEXT ("naïve €uro 🎉 日本"), 256, "naïve €uro 🎉 日本" },
  { "newline-and-tab", TEXT ("a\nb\tc"), 256, "a\\nb\\tc" },
  { "controls", TEXT ("\r\033[31m\177"), 256, "\\x0d\\x1b[31m\\x7f" },
  { "nul", TEXT ("a\0b"), 256, "a\\x00b" },
  { "c1-control", TEXT ("a\302\205b"), 256, "a\\xc2\\x85b" },
  { "bidi-override", TEXT ("a\342\200\256b"), 256, "a\\xe2\\x80\\xaeb" },
  { "line-separator", TEXT ("a\342\200\250b"), 256, "a\\xe2\\x80\\xa8b" },
  { "invalid-byte", TEXT ("a\377b"), 256, "a\\xffb" },
  { "stray-continuation", TEXT ("\200"), 256, "\\x80" },
  { "overlong", TEXT ("\300\257"), 256, "\\xc0\\xaf" },
  { "surrogate", TEXT ("\355\240\200"), 256, "\\xed\\xa0\\x80" },
  { "beyond-unicode", TEXT ("\364\220\200\200"), 256, "\\xf4\\x90\\x80\\x80" },
  { "character-cut-off", TEXT ("a\342\202"), 256, "a\\xe2\\x82" },
  { "character-before-end-of-text", "\342\202\254", 2, 256, "\\xe2\\x82" },
  { "fits-exactly", TEXT ("abcd"), 4, "abcd" },
  { "cut", TEXT ("abcde"), 4, "abcd…" },
  { "cut-before-character", TEXT ("abc€"), 5, "abc…" },
  { "cut-behind-character", TEXT ("abc€d"), 6, "abc€…" },
  { "cut-before-escape", TEXT ("abc\377"), 6, "abc…" },
  { "cut-to-nothing", TEXT ("a"), 0, "…" },
  { "nothing-to-cut", TEXT (""), 0, "" },
};
/* clang-format on */

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  /* Exactly as long as it is, so that a sanitizer sees every read past the end. */
  g_autofree char *text = g_memdup2 (c->text, c->length);
  g_autofree char *quoted = sio_log_quote (text, c->length, c->limit);

  g_assert_cmpstr (quoted, ==, c->quoted);
}

static void
test_every_byte (void)
{
  guint first, second;

  for (first = 0; first < 256; first++)
    for (second = 0; second < 256; second++)
      {
        const char text[] = { (char) first, (char) second };
        g_autofree char *quoted = sio_log_quote (text, sizeof text, 256);

        g_assert_true (g_utf8_validate (quoted, -1, NULL));
        g_assert_cmpuint (strlen (quoted), <=, 8);
        g_assert_cmpuint (strcspn (quoted, "\n\t\r\033"), ==, strlen (quoted));
      }
}

static void
test_never_longer (void)
{
  static const char text[] = "ab\n€\377🎉日\1x";
  gsize limit;

  for (limit = 0; limit < 64; limit++)
    {
      g_autofree char *quoted = sio_log_quote (text, strlen (text), limit);

      g_assert_true (g_utf8_validate (quoted, -1, NULL));
      if (g_str_has_suffix (quoted, "…"))
        g_assert_cmpuint (strlen (quoted) - strlen ("…"), <=, limit);
      else
        g_assert_cmpuint (strlen (quoted), <=, limit);
    }
}

int
main (int argc, char *argv[])
{
  guint i;

  g_test_init (&argc, &argv, NULL);

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/log/quote/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/log/every-byte", test_every_byte);
  g_test_add_func ("/log/never-longer", test_never_longer);

  return g_test_run ();
}
