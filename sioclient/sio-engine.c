/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "engine/sio-engine-state-private.h"

#include "sio-value-private.h"

/**
 * SioEngine:
 *
 * The Engine.IO session under a [class@Manager]: what `socket.io.engine` is in other clients.
 *
 * It tells which transport carries the connection now and, to those who ask for it, each packet on
 * its way. An engine serves one connection; after a reconnection the manager has another one, so
 * look at [property@Manager:engine] again in each [signal@Socket::connect].
 *
 * ```c
 * static void
 * on_upgrade (SioEngine *engine, const char *transport_name, gpointer user_data)
 * {
 *   g_print ("now on %s\n", transport_name);
 * }
 *
 * static void
 * on_connect (SioSocket *socket, gpointer user_data)
 * {
 *   SioEngine *engine = sio_manager_get_engine (sio_socket_get_io (socket));
 *
 *   g_signal_connect (engine, "upgrade", G_CALLBACK (on_upgrade), NULL);
 * }
 * ```
 */

G_DEFINE_FINAL_TYPE (SioEngine, sio_engine, G_TYPE_OBJECT)

typedef enum
{
  PROP_ID = 1,
  PROP_TRANSPORT_NAME,
} SioEngineProperty;

#define N_PROPS (PROP_TRANSPORT_NAME + 1)

static GParamSpec *properties[N_PROPS];

enum
{
  SIGNAL_UPGRADE,
  SIGNAL_PACKET,
  SIGNAL_PACKET_CREATE,
  SIGNAL_DRAIN,
  SIGNAL_CLOSE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
on_timer (gpointer owner)
{
  g_autoptr (SioEngine) self = g_object_ref (owner);
  gint64 now = sio_clock_now (self->settings->clock);

  if (self->state == SIO_ENGINE_CLOSED)
    return;

  if (sio_heartbeat_expired (&self->heartbeat, now))
    sio_engine_finish (self, SIO_DISCONNECT_REASON_PING_TIMEOUT, NULL);
  else if (now >= self->drain_deadline)
    sio_engine_finish (self, SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT, NULL);
  else
    {
      sio_engine_upgrade_act (self, sio_upgrade_check (&self->upgrade, now));
      if (self->state != SIO_ENGINE_CLOSED)
        sio_engine_rearm (self);
    }
}

SioEngine *
sio_engine_new (SioSettings *settings,
                SioTransportFactory *factory,
                const SioEngineSink *sink,
                gpointer owner)
{
  SioEngine *self = g_object_new (SIO_TYPE_ENGINE, NULL);

  sio_home_init (&self->home, settings->context);
  self->settings = sio_settings_ref (settings);
  self->factory = sio_transport_factory_ref (factory);
  self->sink = sink;
  self->owner = owner;
  self->timer = sio_timer_new (settings->clock, settings->context, on_timer, self);
  self->dispatcher = sio_engine_dispatcher_new (self);
  return self;
}

void
sio_engine_open (SioEngine *self, gboolean prefer_websocket)
{
  const char *name = self->settings->transports[0];

  if (prefer_websocket &&
      g_strv_contains ((const char *const *) self->settings->transports, "websocket"))
    name = self->preferred = "websocket";
  else
    self->next_transport = 1;

  sio_engine_enter (self, SIO_ENGINE_OPENING);
  sio_engine_try_transport (self, name);
}

void
sio_engine_lose (SioEngine *self, const GError *details)
{
  sio_engine_finish (self, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, details);
}

void
sio_engine_forget (SioEngine *self)
{
  self->sink = NULL;
  self->owner = NULL;
}

gboolean
sio_engine_get_open (SioEngine *self)
{
  return (self->state == SIO_ENGINE_OPEN || self->state == SIO_ENGINE_UPGRADING) && !self->ended;
}

gboolean
sio_engine_check_expired (SioEngine *self)
{
  gint64 now = sio_clock_now (self->settings->clock);

  if (!sio_heartbeat_expired (&self->heartbeat, now))
    return FALSE;

  /* The timer may be minutes late after a suspend: its own clock stood still. */
  sio_timer_set_deadline (self->timer, now);
  return TRUE;
}

void
sio_engine_notify_session (SioEngine *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ID]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRANSPORT_NAME]);
}

