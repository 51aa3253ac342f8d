/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-socket-private.h"

#include "sio-enums.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/**
 * SioSocket:
 *
 * A namespace of a server: events go out and come in, and each side can acknowledge those of the
 * other.
 *
 * [func@io] gives one that connects by itself, and stays connected: when the connection is lost, it
 * is made again, and what was emitted meanwhile is sent then.
 *
 * ```c
 * static void
 * on_chat (SioSocket *socket, SioEvent *event, gpointer user_data)
 * {
 *   const char *text = sio_event_get_string (event, 0);
 *
 *   g_print ("%s\n", text != NULL ? text : "?");
 * }
 *
 * static void
 * on_connect (SioSocket *socket, gpointer user_data)
 * {
 *   g_print ("connected as %s\n", sio_socket_get_id (socket));
 * }
 *
 * static SioSocket *
 * start (void)
 * {
 *   SioSocket *socket = sio_io ("https://example.com", NULL);
 *
 *   g_signal_connect (socket, "connect", G_CALLBACK (on_connect), NULL);
 *   g_signal_connect (socket, "event::chat", G_CALLBACK (on_chat), NULL);
 *   sio_socket_emit (socket, "hello", "(s)", "world");
 *   return socket;
 * }
 * ```
 *
 * # Listeners
 *
 * An event from the server is emitted as [signal@Socket::event] with its name as detail, so
 * everything that works with signals works with it: `g_signal_connect_object()`, blocking,
 * closures. [method@Socket.on] adds a handler of that signal. Handlers of all events that have to
 * come first are added with [method@Socket.on_any].
 *
 * # Life
 *
 * Dropping the last reference disconnects. A socket keeps its manager. It may be dropped in any
 * thread; what follows, functions that free the data of listeners included, happens in that of the
 * manager.
 *
 * One that was made by `g_object_new()` has none, and is of no use: what it is asked to do is a
 * mistake of the program, and who asks it for an acknowledgement is told %SIO_ERROR_FAILED.
 */

G_DEFINE_FINAL_TYPE (SioSocket, sio_socket, G_TYPE_OBJECT)

typedef enum
{
  PROP_ACTIVE = 1,
  PROP_CONNECTED,
  PROP_DISCONNECTED,
  PROP_RECOVERED,
  PROP_ID,
  PROP_NSP,
  PROP_IO,
  PROP_AUTH,
} SioSocketProperty;

#define N_PROPS (PROP_AUTH + 1)

static GParamSpec *properties[N_PROPS];

enum
{
  SIGNAL_CONNECT,
  SIGNAL_CONNECT_ERROR,
  SIGNAL_DISCONNECT,
  SIGNAL_EVENT,
  SIGNAL_OUTGOING_EVENT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* What the state means to those who watch; handlers may change it again. */
void
sio_socket_notify_state (SioSocket *self, SioSocketState last)
{
  GObject *object = G_OBJECT (self);
  gboolean was_connected = last == SIO_SOCKET_CONNECTED;
  gboolean connected = self->state == SIO_SOCKET_CONNECTED;
  gboolean was_active = last != SIO_SOCKET_IDLE;
  gboolean active = self->state != SIO_SOCKET_IDLE;

  g_object_freeze_notify (object);
  if (was_active != active)
    g_object_notify_by_pspec (object, properties[PROP_ACTIVE]);
  if (was_connected != connected)
    {
      g_object_notify_by_pspec (object, properties[PROP_CONNECTED]);
      g_object_notify_by_pspec (object, properties[PROP_DISCONNECTED]);
      g_object_notify_by_pspec (object, properties[PROP_ID]);
    }
  g_object_thaw_notify (object);
}

void
sio_socket_notify_recovered (SioSocket *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECOVERED]);
}

/* A name from the network is never made a quark: those are never freed. To look for one takes a
 * lock, and most events have the name of the one before. */
static GQuark
get_detail (SioSocket *self, const char *name)
{
  if (self->last_detail != 0 && strcmp (self->last_name, name) == 0)
    return self->last_detail;

  self->last_detail = g_quark_try_string (name);
  self->last_name = g_quark_to_string (self->last_detail);
  return self->last_detail;
}

/* There is no detail for a name with a NUL in it. */
static GQuark
get_detail_of (SioSocket *self, SioEvent *event)
{
  return G_UNLIKELY (sio_event_has_nul (event)) ? 0 : get_detail (self, sio_event_get_name (event));
}

