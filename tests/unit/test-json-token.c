/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "json/sio-json-reader-private.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#define DEPTH 512
#define NODES 500000

static gboolean
get_integer (const char *text, gint64 *integer)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autofree char *exact = g_memdup2 (text, strlen (text));

  g_assert_true (sio_json_read (&tape, exact, strlen (text), DEPTH, NODES, NULL));
  return sio_json_token_get_integer (tape.tokens, exact, integer);
}

static void
test_integer (void)
{
  static const struct
  {
    const char *text;
    gint64 integer;
  } integers[] = {
    { "0", 0 },
    { "-0", 0 },
    { "7", 7 },
    { "-1", -1 },
    { "9007199254740993", G_GINT64_CONSTANT (9007199254740993) },
    { "999999999999999999", G_GINT64_CONSTANT (999999999999999999) },
    { "9223372036854775806", G_MAXINT64 - 1 },
    { "9223372036854775807", G_MAXINT64 },
    { "-9223372036854775807", -G_MAXINT64 },
    { "-9223372036854775808", G_MININT64 },
  };
  static const char *const others[] = {
    "9223372036854775808",
    "-9223372036854775809",
    "9999999999999999999",
    "-9999999999999999999",
    "18446744073709551615",
    "18446744073709551616",
    "18446744073709551617",
    "10000000000000000000",
    "99999999999999999999999999999999999999999999",
    "1.0",
    "1e0",
    "0.0",
    "-0.0",
    "1E2",
    "true",
    "null",
    "\"1\"",
    "\"\"",
    "[]",
    "[1]",
    "{}",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (integers); i++)
    {
      gint64 integer = 42;

      g_assert_true (get_integer (integers[i].text, &integer));
      g_assert_cmpint (integer, ==, integers[i].integer);
    }

  for (i = 0; i < G_N_ELEMENTS (others); i++)
    {
      gint64 integer = 42;

      g_assert_false (get_integer (others[i], &integer));
      g_assert_cmpint (integer, ==, 42);
    }
}

static double
get_double (const char *text)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autofree char *exact = g_memdup2 (text, strlen (text));
  g_autoptr (GError) error = NULL;

  sio_json_read (&tape, exact, strlen (text), DEPTH, NODES, &error);
  g_assert_no_error (error);
  return sio_json_token_get_double (tape.tokens, exact);
}

static guint64
bits_of (double number)
{
  guint64 bits;

  memcpy (&bits, &number, sizeof bits);
  return bits;
}

static void
assert_same_double (double one, double other)
{
  if (bits_of (one) != bits_of (other))
    g_error ("%.17g is not %.17g", one, other);
}

static void
test_double (void)
{
  static const struct
  {
    const char *text;
    double number;
  } doubles[] = {
    { "0", 0.0 },
    { "-0", -0.0 },
    { "-0.0", -0.0 },
    { "0e999999999999999999999", 0.0 },
    { "0e-999999999999999999999", 0.0 },
    { "1.5", 1.5 },
    { "-1.25e2", -125.0 },
    { "1e22", 1e22 },
    { "1e23", 1e23 },
    { "1e-22", 1e-22 },
    { "1e-23", 1e-23 },
    { "9007199254740992", 9007199254740992.0 },
    { "9007199254740993", 9007199254740992.0 },
    { "9007199254740993.0000000000000000000000001", 9007199254740994.0 },
    { "9223372036854775808", 9223372036854775808.0 },
    { "123456789012345678901234567890", 123456789012345678901234567890.0 },
    { "1.7976931348623157e308", G_MAXDOUBLE },
    { "2.2250738585072011e-308", 0x0.fffffffffffffp-1022 },
    { "2.2250738585072014e-308", 0x1p-1022 },
    { "5e-324", 0x1p-1074 },
    { "2e-324", 0.0 },
    { "3e-324", 0x1p-1074 },
    { "-1e-999999999999", -0.0 },
    { "1E+2", 100.0 },
    { "1e0000000000000000000000000000000000001", 10.0 },
    { "0.000000000000000000000000000000000001e36", 1.0 },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (doubles); i++)
    assert_same_double (get_double (doubles[i].text), doubles[i].number);

  g_assert_cmpint (isinf (get_double ("1e999")), >, 0);
  g_assert_cmpint (isinf (get_double ("1.7976931348623159e308")), >, 0);
  g_assert_true (isinf (get_double ("-1e99999999999999999999")) && get_double ("-1e309") < 0);
}

