/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

/* From polling to WebSocket, in the middle of whatever goes on. */

static void
on_upgrade (SioEngine *engine, const char *transport_name, SioTestLog *log)
{
  g_assert_cmpstr (sio_engine_get_transport_name (engine), ==, transport_name);
  sio_test_log_add (log, "upgrade %s", transport_name);
}

static void
on_transport_name (SioEngine *engine, GParamSpec *pspec, SioTestLog *log)
{
  sio_test_log_add (log, "notify %s", sio_engine_get_transport_name (engine));
}

static void
watch_engine (SioManager *manager, SioTestLog *log)
{
  SioEngine *engine = sio_manager_get_engine (manager);

  g_assert_cmpstr (sio_engine_get_transport_name (engine), ==, "polling");
  g_signal_connect (engine, "upgrade", G_CALLBACK (on_upgrade), log);
  g_signal_connect (engine, "notify::transport-name", G_CALLBACK (on_transport_name), log);
}

static void
test_signal (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  g_autoptr (SioValue) answer = NULL;
  SioTestLog log;

  sio_test_log_init (&log);
  g_signal_connect (client->manager, "opened", G_CALLBACK (watch_engine), &log);
  sio_test_client_connect (client);
  sio_test_client_settle (client);
  sio_test_wait (sio_test_log_count (&log, "upgrade") > 0);
  sio_test_assert_log (&log, "notify websocket; upgrade websocket");
  answer = sio_test_ask (client->socket, "whoami", NULL);
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/transport")), ==,
                   "websocket");
  sio_test_assert_log (&client->log, "opened; connect");
  g_clear_pointer (&client, sio_test_client_free);
  sio_test_log_clear (&log);
}

typedef struct
{
  SioTestClient *client;
  guint n_sent;
  guint n_received;
  guint n_binary;
  gboolean stop;
} Flow;

static void
check_burst (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  Flow *flow = user_data;

  g_assert_cmpint (sio_value_get_integer (sio_event_get_arg (event, 0)), ==, flow->n_received);
  flow->n_received++;
}

static void
check_binary (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  Flow *flow = user_data;
  GBytes *bytes = sio_value_get_bytes (sio_event_get_arg (event, 1));

  g_assert_cmpint (sio_value_get_integer (sio_event_get_arg (event, 0)), ==, flow->n_binary);
  g_assert_nonnull (bytes);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 100);
  flow->n_binary++;
}

static gboolean
send_some (gpointer user_data)
{
  Flow *flow = user_data;
  g_autofree char *data = g_malloc0 (100);

  if (flow->stop)
    return G_SOURCE_REMOVE;
  for (int i = 0; i < 3; i++, flow->n_sent++)
    {
      sio_socket_emit (flow->client->socket, "count", "(u)", flow->n_sent);
      sio_socket_emit (flow->client->socket, "binary", "(u@ay)", flow->n_sent,
                       g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, 100, 1));
    }
  return G_SOURCE_CONTINUE;
}

/* E50: nothing is lost and nothing overtakes, while both sides send all the time. */
static void
test_nothing_lost (const SioTestMode *mode)
{
  for (guint round = 0; round < 10; round++)
    {
      g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
      g_autoptr (SioValue) report = NULL;
      g_auto (SioTestReply) burst = { 0 };
      Flow flow = { client };

      sio_socket_on (client->socket, "burst", check_burst, &flow, NULL);
      sio_socket_on (client->socket, "binary", check_binary, &flow, NULL);
      sio_socket_emit_with_ack_async (client->socket, "burst", sio_args ("(ii)", 500, round % 3),
                                      NULL, sio_test_reply_async_cb, &burst);
      g_timeout_add (1, send_some, &flow);
      sio_socket_open (client->socket);
      sio_test_client_settle (client);
      sio_test_wait (burst.n_calls == 1);
      sio_test_wait (flow.n_sent > 0);
      flow.stop = TRUE;
      sio_test_sync (client->socket);
      g_assert_no_error (burst.error);
      g_assert_cmpuint (flow.n_received, ==, 500);
      g_assert_cmpuint (flow.n_binary, ==, flow.n_sent);
      report = sio_test_ask (client->socket, "count-report", NULL);
      g_assert_true (sio_value_get_boolean (sio_value_lookup (report, "/0/inOrder")));
      g_assert_cmpint (sio_value_get_integer (sio_value_lookup (report, "/0/received")), ==,
                       flow.n_sent);
      sio_test_assert_log (&client->log, "opened; connect");
      /* The timer has seen the flag before the flow goes away. */
      while (g_source_remove_by_user_data (&flow))
        continue;
      sio_socket_off (client->socket, NULL, 0);
    }
}

