/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manager/sio-manager-state-private.h"

#include "base/sio-log-private.h"

#include <string.h>

/* What the system says of the network is a hint (E82, E83): that it is lost ends the connection
 * before the heartbeat would, that it is back ends the waiting. Nothing is taken from it that would
 * not come without it, only later. */

/* No network has to be there for it. */
static gboolean
is_local (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);
  return g_ascii_strcasecmp (host, "localhost") == 0 ||
         (strlen (host) > strlen (".localhost") &&
          g_ascii_strcasecmp (host + strlen (host) - strlen (".localhost"), ".localhost") == 0);
}

static void act (SioManager *self, SioReachAction action);

static void
on_changed (gpointer owner, gboolean available)
{
  SioManager *self = owner;

  sio_reach_hear (&self->reach, available, sio_clock_now (self->clock));
  sio_manager_rearm (self);
}

static void
on_answered (gpointer owner, guint question, gboolean reachable)
{
  g_autoptr (SioManager) self = g_object_ref (owner);

  act (self, sio_reach_answer (&self->reach, question, reachable));
}

static const SioNetworkSink network_sink = {
  .changed = on_changed,
  .answered = on_answered,
};

static void
act (SioManager *self, SioReachAction action)
{
  g_autoptr (GError) error = NULL;

  switch (action)
    {
    case SIO_REACH_NOTHING:
      break;

    case SIO_REACH_WATCH:
      if (self->network == NULL && self->settings != NULL)
        self->network =
            self->make_network (self->settings, &network_sink, self, self->network_data);
      break;

    case SIO_REACH_ASK:
      if (self->network != NULL)
        self->network->ask (self->network, self->reach.question);
      break;

    case SIO_REACH_LOST:
      sio_debug ("manager %p: the network is gone", (void *) self);
      error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE,
                                   "network connection lost");
      sio_manager_lose (self, error);
      break;

    case SIO_REACH_BACK:
      sio_debug ("manager %p: the network is back", (void *) self);
      if (!sio_manager_hurry (self))
        sio_manager_check_expired (self);
      break;

    case SIO_REACH_CHANGED:
      /* After a suspend, too, this is often the first that is heard of (E84). */
      sio_manager_check_expired (self);
      break;
    }
}

void
sio_manager_watch_network (SioManager *self, guint delay)
{
  if (self->network != NULL || self->make_network == NULL || self->url_error != NULL ||
      is_local (self->parsed.host) || !sio_options_get_boolean (self->options, "network-aware"))
    return;

  sio_reach_start (&self->reach, sio_clock_now (self->clock), delay);
  sio_manager_rearm (self);
}

void
sio_manager_leave_network (SioManager *self)
{
  SioNetwork *network = g_steal_pointer (&self->network);

  sio_reach_stop (&self->reach);
  if (network != NULL)
    network->free (network);
}

void
sio_manager_check_network (SioManager *self, gint64 now)
{
  act (self, sio_reach_check (&self->reach, now));
}
