/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-options-private.h"
#include "sio-options-properties-private.h"

#include "codec/sio-field-private.h"

/**
 * SioOptions:
 *
 * What a manager, a socket or [func@io] is to do differently from the defaults.
 *
 * Options are copied when a manager or socket is made from them: a later change has no effect on
 * it. A [class@Manager] reads those of the connection and of reconnecting, a [class@Socket] reads
 * [property@Options:auth], [property@Options:retries], [property@Options:ack-timeout] and
 * [property@Options:join-timeout]; [func@io] serves both.
 *
 * ```c
 * g_autoptr (SioOptions) options = g_object_new (SIO_TYPE_OPTIONS,
 *                                                "reconnection-delay-max", 10000,
 *                                                NULL);
 *
 * sio_options_set_header (options, "User-Agent", "my-app/1.0");
 * sio_options_set_query_param (options, "my-key", "my-value");
 * ```
 */

/* Never changed while it is shared: each manager and each socket has a copy of its options. */
typedef struct
{
  gatomicrefcount ref_count;
  GValue values[SIO_OPTIONS_N_PROPS];
  gboolean is_set[SIO_OPTIONS_N_PROPS];
} SioOptionTable;

struct _SioOptions
{
  GObject parent_instance;

  SioOptionTable *table;
  GValue *values;     /* of the table */
  GPtrArray *query;   /* name, value, …; owned strings */
  GPtrArray *headers; /* likewise */
  SioAuthProvider *auth_provider;
};

G_DEFINE_FINAL_TYPE (SioOptions, sio_options, G_TYPE_OBJECT)

static GParamSpec *properties[SIO_OPTIONS_N_PROPS];
static SioOptionTable *default_table; /* lives as long as the class, which is for ever */

SioAuthProvider *
sio_auth_provider_new (SioAuthFunc func, gpointer user_data, GDestroyNotify destroy)
{
  SioAuthProvider *self;

  if (func == NULL)
    {
      if (destroy != NULL)
        destroy (user_data);
      return NULL;
    }

  self = g_new (SioAuthProvider, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;
  return self;
}

SioAuthProvider *
sio_auth_provider_ref (SioAuthProvider *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
sio_auth_provider_unref (SioAuthProvider *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self);
}

void
sio_socket_settings_clear (SioSocketSettings *self)
{
  g_clear_pointer (&self->auth, sio_value_unref);
  g_clear_pointer (&self->auth_provider, sio_auth_provider_unref);
}

/* Names of headers are the same in any case, names of parameters are not. */
static void
set_pair (GPtrArray *pairs,
          const char *name,
          const char *value,
          int (*compare) (const char *, const char *))
{
  for (guint i = 0; i < pairs->len; i += 2)
    if (compare (g_ptr_array_index (pairs, i), name) == 0)
      {
        g_ptr_array_remove_range (pairs, i, 2);
        break;
      }

  if (value == NULL)
    return;
  g_ptr_array_add (pairs, g_strdup (name));
  g_ptr_array_add (pairs, g_strdup (value));
}

static GPtrArray *
copy_pairs (GPtrArray *pairs)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < pairs->len; i++)
    g_ptr_array_add (copy, g_strdup (g_ptr_array_index (pairs, i)));
  return copy;
}

static char **
pairs_to_strv (GPtrArray *pairs)
{
  char **strv = g_new0 (char *, pairs->len + 1);

  for (guint i = 0; i < pairs->len; i++)
    strv[i] = g_strdup (g_ptr_array_index (pairs, i));
  return strv;
}

static SioOptionTable *
option_table_new (void)
{
  SioOptionTable *table = g_new0 (SioOptionTable, 1);

  g_atomic_ref_count_init (&table->ref_count);
  for (guint i = 1; i < SIO_OPTIONS_N_PROPS; i++)
    g_value_init (&table->values[i], properties[i]->value_type);
  return table;
}

static SioOptionTable *
option_table_ref (SioOptionTable *table)
{
  g_atomic_ref_count_inc (&table->ref_count);
  return table;
}

