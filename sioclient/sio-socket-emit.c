/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-socket-private.h"

#include "base/sio-log-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Events on their way out, and the answers to them. */

/* Retries need an end to each try; this is it, in ms, if the program set none (S48). */
#define RETRY_TIMEOUT 10000

typedef enum
{
  SENT,
  NOT_CONNECTED, /* or not any more, after those who listen to what goes out were told */
  REFUSED,
} Transmission;

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

static void
free_retried (SioSocket *self, SioRetried *retried)
{
  self->waiting_bytes -= sio_socket_weigh (retried->args);
  g_clear_pointer (&retried->ack, sio_ack_free);
  sio_value_unref (retried->args);
  g_free (retried->name);
  g_free (retried);
}

/* For what is settled before anything was sent: told in the next turn, never inside the call. Takes
 * @ack and @error. */
static void
fail_later (SioSocket *self, SioAck *ack, GError *error)
{
  if (ack == NULL)
    {
      sio_manager_report (self->io, error);
      return;
    }

  ack->id = self->next_ack_id++;
  ack->failure = error;
  ack->deadline = sio_clock_now (sio_manager_get_clock (self->io));
  sio_ack_table_add (&self->acks, ack);
  sio_socket_rearm (self);
}

static gboolean
is_ready (SioSocket *self)
{
  return sio_socket_is_inside (self) && !sio_manager_check_expired (self->io);
}

static Transmission
transmit (SioSocket *self,
          const char *name,
          SioValue *args,
          SioSending sending,
          guint64 id,
          GError **error)
{
  if (sio_socket_hears_outgoing (self, name))
    {
      g_autoptr (SioEvent) event = sio_event_new_outgoing (g_strdup (name), sio_value_ref (args));

      sio_socket_emit_outgoing_event (self, event);
      if (!is_ready (self))
        return NOT_CONNECTED;
    }

  return sio_manager_write (self->io, SIO_PACKET_EVENT, sending, self->nsp, id, name, args, error)
             ? SENT
             : REFUSED;
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
check_room (SioSocket *self, SioValue *args, GError **error)
{
  const SioLimits *limits = sio_manager_get_limits (self->io);
  GPtrArray *attachments =
      sio_value_has_attachments (args) ? sio_value_peek_attachments (args) : NULL;
  guint n_waiting = g_queue_get_length (&self->sent_later) + g_queue_get_length (&self->retried);

  if (attachments != NULL && attachments->len > limits->attachments)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                   _ ("The event has %u binary parts, more than the limit of %u"), attachments->len,
                   limits->attachments);
      return FALSE;
    }
  if (n_waiting >= limits->outbound_packets || self->waiting_bytes > limits->outbound_bytes)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                           _ ("Too much waits to be sent already"));
      return FALSE;
    }
  if (sio_ack_table_get_size (&self->acks) >= limits->pending_acks)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                           _ ("Too many events wait for an acknowledgement already"));
      return FALSE;
    }
  return TRUE;
}

/* Gives @ack, which is taken, its number and its time. */
static guint64
expect_answer (SioSocket *self, SioAck *ack, const SioFlags *flags, guint default_timeout)
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
send_once (SioSocket *self, const char *name, SioValue *args, const SioFlags *flags, SioAck *ack)
{
  gboolean ready = is_ready (self);
  guint64 id = SIO_PACKET_NO_ID;
  GError *error = NULL;
  Transmission result = NOT_CONNECTED;

  if (flags->is_volatile && (!ready || !sio_manager_get_writable (self->io)))
    {
      sio_debug ("A volatile event was dropped");
      if (ack != NULL)
        fail_later (self, ack,
                    g_error_new_literal (SIO_ERROR, SIO_ERROR_NOT_SENT,
                                         _ ("The event was volatile and could not be sent at "
                                            "once")));
      return;
    }

  if (ack != NULL)
    id = expect_answer (self, ack, flags, self->ack_timeout);
  if (ready)
    result = transmit (self, name, args, flags->sending, id, &error);
  switch (result)
    {
    case SENT:
      break;
    case NOT_CONNECTED:
      /* Unless whoever waited for the answer was told meanwhile that there will be none. */
      if (self->member != NULL && (ack == NULL || sio_ack_table_peek (&self->acks, id) != NULL))
        g_queue_push_tail (&self->sent_later, new_buffered (self, name, args, flags->sending, id));
      break;
    case REFUSED:
      fail_later (self, sio_ack_table_steal (&self->acks, id), error);
      break;
    }
}

