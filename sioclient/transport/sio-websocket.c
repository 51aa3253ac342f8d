/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-soup-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/sio-log-private.h"
#include "codec/sio-poll-payload-private.h"
#include "codec/sio-url-private.h"

#define TOKEN "websocket error"

/* What libsoup may hold that is not yet written. */
#define IN_HAND_BYTES (64 * 1024)
/* libsoup's own source for a writable socket has the default priority, so ours, which stands
 * behind it, is only dispatched when libsoup has nothing left to write. */
#define DRAIN_PRIORITY (G_PRIORITY_DEFAULT + 10)

typedef enum
{
  SIO_WEBSOCKET_NEW,
  SIO_WEBSOCKET_OPENING,
  SIO_WEBSOCKET_OPEN,
  SIO_WEBSOCKET_ENDING,  /* the peer said that it closes */
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
  SoupWebsocketConnection *connection; /* NULL before it is open and after the end */
  gulong handlers[4];

  GQueue queue;       /* of SioEnginePacket, not yet with libsoup */
  GSource *drain;     /* while something is not out */
  guint owner_calls;  /* on the stack that may make libsoup emit; nothing is told inside */
  SioTimer *deadline; /* while ending or closing */
  SioTransport *kept; /* itself, while closing, as its owner may have let go */
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
  [SIO_WEBSOCKET_ENDING] = { "ending", TO (CLOSING) | TO (CLOSED) },
  [SIO_WEBSOCKET_CLOSING] = { "closing", TO (CLOSED) },
  [SIO_WEBSOCKET_CLOSED] = { "closed", 0 },
};

#undef TO

static void
packet_free (gpointer packet)
{
  sio_engine_packet_clear (packet);
  g_free (packet);
}

/* Ends libsoup's read loop at once, also from inside a handler, and frees what it has queued. */
static void
sio_websocket_drop_connection (SioWebsocket *self)
{
  SoupWebsocketConnection *connection = g_steal_pointer (&self->connection);
  guint i;

  if (self->drain != NULL)
    {
      g_source_destroy (self->drain);
      g_clear_pointer (&self->drain, g_source_unref);
    }
  g_queue_clear_full (&self->queue, packet_free);

  if (connection == NULL)
    return;

  for (i = 0; i < G_N_ELEMENTS (self->handlers); i++)
    g_clear_signal_handler (&self->handlers[i], connection);
  sio_soup_release (self->parent.settings, connection);
}

static void
sio_websocket_deadline_cb (gpointer owner);

