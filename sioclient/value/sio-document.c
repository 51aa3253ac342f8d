/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "value/sio-document-private.h"

#include <string.h>

/* A text that we wrote has no limit but this, which is that of SioJsonToken.count. */
#define MAX_NODES ((1u << 24) - 1)

/* Up to so many tokens a text is short; no more than one run. */
#define OWN_RUN 16

G_STATIC_ASSERT (OWN_RUN <= SIO_TREE_RUN);

static inline guint
count_runs (guint n_tokens)
{
  return n_tokens / SIO_TREE_RUN + (n_tokens % SIO_TREE_RUN != 0);
}

/* The values of a short text are made with it, which is cheaper than memory of their own. */
static inline gboolean
has_own_run (guint n_tokens)
{
  return n_tokens <= OWN_RUN;
}

/* Of a tree whose tokens follow it, and its values if they are few; a whole number of pointers, so
 * that anything may stand behind. */
static gsize
tree_size (guint n_tokens)
{
  return sizeof (SioTree) + count_runs (n_tokens) * sizeof (SioValue *) +
         (gsize) n_tokens * sizeof (SioJsonToken) +
         (has_own_run (n_tokens) ? n_tokens * sizeof (SioValue) : 0);
}

static void
run_init (SioValue *run, guint n_values, SioDocument *document, guint32 first)
{
  guint i;

  for (i = 0; i < n_values; i++)
    run[i] = (SioValue){ .document = document, .token = first + i };
}

static SioTree *
tree_init (gpointer block, SioDocument *document, const SioJsonToken *tokens, guint n_tokens)
{
  SioTree *tree = block;
  guint n_runs = count_runs (n_tokens);

  tree->n_tokens = n_tokens;
  tree->tokens = (gpointer) &tree->runs[n_runs];
  memset (tree->runs, 0, n_runs * sizeof (SioValue *));
  memcpy (tree->tokens, tokens, (gsize) n_tokens * sizeof (SioJsonToken));
  if (has_own_run (n_tokens))
    {
      tree->runs[0] = (gpointer) &tree->tokens[n_tokens];
      run_init (tree->runs[0], n_tokens, document, 0);
    }
  return tree;
}

static void
tree_clear (SioTree *tree)
{
  guint i, k;

  for (i = 0; i < count_runs (tree->n_tokens); i++)
    {
      SioValue *run = tree->runs[i];

      if (run == NULL)
        continue;
      for (k = 0; k < SIO_TREE_RUN && i * SIO_TREE_RUN + k < tree->n_tokens; k++)
        if (run[k].cache != NULL)
          g_free (run[k].cache);
      if (!has_own_run (tree->n_tokens))
        g_free (run);
    }
}

static void
document_init (SioDocument *self)
{
  memset (self, 0, sizeof *self);
  g_atomic_ref_count_init (&self->ref_count);
  self->root.document = self;
}

SioValue *
sio_value_new_from_tape (const char *text, gsize length, const SioJsonTape *tape)
{
  gsize used = sio_json_token_finish (&tape->tokens[0]);
  gsize tree_bytes = tree_size (tape->n_tokens);
  char *block = g_malloc (sizeof (SioDocument) + tree_bytes + used + 1);
  SioDocument *self = (gpointer) block;

  document_init (self);
  self->is_one_block = TRUE;
  self->tree = tree_init (block + sizeof (SioDocument), self, tape->tokens, tape->n_tokens);
  self->text = block + sizeof (SioDocument) + tree_bytes;
  memcpy (self->text, text, used);
  self->text[used] = '\0';
  self->json = self->text + sio_json_token_begin (&tape->tokens[0]);
  self->length = used - sio_json_token_begin (&tape->tokens[0]);
  return &self->root;
}

SioValue *
sio_value_new_take_json (char *text, gsize length, GPtrArray *attachments)
{
  SioDocument *self = g_new (SioDocument, 1);

  document_init (self);
  self->text = text;
  self->json = text;
  self->length = length;
  self->attachments = attachments;
  return &self->root;
}

void
sio_document_free (SioDocument *self)
{
  g_clear_pointer (&self->root.cache, g_free);
  if (self->tree != NULL)
    tree_clear (self->tree);
  g_clear_pointer (&self->attachments, g_ptr_array_unref);

  if (!self->is_one_block)
    {
      g_free (self->tree);
      g_free (self->text);
    }
  g_free (self);
}

