/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-http-body-private.h"

#include "sio-types.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <zlib.h>

/* What stands around the chunks: no honest server sends more in a line, or of trailers. */
#define LONGEST_LINE     ((gsize) 4096)
#define LONGEST_TRAILERS ((gsize) 16 * 1024)
/* So much more than comes out may go in, as what can't be packed grows. */
#define CODED_SURPLUS ((gsize) 64 * 1024)
/* A thousand times as much may come out of a piece, which is not to take longer than a turn of the
 * main loop may. What has come out so far tells how much to expect, and what comes next need not be
 * like it. */
#define CODED_PIECE_MIN ((gsize) 128)
#define CODED_PIECE_MAX ((gsize) 1024)
#define EXPANDED_PIECE  ((gsize) 128 * 1024)
#define FIRST_ROOM      ((gsize) 1024)

typedef enum
{
  STATE_DATA,
  STATE_SIZE,      /* digits of the size of a chunk */
  STATE_EXTENSION, /* the rest of that line */
  STATE_CHUNK_END, /* an empty rest of a line behind the data */
  STATE_TRAILERS,
  STATE_WHOLE,
} State;

struct _SioHttpBody
{
  SioHttpBodyFraming framing;
  State state;
  guint64 left;   /* of the body or of the chunk */
  guint n_digits; /* of the size of a chunk */
  gsize n_line;   /* of the line */
  gsize n_trailers;
  gboolean surplus;

  gboolean gzip;
  gboolean inside; /* a member, which has not come to its end */
  gboolean ready;
  z_stream stream;
  gsize n_coded;

  gsize limit;
  GByteArray *out;
};

SioHttpBody *
sio_http_body_new (SioHttpBodyFraming framing, guint64 length, gboolean gzip, gsize limit)
{
  SioHttpBody *self = g_new0 (SioHttpBody, 1);

  self->framing = framing;
  self->left = length;
  self->gzip = gzip;
  self->limit = limit;
  self->out = g_byte_array_new ();
  if (framing == SIO_HTTP_BODY_CHUNKED)
    self->state = STATE_SIZE;
  else if (framing == SIO_HTTP_BODY_LENGTH && length == 0)
    self->state = STATE_WHOLE;
  return self;
}

void
sio_http_body_free (SioHttpBody *self)
{
  if (self->ready)
    inflateEnd (&self->stream);
  g_clear_pointer (&self->out, g_byte_array_unref);
  g_free (self);
}

static gboolean
fail (GError **error, const char *cause)
{
  g_set_error_literal (error, SIO_ERROR, SIO_ERROR_TRANSPORT, cause);
  return FALSE;
}

static gboolean
fail_too_large (GError **error)
{
  return fail (error, _ ("the answer is larger than the limit"));
}

static gboolean
fail_malformed (GError **error)
{
  return fail (error, _ ("the answer is not sound HTTP"));
}

/* One more member, whose head tells whether it is gzip or bare zlib. */
static gboolean
begin_member (SioHttpBody *self, GError **error)
{
  int result;

  if (!self->ready)
    result = inflateInit2 (&self->stream, MAX_WBITS + 32);
  else
    result = inflateReset (&self->stream);
  self->ready = self->ready || result == Z_OK;
  self->inside = result == Z_OK;
  return self->inside || fail (error, _ ("the answer can't be expanded"));
}

/* As much as one round makes. FALSE at an error. The array never gets room for more than the limit:
 * what it grows to by itself would be twice that, and all would have to move. */
static gboolean
inflate_some (SioHttpBody *self, GError **error)
{
  guint before = self->out->len;
  gsize room = MIN (CLAMP ((gsize) before, FIRST_ROOM, EXPANDED_PIECE), self->limit - before);
  guint8 too_much;
  int result;

  if (room > 0)
    {
      g_byte_array_set_size (self->out, before + (guint) room);
      self->stream.next_out = self->out->data + before;
      self->stream.avail_out = (uInt) room;
    }
  else
    {
      self->stream.next_out = &too_much;
      self->stream.avail_out = 1;
    }
  result = inflate (&self->stream, Z_NO_FLUSH);
  if (room > 0)
    g_byte_array_set_size (self->out, before + (guint) room - self->stream.avail_out);
  else if (self->stream.avail_out == 0)
    return fail_too_large (error);
  if (result == Z_STREAM_END)
    self->inside = FALSE;
  else if (result != Z_OK && result != Z_BUF_ERROR)
    return fail (error, _ ("the answer can't be expanded"));
  return TRUE;
}

static gboolean
take_coded (SioHttpBody *self, const guint8 *data, gsize length, GError **error)
{
  self->n_coded += length;
  if (self->n_coded > self->limit + CODED_SURPLUS)
    return fail_too_large (error);

  self->stream.next_in = (Bytef *) data;
  self->stream.avail_in = (uInt) length;
  do
    if ((!self->inside && !begin_member (self, error)) || !inflate_some (self, error))
      return FALSE;
  while (self->stream.avail_in > 0 || (self->inside && self->stream.avail_out == 0));
  return TRUE;
}

static gboolean
take_data (SioHttpBody *self, const guint8 *data, gsize length, GError **error)
{
  gsize room = self->limit - self->out->len;

  if (length == 0)
    return TRUE;
  if (self->gzip)
    return take_coded (self, data, length, error);
  g_byte_array_append (self->out, data, (guint) MIN (length, room));
  return length <= room || fail_too_large (error);
}

