/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-soup-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/sio-log-private.h"
#include "codec/sio-field-private.h"
#include "codec/sio-url-private.h"
#include "transport/sio-carrier-private.h"
#include "transport/sio-soup-deflate-private.h"

#define TOKEN "websocket error"

/* Says `libsoup` if its framing is to be used, for whoever looks for a fault. */
#define FRAMING_VARIABLE "SIO_FRAMING"

typedef enum
{
  SIO_WEBSOCKET_NEW,
  SIO_WEBSOCKET_OPENING,
  SIO_WEBSOCKET_OPEN,
  SIO_WEBSOCKET_ENDING,  /* the peer said that it closes, and the owner knows */
  SIO_WEBSOCKET_CLOSING, /* the owner did; what it wrote before still goes out */
  SIO_WEBSOCKET_CLOSED,
} SioWebsocketState;

typedef struct
{
  SioTransport parent;
  SoupSession *session;
  SioWebsocketState state;
  char *sid; /* nullable */

  SoupMessage *message; /* of the handshake, while opening */
  GCancellable *cancellable;
  guint n_informational;
  char *refusal;       /* what is said of an answer that does not open it, else NULL */
  SioCarrier *carrier; /* NULL before it is open and after the end */
  gboolean reading;    /* what the owner wants */

  guint owner_calls;  /* on the stack that may make libsoup emit; nothing is told inside */
  SioTimer *deadline; /* while ending or closing */
  SioTransport *kept; /* itself, while ending or closing, as its owner may have let go */
} SioWebsocket;

#define TO(state) (1u << SIO_WEBSOCKET_##state)

static const struct
{
  const char *name;
  guint next;
} states[] = {
  [SIO_WEBSOCKET_NEW] = { "new", TO (OPENING) | TO (CLOSED) },
  [SIO_WEBSOCKET_OPENING] = { "opening", TO (OPEN) | TO (CLOSED) },
  [SIO_WEBSOCKET_OPEN] = { "open", TO (ENDING) | TO (CLOSING) | TO (CLOSED) },
  [SIO_WEBSOCKET_ENDING] = { "ending", TO (CLOSED) },
  [SIO_WEBSOCKET_CLOSING] = { "closing", TO (CLOSED) },
  [SIO_WEBSOCKET_CLOSED] = { "closed", 0 },
};

#undef TO

static void sio_websocket_deadline_cb (gpointer owner);

static void
sio_websocket_enter (SioWebsocket *self, SioWebsocketState next)
{
  SioSettings *settings = self->parent.settings;

  g_return_if_fail ((states[self->state].next & (1u << next)) != 0);
  sio_debug ("%p: websocket %s → %s", (gpointer) self, states[self->state].name, states[next].name);
  self->state = next;

  switch (next)
    {
    case SIO_WEBSOCKET_ENDING:
    case SIO_WEBSOCKET_CLOSING:
      self->kept = sio_transport_ref (&self->parent);
      self->deadline =
          sio_timer_new (settings->clock, settings->context, sio_websocket_deadline_cb, self);
      sio_timer_set_deadline (self->deadline, sio_clock_after (sio_clock_now (settings->clock),
                                                               settings->limits.close_timeout));
      break;

    case SIO_WEBSOCKET_CLOSED:
      g_clear_pointer (&self->deadline, sio_timer_free);
      if (self->message != NULL)
        sio_soup_cancel (settings, self->cancellable);
      g_clear_pointer (&self->carrier, sio_carrier_drop);
      /* Whoever comes here has a reference of his own. */
      g_clear_pointer (&self->kept, sio_transport_unref);
      break;

    case SIO_WEBSOCKET_NEW:
    case SIO_WEBSOCKET_OPENING:
    case SIO_WEBSOCKET_OPEN:
    default:
      break;
    }
}

/* Takes @details. */
static void
sio_websocket_tell_closed (SioWebsocket *self, SioDisconnectReason reason, GError *details)
{
  g_autoptr (GError) owned = details;

  if (self->owner_calls > 0)
    sio_soup_tell_closed_later (&self->parent, reason, g_steal_pointer (&owned));
  else
    sio_transport_tell_closed (&self->parent, reason, owned);
}