static void
sio_websocket_enter (SioWebsocket *self, SioWebsocketState next)
{
  SioSettings *settings = self->parent.settings;

  g_return_if_fail ((states[self->state].next & (1u << next)) != 0);
  g_debug ("%p: websocket %s → %s", (gpointer) self, states[self->state].name, states[next].name);
  self->state = next;

  switch (next)
    {
    case SIO_WEBSOCKET_ENDING:
    case SIO_WEBSOCKET_CLOSING:
      if (next == SIO_WEBSOCKET_CLOSING)
        self->kept = sio_transport_ref (&self->parent);
      if (self->deadline == NULL)
        self->deadline =
            sio_timer_new (settings->clock, settings->context, sio_websocket_deadline_cb, self);
      sio_timer_set_deadline (self->deadline, sio_clock_after (sio_clock_now (settings->clock),
                                                               settings->limits.close_timeout));
      break;

    case SIO_WEBSOCKET_CLOSED:
      g_clear_pointer (&self->deadline, sio_timer_free);
      if (self->message != NULL)
        sio_soup_cancel (settings, self->cancellable);
      sio_websocket_drop_connection (self);
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

/* The first end counts, whatever libsoup says after it. Takes @details. */
static void
sio_websocket_end (SioWebsocket *self, SioDisconnectReason reason, GError *details)
{
  g_autoptr (GError) owned = details;
  SioTransport *kept;

  if (self->state == SIO_WEBSOCKET_CLOSED)
    return;

  kept = sio_transport_ref (&self->parent);
  sio_websocket_enter (self, SIO_WEBSOCKET_CLOSED);
  if (self->owner_calls > 0)
    sio_soup_tell_closed_later (&self->parent, reason, g_steal_pointer (&owned));
  else
    sio_transport_tell_closed (&self->parent, reason, owned);
  sio_transport_unref (kept);
}

static void
sio_websocket_fail (SioWebsocket *self, const char *cause)
{
  sio_websocket_end (self, SIO_DISCONNECT_REASON_TRANSPORT_ERROR,
                     sio_soup_error_new (TOKEN, cause));
}

/* A connection that was open and came to its end without an error. */
static void
sio_websocket_end_closed (SioWebsocket *self)
{
  guint code = soup_websocket_connection_get_close_code (self->connection);
  const char *data = soup_websocket_connection_get_close_data (self->connection);
  g_autofree char *quoted = NULL;
  GError *details;

  if (code == 0)
    code = SOUP_WEBSOCKET_CLOSE_ABNORMAL;
  if (data != NULL && *data != '\0')
    quoted = sio_log_quote (data, strlen (data), self->parent.settings->limits.log_text);

  details = g_error_new (SIO_ERROR, SIO_ERROR_TRANSPORT, "websocket connection closed (%u%s%s)",
                         code, quoted != NULL ? ", " : "", quoted != NULL ? quoted : "");
  sio_websocket_end (self, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, details);
}

static void
sio_websocket_deadline_cb (gpointer owner)
{
  sio_websocket_end_closed (owner);
}

static void
sio_websocket_take_message (SioWebsocket *self, SoupWebsocketDataType type, GBytes *message)
{
  SioEnginePacket packet = SIO_ENGINE_PACKET_INIT;
  GError *error = NULL;
  const char *data;
  gsize length;

  switch (type)
    {
    case SOUP_WEBSOCKET_DATA_BINARY:
      sio_engine_packet_init_binary (&packet, g_bytes_ref (message));
      break;

    case SOUP_WEBSOCKET_DATA_TEXT:
    default:
      data = g_bytes_get_data (message, &length);
      if (!sio_engine_packet_init_parse (&packet, message, data, length, &error))
        {
          sio_websocket_end (self, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, error);
          return;
        }
      break;
    }

  sio_transport_tell_packet (&self->parent, &packet);
}

/* Called as many times in a row as the peer can make it. */
static void
message_cb (SoupWebsocketConnection *connection,
            SoupWebsocketDataType type,
            GBytes *message,
            SioWebsocket *self)
{
  SioTransport *kept = sio_transport_ref (&self->parent);
  SioClock *clock = self->parent.settings->clock;

  if (self->state == SIO_WEBSOCKET_OPEN)
    sio_websocket_take_message (self, type, message);
  /* Timers do not get their turn while libsoup reads on. */
  else if (self->deadline != NULL &&
           sio_clock_now (clock) >= sio_timer_get_deadline (self->deadline))
    sio_websocket_end_closed (self);

  sio_transport_unref (kept);
}

/* The generic marshaller takes longer than all that message_cb() does. */
static void
marshal_message (GClosure *closure,
                 GValue *return_value,
                 guint n_param_values,
                 const GValue *param_values,
                 gpointer invocation_hint,
                 gpointer marshal_data)
{
  message_cb (g_value_get_object (&param_values[0]),
              (SoupWebsocketDataType) g_value_get_int (&param_values[1]),
              g_value_get_boxed (&param_values[2]), closure->data);
}

static void
error_cb (SoupWebsocketConnection *connection, GError *error, gpointer user_data)
{
  SioWebsocket *self = user_data;
  guint code = soup_websocket_connection_get_close_code (connection);

  /* libsoup takes these codes of a peer (restart, overload, bad gateway) for an error. */
  if (self->state == SIO_WEBSOCKET_CLOSING || (code >= 1012 && code <= 1014))
    sio_websocket_end_closed (self);
  else
    sio_websocket_fail (self, error->message);
}

static void
closing_cb (SoupWebsocketConnection *connection, gpointer user_data)
{
  SioWebsocket *self = user_data;

  /* Not each peer ends the connection after its close frame. */
  if (self->state == SIO_WEBSOCKET_OPEN)
    sio_websocket_enter (self, SIO_WEBSOCKET_ENDING);
}

static void
closed_cb (SoupWebsocketConnection *connection, gpointer user_data)
{
  sio_websocket_end_closed (user_data);
}

/* The text of a packet, or its bytes, as one message. */
static GBytes *
frame_payload (const SioEnginePacket *packet, gboolean as_base64)
{
  const char *data = packet->data;
  const char *start;
  gsize length = packet->length;

  if (packet->binary && as_base64)
    return sio_poll_payload_encode (packet, 1);

  if (!packet->binary)
    data = sio_engine_packet_get_wire (packet, &length);
  start = g_bytes_get_data (packet->bytes, NULL);
  return g_bytes_new_from_bytes (packet->bytes, length > 0 ? (gsize) (data - start) : 0, length);
}

static gboolean
sio_websocket_may_send (SioWebsocket *self)
{
  return self->connection != NULL &&
         soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN;
}

/* libsoup may tell of an error inside the call, upon which we drop the connection. */
static gsize
sio_websocket_send (SioWebsocket *self, const SioEnginePacket *packet)
{
  gboolean as_base64 = self->parent.settings->force_base64;
  gboolean binary = packet->binary && !as_base64;
  g_autoptr (GBytes) payload = frame_payload (packet, as_base64);
  g_autoptr (SoupWebsocketConnection) connection = g_object_ref (self->connection);

  soup_websocket_connection_send_message (
      connection, binary ? SOUP_WEBSOCKET_DATA_BINARY : SOUP_WEBSOCKET_DATA_TEXT, payload);
  return g_bytes_get_size (payload);
}

/* Hands over what libsoup may hold at a time. */
static void
sio_websocket_send_some (SioWebsocket *self)
{
  gsize in_hand = 0;

  sio_soup_enter (self->parent.settings);
  while (!g_queue_is_empty (&self->queue) && in_hand < IN_HAND_BYTES &&
         sio_websocket_may_send (self))
    {
      SioEnginePacket *packet = g_queue_pop_head (&self->queue);

      in_hand += sio_websocket_send (self, packet);
      packet_free (packet);
    }
  sio_soup_leave (self->parent.settings);
}

/* The close frame, without a status code (E36). */
static void
sio_websocket_send_close (SioWebsocket *self)
{
  SoupWebsocketConnection *connection;

  if (!sio_websocket_may_send (self))
    return;

  connection = g_object_ref (self->connection);
  sio_soup_enter (self->parent.settings);
  soup_websocket_connection_close (connection, SOUP_WEBSOCKET_CLOSE_NO_STATUS, NULL);
  sio_soup_leave (self->parent.settings);
  sio_soup_release (self->parent.settings, connection);
}

static gboolean
writable_cb (GObject *stream, gpointer user_data)
{
  SioWebsocket *self = user_data; /* kept by the source until this has returned */

  if (!g_queue_is_empty (&self->queue) && sio_websocket_may_send (self))
    {
      sio_websocket_send_some (self);
      return self->drain != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
    }

  g_clear_pointer (&self->drain, g_source_unref);
  if (self->state == SIO_WEBSOCKET_CLOSING)
    sio_websocket_send_close (self);
  else if (self->state == SIO_WEBSOCKET_OPEN && g_queue_is_empty (&self->queue))
    sio_transport_tell_drained (&self->parent);
  return G_SOURCE_REMOVE;
}

static gboolean
idle_writable_cb (gpointer user_data)
{
  return writable_cb (NULL, user_data);
}

static void
sio_websocket_await_drain (SioWebsocket *self)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (self->connection);
  GOutputStream *out = g_io_stream_get_output_stream (stream);

  if (G_IS_POLLABLE_OUTPUT_STREAM (out) &&
      g_pollable_output_stream_can_poll (G_POLLABLE_OUTPUT_STREAM (out)))
    {
      self->drain = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (out), NULL);
      g_source_set_callback (self->drain, G_SOURCE_FUNC (writable_cb),
                             sio_transport_ref (&self->parent),
                             (GDestroyNotify) sio_transport_unref);
    }
  else
    {
      self->drain = g_idle_source_new ();
      g_source_set_callback (self->drain, idle_writable_cb, sio_transport_ref (&self->parent),
                             (GDestroyNotify) sio_transport_unref);
    }
  g_source_set_priority (self->drain, DRAIN_PRIORITY);
  g_source_attach (self->drain, self->parent.settings->context);
}

