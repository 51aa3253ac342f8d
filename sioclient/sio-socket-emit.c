/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-socket-private.h"

#include "base/sio-log-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Events on their way out, and the answers to them. What is not sent has one outcome: whoever waits
 * for the answer gets the reason instead, for all others SioManager::error tells. */

gsize
sio_socket_weigh (SioValue *value)
{
  GPtrArray *attachments;
  gsize n_bytes = 0;

  if (value == NULL)
    return 0;

  sio_value_peek_json (value, &n_bytes);
  attachments = sio_value_has_attachments (value) ? sio_value_peek_attachments (value) : NULL;
  for (guint i = 0; attachments != NULL && i < attachments->len; i++)
    n_bytes += g_bytes_get_size (g_ptr_array_index (attachments, i));
  return n_bytes;
}

static void
free_buffered (SioSocket *self, SioBuffered *buffered)
{
  self->waiting_bytes -= sio_socket_weigh (buffered->args);
  sio_value_unref (buffered->args);
  g_free (buffered->name);
  g_free (buffered);
}

/* Told in the next turn, never inside the call. Takes @reason. */
static void
fail_ack (SioSocket *self, const char *name, SioAck *ack, GError *reason)
{
  GError *failure = sio_manager_describe_loss (SIO_LOSS_EVENT, name, 1, reason);

  sio_ack_table_fail (&self->acks, ack, failure, sio_clock_now (sio_manager_get_clock (self->io)));
  if (ack->reported)
    sio_manager_report (self->io, SIO_LOSS_EVENT, name, 1, reason);
  else
    g_error_free (reason);
  sio_socket_rearm (self);
}

/* For what is settled before anything was sent. Takes @ack and @reason. */
static void
refuse (SioSocket *self, const char *name, SioAck *ack, GError *reason)
{
  if (ack == NULL)
    {
      sio_manager_report (self->io, SIO_LOSS_EVENT, name, 1, reason);
      return;
    }

  ack->id = self->next_ack_id++;
  sio_ack_table_add (&self->acks, ack);
  fail_ack (self, name, ack, reason);
}

/* The same for what has the number @id already, or none at all. Takes @reason. */
static void
refuse_numbered (SioSocket *self, const char *name, guint64 id, GError *reason)
{
  SioAck *ack = sio_ack_table_peek (&self->acks, id);

  if (id == SIO_PACKET_NO_ID)
    sio_manager_report (self->io, SIO_LOSS_EVENT, name, 1, reason);
  else if (ack != NULL)
    fail_ack (self, name, ack, reason);
  else
    /* Who waited for it was told something else meanwhile. */
    g_error_free (reason);
}

static GError *
new_gone_error (void)
{
  return g_error_new_literal (SIO_ERROR, SIO_ERROR_DISCONNECTED, _ ("the socket is gone"));
}

gboolean
sio_socket_is_ready (SioSocket *self)
{
  return sio_socket_is_inside (self) && !sio_manager_check_expired (self->io);
}

SioTransmission
sio_socket_transmit (SioSocket *self,
                     const char *name,
                     SioValue *args,
                     SioSending sending,
                     guint64 id,
                     GError **reason)
{
  GError *failure = NULL;

  if (sio_socket_hears_outgoing (self, name))
    {
      g_autoptr (SioEvent) event = sio_event_new_outgoing (g_strdup (name), sio_value_ref (args));

      sio_socket_emit_outgoing_event (self, event);
      if (!sio_socket_is_ready (self))
        return SIO_TRANSMISSION_NOT_CONNECTED;
    }

  if (sio_manager_write (self->io, SIO_PACKET_EVENT, sending, self->nsp, id, name, args, &failure))
    return SIO_TRANSMISSION_SENT;
  if (g_error_matches (failure, SIO_ERROR, SIO_ERROR_DISCONNECTED))
    {
      g_error_free (failure);
      return SIO_TRANSMISSION_NOT_CONNECTED;
    }
  g_propagate_error (reason, failure);
  return SIO_TRANSMISSION_REFUSED;
}

static SioBuffered *
new_buffered (SioSocket *self, const char *name, SioValue *args, SioSending sending, guint64 id)
{
  SioBuffered *buffered = g_new (SioBuffered, 1);
  SioAck *ack = sio_ack_table_peek (&self->acks, id);

  buffered->name = g_strdup (name);
  buffered->args = sio_value_ref (args);
  buffered->sending = sending;
  buffered->id = id;
  if (id != SIO_PACKET_NO_ID && ack != NULL)
    ack->buffered = TRUE;
  self->waiting_bytes += sio_socket_weigh (args);
  return buffered;
}