/* The first end counts, whatever libsoup says after it. Takes @details. */
static void
sio_websocket_end (SioWebsocket *self, SioDisconnectReason reason, GError *details)
{
  g_autoptr (GError) owned = details;
  gboolean told = self->state == SIO_WEBSOCKET_ENDING;
  SioTransport *kept;

  if (self->state == SIO_WEBSOCKET_CLOSED)
    return;

  kept = sio_transport_ref (&self->parent);
  sio_websocket_enter (self, SIO_WEBSOCKET_CLOSED);
  if (!told)
    sio_websocket_tell_closed (self, reason, g_steal_pointer (&owned));
  sio_transport_unref (kept);
}

/* The peer has said its last word. The owner hears of it now; our own close frame goes out, and the
 * connection is given the time to end, behind its back. Takes @details. */
static void
sio_websocket_leave (SioWebsocket *self, GError *details)
{
  sio_websocket_enter (self, SIO_WEBSOCKET_ENDING);
  sio_carrier_set_reading (self->carrier, TRUE);
  sio_websocket_tell_closed (self, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, details);
}

static void
sio_websocket_fail (SioWebsocket *self, const char *cause)
{
  sio_websocket_end (self, SIO_DISCONNECT_REASON_TRANSPORT_ERROR,
                     sio_soup_error_new (TOKEN, cause));
}

static GError *
sio_websocket_describe_close (SioWebsocket *self, guint code, const char *reason)
{
  g_autofree char *quoted = NULL;

  if (reason != NULL && *reason != '\0')
    quoted = sio_log_quote (reason, strlen (reason), self->parent.settings->limits.log_text);

  return g_error_new (SIO_ERROR, SIO_ERROR_TRANSPORT, "websocket connection closed (%u%s%s)", code,
                      quoted != NULL ? ", " : "", quoted != NULL ? quoted : "");
}

/* A connection that was open and came to its end without an error. */
static void
sio_websocket_end_closed (SioWebsocket *self, guint code, const char *reason)
{
  sio_websocket_end (self, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE,
                     sio_websocket_describe_close (self, code, reason));
}

/* The close frame was not answered, or the connection did not end after both. */
static void
sio_websocket_deadline_cb (gpointer owner)
{
  SioWebsocket *self = owner;
  const char *reason = NULL;
  guint code = sio_carrier_get_close (self->carrier, &reason);

  sio_websocket_end_closed (self, code, reason);
}

static void
sio_websocket_take_message (SioWebsocket *self,
                            SioFrameOpcode opcode,
                            GBytes *bytes,
                            const char *data,
                            gsize length)
{
  SioEnginePacket packet = SIO_ENGINE_PACKET_INIT;
  GError *error = NULL;

  if (opcode == SIO_FRAME_BINARY)
    sio_engine_packet_init_binary (&packet, g_bytes_ref (bytes));
  else if (!sio_engine_packet_init_parse (&packet, bytes, data, length, &error))
    {
      sio_websocket_end (self, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, error);
      return;
    }
  if (packet.type == SIO_ENGINE_PACKET_CLOSE)
    {
      sio_engine_packet_clear (&packet);
      sio_websocket_leave (self, g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT,
                                                      "transport closed by the server"));
      /* Unlike a close frame, that is not answered by itself. */
      if (self->state == SIO_WEBSOCKET_ENDING)
        sio_carrier_close (self->carrier);
      return;
    }
  sio_transport_tell_packet (&self->parent, &packet);
}

static void
on_message (gpointer owner, SioFrameOpcode opcode, GBytes *bytes, const char *data, gsize length)
{
  SioWebsocket *self = owner;
  SioTransport *kept = sio_transport_ref (&self->parent);
  SioClock *clock = self->parent.settings->clock;

  if (self->state == SIO_WEBSOCKET_OPEN)
    sio_websocket_take_message (self, opcode, bytes, data, length);
  /* Timers do not get their turn while libsoup reads on. */
  else if (self->deadline != NULL &&
           sio_clock_now (clock) >= sio_timer_get_deadline (self->deadline))
    sio_websocket_deadline_cb (self);

  sio_transport_unref (kept);
}