static void
test_option_off (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;

  g_object_set (options, "upgrade", FALSE, NULL);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);
  sio_test_sync (client->socket);
  sio_test_watch (150);
  g_assert_cmpstr (sio_test_client_get_transport (client), ==, "polling");
}

static void
test_not_offered (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new ("{\"transports\":[\"polling\"]}");
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");

  sio_test_client_connect (client);
  sio_test_sync (client->socket);
  sio_test_watch (150);
  g_assert_cmpstr (sio_test_client_get_transport (client), ==, "polling");
  sio_test_assert_log (&client->log, "opened; connect");
}

/* E51: a probe that fails leaves the session as it is, and is not tried again. */
static void
test_refused (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");

  sio_test_server_tell (server, "{\"cmd\":\"refuse-upgrades\"}");
  sio_test_client_connect (client);
  sio_test_sync (client->socket);
  sio_test_watch (150);
  g_assert_cmpstr (sio_test_client_get_transport (client), ==, "polling");
  sio_test_server_tell (server, "{\"cmd\":\"refuse-upgrades\",\"refuse\":false}");
  sio_test_sync (client->socket);
  sio_test_watch (150);
  g_assert_cmpstr (sio_test_client_get_transport (client), ==, "polling");
  sio_test_assert_log (&client->log, "opened; connect");
}

/* E48: as long as the probe takes, the session works by polling. */
static void
test_held (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");

  sio_test_server_tell (server, "{\"cmd\":\"hold\",\"what\":\"upgrade\"}");
  sio_test_client_connect (client);
  for (int i = 0; i < 5; i++)
    sio_test_sync (client->socket);
  g_assert_cmpstr (sio_test_client_get_transport (client), ==, "polling");
  sio_test_server_tell (server, "{\"cmd\":\"release\"}");
  sio_test_client_settle (client);
  sio_test_sync (client->socket);
  sio_test_assert_log (&client->log, "opened; connect");
}

static void
test_closed_meanwhile (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  SioTestClient *client = sio_test_client_new (mode, server, "/");

  sio_test_server_tell (server, "{\"cmd\":\"hold\",\"what\":\"upgrade\"}");
  sio_test_client_connect (client);
  sio_test_sync (client->socket);
  /* Everything is gone although the probe has no answer yet. */
  sio_test_client_free (client);
  sio_test_server_tell (server, "{\"cmd\":\"release\"}");
  sio_test_server_await_clients (server, 0);
}

static void
emit_and_close (SioSocket *socket, gpointer user_data)
{
  for (int i = 0; i < 20; i++)
    sio_socket_emit (socket, "note", "(i)", i);
  sio_socket_close (socket);
}

