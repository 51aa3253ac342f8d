/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

/* A manager belongs to the main context in which it was made, wherever it is called. */

static void
use_everything (const SioTestMode *mode)
{
  SioTestClient *client = sio_test_client_new_connected (mode, "/");
  g_auto (SioTestReply) timed_out = { 0 };
  g_autofree char *answer = NULL;

  sio_test_client_settle (client);
  answer = sio_test_ask_json (client->socket, "echo", sio_args ("(s)", "x"));
  g_assert_cmpstr (answer, ==, "[\"x\"]");
  sio_socket_emit_with_ack_async (sio_socket_timeout (client->socket, 10), "no-ack", NULL, NULL,
                                  sio_test_reply_async_cb, &timed_out);
  sio_test_wait (timed_out.n_calls == 1);
  sio_test_log_forget (&client->log);
  sio_socket_emit (client->socket, "engine-close", NULL);
  sio_test_wait (sio_test_log_count (&client->log, "connect") == 1);
  sio_test_client_free (client);
}

static gpointer
run_in_thread (gpointer user_data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  use_everything (user_data);
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* The main thread does not run its main context meanwhile. */
static void
test_thread (const SioTestMode *mode)
{
  sio_test_shared_server ();
  g_thread_join (g_thread_new ("client", run_in_thread, (gpointer) mode));
}

static void
test_several_threads (const SioTestMode *mode)
{
  GThread *threads[4];

  sio_test_shared_server ();
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("client", run_in_thread, (gpointer) mode);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static gpointer
run_io_in_thread (gpointer user_data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autofree char *url = sio_test_server_dup_url (sio_test_shared_server (), "/admin");
  g_autoptr (SioOptions) options = sio_test_options_new (user_data);
  g_autoptr (SioSocket) socket = NULL;
  SioManager *manager;

  g_main_context_push_thread_default (context);
  socket = sio_io (url, options);
  manager = g_object_ref (sio_socket_get_io (socket));
  sio_socket_open (socket);
  sio_test_sync (socket);
  sio_socket_close (socket);
  sio_test_drop (g_steal_pointer (&socket));
  /* Only an address, to be compared with. */
  sio_test_drop (manager);
  g_main_context_pop_thread_default (context);
  return manager;
}

/* sio_io() shares managers within one context only. */
static void
test_io_per_context (const SioTestMode *mode)
{
  g_autofree char *url = sio_test_server_dup_url (sio_test_shared_server (), NULL);
  g_autoptr (SioOptions) options = sio_test_options_new (mode);
  SioSocket *socket = sio_io (url, options);
  gpointer other;

  sio_socket_open (socket);
  sio_test_sync (socket);
  other = g_thread_join (g_thread_new ("client", run_io_in_thread, (gpointer) mode));
  g_assert_true (other != sio_socket_get_io (socket));
  sio_test_sync (socket);
  sio_socket_close (socket);
  sio_test_drop (socket);
}

/* Calls from under another thread-default context leave nothing there. */
static void
test_foreign (const SioTestMode *mode)
{
  g_autoptr (GMainContext) foreign = g_main_context_new ();
  SioTestClient *client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  g_auto (SioTestReply) reply = { 0 };

  g_main_context_push_thread_default (foreign);
  sio_socket_open (client->socket);
  sio_socket_emit_with_ack_async (client->socket, "hello", NULL, NULL, sio_test_reply_async_cb,
                                  &reply);
  g_main_context_pop_thread_default (foreign);
  sio_test_wait (sio_socket_get_connected (client->socket) && reply.n_calls == 1);
  g_assert_no_error (reply.error);
  g_assert_false (g_main_context_pending (foreign));
  sio_test_client_settle (client);

  g_main_context_push_thread_default (foreign);
  sio_socket_emit (client->socket, "echo", "(s)", "x");
  g_main_context_pop_thread_default (foreign);
  sio_test_sync (client->socket);

  g_main_context_push_thread_default (foreign);
  sio_socket_close (client->socket);
  g_main_context_pop_thread_default (foreign);
  sio_test_server_await_clients (sio_test_shared_server (), 0);
  g_assert_false (g_main_context_pending (foreign));
  sio_test_client_free (client);
}

static const SioTestCase cases[] = {
  { "context/thread", test_thread, SIO_TEST_NODE_ONLY },
  { "context/several-threads", test_several_threads, SIO_TEST_NODE_ONLY },
  { "context/io-per-context", test_io_per_context, SIO_TEST_NODE_ONLY },
  { "context/E49-foreign", test_foreign, SIO_TEST_NODE_ONLY },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
