/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a peer, or a program that runs away, can make us hold. Nothing here is
 * ever "unlimited": the library may run inside the desktop shell. */
typedef struct
{
  gsize max_payload;      /* bytes of one WebSocket message, or of one decoded poll body */
  guint json_depth;       /* brackets open at once */
  guint json_nodes;       /* values and member names in one JSON text */
  guint attachments;      /* binary parts of one packet, either way */
  gsize attachment_bytes; /* bytes of all of them */
  gsize inbound_bytes;    /* received, not yet dispatched */
  guint inbound_packets;
  gsize outbound_bytes; /* emitted, not yet written */
  guint outbound_packets;
  guint pending_acks;
  guint log_text; /* bytes of a peer's words that are quoted */

  guint slice;          /* ms of dispatch in one turn of the main loop */
  guint probe_timeout;  /* ms for the upgrade to WebSocket */
  guint close_timeout;  /* ms for a transport to end in order */
  guint attachment_set; /* ms for all binary parts of one packet to come */
} SioLimits;

#define SIO_LIMITS_MIB ((gsize) 1024 * 1024)

/* clang-format off */
#define SIO_LIMITS_INIT                        \
  {                                            \
    .max_payload = 16 * SIO_LIMITS_MIB,        \
    .json_depth = 512,                         \
    .json_nodes = 500000,                      \
    .attachments = 10,                         \
    .attachment_bytes = 64 * SIO_LIMITS_MIB,   \
    .inbound_bytes = 64 * SIO_LIMITS_MIB,      \
    .inbound_packets = 100000,                 \
    .outbound_bytes = 64 * SIO_LIMITS_MIB,     \
    .outbound_packets = 100000,                \
    .pending_acks = 10000,                     \
    .log_text = 256,                           \
    .slice = 4,                                \
    .probe_timeout = 10000,                    \
    .close_timeout = 2000,                     \
    .attachment_set = 20000,                   \
  }
/* clang-format on */

G_END_DECLS
