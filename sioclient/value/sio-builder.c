/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "value/sio-builder-private.h"

#include "json/sio-json-writer-private.h"
#include "value/sio-document-private.h"

#define FIRST_SIZE 64

void
sio_builder_init (SioBuilder *self)
{
  *self = (SioBuilder){ .json = &self->text };
  sio_json_text_init (&self->text, FIRST_SIZE);
}

SioValue *
sio_builder_end (SioBuilder *self)
{
  return sio_value_new_take_json (self->text.str, self->text.len, self->attachments);
}

void
sio_builder_discard (SioBuilder *self)
{
  g_free (self->text.str);
  g_clear_pointer (&self->attachments, g_ptr_array_unref);
}

void
sio_builder_complain (SioBuilder *self, const char *what)
{
  if (!self->complained)
    g_critical ("A value can't be sent as it is: %s", what);
  self->complained = TRUE;
}

gboolean
sio_builder_enter (SioBuilder *self)
{
  if (self->depth < SIO_DOCUMENT_MAX_DEPTH)
    {
      self->depth++;
      return TRUE;
    }

  sio_builder_complain (self, "nested too deeply");
  g_string_append (self->json, "null");
  return FALSE;
}

void
sio_builder_leave (SioBuilder *self)
{
  self->depth--;
}

void
sio_builder_write_string (SioBuilder *self, const char *string, gsize length)
{
  if (sio_json_write_string (self->json, string, length))
    return;

  sio_builder_complain (self, "text is not UTF-8");
  g_string_append (self->json, "null");
}

void
sio_builder_write_bytes (SioBuilder *self, GBytes *bytes)
{
  /* A placeholder is an object in the text. */
  if (!sio_builder_enter (self))
    {
      g_bytes_unref (bytes);
      return;
    }

  if (self->attachments == NULL)
    self->attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  sio_json_write_placeholder (self->json, self->attachments->len);
  g_ptr_array_add (self->attachments, bytes);
  sio_builder_leave (self);
}
