/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <string.h>

static const SioTestMode modes[] = {
  { "polling", { "polling", NULL }, "polling" },
  { "websocket", { "websocket", NULL }, "websocket" },
  { "upgrade", { "polling", "websocket", NULL }, "websocket" },
};

typedef struct
{
  const SioTestMode *mode;
  const SioTestCase *test;
} Run;

static SioTestServer *shared_server;

static void
run_case (gconstpointer user_data)
{
  const Run *run = user_data;
  const char *missing = sio_test_server_missing ();
  guint version = sio_test_server_get_version ();

  if (missing != NULL)
    g_test_skip (missing);
  else if (version != 0 && version < run->test->since)
    {
      g_autofree char *reason = g_strdup_printf (
          "socket.io %u.%u and newer can do this, here is %u.%u", run->test->since / 100,
          run->test->since % 100, version / 100, version % 100);

      g_test_skip (reason);
    }
  else
    run->test->run (run->mode);
}

int
sio_test_main (int argc, char **argv, const SioTestCase *cases, gsize n_cases)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (g_free);
  int status;

  g_test_init (&argc, &argv, NULL);

  for (gsize m = 0; m < G_N_ELEMENTS (modes); m++)
    for (gsize c = 0; c < n_cases; c++)
      {
        g_autofree char *path = g_strconcat ("/servers/", modes[m].name, "/", cases[c].path, NULL);
        Run *run;

        if ((cases[c].flags & SIO_TEST_NODE_ONLY) != 0 && !sio_test_server_is_node ())
          continue;
        if ((cases[c].flags & SIO_TEST_UPGRADE_ONLY) != 0 &&
            !g_str_equal (modes[m].name, "upgrade"))
          continue;
        run = g_new (Run, 1);
        run->mode = &modes[m];
        run->test = &cases[c];
        /* GLib frees the data of tests that run, not of those that are left out. */
        g_ptr_array_add (runs, run);
        g_test_add_data_func (path, run, run_case);
      }

  status = g_test_run ();
  g_clear_pointer (&shared_server, sio_test_server_free);
  return status;
}

SioTestServer *
sio_test_shared_server (void)
{
  if (shared_server == NULL)
    shared_server = sio_test_server_new (NULL);
  return shared_server;
}

SioOptions *
sio_test_options_new (const SioTestMode *mode)
{
  return g_object_new (SIO_TYPE_OPTIONS, "transports", mode->transports, "auto-connect", FALSE,
                       "reconnection-delay", 20, "reconnection-delay-max", 40, NULL);
}

SioTestClient *
sio_test_client_new_url (const SioTestMode *mode,
                         const char *url,
                         const char *nsp,
                         SioOptions *options)
{
  SioTestClient *self = g_new0 (SioTestClient, 1);

  self->mode = mode;
  self->manager = sio_manager_new (url, options);
  self->socket = sio_manager_get_socket (self->manager, nsp, options);
  g_object_unref (options);

  sio_test_log_init (&self->log);
  sio_test_log_manager (&self->log, self->manager);
  sio_test_log_socket (&self->log, self->socket);
  return self;
}

SioTestClient *
sio_test_client_new_full (const SioTestMode *mode,
                          SioTestServer *server,
                          const char *nsp,
                          SioOptions *options)
{
  g_autofree char *url = sio_test_server_dup_url (server, NULL);

  return sio_test_client_new_url (mode, url, nsp, options);
}

SioTestClient *
sio_test_client_new (const SioTestMode *mode, SioTestServer *server, const char *nsp)
{
  return sio_test_client_new_full (mode, server, nsp, sio_test_options_new (mode));
}

void
sio_test_client_free (SioTestClient *self)
{
  if (self->socket != NULL)
    {
      sio_socket_close (self->socket);
      sio_test_drop (g_steal_pointer (&self->socket));
    }
  if (self->manager != NULL)
    sio_test_drop (g_steal_pointer (&self->manager));
  sio_test_log_clear (&self->log);
  g_free (self);
}

void
sio_test_client_connect (SioTestClient *self)
{
  sio_socket_open (self->socket);
  sio_test_wait (sio_socket_get_connected (self->socket));
}

SioTestClient *
sio_test_client_new_connected (const SioTestMode *mode, const char *nsp)
{
  SioTestClient *self = sio_test_client_new (mode, sio_test_shared_server (), nsp);

  sio_test_client_connect (self);
  return self;
}

const char *
sio_test_client_get_transport (SioTestClient *self)
{
  SioEngine *engine = sio_manager_get_engine (self->manager);

  return engine != NULL ? sio_engine_get_transport_name (engine) : NULL;
}

void
sio_test_client_settle (SioTestClient *self)
{
  sio_test_wait (g_strcmp0 (sio_test_client_get_transport (self), self->mode->last) == 0);
}

SioValue *
sio_test_ask (SioSocket *socket, const char *event, SioValue *args)
{
  g_auto (SioTestReply) reply = { 0 };

  sio_socket_emit_with_ack_async (socket, event, args, NULL, sio_test_reply_async_cb, &reply);
  sio_test_wait (reply.n_calls > 0);
  g_assert_no_error (reply.error);
  g_assert_nonnull (reply.args);
  return g_steal_pointer (&reply.args);
}

char *
sio_test_ask_json (SioSocket *socket, const char *event, SioValue *args)
{
  g_autoptr (SioValue) answer = sio_test_ask (socket, event, args);

  return sio_value_to_json (answer, NULL);
}

