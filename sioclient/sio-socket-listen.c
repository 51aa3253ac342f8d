/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-socket-private.h"

/* Listeners of one event are signal handlers, so that ids, blocking and disconnecting are
 * GObject's; this keeps the list that GSignal does not give out. */

typedef struct
{
  SioSocket *socket; /* NULL once the socket has forgotten it */
  gulong id;
  GQuark name;
  gboolean once;
  SioEventFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} Listener;

/* A handler like any other: a closure with a marshaller of its own would keep GSignal from the
 * short way that it has for one handler, without a GValue. */
static void
call_listener (SioSocket *socket, SioEvent *event, gpointer data)
{
  Listener *listener = data;
  SioEventFunc func = listener->func;
  gpointer user_data = listener->user_data;

  if (listener->once)
    g_signal_handler_disconnect (socket, listener->id);
  func (socket, event, user_data);
}

static void
on_invalidated (gpointer data, GClosure *closure)
{
  Listener *listener = data;

  if (listener->socket != NULL)
    g_ptr_array_remove (listener->socket->listeners, listener);
  listener->socket = NULL;
}

/* After the last call, also if the listener was taken away inside it. */
static void
on_finalized (gpointer data, GClosure *closure)
{
  Listener *listener = data;

  if (listener->destroy != NULL)
    listener->destroy (listener->user_data);
  g_free (listener);
}

static gulong
refuse_listener (gpointer user_data, GDestroyNotify destroy)
{
  if (destroy != NULL)
    destroy (user_data);
  return 0;
}

static gulong
add_listener (SioSocket *self,
              const char *event,
              gboolean once,
              SioEventFunc callback,
              gpointer user_data,
              GDestroyNotify destroy)
{
  Listener *listener;
  GClosure *closure;

  if (g_str_equal (event, "connect") || g_str_equal (event, "connect_error") ||
      g_str_equal (event, "disconnect"))
    {
      g_critical ("“%s” is no event of the server: connect to the signal “%s”", event,
                  g_str_equal (event, "connect_error") ? "connect-error" : event);
      return refuse_listener (user_data, destroy);
    }
  if (!sio_socket_check_made (self) || self->member == NULL || !sio_manager_check_thread (self->io))
    return refuse_listener (user_data, destroy);

  listener = g_new0 (Listener, 1);
  listener->socket = self;
  listener->name = g_quark_from_string (event);
  listener->once = once;
  listener->func = callback;
  listener->user_data = user_data;
  listener->destroy = destroy;

  closure = g_cclosure_new (G_CALLBACK (call_listener), listener, NULL);
  g_closure_add_invalidate_notifier (closure, listener, on_invalidated);
  g_closure_add_finalize_notifier (closure, listener, on_finalized);

  if (self->listeners == NULL)
    self->listeners = g_ptr_array_new ();
  g_ptr_array_add (self->listeners, listener);
  listener->id = g_signal_connect_closure_by_id (self, sio_socket_get_event_signal (),
                                                 listener->name, closure, FALSE);
  return listener->id;
}

void
sio_socket_clear_listeners (SioSocket *self)
{
  sio_any_list_clear (&self->any);
  sio_any_list_clear (&self->any_outgoing);
  for (guint i = 0; self->listeners != NULL && i < self->listeners->len; i++)
    ((Listener *) g_ptr_array_index (self->listeners, i))->socket = NULL;
  if (self->listeners != NULL)
    g_ptr_array_set_size (self->listeners, 0);
}

/**
 * sio_socket_on:
 * @self: a socket
 * @event: the name of an event
 * @callback: (scope notified) (closure user_data) (destroy destroy): called for each such event
 * @user_data: data for @callback
 * @destroy: frees @user_data
 *
 * Adds a listener: a handler of [signal@Socket::event] with @event as detail (`socket.on()`).
 *
 * For `connect`, `connect_error` and `disconnect`, which no server can send, connect to the signals
 * of these names.
 *
 * Returns: the handler's id, for [method@Socket.off] or g_signal_handler_disconnect()
 */
gulong
sio_socket_on (SioSocket *self,
               const char *event,
               SioEventFunc callback,
               gpointer user_data,
               GDestroyNotify destroy)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (event != NULL, 0);
  g_return_val_if_fail (callback != NULL, 0);

  return add_listener (self, event, FALSE, callback, user_data, destroy);
}

/**
 * sio_socket_once:
 * @self: a socket
 * @event: the name of an event
 * @callback: (scope notified) (closure user_data) (destroy destroy): called for the next such event
 * @user_data: data for @callback
 * @destroy: frees @user_data
 *
 * Adds a listener that is taken away before it is called (`socket.once()`).
 *
 * Returns: the handler's id
 */
