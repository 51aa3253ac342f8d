/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-url-private.h"

#include "base/sio-log-private.h"
#include "sio-types.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define URL_MAX                 8000
#define PORT_INSECURE           80
#define PORT_SECURE             443
#define ENGINE_REVISION         "4"
#define DEFAULT_TIMESTAMP_PARAM "t"

#define TIMESTAMP_DIGITS       8
#define TIMESTAMP_CLOCK_DIGITS 5

/* A part of the URL that is read; not NUL-terminated. */
typedef struct
{
  const char *text;
  gsize length;
} Part;

/* @reason says what is wrong, with @part (nullable) in place of its %s. The URL is looked at as
 * well: where there is an @ in it, a slip of the pen may have made a part of the password into a
 * part of anything else. */
static gboolean
refuse (GError **error, const char *reason, const char *url, Part part)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  g_autofree char *quoted = NULL;

  if (part.text == NULL || strchr (url, '@') != NULL)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_URL, reason);
      return FALSE;
    }

  quoted = sio_log_quote (part.text, part.length, limits.log_text);
  g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_URL, "%s: “%s”", reason, quoted);
  return FALSE;
}

static Part
part_until (const char *text, const char *stops)
{
  return (Part){ text, strcspn (text, stops) };
}

static Part
part_none (void)
{
  return (Part){ NULL, 0 };
}

/* Percent-decoded; NULL if what comes out is not text. */
static char *
decode (Part part)
{
  g_autofree char *decoded = g_uri_unescape_segment (part.text, part.text + part.length, NULL);

  if (decoded == NULL || !g_utf8_validate (decoded, -1, NULL))
    return NULL;
  /* It was given far more room than it needs. */
  return g_strdup (decoded);
}

static const struct
{
  const char *name;
  gboolean secure;
} schemes[] = {
  { "http", FALSE },
  { "https", TRUE },
  { "ws", FALSE },
  { "wss", TRUE },
};

/* What stands behind the scheme, or NULL. */
static const char *
parse_scheme (SioUrl *self, const char *url, GError **error)
{
  const gsize length = strcspn (url, ":/?#@");
  gsize i;

  if (length == 0 || !g_str_has_prefix (url + length, "://"))
    {
      /* What is translated has no URLs in it: gettext takes them for links. */
      g_autofree char *reason = g_strdup_printf (_ ("The URL has to begin with %s, %s, %s or %s"),
                                                 "http://", "https://", "ws://", "wss://");

      refuse (error, reason, url, part_none ());
      return NULL;
    }

  for (i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      if (length != strlen (schemes[i].name) ||
          g_ascii_strncasecmp (url, schemes[i].name, length) != 0)
        continue;
      self->secure = schemes[i].secure;
      return url + length + strlen ("://");
    }

  refuse (error, _ ("The URL's scheme is none of http, https, ws, wss"), url,
          (Part){ url, length });
  return NULL;
}

static gboolean
has_control_character (const char *text)
{
  for (; text != NULL && *text != '\0'; text = g_utf8_next_char (text))
    if (g_unichar_iscntrl (g_utf8_get_char (text)))
      return TRUE;
  return FALSE;
}

static gboolean
parse_user_info (SioUrl *self, const char *url, Part info, GError **error)
{
  const char *colon = info.length > 0 ? memchr (info.text, ':', info.length) : NULL;
  Part user = info, password = part_none ();

  if (colon != NULL)
    {
      user.length = (gsize) (colon - info.text);
      password = (Part){ colon + 1, info.length - user.length - 1 };
    }

  if (user.length > 0 || colon != NULL)
    self->user = decode (user);
  if (colon != NULL)
    self->password = decode (password);
  if ((self->user == NULL && info.length > 0) || (self->password == NULL && colon != NULL))
    return refuse (error, _ ("The user name or password in the URL is not encoded properly"), url,
                   part_none ());
  /* RFC 7617: there is no way to send these. */
  if (self->user != NULL && strchr (self->user, ':') != NULL)
    return refuse (error, _ ("The user name in the URL has a colon in it"), url, part_none ());
  if (has_control_character (self->user) || has_control_character (self->password))
    return refuse (error, _ ("The user name or password in the URL has a control character in it"),
                   url, part_none ());
  return TRUE;
}

static gboolean
parse_ipv6 (SioUrl *self, const char *url, Part part, GError **error)
{
  g_autofree char *text = g_strndup (part.text, part.length);
  g_autoptr (GInetAddress) address = NULL;

  /* A zone means something on this machine only, and nothing in a Host header. */
  if (strchr (text, '%') == NULL)
    address = g_inet_address_new_from_string (text);
  if (address == NULL || g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV6)
    return refuse (error, _ ("The address in the URL is not valid"), url, part);

  self->host = g_inet_address_to_string (address);
  return TRUE;
}

