/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value.h"
#include "sio-value-private.h"

#include "value/sio-document-private.h"
#include "value/sio-members-private.h"

#include <string.h>

/* The whole of a string; behind it stands a NUL. One that has others in it stands there once more,
 * as it is shown. */
typedef struct
{
  guint32 length; /* as those of tokens */
  guint32 shown;  /* where in text that begins */
  char text[];
} SioText;

/* Elements before this one are found by stepping, others through a table. */
#define FIRST_IN_TABLE 16

G_DEFINE_BOXED_TYPE (SioValue, sio_value, sio_value_ref, sio_value_unref)

/**
 * sio_value_ref:
 * @value: a value
 *
 * Takes a reference.
 *
 * A part of a value keeps the whole of it in memory: a reference to one member
 * of a large event holds the text of that event. Values never change, so
 * threads can share them.
 *
 * Returns: (transfer full): @value
 */
SioValue *
sio_value_ref (SioValue *value)
{
  g_return_val_if_fail (value != NULL, NULL);

  g_atomic_ref_count_inc (&value->document->ref_count);
  return value;
}

/**
 * sio_value_unref:
 * @value: (transfer full): a value
 *
 * Gives a reference back.
 *
 * With the last one go all texts and parts that were borrowed from @value.
 */
void
sio_value_unref (SioValue *value)
{
  g_return_if_fail (value != NULL);

  if (g_atomic_ref_count_dec (&value->document->ref_count))
    sio_document_free (value->document);
}

/**
 * sio_value_get_kind:
 * @value: (nullable): a value
 *
 * Gets what a value holds.
 *
 * JSON has only one kind of number. The way in which one was written decides:
 * `1` is an integer, `1.0`, `1e3` and what does not fit 64 bits are doubles.
 * Servers write whole numbers without a fraction, so an expected fraction can
 * arrive as an integer; [method@Value.get_number] reads both.
 *
 * Returns: the kind of @value; %SIO_VALUE_NULL for %NULL
 */
SioValueKind
sio_value_get_kind (SioValue *value)
{
  static const SioValueKind kinds[] = {
    [SIO_JSON_NULL] = SIO_VALUE_NULL,     [SIO_JSON_FALSE] = SIO_VALUE_BOOLEAN,
    [SIO_JSON_TRUE] = SIO_VALUE_BOOLEAN,  [SIO_JSON_NUMBER] = SIO_VALUE_DOUBLE,
    [SIO_JSON_STRING] = SIO_VALUE_STRING, [SIO_JSON_ARRAY] = SIO_VALUE_ARRAY,
    [SIO_JSON_OBJECT] = SIO_VALUE_OBJECT, [SIO_JSON_ATTACHMENT] = SIO_VALUE_BYTES,
  };
  const SioJsonToken *token;
  gint64 integer;

  if (value == NULL)
    return SIO_VALUE_NULL;

  token = sio_value_get_token (value);
  if (token->kind == SIO_JSON_NUMBER &&
      sio_json_token_get_integer (token, value->document->text, &integer))
    return SIO_VALUE_INTEGER;
  return kinds[token->kind];
}

/**
 * sio_value_get_boolean:
 * @value: (nullable): a value
 *
 * Gets a boolean.
 *
 * Only what was sent as true is true: not `1`, nor a text.
 *
 * Returns: whether @value is true
 */
gboolean
sio_value_get_boolean (SioValue *value)
{
  return value != NULL && sio_value_get_token (value)->kind == SIO_JSON_TRUE;
}

static gint64
integer_from_double (double number)
{
  /* The limits are powers of two, so both are doubles. */
  if (number >= 9223372036854775808.0)
    return G_MAXINT64;
  if (number < -9223372036854775808.0)
    return G_MININT64;
  return number != number ? 0 : (gint64) number;
}

/**
 * sio_value_get_integer:
 * @value: (nullable): a value
 *
 * Gets a number as an integer.
 *
 * Integers are exact up to 64 bits here, but a server in JavaScript rounds those
 * beyond 2⁵³.
 *
 * Returns: the number; one with a fraction is cut, one too large brought to the
 *   limit, and what is no number is 0
 */
gint64
sio_value_get_integer (SioValue *value)
{
  const SioJsonToken *token;
  const char *text;
  gint64 integer;

  if (value == NULL)
    return 0;

  token = sio_value_get_token (value);
  text = value->document->text;
  if (token->kind != SIO_JSON_NUMBER)
    return 0;
  if (sio_json_token_get_integer (token, text, &integer))
    return integer;
  return integer_from_double (sio_json_token_get_double (token, text));
}