static gboolean
check_room (SioSocket *self, SioValue *args, gboolean wants_answer, GError **reason)
{
  const SioLimits *limits = sio_manager_get_limits (self->io);
  GPtrArray *attachments =
      sio_value_has_attachments (args) ? sio_value_peek_attachments (args) : NULL;
  guint n_waiting = g_queue_get_length (&self->sent_later) + g_queue_get_length (&self->retried);

  if (attachments != NULL && attachments->len > limits->attachments)
    g_set_error (reason, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                 _ ("it has too many binary parts, the limit is %u"), limits->attachments);
  else if (n_waiting >= limits->outbound_packets)
    g_set_error (reason, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                 _ ("too many events wait already, the limit is %u"), limits->outbound_packets);
  else if (self->waiting_bytes > limits->outbound_bytes)
    g_set_error (reason, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                 _ ("too much waits already, the limit is %lu bytes"),
                 (gulong) limits->outbound_bytes);
  else if (wants_answer && sio_ack_table_get_size (&self->acks) >= limits->pending_acks)
    g_set_error (reason, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                 _ ("too many events wait for an acknowledgement already, the limit is %u"),
                 limits->pending_acks);
  else
    return TRUE;
  return FALSE;
}

guint64
sio_socket_expect_answer (SioSocket *self,
                          SioAck *ack,
                          const SioFlags *flags,
                          guint default_timeout)
{
  gint64 now = sio_clock_now (sio_manager_get_clock (self->io));

  ack->id = self->next_ack_id++;
  if (flags->has_timeout)
    ack->deadline = sio_clock_after (now, flags->timeout);
  else if (default_timeout > 0)
    ack->deadline = sio_clock_after (now, default_timeout);
  sio_ack_table_add (&self->acks, ack);
  sio_socket_rearm (self);
  return ack->id;
}

/* Takes @ack. */
static void
drop_volatile (SioSocket *self, const char *name, SioAck *ack)
{
  sio_debug ("A volatile event was dropped");
  /* That is what it was made volatile for (S38). */
  if (ack == NULL)
    return;
  refuse (self, name, ack,
          g_error_new_literal (SIO_ERROR, SIO_ERROR_NOT_SENT,
                               _ ("it was volatile and could not be sent at once")));
}

/* Takes @ack. */
static void
send_once (SioSocket *self, const char *name, SioValue *args, const SioFlags *flags, SioAck *ack)
{
  gboolean ready = sio_socket_is_ready (self);
  guint64 id = SIO_PACKET_NO_ID;
  GError *reason = NULL;
  SioTransmission result = SIO_TRANSMISSION_NOT_CONNECTED;

  if (flags->is_volatile && (!ready || !sio_manager_get_writable (self->io)))
    {
      drop_volatile (self, name, ack);
      return;
    }

  if (ack != NULL)
    id = sio_socket_expect_answer (self, ack, flags, self->ack_timeout);
  if (ready)
    result = sio_socket_transmit (self, name, args, flags->sending, id, &reason);
  switch (result)
    {
    case SIO_TRANSMISSION_SENT:
      break;
    case SIO_TRANSMISSION_NOT_CONNECTED:
      if (self->member == NULL)
        refuse_numbered (self, name, id, new_gone_error ());
      /* Unless whoever waited for the answer was told meanwhile that there will be none. */
      else if (id == SIO_PACKET_NO_ID || sio_ack_table_peek (&self->acks, id) != NULL)
        g_queue_push_tail (&self->sent_later, new_buffered (self, name, args, flags->sending, id));
      break;
    case SIO_TRANSMISSION_REFUSED:
      refuse_numbered (self, name, id, reason);
      break;
    }
}

