/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <string.h>

/* A manager belongs to the main context in which it was made, wherever it is called. */

static gpointer
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
  return NULL;
}

/* A thread with a main context of its own, which it runs until it is told to stop. */
typedef struct
{
  const SioTestMode *mode;
  gpointer (*run) (const SioTestMode *mode);
  gpointer result;
  GMainContext *context;
  GThread *thread;
  GMutex mutex;
  GCond cond;
  gboolean done;
  gboolean stop; /* atomic */
} Worker;

static gpointer
run_in_thread (gpointer user_data)
{
  Worker *worker = user_data;

  g_main_context_push_thread_default (worker->context);
  worker->result = worker->run (worker->mode);
  g_mutex_lock (&worker->mutex);
  worker->done = TRUE;
  g_cond_signal (&worker->cond);
  g_mutex_unlock (&worker->mutex);
  while (!g_atomic_int_get (&worker->stop))
    g_main_context_iteration (worker->context, TRUE);
  g_main_context_pop_thread_default (worker->context);
  return NULL;
}

static void
worker_start (Worker *worker, const SioTestMode *mode, gpointer (*run) (const SioTestMode *mode))
{
  memset (worker, 0, sizeof *worker);
  worker->mode = mode;
  worker->run = run;
  worker->context = g_main_context_new ();
  g_mutex_init (&worker->mutex);
  g_cond_init (&worker->cond);
  worker->thread = g_thread_new ("client", run_in_thread, worker);
}

/* Nobody runs the main context of the main thread meanwhile. */
static gpointer
worker_wait (Worker *worker)
{
  g_mutex_lock (&worker->mutex);
  while (!worker->done)
    g_cond_wait (&worker->cond, &worker->mutex);
  g_mutex_unlock (&worker->mutex);
  return worker->result;
}

static void
worker_stop (Worker *worker)
{
  g_atomic_int_set (&worker->stop, TRUE);
  g_main_context_wakeup (worker->context);
  g_thread_join (worker->thread);
  g_main_context_unref (worker->context);
  g_mutex_clear (&worker->mutex);
  g_cond_clear (&worker->cond);
}

static void
run_workers (const SioTestMode *mode, guint n_workers)
{
  SioTestServer *server = sio_test_shared_server ();
  g_autofree Worker *workers = g_new (Worker, n_workers);

  for (guint i = 0; i < n_workers; i++)
    worker_start (&workers[i], mode, use_everything);
  for (guint i = 0; i < n_workers; i++)
    worker_wait (&workers[i]);
  sio_test_server_await_clients (server, 0);
  for (guint i = 0; i < n_workers; i++)
    worker_stop (&workers[i]);
}

static void
test_thread (const SioTestMode *mode)
{
  run_workers (mode, 1);
}

static void
test_several_threads (const SioTestMode *mode)
{
  run_workers (mode, 4);
}

static gpointer
use_io (const SioTestMode *mode)
{
  g_autofree char *url = sio_test_server_dup_url (sio_test_shared_server (), "/admin");
  g_autoptr (SioOptions) options = sio_test_options_new (mode);
  SioSocket *socket = sio_io (url, options);
  gpointer manager = sio_socket_get_io (socket);

  sio_socket_open (socket);
  sio_test_sync (socket);
  sio_socket_close (socket);
  sio_test_drop (socket);
  /* An address, to be compared with. */
  return manager;
}

/* sio_io() shares managers within one context only. */
static void
test_io_per_context (const SioTestMode *mode)
{
  g_autofree char *url = sio_test_server_dup_url (sio_test_shared_server (), NULL);
  g_autoptr (SioOptions) options = sio_test_options_new (mode);
  SioSocket *socket = sio_io (url, options);
  Worker worker;

  sio_socket_open (socket);
  sio_test_sync (socket);
  worker_start (&worker, mode, use_io);
  g_assert_true (worker_wait (&worker) != sio_socket_get_io (socket));
  sio_test_server_await_clients (sio_test_shared_server (), 1);
  worker_stop (&worker);
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
  { "context/foreign", test_foreign, SIO_TEST_NODE_ONLY },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
