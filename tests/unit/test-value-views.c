/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value-private.h"

#include "tests/lib/sio-test-value.h"

#include <math.h>
#include <string.h>

static void
test_json (void)
{
  static const char *const texts[] = {
    "null", "true", "-0", "1.50", "1e400", "\"\\u0041\\u0000\\ud800\"", "[ ]", "{\"a\":1,\"a\":2}",
  };
  g_autofree char *nothing = sio_value_to_json (NULL, NULL);
  guint i;

  g_assert_cmpstr (nothing, ==, "null");
  for (i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (SioValue) value = sio_test_value_read (texts[i]);
      g_autoptr (GPtrArray) attachments = NULL;
      g_autofree char *json = sio_value_to_json (value, &attachments);

      g_assert_cmpstr (json, ==, texts[i]);
      g_assert_cmpuint (attachments->len, ==, 0);
    }
}

static void
test_json_of_part (void)
{
  g_autoptr (SioValue) value = sio_test_value_read_with_bytes (
      "[{\"_placeholder\":true,\"num\":0},[{\"_placeholder\":true,\"num\":1},\"s\"]]");
  g_autoptr (GPtrArray) attachments = NULL;
  g_autofree char *part = sio_value_to_json (sio_value_get_element (value, 1), &attachments);
  g_autofree char *text = sio_value_to_json (sio_value_lookup (value, "/1/1"), NULL);
  g_autofree char *whole = sio_value_to_json (value, NULL);
  g_autoptr (SioValue) again = NULL;

  g_assert_cmpstr (part, ==, "[{\"_placeholder\":true,\"num\":0},\"s\"]");
  g_assert_cmpuint (attachments->len, ==, 1);
  g_assert_cmpmem (g_bytes_get_data (g_ptr_array_index (attachments, 0), NULL), 4, "\0one", 4);
  g_assert_cmpstr (text, ==, "\"s\"");
  g_assert_cmpstr (whole, ==,
                   "[{\"_placeholder\":true,\"num\":0},[{\"_placeholder\":true,\"num\":1},\"s\"]]");

  again = sio_value_new_from_json (part, (GBytes **) attachments->pdata, attachments->len, NULL);
  g_assert_true (sio_value_equal (again, sio_value_get_element (value, 1)));
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

/* What is lost, and what is not, by each way of looking at a text. */
static const struct
{
  const char *name;
  const char *json;
  SioValueKind kind; /* of the element */
  gint64 integer;
  double number;
  const char *string;
  const char *variant; /* of the element */
} fidelity[] = {
  { "integer", "[1]", SIO_VALUE_INTEGER, 1, 1.0, NULL, "int64 1" },
  { "double", "[1.0]", SIO_VALUE_DOUBLE, 1, 1.0, NULL, "1.0" },
  { "null", "[null]", SIO_VALUE_NULL, 0, 0, NULL, "@mv nothing" },
  { "nested-null", "[[null]]", SIO_VALUE_ARRAY, 0, 0, NULL, "[<@mv nothing>]" },
  { "empty-array", "[[]]", SIO_VALUE_ARRAY, 0, 0, NULL, "@av []" },
  { "empty-object", "[{}]", SIO_VALUE_OBJECT, 0, 0, NULL, "@a{sv} {}" },
  { "duplicate-names", "[{\"a\":1,\"a\":2}]", SIO_VALUE_OBJECT, 0, 0, NULL, "{'a':<int64 2>}" },
  { "order", "[{\"z\":1,\"a\":2}]", SIO_VALUE_OBJECT, 0, 0, NULL, "{'z':<int64 1>,'a':<int64 2>}" },
  { "empty-name", "[{\"\":1}]", SIO_VALUE_OBJECT, 0, 0, NULL, "{'':<int64 1>}" },
  { "2e53+1", "[9007199254740993]", SIO_VALUE_INTEGER, G_GINT64_CONSTANT (9007199254740993),
    9007199254740992.0, NULL, "int64 9007199254740993" },
  { "2e63-1", "[9223372036854775807]", SIO_VALUE_INTEGER, G_MAXINT64, 9223372036854775808.0, NULL,
    "int64 9223372036854775807" },
  { "2e64-1", "[18446744073709551615]", SIO_VALUE_DOUBLE, G_MAXINT64, 18446744073709551616.0, NULL,
    "18446744073709551616.0" },
  { "1e400", "[1e400]", SIO_VALUE_DOUBLE, G_MAXINT64, INFINITY, NULL, "inf" },
  { "1e21", "[1e21]", SIO_VALUE_DOUBLE, G_MAXINT64, 1e21, NULL, "1e21" },
  { "0.1", "[0.1]", SIO_VALUE_DOUBLE, 0, 0.1, NULL, "0.1" },
  { "nul", "[\"a\\u0000b\"]", SIO_VALUE_STRING, 0, 0, "a\357\277\275b", "'a\357\277\275b'" },
  { "name-with-nul", "[{\"a\\u0000b\":1}]", SIO_VALUE_OBJECT, 0, 0, NULL,
    "{'a\357\277\275b':<int64 1>}" },
  { "lone-surrogate", "[\"\\ud800\"]", SIO_VALUE_STRING, 0, 0, "\xef\xbf\xbd", "'\xef\xbf\xbd'" },
  { "lone-low-surrogate", "[\"x\\udc00y\"]", SIO_VALUE_STRING, 0, 0, "x\xef\xbf\xbdy",
    "'x\xef\xbf\xbdy'" },
  { "proto", "[{\"__proto__\":{\"x\":1}}]", SIO_VALUE_OBJECT, 0, 0, NULL,
    "{'__proto__':<{'x':<int64 1>}>}" },
};

static void
test_fidelity (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (SioValue) value = sio_test_value_read (fidelity[i].json);
  SioValue *element = sio_value_get_element (value, 0);
  g_autofree char *json = sio_value_to_json (value, NULL);
  g_autoptr (GVariant) variant = sio_test_value_check_variant (element);
  g_autoptr (GVariant) expected = g_variant_ref_sink (g_variant_new_parsed (fidelity[i].variant));
  g_autoptr (JsonNode) node = sio_value_to_node (element);
  g_autoptr (SioValue) from_variant = sio_value_new_from_variant (variant);
  g_autoptr (SioValue) from_node = sio_value_new_from_node (node);

  g_assert_cmpstr (json, ==, fidelity[i].json);
  g_assert_cmpint (sio_value_get_kind (element), ==, fidelity[i].kind);
  g_assert_cmpint (sio_value_get_integer (element), ==, fidelity[i].integer);
  g_assert_cmpfloat (sio_value_get_number (element), ==, fidelity[i].number);
  g_assert_cmpstr (sio_value_get_string (element), ==, fidelity[i].string);
  g_assert_cmpvariant (variant, expected);

  /* Neither infinity nor what follows a NUL finds its way back. */
  if (strstr (fidelity[i].json, "u0000") == NULL && strcmp (fidelity[i].name, "1e400") != 0)
    {
      g_assert_true (sio_value_equal (from_variant, element));
      g_assert_true (sio_value_equal (from_node, element));
    }
}

static void
test_lookup (void)
{
  g_autoptr (SioValue) value = sio_test_value_read (
      "{\"foo\":[\"bar\",[\"baz\"]],\"\":0,\"a/b\":1,\"m~n\":8,\"~1\":9,\"0\":10,"
      "\"k\\\"l\":6}");
  static const struct
  {
    const char *pointer;
    const char *json;
  } cases[] = {
    { "/foo", "[\"bar\",[\"baz\"]]" },
    { "/foo/0", "\"bar\"" },
    { "/foo/1/0", "\"baz\"" },
    { "/", "0" },
    { "/a~1b", "1" },
    { "/m~0n", "8" },
    { "/~01", "9" },
    { "/0", "10" },
    { "/k\"l", "6" },
    { "foo", NULL },
    { "/foo/2", NULL },
    { "/foo/-", NULL },
    { "/foo/-1", NULL },
    { "/foo/+1", NULL },
    { "/foo/01", NULL },
    { "/foo/00", NULL },
    { "/foo/1x", NULL },
    { "/foo/ 1", NULL },
    { "/foo/", NULL },
    { "/foo/4294967296", NULL },
    { "/foo/99999999999999999999", NULL },
    { "/foo/0/0", NULL },
    { "/foo/bar", NULL },
    { "/nothing/at/all", NULL },
    { "/m~n", NULL },
    { "/m~2n", NULL },
    { "/m~", NULL },
    { "//", NULL },
  };
  guint i;

  g_assert_true (sio_value_lookup (value, "") == value);
  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SioValue *found = sio_value_lookup (value, cases[i].pointer);
      g_autofree char *json = found != NULL ? sio_value_to_json (found, NULL) : NULL;

      g_assert_cmpstr (json, ==, cases[i].json);
    }
}

