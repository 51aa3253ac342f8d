/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "manager/sio-network-private.h"

G_BEGIN_DECLS

/* A network of the system, which says what it is told to say. */
typedef struct
{
  void (*note) (gpointer data, const char *line);
  gpointer note_data;
  SioNetwork *watch; /* who listens; nullable */
  gboolean lost;
  gboolean no_route;
  gboolean slow; /* it answers when it is told to */
} SioFakeNetwork;

/* For sio_manager_set_network(), with the fake network as its data. */
SioNetwork *sio_fake_network_watch (SioSettings *settings,
                                    const SioNetworkSink *sink,
                                    gpointer owner,
                                    gpointer data);
/* “lost”, “back”, “changed”; “local”: there is none, but there is a route to the host; “slow”: it
 * does not answer until “answer”. Gives what is wrong, or NULL. */
const char *sio_fake_network_happen (SioFakeNetwork *self, const char *what);

G_END_DECLS
