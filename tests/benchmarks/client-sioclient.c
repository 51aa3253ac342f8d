/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Our client, through its public API alone. */

#include "config.h"

#include "bench-meter.h"

#include <sioclient/sio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BURST_BYTES (256 * 1024)
#define BURST       500

typedef struct
{
  BenchMeter meter;
  GMainLoop *loop;
  SioOptions *options;
  SioSocket *socket;
  GPtrArray *managers;
  GPtrArray *sockets;
  char *url;
  guint n_sent;
  guint n_seen;
  gint64 sum;
  gint64 asked;
  char *text;
  GBytes *bytes;
} Bench;

static void
on_event (SioSocket *socket, SioEvent *event, gpointer data)
{
  Bench *self = data;
  SioValue *arg = sio_event_get_arg (event, 0);

  self->sum += sio_value_get_integer (sio_value_get_member (arg, "seq"));
  self->n_seen++;
}

/* Reads what the clients in other languages have read for them: the texts of a message. */
static void
on_chat (SioSocket *socket, SioEvent *event, gpointer data)
{
  Bench *self = data;
  SioValue *arg = sio_event_get_arg (event, 0);
  SioValue *user = sio_value_get_member (arg, "user");

  self->sum += (gint64) strlen (sio_value_get_string (sio_value_get_member (arg, "text")));
  self->sum += (gint64) strlen (sio_value_get_string (sio_value_get_member (user, "name")));
  self->n_seen++;
}

static void
on_binary_event (SioSocket *socket, SioEvent *event, gpointer data)
{
  Bench *self = data;
  GBytes *bytes = sio_value_get_bytes (sio_value_get_member (sio_event_get_arg (event, 0), "data"));

  self->sum += (gint64) g_bytes_get_size (bytes);
  self->n_seen++;
}

static void
on_done (SioSocket *socket, SioEvent *event, gpointer data)
{
  Bench *self = data;
  guint n = bench_meter_is (&self->meter, "send") ? self->n_sent : self->n_seen;

  if (n != self->meter.count)
    {
      fprintf (stderr, "%u of %u\n", n, self->meter.count);
      exit (1);
    }
  bench_meter_end (&self->meter, n);
}

static void echo (Bench *self);

static void
on_answer (SioSocket *socket, SioValue *args, const GError *error, gpointer data)
{
  Bench *self = data;

  self->sum += sio_value_get_integer (sio_value_get_element (args, 0));
  if (self->meter.in_flight == 1)
    bench_meter_note (&self->meter, self->asked);
  self->n_seen++;
  echo (self);
}

static void
echo (Bench *self)
{
  if (self->n_sent == self->meter.count)
    return;
  self->asked = self->meter.in_flight == 1 ? bench_meter_now () : 0;
  sio_socket_emit_with_callback (self->socket, "echo",
                                 sio_args ("(xds)", (gint64) self->n_sent, 1.5, "ABCD"), on_answer,
                                 self, NULL);
  self->n_sent++;
}

static void
send_one (Bench *self)
{
  if (self->bytes != NULL)
    sio_socket_emit_args (self->socket, "tick", sio_value_new_bytes (self->bytes));
  else if (self->text != NULL)
    sio_socket_emit (self->socket, "tick", "(xs)", (gint64) self->n_sent, self->text);
  else
    sio_socket_emit (self->socket, "tick", "(xds)", (gint64) self->n_sent, 1.5, "ABCD");
}

/* In bursts, each when the last one is out of our hands: what waits is limited. */
static void
send_burst (Bench *self)
{
  guint burst = MIN (BURST, BURST_BYTES / (guint) MAX (self->meter.size, 1));
  guint i;

  for (i = 0; i < burst && self->n_sent < self->meter.count; i++, self->n_sent++)
    send_one (self);
}

