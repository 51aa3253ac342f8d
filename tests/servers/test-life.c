/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <string.h>

/* Whoever holds no reference any more has nothing left in memory or on the server: in every state,
 * and from inside every signal. */

#define NO_CONNECTIONS "{\"cmd\":\"await-connections\",\"connections\":0}"

typedef struct
{
  SioManager *manager; /* NULL once it is finalized, as is the socket */
  SioSocket *socket;
  SioTestServer *server;
  gboolean dropped;
  SioTestLog log;
} Pair;

static void
pair_init (Pair *pair, const SioTestMode *mode, SioTestServer *server, const char *nsp)
{
  g_autofree char *url = sio_test_server_dup_url (server, NULL);
  g_autoptr (SioOptions) options = sio_test_options_new (mode);

  sio_test_log_init (&pair->log);
  pair->server = server;
  pair->dropped = FALSE;
  pair->manager = sio_manager_new (url, options);
  pair->socket = sio_manager_get_socket (pair->manager, nsp, options);
  g_object_add_weak_pointer (G_OBJECT (pair->manager), (gpointer *) &pair->manager);
  g_object_add_weak_pointer (G_OBJECT (pair->socket), (gpointer *) &pair->socket);
  sio_test_log_manager (&pair->log, pair->manager);
  sio_test_log_socket (&pair->log, pair->socket);
}

/* Both references are dropped; what is left goes by itself. */
static void
pair_drop (Pair *pair)
{
  SioManager *manager = pair->manager;

  pair->dropped = TRUE;
  g_object_unref (pair->socket);
  g_object_unref (manager);
}

static void
pair_finish (Pair *pair)
{
  sio_test_wait (pair->socket == NULL && pair->manager == NULL);
  sio_test_server_await_clients (pair->server, 0);
  sio_test_server_tell (pair->server, NO_CONNECTIONS);
  sio_test_log_clear (&pair->log);
}

static void
hold (SioTestServer *server)
{
  sio_test_server_tell (server, "{\"cmd\":\"hold\"}");
}

static void
release (SioTestServer *server)
{
  sio_test_server_tell (server, "{\"cmd\":\"release\"}");
}

static void
test_never_opened (const SioTestMode *mode)
{
  Pair pair;
  SioTestServer *server = sio_test_shared_server ();

  pair_init (&pair, mode, server, "/");
  pair_drop (&pair);
  /* There is nothing to wait for. */
  g_assert_null (pair.socket);
  g_assert_null (pair.manager);
  pair_finish (&pair);

  pair_init (&pair, mode, server, "/");
  sio_socket_emit (pair.socket, "echo", "(s)", "never sent");
  pair_drop (&pair);
  pair_finish (&pair);
}

static void
test_opening (const SioTestMode *mode)
{
  SioTestServer *server = sio_test_shared_server ();
  Pair pair;

  hold (server);
  pair_init (&pair, mode, server, "/");
  sio_socket_open (pair.socket);
  pair_drop (&pair);
  sio_test_wait (pair.socket == NULL && pair.manager == NULL);

  sio_test_log_clear (&pair.log);
  pair_init (&pair, mode, server, "/");
  sio_socket_open (pair.socket);
  sio_test_watch (50);
  pair_drop (&pair);
  sio_test_wait (pair.socket == NULL && pair.manager == NULL);
  /* Giving up is to be seen from the other end. */
  sio_test_server_tell (server, NO_CONNECTIONS);
  release (server);
  pair_finish (&pair);
}

static gboolean
is_there (Pair *pair, const SioTestMode *mode)
{
  return sio_socket_get_connected (pair->socket) &&
         g_strcmp0 (sio_engine_get_transport_name (sio_manager_get_engine (pair->manager)),
                    mode->last) == 0;
}

/* FALSE if it had got where it was going before. */
static gboolean
run_turns (Pair *pair, const SioTestMode *mode, guint n)
{
  guint done = 0;

  sio_test_wait (done++ == n || is_there (pair, mode));
  return !is_there (pair, mode);
}

