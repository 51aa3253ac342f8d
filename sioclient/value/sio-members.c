/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "value/sio-members-private.h"

#include <string.h>

/* Up to here all pairs are compared. Beyond, names are sorted rather than hashed: no choice of
 * names makes that slow. */
#define FEW 16

/* What a member is called that a later one has replaced. */
#define REPLACED 0

static inline gsize
raw_length (const SioJsonToken *name)
{
  return name->end - name->start;
}

/* Sorts by length first, which is cheap and tells most names apart. */
static inline int
compare_names (const char *a, gsize a_length, const char *b, gsize b_length)
{
  if (a_length != b_length)
    return a_length < b_length ? -1 : 1;
  return memcmp (a, b, a_length);
}

static inline gboolean
names_match (const SioMember *a, const SioMember *b)
{
  return a->length == b->length && memcmp (a->name, b->name, a->length) == 0;
}

static int
compare_indices (gconstpointer a, gconstpointer b, gpointer members)
{
  guint32 first = *(const guint32 *) a;
  guint32 second = *(const guint32 *) b;
  const SioMember *one = &((const SioMember *) members)[first];
  const SioMember *other = &((const SioMember *) members)[second];
  int order = compare_names (one->name, one->length, other->name, other->length);

  if (order != 0)
    return order;
  return first < second ? -1 : first > second;
}

static void
sort_by_name (SioMembers *self, guint32 *by_name)
{
  guint i;

  for (i = 0; i < self->n_members; i++)
    by_name[i] = i;
  g_qsort_with_data (by_name, self->n_members, sizeof (guint32), compare_indices, self->members);
}

static gboolean
replace_few (SioMembers *self)
{
  gboolean replaced = FALSE;
  guint i, k;

  for (i = 1; i < self->n_members; i++)
    for (k = 0; k < i; k++)
      if (self->members[k].value != REPLACED && names_match (&self->members[k], &self->members[i]))
        {
          self->members[k].value = self->members[i].value;
          self->members[i].value = REPLACED;
          replaced = TRUE;
          break;
        }
  return replaced;
}

static gboolean
replace_sorted (SioMembers *self, const guint32 *by_name)
{
  gboolean replaced = FALSE;
  SioMember *first = &self->members[by_name[0]];
  guint i;

  for (i = 1; i < self->n_members; i++)
    {
      SioMember *member = &self->members[by_name[i]];

      if (!names_match (first, member))
        {
          first = member;
          continue;
        }
      first->value = member->value;
      member->value = REPLACED;
      replaced = TRUE;
    }
  return replaced;
}

static void
drop_replaced (SioMembers *self)
{
  guint kept = 0;
  guint i;

  for (i = 0; i < self->n_members; i++)
    if (self->members[i].value != REPLACED)
      self->members[kept++] = self->members[i];
  self->n_members = kept;
}

static gsize
measure_escaped (const SioJsonToken *tokens, guint32 object)
{
  gsize size = 0;
  guint32 name = object + 1;
  guint i;

  for (i = 0; i < tokens[object].count; i++)
    {
      if (tokens[name].flags & SIO_JSON_ESCAPED)
        size += raw_length (&tokens[name]) + 1;
      name += 1 + tokens[name + 1].span;
    }
  return size;
}

static void
collect (SioMembers *self,
         const SioJsonToken *tokens,
         guint32 object,
         const char *text,
         char *unescaped)
{
  guint32 name = object + 1;
  guint i;

  for (i = 0; i < self->n_members; i++)
    {
      SioMember *member = &self->members[i];

      member->name = text + tokens[name].start;
      member->length = raw_length (&tokens[name]);
      member->value = name + 1;
      member->has_nul = FALSE;
      if (tokens[name].flags & SIO_JSON_ESCAPED)
        {
          member->name = unescaped;
          member->length = sio_json_token_unescape (&tokens[name], text, unescaped);
          member->has_nul = memchr (unescaped, '\0', member->length) != NULL;
          unescaped += member->length + 1;
        }
      name += 1 + tokens[name + 1].span;
    }
}

SioMembers *
sio_members_new (SioDocument *document, guint32 object)
{
  const SioJsonToken *tokens = sio_document_get_tokens (document);
  guint count = tokens[object].count;
  gboolean is_large = count > FEW;
  gsize entry = sizeof (SioMember) + (is_large ? sizeof (guint32) : 0);
  SioMembers *self =
      g_malloc (sizeof (SioMembers) + count * entry + measure_escaped (tokens, object));
  guint32 *by_name = (gpointer) &self->members[count];
  char *unescaped = is_large ? (gpointer) &by_name[count] : (gpointer) by_name;

  self->n_members = count;
  self->by_name = is_large ? by_name : NULL;
  collect (self, tokens, object, document->text, unescaped);

  if (!is_large)
    {
      if (replace_few (self))
        drop_replaced (self);
      return self;
    }

  sort_by_name (self, by_name);
  if (replace_sorted (self, by_name))
    {
      drop_replaced (self);
      sort_by_name (self, by_name);
    }
  return self;
}

const SioMember *
sio_members_find (const SioMembers *self, const char *name, gsize length)
{
  guint low = 0, high = self->n_members;
  guint i;

  if (self->by_name == NULL)
    {
      for (i = 0; i < self->n_members; i++)
        if (compare_names (self->members[i].name, self->members[i].length, name, length) == 0)
          return &self->members[i];
      return NULL;
    }

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const SioMember *member = &self->members[self->by_name[middle]];
      int order = compare_names (member->name, member->length, name, length);

      if (order == 0)
        return member;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

char *
sio_member_dup_name (const SioMember *self)
{
  const char *at = self->name;
  const char *end = at + self->length;
  const char *nul;
  GString *name;

  if (G_LIKELY (!self->has_nul))
    return g_strndup (self->name, self->length);

  /* Each byte is moved once: the peer has the choice how many NULs there are. */
  name = g_string_sized_new (self->length);
  while ((nul = memchr (at, '\0', (gsize) (end - at))) != NULL)
    {
      g_string_append_len (name, at, nul - at);
      g_string_append_unichar (name, 0xfffd);
      at = nul + 1;
    }
  g_string_append_len (name, at, end - at);
  return g_string_free (name, FALSE);
}

gboolean
sio_members_hides (const SioMembers *self, const SioMember *member)
{
  g_autofree char *name = NULL;

  if (G_LIKELY (!member->has_nul))
    return FALSE;

  name = sio_member_dup_name (member);
  return sio_members_find (self, name, strlen (name)) != NULL;
}

guint32
sio_members_scan (SioDocument *document, guint32 object, const char *name)
{
  const SioJsonToken *tokens = sio_document_get_tokens (document);
  gsize length = strlen (name);
  guint32 token = object + 1;
  guint32 found = 0;
  guint i;

  for (i = 0; i < tokens[object].count; i++)
    {
      if (sio_json_token_equals (&tokens[token], document->text, name, length))
        found = token + 1;
      token += 1 + tokens[token + 1].span;
    }
  return found;
}
