/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

/* Connections and namespaces, as a program sees them. */

static SioValue *
ask_server (const char *command)
{
  return sio_test_server_command (sio_test_shared_server (), command);
}

/* How many entries of the server's log are of that kind, by the value of a member. */
static guint
count_in_log (SioValue *reply, const char *kind, const char *member, const char *value)
{
  SioValue *log = sio_value_get_member (reply, "log");
  guint n = 0;

  for (guint i = 0; i < sio_value_get_length (log); i++)
    {
      SioValue *entry = sio_value_get_element (log, i);

      if (g_strcmp0 (sio_value_get_string (sio_value_get_member (entry, "log")), kind) == 0 &&
          g_strcmp0 (sio_value_get_string (sio_value_get_member (entry, member)), value) == 0)
        n++;
    }
  return n;
}

static void
on_notify (GObject *object, GParamSpec *pspec, SioTestLog *log)
{
  sio_test_log_add (log, "notify::%s", pspec->name);
}

static void
test_id (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  g_autoptr (SioValue) answer = NULL;
  SioValue *whoami;
  SioEngine *engine;

  g_assert_false (sio_socket_get_active (client->socket));
  g_assert_false (sio_socket_get_connected (client->socket));
  g_assert_true (sio_socket_get_disconnected (client->socket));
  g_assert_false (sio_socket_get_recovered (client->socket));
  g_assert_null (sio_socket_get_id (client->socket));
  g_assert_cmpstr (sio_socket_get_nsp (client->socket), ==, "/");
  g_assert_true (sio_socket_get_io (client->socket) == client->manager);

  g_assert_true (sio_socket_open (client->socket) == client->socket);
  sio_test_assert_log (&client->log, "");
  g_assert_true (sio_socket_get_active (client->socket));
  g_assert_false (sio_socket_get_connected (client->socket));
  sio_test_wait (sio_socket_get_connected (client->socket));
  sio_test_assert_log (&client->log, "opened; connect");
  g_assert_true (sio_socket_get_active (client->socket));
  g_assert_false (sio_socket_get_disconnected (client->socket));
  g_assert_false (sio_socket_get_recovered (client->socket));

  answer = sio_test_ask (client->socket, "whoami", NULL);
  whoami = sio_value_get_element (answer, 0);
  engine = sio_manager_get_engine (client->manager);
  g_assert_nonnull (engine);
  g_assert_cmpstr (sio_socket_get_id (client->socket), ==,
                   sio_value_get_string (sio_value_get_member (whoami, "id")));
  g_assert_cmpstr (sio_socket_get_id (client->socket), !=, sio_engine_get_id (engine));
  if (sio_test_server_is_node ())
    g_assert_cmpstr (sio_engine_get_id (engine), ==,
                     sio_value_get_string (sio_value_get_member (whoami, "engine")));
}

static void
check_in_connect (SioSocket *socket, gpointer user_data)
{
  g_assert_true (sio_socket_get_connected (socket));
  g_assert_true (sio_socket_get_active (socket));
  g_assert_nonnull (sio_socket_get_id (socket));
}

static void
check_in_disconnect (SioSocket *socket,
                     SioDisconnectReason reason,
                     const GError *details,
                     gpointer user_data)
{
  g_assert_cmpint (reason, ==, SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT);
  g_assert_null (details);
  g_assert_false (sio_socket_get_connected (socket));
  g_assert_false (sio_socket_get_active (socket));
  g_assert_null (sio_socket_get_id (socket));
}

static void
test_properties (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  SioTestLog log;

  sio_test_log_init (&log);
  g_signal_connect (client->socket, "connect", G_CALLBACK (check_in_connect), NULL);
  g_signal_connect (client->socket, "disconnect", G_CALLBACK (check_in_disconnect), NULL);
  g_signal_connect (client->socket, "notify::connected", G_CALLBACK (on_notify), &log);
  g_signal_connect (client->socket, "notify::active", G_CALLBACK (on_notify), &log);
  sio_test_client_connect (client);
  sio_test_assert_log (&log, "notify::active; notify::connected");

  sio_test_log_forget (&log);
  sio_socket_close (client->socket);
  g_assert_cmpuint (sio_test_log_count (&log, "notify::active"), ==, 1);
  g_assert_cmpuint (sio_test_log_count (&log, "notify::connected"), ==, 1);
  g_assert_cmpuint (log.entries->len, ==, 2);
  g_signal_handlers_disconnect_by_data (client->socket, &log);
  sio_test_log_clear (&log);
}

