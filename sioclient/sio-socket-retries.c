/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-socket-private.h"

/* Events that are sent until they were acknowledged, one after the other (S43 to S50). */

/* Retries need an end to each try; this is it, in ms, if the program set none (S48). */
#define RETRY_TIMEOUT 10000

static void
free_retried (SioSocket *self, SioRetried *retried)
{
  self->waiting_bytes -= sio_socket_weigh (retried->args);
  g_clear_pointer (&retried->ack, sio_ack_free);
  sio_value_unref (retried->args);
  g_free (retried->name);
  g_free (retried);
}

/* The words for an answer that does not come are those of the protocol's reference client. */
void
sio_socket_give_up_retried (SioSocket *self, SioRetried *retried, const GError *error)
{
  SioAck *ack = g_steal_pointer (&retried->ack);
  SioLoss loss = retried->sent ? SIO_LOSS_ACKNOWLEDGEMENT : SIO_LOSS_EVENT;
  gboolean in_words =
      !retried->sent || g_error_matches (error, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED);
  g_autoptr (GError) lost = sio_manager_describe_loss (loss, retried->name, 1, error);

  if (ack != NULL ? ack->reported : !retried->withdrawn)
    sio_manager_report (self->io, loss, retried->name, 1, g_error_copy (error));
  free_retried (self, retried);
  if (ack != NULL)
    sio_ack_settle (ack, self, NULL, in_words ? lost : error);
}

static void
succeed (SioSocket *self, SioRetried *retried, SioValue *args)
{
  SioAck *ack = g_steal_pointer (&retried->ack);

  free_retried (self, retried);
  if (ack != NULL)
    sio_ack_settle (ack, self, args, NULL);
}

static void
on_retry_answer (SioSocket *self, SioValue *args, const GError *error, gpointer user_data)
{
  const guint64 *try_id = user_data;
  SioRetried *retried = g_queue_peek_head (&self->retried);

  /* Of a try before the one in flight, or of an event that is not waited for any more. */
  if (retried == NULL || !retried->in_flight || retried->try_id != *try_id)
    return;

  retried->in_flight = FALSE;
  /* Off the queue before its caller hears of it, who may emit again (O13). */
  if (error == NULL)
    succeed (self, g_queue_pop_head (&self->retried), args);
  else if (self->retries >= 0 && retried->tries > self->retries)
    sio_socket_give_up_retried (self, g_queue_pop_head (&self->retried), error);
  sio_socket_continue_retries (self, FALSE);
}

static void
try_was_sent (SioSocket *self, guint64 id)
{
  SioRetried *retried = g_queue_peek_head (&self->retried);

  if (retried != NULL && retried->try_id == id)
    retried->sent = TRUE;
}

/* There is no room for it now, and there would be none at once: this try ends when it would have
 * ended without an answer. Why it could not leave is told if it was the last. Takes @reason. */
static void
try_was_refused (SioSocket *self, guint64 id, GError *reason)
{
  SioAck *ack = sio_ack_table_peek (&self->acks, id);

  if (ack != NULL)
    sio_ack_table_fail (&self->acks, ack, reason, ack->deadline);
  else
    g_error_free (reason);
}

void
sio_socket_continue_retries (SioSocket *self, gboolean again)
{
  SioRetried *retried = g_queue_peek_head (&self->retried);
  g_autoptr (SioValue) args = NULL;
  g_autofree char *name = NULL;
  GError *reason = NULL;
  guint64 *try_id, id;

  if (retried == NULL || !sio_socket_is_ready (self) || (retried->in_flight && !again))
    return;

  retried->in_flight = TRUE;
  retried->tries++;
  try_id = g_new (guint64, 1);
  id = sio_socket_expect_answer (self, sio_ack_new (on_retry_answer, try_id, g_free),
                                 &retried->flags,
                                 self->ack_timeout > 0 ? self->ack_timeout : RETRY_TIMEOUT);
  *try_id = retried->try_id = id;
  /* Both may be given up by a handler that is told of them. */
  name = g_strdup (retried->name);
  args = sio_value_ref (retried->args);
  switch (sio_socket_transmit (self, name, args, retried->flags.sending, id, &reason))
    {
    case SIO_TRANSMISSION_SENT:
      try_was_sent (self, id);
      break;
    case SIO_TRANSMISSION_NOT_CONNECTED:
      /* The end of the connection has counted as the failure of this try. */
      break;
    case SIO_TRANSMISSION_REFUSED:
      try_was_refused (self, id, reason);
      break;
    }
}

void
sio_socket_send_with_retries (SioSocket *self,
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

gboolean
sio_socket_withdraw_retried (SioSocket *self, SioAck *ack)
{
  for (GList *link = self->retried.head; link != NULL; link = link->next)
    {
      SioRetried *retried = link->data;

      if (retried->ack != ack)
        continue;
      g_clear_pointer (&retried->ack, sio_ack_free);
      retried->withdrawn = TRUE;
      if (!retried->in_flight)
        {
          g_queue_delete_link (&self->retried, link);
          free_retried (self, retried);
        }
      return TRUE;
    }
  return FALSE;
}
