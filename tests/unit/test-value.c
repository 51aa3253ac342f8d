/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value-private.h"

#include "tests/lib/sio-test-value.h"

#include <math.h>
#include <string.h>

static void
test_type (void)
{
  g_autoptr (SioValue) value = sio_test_value_receive ("[1]");
  SioValue *copy;
  GValue holder = G_VALUE_INIT;

  g_assert_cmpstr (g_type_name (SIO_TYPE_VALUE), ==, "SioValue");
  g_assert_true (G_TYPE_IS_BOXED (SIO_TYPE_VALUE));
  g_value_init (&holder, SIO_TYPE_VALUE);
  g_value_set_boxed (&holder, value);
  copy = g_value_dup_boxed (&holder);
  g_value_unset (&holder);
  g_assert_true (copy == value);
  sio_value_unref (copy);
}

static void
test_absent (void)
{
  g_auto (GStrv) names = sio_value_list_members (NULL);

  g_assert_cmpint (sio_value_get_kind (NULL), ==, SIO_VALUE_NULL);
  g_assert_false (sio_value_get_boolean (NULL));
  g_assert_cmpint (sio_value_get_integer (NULL), ==, 0);
  g_assert_cmpfloat (sio_value_get_number (NULL), ==, 0.0);
  g_assert_null (sio_value_get_string (NULL));
  g_assert_null (sio_value_get_string_bytes (NULL));
  g_assert_null (sio_value_get_bytes (NULL));
  g_assert_cmpuint (sio_value_get_length (NULL), ==, 0);
  g_assert_null (sio_value_get_element (NULL, 0));
  g_assert_null (sio_value_get_member (NULL, "a"));
  g_assert_null (sio_value_lookup (NULL, "/a"));
  g_assert_cmpuint (g_strv_length (names), ==, 0);
}

/* Everything is asked of everything. */
static void
test_wrong_kinds (void)
{
  static const char *const texts[] = { "null", "true", "1", "1.5", "\"x\"", "[]", "{}" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (SioValue) value = sio_test_value_receive (texts[i]);
      g_autoptr (GBytes) bytes = sio_value_get_string_bytes (value);
      g_auto (GStrv) names = sio_value_list_members (value);
      gboolean is_number = texts[i][0] == '1';

      g_assert_cmpint (sio_value_get_boolean (value), ==, texts[i][0] == 't');
      g_assert_cmpint (sio_value_get_integer (value), ==, is_number);
      g_assert_cmpint (sio_value_get_number (value) != 0.0, ==, is_number);
      g_assert_cmpstr (sio_value_get_string (value), ==, texts[i][0] == '"' ? "x" : NULL);
      g_assert_cmpint (bytes != NULL, ==, texts[i][0] == '"');
      g_assert_null (sio_value_get_bytes (value));
      g_assert_cmpuint (sio_value_get_length (value), ==, 0);
      g_assert_null (sio_value_get_element (value, 0));
      g_assert_null (sio_value_get_member (value, "a"));
      g_assert_cmpuint (g_strv_length (names), ==, 0);
      sio_test_assert_text (value, texts[i]);
    }
}