static void
test_close (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");

  sio_test_log_forget (&client->log);
  g_assert_true (sio_socket_close (client->socket) == client->socket);
  sio_test_assert_log (&client->log, "closed; disconnect io client disconnect");
  sio_socket_close (client->socket);
  sio_socket_disconnect (client->socket);
  sio_test_assert_log (&client->log, "closed; disconnect io client disconnect");
}

static void
test_close_sends_all (const SioTestMode *mode)
{
  SioTestServer *server = sio_test_shared_server ();
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autofree char *id = g_strdup (sio_socket_get_id (client->socket));
  g_autoptr (SioValue) reply = NULL;
  SioValue *log;
  gint64 n_notes = 0;

  sio_test_server_tell (server, "{\"cmd\":\"log\"}");
  for (int i = 0; i < 100; i++)
    sio_socket_emit (client->socket, "note", "(i)", i);
  sio_socket_close (client->socket);

  sio_test_server_await_clients (server, 0);
  reply = ask_server ("{\"cmd\":\"log\"}");
  log = sio_value_get_member (reply, "log");
  for (guint i = 0; i < sio_value_get_length (log); i++)
    {
      SioValue *entry = sio_value_get_element (log, i);
      const char *kind = sio_value_get_string (sio_value_get_member (entry, "log"));
      const char *who = sio_value_get_string (sio_value_get_member (entry, "id"));

      if (g_strcmp0 (kind, "note") == 0)
        g_assert_cmpint (sio_value_get_integer (sio_value_lookup (entry, "/args/0")), ==,
                         n_notes++);
      if (g_strcmp0 (kind, "disconnect") == 0 && g_strcmp0 (who, id) == 0)
        {
          g_assert_cmpstr (sio_value_get_string (sio_value_get_member (entry, "reason")), ==,
                           "client namespace disconnect");
          g_assert_cmpint (n_notes, ==, 100);
        }
    }
  g_assert_cmpint (n_notes, ==, 100);
  g_assert_cmpuint (count_in_log (reply, "disconnect", "id", id), ==, 1);
}

static void
test_reopen (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autofree char *id = g_strdup (sio_socket_get_id (client->socket));

  sio_test_log_forget (&client->log);
  sio_socket_connect (sio_socket_disconnect (client->socket));
  sio_test_wait (sio_socket_get_connected (client->socket));
  sio_test_assert_log (&client->log, "closed; disconnect io client disconnect; opened; connect");
  g_assert_cmpstr (sio_socket_get_id (client->socket), !=, id);
  sio_test_sync (client->socket);
}

static void
open_again (SioSocket *socket,
            SioDisconnectReason reason,
            const GError *details,
            gpointer user_data)
{
  g_signal_handlers_disconnect_by_func (socket, open_again, user_data);
  sio_socket_open (socket);
}

static void
test_reopen_in_handler (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");

  sio_test_log_forget (&client->log);
  g_signal_connect (client->socket, "disconnect", G_CALLBACK (open_again), NULL);
  sio_socket_close (client->socket);
  g_assert_true (sio_socket_get_active (client->socket));
  sio_test_wait (sio_socket_get_connected (client->socket));
  sio_test_assert_log (&client->log, "closed; disconnect io client disconnect; opened; connect");
}

static void
test_close_in_connect (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");

  g_signal_connect (client->socket, "connect", G_CALLBACK (sio_socket_close), NULL);
  sio_socket_open (client->socket);
  sio_test_wait (sio_test_log_count (&client->log, "disconnect") > 0);
  sio_test_assert_log (&client->log, "opened; connect; closed; disconnect io client disconnect");
  sio_test_server_await_clients (sio_test_shared_server (), 0);
}

static void
test_open_twice (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/slow");
  g_autoptr (SioValue) reply = NULL;

  sio_test_server_tell (sio_test_shared_server (), "{\"cmd\":\"log\"}");
  sio_socket_open (client->socket);
  sio_socket_open (client->socket);
  sio_manager_open (client->manager);
  sio_test_wait (sio_test_log_count (&client->log, "opened") > 0);
  sio_socket_open (client->socket);
  sio_test_wait (sio_socket_get_connected (client->socket));
  sio_socket_open (client->socket);
  sio_test_sync (client->socket);
  sio_test_assert_log (&client->log, "opened; connect");
  reply = ask_server ("{\"cmd\":\"log\"}");
  g_assert_cmpuint (count_in_log (reply, "connect", "nsp", "/slow"), ==, 1);
}

