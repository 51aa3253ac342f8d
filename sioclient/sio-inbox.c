/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-inbox-private.h"

#include "base/sio-log-private.h"

/* For languages whose callbacks are not always let in. GJS before 1.81.90 drops signal handlers and
 * callbacks that come while it collects garbage, but still runs the setter of a property. So what
 * happens is put into a queue, and a property is set; the setter takes what is there. */

struct _SioInbox
{
  GQueue notices;
  GWeakRef target;
  const char *property; /* interned */
  guint last_ticket;
};

/**
 * SioNotice: (ref-func sio_notice_ref) (unref-func sio_notice_unref)
 *
 * Something that happened on a socket, a manager or an engine with an inbox.
 *
 * For language bindings: see [method@Socket.set_inbox].
 */
G_DEFINE_BOXED_TYPE (SioNotice, sio_notice, sio_notice_ref, sio_notice_unref)

SioNotice *
sio_notice_new (SioNoticeKind kind, SioValue *value, const GError *error)
{
  SioNotice *notice = g_new0 (SioNotice, 1);

  g_atomic_ref_count_init (&notice->ref_count);
  notice->kind = kind;
  notice->value = value != NULL ? sio_value_ref (value) : NULL;
  notice->error = error != NULL ? g_error_copy (error) : NULL;
  return notice;
}

SioInbox *
sio_inbox_new (GObject *target, const char *property)
{
  SioInbox *self;

  if (target != NULL)
    {
      GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (target), property);

      g_return_val_if_fail (pspec != NULL && (pspec->flags & G_PARAM_WRITABLE) != 0, NULL);
    }

  self = g_new0 (SioInbox, 1);
  g_queue_init (&self->notices);
  g_weak_ref_init (&self->target, target);
  self->property = g_intern_string (property);
  return self;
}

void
sio_inbox_free (SioInbox *self)
{
  g_queue_clear_full (&self->notices, (GDestroyNotify) sio_notice_unref);
  g_weak_ref_clear (&self->target);
  g_free (self);
}

guint
sio_inbox_next_ticket (SioInbox *self)
{
  /* 0 is no ticket. */
  if (++self->last_ticket == 0)
    ++self->last_ticket;
  return self->last_ticket;
}

static gboolean
may_be_lost (SioNoticeKind kind)
{
  return kind == SIO_NOTICE_EVENT || kind == SIO_NOTICE_OUTGOING || kind == SIO_NOTICE_SIGNAL;
}

/* Whoever does not empty it loses events, not the memory of the machine. */
gboolean
sio_inbox_put (SioInbox *self, SioNotice *notice)
{
  if (g_queue_get_length (&self->notices) >= SIO_INBOX_NOTICES && may_be_lost (notice->kind))
    {
      sio_debug ("An inbox that nobody empties is full");
      sio_notice_unref (notice);
      return FALSE;
    }
  g_queue_push_tail (&self->notices, notice);
  return TRUE;
}

SioNotice *
sio_inbox_take (SioInbox *self)
{
  return g_queue_pop_head (&self->notices);
}

SioNotice *
sio_inbox_peek (SioInbox *self)
{
  return g_queue_peek_head (&self->notices);
}

void
sio_inbox_tell (SioInbox *self)
{
  guint n_notices = g_queue_get_length (&self->notices);
  g_autoptr (GObject) target = NULL;

  if (n_notices == 0)
    return;

  target = g_weak_ref_get (&self->target);
  if (target != NULL)
    g_object_set (target, self->property, n_notices, NULL);
  else
    g_queue_clear_full (&self->notices, (GDestroyNotify) sio_notice_unref);
}

guint
sio_inbox_get_length (SioInbox *self)
{
  return g_queue_get_length (&self->notices);
}

gboolean
sio_inbox_takes_text (SioInbox *self, const char *property)
{
  g_autoptr (GObject) target = g_weak_ref_get (&self->target);
  GParamSpec *pspec = NULL;

  if (target != NULL)
    pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (target), property);
  return G_IS_PARAM_SPEC_STRING (pspec) && (pspec->flags & G_PARAM_WRITABLE) != 0;
}

void
sio_inbox_tell_text (SioInbox *self, const char *property, const char *text)
{
  g_autoptr (GObject) target = g_weak_ref_get (&self->target);

  if (target != NULL)
    g_object_set (target, property, text, NULL);
}

/**
 * sio_notice_ref:
 * @notice: a notice
 *
 * Adds a reference.
 *
 * Returns: (transfer full): @notice
 */
SioNotice *
sio_notice_ref (SioNotice *notice)
{
  g_return_val_if_fail (notice != NULL, NULL);

  g_atomic_ref_count_inc (&notice->ref_count);
  return notice;
}

