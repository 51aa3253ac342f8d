/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What JSON and WebSocket both ask of text. */

G_BEGIN_DECLS

static inline gboolean
sio_utf8_is_continuation (guint8 byte)
{
  return (byte & 0xc0) == 0x80;
}

/* How long the character at @bytes is, which is beyond ASCII; 0 if it is not well-formed UTF-8
 * (RFC 3629: nothing overlong, no surrogates, nothing beyond U+10FFFF). */
static inline guint
sio_utf8_character (const guint8 *bytes, const guint8 *end)
{
  gsize left = end - bytes;
  guint lead = bytes[0];
  guint code;

  if (lead < 0xc2 || lead > 0xf4 || left < 2 || !sio_utf8_is_continuation (bytes[1]))
    return 0;
  if (lead < 0xe0)
    return 2;
  if (left < 3 || !sio_utf8_is_continuation (bytes[2]))
    return 0;

  /* The upper bits say enough; the others cannot leave the range. */
  code = (lead & 0x0f) << 6 | (bytes[1] & 0x3f);
  if (lead < 0xf0)
    return code >= 0x800 >> 6 && (code < 0xd800 >> 6 || code >= 0xe000 >> 6) ? 3 : 0;

  if (left < 4 || !sio_utf8_is_continuation (bytes[3]))
    return 0;
  code &= 0x1ff;
  return code >= 0x10000 >> 12 && code < 0x110000 >> 12 ? 4 : 0;
}

/* Unlike g_utf8_validate_len() it takes NUL, and ASCII many bytes at a time. */
gboolean sio_utf8_is_valid (const char *text, gsize length);

G_END_DECLS