/**
 * sio_value_get_number:
 * @value: (nullable): a value
 *
 * Gets a number of either kind.
 *
 * One that is too large for a double is infinite.
 *
 * Returns: the number; what is no number is 0
 */
double
sio_value_get_number (SioValue *value)
{
  const SioJsonToken *token;

  if (value == NULL)
    return 0.0;

  token = sio_value_get_token (value);
  if (token->kind != SIO_JSON_NUMBER)
    return 0.0;
  return sio_json_token_get_double (token, value->document->text);
}

static const SioText *
sio_value_get_text (SioValue *value)
{
  const SioJsonToken *token;
  SioText *text;

  if (value == NULL)
    return NULL;

  token = sio_value_get_token (value);
  if (token->kind != SIO_JSON_STRING)
    return NULL;

  text = g_atomic_pointer_get (&value->cache);
  if (text != NULL)
    return text;

  text = g_malloc (sizeof (SioText) + (token->end - token->start) + 1);
  text->length = (guint32) sio_json_token_unescape (token, value->document->text, text->text);
  text->shown = 0;
  if (G_UNLIKELY ((token->flags & SIO_JSON_ESCAPED) &&
                  memchr (text->text, '\0', text->length) != NULL))
    {
      text->shown = text->length + 1;
      text = g_realloc (text, sizeof (SioText) + text->shown + (token->end - token->start) + 1);
      sio_json_token_unescape_shown (token, value->document->text, text->text + text->shown);
    }
  return sio_value_keep (value, text);
}

/**
 * sio_value_get_string:
 * @value: (nullable): a value
 *
 * Gets a text.
 *
 * It is valid UTF-8: half a surrogate pair, which JavaScript can send, reads as
 * U+FFFD. So does a NUL, which no C string can have in it; [method@Value.get_string_bytes]
 * has the text as it is.
 *
 * Returns: (transfer none) (nullable): the text; %NULL if @value is no text
 */
const char *
sio_value_get_string (SioValue *value)
{
  const SioText *text = sio_value_get_text (value);

  return text != NULL ? text->text + text->shown : NULL;
}

/**
 * sio_value_get_string_bytes:
 * @value: (nullable): a value
 *
 * Gets the whole of a text, as UTF-8.
 *
 * Returns: (transfer full) (nullable): the whole text, which can have NULs in
 *   it; %NULL if @value is no text
 */
GBytes *
sio_value_get_string_bytes (SioValue *value)
{
  const SioText *text = sio_value_get_text (value);

  if (text == NULL)
    return NULL;
  return g_bytes_new_with_free_func (text->text, text->length, (GDestroyNotify) sio_value_unref,
                                     sio_value_ref (value));
}

/**
 * sio_value_get_bytes:
 * @value: (nullable): a value
 *
 * Gets binary data, of which there can be none at all in it.
 *
 * Returns: (transfer none) (nullable): the data; %NULL if @value is not binary
 */
GBytes *
sio_value_get_bytes (SioValue *value)
{
  const SioJsonToken *token;

  if (value == NULL)
    return NULL;

  token = sio_value_get_token (value);
  if (token->kind != SIO_JSON_ATTACHMENT)
    return NULL;
  return sio_document_get_attachment (value->document, token);
}

static const SioMembers *
sio_value_get_members (SioValue *value)
{
  gpointer members = g_atomic_pointer_get (&value->cache);

  if (members != NULL)
    return members;
  return sio_value_keep (value, sio_members_new (value->document, value->token));
}

/**
 * sio_value_get_length:
 * @value: (nullable): a value
 *
 * Gets how much is in an array or an object.
 *
 * A name that an object has several times counts once.
 *
 * Returns: the number of elements or members; 0 if @value is neither array nor
 *   object
 */
guint
sio_value_get_length (SioValue *value)
{
  const SioJsonToken *token;

  if (value == NULL)
    return 0;

  token = sio_value_get_token (value);
  if (token->kind == SIO_JSON_ARRAY)
    return token->count;
  if (token->kind == SIO_JSON_OBJECT)
    return sio_value_get_members (value)->n_members;
  return 0;
}

