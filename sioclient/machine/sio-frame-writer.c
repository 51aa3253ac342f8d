/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-frame-writer-private.h"

#include <string.h>

void
sio_frame_writer_init (SioFrameWriter *self)
{
  *self = (SioFrameWriter){ 0 };
}

void
sio_frame_writer_clear (SioFrameWriter *self)
{
  g_free (self->active);
  g_free (self->next);
  sio_frame_writer_init (self);
}

void
sio_frame_writer_reserve (SioFrameWriter *self, gsize n_frames, gsize n_bytes)
{
  gsize needed = self->next_length + n_frames * SIO_FRAME_HEAD_MAX + n_bytes;

  if (needed <= self->next_allocated)
    return;

  if (self->next != NULL)
    needed = MAX (needed, self->next_allocated * 2);
  self->next = g_realloc (self->next, needed);
  self->next_allocated = needed;
}

void
sio_frame_writer_add (SioFrameWriter *self,
                      SioFrameOpcode opcode,
                      const char *data,
                      gsize length,
                      guint32 mask)
{
  guint8 *out;
  guint n_head;

  sio_frame_writer_reserve (self, 1, length);
  out = self->next + self->next_length;
  n_head = sio_frame_head_write (out, opcode, length, mask);
  if (length > 0)
    sio_frame_mask (out + n_head, (const guint8 *) data, length, mask);
  self->next_length += n_head + length;
}

void
sio_frame_writer_add_close (SioFrameWriter *self, guint code, guint32 mask)
{
  const char payload[] = { (char) (code >> 8), (char) code };

  sio_frame_writer_add (self, SIO_FRAME_CLOSE, payload, code != 0 ? sizeof payload : 0, mask);
}

gboolean
sio_frame_writer_is_empty (const SioFrameWriter *self)
{
  return self->active == NULL && self->next_length == 0;
}

const guint8 *
sio_frame_writer_peek (SioFrameWriter *self, gsize *length)
{
  if (self->active == NULL && self->next_length > 0)
    {
      self->active = g_steal_pointer (&self->next);
      self->active_length = self->next_length;
      self->next_length = self->next_allocated = 0;
    }

  *length = self->active_length - self->sent;
  return self->active != NULL ? self->active + self->sent : NULL;
}

void
sio_frame_writer_sent (SioFrameWriter *self, gsize n_bytes)
{
  self->sent += n_bytes;
  if (self->sent < self->active_length)
    return;

  g_clear_pointer (&self->active, g_free);
  self->active_length = self->sent = 0;
}
