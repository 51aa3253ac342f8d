/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "transport/sio-transport-private.h"

G_BEGIN_DECLS

/* Shared by polling and websocket; for this room alone. */

/* libsoup and GIO attach what they do to the context that is the thread's default when they are
 * called, so each call into them stands between these two (an unref that may be the last one
 * counts as a call). */
void sio_soup_enter (const SioSettings *settings);
void sio_soup_leave (const SioSettings *settings);
/* With both around it. */
void sio_soup_release (const SioSettings *settings, gpointer object);
void sio_soup_cancel (const SioSettings *settings, GCancellable *cancellable);

/* A request with what the settings want: headers and cookies; redirects are not followed.
 * SIO_ERROR_TRANSPORT, the cause alone, if it can't be made. */
SoupMessage *sio_soup_message_new (const SioSettings *settings,
                                   const char *method,
                                   const char *url,
                                   GError **error);
/* To be called before @message is sent: the certificate of the settings is shown to the server on
 * this connection alone, and a server that their database does not trust gets no request;
 * @cancellable, of the sending, is cancelled then. */
void sio_soup_guard_tls (SoupMessage *message, SioSettings *settings, GCancellable *cancellable);
/* Why it was cancelled, NULL if not by that. */
const char *sio_soup_get_tls_refusal (SoupMessage *message);
/* How many answers such as “100 Continue” may come before the real one. libsoup reads them without
 * ever going back to the main loop, so a server that sends nothing else would stop the program. */
#define SIO_SOUP_INFORMATIONAL_MAX 16
/* “HTTP status 400: Session ID unknown”. @body may be NULL. */
char *sio_soup_describe_status (SoupMessage *message, const char *body, gsize length, guint limit);

/* SIO_ERROR_TRANSPORT: the fixed @token of the protocol, then the cause. */
GError *sio_soup_error_new (const char *token, const char *cause);
/* Tells `closed` from a source of its own, for what came to light inside a call of the owner. Takes
 * @details. */
void
sio_soup_tell_closed_later (SioTransport *transport, SioDisconnectReason reason, GError *details);

/* One HTTP request. It keeps itself and, until it has ended or was cancelled, its transport
 * alive; libsoup may need it for longer than that. */
typedef struct _SioSoupRequest SioSoupRequest;
/* Once, never inside a call. Either @body or @error, which says only the cause. */
typedef void (*SioSoupRequestFunc) (SioTransport *transport, GBytes *body, const GError *error);

/* A GET without @post, which is a polling payload. If there is no URL, it fails with @error, which
 * is taken. */
SioSoupRequest *sio_soup_request_send (SioTransport *transport,
                                       SoupSession *session,
                                       const char *url,
                                       GError *error,
                                       GBytes *post,
                                       SioSoupRequestFunc func);
/* From now on the transport hears nothing of it. */
void sio_soup_request_cancel (SioSoupRequest *self);
void sio_soup_request_unref (SioSoupRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioSoupRequest, sio_soup_request_unref)

SioTransport *sio_polling_new (SoupSession *session,
                               SioSettings *settings,
                               const char *sid,
                               const SioTransportSink *sink,
                               gpointer owner);
SioTransport *sio_websocket_new (SoupSession *session,
                                 SioSettings *settings,
                                 const char *sid,
                                 const SioTransportSink *sink,
                                 gpointer owner);
/* Whether the stream could be had; for tests. */
gboolean sio_websocket_has_own_framing (SioTransport *self);

G_END_DECLS
