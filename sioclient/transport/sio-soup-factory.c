/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-soup-deflate-private.h"
#include "transport/sio-soup-private.h"

/* Each held GET, POST and websocket takes a connection; libsoup's own default of two for a host
 * lets engines block each other, and so would any number that many of them can reach together. */
#define MAX_CONNS 65536
/* Seconds. Node.js closes a kept connection after 5 s; one used again right then is lost. */
#define IDLE_TIMEOUT 4

typedef struct
{
  SioTransportFactory parent;
  SoupSession *session;  /* NULL until the first transport is made */
  SioSettings *settings; /* those that the session was made by */
} SioSoupFactory;

/* A session takes as much memory as all else of an idle manager, and a good part of the time to
 * connect, so managers of one main context that would make the same share it, and with it the
 * connections that it keeps. Those are known to the server by their TLS certificate and, if need
 * be, by a proxy's user and password; all else that tells who asks is in each request. Managers
 * with cookies share none. Credentials that libsoup remembers are only those of the proxy, as the
 * library's URLs have none. Whoever finds a session here is in its thread. */
typedef struct
{
  SoupSession *session; /* weak */
  GMainContext *context;
  GTlsDatabase *tls_database;
  GTlsCertificate *tls_certificate;
  GProxyResolver *proxy_resolver;
  gboolean proxy_resolver_set;
} SharedSession;

static GMutex shared_mutex;
static GSList *shared_sessions; /* of SharedSession */

static gboolean
shared_session_serves (const SharedSession *shared, const SioSettings *settings)
{
  return shared->context == settings->context && shared->tls_database == settings->tls_database &&
         shared->tls_certificate == settings->tls_certificate &&
         shared->proxy_resolver == settings->proxy_resolver &&
         shared->proxy_resolver_set == settings->proxy_resolver_set;
}

static void
shared_session_gone (gpointer data, GObject *session)
{
  SharedSession *shared = data;

  g_mutex_lock (&shared_mutex);
  shared_sessions = g_slist_remove (shared_sessions, shared);
  g_mutex_unlock (&shared_mutex);
  g_main_context_unref (shared->context);
  g_clear_object (&shared->tls_database);
  g_clear_object (&shared->tls_certificate);
  g_clear_object (&shared->proxy_resolver);
  g_free (shared);
}

static SoupSession *
session_new (const SioSettings *settings)
{
  /* Deadlines are ours: libsoup's would end a held poll, and never a dribbling one. */
  SoupSession *session =
      soup_session_new_with_options ("max-conns", MAX_CONNS, "max-conns-per-host", MAX_CONNS,
                                     "timeout", 0, "idle-timeout", IDLE_TIMEOUT, NULL);

  sio_soup_deflate_add_to (session);
  if (settings->proxy_resolver != NULL || settings->proxy_resolver_set)
    soup_session_set_proxy_resolver (session, settings->proxy_resolver);
  if (settings->tls_database != NULL)
    soup_session_set_tls_database (session, settings->tls_database);
  if (settings->with_credentials)
    soup_session_add_feature_by_type (session, SOUP_TYPE_COOKIE_JAR);
  return session;
}

static SoupSession *
shared_session_find (const SioSettings *settings)
{
  SoupSession *found = NULL;
  GSList *link;

  g_mutex_lock (&shared_mutex);
  for (link = shared_sessions; link != NULL && found == NULL; link = link->next)
    {
      SharedSession *shared = link->data;

      if (shared_session_serves (shared, settings))
        found = g_object_ref (shared->session);
    }
  g_mutex_unlock (&shared_mutex);
  return found;
}

static SoupSession *
shared_session_new (const SioSettings *settings)
{
  SharedSession *shared = g_new0 (SharedSession, 1);

  /* libsoup may need the session for longer than all managers. No other object may take the place
   * of one of these until then. */
  shared->session = session_new (settings);
  shared->context = g_main_context_ref (settings->context);
  g_set_object (&shared->tls_database, settings->tls_database);
  g_set_object (&shared->tls_certificate, settings->tls_certificate);
  g_set_object (&shared->proxy_resolver, settings->proxy_resolver);
  shared->proxy_resolver_set = settings->proxy_resolver_set;
  g_object_weak_ref (G_OBJECT (shared->session), shared_session_gone, shared);
  g_mutex_lock (&shared_mutex);
  shared_sessions = g_slist_prepend (shared_sessions, shared);
  g_mutex_unlock (&shared_mutex);
  return shared->session;
}

static SoupSession *
find_session (const SioSettings *settings)
{
  SoupSession *session = settings->with_credentials ? NULL : shared_session_find (settings);

  if (session != NULL)
    return session;
  return settings->with_credentials ? session_new (settings) : shared_session_new (settings);
}

static SioTransport *
sio_soup_factory_create (SioTransportFactory *factory,
                         const char *name,
                         SioSettings *settings,
                         const char *sid,
                         const SioTransportSink *sink,
                         gpointer owner)
{
  SioSoupFactory *self = (SioSoupFactory *) factory;

  if (self->session == NULL)
    {
      sio_soup_enter (settings);
      self->session = find_session (settings);
      sio_soup_leave (settings);
      self->settings = sio_settings_ref (settings);
    }

  if (g_str_equal (name, "polling"))
    return sio_polling_new (self->session, settings, sid, sink, owner);
  if (g_str_equal (name, "websocket"))
    return sio_websocket_new (self->session, settings, sid, sink, owner);

  g_return_val_if_reached (NULL);
}

static void
sio_soup_factory_finalize (SioTransportFactory *factory)
{
  SioSoupFactory *self = (SioSoupFactory *) factory;

  if (self->session != NULL)
    sio_soup_release (self->settings, self->session);
  g_clear_pointer (&self->settings, sio_settings_unref);
  g_free (self);
}

SioTransportFactory *
sio_soup_factory_new (void)
{
  SioSoupFactory *self = g_new0 (SioSoupFactory, 1);

  g_ref_count_init (&self->parent.ref_count);
  self->parent.create = sio_soup_factory_create;
  self->parent.finalize = sio_soup_factory_finalize;
  return &self->parent;
}