static void
sio_websocket_adopt (SioWebsocket *self, SoupWebsocketConnection *connection)
{
  guint64 max_payload = MAX (self->parent.settings->limits.max_payload, 1);
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), self);

  self->connection = connection;
  g_closure_set_marshal (closure, marshal_message);
  self->handlers[0] = g_signal_connect_closure (connection, "message", closure, FALSE);
  self->handlers[1] = g_signal_connect (connection, "error", G_CALLBACK (error_cb), self);
  self->handlers[2] = g_signal_connect (connection, "closing", G_CALLBACK (closing_cb), self);
  self->handlers[3] = g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), self);

  /* 0 would be no limit, and reads out of bounds in some versions. */
  soup_websocket_connection_set_max_incoming_payload_size (connection, max_payload);
  soup_websocket_connection_set_keepalive_interval (connection, 0);
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (connection), "max-total-message-size"))
    g_object_set (connection, "max-total-message-size", max_payload, NULL);
}

static void
sio_websocket_fail_handshake (SioWebsocket *self, SoupMessage *message, const GError *error)
{
  guint status = soup_message_get_status (message);
  g_autofree char *cause = NULL;

  /* libsoup says the same of every status. */
  if (g_error_matches (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_ERROR_NOT_WEBSOCKET) &&
      status != SOUP_STATUS_NONE && status != SOUP_STATUS_SWITCHING_PROTOCOLS)
    cause = sio_soup_describe_status (message, NULL, 0, self->parent.settings->limits.log_text);
  sio_websocket_fail (self, cause != NULL ? cause : error->message);
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

  if (self->state != SIO_WEBSOCKET_OPENING)
    sio_soup_release (transport->settings, connection);
  else if (connection == NULL)
    sio_websocket_fail_handshake (self, message, error);
  else
    {
      sio_websocket_adopt (self, connection);
      sio_websocket_enter (self, SIO_WEBSOCKET_OPEN);
      sio_transport_tell_opened (transport);
    }
  sio_soup_release (transport->settings, message);
}

