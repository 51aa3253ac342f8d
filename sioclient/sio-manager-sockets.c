/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-manager-sockets-private.h"

/* Where managers and sockets meet, so that sio-manager.c never learns of sockets. */

SioSocket *
sio_manager_make_socket (SioManager *self, const char *nsp, SioOptions *options)
{
  g_auto (SioSocketSettings) settings = SIO_SOCKET_SETTINGS_INIT;
  SioSocket *socket = sio_manager_find_socket (self, nsp);

  if (socket != NULL)
    return g_object_ref (socket);

  sio_options_read_socket (options, &settings);
  return sio_socket_new (self, nsp, &settings);
}

/**
 * sio_manager_get_socket:
 * @self: a manager
 * @nsp: the name of a namespace
 * @options: (nullable): options, of which only those of a socket are read
 *
 * Gets the socket for a namespace, which is made if need be (`manager.socket()`).
 *
 * There is one for each namespace as long as somebody holds it; @options only count when it is
 * made. It is connected unless [property@Options:auto-connect] of the manager is off.
 *
 * Returns: (transfer full): a socket
 */
SioSocket *
sio_manager_get_socket (SioManager *self, const char *nsp, SioOptions *options)
{
  g_autoptr (SioOptions) defaults = NULL;
  SioSocket *socket;

  g_return_val_if_fail (SIO_IS_MANAGER (self), NULL);
  g_return_val_if_fail (nsp != NULL, NULL);
  g_return_val_if_fail (options == NULL || SIO_IS_OPTIONS (options), NULL);

  if (!sio_manager_check_thread (self))
    return NULL;

  if (options == NULL)
    options = defaults = sio_options_new ();
  socket = sio_manager_make_socket (self, nsp, options);
  if (sio_options_get_boolean (sio_manager_get_options (self), "auto-connect") &&
      !sio_socket_get_active (socket))
    sio_socket_open (socket);
  return socket;
}

SioSocket *
sio_manager_find_socket (SioManager *self, const char *nsp)
{
  g_autofree char *with_slash = nsp[0] == '/' ? g_strdup (nsp) : g_strconcat ("/", nsp, NULL);

  return sio_manager_find (self, with_slash);
}