/* Where the elements are, so that walking an array by index takes no longer than walking it. */
static const guint32 *
sio_value_get_table (SioValue *value)
{
  const SioJsonToken *tokens = sio_document_get_tokens (value->document);
  guint count = tokens[value->token].count;
  guint32 *table = g_atomic_pointer_get (&value->cache);
  guint32 token = value->token + 1;
  guint i;

  if (table != NULL)
    return table;

  table = g_new (guint32, count);
  for (i = 0; i < count; i++)
    {
      table[i] = token;
      token += tokens[token].span;
    }
  return sio_value_keep (value, table);
}

/**
 * sio_value_get_element:
 * @value: (nullable): an array
 * @index_: which one, from 0 on
 *
 * Gets an element of an array.
 *
 * Returns: (transfer none) (nullable): the element; %NULL if @value is no array
 *   or is not that long
 */
SioValue *
sio_value_get_element (SioValue *value, guint index_)
{
  const SioJsonToken *tokens, *array;
  guint32 token;
  guint i;

  if (value == NULL)
    return NULL;

  tokens = sio_document_get_tokens (value->document);
  array = &tokens[value->token];
  if (array->kind != SIO_JSON_ARRAY || index_ >= array->count)
    return NULL;

  token = value->token + 1;
  if (array->span == (guint32) array->count + 1)
    token += index_;
  else if (index_ >= FIRST_IN_TABLE)
    token = sio_value_get_table (value)[index_];
  else
    for (i = 0; i < index_; i++)
      token += tokens[token].span;
  return sio_document_get_value (value->document, token);
}

/**
 * sio_value_get_member:
 * @value: (nullable): an object
 * @name: which one
 *
 * Gets a member of an object.
 *
 * Of several with the same name it is the last, as in JavaScript. What JavaScript
 * objects inherit (`toString` and the like) is not found. A member whose name has a NUL in it is
 * not found by any name.
 *
 * Returns: (transfer none) (nullable): the member; %NULL if @value is no object
 *   or has none of that name
 */
SioValue *
sio_value_get_member (SioValue *value, const char *name)
{
  const SioMembers *members;
  guint32 token;

  g_return_val_if_fail (name != NULL, NULL);

  if (value == NULL || sio_value_get_token (value)->kind != SIO_JSON_OBJECT)
    return NULL;

  members = g_atomic_pointer_get (&value->cache);
  if (members != NULL)
    {
      const SioMember *member = sio_members_find (members, name, strlen (name));

      token = member != NULL ? member->value : 0;
    }
  else
    {
      token = sio_members_scan (value->document, value->token, name);
    }
  return token != 0 ? sio_document_get_value (value->document, token) : NULL;
}

/**
 * sio_value_list_members:
 * @value: (nullable): an object
 *
 * Lists the names of all members.
 *
 * Each name is listed once, where it first appears. A NUL in it reads as U+FFFD, and such a name
 * finds nothing.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names, in order; none
 *   if @value is no object
 */
char **
sio_value_list_members (SioValue *value)
{
  const SioMembers *members;
  char **names;
  guint i;

  if (value == NULL || sio_value_get_token (value)->kind != SIO_JSON_OBJECT)
    return g_new0 (char *, 1);

  members = sio_value_get_members (value);
  names = g_new (char *, (gsize) members->n_members + 1);
  for (i = 0; i < members->n_members; i++)
    names[i] = sio_member_dup_name (&members->members[i]);
  names[i] = NULL;
  return names;
}

gboolean
sio_value_bind_attachments (SioValue *value, GPtrArray *attachments, GError **error)
{
  if (sio_document_bind (value->document, attachments))
    return TRUE;

  g_set_error_literal (error, SIO_ERROR, SIO_ERROR_PROTOCOL, "illegal attachments");
  return FALSE;
}

const char *
sio_value_peek_json (SioValue *value, gsize *length)
{
  SioDocument *document = value->document;
  const SioJsonToken *token;

  if (value == &document->root)
    {
      *length = document->length;
      return document->json;
    }

  token = sio_value_get_token (value);
  *length = sio_json_token_finish (token) - sio_json_token_begin (token);
  return document->text + sio_json_token_begin (token);
}

GPtrArray *
sio_value_peek_attachments (SioValue *value)
{
  GPtrArray *attachments = value->document->attachments;

  return attachments != NULL && attachments->len > 0 ? attachments : NULL;
}

gboolean
sio_value_has_attachments (SioValue *value)
{
  const SioJsonToken *token, *end;

  if (sio_value_peek_attachments (value) == NULL)
    return FALSE;

  token = sio_value_get_token (value);
  for (end = token + token->span; token < end; token++)
    if (token->kind == SIO_JSON_ATTACHMENT)
      return TRUE;
  return FALSE;
}
