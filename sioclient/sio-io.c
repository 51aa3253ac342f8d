/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-manager-sockets-private.h"

/* Managers by context and origin, none of them held: a manager lives as long as its sockets.
 * Threads have contexts of their own, so the table is shared and the managers in it are not. */
static GMutex cache_mutex;
static GHashTable *cache; /* key → SioManager */

static void
on_manager_gone (gpointer data, GObject *where_it_was)
{
  g_autofree char *key = data;

  g_mutex_lock (&cache_mutex);
  if (g_hash_table_lookup (cache, key) == (gpointer) where_it_was)
    g_hash_table_remove (cache, key);
  g_mutex_unlock (&cache_mutex);
}

static SioManager *
find_manager (const char *key)
{
  SioManager *manager;

  g_mutex_lock (&cache_mutex);
  manager = cache != NULL ? g_hash_table_lookup (cache, key) : NULL;
  g_mutex_unlock (&cache_mutex);
  /* Whoever drops it, only its own thread takes it apart, and that is this one. */
  return manager != NULL ? g_object_ref (manager) : NULL;
}

static void
remember_manager (const char *key, SioManager *manager)
{
  g_mutex_lock (&cache_mutex);
  if (cache == NULL)
    cache = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_replace (cache, g_strdup (key), manager);
  g_mutex_unlock (&cache_mutex);
  g_object_weak_ref (G_OBJECT (manager), on_manager_gone, g_strdup (key));
}

static char *
make_key (const SioUrl *url, SioOptions *options)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autofree char *origin = sio_url_dup_origin (url);
  g_autofree char *path = sio_options_dup_path (options);
  gsize length = strlen (path);

  /* A trailing slash makes no difference here (M52). */
  if (length > 1 && path[length - 1] == '/')
    path[length - 1] = '\0';
  return g_strdup_printf ("%p %s%s", (void *) context, origin, path);
}

static SioManager *
get_manager (const char *text, const SioUrl *url, SioOptions *options)
{
  g_autofree char *key = make_key (url, options);
  SioManager *manager;
  SioSocket *socket;

  if (sio_options_get_boolean (options, "force-new") ||
      !sio_options_get_boolean (options, "multiplex"))
    return sio_manager_new (text, options);

  manager = find_manager (key);
  if (manager == NULL)
    {
      manager = sio_manager_new (text, options);
      remember_manager (key, manager);
      return manager;
    }

  /* Two sockets for one namespace need two connections (M53); one that is not in use can be used
   * again (M54). */
  socket = sio_manager_find_socket (manager, url->nsp);
  if (socket == NULL || !sio_socket_get_active (socket))
    return manager;
  g_object_unref (manager);
  return sio_manager_new (text, options);
}

/**
 * sio_io:
 * @url: an `http`, `https`, `ws` or `wss` URL; its path is the namespace
 * @options: (nullable): options, or %NULL for the defaults
 *
 * Gets a socket for the namespace in @url, and connects it unless [property@Options:auto-connect]
 * is off (`io()`).
 *
 * Sockets of one origin share a manager, and so a connection, unless [property@Options:multiplex]
 * is off or [property@Options:force-new] on, or the namespace is in use already. Options of the
 * connection are those of the first call then. Managers are shared within one main context.
 *
 * A query in @url replaces the parameters of @options. A URL that cannot be connected to is
 * reported by [signal@Socket::connect-error].
 *
 * Returns: (transfer full): a socket
 */
SioSocket *
sio_io (const char *url, SioOptions *options)
{
  g_autoptr (SioOptions) copy = NULL;
  g_autoptr (SioManager) manager = NULL;
  g_auto (SioUrl) parsed = SIO_URL_INIT;
  SioSocket *known, *socket;

  g_return_val_if_fail (url != NULL, NULL);
  g_return_val_if_fail (options == NULL || SIO_IS_OPTIONS (options), NULL);

  copy = sio_options_copy (options);
  if (!sio_url_parse (&parsed, url, NULL))
    {
      manager = sio_manager_new (url, copy);
      return sio_manager_get_socket (manager, SIO_DEFAULT_NAMESPACE, copy);
    }

  manager = get_manager (url, &parsed, copy);
  known = sio_manager_find_socket (manager, parsed.nsp);
  if (known != NULL && options != NULL)
    sio_socket_reuse (known, copy);
  socket = sio_manager_get_socket (manager, parsed.nsp, copy);
  return socket;
}
