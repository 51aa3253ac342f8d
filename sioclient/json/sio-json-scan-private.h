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
  /* The quote is made the neighbour of the control characters: one subtraction finds all. */
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

G_END_DECLS
