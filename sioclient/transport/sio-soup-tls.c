/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-soup-private.h"

#include <glib/gi18n-lib.h>

/* GIO keeps what is needed to resume TLS sessions for the whole process, and what it finds there it
 * resumes: whoever authenticated itself in that session is who we are to the server, and the
 * server's certificate, having been accepted by somebody, is not asked about again. So no manager
 * leaves a session behind, the certificate is set before the handshake (which makes older versions
 * tell sessions apart by it), and the server's certificate is looked at once more after it. */

#define RESUMPTION "session-resumption-enabled" /* since glib-networking 2.80 */

typedef struct
{
  SioSettings *settings;
  GCancellable *cancellable;
} Guard;

static Guard *
guard_new (SioSettings *settings, GCancellable *cancellable)
{
  Guard *self = g_new (Guard, 1);

  self->settings = sio_settings_ref (settings);
  self->cancellable = g_object_ref (cancellable);
  return self;
}

static void
guard_free (gpointer data, GClosure *closure)
{
  Guard *self = data;

  sio_settings_unref (self->settings);
  g_object_unref (self->cancellable);
  g_free (self);
}

static GQuark
refused_quark (void)
{
  return g_quark_from_static_string ("sio-soup-tls-refused");
}

/* Whether to talk to whoever has shown @certificate, in which the manager's own database found
 * @errors. */
static gboolean
accepts (GTlsCertificate *certificate, GTlsCertificateFlags errors)
{
  return certificate != NULL && errors == G_TLS_CERTIFICATE_NO_FLAGS;
}

/* Not a proxy's. */
static gboolean
is_to_server (GTlsClientConnection *connection, SoupMessage *message)
{
  GSocketConnectable *identity = g_tls_client_connection_get_server_identity (connection);
  const char *host = g_uri_get_host (soup_message_get_uri (message));

  return G_IS_NETWORK_ADDRESS (identity) &&
         g_ascii_strcasecmp (g_network_address_get_hostname (G_NETWORK_ADDRESS (identity)), host) ==
             0;
}

static void
guard_prepare (Guard *self, GTlsClientConnection *connection, SoupMessage *message)
{
  GTlsCertificate *certificate = self->settings->tls_certificate;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (connection), RESUMPTION) != NULL)
    g_object_set (connection, RESUMPTION, FALSE, NULL);
  if (certificate != NULL && is_to_server (connection, message))
    g_tls_connection_set_certificate (G_TLS_CONNECTION (connection), certificate);
}

/* Inside the end of the handshake, which then fails as if it had been cancelled a moment earlier;
 * in SoupMessage::starting libsoup is past the point where it looks. */
static void
guard_examine (Guard *self, GTlsConnection *connection, SoupMessage *message)
{
  if (accepts (g_tls_connection_get_peer_certificate (connection),
               g_tls_connection_get_peer_certificate_errors (connection)))
    return;
  g_object_set_qdata (G_OBJECT (message), refused_quark (), GINT_TO_POINTER (TRUE));
  sio_soup_cancel (self->settings, self->cancellable);
}

static void
network_event_cb (SoupMessage *message,
                  GSocketClientEvent event,
                  GIOStream *connection,
                  gpointer user_data)
{
  Guard *self = user_data;

  if (!G_IS_TLS_CLIENT_CONNECTION (connection))
    return;
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
    guard_prepare (self, G_TLS_CLIENT_CONNECTION (connection), message);
  else if (event == G_SOCKET_CLIENT_TLS_HANDSHAKED)
    guard_examine (self, G_TLS_CONNECTION (connection), message);
}

void
sio_soup_guard_tls (SoupMessage *message, SioSettings *settings, GCancellable *cancellable)
{
  if (settings->secure)
    g_signal_connect_data (message, "network-event", G_CALLBACK (network_event_cb),
                           guard_new (settings, cancellable), guard_free, 0);
}

const char *
sio_soup_get_tls_refusal (SoupMessage *message)
{
  if (g_object_get_qdata (G_OBJECT (message), refused_quark ()) == NULL)
    return NULL;
  return _ ("the server's certificate is not trusted");
}