void
sio_engine_emit_upgrade (SioEngine *self)
{
  g_signal_emit (self, signals[SIGNAL_UPGRADE], 0, sio_engine_get_transport_name (self));
}

void
sio_engine_emit_drain (SioEngine *self)
{
  g_signal_emit (self, signals[SIGNAL_DRAIN], 0);
}

void
sio_engine_emit_close (SioEngine *self, const char *reason, const GError *details)
{
  g_signal_emit (self, signals[SIGNAL_CLOSE], 0, reason, details);
}

SioEngine *
sio_engine_publish (SioEngine *self)
{
  if (self != NULL)
    self->published = TRUE;
  return self;
}

/* Nobody looks at packets but a debugger, so nothing is made for them unless somebody does. */
static void
emit_packet (SioEngine *self, guint signal, const SioEnginePacket *packet)
{
  g_autoptr (SioValue) data = NULL;

  if (!self->published || !g_signal_has_handler_pending (self, signal, 0, FALSE))
    return;

  if (packet->binary)
    data = sio_value_new_bytes (packet->bytes);
  else if (packet->length > 0 && g_utf8_validate_len (packet->data, packet->length, NULL))
    {
      g_autofree char *text = g_strndup (packet->data, packet->length);

      data = sio_value_new_string (text);
    }
  g_signal_emit (self, signal, 0, sio_engine_packet_type_to_string (packet->type), data);
}

void
sio_engine_emit_packet (SioEngine *self, const SioEnginePacket *packet)
{
  emit_packet (self, signals[SIGNAL_PACKET], packet);
}

void
sio_engine_emit_packet_create (SioEngine *self, const SioEnginePacket *packet)
{
  emit_packet (self, signals[SIGNAL_PACKET_CREATE], packet);
}

gboolean
sio_engine_hears_packet_create (SioEngine *self)
{
  return self->published &&
         g_signal_has_handler_pending (self, signals[SIGNAL_PACKET_CREATE], 0, FALSE);
}

/* Whoever made it may drop it in any state, also while it is being called. */
static void
release (SioEngine *self)
{
  g_autoptr (SioTransport) transport = g_steal_pointer (&self->transport);
  g_autoptr (SioTransport) probe = g_steal_pointer (&self->probe);
  g_autoptr (SioTransport) abandoned = g_steal_pointer (&self->abandoned);

  self->state = SIO_ENGINE_CLOSED;
  self->untold = FALSE;
  sio_heartbeat_stop (&self->heartbeat);
  if (transport != NULL)
    sio_transport_leave (transport);
  if (probe != NULL)
    sio_transport_abort (probe);
  if (abandoned != NULL)
    sio_transport_leave (abandoned);
  if (self->dispatcher != NULL)
    g_source_destroy (self->dispatcher);
  g_clear_pointer (&self->dispatcher, g_source_unref);
  g_clear_pointer (&self->timer, sio_timer_free);
  sio_engine_leave (self);
}

static void
sio_engine_dispose (GObject *object)
{
  SioEngine *self = SIO_ENGINE (object);

  if (sio_home_send (&self->home, object))
    return;

  /* A program, to which the engine does not belong, wants it to end: its manager hears of that as
   * of any other end, or it would wait for ever. */
  if (self->sink != NULL && self->state != SIO_ENGINE_CLOSED)
    {
      if (self->transport != NULL)
        sio_transport_leave (self->transport);
      sio_engine_note_end (self, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, NULL);
    }
  else if (self->sink == NULL)
    release (self);

  G_OBJECT_CLASS (sio_engine_parent_class)->dispose (object);
}

static void
sio_engine_finalize (GObject *object)
{
  SioEngine *self = SIO_ENGINE (object);

  sio_packet_queue_clear (&self->incoming);
  sio_packet_queue_clear (&self->outgoing);
  sio_handshake_clear (&self->handshake);
  g_clear_error (&self->end_details);
  g_clear_pointer (&self->settings, sio_settings_unref);
  g_clear_pointer (&self->factory, sio_transport_factory_unref);
  sio_home_clear (&self->home);

  G_OBJECT_CLASS (sio_engine_parent_class)->finalize (object);
}

