/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value.h"

#include "json/sio-json-writer-private.h"
#include "value/sio-builder-private.h"

static void
write_variant (SioBuilder *builder, GVariant *variant);

/* FALSE if @variant is of another type. */
static gboolean
write_number (GString *json, GVariant *variant)
{
  switch (g_variant_classify (variant))
    {
    case G_VARIANT_CLASS_BYTE:
      sio_json_write_unsigned (json, g_variant_get_byte (variant));
      return TRUE;
    case G_VARIANT_CLASS_INT16:
      sio_json_write_integer (json, g_variant_get_int16 (variant));
      return TRUE;
    case G_VARIANT_CLASS_UINT16:
      sio_json_write_unsigned (json, g_variant_get_uint16 (variant));
      return TRUE;
    case G_VARIANT_CLASS_INT32:
      sio_json_write_integer (json, g_variant_get_int32 (variant));
      return TRUE;
    case G_VARIANT_CLASS_UINT32:
      sio_json_write_unsigned (json, g_variant_get_uint32 (variant));
      return TRUE;
    case G_VARIANT_CLASS_INT64:
      sio_json_write_integer (json, g_variant_get_int64 (variant));
      return TRUE;
    case G_VARIANT_CLASS_UINT64:
      sio_json_write_unsigned (json, g_variant_get_uint64 (variant));
      return TRUE;
    case G_VARIANT_CLASS_DOUBLE:
      sio_json_write_double (json, g_variant_get_double (variant));
      return TRUE;
    case G_VARIANT_CLASS_BOOLEAN:
    case G_VARIANT_CLASS_HANDLE:
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
    case G_VARIANT_CLASS_VARIANT:
    case G_VARIANT_CLASS_MAYBE:
    case G_VARIANT_CLASS_ARRAY:
    case G_VARIANT_CLASS_TUPLE:
    case G_VARIANT_CLASS_DICT_ENTRY:
    default:
      return FALSE;
    }
}

/* Keys are basic types, of which only the handle can't be written. */
static void
write_key (SioBuilder *builder, GVariant *key)
{
  gsize length;
  const char *string;

  if (g_variant_is_of_type (key, G_VARIANT_TYPE_STRING) ||
      g_variant_is_of_type (key, G_VARIANT_TYPE_OBJECT_PATH) ||
      g_variant_is_of_type (key, G_VARIANT_TYPE_SIGNATURE))
    {
      string = g_variant_get_string (key, &length);
      sio_json_write_string (builder->json, string, length);
      return;
    }

  g_string_append_c (builder->json, '"');
  if (!write_number (builder->json, key))
    write_variant (builder, key);
  g_string_append_c (builder->json, '"');
}

static void
write_entry (SioBuilder *builder, GVariant *entry)
{
  g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
  g_autoptr (GVariant) value = g_variant_get_child_value (entry, 1);

  write_key (builder, key);
  g_string_append_c (builder->json, ':');
  write_variant (builder, value);
}

/* Of arrays and tuples the elements, of dictionaries the entries. */
static void
write_children (SioBuilder *builder,
                GVariant *container,
                void (*write_child) (SioBuilder *, GVariant *),
                const char *brackets)
{
  gsize n_children = g_variant_n_children (container);
  gsize i;

  if (!sio_builder_enter (builder))
    return;

  g_string_append_c (builder->json, brackets[0]);
  for (i = 0; i < n_children; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (container, i);

      if (i > 0)
        g_string_append_c (builder->json, ',');
      write_child (builder, child);
    }
  g_string_append_c (builder->json, brackets[1]);
  sio_builder_leave (builder);
}

static void
write_single_entry (SioBuilder *builder, GVariant *entry)
{
  if (!sio_builder_enter (builder))
    return;

  g_string_append_c (builder->json, '{');
  write_entry (builder, entry);
  g_string_append_c (builder->json, '}');
  sio_builder_leave (builder);
}