static void
tell_sink (SioSocket *self)
{
  if (self->sink != NULL)
    self->sink->told (self->sink_owner);
}

void
sio_socket_emit_connect (SioSocket *self)
{
  if (self->sink != NULL)
    self->sink->connect (self->sink_owner);
  g_signal_emit (self, signals[SIGNAL_CONNECT], 0);
  tell_sink (self);
}

void
sio_socket_emit_connect_error (SioSocket *self, const GError *error, SioValue *data)
{
  if (self->sink != NULL)
    self->sink->connect_error (self->sink_owner, error, data);
  g_signal_emit (self, signals[SIGNAL_CONNECT_ERROR], 0, error, data);
  tell_sink (self);
}

void
sio_socket_emit_disconnect (SioSocket *self, SioDisconnectReason reason, const GError *details)
{
  if (self->sink != NULL)
    self->sink->disconnect (self->sink_owner, reason, details);
  g_signal_emit (self, signals[SIGNAL_DISCONNECT], 0, reason, details);
  tell_sink (self);
}

void
sio_socket_emit_event (SioSocket *self, SioEvent *event)
{
  GQuark detail = get_detail_of (self, event);

  if (self->sink != NULL)
    self->sink->event (self->sink_owner, event);
  sio_any_list_call (&self->any, self, event);
  g_signal_emit (self, signals[SIGNAL_EVENT], detail, event);
  tell_sink (self);
}

void
sio_socket_emit_outgoing_event (SioSocket *self, SioEvent *event)
{
  GQuark detail = get_detail (self, sio_event_get_name (event));

  if (self->sink != NULL)
    self->sink->outgoing (self->sink_owner, event);
  sio_any_list_call (&self->any_outgoing, self, event);
  g_signal_emit (self, signals[SIGNAL_OUTGOING_EVENT], detail, event);
  tell_sink (self);
}

/* Asked with a detail, GObject does not count handlers without one. */
static gboolean
has_handler (SioSocket *self, guint signal, const char *event)
{
  GQuark detail;

  /* Most have none at all. */
  if (g_signal_handler_find (self, G_SIGNAL_MATCH_ID, signal, 0, NULL, NULL, NULL) == 0)
    return FALSE;

  detail = get_detail (self, event);
  return g_signal_has_handler_pending (self, signal, 0, FALSE) ||
         (detail != 0 && g_signal_has_handler_pending (self, signal, detail, FALSE));
}

gboolean
sio_socket_hears (SioSocket *self, const char *event)
{
  return has_handler (self, signals[SIGNAL_EVENT], event);
}

gboolean
sio_socket_hears_outgoing (SioSocket *self, const char *event)
{
  return (self->sink != NULL && self->sink->hears_outgoing (self->sink_owner)) ||
         !sio_any_list_is_empty (&self->any_outgoing) ||
         has_handler (self, signals[SIGNAL_OUTGOING_EVENT], event);
}

guint
sio_socket_get_event_signal (void)
{
  return signals[SIGNAL_EVENT];
}

/* A leading slash is added; what can't be on the wire is an error of the first attempt (P5). */
static void
take_nsp (SioSocket *self, const char *nsp)
{
  self->nsp = nsp[0] == '/' ? g_strdup (nsp) : g_strconcat ("/", nsp, NULL);
  for (const char *c = self->nsp; *c != '\0'; c++)
    if (*c == ',' || (guchar) *c < 0x20 || (guchar) *c == 0x7f)
      {
        g_set_error_literal (
            &self->nsp_error, SIO_ERROR, SIO_ERROR_INVALID_URL,
            _ ("The name of a namespace cannot have a comma or a control character "
               "in it"));
        return;
      }
}

SioSocket *
sio_socket_new (SioManager *manager, const char *nsp, const SioSocketSettings *settings)
{
  SioSocket *self = g_object_new (SIO_TYPE_SOCKET, NULL);

  self->io = g_object_ref (manager);
  sio_home_init (&self->home, sio_manager_get_context (manager));
  take_nsp (self, nsp);
  self->auth = settings->auth != NULL ? sio_value_ref (settings->auth) : NULL;
  if (settings->auth_provider != NULL)
    self->auth_provider = sio_auth_provider_ref (settings->auth_provider);
  self->retries = settings->retries;
  self->ack_timeout = settings->ack_timeout;
  self->join_timeout = settings->join_timeout;
  self->timer = sio_timer_new (sio_manager_get_clock (manager), sio_manager_get_context (manager),
                               sio_socket_on_timer, self);
  self->member = sio_manager_join (manager, self->nsp, &sio_socket_member_sink, self);
  if (sio_manager_inherit (manager, self->nsp))
    self->unanswered = sio_manager_get_session (manager);
  return self;
}