static void
sio_engine_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  SioEngine *self = SIO_ENGINE (object);

  switch ((SioEngineProperty) property)
    {
    case PROP_ID:
      g_value_set_string (value, sio_engine_get_id (self));
      break;
    case PROP_TRANSPORT_NAME:
      g_value_set_string (value, sio_engine_get_transport_name (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * SioEngine:id: (getter get_id)
   *
   * The id of the Engine.IO session, %NULL before the handshake.
   *
   * It is not the id of a socket, which other clients may know; this one is secret.
   */
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);

  /**
   * SioEngine:transport-name: (getter get_transport_name)
   *
   * What carries the connection: `polling` or `websocket` (`engine.transport.name`).
   */
  properties[PROP_TRANSPORT_NAME] = g_param_spec_string ("transport-name", NULL, NULL, NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
install_signals (void)
{
  /**
   * SioEngine::upgrade:
   * @self: the engine
   * @transport_name: the transport that is used from now on
   *
   * Emitted when the connection has moved from HTTP long-polling to WebSocket.
   *
   * Nothing is lost or reordered by it.
   */
  signals[SIGNAL_UPGRADE] = g_signal_new ("upgrade", SIO_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * SioEngine::packet:
   * @self: the engine
   * @type: `open`, `close`, `ping`, `pong`, `message`, `upgrade` or `noop`
   * @data: (nullable): what it carries, text or binary data
   *
   * Emitted for each packet from the server, before it has any effect.
   */
  signals[SIGNAL_PACKET] = g_signal_new ("packet", SIO_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, SIO_TYPE_VALUE);

  /**
   * SioEngine::packet-create:
   * @self: the engine
   * @type: `pong` or `message`
   * @data: (nullable): what it carries, text or binary data
   *
   * Emitted for each packet that is accepted for sending (`packetCreate`).
   */
  signals[SIGNAL_PACKET_CREATE] =
      g_signal_new ("packet-create", SIO_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_STRING, SIO_TYPE_VALUE);

  /**
   * SioEngine::drain:
   * @self: the engine
   *
   * Emitted when all that was accepted for sending has left for the system.
   *
   * The server has not necessarily got it then.
   */
  signals[SIGNAL_DRAIN] = g_signal_new ("drain", SIO_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 0);

  /**
   * SioEngine::close:
   * @self: the engine
   * @reason: `forced close`, `ping timeout`, `transport close` or `transport error`
   * @details: (nullable): the error behind it, if there is one
   *
   * Emitted once, when the session has ended. The engine is of no more use then.
   */
  signals[SIGNAL_CLOSE] = g_signal_new ("close", SIO_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
}

static void
sio_engine_class_init (SioEngineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sio_engine_dispose;
  object_class->finalize = sio_engine_finalize;
  object_class->get_property = sio_engine_get_property;

  install_properties (object_class);
  install_signals ();
}

static void
sio_engine_init (SioEngine *self)
{
  self->drain_deadline = SIO_CLOCK_NEVER;
  sio_heartbeat_init (&self->heartbeat);
  sio_upgrade_init (&self->upgrade);
  sio_packet_queue_init (&self->incoming);
  sio_packet_queue_init (&self->outgoing);
}

/**
 * sio_engine_get_id: (get-property id)
 * @self: an engine
 *
 * Gets the id of the Engine.IO session.
 *
 * Returns: (transfer none) (nullable): the id, or %NULL before the handshake
 */
const char *
sio_engine_get_id (SioEngine *self)
{
  g_return_val_if_fail (SIO_IS_ENGINE (self), NULL);

  return self->handshake.sid;
}

/**
 * sio_engine_get_transport_name: (get-property transport-name)
 * @self: an engine
 *
 * Gets the name of the transport that is used now.
 *
 * Returns: (transfer none): `polling` or `websocket`
 */
const char *
sio_engine_get_transport_name (SioEngine *self)
{
  g_return_val_if_fail (SIO_IS_ENGINE (self), NULL);

  return self->transport_name != NULL ? self->transport_name : "polling";
}
