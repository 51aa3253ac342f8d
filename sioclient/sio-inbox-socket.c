/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-inbox-private.h"

#include "sio-event-private.h"
#include "sio-socket-private.h"

#include <glib/gi18n-lib.h>

/* The inbox of a socket. */

#define ALL_KINDS G_MAXUINT

typedef struct
{
  SioSocket *socket; /* whose inbox it is */
  SioInbox *inbox;
  guint kinds;               /* bit n: notices of kind n are wanted */
  SioNotice *lent;           /* whose texts were given out last; nullable */
  const char *text_property; /* interned; nullable */

  /* What there was no room for: told when it begins, once the turn is over, and when it ends. */
  guint n_lost;
  char *first_lost; /* nullable: nothing was lost since it was told */
  GSource *telling; /* while it is to be told */
  gboolean told;    /* of those that are being lost now */
} SioSocketInbox;

static void
tell_lost (SioSocketInbox *self)
{
  g_autofree char *name = g_steal_pointer (&self->first_lost);
  guint n = self->n_lost;

  if (self->telling != NULL)
    g_source_destroy (self->telling);
  g_clear_pointer (&self->telling, g_source_unref);
  self->n_lost = 0;
  self->told = TRUE;
  if (n > 0)
    sio_manager_report (self->socket->io, SIO_LOSS_NOTICE, name, n,
                        g_error_new (SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                                     _ ("nobody empties the inbox, the limit is %u"),
                                     SIO_INBOX_NOTICES));
}

static gboolean
on_telling (gpointer data)
{
  tell_lost (data);
  return G_SOURCE_REMOVE;
}

static void
lose (SioSocketInbox *self, const char *name)
{
  if (self->first_lost == NULL)
    self->first_lost = g_strdup (name);
  self->n_lost += self->n_lost < G_MAXUINT;
  if (self->told || self->telling != NULL)
    return;

  /* When what has come already was dispatched, so that one report says how many they were. */
  self->telling = g_idle_source_new ();
  g_source_set_priority (self->telling, G_PRIORITY_LOW);
  g_source_set_callback (self->telling, on_telling, self, NULL);
  g_source_attach (self->telling, sio_manager_get_context (self->socket->io));
}

/* There is room again. */
static void
end_loss (SioSocketInbox *self)
{
  if (!self->told && self->first_lost == NULL)
    return;
  tell_lost (self);
  self->told = FALSE;
}

static void
put (SioSocketInbox *self, SioNotice *notice)
{
  sio_inbox_put (self->inbox, notice);
}

static gboolean
wants (const SioSocketInbox *self, SioNoticeKind kind)
{
  return (self->kinds & (1u << kind)) != 0;
}

static void
put_event (SioSocketInbox *self, SioNoticeKind kind, SioEvent *event)
{
  SioNotice *notice;

  if (!wants (self, kind))
    return;

  notice = sio_notice_new (kind, NULL, NULL);
  notice->event = sio_event_ref (event);
  if (!sio_inbox_put (self->inbox, notice))
    lose (self, sio_event_get_name (event));
}

static void
on_event (gpointer owner, SioEvent *event)
{
  put_event (owner, SIO_NOTICE_EVENT, event);
}

static void
on_outgoing (gpointer owner, SioEvent *event)
{
  put_event (owner, SIO_NOTICE_OUTGOING, event);
}

static gboolean
hears_outgoing (gpointer owner)
{
  return wants (owner, SIO_NOTICE_OUTGOING);
}

static void
on_connect (gpointer owner)
{
  put (owner, sio_notice_new (SIO_NOTICE_CONNECT, NULL, NULL));
}

static void
on_connect_error (gpointer owner, const GError *error, SioValue *data)
{
  put (owner, sio_notice_new (SIO_NOTICE_CONNECT_ERROR, data, error));
}

static void
on_disconnect (gpointer owner, SioDisconnectReason reason, const GError *details)
{
  SioNotice *notice = sio_notice_new (SIO_NOTICE_DISCONNECT, NULL, details);

  notice->reason = reason;
  put (owner, notice);
}

/* What is all there is, and plain, goes as it is. */
static gboolean
tell_text (SioSocketInbox *self)
{
  g_autofree char *text = NULL;
  SioNotice *notice;

  if (sio_inbox_get_length (self->inbox) != 1)
    return FALSE;
  notice = sio_inbox_peek (self->inbox);
  if (notice->kind != SIO_NOTICE_EVENT)
    return FALSE;
  text = sio_event_dup_plain (notice->event);
  if (text == NULL)
    return FALSE;

  sio_notice_unref (sio_inbox_take (self->inbox));
  sio_inbox_tell_text (self->inbox, self->text_property, text);
  return TRUE;
}

