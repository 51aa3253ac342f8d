/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value-private.h"

#include "tests/lib/sio-test-value.h"

#include <string.h>

static void
assert_split (const char *json, const char *expected_name, const char *expected_rest)
{
  g_autofree char *owned = NULL;
  const char *name;
  g_autoptr (GBytes) whole = NULL;
  g_autoptr (SioValue) rest =
      sio_value_split_name (sio_test_value_receive (json), &name, &owned, &whole);
  g_autofree char *text = sio_value_to_json (rest, NULL);
  g_autoptr (SioValue) again = sio_test_value_receive (expected_rest);
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
assert_split_whole (const char *json, const char *shown, const char *expected, gsize length)
{
  g_autofree char *owned = NULL;
  const char *name;
  g_autoptr (GBytes) whole = NULL;
  g_autoptr (SioValue) rest G_GNUC_UNUSED =
      sio_value_split_name (sio_test_value_receive (json), &name, &owned, &whole);

  g_assert_cmpstr (name, ==, shown);
  if (expected == NULL)
    g_assert_null (whole);
  else
    g_assert_cmpmem (g_bytes_get_data (whole, NULL), g_bytes_get_size (whole), expected, length);
}

/* X6 */
static void
test_split_nul (void)
{
  assert_split_whole ("[\"a\\u0000b\"]", "a\357\277\275b", "a\0b", 3);
  assert_split_whole ("[\"a\\u0000b\",1]", "a\357\277\275b", "a\0b", 3);
  assert_split_whole ("[\"\\u0000\",1]", "\357\277\275", "\0", 1);
  assert_split_whole ("[\"\\u0000\\u0000\"]", "\357\277\275\357\277\275", "\0\0", 2);
  assert_split_whole ("[\"\\ufffd\"]", "\357\277\275", NULL, 0);
  assert_split_whole ("[\"\\\\u0000\"]", "\\u0000", NULL, 0);
  assert_split_whole ("[\"a\",\"\\u0000\"]", "a", NULL, 0);
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
      g_autofree char *owned = NULL;
      const char *name;
      g_autoptr (GBytes) whole = NULL;
      g_autoptr (SioValue) value = sio_test_value_receive (json);

      if (order == 0)
        value = sio_value_split_name (g_steal_pointer (&value), &name, &owned, &whole);
      g_assert_true (
          sio_value_bind_attachments (value, sio_test_attachments_new ("x", "y", NULL), NULL));
      if (order == 1)
        value = sio_value_split_name (g_steal_pointer (&value), &name, &owned, &whole);

      g_assert_cmpstr (name, ==, "a");
      sio_test_assert_bytes (sio_value_get_element (value, 0), "y");
      sio_test_assert_bytes (sio_value_lookup (value, "/1/0"), "x");
      g_assert_true (sio_value_has_attachments (value));
    }
}

/* What we built ourselves can be split too. */
static void
test_split_built (void)
{
  g_autofree char *owned = NULL;
  const char *name;
  g_autoptr (GBytes) whole = NULL;
  g_autoptr (SioValue) rest =
      sio_value_split_name (sio_args ("(sib)", "built", 1, TRUE), &name, &owned, &whole);

  g_assert_cmpstr (name, ==, "built");
  sio_test_assert_text (rest, "[1,true]");
  g_assert_true (sio_value_get_boolean (sio_value_get_element (rest, 1)));
}

/* The name's token becomes the array's, which moves all others by one. */
static void
test_split_many (void)
{
  guint count;

  for (count = 28; count < 68; count++)
    {
      g_autoptr (GString) json = g_string_new ("[\"name\"");
      g_autofree char *owned = NULL;
      const char *name;
      g_autoptr (GBytes) whole = NULL;
      g_autoptr (SioValue) rest = NULL;
      guint i;

      for (i = 0; i < count; i++)
        g_string_append_printf (json, ",%u", i);
      g_string_append_c (json, ']');

      rest = sio_value_split_name (sio_test_value_receive (json->str), &name, &owned, &whole);
      g_assert_cmpstr (name, ==, "name");
      g_assert_cmpuint (sio_value_get_length (rest), ==, count);
      for (i = 0; i < count; i++)
        g_assert_cmpint (sio_value_get_integer (sio_value_get_element (rest, i)), ==, i);
      g_assert_null (sio_value_get_element (rest, count));
    }
}

static void
test_split_wrong (void)
{
  static const struct
  {
    const char *json;
    const char *complaint;
  } cases[] = {
    { "{\"a\":1}", "*sio_value_is_array*" },
    { "\"a\"", "*sio_value_is_array*" },
    { "[]", "*count > 0*" },
    { "[null]", "*SIO_JSON_STRING*" },
    { "[[\"a\"]]", "*SIO_JSON_STRING*" },
    { "[true,1]", "*SIO_JSON_STRING*" },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SioValue) value = sio_test_value_receive (cases[i].json);
      const char *name = (gpointer) &i;
      GBytes *whole = (gpointer) &i;
      char *owned = (gpointer) &i;

      g_test_expect_message ("Sio", G_LOG_LEVEL_CRITICAL, cases[i].complaint);
      g_assert_true (sio_value_split_name (value, &name, &owned, &whole) == value);
      g_test_assert_expected_messages ();
      g_assert_null (name);
      g_assert_null (owned);
      g_assert_null (whole);
      sio_test_assert_text (value, cases[i].json);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/value-split/texts", test_split_name);
  g_test_add_func ("/value-split/X6-nul", test_split_nul);
  g_test_add_func ("/value-split/numbers", test_split_numbers);
  g_test_add_func ("/value-split/attachments", test_split_and_bind);
  g_test_add_func ("/value-split/built", test_split_built);
  g_test_add_func ("/value-split/many", test_split_many);
  g_test_add_func ("/value-split/wrong", test_split_wrong);

  return g_test_run ();
}
