/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <sioclient/sio-inbox.h>

/* The last reference to something is dropped in another thread, as Python's garbage collection
 * does, while its own thread runs the loop (X20). It has to be freed at home all the same, once,
 * and silently. */

#define ROUNDS 15

typedef struct
{
  GThread *thread;
  guint n_left;      /* objects that are not gone yet */
  guint n_destroyed; /* destroy notifies that were called */
  guint n_given;     /* of how many */
  guint n_answers;   /* callbacks of asynchronous operations that were called */
} Home;

static void
on_gone (gpointer user_data, GObject *where_it_was)
{
  Home *home = user_data;

  g_assert_true (home->thread == g_thread_self ());
  g_assert_cmpuint (home->n_left, >, 0);
  home->n_left--;
}

static void
watch (Home *home, gpointer object)
{
  home->n_left++;
  g_object_weak_ref (object, on_gone, home);
}

static void
on_destroy (gpointer user_data)
{
  Home *home = user_data;

  g_assert_true (home->thread == g_thread_self ());
  home->n_destroyed++;
}

static gpointer
drop (gpointer user_data)
{
  gpointer *objects = user_data;

  for (guint i = 0; objects[i] != NULL; i++)
    g_object_unref (objects[i]);
  return NULL;
}

/* The references are dropped in the order in which they stand. The loop runs meanwhile. */
static void
drop_elsewhere (Home *home, gpointer *objects)
{
  GThread *thread = g_thread_new ("elsewhere", drop, objects);

  sio_test_wait (home->n_left == 0);
  g_thread_join (thread);
  g_assert_cmpuint (home->n_destroyed, ==, home->n_given);
}

static void
on_event (SioSocket *socket, SioEvent *event, gpointer user_data)
{
}

static void
on_connect (SioSocket *socket, gpointer user_data)
{
}

static void
on_destroy_in_closure (gpointer user_data, GClosure *closure)
{
  on_destroy (user_data);
}

/* Everything that has to be given back. */
static void
listen (Home *home, SioSocket *socket)
{
  sio_socket_on (socket, "echo", on_event, home, on_destroy);
  sio_socket_on_any (socket, on_event, home, on_destroy);
  sio_socket_on_any_outgoing (socket, on_event, home, on_destroy);
  g_signal_connect_data (socket, "connect", G_CALLBACK (on_connect), home, on_destroy_in_closure,
                         0);
  g_signal_connect_data (sio_socket_get_io (socket), "opened", G_CALLBACK (on_connect), home,
                         on_destroy_in_closure, 0);
  home->n_given += 5;
}

typedef void (*Bring) (Home *home, SioManager *manager, SioSocket *socket);

typedef struct
{
  const char *url; /* NULL: that of the shared server */
  const char *nsp;
  Bring bring; /* to the state in which they are dropped */
} Scene;

static void
play (const SioTestMode *mode, SioTestServer *server, const Scene *scene, gboolean loose)
{
  g_autofree char *url =
      scene->url != NULL ? g_strdup (scene->url) : sio_test_server_dup_url (server, NULL);
  g_autoptr (SioOptions) options = sio_test_options_new (mode);
  Home home = { .thread = g_thread_self () };
  SioManager *manager = sio_manager_new (url, options);
  SioSocket *socket = sio_manager_get_socket (manager, scene->nsp, options);
  gpointer objects[] = { socket, manager, NULL };

  watch (&home, manager);
  watch (&home, socket);
  listen (&home, socket);
  if (loose)
    {
      sio_socket_loosen (socket);
      objects[0] = manager;
      objects[1] = socket;
    }
  scene->bring (&home, manager, socket);
  drop_elsewhere (&home, objects);
}

/* Nothing is left on the other side. */
static void
play_with (const SioTestMode *mode, SioTestServer *server, const Scene *scene)
{
  for (guint i = 0; i < ROUNDS; i++)
    play (mode, server, scene, i % 2 == 1);
  sio_test_server_await_clients (server, 0);
}

static void
play_often (const SioTestMode *mode, const Scene *scene)
{
  play_with (mode, sio_test_shared_server (), scene);
}

static void
bring_nowhere (Home *home, SioManager *manager, SioSocket *socket)
{
}

static void
test_idle (const SioTestMode *mode)
{
  play_often (mode, &(Scene){ .nsp = "/", .bring = bring_nowhere });
}

static void
bring_to_connecting (Home *home, SioManager *manager, SioSocket *socket)
{
  sio_socket_open (socket);
}

static void
test_connecting (const SioTestMode *mode)
{
  /* Of a handshake that is cut off the server may have made a session, which only its pings find
   * out to be nobody's. */
  g_autoptr (SioTestServer) server =
      sio_test_server_new ("{\"pingInterval\":200,\"pingTimeout\":200}");

  play_with (mode, server, &(Scene){ .nsp = "/", .bring = bring_to_connecting });
}

static void
bring_to_connected (Home *home, SioManager *manager, SioSocket *socket)
{
  sio_socket_open (socket);
  sio_test_wait (sio_socket_get_connected (socket));
}

