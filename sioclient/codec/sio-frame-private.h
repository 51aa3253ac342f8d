/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbered as on the wire (RFC 6455, 5.2). */
typedef enum
{
  SIO_FRAME_CONTINUATION = 0x0,
  SIO_FRAME_TEXT = 0x1,
  SIO_FRAME_BINARY = 0x2,
  SIO_FRAME_CLOSE = 0x8,
  SIO_FRAME_PING = 0x9,
  SIO_FRAME_PONG = 0xa,
} SioFrameOpcode;

/* What a close frame without a code counts as, and a connection that ended without one. */
#define SIO_FRAME_CLOSE_NONE     1005
#define SIO_FRAME_CLOSE_ABNORMAL 1006

/* Is added to the opcode of a data frame that is written. */
#define SIO_FRAME_COMPRESSED 0x40

#define SIO_FRAME_HEAD_MAX    14
#define SIO_FRAME_CONTROL_MAX 125

typedef struct
{
  SioFrameOpcode opcode;
  gboolean final;
  gboolean compressed; /* of a data frame: the first bit that is left to extensions */
  guint64 length;      /* of the payload, which may be any up to 2^63 - 1 */
} SioFrameHead;

static inline gboolean
sio_frame_opcode_is_control (SioFrameOpcode opcode)
{
  return (opcode & 0x8) != 0;
}

/* Reads the head of a frame that a server sent, with no extension but compression. Returns how many
 * bytes it has, or 0 if it is not there as a whole or, with @error set, if it must not be: masked,
 * reserved bits or opcodes, a length written longer than it need be, a control frame in parts or
 * too long. */
guint sio_frame_head_read (SioFrameHead *self, const guint8 *bytes, gsize n_bytes, GError **error);

/* Writes the head of a client's frame, final and masked; returns how many bytes it has. */
guint sio_frame_head_write (guint8 *out, SioFrameOpcode opcode, gsize length, guint32 mask);
guint sio_frame_head_size (gsize length);
/* @out and @in are apart or the same. */
void sio_frame_mask (guint8 *out, const guint8 *in, gsize length, guint32 mask);

/* Whether it may stand in a close frame. */
gboolean sio_frame_close_code_is_valid (guint code);

G_END_DECLS
