/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-inbox-private.h"

/* The inboxes of a manager and of an engine: their signals as notices. */

typedef struct
{
  GObject *object; /* whose inbox it is */
  SioInbox *inbox;
  GSource *later; /* while something is to be told from the main loop */
} SioSignalInbox;

static GQuark
inbox_quark (void)
{
  static GQuark quark;

  if (quark == 0)
    quark = g_quark_from_static_string ("sio-inbox");
  return quark;
}

static void
signal_inbox_free (gpointer data)
{
  SioSignalInbox *self = data;

  if (self->later != NULL)
    g_source_destroy (self->later);
  g_clear_pointer (&self->later, g_source_unref);
  sio_inbox_free (self->inbox);
  g_free (self);
}

static SioNotice *
new_notice (const char *name, const char *text, SioValue *value, const GError *error)
{
  SioNotice *notice = sio_notice_new (SIO_NOTICE_SIGNAL, value, error);

  notice->name = g_intern_static_string (name);
  notice->text = g_strdup (text);
  return notice;
}

static void
tell (SioSignalInbox *self, SioNotice *notice)
{
  g_autoptr (GObject) alive G_GNUC_UNUSED = g_object_ref (self->object);

  sio_inbox_put (self->inbox, notice);
  sio_inbox_tell (self->inbox);
}

static gboolean
on_later (gpointer data)
{
  SioSignalInbox *self = data;
  g_autoptr (GObject) alive G_GNUC_UNUSED = g_object_ref (self->object);

  g_clear_pointer (&self->later, g_source_unref);
  sio_inbox_tell (self->inbox);
  return G_SOURCE_REMOVE;
}

/* For what can come from inside of a garbage collection, by the end of another object: then no
 * language lets itself be called. */
static void
tell_later (SioSignalInbox *self, SioNotice *notice)
{
  sio_inbox_put (self->inbox, notice);
  if (self->later != NULL)
    return;
  self->later = g_idle_source_new ();
  g_source_set_priority (self->later, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->later, on_later, self, NULL);
  g_source_attach (self->later, g_main_context_get_thread_default ());
}

static SioSignalInbox *
get_inbox (gpointer object)
{
  return g_object_get_qdata (object, inbox_quark ());
}

static SioSignalInbox *
set_inbox (gpointer object, GObject *target, const char *property)
{
  SioSignalInbox *last = get_inbox (object);
  SioSignalInbox *self = NULL;
  SioInbox *inbox = NULL;

  if (target != NULL)
    {
      inbox = sio_inbox_new (target, property);
      if (inbox == NULL)
        return NULL;
      self = g_new0 (SioSignalInbox, 1);
      self->object = object;
      self->inbox = inbox;
    }

  if (last != NULL)
    g_signal_handlers_disconnect_matched (object, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, last);
  g_object_set_qdata_full (object, inbox_quark (), self, signal_inbox_free);
  return self;
}

static SioNotice *
take (gpointer object)
{
  SioSignalInbox *self = get_inbox (object);

  return self != NULL ? sio_inbox_take (self->inbox) : NULL;
}

static void
on_error (SioManager *manager, const GError *error, gpointer data)
{
  tell (data, new_notice ("error", NULL, NULL, error));
}

static void
on_ping (SioManager *manager, gpointer data)
{
  tell (data, new_notice ("ping", NULL, NULL, NULL));
}

static void
tell_attempt (SioSignalInbox *self, const char *name, guint attempt)
{
  SioNotice *notice = new_notice (name, NULL, NULL, NULL);

  notice->number = attempt;
  tell (self, notice);
}

static void
on_reconnect (SioManager *manager, guint attempt, gpointer data)
{
  tell_attempt (data, "reconnect", attempt);
}

static void
on_reconnect_attempt (SioManager *manager, guint attempt, gpointer data)
{
  tell_attempt (data, "reconnect-attempt", attempt);
}

static void
on_reconnect_error (SioManager *manager, const GError *error, gpointer data)
{
  tell (data, new_notice ("reconnect-error", NULL, NULL, error));
}

static void
on_reconnect_failed (SioManager *manager, gpointer data)
{
  tell (data, new_notice ("reconnect-failed", NULL, NULL, NULL));
}

static void
on_opened (SioManager *manager, gpointer data)
{
  tell (data, new_notice ("opened", NULL, NULL, NULL));
}

static void
on_closed (SioManager *manager, SioDisconnectReason reason, const GError *details, gpointer data)
{
  SioNotice *notice = new_notice ("closed", NULL, NULL, details);

  notice->reason = reason;
  tell_later (data, notice);
}

static void
on_upgrade (SioEngine *engine, const char *transport_name, gpointer data)
{
  tell (data, new_notice ("upgrade", transport_name, NULL, NULL));
}

static void
on_packet (SioEngine *engine, const char *type, SioValue *value, gpointer data)
{
  tell (data, new_notice ("packet", type, value, NULL));
}

static void
on_packet_create (SioEngine *engine, const char *type, SioValue *value, gpointer data)
{
  tell (data, new_notice ("packet-create", type, value, NULL));
}