static void
on_told (gpointer owner)
{
  SioSocketInbox *self = owner;

  if (self->text_property == NULL || !tell_text (self))
    sio_inbox_tell (self->inbox);
}

/* The socket is being disposed: in some languages nobody may be called from there. */
static void
on_gone (gpointer owner)
{
  SioSocketInbox *self = owner;

  tell_lost (self);
  g_clear_pointer (&self->lent, sio_notice_unref);
  sio_inbox_free (self->inbox);
  g_free (self);
}

static const SioSocketSink sink = {
  .event = on_event,
  .outgoing = on_outgoing,
  .hears_outgoing = hears_outgoing,
  .connect = on_connect,
  .connect_error = on_connect_error,
  .disconnect = on_disconnect,
  .told = on_told,
  .gone = on_gone,
};

static SioSocketInbox *
get_inbox (SioSocket *socket)
{
  return socket->sink == &sink ? socket->sink_owner : NULL;
}

static SioNotice *
take (SioSocketInbox *self)
{
  end_loss (self);
  return sio_inbox_take (self->inbox);
}

static void
replace_inbox (SioSocket *socket, SioInbox *inbox)
{
  SioSocketInbox *last = get_inbox (socket);
  SioSocketInbox *self;

  socket->sink = NULL;
  socket->sink_owner = NULL;
  if (inbox != NULL)
    {
      self = g_new0 (SioSocketInbox, 1);
      self->socket = socket;
      self->inbox = inbox;
      self->kinds = ALL_KINDS;
      socket->sink = &sink;
      socket->sink_owner = self;
    }
  if (last != NULL)
    on_gone (last);
}

/**
 * sio_socket_set_inbox:
 * @self: a socket
 * @target: (nullable): an object, which is not kept alive by this, or %NULL for no inbox
 * @property: (nullable): a property of @target that can be set to an unsigned integer
 *
 * Collects what happens on @self, and sets @property of @target to the number of notices whenever
 * there is a new one.
 *
 * Signals are emitted all the same, before the property is set; notices stand in the order of the
 * signals. The setter is expected to call [method@Socket.take_notice] until there is none left.
 *
 * This is for languages that may not be called back at any time, but whose setters may.
 */
void
sio_socket_set_inbox (SioSocket *self, GObject *target, const char *property)
{
  SioInbox *inbox = NULL;

  g_return_if_fail (SIO_IS_SOCKET (self));
  g_return_if_fail (target == NULL || (G_IS_OBJECT (target) && property != NULL));

  if (target != NULL && self->member != NULL)
    {
      inbox = sio_inbox_new (target, property);
      if (inbox == NULL)
        return;
    }
  replace_inbox (self, inbox);
}

/**
 * sio_socket_filter_inbox:
 * @self: a socket
 * @kinds: bit n is set if notices of kind n are wanted
 *
 * Sets which of the kinds %SIO_NOTICE_EVENT and %SIO_NOTICE_OUTGOING are put
 * into the inbox, so that what nobody listens to costs nothing. All others are always put there.
 */
void
sio_socket_filter_inbox (SioSocket *self, guint kinds)
{
  SioSocketInbox *inbox;

  g_return_if_fail (SIO_IS_SOCKET (self));

  inbox = get_inbox (self);
  if (inbox != NULL)
    inbox->kinds = kinds;
}

/**
 * sio_event_dup_text:
 * @event: an event
 *
 * Gets the name and the arguments as the text of one JSON array, if that is all there is to @event
 * and if it costs no more than to copy: nothing is binary, nobody waits for an answer.
 *
 * For language bindings: see [method@Socket.set_inbox].
 *
 * Returns: (transfer full) (nullable): JSON text, or %NULL if @event has to be asked for its parts
 */
char *
sio_event_dup_text (SioEvent *event)
{
  g_return_val_if_fail (event != NULL, NULL);

  return sio_event_dup_plain (event);
}

/**
 * sio_socket_set_inbox_text:
 * @self: a socket with an inbox
 * @property: (nullable): another property of the target, a string, or %NULL
 *
 * Lets an event that is text alone be told by setting @property to it, as
 * [method@Event.dup_text] writes it, instead of being put into the inbox, if that is empty.
 *
 * That is the shortest way of all: the language is entered once, and has nothing to ask for.
 */
