/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-field-private.h"

#include "base/sio-log-private.h"
#include "sio-types.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Of a name that is refused, as much is shown. */
#define SHOWN_MAX 100

/* Those of framing and of the handshake: each would end the connection, or contradict what is sent
 * anyway. */
static const char *const taken_names[] = {
  "Connection",       "Content-Length",    "Content-Type", "Expect",  "Host",    "Keep-Alive",
  "Proxy-Connection", "Transfer-Encoding", "TE",           "Trailer", "Upgrade",
};

#define TAKEN_PREFIX "Sec-WebSocket-"

/* RFC 9110, section 5.6.2. */
static gboolean
is_token (const char *text)
{
  if (*text == '\0')
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr ("!#$%&'*+-.^_`|~", *text) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_taken (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (taken_names); i++)
    if (g_ascii_strcasecmp (name, taken_names[i]) == 0)
      return TRUE;
  return g_ascii_strncasecmp (name, TAKEN_PREFIX, strlen (TAKEN_PREFIX)) == 0;
}

/* RFC 9110, section 5.5; what is not ASCII goes out as the UTF-8 that it is. */
static gboolean
is_value (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c) && *c != '\t')
      return FALSE;
  return g_utf8_validate (text, -1, NULL);
}

static char *
show (const char *name)
{
  return sio_log_quote (name, strlen (name), SHOWN_MAX);
}

gboolean
sio_field_check_header (const char *name, const char *value, GError **error)
{
  g_autofree char *shown = NULL;

  if (is_token (name) && !is_taken (name) && is_value (value))
    return TRUE;

  shown = show (name);
  if (!is_token (name))
    g_set_error (error, SIO_ERROR, SIO_ERROR_FAILED, _ ("“%s” cannot be the name of a header"),
                 shown);
  else if (is_taken (name))
    g_set_error (error, SIO_ERROR, SIO_ERROR_FAILED,
                 _ ("The header “%s” is the business of the connection itself"), shown);
  else
    g_set_error (error, SIO_ERROR, SIO_ERROR_FAILED,
                 _ ("The value of the header “%s” cannot be sent"), shown);
  return FALSE;
}

gboolean
sio_field_check_protocols (const char *const *names, GError **error)
{
  for (; names != NULL && *names != NULL; names++)
    if (!is_token (*names))
      {
        g_autofree char *shown = show (*names);

        g_set_error (error, SIO_ERROR, SIO_ERROR_FAILED,
                     _ ("“%s” cannot be the name of a protocol"), shown);
        return FALSE;
      }
  return TRUE;
}

gboolean
sio_field_check_parameter (const char *name, const char *value, GError **error)
{
  g_autofree char *shown = NULL;

  if (*name != '\0' && g_utf8_validate (name, -1, NULL) && g_utf8_validate (value, -1, NULL))
    return TRUE;

  shown = show (name);
  if (*name == '\0' || !g_utf8_validate (name, -1, NULL))
    g_set_error (error, SIO_ERROR, SIO_ERROR_FAILED, _ ("“%s” cannot be the name of a parameter"),
                 shown);
  else
    g_set_error (error, SIO_ERROR, SIO_ERROR_FAILED,
                 _ ("The value of the parameter “%s” cannot be sent"), shown);
  return FALSE;
}
