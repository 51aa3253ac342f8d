/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-value.h"

#include "sio-value-private.h"

#include <string.h>

#define MAX_DEPTH 512
#define MAX_NODES 500000

SioValue *
sio_test_value_receive (const char *json)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autoptr (GError) error = NULL;
  gsize length = strlen (json);
  g_autofree char *text = g_memdup2 (json, length);

  sio_json_read (&tape, text, length, MAX_DEPTH, MAX_NODES, &error);
  g_assert_no_error (error);
  return sio_value_new_from_tape (text, length, &tape);
}

SioValue *
sio_test_value_read (const char *json)
{
  g_autoptr (GError) error = NULL;
  SioValue *value = sio_value_new_from_json (json, NULL, 0, &error);

  g_assert_no_error (error);
  g_assert_nonnull (value);
  return value;
}

SioValue *
sio_test_value_read_with_bytes (const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) zero = g_bytes_new_static ("zero", 4);
  g_autoptr (GBytes) one = g_bytes_new_static ("\0one", 4);
  GBytes *attachments[] = { zero, one };
  SioValue *value = sio_value_new_from_json (json, attachments, 2, &error);

  g_assert_no_error (error);
  g_assert_nonnull (value);
  return value;
}

SioValue *
sio_test_value_read_nested (guint depth, const char *open, const char *inside, const char *close)
{
  g_autoptr (GString) json = g_string_new (NULL);
  guint i;

  for (i = 0; i < depth; i++)
    g_string_append (json, open);
  g_string_append (json, inside);
  for (i = 0; i < depth; i++)
    g_string_append (json, close);
  return sio_test_value_read (json->str);
}

SioValue *
sio_test_value_new_bytes (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return sio_value_new_bytes (bytes);
}

GPtrArray *
sio_test_attachments_new (const char *first, ...)
{
  GPtrArray *attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const char *next;
  va_list args;

  va_start (args, first);
  for (next = first; next != NULL; next = va_arg (args, const char *))
    g_ptr_array_add (attachments, g_bytes_new (next, strlen (next)));
  va_end (args);
  return attachments;
}

GVariant *
sio_test_value_check_variant (SioValue *value)
{
  GVariant *variant = g_variant_ref_sink (sio_value_to_variant (value));
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (variant);
  g_autoptr (GVariant) distrusted =
      g_variant_ref_sink (g_variant_new_from_bytes (g_variant_get_type (variant), bytes, FALSE));

  g_assert_true (g_variant_is_normal_form (distrusted));
  g_assert_true (g_variant_equal (variant, distrusted));
  return variant;
}

void
sio_test_assert_json (SioValue *value, const char *expected)
{
  g_autofree char *json = NULL;

  g_assert_nonnull (value);
  json = sio_value_to_json (value, NULL);
  g_assert_cmpstr (json, ==, expected);
  sio_value_unref (value);
}

void
sio_test_assert_text (SioValue *value, const char *expected)
{
  gsize length;
  const char *json = sio_value_peek_json (value, &length);

  g_assert_cmpmem (json, length, expected, strlen (expected));
}

void
sio_test_assert_bytes (SioValue *value, const char *expected)
{
  GBytes *bytes = sio_value_get_bytes (value);

  g_assert_cmpint (sio_value_get_kind (value), ==, SIO_VALUE_BYTES);
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected,
                   strlen (expected));
}

static const char *expected_critical;

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  gsize i;

  for (i = 0; i < n_fields; i++)
    if (expected_critical != NULL && (level & G_LOG_LEVEL_CRITICAL) &&
        strcmp (fields[i].key, "MESSAGE") == 0 && strstr (fields[i].value, expected_critical))
      {
        expected_critical = NULL;
        return G_LOG_WRITER_HANDLED;
      }
  return g_log_writer_default (level, fields, n_fields, data);
}

void
sio_test_expect_critical (const char *part)
{
  static gboolean is_watched;

  /* There is but one writer in the life of a program. */
  if (!is_watched)
    g_log_set_writer_func (write_log, NULL, NULL);
  is_watched = TRUE;

  g_assert_null (expected_critical);
  expected_critical = part;
}

void
sio_test_assert_critical_came (void)
{
  if (expected_critical != NULL)
    g_error ("no critical said “%s”", expected_critical);
}