/* libsoup prints a warning for what can't stand in a header. */
static gboolean
protocols_are_sound (char **protocols)
{
  for (; protocols != NULL && *protocols != NULL; protocols++)
    if (strpbrk (*protocols, "\r\n") != NULL)
      return FALSE;
  return TRUE;
}

static SoupMessage *
sio_websocket_handshake_new (SioWebsocket *self, GError **error)
{
  SioSettings *settings = self->parent.settings;
  g_autofree char *timestamp = NULL;
  g_autofree char *url = NULL;

  if (settings->timestamp_websockets)
    timestamp = sio_url_timestamp (sio_clock_now (settings->clock), g_random_int ());
  url = sio_url_build (settings, SIO_URL_WEBSOCKET, self->sid, timestamp, error);
  if (url == NULL)
    return NULL;
  if (!protocols_are_sound (settings->protocols))
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_TRANSPORT,
                           _ ("a protocol of the options can't be sent"));
      return NULL;
    }
  return sio_soup_message_new (settings, "GET", url, error);
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
    soup_session_websocket_connect_async (self->session, self->message, NULL, settings->protocols,
                                          G_PRIORITY_DEFAULT, self->cancellable, connect_cb,
                                          sio_transport_ref (transport));
  else
    sio_websocket_fail (self, error->message);
  sio_soup_leave (settings);
  self->owner_calls--;
}

static gboolean
sio_websocket_get_writable (SioTransport *transport)
{
  SioWebsocket *self = (SioWebsocket *) transport;

  return self->state == SIO_WEBSOCKET_OPEN && self->drain == NULL;
}

static void
sio_websocket_write (SioTransport *transport, const SioEnginePacket *packets, guint n_packets)
{
  SioWebsocket *self = (SioWebsocket *) transport;
  guint i;

  for (i = 0; i < n_packets; i++)
    {
      SioEnginePacket *copy = g_new0 (SioEnginePacket, 1);

      sio_engine_packet_init_copy (copy, &packets[i]);
      g_queue_push_tail (&self->queue, copy);
    }

  self->owner_calls++;
  sio_websocket_await_drain (self);
  sio_websocket_send_some (self);
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
    case SIO_WEBSOCKET_ENDING:
      sio_websocket_enter (self, SIO_WEBSOCKET_CLOSING);
      if (self->drain == NULL)
        sio_websocket_send_close (self);
      break;

    case SIO_WEBSOCKET_NEW:
    case SIO_WEBSOCKET_OPENING:
      sio_websocket_end (self, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE,
                         g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT, "transport closed"));
      break;

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

  if (self->state != SIO_WEBSOCKET_CLOSED)
    sio_websocket_enter (self, SIO_WEBSOCKET_CLOSED);
}

static void
sio_websocket_finalize (SioTransport *transport)
{
  SioWebsocket *self = (SioWebsocket *) transport;

  sio_soup_release (transport->settings, self->session);
  g_clear_object (&self->cancellable);
  g_free (self->sid);
  g_free (self);
}

static const SioTransportClass sio_websocket_class = {
  .name = "websocket",
  .open = sio_websocket_open,
  .get_writable = sio_websocket_get_writable,
  .write = sio_websocket_write,
  .close = sio_websocket_close,
  .abort = sio_websocket_abort,
  .finalize = sio_websocket_finalize,
};

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
  g_queue_init (&self->queue);
  return &self->parent;
}