static void
test_double_long (void)
{
  g_autoptr (GString) text = g_string_new ("1");
  gsize i;

  /* 1 and 400 zeros and back by an exponent. */
  for (i = 0; i < 400; i++)
    g_string_append_c (text, '0');
  g_string_append (text, "e-400");
  assert_same_double (get_double (text->str), 1.0);

  /* Half-way between two doubles; a digit far behind decides. */
  g_string_assign (text, "9007199254740993.");
  for (i = 0; i < 3000; i++)
    g_string_append_c (text, '0');
  assert_same_double (get_double (text->str), 9007199254740992.0);
  g_string_append_c (text, '1');
  assert_same_double (get_double (text->str), 9007199254740994.0);

  g_string_assign (text, "0.");
  for (i = 0; i < 1000000; i++)
    g_string_append_c (text, '3');
  assert_same_double (get_double (text->str), 1.0 / 3);

  /* At the size of the buffer on the stack. */
  for (i = 120; i < 136; i++)
    {
      g_string_assign (text, "0.");
      while (text->len < i)
        g_string_append_c (text, '6');
      assert_same_double (get_double (text->str), 2.0 / 3);
    }
}

static void
test_double_random (void)
{
  guint i;

  for (i = 0; i < 20000; i++)
    {
      guint64 bits = (guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
      char text[64];
      double number;

      memcpy (&number, &bits, sizeof number);
      if (!isfinite (number))
        continue;
      assert_same_double (get_double (g_ascii_formatd (text, sizeof text, "%.17g", number)),
                          number);
      assert_same_double (get_double (g_ascii_formatd (text, sizeof text, "%.25e", number)),
                          number);
    }
}

/* Digits and exponents about the limits of what is computed without strtod(). */
static void
test_double_against_strtod (void)
{
  guint i;

  for (i = 0; i < 50000; i++)
    {
      guint64 digits = ((guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int ()) >>
                       g_test_rand_int_range (0, 60);
      char text[80];

      g_snprintf (text, sizeof text, "%s%" G_GUINT64_FORMAT ".%de%d", g_test_rand_bit () ? "-" : "",
                  digits, g_test_rand_int_range (0, 1000), g_test_rand_int_range (-30, 30));
      assert_same_double (get_double (text), g_ascii_strtod (text, NULL));
    }
}

static void
test_double_locale (void)
{
  const char *before = setlocale (LC_NUMERIC, NULL);
  g_autofree char *saved = g_strdup (before);

  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL &&
      setlocale (LC_NUMERIC, "fr_FR.UTF-8") == NULL)
    {
      g_test_skip ("no locale with a decimal comma");
      return;
    }
  assert_same_double (get_double ("1.5"), 1.5);
  assert_same_double (get_double ("1.00000000000000000000000001e5"), 1e5);
  setlocale (LC_NUMERIC, saved);
}

/* Its value, and what equals() says of it must agree. */
static void
assert_value (const char *text, const char *value, gsize length)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autofree char *exact = g_memdup2 (text, strlen (text));
  g_autofree char *out = NULL;
  g_autofree char *longer = g_malloc0 (length + 1);
  const SioJsonToken *token;
  g_autoptr (GError) error = NULL;
  gsize i;

  sio_json_read (&tape, exact, strlen (text), DEPTH, NODES, &error);
  g_assert_no_error (error);
  token = tape.tokens;
  g_assert_cmpuint (token->kind, ==, SIO_JSON_STRING);

  out = g_malloc (token->end - token->start + 1);
  g_assert_cmpuint (sio_json_token_unescape (token, exact, out), ==, length);
  g_assert_cmpmem (out, length, value, length);
  g_assert_cmpint (out[length], ==, '\0');
  g_assert_true (g_utf8_validate_len (out, length, NULL) || memchr (out, '\0', length) != NULL);

  g_assert_true (sio_json_token_equals (token, exact, value, length));
  memcpy (longer, value, length);
  g_assert_false (sio_json_token_equals (token, exact, longer, length + 1));
  for (i = 0; i < length; i++)
    {
      g_autofree char *other = g_memdup2 (value, length);

      g_assert_false (sio_json_token_equals (token, exact, other, i));
      other[i] ^= 1;
      g_assert_false (sio_json_token_equals (token, exact, other, length));
    }
}

