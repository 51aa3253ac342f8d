/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "value/sio-members-private.h"

#include "tests/lib/sio-test-value.h"

#include <string.h>

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
  g_autoptr (SioValue) few = sio_test_value_receive ("{\"a\":1,\"b\":2,\"\\u0061\":3,\"b\":4}");
  g_autoptr (GString) json = g_string_new ("{\"a\":0,\"b\":0");
  g_autoptr (SioValue) many = NULL;
  guint i;

  assert_last_wins (few);
  for (i = 0; i < 50; i++)
    g_string_append (json, ",\"a\":1,\"b\":[2]");
  g_string_append (json, ",\"\\u0061\":3,\"b\":4}");
  many = sio_test_value_receive (json->str);
  g_assert_cmpint (sio_value_get_integer (sio_value_get_member (many, "a")), ==, 3);
  assert_last_wins (many);
}

/* X6: a name that has a NUL in it is found by none, wherever it is asked for. */
static void
test_name_with_nul (void)
{
  static const char *const expected[] = { "a", "b\357\277\275x", "a\357\277\275y", NULL };
  g_autoptr (SioValue) value = sio_test_value_receive ("{\"a\":1,\"b\\u0000x\":2,\"a\\u0000y\":3}");
  g_auto (GStrv) names = NULL;

  g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, "a")), ==, 1);
  g_assert_null (sio_value_get_member (value, "b"));
  names = sio_value_list_members (value);
  g_assert_cmpstrv (names, expected);
  g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, "a")), ==, 1);
  g_assert_null (sio_value_get_member (value, "b"));
  g_assert_null (sio_value_get_member (value, expected[1]));
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
  value = sio_test_value_receive (json->str);

  names = sio_value_list_members (value);
  g_assert_cmpuint (sio_value_get_length (value), ==, count / 2);
  g_assert_cmpuint (g_strv_length (names), ==, count / 2);
  for (i = 0; i < count / 2; i++)
    g_assert_cmpint (sio_value_get_integer (sio_value_get_member (value, names[i])), ==,
                     i + count / 2);
  g_assert_null (sio_value_get_member (value, "member"));
  g_assert_null (sio_value_get_member (value, "member999999"));
}

static SioMembers *
list (SioValue *value)
{
  return sio_members_new (value->document, value->token);
}

static gint64
integer_at (SioValue *value, guint32 token)
{
  return sio_value_get_integer (sio_document_get_value (value->document, token));
}

/* Few are compared one by one, many are sorted. */
static void
test_find (void)
{
  guint count;

  for (count = 0; count < 40; count++)
    {
      g_autoptr (GString) json = g_string_new ("{");
      g_autoptr (SioValue) value = NULL;
      g_autofree SioMembers *members = NULL;
      guint i;

      for (i = 0; i < count; i++)
        g_string_append_printf (json, "%s\"m%u\":%u", i > 0 ? "," : "", 107 - i, i);
      g_string_append_c (json, '}');
      value = sio_test_value_read (json->str);
      members = list (value);

      g_assert_cmpuint (members->n_members, ==, count);
      g_assert_cmpint (members->by_name != NULL, ==, count > 16);
      for (i = 0; i < count; i++)
        {
          g_autofree char *name = g_strdup_printf ("m%uxyz", 107 - i);
          gsize length = strlen (name) - 3;
          const SioMember *member = sio_members_find (members, name, length);

          g_assert_true (member == &members->members[i]);
          g_assert_cmpmem (member->name, member->length, name, length);
          g_assert_cmpint (integer_at (value, member->value), ==, i);
          g_assert_null (sio_members_find (members, name, length + 1));
        }
      g_assert_null (sio_members_find (members, "m", 1));
      g_assert_null (sio_members_find (members, "", 0));
      g_assert_null (sio_members_find (members, "m1000", 5));
    }
}

static void
test_sorted (void)
{
  g_autoptr (GString) json = g_string_new ("{\"\":0");
  g_autoptr (SioValue) value = NULL;
  g_autofree SioMembers *members = NULL;
  guint i;

  for (i = 1; i < 300; i++)
    g_string_append_printf (json, ",\"%u\":%u", i * 7919 % 211, i);
  g_string_append_c (json, '}');
  value = sio_test_value_read (json->str);
  members = list (value);

  g_assert_cmpuint (members->n_members, ==, 212);
  for (i = 1; i < members->n_members; i++)
    {
      const SioMember *before = &members->members[members->by_name[i - 1]];
      const SioMember *member = &members->members[members->by_name[i]];

      g_assert_cmpuint (before->length, <=, member->length);
      if (before->length == member->length)
        g_assert_cmpint (memcmp (before->name, member->name, member->length), <, 0);
    }
  g_assert_cmpint (integer_at (value, sio_members_find (members, "0", 1)->value), ==, 211);
  g_assert_true (sio_members_find (members, "", 0) == &members->members[0]);
}

