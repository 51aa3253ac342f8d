/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value-private.h"

#include "tests/lib/sio-test-value.h"

#include <string.h>

static void
test_variant_types (void)
{
  static const struct
  {
    const char *variant;
    const char *json;
  } cases[] = {
    { "true", "true" },
    { "byte 0xff", "255" },
    { "int16 -32768", "-32768" },
    { "uint16 65535", "65535" },
    { "-5", "-5" },
    { "uint32 4294967295", "4294967295" },
    { "int64 -9223372036854775808", "-9223372036854775808" },
    { "uint64 18446744073709551615", "18446744073709551615" },
    { "2.0", "2" },
    { "0.1", "0.1" },
    { "inf", "null" },
    { "nan", "null" },
    { "1e21", "1e+21" },
    { "'a\"é'", "\"a\\\"é\"" },
    { "objectpath '/a'", "\"/a\"" },
    { "signature 'a{sv}'", "\"a{sv}\"" },
    { "()", "[]" },
    { "(1,)", "[1]" },
    { "(1,'a',<true>)", "[1,\"a\",true]" },
    { "@ai []", "[]" },
    { "[1,2]", "[1,2]" },
    { "[0.5,1.0]", "[0.5,1]" },
    { "@ax [9007199254740993]", "[9007199254740993]" },
    { "[<1>,<'a'>,<[<2>]>]", "[1,\"a\",[2]]" },
    { "[(1,'x'),(2,'y')]", "[[1,\"x\"],[2,\"y\"]]" },
    { "@a{sv} {}", "{}" },
    { "{'b':1,'a':2,'b':3}", "{\"b\":1,\"a\":2,\"b\":3}" },
    { "{'a':<{'b':<[1]>}>}", "{\"a\":{\"b\":[1]}}" },
    { "{objectpath '/x':1}", "{\"/x\":1}" },
    { "{signature 's':1}", "{\"s\":1}" },
    { "{1:'a',-2:'b'}", "{\"1\":\"a\",\"-2\":\"b\"}" },
    { "{true:1}", "{\"true\":1}" },
    { "{byte 7:1}", "{\"7\":1}" },
    { "{1.5:1}", "{\"1.5\":1}" },
    { "@{sv} {'a',<1>}", "{\"a\":1}" },
    { "@ms nothing", "null" },
    { "@ms 'a'", "\"a\"" },
    { "@mms just nothing", "null" },
    { "@mai [1]", "[1]" },
    { "<<<5>>>", "5" },
    { "<@mv nothing>", "null" },
    { "@ams ['a',nothing]", "[\"a\",null]" },
    { "b'ab'", "{\"_placeholder\":true,\"num\":0}" },
    { "@ay []", "{\"_placeholder\":true,\"num\":0}" },
    { "[b'a',b'b']", "[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]" },
    { "({'k':<b'a'>},b'b')",
      "[{\"k\":{\"_placeholder\":true,\"num\":0}},{\"_placeholder\":true,\"num\":1}]" },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    sio_test_assert_json (sio_value_new_from_variant (g_variant_new_parsed (cases[i].variant)),
                          cases[i].json);
}

static void
test_variant_bytes (void)
{
  g_autoptr (SioValue) value = sio_value_new_from_variant (
      g_variant_new ("(@ay)", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, "\6\0\7", 3, 1)));
  GBytes *bytes = sio_value_get_bytes (sio_value_get_element (value, 0));

  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "\6\0\7", 3);
}

static void
test_variant_ownership (void)
{
  GVariant *variant = g_variant_new_string ("kept");
  g_autoptr (GVariant) kept = g_variant_ref_sink (variant);

  sio_test_assert_json (sio_value_new_from_variant (kept), "\"kept\"");
  g_assert_cmpstr (g_variant_get_string (kept, NULL), ==, "kept");
}

/* What others serialised is not trusted. */
static void
test_variant_not_normal (void)
{
  static const guint8 data[] = { 'a', 'b', 0xff, 0x00, 0x20 };
  GVariant *variant =
      g_variant_new_from_data (G_VARIANT_TYPE ("as"), data, sizeof data, FALSE, NULL, NULL);
  g_autoptr (SioValue) value = sio_value_new_from_variant (variant);

  g_assert_cmpint (sio_value_get_kind (value), ==, SIO_VALUE_ARRAY);
}

