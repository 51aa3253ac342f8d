/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value-private.h"

#include "tests/lib/sio-test-value.h"

#include <math.h>

static void
test_from_node (void)
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

      sio_test_assert_json (sio_value_new_from_node (node), texts[i]);
    }
}

static void
test_from_node_odd (void)
{
  g_autoptr (JsonNode) number = json_node_init_double (json_node_alloc (), INFINITY);
  g_autoptr (JsonNode) string = json_node_init_string (json_node_alloc (), NULL);
  g_autoptr (JsonNode) array = json_node_new (JSON_NODE_ARRAY);
  g_autoptr (JsonNode) object = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonNode) value = json_node_new (JSON_NODE_VALUE);

  sio_test_assert_json (sio_value_new_from_node (NULL), "null");
  sio_test_assert_json (sio_value_new_from_node (number), "null");
  sio_test_assert_json (sio_value_new_from_node (string), "null");
  sio_test_assert_json (sio_value_new_from_node (array), "null");
  sio_test_assert_json (sio_value_new_from_node (object), "null");
  sio_test_assert_json (sio_value_new_from_node (value), "null");
}

static void
test_from_node_not_utf8 (void)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "\xff", 1);
  json_object_set_string_member (object, "a", "\xff");
  json_object_set_int_member (object, "b\xff", 1);
  json_object_set_int_member (object, "c", 2);
  json_node_take_object (node, object);

  sio_test_expect_critical ("not UTF-8");
  sio_test_assert_json (sio_value_new_from_node (node), "{\"a\":null,\"c\":2}");
  sio_test_assert_critical_came ();
}

static void
test_P17_from_node_depth (void)
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

  sio_test_expect_critical ("nested too deeply");
  value = sio_value_new_from_node (node);
  sio_test_assert_critical_came ();
  json_node_unref (node);
  for (i = 0, inner = value; sio_value_get_length (inner) == 1; i++)
    inner = sio_value_get_element (inner, 0);
  g_assert_cmpuint (i, ==, 512);
}

static void
test_to_node (void)
{
  static const char *const texts[] = {
    "null",
    "true",
    "5",
    "0.5",
    "\"x\"",
    "[]",
    "{}",
    "[1,[null,{\"a\":{}}],\"x\"]",
    "{\"b\":1,\"a\":[2],\"\":3,\"__proto__\":{\"x\":null}}",
  };
  g_autoptr (JsonNode) nothing = sio_value_to_node (NULL);
  guint i;

  g_assert_true (JSON_NODE_HOLDS_NULL (nothing));
  for (i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (SioValue) value = sio_test_value_read (texts[i]);
      g_autoptr (JsonNode) node = sio_value_to_node (value);
      g_autofree char *json = json_to_string (node, FALSE);

      g_assert_cmpstr (json, ==, texts[i]);
    }
}

static void
test_to_node_bytes (void)
{
  g_autoptr (SioValue) value = sio_test_value_read_with_bytes (
      "[{\"_placeholder\":true,\"num\":1,\"more\":2},{\"_placeholder\":true,\"num\":0}]");
  g_autoptr (JsonNode) node = sio_value_to_node (value);
  g_autofree char *json = json_to_string (node, FALSE);

  g_assert_cmpstr (json, ==,
                   "[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
}

static void
test_deep (void)
{
  static const char *const brackets[][2] = { { "[", "]" }, { "{\"a\":", "}" } };
  guint i;

  /* The deepest that is not complained about. */
  for (i = 0; i < G_N_ELEMENTS (brackets); i++)
    {
      g_autoptr (SioValue) value =
          sio_test_value_read_nested (512, brackets[i][0], "null", brackets[i][1]);
      g_autoptr (JsonNode) node = sio_value_to_node (value);
      g_autoptr (SioValue) back = sio_value_new_from_node (node);

      g_assert_true (sio_value_equal (value, back));
    }
}

static void
test_to_node_numbers (void)
{
  g_autoptr (SioValue) value = sio_test_value_read (
      "[-9223372036854775808,9223372036854775807,9223372036854775808,1.0,1e400]");
  g_autoptr (JsonNode) node = sio_value_to_node (value);
  JsonArray *array = json_node_get_array (node);

  g_assert_cmpint (json_array_get_int_element (array, 0), ==, G_MININT64);
  g_assert_cmpint (json_array_get_int_element (array, 1), ==, G_MAXINT64);
  g_assert_true (json_node_get_value_type (json_array_get_element (array, 2)) == G_TYPE_DOUBLE);
  g_assert_cmpfloat (json_array_get_double_element (array, 2), ==, 9223372036854775808.0);
  g_assert_true (json_node_get_value_type (json_array_get_element (array, 3)) == G_TYPE_DOUBLE);
  g_assert_cmpfloat (json_array_get_double_element (array, 4), ==, INFINITY);
}

static void
test_to_node_texts (void)
{
  g_autoptr (SioValue) value = sio_test_value_read (
      "{\"long enough\":\"\\u0041\\ud83d\\ude00\",\"nul\":\"a\\u0000b\",\"n\\u0000x\":1,"
      "\"twice\":1,\"twice\":2}");
  g_autoptr (JsonNode) node = sio_value_to_node (value);
  JsonObject *object = json_node_get_object (node);

  g_assert_cmpuint (json_object_get_size (object), ==, 4);
  g_assert_cmpstr (json_object_get_string_member (object, "long enough"), ==, "A\xf0\x9f\x98\x80");
  g_assert_cmpstr (json_object_get_string_member (object, "nul"), ==, "a\357\277\275b");
  g_assert_cmpint (json_object_get_int_member (object, "n\357\277\275x"), ==, 1);
  g_assert_false (json_object_has_member (object, "n"));
  g_assert_cmpint (json_object_get_int_member (object, "twice"), ==, 2);
}

/* Of a part, only the part; its placeholders are numbered anew. */
static void
test_to_node_part (void)
{
  g_autoptr (SioValue) value = sio_test_value_read_with_bytes (
      "[{\"_placeholder\":true,\"num\":0},[{\"_placeholder\":true,\"num\":1}]]");
  g_autoptr (JsonNode) node = sio_value_to_node (sio_value_get_element (value, 1));
  g_autofree char *json = json_to_string (node, FALSE);

  g_assert_cmpstr (json, ==, "[{\"_placeholder\":true,\"num\":0}]");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/value-node/from/kinds", test_from_node);
  g_test_add_func ("/value-node/from/odd", test_from_node_odd);
  g_test_add_func ("/value-node/from/not-utf8", test_from_node_not_utf8);
  g_test_add_func ("/value-node/P17/from-depth", test_P17_from_node_depth);
  g_test_add_func ("/value-node/to/kinds", test_to_node);
  g_test_add_func ("/value-node/to/bytes", test_to_node_bytes);
  g_test_add_func ("/value-node/to/numbers", test_to_node_numbers);
  g_test_add_func ("/value-node/to/texts", test_to_node_texts);
  g_test_add_func ("/value-node/to/part", test_to_node_part);
  g_test_add_func ("/value-node/deep", test_deep);

  return g_test_run ();
}