/* With an upgrade: in its midst. */
static void
test_connected (const SioTestMode *mode)
{
  play_often (mode, &(Scene){ .nsp = "/", .bring = bring_to_connected });
}

static void
bring_to_rest (Home *home, SioManager *manager, SioSocket *socket)
{
  bring_to_connected (home, manager, socket);
  sio_test_sync (socket);
  sio_test_wait (
      g_str_equal (sio_engine_get_transport_name (sio_manager_get_engine (manager)), "websocket"));
}

static void
test_upgraded (const SioTestMode *mode)
{
  play_often (mode, &(Scene){ .nsp = "/", .bring = bring_to_rest });
}

static void
bring_to_closing (Home *home, SioManager *manager, SioSocket *socket)
{
  bring_to_connected (home, manager, socket);
  sio_socket_emit (socket, "echo", "(s)", "last words");
  sio_socket_close (socket);
}

static void
test_closing (const SioTestMode *mode)
{
  play_often (mode, &(Scene){ .nsp = "/", .bring = bring_to_closing });
}

static void
bring_to_waiting (Home *home, SioManager *manager, SioSocket *socket)
{
  sio_manager_set_reconnection_delay (manager, 100000);
  sio_manager_set_reconnection_delay_max (manager, 100000);
  sio_socket_open (socket);
  sio_test_wait (sio_manager_get_next_attempt_time (manager) > 0);
}

static void
test_waiting (const SioTestMode *mode)
{
  play_often (mode, &(Scene){ .url = "http://127.0.0.1:1", .nsp = "/", .bring = bring_to_waiting });
}

static void
bring_to_joining (Home *home, SioManager *manager, SioSocket *socket)
{
  sio_socket_open (socket);
  sio_test_wait (sio_manager_get_engine (manager) != NULL &&
                 sio_engine_get_id (sio_manager_get_engine (manager)) != NULL);
}

static void
test_joining (const SioTestMode *mode)
{
  play_often (mode, &(Scene){ .nsp = "/never", .bring = bring_to_joining });
}

static void
on_answer (SioSocket *socket, SioValue *args, const GError *error, gpointer user_data)
{
  Home *home = user_data;

  home->n_answers++;
}

static void
bring_to_asking (Home *home, SioManager *manager, SioSocket *socket)
{
  bring_to_connected (home, manager, socket);
  sio_socket_emit_with_callback (socket, "no-ack", NULL, on_answer, home, on_destroy);
  sio_socket_emit_with_callback (sio_socket_timeout (socket, 100000), "no-ack", NULL, on_answer,
                                 home, on_destroy);
  home->n_given += 2;
}

static void
test_asking (const SioTestMode *mode)
{
  play_often (mode, &(Scene){ .nsp = "/", .bring = bring_to_asking });
}

/* Events come all the time, each of which holds the socket for as long as its handlers run. */
static void
bring_to_flood (Home *home, SioManager *manager, SioSocket *socket)
{
  bring_to_connected (home, manager, socket);
  sio_socket_emit (socket, "burst", "(i)", 500);
}

static void
test_flooded (const SioTestMode *mode)
{
  play_often (mode, &(Scene){ .nsp = "/", .bring = bring_to_flood });
}

static void
fail (SioSocket *socket, SioAuthRequest *request, gpointer user_data)
{
  g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_FAILED, "away");

  /* What is told has to be told first. */
  g_object_set_data (G_OBJECT (socket), "asked", socket);
  sio_auth_request_fail (request, error);
}

static void
on_told (SioSocket *socket, const GError *error, SioValue *data, guint *n_told)
{
  (*n_told)++;
}

static void
bring_to_resting (Home *home, SioManager *manager, SioSocket *socket)
{
  guint n_told = 0;

  sio_socket_set_auth_func (socket, fail, home, on_destroy);
  home->n_given++;
  g_signal_connect (socket, "connect-error", G_CALLBACK (on_told), &n_told);
  sio_socket_open (socket);
  sio_test_wait (n_told > 0);
  g_signal_handlers_disconnect_by_data (socket, &n_told);
}

static void
test_resting (const SioTestMode *mode)
{
  play_often (mode, &(Scene){ .nsp = "/auth", .bring = bring_to_resting });
}

static void
on_opened (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Home *home = user_data;

  g_assert_true (home->thread == g_thread_self ());
  sio_manager_open_finish (SIO_MANAGER (object), result, NULL);
  home->n_answers++;
}

/* A manager alone; with an operation that holds it, too, until it has ended. */
static void
test_manager (const SioTestMode *mode)
{
  SioTestServer *server = sio_test_shared_server ();
  g_autofree char *url = sio_test_server_dup_url (server, NULL);
  g_autoptr (SioOptions) options = sio_test_options_new (mode);

  for (guint i = 0; i < ROUNDS; i++)
    {
      Home home = { .thread = g_thread_self () };
      SioManager *manager = sio_manager_new (url, options);
      gpointer objects[] = { manager, NULL };

      watch (&home, manager);
      sio_manager_open_async (manager, NULL, on_opened, &home);
      /* Else it is held until then, and dropped at home. */
      if (i % 2 == 0)
        sio_test_wait (home.n_answers == 1);
      drop_elsewhere (&home, objects);
      g_assert_cmpuint (home.n_answers, ==, 1);
    }
  sio_test_server_await_clients (server, 0);
}

