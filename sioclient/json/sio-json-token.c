/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "json/sio-json-reader-private.h"

#include <float.h>
#include <string.h>

/* What single tokens stand for. They were read, so their text is known to be right. */

/* Up to these, whole numbers and powers of ten are doubles, so one operation rounds right. */
#define EXACT_MANTISSA (G_GUINT64_CONSTANT (1) << 53)
#define EXACT_POWER    22

gboolean
sio_json_token_get_integer (const SioJsonToken *token, const char *text, gint64 *integer)
{
  const char *at = text + token->start;
  const char *end = text + token->end;
  gboolean negative;
  guint64 value = 0;

  if (token->kind != SIO_JSON_NUMBER || !(token->flags & SIO_JSON_INTEGER))
    return FALSE;

  negative = *at == '-';
  at += negative;
  if (end - at > 19)
    return FALSE;

  /* Without a sign, 64 bits hold any nineteen digits. */
  for (; at < end; at++)
    value = value * 10 + (guint64) (*at - '0');
  if (value > (guint64) G_MAXINT64 + negative)
    return FALSE;

  *integer = (gint64) (negative ? -value : value);
  return TRUE;
}

/* FALSE if a double cannot hold both the digits and the power of ten without loss. */
static gboolean
get_double_exactly (const char *at, const char *end, double *number)
{
  static const double powers[EXACT_POWER + 1] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
  gboolean negative = *at == '-';
  gboolean in_fraction = FALSE;
  guint64 mantissa = 0;
  gint64 power = 0;

  for (at += negative; at < end && *at != 'e' && *at != 'E'; at++)
    {
      if (*at == '.')
        {
          in_fraction = TRUE;
          continue;
        }
      mantissa = mantissa * 10 + (guint64) (*at - '0');
      power -= in_fraction;
      if (mantissa > EXACT_MANTISSA)
        return FALSE;
    }

  if (at < end)
    {
      gboolean power_negative = *++at == '-';
      int written = 0;

      for (at += *at == '-' || *at == '+'; at < end; at++)
        {
          written = written * 10 + (*at - '0');
          if (written > 1000)
            return FALSE;
        }
      power += power_negative ? -written : written;
    }

  if (power < -EXACT_POWER || power > EXACT_POWER)
    return FALSE;
  *number = power < 0 ? (double) mantissa / powers[-power] : (double) mantissa * powers[power];
  if (negative)
    *number = -*number;
  return TRUE;
}

double
sio_json_token_get_double (const SioJsonToken *token, const char *text)
{
  const char *start = text + token->start;
  gsize length = token->end - token->start;
  g_autofree char *allocated = NULL;
  char buffer[128];
  char *copy = buffer;
  double number;

  /* Where doubles are computed with more bits than they keep, that would round twice. */
  if (FLT_EVAL_METHOD == 0 && get_double_exactly (start, start + length, &number))
    return number;

  if (length >= sizeof buffer)
    copy = allocated = g_malloc (length + 1);
  memcpy (copy, start, length);
  copy[length] = '\0';
  return g_ascii_strtod (copy, NULL);
}

static guint
read_hex (const char *digits)
{
  guint value = 0;
  guint i;

  for (i = 0; i < 4; i++)
    value = value << 4 | (guint) g_ascii_xdigit_value (digits[i]);
  return value;
}

/* Writes what the escape at *@at stands for to @out and steps over it. Returns its length. */
static gsize
unescape_one (const char **at, const char *end, char out[4])
{
  const char *escape = *at;
  gunichar code;

  if (escape[1] != 'u')
    {
      *at += 2;
      switch (escape[1])
        {
        case 'b':
          *out = '\b';
          break;
        case 'f':
          *out = '\f';
          break;
        case 'n':
          *out = '\n';
          break;
        case 'r':
          *out = '\r';
          break;
        case 't':
          *out = '\t';
          break;
        default:
          *out = escape[1];
          break;
        }
      return 1;
    }

  *at += 6;
  code = read_hex (escape + 2);
  if (code >= 0xd800 && code < 0xe000)
    {
      guint low = 0;

      if (code < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u')
        low = read_hex (*at + 2);
      if (low >= 0xdc00 && low < 0xe000)
        {
          *at += 6;
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
      else
        {
          code = 0xfffd;
        }
    }

  if (code < 0x80)
    {
      *out = (char) code;
      return 1;
    }
  return (gsize) g_unichar_to_utf8 (code, out);
}

static inline gsize
length_before_escape (const char *at, const char *end)
{
  const char *escape = memchr (at, '\\', (gsize) (end - at));

  return (gsize) ((escape != NULL ? escape : end) - at);
}

gsize
sio_json_token_unescape (const SioJsonToken *token, const char *text, char *out)
{
  const char *at = text + token->start;
  const char *end = text + token->end;
  char *to = out;

  while (at < end)
    {
      gsize plain =
          token->flags & SIO_JSON_ESCAPED ? length_before_escape (at, end) : (gsize) (end - at);

      memcpy (to, at, plain);
      at += plain;
      to += plain;
      if (at < end)
        to += unescape_one (&at, end, to);
    }

  *to = '\0';
  return (gsize) (to - out);
}

#define SHOWN_NUL "\357\277\275"

gsize
sio_json_token_unescape_shown (const SioJsonToken *token, const char *text, char *out)
{
  gsize length = sio_json_token_unescape (token, text, out);
  gsize more = 0;
  char *from, *to;

  /* A NUL can only come from an escape. */
  if (G_LIKELY (!(token->flags & SIO_JSON_ESCAPED) || memchr (out, '\0', length) == NULL))
    return length;

  for (from = out; from < out + length; from++)
    more += *from == '\0' ? strlen (SHOWN_NUL) - 1 : 0;
  to = out + length + more;
  *to = '\0';
  for (from = out + length; from > out;)
    if (*--from != '\0')
      {
        *--to = *from;
      }
    else
      {
        to -= strlen (SHOWN_NUL);
        memcpy (to, SHOWN_NUL, strlen (SHOWN_NUL));
      }
  return length + more;
}

gboolean
sio_json_token_equals (const SioJsonToken *token,
                       const char *text,
                       const char *string,
                       gsize length)
{
  const char *at = text + token->start;
  const char *end = text + token->end;

  if (!(token->flags & SIO_JSON_ESCAPED))
    return (gsize) (end - at) == length && (length == 0 || memcmp (at, string, length) == 0);

  /* An escape stands for something, so nothing else than "" is empty. */
  if (length == 0)
    return FALSE;

  while (at < end)
    {
      gsize plain = length_before_escape (at, end);
      char character[4];

      if (plain > length || memcmp (at, string, plain) != 0)
        return FALSE;
      at += plain;
      string += plain;
      length -= plain;

      if (at < end)
        {
          gsize bytes = unescape_one (&at, end, character);

          if (bytes > length || memcmp (character, string, bytes) != 0)
            return FALSE;
          string += bytes;
          length -= bytes;
        }
    }
  return length == 0;
}
