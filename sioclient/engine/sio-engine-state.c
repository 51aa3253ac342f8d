/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "engine/sio-engine-state-private.h"

#include "base/sio-log-private.h"

/* What follows from what: states, the upgrade, the end. The machines decide, this file carries
 * out; packets themselves are the business of sio-engine-flow.c. */

#define TO(state) (1u << SIO_ENGINE_##state)
static const struct
{
  const char *name;
  guint next;
} states[] = {
  [SIO_ENGINE_CLOSED] = { "closed", TO (OPENING) },
  [SIO_ENGINE_OPENING] = { "opening", TO (OPEN) | TO (CLOSED) },
  [SIO_ENGINE_OPEN] = { "open", TO (UPGRADING) | TO (CLOSING) | TO (CLOSED) },
  [SIO_ENGINE_UPGRADING] = { "upgrading", TO (OPEN) | TO (CLOSING) | TO (CLOSED) },
  [SIO_ENGINE_CLOSING] = { "closing", TO (CLOSED) },
};
#undef TO

void
sio_engine_enter (SioEngine *self, SioEngineState next)
{
  gint64 now = sio_clock_now (self->settings->clock);

  g_return_if_fail (states[self->state].next & (1u << next));
  sio_debug ("engine %p: %s → %s", (void *) self, states[self->state].name, states[next].name);
  self->state = next;

  switch (next)
    {
    case SIO_ENGINE_OPENING:
    case SIO_ENGINE_UPGRADING:
      break;

    case SIO_ENGINE_OPEN:
      if (sio_heartbeat_get_deadline (&self->heartbeat) == SIO_CLOCK_NEVER)
        sio_heartbeat_start (&self->heartbeat, self->handshake.ping_interval,
                             self->handshake.ping_timeout, now);
      break;

    case SIO_ENGINE_CLOSING:
      self->drain_deadline = sio_clock_after (now, SIO_ENGINE_DRAIN_TIMEOUT);
      break;

    case SIO_ENGINE_CLOSED:
      sio_heartbeat_stop (&self->heartbeat);
      self->drain_deadline = SIO_CLOCK_NEVER;
      break;
    }

  sio_engine_rearm (self);
}

void
sio_engine_rearm (SioEngine *self)
{
  gint64 deadline = self->drain_deadline;

  deadline = MIN (deadline, sio_heartbeat_get_deadline (&self->heartbeat));
  deadline = MIN (deadline, sio_upgrade_get_deadline (&self->upgrade));
  sio_timer_set_deadline (self->timer, deadline);
}

void
sio_engine_try_transport (SioEngine *self, const char *name)
{
  g_clear_pointer (&self->transport, sio_transport_unref);
  self->transport = self->factory->create (self->factory, name, self->settings, NULL,
                                           &sio_engine_transport_sink, self);
  self->transport_name = sio_transport_get_name (self->transport);
  sio_engine_notify_session (self);
  if (self->state == SIO_ENGINE_OPENING && !self->ended)
    sio_transport_open (self->transport);
}

static void
tell_websocket_tried (SioEngine *self, gboolean works)
{
  if (self->sink != NULL)
    self->sink->websocket_tried (self->owner, self, works);
}

static gboolean
is_polling (SioTransport *transport)
{
  return g_str_equal (sio_transport_get_name (transport), "polling");
}

/* Of an open packet that is not going to open a session here: the server has one all the same. */
static void
tell_sid (SioEngine *self, const SioEnginePacket *packet)
{
  g_autofree char *sid = sio_handshake_find_sid (packet->data, packet->length);

  if (sid != NULL)
    sio_transport_set_sid (self->transport, sid);
}

void
sio_engine_handle_open (SioEngine *self, const SioEnginePacket *packet)
{
  g_autoptr (GError) error = NULL;
  gboolean polling = is_polling (self->transport);

  if (!sio_handshake_parse (&self->handshake, packet->data, packet->length, &error))
    {
      tell_sid (self, packet);
      sio_engine_fail (self, error);
      return;
    }

  sio_transport_set_sid (self->transport, self->handshake.sid);
  sio_engine_enter (self, SIO_ENGINE_OPEN);
  tell_websocket_tried (self, !polling);
  sio_engine_notify_session (self);
  if (self->state == SIO_ENGINE_OPEN && self->sink != NULL)
    self->sink->opened (self->owner, self);

  /* The POST with what the handlers wrote starts before the second GET (O12). */
  sio_engine_flush (self);
  if (self->state == SIO_ENGINE_CLOSED)
    return;
  sio_engine_want_packets (self);

  if (self->state == SIO_ENGINE_OPEN && polling && self->settings->upgrade &&
      self->handshake.may_upgrade &&
      g_strv_contains ((const char *const *) self->settings->transports, "websocket"))
    sio_engine_upgrade_act (self, sio_upgrade_start (&self->upgrade,
                                                     sio_clock_now (self->settings->clock),
                                                     self->settings->limits.probe_timeout));
}

