/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-value-private.h"

G_BEGIN_DECLS

/* Numbered as on the wire (P1). */
typedef enum
{
  SIO_PACKET_CONNECT,
  SIO_PACKET_DISCONNECT,
  SIO_PACKET_EVENT,
  SIO_PACKET_ACK,
  SIO_PACKET_CONNECT_ERROR,
  SIO_PACKET_BINARY_EVENT,
  SIO_PACKET_BINARY_ACK,
} SioPacketType;

#define SIO_PACKET_ID_MAX G_GUINT64_CONSTANT (9007199254740991)
#define SIO_PACKET_NO_ID  G_MAXUINT64

/* What stands before the JSON of a packet; points into the text. */
typedef struct
{
  SioPacketType type;
  guint n_attachments; /* at least 1 for the binary types, else 0 */
  const char *nsp;
  gsize nsp_length;
  guint64 id; /* or SIO_PACKET_NO_ID */
  const char *json;
  gsize json_length; /* 0: there is none */
} SioPacketHead;

/* A packet, whole: attachments are in their places, so types 5 and 6 do not occur (P20). */
typedef struct
{
  SioPacketType type;
  GRefString *nsp;
  guint64 id;
  SioValue *payload; /* nullable */
} SioPacket;

#define SIO_PACKET_INIT                                                                            \
  {                                                                                                \
    SIO_PACKET_CONNECT, NULL, SIO_PACKET_NO_ID, NULL                                               \
  }

void sio_packet_clear (SioPacket *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SioPacket, sio_packet_clear)

/* Reads the text of an engine message (its `4` taken off). Errors are SIO_ERROR_PROTOCOL with the
 * words of table P28: “unknown packet type”, “illegal attachments”, “too many attachments”,
 * “invalid payload”, and where it helps a part that says more, after a colon. */
gboolean sio_packet_head_parse (SioPacketHead *head,
                                const char *text,
                                gsize length,
                                const SioLimits *limits,
                                GError **error);
/* The JSON that follows a head, checked against the rules for its type (P25, P26, P29); @tape is
 * scratch. *payload is NULL for a packet that has none. Placeholders are not looked at. */
gboolean sio_packet_read_payload (const SioPacketHead *head,
                                  SioJsonTape *tape,
                                  const SioLimits *limits,
                                  SioValue **payload,
                                  GError **error);

/* Text of an engine message, its `4` included. @name (nullable) is the event's, which stands before
 * the elements of @payload (nullable for CONNECT and DISCONNECT). Binary in @payload makes it type
 * 5 or 6 and is appended to @attachments (elements GBytes), which may be NULL for CONNECT. */
GBytes *sio_packet_encode (SioPacketType type,
                           const char *nsp,
                           guint64 id,
                           const char *name,
                           SioValue *payload,
                           GPtrArray *attachments);

/* `connect`, `disconnect`, … which no event may be called (P26). */
gboolean sio_packet_name_is_reserved (const char *name, gsize length);

G_END_DECLS
