/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manager/sio-manager-state-private.h"

#include <glib/gi18n-lib.h>

/* Asking for a connection, and waiting for it. */

/**
 * sio_manager_open:
 * @self: a manager
 *
 * Starts an attempt to connect, if none is under way (`manager.open()`).
 *
 * While it waits for the next attempt to reconnect, that attempt is made at once.
 */
void
sio_manager_open (SioManager *self)
{
  g_return_if_fail (SIO_IS_MANAGER (self));

  if (sio_manager_check_thread (self) && self->timer != NULL)
    sio_manager_start (self, FALSE);
}

/**
 * sio_manager_connect: (skip)
 * @self: a manager
 *
 * The same as [method@Manager.open] (`manager.connect()`).
 */
void
sio_manager_connect (SioManager *self)
{
  sio_manager_open (self);
}

/**
 * sio_manager_reconnect_now:
 * @self: a manager
 *
 * Makes the next attempt to reconnect at once, as a button beside a countdown does.
 *
 * It counts as the first of its loop: if it fails, the delays begin anew with the shortest, and
 * so do [property@Manager:reconnection-attempts]. The attempt is made in the next turn of the main
 * loop, after [signal@Manager::reconnect-attempt].
 *
 * Nothing happens while no attempt is waited for, that is, while
 * [property@Manager:next-attempt-time] is 0; [method@Manager.open] is for that. Nothing happens
 * either inside a handler that is being told of a failed attempt, or of the loss of the connection:
 * it would ask again after the next one, without an end. There the delay is what protects the
 * server.
 *
 * Returns: whether an attempt is made
 */
gboolean
sio_manager_reconnect_now (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), FALSE);

  return sio_manager_check_thread (self) && self->timer != NULL && self->telling == 0 &&
         sio_manager_hurry (self);
}

/**
 * sio_manager_get_next_attempt_time: (get-property next-attempt-time)
 * @self: a manager
 *
 * Gets when the next attempt to reconnect is made, 0 while none is waited for.
 *
 * It is in microseconds on the clock of [func@GLib.get_monotonic_time]. A delay goes on
 * during a suspend, while that clock stands still, so the time is worked out anew each time that
 * it is asked for: after a suspend it is earlier by as much, without a notification, and from one
 * time to the next it may differ by a microsecond.
 *
 * Returns: an instant in microseconds, or 0
 */
gint64
sio_manager_get_next_attempt_time (SioManager *self)
{
  gint64 next;

  g_return_val_if_fail (SIO_IS_MANAGER (self), 0);

  next = sio_manager_get_next_attempt (self);
  return next != SIO_CLOCK_NEVER ? sio_clock_to_monotonic (self->clock, next) : 0;
}

static void
drop_source (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

/* A GCancellable calls back in the thread that cancels, so a source brings it here. */
static gboolean
on_opener_cancelled (GCancellable *cancellable, gpointer data)
{
  g_autoptr (GTask) task = g_object_ref (data);
  SioManager *self = g_task_get_source_object (task);

  if (self->openers != NULL && g_ptr_array_remove (self->openers, task))
    g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
watch_opener (SioManager *self, GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  GSource *source;

  if (cancellable == NULL)
    return;

  source = g_cancellable_source_new (cancellable);
  g_source_set_callback (source, G_SOURCE_FUNC (on_opener_cancelled), task, NULL);
  g_source_attach (source, self->context);
  g_task_set_task_data (task, source, drop_source);
}

/**
 * sio_manager_open_async:
 * @self: a manager
 * @cancellable: (nullable): to stop waiting
 * @callback: (scope async) (closure user_data): called when the attempt has failed or succeeded
 * @user_data: data for @callback
 *
 * Starts an attempt to connect, if none is under way, and tells of its end (`manager.open(fn)`).
 *
 * An attempt that this call has started is not repeated if it fails. Cancelling stops the waiting,
 * not the attempt.
 */
void
sio_manager_open_async (SioManager *self,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (SIO_IS_MANAGER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  if (!sio_manager_check_thread (self))
    return;

  task = sio_manager_new_task (self, self, cancellable, callback, user_data);
  g_task_set_source_tag (task, sio_manager_open_async);
  if (g_task_return_error_if_cancelled (task))
    return;

  if (self->timer == NULL)
    {
      g_task_return_new_error (task, SIO_ERROR, SIO_ERROR_DISCONNECTED, "%s",
                               _ ("There is no connection"));
      return;
    }
  if (self->state == SIO_MANAGER_CONNECTED)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  if (self->openers == NULL)
    self->openers = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->openers, g_object_ref (task));
  watch_opener (self, task);
  sio_manager_start (self, TRUE);
}

/**
 * sio_manager_open_finish:
 * @self: a manager
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Manager.open_async].
 *
 * Errors are those of the attempt: `G_IO_ERROR_TIMED_OUT`, %SIO_ERROR_TRANSPORT,
 * %SIO_ERROR_INVALID_URL, %SIO_ERROR_PROTOCOL; or `G_IO_ERROR_CANCELLED`.
 *
 * Returns: %TRUE if the connection stands
 */
gboolean
sio_manager_open_finish (SioManager *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
