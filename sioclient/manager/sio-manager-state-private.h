/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-manager-private.h"

#include "base/sio-home-private.h"
#include "machine/sio-backoff-private.h"
#include "machine/sio-decoder-private.h"
#include "machine/sio-reach-private.h"
#include "manager/sio-network-private.h"
#include "sio-engine-private.h"

G_BEGIN_DECLS

typedef enum
{
  SIO_MANAGER_IDLE,
  SIO_MANAGER_CONNECTING,
  SIO_MANAGER_CONNECTED,
  SIO_MANAGER_WAITING, /* for the next attempt to reconnect */
} SioManagerState;

typedef enum
{
  SIO_MANAGER_TELL_NOW,
  SIO_MANAGER_TELL_LATER, /* a socket is being disposed of, and nothing is emitted from there */
} SioManagerTelling;

struct _SioMember
{
  grefcount ref_count;
  char *nsp;
  const SioMemberSink *sink; /* NULL once it has parted */
  gpointer owner;
  guint64 turn; /* when it became active, in order; 0: it is not */
};

/* Of something that did not arrive. */
typedef struct _SioReport SioReport;

struct _SioManager
{
  GObject parent_instance;

  char *url;
  SioUrl parsed;
  GError *url_error; /* why it cannot be connected to */
  SioOptions *options;
  SioSettings *settings; /* of the last attempt; nullable */
  SioLimits limits;

  GThread *thread;
  GMainContext *context;
  SioHome home;
  SioClock *clock;
  SioTransportFactory *factory; /* made when first needed */
  SioRandomFunc random;
  gpointer random_data;

  SioNetworkFunc make_network; /* NULL: the network is not watched */
  gpointer network_data;
  SioNetwork *network; /* nullable */
  SioReach reach;

  gboolean reconnection;
  int reconnection_attempts;
  guint timeout;
  SioBackoff backoff; /* attempts > 0: a loop is under way */

  SioManagerState state;
  SioEngine *engine;
  guint64 session; /* counts engines */
  SioDecoder decoder;
  gboolean websocket_works; /* the last one to this server did (E80) */
  gboolean once; /* the attempt was asked for with a callback, which decides what next (M14) */
  guint telling; /* calls that tell of a failed attempt; no new one starts inside */

  SioTimer *timer;
  gint64 deadline;         /* of the attempt, or of the waiting */
  gint64 told_attempt;     /* when the next attempt is, as it was notified last */
  GQueue reports;          /* of SioReport, for the next turn */
  gboolean closed_quietly; /* likewise, that it was closed */

  GHashTable *members;    /* nsp → SioMember */
  SioMember *last_member; /* of them; whose packet came last, as the next is likely to be, too */
  GHashTable
      *awaited; /* nullable; set of nsp: parted before CONNECT was answered in this connection */
  guint64 last_turn;
  guint n_active;
  GPtrArray *openers; /* of GTask; nullable */
};

/* sio-manager.c: what is told. */
void sio_manager_emit_opened (SioManager *self);
void sio_manager_emit_closed (SioManager *self, SioDisconnectReason reason, const GError *details);
void sio_manager_emit_error (SioManager *self, const GError *error);
void sio_manager_emit_ping (SioManager *self);
void sio_manager_emit_reconnect (SioManager *self, guint attempt);
void sio_manager_emit_reconnect_attempt (SioManager *self, guint attempt);
void sio_manager_emit_reconnect_error (SioManager *self, const GError *error);
void sio_manager_emit_reconnect_failed (SioManager *self);
void sio_manager_notify_engine (SioManager *self);
/* If it has changed. Before telling of what made it change. */
void sio_manager_notify_next_attempt (SioManager *self);

/* manager/sio-manager-connection.c */
void sio_manager_start (SioManager *self, gboolean once);
/* Ends the waiting of the loop, which begins anew. FALSE: nothing waits. */
gboolean sio_manager_hurry (SioManager *self);
/* The instant, or SIO_CLOCK_NEVER when no attempt is waited for. */
gint64 sio_manager_get_next_attempt (SioManager *self);
/* On purpose: no reconnection (M47). */
void sio_manager_shut (SioManager *self, SioManagerTelling telling);
void sio_manager_on_timer (gpointer owner);
void sio_manager_rearm (SioManager *self);
/* Reconnecting was turned off (M7). */
void sio_manager_stop_loop (SioManager *self);
void sio_manager_drop_engine (SioManager *self);
/* The network went: what stands or is being made ends, the loop goes on more slowly. */
void sio_manager_lose (SioManager *self, const GError *details);

/* manager/sio-manager-reports.c */
void sio_manager_tell_reports (SioManager *self);
void sio_report_free (SioReport *report);

/* manager/sio-manager-packets.c */
void sio_manager_on_message (gpointer owner, SioEngine *engine, const SioEnginePacket *message);
/* DISCONNECT, from a dispose or in place of somebody who has gone. */
void sio_manager_say_goodbye (SioManager *self, const char *nsp);

/* manager/sio-manager-network.c */
/* From now on, or soon: after @delay ms. */
void sio_manager_watch_network (SioManager *self, guint delay);
void sio_manager_leave_network (SioManager *self);
void sio_manager_check_network (SioManager *self, gint64 now);

/* manager/sio-manager-members.c */
/* Active ones, in the order in which they became so; references. */
GPtrArray *sio_manager_list_active (SioManager *self);
void sio_member_unref (SioMember *member);
SioMember *sio_manager_find_member (SioManager *self, const char *nsp);
/* @openers is nullable. */
void sio_manager_settle_openers (GPtrArray *openers, const GError *error);

G_END_DECLS
