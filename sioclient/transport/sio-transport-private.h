/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-types.h"

#include "base/sio-settings-private.h"
#include "codec/sio-engine-packet-private.h"

G_BEGIN_DECLS

/* What carries engine packets: polling or websocket, and in plays a script.
 *
 * A transport knows bytes and packets; it knows neither the heartbeat, nor the
 * upgrade, nor namespaces. Its owner (the engine, and only that) calls it from one
 * main context and hears of it through a sink, never inside its own call. */
typedef struct _SioTransport SioTransport;
typedef struct _SioTransportClass SioTransportClass;

typedef struct
{
  /* Packets may be written. Websocket: the handshake succeeded. Polling: right before the first
   * payload is handed over. Once. */
  void (*opened) (gpointer owner, SioTransport *transport);
  /* One came in, which is no close packet: that one is an end. Takes it. libsoup's websocket hands
   * over many in a row without end, so this only queues (hazards A1). */
  void (*packet) (gpointer owner, SioTransport *transport, SioEnginePacket *packet);
  /* All that was given to write has left for the system; the next may come. */
  void (*drained) (gpointer owner, SioTransport *transport);
  /* Polling only: nothing is in flight any more (after sio_transport_pause()). */
  void (*paused) (gpointer owner, SioTransport *transport);
  /* The end, once, nothing comes after it. @reason is TRANSPORT_CLOSE or TRANSPORT_ERROR, or, if it
   * never opened, PARSE_ERROR for a server that speaks another revision; @details say more. After
   * sio_transport_close() this comes too, within the close timeout of the settings. Polling may
   * still be telling the peer then; it needs nobody for that. */
  void (*closed) (gpointer owner,
                  SioTransport *transport,
                  SioDisconnectReason reason,
                  const GError *details);
  /* What was read in this turn of the main loop has been handed over, and what it means may be
   * acted on inside this call, which saves a turn. A transport that cannot bear that does not call
   * it. Nullable. */
  void (*turn_over) (gpointer owner, SioTransport *transport);
} SioTransportSink;

struct _SioTransportClass
{
  const char *name; /* “polling”, “websocket” */
  void (*open) (SioTransport *self);
  void (*set_sid) (SioTransport *self, const char *sid);
  void (*set_reading) (SioTransport *self, gboolean reading);
  gboolean (*get_writable) (SioTransport *self);
  gboolean (*get_flushed) (SioTransport *self);  /* NULL: as writable */
  guint (*get_max_packets) (SioTransport *self); /* NULL: any number */
  void (*write) (SioTransport *self, const SioEnginePacket *packets, guint n_packets);
  void (*pause) (SioTransport *self);
  void (*resume) (SioTransport *self);
  void (*close) (SioTransport *self);
  void (*leave) (SioTransport *self); /* NULL: abort says enough */
  void (*abort) (SioTransport *self);
  void (*finalize) (SioTransport *self);
};

/* The head of every transport. The sink is called through the functions below, which know whether
 * the owner still listens. */
struct _SioTransport
{
  const SioTransportClass *klass;
  grefcount ref_count;
  SioSettings *settings;
  const SioTransportSink *sink; /* NULL once nobody listens */
  gpointer owner;
};

SioTransport *sio_transport_ref (SioTransport *self);
void sio_transport_unref (SioTransport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioTransport, sio_transport_unref)

const char *sio_transport_get_name (SioTransport *self);
/* Starts to connect. Everything that follows is told to the sink, later. */
void sio_transport_open (SioTransport *self);
/* Polling: the session's id, for all further requests. If polling has ended meanwhile, the peer is
 * told of that now. */
void sio_transport_set_sid (SioTransport *self, const char *sid);
/* Whether the owner wants packets. Polling begins without (its first GET is the handshake) and
 * sends the next GET only while it is wanted; a websocket that can stop reading does. Packets may
 * still come after it was turned off. */
void sio_transport_set_reading (SioTransport *self, gboolean reading);
gboolean sio_transport_get_writable (SioTransport *self);
/* All that was given to write is with the system, though `drained` may not have told so yet. */
gboolean sio_transport_get_flushed (SioTransport *self);
/* How many packets one write may have. */
guint sio_transport_get_max_packets (SioTransport *self);
/* Only while writable. Packets are copied. `drained` follows, once for each write. */
void sio_transport_write (SioTransport *self, const SioEnginePacket *packets, guint n_packets);
/* Polling: no further GET; `paused` when the requests in flight have ended. */
void sio_transport_pause (SioTransport *self);
void sio_transport_resume (SioTransport *self);
/* Ends in order: what was written goes out, the peer is told. `closed` follows; until then the
 * transport keeps itself alive. Nothing else is told any more. */
void sio_transport_close (SioTransport *self);
/* Ends now, without a word to the sink, and what was written may be lost; but the peer is told that
 * the session is over, if there is one that it did not end itself. Nobody has to wait for that or
 * to hold the transport, and its failure is silent. Of one that has ended by itself, this keeps
 * what sio_transport_abort() would cut off: that it tells the peer. Safe in any state, also inside
 * a call of the sink. */
void sio_transport_leave (SioTransport *self);
/* Ends now, without a word to the peer or the sink: cancels all, frees connections. Safe in any
 * state, also inside a call of the sink. A transport that was closed by its peer has told so, and
 * only takes the time that the peer needs to hear of that. */
void sio_transport_abort (SioTransport *self);

/* For implementations. Each returns FALSE if nobody listens any more (an owner may let go inside
 * any of these calls), after which the implementation touches nothing but itself. */
void sio_transport_init (SioTransport *self,
                         const SioTransportClass *klass,
                         SioSettings *settings,
                         const SioTransportSink *sink,
                         gpointer owner);
gboolean sio_transport_tell_opened (SioTransport *self);
gboolean sio_transport_tell_packet (SioTransport *self, SioEnginePacket *packet);
gboolean sio_transport_tell_drained (SioTransport *self);
gboolean sio_transport_tell_turn_over (SioTransport *self);
gboolean sio_transport_tell_paused (SioTransport *self);
/* Drops the sink afterwards. */
void
sio_transport_tell_closed (SioTransport *self, SioDisconnectReason reason, const GError *details);

/* Makes transports; one for each manager, so that all attempts share cookies and connections. */
typedef struct _SioTransportFactory SioTransportFactory;
struct _SioTransportFactory
{
  grefcount ref_count;
  /* Both names are known here. @sid is the session's for an upgrade, else NULL. */
  SioTransport *(*create) (SioTransportFactory *self,
                           const char *name,
                           SioSettings *settings,
                           const char *sid,
                           const SioTransportSink *sink,
                           gpointer owner);
  void (*finalize) (SioTransportFactory *self);
};

SioTransportFactory *sio_transport_factory_ref (SioTransportFactory *self);
void sio_transport_factory_unref (SioTransportFactory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioTransportFactory, sio_transport_factory_unref)

/* Polling and websocket through libsoup, with a session of its own that is made when first
 * needed. */
SioTransportFactory *sio_soup_factory_new (void);

G_END_DECLS