/* Whatever libsoup is about to do or to tell, in no turn is it too early or too late to let go. */
static void
test_each_turn (const SioTestMode *mode)
{
  /* A session of which the client has not heard yet is ended by the server alone. */
  g_autoptr (SioTestServer) server =
      sio_test_server_new ("{\"pingInterval\":300,\"pingTimeout\":200}");
  gboolean is_on_its_way = TRUE;

  for (guint n = 0; is_on_its_way; n++)
    for (guint close_first = 0; close_first < 2; close_first++)
      {
        Pair pair;

        pair_init (&pair, mode, server, "/");
        sio_socket_open (pair.socket);
        is_on_its_way = run_turns (&pair, mode, n);
        if (close_first)
          sio_socket_close (pair.socket);
        pair_drop (&pair);
        sio_test_wait (pair.socket == NULL && pair.manager == NULL);
        sio_test_log_clear (&pair.log);
      }
  sio_test_server_await_clients (server, 0);
  sio_test_server_tell (server, NO_CONNECTIONS);
}

static void
test_joining (const SioTestMode *mode)
{
  Pair pair;

  pair_init (&pair, mode, sio_test_shared_server (), "/never");
  sio_socket_open (pair.socket);
  sio_test_wait (sio_test_log_count (&pair.log, "opened") > 0);
  pair_drop (&pair);
  pair_finish (&pair);

  pair_init (&pair, mode, sio_test_shared_server (), "/never");
  sio_socket_open (pair.socket);
  sio_test_wait (sio_test_log_count (&pair.log, "opened") > 0);
  sio_test_watch (50);
  pair_drop (&pair);
  pair_finish (&pair);
}

static void
test_connected (const SioTestMode *mode)
{
  Pair pair;
  SioManager *manager;

  pair_init (&pair, mode, sio_test_shared_server (), "/");
  sio_socket_open (pair.socket);
  sio_test_wait (sio_socket_get_connected (pair.socket));
  pair_drop (&pair);
  pair_finish (&pair);

  /* The socket holds the manager, so the order does not matter. */
  pair_init (&pair, mode, sio_test_shared_server (), "/");
  manager = pair.manager;
  g_object_unref (manager);
  sio_socket_open (pair.socket);
  sio_test_wait (sio_socket_get_connected (pair.socket));
  sio_test_sync (pair.socket);
  g_object_unref (pair.socket);
  pair_finish (&pair);

  /* The manager does not hold the socket. */
  pair_init (&pair, mode, sio_test_shared_server (), "/");
  sio_socket_open (pair.socket);
  sio_test_wait (sio_socket_get_connected (pair.socket));
  sio_test_sync (pair.socket);
  g_object_unref (pair.socket);
  sio_test_wait (pair.socket == NULL);
  sio_test_server_await_clients (pair.server, 0);
  g_assert_nonnull (pair.manager);
  g_object_unref (pair.manager);
  pair_finish (&pair);
}

static void
test_pending_ack (const SioTestMode *mode)
{
  g_auto (SioTestReply) reply = { 0 };
  g_auto (SioTestReply) callback = { 0 };
  Pair pair;

  pair_init (&pair, mode, sio_test_shared_server (), "/");
  sio_socket_open (pair.socket);
  sio_test_wait (sio_socket_get_connected (pair.socket));
  sio_socket_emit_with_ack_async (pair.socket, "late", sio_args ("(is)", 50, "x"), NULL,
                                  sio_test_reply_async_cb, &reply);
  pair_drop (&pair);
  /* What is awaited keeps its object until it has come. */
  g_assert_nonnull (pair.socket);
  sio_test_wait (reply.n_calls == 1);
  g_assert_no_error (reply.error);
  pair_finish (&pair);

  pair_init (&pair, mode, sio_test_shared_server (), "/");
  sio_socket_open (pair.socket);
  sio_test_wait (sio_socket_get_connected (pair.socket));
  sio_socket_emit_with_callback (pair.socket, "late", sio_args ("(is)", 50, "x"), sio_test_reply_cb,
                                 &callback, sio_test_reply_destroy);
  pair_drop (&pair);
  sio_test_wait (callback.n_destroyed == 1);
  g_assert_cmpuint (callback.n_calls, ==, 1);
  pair_finish (&pair);
}

