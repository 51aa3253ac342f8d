/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-value.h"

#include "json/sio-json-writer-private.h"
#include "value/sio-builder-private.h"

#include <string.h>

static void write_variant (SioBuilder *builder, GVariant *variant);

/* The first letter of a type string says enough for a switch, and is cheaper to ask for than
 * whether a variant is of a type. */
static inline char
get_letter (GVariant *variant)
{
  return g_variant_get_type_string (variant)[0];
}

/* FALSE if @variant is of another type. */
static gboolean
write_number (GString *json, GVariant *variant)
{
  switch (get_letter (variant))
    {
    case 'y':
      sio_json_write_unsigned (json, g_variant_get_byte (variant));
      return TRUE;
    case 'n':
      sio_json_write_integer (json, g_variant_get_int16 (variant));
      return TRUE;
    case 'q':
      sio_json_write_unsigned (json, g_variant_get_uint16 (variant));
      return TRUE;
    case 'i':
      sio_json_write_integer (json, g_variant_get_int32 (variant));
      return TRUE;
    case 'u':
      sio_json_write_unsigned (json, g_variant_get_uint32 (variant));
      return TRUE;
    case 'x':
      sio_json_write_integer (json, g_variant_get_int64 (variant));
      return TRUE;
    case 't':
      sio_json_write_unsigned (json, g_variant_get_uint64 (variant));
      return TRUE;
    case 'd':
      sio_json_write_double (json, g_variant_get_double (variant));
      return TRUE;
    default:
      return FALSE;
    }
}

/* Keys are basic types: those that are no text are put in quotes. */
static void
write_key (SioBuilder *builder, GVariant *key)
{
  gboolean is_text = strchr ("sog", get_letter (key)) != NULL;

  if (!is_text)
    g_string_append_c (builder->json, '"');
  write_variant (builder, key);
  if (!is_text)
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
write_array (SioBuilder *builder, GVariant *array)
{
  switch (g_variant_get_type_string (array)[1])
    {
    case 'y':
      sio_builder_write_bytes (builder, g_variant_get_data_as_bytes (array));
      break;
    case '{':
      write_children (builder, array, write_entry, "{}");
      break;
    default:
      write_children (builder, array, write_variant, "[]");
      break;
    }
}

static void
write_content (SioBuilder *builder, GVariant *variant)
{
  const char *string;
  gsize length;

  switch (get_letter (variant))
    {
    case 'b':
      g_string_append (builder->json, g_variant_get_boolean (variant) ? "true" : "false");
      break;

    case 's':
    case 'o':
    case 'g':
      string = g_variant_get_string (variant, &length);
      sio_builder_write_string (builder, string, length);
      break;

    case 'a':
      write_array (builder, variant);
      break;

    case '(':
      write_children (builder, variant, write_variant, "[]");
      break;

    case '{':
      write_single_entry (builder, variant);
      break;

    case 'h':
      sio_builder_complain (builder, "a handle has no meaning elsewhere");
      g_string_append (builder->json, "null");
      break;

    default:
      write_number (builder->json, variant);
      break;
    }
}

/* Boxes leave no trace in JSON, so no number of them is too deep. */
static void
write_variant (SioBuilder *builder, GVariant *variant)
{
  g_autoptr (GVariant) opened = NULL;

  while (variant != NULL && (get_letter (variant) == 'v' || get_letter (variant) == 'm'))
    {
      GVariant *content =
          g_variant_n_children (variant) > 0 ? g_variant_get_child_value (variant, 0) : NULL;

      g_clear_pointer (&opened, g_variant_unref);
      opened = variant = content;
    }

  if (variant != NULL)
    write_content (builder, variant);
  else
    g_string_append (builder->json, "null");
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
