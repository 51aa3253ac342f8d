/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sio-fault-client.h"

#include <time.h>

/* In milliseconds. */
#define TICK        5
#define LONGEST_GAP 50

guint
sio_fault_slowness (void)
{
#if defined __SANITIZE_ADDRESS__
  return 8;
#elif defined __has_feature
#if __has_feature(address_sanitizer)
  return 8;
#endif
#endif
  return sio_test_slowness () * 2;
}

gboolean
sio_fault_long (void)
{
  return g_getenv ("SIO_TEST_LONG") != NULL;
}

/* Of this thread, as others may be running on the machine. */
static gint64
cpu_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static gboolean
on_tick (gpointer data)
{
  SioFaultClient *self = data;
  gint64 now = cpu_time ();

  self->longest_gap = MAX (self->longest_gap, now - self->last_tick);
  self->last_tick = now;
  return G_SOURCE_CONTINUE;
}

static void
on_gone (gpointer data, GObject *where_it_was)
{
  SioFaultClient *self = data;

  self->n_alive--;
}

void
sio_fault_client_watch (SioFaultClient *self, gpointer object)
{
  self->n_alive++;
  g_object_weak_ref (object, on_gone, self);
}

static void
note_details (SioFaultClient *self, const GError *error)
{
  g_free (self->details);
  self->details = g_strdup (error != NULL ? error->message : "");
}

static void
on_connect (SioSocket *socket, SioFaultClient *self)
{
  g_assert_true (sio_socket_get_connected (socket));
  self->n_connects++;
}

static void
on_connect_error (SioSocket *socket, const GError *error, SioValue *data, SioFaultClient *self)
{
  g_test_message ("connect_error: %s", error->message);
  self->n_connect_errors++;
  note_details (self, error);
}

static void
on_disconnect (SioSocket *socket,
               SioDisconnectReason reason,
               const GError *details,
               SioFaultClient *self)
{
  g_test_message ("disconnect: %s", sio_disconnect_reason_to_string (reason));
  self->n_disconnects++;
  self->reason = reason;
  note_details (self, details);
}

static void
on_event (SioSocket *socket, SioEvent *event, SioFaultClient *self)
{
  self->n_events++;
  g_hash_table_add (self->events, g_strdup (sio_event_get_name (event)));
}

static void
on_error (SioManager *manager, const GError *error, SioFaultClient *self)
{
  self->n_errors++;
}

static void
on_engine (SioManager *manager, GParamSpec *pspec, SioFaultClient *self)
{
  SioEngine *engine = sio_manager_get_engine (manager);

  if (engine != NULL)
    sio_fault_client_watch (self, engine);
}

SioSocket *
sio_fault_client_add (SioFaultClient *self, const char *nsp)
{
  SioSocket *socket = sio_manager_get_socket (self->manager, nsp, NULL);

  sio_fault_client_watch (self, socket);
  g_signal_connect (socket, "connect", G_CALLBACK (on_connect), self);
  g_signal_connect (socket, "connect-error", G_CALLBACK (on_connect_error), self);
  g_signal_connect (socket, "disconnect", G_CALLBACK (on_disconnect), self);
  g_signal_connect (socket, "event", G_CALLBACK (on_event), self);
  return socket;
}

SioFaultClient *
sio_fault_client_new_idle (guint16 port, const char *transports)
{
  SioFaultClient *self = g_new0 (SioFaultClient, 1);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", port);
  g_auto (GStrv) names =
      g_strsplit (transports != NULL ? transports : "polling,websocket", ",", -1);
  g_autoptr (SioOptions) options =
      g_object_new (SIO_TYPE_OPTIONS, "auto-connect", FALSE, "reconnection-delay", 10,
                    "reconnection-delay-max", 10, "randomization-factor", 0.0, "timeout",
                    1000 * sio_fault_slowness (), "transports", names, NULL);

  self->events = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->metronome = g_timeout_source_new (TICK);
  g_source_set_priority (self->metronome, G_PRIORITY_DEFAULT - 1);
  g_source_set_callback (self->metronome, on_tick, self, NULL);
  self->last_tick = cpu_time ();
  g_source_attach (self->metronome, NULL);

  self->manager = sio_manager_new (url, options);
  sio_fault_client_watch (self, self->manager);
  g_signal_connect (self->manager, "notify::engine", G_CALLBACK (on_engine), self);
  g_signal_connect (self->manager, "error", G_CALLBACK (on_error), self);
  self->socket = sio_fault_client_add (self, "/");
  return self;
}

SioFaultClient *
sio_fault_client_new (guint16 port, const char *transports)
{
  SioFaultClient *self = sio_fault_client_new_idle (port, transports);

  sio_socket_open (self->socket);
  return self;
}

gboolean
sio_fault_client_heard (SioFaultClient *self, const char *name)
{
  return g_hash_table_contains (self->events, name);
}

void
sio_fault_client_free (SioFaultClient *self)
{
  if (self->socket != NULL)
    g_signal_handlers_disconnect_by_data (self->socket, self);
  g_clear_object (&self->socket);
  g_clear_object (&self->manager);
  sio_test_wait (self->n_alive == 0);

  g_test_message ("longest turn of the main loop: %d ms", (int) (self->longest_gap / 1000));
  /* libsoup's framing reads on while anything comes. */
  if (sio_test_has_own_framing ())
    g_assert_cmpint (self->longest_gap, <=, LONGEST_GAP * 1000 * sio_fault_slowness ());
  g_source_destroy (self->metronome);
  g_source_unref (self->metronome);
  g_hash_table_unref (self->events);
  g_free (self->details);
  g_free (self);
}
