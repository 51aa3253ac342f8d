/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value-private.h"

#include "tests/lib/sio-test-value.h"

#include <math.h>

static void
test_scalars (void)
{
  g_autoptr (SioValue) whole = sio_value_new_number (2.0);
  g_autoptr (SioValue) nothing = sio_value_new_number (NAN);

  sio_test_assert_json (sio_value_new_null (), "null");
  sio_test_assert_json (sio_value_new_boolean (TRUE), "true");
  sio_test_assert_json (sio_value_new_boolean (FALSE), "false");
  sio_test_assert_json (sio_value_new_boolean (4), "true");
  sio_test_assert_json (sio_value_new_integer (0), "0");
  sio_test_assert_json (sio_value_new_integer (G_MAXINT64), "9223372036854775807");
  sio_test_assert_json (sio_value_new_integer (G_MININT64), "-9223372036854775808");
  sio_test_assert_json (sio_value_new_number (0.1), "0.1");
  sio_test_assert_json (sio_value_new_number (-0.0), "0");
  sio_test_assert_json (sio_value_new_number (INFINITY), "null");
  sio_test_assert_json (sio_value_new_string (""), "\"\"");
  sio_test_assert_json (sio_value_new_string ("a\"\\\n\x1e\x7f"), "\"a\\\"\\\\\\n\\u001e\\u007f\"");
  sio_test_assert_json (sio_value_new_string ("é😀"), "\"é😀\"");
  g_assert_cmpint (sio_value_get_kind (whole), ==, SIO_VALUE_INTEGER);
  g_assert_cmpfloat (sio_value_get_number (whole), ==, 2.0);
  g_assert_cmpint (sio_value_get_kind (nothing), ==, SIO_VALUE_NULL);
}

static void
test_string_not_utf8 (void)
{
  sio_test_expect_critical ("not UTF-8");
  g_assert_null (sio_value_new_string ("a\xff"));
  sio_test_assert_critical_came ();
}

static void
test_string_reads_back (void)
{
  g_autoptr (SioValue) value = sio_value_new_string ("a\"b\x01");

  g_assert_cmpint (sio_value_get_kind (value), ==, SIO_VALUE_STRING);
  g_assert_cmpstr (sio_value_get_string (value), ==, "a\"b\x01");
}

static void
test_bytes (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\0\1", 2);
  g_autoptr (GBytes) empty = g_bytes_new_static (NULL, 0);
  g_autoptr (SioValue) value = sio_value_new_bytes (bytes);
  g_autoptr (SioValue) nothing = sio_value_new_bytes (empty);

  g_assert_true (sio_value_has_attachments (value));
  g_assert_cmpint (sio_value_get_kind (value), ==, SIO_VALUE_BYTES);
  g_assert_true (sio_value_get_bytes (value) == bytes);
  g_assert_null (sio_value_get_string (value));
  sio_test_assert_bytes (nothing, "");
  sio_test_assert_json (g_steal_pointer (&value), "{\"_placeholder\":true,\"num\":0}");
}

static void
test_array (void)
{
  g_autoptr (SioValue) a = sio_value_new_integer (1);
  g_autoptr (SioValue) b = sio_test_value_read ("{\"k\":[true,\"x\"]}");
  SioValue *elements[] = { a, sio_value_lookup (b, "/k"), NULL, b, sio_value_lookup (b, "/k/1") };

  sio_test_assert_json (sio_value_new_array (NULL, 0), "[]");
  sio_test_assert_json (sio_value_new_array (elements, 1), "[1]");
  sio_test_assert_json (sio_value_new_array (elements, G_N_ELEMENTS (elements)),
                        "[1,[true,\"x\"],null,{\"k\":[true,\"x\"]},\"x\"]");
}

/* Numbers count from 0 in the order in which binary parts are met, and the same one in two places
 * is sent twice. */
