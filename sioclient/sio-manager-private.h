/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-manager.h"
#include "sio-options-private.h"

#include "codec/sio-packet-private.h"
#include "manager/sio-network-private.h"
#include "transport/sio-transport-private.h"

G_BEGIN_DECLS

/* What the floor above is to a manager: a namespace that wants to be connected. The manager
 * never holds whoever is behind it. */
typedef enum
{
  SIO_SEND_USUALLY,
  SIO_SEND_PLAIN, /* never compressed */
} SioSending;

typedef struct _SioMember SioMember;

typedef struct
{
  /* The connection stands; CONNECT may be sent. */
  void (*opened) (gpointer owner);
  /* A packet for the namespace. What @packet holds may be taken out of it. */
  void (*packet) (gpointer owner, SioPacket *packet);
  /* An attempt failed, or the connection did (S15). */
  void (*failed) (gpointer owner, const GError *error);
  /* An attempt failed, and so would every other one. */
  void (*refused) (gpointer owner, const GError *error);
  /* The connection is gone. */
  void (*closed) (gpointer owner, SioDisconnectReason reason, const GError *details);
  /* The manager was disposed of; nothing may be emitted from there. */
  void (*gone) (gpointer owner);
  /* Likewise, said to those as well that were not active; who does not hold it may do so now. */
  void (*disposed) (gpointer owner);
} SioMemberSink;

/* One for each namespace, which must not be there yet. */
SioMember *
sio_manager_join (SioManager *self, const char *nsp, const SioMemberSink *sink, gpointer owner);
/* How far somebody has come with the server. */
typedef enum
{
  SIO_MEMBER_OUTSIDE,
  SIO_MEMBER_AWAITED, /* CONNECT is not answered yet */
  SIO_MEMBER_INSIDE,
} SioMemberStanding;
/* Takes @member, which hears nothing more. The last active one takes the connection with it; else
 * the server is told, as soon as it may be (S58). Nothing is emitted. */
void sio_manager_part (SioManager *self, SioMember *member, SioMemberStanding standing);
/* Whether the server still has to answer a CONNECT to @nsp of somebody who has parted; the answer
 * is the caller's then. */
gboolean sio_manager_inherit (SioManager *self, const char *nsp);
/* Who has the namespace, or NULL. */
gpointer sio_manager_find (SioManager *self, const char *nsp);

/* Takes part in connections from now on, and asks for one (S5). */
void sio_manager_activate (SioManager *self, SioMember *member);
/* No longer; the manager closes if it was the last (M19). */
void sio_manager_deactivate (SioManager *self, SioMember *member);
gboolean sio_member_get_active (SioMember *member);
/* Whether any takes part. */
gboolean sio_manager_has_active (SioManager *self);

/* ms to wait before something of a member's own is tried again after so many failures, as if it
 * were an attempt to reconnect. */
guint sio_manager_get_delay (SioManager *self, guint n_failures);

gboolean sio_manager_get_connected (SioManager *self);
/* A number that is another one for each connection, never 0. */
guint64 sio_manager_get_session (SioManager *self);
/* Whether a packet would leave at once. */
gboolean sio_manager_get_writable (SioManager *self);
/* The connection is known to be dead although nobody was told yet (E45). */
gboolean sio_manager_check_expired (SioManager *self);
/* Writes one packet; @name stands before the elements of @payload. FALSE with a reason if a limit
 * is passed, or, DISCONNECTED, if there is no connection. */
gboolean sio_manager_write (SioManager *self,
                            SioPacketType type,
                            SioSending sending,
                            const char *nsp,
                            guint64 id,
                            const char *name,
                            SioValue *payload,
                            GError **error);
/* Gives the connection up because of what came over it. */
void sio_manager_protocol_error (SioManager *self, const GError *error);

/* What did not arrive. */
typedef enum
{
  SIO_LOSS_EVENT,           /* was not sent */
  SIO_LOSS_ANSWER,          /* to an event of the server was not sent */
  SIO_LOSS_ACKNOWLEDGEMENT, /* of an event that was sent did not come */
  SIO_LOSS_NOTICE,          /* of an event was dropped before it was heard */
} SioLoss;
/* The error of @reason, in a sentence that names the event; @n of them were lost. */
GError *sio_manager_describe_loss (SioLoss loss, const char *name, guint n, const GError *reason);
/* Emits it as `error` in a later turn, for whom nobody waits who could be told. What is alike is
 * told once, with how often. Takes @reason. */
void sio_manager_report (SioManager *self, SioLoss loss, const char *name, guint n, GError *reason);

SioClock *sio_manager_get_clock (SioManager *self);
GMainContext *sio_manager_get_context (SioManager *self);
/* A task that ends in the manager's context, whatever the thread's default is now. */
GTask *sio_manager_new_task (SioManager *self,
                             gpointer source,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
const SioLimits *sio_manager_get_limits (SioManager *self);
SioOptions *sio_manager_get_options (SioManager *self);
/* All empty if it cannot be connected to. */
const SioUrl *sio_manager_get_parsed_url (SioManager *self);
/* FALSE, after a critical, for a call from a thread that the manager does not belong to. */
gboolean sio_manager_check_thread (SioManager *self);

/* What plays replace: time, chance and the network. Before the first attempt to connect. */
typedef double (*SioRandomFunc) (gpointer data);
void sio_manager_set_world (SioManager *self,
                            SioClock *clock,
                            SioTransportFactory *factory,
                            SioRandomFunc random,
                            gpointer random_data);
/* Likewise the limits. */
void sio_manager_set_limits (SioManager *self, const SioLimits *limits);
/* Likewise what the system says of the network; without it nothing is said in that world. */
void sio_manager_set_network (SioManager *self, SioNetworkFunc func, gpointer data);

G_END_DECLS
