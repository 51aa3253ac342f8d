/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "value/sio-document-private.h"

#include "tests/lib/sio-test-value.h"

#include <string.h>

static void
test_bind_ordinary (void)
{
  g_autoptr (SioValue) value = sio_test_value_receive (
      "[{\"_placeholder\":false,\"num\":0},{\"_placeholder\":\"true\",\"num\":0},"
      "{\"num\":0},{\"_placeholder\":1},{\"_placeholder\":true,\"_placeholder\":false},"
      "{\"x\":\"_placeholder\",\"y\":true}]");
  guint i;

  g_assert_true (sio_value_bind_attachments (value, sio_test_attachments_new ("x", NULL), NULL));
  for (i = 0; i < sio_value_get_length (value); i++)
    g_assert_cmpint (sio_value_get_kind (sio_value_get_element (value, i)), ==, SIO_VALUE_OBJECT);
  g_assert_false (sio_value_has_attachments (value));
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
  value = sio_test_value_receive (json->str);
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

static SioValue *
take_json (const char *json, GPtrArray *attachments)
{
  return sio_value_new_take_json (g_strdup (json), strlen (json), attachments);
}

/* All in one block, without what stands behind the value. */
static void
test_from_tape (void)
{
  static const char text[] = " [1,\"a\"] garbage";
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autoptr (SioValue) value = NULL;
  SioDocument *document;

  g_assert_true (sio_json_read (&tape, text, strlen (" [1,\"a\"] "), 1, 3, NULL));
  value = sio_value_new_from_tape (text, strlen (text), &tape);
  document = value->document;

  g_assert_true (value == &document->root);
  g_assert_true (document->is_one_block);
  g_assert_cmpstr (document->text, ==, " [1,\"a\"]");
  g_assert_cmpstr (document->json, ==, "[1,\"a\"]");
  g_assert_cmpuint (document->length, ==, 7);
  g_assert_null (document->attachments);
  g_assert_cmpuint (sio_document_get_tree (document)->n_tokens, ==, 3);
  g_assert_cmpmem (sio_document_get_tokens (document), 3 * sizeof (SioJsonToken), tape.tokens,
                   3 * sizeof (SioJsonToken));
}

static void
test_from_tape_string (void)
{
  g_autoptr (SioValue) value = sio_test_value_receive (" \"text\" ");

  g_assert_cmpstr (value->document->json, ==, "\"text\"");
  g_assert_cmpuint (sio_json_token_begin (sio_value_get_token (value)), ==, 1);
  g_assert_cmpuint (sio_json_token_finish (sio_value_get_token (value)), ==, 7);
  g_assert_false (sio_value_is_array (value));
}

/* A text of ours is sent without being read, and read once. */
static void
test_take_json (void)
{
  g_autoptr (SioValue) value = take_json ("[1,[2]]", NULL);
  SioDocument *document = value->document;
  SioTree *tree;

  g_assert_false (document->is_one_block);
  sio_test_assert_text (value, "[1,[2]]");
  g_assert_true (sio_value_is_array (value));
  g_assert_null (document->tree);

  tree = sio_document_get_tree (document);
  g_assert_cmpuint (tree->n_tokens, ==, 4);
  g_assert_true (document->tree == tree);
  g_assert_true (sio_document_get_tree (document) == tree);
  g_assert_true (sio_value_is_array (sio_document_get_value (document, 2)));
  g_assert_false (sio_value_is_array (sio_document_get_value (document, 3)));

  /* As another thread does that has begun before. */
  g_assert_true (sio_document_read (document) == tree);
}

static void
test_unreadable (void)
{
  guint depth;

  for (depth = SIO_DOCUMENT_MAX_DEPTH + 1; depth <= SIO_DOCUMENT_MAX_DEPTH + 2; depth++)
    {
      g_autofree char *open = g_strnfill (depth, '[');
      g_autofree char *close = g_strnfill (depth, ']');
      g_autofree char *json = g_strconcat (open, close, NULL);
      g_autoptr (SioValue) value = take_json (json, NULL);
      gboolean is_read = depth == SIO_DOCUMENT_MAX_DEPTH + 1;

      g_assert_cmpuint (sio_document_get_tree (value->document)->n_tokens, ==, is_read ? depth : 1);
      g_assert_cmpint (sio_value_get_kind (value), ==, is_read ? SIO_VALUE_ARRAY : SIO_VALUE_NULL);
      sio_test_assert_text (value, json);
    }
}

/* At the sizes at which there is one run more, each is made when its first value is asked for. */
static void
test_runs (void)
{
  static const guint sizes[] = { 1, 2, 31, 32, 33, 63, 64, 65, 96, 97 };
  guint i, k;

  for (i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GString) json = g_string_new ("[");
      g_autoptr (SioValue) value = NULL;
      SioDocument *document;
      SioTree *tree;
      guint last = sizes[i] - 1;

      for (k = 1; k < sizes[i]; k++)
        g_string_append_printf (json, "%s%u", k > 1 ? "," : "", k);
      g_string_append_c (json, ']');
      value = sio_test_value_receive (json->str);
      document = value->document;
      tree = sio_document_get_tree (document);
      g_assert_cmpuint (tree->n_tokens, ==, sizes[i]);

      g_assert_cmpuint (sio_document_get_value (document, last)->token, ==, last);
      for (k = 0; k <= last / SIO_TREE_RUN; k++)
        g_assert_cmpint (tree->runs[k] != NULL, ==, k == last / SIO_TREE_RUN);

      for (k = 0; k < sizes[i]; k++)
        {
          SioValue *one = sio_document_get_value (document, k);

          g_assert_true (one->document == document);
          g_assert_cmpuint (one->token, ==, k);
          g_assert_null (one->cache);
          g_assert_true (sio_document_get_value (document, k) == one);
          /* As another thread does that has begun before. */
          g_assert_true (sio_document_make_value (document, tree, k) == one);
          g_assert_cmpint (sio_value_get_integer (one), ==, k);
        }
    }
}