/* Only names with escapes are written anew. */
static void
test_names (void)
{
  g_autoptr (SioValue) value =
      sio_test_value_read ("[{},{\"plain\":1,\"e\\u0073c\":2,\"\\u0000x\":{\"inner\":3}}]");
  const char *text = value->document->text;
  SioValue *object = sio_value_get_element (value, 1);
  g_autofree SioMembers *none = list (sio_value_get_element (value, 0));
  g_autofree SioMembers *members = list (object);

  g_assert_cmpuint (none->n_members, ==, 0);
  g_assert_null (sio_members_find (none, "", 0));
  g_assert_cmpuint (members->n_members, ==, 3);
  g_assert_true (members->members[0].name == strstr (text, "plain"));
  g_assert_cmpmem (members->members[1].name, members->members[1].length, "esc", 3);
  g_assert_cmpmem (members->members[2].name, members->members[2].length, "\0x", 2);
  g_assert_true (members->members[2].has_nul);
  g_assert_false (members->members[1].has_nul);
  g_assert_null (sio_members_find (members, "", 0));
  g_assert_null (sio_members_find (members, "inner", 5));
}

/* X6 */
static void
test_shown_names (void)
{
  g_autoptr (SioValue) value = sio_test_value_read (
      "[{\"a\\u0000b\":1,\"\\u0000\":2,\"a\\ufffdb\":3,\"\\u0000\\u0000c\":4,\"d\":5}]");
  g_autofree SioMembers *members = list (sio_value_get_element (value, 0));
  static const char *const shown[] = { "a\357\277\275b", "\357\277\275", "a\357\277\275b",
                                       "\357\277\275\357\277\275c", "d" };

  for (guint i = 0; i < G_N_ELEMENTS (shown); i++)
    {
      g_autofree char *name = sio_member_dup_name (&members->members[i]);

      g_assert_cmpstr (name, ==, shown[i]);
      g_assert_cmpint (sio_members_hides (members, &members->members[i]), ==, i == 0);
    }
}

/* X6: it would take minutes if it were quadratic. */
static void
test_many_nuls (void)
{
  const guint n = 1000000;
  g_autoptr (GString) json = g_string_new ("{\"");
  g_autoptr (SioValue) value = NULL;
  g_auto (GStrv) names = NULL;
  guint i;

  for (i = 0; i < n; i++)
    g_string_append (json, "\\u0000");
  g_string_append (json, "\":1}");
  value = sio_test_value_read (json->str);
  names = sio_value_list_members (value);
  g_assert_cmpuint (strlen (names[0]), ==, 3 * n);
}

static void
test_scan (void)
{
  g_autoptr (SioValue) value = sio_test_value_read (
      "[{},{\"a\":[1,{\"b\":2}],\"c\":\"b\",\"\\u0063\":4,\"d\\u0000\":5,\"\":6}]");
  SioDocument *document = value->document;
  guint32 none = sio_value_get_element (value, 0)->token;
  guint32 object = sio_value_get_element (value, 1)->token;

  g_assert_cmpuint (sio_members_scan (document, none, "a"), ==, 0);
  g_assert_cmpuint (sio_members_scan (document, object, "a"), ==, object + 2);
  g_assert_cmpuint (sio_members_scan (document, object, "b"), ==, 0);
  g_assert_cmpint (integer_at (value, sio_members_scan (document, object, "c")), ==, 4);
  g_assert_cmpuint (sio_members_scan (document, object, "d"), ==, 0);
  g_assert_cmpint (integer_at (value, sio_members_scan (document, object, "")), ==, 6);
  g_assert_cmpuint (sio_members_scan (document, object, "A"), ==, 0);
}

/* Looking at each member and looking one up must be the same. */
static void
test_scan_and_find (void)
{
  static const char *const names[] = { "a", "b", "ab", "", "abc", "ba", "x", "xy" };
  static const char *const written[] = { "a",        "b",        "ab",         "",
                                         "abc",      "\\u0062a", "x\\u0000yz", "x\\u0079",
                                         "\\u0061b", "\\u0000a" };
  guint seed;

  for (seed = 0; seed < 200; seed++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (GString) json = g_string_new ("{");
      g_autoptr (SioValue) value = NULL;
      g_autofree SioMembers *members = NULL;
      guint i;

      for (i = 0; i < seed % 40; i++)
        g_string_append_printf (json, "%s\"%s\":%s", i > 0 ? "," : "",
                                written[g_rand_int_range (random, 0, G_N_ELEMENTS (written))],
                                g_rand_boolean (random) ? "[1,{\"a\":2}]" : "3");
      g_string_append_c (json, '}');
      value = sio_test_value_read (json->str);
      members = list (value);

      for (i = 0; i < G_N_ELEMENTS (names); i++)
        {
          const SioMember *member = sio_members_find (members, names[i], strlen (names[i]));

          g_assert_cmpuint (sio_members_scan (value->document, value->token, names[i]), ==,
                            member != NULL ? member->value : 0);
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/members/duplicates", test_duplicates);
  g_test_add_func ("/members/name-with-nul", test_name_with_nul);
  g_test_add_func ("/members/X6-shown-names", test_shown_names);
  g_test_add_func ("/members/X6-many-nuls", test_many_nuls);
  g_test_add_func ("/members/large-object", test_large_object);
  g_test_add_func ("/members/find", test_find);
  g_test_add_func ("/members/sorted", test_sorted);
  g_test_add_func ("/members/names", test_names);
  g_test_add_func ("/members/scan", test_scan);
  g_test_add_func ("/members/scan-and-find", test_scan_and_find);

  return g_test_run ();
}