static void
begin (Bench *self)
{
  if (self->meter.size > 0)
    {
      self->text = g_strnfill (self->meter.size, 'x');
      if (strstr (self->meter.work, "bin") != NULL)
        self->bytes = g_bytes_new (self->text, self->meter.size);
    }
  bench_meter_begin (&self->meter);

  if (bench_meter_is (&self->meter, "echo") || bench_meter_is (&self->meter, "pipe"))
    for (guint i = 0; i < self->meter.in_flight; i++)
      echo (self);
  else if (bench_meter_is (&self->meter, "send"))
    {
      g_signal_connect_swapped (sio_manager_get_engine (self->managers->pdata[0]), "drain",
                                G_CALLBACK (send_burst), self);
      send_burst (self);
    }
  else
    sio_socket_emit (self->socket, "go", NULL);
}

static gboolean
settled (gpointer data)
{
  Bench *self = data;

  bench_meter_end (&self->meter, self->n_seen);
  return G_SOURCE_REMOVE;
}

static void on_connect (SioSocket *socket, gpointer data);

static SioSocket *
make_socket (Bench *self, const char *nsp)
{
  SioManager *manager = sio_manager_new (self->url, self->options);
  SioSocket *socket = sio_manager_get_socket (manager, nsp, NULL);

  g_ptr_array_add (self->managers, manager);
  g_ptr_array_add (self->sockets, socket);
  g_signal_connect (socket, "connect", G_CALLBACK (on_connect), self);
  return socket;
}

static gboolean
connect_again (gpointer data)
{
  Bench *self = data;

  g_ptr_array_set_size (self->sockets, 0);
  g_ptr_array_set_size (self->managers, 0);
  self->asked = bench_meter_now ();
  self->socket = make_socket (self, "/");
  return G_SOURCE_REMOVE;
}

/* One after the other; the first is not counted. */
static void
on_connected_again (Bench *self)
{
  if (self->n_seen > 0)
    bench_meter_note (&self->meter, self->asked);
  else
    bench_meter_begin (&self->meter);
  if (self->n_seen == self->meter.count)
    bench_meter_end (&self->meter, self->n_seen);
  self->n_seen++;
  g_idle_add_full (G_PRIORITY_DEFAULT, connect_again, self, NULL);
}

static void
on_idle_connected (Bench *self)
{
  char nsp[32];

  if (++self->n_seen == self->meter.count)
    {
      g_timeout_add (300, settled, self);
      return;
    }
  if (bench_meter_is (&self->meter, "idle"))
    {
      make_socket (self, "/");
      return;
    }
  g_snprintf (nsp, sizeof nsp, "/n%u", self->n_seen);
  self->socket = sio_manager_get_socket (self->managers->pdata[0], nsp, NULL);
  g_ptr_array_add (self->sockets, self->socket);
  g_signal_connect (self->socket, "connect", G_CALLBACK (on_connect), self);
}

static void
on_connect (SioSocket *socket, gpointer data)
{
  Bench *self = data;

  if (bench_meter_is (&self->meter, "connect"))
    on_connected_again (self);
  else if (bench_meter_is (&self->meter, "idle") || bench_meter_is (&self->meter, "nsp"))
    on_idle_connected (self);
  else if (bench_meter_is (&self->meter, "start"))
    bench_meter_end (&self->meter, 1);
  else
    begin (self);
}

int
main (int argc, char **argv)
{
  static Bench bench;
  const char *transports[2] = { NULL, NULL };

  bench_meter_init (&bench.meter, argc, argv);
  transports[0] = bench.meter.transport;
  bench.loop = g_main_loop_new (NULL, FALSE);
  bench.options = sio_options_new ();
  g_object_set (bench.options, "transports", transports, NULL);
  bench.managers = g_ptr_array_new_with_free_func (g_object_unref);
  bench.sockets = g_ptr_array_new_with_free_func (g_object_unref);
  bench.url = bench_meter_get_url (&bench.meter, "http", "/");

  bench.socket = make_socket (&bench, "/");
  sio_socket_on (bench.socket, "tick",
                 strstr (bench.meter.work, "bin") != NULL ? on_binary_event : on_event, &bench,
                 NULL);
  sio_socket_on (bench.socket, "chat", on_chat, &bench, NULL);
  sio_socket_on (bench.socket, "done", on_done, &bench, NULL);
  g_main_loop_run (bench.loop);
  return 0;
}