/* What came second is freed, which valgrind and the sanitizers see. */
static void
test_keep (void)
{
  g_autoptr (SioValue) value = take_json ("[1,2]", NULL);
  SioValue *part = sio_document_get_value (value->document, 1);
  gpointer first = g_malloc (8);
  gpointer other = g_malloc (8);

  g_assert_true (sio_value_keep (part, first) == first);
  g_assert_true (sio_value_keep (part, g_malloc (8)) == first);
  g_assert_true (sio_value_keep (value, other) == other);
  g_assert_true (part->cache == first);
}

static void
count_free (gpointer data)
{
  ++*(guint *) data;
}

static GPtrArray *
new_counted (guint *n_freed, guint n)
{
  GPtrArray *attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint i;

  for (i = 0; i < n; i++)
    g_ptr_array_add (attachments, g_bytes_new_with_free_func ("data", 4, count_free, n_freed));
  return attachments;
}

static void
test_bind (void)
{
  guint n_freed = 0;
  SioValue *value =
      sio_test_value_receive ("[{\"_placeholder\":true,\"num\":2,\"x\":{\"_placeholder\":true}},"
                              "{\"k\":{\"num\":0,\"_placeholder\":true}},\"end\"]");
  SioDocument *document = value->document;
  const SioJsonToken *tokens = sio_document_get_tokens (document);

  g_assert_true (sio_document_bind (document, new_counted (&n_freed, 3)));
  g_assert_cmpuint (tokens[1].kind, ==, SIO_JSON_ATTACHMENT);
  g_assert_cmpuint (tokens[1].count, ==, 2);
  /* It stands for nothing else. */
  g_assert_cmpuint (tokens[7].kind, ==, SIO_JSON_OBJECT);
  g_assert_cmpuint (tokens[12].kind, ==, SIO_JSON_ATTACHMENT);
  g_assert_cmpuint (tokens[12].count, ==, 0);
  g_assert_true (sio_document_get_attachment (document, &tokens[12]) ==
                 g_ptr_array_index (document->attachments, 0));

  g_assert_cmpuint (n_freed, ==, 0);
  sio_value_unref (value);
  g_assert_cmpuint (n_freed, ==, 3);
}