/* E64: closing waits until all is sent, also when the upgrade is just then under way. */
static void
test_close_sends_all (const SioTestMode *mode)
{
  SioTestServer *server = sio_test_shared_server ();

  for (guint round = 0; round < 10; round++)
    {
      g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");
      g_autoptr (SioValue) reply = NULL;
      SioValue *log;
      gint64 n_notes = 0;

      sio_test_server_tell (server, "{\"cmd\":\"log\"}");
      if (round < 5)
        {
          g_signal_connect (client->socket, "connect", G_CALLBACK (emit_and_close), NULL);
          sio_socket_open (client->socket);
        }
      else
        {
          sio_test_client_connect (client);
          for (guint turn = 5; turn < round; turn++)
            sio_test_sync (client->socket);
          emit_and_close (client->socket, NULL);
        }
      sio_test_wait (sio_test_log_count (&client->log, "disconnect") > 0);
      sio_test_server_await_clients (server, 0);
      reply = sio_test_server_command (server, "{\"cmd\":\"log\"}");
      log = sio_value_get_member (reply, "log");
      for (guint i = 0; i < sio_value_get_length (log); i++)
        {
          SioValue *number = sio_value_lookup (sio_value_get_element (log, i), "/args/0");

          if (number != NULL)
            g_assert_cmpint (sio_value_get_integer (number), ==, n_notes++);
        }
      g_assert_cmpint (n_notes, ==, 20);
    }
}

/* E80: what worked the last time is taken at once. */
static void
test_remember (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;
  g_autoptr (SioValue) first = NULL;
  g_autoptr (SioValue) second = NULL;

  g_object_set (options, "remember-upgrade", TRUE, NULL);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);
  sio_test_client_settle (client);
  first = sio_test_ask (client->socket, "handshake", NULL);
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (first, "/0/query/transport")), ==,
                   "polling");
  sio_socket_close (client->socket);
  sio_test_client_connect (client);
  g_assert_cmpstr (sio_test_client_get_transport (client), ==, "websocket");
  second = sio_test_ask (client->socket, "handshake", NULL);
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (second, "/0/query/transport")), ==,
                   "websocket");
}

/* E76 */
static void
test_websocket_first (const SioTestMode *mode)
{
  const char *transports[] = { "websocket", "polling", NULL };
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;

  g_object_set (options, "transports", transports, NULL);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);
  g_assert_cmpstr (sio_test_client_get_transport (client), ==, "websocket");
  sio_test_sync (client->socket);
}

/* The server is gone while the probe waits for its answer. */
static void
test_restart_meanwhile (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");

  sio_test_server_tell (server, "{\"cmd\":\"hold\",\"what\":\"upgrade\"}");
  sio_test_client_connect (client);
  sio_test_log_forget (&client->log);
  sio_test_server_stop (server);
  sio_test_server_start (server);
  sio_test_wait (sio_test_log_count (&client->log, "connect") == 1);
  sio_test_client_settle (client);
  sio_test_sync (client->socket);
  g_assert_cmpuint (sio_test_log_count (&client->log, "disconnect"), ==, 1);
}

static void
on_packet (SioEngine *engine, const char *type, SioValue *data, SioTestLog *log)
{
  g_autofree char *json = data != NULL ? sio_value_to_json (data, NULL) : NULL;

  sio_test_log_add (log, "in %s %s", type, json != NULL ? json : "nothing");
}

static void
on_packet_create (SioEngine *engine, const char *type, SioValue *data, SioTestLog *log)
{
  g_autofree char *json = data != NULL ? sio_value_to_json (data, NULL) : NULL;

  sio_test_log_add (log, "out %s %s", type, json != NULL ? json : "nothing");
}

static void
on_drain (SioEngine *engine, SioTestLog *log)
{
  sio_test_log_add (log, "drain");
}

static void
on_engine_close (SioEngine *engine, const char *reason, const GError *details, SioTestLog *log)
{
  g_assert_nonnull (details);
  sio_test_log_add (log, "close %s", reason);
}

