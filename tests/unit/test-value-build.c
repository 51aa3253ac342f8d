/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value-private.h"

#include <math.h>
#include <string.h>

/* Our criticals are structured messages, which g_test_expect_message() does not see. */
static const char *expected_critical;

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  gsize i;

  for (i = 0; i < n_fields; i++)
    if (expected_critical != NULL && (level & G_LOG_LEVEL_CRITICAL) &&
        strcmp (fields[i].key, "MESSAGE") == 0 && strstr (fields[i].value, expected_critical))
      {
        expected_critical = NULL;
        return G_LOG_WRITER_HANDLED;
      }
  return g_log_writer_default (level, fields, n_fields, data);
}

static void
expect_critical (const char *part)
{
  expected_critical = part;
}

static void
assert_critical_came (void)
{
  g_assert_null (expected_critical);
}

/* Takes @value. */
static void
assert_json (SioValue *value, const char *expected)
{
  g_autofree char *json = NULL;

  g_assert_nonnull (value);
  json = sio_value_to_json (value, NULL);
  g_assert_cmpstr (json, ==, expected);
  sio_value_unref (value);
}

static void
assert_bytes (SioValue *value, const char *expected)
{
  GBytes *bytes = sio_value_get_bytes (value);

  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected,
                   strlen (expected));
}

static SioValue *
new_bytes (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return sio_value_new_bytes (bytes);
}

static SioValue *
new_from_json (const char *json)
{
  g_autoptr (GError) error = NULL;
  SioValue *value = sio_value_new_from_json (json, NULL, 0, &error);

  g_assert_no_error (error);
  g_assert_nonnull (value);
  return value;
}

static void
test_scalars (void)
{
  g_autoptr (SioValue) whole = sio_value_new_number (2.0);
  g_autoptr (SioValue) nothing = sio_value_new_number (NAN);

  assert_json (sio_value_new_null (), "null");
  assert_json (sio_value_new_boolean (TRUE), "true");
  assert_json (sio_value_new_boolean (FALSE), "false");
  assert_json (sio_value_new_boolean (4), "true");
  assert_json (sio_value_new_integer (0), "0");
  assert_json (sio_value_new_integer (G_MAXINT64), "9223372036854775807");
  assert_json (sio_value_new_integer (G_MININT64), "-9223372036854775808");
  assert_json (sio_value_new_number (0.1), "0.1");
  assert_json (sio_value_new_number (-0.0), "0");
  assert_json (sio_value_new_number (INFINITY), "null");
  assert_json (sio_value_new_string (""), "\"\"");
  assert_json (sio_value_new_string ("a\"\\\n\x1e\x7f"), "\"a\\\"\\\\\\n\\u001e\\u007f\"");
  assert_json (sio_value_new_string ("é😀"), "\"é😀\"");
  g_assert_cmpint (sio_value_get_kind (whole), ==, SIO_VALUE_INTEGER);
  g_assert_cmpfloat (sio_value_get_number (whole), ==, 2.0);
  g_assert_cmpint (sio_value_get_kind (nothing), ==, SIO_VALUE_NULL);
}

static void
test_string_not_utf8 (void)
{
  expect_critical ("not UTF-8");
  g_assert_null (sio_value_new_string ("a\xff"));
  assert_critical_came ();
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
  assert_bytes (nothing, "");
  assert_json (g_steal_pointer (&value), "{\"_placeholder\":true,\"num\":0}");
}

static void
test_array (void)
{
  g_autoptr (SioValue) a = sio_value_new_integer (1);
  g_autoptr (SioValue) b = new_from_json ("{\"k\":[true,\"x\"]}");
  SioValue *elements[] = { a, sio_value_lookup (b, "/k"), NULL, b, sio_value_lookup (b, "/k/1") };

  assert_json (sio_value_new_array (NULL, 0), "[]");
  assert_json (sio_value_new_array (elements, 1), "[1]");
  assert_json (sio_value_new_array (elements, G_N_ELEMENTS (elements)),
               "[1,[true,\"x\"],null,{\"k\":[true,\"x\"]},\"x\"]");
}

/* Numbers count from 0 in the order in which binary parts are met, and the same one in two places
 * is sent twice. */
