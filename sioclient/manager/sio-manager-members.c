/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manager/sio-manager-state-private.h"

#include <string.h>

/* Who shares the connection. Members come and go inside each other's calls, so every round over
 * them goes over a list of references, and one that has parted meanwhile has no sink. */

static SioMember *
sio_member_ref (SioMember *member)
{
  g_ref_count_inc (&member->ref_count);
  return member;
}

void
sio_member_unref (SioMember *member)
{
  if (!g_ref_count_dec (&member->ref_count))
    return;

  g_free (member->nsp);
  g_free (member);
}

gboolean
sio_member_get_active (SioMember *member)
{
  return member->turn != 0;
}

gboolean
sio_manager_has_active (SioManager *self)
{
  return self->n_active > 0;
}

SioMember *
sio_manager_join (SioManager *self, const char *nsp, const SioMemberSink *sink, gpointer owner)
{
  SioMember *member = g_new0 (SioMember, 1);

  g_ref_count_init (&member->ref_count);
  member->nsp = g_strdup (nsp);
  member->sink = sink;
  member->owner = owner;
  self->last_member = NULL;
  g_hash_table_replace (self->members, member->nsp, sio_member_ref (member));
  return member;
}

static void
deactivate (SioManager *self, SioMember *member, SioManagerTelling telling)
{
  if (member->turn == 0)
    return;

  member->turn = 0;
  self->n_active--;
  if (self->n_active == 0)
    sio_manager_shut (self, telling);
}

void
sio_manager_part (SioManager *self, SioMember *member, SioMemberStanding standing)
{
  member->sink = NULL;
  member->owner = NULL;
  switch (standing)
    {
    case SIO_MEMBER_OUTSIDE:
      break;
    case SIO_MEMBER_AWAITED:
      if (self->awaited == NULL)
        self->awaited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_add (self->awaited, g_strdup (member->nsp));
      break;
    case SIO_MEMBER_INSIDE:
      sio_manager_say_goodbye (self, member->nsp);
      break;
    }
  deactivate (self, member, SIO_MANAGER_TELL_LATER);
  if (self->last_member == member)
    self->last_member = NULL;
  if (g_hash_table_lookup (self->members, member->nsp) == member)
    g_hash_table_remove (self->members, member->nsp);
  sio_member_unref (member);
}

gboolean
sio_manager_inherit (SioManager *self, const char *nsp)
{
  return self->awaited != NULL && g_hash_table_remove (self->awaited, nsp);
}

SioMember *
sio_manager_find_member (SioManager *self, const char *nsp)
{
  if (self->last_member == NULL || strcmp (self->last_member->nsp, nsp) != 0)
    self->last_member = g_hash_table_lookup (self->members, nsp);
  return self->last_member;
}

gpointer
sio_manager_find (SioManager *self, const char *nsp)
{
  SioMember *member = g_hash_table_lookup (self->members, nsp);

  return member != NULL ? member->owner : NULL;
}

void
sio_manager_activate (SioManager *self, SioMember *member)
{
  if (member->turn == 0)
    {
      member->turn = ++self->last_turn;
      self->n_active++;
    }
  if (self->state != SIO_MANAGER_CONNECTED)
    sio_manager_start (self, FALSE);
}

void
sio_manager_deactivate (SioManager *self, SioMember *member)
{
  deactivate (self, member, SIO_MANAGER_TELL_NOW);
}

static int
compare_turns (gconstpointer a, gconstpointer b)
{
  const SioMember *first = *(SioMember *const *) a;
  const SioMember *second = *(SioMember *const *) b;

  return first->turn < second->turn ? -1 : first->turn > second->turn;
}

GPtrArray *
sio_manager_list_active (SioManager *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) sio_member_unref);
  GHashTableIter iter;
  SioMember *member;

  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &member))
    if (member->turn != 0)
      g_ptr_array_add (list, sio_member_ref (member));
  g_ptr_array_sort (list, compare_turns);
  return list;
}

void
sio_manager_settle_openers (GPtrArray *openers, const GError *error)
{
  for (guint i = 0; openers != NULL && i < openers->len; i++)
    if (error != NULL)
      g_task_return_error (g_ptr_array_index (openers, i), g_error_copy (error));
    else
      g_task_return_boolean (g_ptr_array_index (openers, i), TRUE);
}