static gboolean
is_host_name (const char *text)
{
  const char *at;

  for (at = text; *at != '\0'; at++)
    {
      if (!g_ascii_isalnum (*at) && strchr ("-._~", *at) == NULL)
        return FALSE;
    }
  return at > text;
}

static gboolean
parse_host_name (SioUrl *self, const char *url, Part part, GError **error)
{
  g_autofree char *text = g_strndup (part.text, part.length);
  g_autofree char *ascii = NULL;

  if (part.length == 0)
    return refuse (error, _ ("The URL has no host name"), url, part_none ());
  if (memchr (part.text, ':', part.length) != NULL)
    return refuse (error, _ ("An IPv6 address in a URL has to stand in brackets"), url, part);

  ascii = g_hostname_to_ascii (text);
  if (ascii == NULL || !is_host_name (ascii))
    return refuse (error, _ ("The host name in the URL is not valid"), url, part);

  self->host = g_ascii_strdown (ascii, -1);
  return TRUE;
}

/* An empty one is the same as none. */
static gboolean
parse_port (SioUrl *self, const char *url, Part part, GError **error)
{
  guint port = 0;
  gsize i;

  self->port = self->secure ? PORT_SECURE : PORT_INSECURE;
  if (part.length == 0)
    return TRUE;

  for (i = 0; i < part.length; i++)
    {
      if (!g_ascii_isdigit (part.text[i]))
        return refuse (error, _ ("The port in the URL is not a number"), url, part);
      port = MIN (port * 10 + (guint) (part.text[i] - '0'), G_MAXUINT16 + 1u);
    }
  if (port == 0 || port > G_MAXUINT16)
    return refuse (error, _ ("The port in the URL is not between 1 and 65535"), url, part);

  self->port = (guint16) port;
  return TRUE;
}

static gboolean
parse_authority (SioUrl *self, const char *url, Part authority, GError **error)
{
  const char *at = g_strrstr_len (authority.text, (gssize) authority.length, "@");
  const char *end = authority.text + authority.length;
  const char *host = authority.text;
  const char *host_end;
  const char *colon;
  gboolean bracketed;

  if (at != NULL)
    {
      if (!parse_user_info (self, url, (Part){ host, (gsize) (at - host) }, error))
        return FALSE;
      host = at + 1;
    }

  bracketed = host < end && *host == '[';
  if (bracketed)
    {
      host++;
      host_end = memchr (host, ']', (gsize) (end - host));
      if (host_end == NULL || (host_end + 1 < end && host_end[1] != ':'))
        return refuse (error, _ ("The address in the URL is not valid"), url,
                       (Part){ host, (gsize) (end - host) });
      colon = host_end + 1 < end ? host_end + 1 : NULL;
    }
  else
    {
      colon = g_strrstr_len (host, (gssize) (end - host), ":");
      host_end = colon != NULL ? colon : end;
    }

  if (bracketed ? !parse_ipv6 (self, url, (Part){ host, (gsize) (host_end - host) }, error)
                : !parse_host_name (self, url, (Part){ host, (gsize) (host_end - host) }, error))
    return FALSE;
  return parse_port (self, url,
                     colon != NULL ? (Part){ colon + 1, (gsize) (end - colon - 1) } : part_none (),
                     error);
}

/* As written: neither decoded nor cleaned up (M59). */
static gboolean
parse_namespace (SioUrl *self, const char *url, Part path, GError **error)
{
  g_autofree char *nsp = path.length > 0 ? g_strndup (path.text, path.length) : g_strdup ("/");
  const char *at;

  for (at = nsp; *at != '\0'; at = g_utf8_next_char (at))
    {
      if (*at == ',' || g_unichar_iscntrl (g_utf8_get_char (at)))
        return refuse (error, _ ("The namespace in the URL has a comma or a control character"),
                       url, path);
    }
  self->nsp = g_steal_pointer (&nsp);
  return TRUE;
}

