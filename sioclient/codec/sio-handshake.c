/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-handshake-private.h"

#include "base/sio-limits-private.h"
#include "json/sio-json-reader-private.h"
#include "sio-types.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SID_MAX      256
#define INTERVAL_MAX (24 * 60 * 60 * 1000)
/* The longest way to write a byte is \u00xx. */
#define ESCAPE_MAX 6

/* The members that count, as tokens; NULL for one that is missing. */
typedef struct
{
  const SioJsonToken *sid;
  const SioJsonToken *upgrades;
  const SioJsonToken *ping_interval;
  const SioJsonToken *ping_timeout;
  const SioJsonToken *max_payload;
} Members;

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL, "%s: %s",
               _ ("The server's handshake is not usable"), reason);
  return FALSE;
}

static gboolean
is_text (const SioJsonToken *token, const char *json, const char *text)
{
  return sio_json_token_equals (token, json, text, strlen (text));
}

static void
find_members (Members *members, const SioJsonToken *object, const char *json)
{
  const SioJsonToken *end = object + object->span;
  const SioJsonToken *name, *value;

  for (name = object + 1; name < end; name = value + value->span)
    {
      value = name + 1;
      if (is_text (name, json, "sid"))
        members->sid = value;
      else if (is_text (name, json, "upgrades"))
        members->upgrades = value;
      else if (is_text (name, json, "pingInterval"))
        members->ping_interval = value;
      else if (is_text (name, json, "pingTimeout"))
        members->ping_timeout = value;
      else if (is_text (name, json, "maxPayload"))
        members->max_payload = value;
    }
}

/* NULL if it is none that could go into a URL and a log. */
static char *
read_sid (const SioJsonToken *token, const char *json)
{
  g_autofree char *sid = NULL;
  const char *at;
  gsize length;

  if (token == NULL || token->kind != SIO_JSON_STRING ||
      token->end - token->start > SID_MAX * ESCAPE_MAX)
    return NULL;

  sid = g_malloc (token->end - token->start + 1);
  length = sio_json_token_unescape (token, json, sid);
  if (length == 0 || length > SID_MAX)
    return NULL;

  for (at = sid; at < sid + length; at = g_utf8_next_char (at))
    {
      if (g_unichar_iscntrl (g_utf8_get_char (at)))
        return NULL;
    }
  return g_steal_pointer (&sid);
}

/* A positive number without its fraction, at most @max; 0 for anything else. */
static double
read_positive (const SioJsonToken *token, const char *json, double max)
{
  double number;

  if (token == NULL || token->kind != SIO_JSON_NUMBER)
    return 0;

  number = sio_json_token_get_double (token, json);
  return number >= 1 ? MIN (number, max) : 0;
}

static gsize
read_size (const SioJsonToken *token, const char *json)
{
  const double number = read_positive (token, json, (double) G_MAXSIZE);

  /* G_MAXSIZE itself is no double; the next one above it would not fit. */
  return number >= (double) G_MAXSIZE ? G_MAXSIZE : (gsize) number;
}

static gboolean
read_may_upgrade (const SioJsonToken *token, const char *json)
{
  const SioJsonToken *element, *end;

  if (token == NULL || token->kind != SIO_JSON_ARRAY)
    return FALSE;

  end = token + token->span;
  for (element = token + 1; element < end; element += element->span)
    {
      if (element->kind == SIO_JSON_STRING && is_text (element, json, "websocket"))
        return TRUE;
    }
  return FALSE;
}

gboolean
sio_handshake_parse (SioHandshake *self, const char *text, gsize length, GError **error)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_auto (SioHandshake) read = SIO_HANDSHAKE_INIT;
  g_autoptr (GError) json_error = NULL;
  Members members = { NULL };

  if (!sio_json_read (&tape, text, length, limits.json_depth, limits.json_nodes, &json_error))
    return refuse (error, json_error->message);
  if (tape.tokens->kind != SIO_JSON_OBJECT)
    return refuse (error, _ ("it is not an object"));
  find_members (&members, tape.tokens, text);

  read.sid = read_sid (members.sid, text);
  if (read.sid == NULL)
    return refuse (error, _ ("it has no valid session id"));

  read.ping_interval = (guint) read_positive (members.ping_interval, text, INTERVAL_MAX);
  read.ping_timeout = (guint) read_positive (members.ping_timeout, text, INTERVAL_MAX);
  if (read.ping_interval == 0 || read.ping_timeout == 0)
    return refuse (error, _ ("its ping interval or timeout is not a positive number"));

  read.may_upgrade = read_may_upgrade (members.upgrades, text);
  read.max_payload = read_size (members.max_payload, text);

  *self = read;
  read.sid = NULL;
  return TRUE;
}

char *
sio_handshake_find_sid (const char *text, gsize length)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  Members members = { NULL };

  if (!sio_json_read (&tape, text, length, limits.json_depth, limits.json_nodes, NULL) ||
      tape.tokens->kind != SIO_JSON_OBJECT)
    return NULL;
  find_members (&members, tape.tokens, text);
  return read_sid (members.sid, text);
}

void
sio_handshake_clear (SioHandshake *self)
{
  g_clear_pointer (&self->sid, g_free);
  *self = (SioHandshake) SIO_HANDSHAKE_INIT;
}