static void
test_closing (const SioTestMode *mode)
{
  Pair pair;

  pair_init (&pair, mode, sio_test_shared_server (), "/");
  sio_socket_open (pair.socket);
  sio_test_wait (sio_socket_get_connected (pair.socket));
  sio_socket_emit (pair.socket, "echo", "(s)", "last");
  sio_socket_close (pair.socket);
  pair_drop (&pair);
  pair_finish (&pair);
}

static void
test_waiting (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  Pair pair;

  pair_init (&pair, mode, server, "/");
  sio_manager_set_reconnection_delay (pair.manager, 100000);
  sio_manager_set_reconnection_delay_max (pair.manager, 100000);
  sio_socket_open (pair.socket);
  sio_test_wait (sio_socket_get_connected (pair.socket));
  sio_test_server_stop (server);
  sio_test_wait (sio_test_log_count (&pair.log, "disconnect") > 0);
  pair_drop (&pair);
  sio_test_server_start (server);
  pair_finish (&pair);
}

static void
test_reconnecting (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  Pair pair;

  pair_init (&pair, mode, server, "/");
  sio_test_server_stop (server);
  sio_socket_open (pair.socket);
  sio_test_wait (sio_test_log_count (&pair.log, "reconnect-attempt 2") > 0);
  pair_drop (&pair);
  sio_test_server_start (server);
  pair_finish (&pair);
}

/* The last references are dropped by the first handler of a signal that runs. */
static void
drop_inside (Pair *pair)
{
  if (!pair->dropped)
    pair_drop (pair);
}

static void
run_inside (const SioTestMode *mode, const char *signal, gboolean of_manager)
{
  gboolean unreachable = strstr (signal, "error") != NULL || strstr (signal, "failed") != NULL;
  gboolean lost = g_str_equal (signal, "disconnect") || g_str_equal (signal, "closed") ||
                  g_str_equal (signal, "reconnect-attempt") || g_str_equal (signal, "reconnect");
  g_autoptr (SioTestServer) own = unreachable ? sio_test_server_new (NULL) : NULL;
  SioTestServer *server = unreachable ? own : sio_test_shared_server ();
  Pair pair;

  pair_init (&pair, mode, server, "/");
  sio_manager_set_reconnection_attempts (pair.manager, 2);
  if (unreachable)
    sio_test_server_stop (server);
  g_signal_connect_swapped (of_manager ? (gpointer) pair.manager : (gpointer) pair.socket, signal,
                            G_CALLBACK (drop_inside), &pair);
  sio_socket_open (pair.socket);
  if (!unreachable && !g_str_has_prefix (signal, "opened") && !g_str_equal (signal, "connect") &&
      !g_str_has_prefix (signal, "notify"))
    {
      sio_test_wait (sio_socket_get_connected (pair.socket));
      sio_socket_emit (pair.socket, lost ? "engine-close" : "echo", NULL);
    }
  sio_test_wait (pair.dropped);
  if (unreachable)
    sio_test_server_start (server);
  pair_finish (&pair);
}

static void
test_inside_socket (const SioTestMode *mode)
{
  const char *signals[] = {
    "connect",     "disconnect",     "connect-error",     "event",
    "event::echo", "outgoing-event", "notify::connected", "notify::active"
  };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    run_inside (mode, signals[i], FALSE);
}

static void
test_inside_manager (const SioTestMode *mode)
{
  const char *signals[] = { "opened",    "closed",          "error",           "reconnect-attempt",
                            "reconnect", "reconnect-error", "reconnect-failed" };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    run_inside (mode, signals[i], TRUE);
}

static void
drop_in_listener (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  drop_inside (user_data);
}

static void
drop_in_ack (SioSocket *socket, SioValue *args, const GError *error, gpointer user_data)
{
  drop_inside (user_data);
}

static void
drop_in_finish (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SioValue *args = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, NULL);

  g_clear_pointer (&args, sio_value_unref);
  drop_inside (user_data);
}