/* What is legal is bound, whatever stands beside it. */
static void
test_bind_some (void)
{
  guint n_freed = 0;
  g_autoptr (SioValue) value =
      sio_test_value_receive ("[{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true},"
                              "{\"_placeholder\":true,\"num\":0}]");

  g_assert_false (sio_document_bind (value->document, new_counted (&n_freed, 1)));
  g_assert_cmpint (sio_value_get_kind (sio_value_get_element (value, 0)), ==, SIO_VALUE_OBJECT);
  g_assert_cmpint (sio_value_get_kind (sio_value_get_element (value, 1)), ==, SIO_VALUE_OBJECT);
  sio_test_assert_bytes (sio_value_get_element (value, 2), "data");
}

static void
test_bind_again (void)
{
  guint n_freed = 0, n_others_freed = 0;
  SioValue *value = sio_test_value_receive ("[1]");

  g_assert_true (sio_document_bind (value->document, new_counted (&n_freed, 2)));
  g_assert_true (sio_document_bind (value->document, new_counted (&n_others_freed, 1)));
  g_assert_cmpuint (n_freed, ==, 2);
  sio_value_unref (value);
  g_assert_cmpuint (n_others_freed, ==, 1);
}

/* An object that only looks like a placeholder can be among those that we wrote. */
static void
test_take_json_attachments (void)
{
  guint n_freed = 0;
  g_autoptr (SioValue) value = take_json (
      "[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1},{\"num\":0}]",
      new_counted (&n_freed, 1));

  sio_test_assert_bytes (sio_value_get_element (value, 0), "data");
  g_assert_cmpint (sio_value_get_kind (sio_value_get_element (value, 1)), ==, SIO_VALUE_OBJECT);
  g_assert_cmpint (sio_value_get_kind (sio_value_get_element (value, 2)), ==, SIO_VALUE_OBJECT);
}

/* A part keeps the whole, and nothing is freed twice. */
static void
test_free (void)
{
  guint n_freed = 0;
  SioValue *value = take_json ("[[\"text\"],{\"a\":1}]", new_counted (&n_freed, 2));
  SioValue *part = sio_value_ref (sio_value_get_element (value, 0));

  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (part, 0)), ==, "text");
  g_assert_cmpuint (sio_value_get_length (sio_value_get_element (value, 1)), ==, 1);
  sio_value_unref (value);
  g_assert_cmpuint (n_freed, ==, 0);
  sio_value_unref (part);
  g_assert_cmpuint (n_freed, ==, 2);

  /* Nobody has looked inside. */
  value = take_json ("[1]", new_counted (&n_freed, 1));
  sio_document_free (value->document);
  g_assert_cmpuint (n_freed, ==, 3);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/document/P21/ordinary", test_bind_ordinary);
  g_test_add_func ("/document/many-runs", test_many_runs);
  g_test_add_func ("/document/threads", test_threads);
  g_test_add_func ("/document/from-tape", test_from_tape);
  g_test_add_func ("/document/from-tape-string", test_from_tape_string);
  g_test_add_func ("/document/take-json", test_take_json);
  g_test_add_func ("/document/take-json-attachments", test_take_json_attachments);
  g_test_add_func ("/document/unreadable", test_unreadable);
  g_test_add_func ("/document/runs", test_runs);
  g_test_add_func ("/document/keep", test_keep);
  g_test_add_func ("/document/P21/bind", test_bind);
  g_test_add_func ("/document/P28/bind-some", test_bind_some);
  g_test_add_func ("/document/bind-again", test_bind_again);
  g_test_add_func ("/document/free", test_free);

  return g_test_run ();
}