static void
test_equal (void)
{
  static const struct
  {
    const char *a;
    const char *b;
    gboolean equal;
  } cases[] = {
    { "null", "null", TRUE },
    { "true", "true", TRUE },
    { "true", "false", FALSE },
    { "false", "null", FALSE },
    { "0", "false", FALSE },
    { "1", "1.0", TRUE },
    { "100", "1e2", TRUE },
    { "0", "-0.0", TRUE },
    { "1", "1.5", FALSE },
    { "9007199254740993", "9007199254740992", FALSE },
    { "9007199254740993", "9007199254740992.0", FALSE },
    { "9007199254740992", "9007199254740992.0", TRUE },
    { "9223372036854775807", "9223372036854775808", FALSE },
    { "-9223372036854775808", "-9223372036854775808.0", TRUE },
    { "1e400", "1e500", TRUE },
    { "1e400", "9223372036854775807", FALSE },
    { "1", "\"1\"", FALSE },
    { "\"a\"", "\"\\u0061\"", TRUE },
    { "\"\\u0061\"", "\"a\"", TRUE },
    { "\"\\n\"", "\"\\u000a\"", TRUE },
    { "\"a\"", "\"a\\u0000\"", FALSE },
    { "\"a\\u0000b\"", "\"a\\u0000b\"", TRUE },
    { "\"a\\u0000b\"", "\"a\\u0000c\"", FALSE },
    { "\"\"", "\"\"", TRUE },
    { "[]", "[]", TRUE },
    { "[]", "{}", FALSE },
    { "[1,2]", " [ 1 , 2 ] ", TRUE },
    { "[1,2]", "[2,1]", FALSE },
    { "[1]", "[1,1]", FALSE },
    { "[[1],2]", "[[1],2]", TRUE },
    { "[[1],2]", "[[1,2]]", FALSE },
    { "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", TRUE },
    { "{\"a\":1,\"b\":2}", "{\"b\":1,\"a\":2}", FALSE },
    { "{\"a\":1}", "{\"a\":1,\"b\":null}", FALSE },
    { "{\"a\":null}", "{\"b\":null}", FALSE },
    { "{\"a\":0,\"a\":1}", "{\"a\":1}", TRUE },
    { "{\"a\":[{\"b\":[]}]}", "{\"a\":[{\"b\":[]}]}", TRUE },
    { "{\"a\":[{\"b\":[]}]}", "{\"a\":[{\"b\":{}}]}", FALSE },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SioValue) a = sio_test_value_read (cases[i].a);
      g_autoptr (SioValue) b = sio_test_value_read (cases[i].b);

      g_assert_true (sio_value_equal (a, a));
      g_assert_cmpint (sio_value_equal (a, b), ==, cases[i].equal);
      g_assert_cmpint (sio_value_equal (b, a), ==, cases[i].equal);
      g_assert_cmpint (sio_value_equal (a, NULL), ==, sio_value_get_kind (a) == SIO_VALUE_NULL);
    }
  g_assert_true (sio_value_equal (NULL, NULL));
}