static void
on_drain (SioEngine *engine, gpointer data)
{
  tell (data, new_notice ("drain", NULL, NULL, NULL));
}

static void
on_close (SioEngine *engine, const char *reason, const GError *details, gpointer data)
{
  tell_later (data, new_notice ("close", reason, NULL, details));
}

/**
 * sio_manager_set_inbox:
 * @self: a manager
 * @target: (nullable): an object, which is not kept alive by this, or %NULL for no inbox
 * @property: (nullable): a property of @target that can be set to an unsigned integer
 *
 * Collects the signals of @self, and sets @property of @target to the number of notices whenever
 * there is a new one.
 *
 * This is for language bindings: see [method@Socket.set_inbox].
 */
void
sio_manager_set_inbox (SioManager *self, GObject *target, const char *property)
{
  SioSignalInbox *inbox;

  g_return_if_fail (SIO_IS_MANAGER (self));
  g_return_if_fail (target == NULL || (G_IS_OBJECT (target) && property != NULL));

  inbox = set_inbox (self, target, property);
  if (inbox == NULL)
    return;
  g_signal_connect (self, "error", G_CALLBACK (on_error), inbox);
  g_signal_connect (self, "ping", G_CALLBACK (on_ping), inbox);
  g_signal_connect (self, "reconnect", G_CALLBACK (on_reconnect), inbox);
  g_signal_connect (self, "reconnect-attempt", G_CALLBACK (on_reconnect_attempt), inbox);
  g_signal_connect (self, "reconnect-error", G_CALLBACK (on_reconnect_error), inbox);
  g_signal_connect (self, "reconnect-failed", G_CALLBACK (on_reconnect_failed), inbox);
  g_signal_connect (self, "opened", G_CALLBACK (on_opened), inbox);
  g_signal_connect (self, "closed", G_CALLBACK (on_closed), inbox);
}

/**
 * sio_manager_take_notice:
 * @self: a manager
 *
 * Takes the oldest notice out of the inbox.
 *
 * Returns: (transfer full) (nullable): the oldest notice, or %NULL if there is none
 */
SioNotice *
sio_manager_take_notice (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), NULL);

  return take (self);
}

static void
on_open_end (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  SioSignalInbox *inbox = get_inbox (source);
  SioNotice *notice;

  sio_manager_open_finish (SIO_MANAGER (source), result, &error);
  if (inbox == NULL)
    return;

  notice = sio_notice_new (SIO_NOTICE_OPEN, NULL, error);
  notice->ticket = GPOINTER_TO_UINT (user_data);
  tell (inbox, notice);
}

/**
 * sio_manager_open_with_ticket:
 * @self: a manager with an inbox
 *
 * Starts an attempt to connect, if none is under way; how it ends comes into the inbox, as
 * [method@Manager.open_async] would tell it.
 *
 * Returns: a number by which to know it, never 0
 */
guint
sio_manager_open_with_ticket (SioManager *self)
{
  SioSignalInbox *inbox;
  guint ticket;

  g_return_val_if_fail (SIO_IS_MANAGER (self), 0);

  inbox = get_inbox (self);
  g_return_val_if_fail (inbox != NULL, 0);

  ticket = sio_inbox_next_ticket (inbox->inbox);
  sio_manager_open_async (self, NULL, on_open_end, GUINT_TO_POINTER (ticket));
  return ticket;
}

/**
 * sio_engine_set_inbox:
 * @self: an engine
 * @target: (nullable): an object, which is not kept alive by this, or %NULL for no inbox
 * @property: (nullable): a property of @target that can be set to an unsigned integer
 *
 * Collects the signals of @self, and sets @property of @target to the number of notices whenever
 * there is a new one.
 *
 * This is for language bindings: see [method@Socket.set_inbox].
 */
void
sio_engine_set_inbox (SioEngine *self, GObject *target, const char *property)
{
  SioSignalInbox *inbox;

  g_return_if_fail (SIO_IS_ENGINE (self));
  g_return_if_fail (target == NULL || (G_IS_OBJECT (target) && property != NULL));

  inbox = set_inbox (self, target, property);
  if (inbox == NULL)
    return;
  g_signal_connect (self, "upgrade", G_CALLBACK (on_upgrade), inbox);
  g_signal_connect (self, "packet", G_CALLBACK (on_packet), inbox);
  g_signal_connect (self, "packet-create", G_CALLBACK (on_packet_create), inbox);
  g_signal_connect (self, "drain", G_CALLBACK (on_drain), inbox);
  g_signal_connect (self, "close", G_CALLBACK (on_close), inbox);
}

/**
 * sio_engine_take_notice:
 * @self: an engine
 *
 * Takes the oldest notice out of the inbox.
 *
 * Returns: (transfer full) (nullable): the oldest notice, or %NULL if there is none
 */
SioNotice *
sio_engine_take_notice (SioEngine *self)
{
  g_return_val_if_fail (SIO_IS_ENGINE (self), NULL);

  return take (self);
}
