/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value-private.h"

#include "tests/lib/sio-test-value.h"

#include <math.h>

static void
test_args_plain (void)
{
  sio_test_assert_json (sio_args (NULL), "[]");
  sio_test_assert_json (sio_args ("()"), "[]");
  sio_test_assert_json (sio_args ("(s)", "world"), "[\"world\"]");
  sio_test_assert_json (sio_args ("(sib)", "a", 1, TRUE), "[\"a\",1,true]");
  sio_test_assert_json (sio_args ("(bb)", 2, FALSE), "[true,false]");
  sio_test_assert_json (sio_args ("(yynnqq)", 0, 255, -32768, 32767, 0, 65535),
                        "[0,255,-32768,32767,0,65535]");
  sio_test_assert_json (sio_args ("(iiuu)", G_MININT, G_MAXINT, 0u, G_MAXUINT),
                        "[-2147483648,2147483647,0,4294967295]");
  sio_test_assert_json (sio_args ("(xxt)", G_MININT64, G_MAXINT64, G_MAXUINT64),
                        "[-9223372036854775808,9223372036854775807,18446744073709551615]");
  sio_test_assert_json (sio_args ("(dddd)", 0.25, 3.0, NAN, -INFINITY), "[0.25,3,null,null]");
  sio_test_assert_json (sio_args ("(dsdsds)", 1.5, "a", 2.5, "b", 3.5, ""),
                        "[1.5,\"a\",2.5,\"b\",3.5,\"\"]");
  sio_test_assert_json (sio_args ("s", "only"), "[\"only\"]");
  sio_test_assert_json (sio_args ("d", 0.5), "[0.5]");
}

static void
test_args_variant (void)
{
  static const char *const list[] = { "a", "b", NULL };
  GVariantBuilder builder;

  sio_test_assert_json (sio_args ("(^as)", list), "[[\"a\",\"b\"]]");
  sio_test_assert_json (sio_args ("^as", list), "[\"a\",\"b\"]");
  sio_test_assert_json (sio_args ("(i(ss))", 1, "a", "b"), "[1,[\"a\",\"b\"]]");
  sio_test_assert_json (sio_args ("(msms)", NULL, "x"), "[null,\"x\"]");
  sio_test_assert_json (sio_args ("(v)", g_variant_new_int32 (4)), "[4]");
  sio_test_assert_json (sio_args ("v", g_variant_new_int32 (4)), "[4]");
  sio_test_assert_json (sio_args ("(so)", "a", "/o"), "[\"a\",\"/o\"]");
  sio_test_assert_json (sio_args ("(@i)", g_variant_new_int32 (1)), "[1]");
  sio_test_assert_json (sio_args ("*", g_variant_new_int32 (1)), "[1]");
  sio_test_assert_json (sio_args ("r", g_variant_new ("(ii)", 1, 2)), "[1,2]");
  sio_test_assert_json (sio_args ("(is@ay)", 1, "2",
                                  g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, "\6\7\10", 3, 1)),
                        "[1,\"2\",{\"_placeholder\":true,\"num\":0}]");
  sio_test_assert_json (
      sio_args ("@ay", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, "x", 1, 1)),
      "[{\"_placeholder\":true,\"num\":0}]");

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "k", g_variant_new_int32 (1));
  sio_test_assert_json (sio_args ("a{sv}", &builder), "[{\"k\":1}]");
}

static void
test_args_not_utf8 (void)
{
  sio_test_expect_critical ("not UTF-8");
  g_assert_null (sio_args ("(is)", 1, "\xff"));
  sio_test_assert_critical_came ();
  sio_test_expect_critical ("NULL");
  g_assert_null (sio_args ("s", NULL));
  sio_test_assert_critical_came ();
}

static void
test_args_wrong_format (void)
{
  sio_test_expect_critical ("format string");
  g_assert_null (sio_args ("(s)(s)", "a", "b"));
  sio_test_assert_critical_came ();
  sio_test_expect_critical ("format string");
  g_assert_null (sio_args ("ss", "a", "b"));
  sio_test_assert_critical_came ();

  g_test_expect_message ("GLib", G_LOG_LEVEL_CRITICAL, "*GVariant format string*");
  g_test_expect_message ("GLib", G_LOG_LEVEL_CRITICAL, "*valid_format_string*");
  g_assert_null (sio_args ("(s", "a"));
  g_test_assert_expected_messages ();
  g_test_expect_message ("GLib", G_LOG_LEVEL_CRITICAL, "*GVariant format string*");
  g_test_expect_message ("GLib", G_LOG_LEVEL_CRITICAL, "*valid_format_string*");
  g_assert_null (sio_args ("", "a"));
  g_test_assert_expected_messages ();
}

