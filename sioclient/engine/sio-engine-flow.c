/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "engine/sio-engine-state-private.h"

#include "codec/sio-poll-payload-private.h"

#include <glib/gi18n-lib.h>

/* Packets in and out. A transport only queues here: packets are looked at a slice of time at a
 * turn, so that a flood never holds up the main loop; at the end of the transport's turn if it has
 * such, and else, and for what is left then, from one source of our own. */

/* More than this waiting to be dispatched, and the transport is asked to stop reading, far
 * below the limits that end the connection. */
#define ENOUGH_BYTES   ((gsize) 1024 * 1024)
#define ENOUGH_PACKETS 10000

/* What is handed to a websocket at a time: enough to keep it busy, little enough for a pong to
 * overtake the rest. */
#define WEBSOCKET_BATCH ((gsize) 64 * 1024)

/* The clock is not asked after each packet, as that costs a good part of what a small one does,
 * unless handlers take their time: so many, if the last ones took less than that, in
 * microseconds. */
#define PACKETS_BETWEEN 8
#define QUICK           200

static gboolean
is_too_much (SioEngine *self)
{
  return self->incoming.n_bytes > self->settings->limits.inbound_bytes ||
         self->incoming.n_packets > self->settings->limits.inbound_packets;
}

void
sio_engine_want_packets (SioEngine *self)
{
  gboolean wanted = self->state != SIO_ENGINE_OPENING && self->state != SIO_ENGINE_CLOSED &&
                    !self->ended && self->incoming.n_bytes < ENOUGH_BYTES &&
                    self->incoming.n_packets < ENOUGH_PACKETS;

  if (self->transport != NULL && !self->ended)
    sio_transport_set_reading (self->transport, wanted);
}

void
sio_engine_note_end (SioEngine *self, SioDisconnectReason reason, const GError *details)
{
  if (self->ended)
    return;

  self->ended = TRUE;
  self->end_reason = reason;
  self->end_details = details != NULL ? g_error_copy (details) : NULL;
  /* What cannot be decoded has a name of its own (E71). */
  if (g_error_matches (details, SIO_ERROR, SIO_ERROR_PROTOCOL))
    g_prefix_error (&self->end_details, "server error: ");
}

static void
on_opened (gpointer owner, SioTransport *transport)
{
  SioEngine *self = owner;

  if (transport == self->probe)
    sio_engine_upgrade_act (self, sio_upgrade_on_open (&self->upgrade));
}

static void
on_packet (gpointer owner, SioTransport *transport, SioEnginePacket *packet)
{
  SioEngine *self = owner;

  if (self->state == SIO_ENGINE_CLOSED || self->ended)
    {
      sio_engine_packet_clear (packet);
      return;
    }

  if (transport == self->probe && self->upgrade.state == SIO_UPGRADE_PROBING)
    {
      SioUpgradeAction action = sio_upgrade_on_packet (&self->upgrade, packet);

      sio_engine_packet_clear (packet);
      sio_engine_upgrade_act (self, action);
      return;
    }

  if (self->abandoned != NULL && transport == self->transport)
    sio_engine_drop_polling (self);

  /* A ping counts when it arrives: it must not starve behind packets that wait. */
  if (packet->type == SIO_ENGINE_PACKET_PING)
    {
      sio_heartbeat_ping (&self->heartbeat, sio_clock_now (self->settings->clock));
      self->pongs_due++;
      sio_engine_rearm (self);
    }

  sio_packet_queue_push (&self->incoming, packet);
  if (is_too_much (self))
    {
      g_autoptr (GError) error = NULL;

      g_set_error_literal (&error, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                           _ ("The server sends faster than its packets can be handled"));
      sio_engine_note_end (self, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, error);
      sio_packet_queue_clear (&self->incoming);
      sio_transport_leave (transport);
    }
  else if (self->incoming.n_bytes >= ENOUGH_BYTES || self->incoming.n_packets >= ENOUGH_PACKETS)
    sio_engine_want_packets (self);
}

static void
on_drained (gpointer owner, SioTransport *transport)
{
  SioEngine *self = owner;
  g_autoptr (SioEngine) alive = NULL;

  if (transport != self->transport || self->state == SIO_ENGINE_CLOSED)
    return;

  alive = g_object_ref (self);
  if (self->state == SIO_ENGINE_CLOSING)
    {
      /* That was progress. */
      self->drain_deadline =
          sio_clock_after (sio_clock_now (self->settings->clock), SIO_ENGINE_DRAIN_TIMEOUT);
      sio_engine_rearm (self);
    }
  sio_engine_flush (self);
  /* A handler that was told of the handshake may still be running a main loop. */
  sio_engine_want_packets (self);
  if (self->outgoing.n_packets == 0 && sio_transport_get_writable (self->transport))
    sio_engine_emit_drain (self);
  sio_engine_continue_close (self);
}

static void
on_paused (gpointer owner, SioTransport *transport)
{
  SioEngine *self = owner;

  if (transport == self->transport)
    sio_engine_upgrade_act (self, sio_upgrade_on_paused (&self->upgrade));
}