static void
test_equal_bytes (void)
{
  g_autoptr (SioValue) a = sio_test_value_read_with_bytes (
      "[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
  g_autoptr (SioValue) b = sio_test_value_read_with_bytes (
      "[{\"num\":0,\"_placeholder\":true},{\"_placeholder\":true,\"num\":1}]");
  g_autoptr (SioValue) c = sio_test_value_read_with_bytes (
      "[{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}]");
  g_autoptr (SioValue) plain =
      sio_test_value_read ("[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");

  g_assert_true (sio_value_equal (a, b));
  g_assert_false (sio_value_equal (a, c));
  g_assert_false (sio_value_equal (a, plain));
}

static char *
write_members (guint count, guint step)
{
  g_autoptr (GString) json = g_string_new ("{");
  guint i, k = 0;

  for (i = 0; i < count; i++)
    {
      g_string_append_printf (json, "%s\"\\u0061%u\":%u", i > 0 ? "," : "", k, k);
      k = (k + step) % count;
    }
  g_string_append_c (json, '}');
  return g_string_free (g_steal_pointer (&json), FALSE);
}

static void
test_large_objects (void)
{
  const guint count = 200000;
  g_autofree char *in_order = write_members (count, 1);
  g_autofree char *shuffled = write_members (count, 77777);
  g_autoptr (SioValue) a = sio_test_value_read (in_order);
  g_autoptr (SioValue) b = sio_test_value_read (shuffled);
  g_autoptr (GVariant) variant = sio_test_value_check_variant (a);
  g_autoptr (JsonNode) node = sio_value_to_node (b);

  g_assert_true (sio_value_equal (a, b));
  g_assert_cmpuint (g_variant_n_children (variant), ==, count);
  g_assert_cmpuint (json_object_get_size (json_node_get_object (node)), ==, count);
}

int
main (int argc, char *argv[])
{
  guint i;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/value-views/json/kinds", test_json);
  g_test_add_func ("/value-views/json/part", test_json_of_part);
  g_test_add_func ("/value-views/P11/append-json", test_append_json);
  g_test_add_func ("/value-views/lookup", test_lookup);
  g_test_add_func ("/value-views/equal/kinds", test_equal);
  g_test_add_func ("/value-views/equal/bytes", test_equal_bytes);
  g_test_add_func ("/value-views/large-objects", test_large_objects);
  for (i = 0; i < G_N_ELEMENTS (fidelity); i++)
    {
      g_autofree char *path = g_strconcat ("/value-views/fidelity/", fidelity[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_fidelity);
    }

  return g_test_run ();
}
