/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sio-fault-proxy.h"

#include <gio/gnetworking.h>

#define NONE G_MAXUINT64

struct _SioFaultProxy
{
  GSocket *listener;
  guint16 port;
  guint16 server_port;
  GThread *thread;
  GCancellable *stop;

  GMutex mutex; /* of all that follows */
  GCond cond;
  GPtrArray *links;
  guint64 count;
  gboolean frozen;
  gboolean refuse;
  guint dribble;
  guint delay;
  guint64 cut;
  SioFaultEnd cut_end;
  guint64 corrupt;
};

typedef struct
{
  SioFaultProxy *proxy;
  GSocket *client;
  GSocket *server;
  GThread *threads[2];
  gboolean ended; /* under the mutex of the proxy, as is the next */
  guint n_pumping;
} Link;

typedef struct
{
  Link *link;
  gboolean from_server;
} Pump;

static void
link_end (Link *link, SioFaultEnd end)
{
  struct linger linger = { 1, 0 };
  GSocket *sockets[2] = { link->client, link->server };

  if (link->ended)
    return;

  link->ended = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (sockets); i++)
    {
      if (end == SIO_FAULT_RESET)
        setsockopt (g_socket_get_fd (sockets[i]), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
      /* This wakes up whoever reads from it here, who closes it then. */
      g_socket_shutdown (sockets[i], TRUE, end == SIO_FAULT_END, NULL);
    }
  g_cond_broadcast (&link->proxy->cond);
}

/* With the mutex held: waits as long as the faults want, or less if all is over. */
static void
hold_back (Link *link)
{
  SioFaultProxy *self = link->proxy;
  gint64 until = g_get_monotonic_time () + (gint64) self->delay * 1000 + self->dribble;

  while (!link->ended && (self->frozen || g_get_monotonic_time () < until))
    if (self->frozen)
      g_cond_wait (&self->cond, &self->mutex);
    else
      g_cond_wait_until (&self->cond, &self->mutex, until);
}

/* With the mutex held. FALSE if the connection ends before the bytes do. */
static gboolean
tamper (Link *link, char *bytes, gsize *length)
{
  SioFaultProxy *self = link->proxy;
  guint64 before = self->count;
  gboolean goes_on = TRUE;

  if (self->corrupt != NONE && self->corrupt < before + *length)
    {
      bytes[self->corrupt - before] ^= 0x04;
      self->corrupt = NONE;
    }
  if (self->cut != NONE && self->cut <= before + *length)
    {
      *length = self->cut > before ? self->cut - before : 0;
      self->cut = NONE;
      goes_on = FALSE;
    }
  self->count += *length;
  return goes_on;
}