static void
test_array_of_bytes (void)
{
  g_autoptr (SioValue) a = sio_test_value_new_bytes ("a");
  g_autoptr (SioValue) b = sio_test_value_new_bytes ("b");
  SioValue *inner_elements[] = { a, b, a };
  g_autoptr (SioValue) inner = sio_value_new_array (inner_elements, 3);
  SioValue *outer_elements[] = { b, inner, sio_value_get_element (inner, 1) };
  g_autoptr (SioValue) outer = sio_value_new_array (outer_elements, 3);
  g_autoptr (GPtrArray) attachments = NULL;
  g_autofree char *json = sio_value_to_json (outer, &attachments);

  g_assert_cmpstr (json, ==,
                   "[{\"_placeholder\":true,\"num\":0},[{\"_placeholder\":true,\"num\":1},"
                   "{\"_placeholder\":true,\"num\":2},{\"_placeholder\":true,\"num\":3}],"
                   "{\"_placeholder\":true,\"num\":4}]");
  g_assert_cmpuint (attachments->len, ==, 5);
  sio_test_assert_bytes (sio_value_lookup (outer, "/0"), "b");
  sio_test_assert_bytes (sio_value_lookup (outer, "/1/0"), "a");
  sio_test_assert_bytes (sio_value_lookup (outer, "/1/1"), "b");
  sio_test_assert_bytes (sio_value_lookup (outer, "/1/2"), "a");
  sio_test_assert_bytes (sio_value_lookup (outer, "/2"), "b");
  g_assert_true (g_ptr_array_index (attachments, 4) ==
                 sio_value_get_bytes (sio_value_lookup (outer, "/2")));
}

static SioValue *
new_nested (guint depth)
{
  g_autoptr (GString) json = g_string_new (NULL);
  guint i;

  for (i = 0; i < depth; i++)
    g_string_append (json, i % 2 == 0 ? "[\"]\\\"[{\"," : "{\"[\":");
  g_string_append (json, "1");
  while (i-- > 0)
    g_string_append_c (json, i % 2 == 0 ? ']' : '}');
  return sio_test_value_read (json->str);
}

/* A peer can send what is as deep as we read, so this must be no critical. */
static void
test_P17_array_depth (void)
{
  g_autoptr (SioValue) fits = new_nested (511);
  g_autoptr (SioValue) deep = new_nested (512);
  SioValue *elements[] = { fits, deep };
  g_autoptr (SioValue) array = sio_value_new_array (elements, 2);

  g_assert_true (sio_value_equal (sio_value_get_element (array, 0), fits));
  g_assert_cmpint (sio_value_get_kind (sio_value_get_element (array, 1)), ==, SIO_VALUE_NULL);
}

static void
test_json (void)
{
  static const char *const bad[] = {
    "",  " ",    "[1] [2]", "var x=[1];", "'a'",   "[0x10]",   "[01]", "[\"\n\"]",
    "[", "[1,]", "{a:1}",   "NaN",        "[1]//", "\"\xff\"", "+1",   "tru",
  };
  g_autoptr (GString) deep = g_string_new (NULL);
  guint i;

  for (i = 0; i < 100000; i++)
    g_string_append_c (deep, '[');
  for (i = 0; i <= G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (
          sio_value_new_from_json (i < G_N_ELEMENTS (bad) ? bad[i] : deep->str, NULL, 0, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    }
  g_assert_null (sio_value_new_from_json ("", NULL, 0, NULL));
  sio_test_assert_json (sio_test_value_read (" {\"a\" : 1} "), "{\"a\" : 1}");
}

/* Without attachments a placeholder is like any other object. */
static void
test_P22_json_without_attachments (void)
{
  g_autoptr (SioValue) value = sio_test_value_read ("{\"_placeholder\":true,\"num\":7}");

  g_assert_cmpint (sio_value_get_kind (value), ==, SIO_VALUE_OBJECT);
  g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, "num")), ==, 7);
}

static void
test_json_attachments (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("data", 4);
  GBytes *parts[] = { bytes };
  g_autoptr (GError) error = NULL;
  g_autoptr (SioValue) value =
      sio_value_new_from_json ("[{\"_placeholder\":true,\"num\":0}]", parts, 1, &error);

  g_assert_no_error (error);
  sio_test_assert_bytes (sio_value_get_element (value, 0), "data");
  g_assert_null (sio_value_new_from_json ("[{\"_placeholder\":true,\"num\":1}]", parts, 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/value-build/scalars", test_scalars);
  g_test_add_func ("/value-build/P45/string-not-utf8", test_string_not_utf8);
  g_test_add_func ("/value-build/string-reads-back", test_string_reads_back);
  g_test_add_func ("/value-build/P16/bytes", test_bytes);
  g_test_add_func ("/value-build/array", test_array);
  g_test_add_func ("/value-build/P14/array-of-bytes", test_array_of_bytes);
  g_test_add_func ("/value-build/P17/array-depth", test_P17_array_depth);
  g_test_add_func ("/value-build/json", test_json);
  g_test_add_func ("/value-build/P22/json-without-attachments", test_P22_json_without_attachments);
  g_test_add_func ("/value-build/json-attachments", test_json_attachments);

  return g_test_run ();
}