#define ASSERT_VALUE(text, value) assert_value (text, value, sizeof (value) - 1)

static void
test_unescape (void)
{
  ASSERT_VALUE ("\"\"", "");
  ASSERT_VALUE ("\"abc\"", "abc");
  ASSERT_VALUE ("\"a longer text that has nothing special\"",
                "a longer text that has nothing special");
  ASSERT_VALUE ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
  ASSERT_VALUE ("\"x\\ny\\\\\"", "x\ny\\");
  ASSERT_VALUE ("\"\\\\n\"", "\\n");
  ASSERT_VALUE ("\"\\u0041\\u00e9\\u00E9\\u20ac\\uFFFF\\uABCD\\uabcd\"",
                "A\xc3\xa9\xc3\xa9\xe2\x82\xac\xef\xbf\xbf\xea\xaf\x8d\xea\xaf\x8d");
  ASSERT_VALUE ("\"\\u007f\\u0080\\u07ff\\u0800\\ud7ff\\ue000\"",
                "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80");
  ASSERT_VALUE ("\"gr\xc3\xbc\xc3\x9f\\u00df\"", "gr\xc3\xbc\xc3\x9f\xc3\x9f");
}

static void
test_unescape_nul (void)
{
  ASSERT_VALUE ("\"\\u0000\"", "\0");
  ASSERT_VALUE ("\"a\\u0000b\"", "a\0b");
  ASSERT_VALUE ("\"\\u0000\\u0000end\"", "\0\0end");
}

/* What is written ends right behind the token's own room, so that a sanitizer sees a byte more. */
static void
assert_shown (const char *text, const char *shown)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autofree char *out = NULL;
  const SioJsonToken *token;

  g_assert_true (sio_json_read (&tape, text, strlen (text), DEPTH, NODES, NULL));
  token = tape.tokens;
  out = g_malloc (token->end - token->start + 1);
  g_assert_cmpuint (sio_json_token_unescape_shown (token, text, out), ==, strlen (shown));
  g_assert_cmpstr (out, ==, shown);
}

/* X6 */
static void
test_unescape_shown (void)
{
  assert_shown ("\"\"", "");
  assert_shown ("\"plain\"", "plain");
  assert_shown ("\"\\n\\u00e9\"", "\n\xc3\xa9");
  assert_shown ("\"\\u0000\"", "\xef\xbf\xbd");
  assert_shown ("\"a\\u0000b\\n\"", "a\xef\xbf\xbd"
                                    "b\n");
  assert_shown ("\"\\u0000\\u0000end\\u0000\"", "\xef\xbf\xbd\xef\xbf\xbd"
                                                "end\xef\xbf\xbd");
  assert_shown ("\"\\\\u0000\"", "\\u0000");
}

static void
test_unescape_pairs (void)
{
  ASSERT_VALUE ("\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80");
  ASSERT_VALUE ("\"\\uD800\\uDC00\"", "\xf0\x90\x80\x80");
  ASSERT_VALUE ("\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf");
  ASSERT_VALUE ("\"a\\ud83d\\ude00b\\ud83d\\ude01c\"", "a\xf0\x9f\x98\x80"
                                                       "b\xf0\x9f\x98\x81"
                                                       "c");
}

#define REPLACED "\xef\xbf\xbd"

static void
test_unescape_lone (void)
{
  ASSERT_VALUE ("\"\\ud800\"", REPLACED);
  ASSERT_VALUE ("\"\\udbff\"", REPLACED);
  ASSERT_VALUE ("\"\\udc00\"", REPLACED);
  ASSERT_VALUE ("\"\\udfff\"", REPLACED);
  ASSERT_VALUE ("\"\\ud800x\"", REPLACED "x");
  ASSERT_VALUE ("\"\\ud800\\n\"", REPLACED "\n");
  ASSERT_VALUE ("\"\\ud800\\u0041\"", REPLACED "A");
  ASSERT_VALUE ("\"\\ud800\\ud800\"", REPLACED REPLACED);
  ASSERT_VALUE ("\"\\udc00\\ud800\"", REPLACED REPLACED);
  ASSERT_VALUE ("\"\\ud800\\ud83d\\ude00\"", REPLACED "\xf0\x9f\x98\x80");
  ASSERT_VALUE ("\"\\ud800\\\\udc00\"", REPLACED "\\udc00");
  ASSERT_VALUE ("\"\\ud800 \\udc00\"", REPLACED " " REPLACED);
  ASSERT_VALUE ("\"\\ud83d\\ue000\"", REPLACED "\xee\x80\x80");
}

