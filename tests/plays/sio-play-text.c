/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play-text.h"

#include "sio-types.h"

#include <stdlib.h>
#include <string.h>

static const char *
expand (GString *text, const char *at)
{
  const char *letter = at + 1;
  const char *star = *letter != '\0' ? g_utf8_next_char (letter) : letter;
  char *end;
  gulong n;

  if (*star != '*')
    return NULL;
  n = strtoul (star + 1, &end, 10);
  if (*end != ')')
    return NULL;
  while (n-- > 0)
    g_string_append_len (text, letter, star - letter);
  return end + 1;
}

char *
sio_play_text_new (const char *line)
{
  GString *text = g_string_new (NULL);

  while (*line != '\0')
    {
      const char *after = *line == '(' ? expand (text, line) : NULL;

      if (after == NULL)
        {
          g_string_append_c (text, *line == '\'' ? '"' : *line);
          after = line + 1;
        }
      line = after;
    }
  return g_string_free (text, FALSE);
}

char *
sio_play_payload_to_text (GBytes *payload)
{
  gsize size;
  const char *data = g_bytes_get_data (payload, &size);
  g_autofree char *copy = g_strndup (data, size);
  g_auto (GStrv) packets = g_strsplit (copy, "\x1e", -1);

  return g_strjoinv (" + ", packets);
}

GBytes *
sio_play_payload_from_text (const char *text)
{
  g_auto (GStrv) packets = g_strsplit (text, " + ", -1);
  char *payload = g_strjoinv ("\x1e", packets);

  return g_bytes_new_take (payload, strlen (payload));
}

static void
append_hex (GString *text, GBytes *bytes)
{
  gsize size;
  const guchar *data = g_bytes_get_data (bytes, &size);

  g_string_append_c (text, '<');
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
  g_string_append_c (text, '>');
}

char *
sio_play_packet_to_text (const SioEnginePacket *packet)
{
  const char *wire;
  gsize length;

  if (packet->binary)
    {
      GString *text = g_string_new (NULL);
      g_autoptr (GBytes) bytes = g_bytes_new (packet->data, packet->length);

      append_hex (text, bytes);
      return g_string_free (text, FALSE);
    }
  wire = sio_engine_packet_get_wire (packet, &length);
  return g_strndup (wire, length);
}

GBytes *
sio_play_bytes_from_hex (const char *text)
{
  GByteArray *bytes = g_byte_array_new ();

  for (text++; g_ascii_isxdigit (text[0]) && g_ascii_isxdigit (text[1]); text += 2)
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (text[0]) * 16 + g_ascii_xdigit_value (text[1]));

      g_byte_array_append (bytes, &byte, 1);
    }
  g_assert_cmpint (*text, ==, '>');
  return g_byte_array_free_to_bytes (bytes);
}

static void
append_placeholder (GString *json, guint index)
{
  g_string_append_printf (json, "{\"_placeholder\":true,\"num\":%u}", index);
}

SioValue *
sio_play_value_from_text (const char *text)
{
  g_autoptr (GPtrArray) attachments =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  SioValue *value;

  for (; *text != '\0'; text++)
    if (*text == '<')
      {
        append_placeholder (json, attachments->len);
        g_ptr_array_add (attachments, sio_play_bytes_from_hex (text));
        text = strchr (text, '>');
      }
    else
      g_string_append_c (json, *text);

  value =
      sio_value_new_from_json (json->str, (GBytes **) attachments->pdata, attachments->len, &error);
  g_assert_no_error (error);
  return value;
}

char *
sio_play_value_to_text (SioValue *value)
{
  g_autoptr (GPtrArray) attachments = NULL;
  g_autofree char *json = sio_value_to_json (value, &attachments);
  GString *text = g_string_new (json);

  for (guint i = 0; attachments != NULL && i < attachments->len; i++)
    {
      g_autoptr (GString) placeholder = g_string_new (NULL);
      g_autoptr (GString) hex = g_string_new (NULL);

      append_placeholder (placeholder, i);
      append_hex (hex, g_ptr_array_index (attachments, i));
      g_string_replace (text, placeholder->str, hex->str, 1);
    }
  return g_string_free (text, FALSE);
}

static const char *
get_code (const GError *error)
{
  static const char *const codes[] = { "FAILED",   "INVALID_URL",  "TRANSPORT", "PROTOCOL",
                                       "REJECTED", "DISCONNECTED", "NOT_SENT",  "LIMIT_EXCEEDED" };

  if (error->domain == SIO_ERROR && (guint) error->code < G_N_ELEMENTS (codes))
    return codes[error->code];
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return "TIMED_OUT";
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return "CANCELLED";
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE))
    return "NETWORK_UNREACHABLE";
  return g_quark_to_string (error->domain);
}

char *
sio_play_error_to_text (const GError *error)
{
  return g_strdup_printf ("%s %s", get_code (error), error->message);
}
