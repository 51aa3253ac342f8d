/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value-private.h"

#include <math.h>
#include <string.h>

static SioValue *
new_from_json (const char *json)
{
  g_autoptr (GError) error = NULL;
  SioValue *value = sio_value_new_from_json (json, NULL, 0, &error);

  g_assert_no_error (error);
  g_assert_nonnull (value);
  return value;
}

static SioValue *
new_with_bytes (const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) zero = g_bytes_new_static ("zero", 4);
  g_autoptr (GBytes) one = g_bytes_new_static ("\0one", 4);
  GBytes *attachments[] = { zero, one };
  SioValue *value = sio_value_new_from_json (json, attachments, 2, &error);

  g_assert_no_error (error);
  g_assert_nonnull (value);
  return value;
}

/* Also that the variant is what it would be if others had serialised it. */
static GVariant *
check_variant (SioValue *value)
{
  GVariant *variant = g_variant_ref_sink (sio_value_to_variant (value));
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (variant);
  g_autoptr (GVariant) distrusted =
      g_variant_ref_sink (g_variant_new_from_bytes (g_variant_get_type (variant), bytes, FALSE));

  g_assert_true (g_variant_is_normal_form (distrusted));
  g_assert_true (g_variant_equal (variant, distrusted));
  return variant;
}

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
      g_autoptr (SioValue) value = new_from_json (texts[i]);
      g_autoptr (GPtrArray) attachments = NULL;
      g_autofree char *json = sio_value_to_json (value, &attachments);

      g_assert_cmpstr (json, ==, texts[i]);
      g_assert_cmpuint (attachments->len, ==, 0);
    }
}