void
sio_socket_flush (SioSocket *self)
{
  guint n = g_queue_get_length (&self->sent_later);
  guint64 session = self->session;
  SioBuffered *buffered;

  /* What handlers add meanwhile comes after, and goes out by itself. */
  while (n-- > 0 && self->state == SIO_SOCKET_CONNECTED && self->session == session &&
         (buffered = g_queue_pop_head (&self->sent_later)) != NULL)
    {
      SioAck *ack = sio_ack_table_peek (&self->acks, buffered->id);
      GError *error = NULL;
      Transmission result;

      if (ack != NULL)
        ack->buffered = FALSE;
      result =
          transmit (self, buffered->name, buffered->args, buffered->sending, buffered->id, &error);
      if (result == NOT_CONNECTED && self->member != NULL)
        {
          ack = sio_ack_table_peek (&self->acks, buffered->id);
          if (ack != NULL)
            ack->buffered = TRUE;
          g_queue_push_head (&self->sent_later, buffered);
          return;
        }
      if (result == REFUSED)
        fail_later (self, sio_ack_table_steal (&self->acks, buffered->id), error);
      free_buffered (self, buffered);
    }
}

static void
on_retry_answer (SioSocket *self, SioValue *args, const GError *error, gpointer user_data)
{
  const guint64 *try_id = user_data;
  SioRetried *retried = g_queue_peek_head (&self->retried);
  gboolean gave_up;

  /* Of a try before the one in flight, or of an event that is not waited for any more. */
  if (retried == NULL || !retried->in_flight || retried->try_id != *try_id)
    return;

  retried->in_flight = FALSE;
  gave_up = error != NULL && self->retries >= 0 && retried->tries > self->retries;
  if (error == NULL || gave_up)
    {
      SioAck *ack = g_steal_pointer (&retried->ack);

      /* Off the queue before its caller hears of it, who may emit again (O13). */
      g_queue_pop_head (&self->retried);
      free_retried (self, retried);
      if (ack != NULL)
        sio_ack_settle (ack, self, args, error);
    }
  sio_socket_continue_retries (self, FALSE);
}

void
sio_socket_continue_retries (SioSocket *self, gboolean again)
{
  SioRetried *retried = g_queue_peek_head (&self->retried);
  g_autoptr (SioValue) args = NULL;
  g_autofree char *name = NULL;
  GError *error = NULL;
  guint64 *try_id, id;

  if (retried == NULL || !is_ready (self) || (retried->in_flight && !again))
    return;

  retried->in_flight = TRUE;
  retried->tries++;
  try_id = g_new (guint64, 1);
  id = expect_answer (self, sio_ack_new (on_retry_answer, try_id, g_free), &retried->flags,
                      self->ack_timeout > 0 ? self->ack_timeout : RETRY_TIMEOUT);
  *try_id = retried->try_id = id;
  /* Both may be given up by a handler that is told of them. */
  name = g_strdup (retried->name);
  args = sio_value_ref (retried->args);
  switch (transmit (self, name, args, retried->flags.sending, id, &error))
    {
    case SENT:
      break;
    case NOT_CONNECTED:
      /* The end of the connection has counted as the failure of this try. */
      break;
    case REFUSED:
      fail_later (self, sio_ack_table_steal (&self->acks, id), error);
      break;
    }
}

/* Takes @ack. */
static void
send_with_retries (SioSocket *self,
                   const char *name,
                   SioValue *args,
                   const SioFlags *flags,
                   SioAck *ack)
{
  SioRetried *retried = g_new0 (SioRetried, 1);

  retried->name = g_strdup (name);
  retried->args = sio_value_ref (args);
  retried->flags = *flags;
  retried->ack = ack;
  self->waiting_bytes += sio_socket_weigh (args);
  g_queue_push_tail (&self->retried, retried);
  sio_socket_continue_retries (self, FALSE);
}