static void
test_kinds (void)
{
  g_autoptr (SioValue) value =
      sio_test_value_receive ("[null,false,true,1,-0,1.0,1e2,\"a\",[],{},9223372036854775807,"
                              "9223372036854775808,{\"_placeholder\":true,\"num\":0}]");
  static const SioValueKind kinds[] = {
    SIO_VALUE_NULL,    SIO_VALUE_BOOLEAN, SIO_VALUE_BOOLEAN, SIO_VALUE_INTEGER, SIO_VALUE_INTEGER,
    SIO_VALUE_DOUBLE,  SIO_VALUE_DOUBLE,  SIO_VALUE_STRING,  SIO_VALUE_ARRAY,   SIO_VALUE_OBJECT,
    SIO_VALUE_INTEGER, SIO_VALUE_DOUBLE,  SIO_VALUE_OBJECT,
  };
  guint i;

  g_assert_cmpuint (sio_value_get_length (value), ==, G_N_ELEMENTS (kinds));
  for (i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_assert_cmpint (sio_value_get_kind (sio_value_get_element (value, i)), ==, kinds[i]);
  g_assert_null (sio_value_get_element (value, i));
  g_assert_null (sio_value_get_element (value, G_MAXUINT));
}

static void
test_integers (void)
{
  static const struct
  {
    const char *json;
    gint64 integer;
    SioValueKind kind;
  } cases[] = {
    { "0", 0, SIO_VALUE_INTEGER },
    { "-0", 0, SIO_VALUE_INTEGER },
    { "-0.0", 0, SIO_VALUE_DOUBLE },
    { "2.9", 2, SIO_VALUE_DOUBLE },
    { "-2.9", -2, SIO_VALUE_DOUBLE },
    { "1e3", 1000, SIO_VALUE_DOUBLE },
    { "1e-400", 0, SIO_VALUE_DOUBLE },
    { "9007199254740993", G_GINT64_CONSTANT (9007199254740993), SIO_VALUE_INTEGER },
    { "9223372036854775807", G_MAXINT64, SIO_VALUE_INTEGER },
    { "-9223372036854775808", G_MININT64, SIO_VALUE_INTEGER },
    { "9223372036854775808", G_MAXINT64, SIO_VALUE_DOUBLE },
    { "-9223372036854775809", G_MININT64, SIO_VALUE_DOUBLE },
    { "18446744073709551615", G_MAXINT64, SIO_VALUE_DOUBLE },
    { "9223372036854774784.0", G_GINT64_CONSTANT (9223372036854774784), SIO_VALUE_DOUBLE },
    { "1e400", G_MAXINT64, SIO_VALUE_DOUBLE },
    { "-1e400", G_MININT64, SIO_VALUE_DOUBLE },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SioValue) value = sio_test_value_receive (cases[i].json);

      g_assert_cmpint (sio_value_get_kind (value), ==, cases[i].kind);
      g_assert_cmpint (sio_value_get_integer (value), ==, cases[i].integer);
    }
}

static void
test_numbers (void)
{
  g_autoptr (SioValue) value =
      sio_test_value_receive ("[0.1,9007199254740993,18446744073709551615,1e400,-1e400,1e21,"
                              "-0.0]");

  g_assert_cmpfloat (sio_value_get_number (sio_value_get_element (value, 0)), ==, 0.1);
  g_assert_cmpfloat (sio_value_get_number (sio_value_get_element (value, 1)), ==,
                     9007199254740992.0);
  g_assert_cmpfloat (sio_value_get_number (sio_value_get_element (value, 2)), ==,
                     18446744073709551616.0);
  g_assert_cmpfloat (sio_value_get_number (sio_value_get_element (value, 3)), ==, INFINITY);
  g_assert_cmpfloat (sio_value_get_number (sio_value_get_element (value, 4)), ==, -INFINITY);
  g_assert_cmpfloat (sio_value_get_number (sio_value_get_element (value, 5)), ==, 1e21);
  g_assert_true (signbit (sio_value_get_number (sio_value_get_element (value, 6))));
}

static void
test_strings (void)
{
  g_autoptr (SioValue) value = sio_test_value_receive (
      "[\"plain\",\"\",\"tab\\tquote\\\"\",\"a\\u0000b\",\"\\ud800\",\"\\ud83d\\ude00\"]");
  g_autoptr (GBytes) whole = sio_value_get_string_bytes (sio_value_get_element (value, 3));
  const char *text = sio_value_get_string (sio_value_get_element (value, 0));

  g_assert_cmpstr (text, ==, "plain");
  g_assert_true (sio_value_get_string (sio_value_get_element (value, 0)) == text);
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (value, 1)), ==, "");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (value, 2)), ==, "tab\tquote\"");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (value, 3)), ==,
                   "a\xef\xbf\xbd"
                   "b");
  g_assert_cmpmem (g_bytes_get_data (whole, NULL), g_bytes_get_size (whole), "a\0b", 3);
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (value, 4)), ==, "\xef\xbf\xbd");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (value, 5)), ==, "\xf0\x9f\x98\x80");
}

#define SHOWN "\xef\xbf\xbd"

static GBytes *
get_whole (SioValue *value, guint index)
{
  return sio_value_get_string_bytes (sio_value_get_element (value, index));
}

/* X6 */
static void
test_nul_in_strings (void)
{
  g_autoptr (SioValue) value = sio_test_value_receive (
      "[\"\\u0000\",\"\\u0000\\u0000a\\u0000\",\"\\\\u0000\",\"\\ufffd\",\"\\n\\u0000é\"]");
  static const char *const shown[] = { SHOWN, SHOWN SHOWN "a" SHOWN, "\\u0000", SHOWN,
                                       "\n" SHOWN "é" };
  static const struct
  {
    const char *bytes;
    gsize length;
  } whole[] = {
    { "\0", 1 }, { "\0\0a\0", 4 }, { "\\u0000", 6 }, { SHOWN, 3 }, { "\n\0é", 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shown); i++)
    {
      g_autoptr (GBytes) before G_GNUC_UNUSED = i % 2 == 0 ? get_whole (value, i) : NULL;
      const char *text = sio_value_get_string (sio_value_get_element (value, i));
      g_autoptr (GBytes) after = get_whole (value, i);

      g_assert_cmpstr (text, ==, shown[i]);
      g_assert_true (sio_value_get_string (sio_value_get_element (value, i)) == text);
      g_assert_cmpmem (g_bytes_get_data (after, NULL), g_bytes_get_size (after), whole[i].bytes,
                       whole[i].length);
    }
}

