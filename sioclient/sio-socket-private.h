/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-socket.h"

#include "base/sio-home-private.h"
#include "sio-event-private.h"
#include "sio-manager-private.h"
#include "socket/sio-ack-table-private.h"
#include "socket/sio-any-list-private.h"
#include "socket/sio-auth-request-private.h"

G_BEGIN_DECLS

typedef enum
{
  SIO_SOCKET_IDLE,
  SIO_SOCKET_WAITING, /* for a connection */
  SIO_SOCKET_JOINING, /* for the server's answer to CONNECT, or for what to present to it */
  SIO_SOCKET_RESTING, /* before it asks again what to present; the connection stands meanwhile */
  SIO_SOCKET_CONNECTED,
} SioSocketState;

/* What was set for the next emission, and is forgotten with it (S36). */
typedef struct
{
  gboolean is_volatile;
  SioSending sending;
  gboolean has_timeout;
  guint timeout;
} SioFlags;

/* An event that waits for the connection. */
typedef struct
{
  char *name;
  SioValue *args;
  SioSending sending;
  guint64 id; /* of its ack, or SIO_PACKET_NO_ID */
} SioBuffered;

/* An event that is sent until it was acknowledged (S43). */
typedef struct
{
  char *name;
  SioValue *args;
  SioAck *ack; /* of the caller; nullable */
  SioFlags flags;
  int tries;
  gboolean in_flight;
  gboolean sent;      /* one of the tries was */
  gboolean withdrawn; /* nobody wants to know any more */
  guint64 try_id;     /* of the ack that the try in flight waits for */
} SioRetried;

/* Somebody above who hears what is told: before the handlers of signals do, so that what happens
 * inside them comes after, and once more when they have been called. */
typedef struct
{
  void (*event) (gpointer owner, SioEvent *event);
  void (*outgoing) (gpointer owner, SioEvent *event);
  gboolean (*hears_outgoing) (gpointer owner);
  void (*connect) (gpointer owner);
  void (*connect_error) (gpointer owner, const GError *error, SioValue *data);
  void (*disconnect) (gpointer owner, SioDisconnectReason reason, const GError *details);
  void (*told) (gpointer owner);
  void (*gone) (gpointer owner); /* the last call */
} SioSocketSink;

struct _SioSocket
{
  GObject parent_instance;

  SioHome home;
  SioManager *io;
  SioMember *member;
  char *nsp;
  GError *nsp_error; /* why nobody can connect to it */

  SioSocketState state;
  guint64 session;    /* of the manager, in which CONNECT was sent or is to be */
  guint64 unanswered; /* the session whose CONNECT the server still has to answer; 0: none */
  char *id;
  char *pid;    /* as JSON text, so that it goes back as it came */
  char *offset; /* likewise */
  gboolean recovered;

  SioValue *auth;
  SioAuthProvider *auth_provider;
  SioAuthRequest *auth_request; /* while its answer is awaited */
  gboolean join_due;            /* in the next turn */
  gboolean loose;               /* io is not held, but keeps being there */
  gboolean orphaned;            /* likewise it leaves, as its manager was disposed of */
  GError *refusal;              /* why it cannot join, to be told then; nullable */
  GError *failure;              /* likewise, why it cannot join now */
  guint failures;               /* in a row, of the function that says what to present */

  int retries;
  guint ack_timeout;
  guint join_timeout;
  gint64 join_deadline; /* of the joining, or of the rest; else SIO_CLOCK_NEVER */
  SioFlags next;
  guint64 next_ack_id;
  SioAckTable acks;
  GQueue sent_later;   /* SioBuffered, not connected yet */
  gsize waiting_bytes; /* of what is sent later or again */
  GQueue retried;      /* SioRetried */
  GQueue came_early;   /* SioPacket, before CONNECT was answered (S17) */
  gsize came_early_bytes;

  SioAnswerer *answerer;
  SioTimer *timer;
  GPtrArray *listeners;  /* of sio_socket_on(), in order; owned by their closures */
  GQuark last_detail;    /* of the last event, 0 if nobody knows its name */
  const char *last_name; /* static */
  SioAnyList any;
  SioAnyList any_outgoing;
  gulong last_any_id;
  const SioSocketSink *sink; /* nullable */
  gpointer sink_owner;
};

SioSocket *sio_socket_new (SioManager *manager, const char *nsp, const SioSocketSettings *settings);
/* FALSE, after a critical, for one that was made by g_object_new() alone. */
gboolean sio_socket_check_made (SioSocket *self);
void sio_socket_hold_io (SioSocket *self);