static void
test_json_of_part (void)
{
  g_autoptr (SioValue) value = new_with_bytes (
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
test_variant (void)
{
  static const struct
  {
    const char *json;
    const char *variant;
  } cases[] = {
    { "null", "@mv nothing" },
    { "true", "true" },
    { "false", "false" },
    { "5", "int64 5" },
    { "-9223372036854775808", "int64 -9223372036854775808" },
    { "1.0", "1.0" },
    { "0.1", "0.1" },
    { "\"\"", "''" },
    { "\"a\\n\\u00e9\"", "'a\\né'" },
    { "[]", "@av []" },
    { "{}", "@a{sv} {}" },
    { "[[]]", "[<@av []>]" },
    { "[null]", "[<@mv nothing>]" },
    { "[true]", "[<true>]" },
    { "[1,\"a\",2.5,null,false]", "[<int64 1>,<'a'>,<2.5>,<@mv nothing>,<false>]" },
    { "{\"b\":1,\"a\":{\"c\":[{}]}}", "{'b':<int64 1>,'a':<{'c':<[<@a{sv} {}>]>}>}" },
    { "{\"\":\"\"}", "{'':<''>}" },
    { "{\"a\":1,\"b\":2,\"\\u0061\":3}", "{'a':<int64 3>,'b':<int64 2>}" },
    { "{\"a long name of a member\":[\"x\",\"yz\"]}",
      "{'a long name of a member':<[<'x'>,<'yz'>]>}" },
    { "{\"__proto__\":{\"x\":1}}", "{'__proto__':<{'x':<int64 1>}>}" },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SioValue) value = new_from_json (cases[i].json);
      g_autoptr (GVariant) variant = check_variant (value);
      g_autoptr (GVariant) expected = g_variant_ref_sink (g_variant_new_parsed (cases[i].variant));

      g_assert_cmpvariant (variant, expected);
    }
}

static void
test_variant_floats (void)
{
  g_autoptr (SioValue) value = new_from_json ("[1]");
  GVariant *variant = sio_value_to_variant (value);

  g_assert_true (g_variant_is_floating (variant));
  g_variant_unref (variant);
  variant = sio_value_to_variant (NULL);
  g_assert_true (g_variant_is_floating (variant));
  g_assert_true (g_variant_is_of_type (variant, G_VARIANT_TYPE ("mv")));
  g_variant_unref (variant);
}

static void
test_variant_bytes (void)
{
  g_autoptr (SioValue) value =
      new_with_bytes ("{\"a\":{\"_placeholder\":true,\"num\":1},\"b\":[{\"_placeholder\":true,"
                      "\"num\":0}]}");
  g_autoptr (GVariant) variant = check_variant (value);
  g_autoptr (GVariant) alone = check_variant (sio_value_get_member (value, "a"));
  g_autoptr (GVariant) expected = g_variant_ref_sink (
      g_variant_new_parsed ("{'a':<[byte 0,0x6f,0x6e,0x65]>,'b':<[<@ay [0x7a,0x65,0x72,0x6f]>]>}"));
  g_autoptr (GVariant) expected_alone =
      g_variant_ref_sink (g_variant_new_parsed ("[byte 0,0x6f,0x6e,0x65]"));

  g_assert_cmpvariant (variant, expected);
  g_assert_cmpvariant (alone, expected_alone);
}

/* The size decides how many bytes an offset takes, so go through the sizes at which that changes.
 */
static void
test_variant_sizes (void)
{
  static const guint around[] = { 230, 65500 };
  guint i, k;

  for (i = 0; i < G_N_ELEMENTS (around); i++)
    for (k = 0; k < 60; k++)
      {
        g_autofree char *text = g_strnfill (around[i] + k, 'x');
        g_autofree char *json = g_strdup_printf ("[\"%s\",{\"%s\":1}]", text, text);
        g_autoptr (SioValue) value = new_from_json (json);
        g_autoptr (GVariant) variant = check_variant (value);
        g_autoptr (GVariant) expected =
            g_variant_ref_sink (g_variant_new_parsed ("[<%s>,<{%s:<int64 1>}>]", text, text));

        g_assert_cmpvariant (variant, expected);
      }
}

static void
test_variant_many (void)
{
  g_autoptr (GString) json = g_string_new ("[0");
  g_autoptr (SioValue) value = NULL;
  g_autoptr (GVariant) variant = NULL;
  guint i;

  for (i = 1; i < 20000; i++)
    g_string_append_printf (json, ",%u", i);
  g_string_append_c (json, ']');
  value = new_from_json (json->str);
  variant = check_variant (value);

  g_assert_cmpuint (g_variant_n_children (variant), ==, 20000);
  for (i = 0; i < 20000; i += 999)
    {
      g_autoptr (GVariant) box = g_variant_get_child_value (variant, i);
      g_autoptr (GVariant) number = g_variant_get_variant (box);

      g_assert_cmpint (g_variant_get_int64 (number), ==, i);
    }
}

/* Lengths and paddings of all kinds, there and back. */
static void
test_variant_back (void)
{
  guint seed;

  for (seed = 0; seed < 300; seed++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (GString) json = g_string_new ("[");
      g_autoptr (SioValue) value = NULL, back = NULL;
      g_autoptr (GVariant) variant = NULL;
      guint i;

      for (i = 0; i < seed % 40; i++)
        {
          g_autofree char *text = g_strnfill (g_rand_int_range (random, 0, 20), 'a' + i % 26);
          static const char *const forms[] = { "\"%s\"", "[true,\"%s\",[1]]", "{\"%s\":[null,1.5]}",
                                               "{\"k%s\":{},\"l\":\"m\",\"n\":[]}" };
          const char *form = forms[g_rand_int_range (random, 0, G_N_ELEMENTS (forms))];
          g_auto (GStrv) parts = g_strsplit (form, "%s", 2);

          g_string_append_printf (json, "%s%s%s%s", i > 0 ? "," : "", parts[0], text, parts[1]);
        }
      g_string_append_c (json, ']');

      value = new_from_json (json->str);
      variant = check_variant (value);
      back = sio_value_new_from_variant (variant);
      g_assert_true (sio_value_equal (value, back));
    }
}

static SioValue *
new_deep (guint depth, const char *open, const char *close)
{
  g_autoptr (GString) json = g_string_new (NULL);
  guint i;

  for (i = 0; i < depth; i++)
    g_string_append (json, open);
  g_string_append (json, "null");
  for (i = 0; i < depth; i++)
    g_string_append (json, close);
  return new_from_json (json->str);
}

static void
test_deep (void)
{
  static const char *const brackets[][2] = { { "[", "]" }, { "{\"a\":", "}" } };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (brackets); i++)
    {
      g_autoptr (SioValue) value = new_deep (512, brackets[i][0], brackets[i][1]);
      g_autoptr (GVariant) variant = g_variant_ref_sink (sio_value_to_variant (value));
      g_autoptr (JsonNode) node = sio_value_to_node (value);
      g_autoptr (SioValue) from_variant = sio_value_new_from_variant (variant);
      g_autoptr (SioValue) from_node = sio_value_new_from_node (node);

      g_assert_true (sio_value_equal (value, from_variant));
      g_assert_true (sio_value_equal (value, from_node));
    }
}

