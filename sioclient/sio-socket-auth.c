/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-socket-private.h"

/* What a socket presents to the server. */

SioValue *
sio_socket_make_auth_payload (SioSocket *self, SioValue *auth)
{
  GString *json;
  const char *text;
  gsize length;

  if (self->pid == NULL)
    return auth != NULL ? sio_value_ref (auth) : NULL;

  /* Of two members with one name the last counts, so those of auth win (P40). */
  json = g_string_new ("{\"pid\":");
  g_string_append (json, self->pid);
  if (self->offset != NULL)
    {
      g_string_append (json, ",\"offset\":");
      g_string_append (json, self->offset);
    }
  if (sio_value_get_length (auth) > 0)
    {
      text = sio_value_peek_json (auth, &length);
      g_string_append_c (json, ',');
      g_string_append_len (json, text + 1, length - 1);
    }
  else
    g_string_append_c (json, '}');
  length = json->len;
  return sio_value_new_take_json (g_string_free (json, FALSE), length, NULL);
}

/**
 * sio_socket_get_auth: (get-property auth)
 * @self: a socket
 *
 * Gets what it presents to the server (`socket.auth`).
 *
 * Returns: (transfer none) (nullable): what is presented to the server
 */
SioValue *
sio_socket_get_auth (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  return self->auth;
}

/**
 * sio_socket_set_auth: (set-property auth)
 * @self: a socket
 * @auth: (nullable): an object, or %NULL for nothing
 *
 * Sets what to present to the server from the next connection on (`socket.auth`).
 *
 * It replaces a function that was set with [method@Options.set_auth_func].
 */
void
sio_socket_set_auth (SioSocket *self, SioValue *auth)
{
  g_return_if_fail (SIO_IS_SOCKET (self));

  g_clear_pointer (&self->auth_provider, sio_auth_provider_unref);
  if (auth == self->auth)
    return;

  g_clear_pointer (&self->auth, sio_value_unref);
  self->auth = auth != NULL ? sio_value_ref (auth) : NULL;
  g_object_notify (G_OBJECT (self), "auth");
}

/**
 * sio_socket_set_auth_func:
 * @self: a socket
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): a function, or %NULL
 *   for none
 * @user_data: data for @func
 * @destroy: frees @user_data
 *
 * Sets a function that is asked for what to present to the server before each connection from the
 * next one on (`socket.auth` as a function).
 *
 * It takes the place of [property@Socket:auth], and [method@Socket.set_auth] that of it. It is
 * called in the main context of the manager, and may answer at once or later.
 */
void
sio_socket_set_auth_func (SioSocket *self,
                          SioAuthFunc func,
                          gpointer user_data,
                          GDestroyNotify destroy)
{
  g_return_if_fail (SIO_IS_SOCKET (self));

  sio_socket_set_auth (self, NULL);
  self->auth_provider = sio_auth_provider_new (func, user_data, destroy);
}
