/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <string.h>

/* The ends of connections and what comes after them. */

static gboolean
on_websocket (SioTestClient *client)
{
  return g_strcmp0 (sio_test_client_get_transport (client), "websocket") == 0;
}

/* A client on the transport where it stays, whose log is empty. */
static SioTestClient *
settled_client (const SioTestMode *mode, SioTestServer *server)
{
  SioTestClient *client = sio_test_client_new (mode, server, "/");

  sio_test_client_connect (client);
  sio_test_client_settle (client);
  sio_test_sync (client->socket);
  sio_test_log_forget (&client->log);
  return client;
}

static void
check_reason (SioSocket *socket,
              SioDisconnectReason reason,
              const GError *details,
              gpointer user_data)
{
  gboolean asked = reason == SIO_DISCONNECT_REASON_IO_SERVER_DISCONNECT ||
                   reason == SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT;

  g_assert_false (sio_socket_get_connected (socket));
  g_assert_null (sio_socket_get_id (socket));
  g_assert_true (sio_socket_get_active (socket) == !asked);
  g_assert_true ((details != NULL) == (reason == SIO_DISCONNECT_REASON_TRANSPORT_CLOSE ||
                                       reason == SIO_DISCONNECT_REASON_TRANSPORT_ERROR ||
                                       reason == SIO_DISCONNECT_REASON_PARSE_ERROR));
}

static void
run_kick (const SioTestMode *mode, const char *event)
{
  g_autoptr (SioTestClient) client = settled_client (mode, sio_test_shared_server ());

  g_signal_connect (client->socket, "disconnect", G_CALLBACK (check_reason), NULL);
  sio_socket_emit (client->socket, event, NULL);
  sio_test_wait (sio_test_log_count (&client->log, "disconnect") > 0);
  sio_test_watch (100);
  sio_test_assert_log (&client->log, "closed; disconnect io server disconnect");
  g_assert_false (sio_socket_get_active (client->socket));
  sio_test_client_connect (client);
  sio_test_sync (client->socket);
}

static void
test_kick (const SioTestMode *mode)
{
  run_kick (mode, "kick");
}

static void
test_kick_close (const SioTestMode *mode)
{
  run_kick (mode, "kick-close");
}

static void
test_kick_one (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = settled_client (mode, sio_test_shared_server ());
  g_autoptr (SioSocket) admin = sio_manager_get_socket (client->manager, "/admin", NULL);
  SioTestLog log;

  sio_test_log_init (&log);
  sio_test_log_socket (&log, admin);
  sio_test_log_events (&log, admin);
  sio_socket_open (admin);
  sio_test_wait (sio_socket_get_connected (admin));
  sio_socket_emit (admin, "emit-kick", "(s)", "bye");
  sio_test_wait (sio_test_log_count (&log, "disconnect") > 0);
  sio_test_assert_log (&log, "connect; last-words [\"bye\"]; disconnect io server disconnect");
  g_assert_false (sio_socket_get_active (admin));
  sio_test_sync (client->socket);
  sio_test_assert_log (&client->log, "");
  g_signal_handlers_disconnect_by_data (admin, &log);
  sio_test_log_clear (&log);
}

/* O14: what came before the end is delivered before the end is told. */
static void
test_last_words (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = settled_client (mode, sio_test_shared_server ());

  sio_test_log_events (&client->log, client->socket);
  sio_socket_emit (client->socket, "emit-kick", "(s)", "bye");
  sio_test_wait (sio_test_log_count (&client->log, "disconnect") > 0);
  sio_test_assert_log (&client->log,
                       "last-words [\"bye\"]; closed; disconnect io server disconnect");
}

static void
test_engine_close (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = settled_client (mode, sio_test_shared_server ());
  g_autoptr (SioValue) first = sio_test_ask (client->socket, "whoami", NULL);
  g_autoptr (SioValue) second = NULL;

  g_signal_connect (client->socket, "disconnect", G_CALLBACK (check_reason), NULL);
  sio_socket_emit (client->socket, "engine-close", NULL);
  sio_test_wait (sio_test_log_count (&client->log, "connect") > 0);
  sio_test_assert_log (&client->log, "closed; disconnect transport close; reconnect-attempt 1; "
                                     "opened; reconnect 1; connect");
  second = sio_test_ask (client->socket, "whoami", NULL);
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (first, "/0/id")), !=,
                   sio_value_get_string (sio_value_lookup (second, "/0/id")));
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (first, "/0/engine")), !=,
                   sio_value_get_string (sio_value_lookup (second, "/0/engine")));
}

