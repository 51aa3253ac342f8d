/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-socket-private.h"

#include <glib/gi18n-lib.h>

/* Events of the server, to those who listen; those that come before the socket is in wait. */

/* What waits before CONNECT was answered; a server that recovers a session sends all that was
 * missed in one go. */
#define EARLY_PACKETS 100000

static void
free_packet (gpointer packet)
{
  sio_packet_clear (packet);
  g_free (packet);
}

gboolean
sio_socket_is_session (SioSocket *self, guint64 session)
{
  return self->state == SIO_SOCKET_CONNECTED && self->session == session;
}

void
sio_socket_handle_event (SioSocket *self, SioPacket *packet)
{
  g_autoptr (SioEvent) event = NULL;
  guint64 session = self->session, id = packet->id;
  SioValue *args, *last;
  const char *name;
  GBytes *whole;
  char *owned;

  args = sio_value_split_name (g_steal_pointer (&packet->payload), &name, &owned, &whole);
  event = sio_event_new_incoming (name, owned, whole, args, self->answerer, session, id);
  sio_socket_emit_event (self, event);

  /* The server appends an offset to what it could send again (S52). */
  if (self->pid == NULL || id != SIO_PACKET_NO_ID || !sio_socket_is_session (self, session))
    return;
  last = sio_value_get_element (args, sio_value_get_length (args) - 1);
  if (sio_value_get_kind (last) == SIO_VALUE_STRING)
    {
      g_free (self->offset);
      self->offset = sio_value_to_json (last, NULL);
    }
}

/* In a main loop that a handler of one of them runs, this goes on with the next. */
void
sio_socket_deliver_early (SioSocket *self)
{
  guint64 session = self->session;
  SioPacket *early;

  while (sio_socket_is_session (self, session) &&
         (early = g_queue_pop_head (&self->came_early)) != NULL)
    {
      self->came_early_bytes -= sio_socket_weigh (early->payload);
      sio_socket_handle_event (self, early);
      free_packet (early);
    }
}

void
sio_socket_keep_early (SioSocket *self, SioPacket *packet)
{
  g_autoptr (GError) error = NULL;
  gsize n_bytes = sio_socket_weigh (packet->payload);

  if (g_queue_get_length (&self->came_early) < EARLY_PACKETS &&
      self->came_early_bytes + n_bytes <= sio_manager_get_limits (self->io)->inbound_bytes)
    {
      self->came_early_bytes += n_bytes;
      g_queue_push_tail (&self->came_early, g_memdup2 (packet, sizeof *packet));
      *packet = (SioPacket) SIO_PACKET_INIT;
      return;
    }

  g_set_error_literal (&error, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED,
                       _ ("The server sends events but does not answer"));
  sio_manager_protocol_error (self->io, error);
}

void
sio_socket_drop_early (SioSocket *self)
{
  g_queue_clear_full (&self->came_early, free_packet);
  self->came_early_bytes = 0;
}
