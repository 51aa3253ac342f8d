/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-io-private.h"

#include "sio-options-properties-private.h"

#include <string.h>

/* Which connection serves whom (X1). A connection shows a server who is there, so nobody gets one
 * that shows less, more or somebody else than was asked for. */

typedef enum
{
  SHARING_UNDECIDED,  /* taken for identity, which harms nobody */
  SHARING_IDENTITY,   /* who we are, and whom we trust: equal, whoever came first */
  SHARING_CONNECTION, /* how to connect: counts if it is given */
  SHARING_KEY,        /* a part of the key by which managers are found */
  SHARING_SOCKET,     /* each socket has its own */
  SHARING_CALL,       /* about the call of sio_io(), and over with it */
} Sharing;

static const Sharing sharing[SIO_OPTIONS_N_PROPS] = {
  [PROP_FORCE_NEW] = SHARING_CALL,
  [PROP_MULTIPLEX] = SHARING_CALL,
  [PROP_AUTO_CONNECT] = SHARING_CALL,
  [PROP_RECONNECTION] = SHARING_CONNECTION,
  [PROP_RECONNECTION_ATTEMPTS] = SHARING_CONNECTION,
  [PROP_RECONNECTION_DELAY] = SHARING_CONNECTION,
  [PROP_RECONNECTION_DELAY_MAX] = SHARING_CONNECTION,
  [PROP_RANDOMIZATION_FACTOR] = SHARING_CONNECTION,
  [PROP_TIMEOUT] = SHARING_CONNECTION,
  [PROP_AUTH] = SHARING_SOCKET,
  [PROP_RETRIES] = SHARING_SOCKET,
  [PROP_ACK_TIMEOUT] = SHARING_SOCKET,
  [PROP_PATH] = SHARING_KEY,
  [PROP_ADD_TRAILING_SLASH] = SHARING_CONNECTION,
  [PROP_TRANSPORTS] = SHARING_CONNECTION,
  [PROP_UPGRADE] = SHARING_CONNECTION,
  [PROP_REMEMBER_UPGRADE] = SHARING_CONNECTION,
  [PROP_TRY_ALL_TRANSPORTS] = SHARING_CONNECTION,
  [PROP_TIMESTAMP_REQUESTS] = SHARING_CONNECTION,
  [PROP_TIMESTAMP_PARAM] = SHARING_CONNECTION,
  [PROP_FORCE_BASE64] = SHARING_CONNECTION,
  [PROP_WITH_CREDENTIALS] = SHARING_IDENTITY,
  [PROP_PROTOCOLS] = SHARING_CONNECTION,
  [PROP_REQUEST_TIMEOUT] = SHARING_CONNECTION,
  [PROP_PER_MESSAGE_DEFLATE] = SHARING_CONNECTION,
  [PROP_TLS_DATABASE] = SHARING_IDENTITY,
  [PROP_TLS_CERTIFICATE] = SHARING_IDENTITY,
  [PROP_PROXY_RESOLVER] = SHARING_IDENTITY,
  [PROP_NETWORK_AWARE] = SHARING_CONNECTION,
  [PROP_JOIN_TIMEOUT] = SHARING_SOCKET,
};

static gboolean
same_names (char **a, char **b)
{
  static char *none[] = { NULL };

  return g_strv_equal ((const char *const *) (a != NULL ? a : none),
                       (const char *const *) (b != NULL ? b : none));
}

static guint
delay_in_effect (GParamSpec *pspec, const GValue *value)
{
  guint delay = g_value_get_uint (value);

  /* M2 */
  return delay > 0 ? delay : G_PARAM_SPEC_UINT (pspec)->default_value;
}

/* Whether two values of an option do the same, however they are written. */
static gboolean
same_effect (GParamSpec *pspec, const GValue *a, const GValue *b)
{
  switch (pspec->param_id)
    {
    case PROP_TRANSPORTS:
      {
        g_auto (GStrv) known_a = sio_options_known_transports (g_value_get_boxed (a));
        g_auto (GStrv) known_b = sio_options_known_transports (g_value_get_boxed (b));

        return same_names (known_a, known_b);
      }
    case PROP_PROTOCOLS:
      return same_names (g_value_get_boxed (a), g_value_get_boxed (b));
    case PROP_RECONNECTION_ATTEMPTS:
      return MAX (g_value_get_int (a), 0) == MAX (g_value_get_int (b), 0);
    case PROP_RECONNECTION_DELAY:
    case PROP_RECONNECTION_DELAY_MAX:
      return delay_in_effect (pspec, a) == delay_in_effect (pspec, b);
    default:
      return g_param_values_cmp (pspec, a, b) == 0;
    }
}