static gboolean
send_all (GSocket *to, const char *bytes, gsize length)
{
  while (length > 0)
    {
      gssize n = g_socket_send (to, bytes, length, NULL, NULL);

      if (n <= 0)
        return FALSE;
      bytes += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static gpointer
run_pump (gpointer data)
{
  g_autofree Pump *pump = data;
  Link *link = pump->link;
  SioFaultProxy *self = link->proxy;
  GSocket *from = pump->from_server ? link->server : link->client;
  GSocket *to = pump->from_server ? link->client : link->server;
  gboolean goes_on = TRUE;

  while (goes_on)
    {
      char bytes[16384];
      gsize length;
      gssize n;

      n = g_socket_receive (from, bytes, self->dribble > 0 ? 1 : sizeof bytes, NULL, NULL);
      g_mutex_lock (&self->mutex);
      hold_back (link);
      length = (gsize) MAX (n, 0);
      goes_on = n > 0 && !link->ended;
      if (goes_on && pump->from_server)
        goes_on = tamper (link, bytes, &length);
      if (link->ended)
        length = 0;
      g_mutex_unlock (&self->mutex);

      if (!send_all (to, bytes, length))
        goes_on = FALSE;
    }

  g_mutex_lock (&self->mutex);
  link_end (link, self->cut_end);
  if (--link->n_pumping == 0)
    {
      g_socket_close (link->client, NULL);
      g_socket_close (link->server, NULL);
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

static void
link_free (gpointer data)
{
  Link *link = data;

  for (guint i = 0; i < 2; i++)
    g_thread_join (link->threads[i]);
  g_object_unref (link->client);
  g_object_unref (link->server);
  g_free (link);
}

static GSocket *
make_socket (void)
{
  return g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
}

static GSocketAddress *
make_address (guint16 port)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);

  return g_inet_socket_address_new (loopback, port);
}

static void
start_pump (Link *link, gboolean from_server)
{
  Pump *pump = g_new (Pump, 1);

  pump->link = link;
  pump->from_server = from_server;
  link->threads[from_server] = g_thread_new ("pump", run_pump, pump);
}

static void
take_client (SioFaultProxy *self, GSocket *client)
{
  g_autoptr (GSocketAddress) address = make_address (self->server_port);
  Link *link = g_new0 (Link, 1);

  link->proxy = self;
  link->client = client;
  link->server = make_socket ();
  g_socket_set_option (client, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_option (link->server, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_connect (link->server, address, NULL, NULL);
  link->n_pumping = 2;
  if (self->refuse)
    link_end (link, SIO_FAULT_END);
  start_pump (link, FALSE);
  start_pump (link, TRUE);
  g_ptr_array_add (self->links, link);
}

static gpointer
run (gpointer data)
{
  SioFaultProxy *self = data;
  GSocket *client;

  while ((client = g_socket_accept (self->listener, self->stop, NULL)) != NULL)
    {
      g_mutex_lock (&self->mutex);
      take_client (self, client);
      g_mutex_unlock (&self->mutex);
    }
  return NULL;
}

SioFaultProxy *
sio_fault_proxy_new (guint16 port_of_server)
{
  SioFaultProxy *self = g_new0 (SioFaultProxy, 1);
  g_autoptr (GSocketAddress) address = make_address (0);
  g_autoptr (GSocketAddress) bound = NULL;

  self->server_port = port_of_server;
  self->stop = g_cancellable_new ();
  self->links = g_ptr_array_new_with_free_func (link_free);
  self->cut = NONE;
  self->corrupt = NONE;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->listener = make_socket ();
  g_assert_true (g_socket_bind (self->listener, address, TRUE, NULL));
  g_assert_true (g_socket_listen (self->listener, NULL));
  bound = g_socket_get_local_address (self->listener, NULL);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  self->thread = g_thread_new ("proxy", run, self);
  return self;
}

void
sio_fault_proxy_free (SioFaultProxy *self)
{
  g_cancellable_cancel (self->stop);
  g_thread_join (self->thread);
  sio_fault_proxy_end (self, SIO_FAULT_END);
  g_ptr_array_unref (self->links);
  g_object_unref (self->listener);
  g_object_unref (self->stop);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self);
}

guint16
sio_fault_proxy_get_port (SioFaultProxy *self)
{
  return self->port;
}

guint64
sio_fault_proxy_get_count (SioFaultProxy *self)
{
  guint64 count;

  g_mutex_lock (&self->mutex);
  count = self->count;
  g_mutex_unlock (&self->mutex);
  return count;
}

void
sio_fault_proxy_freeze (SioFaultProxy *self, gboolean frozen)
{
  g_mutex_lock (&self->mutex);
  self->frozen = frozen;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
}

void
sio_fault_proxy_dribble (SioFaultProxy *self, guint microseconds)
{
  g_mutex_lock (&self->mutex);
  self->dribble = microseconds;
  g_mutex_unlock (&self->mutex);
}

void
sio_fault_proxy_delay (SioFaultProxy *self, guint milliseconds)
{
  g_mutex_lock (&self->mutex);
  self->delay = milliseconds;
  g_mutex_unlock (&self->mutex);
}

void
sio_fault_proxy_cut (SioFaultProxy *self, guint64 count, SioFaultEnd end)
{
  g_mutex_lock (&self->mutex);
  self->cut = count;
  self->cut_end = end;
  g_mutex_unlock (&self->mutex);
}

void
sio_fault_proxy_corrupt (SioFaultProxy *self, guint64 count)
{
  g_mutex_lock (&self->mutex);
  self->corrupt = count;
  g_mutex_unlock (&self->mutex);
}

void
sio_fault_proxy_end (SioFaultProxy *self, SioFaultEnd end)
{
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->links->len; i++)
    link_end (g_ptr_array_index (self->links, i), end);
  g_mutex_unlock (&self->mutex);
}

void
sio_fault_proxy_refuse (SioFaultProxy *self, gboolean refuse)
{
  g_mutex_lock (&self->mutex);
  self->refuse = refuse;
  g_mutex_unlock (&self->mutex);
}
