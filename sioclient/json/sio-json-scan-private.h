/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

/* What reader and writer both do to every byte of a string. */

G_BEGIN_DECLS

#define SIO_JSON_EACH_BYTE(byte) ((guint64) (byte) *G_GUINT64_CONSTANT (0x0101010101010101))

/* Marks, in bit 7 of each, the bytes of @word that are not plain: quotes, backslashes, control
 * characters, all beyond ASCII. A mark may be false, but only behind a true one. */
static inline guint64
sio_json_scan_word (guint64 word)
{
  /* The quote is made the neighbour of the control characters, so that one subtraction finds all.
   */
  guint64 quote_or_control = (word ^ SIO_JSON_EACH_BYTE (0x02)) - SIO_JSON_EACH_BYTE (0x21);
  guint64 backslash = (word ^ SIO_JSON_EACH_BYTE ('\\')) - SIO_JSON_EACH_BYTE (0x01);

  return (quote_or_control | backslash | word) & SIO_JSON_EACH_BYTE (0x80);
}

static inline guint64
sio_json_scan_load (const guint8 *bytes)
{
  guint64 word;

  memcpy (&word, bytes, sizeof word);
  return GUINT64_FROM_LE (word);
}

static inline gboolean
sio_json_scan_is_continuation (guint8 byte)
{
  return (byte & 0xc0) == 0x80;
}

/* How long the character at @bytes is, which is beyond ASCII; 0 if it is not well-formed UTF-8
 * (RFC 3629: nothing overlong, no surrogates, nothing beyond U+10FFFF). */
static inline guint
sio_json_scan_character (const guint8 *bytes, const guint8 *end)
{
  gsize left = end - bytes;
  guint lead = bytes[0];
  guint code;

  if (lead < 0xc2 || lead > 0xf4 || left < 2 || !sio_json_scan_is_continuation (bytes[1]))
    return 0;
  if (lead < 0xe0)
    return 2;
  if (left < 3 || !sio_json_scan_is_continuation (bytes[2]))
    return 0;

  /* The upper bits say enough; the others cannot leave the range. */
  code = (lead & 0x0f) << 6 | (bytes[1] & 0x3f);
  if (lead < 0xf0)
    return code >= 0x800 >> 6 && (code < 0xd800 >> 6 || code >= 0xe000 >> 6) ? 3 : 0;

  if (left < 4 || !sio_json_scan_is_continuation (bytes[3]))
    return 0;
  code &= 0x1ff;
  return code >= 0x10000 >> 12 && code < 0x110000 >> 12 ? 4 : 0;
}

G_END_DECLS