/* These are not the same set on purpose and left alone: the first is then for WebSocket, too, the
 * second is no proxy at all instead of that of the system. */
static gboolean
setting_it_counts (GParamSpec *pspec)
{
  return pspec->param_id == PROP_TIMESTAMP_REQUESTS || pspec->param_id == PROP_PROXY_RESOLVER;
}

/* What is so now: some settings of a manager can be changed. */
static void
read_value_of_now (SioManager *manager, GParamSpec *pspec, GValue *value)
{
  GObjectClass *klass = G_OBJECT_GET_CLASS (manager);
  GParamSpec *live = g_object_class_find_property (klass, pspec->name);

  g_value_init (value, pspec->value_type);
  if (live != NULL && live->value_type == pspec->value_type)
    g_object_get_property (G_OBJECT (manager), pspec->name, value);
  else
    g_value_copy (sio_options_get_value (sio_manager_get_options (manager), pspec), value);
}

static gboolean
is_given (SioOptions *options, SioOptions *defaults, GParamSpec *pspec)
{
  return (setting_it_counts (pspec) && sio_options_is_set (options, pspec)) ||
         !same_effect (pspec, sio_options_get_value (options, pspec),
                       sio_options_get_value (defaults, pspec));
}

static gboolean
same_setting (SioManager *manager, SioOptions *options, GParamSpec *pspec)
{
  g_auto (GValue) value = G_VALUE_INIT;

  if (setting_it_counts (pspec) && sio_options_is_set (sio_manager_get_options (manager), pspec) !=
                                       sio_options_is_set (options, pspec))
    return FALSE;

  read_value_of_now (manager, pspec, &value);
  return same_effect (pspec, &value, sio_options_get_value (options, pspec));
}

static gboolean
same_options (SioManager *manager, SioOptions *options)
{
  g_autoptr (SioOptions) defaults = sio_options_new ();
  guint n;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (options), &n);

  for (guint i = 0; i < n; i++)
    {
      switch (sharing[pspecs[i]->param_id])
        {
        case SHARING_UNDECIDED:
        case SHARING_IDENTITY:
          break;
        case SHARING_CONNECTION:
          if (!is_given (options, defaults, pspecs[i]))
            continue;
          break;
        case SHARING_KEY:
        case SHARING_SOCKET:
        case SHARING_CALL:
        default:
          continue;
        }
      if (!same_setting (manager, options, pspecs[i]))
        return FALSE;
    }
  return TRUE;
}

typedef int (*CompareNames) (const char *, const char *);

static const char *
find_pair (char **pairs, const char *name, CompareNames compare)
{
  for (; pairs[0] != NULL; pairs += 2)
    if (compare (pairs[0], name) == 0)
      return pairs[1];
  return NULL;
}

/* A name stands for one value in either list. */
static gboolean
same_pairs (char **a, char **b, CompareNames compare)
{
  if (g_strv_length (a) != g_strv_length (b))
    return FALSE;
  for (; a[0] != NULL; a += 2)
    if (g_strcmp0 (find_pair (b, a[0], compare), a[1]) != 0)
      return FALSE;
  return TRUE;
}

static gboolean
same_user_info (const SioUrl *a, const SioUrl *b)
{
  g_autofree char *authorization_a = sio_url_dup_authorization (a);
  g_autofree char *authorization_b = sio_url_dup_authorization (b);

  return g_strcmp0 (authorization_a, authorization_b) == 0;
}

gboolean
sio_io_may_share (SioManager *manager, const SioUrl *url, SioOptions *options)
{
  SioOptions *theirs = sio_manager_get_options (manager);
  const SioUrl *their_url = sio_manager_get_parsed_url (manager);
  g_auto (GStrv) query = sio_options_dup_query (options, url);
  g_auto (GStrv) their_query = sio_options_dup_query (theirs, their_url);
  g_auto (GStrv) headers = sio_options_dup_headers (options, url);
  g_auto (GStrv) their_headers = sio_options_dup_headers (theirs, their_url);

  return same_user_info (url, their_url) && same_pairs (query, their_query, strcmp) &&
         same_pairs (headers, their_headers, g_ascii_strcasecmp) && same_options (manager, options);
}