void
sio_test_sync (SioSocket *socket)
{
  g_autofree char *answer = sio_test_ask_json (socket, "hello", NULL);

  g_assert_cmpstr (answer, ==, "[\"world\"]");
}

void
sio_test_drop (gpointer object)
{
  gpointer weak = object;

  g_object_add_weak_pointer (object, &weak);
  g_object_unref (object);
  sio_test_wait (weak == NULL);
}

void
sio_test_log_init (SioTestLog *log)
{
  log->entries = g_ptr_array_new_with_free_func (g_free);
}

void
sio_test_log_clear (SioTestLog *log)
{
  g_clear_pointer (&log->entries, g_ptr_array_unref);
}

void
sio_test_log_add (SioTestLog *log, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (log->entries, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
on_connect (SioSocket *socket, SioTestLog *log)
{
  sio_test_log_add (log, "connect");
}

static void
on_connect_error (SioSocket *socket, const GError *error, SioValue *data, SioTestLog *log)
{
  sio_test_log_add (log, "connect-error");
}

static void
on_disconnect (SioSocket *socket,
               SioDisconnectReason reason,
               const GError *details,
               SioTestLog *log)
{
  sio_test_log_add (log, "disconnect %s", sio_disconnect_reason_to_string (reason));
}

static void
on_event (SioSocket *socket, SioEvent *event, SioTestLog *log)
{
  sio_test_log_add (log, "%s %s", sio_event_get_name (event), sio_event_get_json (event, NULL));
}

static void
on_opened (SioManager *manager, SioTestLog *log)
{
  sio_test_log_add (log, "opened");
}

static void
on_closed (SioManager *manager, SioDisconnectReason reason, const GError *details, SioTestLog *log)
{
  sio_test_log_add (log, "closed");
}

static void
on_error (SioManager *manager, const GError *error, SioTestLog *log)
{
  sio_test_log_add (log, "error");
}

static void
on_reconnect (SioManager *manager, guint attempt, SioTestLog *log)
{
  sio_test_log_add (log, "reconnect %u", attempt);
}

static void
on_reconnect_attempt (SioManager *manager, guint attempt, SioTestLog *log)
{
  sio_test_log_add (log, "reconnect-attempt %u", attempt);
}

static void
on_reconnect_error (SioManager *manager, const GError *error, SioTestLog *log)
{
  g_assert_nonnull (error);
  sio_test_log_add (log, "reconnect-error");
}

static void
on_reconnect_failed (SioManager *manager, SioTestLog *log)
{
  sio_test_log_add (log, "reconnect-failed");
}

void
sio_test_log_socket (SioTestLog *log, SioSocket *socket)
{
  g_signal_connect (socket, "connect", G_CALLBACK (on_connect), log);
  g_signal_connect (socket, "connect-error", G_CALLBACK (on_connect_error), log);
  g_signal_connect (socket, "disconnect", G_CALLBACK (on_disconnect), log);
}

void
sio_test_log_events (SioTestLog *log, SioSocket *socket)
{
  g_signal_connect (socket, "event", G_CALLBACK (on_event), log);
}

void
sio_test_log_manager (SioTestLog *log, SioManager *manager)
{
  g_signal_connect (manager, "opened", G_CALLBACK (on_opened), log);
  g_signal_connect (manager, "closed", G_CALLBACK (on_closed), log);
  g_signal_connect (manager, "error", G_CALLBACK (on_error), log);
  g_signal_connect (manager, "reconnect", G_CALLBACK (on_reconnect), log);
  g_signal_connect (manager, "reconnect-attempt", G_CALLBACK (on_reconnect_attempt), log);
  g_signal_connect (manager, "reconnect-error", G_CALLBACK (on_reconnect_error), log);
  g_signal_connect (manager, "reconnect-failed", G_CALLBACK (on_reconnect_failed), log);
}

guint
sio_test_log_count (SioTestLog *log, const char *words)
{
  gsize length = strlen (words);
  guint n = 0;

  for (guint i = 0; i < log->entries->len; i++)
    {
      const char *entry = g_ptr_array_index (log->entries, i);

      if (g_str_has_prefix (entry, words) && (entry[length] == '\0' || entry[length] == ' '))
        n++;
    }
  return n;
}

void
sio_test_log_forget (SioTestLog *log)
{
  g_ptr_array_set_size (log->entries, 0);
}

char *
sio_test_log_join (SioTestLog *log)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < log->entries->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "; " : "",
                            (const char *) g_ptr_array_index (log->entries, i));
  return g_string_free (text, FALSE);
}

void
sio_test_reply_clear (SioTestReply *reply)
{
  g_clear_pointer (&reply->args, sio_value_unref);
  g_clear_error (&reply->error);
}

void
sio_test_reply_async_cb (GObject *source, GAsyncResult *result, gpointer reply)
{
  SioTestReply *self = reply;

  g_assert_cmpuint (self->n_calls, ==, 0);
  self->n_calls++;
  self->args = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &self->error);
  g_assert_true ((self->args == NULL) == (self->error != NULL));
}

void
sio_test_reply_cb (SioSocket *socket, SioValue *args, const GError *error, gpointer reply)
{
  SioTestReply *self = reply;

  g_assert_cmpuint (self->n_calls, ==, 0);
  g_assert_cmpuint (self->n_destroyed, ==, 0);
  g_assert_true ((args == NULL) == (error != NULL));
  self->n_calls++;
  self->args = args != NULL ? sio_value_ref (args) : NULL;
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

void
sio_test_reply_destroy (gpointer reply)
{
  SioTestReply *self = reply;

  self->n_destroyed++;
}