gulong
sio_socket_once (SioSocket *self,
                 const char *event,
                 SioEventFunc callback,
                 gpointer user_data,
                 GDestroyNotify destroy)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (event != NULL, 0);
  g_return_val_if_fail (callback != NULL, 0);

  return add_listener (self, event, TRUE, callback, user_data, destroy);
}

/**
 * sio_socket_off:
 * @self: a socket
 * @event: (nullable): the name of an event, or %NULL for any
 * @listener: a handler's id, or 0 for all
 *
 * Takes listeners away (`socket.off()`).
 *
 * All handlers of [signal@Socket::event] count, however they were connected: without @listener, all
 * of those for @event go, and without @event too all there are. Other signals are not touched. One
 * that is taken away while its event is being delivered is not called any more.
 */
void
sio_socket_off (SioSocket *self, const char *event, gulong listener)
{
  GSignalMatchType match = G_SIGNAL_MATCH_ID;
  GQuark detail = 0;
  gulong id;

  g_return_if_fail (SIO_IS_SOCKET (self));

  if (listener != 0)
    {
      if (g_signal_handler_is_connected (self, listener))
        g_signal_handler_disconnect (self, listener);
      return;
    }

  if (event != NULL)
    {
      detail = g_quark_try_string (event);
      if (detail == 0)
        return;
      match |= G_SIGNAL_MATCH_DETAIL;
    }
  while ((id = g_signal_handler_find (self, match, sio_socket_get_event_signal (), detail, NULL,
                                      NULL, NULL)) != 0)
    g_signal_handler_disconnect (self, id);
}

/**
 * sio_socket_off_func: (skip)
 * @self: a socket
 * @event: (nullable): the name of an event, or %NULL for any
 * @callback: the function that was given to [method@Socket.on] or [method@Socket.once]
 * @user_data: the data that was given along
 *
 * Takes the first listener away that is this function with this data.
 */
void
sio_socket_off_func (SioSocket *self, const char *event, SioEventFunc callback, gpointer user_data)
{
  GQuark name = event != NULL ? g_quark_try_string (event) : 0;

  g_return_if_fail (SIO_IS_SOCKET (self));

  if (event != NULL && name == 0)
    return;
  for (guint i = 0; self->listeners != NULL && i < self->listeners->len; i++)
    {
      Listener *listener = g_ptr_array_index (self->listeners, i);

      if (listener->func != callback || listener->user_data != user_data ||
          (event != NULL && listener->name != name))
        continue;
      g_signal_handler_disconnect (self, listener->id);
      return;
    }
}

/**
 * sio_socket_listeners:
 * @self: a socket
 * @event: the name of an event
 * @n_listeners: (out): how many
 *
 * Gets the listeners for an event that were added with [method@Socket.on] or [method@Socket.once]
 * (`socket.listeners()`).
 *
 * Returns: (transfer full) (array length=n_listeners): the ids of the listeners, in order
 */
gulong *
sio_socket_listeners (SioSocket *self, const char *event, guint *n_listeners)
{
  GQuark name;
  gulong *ids;
  guint n = 0;

  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);
  g_return_val_if_fail (event != NULL, NULL);
  g_return_val_if_fail (n_listeners != NULL, NULL);

  name = g_quark_try_string (event);
  ids = g_new0 (gulong, (self->listeners != NULL ? self->listeners->len : 0) + 1);
  for (guint i = 0; name != 0 && self->listeners != NULL && i < self->listeners->len; i++)
    {
      Listener *listener = g_ptr_array_index (self->listeners, i);

      if (listener->name == name)
        ids[n++] = listener->id;
    }
  *n_listeners = n;
  return ids;
}

/**
 * sio_socket_has_listeners:
 * @self: a socket
 * @event: the name of an event
 *
 * Tells whether an event would be heard (`socket.hasListeners()`).
 *
 * Every handler of [signal@Socket::event] that would be called counts, however it was connected.
 *
 * Returns: whether someone listens, in whatever way
 */
gboolean
sio_socket_has_listeners (SioSocket *self, const char *event)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (event != NULL, FALSE);

  return sio_socket_hears (self, event);
}

static gulong
add_any (SioSocket *self,
         SioAnyList *list,
         gboolean first,
         SioEventFunc callback,
         gpointer user_data,
         GDestroyNotify destroy)
{
  if (!sio_socket_check_made (self) || self->member == NULL || !sio_manager_check_thread (self->io))
    return refuse_listener (user_data, destroy);

  sio_any_list_add (list, first, ++self->last_any_id, callback, user_data, destroy);
  return self->last_any_id;
}

/**
 * sio_socket_on_any:
 * @self: a socket
 * @callback: (scope notified) (closure user_data) (destroy destroy): called for each event from the
 *   server
 * @user_data: data for @callback
 * @destroy: frees @user_data
 *
 * Adds a listener to all events from the server (`socket.onAny()`).
 *
 * It is called before the handlers of [signal@Socket::event]. Acknowledgements are not events.
 *
 * Returns: an id, for [method@Socket.off_any]
 */
