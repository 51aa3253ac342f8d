/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "json/sio-json-writer-private.h"

#include "json/sio-json-reader-private.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <string.h>

static void
assert_string (const char *string, gsize length, const char *expected)
{
  g_autoptr (GString) out = g_string_new ("42");
  g_autofree char *exact = g_memdup2 (string, length);

  g_assert_true (sio_json_write_string (out, exact, length));
  g_assert_cmpuint (strlen (out->str), ==, out->len);
  g_assert_true (g_str_has_prefix (out->str, "42"));
  g_assert_cmpstr (out->str + 2, ==, expected);
}

#define ASSERT_STRING(string, expected) assert_string (string, sizeof (string) - 1, expected)

static void
test_string (void)
{
  ASSERT_STRING ("", "\"\"");
  ASSERT_STRING ("a", "\"a\"");
  ASSERT_STRING ("a plain text of more than two words", "\"a plain text of more than two words\"");
  ASSERT_STRING ("\"", "\"\\\"\"");
  ASSERT_STRING ("\\", "\"\\\\\"");
  ASSERT_STRING ("/", "\"/\"");
  ASSERT_STRING ("say \"hi\" to C:\\temp\\now", "\"say \\\"hi\\\" to C:\\\\temp\\\\now\"");
  ASSERT_STRING ("gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80.",
                 "\"gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80.\"");
  ASSERT_STRING ("\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf",
                 "\"\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf\"");
}

static void
test_string_none (void)
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_assert_true (sio_json_write_string (out, NULL, 0));
  g_assert_cmpstr (out->str, ==, "\"\"");
}

static void
test_string_nul (void)
{
  ASSERT_STRING ("\0", "\"\\u0000\"");
  ASSERT_STRING ("a\0b", "\"a\\u0000b\"");
  ASSERT_STRING ("\0\0\0\0\0\0\0\0\0",
                 "\"\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\"");
}

/* U+001E separates the packets of a polling payload. */
static void
test_string_controls (void)
{
  guint byte;

  ASSERT_STRING ("\x1e", "\"\\u001e\"");
  ASSERT_STRING ("\x1f", "\"\\u001f\"");
  ASSERT_STRING ("\x7f", "\"\\u007f\"");

  for (byte = 0; byte < 0x20; byte++)
    {
      g_autoptr (GString) out = g_string_new (NULL);
      char string[] = { 'x', (char) byte, 'y' };
      gsize i;

      g_assert_true (sio_json_write_string (out, string, sizeof string));
      g_assert_cmpint (out->str[2], ==, '\\');
      for (i = 0; i < out->len; i++)
        g_assert_cmpint (out->str[i], >=, ' ');
    }
}

/* Every ASCII character, at every place of a word, is read back as it was. */
static void
test_string_round_trip (void)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  guint byte, before, behind;

  for (byte = 0; byte < 0x80; byte++)
    for (before = 0; before < 18; before++)
      for (behind = 0; behind < 10; behind++)
        {
          g_autoptr (GString) out = g_string_new (NULL);
          gsize length = before + behind + 1;
          char string[32];
          char value[256];
          gsize i;

          memset (string, 'x', sizeof string);
          string[before] = (char) byte;
          g_assert_true (sio_json_write_string (out, string, length));
          for (i = 0; i < out->len; i++)
            g_assert_true (out->str[i] >= ' ' && out->str[i] < 0x7f);

          g_assert_true (sio_json_read (&tape, out->str, out->len, 1, 1, NULL));
          g_assert_cmpuint (sio_json_token_unescape (tape.tokens, out->str, value), ==, length);
          g_assert_cmpmem (value, length, string, length);
          g_assert_cmpint ((tape.tokens->flags & SIO_JSON_ESCAPED) != 0, ==,
                           byte < 0x20 || byte == 0x7f || byte == '"' || byte == '\\');
        }
}

static void
test_string_every_character (void)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gunichar code;

  for (code = 0x80; code < 0x110000; code++)
    {
      char bytes[6];
      gsize n = (gsize) g_unichar_to_utf8 (code, bytes);

      g_string_truncate (out, 0);
      if (code >= 0xd800 && code < 0xe000)
        {
          g_assert_false (sio_json_write_string (out, bytes, n));
          g_assert_cmpuint (out->len, ==, 0);
        }
      else
        {
          g_assert_true (sio_json_write_string (out, bytes, n));
          g_assert_cmpmem (out->str + 1, out->len - 2, bytes, n);
        }
    }
}

