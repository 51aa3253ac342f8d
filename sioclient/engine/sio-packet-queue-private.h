/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "codec/sio-engine-packet-private.h"

G_BEGIN_DECLS

/* A FIFO of engine packets that knows its weight: what came in and was not dispatched yet, or what
 * was accepted and is not written yet. One block of memory that grows and is given back. */
typedef struct
{
  SioEnginePacket *packets;
  guint first;
  guint n_packets;
  guint n_allocated;
  gsize n_bytes;
} SioPacketQueue;

void sio_packet_queue_init (SioPacketQueue *self);
void sio_packet_queue_clear (SioPacketQueue *self);

/* Takes what @packet holds. */
void sio_packet_queue_push (SioPacketQueue *self, SioEnginePacket *packet);
void sio_packet_queue_push_first (SioPacketQueue *self, SioEnginePacket *packet);
/* FALSE if there is none; else *packet is the caller's. */
gboolean sio_packet_queue_pop (SioPacketQueue *self, SioEnginePacket *packet);
/* The first packets side by side, for a look; valid until the queue changes. */
const SioEnginePacket *sio_packet_queue_peek (const SioPacketQueue *self);
void sio_packet_queue_drop (SioPacketQueue *self, guint n_packets);

G_END_DECLS
