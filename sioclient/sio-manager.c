/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manager/sio-manager-state-private.h"

#include "sio-enums.h"

#include <glib/gi18n-lib.h>

/**
 * SioManager:
 *
 * One connection to a server, kept alive: it connects, reconnects with growing delays, and carries
 * all the sockets of one origin.
 *
 * Most programs only meet it as [property@Socket:io], to hear of attempts to reconnect:
 *
 * ```c
 * static void
 * on_reconnect_attempt (SioManager *manager, guint attempt, gpointer user_data)
 * {
 *   g_print ("trying again, attempt %u\n", attempt);
 * }
 *
 * static void
 * watch (SioSocket *socket)
 * {
 *   g_signal_connect (sio_socket_get_io (socket), "reconnect-attempt",
 *                     G_CALLBACK (on_reconnect_attempt), NULL);
 * }
 * ```
 *
 * A manager belongs to the thread-default main context in which it was made. All its signals, and
 * all callbacks of its sockets, are called from there; it may only be used from that thread. Only
 * the last reference may be dropped in any other, as a garbage collector does: what follows of
 * that, and everything that is called then, happens when that context is run the next time. The
 * same goes for its sockets and its engine.
 *
 * Sockets keep their manager alive, not the other way round. It closes its connection when the last
 * of its sockets is closed or gone.
 */

G_DEFINE_FINAL_TYPE (SioManager, sio_manager, G_TYPE_OBJECT)

typedef enum
{
  PROP_URL = 1,
  PROP_OPTIONS,
  PROP_ENGINE,
  PROP_RECONNECTION,
  PROP_RECONNECTION_ATTEMPTS,
  PROP_RECONNECTION_DELAY,
  PROP_RECONNECTION_DELAY_MAX,
  PROP_RANDOMIZATION_FACTOR,
  PROP_TIMEOUT,
  PROP_NEXT_ATTEMPT_TIME,
} SioManagerProperty;

#define N_PROPS (PROP_NEXT_ATTEMPT_TIME + 1)

static GParamSpec *properties[N_PROPS];

enum
{
  SIGNAL_ERROR,
  SIGNAL_PING,
  SIGNAL_RECONNECT,
  SIGNAL_RECONNECT_ATTEMPT,
  SIGNAL_RECONNECT_ERROR,
  SIGNAL_RECONNECT_FAILED,
  SIGNAL_OPENED,
  SIGNAL_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* 0 stands for the default (M2). */
#define DEFAULT_DELAY     1000
#define DEFAULT_DELAY_MAX 5000

void
sio_manager_emit_opened (SioManager *self)
{
  g_signal_emit (self, signals[SIGNAL_OPENED], 0);
}

void
sio_manager_emit_closed (SioManager *self, SioDisconnectReason reason, const GError *details)
{
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, reason, details);
}

void
sio_manager_emit_error (SioManager *self, const GError *error)
{
  g_signal_emit (self, signals[SIGNAL_ERROR], 0, error);
}

void
sio_manager_emit_ping (SioManager *self)
{
  g_signal_emit (self, signals[SIGNAL_PING], 0);
}

void
sio_manager_emit_reconnect (SioManager *self, guint attempt)
{
  g_signal_emit (self, signals[SIGNAL_RECONNECT], 0, attempt);
}

void
sio_manager_emit_reconnect_attempt (SioManager *self, guint attempt)
{
  g_signal_emit (self, signals[SIGNAL_RECONNECT_ATTEMPT], 0, attempt);
}

void
sio_manager_emit_reconnect_error (SioManager *self, const GError *error)
{
  g_signal_emit (self, signals[SIGNAL_RECONNECT_ERROR], 0, error);
}

void
sio_manager_emit_reconnect_failed (SioManager *self)
{
  g_signal_emit (self, signals[SIGNAL_RECONNECT_FAILED], 0);
}

void
sio_manager_notify_engine (SioManager *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ENGINE]);
}

void
sio_manager_notify_next_attempt (SioManager *self)
{
  gint64 next = sio_manager_get_next_attempt (self);

  if (self->told_attempt == next)
    return;
  self->told_attempt = next;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NEXT_ATTEMPT_TIME]);
}

static double
random_number (gpointer data)
{
  return g_random_double ();
}

SioClock *
sio_manager_get_clock (SioManager *self)
{
  return self->clock;
}

GMainContext *
sio_manager_get_context (SioManager *self)
{
  return self->context;
}

const SioLimits *
sio_manager_get_limits (SioManager *self)
{
  return &self->limits;
}

SioOptions *
sio_manager_get_options (SioManager *self)
{
  return self->options;
}