typedef struct
{
  SioSocket *socket;
  SioAck *ack;
} Refused;

static gboolean
on_refused (gpointer data)
{
  Refused *refused = data;
  g_autoptr (GError) error = NULL;

  if (refused->socket->io != NULL)
    g_set_error_literal (&error, SIO_ERROR, SIO_ERROR_DISCONNECTED,
                         _ ("The socket has been disconnected"));
  else
    g_set_error_literal (&error, SIO_ERROR, SIO_ERROR_FAILED,
                         _ ("The socket has no manager: sio_io() and sio_manager_get_socket() make "
                            "sockets"));
  sio_ack_settle (g_steal_pointer (&refused->ack), refused->socket, NULL, error);
  return G_SOURCE_REMOVE;
}

static void
free_refused (gpointer data)
{
  Refused *refused = data;

  g_clear_pointer (&refused->ack, sio_ack_free);
  g_object_unref (refused->socket);
  g_free (refused);
}

/* A disposed socket has no timer any more, and one that nobody made properly never had, but its
 * callbacks still come later. Takes @ack. */
static void
refuse_in_idle (SioSocket *self, SioAck *ack)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  g_autoptr (GMainContext) own = self->io == NULL ? g_main_context_ref_thread_default () : NULL;
  Refused *refused = g_new (Refused, 1);

  refused->socket = g_object_ref (self);
  refused->ack = ack;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_refused, refused, free_refused);
  g_source_attach (source, own != NULL ? own : sio_manager_get_context (self->io));
}

/* All ways to emit come together here. Takes @args and @ack. */
void
sio_socket_emit_with (SioSocket *self, const char *name, SioValue *args, SioAck *ack)
{
  g_autoptr (SioSocket) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (SioValue) owned = sio_value_take_args (args);
  SioFlags flags = self->next;
  GError *error = NULL;

  self->next = (SioFlags){ 0 };
  if (self->member == NULL || !sio_manager_check_thread (self->io))
    {
      if (ack != NULL)
        refuse_in_idle (self, ack);
      else
        sio_socket_check_made (self);
      return;
    }

  if (sio_packet_name_is_reserved (name, strlen (name)))
    {
      g_critical ("“%s” is a reserved event name", name);
      if (ack != NULL)
        fail_later (
            self, ack,
            g_error_new (SIO_ERROR, SIO_ERROR_FAILED, _ ("“%s” is a reserved event name"), name));
      return;
    }

  if (!check_room (self, owned, &error))
    fail_later (self, ack, error);
  else if (self->retries != 0 && !flags.is_volatile)
    send_with_retries (self, name, owned, &flags, ack);
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
  for (GList *link = self->retried.head; link != NULL; link = link->next)
    {
      SioRetried *retried = link->data;

      if (retried->ack != ack)
        continue;
      g_clear_pointer (&retried->ack, sio_ack_free);
      if (!retried->in_flight)
        {
          g_queue_delete_link (&self->retried, link);
          free_retried (self, retried);
        }
      return TRUE;
    }

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
  g_autoptr (GPtrArray) acks = sio_ack_table_steal_some (&self->acks, SIO_ACKS_ALL, 0);
  GQueue retried = self->retried;
  SioBuffered *buffered;
  SioRetried *entry;

  g_queue_init (&self->retried);
  while ((buffered = g_queue_pop_head (&self->sent_later)) != NULL)
    free_buffered (self, buffered);
  sio_socket_settle (self, acks, error);
  while ((entry = g_queue_pop_head (&retried)) != NULL)
    {
      SioAck *ack = g_steal_pointer (&entry->ack);

      if (ack != NULL)
        sio_ack_settle (ack, self, NULL, error);
      free_retried (self, entry);
    }
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
 * with [error@Sio.Error.LIMIT_EXCEEDED].
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
 * with [error@Sio.Error.LIMIT_EXCEEDED].
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
 * counts from this call), [error@Sio.Error.DISCONNECTED], [error@Sio.Error.NOT_SENT] for a volatile
 * event that was dropped, or [error@Sio.Error.LIMIT_EXCEEDED]. If @self goes away before, it is
 * called from there.
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
