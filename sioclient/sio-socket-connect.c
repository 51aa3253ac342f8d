/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-socket-private.h"

#include "base/sio-log-private.h"

#include <glib/gi18n-lib.h>

/* How a socket joins its namespace and leaves it: its states, CONNECT and what may answer it. After
 * every call that leads out of here the state may be another one. */

#define TO(state) (1u << SIO_SOCKET_##state)
static const struct
{
  const char *name;
  guint next;
} states[] = {
  [SIO_SOCKET_IDLE] = { "idle", TO (WAITING) },
  [SIO_SOCKET_WAITING] = { "waiting", TO (JOINING) | TO (IDLE) },
  [SIO_SOCKET_JOINING] = { "joining", TO (CONNECTED) | TO (RESTING) | TO (WAITING) | TO (IDLE) },
  [SIO_SOCKET_RESTING] = { "resting", TO (JOINING) | TO (WAITING) | TO (IDLE) },
  [SIO_SOCKET_CONNECTED] = { "connected", TO (WAITING) | TO (IDLE) },
};
#undef TO

/* Whether it would like to be connected and is not. */
static gboolean
is_on_the_way (SioSocket *self)
{
  return self->state != SIO_SOCKET_IDLE && self->state != SIO_SOCKET_CONNECTED;
}

/* What was to be done in the next turn. */
static void
forget_plans (SioSocket *self)
{
  self->join_due = FALSE;
  g_clear_error (&self->refusal);
  g_clear_error (&self->failure);
  sio_socket_drop_auth_request (self);
}

static void
enter (SioSocket *self, SioSocketState next)
{
  SioSocketState last = self->state;

  g_return_if_fail (states[last].next & (1u << next));
  sio_debug ("socket %p %s: %s → %s", (void *) self, self->nsp, states[last].name,
             states[next].name);
  self->state = next;
  self->join_deadline = SIO_CLOCK_NEVER;

  switch (next)
    {
    case SIO_SOCKET_CONNECTED:
      self->failures = 0;
      break;
    case SIO_SOCKET_JOINING:
      if (self->join_timeout > 0)
        self->join_deadline =
            sio_clock_after (sio_clock_now (sio_manager_get_clock (self->io)), self->join_timeout);
      break;
    case SIO_SOCKET_IDLE:
      self->failures = 0;
      G_GNUC_FALLTHROUGH;
    case SIO_SOCKET_WAITING:
    case SIO_SOCKET_RESTING:
      forget_plans (self);
      sio_socket_drop_early (self);
      g_clear_pointer (&self->id, g_free);
      break;
    }
  sio_socket_rearm (self);
}

void
sio_socket_rearm (SioSocket *self)
{
  gint64 deadline = MIN (self->acks.deadline, self->join_deadline);

  if (self->timer == NULL)
    return;
  if (self->join_due || self->orphaned)
    deadline = MIN (deadline, sio_clock_now (sio_manager_get_clock (self->io)));
  sio_timer_set_deadline (self->timer, deadline);
}

/* It does not try again by itself (S14). */
static void
refuse (SioSocket *self, const GError *error, SioValue *data)
{
  g_autoptr (SioSocket) alive G_GNUC_UNUSED = g_object_ref (self);
  SioSocketState last = self->state;

  enter (self, SIO_SOCKET_IDLE);
  sio_manager_deactivate (self->io, self->member);
  sio_socket_notify_state (self, last);
  sio_socket_emit_connect_error (self, error, data);
}

/* What it is to present is not to be had now, but may be later (X15). Who asks to connect while
 * being told of it would ask again after the next failure, without an end, so the rest begins after
 * that. */
static void
put_off (SioSocket *self, const GError *error)
{
  g_autoptr (SioSocket) alive G_GNUC_UNUSED = g_object_ref (self);
  gint64 now;

  if (!sio_manager_get_reconnection (self->io))
    {
      refuse (self, error, NULL);
      return;
    }

  enter (self, SIO_SOCKET_RESTING);
  sio_socket_emit_connect_error (self, error, NULL);
  if (self->state != SIO_SOCKET_RESTING || self->join_deadline != SIO_CLOCK_NEVER)
    return;

  now = sio_clock_now (sio_manager_get_clock (self->io));
  self->join_deadline = sio_clock_after (now, sio_manager_get_delay (self->io, self->failures));
  if (self->failures < G_MAXUINT)
    self->failures++;
  sio_socket_rearm (self);
}