gulong
sio_socket_on_any (SioSocket *self,
                   SioEventFunc callback,
                   gpointer user_data,
                   GDestroyNotify destroy)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (callback != NULL, 0);

  return add_any (self, &self->any, FALSE, callback, user_data, destroy);
}

/**
 * sio_socket_prepend_any:
 * @self: a socket
 * @callback: (scope notified) (closure user_data) (destroy destroy): called for each event from the
 *   server
 * @user_data: data for @callback
 * @destroy: frees @user_data
 *
 * Adds a listener to all events from the server, before those there are (`socket.prependAny()`).
 *
 * It is called before the handlers of [signal@Socket::event]. Acknowledgements are not events.
 *
 * Returns: an id, for [method@Socket.off_any]
 */
gulong
sio_socket_prepend_any (SioSocket *self,
                        SioEventFunc callback,
                        gpointer user_data,
                        GDestroyNotify destroy)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (callback != NULL, 0);

  return add_any (self, &self->any, TRUE, callback, user_data, destroy);
}

/**
 * sio_socket_off_any:
 * @self: a socket
 * @listener: an id that [method@Socket.on_any] or [method@Socket.prepend_any] returned, or 0 for
 * all
 *
 * Takes listeners to all events from the server away (`socket.offAny()`).
 */
void
sio_socket_off_any (SioSocket *self, gulong listener)
{
  g_return_if_fail (SIO_IS_SOCKET (self));

  sio_any_list_remove (&self->any, listener);
}

/**
 * sio_socket_listeners_any:
 * @self: a socket
 * @n_listeners: (out): how many
 *
 * Gets the listeners to all events from the server (`socket.listenersAny()`).
 *
 * Returns: (transfer full) (array length=n_listeners): the ids, in order
 */
gulong *
sio_socket_listeners_any (SioSocket *self, guint *n_listeners)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);
  g_return_val_if_fail (n_listeners != NULL, NULL);

  return sio_any_list_get_ids (&self->any, n_listeners);
}

/**
 * sio_socket_on_any_outgoing:
 * @self: a socket
 * @callback: (scope notified) (closure user_data) (destroy destroy): called for each event to the
 *   server
 * @user_data: data for @callback
 * @destroy: frees @user_data
 *
 * Adds a listener to all events to the server (`socket.onAnyOutgoing()`).
 *
 * It is called when an event is really sent, before the handlers of
 * [signal@Socket::outgoing-event]. Acknowledgements are not events.
 *
 * Returns: an id, for [method@Socket.off_any_outgoing]
 */
gulong
sio_socket_on_any_outgoing (SioSocket *self,
                            SioEventFunc callback,
                            gpointer user_data,
                            GDestroyNotify destroy)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (callback != NULL, 0);

  return add_any (self, &self->any_outgoing, FALSE, callback, user_data, destroy);
}

/**
 * sio_socket_prepend_any_outgoing:
 * @self: a socket
 * @callback: (scope notified) (closure user_data) (destroy destroy): called for each event to the
 *   server
 * @user_data: data for @callback
 * @destroy: frees @user_data
 *
 * Adds a listener to all events to the server, before those there are
 * (`socket.prependAnyOutgoing()`).
 *
 * It is called when an event is really sent, before the handlers of
 * [signal@Socket::outgoing-event]. Acknowledgements are not events.
 *
 * Returns: an id, for [method@Socket.off_any_outgoing]
 */
gulong
sio_socket_prepend_any_outgoing (SioSocket *self,
                                 SioEventFunc callback,
                                 gpointer user_data,
                                 GDestroyNotify destroy)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (callback != NULL, 0);

  return add_any (self, &self->any_outgoing, TRUE, callback, user_data, destroy);
}

/**
 * sio_socket_off_any_outgoing:
 * @self: a socket
 * @listener: an id that [method@Socket.on_any_outgoing] or [method@Socket.prepend_any_outgoing]
 * returned, or 0 for all
 *
 * Takes listeners to all events to the server away (`socket.offAnyOutgoing()`).
 */
void
sio_socket_off_any_outgoing (SioSocket *self, gulong listener)
{
  g_return_if_fail (SIO_IS_SOCKET (self));

  sio_any_list_remove (&self->any_outgoing, listener);
}

/**
 * sio_socket_listeners_any_outgoing:
 * @self: a socket
 * @n_listeners: (out): how many
 *
 * Gets the listeners to all events to the server (`socket.listenersAnyOutgoing()`).
 *
 * Returns: (transfer full) (array length=n_listeners): the ids, in order
 */
gulong *
sio_socket_listeners_any_outgoing (SioSocket *self, guint *n_listeners)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);
  g_return_val_if_fail (n_listeners != NULL, NULL);

  return sio_any_list_get_ids (&self->any_outgoing, n_listeners);
}
