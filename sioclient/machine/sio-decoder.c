/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-decoder-private.h"

#include "base/sio-clock-private.h"
#include "sio-types.h"

#include <string.h>

/* The name of a namespace that is longer is not kept. */
#define KEPT_NAME 256

static void
sio_decoder_enter (SioDecoder *self, SioDecoderState next)
{
  g_return_if_fail (next == SIO_DECODER_TEXT || self->state == SIO_DECODER_TEXT);

  self->state = next;

  switch (next)
    {
    case SIO_DECODER_TEXT:
      sio_packet_clear (&self->packet);
      g_clear_pointer (&self->attachments, g_ptr_array_unref);
      self->expected = 0;
      self->n_bytes = 0;
      self->deadline = SIO_CLOCK_NEVER;
      break;
    case SIO_DECODER_COLLECTING:
      self->attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      break;
    }
}

void
sio_decoder_init (SioDecoder *self, const SioLimits *limits)
{
  *self = (SioDecoder){
    .state = SIO_DECODER_TEXT,
    .limits = limits,
    .packet = SIO_PACKET_INIT,
    .deadline = SIO_CLOCK_NEVER,
  };
}

void
sio_decoder_reset (SioDecoder *self)
{
  sio_decoder_enter (self, SIO_DECODER_TEXT);
}

void
sio_decoder_clear (SioDecoder *self)
{
  sio_decoder_reset (self);
  g_clear_pointer (&self->last_nsp, g_ref_string_release);
}

G_GNUC_PRINTF (3, 4)
static SioDecoderResult
sio_decoder_fail (SioDecoder *self, GError **error, const char *format, ...)
{
  va_list args;

  sio_decoder_reset (self);

  if (error != NULL)
    {
      va_start (args, format);
      *error = g_error_new_valist (SIO_ERROR, SIO_ERROR_PROTOCOL, format, args);
      va_end (args);
    }
  return SIO_DECODER_ERROR;
}

static SioPacketType
fold_type (SioPacketType type)
{
  switch (type)
    {
    case SIO_PACKET_BINARY_EVENT:
      return SIO_PACKET_EVENT;
    case SIO_PACKET_BINARY_ACK:
      return SIO_PACKET_ACK;
    case SIO_PACKET_CONNECT:
    case SIO_PACKET_DISCONNECT:
    case SIO_PACKET_EVENT:
    case SIO_PACKET_ACK:
    case SIO_PACKET_CONNECT_ERROR:
      break;
    }
  return type;
}

/* Mostly that of the packet before. */
static char *
sio_decoder_dup_nsp (SioDecoder *self, const SioPacketHead *head)
{
  if (head->nsp_length > KEPT_NAME)
    return g_ref_string_new_len (head->nsp, (gssize) head->nsp_length);

  if (self->last_nsp == NULL || g_ref_string_length (self->last_nsp) != head->nsp_length ||
      memcmp (self->last_nsp, head->nsp, head->nsp_length) != 0)
    {
      g_clear_pointer (&self->last_nsp, g_ref_string_release);
      self->last_nsp = g_ref_string_new_len (head->nsp, (gssize) head->nsp_length);
    }
  return g_ref_string_acquire (self->last_nsp);
}

static gboolean
sio_decoder_read (SioDecoder *self, const SioPacketHead *head, SioPacket *packet, GError **error)
{
  SioValue *payload = NULL;
  SioJsonTape *tape = sio_json_tape_get_scratch ();
  gboolean ok = sio_packet_read_payload (head, tape, self->limits, &payload, error);

  sio_json_tape_relax (tape);
  if (!ok)
    return FALSE;

  packet->type = fold_type (head->type);
  packet->nsp = sio_decoder_dup_nsp (self, head);
  packet->id = head->id;
  packet->payload = payload;
  return TRUE;
}

SioDecoderResult
sio_decoder_feed_text (SioDecoder *self,
                       const char *text,
                       gsize length,
                       gint64 now,
                       SioPacket *packet,
                       GError **error)
{
  SioPacketHead head;
  SioPacket read = SIO_PACKET_INIT;

  if (self->state != SIO_DECODER_TEXT)
    return sio_decoder_fail (self, error, "got plaintext data when reconstructing a packet");

  if (!sio_packet_head_parse (&head, text, length, self->limits, error) ||
      !sio_decoder_read (self, &head, &read, error))
    return SIO_DECODER_ERROR;

  if (head.n_attachments == 0)
    {
      *packet = read;
      return SIO_DECODER_PACKET;
    }

  sio_decoder_enter (self, SIO_DECODER_COLLECTING);
  self->packet = read;
  self->expected = head.n_attachments;
  self->deadline = sio_clock_after (now, self->limits->attachment_set);
  return SIO_DECODER_MORE;
}

static SioDecoderResult
sio_decoder_finish (SioDecoder *self, SioPacket *packet, GError **error)
{
  if (!sio_value_bind_attachments (self->packet.payload, g_steal_pointer (&self->attachments),
                                   error))
    {
      sio_decoder_reset (self);
      return SIO_DECODER_ERROR;
    }

  *packet = self->packet;
  self->packet = (SioPacket) SIO_PACKET_INIT;
  sio_decoder_reset (self);
  return SIO_DECODER_PACKET;
}

SioDecoderResult
sio_decoder_feed_binary (SioDecoder *self,
                         GBytes *bytes,
                         gint64 now,
                         SioPacket *packet,
                         GError **error)
{
  gsize n_bytes;

  if (self->state != SIO_DECODER_COLLECTING)
    return sio_decoder_fail (self, error, "got binary data when not reconstructing a packet");

  if (!sio_decoder_check (self, now, error))
    return SIO_DECODER_ERROR;

  if (!g_size_checked_add (&n_bytes, self->n_bytes, g_bytes_get_size (bytes)) ||
      n_bytes > self->limits->attachment_bytes)
    return sio_decoder_fail (self, error,
                             "too many attachments: more than %" G_GSIZE_FORMAT " bytes",
                             self->limits->attachment_bytes);

  self->n_bytes = n_bytes;
  g_ptr_array_add (self->attachments, g_bytes_ref (bytes));
  if (self->attachments->len < self->expected)
    return SIO_DECODER_MORE;

  return sio_decoder_finish (self, packet, error);
}

gint64
sio_decoder_get_deadline (const SioDecoder *self)
{
  return self->deadline;
}

gboolean
sio_decoder_check (SioDecoder *self, gint64 now, GError **error)
{
  if (now < self->deadline)
    return TRUE;

  sio_decoder_fail (self, error, "attachments missing: not all of them came in time");
  return FALSE;
}
