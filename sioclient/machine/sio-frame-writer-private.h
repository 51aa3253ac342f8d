/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "codec/sio-frame-private.h"

G_BEGIN_DECLS

/* Frames of a client, side by side as they are written. What was once offered stays where it is and
 * as long as it is until it has gone out, as TLS wants to see the same again after it had to wait;
 * frames added meanwhile stand behind it. */
typedef struct
{
  guint8 *active; /* nullable; what is being written */
  gsize active_length;
  gsize sent;

  guint8 *next; /* nullable; what comes after it */
  gsize next_length;
  gsize next_allocated;
} SioFrameWriter;

void sio_frame_writer_init (SioFrameWriter *self);
void sio_frame_writer_clear (SioFrameWriter *self);
/* There will be @n_frames more, with so many bytes of payload in all. */
void sio_frame_writer_reserve (SioFrameWriter *self, gsize n_frames, gsize n_bytes);
void sio_frame_writer_add (SioFrameWriter *self,
                           SioFrameOpcode opcode,
                           const char *data,
                           gsize length,
                           guint32 mask);
/* 0 is no code. */
void sio_frame_writer_add_close (SioFrameWriter *self, guint code, guint32 mask);
gboolean sio_frame_writer_is_empty (const SioFrameWriter *self);
/* What is to go out next; NULL for nothing. */
const guint8 *sio_frame_writer_peek (SioFrameWriter *self, gsize *length);
void sio_frame_writer_sent (SioFrameWriter *self, gsize n_bytes);

G_END_DECLS