const SioUrl *
sio_manager_get_parsed_url (SioManager *self)
{
  return &self->parsed;
}

gboolean
sio_manager_check_thread (SioManager *self)
{
  if (G_LIKELY (self->thread == g_thread_self ()))
    return TRUE;

  g_critical ("A SioManager and its sockets belong to the thread in which they were made");
  return FALSE;
}

/* A task calls back in the context that is the thread's default when it is made. */
GTask *
sio_manager_new_task (SioManager *self,
                      gpointer source,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task;

  g_main_context_push_thread_default (self->context);
  task = g_task_new (source, cancellable, callback, user_data);
  g_main_context_pop_thread_default (self->context);
  return task;
}

void
sio_manager_set_world (SioManager *self,
                       SioClock *clock,
                       SioTransportFactory *factory,
                       SioRandomFunc random,
                       gpointer random_data)
{
  g_return_if_fail (self->engine == NULL);

  g_clear_pointer (&self->timer, sio_timer_free);
  sio_clock_ref (clock);
  sio_clock_unref (self->clock);
  self->clock = clock;
  self->timer = sio_timer_new (clock, self->context, sio_manager_on_timer, self);
  g_clear_pointer (&self->factory, sio_transport_factory_unref);
  self->factory = sio_transport_factory_ref (factory);
  self->random = random;
  self->random_data = random_data;
  self->make_network = NULL;
}

void
sio_manager_set_limits (SioManager *self, const SioLimits *limits)
{
  self->limits = *limits;
}

void
sio_manager_set_network (SioManager *self, SioNetworkFunc func, gpointer data)
{
  self->make_network = func;
  self->network_data = data;
}

static void
take_options (SioManager *self)
{
  SioOptions *options = self->options;
  guint delay = sio_options_get_uint (options, "reconnection-delay");
  guint delay_max = sio_options_get_uint (options, "reconnection-delay-max");

  self->reconnection = sio_options_get_boolean (options, "reconnection");
  self->reconnection_attempts = sio_options_get_int (options, "reconnection-attempts");
  self->timeout = sio_options_get_uint (options, "timeout");
  sio_backoff_init (&self->backoff, delay > 0 ? delay : DEFAULT_DELAY,
                    delay_max > 0 ? delay_max : DEFAULT_DELAY_MAX,
                    sio_options_get_double (options, "randomization-factor"));
}

/* From here on the URL is only shown. */
static void
forget_user_info (SioManager *self)
{
  char *shown = self->url != NULL ? sio_url_dup_without_user_info (self->url) : NULL;

  g_free (self->url);
  self->url = shown;
}

static void
sio_manager_constructed (GObject *object)
{
  SioManager *self = SIO_MANAGER (object);

  G_OBJECT_CLASS (sio_manager_parent_class)->constructed (object);

  if (self->options == NULL)
    self->options = sio_options_new ();
  take_options (self);
  if (sio_url_parse (&self->parsed, self->url != NULL ? self->url : "", &self->url_error))
    sio_options_check (self->options, &self->url_error);
  forget_user_info (self);

  if (sio_options_get_boolean (self->options, "auto-connect"))
    sio_manager_start (self, FALSE);
}

static void
tear_down (SioManager *self)
{
  g_autoptr (GPtrArray) openers = g_steal_pointer (&self->openers);
  g_autoptr (GPtrArray) active = sio_manager_list_active (self);
  GHashTableIter iter;
  gpointer value;

  self->state = SIO_MANAGER_IDLE;
  self->deadline = SIO_CLOCK_NEVER;
  sio_manager_drop_engine (self);
  sio_manager_leave_network (self);
  g_clear_pointer (&self->timer, sio_timer_free);
  /* Sockets keep it, so there are some only if a program has disposed of it. */
  for (guint i = 0; i < active->len; i++)
    {
      SioMember *member = g_ptr_array_index (active, i);

      if (member->sink != NULL)
        member->sink->gone (member->owner);
    }
  /* Those that do not keep it now do so: what is left of it has to be there as long as they are. */
  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SioMember *member = value;

      member->sink->disposed (member->owner);
    }
  if (openers != NULL)
    {
      g_autoptr (GError) error = g_error_new_literal (
          SIO_ERROR, SIO_ERROR_DISCONNECTED, _ ("The manager was closed before it was connected"));

      sio_manager_settle_openers (openers, error);
    }
}

static void
sio_manager_dispose (GObject *object)
{
  SioManager *self = SIO_MANAGER (object);

  if (sio_home_send (&self->home, object))
    return;

  tear_down (self);
  G_OBJECT_CLASS (sio_manager_parent_class)->dispose (object);
}

