/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "value/sio-document-private.h"

#include <string.h>

/* Enough for any double. */
#define MAX_DIGITS 17

/* The shortest decimal digits that read back as @number, which is positive and finite. The first
 * stands before the decimal point of a number that is to be multiplied by ten to the power of
 * what is returned. */
static int
find_digits (double number, char digits[MAX_DIGITS + 1])
{
  char format[] = "%.16e";
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  char *exponent;
  guint precision;

  for (precision = 0; precision < MAX_DIGITS; precision++)
    {
      format[2] = '0' + precision / 10;
      format[3] = '0' + precision % 10;
      g_ascii_formatd (text, sizeof text, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }

  exponent = strchr (text, 'e');
  *exponent = '\0';
  digits[0] = text[0];
  g_strlcpy (digits + 1, text[1] == '.' ? text + 2 : "", MAX_DIGITS);
  return (int) g_ascii_strtoll (exponent + 1, NULL, 10);
}

/* As JavaScript makes text of a number (ECMA-262, Number::toString). */
static char *
name_from_number (double number)
{
  GString *name = g_string_new (number < 0 ? "-" : NULL);
  char digits[MAX_DIGITS + 1];
  int n_digits, power;

  number = ABS (number);
  if (number == 0 || number > G_MAXDOUBLE)
    {
      g_string_append (name, number == 0 ? "0" : "Infinity");
      return g_string_free (name, FALSE);
    }

  power = find_digits (number, digits);
  n_digits = (int) strlen (digits);
  if (power >= 21 || power < -6)
    {
      g_string_append_c (name, digits[0]);
      if (n_digits > 1)
        g_string_append_printf (name, ".%s", digits + 1);
      g_string_append_printf (name, "e%+d", power);
    }
  else if (power < 0)
    {
      g_string_append_printf (name, "0.%.*s%s", -power - 1, "00000", digits);
    }
  else if (n_digits > power + 1)
    {
      g_string_append_printf (name, "%.*s.%s", power + 1, digits, digits + power + 1);
    }
  else
    {
      g_string_append_printf (name, "%s%.*s", digits, power + 1 - n_digits, "00000000000000000000");
    }
  return g_string_free (name, FALSE);
}

static char *
name_from_token (const SioJsonToken *token, const char *text, GBytes **whole)
{
  char *name;
  gsize length;

  if (token->kind == SIO_JSON_NUMBER)
    return name_from_number (sio_json_token_get_double (token, text));

  name = g_malloc ((gsize) token->end - token->start + 1);
  length = sio_json_token_unescape (token, text, name);
  if (G_UNLIKELY (memchr (name, '\0', length) != NULL))
    {
      *whole = g_bytes_new (name, length);
      sio_json_token_unescape_shown (token, text, name);
    }
  return name;
}

/* Text as it stands there can stay there, if it has no escapes; its closing quote becomes a NUL.
 * That of a name without a comma behind it is needed for the bracket, see below. */
static gboolean
may_stay (const SioJsonToken *array, const SioJsonToken *name)
{
  return name->kind == SIO_JSON_STRING && (name->flags & SIO_JSON_ESCAPED) == 0 && array->count > 1;
}

SioValue *
sio_value_split_name (SioValue *array, const char **name, char **owned, GBytes **whole)
{
  SioDocument *document = array->document;
  SioJsonToken *all = &sio_document_get_tree (document)->tokens[array->token];
  SioJsonToken *rest = all + 1;

  *name = *owned = NULL;
  *whole = NULL;
  g_return_val_if_fail (array == &document->root && sio_value_is_array (array), array);
  g_return_val_if_fail (all->count > 0, array);
  g_return_val_if_fail (rest->kind == SIO_JSON_STRING || rest->kind == SIO_JSON_NUMBER, array);

  if (may_stay (all, rest))
    *name = document->text + rest->start;
  else
    *name = *owned = name_from_token (rest, document->text, whole);

  /* The name's token becomes the array's, and the comma behind the name its bracket. Without a
   * comma it is the byte before the closing one, as a name takes at least that. */
  if (all->count > 1)
    {
      guint32 behind = sio_json_token_finish (rest);

      if (*owned == NULL)
        document->text[rest->end] = '\0';
      rest->start = strchr (document->text + behind, ',') - document->text;
    }
  else
    rest->start = all->end - 2;
  rest->end = all->end;
  rest->span = all->span - 1;
  rest->kind = SIO_JSON_ARRAY;
  rest->flags = 0;
  rest->count = all->count - 1;

  document->text[rest->start] = '[';
  document->json = document->text + rest->start;
  document->length = rest->end - rest->start;
  array->token++;
  return array;
}