/* FALSE: the rest has to wait. Takes @buffered. */
static gboolean
flush_one (SioSocket *self, SioBuffered *buffered)
{
  SioAck *ack = sio_ack_table_peek (&self->acks, buffered->id);
  GError *reason = NULL;
  SioTransmission result;

  if (ack != NULL)
    ack->buffered = FALSE;
  result = sio_socket_transmit (self, buffered->name, buffered->args, buffered->sending,
                                buffered->id, &reason);
  if (result == SIO_TRANSMISSION_NOT_CONNECTED && self->member != NULL)
    {
      ack = sio_ack_table_peek (&self->acks, buffered->id);
      if (ack != NULL)
        ack->buffered = TRUE;
      g_queue_push_head (&self->sent_later, buffered);
      return FALSE;
    }

  if (result == SIO_TRANSMISSION_NOT_CONNECTED)
    reason = new_gone_error ();
  if (result != SIO_TRANSMISSION_SENT)
    refuse_numbered (self, buffered->name, buffered->id, reason);
  free_buffered (self, buffered);
  return TRUE;
}

void
sio_socket_flush (SioSocket *self)
{
  guint n = g_queue_get_length (&self->sent_later);
  guint64 session = self->session;
  SioBuffered *buffered;

  /* What handlers add meanwhile comes after, and goes out by itself. Once the connection is known
   * to end, what was not sent waits for the next one. */
  while (n-- > 0 && self->session == session && sio_socket_is_ready (self) &&
         (buffered = g_queue_pop_head (&self->sent_later)) != NULL)
    if (!flush_one (self, buffered))
      return;
}

typedef struct
{
  SioSocket *socket;
  SioAck *ack;
  GError *error;
} Refused;

static gboolean
on_refused (gpointer data)
{
  Refused *refused = data;

  sio_ack_settle (g_steal_pointer (&refused->ack), refused->socket, NULL, refused->error);
  return G_SOURCE_REMOVE;
}

static void
free_refused (gpointer data)
{
  Refused *refused = data;

  g_clear_pointer (&refused->ack, sio_ack_free);
  g_object_unref (refused->socket);
  g_error_free (refused->error);
  g_free (refused);
}

/* For a socket that has no timer any more, or never had one, and for a call from another thread:
 * callbacks still come later, and where they belong. Takes @ack. */
static void
refuse_in_idle (SioSocket *self, const char *name, SioAck *ack, const GError *reason)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  g_autoptr (GMainContext) own = self->io == NULL ? g_main_context_ref_thread_default () : NULL;
  Refused *refused = g_new (Refused, 1);

  refused->socket = g_object_ref (self);
  refused->ack = ack;
  refused->error = sio_manager_describe_loss (SIO_LOSS_EVENT, name, 1, reason);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_refused, refused, free_refused);
  g_source_attach (source, own != NULL ? own : sio_manager_get_context (self->io));
}

/* It was made by g_object_new() alone. Takes @ack. */
static void
refuse_unmade (SioSocket *self, const char *name, SioAck *ack)
{
  g_autoptr (GError) reason = g_error_new_literal (
      SIO_ERROR, SIO_ERROR_FAILED,
      _ ("the socket has no manager: sio_io() and sio_manager_get_socket() make sockets"));

  if (ack != NULL)
    refuse_in_idle (self, name, ack, reason);
  else
    sio_socket_check_made (self);
}

/* After a critical, which is all that whoever does not wait for an answer is told. Takes @ack. */
static void
refuse_thread (SioSocket *self, const char *name, SioAck *ack)
{
  g_autoptr (GError) reason =
      g_error_new_literal (SIO_ERROR, SIO_ERROR_FAILED, _ ("it was emitted in another thread"));

  if (ack != NULL)
    refuse_in_idle (self, name, ack, reason);
}

/* Takes @ack. */
static void
refuse_gone (SioSocket *self, const char *name, SioAck *ack)
{
  g_autoptr (GError) reason = new_gone_error ();

  if (ack == NULL || ack->reported)
    sio_manager_report (self->io, SIO_LOSS_EVENT, name, 1, g_error_copy (reason));
  if (ack != NULL)
    refuse_in_idle (self, name, ack, reason);
}

/* All ways to emit come together here. Takes @args and @ack. */
void
sio_socket_emit_with (SioSocket *self, const char *name, SioValue *args, SioAck *ack)
{
  g_autoptr (SioSocket) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (SioValue) owned = sio_value_take_args (args);
  SioFlags flags = self->next;
  gboolean retried = self->retries != 0 && !flags.is_volatile;
  GError *reason = NULL;

  self->next = (SioFlags){ 0 };
  if (self->io == NULL)
    refuse_unmade (self, name, ack);
  else if (!sio_manager_check_thread (self->io))
    refuse_thread (self, name, ack);
  else if (self->member == NULL)
    refuse_gone (self, name, ack);
  else if (sio_packet_name_is_reserved (name, strlen (name)) && ack == NULL)
    g_critical ("“%s” is a reserved event name", name);
  else if (sio_packet_name_is_reserved (name, strlen (name)))
    refuse (self, name, ack,
            g_error_new_literal (SIO_ERROR, SIO_ERROR_FAILED, _ ("its name is reserved")));
  else if (!check_room (self, owned, ack != NULL && !retried, &reason))
    refuse (self, name, ack, reason);
  else if (retried)
    sio_socket_send_with_retries (self, name, owned, &flags, ack);
  else
    send_once (self, name, owned, &flags, ack);
}

