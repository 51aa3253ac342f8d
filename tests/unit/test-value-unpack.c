/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value-private.h"

#include "tests/lib/sio-test-value.h"

#include <string.h>

static void
test_unpack (void)
{
  g_autoptr (SioValue) value = sio_test_value_read_with_bytes (
      "[true,-7,9007199254740993,1.5,\"text\",{\"_placeholder\":true,\"num\":0},[1],\"more\"]");
  gboolean boolean = FALSE;
  int integer = 0;
  gint64 large = 0;
  double number = 0;
  g_autofree char *string = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (SioValue) any = NULL;

  g_assert_true (sio_value_unpack (value, "bixdsyv", &boolean, &integer, &large, &number, &string,
                                   &bytes, &any));
  g_assert_true (boolean);
  g_assert_cmpint (integer, ==, -7);
  g_assert_cmpint (large, ==, G_GINT64_CONSTANT (9007199254740993));
  g_assert_cmpfloat (number, ==, 1.5);
  g_assert_cmpstr (string, ==, "text");
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "zero", 4);
  g_assert_true (any == sio_value_get_element (value, 6));

  /* What is owned outlives the value. */
  g_clear_pointer (&value, sio_value_unref);
  g_assert_cmpint (sio_value_get_integer (sio_value_get_element (any, 0)), ==, 1);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "zero", 4);
}

static void
test_unpack_borrowed (void)
{
  g_autoptr (SioValue) value =
      sio_test_value_read_with_bytes ("[\"a\\u0000b\",{\"_placeholder\":true,\"num\":1},null]");
  const char *string = NULL;
  GBytes *bytes = NULL;
  SioValue *any = NULL;

  g_assert_true (sio_value_unpack (value, "&s&y&v", &string, &bytes, &any));
  g_assert_true (string == sio_value_get_string (sio_value_get_element (value, 0)));
  g_assert_cmpstr (string, ==, "a\357\277\275b");
  g_assert_true (bytes == sio_value_get_bytes (sio_value_get_element (value, 1)));
  g_assert_true (any == sio_value_get_element (value, 2));
}

static void
test_unpack_skip (void)
{
  g_autoptr (SioValue) value = sio_test_value_read ("[null,\"a\",{},2]");
  g_autofree char *string = NULL;
  int integer = 0;

  g_assert_true (sio_value_unpack (value, "*s*i", &string, &integer));
  g_assert_cmpstr (string, ==, "a");
  g_assert_cmpint (integer, ==, 2);
  g_assert_true (sio_value_unpack (value, "*s*i", NULL, NULL));
  g_assert_false (sio_value_unpack (value, "*****"));
  g_assert_true (sio_value_unpack (value, "****|*"));
  g_assert_true (sio_value_unpack (value, ""));
  g_assert_true (sio_value_unpack (value, "|"));
}

static void
test_unpack_optional (void)
{
  g_autoptr (SioValue) short_one = sio_test_value_read ("[\"a\"]");
  g_autoptr (SioValue) with_null = sio_test_value_read ("[\"a\",null,3]");
  g_autoptr (SioValue) wrong = sio_test_value_read ("[\"a\",\"b\",3]");
  const char *string = NULL;
  int integer = -1, last = -1;
  SioValue *any = (gpointer) &last;
  char *owned = (gpointer) &last;

  g_assert_true (sio_value_unpack (short_one, "&s|ii", &string, &integer, &last));
  g_assert_cmpstr (string, ==, "a");
  g_assert_cmpint (integer, ==, -1);
  g_assert_cmpint (last, ==, -1);

  g_assert_true (sio_value_unpack (short_one, "*|vs", &any, &owned));
  g_assert_true (any == (gpointer) &last);
  g_assert_true (owned == (gpointer) &last);

  g_assert_true (sio_value_unpack (with_null, "&s|ii", &string, &integer, &last));
  g_assert_cmpint (integer, ==, -1);
  g_assert_cmpint (last, ==, 3);
  g_assert_false (sio_value_unpack (with_null, "&sii", &string, &integer, &last));

  last = -1;
  string = NULL;
  g_assert_false (sio_value_unpack (wrong, "&s|ii", &string, &integer, &last));
  g_assert_null (string);
  g_assert_cmpint (last, ==, -1);
}

