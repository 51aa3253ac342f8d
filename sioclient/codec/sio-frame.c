/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-frame-private.h"

#include "sio-types.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define FINAL         0x80
#define RESERVED_BITS 0x70
#define COMPRESSED    SIO_FRAME_COMPRESSED
#define OPCODE        0x0f
#define MASKED        0x80
#define LENGTH        0x7f
#define LENGTH_16     126
#define LENGTH_64     127

static guint
fail (GError **error, const char *cause)
{
  g_set_error_literal (error, SIO_ERROR, SIO_ERROR_TRANSPORT, cause);
  return 0;
}

static gboolean
opcode_is_known (guint opcode)
{
  return opcode <= SIO_FRAME_BINARY || (opcode >= SIO_FRAME_CLOSE && opcode <= SIO_FRAME_PONG);
}

/* FALSE if the first two bytes are wrong whatever follows. */
static gboolean
check_start (const SioFrameHead *self, guint8 first, guint8 second, GError **error)
{
  /* Only the first frame of a message can say that it is compressed (RFC 7692, 6). */
  if ((first & RESERVED_BITS & ~COMPRESSED) != 0 ||
      (self->compressed && self->opcode != SIO_FRAME_TEXT && self->opcode != SIO_FRAME_BINARY))
    return fail (error, _ ("the server uses a reserved bit of a frame"));
  if (!opcode_is_known (first & OPCODE))
    return fail (error, _ ("the server sent a frame of an unknown kind"));
  if ((second & MASKED) != 0)
    return fail (error, _ ("the server sent a masked frame"));
  if (sio_frame_opcode_is_control (self->opcode) && !self->final)
    return fail (error, _ ("the server sent a control frame in fragments"));
  if (sio_frame_opcode_is_control (self->opcode) && (second & LENGTH) > SIO_FRAME_CONTROL_MAX)
    return fail (error, _ ("the server sent a control frame that is too long"));
  return TRUE;
}

guint
sio_frame_head_read (SioFrameHead *self, const guint8 *bytes, gsize n_bytes, GError **error)
{
  guint64 length_64;
  guint16 length_16;

  if (n_bytes < 2)
    return 0;

  self->opcode = (SioFrameOpcode) (bytes[0] & OPCODE);
  self->final = (bytes[0] & FINAL) != 0;
  self->compressed = (bytes[0] & COMPRESSED) != 0;
  if (!check_start (self, bytes[0], bytes[1], error))
    return 0;

  switch (bytes[1])
    {
    case LENGTH_16:
      if (n_bytes < 4)
        return 0;
      memcpy (&length_16, bytes + 2, sizeof length_16);
      self->length = GUINT16_FROM_BE (length_16);
      if (self->length < LENGTH_16)
        return fail (error, _ ("the server sent a frame with a wrong length"));
      return 4;

    case LENGTH_64:
      if (n_bytes < 10)
        return 0;
      memcpy (&length_64, bytes + 2, sizeof length_64);
      self->length = GUINT64_FROM_BE (length_64);
      if (self->length <= G_MAXUINT16 || self->length > G_MAXINT64)
        return fail (error, _ ("the server sent a frame with a wrong length"));
      return 10;

    default:
      self->length = bytes[1];
      return 2;
    }
}

guint
sio_frame_head_size (gsize length)
{
  return length < LENGTH_16 ? 6 : length <= G_MAXUINT16 ? 8 : 14;
}

guint
sio_frame_head_write (guint8 *out, SioFrameOpcode opcode, gsize length, guint32 mask)
{
  guint size = sio_frame_head_size (length);

  out[0] = (guint8) (FINAL | opcode);
  if (length < LENGTH_16)
    out[1] = (guint8) (MASKED | length);
  else if (length <= G_MAXUINT16)
    {
      guint16 length_16 = GUINT16_TO_BE ((guint16) length);

      out[1] = MASKED | LENGTH_16;
      memcpy (out + 2, &length_16, sizeof length_16);
    }
  else
    {
      guint64 length_64 = GUINT64_TO_BE ((guint64) length);

      out[1] = MASKED | LENGTH_64;
      memcpy (out + 2, &length_64, sizeof length_64);
    }

  /* Any bytes will do, so their order is that of the machine. */
  memcpy (out + size - sizeof mask, &mask, sizeof mask);
  return size;
}

static inline void
mask_word (guint8 *out, const guint8 *in, guint64 mask)
{
  guint64 word;

  memcpy (&word, in, sizeof word);
  word ^= mask;
  memcpy (out, &word, sizeof word);
}

void
sio_frame_mask (guint8 *out, const guint8 *in, gsize length, guint32 mask)
{
  guint64 wide = (guint64) mask << 32 | mask;
  guint8 bytes[sizeof wide];
  gsize i;

  for (; length >= 32; length -= 32, in += 32, out += 32)
    {
      mask_word (out, in, wide);
      mask_word (out + 8, in + 8, wide);
      mask_word (out + 16, in + 16, wide);
      mask_word (out + 24, in + 24, wide);
    }
  for (; length >= 8; length -= 8, in += 8, out += 8)
    mask_word (out, in, wide);

  memcpy (bytes, &wide, sizeof wide);
  for (i = 0; i < length; i++)
    out[i] = in[i] ^ bytes[i];
}

/* Those of RFC 6455, those registered since, and those that are free for libraries and programs.
 * 1005, 1006 and 1015 stand for what no frame said. */
gboolean
sio_frame_close_code_is_valid (guint code)
{
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}
