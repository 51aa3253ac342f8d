/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value.h"

#include "value/sio-document-private.h"
#include "value/sio-members-private.h"

#include <string.h>

/*
 * Variants are written in their serialised form, which makes them many times faster than by
 * GVariantBuilder: everything below the top stands in a `v`, aligned to eight bytes, as its
 * content, a NUL and its type. Containers end with the offsets of the ends of their parts, in as
 * few bytes as the size of the whole asks for.
 *
 * GVariant reads no more than 128 levels of what is serialised, and gives () for the rest. What is
 * deeper is therefore made part by part, which has no such limit.
 */

/* An object takes three levels: the array, the entry, the box. */
#define MAX_SERIALISED_DEPTH 40

/* Room that is always left, so that a word can be written where only its first bytes count. */
#define SLACK sizeof (guint64)

/* What follows the content in a box: a NUL and the type. Copied as one word. */
typedef struct
{
  char text[7];
  guint8 length;
} SioBoxEnd;

#define BOX_END(type)                                                                              \
  {                                                                                                \
    "\0" type, sizeof ("\0" type) - 1                                                              \
  }

static const SioBoxEnd nothing_end = BOX_END ("mv");
static const SioBoxEnd boolean_end = BOX_END ("b");
static const SioBoxEnd integer_end = BOX_END ("x");
static const SioBoxEnd double_end = BOX_END ("d");
static const SioBoxEnd string_end = BOX_END ("s");
static const SioBoxEnd bytes_end = BOX_END ("ay");
static const SioBoxEnd array_end = BOX_END ("av");
static const SioBoxEnd object_end = BOX_END ("a{sv}");

G_STATIC_ASSERT (sizeof (SioBoxEnd) == SLACK);

typedef struct
{
  SioDocument *document;
  char *out;
  gsize length;
  gsize allocated;
  GArray *ends; /* gsize; of all containers that are open, the innermost last */
  guint depth;
  gboolean is_too_deep;
} SioSerialiser;

static const SioBoxEnd *write_content (SioSerialiser *self, guint32 token);

/* Where @size bytes more can be written. */
static inline char *
extend (SioSerialiser *self, gsize size)
{
  gsize start = self->length;

  if (G_UNLIKELY (self->allocated - start < size + SLACK))
    {
      gsize wanted;

      /* g_realloc() ends the program over what is beyond all memory, as it does over any lack. */
      if (!g_size_checked_add (&wanted, self->allocated, size) ||
          !g_size_checked_add (&wanted, wanted, MAX (self->allocated, SLACK)))
        wanted = G_MAXSIZE;
      self->allocated = wanted;
      self->out = g_realloc (self->out, self->allocated);
    }
  self->length += size;
  return self->out + start;
}

static inline void
append (SioSerialiser *self, gconstpointer data, gsize size)
{
  memcpy (extend (self, size), data, size);
}

static inline void
align (SioSerialiser *self)
{
  memset (extend (self, -self->length & 7), 0, SLACK);
}

static guint
measure_offset (gsize body, gsize n_offsets)
{
  if (body + n_offsets <= G_MAXUINT8)
    return 1;
  if (body + 2 * n_offsets <= G_MAXUINT16)
    return 2;
  if ((guint64) body + 4 * (guint64) n_offsets <= G_MAXUINT32)
    return 4;
  return 8;
}

static inline void
write_offset (SioSerialiser *self, gsize offset, guint size)
{
  guint64 little = GUINT64_TO_LE ((guint64) offset);

  memcpy (extend (self, size), &little, sizeof little);
}

/* Those of the parts that ended since there were @n_outer. */
static void
write_ends (SioSerialiser *self, gsize start, guint n_outer)
{
  guint n_ends = self->ends->len - n_outer;
  guint size = measure_offset (self->length - start, n_ends);
  guint i;

  for (i = n_outer; i < self->ends->len; i++)
    write_offset (self, g_array_index (self->ends, gsize, i), size);
  g_array_set_size (self->ends, n_outer);
}

