/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value.h"

#include "base/sio-log-private.h"
#include "json/sio-json-writer-private.h"
#include "value/sio-builder-private.h"
#include "value/sio-document-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static SioValue *
new_from_literal (const char *json)
{
  return sio_value_new_take_json (g_strdup (json), strlen (json), NULL);
}

static SioValue *
new_from_string (GString *json, GPtrArray *attachments)
{
  gsize length = json->len;

  return sio_value_new_take_json (g_string_free (json, FALSE), length, attachments);
}

/**
 * sio_value_new_null: (constructor)
 *
 * Makes a null.
 *
 * Returns: (transfer full): a new value
 */
SioValue *
sio_value_new_null (void)
{
  return new_from_literal ("null");
}

/**
 * sio_value_new_boolean: (constructor)
 * @boolean: true or false
 *
 * Makes a boolean.
 *
 * Returns: (transfer full): a new value
 */
SioValue *
sio_value_new_boolean (gboolean boolean)
{
  return new_from_literal (boolean ? "true" : "false");
}

/**
 * sio_value_new_integer: (constructor)
 * @integer: a number
 *
 * Makes an integer.
 *
 * It is sent with all its digits, but a server in JavaScript rounds those beyond
 * 2⁵³.
 *
 * Returns: (transfer full): a new value
 */
SioValue *
sio_value_new_integer (gint64 integer)
{
  GString *json = g_string_sized_new (24);

  sio_json_write_integer (json, integer);
  return new_from_string (json, NULL);
}

/**
 * sio_value_new_number: (constructor)
 * @number: a number; one that is not finite is sent as null
 *
 * Makes a number.
 *
 * Like in JavaScript a whole number is written without a fraction, so what is
 * made of 2.0 is of the kind %SIO_VALUE_INTEGER.
 *
 * Returns: (transfer full): a new value
 */
SioValue *
sio_value_new_number (double number)
{
  GString *json = g_string_sized_new (32);

  sio_json_write_double (json, number);
  return new_from_string (json, NULL);
}

/**
 * sio_value_new_string: (constructor)
 * @string: UTF-8
 *
 * Makes a text.
 *
 * One with NULs in it can be made by [ctor@Value.new_from_json].
 *
 * Returns: (transfer full): a new value
 */
SioValue *
sio_value_new_string (const char *string)
{
  GString *json;
  gsize length;

  g_return_val_if_fail (string != NULL, NULL);

  length = strlen (string);
  json = g_string_sized_new (length + 3);
  if (!sio_json_write_string (json, string, length))
    {
      g_string_free (json, TRUE);
      g_critical ("A text that is not UTF-8 can't be sent");
      return NULL;
    }
  return new_from_string (json, NULL);
}

/**
 * sio_value_new_bytes: (constructor)
 * @bytes: data, which can be empty
 *
 * Makes binary data.
 *
 * It is sent as it is, beside the text of the event.
 *
 * Returns: (transfer full): a new value
 */
SioValue *
sio_value_new_bytes (GBytes *bytes)
{
  SioBuilder builder;

  g_return_val_if_fail (bytes != NULL, NULL);

  sio_builder_init (&builder);
  sio_builder_write_bytes (&builder, g_bytes_ref (bytes));
  return sio_builder_end (&builder);
}

static guint
measure_depth (const char *json, gsize length)
{
  guint depth = 0, deepest = 0;
  gboolean in_string = FALSE;
  gsize i;

  for (i = 0; i < length; i++)
    {
      if (json[i] == '"')
        in_string = !in_string;
      else if (in_string)
        i += json[i] == '\\';
      else if (json[i] == '[' || json[i] == '{')
        depth++;
      else if (json[i] == ']' || json[i] == '}')
        depth--;
      deepest = MAX (deepest, depth);
    }
  return deepest;
}

/* An element can come from a peer, so one that is too deep is no reason to complain aloud. */
static void
append_element (GString *json, GPtrArray **attachments, SioValue *element)
{
  const char *text;
  gsize length;

  if (element == NULL)
    {
      g_string_append (json, "null");
      return;
    }

  text = sio_value_peek_json (element, &length);
  if (length > SIO_DOCUMENT_MAX_DEPTH && measure_depth (text, length) >= SIO_DOCUMENT_MAX_DEPTH)
    {
      sio_debug ("An element of a new array is nested too deeply and left out");
      g_string_append (json, "null");
      return;
    }

  if (*attachments == NULL && sio_value_peek_attachments (element) != NULL)
    *attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  sio_value_append_json (element, json, *attachments);
}

/**
 * sio_value_new_array: (constructor)
 * @elements: (array length=n_elements) (nullable): the elements; their contents are copied
 * @n_elements: the number of @elements
 *
 * Makes an array.
 *
 * An element that is %NULL, or that is nested so deeply that the array would have
 * more than 512 levels, becomes null.
 *
 * Returns: (transfer full): a new value
 */
SioValue *
sio_value_new_array (SioValue **elements, gsize n_elements)
{
  GPtrArray *attachments = NULL;
  GString *json;
  gsize i;

  g_return_val_if_fail (elements != NULL || n_elements == 0, NULL);

  json = g_string_new ("[");
  for (i = 0; i < n_elements; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      append_element (json, &attachments, elements[i]);
    }
  g_string_append_c (json, ']');
  return new_from_string (json, attachments);
}

/**
 * sio_value_new_from_json: (constructor)
 * @json: JSON text
 * @attachments: (array length=n_attachments) (nullable): data for `{"_placeholder":true,"num":n}`
 * @n_attachments: the number of @attachments
 * @error: return location for an error
 *
 * Makes a value of JSON text (RFC 8259, nothing laxer).
 *
 * Each object that has a member `_placeholder` which is true stands for the one
 * of @attachments that its member `num` says. Without @attachments such
 * an object is like any other.
 *
 * Fails with %G_IO_ERROR_INVALID_DATA if @json is not JSON, is nested in more than
 * 512 levels, or has a placeholder for nothing.
 *
 * Returns: (transfer full): a new value, or %NULL with @error set
 */
SioValue *
sio_value_new_from_json (const char *json,
                         GBytes **attachments,
                         gsize n_attachments,
                         GError **error)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autoptr (SioValue) value = NULL;
  g_autoptr (GPtrArray) parts = NULL;
  gsize length, i;

  g_return_val_if_fail (json != NULL, NULL);
  g_return_val_if_fail (attachments != NULL || n_attachments == 0, NULL);
  g_return_val_if_fail (n_attachments <= G_MAXUINT, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  length = strlen (json);
  if (!sio_json_read (&tape, json, length, SIO_DOCUMENT_MAX_DEPTH, G_MAXUINT, error))
    return NULL;

  value = sio_value_new_from_tape (json, length, &tape);
  if (n_attachments == 0)
    return g_steal_pointer (&value);

  parts = g_ptr_array_new_full ((guint) n_attachments, (GDestroyNotify) g_bytes_unref);
  for (i = 0; i < n_attachments; i++)
    {
      g_return_val_if_fail (attachments[i] != NULL, NULL);
      g_ptr_array_add (parts, g_bytes_ref (attachments[i]));
    }

  if (!sio_document_bind (value->document, g_steal_pointer (&parts)))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _ ("A placeholder stands for none of the attachments"));
      return NULL;
    }
  return g_steal_pointer (&value);
}