static void
test_drop (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = settled_client (mode, sio_test_shared_server ());

  g_signal_connect (client->socket, "disconnect", G_CALLBACK (check_reason), NULL);
  sio_socket_emit (client->socket, "drop", NULL);
  sio_test_wait (sio_test_log_count (&client->log, "connect") > 0);
  sio_test_assert_log (&client->log,
                       g_str_equal (mode->last, "polling")
                           ? "error; closed; disconnect transport error; reconnect-attempt 1; "
                             "opened; reconnect 1; connect"
                           : "closed; disconnect transport close; reconnect-attempt 1; opened; "
                             "reconnect 1; connect");
  sio_test_sync (client->socket);
}

/* What happens from the death of the server to the reconnection, after n attempts that failed. */
static char *
expect_restart (gboolean websocket, guint n_failed)
{
  GString *expected = g_string_new (websocket ? "closed; disconnect transport close"
                                              : "error; closed; disconnect transport error");

  for (guint i = 1; i <= n_failed; i++)
    g_string_append_printf (expected,
                            "; reconnect-attempt %u; error; connect-error; reconnect-error", i);
  g_string_append_printf (expected, "; reconnect-attempt %u; opened; reconnect %u; connect",
                          n_failed + 1, n_failed + 1);
  return g_string_free (expected, FALSE);
}

static void
test_restart (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  g_autoptr (SioTestClient) client = settled_client (mode, server);
  gboolean websocket = on_websocket (client);
  g_autofree char *id = g_strdup (sio_socket_get_id (client->socket));
  g_autofree char *expected = NULL;
  g_autoptr (SioValue) report = NULL;
  guint n_failed;

  sio_test_server_stop (server);
  sio_test_wait (sio_test_log_count (&client->log, "reconnect-error") >= 2);
  for (int i = 0; i < 10; i++)
    sio_socket_emit (client->socket, "count", "(i)", i);
  sio_test_server_start (server);
  sio_test_wait (sio_socket_get_connected (client->socket));
  n_failed = sio_test_log_count (&client->log, "reconnect-error");
  expected = expect_restart (websocket, n_failed);
  sio_test_assert_log (&client->log, expected);
  g_assert_cmpstr (sio_socket_get_id (client->socket), !=, id);
  g_assert_false (sio_socket_get_recovered (client->socket));

  /* S34: what was emitted meanwhile has been sent, in order. */
  report = sio_test_ask (client->socket, "count-report", NULL);
  g_assert_cmpint (sio_value_get_integer (sio_value_lookup (report, "/0/received")), ==, 10);
  g_assert_true (sio_value_get_boolean (sio_value_lookup (report, "/0/inOrder")));
}

/* O11: the first attempt fails, the server comes later. */
static void
test_first_fails (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");

  sio_test_server_stop (server);
  sio_socket_open (client->socket);
  sio_test_wait (sio_test_log_count (&client->log, "reconnect-error") >= 1);
  g_assert_true (sio_socket_get_active (client->socket));
  sio_test_server_start (server);
  sio_test_wait (sio_socket_get_connected (client->socket));
  {
    guint n_failed = sio_test_log_count (&client->log, "reconnect-error");
    GString *expected = g_string_new ("error; connect-error");
    g_autofree char *text = NULL;

    for (guint i = 1; i <= n_failed; i++)
      g_string_append_printf (expected,
                              "; reconnect-attempt %u; error; connect-error; reconnect-error", i);
    g_string_append_printf (expected, "; reconnect-attempt %u; opened; reconnect %u; connect",
                            n_failed + 1, n_failed + 1);
    text = g_string_free (expected, FALSE);
    sio_test_assert_log (&client->log, text);
  }
}