static void
sio_manager_finalize (GObject *object)
{
  SioManager *self = SIO_MANAGER (object);

  g_queue_clear_full (&self->reports, (GDestroyNotify) sio_report_free);
  g_clear_pointer (&self->members, g_hash_table_unref);
  g_clear_pointer (&self->awaited, g_hash_table_unref);
  g_clear_pointer (&self->openers, g_ptr_array_unref);
  sio_decoder_clear (&self->decoder);
  g_clear_pointer (&self->settings, sio_settings_unref);
  g_clear_pointer (&self->factory, sio_transport_factory_unref);
  g_clear_pointer (&self->clock, sio_clock_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  sio_home_clear (&self->home);
  g_clear_object (&self->options);
  sio_url_clear (&self->parsed);
  g_clear_error (&self->url_error);
  g_free (self->url);

  G_OBJECT_CLASS (sio_manager_parent_class)->finalize (object);
}

static void
sio_manager_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  SioManager *self = SIO_MANAGER (object);

  switch ((SioManagerProperty) property)
    {
    case PROP_URL:
      g_value_set_string (value, self->url);
      break;
    case PROP_ENGINE:
      g_value_set_object (value, sio_engine_publish (self->engine));
      break;
    case PROP_RECONNECTION:
      g_value_set_boolean (value, self->reconnection);
      break;
    case PROP_RECONNECTION_ATTEMPTS:
      g_value_set_int (value, self->reconnection_attempts);
      break;
    case PROP_RECONNECTION_DELAY:
      g_value_set_uint (value, self->backoff.delay);
      break;
    case PROP_RECONNECTION_DELAY_MAX:
      g_value_set_uint (value, self->backoff.delay_max);
      break;
    case PROP_RANDOMIZATION_FACTOR:
      g_value_set_double (value, self->backoff.jitter);
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, self->timeout);
      break;
    case PROP_NEXT_ATTEMPT_TIME:
      g_value_set_int64 (value, sio_manager_get_next_attempt_time (self));
      break;
    case PROP_OPTIONS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
sio_manager_set_property (GObject *object, guint property, const GValue *value, GParamSpec *pspec)
{
  SioManager *self = SIO_MANAGER (object);

  switch ((SioManagerProperty) property)
    {
    case PROP_URL:
      self->url = g_value_dup_string (value);
      break;
    case PROP_OPTIONS:
      self->options = sio_options_copy (g_value_get_object (value));
      break;
    case PROP_RECONNECTION:
      sio_manager_set_reconnection (self, g_value_get_boolean (value));
      break;
    case PROP_RECONNECTION_ATTEMPTS:
      sio_manager_set_reconnection_attempts (self, g_value_get_int (value));
      break;
    case PROP_RECONNECTION_DELAY:
      sio_manager_set_reconnection_delay (self, g_value_get_uint (value));
      break;
    case PROP_RECONNECTION_DELAY_MAX:
      sio_manager_set_reconnection_delay_max (self, g_value_get_uint (value));
      break;
    case PROP_RANDOMIZATION_FACTOR:
      sio_manager_set_randomization_factor (self, g_value_get_double (value));
      break;
    case PROP_TIMEOUT:
      sio_manager_set_timeout (self, g_value_get_uint (value));
      break;
    case PROP_ENGINE:
    case PROP_NEXT_ATTEMPT_TIME:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags construct = G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags live = readable | G_PARAM_WRITABLE;

  /**
   * SioManager:url: (getter get_url)
   *
   * Where it connects to: an `http`, `https`, `ws` or `wss` URL.
   *
   * A manager without one, made by `g_object_new()`, connects to nothing: each attempt fails with
   * %SIO_ERROR_INVALID_URL.
   *
   * The path of the URL is of no meaning to a manager. A user and password in it are sent to the
   * server with each request (`Authorization: Basic`), unless the options have that header, and are
   * not shown by this property. One that cannot be connected to is reported
   * by [signal@Manager::error] and [signal@Socket::connect-error] when that is tried.
   */
  properties[PROP_URL] =
      g_param_spec_string ("url", NULL, NULL, NULL, construct | G_PARAM_READABLE);
  /**
   * SioManager:options:
   *
   * Options for the connection, of which a copy is made; %NULL for the defaults.
   */
  properties[PROP_OPTIONS] =
      g_param_spec_object ("options", NULL, NULL, SIO_TYPE_OPTIONS, construct);
  /**
   * SioManager:engine: (getter get_engine)
   *
   * The connection of now, %NULL when there is none.
   */
  properties[PROP_ENGINE] = g_param_spec_object ("engine", NULL, NULL, SIO_TYPE_ENGINE, readable);
  /**
   * SioManager:reconnection: (getter get_reconnection) (setter set_reconnection)
   *
   * Whether to reconnect when the connection is lost or could not be made.
   *
   * Turned off, it also ends a wait for the next attempt.
   */
  properties[PROP_RECONNECTION] = g_param_spec_boolean ("reconnection", NULL, NULL, TRUE, live);
  /**
   * SioManager:reconnection-attempts: (getter get_reconnection_attempts) (setter set_reconnection_attempts)
   *
   * How many attempts to reconnect before giving up; -1 or 0 for no limit.
   */
  properties[PROP_RECONNECTION_ATTEMPTS] =
      g_param_spec_int ("reconnection-attempts", NULL, NULL, -1, G_MAXINT, -1, live);
  /**
   * SioManager:reconnection-delay: (getter get_reconnection_delay) (setter set_reconnection_delay)
   *
   * How long to wait before the first attempt to reconnect, in milliseconds.
   *
   * Each further attempt waits about twice as long as the one before. A change counts from the next
   * delay on.
   */
  properties[PROP_RECONNECTION_DELAY] =
      g_param_spec_uint ("reconnection-delay", NULL, NULL, 0, G_MAXUINT, DEFAULT_DELAY, live);
  /**
   * SioManager:reconnection-delay-max: (getter get_reconnection_delay_max) (setter set_reconnection_delay_max)
   *
   * The longest to wait between two attempts, in milliseconds.
   */
  properties[PROP_RECONNECTION_DELAY_MAX] = g_param_spec_uint (
      "reconnection-delay-max", NULL, NULL, 0, G_MAXUINT, DEFAULT_DELAY_MAX, live);
  /**
   * SioManager:randomization-factor: (getter get_randomization_factor) (setter set_randomization_factor)
   *
   * How far a delay strays at random, from 0 (not at all) to 1.
   *
   * It keeps all clients of a server that comes back from connecting at the same moment.
   */
  properties[PROP_RANDOMIZATION_FACTOR] =
      g_param_spec_double ("randomization-factor", NULL, NULL, 0, 1, 0.5, live);
  /**
   * SioManager:timeout: (getter get_timeout) (setter set_timeout)
   *
   * How long one attempt to connect may take, in milliseconds; 0 for no limit.
   */
  properties[PROP_TIMEOUT] = g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXUINT, 20000, live);
  /**
   * SioManager:next-attempt-time: (getter get_next_attempt_time)
   *
   * When the next attempt to reconnect is made, 0 while none is waited for.
   *
   * It is in microseconds on the clock of [func@GLib.get_monotonic_time], as the frame clock of a
   * widget is, so that a countdown only has to subtract. See
   * [method@Manager.get_next_attempt_time] for what happens to it during a suspend.
   */
  properties[PROP_NEXT_ATTEMPT_TIME] =
      g_param_spec_int64 ("next-attempt-time", NULL, NULL, 0, G_MAXINT64, 0, readable);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static guint
add_signal (const char *name, guint n_params, ...)
{
  va_list types;
  guint signal;

  va_start (types, n_params);
  signal = g_signal_new_valist (name, SIO_TYPE_MANAGER, G_SIGNAL_RUN_LAST, NULL, NULL, NULL, NULL,
                                G_TYPE_NONE, n_params, types);
  va_end (types);
  return signal;
}

static void
install_signals (void)
{
  /**
   * SioManager::error:
   * @self: the manager
   * @error: what went wrong
   *
   * Emitted when an attempt to connect failed, or the connection did.
   *
   * Whether it goes on by itself is for [property@Manager:reconnection] to say.
   *
   * It also tells what became of an event when nobody waits for its acknowledgement who could be
   * told: the event was refused, because of a limit (%SIO_ERROR_LIMIT_EXCEEDED), or was
   * given up, with its socket (%SIO_ERROR_DISCONNECTED) or after the last of its retries.
   * The message names the event, and how many more of the kind there were in the same turn of the
   * main loop. Only a volatile event that is dropped is not told of.
   */
  signals[SIGNAL_ERROR] = add_signal ("error", 1, G_TYPE_ERROR);
  /**
   * SioManager::ping:
   * @self: the manager
   *
   * Emitted when the server has asked whether we are there. It was answered already.
   */
  signals[SIGNAL_PING] = add_signal ("ping", 0);
  /**
   * SioManager::reconnect:
   * @self: the manager
   * @attempt: which attempt it was, from 1
   *
   * Emitted when an attempt to reconnect was successful, before any socket is connected again.
   */
  signals[SIGNAL_RECONNECT] = add_signal ("reconnect", 1, G_TYPE_UINT);
  /**
   * SioManager::reconnect-attempt:
   * @self: the manager
   * @attempt: which attempt it is, from 1
   *
   * Emitted right before each attempt to reconnect. A handler may still call it off by closing the
   * sockets.
   */
  signals[SIGNAL_RECONNECT_ATTEMPT] = add_signal ("reconnect-attempt", 1, G_TYPE_UINT);
  /**
   * SioManager::reconnect-error:
   * @self: the manager
   * @error: what went wrong
   *
   * Emitted when an attempt to reconnect failed.
   */
  signals[SIGNAL_RECONNECT_ERROR] = add_signal ("reconnect-error", 1, G_TYPE_ERROR);
  /**
   * SioManager::reconnect-failed:
   * @self: the manager
   *
   * Emitted when all [property@Manager:reconnection-attempts] were used up.
   *
   * Nothing happens then until a socket or the manager is asked to connect.
   */
  signals[SIGNAL_RECONNECT_FAILED] = add_signal ("reconnect-failed", 0);
  /**
   * SioManager::opened:
   * @self: the manager
   *
   * Emitted when a connection stands. Sockets connect to their namespaces right after it.
   */
  signals[SIGNAL_OPENED] = add_signal ("opened", 0);
  /**
   * SioManager::closed:
   * @self: the manager
   * @reason: why
   * @details: (nullable): the error behind it, if there is one
   *
   * Emitted when the connection has ended, before its sockets emit [signal@Socket::disconnect].
   */
  signals[SIGNAL_CLOSED] = add_signal ("closed", 2, SIO_TYPE_DISCONNECT_REASON, G_TYPE_ERROR);
}

static void
sio_manager_class_init (SioManagerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  /* Where the words of errors are translated; no error is shown before there is a manager. */
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");

  object_class->constructed = sio_manager_constructed;
  object_class->dispose = sio_manager_dispose;
  object_class->finalize = sio_manager_finalize;
  object_class->get_property = sio_manager_get_property;
  object_class->set_property = sio_manager_set_property;

  install_properties (object_class);
  install_signals ();
}

static void
sio_manager_init (SioManager *self)
{
  self->limits = (SioLimits) SIO_LIMITS_INIT;
  self->thread = g_thread_self ();
  self->context = g_main_context_ref_thread_default ();
  sio_home_init (&self->home, self->context);
  self->clock = sio_clock_new_system ();
  self->timer = sio_timer_new (self->clock, self->context, sio_manager_on_timer, self);
  self->deadline = SIO_CLOCK_NEVER;
  self->told_attempt = SIO_CLOCK_NEVER;
  self->random = random_number;
  self->make_network = sio_network_monitor_new;
  sio_reach_init (&self->reach);
  g_queue_init (&self->reports);
  sio_decoder_init (&self->decoder, &self->limits);
  self->members =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) sio_member_unref);
}

