/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "value/sio-builder-private.h"

#include "tests/lib/sio-test-value.h"
#include "value/sio-document-private.h"

static void
count_free (gpointer data)
{
  ++*(guint *) data;
}

static void
test_end (void)
{
  SioBuilder builder;

  sio_builder_init (&builder);
  g_assert_cmpuint (builder.json->len, ==, 0);
  g_assert_null (builder.attachments);
  g_string_append (builder.json, "[1,2]");
  sio_test_assert_json (sio_builder_end (&builder), "[1,2]");
}

static void
test_string (void)
{
  SioBuilder builder;

  sio_builder_init (&builder);
  sio_builder_write_string (&builder, "a\"\0b\n", 5);
  sio_test_assert_json (sio_builder_end (&builder), "\"a\\\"\\u0000b\\n\"");
}

/* Each bad part becomes null, but one complaint for all of them is enough. */
static void
test_complain (void)
{
  SioBuilder builder;

  sio_builder_init (&builder);
  sio_test_expect_critical ("text is not UTF-8");
  g_string_append_c (builder.json, '[');
  sio_builder_write_string (&builder, "a\xff", 2);
  sio_test_assert_critical_came ();
  g_assert_true (builder.complained);

  g_string_append_c (builder.json, ',');
  sio_builder_write_string (&builder, "\xc3", 1);
  sio_builder_complain (&builder, "something else");
  g_string_append_c (builder.json, ']');
  sio_test_assert_json (sio_builder_end (&builder), "[null,null]");

  /* The next value is complained about again. */
  sio_builder_init (&builder);
  sio_test_expect_critical ("can't be sent as it is: something else");
  sio_builder_complain (&builder, "something else");
  sio_test_assert_critical_came ();
  sio_builder_write_string (&builder, "", 0);
  sio_test_assert_json (sio_builder_end (&builder), "\"\"");
}

static void
enter_all (SioBuilder *builder)
{
  guint i;

  sio_builder_init (builder);
  for (i = 0; i < SIO_DOCUMENT_MAX_DEPTH; i++)
    g_assert_true (sio_builder_enter (builder));
  g_assert_cmpuint (builder->json->len, ==, 0);
}

static void
test_P17_depth (void)
{
  SioBuilder builder;

  enter_all (&builder);
  sio_test_expect_critical ("nested too deeply");
  g_string_append_c (builder.json, '[');
  g_assert_false (sio_builder_enter (&builder));
  sio_test_assert_critical_came ();

  /* What could not be entered is not left either. */
  sio_builder_leave (&builder);
  g_string_append_c (builder.json, ',');
  g_assert_true (sio_builder_enter (&builder));
  g_assert_false (sio_builder_enter (&builder));
  g_string_append_c (builder.json, ']');
  sio_test_assert_json (sio_builder_end (&builder), "[null,null]");
}

static void
test_bytes (void)
{
  SioBuilder builder;
  SioValue *value;
  guint n_freed = 0;

  sio_builder_init (&builder);
  g_string_append_c (builder.json, '[');
  sio_builder_write_bytes (&builder, g_bytes_new_with_free_func ("one", 3, count_free, &n_freed));
  g_string_append_c (builder.json, ',');
  sio_builder_write_bytes (&builder, g_bytes_new_with_free_func ("two", 3, count_free, &n_freed));
  g_string_append_c (builder.json, ']');
  g_assert_cmpuint (builder.depth, ==, 0);
  value = sio_builder_end (&builder);

  sio_test_assert_text (value,
                        "[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
  sio_test_assert_bytes (sio_value_get_element (value, 0), "one");
  sio_test_assert_bytes (sio_value_get_element (value, 1), "two");
  g_assert_cmpuint (n_freed, ==, 0);
  sio_value_unref (value);
  g_assert_cmpuint (n_freed, ==, 2);
}

/* A placeholder is one level more in the text. */
static void
test_P17_bytes_depth (void)
{
  SioBuilder builder;
  guint n_freed = 0;

  enter_all (&builder);
  sio_test_expect_critical ("nested too deeply");
  g_string_append_c (builder.json, '[');
  sio_builder_write_bytes (&builder, g_bytes_new_with_free_func ("one", 3, count_free, &n_freed));
  sio_test_assert_critical_came ();
  g_assert_cmpuint (n_freed, ==, 1);
  g_assert_null (builder.attachments);

  sio_builder_leave (&builder);
  g_string_append_c (builder.json, ',');
  sio_builder_write_bytes (&builder, g_bytes_new_with_free_func ("two", 3, count_free, &n_freed));
  g_string_append_c (builder.json, ']');
  sio_test_assert_json (sio_builder_end (&builder), "[null,{\"_placeholder\":true,\"num\":0}]");
  g_assert_cmpuint (n_freed, ==, 2);
}

static void
test_discard (void)
{
  SioBuilder builder;
  guint n_freed = 0;

  sio_builder_init (&builder);
  g_string_append (builder.json, "[1,");
  sio_builder_write_bytes (&builder, g_bytes_new_with_free_func ("one", 3, count_free, &n_freed));
  sio_builder_discard (&builder);
  g_assert_cmpuint (n_freed, ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/builder/end", test_end);
  g_test_add_func ("/builder/P45/string", test_string);
  g_test_add_func ("/builder/complain", test_complain);
  g_test_add_func ("/builder/P17/depth", test_P17_depth);
  g_test_add_func ("/builder/bytes", test_bytes);
  g_test_add_func ("/builder/P17/bytes-depth", test_P17_bytes_depth);
  g_test_add_func ("/builder/discard", test_discard);

  return g_test_run ();
}