void
sio_socket_drop_buffered (SioSocket *self, guint64 id)
{
  for (GList *link = self->sent_later.head; link != NULL; link = link->next)
    {
      SioBuffered *buffered = link->data;

      if (buffered->id != id)
        continue;
      g_queue_delete_link (&self->sent_later, link);
      free_buffered (self, buffered);
      return;
    }
}

gboolean
sio_socket_withdraw (SioSocket *self, SioAck *ack)
{
  if (sio_socket_withdraw_retried (self, ack))
    return TRUE;
  if (sio_ack_table_peek (&self->acks, ack->id) != ack)
    return FALSE;
  if (ack->buffered)
    sio_socket_drop_buffered (self, ack->id);
  sio_ack_table_steal (&self->acks, ack->id);
  sio_ack_free (ack);
  return TRUE;
}

/* For dispose: what is not sent will not be, and everyone who waits is told. */
void
sio_socket_clear_emissions (SioSocket *self)
{
  g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_DISCONNECTED,
                                                  _ ("The socket has been disconnected"));
  g_autoptr (GError) gone = new_gone_error ();
  g_autoptr (GPtrArray) acks = NULL;
  GQueue retried = self->retried;
  SioBuffered *buffered;
  SioRetried *entry;

  g_queue_init (&self->retried);
  while ((buffered = g_queue_pop_head (&self->sent_later)) != NULL)
    {
      refuse_numbered (self, buffered->name, buffered->id, g_error_copy (gone));
      free_buffered (self, buffered);
    }
  acks = sio_ack_table_steal_some (&self->acks, SIO_ACKS_ALL, 0);
  sio_socket_settle (self, acks, error);
  while ((entry = g_queue_pop_head (&retried)) != NULL)
    sio_socket_give_up_retried (self, entry, gone);
}

/**
 * sio_socket_emit: (skip)
 * @self: a socket
 * @event: the name of the event
 * @format: (nullable): as for [func@args]
 * @...: the arguments
 *
 * Sends an event: `sio_socket_emit (socket, "chat", "(sd)", "hi", 0.5)` (`socket.emit()`).
 *
 * If the socket is not connected, the event waits until it is. It can't be sent if too much waits
 * already, or if it has more binary parts than servers take: [signal@Manager::error] then tells so
 * with %SIO_ERROR_LIMIT_EXCEEDED, in words that name the event. Likewise it tells, with
 * %SIO_ERROR_DISCONNECTED, if the socket goes away before, and what became of an event that
 * was sent as often as [property@Options:retries] says.
 *
 * The names `connect`, `connect_error`, `disconnect`, `disconnecting`, `newListener` and
 * `removeListener` are reserved.
 */
void
sio_socket_emit (SioSocket *self, const char *event, const char *format, ...)
{
  va_list va;
  SioValue *args;

  g_return_if_fail (SIO_IS_SOCKET (self));
  g_return_if_fail (event != NULL);

  va_start (va, format);
  args = sio_value_new_args_va (format, &va);
  va_end (va);
  if (args != NULL)
    sio_socket_emit_args (self, event, args);
  else
    self->next = (SioFlags){ 0 };
}

/**
 * sio_socket_emit_args:
 * @self: a socket
 * @event: the name of the event
 * @args: (transfer full) (nullable): the arguments, an array, or the only one
 *
 * Sends an event (`socket.emit()`).
 *
 * If the socket is not connected, the event waits until it is. It can't be sent if too much waits
 * already, or if it has more binary parts than servers take: [signal@Manager::error] then tells so
 * with %SIO_ERROR_LIMIT_EXCEEDED, in words that name the event. Likewise it tells, with
 * %SIO_ERROR_DISCONNECTED, if the socket goes away before, and what became of an event that
 * was sent as often as [property@Options:retries] says.
 */