static void
test_string_not_utf8 (void)
{
  static const char *const strings[] = {
    "\x80",
    "\xff",
    "\xc3",
    "\xc0\x80",
    "\xc1\xbf",
    "\xe0\x80\x80",
    "\xe0\x9f\xbf",
    "\xed\xa0\x80",
    "\xed\xbf\xbf",
    "\xe2\x82",
    "\xf0\x80\x80\x80",
    "\xf0\x8f\xbf\xbf",
    "\xf4\x90\x80\x80",
    "\xf5\x80\x80\x80",
    "\xf0\x9f\x98",
    "\xc3\xa9\xa9",
    "plain, then \xe9",
    "\"quoted\" \n and then \xfe",
    "\xc3\xa9 and a long plain text and then \xc3",
    "\xe9 at the start",
  };
  guint before;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (strings); i++)
    for (before = 0; before < 10; before++)
      {
        g_autoptr (GString) out = g_string_new ("42[");
        g_autofree char *string =
            g_strdup_printf ("%.*s%s", (int) before, "\n23456789a", strings[i]);

        g_assert_false (sio_json_write_string (out, string, strlen (string)));
        g_assert_cmpstr (out->str, ==, "42[");
        g_assert_cmpuint (out->len, ==, 3);
      }
}

static void
test_integer (void)
{
  static const struct
  {
    gint64 integer;
    const char *text;
  } integers[] = {
    { 0, "0" },
    { 7, "7" },
    { -1, "-1" },
    { 10, "10" },
    { 1234567890, "1234567890" },
    { G_GINT64_CONSTANT (9007199254740993), "9007199254740993" },
    { G_MAXINT64, "9223372036854775807" },
    { G_MININT64, "-9223372036854775808" },
    { G_MININT64 + 1, "-9223372036854775807" },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (integers); i++)
    {
      g_autoptr (GString) out = g_string_new ("[");

      sio_json_write_integer (out, integers[i].integer);
      g_assert_cmpstr (out->str + 1, ==, integers[i].text);
    }
}

static void
test_unsigned (void)
{
  g_autoptr (GString) out = g_string_new (NULL);

  sio_json_write_unsigned (out, 0);
  g_string_append_c (out, ' ');
  sio_json_write_unsigned (out, 9007199254740991);
  g_string_append_c (out, ' ');
  sio_json_write_unsigned (out, G_MAXUINT64);
  g_assert_cmpstr (out->str, ==, "0 9007199254740991 18446744073709551615");
}

static char *
double_to_text (double number)
{
  GString *out = g_string_new (NULL);

  sio_json_write_double (out, number);
  return g_string_free (out, FALSE);
}

static void
test_double (void)
{
  static const struct
  {
    double number;
    const char *text;
  } doubles[] = {
    { 0.0, "0" },
    { -0.0, "0" },
    { 1.0, "1" },
    { -1.0, "-1" },
    { 100.0, "100" },
    { 1e15, "1000000000000000" },
    { 1e20, "100000000000000000000" },
    { -1e20, "-100000000000000000000" },
    { 9007199254740992.0, "9007199254740992" },
    { 9223372036854774784.0, "9223372036854774784" },
    { 9223372036854775808.0, "9223372036854775808" },
    { -9223372036854775808.0, "-9223372036854775808" },
    { 999999999999999868928.0, "999999999999999868928" },
    { 1e21, "1e+21" },
    { -1e21, "-1e+21" },
    { 1.5e300, "1.5e+300" },
    { 0.1, "0.1" },
    { 0.5, "0.5" },
    { 1.5, "1.5" },
    { -1.25, "-1.25" },
    { 0.001, "0.001" },
    { -0.05, "-0.05" },
    { 0.0001, "0.0001" },
    { 0.00001, "1e-05" },
    { 1.05, "1.05" },
    { 10.01, "10.01" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 1.0 / 3, "0.3333333333333333" },
    { 2.0 / 3, "0.6666666666666666" },
    { 123456.789, "123456.789" },
    { 52.5200066, "52.5200066" },
    { -13.4049540, "-13.404954" },
    { 1700000000.123, "1700000000.123" },
    { 99999999999999.9, "99999999999999.9" },
    { 4503599627370495.5, "4503599627370495.5" },
    { 3.141592653589793, "3.141592653589793" },
    { DBL_MAX, "1.7976931348623157e+308" },
    { DBL_MIN, "2.2250738585072014e-308" },
    { 0x1p-1074, "5e-324" },
    { -0x1p-1074, "-5e-324" },
    { 0x1p-1073, "1e-323" },
    { 1e-310, "1e-310" },
    { 0x0.fffffffffffffp-1022, "2.225073858507201e-308" },
    { NAN, "null" },
    { -NAN, "null" },
    { INFINITY, "null" },
    { -INFINITY, "null" },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (doubles); i++)
    {
      g_autofree char *text = double_to_text (doubles[i].number);

      g_assert_cmpstr (text, ==, doubles[i].text);
    }
}

/* Written as JSON that reads back as the same number, with no digit more than needed. */
static void
check_double (double number)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autofree char *text = double_to_text (number);
  char shorter[64];
  double back;

  g_assert_true (sio_json_read (&tape, text, strlen (text), 1, 1, NULL));
  g_assert_cmpuint (tape.tokens->kind, ==, SIO_JSON_NUMBER);
  back = sio_json_token_get_double (tape.tokens, text);
  g_assert_cmpmem (&back, sizeof back, &number, sizeof number);

  if (number != floor (number) || fabs (number) >= 1e21)
    {
      guint digits = 0;
      const char *at;

      for (at = text; *at != '\0' && *at != 'e'; at++)
        if (g_ascii_isdigit (*at) && (digits > 0 || *at != '0'))
          digits++;
      if (digits == 17)
        {
          g_ascii_formatd (shorter, sizeof shorter, "%.16g", number);
          g_assert_true (g_ascii_strtod (shorter, NULL) != number);
        }
      if (digits >= 16)
        {
          g_ascii_formatd (shorter, sizeof shorter, "%.15g", number);
          g_assert_true (g_ascii_strtod (shorter, NULL) != number);
        }
      g_assert_cmpuint (digits, <=, 17);
    }
  else
    {
      g_assert_null (strpbrk (text, ".e"));
    }
}