/* Nobody has answered in time (M28, S23). If the server does later, it is told then (S58). */
static void
join_expired (SioSocket *self)
{
  g_autoptr (GError) error = NULL;

  if (self->auth_request != NULL)
    {
      g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                           _ ("What to present to the server was not known in time"));
      put_off (self, error);
      return;
    }

  g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                       _ ("The server did not let the socket in in time"));
  refuse (self, error, NULL);
}

void
sio_socket_refuse_later (SioSocket *self, GError *error)
{
  g_clear_error (&self->refusal);
  self->refusal = error;
  self->join_due = TRUE;
  sio_socket_rearm (self);
}

void
sio_socket_put_off_later (SioSocket *self, GError *error)
{
  g_clear_error (&self->failure);
  self->failure = error;
  self->join_due = TRUE;
  sio_socket_rearm (self);
}

/* The manager is connected, and this socket is to be (S10). */
static void
join (SioSocket *self)
{
  g_autoptr (SioSocket) alive G_GNUC_UNUSED = g_object_ref (self);

  self->join_due = FALSE;
  self->session = sio_manager_get_session (self->io);
  enter (self, SIO_SOCKET_JOINING);

  /* A CONNECT that was given up is answered still: two would make two sockets (S58). */
  if (self->unanswered != self->session)
    sio_socket_present (self);
}

static void
on_manager_opened (gpointer owner)
{
  SioSocket *self = owner;

  if (self->state == SIO_SOCKET_WAITING)
    join (self);
}

gboolean
sio_socket_is_inside (SioSocket *self)
{
  return self->state == SIO_SOCKET_CONNECTED && sio_manager_get_connected (self->io) &&
         self->session == sio_manager_get_session (self->io);
}

/* S16; every step ends the round if a handler has ended the connection. */
static void
become_connected (SioSocket *self, SioValue *payload)
{
  const char *sid = sio_value_get_string (sio_value_get_member (payload, "sid"));
  SioValue *pid_value = sio_value_get_member (payload, "pid");
  g_autofree char *pid = sio_value_get_kind (pid_value) == SIO_VALUE_STRING
                             ? sio_value_to_json (pid_value, NULL)
                             : NULL;
  guint64 session = self->session;
  gboolean recovered = pid != NULL && g_strcmp0 (pid, self->pid) == 0;

  self->id = g_strdup (sid);
  if (!recovered)
    {
      g_clear_pointer (&self->offset, g_free);
      g_free (self->pid);
      self->pid = g_steal_pointer (&pid);
    }
  enter (self, SIO_SOCKET_CONNECTED);
  if (self->recovered != recovered)
    {
      self->recovered = recovered;
      sio_socket_notify_recovered (self);
    }
  sio_socket_notify_state (self, SIO_SOCKET_JOINING);

  if (sio_socket_is_session (self, session))
    sio_socket_deliver_early (self);
  if (sio_socket_is_session (self, session))
    sio_socket_flush (self);
  if (sio_socket_is_session (self, session))
    sio_socket_continue_retries (self, TRUE);
  if (sio_socket_is_session (self, session))
    sio_socket_emit_connect (self);
}

