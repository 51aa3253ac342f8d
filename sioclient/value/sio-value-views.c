/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value.h"

#include "json/sio-json-writer-private.h"
#include "value/sio-document-private.h"
#include "value/sio-members-private.h"

#include <string.h>

/* Functions that go down into a value call themselves: the reader and the builders see to it that
 * no value is nested deeper than SIO_DOCUMENT_MAX_DEPTH. */

void
sio_value_append_json (SioValue *value, GString *json, GPtrArray *attachments)
{
  SioDocument *document = value->document;
  const SioJsonToken *token, *end;
  const char *text;
  gsize length, done;

  if (!sio_value_has_attachments (value))
    {
      text = sio_value_peek_json (value, &length);
      g_string_append_len (json, text, (gssize) length);
      return;
    }

  g_return_if_fail (attachments != NULL);

  token = sio_value_get_token (value);
  length = sio_json_token_finish (token);
  done = sio_json_token_begin (token);
  for (end = token + token->span; token < end;)
    {
      if (token->kind != SIO_JSON_ATTACHMENT)
        {
          token++;
          continue;
        }
      g_string_append_len (json, document->text + done, (gssize) (token->start - done));
      sio_json_write_placeholder (json, attachments->len);
      g_ptr_array_add (attachments, g_bytes_ref (sio_document_get_attachment (document, token)));
      done = token->end;
      token += token->span;
    }
  g_string_append_len (json, document->text + done, (gssize) (length - done));
}

/**
 * sio_value_to_json:
 * @value: (nullable): a value
 * @attachments: (out) (optional) (transfer container) (element-type GBytes): the binary parts,
 *   which the array holds
 *
 * Writes a value as JSON.
 *
 * In place of each binary part stands `{"_placeholder":true,"num":n}`, where n is
 * its index in @attachments. The parts are in the order in which they are met;
 * one that stands in two places is there twice. What came from a server is
 * written as it came, white space and repeated names included.
 *
 * [ctor@Value.new_from_json] makes the same value of it.
 *
 * Returns: (transfer full): JSON text
 */
char *
sio_value_to_json (SioValue *value, GPtrArray **attachments)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  GString *json = g_string_new (NULL);

  if (value != NULL)
    sio_value_append_json (value, json, parts);
  else
    g_string_append (json, "null");

  if (attachments != NULL)
    *attachments = g_steal_pointer (&parts);
  return g_string_free (json, FALSE);
}

/* ~1 stands for a slash and ~0 for a tilde. FALSE if another character follows a tilde. */
static gboolean
unescape_reference (char *name)
{
  char *to = name;

  for (; *name != '\0'; name++, to++)
    {
      *to = *name;
      if (*name != '~')
        continue;

      name++;
      if (*name != '0' && *name != '1')
        return FALSE;
      *to = *name == '1' ? '/' : '~';
    }
  *to = '\0';
  return TRUE;
}

static SioValue *
step (SioValue *value, const char *reference, gsize length)
{
  g_autofree char *name = g_strndup (reference, length);
  guint64 index;

  if (!unescape_reference (name))
    return NULL;
  if (sio_value_get_kind (value) == SIO_VALUE_OBJECT)
    return sio_value_get_member (value, name);

  /* Neither signs nor leading zeros make an index. */
  if (!g_ascii_isdigit (name[0]) || (name[0] == '0' && name[1] != '\0') ||
      !g_ascii_string_to_unsigned (name, 10, 0, G_MAXUINT, &index, NULL))
    return NULL;
  return sio_value_get_element (value, (guint) index);
}

/**
 * sio_value_lookup:
 * @value: (nullable): a value
 * @pointer: a JSON Pointer (RFC 6901), like `/user/name` or `/0/id`
 *
 * Finds a part of a value, however deep.
 *
 * Each step is a slash followed by the name of a member or the index of an
 * element. In a name `~1` stands for a slash and `~0` for a tilde. The empty
 * pointer is @value itself.
 *
 * Returns: (transfer none) (nullable): what is there; %NULL if there is nothing
 */
SioValue *
sio_value_lookup (SioValue *value, const char *pointer)
{
  g_return_val_if_fail (pointer != NULL, NULL);

  while (value != NULL && *pointer != '\0')
    {
      gsize length;

      if (*pointer != '/')
        return NULL;
      pointer++;
      length = strcspn (pointer, "/");
      value = step (value, pointer, length);
      pointer += length;
    }
  return value;
}

static gboolean
equal_tokens (SioDocument *a_document, guint32 a, SioDocument *b_document, guint32 b);