static void
option_table_unref (SioOptionTable *table)
{
  if (!g_atomic_ref_count_dec (&table->ref_count))
    return;

  for (guint i = 1; i < SIO_OPTIONS_N_PROPS; i++)
    g_value_unset (&table->values[i]);
  g_free (table);
}

/* Takes @table. */
static void
use_table (SioOptions *self, SioOptionTable *table)
{
  if (self->table != NULL)
    option_table_unref (self->table);
  self->table = table;
  self->values = table->values;
}

/* Before a change. */
static void
unshare_table (SioOptions *self)
{
  SioOptionTable *own;

  if (g_atomic_ref_count_compare (&self->table->ref_count, 1))
    return;

  own = option_table_new ();
  for (guint i = 1; i < SIO_OPTIONS_N_PROPS; i++)
    {
      g_value_copy (&self->table->values[i], &own->values[i]);
      own->is_set[i] = self->table->is_set[i];
    }
  use_table (self, own);
}

SioOptions *
sio_options_copy (SioOptions *self)
{
  SioOptions *copy = sio_options_new ();

  if (self == NULL)
    return copy;

  use_table (copy, option_table_ref (self->table));
  g_ptr_array_unref (copy->query);
  copy->query = copy_pairs (self->query);
  g_ptr_array_unref (copy->headers);
  copy->headers = copy_pairs (self->headers);
  if (self->auth_provider != NULL)
    copy->auth_provider = sio_auth_provider_ref (self->auth_provider);
  return copy;
}

static const GValue *
get_value (SioOptions *self, const char *name)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (self), name);

  return &self->values[pspec->param_id];
}

gboolean
sio_options_get_boolean (SioOptions *self, const char *name)
{
  return g_value_get_boolean (get_value (self, name));
}

int
sio_options_get_int (SioOptions *self, const char *name)
{
  return g_value_get_int (get_value (self, name));
}

guint
sio_options_get_uint (SioOptions *self, const char *name)
{
  return g_value_get_uint (get_value (self, name));
}

double
sio_options_get_double (SioOptions *self, const char *name)
{
  return g_value_get_double (get_value (self, name));
}

char *
sio_options_dup_path (SioOptions *self)
{
  const char *path = g_value_get_string (&self->values[PROP_PATH]);

  if (path[0] == '\0')
    path = g_value_get_string (&default_table->values[PROP_PATH]);
  return sio_url_normalize_path (path,
                                 g_value_get_boolean (&self->values[PROP_ADD_TRAILING_SLASH]));
}

void
sio_options_read_socket (SioOptions *self, SioSocketSettings *settings)
{
  SioValue *auth = g_value_get_boxed (&self->values[PROP_AUTH]);

  settings->auth = auth != NULL ? sio_value_ref (auth) : NULL;
  if (self->auth_provider != NULL)
    settings->auth_provider = sio_auth_provider_ref (self->auth_provider);
  settings->retries = g_value_get_int (&self->values[PROP_RETRIES]);
  settings->ack_timeout = g_value_get_uint (&self->values[PROP_ACK_TIMEOUT]);
  settings->join_timeout = g_value_get_uint (&self->values[PROP_JOIN_TIMEOUT]);
}

const GValue *
sio_options_get_value (SioOptions *self, GParamSpec *pspec)
{
  return &self->values[pspec->param_id];
}

gboolean
sio_options_is_set (SioOptions *self, GParamSpec *pspec)
{
  return self->table->is_set[pspec->param_id];
}

char **
sio_options_dup_query (SioOptions *self, const SioUrl *url)
{
  return url->query != NULL ? g_strdupv (url->query) : pairs_to_strv (self->query);
}