static void
drop_probe (SioEngine *self)
{
  g_autoptr (SioTransport) probe = g_steal_pointer (&self->probe);

  if (probe != NULL)
    sio_transport_abort (probe);
}

static void
switch_to_probe (SioEngine *self)
{
  SioEnginePacket packet;

  /* The server hears nothing on polling any more, but it would have to if what follows never
   * arrives. */
  self->abandoned = g_steal_pointer (&self->transport);
  self->transport = g_steal_pointer (&self->probe);
  self->transport_name = sio_transport_get_name (self->transport);

  /* First on the new transport, before whatever was held back; not announced (E91). */
  sio_engine_packet_init (&packet, SIO_ENGINE_PACKET_UPGRADE, NULL);
  sio_packet_queue_push_first (&self->outgoing, &packet);
  if (self->state == SIO_ENGINE_UPGRADING)
    sio_engine_enter (self, SIO_ENGINE_OPEN);
  sio_engine_notify_session (self);
  sio_engine_emit_upgrade (self);
}

void
sio_engine_upgrade_act (SioEngine *self, SioUpgradeAction action)
{
  g_autoptr (SioEngine) alive G_GNUC_UNUSED = g_object_ref (self);
  SioEnginePacket packet;

  switch (action)
    {
    case SIO_UPGRADE_NOTHING:
      return;

    case SIO_UPGRADE_OPEN_WEBSOCKET:
      tell_websocket_tried (self, FALSE);
      self->probe = self->factory->create (self->factory, "websocket", self->settings,
                                           self->handshake.sid, &sio_engine_transport_sink, self);
      sio_transport_open (self->probe);
      break;

    case SIO_UPGRADE_SEND_PROBE:
      sio_engine_packet_init (&packet, SIO_ENGINE_PACKET_PING, "probe");
      sio_transport_write (self->probe, &packet, 1);
      sio_engine_packet_clear (&packet);
      break;

    case SIO_UPGRADE_PAUSE_POLLING:
      tell_websocket_tried (self, TRUE);
      if (self->state == SIO_ENGINE_OPEN)
        sio_engine_enter (self, SIO_ENGINE_UPGRADING);
      sio_transport_pause (self->transport);
      break;

    case SIO_UPGRADE_SWITCH:
      switch_to_probe (self);
      sio_engine_want_packets (self);
      break;

    case SIO_UPGRADE_ABANDON:
      drop_probe (self);
      break;

    case SIO_UPGRADE_RESUME_POLLING:
      drop_probe (self);
      if (self->state == SIO_ENGINE_UPGRADING)
        sio_engine_enter (self, SIO_ENGINE_OPEN);
      sio_transport_resume (self->transport);
      break;
    }

  if (self->state == SIO_ENGINE_CLOSED)
    return;
  sio_engine_flush (self);
  sio_engine_continue_close (self);
  if (self->state != SIO_ENGINE_CLOSED)
    sio_engine_rearm (self);
}

static void
linger (SioEngine *self)
{
  g_set_object (&self->lingering, self);
}

void
sio_engine_leave (SioEngine *self)
{
  if (!self->untold)
    g_clear_object (&self->lingering);
}

void
sio_engine_drop_polling (SioEngine *self)
{
  g_autoptr (SioTransport) polling = g_steal_pointer (&self->abandoned);

  if (polling != NULL)
    sio_transport_abort (polling);
}

/* The server may still take polling for the transport, and then hears nothing from a websocket that
 * ends. If it does not, it answers with an error. */
static void
leave_polling (SioEngine *self)
{
  g_autoptr (SioTransport) polling = g_steal_pointer (&self->abandoned);

  if (polling != NULL)
    sio_transport_leave (polling);
}

typedef enum
{
  IN_ORDER, /* what was accepted is with the system */
  AT_ONCE,
} Manner;