static gboolean
end_size (SioHttpBody *self, GError **error)
{
  if (self->n_digits == 0)
    return fail_malformed (error);
  self->state = self->left > 0 ? STATE_DATA : STATE_TRAILERS;
  self->n_digits = 0;
  self->n_line = 0;
  return TRUE;
}

static gboolean
take_size (SioHttpBody *self, guint8 byte, GError **error)
{
  if (g_ascii_isxdigit ((char) byte))
    {
      if (++self->n_line > LONGEST_LINE || self->left > G_MAXINT64 >> 4)
        return fail_malformed (error);
      self->left = self->left << 4 | (guint64) g_ascii_xdigit_value ((char) byte);
      self->n_digits = 1;
      return TRUE;
    }
  if (byte == '\n')
    return end_size (self, error);
  if (self->n_digits == 0 || (byte != '\r' && byte != ';' && byte != ' ' && byte != '\t'))
    return fail_malformed (error);
  self->state = STATE_EXTENSION;
  return TRUE;
}

static gboolean
take_chunk_end (SioHttpBody *self, guint8 byte, GError **error)
{
  if (byte == '\r' && self->n_line++ == 0)
    return TRUE;
  if (byte != '\n')
    return fail_malformed (error);
  self->state = STATE_SIZE;
  self->n_line = 0;
  return TRUE;
}

static gboolean
take_trailer (SioHttpBody *self, guint8 byte, GError **error)
{
  if (++self->n_trailers > LONGEST_TRAILERS)
    return fail_too_large (error);
  if (byte == '\n' && self->n_line == 0)
    self->state = STATE_WHOLE;
  else if (byte == '\n')
    self->n_line = 0;
  else if (byte != '\r')
    self->n_line++;
  return TRUE;
}

static gboolean
take_byte (SioHttpBody *self, guint8 byte, GError **error)
{
  switch (self->state)
    {
    case STATE_SIZE:
      return take_size (self, byte, error);

    case STATE_EXTENSION:
      if (byte == '\n')
        return end_size (self, error);
      return ++self->n_line <= LONGEST_LINE || fail_malformed (error);

    case STATE_CHUNK_END:
      return take_chunk_end (self, byte, error);

    case STATE_TRAILERS:
      return take_trailer (self, byte, error);

    case STATE_DATA:
    case STATE_WHOLE:
    default:
      g_return_val_if_reached (FALSE);
    }
}

static void
end_data (SioHttpBody *self)
{
  self->state = self->framing == SIO_HTTP_BODY_CHUNKED ? STATE_CHUNK_END : STATE_WHOLE;
}

gboolean
sio_http_body_take (SioHttpBody *self, const guint8 *data, gsize length, GError **error)
{
  while (length > 0 && self->state != STATE_WHOLE)
    {
      gsize n = 1;

      if (self->state == STATE_DATA)
        {
          if (self->framing != SIO_HTTP_BODY_UNTIL_END)
            n = (gsize) MIN (length, self->left);
          else
            n = length;
          self->left -= MIN (self->left, n);
          if (!take_data (self, data, n, error))
            return FALSE;
          if (self->left == 0 && self->framing != SIO_HTTP_BODY_UNTIL_END)
            end_data (self);
        }
      else if (!take_byte (self, *data, error))
        return FALSE;
      data += n;
      length -= n;
    }
  self->surplus = self->surplus || length > 0;
  /* That it is whole is not said of what can't be expanded to its end. */
  if (self->state == STATE_WHOLE && self->inside)
    return fail (error, _ ("the answer was cut off"));
  return TRUE;
}

gboolean
sio_http_body_end (SioHttpBody *self, GError **error)
{
  if (self->state == STATE_DATA && self->framing == SIO_HTTP_BODY_UNTIL_END && !self->inside)
    self->state = STATE_WHOLE;
  return self->state == STATE_WHOLE || fail (error, _ ("the answer was cut off"));
}

static gsize
get_coded_piece (SioHttpBody *self)
{
  gsize expansion = self->n_coded > 0 ? self->out->len / self->n_coded + 1 : 1;

  return CLAMP (EXPANDED_PIECE / expansion, CODED_PIECE_MIN, CODED_PIECE_MAX);
}

gsize
sio_http_body_get_appetite (SioHttpBody *self, gsize size)
{
  if (self->state == STATE_WHOLE)
    return 0;
  if (self->gzip)
    size = MIN (size, get_coded_piece (self));
  if (self->framing == SIO_HTTP_BODY_LENGTH)
    size = (gsize) MIN (size, self->left);
  return size;
}

gboolean
sio_http_body_is_whole (SioHttpBody *self)
{
  return self->state == STATE_WHOLE;
}

gboolean
sio_http_body_has_surplus (SioHttpBody *self)
{
  return self->surplus;
}

const char *
sio_http_body_peek (SioHttpBody *self, gsize *length)
{
  *length = self->out->len;
  return (const char *) self->out->data;
}

GBytes *
sio_http_body_steal (SioHttpBody *self)
{
  GByteArray *out = g_steal_pointer (&self->out);

  self->out = g_byte_array_new ();
  return g_byte_array_free_to_bytes (out);
}
