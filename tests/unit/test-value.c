/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value-private.h"

#include <math.h>
#include <string.h>

/* As from the wire: the text is gone, and not NUL-terminated before, when the value is used. */
static SioValue *
receive_bytes (const char *json, gsize length)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_memdup2 (json, length);

  sio_json_read (&tape, text, length, 512, 500000, &error);
  g_assert_no_error (error);
  return sio_value_new_from_tape (text, length, &tape);
}

static SioValue *
receive (const char *json)
{
  return receive_bytes (json, strlen (json));
}

static GPtrArray *
make_attachments (const char *first, ...)
{
  GPtrArray *attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const char *next;
  va_list args;

  va_start (args, first);
  for (next = first; next != NULL; next = va_arg (args, const char *))
    g_ptr_array_add (attachments, g_bytes_new (next, strlen (next)));
  va_end (args);
  return attachments;
}

static void
assert_bytes (SioValue *value, const char *expected)
{
  GBytes *bytes = sio_value_get_bytes (value);

  g_assert_cmpint (sio_value_get_kind (value), ==, SIO_VALUE_BYTES);
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected,
                   strlen (expected));
}

static void
assert_peek (SioValue *value, const char *expected)
{
  gsize length;
  const char *json = sio_value_peek_json (value, &length);

  g_assert_cmpmem (json, length, expected, strlen (expected));
}

static void
test_type (void)
{
  g_autoptr (SioValue) value = receive ("[1]");
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
      g_autoptr (SioValue) value = receive (texts[i]);
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
      assert_peek (value, texts[i]);
    }
}

static void
test_kinds (void)
{
  g_autoptr (SioValue) value =
      receive ("[null,false,true,1,-0,1.0,1e2,\"a\",[],{},9223372036854775807,"
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
      g_autoptr (SioValue) value = receive (cases[i].json);

      g_assert_cmpint (sio_value_get_kind (value), ==, cases[i].kind);
      g_assert_cmpint (sio_value_get_integer (value), ==, cases[i].integer);
    }
}

static void
test_numbers (void)
{
  g_autoptr (SioValue) value =
      receive ("[0.1,9007199254740993,18446744073709551615,1e400,-1e400,1e21,"
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
  g_autoptr (SioValue) value =
      receive ("[\"plain\",\"\",\"tab\\tquote\\\"\",\"a\\u0000b\",\"\\ud800\",\"\\ud83d\\ude00\"]");
  g_autoptr (GBytes) whole = sio_value_get_string_bytes (sio_value_get_element (value, 3));
  const char *text = sio_value_get_string (sio_value_get_element (value, 0));

  g_assert_cmpstr (text, ==, "plain");
  g_assert_true (sio_value_get_string (sio_value_get_element (value, 0)) == text);
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (value, 1)), ==, "");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (value, 2)), ==, "tab\tquote\"");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (value, 3)), ==, "a");
  g_assert_cmpmem (g_bytes_get_data (whole, NULL), g_bytes_get_size (whole), "a\0b", 3);
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (value, 4)), ==, "\xef\xbf\xbd");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (value, 5)), ==, "\xf0\x9f\x98\x80");
}

/* The bytes of a text keep the value; a part keeps the whole. */
static void
test_lifetime (void)
{
  SioValue *value = receive ("[[{\"k\":\"deep\"}],\"text\"]");
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
  g_autoptr (SioValue) value = receive ("[[1],[2]]");

  g_assert_true (sio_value_get_element (value, 1) == sio_value_get_element (value, 1));
  g_assert_true (sio_value_get_element (value, 0) != sio_value_get_element (value, 1));
}

static void
test_members (void)
{
  g_autoptr (SioValue) value = receive ("{\"b\":1,\"\":2,\"a\\u0062\":[3],\"__proto__\":4}");
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
assert_last_wins (SioValue *value)
{
  g_auto (GStrv) names = sio_value_list_members (value);
  static const char *const expected[] = { "a", "b", NULL };
  guint i;

  /* Before and after the names were listed. */
  for (i = 0; i < 2; i++)
    {
      g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, "a")), ==, 3);
      g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, "b")), ==, 4);
      g_assert_cmpuint (sio_value_get_length (value), ==, 2);
    }
  g_assert_cmpstrv (names, expected);
}

