/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/sio-settings-private.h"

G_BEGIN_DECLS

/* What the system says of the network between here and one host. */
typedef struct _SioNetwork SioNetwork;

/* Called in the main context of the settings, never inside a call of the owner's, and not after
 * the network was freed. */
typedef struct
{
  /* Something has changed; @available: there is a network at all. */
  void (*changed) (gpointer owner, gboolean available);
  void (*answered) (gpointer owner, guint question, gboolean reachable);
} SioNetworkSink;

struct _SioNetwork
{
  /* Whether there is a route to the host. It may be that no answer comes. */
  void (*ask) (SioNetwork *self, guint question);
  void (*free) (SioNetwork *self);
};

/* Watches for the host of @settings. Plays have one of their own. */
typedef SioNetwork *(*SioNetworkFunc) (SioSettings *settings,
                                       const SioNetworkSink *sink,
                                       gpointer owner,
                                       gpointer data);

/* manager/sio-network-monitor.c: that of GIO. @data is not used. */
SioNetwork *sio_network_monitor_new (SioSettings *settings,
                                     const SioNetworkSink *sink,
                                     gpointer owner,
                                     gpointer data);

G_END_DECLS