gboolean
sio_url_parse (SioUrl *self, const char *url, GError **error)
{
  g_auto (SioUrl) read = SIO_URL_INIT;
  const char *rest;
  Part authority, path;

  g_return_val_if_fail (url != NULL, FALSE);

  if (!g_utf8_validate (url, -1, NULL))
    return refuse (error, _ ("The URL is not valid UTF-8"), url, part_none ());
  if (strlen (url) > URL_MAX)
    return refuse (error, _ ("The URL is too long"), url, part_none ());

  rest = parse_scheme (&read, url, error);
  if (rest == NULL)
    return FALSE;

  authority = part_until (rest, "/?#");
  path = part_until (authority.text + authority.length, "?#");
  rest = path.text + path.length;
  if (!parse_authority (&read, url, authority, error) || !parse_namespace (&read, url, path, error))
    return FALSE;

  if (*rest == '?')
    {
      Part query = part_until (rest + 1, "#");
      g_autofree char *text = g_strndup (query.text, query.length);

      if (query.length > 0)
        read.query = sio_url_parse_query (text);
    }

  *self = read;
  read = (SioUrl) SIO_URL_INIT;
  return TRUE;
}

void
sio_url_clear (SioUrl *self)
{
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->nsp, g_free);
  g_clear_pointer (&self->query, g_strfreev);
  g_clear_pointer (&self->user, g_free);
  g_clear_pointer (&self->password, g_free);
  *self = (SioUrl) SIO_URL_INIT;
}

static void
append_host (GString *out, const char *host)
{
  if (strchr (host, ':') != NULL)
    g_string_append_printf (out, "[%s]", host);
  else
    g_string_append (out, host);
}

char *
sio_url_dup_origin (const SioUrl *self)
{
  GString *out = g_string_new (self->secure ? "https://" : "http://");

  append_host (out, self->host);
  g_string_append_printf (out, ":%u", self->port);
  return g_string_free (out, FALSE);
}

char *
sio_url_dup_authorization (const SioUrl *self)
{
  const char *user = self->user != NULL ? self->user : "";
  const char *password = self->password != NULL ? self->password : "";
  g_autofree char *both = g_strconcat (user, ":", password, NULL);
  g_autofree char *encoded = NULL;

  if (*user == '\0' && *password == '\0')
    return NULL;
  encoded = g_base64_encode ((const guchar *) both, strlen (both));
  return g_strconcat ("Basic ", encoded, NULL);
}

char *
sio_url_dup_without_user_info (const char *url)
{
  g_auto (SioUrl) parsed = SIO_URL_INIT;
  const char *start = strstr (url, "://");
  const char *at;

  if (start == NULL || !sio_url_parse (&parsed, url, NULL))
    {
      /* In what cannot be parsed anything in front of an @ may be a password. */
      at = strrchr (url, '@');
      return g_strdup (at != NULL ? at + 1 : url);
    }

  start += strlen ("://");
  at = g_strrstr_len (start, (gssize) strcspn (start, "/?#"), "@");
  if (at == NULL)
    return g_strdup (url);
  return g_strdup_printf ("%.*s%s", (int) (start - url), url, at + 1);
}

/* The value behind @name in a list of pairs, or NULL. */
static char **
find_pair (GPtrArray *pairs, const char *name)
{
  guint i;

  for (i = 0; i + 1 < pairs->len; i += 2)
    {
      if (strcmp (g_ptr_array_index (pairs, i), name) == 0)
        return (char **) &g_ptr_array_index (pairs, i + 1);
    }
  return NULL;
}

/* What can't be decoded stays as it was written. */
static char *
decode_or_dup (Part part)
{
  char *decoded = decode (part);

  return decoded != NULL ? decoded : g_strndup (part.text, part.length);
}

char **
sio_url_parse_query (const char *query)
{
  GPtrArray *pairs = g_ptr_array_new ();
  const char *at = query;

  while (*at != '\0')
    {
      Part pair = part_until (at, "&");
      Part name = part_until (at, "&=");
      Part value = { at + name.length, pair.length - name.length };
      g_autofree char *decoded_name = decode_or_dup (name);
      char **present;

      at += pair.length;
      if (*at == '&')
        at++;
      if (pair.length == 0)
        continue;

      if (value.length > 0)
        value = (Part){ value.text + 1, value.length - 1 };

      /* As in the reference a name stands for one value, the last. */
      present = find_pair (pairs, decoded_name);
      if (present != NULL)
        {
          g_free (*present);
          *present = decode_or_dup (value);
          continue;
        }
      g_ptr_array_add (pairs, g_steal_pointer (&decoded_name));
      g_ptr_array_add (pairs, decode_or_dup (value));
    }

  g_ptr_array_add (pairs, NULL);
  return (char **) g_ptr_array_free (pairs, FALSE);
}

/* Beyond what no URI escapes. */
#define UNESCAPED "!*'()"

char *
sio_url_escape (const char *text)
{
  return g_uri_escape_string (text, UNESCAPED, FALSE);
}

