/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "codec/sio-engine-packet-private.h"
#include "sio-value.h"

G_BEGIN_DECLS

/* clang-format off */

/* The language of plays: what a line says, and what came, in the same form. */

/* ' becomes ", and (x*30) thirty x, so that lines can be read. */
char *sio_play_text_new (const char *line);
/* Packets of a payload are divided by " + ". */
char *sio_play_payload_to_text (GBytes *payload);
GBytes *sio_play_payload_from_text (const char *text);
/* Binary data is <hex>. */
char *sio_play_packet_to_text (const SioEnginePacket *packet);
GBytes *sio_play_bytes_from_hex (const char *text);
/* JSON in which <hex> stands for binary data. */
SioValue *sio_play_value_from_text (const char *text);
char *sio_play_value_to_text (SioValue *value);
/* The name of its code and its words. */
char *sio_play_error_to_text (const GError *error);

/* clang-format on */

G_END_DECLS