/* Whoever sets the header by name knows better than the URL. */
char **
sio_options_dup_headers (SioOptions *self, const SioUrl *url)
{
  g_autoptr (GPtrArray) headers = copy_pairs (self->headers);
  char *authorization = sio_url_dup_authorization (url);

  for (guint i = 0; i < headers->len && authorization != NULL; i += 2)
    if (g_ascii_strcasecmp (g_ptr_array_index (headers, i), "Authorization") == 0)
      g_clear_pointer (&authorization, g_free);
  if (authorization != NULL)
    {
      g_ptr_array_add (headers, g_strdup ("Authorization"));
      g_ptr_array_add (headers, authorization);
    }
  return pairs_to_strv (headers);
}

char **
sio_options_known_transports (char **names)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gboolean seen_polling = FALSE, seen_websocket = FALSE;

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (g_str_equal (names[i], "polling") && !seen_polling)
      {
        seen_polling = TRUE;
        g_strv_builder_add (builder, names[i]);
      }
    else if (g_str_equal (names[i], "websocket") && !seen_websocket)
      {
        seen_websocket = TRUE;
        g_strv_builder_add (builder, names[i]);
      }
  return g_strv_builder_end (builder);
}

gboolean
sio_options_check (SioOptions *self, GError **error)
{
  for (guint i = 0; i < self->headers->len; i += 2)
    if (!sio_field_check_header (g_ptr_array_index (self->headers, i),
                                 g_ptr_array_index (self->headers, i + 1), error))
      return FALSE;
  for (guint i = 0; i < self->query->len; i += 2)
    if (!sio_field_check_parameter (g_ptr_array_index (self->query, i),
                                    g_ptr_array_index (self->query, i + 1), error))
      return FALSE;
  return sio_field_check_protocols (g_value_get_boxed (&self->values[PROP_PROTOCOLS]), error);
}

static void
set_strv (char ***strv, char **with)
{
  g_strfreev (*strv);
  *strv = with;
}

static void
set_string (char **string, char *with)
{
  g_free (*string);
  *string = with;
}

SioSettings *
sio_options_make_settings (SioOptions *self,
                           const SioUrl *url,
                           SioClock *clock,
                           GMainContext *context)
{
  SioSettings *settings = sio_settings_new ();
  GValue *values = self->values;

  settings->secure = url->secure;
  settings->host = g_strdup (url->host);
  settings->port = url->port;
  set_string (&settings->path, sio_options_dup_path (self));
  set_strv (&settings->query, sio_options_dup_query (self, url));
  set_strv (&settings->headers, sio_options_dup_headers (self, url));

  set_strv (&settings->transports,
            sio_options_known_transports (g_value_get_boxed (&values[PROP_TRANSPORTS])));
  settings->upgrade = g_value_get_boolean (&values[PROP_UPGRADE]);
  settings->remember_upgrade = g_value_get_boolean (&values[PROP_REMEMBER_UPGRADE]);
  settings->try_all_transports = g_value_get_boolean (&values[PROP_TRY_ALL_TRANSPORTS]);
  settings->timestamp_requests = g_value_get_boolean (&values[PROP_TIMESTAMP_REQUESTS]);
  settings->timestamp_websockets =
      settings->timestamp_requests && self->table->is_set[PROP_TIMESTAMP_REQUESTS];
  set_string (&settings->timestamp_param, g_value_dup_string (&values[PROP_TIMESTAMP_PARAM]));
  settings->force_base64 = g_value_get_boolean (&values[PROP_FORCE_BASE64]);
  settings->with_credentials = g_value_get_boolean (&values[PROP_WITH_CREDENTIALS]);
  set_strv (&settings->protocols, g_value_dup_boxed (&values[PROP_PROTOCOLS]));
  settings->request_timeout = g_value_get_uint (&values[PROP_REQUEST_TIMEOUT]);
  settings->per_message_deflate = g_value_get_boolean (&values[PROP_PER_MESSAGE_DEFLATE]);

  g_set_object (&settings->tls_database, g_value_get_object (&values[PROP_TLS_DATABASE]));
  g_set_object (&settings->tls_certificate, g_value_get_object (&values[PROP_TLS_CERTIFICATE]));
  g_set_object (&settings->proxy_resolver, g_value_get_object (&values[PROP_PROXY_RESOLVER]));
  settings->proxy_resolver_set = self->table->is_set[PROP_PROXY_RESOLVER];

  g_clear_pointer (&settings->clock, sio_clock_unref);
  settings->clock = sio_clock_ref (clock);
  g_clear_pointer (&settings->context, g_main_context_unref);
  settings->context = g_main_context_ref (context);
  return settings;
}

