/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-carrier-private.h"

#include "transport/sio-soup-private.h"

/* What libsoup may hold that is not yet written. */
#define IN_HAND_BYTES (64 * 1024)
/* libsoup's own source for a writable socket has the default priority, so ours, which stands
 * behind it, is only dispatched when libsoup has nothing left to write. */
#define DRAIN_PRIORITY (G_PRIORITY_DEFAULT + 10)

typedef struct
{
  SioCarrier parent;
  SoupWebsocketConnection *connection; /* NULL once dropped */
  gulong handlers[4];
  GQueue queue;     /* of SioEnginePacket, not yet with libsoup */
  GSource *drain;   /* while something is not out */
  gboolean reading; /* what the owner wants; libsoup can't be stopped */
  gboolean closing; /* a close frame goes out, or went, behind it all */
} SioSoupCarrier;

static void
packet_free (gpointer packet)
{
  sio_engine_packet_clear (packet);
  g_free (packet);
}

static guint
sio_soup_carrier_get_close (SioCarrier *carrier, const char **reason)
{
  SioSoupCarrier *self = (SioSoupCarrier *) carrier;
  guint code = soup_websocket_connection_get_close_code (self->connection);

  *reason = soup_websocket_connection_get_close_data (self->connection);
  return code != 0 ? code : SIO_FRAME_CLOSE_ABNORMAL;
}

static void
sio_soup_carrier_tell_closed (SioSoupCarrier *self)
{
  const char *reason;
  guint code = sio_soup_carrier_get_close (&self->parent, &reason);

  self->parent.sink->ended (self->parent.owner, code, reason, NULL);
}

/* Called as many times in a row as the peer can make it. The generic marshaller takes longer than
 * all that is done here. */
static void
marshal_message (GClosure *closure,
                 GValue *return_value,
                 guint n_param_values,
                 const GValue *param_values,
                 gpointer invocation_hint,
                 gpointer marshal_data)
{
  SioSoupCarrier *self = closure->data;
  gboolean text = g_value_get_int (&param_values[1]) == SOUP_WEBSOCKET_DATA_TEXT;
  GBytes *message = g_value_get_boxed (&param_values[2]);
  gsize length;
  const char *data = g_bytes_get_data (message, &length);

  sio_carrier_ref (&self->parent);
  self->parent.sink->message (self->parent.owner, text ? SIO_FRAME_TEXT : SIO_FRAME_BINARY, message,
                              data, length);
  /* libsoup reads on as long as there is something to read. What it brings is to be dealt with in
   * between, or it would pile up to the limits that end the connection. */
  if (!self->reading && self->parent.sink != NULL)
    self->parent.sink->turn_over (self->parent.owner);
  sio_carrier_unref (&self->parent);
}

static void
error_cb (SoupWebsocketConnection *connection, GError *error, gpointer user_data)
{
  SioSoupCarrier *self = user_data;
  const char *reason;
  guint code = sio_soup_carrier_get_close (&self->parent, &reason);

  /* libsoup takes these codes of a peer (restart, overload, bad gateway) for an error. */
  if (code >= 1012 && code <= 1014)
    error = NULL;
  self->parent.sink->ended (self->parent.owner, code, reason, error);
}

static void
closing_cb (SoupWebsocketConnection *connection, gpointer user_data)
{
  SioSoupCarrier *self = user_data;

  self->parent.sink->closing (self->parent.owner);
}

static void
closed_cb (SoupWebsocketConnection *connection, gpointer user_data)
{
  sio_soup_carrier_tell_closed (user_data);
}

static gboolean
sio_soup_carrier_may_send (SioSoupCarrier *self)
{
  return self->connection != NULL &&
         soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN;
}

/* libsoup may tell of an error inside the call, upon which we are dropped. */
static gsize
sio_soup_carrier_send (SioSoupCarrier *self, const SioEnginePacket *packet)
{
  g_autoptr (SoupWebsocketConnection) connection = g_object_ref (self->connection);
  g_autoptr (GBytes) payload = NULL;
  const char *data;
  gsize length;
  SioFrameOpcode opcode = sio_carrier_encode (&self->parent, packet, &data, &length, &payload);

  if (payload == NULL)
    {
      const char *start = g_bytes_get_data (packet->bytes, NULL);

      payload =
          g_bytes_new_from_bytes (packet->bytes, length > 0 ? (gsize) (data - start) : 0, length);
    }
  soup_websocket_connection_send_message (
      connection, opcode == SIO_FRAME_TEXT ? SOUP_WEBSOCKET_DATA_TEXT : SOUP_WEBSOCKET_DATA_BINARY,
      payload);
  return length;
}

/* Hands over what libsoup may hold at a time. */
static void
sio_soup_carrier_send_some (SioSoupCarrier *self)
{
  gsize in_hand = 0;

  sio_soup_enter (self->parent.settings);
  while (!g_queue_is_empty (&self->queue) && in_hand < IN_HAND_BYTES &&
         sio_soup_carrier_may_send (self))
    {
      SioEnginePacket *packet = g_queue_pop_head (&self->queue);

      in_hand += sio_soup_carrier_send (self, packet);
      packet_free (packet);
    }
  sio_soup_leave (self->parent.settings);
}