/* sio-socket.c: what is told. */
void sio_socket_notify_state (SioSocket *self, SioSocketState last);
void sio_socket_notify_recovered (SioSocket *self);
void sio_socket_emit_connect (SioSocket *self);
void sio_socket_emit_connect_error (SioSocket *self, const GError *error, SioValue *data);
void
sio_socket_emit_disconnect (SioSocket *self, SioDisconnectReason reason, const GError *details);
void sio_socket_emit_event (SioSocket *self, SioEvent *event);
void sio_socket_emit_outgoing_event (SioSocket *self, SioEvent *event);
gboolean sio_socket_hears (SioSocket *self, const char *event);
gboolean sio_socket_hears_outgoing (SioSocket *self, const char *event);
guint sio_socket_get_event_signal (void);

/* sio-socket-connect.c */
extern const SioMemberSink sio_socket_member_sink;
void sio_socket_on_timer (gpointer owner);
void sio_socket_rearm (SioSocket *self);
/* Whether it is connected, and by the connection that its manager has now: while it hears of
 * the end of one, a handler of somebody else may have waited for the next. */
gboolean sio_socket_is_inside (SioSocket *self);
/* In the next turn, that it cannot join, for good or for now: what goes wrong on the way in may do
 * so inside a call of the program, which could not even have connected to the signal yet. Both take
 * @error. */
void sio_socket_refuse_later (SioSocket *self, GError *error);
void sio_socket_put_off_later (SioSocket *self, GError *error);
/* Nobody is told: for dispose. */
SioMemberStanding sio_socket_leave_quietly (SioSocket *self);

/* sio-socket-receive.c */
/* Whether it is connected, in this session of the manager. */
gboolean sio_socket_is_session (SioSocket *self, guint64 session);
void sio_socket_handle_event (SioSocket *self, SioPacket *packet);
/* What comes before CONNECT was answered (S17). */
void sio_socket_keep_early (SioSocket *self, SioPacket *packet);
void sio_socket_deliver_early (SioSocket *self);
void sio_socket_drop_early (SioSocket *self);

/* sio-socket-auth.c */
/* Sends CONNECT, at once or when it is known what goes with it. */
void sio_socket_present (SioSocket *self);
/* Nobody waits for the answer any more. */
void sio_socket_drop_auth_request (SioSocket *self);

/* sio-socket-emit.c */
typedef enum
{
  SIO_TRANSMISSION_SENT,
  SIO_TRANSMISSION_NOT_CONNECTED, /* or not any more, after those who listen were told */
  SIO_TRANSMISSION_REFUSED,
} SioTransmission;
gboolean sio_socket_is_ready (SioSocket *self);
SioTransmission sio_socket_transmit (SioSocket *self,
                                     const char *name,
                                     SioValue *args,
                                     SioSending sending,
                                     guint64 id,
                                     GError **reason);
/* Gives @ack, which is taken, its number and its time. */
guint64 sio_socket_expect_answer (SioSocket *self,
                                  SioAck *ack,
                                  const SioFlags *flags,
                                  guint default_timeout);
/* All ways to emit come together here. Takes @args and @ack. */
void sio_socket_emit_with (SioSocket *self, const char *name, SioValue *args, SioAck *ack);
/* Its event waits no longer for the connection. */
void sio_socket_drop_buffered (SioSocket *self, guint64 id);
/* What was not sent yet is not sent any more; else only the answer is given up. Frees @ack; FALSE
 * if it is being settled already. */
gboolean sio_socket_withdraw (SioSocket *self, SioAck *ack);
void sio_socket_flush (SioSocket *self);
void sio_socket_clear_emissions (SioSocket *self);
/* What @value makes us keep, in bytes. */
gsize sio_socket_weigh (SioValue *value);

/* sio-socket-retries.c */
/* Takes @ack. */
void sio_socket_send_with_retries (SioSocket *self,
                                   const char *name,
                                   SioValue *args,
                                   const SioFlags *flags,
                                   SioAck *ack);
void sio_socket_continue_retries (SioSocket *self, gboolean again);
gboolean sio_socket_withdraw_retried (SioSocket *self, SioAck *ack);
/* It was taken out of the queue; it may have arrived all the same, if it was sent. Frees
 * @retried. */
void sio_socket_give_up_retried (SioSocket *self, SioRetried *retried, const GError *error);

/* sio-socket-ack.c */
void
sio_socket_answer (gpointer owner, guint64 session, guint64 id, const char *name, SioValue *args);
/* @acks were taken out of the table. */
void sio_socket_settle (SioSocket *self, GPtrArray *acks, const GError *error);
void sio_socket_settle_due (SioSocket *self);
void sio_socket_handle_ack (SioSocket *self, SioPacket *packet);

/* sio-socket-listen.c */
void sio_socket_clear_listeners (SioSocket *self);

G_END_DECLS