static void
sio_options_finalize (GObject *object)
{
  SioOptions *self = SIO_OPTIONS (object);

  option_table_unref (self->table);
  g_ptr_array_unref (self->query);
  g_ptr_array_unref (self->headers);
  g_clear_pointer (&self->auth_provider, sio_auth_provider_unref);

  G_OBJECT_CLASS (sio_options_parent_class)->finalize (object);
}

static void
sio_options_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  g_value_copy (&SIO_OPTIONS (object)->values[property], value);
}

/* NULL stands for the default where there is one that is not NULL. */
static const GValue *
or_default (guint property, const GValue *value)
{
  gboolean is_null = (G_VALUE_HOLDS_STRING (value) && g_value_get_string (value) == NULL) ||
                     (G_VALUE_HOLDS (value, G_TYPE_STRV) && g_value_get_boxed (value) == NULL);

  return is_null ? &default_table->values[property] : value;
}

static void
sio_options_set_property (GObject *object, guint property, const GValue *given, GParamSpec *pspec)
{
  SioOptions *self = SIO_OPTIONS (object);
  const GValue *value = or_default (property, given);

  unshare_table (self);
  self->table->is_set[property] = TRUE;
  if (g_param_values_cmp (pspec, &self->values[property], value) == 0)
    return;
  g_value_copy (value, &self->values[property]);
  g_object_notify_by_pspec (object, pspec);
}

static SioOptionTable *
make_default_table (void)
{
  static const char *const transports[] = { "polling", "websocket", NULL };
  SioOptionTable *table = option_table_new ();

  for (guint i = 1; i < SIO_OPTIONS_N_PROPS; i++)
    g_param_value_set_default (properties[i], &table->values[i]);
  /* A boxed GParamSpec has no default of its own. */
  g_value_set_boxed (&table->values[PROP_TRANSPORTS], transports);
  return table;
}

static void
sio_options_class_init (SioOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = sio_options_finalize;
  object_class->get_property = sio_options_get_property;
  object_class->set_property = sio_options_set_property;

  sio_options_make_properties (properties);
  g_object_class_install_properties (object_class, SIO_OPTIONS_N_PROPS, properties);
  default_table = make_default_table ();
}

static void
sio_options_init (SioOptions *self)
{
  use_table (self, option_table_ref (default_table));
  self->query = g_ptr_array_new_with_free_func (g_free);
  self->headers = g_ptr_array_new_with_free_func (g_free);
}

/**
 * sio_options_new:
 *
 * Makes options that are all at their defaults.
 *
 * Returns: (transfer full): new options
 */
SioOptions *
sio_options_new (void)
{
  return g_object_new (SIO_TYPE_OPTIONS, NULL);
}

/**
 * sio_options_set_header: (skip)
 * @self: options
 * @name: the name of an HTTP header
 * @value: (nullable): its value, or %NULL to send none
 *
 * Sets a header for all HTTP requests, the WebSocket handshake too (`extraHeaders`).
 *
 * `Authorization` is sent in place of the user and password in the URL, `User-Agent` in place of
 * `sioclient/` with the version of the library.
 *
 * What is not ASCII in @value goes out as UTF-8. A header that cannot be sent makes each attempt to
 * connect fail with %SIO_ERROR_FAILED, for good: nothing is sent without it.
 * [method@Options.set_header_checked] says what those are, and tells at once.
 */
void
sio_options_set_header (SioOptions *self, const char *name, const char *value)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));
  g_return_if_fail (name != NULL);

  set_pair (self->headers, name, value, g_ascii_strcasecmp);
}