/* Each letter takes what fits it and nothing else. */
static void
test_unpack_fits (void)
{
  static const struct
  {
    const char *element;
    const char *letters; /* that it fits */
  } cases[] = {
    { "true", "bv*" },
    { "0", "ixdv*" },
    { "2.0", "ixdv*" },
    { "-3e2", "ixdv*" },
    { "2.5", "dv*" },
    { "2147483647", "ixdv*" },
    { "-2147483648", "ixdv*" },
    { "2147483648", "xdv*" },
    { "-2147483649", "xdv*" },
    { "2147483648.0", "xdv*" },
    { "9223372036854775807", "xdv*" },
    { "9223372036854775808", "dv*" },
    { "9223372036854775807.0", "dv*" },
    { "-9223372036854775808.0", "xdv*" },
    { "-9223372036854777856.0", "dv*" },
    { "1e400", "dv*" },
    { "-1e400", "dv*" },
    { "\"1\"", "sv*" },
    { "\"\"", "sv*" },
    { "null", "v*" },
    { "[]", "v*" },
    { "{}", "v*" },
    { "{\"_placeholder\":true,\"num\":0}", "yv*" },
  };
  guint i;
  const char *letter;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    for (letter = "bixdsyv*"; *letter != '\0'; letter++)
      {
        g_autofree char *json = g_strdup_printf ("[%s]", cases[i].element);
        g_autoptr (SioValue) value = sio_test_value_read_with_bytes (json);
        char format[] = { *letter, '\0' };

        g_assert_cmpint (sio_value_unpack (value, format, NULL), ==,
                         strchr (cases[i].letters, *letter) != NULL);
      }
}

/* Owned ones too are only made when all fits. */
static void
test_unpack_all_or_nothing (void)
{
  g_autoptr (SioValue) value = sio_test_value_read ("[\"a\",\"b\",1]");
  g_autoptr (SioValue) object = sio_test_value_read ("{}");
  char *string = NULL;
  SioValue *any = NULL;
  int integer = -1;

  g_assert_false (sio_value_unpack (value, "svb", &string, &any, &integer));
  g_assert_false (sio_value_unpack (value, "sv*i", &string, &any, &integer));
  g_assert_false (sio_value_unpack (object, "s", &string));
  g_assert_false (sio_value_unpack (object, "|s", &string));
  g_assert_false (sio_value_unpack (NULL, "|s", &string));
  g_assert_null (string);
  g_assert_null (any);
  g_assert_cmpint (integer, ==, -1);
}

static void
test_unpack_wrong_format (void)
{
  static const char *const formats[] = { "z",  "sz",   "(s)", "&",   "&i",
                                         "&*", "s||s", "s s", "&&s", "s|&" };
  g_autoptr (SioValue) value = sio_test_value_read ("[]");
  guint i;

  for (i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_test_expect_message ("Sio", G_LOG_LEVEL_CRITICAL, "*format_is_valid*");
      g_assert_false (sio_value_unpack (value, formats[i], NULL, NULL, NULL));
      g_test_assert_expected_messages ();
    }
}

static gboolean
unpack_both (SioValue *one, SioValue *other, const char *first, ...)
{
  gboolean fits;
  va_list args;

  va_start (args, first);
  fits = sio_value_unpack_va (one, first, &args);
  if (fits)
    fits = sio_value_unpack_va (other, va_arg (args, const char *), &args);
  va_end (args);
  return fits;
}

/* One place is consumed for each letter but *, also for what is missing. */
static void
test_unpack_va (void)
{
  g_autoptr (SioValue) one = sio_test_value_read ("[1,\"skipped\",true]");
  g_autoptr (SioValue) other = sio_test_value_read ("[\"text\",2.5]");
  gboolean boolean = FALSE;
  int integer = 0, missing = -1;
  double number = 0;
  const char *string = NULL;

  g_assert_true (
      unpack_both (one, other, "i*b|i", &integer, &boolean, &missing, "&sd", &string, &number));
  g_assert_cmpint (integer, ==, 1);
  g_assert_true (boolean);
  g_assert_cmpint (missing, ==, -1);
  g_assert_cmpstr (string, ==, "text");
  g_assert_cmpfloat (number, ==, 2.5);
  g_assert_false (unpack_both (other, one, "*", "s", &string));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/value-unpack/letters", test_unpack);
  g_test_add_func ("/value-unpack/borrowed", test_unpack_borrowed);
  g_test_add_func ("/value-unpack/skip", test_unpack_skip);
  g_test_add_func ("/value-unpack/optional", test_unpack_optional);
  g_test_add_func ("/value-unpack/fits", test_unpack_fits);
  g_test_add_func ("/value-unpack/all-or-nothing", test_unpack_all_or_nothing);
  g_test_add_func ("/value-unpack/wrong-format", test_unpack_wrong_format);
  g_test_add_func ("/value-unpack/va", test_unpack_va);

  return g_test_run ();
}
