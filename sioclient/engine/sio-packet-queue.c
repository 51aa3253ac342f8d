/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "engine/sio-packet-queue-private.h"

#include <string.h>

/* Packets stand side by side so that a batch can be handed on without a copy. What is taken from
 * the front leaves a gap that is closed when room is needed, at the latest when the queue runs
 * empty: amortised, each packet moves once. */

#define SMALLEST 2

void
sio_packet_queue_init (SioPacketQueue *self)
{
  memset (self, 0, sizeof *self);
}

void
sio_packet_queue_clear (SioPacketQueue *self)
{
  sio_packet_queue_drop (self, self->n_packets);
  g_clear_pointer (&self->packets, g_free);
  sio_packet_queue_init (self);
}

static gsize
weigh (const SioEnginePacket *packet)
{
  return packet->length + 1;
}

/* A gap in front that grows with the queue: a flood of pings, each of whose pongs comes first,
 * would else move all that waits for each of them. */
static void
make_room_in_front (SioPacketQueue *self)
{
  guint gap = self->n_packets + SMALLEST;

  if (self->n_packets + gap > self->n_allocated)
    {
      self->n_allocated = self->n_packets + gap;
      self->packets = g_renew (SioEnginePacket, self->packets, self->n_allocated);
    }
  memmove (self->packets + gap, self->packets, self->n_packets * sizeof *self->packets);
  self->first = gap;
}

static void
make_room (SioPacketQueue *self)
{
  if (self->first + self->n_packets < self->n_allocated)
    return;

  if (self->first > 0 && self->first >= self->n_packets)
    {
      memmove (self->packets, self->packets + self->first, self->n_packets * sizeof *self->packets);
      self->first = 0;
      return;
    }

  self->n_allocated = MAX (self->n_allocated * 2, SMALLEST);
  self->packets = g_renew (SioEnginePacket, self->packets, self->n_allocated);
}

void
sio_packet_queue_push (SioPacketQueue *self, SioEnginePacket *packet)
{
  make_room (self);
  self->packets[self->first + self->n_packets] = *packet;
  self->n_packets++;
  self->n_bytes += weigh (packet);
  *packet = (SioEnginePacket) SIO_ENGINE_PACKET_INIT;
}

void
sio_packet_queue_push_first (SioPacketQueue *self, SioEnginePacket *packet)
{
  if (self->first == 0)
    make_room_in_front (self);
  self->first--;
  self->packets[self->first] = *packet;
  self->n_packets++;
  self->n_bytes += weigh (packet);
  *packet = (SioEnginePacket) SIO_ENGINE_PACKET_INIT;
}

static void
take_first (SioPacketQueue *self)
{
  self->n_bytes -= weigh (&self->packets[self->first]);
  self->first++;
  self->n_packets--;

  if (self->n_packets > 0)
    return;

  /* An idle connection keeps nothing. */
  self->first = 0;
  if (self->n_allocated > SMALLEST)
    {
      g_clear_pointer (&self->packets, g_free);
      self->n_allocated = 0;
    }
}

gboolean
sio_packet_queue_pop (SioPacketQueue *self, SioEnginePacket *packet)
{
  if (self->n_packets == 0)
    return FALSE;

  *packet = self->packets[self->first];
  take_first (self);
  return TRUE;
}

const SioEnginePacket *
sio_packet_queue_peek (const SioPacketQueue *self)
{
  return self->packets + self->first;
}

void
sio_packet_queue_drop (SioPacketQueue *self, guint n_packets)
{
  while (n_packets-- > 0)
    {
      SioEnginePacket packet;

      if (!sio_packet_queue_pop (self, &packet))
        return;
      sio_engine_packet_clear (&packet);
    }
}