static void
handle_connect (SioSocket *self, SioPacket *packet)
{
  gboolean expected =
      self->unanswered != 0 && self->unanswered == sio_manager_get_session (self->io);
  const char *sid = sio_value_get_string (sio_value_get_member (packet->payload, "sid"));

  /* Twice, or without being asked (S13). */
  if (!expected)
    return;
  self->unanswered = 0;

  /* It was given up and asked for again, and is about to join: that is answered now. */
  if (self->state == SIO_SOCKET_WAITING)
    {
      self->session = sio_manager_get_session (self->io);
      enter (self, SIO_SOCKET_JOINING);
    }
  self->join_due = FALSE;

  if (self->state == SIO_SOCKET_JOINING && sid != NULL && *sid != '\0')
    become_connected (self, packet->payload);
  else if (self->state == SIO_SOCKET_JOINING)
    {
      g_autoptr (GError) error = NULL;

      g_set_error_literal (&error, SIO_ERROR, SIO_ERROR_PROTOCOL,
                           _ ("The server speaks an older revision of the protocol: it seems to be "
                              "of version 2"));
      refuse (self, error, NULL);
    }
  else if (self->state == SIO_SOCKET_IDLE)
    /* It was given up meanwhile; only now may the server be told (S58). */
    sio_manager_write (self->io, SIO_PACKET_DISCONNECT, SIO_SEND_USUALLY, self->nsp,
                       SIO_PACKET_NO_ID, NULL, NULL, NULL);
}

static void
handle_connect_error (SioSocket *self, SioPacket *packet)
{
  g_autoptr (GError) error = NULL;
  SioValue *payload = packet->payload;
  const char *message = sio_value_get_kind (payload) == SIO_VALUE_STRING
                            ? sio_value_get_string (payload)
                            : sio_value_get_string (sio_value_get_member (payload, "message"));

  self->unanswered = 0;
  if (self->state != SIO_SOCKET_JOINING)
    return;

  g_set_error_literal (&error, SIO_ERROR, SIO_ERROR_REJECTED,
                       message != NULL ? message : _ ("The server refused the connection"));
  refuse (self, error, sio_value_get_member (payload, "data"));
}

/* The end of a connection that stood, told once everything is settled (S41, S60). */
static void
tell_disconnected (SioSocket *self, SioDisconnectReason reason, const GError *details)
{
  g_autoptr (GError) error = NULL;
  /* Before a handler can wait for the next connection, which has acknowledgements of its own. */
  g_autoptr (GPtrArray) acks = sio_ack_table_steal_some (&self->acks, SIO_ACKS_SENT, 0);

  sio_socket_notify_state (self, SIO_SOCKET_CONNECTED);
  sio_socket_emit_disconnect (self, reason, details);
  g_set_error_literal (&error, SIO_ERROR, SIO_ERROR_DISCONNECTED,
                       _ ("The socket has been disconnected"));
  sio_socket_settle (self, acks, error);
}

static void
leave (SioSocket *self, SioDisconnectReason reason)
{
  g_autoptr (SioSocket) alive G_GNUC_UNUSED = g_object_ref (self);
  SioSocketState last = self->state;
  gboolean inside = sio_socket_is_inside (self);

  enter (self, SIO_SOCKET_IDLE);
  if (inside && reason == SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT)
    sio_manager_write (self->io, SIO_PACKET_DISCONNECT, SIO_SEND_USUALLY, self->nsp,
                       SIO_PACKET_NO_ID, NULL, NULL, NULL);
  /* Who hears of packets may have opened it again, or disposed of it. */
  if (self->state == SIO_SOCKET_IDLE && self->member != NULL)
    sio_manager_deactivate (self->io, self->member);
  if (last == SIO_SOCKET_CONNECTED)
    tell_disconnected (self, reason, NULL);
  else
    sio_socket_notify_state (self, last);
}

static void
handle_disconnect (SioSocket *self)
{
  /* While CONNECT waits for its answer this is about an earlier membership: it has crossed our
   * DISCONNECT. */
  if (self->state == SIO_SOCKET_CONNECTED)
    leave (self, SIO_DISCONNECT_REASON_IO_SERVER_DISCONNECT);
}

