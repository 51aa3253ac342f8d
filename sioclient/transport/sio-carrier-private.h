/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "codec/sio-deflate-params-private.h"
#include "codec/sio-frame-private.h"
#include "transport/sio-transport-private.h"

G_BEGIN_DECLS

/* Carries the messages of an open WebSocket. There are two: our own framing on the stream, and
 * libsoup's SoupWebsocketConnection where the stream can't be had. For this room alone. */
typedef struct _SioCarrier SioCarrier;
typedef struct _SioCarrierClass SioCarrierClass;

/* Never called inside a call of the owner, except `ended` of libsoup's. */
typedef struct
{
  /* @opcode is TEXT or BINARY; @data lies in @bytes, which are all of a binary message. */
  void (*message) (gpointer owner,
                   SioFrameOpcode opcode,
                   GBytes *bytes,
                   const char *data,
                   gsize length);
  /* All that was written is with the system. */
  void (*drained) (gpointer owner);
  /* The peer said that it closes; no message comes any more. */
  void (*closing) (gpointer owner);
  /* The connection is over: with @error, or else as the peer said, or without a word (1006). */
  void (*ended) (gpointer owner, guint code, const char *reason, const GError *error);
  /* All messages of this turn were told, and what they mean may be acted on. libsoup's framing
   * reads on while anybody would, so there this comes only where the owner would have it stop. */
  void (*turn_over) (gpointer owner);
} SioCarrierSink;

struct _SioCarrierClass
{
  void (*set_reading) (SioCarrier *self, gboolean reading);
  gboolean (*get_writable) (SioCarrier *self);
  gboolean (*get_flushed) (SioCarrier *self);
  void (*write) (SioCarrier *self, const SioEnginePacket *packets, guint n_packets);
  void (*close) (SioCarrier *self);
  guint (*get_close) (SioCarrier *self, const char **reason);
  void (*drop) (SioCarrier *self);
  void (*finalize) (SioCarrier *self);
};

struct _SioCarrier
{
  const SioCarrierClass *klass;
  grefcount ref_count;
  SioSettings *settings;
  const SioCarrierSink *sink; /* NULL once dropped */
  gpointer owner;
};

void sio_carrier_init (SioCarrier *self,
                       const SioCarrierClass *klass,
                       SioSettings *settings,
                       const SioCarrierSink *sink,
                       gpointer owner);
SioCarrier *sio_carrier_ref (SioCarrier *self);
void sio_carrier_unref (SioCarrier *self);

void sio_carrier_set_reading (SioCarrier *self, gboolean reading);
/* Nothing is left that was written before. */
gboolean sio_carrier_get_writable (SioCarrier *self);
/* The same before `drained` has told so. */
gboolean sio_carrier_get_flushed (SioCarrier *self);
/* `drained` follows. */
void sio_carrier_write (SioCarrier *self, const SioEnginePacket *packets, guint n_packets);
/* Sends a close frame without a status code (E36), behind all that was written. */
void sio_carrier_close (SioCarrier *self);
/* What the peer said when it closed, or 1006. */
guint sio_carrier_get_close (SioCarrier *self, const char **reason);
/* Ends the connection at once and tells nothing any more; gives up the reference. */
void sio_carrier_drop (SioCarrier *self);

/* The text of a packet, or its bytes, as one message. A reference only if it has to be made. */
SioFrameOpcode sio_carrier_encode (SioCarrier *self,
                                   const SioEnginePacket *packet,
                                   const char **data,
                                   gsize *length,
                                   GBytes **made);

/* Own framing. Takes the connection, whose handshake is done, from libsoup; NULL, and nothing has
 * happened, if it can't be taken. @deflate is what was agreed on, NULL for no compression. */
SioCarrier *sio_stream_carrier_new (SoupWebsocketConnection *connection,
                                    const SioDeflateParams *deflate,
                                    SioSettings *settings,
                                    const SioCarrierSink *sink,
                                    gpointer owner);
gboolean sio_carrier_is_own (SioCarrier *self);
/* libsoup's framing. */
SioCarrier *sio_soup_carrier_new (SoupWebsocketConnection *connection,
                                  SioSettings *settings,
                                  const SioCarrierSink *sink,
                                  gpointer owner);

/* Unpredictable, as masks must be. */
guint32 sio_carrier_random (void);

G_END_DECLS
