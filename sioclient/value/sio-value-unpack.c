/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value.h"
#include "sio-value-private.h"

#include <string.h>

#define LETTERS          "bixdsyv*"
#define BORROWED_LETTERS "syv"

/* One letter of a format, with what was said before it. */
typedef struct
{
  const char *next;
  char letter;
  gboolean is_borrowed;
  gboolean is_optional; /* and all behind it */
} SioFormat;

/* FALSE at the end, and at what is no letter; *next then tells which. */
static gboolean
sio_format_step (SioFormat *self)
{
  if (*self->next == '|' && !self->is_optional)
    {
      self->is_optional = TRUE;
      self->next++;
    }

  self->is_borrowed = self->next[0] == '&' && self->next[1] != '\0' &&
                      strchr (BORROWED_LETTERS, self->next[1]) != NULL;
  if (self->is_borrowed)
    self->next++;

  if (*self->next == '\0' || strchr (LETTERS, *self->next) == NULL)
    return FALSE;
  self->letter = *self->next++;
  return TRUE;
}

static gboolean
format_is_valid (const char *text)
{
  SioFormat format = { .next = text };

  while (sio_format_step (&format))
    continue;
  return *format.next == '\0';
}

static gboolean
get_integer (SioValue *value, gint64 *integer)
{
  SioValueKind kind = sio_value_get_kind (value);

  *integer = sio_value_get_integer (value);
  if (kind == SIO_VALUE_INTEGER)
    return TRUE;
  if (kind != SIO_VALUE_DOUBLE)
    return FALSE;

  /* Both limits are too far to be reached but by being cut. */
  return *integer != G_MAXINT64 && (double) *integer == sio_value_get_number (value);
}

static gboolean
element_fits (SioValue *value, char letter)
{
  SioValueKind kind = sio_value_get_kind (value);
  gint64 integer;

  switch (letter)
    {
    case 'b':
      return kind == SIO_VALUE_BOOLEAN;
    case 'i':
      return get_integer (value, &integer) && integer >= G_MININT && integer <= G_MAXINT;
    case 'x':
      return get_integer (value, &integer);
    case 'd':
      return kind == SIO_VALUE_INTEGER || kind == SIO_VALUE_DOUBLE;
    case 's':
      return kind == SIO_VALUE_STRING;
    case 'y':
      return kind == SIO_VALUE_BYTES;
    default:
      return TRUE;
    }
}

static gboolean
is_left_alone (const SioFormat *format, SioValue *element)
{
  return format->is_optional && sio_value_get_kind (element) == SIO_VALUE_NULL;
}

static gboolean
all_fit (SioValue *value, const char *text)
{
  SioFormat format = { .next = text };
  guint i = 0;

  while (sio_format_step (&format))
    {
      SioValue *element = sio_value_get_element (value, i++);

      if (is_left_alone (&format, element))
        continue;
      if (element == NULL || !element_fits (element, format.letter))
        return FALSE;
    }
  return TRUE;
}

static void
write_pointer (const SioFormat *format, SioValue *element, gpointer place)
{
  if (format->letter == 's' && format->is_borrowed)
    *(const char **) place = sio_value_get_string (element);
  else if (format->letter == 's')
    *(char **) place = g_strdup (sio_value_get_string (element));
  else if (format->letter == 'y')
    *(GBytes **) place = format->is_borrowed ? sio_value_get_bytes (element)
                                             : g_bytes_ref (sio_value_get_bytes (element));
  else
    *(SioValue **) place = format->is_borrowed ? element : sio_value_ref (element);
}

static void
write_element (const SioFormat *format, SioValue *element, gpointer place)
{
  switch (format->letter)
    {
    case 'b':
      *(gboolean *) place = sio_value_get_boolean (element);
      break;
    case 'i':
      *(int *) place = (int) sio_value_get_integer (element);
      break;
    case 'x':
      *(gint64 *) place = sio_value_get_integer (element);
      break;
    case 'd':
      *(double *) place = sio_value_get_number (element);
      break;
    default:
      write_pointer (format, element, place);
      break;
    }
}

gboolean
sio_value_unpack_va (SioValue *value, const char *text, va_list *args)
{
  SioFormat format = { .next = text };
  guint i = 0;

  g_return_val_if_fail (text != NULL && format_is_valid (text), FALSE);

  if (sio_value_get_kind (value) != SIO_VALUE_ARRAY || !all_fit (value, text))
    return FALSE;

  while (sio_format_step (&format))
    {
      SioValue *element = sio_value_get_element (value, i++);
      gpointer place = format.letter != '*' ? va_arg (*args, gpointer) : NULL;

      if (place != NULL && !is_left_alone (&format, element))
        write_element (&format, element, place);
    }
  return TRUE;
}

/**
 * sio_value_unpack: (skip)
 * @value: (nullable): an array
 * @format: a letter for each element
 * @...: where to put them; %NULL for what is only to be checked
 *
 * Takes an array apart if all that is asked for is there and fits.
 *
 * | Letter | Takes | Into |
 * | --- | --- | --- |
 * | `b` | a boolean | `gboolean` |
 * | `i` | a whole number that fits | `int` |
 * | `x` | a whole number that fits | `gint64` |
 * | `d` | any number | `double` |
 * | `s` | text, up to its first NUL | `char *` to be freed |
 * | `y` | binary data | `GBytes *` to be unreferenced |
 * | `v` | anything | `SioValue *` to be unreferenced |
 * | `&s`, `&y`, `&v` | the same | `const char *`, `GBytes *`, `SioValue *` borrowed from @value |
 * | `*` | anything | skipped, takes no argument |
 *
 * Elements behind a `|` may be missing or null, and their variables are then left
 * alone. An array may be longer than @format. Whether a number was written with a
 * fraction does not matter: `2.0` fits `i`.
 *
 * ```c
 * const char *user, *text;
 * double sent = 0;
 *
 * if (!sio_value_unpack (args, "&s&s|d", &user, &text, &sent))
 *   return;
 * ```
 *
 * Returns: %TRUE if all fitted; else nothing was written
 */
gboolean
sio_value_unpack (SioValue *value, const char *format, ...)
{
  gboolean fits;
  va_list args;

  va_start (args, format);
  fits = sio_value_unpack_va (value, format, &args);
  va_end (args);
  return fits;
}