static gboolean
equal_numbers (SioDocument *a_document,
               const SioJsonToken *a,
               SioDocument *b_document,
               const SioJsonToken *b)
{
  gint64 a_integer = 0, b_integer = 0;
  gboolean a_exact = sio_json_token_get_integer (a, a_document->text, &a_integer);
  gboolean b_exact = sio_json_token_get_integer (b, b_document->text, &b_integer);
  double number;

  if (a_exact && b_exact)
    return a_integer == b_integer;
  if (!a_exact && !b_exact)
    return sio_json_token_get_double (a, a_document->text) ==
           sio_json_token_get_double (b, b_document->text);

  /* A double that has rounded the integer away is not equal to it. */
  number = a_exact ? sio_json_token_get_double (b, b_document->text)
                   : sio_json_token_get_double (a, a_document->text);
  return number >= -9223372036854775808.0 && number < 9223372036854775808.0 &&
         (double) (gint64) number == number && (gint64) number == (a_exact ? a_integer : b_integer);
}

static gboolean
equal_strings (SioDocument *a_document,
               const SioJsonToken *a,
               SioDocument *b_document,
               const SioJsonToken *b)
{
  g_autofree char *unescaped = NULL;
  gsize length;

  if (!(b->flags & SIO_JSON_ESCAPED))
    return sio_json_token_equals (a, a_document->text, b_document->text + b->start,
                                  b->end - b->start);

  unescaped = g_malloc ((gsize) b->end - b->start + 1);
  length = sio_json_token_unescape (b, b_document->text, unescaped);
  return sio_json_token_equals (a, a_document->text, unescaped, length);
}

static gboolean
equal_arrays (SioDocument *a_document, guint32 a, SioDocument *b_document, guint32 b)
{
  const SioJsonToken *a_tokens = sio_document_get_tokens (a_document);
  const SioJsonToken *b_tokens = sio_document_get_tokens (b_document);
  guint count = a_tokens[a].count;

  if (b_tokens[b].count != count)
    return FALSE;

  for (a++, b++; count > 0; count--)
    {
      if (!equal_tokens (a_document, a, b_document, b))
        return FALSE;
      a += a_tokens[a].span;
      b += b_tokens[b].span;
    }
  return TRUE;
}

static gboolean
equal_objects (SioDocument *a_document, guint32 a, SioDocument *b_document, guint32 b)
{
  g_autofree SioMembers *a_members = sio_members_new (a_document, a);
  g_autofree SioMembers *b_members = sio_members_new (b_document, b);
  guint i;

  if (a_members->n_members != b_members->n_members)
    return FALSE;

  for (i = 0; i < a_members->n_members; i++)
    {
      const SioMember *one = &a_members->members[i];
      const SioMember *other = sio_members_find (b_members, one->name, one->length);

      if (other == NULL || !equal_tokens (a_document, one->value, b_document, other->value))
        return FALSE;
    }
  return TRUE;
}

static gboolean
equal_tokens (SioDocument *a_document, guint32 a, SioDocument *b_document, guint32 b)
{
  const SioJsonToken *one = &sio_document_get_tokens (a_document)[a];
  const SioJsonToken *other = &sio_document_get_tokens (b_document)[b];

  if (one->kind != other->kind)
    return FALSE;

  switch ((SioJsonKind) one->kind)
    {
    case SIO_JSON_NUMBER:
      return equal_numbers (a_document, one, b_document, other);
    case SIO_JSON_STRING:
      return equal_strings (a_document, one, b_document, other);
    case SIO_JSON_ARRAY:
      return equal_arrays (a_document, a, b_document, b);
    case SIO_JSON_OBJECT:
      return equal_objects (a_document, a, b_document, b);
    case SIO_JSON_ATTACHMENT:
      return g_bytes_equal (sio_document_get_attachment (a_document, one),
                            sio_document_get_attachment (b_document, other));
    case SIO_JSON_NULL:
    case SIO_JSON_FALSE:
    case SIO_JSON_TRUE:
    default:
      return TRUE;
    }
}

/**
 * sio_value_equal:
 * @a: (nullable): a value
 * @b: (nullable): another one
 *
 * Compares two values.
 *
 * Numbers are equal if they are the same number, of whatever kind (`1` and
 * `1.0`); objects if they have the same members, in whatever order; binary
 * data and texts by content. %NULL is equal to null.
 *
 * Returns: whether both are the same
 */
gboolean
sio_value_equal (SioValue *a, SioValue *b)
{
  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL)
    return sio_value_get_kind (a) == SIO_VALUE_NULL && sio_value_get_kind (b) == SIO_VALUE_NULL;
  return equal_tokens (a->document, a->token, b->document, b->token);
}
