/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-packet-private.h"

#include "base/sio-log-private.h"
#include "json/sio-json-writer-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MESSAGE_DIGIT '4'

void
sio_packet_clear (SioPacket *self)
{
  g_clear_pointer (&self->nsp, g_ref_string_release);
  g_clear_pointer (&self->payload, sio_value_unref);
  *self = (SioPacket) SIO_PACKET_INIT;
}

/* @detail is nullable. */
static gboolean
refuse (GError **error, const char *reason, const char *detail)
{
  if (detail == NULL)
    g_set_error_literal (error, SIO_ERROR, SIO_ERROR_PROTOCOL, reason);
  else
    g_set_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL, "%s: %s", reason, detail);
  return FALSE;
}

static gboolean
refuse_quoting (GError **error, const char *reason, const char *words, gsize length)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  g_autofree char *quoted = sio_log_quote (words, length, limits.log_text);
  g_autofree char *detail = g_strdup_printf ("“%s”", quoted);

  return refuse (error, reason, detail);
}

/* Digits at @*at as a number, which stays at @max + 1 if it is larger. The end of the
 * text ends them too; no digits make 0. */
static guint64
read_number (const char **at, const char *end, guint64 max)
{
  guint64 number = 0;

  for (; *at < end && g_ascii_isdigit (**at); (*at)++)
    {
      number = number * 10 + (guint64) (**at - '0');
      number = MIN (number, max + 1);
    }
  return number;
}

static gboolean
read_attachment_count (SioPacketHead *head,
                       const char **at,
                       const char *end,
                       const SioLimits *limits,
                       GError **error)
{
  const guint64 number = read_number (at, end, limits->attachments);

  if (*at == end || **at != '-' || number == 0)
    return refuse (error, "illegal attachments", NULL);
  (*at)++;

  if (number > limits->attachments)
    return refuse (error, "too many attachments", NULL);
  head->n_attachments = (guint) number;
  return TRUE;
}

static gboolean
read_namespace (SioPacketHead *head, const char **at, const char *end, GError **error)
{
  const char *comma = memchr (*at, ',', (gsize) (end - *at));

  head->nsp = *at;
  head->nsp_length = (gsize) ((comma != NULL ? comma : end) - *at);
  *at = comma != NULL ? comma + 1 : end;

  /* As a C string it would pass for the shorter one. */
  if (memchr (head->nsp, '\0', head->nsp_length) != NULL)
    return refuse (error, "invalid payload", _ ("the namespace has a NUL character"));
  return TRUE;
}