static void
test_variant_handle (void)
{
  sio_test_expect_critical ("handle");
  sio_test_assert_json (sio_value_new_from_variant (g_variant_new_parsed ("(1,handle 0,handle 1)")),
                        "[1,null,null]");
  sio_test_assert_critical_came ();
}

static void
test_P17_variant_depth (void)
{
  GVariant *variant = g_variant_new_int32 (1);
  g_autoptr (SioValue) value = NULL;
  SioValue *inner;
  guint i;

  for (i = 0; i < 600; i++)
    variant = g_variant_new_tuple ((GVariant *[]){ g_variant_new_variant (variant) }, 1);

  sio_test_expect_critical ("nested too deeply");
  value = sio_value_new_from_variant (variant);
  sio_test_assert_critical_came ();
  for (i = 0, inner = value; sio_value_get_length (inner) == 1; i++)
    inner = sio_value_get_element (inner, 0);
  g_assert_cmpuint (i, ==, 512);
  g_assert_cmpint (sio_value_get_kind (inner), ==, SIO_VALUE_NULL);
}

static void
count_free (gpointer data)
{
  ++*(guint *) data;
}

static void
test_variant_floating (void)
{
  guint n_freed = 0;
  GVariant *variant = g_variant_new_from_data (G_VARIANT_TYPE_STRING, "text", sizeof "text", TRUE,
                                               count_free, &n_freed);

  sio_test_assert_json (sio_value_new_from_variant (variant), "\"text\"");
  g_assert_cmpuint (n_freed, ==, 1);
}

/* The bytes of a variant are not copied, so they stay for as long as the value does. */
static void
test_variant_bytes_kept (void)
{
  guint n_freed = 0;
  GVariant *variant = g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, "data", strlen ("data"),
                                               TRUE, count_free, &n_freed);
  SioValue *value = sio_value_new_from_variant (variant);

  g_assert_cmpuint (n_freed, ==, 0);
  sio_test_assert_bytes (value, "data");
  sio_value_unref (value);
  g_assert_cmpuint (n_freed, ==, 1);
}

/* Boxes leave no trace, however many there are. */
static void
test_variant_boxes (void)
{
  GVariant *variant = g_variant_new_int32 (7);
  guint i;

  for (i = 0; i < 2000; i++)
    variant = i % 2 == 0 ? g_variant_new_variant (variant) : g_variant_new_maybe (NULL, variant);
  sio_test_assert_json (sio_value_new_from_variant (variant), "7");
}

static void
test_P17_variant_depth_fits (void)
{
  GVariant *variant = g_variant_new_int32 (7);
  g_autoptr (SioValue) value = NULL;
  SioValue *inner;
  guint i;

  for (i = 0; i < 512; i++)
    variant = g_variant_new_tuple ((GVariant *[]){ g_variant_new_variant (variant) }, 1);
  value = sio_value_new_from_variant (variant);
  for (i = 0, inner = value; i < 512; i++)
    inner = sio_value_get_element (inner, 0);
  g_assert_cmpint (sio_value_get_integer (inner), ==, 7);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/value-from-variant/types", test_variant_types);
  g_test_add_func ("/value-from-variant/bytes", test_variant_bytes);
  g_test_add_func ("/value-from-variant/ownership", test_variant_ownership);
  g_test_add_func ("/value-from-variant/not-normal", test_variant_not_normal);
  g_test_add_func ("/value-from-variant/handle", test_variant_handle);
  g_test_add_func ("/value-from-variant/P17/depth", test_P17_variant_depth);
  g_test_add_func ("/value-from-variant/floating", test_variant_floating);
  g_test_add_func ("/value-from-variant/bytes-kept", test_variant_bytes_kept);
  g_test_add_func ("/value-from-variant/boxes", test_variant_boxes);
  g_test_add_func ("/value-from-variant/P17/depth-fits", test_P17_variant_depth_fits);

  return g_test_run ();
}