static void
on_closed (gpointer owner,
           SioTransport *transport,
           SioDisconnectReason reason,
           const GError *details)
{
  SioEngine *self = owner;

  if (transport == self->probe)
    {
      g_clear_pointer (&self->probe, sio_transport_unref);
      sio_engine_upgrade_act (self, sio_upgrade_on_closed (&self->upgrade));
    }
  else if (transport == self->transport && self->state == SIO_ENGINE_CLOSED)
    {
      g_clear_pointer (&self->transport, sio_transport_unref);
      sio_engine_leave (self);
    }
  else if (transport == self->transport)
    sio_engine_note_end (self, reason, details);
}

static void
push_pong (SioEngine *self)
{
  SioEnginePacket packet, upgrade = SIO_ENGINE_PACKET_INIT;
  gboolean upgrading;

  sio_engine_packet_init (&packet, SIO_ENGINE_PACKET_PONG, NULL);
  sio_engine_emit_packet_create (self, &packet);

  /* It overtakes messages, whose order among themselves is all that counts (E44); but nothing
   * may come before the packet that ends the upgrade. */
  upgrading = self->outgoing.n_packets > 0 &&
              sio_packet_queue_peek (&self->outgoing)->type == SIO_ENGINE_PACKET_UPGRADE;
  if (upgrading)
    sio_packet_queue_pop (&self->outgoing, &upgrade);
  sio_packet_queue_push_first (&self->outgoing, &packet);
  if (upgrading)
    sio_packet_queue_push_first (&self->outgoing, &upgrade);
}

static void
answer_pings (SioEngine *self)
{
  guint n_pongs = self->pongs_due;

  /* One that stands right behind the open packet is answered once that was handled. */
  if (n_pongs == 0 || self->state == SIO_ENGINE_OPENING)
    return;
  self->pongs_due = 0;

  if (self->outgoing.n_packets >= self->settings->limits.outbound_packets)
    {
      g_autoptr (GError) error = NULL;

      g_set_error_literal (&error, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                           _ ("The server does not read what is sent to it"));
      sio_engine_fail (self, error);
      return;
    }
  while (n_pongs-- > 0 && self->state != SIO_ENGINE_CLOSED)
    push_pong (self);
  sio_engine_flush (self);
}

static void
handle_packet (SioEngine *self, const SioEnginePacket *packet)
{
  sio_engine_emit_packet (self, packet);
  if (self->state == SIO_ENGINE_CLOSED)
    return;

  if (self->state == SIO_ENGINE_OPENING)
    {
      g_autoptr (GError) error = NULL;

      if (packet->type == SIO_ENGINE_PACKET_OPEN)
        {
          sio_engine_handle_open (self, packet);
          return;
        }
      g_set_error_literal (&error, SIO_ERROR, SIO_ERROR_PROTOCOL,
                           "server error: parser error: the session did not begin with an open "
                           "packet");
      sio_engine_fail (self, error);
      return;
    }

  switch (packet->type)
    {
    case SIO_ENGINE_PACKET_PING:
      if (self->sink != NULL)
        self->sink->ping (self->owner, self);
      break;

    case SIO_ENGINE_PACKET_MESSAGE:
      if (self->sink != NULL)
        self->sink->message (self->owner, self, packet);
      break;

    /* Without meaning in an open session (E26, E35); a transport keeps the close packet. */
    case SIO_ENGINE_PACKET_OPEN:
    case SIO_ENGINE_PACKET_CLOSE:
    case SIO_ENGINE_PACKET_PONG:
    case SIO_ENGINE_PACKET_UPGRADE:
    case SIO_ENGINE_PACKET_NOOP:
      break;
    }
}

static void
dispatch (SioEngine *self)
{
  g_autoptr (SioEngine) alive G_GNUC_UNUSED = g_object_ref (self);
  SioClock *clock = self->settings->clock;
  gint64 now = sio_clock_now (clock);
  gint64 until = sio_clock_after (now, self->settings->limits.slice);
  guint n_left = 1;
  SioEnginePacket packet;

  if (self->untold)
    {
      sio_engine_tell_end (self);
      return;
    }
  if (sio_heartbeat_expired (&self->heartbeat, now))
    {
      sio_engine_finish (self, SIO_DISCONNECT_REASON_PING_TIMEOUT, NULL);
      return;
    }

  self->slice_time = now;
  do
    {
      answer_pings (self);
      /* The packet is off the queue before anyone hears of it: a handler may run a main loop, which
       * then goes on with the next one. */
      if (self->state == SIO_ENGINE_CLOSED || !sio_packet_queue_pop (&self->incoming, &packet))
        break;
      handle_packet (self, &packet);
      sio_engine_packet_clear (&packet);
      if (--n_left > 0)
        continue;
      now = sio_clock_now (clock);
      n_left = now - self->slice_time < QUICK ? PACKETS_BETWEEN : 1;
      self->slice_time = now;
    }
  while (now < until);

  if (self->state == SIO_ENGINE_CLOSED)
    return;
  if (self->ended && self->incoming.n_packets == 0)
    sio_engine_transport_ended (self);
  else
    sio_engine_want_packets (self);
}

