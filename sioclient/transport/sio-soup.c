/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-soup-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/sio-log-private.h"
#include "codec/sio-field-private.h"

#include "sio-value.h"

void
sio_soup_enter (const SioSettings *settings)
{
  g_main_context_push_thread_default (settings->context);
}

void
sio_soup_leave (const SioSettings *settings)
{
  g_main_context_pop_thread_default (settings->context);
}

void
sio_soup_release (const SioSettings *settings, gpointer object)
{
  if (object == NULL)
    return;

  sio_soup_enter (settings);
  g_object_unref (object);
  sio_soup_leave (settings);
}

void
sio_soup_cancel (const SioSettings *settings, GCancellable *cancellable)
{
  sio_soup_enter (settings);
  g_cancellable_cancel (cancellable);
  sio_soup_leave (settings);
}

/* What the program gives takes the place of ours. */
static gboolean
is_replaced (const char *name)
{
  return g_ascii_strcasecmp (name, "Accept") == 0 || g_ascii_strcasecmp (name, "User-Agent") == 0;
}

static gboolean
add_headers (SoupMessage *message, const SioSettings *settings, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  guint i;

  soup_message_headers_replace (headers, "Accept", "*/*");
  soup_message_headers_replace (headers, "User-Agent", "sioclient/" PACKAGE_VERSION);

  for (i = 0; settings->headers != NULL && settings->headers[i] != NULL; i += 2)
    {
      const char *name = settings->headers[i];
      const char *value = settings->headers[i + 1];

      /* libsoup leaves such a one out, with a warning that is fatal to some programs. */
      if (!sio_field_check_header (name, value, error))
        return FALSE;
      if (is_replaced (name))
        soup_message_headers_replace (headers, name, value);
      else
        soup_message_headers_append (headers, name, value);
    }
  return TRUE;
}

/* The jar writes over the header of the program, after every other handler of “starting”. */
static void
starting_cb (SoupMessage *message, gpointer user_data)
{
  const char *own = user_data;
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  const char *current = soup_message_headers_get_one (headers, "Cookie");
  g_autofree char *joined = NULL;

  if (current != NULL && g_str_has_prefix (current, own) &&
      (current[strlen (own)] == '\0' || current[strlen (own)] == ';'))
    return;

  joined = current != NULL ? g_strconcat (own, "; ", current, NULL) : g_strdup (own);
  soup_message_headers_replace (headers, "Cookie", joined);
}

static void
free_own_cookies (gpointer data, GClosure *closure)
{
  g_free (data);
}

static void
set_up_cookies (SoupMessage *message, const SioSettings *settings)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  const char *own = soup_message_headers_get_list (headers, "Cookie");

  if (!settings->with_credentials)
    {
      soup_message_disable_feature (message, SOUP_TYPE_COOKIE_JAR);
      return;
    }

  /* All requests of a program's connection are for one site, so SameSite never holds one back. */
  soup_message_set_first_party (message, soup_message_get_uri (message));
  soup_message_set_site_for_cookies (message, soup_message_get_uri (message));
  if (own != NULL)
    g_signal_connect_data (message, "starting", G_CALLBACK (starting_cb), g_strdup (own),
                           free_own_cookies, G_CONNECT_AFTER);
}

SoupMessage *
sio_soup_message_new (const SioSettings *settings,
                      const char *method,
                      const char *url,
                      GError **error)
{
  g_autoptr (SoupMessage) message = soup_message_new (method, url);

  if (message == NULL)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_TRANSPORT, _ ("the URL can't be requested"));
      return NULL;
    }
  if (!add_headers (message, settings, error))
    return NULL;

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_disable_feature (message, SOUP_TYPE_CACHE);
  set_up_cookies (message, settings);
  return g_steal_pointer (&message);
}

/* Where a redirect leads, without what may be secret in it. */
static char *
describe_location (const char *location, guint limit)
{
  g_autoptr (GUri) uri = g_uri_parse (location, G_URI_FLAGS_PARSE_RELAXED, NULL);
  g_autofree char *bare = NULL;

  if (uri != NULL)
    bare =
        g_uri_to_string_partial (uri, G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT);
  else
    bare = g_strndup (location, strcspn (location, "?#@"));
  return sio_log_quote (bare, strlen (bare), limit);
}

/* {"code":1,"message":"Session ID unknown"} is what the server says (E88), not proxies. */
static char *
describe_body (const char *body, gsize length, guint limit)
{
  g_autofree char *text = g_strndup (body, length);
  g_autoptr (SioValue) value = NULL;
  const char *words = NULL;

  g_strstrip (text);
  if (*text == '{')
    value = sio_value_new_from_json (text, NULL, 0, NULL);
  if (value != NULL)
    words = sio_value_get_string (sio_value_get_member (value, "message"));
  if (words == NULL)
    words = text;
  if (*words == '\0')
    return NULL;
  return sio_log_quote (words, strlen (words), limit);
}

char *
sio_soup_describe_status (SoupMessage *message, const char *body, gsize length, guint limit)
{
  guint status = soup_message_get_status (message);
  const char *location = NULL;
  g_autofree char *more = NULL;

  if (status >= 300 && status < 400)
    location =
        soup_message_headers_get_one (soup_message_get_response_headers (message), "Location");
  if (location != NULL)
    {
      more = describe_location (location, limit);
      return g_strdup_printf (_ ("HTTP status %u: redirected to %s"), status, more);
    }

  if (body != NULL)
    more = describe_body (body, length, limit);
  if (more == NULL)
    return g_strdup_printf (_ ("HTTP status %u"), status);
  return g_strdup_printf (_ ("HTTP status %u: %s"), status, more);
}

GError *
sio_soup_error_new (const char *token, const char *cause)
{
  return g_error_new (SIO_ERROR, SIO_ERROR_TRANSPORT, "%s: %s", token, cause);
}

typedef struct
{
  SioTransport *transport;
  SioDisconnectReason reason;
  GError *details;
} Ending;

static gboolean
tell_closed_cb (gpointer user_data)
{
  Ending *ending = user_data;

  sio_transport_tell_closed (ending->transport, ending->reason, ending->details);
  return G_SOURCE_REMOVE;
}

static void
ending_free (gpointer data)
{
  Ending *ending = data;

  sio_transport_unref (ending->transport);
  g_clear_error (&ending->details);
  g_free (ending);
}

void
sio_soup_tell_closed_later (SioTransport *transport, SioDisconnectReason reason, GError *details)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Ending *ending = g_new0 (Ending, 1);

  ending->transport = sio_transport_ref (transport);
  ending->reason = reason;
  ending->details = details;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, tell_closed_cb, ending, ending_free);
  g_source_attach (source, transport->settings->context);
}
