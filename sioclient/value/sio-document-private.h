/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-value-private.h"

G_BEGIN_DECLS

/* Brackets open at once in what we build: as deep as peers may go by default. One more may be
 * open in a text of ours, when a value that deep became the only argument of an event. */
#define SIO_DOCUMENT_MAX_DEPTH 512

/* Values are made in runs, so that one step into a large text does not pay for all of it. */
#define SIO_TREE_RUN 32

typedef struct _SioDocument SioDocument;

struct _SioValue
{
  SioDocument *document;
  guint32 token;
  gpointer
      cache; /* atomic; one block, of a string its text, of containers what finds their parts */
};

typedef struct
{
  guint n_tokens;
  SioJsonToken *tokens;
  SioValue *runs[]; /* atomic; NULL until one of its values is asked for */
} SioTree;

struct _SioDocument
{
  gatomicrefcount ref_count;
  gboolean is_one_block; /* text and tree lie behind it */
  SioValue root;
  char *text;             /* what the tokens count from */
  const char *json;       /* where the root begins in it */
  gsize length;           /* of the root; a NUL follows */
  SioTree *tree;          /* atomic; NULL until somebody looks inside */
  GPtrArray *attachments; /* nullable */
};

void sio_document_free (SioDocument *self);

/* Reads a text of ours. */
SioTree *sio_document_read (SioDocument *self);
SioValue *sio_document_make_value (SioDocument *self, SioTree *tree, guint32 token);

/* Turns placeholders into attachments. FALSE if one has an illegal number, which stays an
 * object. */
gboolean sio_document_bind (SioDocument *self, GPtrArray *attachments);

/* Keeps @made, or frees it if another thread was faster; returns what is kept. */
gpointer sio_value_keep (SioValue *value, gpointer made);

static inline SioTree *
sio_document_get_tree (SioDocument *self)
{
  SioTree *tree = g_atomic_pointer_get (&self->tree);

  return G_LIKELY (tree != NULL) ? tree : sio_document_read (self);
}

static inline const SioJsonToken *
sio_document_get_tokens (SioDocument *self)
{
  return sio_document_get_tree (self)->tokens;
}

static inline const SioJsonToken *
sio_value_get_token (SioValue *value)
{
  return &sio_document_get_tokens (value->document)[value->token];
}

static inline SioValue *
sio_document_get_value (SioDocument *self, guint32 token)
{
  SioTree *tree = sio_document_get_tree (self);
  SioValue *run = g_atomic_pointer_get (&tree->runs[token / SIO_TREE_RUN]);

  return G_LIKELY (run != NULL) ? &run[token % SIO_TREE_RUN]
                                : sio_document_make_value (self, tree, token);
}

/* Only the first byte tells, so that a text of ours need not be read for it. */
static inline gboolean
sio_value_is_array (SioValue *value)
{
  return value->token == value->document->root.token
             ? value->document->json[0] == '['
             : sio_value_get_token (value)->kind == SIO_JSON_ARRAY;
}

/* Where a value's text begins and ends; a string's token leaves the quotes out. */
static inline gsize
sio_json_token_begin (const SioJsonToken *token)
{
  return token->kind == SIO_JSON_STRING ? (gsize) token->start - 1 : token->start;
}

static inline gsize
sio_json_token_finish (const SioJsonToken *token)
{
  return token->kind == SIO_JSON_STRING ? (gsize) token->end + 1 : token->end;
}

static inline GBytes *
sio_document_get_attachment (SioDocument *self, const SioJsonToken *token)
{
  return g_ptr_array_index (self->attachments, token->count);
}

G_END_DECLS
