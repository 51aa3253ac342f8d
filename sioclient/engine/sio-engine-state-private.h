/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-engine-private.h"

#include "base/sio-home-private.h"
#include "codec/sio-handshake-private.h"
#include "engine/sio-packet-queue-private.h"
#include "machine/sio-heartbeat-private.h"
#include "machine/sio-upgrade-private.h"

G_BEGIN_DECLS

typedef enum
{
  SIO_ENGINE_CLOSED,
  SIO_ENGINE_OPENING,
  SIO_ENGINE_OPEN,
  SIO_ENGINE_UPGRADING,
  SIO_ENGINE_CLOSING,
} SioEngineState;

struct _SioEngine
{
  GObject parent_instance;

  SioHome home;
  SioEngineState state;
  SioSettings *settings;
  SioTransportFactory *factory;
  const SioEngineSink *sink; /* NULL once forgotten */
  gpointer owner;
  gboolean published; /* see sio_engine_publish() */

  SioTransport *transport;    /* outlives the session until it has ended in order */
  SioTransport *probe;        /* while the upgrade is under way */
  SioTransport *abandoned;    /* polling, until the server is heard on the websocket */
  const char *transport_name; /* of the one in use or used last; static */
  const char *preferred;      /* was tried out of turn; static */
  guint next_transport;       /* the one to try if this one fails, while opening */

  SioHandshake handshake;
  SioHeartbeat heartbeat;
  SioUpgrade upgrade;
  SioPacketQueue incoming;
  SioPacketQueue outgoing;
  gint64 slice_time; /* see sio_engine_get_slice_time() */
  guint pongs_due;   /* pings that came and were not answered yet */

  /* The transport's end, which is told when all that came before it was dispatched (O14). */
  gboolean ended;
  SioDisconnectReason end_reason;
  GError *end_details;

  gboolean untold; /* the end, which the dispatcher tells in the next turn */
  GSource *dispatcher;
  SioTimer *timer;
  gint64 drain_deadline; /* SIO_CLOCK_NEVER unless closing */
  SioEngine *lingering;  /* itself, while it ends in order and nobody else may hold it */
};

/* What was accepted may take this long without progress before the end comes anyway (E67), in
 * ms. Longer than a transport's close timeout, as a slow link is no dead one. */
#define SIO_ENGINE_DRAIN_TIMEOUT 10000

/* engine/sio-engine-state.c: what each state needs on the way in, upgrade, end. */
void sio_engine_enter (SioEngine *self, SioEngineState next);
void sio_engine_rearm (SioEngine *self);
void sio_engine_upgrade_act (SioEngine *self, SioUpgradeAction action);
void sio_engine_handle_open (SioEngine *self, const SioEnginePacket *packet);
void sio_engine_finish (SioEngine *self, SioDisconnectReason reason, const GError *details);
void sio_engine_fail (SioEngine *self, const GError *error);
void sio_engine_transport_ended (SioEngine *self);
void sio_engine_try_transport (SioEngine *self, const char *name);
/* The server has been heard on the websocket, so polling is over for it, too. */
void sio_engine_drop_polling (SioEngine *self);
/* Goes on with a close that had to wait for packets or for the upgrade. */
void sio_engine_continue_close (SioEngine *self);
/* Of an end that was not told inside the call that brought it about. */
void sio_engine_tell_end (SioEngine *self);
/* The transport has ended in order, or never will. */
void sio_engine_leave (SioEngine *self);

/* engine/sio-engine-flow.c: packets in and out. */
/* The transport is over; that is told once all that came before was dispatched. */
void sio_engine_note_end (SioEngine *self, SioDisconnectReason reason, const GError *details);
extern const SioTransportSink sio_engine_transport_sink;
GSource *sio_engine_dispatcher_new (SioEngine *self);
void sio_engine_flush (SioEngine *self);
void sio_engine_want_packets (SioEngine *self);

/* sio-engine.c */
void sio_engine_emit_upgrade (SioEngine *self);
void sio_engine_emit_close (SioEngine *self, const char *reason, const GError *details);
void sio_engine_emit_drain (SioEngine *self);
void sio_engine_emit_packet (SioEngine *self, const SioEnginePacket *packet);
void sio_engine_emit_packet_create (SioEngine *self, const SioEnginePacket *packet);
gboolean sio_engine_hears_packet_create (SioEngine *self);
void sio_engine_notify_session (SioEngine *self);

G_END_DECLS