/* Of the names that are looked for here, all but a few are what they look like. */
static inline gboolean
is_called (const SioJsonToken *name, const char *text, const char *called, gsize length)
{
  if ((name->flags & SIO_JSON_ESCAPED) != 0)
    return sio_json_token_equals (name, text, called, length);
  return name->end - name->start == length && memcmp (text + name->start, called, length) == 0;
}

/* The last value of a member counts. TRUE if @object is a placeholder; *num is then its number, or
 * -1 if that is not an integer. */
static gboolean
is_placeholder (const SioJsonToken *tokens, guint32 object, const char *text, gint64 *num)
{
  gboolean found = FALSE;
  guint32 name = object + 1;
  guint i;

  *num = -1;
  for (i = 0; i < tokens[object].count; i++)
    {
      const SioJsonToken *value = &tokens[name + 1];

      if (is_called (&tokens[name], text, "_placeholder", strlen ("_placeholder")))
        found = value->kind == SIO_JSON_TRUE;
      else if (is_called (&tokens[name], text, "num", strlen ("num")) &&
               (value->kind != SIO_JSON_NUMBER || !sio_json_token_get_integer (value, text, num)))
        *num = -1;
      name += 1 + value->span;
    }
  return found;
}

/* What is inside a placeholder is not looked at, as it stands for nothing but its attachment. */
static gboolean
tree_bind (SioTree *tree, guint32 root, const char *text, guint n_attachments)
{
  gboolean legal = TRUE;
  guint32 end = root + tree->tokens[root].span;
  guint32 i = root;

  while (i < end)
    {
      SioJsonToken *token = &tree->tokens[i];
      gint64 num;

      if (token->kind != SIO_JSON_OBJECT || !is_placeholder (tree->tokens, i, text, &num))
        {
          i++;
          continue;
        }

      if (num >= 0 && num < MIN (n_attachments, MAX_NODES))
        {
          token->kind = SIO_JSON_ATTACHMENT;
          token->count = num;
        }
      else
        {
          legal = FALSE;
        }
      i += token->span;
    }
  return legal;
}

gboolean
sio_document_bind (SioDocument *self, GPtrArray *attachments)
{
  SioTree *tree = sio_document_get_tree (self);

  g_clear_pointer (&self->attachments, g_ptr_array_unref);
  self->attachments = attachments;
  return tree_bind (tree, self->root.token, self->text, attachments->len);
}

SioTree *
sio_document_read (SioDocument *self)
{
  static const SioJsonToken nothing = { .span = 1, .kind = SIO_JSON_NULL };
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  SioTree *tree;

  /* Only a text beyond all measure (gigabytes) can't be read: it can be sent, not looked into. */
  if (sio_json_read (&tape, self->text, self->length, SIO_DOCUMENT_MAX_DEPTH + 1, MAX_NODES, NULL))
    tree = tree_init (g_malloc (tree_size (tape.n_tokens)), self, tape.tokens, tape.n_tokens);
  else
    tree = tree_init (g_malloc (tree_size (1)), self, &nothing, 1);

  /* An object that only looks like a placeholder can be among the rest. */
  if (self->attachments != NULL)
    tree_bind (tree, 0, self->text, self->attachments->len);

  if (g_atomic_pointer_compare_and_exchange (&self->tree, NULL, tree))
    return tree;
  g_free (tree);
  return g_atomic_pointer_get (&self->tree);
}

SioValue *
sio_document_make_value (SioDocument *self, SioTree *tree, guint32 token)
{
  guint run_index = token / SIO_TREE_RUN;
  guint32 first = run_index * SIO_TREE_RUN;
  guint n_values = MIN (SIO_TREE_RUN, tree->n_tokens - first);
  SioValue *run = g_new (SioValue, n_values);

  run_init (run, n_values, self, first);
  if (!g_atomic_pointer_compare_and_exchange (&tree->runs[run_index], NULL, run))
    {
      g_free (run);
      run = g_atomic_pointer_get (&tree->runs[run_index]);
    }
  return &run[token - first];
}

gpointer
sio_value_keep (SioValue *value, gpointer made)
{
  if (g_atomic_pointer_compare_and_exchange (&value->cache, NULL, made))
    return made;
  g_free (made);
  return g_atomic_pointer_get (&value->cache);
}
