/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "socket/sio-ack-table-private.h"

SioAck *
sio_ack_new (SioAckFunc func, gpointer user_data, GDestroyNotify destroy)
{
  SioAck *ack = g_new0 (SioAck, 1);

  ack->deadline = SIO_CLOCK_NEVER;
  ack->func = func;
  ack->user_data = user_data;
  ack->destroy = destroy;
  return ack;
}

void
sio_ack_free (SioAck *ack)
{
  if (ack->destroy != NULL)
    ack->destroy (ack->user_data);
  g_clear_error (&ack->failure);
  g_free (ack);
}

void
sio_ack_settle (SioAck *ack, SioSocket *socket, SioValue *args, const GError *error)
{
  if (ack->func != NULL)
    ack->func (socket, error == NULL ? args : NULL, error, ack->user_data);
  sio_ack_free (ack);
}

void
sio_ack_table_init (SioAckTable *self)
{
  self->acks = NULL;
  self->deadline = SIO_CLOCK_NEVER;
}

void
sio_ack_table_clear (SioAckTable *self)
{
  self->deadline = SIO_CLOCK_NEVER;
  g_clear_pointer (&self->acks, g_hash_table_unref);
}

guint
sio_ack_table_get_size (SioAckTable *self)
{
  return self->acks != NULL ? g_hash_table_size (self->acks) : 0;
}

void
sio_ack_table_add (SioAckTable *self, SioAck *ack)
{
  if (self->acks == NULL)
    self->acks =
        g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) sio_ack_free);
  g_hash_table_replace (self->acks, &ack->id, ack);
  self->deadline = MIN (self->deadline, ack->deadline);
}

SioAck *
sio_ack_table_peek (SioAckTable *self, guint64 id)
{
  return self->acks != NULL ? g_hash_table_lookup (self->acks, &id) : NULL;
}

SioAck *
sio_ack_table_steal (SioAckTable *self, guint64 id)
{
  SioAck *ack = sio_ack_table_peek (self, id);

  if (ack != NULL)
    g_hash_table_steal (self->acks, &id);
  return ack;
}

void
sio_ack_table_fail (SioAckTable *self, SioAck *ack, GError *failure, gint64 deadline)
{
  g_clear_error (&ack->failure);
  ack->failure = failure;
  ack->buffered = FALSE;
  ack->deadline = deadline;
  self->deadline = MIN (self->deadline, deadline);
}

static gboolean
is_selected (const SioAck *ack, SioAckSelection selection, gint64 now)
{
  switch (selection)
    {
    case SIO_ACKS_DUE:
      return ack->deadline <= now;
    case SIO_ACKS_SENT:
      return !ack->buffered;
    case SIO_ACKS_ALL:
      break;
    }
  return TRUE;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  const SioAck *first = *(SioAck *const *) a;
  const SioAck *second = *(SioAck *const *) b;

  return first->id < second->id ? -1 : first->id > second->id;
}

GPtrArray *
sio_ack_table_steal_some (SioAckTable *self, SioAckSelection selection, gint64 now)
{
  GPtrArray *selected = g_ptr_array_new ();
  gint64 deadline = SIO_CLOCK_NEVER;
  GHashTableIter iter;
  SioAck *ack;

  if (self->acks == NULL)
    return selected;

  g_hash_table_iter_init (&iter, self->acks);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &ack))
    if (is_selected (ack, selection, now))
      {
        g_hash_table_iter_steal (&iter);
        g_ptr_array_add (selected, ack);
      }
    else
      deadline = MIN (deadline, ack->deadline);
  self->deadline = deadline;
  g_ptr_array_sort (selected, compare_ids);
  return selected;
}