gboolean
sio_socket_check_made (SioSocket *self)
{
  if (G_LIKELY (self->io != NULL))
    return TRUE;

  g_critical ("This socket has no manager: sio_io() and sio_manager_get_socket() make sockets");
  return FALSE;
}

void
sio_socket_hold_io (SioSocket *self)
{
  if (!self->loose)
    return;

  self->loose = FALSE;
  g_object_ref (self->io);
}

static void
tear_down (SioSocket *self)
{
  SioMember *member = g_steal_pointer (&self->member);
  const SioSocketSink *sink = g_steal_pointer (&self->sink);

  /* Of a manager that goes at the same time this must hear; once it has left it hears nothing. */
  sio_socket_hold_io (self);
  if (sink != NULL)
    sink->gone (self->sink_owner);
  if (member != NULL)
    sio_manager_part (self->io, member, sio_socket_leave_quietly (self));
  if (self->answerer != NULL)
    self->answerer->owner = NULL;
  g_clear_pointer (&self->answerer, sio_answerer_unref);
  g_clear_pointer (&self->timer, sio_timer_free);
  sio_socket_clear_emissions (self);
  sio_socket_clear_listeners (self);
}

static void
sio_socket_dispose (GObject *object)
{
  SioSocket *self = SIO_SOCKET (object);

  if (sio_home_send (&self->home, object))
    return;

  tear_down (self);
  G_OBJECT_CLASS (sio_socket_parent_class)->dispose (object);
}

static void
sio_socket_finalize (GObject *object)
{
  SioSocket *self = SIO_SOCKET (object);

  sio_socket_clear_emissions (self);
  sio_ack_table_clear (&self->acks);
  g_clear_pointer (&self->auth, sio_value_unref);
  g_clear_pointer (&self->auth_provider, sio_auth_provider_unref);
  g_clear_pointer (&self->listeners, g_ptr_array_unref);
  g_clear_error (&self->nsp_error);
  g_free (self->nsp);
  g_free (self->id);
  g_free (self->pid);
  g_free (self->offset);
  g_clear_object (&self->io);
  sio_home_clear (&self->home);

  G_OBJECT_CLASS (sio_socket_parent_class)->finalize (object);
}