static void
test_array_of_bytes (void)
{
  g_autoptr (SioValue) a = new_bytes ("a");
  g_autoptr (SioValue) b = new_bytes ("b");
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
  assert_bytes (sio_value_lookup (outer, "/0"), "b");
  assert_bytes (sio_value_lookup (outer, "/1/0"), "a");
  assert_bytes (sio_value_lookup (outer, "/1/1"), "b");
  assert_bytes (sio_value_lookup (outer, "/1/2"), "a");
  assert_bytes (sio_value_lookup (outer, "/2"), "b");
  g_assert_true (g_ptr_array_index (attachments, 4) ==
                 sio_value_get_bytes (sio_value_lookup (outer, "/2")));
}

static void
test_append_json (void)
{
  const char *texts[] = { "zero", "one" };
  g_autoptr (GBytes) zero = g_bytes_new_static (texts[0], 4);
  g_autoptr (GBytes) one = g_bytes_new_static (texts[1], 3);
  GBytes *parts[] = { zero, one };
  g_autoptr (GError) error = NULL;
  g_autoptr (SioValue) value = sio_value_new_from_json (
      "[ {\"num\":1, \"_placeholder\":true, \"more\":{}} ,\"x\", {\"k\":{\"_placeholder\":true,"
      "\"num\":0}}]",
      parts, 2, &error);
  g_autoptr (GPtrArray) attachments =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GString) json = g_string_new ("[");

  g_assert_no_error (error);
  g_ptr_array_add (attachments, g_bytes_ref (zero));
  sio_value_append_json (value, json, attachments);
  g_string_append_c (json, ',');
  sio_value_append_json (sio_value_get_element (value, 2), json, attachments);
  g_string_append_c (json, ',');
  sio_value_append_json (sio_value_get_element (value, 1), json, NULL);

  g_assert_cmpstr (json->str, ==,
                   "[[ {\"_placeholder\":true,\"num\":1} ,\"x\", {\"k\":{\"_placeholder\":true,"
                   "\"num\":2}}],{\"k\":{\"_placeholder\":true,\"num\":3}},\"x\"");
  g_assert_cmpuint (attachments->len, ==, 4);
  g_assert_true (g_ptr_array_index (attachments, 1) == one);
  g_assert_true (g_ptr_array_index (attachments, 2) == zero);
  g_assert_true (g_ptr_array_index (attachments, 3) == zero);
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
  return new_from_json (json->str);
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
  assert_json (new_from_json (" {\"a\" : 1} "), "{\"a\" : 1}");
}

/* Without attachments a placeholder is like any other object. */
static void
test_P22_json_without_attachments (void)
{
  g_autoptr (SioValue) value = new_from_json ("{\"_placeholder\":true,\"num\":7}");

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
  assert_bytes (sio_value_get_element (value, 0), "data");
  g_assert_null (sio_value_new_from_json ("[{\"_placeholder\":true,\"num\":1}]", parts, 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

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
    assert_json (sio_value_new_from_variant (g_variant_new_parsed (cases[i].variant)),
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

  assert_json (sio_value_new_from_variant (kept), "\"kept\"");
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
  expect_critical ("handle");
  assert_json (sio_value_new_from_variant (g_variant_new_parsed ("(1,handle 0,handle 1)")),
               "[1,null,null]");
  assert_critical_came ();
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

  expect_critical ("nested too deeply");
  value = sio_value_new_from_variant (variant);
  assert_critical_came ();
  for (i = 0, inner = value; sio_value_get_length (inner) == 1; i++)
    inner = sio_value_get_element (inner, 0);
  g_assert_cmpuint (i, ==, 512);
  g_assert_cmpint (sio_value_get_kind (inner), ==, SIO_VALUE_NULL);
}

static void
test_node (void)
{
  static const char *const texts[] = {
    "null",
    "true",
    "false",
    "1",
    "-1",
    "9223372036854775807",
    "0.1",
    "\"a\\\"b\"",
    "[]",
    "{}",
    "[1,[null,{\"a\":{}}],\"x\"]",
    "{\"b\":1,\"a\":[2],\"\":3,\"__proto__\":{\"x\":null}}",
    "{\"_placeholder\":true,\"num\":0}",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (texts[i], NULL);

      assert_json (sio_value_new_from_node (node), texts[i]);
    }
}

static void
test_node_odd (void)
{
  g_autoptr (JsonNode) number = json_node_init_double (json_node_alloc (), INFINITY);
  g_autoptr (JsonNode) string = json_node_init_string (json_node_alloc (), NULL);
  g_autoptr (JsonNode) array = json_node_new (JSON_NODE_ARRAY);
  g_autoptr (JsonNode) object = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonNode) value = json_node_new (JSON_NODE_VALUE);

  assert_json (sio_value_new_from_node (NULL), "null");
  assert_json (sio_value_new_from_node (number), "null");
  assert_json (sio_value_new_from_node (string), "null");
  assert_json (sio_value_new_from_node (array), "null");
  assert_json (sio_value_new_from_node (object), "null");
  assert_json (sio_value_new_from_node (value), "null");
}

static void
test_node_not_utf8 (void)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "\xff", 1);
  json_object_set_string_member (object, "a", "\xff");
  json_object_set_int_member (object, "b\xff", 1);
  json_object_set_int_member (object, "c", 2);
  json_node_take_object (node, object);

  expect_critical ("not UTF-8");
  assert_json (sio_value_new_from_node (node), "{\"a\":null,\"c\":2}");
  assert_critical_came ();
}

