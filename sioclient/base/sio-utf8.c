/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/sio-utf8-private.h"

#include <string.h>

#define HIGH_BITS G_GUINT64_CONSTANT (0x8080808080808080)

static inline guint64
load (const guint8 *bytes)
{
  guint64 word;

  memcpy (&word, bytes, sizeof word);
  return word;
}

/* To the word in which ASCII ends, or what is less than a word. */
static inline const guint8 *
skip_ascii (const guint8 *at, const guint8 *end)
{
  while (end - at >= 32)
    {
      if (((load (at) | load (at + 8) | load (at + 16) | load (at + 24)) & HIGH_BITS) != 0)
        break;
      at += 32;
    }
  while (end - at >= 8 && (load (at) & HIGH_BITS) == 0)
    at += 8;
  return at;
}

gboolean
sio_utf8_is_valid (const char *text, gsize length)
{
  const guint8 *start = (const guint8 *) text;
  const guint8 *end = start + length;
  const guint8 *at = start;

  for (;;)
    {
      at = skip_ascii (at, end);
      /* What is less than a word is looked at together with what comes before it. */
      if (length >= 8 && end - at < 8 && (load (end - 8) & HIGH_BITS) == 0)
        return TRUE;

      while (at < end && *at < 0x80)
        at++;
      if (at == end)
        return TRUE;

      do
        {
          guint taken = sio_utf8_character (at, end);

          if (taken == 0)
            return FALSE;
          at += taken;
        }
      while (at < end && *at >= 0x80);
    }
}
