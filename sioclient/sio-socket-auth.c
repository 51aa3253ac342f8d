/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-socket-private.h"

#include <glib/gi18n-lib.h>

/* What a socket presents to the server. */

/* What goes with CONNECT; NULL for nothing. @auth is an object, or NULL. */
static SioValue *
make_payload (SioSocket *self, SioValue *auth)
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

static void
present (SioSocket *self, SioValue *auth)
{
  g_autoptr (SioValue) payload = NULL;
  GError *error = NULL;

  if (sio_value_get_kind (auth) == SIO_VALUE_NULL)
    auth = NULL;
  if (auth != NULL &&
      (sio_value_get_kind (auth) != SIO_VALUE_OBJECT || sio_value_has_attachments (auth)))
    {
      g_set_error_literal (&error, SIO_ERROR, SIO_ERROR_FAILED,
                           _ ("What is presented to the server has to be an object without binary "
                              "data"));
      sio_socket_refuse_later (self, error);
      return;
    }

  payload = make_payload (self, auth);
  /* Before, as who hears of packets may close the socket and open it again. */
  self->unanswered = self->session;
  /* It fails only if the connection has ended, of which this socket is going to hear. */
  if (!sio_manager_write (self->io, SIO_PACKET_CONNECT, SIO_SEND_USUALLY, self->nsp,
                          SIO_PACKET_NO_ID, NULL, payload, NULL))
    self->unanswered = 0;
}

static void
on_auth (gpointer owner,
         SioAuthRequest *request,
         SioAuthOutcome outcome,
         SioValue *auth,
         const GError *error)
{
  g_autoptr (SioSocket) self = g_object_ref (owner);

  g_clear_pointer (&self->auth_request, sio_auth_request_unref);
  switch (outcome)
    {
    case SIO_AUTH_ACCEPTED:
      present (self, auth);
      break;
    case SIO_AUTH_FAILED:
      sio_socket_put_off_later (self, g_error_copy (error));
      break;
    case SIO_AUTH_REJECTED:
      sio_socket_refuse_later (self, g_error_copy (error));
      break;
    }
}

void
sio_socket_present (SioSocket *self)
{
  g_autoptr (SioAuthProvider) provider = NULL;
  g_autoptr (SioAuthRequest) request = NULL;

  if (self->auth_provider == NULL)
    {
      present (self, self->auth);
      return;
    }

  provider = sio_auth_provider_ref (self->auth_provider);
  request = sio_auth_request_new (on_auth, self, sio_manager_get_context (self->io));
  self->auth_request = sio_auth_request_ref (request);
  provider->func (self, request, provider->user_data);
}

void
sio_socket_drop_auth_request (SioSocket *self)
{
  if (self->auth_request == NULL)
    return;

  sio_auth_request_forget (self->auth_request);
  g_clear_pointer (&self->auth_request, sio_auth_request_unref);
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
 * called in the main context of the manager, and may answer at once or later. If it has nothing to
 * present for now, [method@AuthRequest.fail] lets it be asked again; [method@AuthRequest.reject]
 * gives up.
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