static void
test_P17_node_depth (void)
{
  JsonNode *node = json_node_new (JSON_NODE_NULL);
  g_autoptr (SioValue) value = NULL;
  SioValue *inner;
  guint i;

  for (i = 0; i < 513; i++)
    {
      JsonArray *array = json_array_new ();

      json_array_add_element (array, node);
      node = json_node_new (JSON_NODE_ARRAY);
      json_node_take_array (node, array);
    }

  expect_critical ("nested too deeply");
  value = sio_value_new_from_node (node);
  assert_critical_came ();
  json_node_unref (node);
  for (i = 0, inner = value; sio_value_get_length (inner) == 1; i++)
    inner = sio_value_get_element (inner, 0);
  g_assert_cmpuint (i, ==, 512);
}

static void
test_args_plain (void)
{
  assert_json (sio_args (NULL), "[]");
  assert_json (sio_args ("()"), "[]");
  assert_json (sio_args ("(s)", "world"), "[\"world\"]");
  assert_json (sio_args ("(sib)", "a", 1, TRUE), "[\"a\",1,true]");
  assert_json (sio_args ("(bb)", 2, FALSE), "[true,false]");
  assert_json (sio_args ("(yynnqq)", 0, 255, -32768, 32767, 0, 65535),
               "[0,255,-32768,32767,0,65535]");
  assert_json (sio_args ("(iiuu)", G_MININT, G_MAXINT, 0u, G_MAXUINT),
               "[-2147483648,2147483647,0,4294967295]");
  assert_json (sio_args ("(xxt)", G_MININT64, G_MAXINT64, G_MAXUINT64),
               "[-9223372036854775808,9223372036854775807,18446744073709551615]");
  assert_json (sio_args ("(dddd)", 0.25, 3.0, NAN, -INFINITY), "[0.25,3,null,null]");
  assert_json (sio_args ("(dsdsds)", 1.5, "a", 2.5, "b", 3.5, ""),
               "[1.5,\"a\",2.5,\"b\",3.5,\"\"]");
  assert_json (sio_args ("s", "only"), "[\"only\"]");
  assert_json (sio_args ("d", 0.5), "[0.5]");
}

static void
test_args_variant (void)
{
  static const char *const list[] = { "a", "b", NULL };
  GVariantBuilder builder;

  assert_json (sio_args ("(^as)", list), "[[\"a\",\"b\"]]");
  assert_json (sio_args ("^as", list), "[\"a\",\"b\"]");
  assert_json (sio_args ("(i(ss))", 1, "a", "b"), "[1,[\"a\",\"b\"]]");
  assert_json (sio_args ("(msms)", NULL, "x"), "[null,\"x\"]");
  assert_json (sio_args ("(v)", g_variant_new_int32 (4)), "[4]");
  assert_json (sio_args ("v", g_variant_new_int32 (4)), "[4]");
  assert_json (sio_args ("(so)", "a", "/o"), "[\"a\",\"/o\"]");
  assert_json (sio_args ("(@i)", g_variant_new_int32 (1)), "[1]");
  assert_json (sio_args ("*", g_variant_new_int32 (1)), "[1]");
  assert_json (sio_args ("r", g_variant_new ("(ii)", 1, 2)), "[1,2]");
  assert_json (sio_args ("(is@ay)", 1, "2",
                         g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, "\6\7\10", 3, 1)),
               "[1,\"2\",{\"_placeholder\":true,\"num\":0}]");
  assert_json (sio_args ("@ay", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, "x", 1, 1)),
               "[{\"_placeholder\":true,\"num\":0}]");

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "k", g_variant_new_int32 (1));
  assert_json (sio_args ("a{sv}", &builder), "[{\"k\":1}]");
}

