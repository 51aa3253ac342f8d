/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "json/sio-json-writer-private.h"

#include "base/sio-utf8-private.h"
#include "json/sio-json-scan-private.h"

#include <float.h>
#include <math.h>

/* From here on a whole number is written with an exponent. */
#define WHOLE_LIMIT   1e21
#define INTEGER_LIMIT 9223372036854775808.0 /* 2^63 */

/* A double tells any two numbers of this many digits apart. */
#define SAFE_DIGITS 15
#define SAFE_LIMIT  1e15

/* Returns the first byte that cannot stand in a string as it is, or @end. Characters beyond ASCII
 * can, if they are well-formed. */
static const guint8 *
scan_writable (const guint8 *at, const guint8 *end)
{
  for (;;)
    {
      guint character;

      while (end - at >= 8)
        {
          guint64 word = sio_json_scan_load (at);
          guint64 del = (word ^ SIO_JSON_EACH_BYTE (0x7f)) - SIO_JSON_EACH_BYTE (0x01);
          guint64 marks = sio_json_scan_word (word) | (del & SIO_JSON_EACH_BYTE (0x80));

          if (marks != 0)
            {
              at += __builtin_ctzll (marks) / 8;
              break;
            }
          at += 8;
        }
      while (at < end && *at >= ' ' && *at < 0x7f && *at != '"' && *at != '\\')
        at++;

      if (at == end || *at < 0x80)
        return at;
      while (at < end && *at >= 0x80)
        {
          character = sio_utf8_character (at, end);
          if (character == 0)
            return at;
          at += character;
        }
    }
}

static void
write_escape (GString *out, guint8 byte)
{
  static const char digits[] = "0123456789abcdef";
  char escape[6] = { '\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15] };
  gsize length = 2;

  switch (byte)
    {
    case '"':
    case '\\':
      escape[1] = (char) byte;
      break;
    case '\b':
      escape[1] = 'b';
      break;
    case '\f':
      escape[1] = 'f';
      break;
    case '\n':
      escape[1] = 'n';
      break;
    case '\r':
      escape[1] = 'r';
      break;
    case '\t':
      escape[1] = 't';
      break;
    default:
      length = 6;
      break;
    }
  sio_json_append (out, escape, length);
}

gboolean
sio_json_write_string (GString *out, const char *string, gsize length)
{
  const guint8 *at = (const guint8 *) (length > 0 ? string : "");
  const guint8 *end = at + length;
  gsize length_before = out->len;

  g_string_append_c (out, '"');
  while (at < end)
    {
      const guint8 *stop = scan_writable (at, end);

      if (stop < end && *stop >= 0x80)
        {
          g_string_truncate (out, length_before);
          return FALSE;
        }
      sio_json_append (out, (const char *) at, (gsize) (stop - at));
      at = stop;
      if (at < end)
        write_escape (out, *at++);
    }
  g_string_append_c (out, '"');
  return TRUE;
}

void
sio_json_write_unsigned (GString *out, guint64 integer)
{
  char digits[20];
  guint first = sizeof digits;

  do
    {
      digits[--first] = (char) ('0' + integer % 10);
      integer /= 10;
    }
  while (integer != 0);
  sio_json_append (out, digits + first, sizeof digits - first);
}

void
sio_json_write_integer (GString *out, gint64 integer)
{
  if (integer < 0)
    {
      g_string_append_c (out, '-');
      sio_json_write_unsigned (out, -(guint64) integer);
    }
  else
    {
      sio_json_write_unsigned (out, (guint64) integer);
    }
}

/* Most numbers that people write have few decimals. FALSE if this one has not. */
static gboolean
write_decimals (GString *out, double number)
{
  static const double powers[] = { 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8 };
  double magnitude = fabs (number);
  guint i;

  /* Smaller ones have an exponent; and doubles must be computed as they are kept. */
  if (FLT_EVAL_METHOD != 0 || magnitude < 1e-4)
    return FALSE;

  for (i = 0; i < G_N_ELEMENTS (powers) && magnitude * powers[i] < SAFE_LIMIT; i++)
    {
      guint64 digits = (guint64) (magnitude * powers[i] + 0.5);

      if ((double) digits / powers[i] == magnitude)
        {
          gsize length;

          if (number < 0)
            g_string_append_c (out, '-');
          length = out->len;
          sio_json_write_unsigned (out, digits);
          while (out->len - length < i + 2)
            g_string_insert_c (out, (gssize) length, '0');
          g_string_insert_c (out, (gssize) (out->len - i - 1), '.');
          return TRUE;
        }
    }
  return FALSE;
}

void
sio_json_write_double (GString *out, double number)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  char format[] = "%.17g";
  guint precision;

  if (!isfinite (number))
    {
      g_string_append (out, "null");
    }
  else if (number == floor (number) && fabs (number) < INTEGER_LIMIT)
    {
      sio_json_write_integer (out, (gint64) number);
    }
  else if (number == floor (number) && fabs (number) < WHOLE_LIMIT)
    {
      g_string_append (out, g_ascii_formatd (digits, sizeof digits, "%.0f", number));
    }
  else if (!write_decimals (out, number))
    {
      /* A subnormal number may need fewer digits than a double holds otherwise. */
      precision = fabs (number) < DBL_MIN ? 1 : SAFE_DIGITS;
      do
        {
          format[2] = (char) ('0' + precision / 10);
          format[3] = (char) ('0' + precision % 10);
          g_ascii_formatd (digits, sizeof digits, format, number);
        }
      while (precision++ < 17 && g_ascii_strtod (digits, NULL) != number);
      g_string_append (out, digits);
    }
}

void
sio_json_write_placeholder (GString *out, guint num)
{
  g_string_append (out, "{\"_placeholder\":true,\"num\":");
  sio_json_write_unsigned (out, num);
  g_string_append_c (out, '}');
}
