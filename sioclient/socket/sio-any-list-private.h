/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-socket.h"

G_BEGIN_DECLS

/* Listeners to all events, which come before those of a name, in an order of their own (S65).
 * GSignal has no way to put a handler first. */
typedef struct
{
  GPtrArray *listeners; /* nullable */
} SioAnyList;

/* @id is the listener's from now on. */
void sio_any_list_add (SioAnyList *self,
                       gboolean first,
                       gulong id,
                       SioEventFunc func,
                       gpointer user_data,
                       GDestroyNotify destroy);
/* @id 0 removes all. FALSE if there was none. */
gboolean sio_any_list_remove (SioAnyList *self, gulong id);
void sio_any_list_clear (SioAnyList *self);
gboolean sio_any_list_is_empty (const SioAnyList *self);
gulong *sio_any_list_get_ids (const SioAnyList *self, guint *n_ids);
/* Calls each. One that is removed meanwhile is not called any more, one that is added not yet. */
void sio_any_list_call (SioAnyList *self, SioSocket *socket, SioEvent *event);

G_END_DECLS