static void
sio_soup_carrier_send_close (SioSoupCarrier *self)
{
  SoupWebsocketConnection *connection;

  if (!sio_soup_carrier_may_send (self))
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
  SioSoupCarrier *self = user_data; /* kept by the source until this has returned */

  if (!g_queue_is_empty (&self->queue) && sio_soup_carrier_may_send (self))
    {
      sio_soup_carrier_send_some (self);
      return self->drain != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
    }

  g_clear_pointer (&self->drain, g_source_unref);
  if (self->closing)
    sio_soup_carrier_send_close (self);
  else if (g_queue_is_empty (&self->queue))
    self->parent.sink->drained (self->parent.owner);
  return G_SOURCE_REMOVE;
}

static gboolean
idle_writable_cb (gpointer user_data)
{
  return writable_cb (NULL, user_data);
}

static void
sio_soup_carrier_await_drain (SioSoupCarrier *self)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (self->connection);
  GOutputStream *out = g_io_stream_get_output_stream (stream);

  if (G_IS_POLLABLE_OUTPUT_STREAM (out) &&
      g_pollable_output_stream_can_poll (G_POLLABLE_OUTPUT_STREAM (out)))
    {
      self->drain = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (out), NULL);
      g_source_set_callback (self->drain, G_SOURCE_FUNC (writable_cb),
                             sio_carrier_ref (&self->parent), (GDestroyNotify) sio_carrier_unref);
    }
  else
    {
      self->drain = g_idle_source_new ();
      g_source_set_callback (self->drain, idle_writable_cb, sio_carrier_ref (&self->parent),
                             (GDestroyNotify) sio_carrier_unref);
    }
  g_source_set_priority (self->drain, DRAIN_PRIORITY);
  g_source_attach (self->drain, self->parent.settings->context);
}

static void
sio_soup_carrier_set_reading (SioCarrier *carrier, gboolean reading)
{
  ((SioSoupCarrier *) carrier)->reading = reading;
}

static gboolean
sio_soup_carrier_get_flushed (SioCarrier *carrier)
{
  return ((SioSoupCarrier *) carrier)->drain == NULL;
}

/* libsoup reads to the end in one go, and has closed the socket before anybody is told. */
static gboolean
sio_soup_carrier_get_writable (SioCarrier *carrier)
{
  return sio_soup_carrier_get_flushed (carrier) &&
         sio_soup_carrier_may_send ((SioSoupCarrier *) carrier);
}

static void
sio_soup_carrier_write (SioCarrier *carrier, const SioEnginePacket *packets, guint n_packets)
{
  SioSoupCarrier *self = (SioSoupCarrier *) carrier;
  guint i;

  for (i = 0; i < n_packets; i++)
    {
      SioEnginePacket *copy = g_new0 (SioEnginePacket, 1);

      sio_engine_packet_init_copy (copy, &packets[i]);
      g_queue_push_tail (&self->queue, copy);
    }
  sio_soup_carrier_await_drain (self);
  sio_soup_carrier_send_some (self);
}

static void
sio_soup_carrier_close (SioCarrier *carrier)
{
  SioSoupCarrier *self = (SioSoupCarrier *) carrier;

  self->closing = TRUE;
  if (self->drain == NULL)
    sio_soup_carrier_send_close (self);
}

/* Ends libsoup's read loop at once, also from inside a handler, and frees what it has queued. */
static void
sio_soup_carrier_drop (SioCarrier *carrier)
{
  SioSoupCarrier *self = (SioSoupCarrier *) carrier;
  SoupWebsocketConnection *connection = g_steal_pointer (&self->connection);
  GSource *drain = g_steal_pointer (&self->drain);
  guint i;

  g_queue_clear_full (&self->queue, packet_free);
  for (i = 0; i < G_N_ELEMENTS (self->handlers); i++)
    g_clear_signal_handler (&self->handlers[i], connection);
  if (drain != NULL)
    {
      g_source_destroy (drain);
      g_source_unref (drain);
    }
  sio_soup_release (carrier->settings, connection);
}

static void
sio_soup_carrier_finalize (SioCarrier *carrier)
{
  g_free (carrier);
}

static const SioCarrierClass sio_soup_carrier_class = {
  .set_reading = sio_soup_carrier_set_reading,
  .get_writable = sio_soup_carrier_get_writable,
  .get_flushed = sio_soup_carrier_get_flushed,
  .write = sio_soup_carrier_write,
  .close = sio_soup_carrier_close,
  .get_close = sio_soup_carrier_get_close,
  .drop = sio_soup_carrier_drop,
  .finalize = sio_soup_carrier_finalize,
};

SioCarrier *
sio_soup_carrier_new (SoupWebsocketConnection *connection,
                      SioSettings *settings,
                      const SioCarrierSink *sink,
                      gpointer owner)
{
  SioSoupCarrier *self = g_new0 (SioSoupCarrier, 1);
  guint64 max_payload = MAX (settings->limits.max_payload, 1);
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), self);

  sio_carrier_init (&self->parent, &sio_soup_carrier_class, settings, sink, owner);
  g_queue_init (&self->queue);
  self->reading = TRUE;
  self->connection = g_object_ref (connection);
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
  return &self->parent;
}