static void
test_inside_listener (const SioTestMode *mode)
{
  for (guint i = 0; i < 6; i++)
    {
      Pair pair;

      pair_init (&pair, mode, sio_test_shared_server (), "/");
      if (i == 0)
        sio_socket_on (pair.socket, "echo", drop_in_listener, &pair, NULL);
      else if (i == 1)
        sio_socket_once (pair.socket, "echo", drop_in_listener, &pair, NULL);
      else if (i == 2)
        sio_socket_on_any (pair.socket, drop_in_listener, &pair, NULL);
      else if (i == 3)
        sio_socket_on_any_outgoing (pair.socket, drop_in_listener, &pair, NULL);
      else if (i == 4)
        sio_socket_emit_with_callback (pair.socket, "hello", NULL, drop_in_ack, &pair, NULL);
      else
        sio_socket_emit_with_ack_async (pair.socket, "hello", NULL, NULL, drop_in_finish, &pair);
      sio_socket_open (pair.socket);
      if (i < 4)
        for (int n = 0; n < 3; n++)
          sio_socket_emit (pair.socket, "echo", "(i)", n);
      sio_test_wait (pair.dropped);
      pair_finish (&pair);
    }
}

static void
watch_engine (SioManager *manager, Pair *pair)
{
  const char *signal = g_object_get_data (G_OBJECT (manager), "signal");
  SioEngine *engine = sio_manager_get_engine (manager);

  g_signal_connect_swapped (engine, signal, G_CALLBACK (drop_inside), pair);
}

static void
test_inside_engine (const SioTestMode *mode)
{
  const char *signals[] = { "packet", "packet-create", "drain", "upgrade", "close" };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      Pair pair;

      if (g_str_equal (signals[i], "upgrade") && !g_str_equal (mode->name, "upgrade"))
        continue;
      pair_init (&pair, mode, sio_test_shared_server (), "/");
      g_object_set_data (G_OBJECT (pair.manager), "signal", (gpointer) signals[i]);
      g_signal_connect (pair.manager, "opened", G_CALLBACK (watch_engine), &pair);
      sio_socket_open (pair.socket);
      if (g_str_equal (signals[i], "close"))
        {
          sio_test_wait (sio_socket_get_connected (pair.socket));
          sio_socket_emit (pair.socket, "engine-close", NULL);
        }
      sio_test_wait (pair.dropped);
      pair_finish (&pair);
    }
}

/* A kept engine and a kept event outlive what they came from, and do no harm. */
static void
keep_event (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  SioEvent **kept = user_data;

  if (*kept == NULL)
    *kept = sio_event_ref (event);
}

static void
test_kept (const SioTestMode *mode)
{
  g_autoptr (SioEngine) engine = NULL;
  g_autoptr (SioEvent) event = NULL;
  gpointer weak;
  Pair pair;

  pair_init (&pair, mode, sio_test_shared_server (), "/");
  sio_socket_on (pair.socket, "question", keep_event, &event, NULL);
  sio_socket_open (pair.socket);
  sio_socket_emit (pair.socket, "ask-me", "(s)", "text");
  sio_test_wait (event != NULL);
  engine = g_object_ref (sio_manager_get_engine (pair.manager));
  weak = engine;
  g_object_add_weak_pointer (G_OBJECT (engine), &weak);
  pair_drop (&pair);
  pair_finish (&pair);
  g_assert_cmpstr (sio_event_get_string (event, 0), ==, "text");
  sio_event_ack (event, NULL);
  g_assert_nonnull (sio_engine_get_transport_name (engine));
  g_clear_object (&engine);
  sio_test_wait (weak == NULL);
}