void
sio_socket_set_inbox_text (SioSocket *self, const char *property)
{
  SioSocketInbox *inbox;

  g_return_if_fail (SIO_IS_SOCKET (self));

  inbox = get_inbox (self);
  if (inbox == NULL)
    return;
  g_return_if_fail (property == NULL || sio_inbox_takes_text (inbox->inbox, property));
  inbox->text_property = g_intern_string (property);
}

/**
 * sio_socket_take_notice:
 * @self: a socket
 *
 * Takes the oldest notice out of the inbox.
 *
 * Returns: (transfer full) (nullable): the oldest notice, or %NULL if there is none
 */
SioNotice *
sio_socket_take_notice (SioSocket *self)
{
  SioSocketInbox *inbox;

  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  inbox = get_inbox (self);
  return inbox != NULL ? take (inbox) : NULL;
}

/**
 * sio_socket_take_event:
 * @self: a socket
 * @name: (out) (nullable) (transfer none): the name of the event
 * @json: (out) (nullable) (transfer none): its arguments, as [method@Event.get_json] gives them
 * @attachments: (out) (nullable) (transfer none) (element-type GBytes): their binary parts
 *
 * Takes the oldest notice out of the inbox if it is of an event that is not to be acknowledged, and
 * whose name has no NUL in it.
 *
 * This is the shortest way: nothing is made that has to be freed. What is given out is valid until
 * the next call. For any other notice @name is %NULL, and [method@Socket.take_notice] has to
 * follow.
 *
 * Returns: the [enum@Sio.NoticeKind] of the oldest notice, or -1 if there is none
 */
int
sio_socket_take_event (SioSocket *self,
                       const char **name,
                       const char **json,
                       GPtrArray **attachments)
{
  SioSocketInbox *inbox;
  SioNotice *notice;

  g_return_val_if_fail (SIO_IS_SOCKET (self), -1);
  g_return_val_if_fail (name != NULL && json != NULL && attachments != NULL, -1);

  *name = NULL;
  *json = NULL;
  *attachments = NULL;
  inbox = get_inbox (self);
  notice = inbox != NULL ? sio_inbox_peek (inbox->inbox) : NULL;
  if (notice == NULL)
    return -1;

  if (notice->event != NULL && !sio_event_needs_ack (notice->event) &&
      !sio_event_has_nul (notice->event))
    {
      g_clear_pointer (&inbox->lent, sio_notice_unref);
      inbox->lent = take (inbox);
      *name = sio_event_get_name (notice->event);
      *json = sio_event_get_json (notice->event, attachments);
    }
  return (int) notice->kind;
}

/**
 * sio_socket_loosen:
 * @self: a socket
 *
 * Lets @self no longer keep its manager alive: from now on the caller does, for as long as there is
 * a wrapper of @self.
 *
 * This is for languages whose garbage collection cannot see that a socket holds its manager, and so
 * would never find what the listeners of the manager refer to.
 *
 * If the manager is disposed of all the same, @self keeps what is left of it.
 */
void
sio_socket_loosen (SioSocket *self)
{
  g_return_if_fail (SIO_IS_SOCKET (self));

  if (self->loose || self->member == NULL)
    return;

  self->loose = TRUE;
  g_object_unref (self->io);
}

static void
on_answer (SioSocket *socket, SioValue *args, const GError *error, gpointer user_data)
{
  SioSocketInbox *inbox = get_inbox (socket);
  SioNotice *notice;

  if (inbox == NULL)
    return;

  notice = sio_notice_new (SIO_NOTICE_ACK, args, error);
  notice->ticket = GPOINTER_TO_UINT (user_data);
  put (inbox, notice);
  sio_inbox_tell (inbox->inbox);
}

/* Takes @args. */
static guint
emit_with_ticket (SioSocket *self, const char *event, SioValue *args, gboolean reported)
{
  g_autoptr (SioValue) owned = args;
  SioSocketInbox *inbox = get_inbox (self);
  SioAck *ack;
  guint ticket;

  /* The inbox went as well. */
  if (self->io != NULL && self->member == NULL)
    return 0;
  g_return_val_if_fail (inbox != NULL, 0);

  ticket = sio_inbox_next_ticket (inbox->inbox);
  ack = sio_ack_new (on_answer, GUINT_TO_POINTER (ticket), NULL);
  ack->reported = reported;
  sio_socket_emit_with (self, event, g_steal_pointer (&owned), ack);
  return ticket;
}

