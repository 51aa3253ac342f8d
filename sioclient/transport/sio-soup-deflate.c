/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-soup-deflate-private.h"

struct _SioSoupDeflate
{
  SoupWebsocketExtension parent_instance;

  SioDeflateParams params;
};

G_DEFINE_FINAL_TYPE (SioSoupDeflate, sio_soup_deflate, SOUP_TYPE_WEBSOCKET_EXTENSION)

static gboolean
sio_soup_deflate_configure (SoupWebsocketExtension *extension,
                            SoupWebsocketConnectionType type,
                            GHashTable *params,
                            GError **error)
{
  SioSoupDeflate *self = SIO_SOUP_DEFLATE (extension);
  GHashTableIter iter;
  gpointer name, value;

  if (params == NULL)
    return TRUE;
  g_hash_table_iter_init (&iter, params);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!sio_deflate_params_take (&self->params, name, value, error))
      return FALSE;
  return TRUE;
}

static char *
sio_soup_deflate_get_request_params (SoupWebsocketExtension *extension)
{
  return g_strdup ("; " SIO_DEFLATE_OFFER);
}

static void
sio_soup_deflate_class_init (SioSoupDeflateClass *klass)
{
  SoupWebsocketExtensionClass *extension_class = SOUP_WEBSOCKET_EXTENSION_CLASS (klass);

  extension_class->name = SIO_DEFLATE_NAME;
  extension_class->configure = sio_soup_deflate_configure;
  extension_class->get_request_params = sio_soup_deflate_get_request_params;
}

static void
sio_soup_deflate_init (SioSoupDeflate *self)
{
  self->params = (SioDeflateParams) SIO_DEFLATE_PARAMS_INIT;
}

void
sio_soup_deflate_add_to (SoupSession *session)
{
  /* A new one of these knows libsoup's own, if any. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  soup_session_add_feature_by_type (session, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_session_add_feature_by_type (session, SIO_TYPE_SOUP_DEFLATE);
}

gboolean
sio_soup_deflate_find (SoupWebsocketConnection *connection, SioDeflateParams *params)
{
  GList *link;

  for (link = soup_websocket_connection_get_extensions (connection); link != NULL;
       link = link->next)
    if (SIO_IS_SOUP_DEFLATE (link->data))
      {
        *params = SIO_SOUP_DEFLATE (link->data)->params;
        return TRUE;
      }
  return FALSE;
}