static void
use_disposed (SioManager *manager, SioSocket *socket)
{
  guint n;
  g_auto (SioTestReply) reply = { 0 };
  g_autoptr (SioSocket) another = NULL;

  sio_socket_open (socket);
  sio_socket_emit (socket, "echo", "(s)", "x");
  sio_socket_emit (sio_socket_volatile (socket), "echo", NULL);
  sio_socket_emit_with_ack_async (sio_socket_timeout (socket, 10), "hello", NULL, NULL,
                                  sio_test_reply_async_cb, &reply);
  sio_socket_on (socket, "echo", keep_event, NULL, NULL);
  sio_socket_off (socket, NULL, 0);
  g_free (sio_socket_listeners (socket, "echo", &n));
  g_free (sio_socket_listeners_any (socket, &n));
  g_free (sio_socket_listeners_any_outgoing (socket, &n));
  sio_socket_has_listeners (socket, "echo");
  sio_socket_get_id (socket);
  sio_socket_get_nsp (socket);
  sio_socket_get_io (socket);
  sio_socket_get_auth (socket);
  sio_socket_set_auth (socket, NULL);
  g_assert_false (sio_socket_get_connected (socket));
  sio_manager_open (manager);
  sio_manager_get_engine (manager);
  sio_manager_get_url (manager);
  sio_manager_set_timeout (manager, 5);
  another = sio_manager_get_socket (manager, "/another", NULL);
  sio_socket_close (socket);
  sio_test_wait (reply.n_calls == 1);
  g_assert_nonnull (reply.error);
}

static void
on_finalized (gpointer user_data)
{
  gboolean *finalized = user_data;

  *finalized = TRUE;
}

/* E47: dispose comes early and twice where a collector calls it. That takes handlers and weak
 * pointers away, so the log is not of use here. */
static void
run_disposed (const SioTestMode *mode, guint state, gboolean manager_first)
{
  SioTestServer *server = sio_test_shared_server ();
  SioTestClient *client = sio_test_client_new (mode, server, "/");
  GObject *socket = G_OBJECT (client->socket), *manager = G_OBJECT (client->manager);
  gboolean socket_gone = FALSE, manager_gone = FALSE;

  g_object_set_data_full (socket, "finalized", &socket_gone, on_finalized);
  g_object_set_data_full (manager, "finalized", &manager_gone, on_finalized);
  if (state > 0)
    sio_socket_open (client->socket);
  if (state == 2)
    sio_test_wait (sio_test_log_count (&client->log, "opened") == 1);
  if (state == 3)
    sio_test_wait (sio_socket_get_connected (client->socket));
  sio_test_log_forget (&client->log);

  g_object_run_dispose (manager_first ? manager : socket);
  g_object_run_dispose (manager_first ? socket : manager);
  sio_test_assert_log (&client->log, "");
  g_object_run_dispose (socket);
  use_disposed (client->manager, client->socket);

  g_object_unref (g_steal_pointer (&client->socket));
  g_object_unref (g_steal_pointer (&client->manager));
  sio_test_wait (socket_gone && manager_gone);
  sio_test_server_await_clients (server, 0);
  sio_test_client_free (client);
}

static void
test_disposed (const SioTestMode *mode)
{
  for (guint state = 0; state < 4; state++)
    {
      run_disposed (mode, state, FALSE);
      run_disposed (mode, state, TRUE);
    }
}

static const SioTestCase cases[] = {
  { "life/never-opened", test_never_opened, SIO_TEST_NODE_ONLY },
  { "life/opening", test_opening, SIO_TEST_NODE_ONLY },
  { "life/each-turn", test_each_turn, SIO_TEST_NODE_ONLY },
  { "life/joining", test_joining, SIO_TEST_NODE_ONLY },
  { "life/connected", test_connected, SIO_TEST_NODE_ONLY },
  { "life/pending-ack", test_pending_ack, SIO_TEST_NODE_ONLY },
  { "life/closing", test_closing, SIO_TEST_NODE_ONLY },
  { "life/waiting", test_waiting, SIO_TEST_NODE_ONLY },
  { "life/reconnecting", test_reconnecting, SIO_TEST_NODE_ONLY },
  { "life/inside-socket-signals", test_inside_socket, SIO_TEST_NODE_ONLY },
  { "life/inside-manager-signals", test_inside_manager, SIO_TEST_NODE_ONLY },
  { "life/inside-engine-signals", test_inside_engine, SIO_TEST_NODE_ONLY },
  { "life/inside-listeners", test_inside_listener, SIO_TEST_NODE_ONLY },
  { "life/kept", test_kept, SIO_TEST_NODE_ONLY },
  { "life/disposed", test_disposed, SIO_TEST_NODE_ONLY },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