/**
 * sio_socket_emit_with_ticket:
 * @self: a socket with an inbox
 * @event: the name of the event
 * @args: (transfer full) (nullable): the arguments, an array, or the only one
 *
 * Sends an event that the server is to acknowledge; the answer, or the reason why there is none,
 * comes into the inbox, with the errors of [method@Socket.emit_with_callback].
 *
 * Returns: a number by which to know it, or 0 if @self was disposed of, which is told by nothing
 * else
 */
guint
sio_socket_emit_with_ticket (SioSocket *self, const char *event, SioValue *args)
{
  g_autoptr (SioValue) owned = args;

  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (event != NULL && g_utf8_validate (event, -1, NULL), 0);

  return emit_with_ticket (self, event, g_steal_pointer (&owned), FALSE);
}

/**
 * sio_socket_emit_for_answer:
 * @self: a socket with an inbox
 * @event: the name of the event
 * @args: (transfer full) (nullable): the arguments, an array, or the only one
 *
 * The same as [method@Socket.emit_with_ticket] for a callback that can be told nothing but an
 * answer, as those of JavaScript without a time limit.
 *
 * If the event is not sent, [signal@Manager::error] tells so, as for one that wants no answer. The
 * notice comes all the same, so that the callback can be forgotten; it need not be told to anyone.
 *
 * Returns: a number by which to know it, or 0 if @self was disposed of, which is told by nothing
 * else
 */
guint
sio_socket_emit_for_answer (SioSocket *self, const char *event, SioValue *args)
{
  g_autoptr (SioValue) owned = args;

  g_return_val_if_fail (SIO_IS_SOCKET (self), 0);
  g_return_val_if_fail (event != NULL && g_utf8_validate (event, -1, NULL), 0);

  return emit_with_ticket (self, event, g_steal_pointer (&owned), TRUE);
}

/**
 * sio_socket_end_waiting:
 * @self: a socket
 *
 * Gives up what waits to be sent or to be acknowledged, and tells so, as the end of @self does.
 *
 * This is for a language that ends @self on purpose: once that has begun, nothing comes into the
 * inbox any more.
 */
void
sio_socket_end_waiting (SioSocket *self)
{
  g_autoptr (SioSocket) alive = NULL;

  g_return_if_fail (SIO_IS_SOCKET (self));

  if (self->member == NULL)
    return;
  alive = g_object_ref (self);
  sio_socket_clear_emissions (self);
}

/**
 * sio_socket_forget_flags:
 * @self: a socket
 *
 * Forgets what [method@Socket.timeout], [method@Socket.compress] and [method@Socket.make_volatile]
 * have set for the next event that is sent.
 *
 * This is for languages in which sending may fail before it comes here: the event after that is not
 * the one for which they were set.
 */
void
sio_socket_forget_flags (SioSocket *self)
{
  g_return_if_fail (SIO_IS_SOCKET (self));

  self->next = (SioFlags){ 0 };
}

static void
on_asked (SioSocket *socket, SioAuthRequest *request, gpointer user_data)
{
  SioSocketInbox *inbox = get_inbox (socket);
  SioNotice *notice;

  if (inbox == NULL)
    {
      g_autoptr (GError) error =
          g_error_new_literal (SIO_ERROR, SIO_ERROR_FAILED, "There is no inbox to ask");

      sio_auth_request_reject (request, error);
      return;
    }

  notice = sio_notice_new (SIO_NOTICE_AUTH, NULL, NULL);
  notice->request = sio_auth_request_ref (request);
  put (inbox, notice);
  sio_inbox_tell (inbox->inbox);
}

/**
 * sio_socket_ask_inbox:
 * @self: a socket with an inbox
 *
 * Lets a notice of the kind %SIO_NOTICE_AUTH ask for what to present to the server before
 * each connection, instead of [property@Socket:auth].
 */
void
sio_socket_ask_inbox (SioSocket *self)
{
  sio_socket_set_auth_func (self, on_asked, NULL, NULL);
}

/**
 * sio_options_ask_inbox:
 * @self: options
 *
 * Lets sockets that are made with these options ask their inbox for what to present, as
 * [method@Socket.ask_inbox] does.
 *
 * Only the main loop can turn to the question, so the inbox may be set after the socket was made.
 */
void
sio_options_ask_inbox (SioOptions *self)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  sio_options_set_auth_func (self, on_asked, NULL, NULL);
}