static void
test_equals_prefix (void)
{
  static const char text[] = "[\"connect\",\"connec\\u0074\",\"\\u0063onnect\"]";
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  guint i;

  g_assert_true (sio_json_read (&tape, text, strlen (text), DEPTH, NODES, NULL));
  for (i = 1; i < 4; i++)
    {
      g_assert_true (sio_json_token_equals (&tape.tokens[i], text, "connect", 7));
      g_assert_false (sio_json_token_equals (&tape.tokens[i], text, "connect", 6));
      g_assert_false (sio_json_token_equals (&tape.tokens[i], text, "connects", 8));
      g_assert_false (sio_json_token_equals (&tape.tokens[i], text, "konnect", 7));
      g_assert_false (sio_json_token_equals (&tape.tokens[i], text, "", 0));
      g_assert_false (sio_json_token_equals (&tape.tokens[i], text, NULL, 0));
    }
}

/* Tokens count from the beginning of the text, and nothing behind them is looked at. */
static void
test_in_place (void)
{
  static const char text[] = "xx12345\\u0041bc";
  SioJsonToken number = { .start = 2, .end = 4, .span = 1, .kind = SIO_JSON_NUMBER };
  SioJsonToken string = { .start = 7, .end = 14, .span = 1, .kind = SIO_JSON_STRING };
  char out[8];
  gint64 integer = 0;

  g_assert_cmpfloat (sio_json_token_get_double (&number, text), ==, 12.0);
  g_assert_false (sio_json_token_get_integer (&number, text, &integer));
  number.flags = SIO_JSON_INTEGER;
  g_assert_true (sio_json_token_get_integer (&number, text, &integer));
  g_assert_cmpint (integer, ==, 12);

  /* The reader says whether there are escapes. */
  g_assert_cmpuint (sio_json_token_unescape (&string, text, out), ==, 7);
  g_assert_cmpstr (out, ==, "\\u0041b");
  g_assert_true (sio_json_token_equals (&string, text, "\\u0041b", 7));
  string.flags = SIO_JSON_ESCAPED;
  g_assert_cmpuint (sio_json_token_unescape (&string, text, out), ==, 2);
  g_assert_cmpstr (out, ==, "Ab");
  g_assert_true (sio_json_token_equals (&string, text, "Ab", 2));
}

static void
test_empty (void)
{
  static const char text[] = "\"\"";
  const SioJsonToken token = { .start = 1, .end = 1, .span = 1, .kind = SIO_JSON_STRING };
  char out[1] = { 'x' };

  g_assert_cmpuint (sio_json_token_unescape (&token, text, out), ==, 0);
  g_assert_cmpint (out[0], ==, '\0');
  g_assert_true (sio_json_token_equals (&token, text, NULL, 0));
  g_assert_false (sio_json_token_equals (&token, text, "a", 1));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-token/integer", test_integer);
  g_test_add_func ("/json-token/double", test_double);
  g_test_add_func ("/json-token/double-long", test_double_long);
  g_test_add_func ("/json-token/double-random", test_double_random);
  g_test_add_func ("/json-token/double-against-strtod", test_double_against_strtod);
  g_test_add_func ("/json-token/double-locale", test_double_locale);
  g_test_add_func ("/json-token/unescape", test_unescape);
  g_test_add_func ("/json-token/unescape-nul", test_unescape_nul);
  g_test_add_func ("/json-token/X6-unescape-shown", test_unescape_shown);
  g_test_add_func ("/json-token/unescape-pairs", test_unescape_pairs);
  g_test_add_func ("/json-token/P46/lone-surrogates", test_unescape_lone);
  g_test_add_func ("/json-token/equals", test_equals_prefix);
  g_test_add_func ("/json-token/in-place", test_in_place);
  g_test_add_func ("/json-token/empty", test_empty);

  return g_test_run ();
}