static void
on_drained (gpointer owner)
{
  SioWebsocket *self = owner;
  SioTransport *kept = sio_transport_ref (&self->parent);

  if (self->state == SIO_WEBSOCKET_OPEN)
    sio_transport_tell_drained (kept);
  sio_transport_unref (kept);
}

static void
on_closing (gpointer owner)
{
  SioWebsocket *self = owner;
  SioTransport *kept = sio_transport_ref (&self->parent);
  const char *reason = NULL;
  guint code = sio_carrier_get_close (self->carrier, &reason);

  /* Not each peer ends the connection after its close frame. */
  if (self->state == SIO_WEBSOCKET_OPEN)
    sio_websocket_leave (self, sio_websocket_describe_close (self, code, reason));
  sio_transport_unref (kept);
}

static void
on_ended (gpointer owner, guint code, const char *reason, const GError *error)
{
  SioWebsocket *self = owner;

  if (error != NULL && self->state != SIO_WEBSOCKET_CLOSING)
    sio_websocket_fail (self, error->message);
  else
    sio_websocket_end_closed (self, code, reason);
}

static void
on_turn_over (gpointer owner)
{
  SioWebsocket *self = owner;
  SioTransport *kept = sio_transport_ref (&self->parent);

  if (self->state == SIO_WEBSOCKET_OPEN)
    sio_transport_tell_turn_over (kept);
  sio_transport_unref (kept);
}

static const SioCarrierSink carrier_sink = {
  .message = on_message,
  .drained = on_drained,
  .closing = on_closing,
  .ended = on_ended,
  .turn_over = on_turn_over,
};

/* This libsoup is made in another way than is known here, so that its streams can't be had. */
static int streams_are_out_of_reach; /* atomic */

static gboolean
wants_own_framing (const SioSettings *settings)
{
  return settings->own_framing && g_strcmp0 (g_getenv (FRAMING_VARIABLE), "libsoup") != 0;
}

/* FALSE if messages may be compressed, which only our own framing can expand, and there is none. */
static gboolean
sio_websocket_adopt (SioWebsocket *self, SoupWebsocketConnection *connection)
{
  SioSettings *settings = self->parent.settings;
  SioDeflateParams deflate;
  gboolean compresses = sio_soup_deflate_find (connection, &deflate);

  if (wants_own_framing (settings))
    {
      self->carrier = sio_stream_carrier_new (connection, compresses ? &deflate : NULL, settings,
                                              &carrier_sink, self);
      if (self->carrier == NULL)
        g_atomic_int_set (&streams_are_out_of_reach, TRUE);
    }
  if (self->carrier == NULL && compresses)
    return FALSE;
  if (self->carrier == NULL)
    self->carrier = sio_soup_carrier_new (connection, settings, &carrier_sink, self);
  if (!self->reading)
    sio_carrier_set_reading (self->carrier, FALSE);
  return TRUE;
}

/* The headers of any answer but 101. libsoup would read on to the end of the body, without ever
 * going back to the main loop while more of it comes; so the request ends here, and connect_cb()
 * hears of that as soon as libsoup is done with it. Nothing was read of the body then but what came
 * along with the headers. */
static void
got_headers_cb (SoupMessage *message, gpointer user_data)
{
  g_autoptr (SioTransport) alive G_GNUC_UNUSED = sio_transport_ref (user_data);
  SioWebsocket *self = user_data;
  SioSettings *settings = self->parent.settings;

  if (self->state != SIO_WEBSOCKET_OPENING || self->refusal != NULL)
    return;

  self->refusal = sio_soup_describe_status (message, NULL, 0, settings->limits.log_text);
  sio_soup_cancel (settings, self->cancellable);
}