gboolean
sio_packet_head_parse (SioPacketHead *head,
                       const char *text,
                       gsize length,
                       const SioLimits *limits,
                       GError **error)
{
  SioPacketHead read = { .nsp = "/", .nsp_length = 1, .id = SIO_PACKET_NO_ID };
  const char *at = text;
  const char *end;

  /* The text may be NULL then. */
  if (length == 0)
    return refuse (error, "unknown packet type", _ ("the packet is empty"));
  end = text + length;
  if (*at < '0' || *at > '6')
    return refuse_quoting (error, "unknown packet type", at, 1);

  read.type = (SioPacketType) (*at++ - '0');

  if ((read.type == SIO_PACKET_BINARY_EVENT || read.type == SIO_PACKET_BINARY_ACK) &&
      !read_attachment_count (&read, &at, end, limits, error))
    return FALSE;

  if (at < end && *at == '/' && !read_namespace (&read, &at, end, error))
    return FALSE;

  if (at < end && g_ascii_isdigit (*at))
    read.id = read_number (&at, end, SIO_PACKET_ID_MAX);
  if (read.id != SIO_PACKET_NO_ID && read.id > SIO_PACKET_ID_MAX)
    return refuse (error, "invalid payload", _ ("the id is too large"));

  /* Where the server's words begin must be clear to everybody who reads them: the reference takes
   * a space for the id 0. */
  if (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
    return refuse (error, "invalid payload", _ ("white space before the data"));

  read.json = at;
  read.json_length = (gsize) (end - at);
  *head = read;
  return TRUE;
}

static const struct
{
  const char *name;
  guint length;
} reserved_names[] = {
  { "connect", 7 },        { "connect_error", 13 }, { "disconnect", 10 },
  { "disconnecting", 13 }, { "newListener", 11 },   { "removeListener", 14 },
};

gboolean
sio_packet_name_is_reserved (const char *name, gsize length)
{
  gsize i;

  for (i = 0; i < G_N_ELEMENTS (reserved_names); i++)
    {
      if (length == reserved_names[i].length && memcmp (name, reserved_names[i].name, length) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Also if it is written with escapes. */
static gboolean
token_is_reserved (const SioJsonToken *token, const char *json)
{
  gsize i;

  if ((token->flags & SIO_JSON_ESCAPED) == 0)
    return sio_packet_name_is_reserved (json + token->start, token->end - token->start);

  for (i = 0; i < G_N_ELEMENTS (reserved_names); i++)
    {
      if (sio_json_token_equals (token, json, reserved_names[i].name, reserved_names[i].length))
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_event (const SioJsonToken *tokens, const char *json, GError **error)
{
  const SioJsonToken *name = &tokens[1];

  if (tokens->kind != SIO_JSON_ARRAY || tokens->span < 2)
    return refuse (error, "invalid payload",
                   _ ("an event needs an array that begins with its name"));
  if (name->kind == SIO_JSON_NUMBER)
    return TRUE;
  if (name->kind != SIO_JSON_STRING)
    return refuse (error, "invalid payload", _ ("the event's name is neither text nor a number"));
  if (token_is_reserved (name, json))
    return refuse_quoting (error, "invalid payload", json + name->start, name->end - name->start);
  return TRUE;
}

static gboolean
check_payload (SioPacketType type, const SioJsonToken *tokens, const char *json, GError **error)
{
  switch (type)
    {
    case SIO_PACKET_CONNECT:
      if (tokens->kind == SIO_JSON_OBJECT)
        return TRUE;
      break;
    case SIO_PACKET_DISCONNECT:
      break;
    case SIO_PACKET_EVENT:
    case SIO_PACKET_BINARY_EVENT:
      return check_event (tokens, json, error);
    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_ACK:
      if (tokens->kind == SIO_JSON_ARRAY)
        return TRUE;
      break;
    case SIO_PACKET_CONNECT_ERROR:
      if (tokens->kind == SIO_JSON_OBJECT || tokens->kind == SIO_JSON_STRING)
        return TRUE;
      break;
    }
  return refuse (error, "invalid payload", _ ("the data is not of the kind that the packet needs"));
}

static gboolean
may_lack_payload (SioPacketType type)
{
  return type == SIO_PACKET_CONNECT || type == SIO_PACKET_DISCONNECT ||
         type == SIO_PACKET_CONNECT_ERROR;
}

gboolean
sio_packet_read_payload (const SioPacketHead *head,
                         SioJsonTape *tape,
                         const SioLimits *limits,
                         SioValue **payload,
                         GError **error)
{
  g_autoptr (GError) json_error = NULL;

  if (head->json_length == 0)
    {
      if (!may_lack_payload (head->type))
        return refuse (error, "invalid payload", _ ("the packet has no data"));
      *payload = NULL;
      return TRUE;
    }

  if (!sio_json_read (tape, head->json, head->json_length, limits->json_depth, limits->json_nodes,
                      &json_error))
    return refuse (error, "invalid payload", json_error->message);
  if (!check_payload (head->type, tape->tokens, head->json, error))
    return FALSE;

  *payload = sio_value_new_from_tape (head->json, head->json_length, tape);
  return TRUE;
}

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* @json is that of an array; the name becomes its first element. */
static void
append_named (GString *out, const char *name, const char *json, gsize length)
{
  gsize i = 1;

  g_return_if_fail (length >= 2 && json[0] == '[');

  g_string_append_c (out, '[');
  sio_json_write_string (out, name, strlen (name));
  while (i < length && is_space (json[i]))
    i++;
  if (i < length && json[i] != ']')
    g_string_append_c (out, ',');
  sio_json_append (out, json + i, length - i);
}

static void
append_head (GString *out, SioPacketType type, guint n_attachments, const char *nsp, guint64 id)
{
  g_string_append_c (out, MESSAGE_DIGIT);
  g_string_append_c (out, (char) ('0' + type));
  if (n_attachments > 0)
    {
      sio_json_write_unsigned (out, n_attachments);
      g_string_append_c (out, '-');
    }
  if (strcmp (nsp, SIO_DEFAULT_NAMESPACE) != 0)
    {
      g_string_append (out, nsp);
      g_string_append_c (out, ',');
    }
  if (id != SIO_PACKET_NO_ID)
    sio_json_write_unsigned (out, id);
}

GBytes *
sio_packet_encode (SioPacketType type,
                   const char *nsp,
                   guint64 id,
                   const char *name,
                   SioValue *payload,
                   GPtrArray *attachments)
{
  g_autoptr (GPtrArray) own_attachments = NULL;
  g_autoptr (GString) own_json = NULL;
  const char *json = NULL;
  gsize length = 0;
  GString out;

  g_return_val_if_fail (nsp != NULL, NULL);
  g_return_val_if_fail (payload != NULL || may_lack_payload (type), NULL);
  g_return_val_if_fail (name == NULL || g_utf8_validate (name, -1, NULL), NULL);

  if (payload != NULL && sio_value_has_attachments (payload))
    {
      g_return_val_if_fail (attachments != NULL, NULL);
      g_return_val_if_fail (type == SIO_PACKET_EVENT || type == SIO_PACKET_ACK, NULL);

      /* Not into @attachments at once: each packet counts from 0. */
      own_attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      own_json = g_string_new (NULL);
      sio_value_append_json (payload, own_json, own_attachments);
      json = own_json->str;
      length = own_json->len;
      type = type == SIO_PACKET_EVENT ? SIO_PACKET_BINARY_EVENT : SIO_PACKET_BINARY_ACK;
    }
  /* No auth data at all and null are the same (P7). */
  else if (payload != NULL &&
           (type != SIO_PACKET_CONNECT || sio_value_get_kind (payload) != SIO_VALUE_NULL))
    {
      json = sio_value_peek_json (payload, &length);
    }

  while (length > 0 && is_space (json[0]))
    {
      json++;
      length--;
    }

  sio_json_text_init (&out, length + strlen (nsp) + (name != NULL ? strlen (name) : 0) + 48);
  append_head (&out, type, own_attachments != NULL ? own_attachments->len : 0, nsp, id);
  if (name != NULL)
    append_named (&out, name, json, length);
  else
    sio_json_append (&out, json, length);

  if (own_attachments != NULL)
    g_ptr_array_extend_and_steal (attachments, g_steal_pointer (&own_attachments));
  return g_bytes_new_take (out.str, out.len);
}