/**
 * sio_options_set_header_checked: (rename-to sio_options_set_header)
 * @self: options
 * @name: the name of an HTTP header
 * @value: (nullable): its value, or %NULL to send none
 * @error: return location for an error
 *
 * Sets a header for all HTTP requests, the WebSocket handshake too, if it can be sent
 * (`extraHeaders`).
 *
 * What is not ASCII in @value goes out as UTF-8. %SIO_ERROR_FAILED is told, and nothing is
 * set, if @name is no token of HTTP, if @value has a control character other than a tab in it, the
 * end of a line that was read from a file for example, and for those that the connection sees to
 * itself: `Connection`, `Content-Length`, `Content-Type`, `Expect`, `Host`, `Keep-Alive`,
 * `Proxy-Connection`, `TE`, `Trailer`, `Transfer-Encoding`, `Upgrade`, and all that begin with
 * `Sec-WebSocket-`. The error names the header, and never shows @value.
 *
 * Returns: whether it was set
 */
gboolean
sio_options_set_header_checked (SioOptions *self,
                                const char *name,
                                const char *value,
                                GError **error)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  if (value != NULL && !sio_field_check_header (name, value, error))
    return FALSE;
  sio_options_set_header (self, name, value);
  return TRUE;
}

/**
 * sio_options_set_query_param: (skip)
 * @self: options
 * @name: the name of a parameter
 * @value: (nullable): its value, or %NULL to send none
 *
 * Sets a parameter in the URL of all requests (`query`).
 *
 * A URL that has a query of its own replaces all of these. `EIO`, `transport`, `sid`, `j`, `t` and
 * `b64` are names that the protocol uses itself. An empty name, and what is not UTF-8, makes each
 * attempt to connect fail with %SIO_ERROR_FAILED, for good.
 */
void
sio_options_set_query_param (SioOptions *self, const char *name, const char *value)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));
  g_return_if_fail (name != NULL);

  set_pair (self->query, name, value, g_strcmp0);
}

/**
 * sio_options_set_query_param_checked: (rename-to sio_options_set_query_param)
 * @self: options
 * @name: the name of a parameter
 * @value: (nullable): its value, or %NULL to send none
 * @error: return location for an error
 *
 * Sets a parameter in the URL of all requests (`query`).
 *
 * A URL that has a query of its own replaces all of these. `EIO`, `transport`, `sid`, `j`, `t` and
 * `b64` are names that the protocol uses itself. %SIO_ERROR_FAILED is told, and nothing is
 * set, if @name is empty.
 *
 * Returns: whether it was set
 */
gboolean
sio_options_set_query_param_checked (SioOptions *self,
                                     const char *name,
                                     const char *value,
                                     GError **error)
{
  g_return_val_if_fail (SIO_IS_OPTIONS (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  if (value != NULL && !sio_field_check_parameter (name, value, error))
    return FALSE;
  sio_options_set_query_param (self, name, value);
  return TRUE;
}

/**
 * sio_options_set_auth_func:
 * @self: options
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): a function, or %NULL
 *   for none
 * @user_data: data for @func
 * @destroy: frees @user_data
 *
 * Sets a function that is asked for the auth payload before each connection to a namespace
 * (`auth` as a function).
 *
 * It is called in the main context of the manager, and may answer at once or later. If it has
 * nothing to present for now, [method@AuthRequest.fail] lets it be asked again;
 * [method@AuthRequest.reject] gives up. @destroy is called when these options and all sockets that
 * were made with them are gone.
 */
void
sio_options_set_auth_func (SioOptions *self,
                           SioAuthFunc func,
                           gpointer user_data,
                           GDestroyNotify destroy)
{
  g_return_if_fail (SIO_IS_OPTIONS (self));

  g_clear_pointer (&self->auth_provider, sio_auth_provider_unref);
  self->auth_provider = sio_auth_provider_new (func, user_data, destroy);
}