static void
on_manager_packet (gpointer owner, SioPacket *packet)
{
  g_autoptr (SioSocket) self = g_object_ref (owner);

  if (self->state == SIO_SOCKET_CONNECTED && !g_queue_is_empty (&self->came_early))
    sio_socket_deliver_early (self);

  switch (packet->type)
    {
    case SIO_PACKET_CONNECT:
      handle_connect (self, packet);
      break;
    case SIO_PACKET_DISCONNECT:
      handle_disconnect (self);
      break;
    case SIO_PACKET_EVENT:
    case SIO_PACKET_BINARY_EVENT:
      if (self->state == SIO_SOCKET_CONNECTED)
        sio_socket_handle_event (self, packet);
      else if (self->state == SIO_SOCKET_JOINING)
        sio_socket_keep_early (self, packet);
      break;
    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_ACK:
      if (self->state == SIO_SOCKET_CONNECTED)
        sio_socket_handle_ack (self, packet);
      break;
    case SIO_PACKET_CONNECT_ERROR:
      handle_connect_error (self, packet);
      break;
    }
}

static void
on_manager_failed (gpointer owner, const GError *error)
{
  g_autoptr (SioSocket) self = g_object_ref (owner);

  if (is_on_the_way (self))
    sio_socket_emit_connect_error (self, error, NULL);
}

static void
on_manager_refused (gpointer owner, const GError *error)
{
  SioSocket *self = owner;

  if (is_on_the_way (self))
    refuse (self, error, NULL);
}

static void
on_manager_closed (gpointer owner, SioDisconnectReason reason, const GError *details)
{
  g_autoptr (SioSocket) self = g_object_ref (owner);
  SioSocketState last = self->state;

  if (last == SIO_SOCKET_IDLE || last == SIO_SOCKET_WAITING)
    return;
  /* Somebody who heard of it before has waited for the next connection, which this is part of. */
  if (sio_manager_get_connected (self->io) && self->session == sio_manager_get_session (self->io))
    return;

  enter (self, SIO_SOCKET_WAITING);
  if (last == SIO_SOCKET_CONNECTED)
    tell_disconnected (self, reason, details);
  /* An error was told already, as that of the attempt; who rested has made none. */
  else if (last == SIO_SOCKET_JOINING && reason != SIO_DISCONNECT_REASON_TRANSPORT_ERROR)
    {
      g_autoptr (GError) error =
          details != NULL ? g_error_copy (details)
                          : g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT,
                                                 sio_disconnect_reason_to_string (reason));

      sio_socket_emit_connect_error (self, error, NULL);
    }

  if (self->state == SIO_SOCKET_WAITING && sio_manager_get_connected (self->io))
    join (self);
}

static void
on_manager_gone (gpointer owner)
{
  SioSocket *self = owner;

  self->orphaned = TRUE;
  sio_socket_rearm (self);
}

static void
on_manager_disposed (gpointer owner)
{
  sio_socket_hold_io (owner);
}

const SioMemberSink sio_socket_member_sink = {
  .opened = on_manager_opened,
  .packet = on_manager_packet,
  .failed = on_manager_failed,
  .refused = on_manager_refused,
  .closed = on_manager_closed,
  .gone = on_manager_gone,
  .disposed = on_manager_disposed,
};

/* Reconnecting may have been turned off meanwhile, which ends every wait (M7). */
static void
rest_over (SioSocket *self)
{
  if (!sio_manager_get_connected (self->io))
    return;
  if (sio_manager_get_reconnection (self->io))
    join (self);
  else
    leave (self, SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT);
}

void
sio_socket_on_timer (gpointer owner)
{
  g_autoptr (SioSocket) self = g_object_ref (owner);
  g_autoptr (GError) refusal = g_steal_pointer (&self->refusal);
  g_autoptr (GError) failure = g_steal_pointer (&self->failure);
  gboolean due = self->join_due;

  self->join_due = FALSE;
  if (self->orphaned)
    {
      self->orphaned = FALSE;
      if (self->state != SIO_SOCKET_IDLE)
        leave (self, SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT);
    }
  else if (due && self->nsp_error != NULL)
    refuse (self, self->nsp_error, NULL);
  else if (refusal != NULL)
    refuse (self, refusal, NULL);
  else if (failure != NULL)
    put_off (self, failure);
  else if (due && self->state == SIO_SOCKET_WAITING && sio_manager_get_connected (self->io))
    join (self);
  if (sio_clock_now (sio_manager_get_clock (self->io)) >= self->join_deadline)
    {
      if (self->state == SIO_SOCKET_JOINING)
        join_expired (self);
      else if (self->state == SIO_SOCKET_RESTING)
        rest_over (self);
    }
  sio_socket_settle_due (self);
}