static gboolean
is_due (SioEngine *self)
{
  return self->untold || (self->state != SIO_ENGINE_CLOSED &&
                          (self->incoming.n_packets > 0 || self->pongs_due > 0 || self->ended));
}

static void
on_turn_over (gpointer owner, SioTransport *transport)
{
  SioEngine *self = owner;

  if (is_due (self))
    dispatch (self);
}

const SioTransportSink sio_engine_transport_sink = {
  .opened = on_opened,
  .packet = on_packet,
  .drained = on_drained,
  .paused = on_paused,
  .closed = on_closed,
  .turn_over = on_turn_over,
};

typedef struct
{
  GSource source;
  SioEngine *engine;
} Dispatcher;

/* Asked in every turn, so a packet that is queued needs no wake-up of the loop: it was queued from
 * inside that loop. */
static gboolean
dispatcher_prepare (GSource *source, int *timeout)
{
  *timeout = -1;
  return is_due (((Dispatcher *) source)->engine);
}

static gboolean
dispatcher_check (GSource *source)
{
  int timeout;

  return dispatcher_prepare (source, &timeout);
}

static gboolean
dispatcher_dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  dispatch (((Dispatcher *) source)->engine);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs dispatcher_funcs = {
  .prepare = dispatcher_prepare,
  .check = dispatcher_check,
  .dispatch = dispatcher_dispatch,
};

GSource *
sio_engine_dispatcher_new (SioEngine *self)
{
  GSource *source = g_source_new (&dispatcher_funcs, sizeof (Dispatcher));

  ((Dispatcher *) source)->engine = self;
  g_source_set_static_name (source, "[sioclient] packets");
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, self->settings->context);
  return source;
}

static guint
measure_batch (SioEngine *self)
{
  const SioEnginePacket *packets = sio_packet_queue_peek (&self->outgoing);
  gsize n_bytes = 0;
  guint n = 0;

  if (g_str_equal (sio_transport_get_name (self->transport), "polling"))
    return sio_poll_payload_fit (
        packets, MIN (self->outgoing.n_packets, sio_transport_get_max_packets (self->transport)),
        self->handshake.max_payload);

  while (n < self->outgoing.n_packets && (n == 0 || n_bytes + packets[n].length < WEBSOCKET_BATCH))
    n_bytes += packets[n++].length;
  return n;
}

void
sio_engine_flush (SioEngine *self)
{
  guint n;

  if ((self->state != SIO_ENGINE_OPEN && self->state != SIO_ENGINE_CLOSING) ||
      self->upgrade.state == SIO_UPGRADE_PAUSING || self->ended || self->outgoing.n_packets == 0 ||
      !sio_transport_get_writable (self->transport))
    return;

  n = measure_batch (self);
  sio_transport_write (self->transport, sio_packet_queue_peek (&self->outgoing), n);
  sio_packet_queue_drop (&self->outgoing, n);
}

static gboolean
take_packets (SioEngine *self, SioEnginePacket *packets, guint n_packets)
{
  gboolean takes = self->state != SIO_ENGINE_CLOSED && self->state != SIO_ENGINE_CLOSING;

  for (guint i = 0; i < n_packets; i++)
    if (takes)
      sio_packet_queue_push (&self->outgoing, &packets[i]);
    else
      sio_engine_packet_clear (&packets[i]);
  return takes;
}

gboolean
sio_engine_write_quietly (SioEngine *self, SioEnginePacket *packets, guint n_packets)
{
  gboolean taken = take_packets (self, packets, n_packets);

  sio_engine_flush (self);
  return taken;
}

/* A handler may write, too: what it writes comes after all that it was told of. */
gboolean
sio_engine_write (SioEngine *self, SioEnginePacket *packets, guint n_packets)
{
  g_autoptr (SioEngine) alive = NULL;
  g_autofree SioEnginePacket *announced = NULL;
  gboolean taken;

  if (!sio_engine_hears_packet_create (self))
    return sio_engine_write_quietly (self, packets, n_packets);

  alive = g_object_ref (self);
  announced = g_new (SioEnginePacket, n_packets);
  for (guint i = 0; i < n_packets; i++)
    sio_engine_packet_init_copy (&announced[i], &packets[i]);
  taken = take_packets (self, packets, n_packets);
  for (guint i = 0; i < n_packets; i++)
    {
      if (taken)
        sio_engine_emit_packet_create (self, &announced[i]);
      sio_engine_packet_clear (&announced[i]);
    }
  sio_engine_flush (self);
  return taken;
}

gint64
sio_engine_get_slice_time (SioEngine *self)
{
  return self->slice_time;
}

gboolean
sio_engine_get_writable (SioEngine *self)
{
  return self->state == SIO_ENGINE_OPEN && !self->ended && self->outgoing.n_packets == 0 &&
         sio_transport_get_writable (self->transport);
}

void
sio_engine_get_buffered (SioEngine *self, gsize *n_bytes, guint *n_packets)
{
  *n_bytes = self->outgoing.n_bytes;
  *n_packets = self->outgoing.n_packets;
}