static void
sio_socket_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  SioSocket *self = SIO_SOCKET (object);

  switch ((SioSocketProperty) property)
    {
    case PROP_ACTIVE:
      g_value_set_boolean (value, sio_socket_get_active (self));
      break;
    case PROP_CONNECTED:
      g_value_set_boolean (value, sio_socket_get_connected (self));
      break;
    case PROP_DISCONNECTED:
      g_value_set_boolean (value, sio_socket_get_disconnected (self));
      break;
    case PROP_RECOVERED:
      g_value_set_boolean (value, self->recovered);
      break;
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_NSP:
      g_value_set_string (value, self->nsp);
      break;
    case PROP_IO:
      g_value_set_object (value, self->io);
      break;
    case PROP_AUTH:
      g_value_set_boxed (value, self->auth);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
sio_socket_set_property (GObject *object, guint property, const GValue *value, GParamSpec *pspec)
{
  SioSocket *self = SIO_SOCKET (object);

  switch ((SioSocketProperty) property)
    {
    case PROP_AUTH:
      sio_socket_set_auth (self, g_value_get_boxed (value));
      break;
    case PROP_ACTIVE:
    case PROP_CONNECTED:
    case PROP_DISCONNECTED:
    case PROP_RECOVERED:
    case PROP_ID:
    case PROP_NSP:
    case PROP_IO:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * SioSocket:active: (getter get_active)
   *
   * Whether it is connected or will try to connect by itself.
   *
   * In a handler of [signal@Socket::connect-error] or [signal@Socket::disconnect] this tells
   * whether there is anything left to do but wait.
   *
   * It says that the socket takes part in the connections of its manager, not that there will be
   * one: it stays %TRUE when the manager does not reconnect, or has given up with
   * [signal@Manager::reconnect-failed]. Then [method@Socket.open] tries once more.
   */
  properties[PROP_ACTIVE] = g_param_spec_boolean ("active", NULL, NULL, FALSE, flags);
  /**
   * SioSocket:connected: (getter get_connected)
   *
   * Whether it is connected to its namespace.
   */
  properties[PROP_CONNECTED] = g_param_spec_boolean ("connected", NULL, NULL, FALSE, flags);
  /**
   * SioSocket:disconnected: (getter get_disconnected)
   *
   * Whether it is not connected: the opposite of [property@Socket:connected].
   */
  properties[PROP_DISCONNECTED] = g_param_spec_boolean ("disconnected", NULL, NULL, TRUE, flags);
  /**
   * SioSocket:recovered: (getter get_recovered)
   *
   * Whether the last reconnection brought back the state before it.
   *
   * If so, the id is the old one, and events that were missed have been delivered before
   * [signal@Socket::connect].
   */
  properties[PROP_RECOVERED] = g_param_spec_boolean ("recovered", NULL, NULL, FALSE, flags);
  /**
   * SioSocket:id: (getter get_id)
   *
   * The id of the session, %NULL while not connected.
   *
   * It is another one after each reconnection, unless that [property@Socket:recovered] the old
   * session.
   */
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  /**
   * SioSocket:nsp: (getter get_nsp)
   *
   * The name of its namespace; %NULL only if it was made by `g_object_new()` alone.
   */
  properties[PROP_NSP] = g_param_spec_string ("nsp", NULL, NULL, NULL, flags);
  /**
   * SioSocket:io: (getter get_io)
   *
   * Its manager; %NULL only if it was made by `g_object_new()` alone.
   */
  properties[PROP_IO] = g_param_spec_object ("io", NULL, NULL, SIO_TYPE_MANAGER, flags);
  /**
   * SioSocket:auth: (getter get_auth) (setter set_auth)
   *
   * What it presents to the server when it connects, an object, or %NULL for nothing.
   *
   * A change counts from the next connection on.
   */
  properties[PROP_AUTH] =
      g_param_spec_boxed ("auth", NULL, NULL, SIO_TYPE_VALUE, flags | G_PARAM_WRITABLE);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

/* What GSignal's own does for a boxed type, but for the reference that it takes by way of the type
 * system: whoever emits holds the event. Only handlers in C are called by it. */
static void
call_handler (GClosure *closure,
              GValue *result,
              gpointer instance,
              va_list args,
              gpointer marshal_data,
              int n_params,
              GType *param_types)
{
  void (*callback) (gpointer, SioEvent *, gpointer) =
      marshal_data != NULL ? marshal_data : ((GCClosure *) closure)->callback;
  SioEvent *event;
  va_list copy;

  va_copy (copy, args);
  event = va_arg (copy, SioEvent *);
  va_end (copy);
  if (G_CCLOSURE_SWAP_DATA (closure))
    callback (closure->data, event, instance);
  else
    callback (instance, event, closure->data);
}

static void
install_signals (void)
{
  /**
   * SioSocket::connect:
   * @self: the socket
   *
   * Emitted for each connection, the first and all that follow.
   *
   * Do not add listeners here: they would be added again each time.
   */
  signals[SIGNAL_CONNECT] = g_signal_new ("connect", SIO_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
  /**
   * SioSocket::connect-error:
   * @self: the socket
   * @error: why it is not connected
   * @data: (nullable): what the server's middleware attached to a refusal
   *
   * Emitted when a connection could not be made.
   *
   * As long as it is [property@Socket:active] it tries again by itself. After
   * %SIO_ERROR_REJECTED the server does not want this socket, which is not active any more;
   * change [property@Socket:auth] and call [method@Socket.open].
   *
   * If a function had nothing to present ([method@AuthRequest.fail]), @error is what it said.
   */
  signals[SIGNAL_CONNECT_ERROR] =
      g_signal_new ("connect-error", SIO_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_ERROR, SIO_TYPE_VALUE);
  /**
   * SioSocket::disconnect:
   * @self: the socket
   * @reason: why it is no longer connected
   * @details: (nullable): the error behind it, if there is one
   *
   * Emitted once for each connection that ends, however it ends.
   *
   * The socket tries to connect again by itself unless one side asked for the end.
   * Acknowledgements that are still awaited fail with %SIO_ERROR_DISCONNECTED right after
   * this.
   */
  signals[SIGNAL_DISCONNECT] =
      g_signal_new ("disconnect", SIO_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, SIO_TYPE_DISCONNECT_REASON, G_TYPE_ERROR);
  /**
   * SioSocket::event:
   * @self: the socket
   * @event: the event
   *
   * Emitted for each event from the server, with its name as detail: `event::chat`. A name that has
   * a NUL in it is no detail.
   */
  /* Not of static scope: GJS would not take a reference then, and handlers keep events. */
  signals[SIGNAL_EVENT] =
      g_signal_new ("event", SIO_TYPE_SOCKET, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL,
                    g_cclosure_marshal_VOID__BOXED, G_TYPE_NONE, 1, SIO_TYPE_EVENT);
  g_signal_set_va_marshaller (signals[SIGNAL_EVENT], SIO_TYPE_SOCKET, call_handler);
  /**
   * SioSocket::outgoing-event:
   * @self: the socket
   * @event: the event
   *
   * Emitted for each event to the server when it is really sent, with its name as detail.
   */
  signals[SIGNAL_OUTGOING_EVENT] =
      g_signal_new ("outgoing-event", SIO_TYPE_SOCKET, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0,
                    NULL, NULL, NULL, G_TYPE_NONE, 1, SIO_TYPE_EVENT);
}

static void
sio_socket_class_init (SioSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sio_socket_dispose;
  object_class->finalize = sio_socket_finalize;
  object_class->get_property = sio_socket_get_property;
  object_class->set_property = sio_socket_set_property;

  install_properties (object_class);
  install_signals ();
}

static void
sio_socket_init (SioSocket *self)
{
  self->join_deadline = SIO_CLOCK_NEVER;
  sio_ack_table_init (&self->acks);
  g_queue_init (&self->sent_later);
  g_queue_init (&self->retried);
  g_queue_init (&self->came_early);

  self->answerer = g_new (SioAnswerer, 1);
  g_atomic_ref_count_init (&self->answerer->ref_count);
  self->answerer->owner = self;
  self->answerer->answer = sio_socket_answer;
}

/**
 * sio_socket_get_active: (get-property active)
 * @self: a socket
 *
 * Gets whether it is connected or will try to connect by itself (`socket.active`).
 *
 * Returns: whether it is active
 */
gboolean
sio_socket_get_active (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);

  return self->state != SIO_SOCKET_IDLE;
}

/**
 * sio_socket_get_connected: (get-property connected)
 * @self: a socket
 *
 * Gets whether it is connected (`socket.connected`).
 *
 * Returns: whether it is connected
 */
gboolean
sio_socket_get_connected (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);

  return self->state == SIO_SOCKET_CONNECTED;
}

/**
 * sio_socket_get_disconnected: (get-property disconnected)
 * @self: a socket
 *
 * Gets whether it is not connected (`socket.disconnected`).
 *
 * Returns: whether it is not connected
 */
gboolean
sio_socket_get_disconnected (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), TRUE);

  return self->state != SIO_SOCKET_CONNECTED;
}

/**
 * sio_socket_get_recovered: (get-property recovered)
 * @self: a socket
 *
 * Gets whether the last reconnection brought back the state before it (`socket.recovered`).
 *
 * Returns: whether the state was recovered
 */
gboolean
sio_socket_get_recovered (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);

  return self->recovered;
}

/**
 * sio_socket_get_id: (get-property id)
 * @self: a socket
 *
 * Gets the session's id (`socket.id`).
 *
 * Returns: (transfer none) (nullable): the id, or %NULL while not connected
 */
const char *
sio_socket_get_id (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  return self->id;
}

/**
 * sio_socket_get_nsp: (get-property nsp)
 * @self: a socket
 *
 * Gets the name of its namespace.
 *
 * Returns: (transfer none) (nullable): its namespace; %NULL only if it was made by `g_object_new()`
 *   alone
 */
const char *
sio_socket_get_nsp (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  return self->nsp;
}

/**
 * sio_socket_get_io: (get-property io)
 * @self: a socket
 *
 * Gets its manager (`socket.io`).
 *
 * Returns: (transfer none) (nullable): its manager; %NULL only if it was made by `g_object_new()`
 *   alone
 */
SioManager *
sio_socket_get_io (SioSocket *self)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), NULL);

  return self->io;
}