static void
assert_integer (SioValue *object, const char *name, gint64 expected)
{
  SioValue *member = sio_value_get_member (object, name);

  g_assert_nonnull (member);
  g_assert_cmpint (sio_value_get_integer (member), ==, expected);
}

/* @text: what else is in the object; names with a NUL are found by none. */
static void
check_nul_in_names (const char *text)
{
  g_autofree char *json =
      g_strconcat ("{\"foo\":1,\"foo\\u0000bar\":2,\"\\u0000\":3,\"foo\\u0000\":4,\"x\\u0000y\":5,"
                   "\"x" SHOWN "y\":6",
                   text, "}", NULL);

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (SioValue) value = sio_test_value_receive (json);
      g_autoptr (SioValue) same = sio_test_value_receive (json);
      g_auto (GStrv) names = NULL;
      guint n = round == 1 ? sio_value_get_length (value) : 0;

      assert_integer (value, "foo", 1);
      g_assert_null (sio_value_get_member (value, "foo" SHOWN "bar"));
      g_assert_null (sio_value_get_member (value, "foo" SHOWN));
      g_assert_null (sio_value_get_member (value, ""));
      g_assert_null (sio_value_get_member (value, SHOWN));
      g_assert_null (sio_value_get_member (value, "x"));
      assert_integer (value, "x" SHOWN "y", 6);
      g_assert_cmpint (sio_value_get_integer (sio_value_lookup (value, "/foo")), ==, 1);
      g_assert_null (sio_value_lookup (value, "/foo" SHOWN "bar"));
      g_assert_null (sio_value_lookup (value, "/x"));

      names = sio_value_list_members (value);
      if (round == 1)
        g_assert_cmpuint (g_strv_length (names), ==, n);
      g_assert_cmpstr (names[0], ==, "foo");
      g_assert_cmpstr (names[1], ==, "foo" SHOWN "bar");
      g_assert_cmpstr (names[2], ==, SHOWN);
      g_assert_cmpstr (names[3], ==, "foo" SHOWN);
      g_assert_cmpstr (names[4], ==, "x" SHOWN "y");
      g_assert_cmpstr (names[5], ==, "x" SHOWN "y");
      g_assert_true (sio_value_equal (value, same));
    }
}

/* X6 */
static void
test_nul_in_names (void)
{
  check_nul_in_names ("");
  check_nul_in_names (",\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,"
                      "\"j\":0,\"k\":0,\"l\":0,\"m\":0,\"n\":0,\"o\":0,\"p\":0");
}

static void
assert_differ (const char *a, const char *b)
{
  g_autoptr (SioValue) one = sio_test_value_receive (a);
  g_autoptr (SioValue) other = sio_test_value_receive (b);

  g_assert_false (sio_value_equal (one, other));
}

/* X6 */
static void
test_nul_in_comparisons (void)
{
  assert_differ ("{\"a\\u0000b\":1}", "{\"a\":1}");
  assert_differ ("{\"a\\u0000b\":1}", "{\"a\\u0000c\":1}");
  assert_differ ("{\"a\\u0000b\":1}", "{\"a" SHOWN "b\":1}");
  assert_differ ("[\"a\\u0000b\"]", "[\"a\"]");
  assert_differ ("[\"a\\u0000b\"]", "[\"a" SHOWN "b\"]");
}

/* X6: neither variants nor nodes can hold a NUL. Where two names would be the same, the one that
 * is what it seems stays. */