static void
test_args_not_utf8 (void)
{
  expect_critical ("not UTF-8");
  g_assert_null (sio_args ("(is)", 1, "\xff"));
  assert_critical_came ();
  expect_critical ("NULL");
  g_assert_null (sio_args ("s", NULL));
  assert_critical_came ();
}

static void
test_args_wrong_format (void)
{
  expect_critical ("format string");
  g_assert_null (sio_args ("(s)(s)", "a", "b"));
  assert_critical_came ();
  expect_critical ("format string");
  g_assert_null (sio_args ("ss", "a", "b"));
  assert_critical_came ();

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
  g_autoptr (SioValue) bytes = new_bytes ("data");
  SioValue *array = new_from_json ("[1,2]");
  g_autoptr (SioValue) only = NULL;
  g_autoptr (SioValue) outer = new_from_json ("{\"a\":[1]}");

  assert_json (sio_value_take_args (NULL), "[]");
  assert_json (sio_value_take_args (sio_value_new_string ("x")), "[\"x\"]");
  assert_json (sio_value_take_args (sio_value_new_null ()), "[null]");
  assert_json (sio_value_take_args (new_from_json ("{\"a\":1}")), "[{\"a\":1}]");
  assert_json (sio_value_take_args (sio_value_ref (sio_value_get_member (outer, "a"))), "[1]");
  g_assert_true (sio_value_take_args (array) == array);
  sio_value_unref (array);

  only = sio_value_take_args (sio_value_ref (bytes));
  g_assert_cmpint (sio_value_get_kind (only), ==, SIO_VALUE_ARRAY);
  assert_bytes (sio_value_get_element (only, 0), "data");
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

  args = sio_value_take_args (new_from_json (json->str));
  inner = sio_value_get_element (args, 0);
  for (i = 0; i < 512; i++)
    inner = sio_value_get_member (inner, "a");
  g_assert_cmpint (sio_value_get_integer (inner), ==, 7);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_log, NULL, NULL);

  g_test_add_func ("/value-build/scalars", test_scalars);
  g_test_add_func ("/value-build/P45/string-not-utf8", test_string_not_utf8);
  g_test_add_func ("/value-build/string-reads-back", test_string_reads_back);
  g_test_add_func ("/value-build/P16/bytes", test_bytes);
  g_test_add_func ("/value-build/array", test_array);
  g_test_add_func ("/value-build/P14/array-of-bytes", test_array_of_bytes);
  g_test_add_func ("/value-build/P11/append-json", test_append_json);
  g_test_add_func ("/value-build/P17/array-depth", test_P17_array_depth);
  g_test_add_func ("/value-build/json", test_json);
  g_test_add_func ("/value-build/P22/json-without-attachments", test_P22_json_without_attachments);
  g_test_add_func ("/value-build/json-attachments", test_json_attachments);
  g_test_add_func ("/value-build/variant/types", test_variant_types);
  g_test_add_func ("/value-build/variant/bytes", test_variant_bytes);
  g_test_add_func ("/value-build/variant/ownership", test_variant_ownership);
  g_test_add_func ("/value-build/variant/not-normal", test_variant_not_normal);
  g_test_add_func ("/value-build/variant/handle", test_variant_handle);
  g_test_add_func ("/value-build/P17/variant-depth", test_P17_variant_depth);
  g_test_add_func ("/value-build/node/kinds", test_node);
  g_test_add_func ("/value-build/node/odd", test_node_odd);
  g_test_add_func ("/value-build/node/not-utf8", test_node_not_utf8);
  g_test_add_func ("/value-build/P17/node-depth", test_P17_node_depth);
  g_test_add_func ("/value-build/args/plain", test_args_plain);
  g_test_add_func ("/value-build/args/variant", test_args_variant);
  g_test_add_func ("/value-build/args/not-utf8", test_args_not_utf8);
  g_test_add_func ("/value-build/args/wrong-format", test_args_wrong_format);
  g_test_add_func ("/value-build/take-args/forms", test_take_args);
  g_test_add_func ("/value-build/take-args/deep", test_take_args_deep);

  return g_test_run ();
}