static void
test_off (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;

  g_object_set (options, "reconnection", FALSE, NULL);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);
  sio_test_log_forget (&client->log);
  sio_socket_emit (client->socket, "engine-close", NULL);
  sio_test_wait (sio_test_log_count (&client->log, "disconnect") > 0);
  sio_test_watch (150);
  sio_test_assert_log (&client->log, "closed; disconnect transport close");
  sio_test_client_connect (client);
}

static void
test_attempts (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;

  g_object_set (options, "reconnection-attempts", 2, NULL);
  client = sio_test_client_new_full (mode, server, "/", options);
  sio_test_server_stop (server);
  sio_socket_open (client->socket);
  sio_test_wait (sio_test_log_count (&client->log, "reconnect-failed") > 0 &&
                 sio_test_log_count (&client->log, "reconnect-error") == 2);
  sio_test_watch (100);
  /* M32: on the last one, the end of the loop is told before the error. */
  sio_test_assert_log (&client->log, "error; connect-error; "
                                     "reconnect-attempt 1; error; connect-error; reconnect-error; "
                                     "reconnect-attempt 2; error; connect-error; reconnect-failed; "
                                     "reconnect-error");
  sio_test_server_start (server);
  sio_test_client_connect (client);
}

static void
test_switched_off (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");
  guint n;

  sio_test_server_stop (server);
  sio_socket_open (client->socket);
  sio_test_wait (sio_test_log_count (&client->log, "reconnect-error") >= 1);
  sio_manager_set_reconnection (client->manager, FALSE);
  n = client->log.entries->len;
  sio_test_watch (150);
  g_assert_cmpuint (client->log.entries->len, ==, n);
  sio_test_server_start (server);
  sio_test_client_connect (client);
}

static void
test_closed_meanwhile (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  g_autoptr (SioTestClient) client = settled_client (mode, server);
  guint n;

  sio_test_server_stop (server);
  sio_test_wait (sio_test_log_count (&client->log, "reconnect-error") >= 1);
  sio_socket_close (client->socket);
  g_assert_false (sio_socket_get_active (client->socket));
  g_assert_cmpuint (sio_test_log_count (&client->log, "disconnect"), ==, 1);
  n = sio_test_log_count (&client->log, "reconnect-attempt");
  sio_test_watch (150);
  g_assert_cmpuint (sio_test_log_count (&client->log, "reconnect-attempt"), ==, n);
}

static void
close_and_open (SioManager *manager, guint attempt, SioSocket *socket)
{
  g_signal_handlers_disconnect_by_func (manager, close_and_open, socket);
  sio_socket_close (socket);
  sio_socket_open (socket);
}

static void
test_reopened_in_attempt (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = settled_client (mode, sio_test_shared_server ());

  g_signal_connect (client->manager, "reconnect-attempt", G_CALLBACK (close_and_open),
                    client->socket);
  sio_socket_emit (client->socket, "engine-close", NULL);
  sio_test_wait (sio_test_log_count (&client->log, "connect") > 0);
  sio_test_sync (client->socket);
  g_assert_cmpuint (sio_test_log_count (&client->log, "reconnect-attempt"), ==, 1);
  g_assert_cmpuint (sio_test_log_count (&client->log, "reconnect"), ==, 0);
  g_assert_cmpuint (sio_test_log_count (&client->log, "connect"), ==, 1);
  g_assert_cmpuint (sio_test_log_count (&client->log, "opened"), ==, 1);
}

static void
test_two_namespaces (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = settled_client (mode, sio_test_shared_server ());
  g_autoptr (SioSocket) admin = sio_manager_get_socket (client->manager, "/admin", NULL);

  sio_test_log_socket (&client->log, admin);
  sio_socket_open (admin);
  sio_test_wait (sio_socket_get_connected (admin));
  sio_test_log_forget (&client->log);
  sio_socket_emit (client->socket, "engine-close", NULL);
  sio_test_wait (sio_test_log_count (&client->log, "connect") == 2);
  sio_test_assert_log (&client->log,
                       "closed; disconnect transport close; disconnect transport close; "
                       "reconnect-attempt 1; opened; reconnect 1; connect; connect");
  g_signal_handlers_disconnect_by_data (admin, &client->log);
}