static void
got_informational_cb (SoupMessage *message, gpointer user_data)
{
  g_autoptr (SioTransport) alive G_GNUC_UNUSED = sio_transport_ref (user_data);
  SioWebsocket *self = user_data;

  if (++self->n_informational > SIO_SOUP_INFORMATIONAL_MAX && self->state == SIO_WEBSOCKET_OPENING)
    sio_websocket_fail (self, _ ("the server does not come to the point"));
}

static void
sio_websocket_fail_handshake (SioWebsocket *self, SoupMessage *message, const GError *error)
{
  const char *cause = sio_soup_get_tls_refusal (message);

  if (cause == NULL)
    cause = self->refusal != NULL ? self->refusal : error->message;
  sio_websocket_fail (self, cause);
}

static void
connect_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SioTransport) transport = user_data;
  SioWebsocket *self = (SioWebsocket *) transport;
  SoupMessage *message = g_steal_pointer (&self->message);
  g_autoptr (GError) error = NULL;
  SoupWebsocketConnection *connection =
      soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);

  if (self->state == SIO_WEBSOCKET_OPENING && connection == NULL)
    sio_websocket_fail_handshake (self, message, error);
  else if (self->state == SIO_WEBSOCKET_OPENING && !sio_websocket_adopt (self, connection))
    sio_websocket_fail (self, _ ("compressed messages can't be read with this libsoup"));
  else if (self->state == SIO_WEBSOCKET_OPENING)
    {
      sio_websocket_enter (self, SIO_WEBSOCKET_OPEN);
      sio_transport_tell_opened (transport);
    }
  sio_soup_release (transport->settings, connection);
  sio_soup_release (transport->settings, message);
}

static gboolean
sio_websocket_offers_deflate (SioWebsocket *self)
{
  SioSettings *settings = self->parent.settings;

  return settings->per_message_deflate && wants_own_framing (settings) &&
         !g_atomic_int_get (&streams_are_out_of_reach);
}

static SoupMessage *
sio_websocket_handshake_new (SioWebsocket *self, GError **error)
{
  SioSettings *settings = self->parent.settings;
  g_autofree char *timestamp = NULL;
  g_autofree char *url = NULL;
  SoupMessage *message;

  if (settings->timestamp_websockets)
    timestamp = sio_url_timestamp (sio_clock_now (settings->clock), g_random_int ());
  url = sio_url_build (settings, SIO_URL_WEBSOCKET, self->sid, timestamp, error);
  if (url == NULL)
    return NULL;
  /* libsoup prints a warning for what can't stand in a header. */
  if (!sio_field_check_protocols ((const char *const *) settings->protocols, error))
    return NULL;
  message = sio_soup_message_new (settings, "GET", url, error);
  if (message == NULL)
    return NULL;
  /* There is no body that anybody wants to read. */
  soup_message_disable_feature (message, SOUP_TYPE_CONTENT_DECODER);
  if (!sio_websocket_offers_deflate (self))
    soup_message_disable_feature (message, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  return message;
}

static void
sio_websocket_open (SioTransport *transport)
{
  SioWebsocket *self = (SioWebsocket *) transport;
  SioSettings *settings = transport->settings;
  g_autoptr (GError) error = NULL;

  if (self->state != SIO_WEBSOCKET_NEW)
    return;

  sio_websocket_enter (self, SIO_WEBSOCKET_OPENING);
  self->owner_calls++;
  sio_soup_enter (settings);
  self->message = sio_websocket_handshake_new (self, &error);
  if (self->message != NULL)
    {
      /* The message lives no longer than what connect_cb() holds. */
      g_signal_connect (self->message, "got-informational", G_CALLBACK (got_informational_cb),
                        self);
      g_signal_connect (self->message, "got-headers", G_CALLBACK (got_headers_cb), self);
      sio_soup_guard_tls (self->message, settings, self->cancellable);
      soup_session_websocket_connect_async (self->session, self->message, NULL, settings->protocols,
                                            G_PRIORITY_DEFAULT, self->cancellable, connect_cb,
                                            sio_transport_ref (transport));
    }
  else
    sio_websocket_fail (self, error->message);
  sio_soup_leave (settings);
  self->owner_calls--;
}

static void
sio_websocket_set_reading (SioTransport *transport, gboolean reading)
{
  SioWebsocket *self = (SioWebsocket *) transport;

  if (self->reading == reading)
    return;
  self->reading = reading;
  /* Who ends in order has to read to see how. */
  if (self->state == SIO_WEBSOCKET_OPEN)
    sio_carrier_set_reading (self->carrier, reading);
}

static gboolean
sio_websocket_get_writable (SioTransport *transport)
{
  SioWebsocket *self = (SioWebsocket *) transport;

  return self->state == SIO_WEBSOCKET_OPEN && sio_carrier_get_writable (self->carrier);
}

static gboolean
sio_websocket_get_flushed (SioTransport *transport)
{
  SioWebsocket *self = (SioWebsocket *) transport;

  return self->state == SIO_WEBSOCKET_OPEN && sio_carrier_get_flushed (self->carrier);
}

static void
sio_websocket_write (SioTransport *transport, const SioEnginePacket *packets, guint n_packets)
{
  SioWebsocket *self = (SioWebsocket *) transport;

  self->owner_calls++;
  sio_carrier_write (self->carrier, packets, n_packets);
  self->owner_calls--;
}

static void
sio_websocket_close (SioTransport *transport)
{
  SioWebsocket *self = (SioWebsocket *) transport;

  self->owner_calls++;
  switch (self->state)
    {
    case SIO_WEBSOCKET_OPEN:
      sio_websocket_enter (self, SIO_WEBSOCKET_CLOSING);
      sio_carrier_set_reading (self->carrier, TRUE);
      sio_carrier_close (self->carrier);
      break;

    case SIO_WEBSOCKET_NEW:
    case SIO_WEBSOCKET_OPENING:
      sio_websocket_end (self, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE,
                         g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT, "transport closed"));
      break;

    case SIO_WEBSOCKET_ENDING:
    case SIO_WEBSOCKET_CLOSING:
    case SIO_WEBSOCKET_CLOSED:
    default:
      break;
    }
  self->owner_calls--;
}