/**
 * sio_manager_new:
 * @url: an `http`, `https`, `ws` or `wss` URL
 * @options: (nullable): options, or %NULL for the defaults
 *
 * Makes a manager that shares its connection with no other (`new Manager()`).
 *
 * It connects at once, unless [property@Options:auto-connect] is off. A URL that cannot be
 * connected to is reported as %SIO_ERROR_INVALID_URL by [signal@Manager::error].
 *
 * Returns: (transfer full): a new manager
 */
SioManager *
sio_manager_new (const char *url, SioOptions *options)
{
  g_return_val_if_fail (url != NULL, NULL);
  g_return_val_if_fail (options == NULL || SIO_IS_OPTIONS (options), NULL);

  return g_object_new (SIO_TYPE_MANAGER, "url", url, "options", options, NULL);
}

/**
 * sio_manager_get_url: (get-property url)
 * @self: a manager
 *
 * Gets where it connects to, without the user and password of the URL that it was made with.
 *
 * Returns: (transfer none) (nullable): the URL, or %NULL if it was made without one
 */
const char *
sio_manager_get_url (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), NULL);

  return self->url;
}

/**
 * sio_manager_get_engine: (get-property engine)
 * @self: a manager
 *
 * Gets the connection of now (`manager.engine`).
 *
 * Returns: (transfer none) (nullable): the engine, or %NULL if there is no connection
 */
SioEngine *
sio_manager_get_engine (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), NULL);

  return sio_engine_publish (self->engine);
}
