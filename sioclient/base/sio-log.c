/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/sio-log-private.h"

#include <string.h>

/* Whether a log line can hold the character as it is. Format characters can't: they turn the
 * direction of the text around, or hide it; separators would begin a new line. */
static gboolean
is_showable (gunichar c)
{
  return g_unichar_isprint (c) && c != 0x2028 && c != 0x2029;
}

/* How many bytes at @text make one showable character; 0: the first byte has to be escaped. */
static gsize
measure_showable (const char *text, gsize length)
{
  gunichar c;

  if ((guchar) text[0] < 0x80)
    return g_ascii_isprint (text[0]) ? 1 : 0;

  c = g_utf8_get_char_validated (text, MIN (length, 6));
  if (c == (gunichar) -1 || c == (gunichar) -2 || !is_showable (c))
    return 0;
  return g_utf8_next_char (text) - text;
}

char *
sio_log_quote (const char *text, gsize length, gsize limit)
{
  GString *out;
  gsize i = 0;

  g_return_val_if_fail (text != NULL || length == 0, NULL);

  out = g_string_sized_new (MIN (length, limit) + sizeof "…");
  while (i < length)
    {
      gsize taken = measure_showable (text + i, length - i);
      const char *piece = text + i;
      gsize piece_length = taken;
      char escape[sizeof "\\xff"];

      if (taken == 0)
        {
          if (text[i] == '\n' || text[i] == '\t')
            g_snprintf (escape, sizeof escape, "\\%c", text[i] == '\n' ? 'n' : 't');
          else
            g_snprintf (escape, sizeof escape, "\\x%02x", (guchar) text[i]);
          piece = escape;
          piece_length = strlen (escape);
          taken = 1;
        }

      if (piece_length > limit - out->len)
        {
          g_string_append (out, "…");
          break;
        }
      g_string_append_len (out, piece, piece_length);
      i += taken;
    }
  return g_string_free (out, FALSE);
}