void
sio_socket_emit_args (SioSocket *self, const char *event, SioValue *args)
{
  g_return_if_fail (SIO_IS_SOCKET (self));
  g_return_if_fail (event != NULL && g_utf8_validate (event, -1, NULL));

  sio_socket_emit_with (self, event, args, NULL);
}

/**
 * sio_socket_emit_with_callback:
 * @self: a socket
 * @event: the name of the event
 * @args: (transfer full) (nullable): the arguments, an array, or the only one
 * @callback: (scope notified) (closure user_data) (destroy destroy): called once, with the answer
 *   or an error
 * @user_data: data for @callback
 * @destroy: frees @user_data
 *
 * Sends an event that the server is to acknowledge (`socket.emit()` with a function).
 *
 * @callback is called exactly once, never inside this call: with the answer, or with
 * `G_IO_ERROR_TIMED_OUT` (see [method@Socket.timeout] and [property@Options:ack-timeout]; the time
 * counts from this call), %SIO_ERROR_DISCONNECTED, %SIO_ERROR_NOT_SENT for a volatile
 * event that was dropped, or %SIO_ERROR_LIMIT_EXCEEDED. If @self goes away before, it is
 * called from there. Nobody else is told of the error.
 */
void
sio_socket_emit_with_callback (SioSocket *self,
                               const char *event,
                               SioValue *args,
                               SioAckFunc callback,
                               gpointer user_data,
                               GDestroyNotify destroy)
{
  g_return_if_fail (SIO_IS_SOCKET (self));
  g_return_if_fail (event != NULL && g_utf8_validate (event, -1, NULL));

  sio_socket_emit_with (self, event, args, sio_ack_new (callback, user_data, destroy));
}

/**
 * sio_socket_send: (skip)
 * @self: a socket
 * @format: (nullable): as for [func@args]
 * @...: the arguments
 *
 * Sends an event named `message` (`socket.send()`).
 */
void
sio_socket_send (SioSocket *self, const char *format, ...)
{
  va_list va;
  SioValue *args;

  g_return_if_fail (SIO_IS_SOCKET (self));

  va_start (va, format);
  args = sio_value_new_args_va (format, &va);
  va_end (va);
  if (args != NULL)
    sio_socket_emit_args (self, "message", args);
  else
    self->next = (SioFlags){ 0 };
}

/**
 * sio_socket_send_args:
 * @self: a socket
 * @args: (transfer full) (nullable): the arguments, an array, or the only one
 *
 * Sends an event named `message` (`socket.send()`).
 */
void
sio_socket_send_args (SioSocket *self, SioValue *args)
{
  sio_socket_emit_args (self, "message", args);
}

/**
 * sio_socket_timeout:
 * @self: a socket
 * @milliseconds: how long to wait for an acknowledgement
 *
 * Sets a time limit for the next event that is sent (`socket.timeout()`).
 *
 * Returns: (transfer none): @self
 */
SioSocket *
sio_socket_timeout (SioSocket *self, guint milliseconds)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  self->next.has_timeout = TRUE;
  self->next.timeout = milliseconds;
  return self;
}

/**
 * sio_socket_compress:
 * @self: a socket
 * @compress: whether to compress
 *
 * Sets whether the next event that is sent may be compressed (`socket.compress()`).
 *
 * Without this call it may. It only matters over a WebSocket for which compression was agreed on
 * with the server, see [property@Options:per-message-deflate], and for an event of 1024 bytes or
 * more: turn it off for what is compressed already, such as images.
 *
 * Returns: (transfer none): @self
 */
SioSocket *
sio_socket_compress (SioSocket *self, gboolean compress)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  self->next.sending = compress ? SIO_SEND_USUALLY : SIO_SEND_PLAIN;
  return self;
}

/**
 * sio_socket_make_volatile:
 * @self: a socket
 *
 * Lets the next event be dropped if it cannot be sent at once (`socket.volatile`).
 *
 * That is when the socket is not connected, or when something else is still on its way out.
 *
 * Returns: (transfer none): @self
 */
SioSocket *
sio_socket_make_volatile (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  self->next.is_volatile = TRUE;
  return self;
}

/**
 * sio_socket_volatile: (skip)
 * @self: a socket
 *
 * The same as [method@Socket.make_volatile].
 *
 * Returns: (transfer none): @self
 */
SioSocket *
sio_socket_volatile (SioSocket *self)
{
  return sio_socket_make_volatile (self);
}