static void
test_nul_in_views (void)
{
  g_autoptr (SioValue) value = sio_test_value_receive (
      "[\"a\\u0000b\",{\"foo\":1,\"foo\\u0000bar\":2,\"x\\u0000\":3,\"x" SHOWN "\":\"\\u0000\"}]");
  g_autoptr (SioValue) object G_GNUC_UNUSED = sio_value_ref (sio_value_get_element (value, 1));
  g_autoptr (GVariant) variant = g_variant_ref_sink (sio_value_to_variant (value));
  g_autoptr (GVariant) alone =
      g_variant_ref_sink (sio_value_to_variant (sio_value_get_element (value, 0)));
  g_autoptr (JsonNode) node = sio_value_to_node (value);
  g_autofree char *printed = g_variant_print (variant, TRUE);
  g_autofree char *json = json_to_string (node, FALSE);
  char *unpacked = NULL;

  g_assert_true (g_variant_is_normal_form (variant));
  g_assert_cmpstr (printed, ==,
                   "[<'a" SHOWN "b'>, <{'foo': <int64 1>, 'foo" SHOWN "bar': <int64 2>, 'x" SHOWN
                   "': <'" SHOWN "'>}>]");
  g_assert_cmpstr (g_variant_get_string (alone, NULL), ==, "a" SHOWN "b");
  g_assert_cmpstr (
      json, ==, "[\"a" SHOWN "b\",{\"foo\":1,\"foo" SHOWN "bar\":2,\"x" SHOWN "\":\"" SHOWN "\"}]");
  g_assert_true (sio_value_unpack (value, "s", &unpacked));
  g_assert_cmpstr (unpacked, ==, "a" SHOWN "b");
  g_free (unpacked);
}

/* The bytes of a text keep the value; a part keeps the whole. */
static void
test_lifetime (void)
{
  SioValue *value = sio_test_value_receive ("[[{\"k\":\"deep\"}],\"text\"]");
  SioValue *part = sio_value_ref (sio_value_lookup (value, "/0/0/k"));
  GBytes *bytes = sio_value_get_string_bytes (sio_value_get_element (value, 1));

  sio_value_unref (value);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "text", 4);
  g_bytes_unref (bytes);
  g_assert_cmpstr (sio_value_get_string (part), ==, "deep");
  sio_value_unref (part);
}

static void
test_element_identity (void)
{
  g_autoptr (SioValue) value = sio_test_value_receive ("[[1],[2]]");

  g_assert_true (sio_value_get_element (value, 1) == sio_value_get_element (value, 1));
  g_assert_true (sio_value_get_element (value, 0) != sio_value_get_element (value, 1));
}

static void
test_members (void)
{
  g_autoptr (SioValue) value =
      sio_test_value_receive ("{\"b\":1,\"\":2,\"a\\u0062\":[3],\"__proto__\":4}");
  g_auto (GStrv) names = sio_value_list_members (value);
  static const char *const expected[] = { "b", "", "ab", "__proto__", NULL };

  g_assert_cmpstrv (names, expected);
  g_assert_cmpuint (sio_value_get_length (value), ==, 4);
  g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, "b")), ==, 1);
  g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, "")), ==, 2);
  g_assert_cmpuint (sio_value_get_length (sio_value_get_member (value, "ab")), ==, 1);
  g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, "__proto__")), ==, 4);
  g_assert_null (sio_value_get_member (value, "a"));
  g_assert_null (sio_value_get_member (value, "toString"));
}

static void
test_large_array (void)
{
  const guint count = 200000;
  g_autoptr (GString) json = g_string_new ("[[]");
  g_autoptr (SioValue) value = NULL;
  guint i;

  for (i = 1; i < count; i++)
    g_string_append_printf (json, ",[%u]", i);
  g_string_append_c (json, ']');
  value = sio_test_value_receive (json->str);

  for (i = 0; i < count; i++)
    g_assert_cmpint (
        sio_value_get_integer (sio_value_get_element (sio_value_get_element (value, i), 0)), ==, i);
}

static void
test_deep (void)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (SioValue) value = NULL;
  SioValue *inner;
  guint i, depth = 0;

  for (i = 0; i < 512; i++)
    g_string_append_c (json, '[');
  for (i = 0; i < 512; i++)
    g_string_append_c (json, ']');
  value = sio_test_value_receive (json->str);
  for (inner = value; inner != NULL; inner = sio_value_get_element (inner, 0))
    depth++;
  g_assert_cmpuint (depth, ==, 512);
}

static void
test_white_space (void)
{
  g_autoptr (SioValue) value = sio_test_value_receive (" \n[ 1 , \"a\" ]\t ");
  g_autofree char *json = sio_value_to_json (value, NULL);
  gsize length;

  sio_test_assert_text (value, "[ 1 , \"a\" ]");
  g_assert_cmpuint (strlen (sio_value_peek_json (value, &length)), ==, length);
  sio_test_assert_text (sio_value_get_element (value, 1), "\"a\"");
  g_assert_cmpstr (json, ==, "[ 1 , \"a\" ]");
}