static void
test_duplicates (void)
{
  g_autoptr (SioValue) few = receive ("{\"a\":1,\"b\":2,\"\\u0061\":3,\"b\":4}");
  g_autoptr (GString) json = g_string_new ("{\"a\":0,\"b\":0");
  g_autoptr (SioValue) many = NULL;
  guint i;

  assert_last_wins (few);
  for (i = 0; i < 50; i++)
    g_string_append (json, ",\"a\":1,\"b\":[2]");
  g_string_append (json, ",\"\\u0061\":3,\"b\":4}");
  many = receive (json->str);
  g_assert_cmpint (sio_value_get_integer (sio_value_get_member (many, "a")), ==, 3);
  assert_last_wins (many);
}

/* A name ends at its first NUL, wherever it is asked for. */
static void
test_name_with_nul (void)
{
  static const char *const expected[] = { "a", "b", NULL };
  g_autoptr (SioValue) value = receive ("{\"a\":1,\"b\\u0000x\":2,\"a\\u0000y\":3}");
  g_auto (GStrv) names = NULL;

  g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, "a")), ==, 3);
  g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, "b")), ==, 2);
  names = sio_value_list_members (value);
  g_assert_cmpstrv (names, expected);
  g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, "a")), ==, 3);
  g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, "b")), ==, 2);
}

/* Each would take minutes if it were quadratic. */
static void
test_large_object (void)
{
  const guint count = 200000;
  g_autoptr (GString) json = g_string_new ("{");
  g_autoptr (SioValue) value = NULL;
  g_auto (GStrv) names = NULL;
  guint i;

  for (i = 0; i < count; i++)
    g_string_append_printf (json, "%s\"member%u\":%u", i > 0 ? "," : "", i % (count / 2), i);
  g_string_append_c (json, '}');
  value = receive (json->str);

  names = sio_value_list_members (value);
  g_assert_cmpuint (sio_value_get_length (value), ==, count / 2);
  g_assert_cmpuint (g_strv_length (names), ==, count / 2);
  for (i = 0; i < count / 2; i++)
    g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, names[i])), ==,
                     i + count / 2);
  g_assert_null (sio_value_get_member (value, "member"));
  g_assert_null (sio_value_get_member (value, "member999999"));
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
  value = receive (json->str);

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
  value = receive (json->str);
  for (inner = value; inner != NULL; inner = sio_value_get_element (inner, 0))
    depth++;
  g_assert_cmpuint (depth, ==, 512);
}

static void
test_white_space (void)
{
  g_autoptr (SioValue) value = receive (" \n[ 1 , \"a\" ]\t ");
  g_autofree char *json = sio_value_to_json (value, NULL);
  gsize length;

  assert_peek (value, "[ 1 , \"a\" ]");
  g_assert_cmpuint (strlen (sio_value_peek_json (value, &length)), ==, length);
  assert_peek (sio_value_get_element (value, 1), "\"a\"");
  g_assert_cmpstr (json, ==, "[ 1 , \"a\" ]");
}

static void
test_bind (void)
{
  g_autoptr (SioValue) value =
      receive ("[{\"k\":[{\"num\":1,\"_placeholder\":true}],\"x\":1},"
               "{\"_placeholder\":true,\"num\":0,\"other\":{\"_placeholder\":true,\"num\":9}},"
               "{\"\\u005fplaceholder\":true,\"num\":1},\"end\"]");
  g_autoptr (GError) error = NULL;

  g_assert_false (sio_value_has_attachments (value));
  g_assert_null (sio_value_peek_attachments (value));
  g_assert_true (
      sio_value_bind_attachments (value, make_attachments ("zero", "one", "unused", NULL), &error));
  g_assert_no_error (error);
  assert_bytes (sio_value_lookup (value, "/0/k/0"), "one");
  g_assert_cmpint (sio_value_get_integer (sio_value_lookup (value, "/0/x")), ==, 1);
  assert_bytes (sio_value_get_element (value, 1), "zero");
  assert_bytes (sio_value_get_element (value, 2), "one");
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
  g_autoptr (SioValue) value = receive ("{\"_placeholder\":true,\"num\":0}");

  g_assert_true (sio_value_bind_attachments (value, make_attachments ("root", NULL), NULL));
  assert_bytes (value, "root");
  g_assert_cmpuint (sio_value_get_length (value), ==, 0);
}

