/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "codec/sio-engine-packet-private.h"

G_BEGIN_DECLS

/* Body of one poll in either direction: packets joined by U+001E, binary as base64 (E18). */

/* Appends to @packets (elements SioEnginePacket, with sio_engine_packet_clear as clear function)
 * all packets up to the first that can't be read, which then is the error. */
gboolean sio_poll_payload_parse (GBytes *body, GArray *packets, GError **error);
/* Whether a session of an older revision begins here, of servers of version 2: there each packet
 * stands behind its length. */
gboolean sio_poll_payload_is_old (GBytes *body);
GBytes *sio_poll_payload_encode (const SioEnginePacket *packets, guint n_packets);
/* Bytes that a packet takes in a payload, without separator; exact (E59). */
gsize sio_poll_payload_measure (const SioEnginePacket *packet);
/* How many of the first packets make a payload of at most @max_payload bytes (0: not known);
 * at least one if there is one. */
guint sio_poll_payload_fit (const SioEnginePacket *packets, guint n_packets, gsize max_payload);

G_END_DECLS
