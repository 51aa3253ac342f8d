/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-socket-private.h"

#include "base/sio-log-private.h"

#include <glib/gi18n-lib.h>

/* Acknowledgements in both directions. Each that is waited for ends exactly once: with an answer,
 * or with the reason why there is none. */

void
sio_socket_settle (SioSocket *self, GPtrArray *acks, const GError *error)
{
  for (guint i = 0; i < acks->len; i++)
    {
      SioAck *ack = g_ptr_array_index (acks, i);
      g_autoptr (GError) failure = g_steal_pointer (&ack->failure);

      sio_ack_settle (ack, self, NULL, failure != NULL ? failure : error);
    }
  sio_socket_rearm (self);
}

void
sio_socket_settle_due (SioSocket *self)
{
  gint64 now = sio_clock_now (sio_manager_get_clock (self->io));
  g_autoptr (GPtrArray) acks = sio_ack_table_steal_some (&self->acks, SIO_ACKS_DUE, now);

  for (guint i = 0; i < acks->len; i++)
    {
      SioAck *ack = g_ptr_array_index (acks, i);
      g_autoptr (GError) error = g_steal_pointer (&ack->failure);

      if (error == NULL)
        {
          if (ack->buffered)
            sio_socket_drop_buffered (self, ack->id);
          error =
              g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _ ("operation has timed out"));
        }
      sio_ack_settle (ack, self, NULL, error);
    }
  sio_socket_rearm (self);
}

void
sio_socket_handle_ack (SioSocket *self, SioPacket *packet)
{
  SioAck *ack = sio_ack_table_peek (&self->acks, packet->id);

  /* Unknown, late, or for an event that never went out (S29). */
  if (packet->id == SIO_PACKET_NO_ID || ack == NULL || ack->buffered || ack->failure != NULL)
    return;

  sio_ack_table_steal (&self->acks, packet->id);
  sio_ack_settle (ack, self, packet->payload, NULL);
}

void
sio_socket_answer (gpointer owner, guint64 session, guint64 id, const char *name, SioValue *args)
{
  g_autoptr (SioSocket) self = g_object_ref (owner);
  g_autoptr (GError) reason = NULL;

  if (!sio_manager_check_thread (self->io))
    return;
  if (sio_socket_is_inside (self) && self->session == session &&
      sio_manager_write (self->io, SIO_PACKET_ACK, SIO_SEND_USUALLY, self->nsp, id, NULL, args,
                         &reason))
    return;
  if (reason == NULL || g_error_matches (reason, SIO_ERROR, SIO_ERROR_DISCONNECTED))
    sio_debug ("An acknowledgement came after the end of the connection and was dropped");
  else
    sio_manager_report (self->io, SIO_LOSS_ANSWER, name, 1, g_steal_pointer (&reason));
}

static void
on_task_answer (SioSocket *self, SioValue *args, const GError *error, gpointer user_data)
{
  GTask *task = user_data;

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_pointer (task, sio_value_ref (args), (GDestroyNotify) sio_value_unref);
}

typedef struct
{
  GSource *source;
  SioAck *ack; /* valid until the task has returned */
} Cancellation;

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  Cancellation *cancellation = g_task_get_task_data (task);

  if (!g_task_get_completed (task) && cancellation->ack != NULL &&
      sio_socket_withdraw (g_task_get_source_object (task), cancellation->ack))
    g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
free_cancellation (gpointer data)
{
  Cancellation *cancellation = data;

  g_source_destroy (cancellation->source);
  g_source_unref (cancellation->source);
  g_free (cancellation);
}

static void
release_task (gpointer data)
{
  g_autoptr (GTask) task = data;
  Cancellation *cancellation = g_task_get_task_data (task);

  /* The ack is gone, so it can't be withdrawn any more. */
  if (cancellation != NULL)
    cancellation->ack = NULL;
}

static void
watch_cancellable (SioSocket *self, GTask *task, SioAck *ack)
{
  Cancellation *cancellation;

  if (g_task_get_cancellable (task) == NULL)
    return;

  /* A GCancellable calls back in the thread that cancels, so a source brings it here. */
  cancellation = g_new (Cancellation, 1);
  cancellation->ack = ack;
  cancellation->source = g_cancellable_source_new (g_task_get_cancellable (task));
  g_source_set_callback (cancellation->source, G_SOURCE_FUNC (on_cancelled), task, NULL);
  g_source_attach (cancellation->source, sio_manager_get_context (self->io));
  g_task_set_task_data (task, cancellation, free_cancellation);
}

/**
 * sio_socket_emit_with_ack_async:
 * @self: a socket
 * @event: the name of the event
 * @args: (transfer full) (nullable): the arguments, an array, or the only one
 * @cancellable: (nullable): to stop waiting; what was sent stays sent
 * @callback: (scope async) (closure user_data): called with the answer or an error
 * @user_data: data for @callback
 *
 * Sends an event that the server is asked to acknowledge (`socket.emitWithAck()`).
 *
 * If the socket is not connected, the event waits until it is. The time limit counts from this
 * call, waiting included.
 *
 * @callback runs in the main context in which the manager was made, never inside this call, and
 * exactly once. Until then the socket is kept alive.
 */
void
sio_socket_emit_with_ack_async (SioSocket *self,
                                const char *event,
                                SioValue *args,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  SioAck *ack;

  g_return_if_fail (SIO_IS_SOCKET (self));
  g_return_if_fail (event != NULL && g_utf8_validate (event, -1, NULL));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = self->io != NULL ? sio_manager_new_task (self->io, self, cancellable, callback, user_data)
                          : g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, sio_socket_emit_with_ack_async);
  if (g_task_return_error_if_cancelled (task))
    {
      self->next = (SioFlags){ 0 };
      g_clear_pointer (&args, sio_value_unref);
      return;
    }

  ack = sio_ack_new (on_task_answer, g_object_ref (task), release_task);
  if (self->member != NULL)
    watch_cancellable (self, task, ack);
  sio_socket_emit_with (self, event, args, ack);
}

/**
 * sio_socket_emit_with_ack_finish:
 * @self: a socket
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Socket.emit_with_ack_async].
 *
 * Errors: `G_IO_ERROR_TIMED_OUT`, `G_IO_ERROR_CANCELLED`, %SIO_ERROR_DISCONNECTED,
 * %SIO_ERROR_NOT_SENT or %SIO_ERROR_LIMIT_EXCEEDED.
 *
 * Returns: (transfer full): all arguments of the answer, an array
 */
SioValue *
sio_socket_emit_with_ack_finish (SioSocket *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
