/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine/sio-frame-reader-private.h"

#include <string.h>

/* What the targets for frames have in common: bytes are read, however they are cut, and a log tells
 * what came of it. */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Small, so that it is reached. */
#define LIMIT 20000

static void
check (gboolean holds)
{
  if (!holds)
    g_abort ();
}

static void
note (GString *log, const SioFrameEvent *event)
{
  check (event->length <= LIMIT);
  if (event->type == SIO_FRAME_EVENT_TEXT)
    check (memchr (event->data, 0, event->length) != NULL ||
           g_utf8_validate_len (event->data, event->length, NULL));
  if (event->type == SIO_FRAME_EVENT_TEXT || event->type == SIO_FRAME_EVENT_BINARY)
    check (event->bytes != NULL);
  g_string_append_printf (log, "%d %u ", event->type,
                          event->type == SIO_FRAME_EVENT_CLOSE ? event->close_code : 0);
  g_string_append_len (log, event->data, (gssize) event->length);
  g_string_append_c (log, '\n');
}

/* FALSE once it has failed. */
static gboolean
take_all (SioFrameReader *reader, GString *log)
{
  SioFrameEvent event;

  do
    {
      g_autoptr (GError) error = NULL;

      if (!sio_frame_reader_take (reader, &event, &error))
        {
          g_string_append_printf (log, "%s %u\n", error->message, event.close_code);
          check (sio_frame_close_code_is_valid (event.close_code));
          return FALSE;
        }
      if (event.type != SIO_FRAME_EVENT_NONE)
        note (log, &event);
    }
  while (event.type != SIO_FRAME_EVENT_NONE);
  return TRUE;
}

static GString *
read_in_parts (const SioDeflateParams *deflate, const guint8 *data, gsize size, gsize at_a_time)
{
  GString *log = g_string_new (NULL);
  gboolean going = TRUE;
  SioFrameReader reader;

  sio_frame_reader_init (&reader, LIMIT);
  if (deflate != NULL)
    sio_frame_reader_set_deflate (&reader, deflate);
  while (size > 0 && going)
    {
      gsize room;
      guint8 *at = sio_frame_reader_get_room (&reader, &room);
      gsize n = MIN (MIN (room, at_a_time), size);

      check (n > 0);
      memcpy (at, data, n);
      sio_frame_reader_put (&reader, n);
      data += n;
      size -= n;
      going = take_all (&reader, log);
      check (reader.allocated <= LIMIT);
      if (at_a_time % 2 == 1)
        sio_frame_reader_relax (&reader);
    }
  sio_frame_reader_clear (&reader);
  return log;
}
