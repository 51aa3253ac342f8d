/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "codec/sio-packet-private.h"

G_BEGIN_DECLS

/* Puts packets together from engine messages: text, then its attachments (P19–P24).
 *
 * text ──header with attachments──▶ collecting ──last attachment──▶ text
 *
 * Any error leaves it reset; the owner closes the connection (P50). */
typedef enum
{
  SIO_DECODER_TEXT,
  SIO_DECODER_COLLECTING,
} SioDecoderState;

typedef enum
{
  SIO_DECODER_MORE,   /* nothing to deliver yet */
  SIO_DECODER_PACKET, /* *packet was filled in */
  SIO_DECODER_ERROR,  /* *error was set */
} SioDecoderResult;

typedef struct
{
  SioDecoderState state;
  const SioLimits *limits; /* the owner's, which outlives this */
  GRefString *last_nsp;    /* nullable */
  SioPacket packet;        /* valid while collecting: its attachments are missing */
  GPtrArray *attachments;  /* valid while collecting */
  guint expected;
  gsize n_bytes;
  gint64 deadline; /* SIO_CLOCK_NEVER unless collecting */
} SioDecoder;

void sio_decoder_init (SioDecoder *self, const SioLimits *limits);
void sio_decoder_clear (SioDecoder *self);
void sio_decoder_reset (SioDecoder *self);

SioDecoderResult sio_decoder_feed_text (SioDecoder *self,
                                        const char *text,
                                        gsize length,
                                        gint64 now,
                                        SioPacket *packet,
                                        GError **error);
/* @bytes is referenced. */
SioDecoderResult sio_decoder_feed_binary (SioDecoder *self,
                                          GBytes *bytes,
                                          gint64 now,
                                          SioPacket *packet,
                                          GError **error);

gint64 sio_decoder_get_deadline (const SioDecoder *self);
/* FALSE, with an error, and reset, if the attachments of a packet did not come in time. */
gboolean sio_decoder_check (SioDecoder *self, gint64 now, GError **error);

G_END_DECLS