static void
write_content (SioBuilder *builder, GVariant *variant)
{
  const char *string;
  gsize length;

  switch (g_variant_classify (variant))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      g_string_append (builder->json, g_variant_get_boolean (variant) ? "true" : "false");
      break;

    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      string = g_variant_get_string (variant, &length);
      sio_builder_write_string (builder, string, length);
      break;

    case G_VARIANT_CLASS_ARRAY:
      if (g_variant_is_of_type (variant, G_VARIANT_TYPE_BYTESTRING))
        sio_builder_write_bytes (builder, g_variant_get_data_as_bytes (variant));
      else if (g_variant_is_of_type (variant, G_VARIANT_TYPE_DICTIONARY))
        write_children (builder, variant, write_entry, "{}");
      else
        write_children (builder, variant, write_variant, "[]");
      break;

    case G_VARIANT_CLASS_TUPLE:
      write_children (builder, variant, write_variant, "[]");
      break;

    case G_VARIANT_CLASS_DICT_ENTRY:
      write_single_entry (builder, variant);
      break;

    case G_VARIANT_CLASS_HANDLE:
      sio_builder_complain (builder, "a handle has no meaning elsewhere");
      g_string_append (builder->json, "null");
      break;

    case G_VARIANT_CLASS_BYTE:
    case G_VARIANT_CLASS_INT16:
    case G_VARIANT_CLASS_UINT16:
    case G_VARIANT_CLASS_INT32:
    case G_VARIANT_CLASS_UINT32:
    case G_VARIANT_CLASS_INT64:
    case G_VARIANT_CLASS_UINT64:
    case G_VARIANT_CLASS_DOUBLE:
    case G_VARIANT_CLASS_VARIANT:
    case G_VARIANT_CLASS_MAYBE:
    default:
      write_number (builder->json, variant);
      break;
    }
}

/* Boxes leave no trace in JSON, so no number of them is too deep. */
static void
write_variant (SioBuilder *builder, GVariant *variant)
{
  g_autoptr (GVariant) content = g_variant_ref (variant);

  while (g_variant_is_of_type (content, G_VARIANT_TYPE_VARIANT) ||
         g_variant_is_of_type (content, G_VARIANT_TYPE_MAYBE))
    {
      GVariant *inner =
          g_variant_n_children (content) > 0 ? g_variant_get_child_value (content, 0) : NULL;

      g_variant_unref (content);
      content = inner;
      if (content == NULL)
        {
          g_string_append (builder->json, "null");
          return;
        }
    }
  write_content (builder, content);
}

/**
 * sio_value_new_from_variant: (constructor)
 * @variant: a variant, consumed if it is floating
 *
 * Makes a value of a variant.
 *
 * | Type | Becomes |
 * | --- | --- |
 * | `b` | a boolean |
 * | `y`, `n`, `q`, `i`, `u`, `x`, `t` | an integer; of `t` a double if it does not fit 63 bits |
 * | `d` | a number; null if it is not finite |
 * | `s`, `o`, `g` | text |
 * | `ay` | binary data |
 * | other arrays, tuples | an array |
 * | `a{…}` | an object; keys that are no text become what JSON writes for them |
 * | `m…` | what is in it, null for nothing |
 * | `v` | what is in it |
 *
 * A bytestring, which in GVariant ends with a NUL, is sent with that NUL.
 *
 * A handle (`h`), and what is in more than 512 containers, is a programmer's error
 * and becomes null.
 *
 * Returns: (transfer full): a new value
 */
SioValue *
sio_value_new_from_variant (GVariant *variant)
{
  g_autoptr (GVariant) owned = NULL;
  SioBuilder builder;

  g_return_val_if_fail (variant != NULL, NULL);

  owned = g_variant_ref_sink (variant);
  sio_builder_init (&builder);
  write_variant (&builder, owned);
  return sio_builder_end (&builder);
}
