/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value-private.h"

#include "tests/lib/sio-test-value.h"

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
      g_autoptr (SioValue) value = sio_test_value_read (cases[i].json);
      g_autoptr (GVariant) variant = sio_test_value_check_variant (value);
      g_autoptr (GVariant) expected = g_variant_ref_sink (g_variant_new_parsed (cases[i].variant));

      g_assert_cmpvariant (variant, expected);
    }
}

static void
test_variant_floats (void)
{
  g_autoptr (SioValue) value = sio_test_value_read ("[1]");
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
  g_autoptr (SioValue) value = sio_test_value_read_with_bytes (
      "{\"a\":{\"_placeholder\":true,\"num\":1},\"b\":[{\"_placeholder\":true,"
      "\"num\":0}]}");
  g_autoptr (GVariant) variant = sio_test_value_check_variant (value);
  g_autoptr (GVariant) alone = sio_test_value_check_variant (sio_value_get_member (value, "a"));
  g_autoptr (GVariant) expected = g_variant_ref_sink (
      g_variant_new_parsed ("{'a':<[byte 0,0x6f,0x6e,0x65]>,'b':<[<@ay [0x7a,0x65,0x72,0x6f]>]>}"));
  g_autoptr (GVariant) expected_alone =
      g_variant_ref_sink (g_variant_new_parsed ("[byte 0,0x6f,0x6e,0x65]"));

  g_assert_cmpvariant (variant, expected);
  g_assert_cmpvariant (alone, expected_alone);
}

/* The size decides how many bytes an offset takes, so go through those at which that changes. */
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
        g_autoptr (SioValue) value = sio_test_value_read (json);
        g_autoptr (GVariant) variant = sio_test_value_check_variant (value);
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
  value = sio_test_value_read (json->str);
  variant = sio_test_value_check_variant (value);

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

      value = sio_test_value_read (json->str);
      variant = sio_test_value_check_variant (value);
      back = sio_value_new_from_variant (variant);
      g_assert_true (sio_value_equal (value, back));
    }
}

static const char *const brackets[][2] = { { "[", "]" }, { "{\"a\":", "}" } };

static void
assert_reads_back (SioValue *value)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (sio_value_to_variant (value));
  g_autoptr (SioValue) back = sio_value_new_from_variant (variant);

  g_assert_true (sio_value_equal (value, back));
}

static void
test_deep (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (brackets); i++)
    {
      g_autoptr (SioValue) value =
          sio_test_value_read_nested (512, brackets[i][0], "null", brackets[i][1]);

      assert_reads_back (value);
    }
}

/* Up to a depth variants are written at once, and can be stored; what is deeper is in parts. */
static void
test_depths (void)
{
  guint i, depth;

  for (i = 0; i < G_N_ELEMENTS (brackets); i++)
    for (depth = 36; depth < 46; depth++)
      {
        g_autoptr (SioValue) value =
            sio_test_value_read_nested (depth, brackets[i][0], "[1,\"a\"]", brackets[i][1]);

        assert_reads_back (value);
        if (depth < 40)
          g_variant_unref (sio_test_value_check_variant (value));
      }
}

/* One part that is too deep does not spoil those beside it. */
static void
test_deep_sibling (void)
{
  g_autoptr (SioValue) deep = sio_test_value_read_nested (60, "[", "7", "]");
  g_autoptr (SioValue) object = sio_test_value_read ("{\"k\":[true,\"x\"]}");
  g_autoptr (SioValue) bytes = sio_test_value_new_bytes ("data");
  SioValue *elements[] = { object, deep, bytes, NULL, object };
  g_autoptr (SioValue) array = sio_value_new_array (elements, G_N_ELEMENTS (elements));

  assert_reads_back (array);
}

static void
test_null (void)
{
  g_autoptr (SioValue) null = sio_value_new_null ();
  g_autoptr (GVariant) variant = sio_test_value_check_variant (null);
  g_autoptr (GVariant) absent = sio_test_value_check_variant (NULL);

  g_assert_cmpvariant (variant, absent);
  g_assert_cmpuint (g_variant_n_children (variant), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/value-to-variant/kinds", test_variant);
  g_test_add_func ("/value-to-variant/floats", test_variant_floats);
  g_test_add_func ("/value-to-variant/bytes", test_variant_bytes);
  g_test_add_func ("/value-to-variant/sizes", test_variant_sizes);
  g_test_add_func ("/value-to-variant/many", test_variant_many);
  g_test_add_func ("/value-to-variant/back", test_variant_back);
  g_test_add_func ("/value-to-variant/deep", test_deep);
  g_test_add_func ("/value-to-variant/depths", test_depths);
  g_test_add_func ("/value-to-variant/deep-sibling", test_deep_sibling);
  g_test_add_func ("/value-to-variant/null", test_null);

  return g_test_run ();
}