static void
test_bind_ordinary (void)
{
  g_autoptr (SioValue) value =
      receive ("[{\"_placeholder\":false,\"num\":0},{\"_placeholder\":\"true\",\"num\":0},"
               "{\"num\":0},{\"_placeholder\":1},{\"_placeholder\":true,\"_placeholder\":false},"
               "{\"x\":\"_placeholder\",\"y\":true}]");
  guint i;

  g_assert_true (sio_value_bind_attachments (value, make_attachments ("x", NULL), NULL));
  for (i = 0; i < sio_value_get_length (value); i++)
    g_assert_cmpint (sio_value_get_kind (sio_value_get_element (value, i)), ==, SIO_VALUE_OBJECT);
  g_assert_false (sio_value_has_attachments (value));
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
      g_autoptr (SioValue) value = receive (json);
      g_autoptr (GError) error = NULL;

      g_assert_false (
          sio_value_bind_attachments (value, make_attachments ("a", "b", NULL), &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
      g_assert_true (g_str_has_prefix (error->message, "illegal attachments"));
      g_assert_null (sio_value_get_bytes (sio_value_get_element (value, 1)));
    }
}

static void
assert_split (const char *json, const char *expected_name, const char *expected_rest)
{
  g_autofree char *name = NULL;
  g_autoptr (SioValue) rest = sio_value_split_name (receive (json), &name);
  g_autofree char *text = sio_value_to_json (rest, NULL);
  g_autoptr (SioValue) again = receive (expected_rest);
  gsize length;

  g_assert_cmpstr (name, ==, expected_name);
  g_assert_cmpstr (text, ==, expected_rest);
  g_assert_cmpuint (strlen (sio_value_peek_json (rest, &length)), ==, length);
  g_assert_cmpint (sio_value_get_kind (rest), ==, SIO_VALUE_ARRAY);
  g_assert_cmpuint (sio_value_get_length (rest), ==, sio_value_get_length (again));
  g_assert_true (sio_value_equal (rest, again));
}

static void
test_split_name (void)
{
  assert_split ("[\"a\"]", "a", "[]");
  assert_split ("[\"\"]", "", "[]");
  assert_split ("[1]", "1", "[]");
  assert_split (" [ \"a\" ] ", "a", "[]");
  assert_split ("[\"a\",1]", "a", "[1]");
  assert_split ("[\"\",null]", "", "[null]");
  assert_split ("[\"a\" , [1,{\"k\":\"v\"}],\"x\"]", "a", "[ [1,{\"k\":\"v\"}],\"x\"]");
  assert_split ("\n[\n\"a,b\\\"],\" \n,\n\"c\" \n]\n", "a,b\"],", "[\n\"c\" \n]");
  assert_split ("[\"\\u00e9\\u0041\",[[]],{}]", "éA", "[[[]],{}]");
}

static void
test_split_numbers (void)
{
  static const struct
  {
    const char *json;
    const char *name;
  } cases[] = {
    { "0", "0" },
    { "-0", "0" },
    { "-0.0", "0" },
    { "1.0", "1" },
    { "1e3", "1000" },
    { "-1.50", "-1.5" },
    { "0.1", "0.1" },
    { "123456789", "123456789" },
    { "1e20", "100000000000000000000" },
    { "1e21", "1e+21" },
    { "1.25e30", "1.25e+30" },
    { "0.000001", "0.000001" },
    { "1.5e-6", "0.0000015" },
    { "1e-7", "1e-7" },
    { "-1.5e-10", "-1.5e-10" },
    { "5e-324", "5e-324" },
    { "1.7976931348623157e308", "1.7976931348623157e+308" },
    { "9007199254740993", "9007199254740992" },
    { "1152921504606846976", "1152921504606847000" },
    { "12345678901234567890", "12345678901234567000" },
    { "1e400", "Infinity" },
    { "-1e400", "-Infinity" },
    { "1e-400", "0" },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *alone = g_strdup_printf ("[%s]", cases[i].json);
      g_autofree char *followed = g_strdup_printf ("[%s,\"x\"]", cases[i].json);

      assert_split (alone, cases[i].name, "[]");
      assert_split (followed, cases[i].name, "[\"x\"]");
    }
}

static void
test_split_and_bind (void)
{
  static const char json[] =
      "[\"a\",{\"_placeholder\":true,\"num\":1},[{\"_placeholder\":true,\"num\":0}]]";
  guint order;

  for (order = 0; order < 2; order++)
    {
      g_autofree char *name = NULL;
      g_autoptr (SioValue) value = receive (json);

      if (order == 0)
        value = sio_value_split_name (g_steal_pointer (&value), &name);
      g_assert_true (sio_value_bind_attachments (value, make_attachments ("x", "y", NULL), NULL));
      if (order == 1)
        value = sio_value_split_name (g_steal_pointer (&value), &name);

      g_assert_cmpstr (name, ==, "a");
      assert_bytes (sio_value_get_element (value, 0), "y");
      assert_bytes (sio_value_lookup (value, "/1/0"), "x");
      g_assert_true (sio_value_has_attachments (value));
    }
}

/* What we built ourselves can be split too. */
static void
test_split_built (void)
{
  g_autofree char *name = NULL;
  g_autoptr (SioValue) rest = sio_value_split_name (sio_args ("(sib)", "built", 1, TRUE), &name);

  g_assert_cmpstr (name, ==, "built");
  assert_peek (rest, "[1,true]");
  g_assert_true (sio_value_get_boolean (sio_value_get_element (rest, 1)));
}

static void
test_many_runs (void)
{
  g_autoptr (GString) json = g_string_new ("[0");
  g_autoptr (SioValue) value = NULL;
  guint i;

  for (i = 1; i < 131; i++)
    g_string_append_printf (json, ",%u", i);
  g_string_append_c (json, ']');
  value = receive (json->str);
  for (i = 131; i-- > 0;)
    g_assert_cmpint (sio_value_get_integer (sio_value_get_element (value, i)), ==, i);
}

static gpointer
look_into (gpointer data)
{
  SioValue *value = data;
  guint i;

  for (i = 0; i < 200; i++)
    {
      g_autoptr (SioValue) member = sio_value_ref (sio_value_get_member (value, "k"));
      g_auto (GStrv) names = sio_value_list_members (value);

      g_assert_cmpuint (g_strv_length (names), ==, 2);
      g_assert_cmpstr (sio_value_get_string (sio_value_get_element (member, i % 40)), ==, "text");
      g_assert_cmpint (sio_value_get_kind (sio_value_get_member (value, "b")), ==, SIO_VALUE_BYTES);
    }
  sio_value_unref (value);
  return NULL;
}

/* A value of ours is read by whoever looks first. */
static void
test_threads (void)
{
  guint round, i;

  for (round = 0; round < 20; round++)
    {
      g_autoptr (GVariantDict) dict = g_variant_dict_new (NULL);
      g_autoptr (SioValue) value = NULL;
      const char *texts[41] = { NULL };
      GThread *threads[4];

      for (i = 0; i < 40; i++)
        texts[i] = "text";
      g_variant_dict_insert (dict, "k", "^as", texts);
      g_variant_dict_insert (dict, "b", "^ay", "bytes");
      value = sio_value_new_from_variant (g_variant_dict_end (dict));
      for (i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("reader", look_into, sio_value_ref (value));
      for (i = 0; i < G_N_ELEMENTS (threads); i++)
        g_thread_join (threads[i]);
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
  g_test_add_func ("/value/duplicates", test_duplicates);
  g_test_add_func ("/value/name-with-nul", test_name_with_nul);
  g_test_add_func ("/value/large-object", test_large_object);
  g_test_add_func ("/value/large-array", test_large_array);
  g_test_add_func ("/value/deep", test_deep);
  g_test_add_func ("/value/white-space", test_white_space);
  g_test_add_func ("/value/P21/bind", test_bind);
  g_test_add_func ("/value/P21/bind-root", test_bind_root);
  g_test_add_func ("/value/P21/ordinary", test_bind_ordinary);
  g_test_add_func ("/value/P28/illegal-attachments", test_bind_illegal);
  g_test_add_func ("/value/split-name/texts", test_split_name);
  g_test_add_func ("/value/split-name/numbers", test_split_numbers);
  g_test_add_func ("/value/split-name/attachments", test_split_and_bind);
  g_test_add_func ("/value/split-name/built", test_split_built);
  g_test_add_func ("/value/many-runs", test_many_runs);
  g_test_add_func ("/value/threads", test_threads);

  return g_test_run ();
}