static void
write_boxed (SioSerialiser *self, guint32 token)
{
  const SioBoxEnd *end;

  align (self);
  end = write_content (self, token);
  memcpy (extend (self, end->length), end, sizeof *end);
}

/* A GVariant's string can have no NUL in it. */
static void
write_string (SioSerialiser *self, const SioJsonToken *token)
{
  gsize start = self->length;
  char *string = extend (self, (gsize) token->end - token->start + 1);

  self->length = start + sio_json_token_unescape_shown (token, self->document->text, string) + 1;
}

static const SioBoxEnd *
write_number (SioSerialiser *self, const SioJsonToken *token)
{
  const char *text = self->document->text;
  gint64 integer;
  double number;

  if (sio_json_token_get_integer (token, text, &integer))
    {
      append (self, &integer, sizeof integer);
      return &integer_end;
    }

  number = sio_json_token_get_double (token, text);
  append (self, &number, sizeof number);
  return &double_end;
}

static const SioBoxEnd *
write_bytes (SioSerialiser *self, const SioJsonToken *token)
{
  gsize size;
  const char *data = g_bytes_get_data (sio_document_get_attachment (self->document, token), &size);

  if (size > 0)
    append (self, data, size);
  return &bytes_end;
}

static const SioBoxEnd *
write_array (SioSerialiser *self, guint32 token)
{
  const SioJsonToken *tokens = sio_document_get_tokens (self->document);
  guint count = tokens[token].count;
  guint n_outer = self->ends->len;
  gsize start = self->length;

  for (token++; count > 0; count--)
    {
      gsize end;

      write_boxed (self, token);
      end = self->length - start;
      g_array_append_val (self->ends, end);
      token += tokens[token].span;
    }
  write_ends (self, start, n_outer);
  return &array_end;
}

static void
write_name (SioSerialiser *self, const SioMember *member)
{
  g_autofree char *name = NULL;

  if (G_UNLIKELY (member->has_nul))
    {
      name = sio_member_dup_name (member);
      append (self, name, strlen (name) + 1);
      return;
    }
  append (self, member->name, member->length);
  append (self, "", 1);
}

static void
write_entry (SioSerialiser *self, const SioMember *member)
{
  gsize start, name_end;

  align (self);
  start = self->length;
  write_name (self, member);
  name_end = self->length - start;
  write_boxed (self, member->value);
  write_offset (self, name_end, measure_offset (self->length - start, 1));
}

static const SioBoxEnd *
write_object (SioSerialiser *self, guint32 token)
{
  g_autofree SioMembers *members = sio_members_new (self->document, token);
  guint n_outer = self->ends->len;
  gsize start = self->length;
  guint i;

  for (i = 0; i < members->n_members; i++)
    {
      gsize end;

      if (sio_members_hides (members, &members->members[i]))
        continue;
      write_entry (self, &members->members[i]);
      end = self->length - start;
      g_array_append_val (self->ends, end);
    }
  write_ends (self, start, n_outer);
  return &object_end;
}

static const SioBoxEnd *
write_container (SioSerialiser *self, guint32 token, gboolean is_array)
{
  const SioBoxEnd *end;

  if (self->depth == MAX_SERIALISED_DEPTH)
    {
      self->is_too_deep = TRUE;
      return &nothing_end;
    }

  self->depth++;
  end = is_array ? write_array (self, token) : write_object (self, token);
  self->depth--;
  return end;
}

/* Returns what ends a box with what it wrote. */
static const SioBoxEnd *
write_content (SioSerialiser *self, guint32 token)
{
  const SioJsonToken *one = &sio_document_get_tokens (self->document)[token];

  switch ((SioJsonKind) one->kind)
    {
    case SIO_JSON_FALSE:
    case SIO_JSON_TRUE:
      *extend (self, 1) = one->kind == SIO_JSON_TRUE;
      return &boolean_end;
    case SIO_JSON_NUMBER:
      return write_number (self, one);
    case SIO_JSON_STRING:
      write_string (self, one);
      return &string_end;
    case SIO_JSON_ATTACHMENT:
      return write_bytes (self, one);
    case SIO_JSON_ARRAY:
    case SIO_JSON_OBJECT:
      return write_container (self, token, one->kind == SIO_JSON_ARRAY);
    case SIO_JSON_NULL:
    default:
      return &nothing_end;
    }
}