static void
test_take_args (void)
{
  g_autoptr (SioValue) bytes = sio_test_value_new_bytes ("data");
  SioValue *array = sio_test_value_read ("[1,2]");
  g_autoptr (SioValue) only = NULL;
  g_autoptr (SioValue) outer = sio_test_value_read ("{\"a\":[1]}");

  sio_test_assert_json (sio_value_take_args (NULL), "[]");
  sio_test_assert_json (sio_value_take_args (sio_value_new_string ("x")), "[\"x\"]");
  sio_test_assert_json (sio_value_take_args (sio_value_new_null ()), "[null]");
  sio_test_assert_json (sio_value_take_args (sio_test_value_read ("{\"a\":1}")), "[{\"a\":1}]");
  sio_test_assert_json (sio_value_take_args (sio_value_ref (sio_value_get_member (outer, "a"))),
                        "[1]");
  g_assert_true (sio_value_take_args (array) == array);
  sio_value_unref (array);

  only = sio_value_take_args (sio_value_ref (bytes));
  g_assert_cmpint (sio_value_get_kind (only), ==, SIO_VALUE_ARRAY);
  sio_test_assert_bytes (sio_value_get_element (only, 0), "data");
}

/* What is as deep as can be is still an argument. */
static void
test_take_args_deep (void)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (SioValue) args = NULL;
  SioValue *inner;
  guint i;

  for (i = 0; i < 512; i++)
    g_string_append (json, "{\"a\":");
  g_string_append (json, "7");
  for (i = 0; i < 512; i++)
    g_string_append_c (json, '}');

  args = sio_value_take_args (sio_test_value_read (json->str));
  inner = sio_value_get_element (args, 0);
  for (i = 0; i < 512; i++)
    inner = sio_value_get_member (inner, "a");
  g_assert_cmpint (sio_value_get_integer (inner), ==, 7);
}

static void
make_three (SioValue *values[3], const char *first, ...)
{
  va_list args;

  va_start (args, first);
  values[0] = sio_value_new_args_va (first, &args);
  values[1] = sio_value_new_args_va (va_arg (args, const char *), &args);
  values[2] = sio_value_new_args_va (va_arg (args, const char *), &args);
  va_end (args);
}

/* What a format asks for is consumed, neither more nor less, whichever way it is written. */
static void
test_args_va (void)
{
  static const char *const list[] = { "a", "b", NULL };
  SioValue *values[3];

  make_three (values, "(sd)", "x", 0.5, "(^asms)", list, NULL, "(ixb)", 1, (gint64) 2, TRUE);
  sio_test_assert_json (values[0], "[\"x\",0.5]");
  sio_test_assert_json (values[1], "[[\"a\",\"b\"],null]");
  sio_test_assert_json (values[2], "[1,2,true]");

  make_three (values, NULL, "()", "s", "end");
  sio_test_assert_json (values[0], "[]");
  sio_test_assert_json (values[1], "[]");
  sio_test_assert_json (values[2], "[\"end\"]");
}

/* Attachments of others in the same document are not sent along. */
static void
test_take_args_part (void)
{
  g_autoptr (SioValue) value = sio_test_value_read_with_bytes (
      "{\"a\":{\"_placeholder\":true,\"num\":0},\"b\":{\"k\":{\"_placeholder\":true,\"num\":1}}}");
  g_autoptr (SioValue) args = sio_value_take_args (sio_value_ref (sio_value_lookup (value, "/b")));

  sio_test_assert_text (args, "[{\"k\":{\"_placeholder\":true,\"num\":0}}]");
  g_assert_cmpuint (sio_value_peek_attachments (args)->len, ==, 1);
  g_assert_true (sio_value_get_bytes (sio_value_lookup (args, "/0/k")) ==
                 sio_value_get_bytes (sio_value_lookup (value, "/b/k")));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/value-args/plain", test_args_plain);
  g_test_add_func ("/value-args/variant", test_args_variant);
  g_test_add_func ("/value-args/not-utf8", test_args_not_utf8);
  g_test_add_func ("/value-args/wrong-format", test_args_wrong_format);
  g_test_add_func ("/value-args/take-args/forms", test_take_args);
  g_test_add_func ("/value-args/take-args/deep", test_take_args_deep);
  g_test_add_func ("/value-args/va", test_args_va);
  g_test_add_func ("/value-args/take-args/part", test_take_args_part);

  return g_test_run ();
}
