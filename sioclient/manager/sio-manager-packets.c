/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manager/sio-manager-state-private.h"

#include <glib/gi18n-lib.h>

/* Packets in and out: to the socket of their namespace, and to the engine. */

static void
deliver (SioManager *self, SioPacket *packet)
{
  SioMember *member = sio_manager_find_member (self, packet->nsp);

  if (member != NULL && member->sink != NULL)
    member->sink->packet (member->owner, packet);
  /* It was asked for by somebody who is gone: the server may be told only now. Else nobody asked
   * for it (P31). */
  else if ((packet->type == SIO_PACKET_CONNECT || packet->type == SIO_PACKET_CONNECT_ERROR) &&
           sio_manager_inherit (self, packet->nsp) && packet->type == SIO_PACKET_CONNECT)
    sio_manager_say_goodbye (self, packet->nsp);
}

void
sio_manager_on_message (gpointer owner, SioEngine *engine, const SioEnginePacket *message)
{
  SioManager *self = owner;
  g_auto (SioPacket) packet = SIO_PACKET_INIT;
  g_autoptr (GError) error = NULL;
  gint64 now = sio_engine_get_slice_time (engine);
  SioDecoderResult result;

  if (message->binary)
    result = sio_decoder_feed_binary (&self->decoder, message->bytes, now, &packet, &error);
  else
    result = sio_decoder_feed_text (&self->decoder, message->data, message->length, now, &packet,
                                    &error);
  switch (result)
    {
    case SIO_DECODER_MORE:
      sio_manager_rearm (self);
      break;
    case SIO_DECODER_PACKET:
      /* A handler may have dropped the last reference when this returns. */
      deliver (self, &packet);
      break;
    case SIO_DECODER_ERROR:
      sio_manager_protocol_error (self, error);
      break;
    }
}

static gboolean
check_room (SioManager *self, gsize n_bytes, GPtrArray *attachments, GError **error)
{
  guint n_attachments = attachments != NULL ? attachments->len : 0;
  gsize buffered_bytes;
  guint buffered_packets;

  if (n_attachments > self->limits.attachments)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                   _ ("it has too many binary parts, the limit is %u"), self->limits.attachments);
      return FALSE;
    }

  for (guint i = 0; i < n_attachments; i++)
    n_bytes += g_bytes_get_size (g_ptr_array_index (attachments, i));
  sio_engine_get_buffered (self->engine, &buffered_bytes, &buffered_packets);
  /* One that is alone is let through whatever its size: the server decides. */
  if (buffered_packets == 0)
    return TRUE;
  if (buffered_bytes + n_bytes > self->limits.outbound_bytes)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                   _ ("too much waits already, the limit is %lu bytes"),
                   (gulong) self->limits.outbound_bytes);
      return FALSE;
    }
  if (buffered_packets + 1 + n_attachments > self->limits.outbound_packets)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                   _ ("too many events wait already, the limit is %u"),
                   self->limits.outbound_packets);
      return FALSE;
    }
  return TRUE;
}

gboolean
sio_manager_write (SioManager *self,
                   SioPacketType type,
                   SioSending sending,
                   const char *nsp,
                   guint64 id,
                   const char *name,
                   SioValue *payload,
                   GError **error)
{
  g_autoptr (GPtrArray) attachments = NULL;
  g_autoptr (GBytes) wire = NULL;
  g_autofree SioEnginePacket *several = NULL;
  SioEnginePacket first, *packets = &first;
  guint n_packets = 1;

  if (self->state != SIO_MANAGER_CONNECTED || !sio_engine_get_open (self->engine))
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_DISCONNECTED, _ ("There is no connection"));
      return FALSE;
    }

  if (payload != NULL && sio_value_has_attachments (payload))
    attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  wire = sio_packet_encode (type, nsp, id, name, payload, attachments);
  /* Joining and leaving are few, and must not fail because of what waits. */
  if (type != SIO_PACKET_CONNECT && type != SIO_PACKET_DISCONNECT &&
      !check_room (self, g_bytes_get_size (wire), attachments, error))
    return FALSE;

  if (attachments != NULL)
    {
      n_packets += attachments->len;
      packets = several = g_new (SioEnginePacket, n_packets);
    }
  sio_engine_packet_init_wire (&packets[0], g_steal_pointer (&wire));
  for (guint i = 1; i < n_packets; i++)
    sio_engine_packet_init_binary (&packets[i],
                                   g_bytes_ref (g_ptr_array_index (attachments, i - 1)));
  for (guint i = 0; i < n_packets; i++)
    packets[i].plain = sending == SIO_SEND_PLAIN;
  sio_engine_write (self->engine, packets, n_packets);
  return TRUE;
}

void
sio_manager_say_goodbye (SioManager *self, const char *nsp)
{
  SioEnginePacket packet;

  if (self->state != SIO_MANAGER_CONNECTED)
    return;

  sio_engine_packet_init_wire (
      &packet, sio_packet_encode (SIO_PACKET_DISCONNECT, nsp, SIO_PACKET_NO_ID, NULL, NULL, NULL));
  sio_engine_write_quietly (self->engine, &packet, 1);
}
