/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-soup-private.h"

/* Each held GET, POST and websocket takes a connection; libsoup's own default of two for a host
 * lets two namespaces with engines of their own block each other. */
#define MAX_CONNS 16
/* Seconds. Node.js closes a kept connection after 5 s; one used again right then is lost. */
#define IDLE_TIMEOUT 4

typedef struct
{
  SioTransportFactory parent;
  SoupSession *session;  /* NULL until the first transport is made */
  SioSettings *settings; /* those that the session was made by */
} SioSoupFactory;

static SoupSession *
session_new (const SioSettings *settings)
{
  /* Deadlines are ours: libsoup's would end a held poll, and never a dribbling one. */
  SoupSession *session =
      soup_session_new_with_options ("max-conns", MAX_CONNS, "max-conns-per-host", MAX_CONNS,
                                     "timeout", 0, "idle-timeout", IDLE_TIMEOUT, NULL);

  /* Compressed messages have no limit once expanded. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  if (settings->proxy_resolver != NULL || settings->proxy_resolver_set)
    soup_session_set_proxy_resolver (session, settings->proxy_resolver);
  if (settings->tls_database != NULL)
    soup_session_set_tls_database (session, settings->tls_database);
  return session;
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

  sio_soup_enter (settings);
  if (self->session == NULL)
    {
      self->session = session_new (settings);
      self->settings = sio_settings_ref (settings);
    }
  if (settings->with_credentials && !soup_session_has_feature (self->session, SOUP_TYPE_COOKIE_JAR))
    soup_session_add_feature_by_type (self->session, SOUP_TYPE_COOKIE_JAR);
  sio_soup_leave (settings);

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
