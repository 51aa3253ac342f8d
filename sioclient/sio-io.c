/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-io-private.h"
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

/* NULL if what there is belongs to another thread. */
static SioManager *
get_manager (const char *text, const SioUrl *url, SioOptions *options)
{
  g_autofree char *key = make_key (url, options);
  g_autoptr (SioManager) known = NULL;
  SioManager *manager;

  if (sio_options_get_boolean (options, "force-new") ||
      !sio_options_get_boolean (options, "multiplex"))
    return sio_manager_new (text, options);

  known = find_manager (key);
  if (known == NULL)
    {
      manager = sio_manager_new (text, options);
      remember_manager (key, manager);
      return manager;
    }

  if (!sio_manager_check_thread (known))
    return NULL;
  if (!sio_io_may_share (known, url, options))
    {
      manager = sio_manager_new (text, options);
      /* Who comes next is more likely to ask for what was asked for last. */
      if (!sio_manager_has_active (known))
        remember_manager (key, manager);
      return manager;
    }

  /* Two sockets for one namespace need two connections, in use or not: a socket that was used
   * before has listeners of before (M53). */
  if (sio_manager_find_socket (known, url->nsp) != NULL)
    return sio_manager_new (text, options);
  return g_steal_pointer (&known);
}

/**
 * sio_io:
 * @url: an `http`, `https`, `ws` or `wss` URL; its path is the namespace
 * @options: (nullable): options, or %NULL for the defaults
 *
 * Gets a new socket for the namespace in @url, and connects it unless
 * [property@Options:auto-connect] is off (`io()`).
 *
 * Sockets of one origin and [property@Options:path] share a manager, and so a connection, unless
 * [property@Options:multiplex] is off or [property@Options:force-new] on, or there is a socket for
 * the namespace already, connected or not. Managers are shared within one main context.
 *
 * A manager is shared only if the server sees what is asked for now: query, headers, the user in
 * @url, [property@Options:with-credentials], [property@Options:tls-certificate],
 * [property@Options:tls-database] and [property@Options:proxy-resolver] have to be the same, also
 * where one of the two calls gives none. Other options of the connection keep from sharing if
 * @options has another value than the default and the manager has not the same. What only a socket
 * reads, such as [property@Options:auth], each socket has of its own.
 *
 * A query in @url replaces the parameters of @options. A user and password in @url are sent with
 * each request (`Authorization: Basic`), unless @options have that header. A URL that cannot be
 * connected to is reported by [signal@Socket::connect-error].
 *
 * Returns: (transfer full): a socket
 */
SioSocket *
sio_io (const char *url, SioOptions *options)
{
  g_autoptr (SioOptions) copy = NULL;
  g_autoptr (SioManager) manager = NULL;
  g_auto (SioUrl) parsed = SIO_URL_INIT;
  SioSocket *socket;

  g_return_val_if_fail (url != NULL, NULL);
  g_return_val_if_fail (options == NULL || SIO_IS_OPTIONS (options), NULL);

  copy = sio_options_copy (options);
  if (sio_url_parse (&parsed, url, NULL))
    manager = get_manager (url, &parsed, copy);
  else
    manager = sio_manager_new (url, copy);
  if (manager == NULL)
    return NULL;

  socket = sio_manager_make_socket (manager,
                                    parsed.nsp != NULL ? parsed.nsp : SIO_DEFAULT_NAMESPACE, copy);
  if (sio_options_get_boolean (copy, "auto-connect"))
    sio_socket_open (socket);
  return socket;
}