static void
append_escaped (GString *out, const char *text)
{
  g_string_append_uri_escaped (out, text, UNESCAPED, FALSE);
}

char *
sio_url_normalize_path (const char *path, gboolean trailing_slash)
{
  GString *out = g_string_new (NULL);

  if (path[0] != '/')
    g_string_append_c (out, '/');
  g_string_append (out, path);

  if (g_str_has_suffix (out->str, "/"))
    g_string_truncate (out, out->len - 1);
  if (trailing_slash || out->len == 0)
    g_string_append_c (out, '/');
  return g_string_free (out, FALSE);
}

/* Escapes that are there already stay what they are. */
static void
append_path (GString *out, const char *path)
{
  const char *at;

  for (at = path; *at != '\0'; at++)
    {
      const gboolean escape = *at == '%' && g_ascii_isxdigit (at[1]) && g_ascii_isxdigit (at[2]);

      if (escape || g_ascii_isalnum (*at) || strchr ("/-._~!$&'()*+,;=:@", *at) != NULL)
        g_string_append_c (out, *at);
      else
        g_string_append_printf (out, "%%%02X", (guchar) *at);
    }
}

static void
append_pair (GString *out, const char *name, const char *value)
{
  const char *last = out->str + out->len - 1;

  if (*last != '?')
    g_string_append_c (out, '&');
  append_escaped (out, name);
  g_string_append_c (out, '=');
  append_escaped (out, value);
}

/* What follows the question mark. Names that we write are ours alone: a user's would stand
 * beside them a second time. */
static void
append_query (GString *out,
              const SioSettings *settings,
              SioUrlTransport transport,
              const char *sid,
              const char *timestamp)
{
  const char *timestamp_param = settings->timestamp_param;
  gboolean stamped =
      transport == SIO_URL_POLLING ? settings->timestamp_requests : settings->timestamp_websockets;
  gboolean base64 = settings->force_base64 && (transport == SIO_URL_WEBSOCKET || sid == NULL);
  char **pair;

  stamped = stamped && timestamp != NULL;
  if (timestamp_param == NULL || timestamp_param[0] == '\0')
    timestamp_param = DEFAULT_TIMESTAMP_PARAM;

  append_pair (out, "EIO", ENGINE_REVISION);
  append_pair (out, "transport", transport == SIO_URL_POLLING ? "polling" : "websocket");

  for (pair = settings->query; pair != NULL && pair[0] != NULL && pair[1] != NULL; pair += 2)
    {
      if (strcmp (pair[0], "EIO") == 0 || strcmp (pair[0], "transport") == 0 ||
          (sid != NULL && strcmp (pair[0], "sid") == 0) ||
          (stamped && strcmp (pair[0], timestamp_param) == 0) ||
          (base64 && strcmp (pair[0], "b64") == 0))
        continue;
      append_pair (out, pair[0], pair[1]);
    }

  if (sid != NULL)
    append_pair (out, "sid", sid);
  if (stamped)
    append_pair (out, timestamp_param, timestamp);
  if (base64)
    append_pair (out, "b64", "1");
}

char *
sio_url_build (const SioSettings *settings,
               SioUrlTransport transport,
               const char *sid,
               const char *timestamp,
               GError **error)
{
  g_autoptr (GString) out = g_string_sized_new (256);
  const guint default_port = settings->secure ? PORT_SECURE : PORT_INSECURE;

  g_return_val_if_fail (settings->host != NULL && settings->path != NULL, NULL);

  g_string_append (out, transport == SIO_URL_POLLING ? "http" : "ws");
  g_string_append (out, settings->secure ? "s://" : "://");
  append_host (out, settings->host);
  if (settings->port != 0 && settings->port != default_port)
    g_string_append_printf (out, ":%u", settings->port);
  append_path (out, settings->path);
  g_string_append_c (out, '?');
  append_query (out, settings, transport, sid, timestamp);

  if (out->len > URL_MAX)
    {
      refuse (error, _ ("The URL is too long"), out->str, part_none ());
      return NULL;
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
sio_url_timestamp (gint64 now, guint32 unique)
{
  static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  char *text = g_malloc (TIMESTAMP_DIGITS + 1);
  guint64 milliseconds = (guint64) now / 1000;
  int i;

  text[TIMESTAMP_DIGITS] = '\0';
  for (i = TIMESTAMP_DIGITS - 1; i >= TIMESTAMP_CLOCK_DIGITS; i--, unique /= 36)
    text[i] = digits[unique % 36];
  for (; i >= 0; i--, milliseconds /= 36)
    text[i] = digits[milliseconds % 36];
  return text;
}
