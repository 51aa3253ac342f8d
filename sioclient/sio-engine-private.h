/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-engine.h"

#include "transport/sio-transport-private.h"

G_BEGIN_DECLS

/* One Engine.IO session: used once, a reconnection makes a new one (E1). */

typedef struct
{
  /* The handshake is done; packets may be written. */
  void (*opened) (gpointer owner, SioEngine *engine);
  /* A ping came; its pong is queued already (O16). */
  void (*ping) (gpointer owner, SioEngine *engine);
  /* An engine message, in the order of the wire. */
  void (*message) (gpointer owner, SioEngine *engine, const SioEnginePacket *packet);
  /* Whether the last try at a websocket worked (E80). */
  void (*websocket_tried) (gpointer owner, SioEngine *engine, gboolean works);
  /* Right before closed, if it failed (E70). */
  void (*failed) (gpointer owner, SioEngine *engine, const GError *error);
  /* The end, once. IO_CLIENT_DISCONNECT stands for “forced close”. */
  void (*closed) (gpointer owner,
                  SioEngine *engine,
                  SioDisconnectReason reason,
                  const GError *details);
} SioEngineSink;

SioEngine *sio_engine_new (SioSettings *settings,
                           SioTransportFactory *factory,
                           const SioEngineSink *sink,
                           gpointer owner);
/* Starts with the first transport of the settings, or with websocket if that is among them and
 * @prefer_websocket says so. */
void sio_engine_open (SioEngine *self, gboolean prefer_websocket);
/* Whoever made it hears nothing more. A session that is being closed goes on by itself. */
void sio_engine_forget (SioEngine *self);
/* Somebody outside has it from now on, and may listen to its packets. That is asked for each
 * packet, and costs as much as all else that an engine does for it. */
SioEngine *sio_engine_publish (SioEngine *self);
/* What was written before goes out before the connection ends (E64). Nobody hears of it inside this
 * call. */
void sio_engine_close (SioEngine *self);

/* Its way to the server is gone: it ends at once, as if the server had closed it (E82). */
void sio_engine_lose (SioEngine *self, const GError *details);

/* Takes what @packets hold; nothing comes between them on the wire (O3). FALSE, and dropped, once
 * the end has begun (E57). */
gboolean sio_engine_write (SioEngine *self, SioEnginePacket *packets, guint n_packets);
/* The same for the last words of somebody who is being disposed of: nothing is emitted. */
gboolean sio_engine_write_quietly (SioEngine *self, SioEnginePacket *packets, guint n_packets);
/* Whether a packet would go out at once: what volatile asks (S38). */
gboolean sio_engine_get_writable (SioEngine *self);
/* Whether the peer's last ping is too long ago although no timer has told so yet; the session then
 * closes in the next turn (E45). */
gboolean sio_engine_check_expired (SioEngine *self);
/* When the clock was last looked at before the packet that is being told of: not for each. */
gint64 sio_engine_get_slice_time (SioEngine *self);
/* Whether what is written may still go out. */
gboolean sio_engine_get_open (SioEngine *self);
/* What was written and has not left yet. */
void sio_engine_get_buffered (SioEngine *self, gsize *n_bytes, guint *n_packets);

G_END_DECLS