static void
sio_websocket_abort (SioTransport *transport)
{
  SioWebsocket *self = (SioWebsocket *) transport;

  /* What is left of a connection that has ended in order is nobody's any more. */
  if (self->state != SIO_WEBSOCKET_CLOSED && self->state != SIO_WEBSOCKET_ENDING)
    sio_websocket_enter (self, SIO_WEBSOCKET_CLOSED);
}

static void
sio_websocket_finalize (SioTransport *transport)
{
  SioWebsocket *self = (SioWebsocket *) transport;

  sio_soup_release (transport->settings, self->session);
  g_clear_object (&self->cancellable);
  g_free (self->sid);
  g_free (self->refusal);
  g_free (self);
}

static const SioTransportClass sio_websocket_class = {
  .name = "websocket",
  .open = sio_websocket_open,
  .set_reading = sio_websocket_set_reading,
  .get_writable = sio_websocket_get_writable,
  .get_flushed = sio_websocket_get_flushed,
  .write = sio_websocket_write,
  .close = sio_websocket_close,
  .abort = sio_websocket_abort,
  .finalize = sio_websocket_finalize,
};

gboolean
sio_websocket_has_own_framing (SioTransport *transport)
{
  SioWebsocket *self = (SioWebsocket *) transport;

  return self->carrier != NULL && sio_carrier_is_own (self->carrier);
}

SioTransport *
sio_websocket_new (SoupSession *session,
                   SioSettings *settings,
                   const char *sid,
                   const SioTransportSink *sink,
                   gpointer owner)
{
  SioWebsocket *self = g_new0 (SioWebsocket, 1);

  sio_transport_init (&self->parent, &sio_websocket_class, settings, sink, owner);
  self->session = g_object_ref (session);
  self->sid = g_strdup (sid);
  self->cancellable = g_cancellable_new ();
  self->reading = TRUE;
  return &self->parent;
}