/* E91: what an engine tells to who looks on. */
static void
test_engine_signals (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioEngine *engine;
  gpointer weak;
  SioTestLog log;

  sio_test_client_settle (client);
  sio_test_sync (client->socket);
  sio_test_log_init (&log);
  engine = g_object_ref (sio_manager_get_engine (client->manager));
  weak = engine;
  g_object_add_weak_pointer (G_OBJECT (engine), &weak);
  g_signal_connect (engine, "packet", G_CALLBACK (on_packet), &log);
  g_signal_connect (engine, "packet-create", G_CALLBACK (on_packet_create), &log);
  sio_socket_emit_with_callback (client->socket, "hello", NULL, NULL, NULL, NULL);
  sio_test_wait (sio_test_log_count (&log, "in message") == 1);
  sio_test_assert_log (&log, "out message \"21[\\\"hello\\\"]\"; "
                             "in message \"31[\\\"world\\\"]\"");

  g_signal_handlers_disconnect_by_data (engine, &log);
  sio_test_log_forget (&log);
  g_signal_connect (engine, "drain", G_CALLBACK (on_drain), &log);
  sio_socket_emit (client->socket, "hello", NULL);
  sio_test_wait (sio_test_log_count (&log, "drain") > 0);

  /* What was sent has left before it is answered. Over polling two requests tell so, in any order;
   * libsoup's framing lets us know when there is nothing else to do. */
  sio_test_sync (client->socket);
  g_signal_connect (engine, "packet", G_CALLBACK (on_packet), &log);
  for (int i = 0; i < 50 && g_str_equal (mode->last, "websocket") && sio_test_has_own_framing ();
       i++)
    {
      sio_test_log_forget (&log);
      sio_socket_emit_with_callback (client->socket, "hello", NULL, NULL, NULL, NULL);
      sio_test_wait (sio_test_log_count (&log, "in message") == 1);
      g_assert_cmpstr (g_ptr_array_index (log.entries, 0), ==, "drain");
    }

  g_signal_handlers_disconnect_by_data (engine, &log);
  sio_test_log_forget (&log);
  g_signal_connect (engine, "close", G_CALLBACK (on_engine_close), &log);
  sio_socket_emit (client->socket, "engine-close", NULL);
  sio_test_wait (sio_test_log_count (&client->log, "connect") == 2);
  sio_test_assert_log (&log, "close transport close");
  g_assert_true (sio_manager_get_engine (client->manager) != engine);
  g_object_unref (engine);
  sio_test_wait (weak == NULL);
  sio_test_log_clear (&log);
}

static const SioTestCase cases[] = {
  { "E91-engine-signals", test_engine_signals, SIO_TEST_NODE_ONLY },
  { "E48-signal", test_signal, SIO_TEST_UPGRADE_ONLY | SIO_TEST_NODE_ONLY },
  { "E50-nothing-lost", test_nothing_lost, SIO_TEST_UPGRADE_ONLY },
  { "E47-option-off", test_option_off, SIO_TEST_UPGRADE_ONLY },
  { "E47-not-offered", test_not_offered, SIO_TEST_UPGRADE_ONLY | SIO_TEST_NODE_ONLY },
  { "E51-refused", test_refused, SIO_TEST_UPGRADE_ONLY | SIO_TEST_NODE_ONLY },
  { "E48-held", test_held, SIO_TEST_UPGRADE_ONLY | SIO_TEST_NODE_ONLY },
  { "E55-closed-meanwhile", test_closed_meanwhile, SIO_TEST_UPGRADE_ONLY | SIO_TEST_NODE_ONLY },
  { "E55-restart-meanwhile", test_restart_meanwhile, SIO_TEST_UPGRADE_ONLY | SIO_TEST_NODE_ONLY },
  { "E64-close-sends-all", test_close_sends_all, SIO_TEST_UPGRADE_ONLY | SIO_TEST_NODE_ONLY },
  { "E80-remember", test_remember, SIO_TEST_UPGRADE_ONLY | SIO_TEST_NODE_ONLY },
  { "E76-websocket-first", test_websocket_first, SIO_TEST_UPGRADE_ONLY },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