/* NULL if the value is too deep. */
static GVariant *
serialise (SioDocument *document, guint32 token)
{
  const SioJsonToken *one = &sio_document_get_tokens (document)[token];
  SioSerialiser serialiser = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  const SioBoxEnd *end;

  /* Alone they need not be copied. */
  if (one->kind == SIO_JSON_ATTACHMENT)
    return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING,
                                     sio_document_get_attachment (document, one), TRUE);

  serialiser.document = document;
  serialiser.allocated = 64 + 2 * (gsize) (one->end - one->start);
  serialiser.out = g_malloc (serialiser.allocated);
  serialiser.ends = g_array_new (FALSE, FALSE, sizeof (gsize));
  end = write_content (&serialiser, token);
  g_array_unref (serialiser.ends);

  bytes = g_bytes_new_take (serialiser.out, serialiser.length);
  if (serialiser.is_too_deep)
    return NULL;
  return g_variant_new_from_bytes (G_VARIANT_TYPE (end->text + 1), bytes, TRUE);
}

static GVariant *make_parts (SioDocument *document, guint32 token);

static GVariant *
make_boxed (SioDocument *document, guint32 token)
{
  return g_variant_new_variant (make_parts (document, token));
}

static GVariant *
make_array (SioDocument *document, guint32 token)
{
  const SioJsonToken *tokens = sio_document_get_tokens (document);
  guint count = tokens[token].count;
  g_autofree GVariant **children = g_new (GVariant *, count);
  guint i;

  token++;
  for (i = 0; i < count; i++)
    {
      children[i] = make_boxed (document, token);
      token += tokens[token].span;
    }
  return g_variant_new_array (G_VARIANT_TYPE_VARIANT, children, count);
}

static GVariant *
make_object (SioDocument *document, guint32 token)
{
  g_autofree SioMembers *members = sio_members_new (document, token);
  g_autofree GVariant **children = g_new (GVariant *, members->n_members);
  guint n_children = 0;
  guint i;

  for (i = 0; i < members->n_members; i++)
    {
      const SioMember *member = &members->members[i];

      if (sio_members_hides (members, member))
        continue;
      children[n_children++] =
          g_variant_new_dict_entry (g_variant_new_take_string (sio_member_dup_name (member)),
                                    make_boxed (document, member->value));
    }
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), children, n_children);
}

static GVariant *
make_parts (SioDocument *document, guint32 token)
{
  SioJsonKind kind = sio_document_get_tokens (document)[token].kind;

  if (kind == SIO_JSON_ARRAY)
    return make_array (document, token);
  if (kind == SIO_JSON_OBJECT)
    return make_object (document, token);
  return serialise (document, token);
}

/**
 * sio_value_to_variant:
 * @value: (nullable): a value
 *
 * Makes a variant: `mv` nothing, `b`, `x`, `d`, `s`, `ay`, `av` or `a{sv}`.
 *
 * What is in an array or an object is a `v` of one of these. A NUL in a text, or in the name of a
 * member, becomes U+FFFD; a member whose name would then be that of another one is left out.
 *
 * Values can be nested deeper than GVariant and D-Bus take: what is in more than
 * about 40 arrays and objects can be read from the variant, but not be stored and
 * read again.
 *
 * Returns: (transfer floating): a variant
 */
GVariant *
sio_value_to_variant (SioValue *value)
{
  GVariant *variant;

  if (value == NULL)
    return g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);

  variant = serialise (value->document, value->token);
  return variant != NULL ? variant : make_parts (value->document, value->token);
}