static void
test_double_random (void)
{
  guint i;

  for (i = 0; i < 30000; i++)
    {
      guint64 bits = (guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
      double number;

      memcpy (&number, &bits, sizeof number);
      if (isfinite (number) && number != 0)
        check_double (number);
    }
}

static void
test_double_subnormal (void)
{
  guint i;

  for (i = 0; i < 5000; i++)
    {
      guint64 bits = ((guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int ()) >>
                     g_test_rand_int_range (12, 64);
      double number;

      bits |= g_test_rand_bit () ? G_GUINT64_CONSTANT (1) << 63 : 1;
      memcpy (&number, &bits, sizeof number);
      if (number != 0)
        check_double (number);
    }
}

/* Numbers of few decimals take another way than the rest, with the same result. */
static void
test_double_decimals (void)
{
  static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10 };
  guint i;

  for (i = 0; i < 50000; i++)
    {
      guint64 digits = ((guint64) g_test_rand_int () << 21 ^ (guint32) g_test_rand_int ()) >>
                       g_test_rand_int_range (0, 50);
      double number = (double) digits / powers[g_test_rand_int_range (0, G_N_ELEMENTS (powers))];
      g_autofree char *text = NULL;
      char other[64];

      if (g_test_rand_bit ())
        number = -number;
      if (number == 0)
        continue;
      check_double (number);

      g_ascii_formatd (other, sizeof other, "%.15g", number);
      text = double_to_text (number);
      if (fabs (number) < 1e15 && g_ascii_strtod (other, NULL) == number)
        g_assert_cmpstr (text, ==, other);
    }
}

static void
test_double_neighbours (void)
{
  static const double centres[] = { 1e-5, 1e-4, 1e-3, 0.1,  1,    10,   1e14,   1e15,
                                    1e16, 1e17, 1e20, 1e21, 1e22, 1e23, 0x1p53, 0x1p63 };
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (centres); i++)
    {
      double up = centres[i];
      double down = -centres[i];

      for (j = 0; j < 100; j++)
        {
          check_double (up);
          check_double (down);
          up = nextafter (up, INFINITY);
          down = nextafter (down, 0);
        }
    }
}

static void
test_double_locale (void)
{
  g_autofree char *saved = g_strdup (setlocale (LC_NUMERIC, NULL));
  g_autofree char *text = NULL;

  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL &&
      setlocale (LC_NUMERIC, "fr_FR.UTF-8") == NULL)
    {
      g_test_skip ("no locale with a decimal comma");
      return;
    }
  text = double_to_text (1.0 / 3);
  g_assert_cmpstr (text, ==, "0.3333333333333333");
  check_double (1.5);
  check_double (1.5e-9);
  setlocale (LC_NUMERIC, saved);
}

static void
test_placeholder (void)
{
  g_autoptr (GString) out = g_string_new ("51-[\"baz\",");

  sio_json_write_placeholder (out, 0);
  g_string_append_c (out, ',');
  sio_json_write_placeholder (out, 12);
  g_assert_cmpstr (out->str, ==,
                   "51-[\"baz\",{\"_placeholder\":true,\"num\":0},"
                   "{\"_placeholder\":true,\"num\":12}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json/writer/string", test_string);
  g_test_add_func ("/json/writer/string-none", test_string_none);
  g_test_add_func ("/json/writer/string-nul", test_string_nul);
  g_test_add_func ("/json/writer/P45/controls-are-escaped", test_string_controls);
  g_test_add_func ("/json/writer/string-round-trip", test_string_round_trip);
  g_test_add_func ("/json/writer/string-every-character", test_string_every_character);
  g_test_add_func ("/json/writer/P45/not-utf8-is-refused", test_string_not_utf8);
  g_test_add_func ("/json/writer/integer", test_integer);
  g_test_add_func ("/json/writer/unsigned", test_unsigned);
  g_test_add_func ("/json/writer/P43-P44/double", test_double);
  g_test_add_func ("/json/writer/double-random", test_double_random);
  g_test_add_func ("/json/writer/double-subnormal", test_double_subnormal);
  g_test_add_func ("/json/writer/double-decimals", test_double_decimals);
  g_test_add_func ("/json/writer/double-neighbours", test_double_neighbours);
  g_test_add_func ("/json/writer/double-locale", test_double_locale);
  g_test_add_func ("/json/writer/P11/placeholder", test_placeholder);

  return g_test_run ();
}
