/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An instrument, no client: a bare SoupWebsocketConnection that joins, counts messages and sends
 * what was encoded beforehand. It shows what the same work costs with libsoup and no library. */

#include "config.h"

#include "bench-meter.h"

#include <libsoup/soup.h>
#include <string.h>

#define ECHO        "420[\"echo\",0,1.5,\"ABCD\"]"
#define TICK        "42[\"tick\",0,1.5,\"ABCD\"]"
#define DONE        "42[\"done\"]"
#define BURST_BYTES (256 * 1024)
#define BURST       500

typedef struct
{
  BenchMeter meter;
  GMainLoop *loop;
  SoupSession *session;
  SoupWebsocketConnection *connection;
  GPtrArray *connections;
  guint n_sent;
  guint n_seen;
  guint n_greetings; /* of the connection that was made last */
  gint64 asked;
  char *text;
  GBytes *bytes;
} Bench;

static void connect_one (Bench *self);
static void on_joined (Bench *self);

static void
echo (Bench *self)
{
  if (self->n_sent == self->meter.count)
    return;
  self->asked = self->meter.in_flight == 1 ? bench_meter_now () : 0;
  soup_websocket_connection_send_text (self->connection, ECHO);
  self->n_sent++;
}

static void
on_message (SoupWebsocketConnection *connection,
            SoupWebsocketDataType type,
            GBytes *message,
            gpointer data)
{
  Bench *self = data;

  if (self->n_greetings < 2)
    {
      if (++self->n_greetings == 1)
        soup_websocket_connection_send_text (connection, "40");
      else
        on_joined (self);
      return;
    }
  if (g_bytes_get_size (message) == strlen (DONE))
    bench_meter_end (&self->meter, self->meter.count);
  self->n_seen++;
  if (bench_meter_is (&self->meter, "echo") || bench_meter_is (&self->meter, "pipe"))
    {
      if (self->meter.in_flight == 1)
        bench_meter_note (&self->meter, self->asked);
      echo (self);
    }
}

static gboolean
send_burst (gpointer data)
{
  Bench *self = data;
  guint burst = MIN (BURST, BURST_BYTES / (guint) MAX (self->meter.size, 1));

  for (guint i = 0; i < burst && self->n_sent < self->meter.count; i++, self->n_sent++)
    {
      soup_websocket_connection_send_text (self->connection, self->text);
      if (self->bytes != NULL)
        soup_websocket_connection_send_message (self->connection, SOUP_WEBSOCKET_DATA_BINARY,
                                                self->bytes);
    }
  return self->n_sent < self->meter.count;
}

static void
begin (Bench *self)
{
  bench_meter_begin (&self->meter);
  if (bench_meter_is (&self->meter, "echo") || bench_meter_is (&self->meter, "pipe"))
    for (guint i = 0; i < self->meter.in_flight; i++)
      echo (self);
  else if (bench_meter_is (&self->meter, "send"))
    g_idle_add_full (G_PRIORITY_DEFAULT, send_burst, self, NULL);
  else
    soup_websocket_connection_send_text (self->connection, "42[\"go\"]");
}

static gboolean
settled (gpointer data)
{
  Bench *self = data;

  bench_meter_end (&self->meter, self->n_seen);
  return G_SOURCE_REMOVE;
}

/* In order, as a client does: it says goodbye, and stays until the other side has heard it. */
static void
leave (Bench *self)
{
  SoupWebsocketConnection *connection = g_ptr_array_steal_index (self->connections, 0);

  g_signal_handlers_disconnect_by_data (connection, self);
  g_signal_connect (connection, "closed", G_CALLBACK (g_object_unref), NULL);
  soup_websocket_connection_send_text (connection, "41");
  soup_websocket_connection_close (connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
}

static gboolean
connect_again (gpointer data)
{
  Bench *self = data;

  leave (self);
  g_clear_object (&self->session);
  self->asked = bench_meter_now ();
  connect_one (self);
  return G_SOURCE_REMOVE;
}

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
on_joined (Bench *self)
{
  if (bench_meter_is (&self->meter, "connect"))
    on_connected_again (self);
  else if (bench_meter_is (&self->meter, "start"))
    bench_meter_end (&self->meter, 1);
  else if (!bench_meter_is (&self->meter, "idle"))
    begin (self);
  else if (++self->n_seen == self->meter.count)
    g_timeout_add (300, settled, self);
  else
    {
      /* Each its own session, as each of our managers has one. */
      g_object_ref (self->session);
      connect_one (self);
    }
}

static void
on_connected (GObject *session, GAsyncResult *result, gpointer data)
{
  Bench *self = data;
  g_autoptr (GError) error = NULL;

  self->connection = soup_session_websocket_connect_finish (SOUP_SESSION (session), result, &error);
  if (self->connection == NULL)
    g_error ("%s", error->message);
  soup_websocket_connection_set_max_incoming_payload_size (self->connection, 0);
  g_ptr_array_add (self->connections, self->connection);
  self->n_greetings = 0;
  g_signal_connect (self->connection, "message", G_CALLBACK (on_message), self);
}

static void
connect_one (Bench *self)
{
  g_autofree char *url = bench_meter_get_url (&self->meter, "ws", "/socket.io/");
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);

  self->session = soup_session_new ();
  soup_session_websocket_connect_async (self->session, message, NULL, NULL, G_PRIORITY_DEFAULT,
                                        NULL, on_connected, self);
}

int
main (int argc, char **argv)
{
  static Bench bench;
  gsize size;

  bench_meter_init (&bench.meter, argc, argv);
  bench.loop = g_main_loop_new (NULL, FALSE);
  bench.connections = g_ptr_array_new_with_free_func (g_object_unref);
  size = bench.meter.size;
  if (size > 0 && strstr (bench.meter.work, "bin") != NULL)
    {
      g_autofree char *data = g_strnfill (size, 'x');

      bench.bytes = g_bytes_new (data, size);
      bench.text = g_strdup ("451-[\"tick\",{\"_placeholder\":true,\"num\":0}]");
    }
  else if (size > 0)
    {
      g_autofree char *data = g_strnfill (size, 'x');

      bench.text = g_strdup_printf ("42[\"tick\",0,\"%s\"]", data);
    }
  else
    bench.text = g_strdup (TICK);
  connect_one (&bench);
  g_main_loop_run (bench.loop);
  return 0;
}