static void
count_ping (SioManager *manager, guint *n_pings)
{
  (*n_pings)++;
}

static void
test_heartbeat (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server =
      sio_test_server_new ("{\"pingInterval\":50,\"pingTimeout\":5000}");
  g_autoptr (SioTestClient) client = settled_client (mode, server);
  guint n_pings = 0;

  g_signal_connect (client->manager, "ping", G_CALLBACK (count_ping), &n_pings);
  sio_test_wait (n_pings >= 5);
  sio_test_sync (client->socket);
  sio_test_assert_log (&client->log, "");
  g_signal_handlers_disconnect_by_data (client->manager, &n_pings);
}

static void
test_ping_timeout (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server =
      sio_test_server_new ("{\"pingInterval\":300,\"pingTimeout\":200}");
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;
  gint64 start;

  g_object_set (options, "timeout", 300 * sio_test_slowness (), NULL);
  client = sio_test_client_new_full (mode, server, "/", options);
  g_signal_connect (client->socket, "disconnect", G_CALLBACK (check_reason), NULL);
  sio_test_client_connect (client);
  sio_test_client_settle (client);
  sio_test_log_forget (&client->log);
  sio_test_server_freeze (server);
  start = g_get_monotonic_time ();
  sio_test_wait (sio_test_log_count (&client->log, "disconnect") > 0);
  /* Not too soon; not too late is for tests/plays to say, which have a clock of their own. */
  g_assert_cmpint ((g_get_monotonic_time () - start) / 1000, >=, 200 - 10);
  sio_test_assert_log (&client->log, "closed; disconnect ping timeout");

  /* The frozen server still accepts connections; it only does not answer. */
  sio_test_wait (sio_test_log_count (&client->log, "reconnect-error") > 0);
  sio_test_server_thaw (server);
  sio_test_wait (sio_socket_get_connected (client->socket));
  sio_test_sync (client->socket);
}

static void
test_restart_loop (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  g_autoptr (SioTestClient) client = settled_client (mode, server);

  for (guint i = 1; i <= 5; i++)
    {
      sio_test_server_stop (server);
      sio_test_server_start (server);
      sio_test_wait (sio_test_log_count (&client->log, "connect") == i);
      sio_test_sync (client->socket);
      g_assert_cmpuint (sio_test_log_count (&client->log, "disconnect"), ==, i);
    }
}

/* What the server hears of it. */
static void
test_server_side (const SioTestMode *mode)
{
  SioTestServer *server = sio_test_shared_server ();
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");

  sio_test_client_settle (client);
  sio_test_server_tell (server, "{\"cmd\":\"log\"}");
  sio_socket_close (client->socket);
  sio_test_server_tell (server, "{\"cmd\":\"await-log\",\"entry\":{\"log\":\"disconnect\","
                                "\"reason\":\"client namespace disconnect\"}}");

  sio_test_client_connect (client);
  sio_test_client_settle (client);
  sio_test_server_tell (server, "{\"cmd\":\"engine-close\"}");
  sio_test_server_tell (server, "{\"cmd\":\"await-log\",\"entry\":{\"log\":\"disconnect\","
                                "\"reason\":\"forced close\"}}");
}

static void
test_recovery (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server =
      sio_test_server_new ("{\"connectionStateRecovery\":{\"maxDisconnectionDuration\":60000}}");
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");
  g_autofree char *id = NULL;
  g_autofree char *saved = NULL;
  g_autofree char *log = NULL;
  const char *missed;

  sio_test_client_connect (client);
  sio_test_client_settle (client);
  g_assert_false (sio_socket_get_recovered (client->socket));
  id = g_strdup (sio_socket_get_id (client->socket));
  g_free (sio_test_ask_json (client->socket, "emit-me", sio_args ("(s)", "first")));
  g_free (sio_test_ask_json (client->socket, "save", sio_args ("(s)", "data of the session")));
  sio_test_log_forget (&client->log);
  sio_test_log_events (&client->log, client->socket);
  sio_socket_emit_args (client->socket, "drop-then-emit",
                        sio_value_new_from_variant (g_variant_new_parsed (
                            "([<'missed'>, <1>], [<'missed'>, <2>], [<'missed'>, <3>])")));
  sio_test_wait (sio_test_log_count (&client->log, "connect") > 0);
  g_assert_true (sio_socket_get_recovered (client->socket));
  g_assert_cmpstr (sio_socket_get_id (client->socket), ==, id);

  /* P42, S17: in order and before the connection is told. */
  g_assert_cmpuint (sio_test_log_count (&client->log, "missed"), ==, 3);
  log = sio_test_log_join (&client->log);
  missed = strstr (log, "reconnect 1; missed [1,");
  g_assert_nonnull (missed);
  missed = strstr (missed, "; missed [2,");
  g_assert_nonnull (missed);
  missed = strstr (missed, "; missed [3,");
  g_assert_nonnull (missed);
  g_assert_true (g_str_has_suffix (missed, "; connect"));
  saved = sio_test_ask_json (client->socket, "load", NULL);
  g_assert_cmpstr (saved, ==, "[\"data of the session\"]");
}

