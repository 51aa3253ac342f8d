/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Numbered as on the wire (E14). */
typedef enum
{
  SIO_ENGINE_PACKET_OPEN,
  SIO_ENGINE_PACKET_CLOSE,
  SIO_ENGINE_PACKET_PING,
  SIO_ENGINE_PACKET_PONG,
  SIO_ENGINE_PACKET_MESSAGE,
  SIO_ENGINE_PACKET_UPGRADE,
  SIO_ENGINE_PACKET_NOOP,
} SioEnginePacketType;

/* One engine packet, in either direction. The payload lies inside @bytes; the type
 * digit of a text packet stands right before it, so that the wire form is there
 * without a copy: data - 1, length + 1. A binary one is a message and has no digit. */
typedef struct
{
  SioEnginePacketType type;
  guint binary : 1;
  guint plain : 1; /* outgoing: never compressed */
  const char *data;
  gsize length;
  GBytes *bytes;
} SioEnginePacket;

#define SIO_ENGINE_PACKET_INIT                                                                     \
  {                                                                                                \
    SIO_ENGINE_PACKET_NOOP, FALSE, FALSE, NULL, 0, NULL                                            \
  }

/* @payload may be NULL for none. */
void sio_engine_packet_init (SioEnginePacket *self, SioEnginePacketType type, const char *payload);
/* @wire is the whole text packet, type digit included, written by us; taken. */
void sio_engine_packet_init_wire (SioEnginePacket *self, GBytes *wire);
/* A binary message; taken. */
void sio_engine_packet_init_binary (SioEnginePacket *self, GBytes *bytes);
/* Reads a text packet that lies at @data inside @bytes, which is referenced: base64 after `b`
 * becomes a binary message (E16), strictly decoded. SIO_ERROR_PROTOCOL, “parser error: …”. UTF-8 is
 * not looked at here: JSON is checked where it is read. */
gboolean sio_engine_packet_init_parse (SioEnginePacket *self,
                                       GBytes *bytes,
                                       const char *data,
                                       gsize length,
                                       GError **error);
void sio_engine_packet_init_copy (SioEnginePacket *self, const SioEnginePacket *other);
void sio_engine_packet_clear (SioEnginePacket *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SioEnginePacket, sio_engine_packet_clear)

/* The wire form of a text packet inside its bytes. */
const char *sio_engine_packet_get_wire (const SioEnginePacket *self, gsize *length);
/* `open`, `close`, …: what the packet signals of an engine call it. */
const char *sio_engine_packet_type_to_string (SioEnginePacketType type);

G_END_DECLS
