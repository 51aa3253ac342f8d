/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-deflate-private.h"

#include "sio-types.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <zlib.h>

/* What each message would end with, and the one who compresses leaves out. */
static const guint8 tail[] = { 0x00, 0x00, 0xff, 0xff };

/* Room for the first part of what comes out; more is made as it is needed, so that a message is
 * never given more than four times the memory that it turns out to want. */
#define FIRST_ROOM ((gsize) 1024)

#define MEMORY_LEVEL 8
/* zlib can't compress with a window of 256 bytes. */
#define FEWEST_BITS     9
#define CLOSE_BAD_DATA  1007
#define CLOSE_TOO_LARGE 1009
#define CLOSE_NO_MEMORY 1009

struct _SioInflater
{
  z_stream stream;
  gboolean ready; /* it has something to look back to, or at least could have */
  gboolean failed;
  gboolean forgets;
  int window_bits;

  /* of the message that is being expanded */
  guint8 *out;
  gsize n_out;
  gsize room;
};

struct _SioDeflater
{
  z_stream stream;
  gboolean ready;
  gboolean forgets;
  int window_bits;
};

SioInflater *
sio_inflater_new (const SioDeflateParams *params)
{
  SioInflater *self = g_new0 (SioInflater, 1);

  self->forgets = params->server_no_context_takeover;
  self->window_bits = (int) params->server_max_window_bits;
  return self;
}

static void
sio_inflater_forget (SioInflater *self)
{
  if (self->ready)
    inflateEnd (&self->stream);
  self->ready = FALSE;
}

void
sio_inflater_free (SioInflater *self)
{
  sio_inflater_forget (self);
  g_free (self->out);
  g_free (self);
}

static gboolean
sio_inflater_fail (SioInflater *self,
                   guint *close_code,
                   guint code,
                   const char *cause,
                   GError **error)
{
  self->failed = TRUE;
  *close_code = code;
  g_set_error_literal (error, SIO_ERROR, SIO_ERROR_TRANSPORT, cause);
  return FALSE;
}

/* One byte beyond @limit, which tells that there is more. */
static gboolean
sio_inflater_make_room (SioInflater *self, gsize limit, guint *close_code, GError **error)
{
  gsize room = MIN (MAX (self->room * 2, FIRST_ROOM), limit + 1);
  guint8 *out;

  if (self->n_out > limit)
    return sio_inflater_fail (self, close_code, CLOSE_TOO_LARGE,
                              _ ("the server sent a message that is too large when expanded"),
                              error);
  if (self->n_out < self->room)
    return TRUE;

  out = g_try_realloc (self->out, room);
  if (out == NULL)
    return sio_inflater_fail (self, close_code, CLOSE_NO_MEMORY,
                              _ ("not enough memory for a message"), error);
  self->out = out;
  self->room = room;
  return TRUE;
}

/* All of @data. */
static gboolean
sio_inflater_feed (SioInflater *self,
                   const guint8 *data,
                   gsize length,
                   gsize limit,
                   guint *close_code,
                   GError **error)
{
  int result;

  /* A message is no longer than a program allows, far below what zlib can count. */
  self->stream.next_in = (Bytef *) data;
  self->stream.avail_in = (uInt) length;
  do
    {
      if (!sio_inflater_make_room (self, limit, close_code, error))
        return FALSE;
      self->stream.next_out = self->out + self->n_out;
      self->stream.avail_out = (uInt) MIN (self->room - self->n_out, G_MAXINT32);
      result = inflate (&self->stream, Z_SYNC_FLUSH);
      self->n_out = (gsize) (self->stream.next_out - self->out);
      /* A last block is allowed (7.2.3.4), and what follows it begins anew. */
      if (result == Z_STREAM_END)
        result = inflateReset (&self->stream);
      if (result != Z_OK && result != Z_BUF_ERROR)
        return sio_inflater_fail (self, close_code, CLOSE_BAD_DATA,
                                  _ ("the server sent a message that can't be expanded"), error);
    }
  while (self->stream.avail_in > 0 || self->stream.avail_out == 0);
  return TRUE;
}

static gboolean
sio_inflater_begin (SioInflater *self)
{
  if (self->failed)
    return FALSE;
  if (self->ready)
    return TRUE;

  memset (&self->stream, 0, sizeof self->stream);
  self->ready = inflateInit2 (&self->stream, -self->window_bits) == Z_OK;
  return self->ready;
}

GBytes *
sio_inflater_expand (SioInflater *self,
                     const guint8 *data,
                     gsize length,
                     gsize limit,
                     guint *close_code,
                     GError **error)
{
  guint8 *out;
  gsize n_out;

  g_clear_pointer (&self->out, g_free);
  self->n_out = self->room = 0;
  limit = MIN (limit, G_MAXINT32);
  if (!sio_inflater_begin (self) || length > G_MAXINT32)
    {
      sio_inflater_fail (self, close_code, CLOSE_NO_MEMORY, _ ("not enough memory for a message"),
                         error);
      return NULL;
    }
  if (!sio_inflater_feed (self, data, length, limit, close_code, error) ||
      !sio_inflater_feed (self, tail, sizeof tail, limit, close_code, error))
    return NULL;
  if (self->n_out > limit && !sio_inflater_make_room (self, limit, close_code, error))
    return NULL;

  if (self->forgets)
    sio_inflater_forget (self);
  out = g_steal_pointer (&self->out);
  n_out = self->n_out;
  if (self->room - n_out > n_out / 4)
    out = g_realloc (out, MAX (n_out, 1));
  return g_bytes_new_take (out, n_out);
}

SioDeflater *
sio_deflater_new (const SioDeflateParams *params)
{
  SioDeflater *self = g_new0 (SioDeflater, 1);

  self->forgets = params->client_no_context_takeover;
  self->window_bits = (int) params->client_max_window_bits;
  return self;
}

static void
sio_deflater_forget (SioDeflater *self)
{
  if (self->ready)
    deflateEnd (&self->stream);
  self->ready = FALSE;
}

void
sio_deflater_free (SioDeflater *self)
{
  sio_deflater_forget (self);
  g_free (self);
}

static gboolean
sio_deflater_begin (SioDeflater *self)
{
  if (self->ready)
    return TRUE;
  if (self->window_bits < FEWEST_BITS)
    return FALSE;

  memset (&self->stream, 0, sizeof self->stream);
  self->ready = deflateInit2 (&self->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -self->window_bits,
                              MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK;
  return self->ready;
}

GBytes *
sio_deflater_compress (SioDeflater *self, const char *data, gsize length)
{
  gsize room, n_out;
  guint8 *out;

  if (length == 0 || length > G_MAXINT32 || !sio_deflater_begin (self))
    return NULL;

  /* The bound is for a stream that ends; this one is flushed, which takes a few bytes. */
  room = deflateBound (&self->stream, (uLong) length) + 16;
  out = g_try_malloc (room);
  if (out == NULL)
    return NULL;

  self->stream.next_in = (Bytef *) data;
  self->stream.avail_in = (uInt) length;
  self->stream.next_out = out;
  self->stream.avail_out = (uInt) room;
  if (deflate (&self->stream, Z_SYNC_FLUSH) != Z_OK || self->stream.avail_in > 0 ||
      self->stream.avail_out == 0)
    {
      /* What the server can't see must not be looked back to. */
      sio_deflater_forget (self);
      g_free (out);
      return NULL;
    }

  n_out = room - self->stream.avail_out - sizeof tail;
  if (self->forgets)
    sio_deflater_forget (self);
  return g_bytes_new_take (g_realloc (out, n_out), n_out);
}