static void
test_recovery_fails (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server =
      sio_test_server_new ("{\"connectionStateRecovery\":{\"maxDisconnectionDuration\":60000}}");
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");
  g_autofree char *id = NULL;

  sio_test_client_connect (client);
  sio_test_client_settle (client);
  id = g_strdup (sio_socket_get_id (client->socket));
  g_free (sio_test_ask_json (client->socket, "emit-me", sio_args ("(s)", "first")));

  /* S56: one that was ended on purpose is not recovered. */
  sio_socket_close (client->socket);
  sio_test_client_connect (client);
  sio_test_client_settle (client);
  g_assert_false (sio_socket_get_recovered (client->socket));
  g_assert_cmpstr (sio_socket_get_id (client->socket), !=, id);

  /* Nor by a server that knows nothing of it. */
  g_free (sio_test_ask_json (client->socket, "emit-me", sio_args ("(s)", "second")));
  sio_test_log_forget (&client->log);
  sio_test_server_stop (server);
  sio_test_server_start (server);
  sio_test_wait (sio_test_log_count (&client->log, "connect") == 1);
  g_assert_false (sio_socket_get_recovered (client->socket));
  sio_test_sync (client->socket);
}

static const SioTestCase cases[] = {
  { "reasons/S30-kick", test_kick },
  { "reasons/S30-kick-close", test_kick_close, SIO_TEST_NODE_ONLY },
  { "reasons/S30-kick-one", test_kick_one },
  { "reasons/O14-last-words", test_last_words },
  { "reasons/S61-transport-close", test_engine_close, SIO_TEST_NODE_ONLY },
  { "reasons/S61-dropped", test_drop, SIO_TEST_NODE_ONLY },
  { "reasons/S62-server-side", test_server_side, SIO_TEST_NODE_ONLY },
  { "reasons/E43-ping-timeout", test_ping_timeout, SIO_TEST_NODE_ONLY },
  { "reasons/E42-heartbeat", test_heartbeat, SIO_TEST_NODE_ONLY },
  { "reconnect/O9-restart", test_restart, SIO_TEST_NODE_ONLY },
  { "reconnect/restart-loop", test_restart_loop, SIO_TEST_NODE_ONLY },
  { "reconnect/O11-first-fails", test_first_fails, SIO_TEST_NODE_ONLY },
  { "reconnect/M2-off", test_off, SIO_TEST_NODE_ONLY },
  { "reconnect/M32-attempts", test_attempts, SIO_TEST_NODE_ONLY },
  { "reconnect/M7-switched-off", test_switched_off, SIO_TEST_NODE_ONLY },
  { "reconnect/M41-closed-meanwhile", test_closed_meanwhile, SIO_TEST_NODE_ONLY },
  { "reconnect/M42-reopened-in-attempt", test_reopened_in_attempt, SIO_TEST_NODE_ONLY },
  { "reconnect/O8-two-namespaces", test_two_namespaces, SIO_TEST_NODE_ONLY },
  { "recovery/S54-recovered", test_recovery, SIO_TEST_NODE_ONLY, 406 },
  { "recovery/S55-S56-not-recovered", test_recovery_fails, SIO_TEST_NODE_ONLY, 406 },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
