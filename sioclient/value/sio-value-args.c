/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value.h"

#include "json/sio-json-writer-private.h"
#include "value/sio-builder-private.h"
#include "value/sio-document-private.h"

#include <string.h>

/* Formats made of these are written without a GVariant in between, which costs ten times as much as
 * the writing. */
#define PLAIN_TYPES "bynqiuxtds"

static SioValue *
new_empty_array (void)
{
  return sio_value_new_take_json (g_strdup ("[]"), 2, NULL);
}

SioValue *
sio_value_take_args (SioValue *args)
{
  g_autoptr (SioValue) only = NULL;
  SioBuilder builder;

  if (args == NULL)
    return new_empty_array ();
  if (sio_value_is_array (args))
    return args;

  only = args;
  sio_builder_init (&builder);
  if (sio_value_peek_attachments (only) != NULL)
    builder.attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_string_append_c (builder.json, '[');
  sio_value_append_json (only, builder.json, builder.attachments);
  g_string_append_c (builder.json, ']');
  return sio_builder_end (&builder);
}

/* What stands between the parentheses, or the only letter; NULL if @format is not plain. */
static const char *
find_plain_types (const char *format, gsize *n_types)
{
  gboolean is_tuple = *format == '(';

  format += is_tuple;
  *n_types = strspn (format, PLAIN_TYPES);
  if (is_tuple)
    return strcmp (format + *n_types, ")") == 0 ? format : NULL;
  return *n_types == 1 && format[1] == '\0' ? format : NULL;
}

static gboolean
write_plain (GString *json, char type, va_list *args)
{
  const char *string;

  switch (type)
    {
    case 'b':
      g_string_append (json, va_arg (*args, gboolean) ? "true" : "false");
      return TRUE;
    case 'y':
      sio_json_write_unsigned (json, (guint8) va_arg (*args, guint));
      return TRUE;
    case 'n':
      sio_json_write_integer (json, (gint16) va_arg (*args, int));
      return TRUE;
    case 'q':
      sio_json_write_unsigned (json, (guint16) va_arg (*args, guint));
      return TRUE;
    case 'i':
      sio_json_write_integer (json, va_arg (*args, int));
      return TRUE;
    case 'u':
      sio_json_write_unsigned (json, va_arg (*args, guint));
      return TRUE;
    case 'x':
      sio_json_write_integer (json, va_arg (*args, gint64));
      return TRUE;
    case 't':
      sio_json_write_unsigned (json, va_arg (*args, guint64));
      return TRUE;
    case 'd':
      sio_json_write_double (json, va_arg (*args, double));
      return TRUE;
    default:
      string = va_arg (*args, const char *);
      return string != NULL && sio_json_write_string (json, string, strlen (string));
    }
}

static SioValue *
new_from_plain (const char *types, gsize n_types, va_list *args)
{
  SioBuilder builder;
  gsize i;

  sio_builder_init (&builder);
  g_string_append_c (builder.json, '[');
  for (i = 0; i < n_types; i++)
    {
      if (i > 0)
        g_string_append_c (builder.json, ',');
      if (!write_plain (builder.json, types[i], args))
        {
          g_critical ("An argument can't be sent: it is NULL or not UTF-8");
          sio_builder_discard (&builder);
          return NULL;
        }
    }
  g_string_append_c (builder.json, ']');
  return sio_builder_end (&builder);
}

static SioValue *
new_from_format (const char *format, va_list *args)
{
  g_autoptr (GVariant) variant = NULL;
  const char *rest = NULL;

  variant = g_variant_new_va (format, &rest, args);
  if (variant == NULL)
    return NULL;

  g_variant_ref_sink (variant);
  if (*rest != '\0')
    {
      g_critical ("“%s” goes on behind the end of a GVariant format string", format);
      return NULL;
    }
  return sio_value_take_args (sio_value_new_from_variant (variant));
}

SioValue *
sio_value_new_args_va (const char *format, va_list *args)
{
  const char *types;
  gsize n_types;

  if (format == NULL)
    return new_empty_array ();

  types = find_plain_types (format, &n_types);
  if (types != NULL)
    return new_from_plain (types, n_types, args);
  return new_from_format (format, args);
}

/**
 * sio_args: (skip)
 * @format: (nullable): a #GVariant format string, or %NULL for no arguments
 * @...: what @format asks for
 *
 * Makes the arguments of an event: `sio_args ("(sib)", "a", 1, TRUE)`.
 *
 * The members of a tuple or the elements of an array become the arguments; any
 * other type is the only argument. What becomes of each type is told by
 * [ctor@Value.new_from_variant]. To send one array, put it in a tuple:
 * `sio_args ("(as)", builder)`.
 *
 * A text that is not UTF-8, or a @format that does not end where it should, is a
 * programmer's error. Then the result is %NULL.
 *
 * Returns: (transfer full): an array
 */
SioValue *
sio_args (const char *format, ...)
{
  SioValue *value;
  va_list args;

  va_start (args, format);
  value = sio_value_new_args_va (format, &args);
  va_end (args);
  return value;
}