/* It outlives its manager while it ends in order, and as long as a program has it. */
static void
test_engine (const SioTestMode *mode)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      SioTestClient *client = sio_test_client_new_connected (mode, "/");
      Home home = { .thread = g_thread_self () };
      SioEngine *engine = g_object_ref (sio_manager_get_engine (client->manager));
      gpointer objects[] = { engine, NULL };

      watch (&home, engine);
      sio_socket_emit (client->socket, "echo", "(s)", "last words");
      sio_test_client_free (client);
      if (i % 2 == 0)
        sio_test_server_await_clients (sio_test_shared_server (), 0);
      drop_elsewhere (&home, objects);
    }
  sio_test_server_await_clients (sio_test_shared_server (), 0);
}

/* sio_io() finds the manager again while its last reference is being dropped. */
static void
test_found_again (const SioTestMode *mode)
{
  g_autofree char *url = sio_test_server_dup_url (sio_test_shared_server (), NULL);
  g_autoptr (SioOptions) options = sio_test_options_new (mode);

  for (guint i = 0; i < ROUNDS; i++)
    {
      Home home = { .thread = g_thread_self () };
      gpointer objects[] = { sio_io (url, options), NULL };
      SioSocket *again;
      GThread *thread;

      thread = g_thread_new ("elsewhere", drop, objects);
      again = sio_io (url, options);
      watch (&home, again);
      sio_socket_open (again);
      sio_test_wait (sio_socket_get_connected (again));
      g_thread_join (thread);
      sio_test_sync (again);
      objects[0] = again;
      drop_elsewhere (&home, objects);
    }
  sio_test_server_await_clients (sio_test_shared_server (), 0);
}

/* Dropped while its thread runs no loop, as at the end of a program: nothing happens until it does.
 */
static void
test_no_loop (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  Home home = { .thread = g_thread_self () };
  gpointer objects[] = { client->socket, client->manager, NULL };

  watch (&home, client->socket);
  watch (&home, client->manager);
  client->socket = NULL;
  client->manager = NULL;
  g_thread_join (g_thread_new ("elsewhere", drop, objects));
  g_assert_cmpuint (home.n_left, ==, 2);
  sio_test_wait (home.n_left == 0);
  sio_test_server_await_clients (sio_test_shared_server (), 0);
}

typedef struct
{
  SioAuthRequest *request;
  guint n_asked;
  GThread *thread;
} Token;

/* What finds out what to present may block, so it has a thread of its own. It drops the request,
 * too. */
static gpointer
find_token (gpointer user_data)
{
  Token *token = user_data;
  g_autoptr (SioAuthRequest) request = g_steal_pointer (&token->request);
  g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_FAILED, "away");

  if (token->n_asked == 1)
    sio_auth_request_fail (request, error);
  else
    sio_auth_request_accept (
        request, sio_value_new_from_variant (g_variant_new_parsed ("{'token': <'secret'>}")));
  /* The first counts. */
  sio_auth_request_reject (request, error);
  return NULL;
}

static void
ask_thread (SioSocket *socket, SioAuthRequest *request, gpointer user_data)
{
  Token *token = user_data;

  if (token->thread != NULL)
    g_thread_join (token->thread);
  token->n_asked++;
  token->request = sio_auth_request_ref (request);
  token->thread = g_thread_new ("token", find_token, token);
}

static void
test_auth_in_thread (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/auth");
  Token token = { 0 };

  sio_socket_set_auth_func (client->socket, ask_thread, &token, NULL);
  sio_test_client_connect (client);
  g_assert_cmpuint (token.n_asked, ==, 2);
  sio_test_assert_log (&client->log, "opened; connect-error; connect");
  sio_test_sync (client->socket);

  /* The answer comes when nobody waits for it any more. */
  sio_socket_close (client->socket);
  sio_socket_open (client->socket);
  sio_test_wait (token.n_asked == 3);
  sio_socket_close (client->socket);
  sio_test_drop (g_steal_pointer (&client->socket));
  g_thread_join (token.thread);
  sio_test_settle ();
}

static const SioTestCase cases[] = {
  { "threads/X20-idle", test_idle },
  { "threads/X20-connecting", test_connecting },
  { "threads/X20-joining", test_joining },
  { "threads/X20-connected", test_connected },
  { "threads/X20-upgraded", test_upgraded, SIO_TEST_UPGRADE_ONLY },
  { "threads/X20-closing", test_closing },
  { "threads/X20-waiting", test_waiting },
  { "threads/X20-resting", test_resting },
  { "threads/X20-asking", test_asking },
  { "threads/X20-flooded", test_flooded },
  { "threads/X20-manager", test_manager },
  { "threads/X20-engine", test_engine },
  { "threads/X20-found-again", test_found_again },
  { "threads/X20-no-loop", test_no_loop },
  { "threads/X20-auth-answered", test_auth_in_thread },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
