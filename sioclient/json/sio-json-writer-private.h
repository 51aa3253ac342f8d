/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* g_string_append_len(), which costs more than the few bytes that it is mostly called for. */
static inline void
sio_json_append (GString *out, const char *text, gsize length)
{
  if (G_UNLIKELY (length >= out->allocated_len - out->len))
    {
      g_string_append_len (out, text, (gssize) length);
      return;
    }
  if (length > 0)
    memcpy (out->str + out->len, text, length);
  out->len += length;
  out->str[out->len] = '\0';
}

/* A string whose head is the caller's. What it holds is freed by g_free (out->str). */
static inline void
sio_json_text_init (GString *out, gsize size)
{
  out->str = g_malloc (size);
  out->str[0] = '\0';
  out->len = 0;
  out->allocated_len = size;
}

/* Each appends one JSON value to @out, in the form in which every server reads it back. */

/* Quoted; control characters below U+0020 and U+007F, quotes and backslashes escaped, all else as
 * it is. FALSE, and nothing appended, if @string is not UTF-8 (NULs are fine). */
gboolean sio_json_write_string (GString *out, const char *string, gsize length);
void sio_json_write_integer (GString *out, gint64 integer);
void sio_json_write_unsigned (GString *out, guint64 integer);
/* The shortest digits that read back the same; a whole number below 1e21 without a
 * fraction or exponent; null if it is not finite; 0 for -0. */
void sio_json_write_double (GString *out, double number);
void sio_json_write_placeholder (GString *out, guint num);

G_END_DECLS
