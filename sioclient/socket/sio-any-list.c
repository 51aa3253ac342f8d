/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "socket/sio-any-list-private.h"

typedef struct
{
  grefcount ref_count;
  gulong id; /* 0 once it was removed */
  SioEventFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} Listener;

static Listener *
listener_ref (Listener *listener)
{
  g_ref_count_inc (&listener->ref_count);
  return listener;
}

/* While it is being called the caller has a reference, so its data outlives the call. */
static void
listener_unref (Listener *listener)
{
  if (!g_ref_count_dec (&listener->ref_count))
    return;

  if (listener->destroy != NULL)
    listener->destroy (listener->user_data);
  g_free (listener);
}

void
sio_any_list_add (SioAnyList *self,
                  gboolean first,
                  gulong id,
                  SioEventFunc func,
                  gpointer user_data,
                  GDestroyNotify destroy)
{
  Listener *listener = g_new (Listener, 1);

  g_ref_count_init (&listener->ref_count);
  listener->id = id;
  listener->func = func;
  listener->user_data = user_data;
  listener->destroy = destroy;

  if (self->listeners == NULL)
    self->listeners = g_ptr_array_new_with_free_func ((GDestroyNotify) listener_unref);
  g_ptr_array_insert (self->listeners, first ? 0 : -1, listener);
}

gboolean
sio_any_list_remove (SioAnyList *self, gulong id)
{
  if (id == 0)
    {
      gboolean removed = !sio_any_list_is_empty (self);

      sio_any_list_clear (self);
      return removed;
    }

  for (guint i = 0; self->listeners != NULL && i < self->listeners->len; i++)
    {
      Listener *listener = g_ptr_array_index (self->listeners, i);

      if (listener->id != id)
        continue;
      listener->id = 0;
      listener_unref (g_ptr_array_steal_index (self->listeners, i));
      return TRUE;
    }
  return FALSE;
}

void
sio_any_list_clear (SioAnyList *self)
{
  g_autoptr (GPtrArray) listeners = g_steal_pointer (&self->listeners);

  for (guint i = 0; listeners != NULL && i < listeners->len; i++)
    ((Listener *) g_ptr_array_index (listeners, i))->id = 0;
}

gboolean
sio_any_list_is_empty (const SioAnyList *self)
{
  return self->listeners == NULL || self->listeners->len == 0;
}

gulong *
sio_any_list_get_ids (const SioAnyList *self, guint *n_ids)
{
  guint n = self->listeners != NULL ? self->listeners->len : 0;
  gulong *ids = g_new0 (gulong, n + 1);

  for (guint i = 0; i < n; i++)
    ids[i] = ((Listener *) g_ptr_array_index (self->listeners, i))->id;
  *n_ids = n;
  return ids;
}

void
sio_any_list_call (SioAnyList *self, SioSocket *socket, SioEvent *event)
{
  g_autoptr (GPtrArray) round = NULL;

  if (sio_any_list_is_empty (self))
    return;

  round = g_ptr_array_new_with_free_func ((GDestroyNotify) listener_unref);
  for (guint i = 0; i < self->listeners->len; i++)
    g_ptr_array_add (round, listener_ref (g_ptr_array_index (self->listeners, i)));

  for (guint i = 0; i < round->len; i++)
    {
      Listener *listener = g_ptr_array_index (round, i);

      if (listener->id != 0)
        listener->func (socket, event, listener->user_data);
    }
}