SioMemberStanding
sio_socket_leave_quietly (SioSocket *self)
{
  SioMemberStanding standing = SIO_MEMBER_OUTSIDE;

  if (sio_socket_is_inside (self))
    standing = SIO_MEMBER_INSIDE;
  else if (self->unanswered != 0 && self->unanswered == sio_manager_get_session (self->io) &&
           sio_manager_get_connected (self->io))
    standing = SIO_MEMBER_AWAITED;
  if (self->state != SIO_SOCKET_IDLE)
    enter (self, SIO_SOCKET_IDLE);
  return standing;
}

/* The methods of a disposed socket do nothing. */
static gboolean
check (SioSocket *self)
{
  return sio_socket_check_made (self) && self->member != NULL &&
         sio_manager_check_thread (self->io);
}

/* Who is asked for the payload is never asked inside a call of the program. */
static void
hurry (SioSocket *self)
{
  /* The failure is being told. */
  if (self->join_deadline == SIO_CLOCK_NEVER)
    return;
  self->failures = 0;
  self->join_deadline = sio_clock_now (sio_manager_get_clock (self->io));
  sio_socket_rearm (self);
}

/**
 * sio_socket_open:
 * @self: a socket
 *
 * Connects the socket, or connects it again (`socket.open()`, `socket.connect()`).
 *
 * Nothing happens if it is connected. While its manager waits for the next attempt to reconnect,
 * that attempt is made at once. While it waits to ask again what to present
 * ([method@AuthRequest.fail]), it asks in the next turn of the main loop.
 *
 * Returns: (transfer none): @self
 */
SioSocket *
sio_socket_open (SioSocket *self)
{
  g_autoptr (SioSocket) alive = NULL;

  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  if (!check (self) || self->state == SIO_SOCKET_CONNECTED)
    return self;

  alive = g_object_ref (self);
  if (self->state == SIO_SOCKET_IDLE)
    {
      enter (self, SIO_SOCKET_WAITING);
      if (self->nsp_error == NULL)
        sio_manager_activate (self->io, self->member);
      else
        self->join_due = TRUE;
      if (self->state == SIO_SOCKET_WAITING && sio_manager_get_connected (self->io))
        {
          /* Who is asked for the payload is never asked inside this call. */
          if (self->auth_provider != NULL && self->unanswered != sio_manager_get_session (self->io))
            self->join_due = TRUE;
          else if (self->nsp_error == NULL)
            join (self);
        }
      sio_socket_rearm (self);
      sio_socket_notify_state (self, SIO_SOCKET_IDLE);
    }
  else if (self->state == SIO_SOCKET_WAITING && self->nsp_error == NULL)
    sio_manager_activate (self->io, self->member);
  else if (self->state == SIO_SOCKET_RESTING)
    hurry (self);
  return self;
}

/**
 * sio_socket_close:
 * @self: a socket
 *
 * Disconnects the socket, which then does not try to reconnect (`socket.close()`,
 * `socket.disconnect()`).
 *
 * What was emitted before is sent before. If it was connected, [signal@Socket::disconnect] is
 * emitted inside this call. The connection ends if no other socket uses it.
 *
 * Returns: (transfer none): @self
 */
SioSocket *
sio_socket_close (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  if (!check (self) || self->state == SIO_SOCKET_IDLE)
    return self;

  leave (self, SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT);
  return self;
}

/**
 * sio_socket_connect: (skip)
 * @self: a socket
 *
 * The same as [method@Socket.open].
 *
 * Returns: (transfer none): @self
 */
SioSocket *
sio_socket_connect (SioSocket *self)
{
  return sio_socket_open (self);
}

/**
 * sio_socket_disconnect: (skip)
 * @self: a socket
 *
 * The same as [method@Socket.close].
 *
 * Returns: (transfer none): @self
 */
SioSocket *
sio_socket_disconnect (SioSocket *self)
{
  return sio_socket_close (self);
}