static void
test_bind (void)
{
  g_autoptr (SioValue) value = sio_test_value_receive (
      "[{\"k\":[{\"num\":1,\"_placeholder\":true}],\"x\":1},"
      "{\"_placeholder\":true,\"num\":0,\"other\":{\"_placeholder\":true,\"num\":9}},"
      "{\"\\u005fplaceholder\":true,\"num\":1},\"end\"]");
  g_autoptr (GError) error = NULL;

  g_assert_false (sio_value_has_attachments (value));
  g_assert_null (sio_value_peek_attachments (value));
  g_assert_true (sio_value_bind_attachments (
      value, sio_test_attachments_new ("zero", "one", "unused", NULL), &error));
  g_assert_no_error (error);
  sio_test_assert_bytes (sio_value_lookup (value, "/0/k/0"), "one");
  g_assert_cmpint (sio_value_get_integer (sio_value_lookup (value, "/0/x")), ==, 1);
  sio_test_assert_bytes (sio_value_get_element (value, 1), "zero");
  sio_test_assert_bytes (sio_value_get_element (value, 2), "one");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (value, 3)), ==, "end");

  g_assert_null (sio_value_get_member (sio_value_get_element (value, 1), "num"));
  g_assert_true (sio_value_has_attachments (value));
  g_assert_true (sio_value_has_attachments (sio_value_get_element (value, 0)));
  g_assert_true (sio_value_has_attachments (sio_value_get_element (value, 1)));
  g_assert_false (sio_value_has_attachments (sio_value_get_element (value, 3)));
  g_assert_cmpuint (sio_value_peek_attachments (value)->len, ==, 3);
}

static void
test_bind_root (void)
{
  g_autoptr (SioValue) value = sio_test_value_receive ("{\"_placeholder\":true,\"num\":0}");

  g_assert_true (sio_value_bind_attachments (value, sio_test_attachments_new ("root", NULL), NULL));
  sio_test_assert_bytes (value, "root");
  g_assert_cmpuint (sio_value_get_length (value), ==, 0);
}

static void
test_bind_illegal (void)
{
  static const char *const numbers[] = {
    "",
    ",\"num\":\"0\"",
    ",\"num\":-1",
    ",\"num\":2",
    ",\"num\":0.5",
    ",\"num\":1.0",
    ",\"num\":1e0",
    ",\"num\":null",
    ",\"num\":true",
    ",\"num\":[0]",
    ",\"num\":99999999999999999999",
    ",\"num\":18446744073709551616",
    ",\"num\":4294967296",
    ",\"num\":16777216",
    ",\"num\":0,\"num\":5",
    ",\"num\":0,\"num\":\"0\"",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *json = g_strdup_printf ("[\"a\",{\"_placeholder\":true%s}]", numbers[i]);
      g_autoptr (SioValue) value = sio_test_value_receive (json);
      g_autoptr (GError) error = NULL;

      g_assert_false (
          sio_value_bind_attachments (value, sio_test_attachments_new ("a", "b", NULL), &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
      g_assert_true (g_str_has_prefix (error->message, "illegal attachments"));
      g_assert_null (sio_value_get_bytes (sio_value_get_element (value, 1)));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/value/type", test_type);
  g_test_add_func ("/value/absent", test_absent);
  g_test_add_func ("/value/wrong-kinds", test_wrong_kinds);
  g_test_add_func ("/value/kinds", test_kinds);
  g_test_add_func ("/value/P44/integers", test_integers);
  g_test_add_func ("/value/P44/numbers", test_numbers);
  g_test_add_func ("/value/P46/strings", test_strings);
  g_test_add_func ("/value/lifetime", test_lifetime);
  g_test_add_func ("/value/element-identity", test_element_identity);
  g_test_add_func ("/value/members", test_members);
  g_test_add_func ("/value/large-array", test_large_array);
  g_test_add_func ("/value/deep", test_deep);
  g_test_add_func ("/value/white-space", test_white_space);
  g_test_add_func ("/value/X6/strings", test_nul_in_strings);
  g_test_add_func ("/value/X6/names", test_nul_in_names);
  g_test_add_func ("/value/X6/comparisons", test_nul_in_comparisons);
  g_test_add_func ("/value/X6/views", test_nul_in_views);
  g_test_add_func ("/value/P21/bind", test_bind);
  g_test_add_func ("/value/P21/bind-root", test_bind_root);
  g_test_add_func ("/value/P28/illegal-attachments", test_bind_illegal);

  return g_test_run ();
}