static void
test_two_namespaces (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  SioSocket *admin = sio_manager_get_socket (client->manager, "/admin", NULL);
  SioSocket *again = sio_manager_get_socket (client->manager, "/admin", NULL);
  g_autofree char *here = NULL;
  g_autofree char *there = NULL;
  SioTestLog log;

  g_assert_true (again == admin);
  g_object_unref (again);

  sio_test_log_init (&log);
  sio_test_log_socket (&log, admin);
  sio_test_log_events (&log, admin);
  sio_test_log_events (&client->log, client->socket);
  sio_socket_open (client->socket);
  sio_socket_open (admin);
  sio_test_wait (sio_socket_get_connected (client->socket) && sio_socket_get_connected (admin));
  sio_test_server_await_clients (sio_test_shared_server (), 1);
  g_assert_cmpstr (sio_socket_get_id (client->socket), !=, sio_socket_get_id (admin));
  g_assert_cmpstr (sio_socket_get_nsp (admin), ==, "/admin");

  here = sio_test_ask_json (client->socket, "emit-me", sio_args ("(ss)", "news", "of /"));
  there = sio_test_ask_json (admin, "emit-me", sio_args ("(ss)", "news", "of /admin"));
  sio_test_assert_log (&log, "connect; news [\"of /admin\"]");
  sio_test_assert_log (&client->log, "opened; connect; news [\"of /\"]");

  sio_socket_close (admin);
  sio_test_assert_log (&log, "connect; news [\"of /admin\"]; disconnect io client disconnect");
  sio_test_sync (client->socket);
  sio_test_assert_log (&client->log, "opened; connect; news [\"of /\"]");
  sio_socket_open (admin);
  sio_test_wait (sio_socket_get_connected (admin));
  sio_test_sync (admin);
  sio_test_server_await_clients (sio_test_shared_server (), 1);

  sio_test_drop (admin);
  sio_test_log_clear (&log);
  sio_test_sync (client->socket);
}

static void
test_dynamic (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/dynamic-101");
  g_autoptr (SioValue) answer = sio_test_ask (client->socket, "whoami", NULL);

  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/nsp")), ==, "/dynamic-101");
}

static void
test_slow_close (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autoptr (SioSocket) slow = sio_manager_get_socket (client->manager, "/slow", NULL);
  SioTestLog log;

  sio_test_log_init (&log);
  sio_test_log_socket (&log, slow);
  sio_test_server_tell (sio_test_shared_server (), "{\"cmd\":\"log\"}");
  sio_socket_open (slow);
  sio_test_sync (client->socket);
  sio_socket_close (slow);
  g_assert_false (sio_socket_get_active (slow));

  /* The server may not keep a socket that nobody here knows of. */
  sio_test_server_tell (
      sio_test_shared_server (),
      "{\"cmd\":\"await-log\",\"entry\":{\"log\":\"disconnect\",\"nsp\":\"/slow\"}}");
  sio_test_assert_log (&log, "");
  sio_test_sync (client->socket);
  g_signal_handlers_disconnect_by_data (slow, &log);
  sio_test_log_clear (&log);
}

static const SioTestCase cases[] = {
  { "connect/S11-event-and-id", test_id },
  { "connect/S1-properties", test_properties },
  { "connect/S57-close", test_close },
  { "connect/O5-close-sends-all", test_close_sends_all, SIO_TEST_NODE_ONLY },
  { "connect/S8-reopen", test_reopen },
  { "connect/S8-reopen-in-handler", test_reopen_in_handler },
  { "connect/S59-close-in-connect", test_close_in_connect },
  { "connect/S7-open-twice", test_open_twice, SIO_TEST_NODE_ONLY },
  { "namespace/P34-two", test_two_namespaces },
  { "namespace/dynamic", test_dynamic, SIO_TEST_NODE_ONLY },
  { "namespace/S58-close-while-joining", test_slow_close, SIO_TEST_NODE_ONLY },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