/* Everything stops; whoever listens does not know yet. */
static void
end (SioEngine *self, Manner manner)
{
  gboolean was_opening = self->state == SIO_ENGINE_OPENING;

  linger (self);
  if (was_opening && self->incoming.n_packets > 0 &&
      sio_packet_queue_peek (&self->incoming)->type == SIO_ENGINE_PACKET_OPEN)
    tell_sid (self, sio_packet_queue_peek (&self->incoming));
  sio_upgrade_cancel (&self->upgrade);
  sio_engine_enter (self, SIO_ENGINE_CLOSED);
  drop_probe (self);
  sio_packet_queue_clear (&self->incoming);
  if (manner == IN_ORDER)
    sio_engine_drop_polling (self);
  else
    leave_polling (self);

  /* A POST that hangs must not keep the server from hearing of the end before the next session
   * begins. */
  if (self->ended || was_opening || (manner == AT_ONCE && is_polling (self->transport)))
    {
      g_autoptr (SioTransport) transport = g_steal_pointer (&self->transport);

      if (transport != NULL)
        sio_transport_leave (transport);
      sio_engine_leave (self);
    }
  else
    sio_transport_close (self->transport);
}

static void
tell_end (SioEngine *self, SioDisconnectReason reason, const GError *details)
{
  gboolean forced = reason == SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT;

  if (reason == SIO_DISCONNECT_REASON_TRANSPORT_ERROR && self->sink != NULL)
    {
      tell_websocket_tried (self, FALSE);
      if (self->sink != NULL)
        self->sink->failed (self->owner, self, details);
    }
  sio_engine_emit_close (self, forced ? "forced close" : sio_disconnect_reason_to_string (reason),
                         details);
  if (self->sink != NULL)
    {
      const SioEngineSink *sink = g_steal_pointer (&self->sink);

      sink->closed (self->owner, self, reason, details);
    }
  sio_packet_queue_clear (&self->outgoing);
}

void
sio_engine_finish (SioEngine *self, SioDisconnectReason reason, const GError *details)
{
  g_autoptr (SioEngine) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (GError) kept = details != NULL ? g_error_copy (details) : NULL;

  if (self->state == SIO_ENGINE_CLOSED)
    return;

  end (self, AT_ONCE);
  tell_end (self, reason, kept);
}

/* Who closes may be in the middle of a change of its own, or be disposed of. */
static void
finish_untold (SioEngine *self)
{
  self->untold = TRUE;
  end (self, IN_ORDER);
}

void
sio_engine_tell_end (SioEngine *self)
{
  self->untold = FALSE;
  tell_end (self, SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT, NULL);
  if (self->transport == NULL)
    sio_engine_leave (self);
}

void
sio_engine_fail (SioEngine *self, const GError *error)
{
  sio_engine_finish (self, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, error);
}

void
sio_engine_transport_ended (SioEngine *self)
{
  g_autoptr (GError) details = g_steal_pointer (&self->end_details);
  char **transports = self->settings->transports;

  if (g_strcmp0 (transports[self->next_transport], self->preferred) == 0 && self->preferred != NULL)
    self->next_transport++;
  if (self->state == SIO_ENGINE_OPENING && self->settings->try_all_transports &&
      transports[self->next_transport] != NULL)
    {
      self->ended = FALSE;
      sio_packet_queue_clear (&self->incoming);
      sio_engine_try_transport (self, transports[self->next_transport++]);
      return;
    }

  sio_engine_finish (self, self->end_reason, details);
}

void
sio_engine_close (SioEngine *self)
{
  g_autoptr (SioEngine) alive G_GNUC_UNUSED = g_object_ref (self);

  switch (self->state)
    {
    case SIO_ENGINE_CLOSED:
    case SIO_ENGINE_CLOSING:
      return;

    case SIO_ENGINE_OPENING:
      finish_untold (self);
      return;

    case SIO_ENGINE_OPEN:
    case SIO_ENGINE_UPGRADING:
      linger (self);
      sio_engine_enter (self, SIO_ENGINE_CLOSING);
      /* A probe that was not answered yet would only delay the end; one that was has stopped
       * polling, so the packets can only go out after it (E64). */
      if (self->upgrade.state == SIO_UPGRADE_PROBING)
        sio_engine_upgrade_act (self, sio_upgrade_cancel (&self->upgrade));
      sio_engine_continue_close (self);
      return;
    }
}

void
sio_engine_continue_close (SioEngine *self)
{
  if (self->state != SIO_ENGINE_CLOSING || self->upgrade.state == SIO_UPGRADE_PAUSING)
    return;

  sio_engine_flush (self);
  if (self->outgoing.n_packets == 0 && !self->ended && sio_transport_get_flushed (self->transport))
    finish_untold (self);
}