static void
test_node (void)
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
      g_autoptr (SioValue) value = new_from_json (texts[i]);
      g_autoptr (JsonNode) node = sio_value_to_node (value);
      g_autofree char *json = json_to_string (node, FALSE);

      g_assert_cmpstr (json, ==, texts[i]);
    }
}

static void
test_node_bytes (void)
{
  g_autoptr (SioValue) value = new_with_bytes (
      "[{\"_placeholder\":true,\"num\":1,\"more\":2},{\"_placeholder\":true,\"num\":0}]");
  g_autoptr (JsonNode) node = sio_value_to_node (value);
  g_autofree char *json = json_to_string (node, FALSE);

  g_assert_cmpstr (json, ==,
                   "[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
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
  { "nul", "[\"a\\u0000b\"]", SIO_VALUE_STRING, 0, 0, "a", "'a'" },
  { "name-with-nul", "[{\"a\\u0000b\":1}]", SIO_VALUE_OBJECT, 0, 0, NULL, "{'a':<int64 1>}" },
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
  g_autoptr (SioValue) value = new_from_json (fidelity[i].json);
  SioValue *element = sio_value_get_element (value, 0);
  g_autofree char *json = sio_value_to_json (value, NULL);
  g_autoptr (GVariant) variant = check_variant (element);
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
  g_autoptr (SioValue) value =
      new_from_json ("{\"foo\":[\"bar\",[\"baz\"]],\"\":0,\"a/b\":1,\"m~n\":8,\"~1\":9,\"0\":10,"
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
      g_autoptr (SioValue) a = new_from_json (cases[i].a);
      g_autoptr (SioValue) b = new_from_json (cases[i].b);

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
  g_autoptr (SioValue) a =
      new_with_bytes ("[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
  g_autoptr (SioValue) b =
      new_with_bytes ("[{\"num\":0,\"_placeholder\":true},{\"_placeholder\":true,\"num\":1}]");
  g_autoptr (SioValue) c =
      new_with_bytes ("[{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}]");
  g_autoptr (SioValue) plain =
      new_from_json ("[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");

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
  g_autoptr (SioValue) a = new_from_json (in_order);
  g_autoptr (SioValue) b = new_from_json (shuffled);
  g_autoptr (GVariant) variant = check_variant (a);
  g_autoptr (JsonNode) node = sio_value_to_node (b);

  g_assert_true (sio_value_equal (a, b));
  g_assert_cmpuint (g_variant_n_children (variant), ==, count);
  g_assert_cmpuint (json_object_get_size (json_node_get_object (node)), ==, count);
}

static void
test_unpack (void)
{
  g_autoptr (SioValue) value = new_with_bytes (
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
      new_with_bytes ("[\"a\\u0000b\",{\"_placeholder\":true,\"num\":1},null]");
  const char *string = NULL;
  GBytes *bytes = NULL;
  SioValue *any = NULL;

  g_assert_true (sio_value_unpack (value, "&s&y&v", &string, &bytes, &any));
  g_assert_true (string == sio_value_get_string (sio_value_get_element (value, 0)));
  g_assert_cmpstr (string, ==, "a");
  g_assert_true (bytes == sio_value_get_bytes (sio_value_get_element (value, 1)));
  g_assert_true (any == sio_value_get_element (value, 2));
}

static void
test_unpack_skip (void)
{
  g_autoptr (SioValue) value = new_from_json ("[null,\"a\",{},2]");
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
  g_autoptr (SioValue) short_one = new_from_json ("[\"a\"]");
  g_autoptr (SioValue) with_null = new_from_json ("[\"a\",null,3]");
  g_autoptr (SioValue) wrong = new_from_json ("[\"a\",\"b\",3]");
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
        g_autoptr (SioValue) value = new_with_bytes (json);
        char format[] = { *letter, '\0' };

        g_assert_cmpint (sio_value_unpack (value, format, NULL), ==,
                         strchr (cases[i].letters, *letter) != NULL);
      }
}

/* Owned ones too are only made when all fits. */
static void
test_unpack_all_or_nothing (void)
{
  g_autoptr (SioValue) value = new_from_json ("[\"a\",\"b\",1]");
  g_autoptr (SioValue) object = new_from_json ("{}");
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
  g_autoptr (SioValue) value = new_from_json ("[]");
  guint i;

  for (i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_test_expect_message ("Sio", G_LOG_LEVEL_CRITICAL, "*format_is_valid*");
      g_assert_false (sio_value_unpack (value, formats[i], NULL, NULL, NULL));
      g_test_assert_expected_messages ();
    }
}

int
main (int argc, char *argv[])
{
  guint i;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/value-views/json/kinds", test_json);
  g_test_add_func ("/value-views/json/part", test_json_of_part);
  g_test_add_func ("/value-views/variant/kinds", test_variant);
  g_test_add_func ("/value-views/variant/floats", test_variant_floats);
  g_test_add_func ("/value-views/variant/bytes", test_variant_bytes);
  g_test_add_func ("/value-views/variant/sizes", test_variant_sizes);
  g_test_add_func ("/value-views/variant/many", test_variant_many);
  g_test_add_func ("/value-views/variant/back", test_variant_back);
  g_test_add_func ("/value-views/deep", test_deep);
  g_test_add_func ("/value-views/node/kinds", test_node);
  g_test_add_func ("/value-views/node/bytes", test_node_bytes);
  for (i = 0; i < G_N_ELEMENTS (fidelity); i++)
    {
      g_autofree char *path = g_strconcat ("/value-views/fidelity/", fidelity[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_fidelity);
    }
  g_test_add_func ("/value-views/lookup", test_lookup);
  g_test_add_func ("/value-views/equal/kinds", test_equal);
  g_test_add_func ("/value-views/equal/bytes", test_equal_bytes);
  g_test_add_func ("/value-views/large-objects", test_large_objects);
  g_test_add_func ("/value-views/unpack/letters", test_unpack);
  g_test_add_func ("/value-views/unpack/borrowed", test_unpack_borrowed);
  g_test_add_func ("/value-views/unpack/skip", test_unpack_skip);
  g_test_add_func ("/value-views/unpack/optional", test_unpack_optional);
  g_test_add_func ("/value-views/unpack/fits", test_unpack_fits);
  g_test_add_func ("/value-views/unpack/all-or-nothing", test_unpack_all_or_nothing);
  g_test_add_func ("/value-views/unpack/wrong-format", test_unpack_wrong_format);

  return g_test_run ();
}