/**
 * sio_notice_unref:
 * @notice: (transfer full): a notice
 *
 * Drops a reference.
 */
void
sio_notice_unref (SioNotice *notice)
{
  g_return_if_fail (notice != NULL);

  if (!g_atomic_ref_count_dec (&notice->ref_count))
    return;

  g_clear_pointer (&notice->event, sio_event_unref);
  g_clear_pointer (&notice->value, sio_value_unref);
  g_clear_pointer (&notice->request, sio_auth_request_unref);
  g_clear_error (&notice->error);
  g_free (notice->text);
  g_free (notice);
}

/**
 * sio_notice_get_kind:
 * @notice: a notice
 *
 * Gets what it is of.
 *
 * Returns: its kind
 */
SioNoticeKind
sio_notice_get_kind (SioNotice *notice)
{
  g_return_val_if_fail (notice != NULL, SIO_NOTICE_SIGNAL);

  return notice->kind;
}

/**
 * sio_notice_get_ticket:
 * @notice: a notice of an acknowledgement, or of the end of an attempt to open
 *
 * Gets the number by which the answer finds whoever asked.
 *
 * Returns: what [method@Socket.emit_with_ticket] or [method@Manager.open_with_ticket] returned
 */
guint
sio_notice_get_ticket (SioNotice *notice)
{
  g_return_val_if_fail (notice != NULL, 0);

  return notice->ticket;
}

/**
 * sio_notice_get_event:
 * @notice: a notice
 *
 * Gets the event from or to the server.
 *
 * Returns: (transfer none) (nullable): the event
 */
SioEvent *
sio_notice_get_event (SioNotice *notice)
{
  g_return_val_if_fail (notice != NULL, NULL);

  return notice->event;
}

/**
 * sio_notice_get_value:
 * @notice: a notice
 *
 * Gets the arguments of an acknowledgement, what the server attached to a refusal, or the data of a
 * packet.
 *
 * Returns: (transfer none) (nullable): the value
 */
SioValue *
sio_notice_get_value (SioNotice *notice)
{
  g_return_val_if_fail (notice != NULL, NULL);

  return notice->value;
}

/**
 * sio_notice_get_reason:
 * @notice: a notice of a disconnection
 *
 * Gets why the connection has ended.
 *
 * Returns: why
 */
SioDisconnectReason
sio_notice_get_reason (SioNotice *notice)
{
  g_return_val_if_fail (notice != NULL, SIO_DISCONNECT_REASON_TRANSPORT_ERROR);

  return notice->reason;
}

/**
 * sio_notice_get_message:
 * @notice: a notice
 *
 * Gets the message of its error.
 *
 * Returns: (transfer none) (nullable): the error's message
 */
const char *
sio_notice_get_message (SioNotice *notice)
{
  g_return_val_if_fail (notice != NULL, NULL);

  return notice->error != NULL ? notice->error->message : NULL;
}

/**
 * sio_notice_get_error:
 * @notice: a notice
 *
 * Gets what went wrong.
 *
 * Returns: (transfer none) (nullable): the error
 */
const GError *
sio_notice_get_error (SioNotice *notice)
{
  g_return_val_if_fail (notice != NULL, NULL);

  return notice->error;
}

/**
 * sio_notice_get_auth_request:
 * @notice: a notice that asks what to present
 *
 * Gets what has to be answered.
 *
 * Returns: (transfer none) (nullable): the request
 */
SioAuthRequest *
sio_notice_get_auth_request (SioNotice *notice)
{
  g_return_val_if_fail (notice != NULL, NULL);

  return notice->request;
}

/**
 * sio_notice_get_name:
 * @notice: a notice of a signal
 *
 * Gets the name of the signal.
 *
 * Returns: (transfer none) (nullable): the name
 */
const char *
sio_notice_get_name (SioNotice *notice)
{
  g_return_val_if_fail (notice != NULL, NULL);

  return notice->name;
}

/**
 * sio_notice_get_text:
 * @notice: a notice of a signal
 *
 * Gets the text that came with the signal: the name of a transport, the type of a packet, or why an
 * engine was closed.
 *
 * Returns: (transfer none) (nullable): the text
 */
const char *
sio_notice_get_text (SioNotice *notice)
{
  g_return_val_if_fail (notice != NULL, NULL);

  return notice->text;
}

/**
 * sio_notice_get_number:
 * @notice: a notice of a signal
 *
 * Gets the number that came with the signal: that of the attempt.
 *
 * Returns: the number
 */
guint
sio_notice_get_number (SioNotice *notice)
{
  g_return_val_if_fail (notice != NULL, 0);

  return notice->number;
}
