/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

/* What a server answers to CONNECT, and what is presented to it. */

typedef struct
{
  guint n_calls;
  gboolean active;
  GError *error;
  SioValue *data;
} Refusal;

static void
on_refused (SioSocket *socket, const GError *error, SioValue *data, Refusal *refusal)
{
  refusal->n_calls++;
  refusal->active = sio_socket_get_active (socket);
  g_clear_error (&refusal->error);
  g_clear_pointer (&refusal->data, sio_value_unref);
  refusal->error = g_error_copy (error);
  refusal->data = data != NULL ? sio_value_ref (data) : NULL;
}

static void
refusal_clear (Refusal *refusal)
{
  g_clear_error (&refusal->error);
  g_clear_pointer (&refusal->data, sio_value_unref);
}

static void
test_unknown (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client =
      sio_test_client_new (mode, sio_test_shared_server (), "/nowhere");
  Refusal refusal = { 0 };

  g_signal_connect (client->socket, "connect-error", G_CALLBACK (on_refused), &refusal);
  sio_socket_open (client->socket);
  sio_test_wait (refusal.n_calls > 0);
  g_assert_error (refusal.error, SIO_ERROR, SIO_ERROR_REJECTED);
  if (sio_test_server_is_node ())
    {
      g_assert_cmpstr (refusal.error->message, ==, "Invalid namespace");
      g_assert_null (refusal.data);
    }
  g_assert_false (refusal.active);
  sio_test_assert_log (&client->log, "opened; closed; connect-error");
  refusal_clear (&refusal);
}

static void
set_token (SioSocket *socket, const char *token)
{
  g_autofree char *json = g_strdup_printf ("{\"token\":\"%s\"}", token);
  g_autoptr (GError) error = NULL;
  g_autoptr (SioValue) auth = sio_value_new_from_json (json, NULL, 0, &error);

  g_assert_no_error (error);
  sio_socket_set_auth (socket, auth);
  g_assert_true (sio_value_equal (sio_socket_get_auth (socket), auth));
}

static void
test_auth_accepted (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/auth");
  g_autoptr (SioValue) answer = NULL;

  set_token (client->socket, "secret");
  sio_test_client_connect (client);
  answer = sio_test_ask (client->socket, "handshake", NULL);
  sio_test_assert_json (sio_value_lookup (answer, "/0/auth"), "{\"token\":\"secret\"}");
}

static void
test_auth_option (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioValue) auth =
      sio_value_new_from_variant (g_variant_new_parsed ("{'token': <'secret'>, 'n': <1>}"));
  g_autoptr (SioTestClient) client = NULL;

  g_object_set (options, "auth", auth, NULL);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/auth", options);
  sio_test_client_connect (client);
  sio_test_sync (client->socket);
}

static void
test_auth_refused (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/auth");
  Refusal refusal = { 0 };

  g_signal_connect (client->socket, "connect-error", G_CALLBACK (on_refused), &refusal);
  set_token (client->socket, "wrong");
  sio_socket_open (client->socket);
  sio_test_wait (refusal.n_calls > 0);
  g_assert_error (refusal.error, SIO_ERROR, SIO_ERROR_REJECTED);
  g_assert_cmpstr (refusal.error->message, ==, "not authorized");
  sio_test_assert_json (refusal.data, "{\"code\":401,\"token\":\"wrong\"}");
  g_assert_false (refusal.active);
  g_assert_false (sio_socket_get_connected (client->socket));
  sio_test_assert_log (&client->log, "opened; closed; connect-error");

  set_token (client->socket, "secret");
  sio_test_client_connect (client);
  g_assert_cmpuint (refusal.n_calls, ==, 1);
  sio_test_assert_log (&client->log, "opened; closed; connect-error; opened; connect");
  refusal_clear (&refusal);
}

static void
test_auth_refused_beside (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autoptr (SioSocket) refused = sio_manager_get_socket (client->manager, "/refuse", NULL);
  Refusal refusal = { 0 };

  g_signal_connect (refused, "connect-error", G_CALLBACK (on_refused), &refusal);
  sio_socket_open (refused);
  sio_test_wait (refusal.n_calls > 0);
  g_assert_cmpstr (refusal.error->message, ==, "refused");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_member (refusal.data, "reason")), ==,
                   "always");
  g_assert_false (refusal.active);
  sio_test_sync (client->socket);
  sio_test_assert_log (&client->log, "opened; connect");
  refusal_clear (&refusal);
}

/* @nsp does not answer in time, or never. */
static void
run_join_timeout (SioTestClient *client, const char *nsp)
{
  g_autoptr (SioOptions) limited = g_object_new (SIO_TYPE_OPTIONS, "join-timeout", 50, NULL);
  g_autoptr (SioSocket) socket = sio_manager_get_socket (client->manager, nsp, limited);
  Refusal refusal = { 0 };

  g_signal_connect (socket, "connect-error", G_CALLBACK (on_refused), &refusal);
  sio_socket_open (socket);
  sio_test_wait (refusal.n_calls > 0);
  g_assert_error (refusal.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_false (refusal.active);
  sio_test_sync (client->socket);
  g_assert_cmpuint (refusal.n_calls, ==, 1);
  refusal_clear (&refusal);
  g_signal_handlers_disconnect_by_data (socket, &refusal);
}

static void
test_join_timeout (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");

  run_join_timeout (client, "/never");
}

static void
test_join_timeout_then_answer (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;

  sio_options_set_query_param (options, "slow", "1000");
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);
  sio_test_server_tell (sio_test_shared_server (), "{\"cmd\":\"log\"}");
  run_join_timeout (client, "/slow");
  sio_test_server_tell (
      sio_test_shared_server (),
      "{\"cmd\":\"await-log\",\"entry\":{\"log\":\"disconnect\",\"nsp\":\"/slow\"}}");
}

typedef struct
{
  guint n_calls;
  guint n_destroyed;
  gboolean later;
  gboolean reject;
} Provider;

static gboolean
answer_later (gpointer user_data)
{
  SioAuthRequest *request = user_data;

  sio_auth_request_accept (
      request, sio_value_new_from_variant (g_variant_new_parsed ("{'token': <'secret'>}")));
  return G_SOURCE_REMOVE;
}

static void
provide (SioSocket *socket, SioAuthRequest *request, gpointer user_data)
{
  Provider *provider = user_data;

  provider->n_calls++;
  if (provider->reject)
    {
      g_autoptr (GError) error =
          g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "no token");

      sio_auth_request_reject (request, error);
    }
  else if (provider->later)
    {
      g_idle_add_full (G_PRIORITY_LOW, answer_later, sio_auth_request_ref (request),
                       (GDestroyNotify) sio_auth_request_unref);
    }
  else
    {
      answer_later (request);
    }
}

static void
provider_gone (gpointer user_data)
{
  Provider *provider = user_data;

  provider->n_destroyed++;
}

static void
run_provider (const SioTestMode *mode, Provider *provider)
{
  SioOptions *options = sio_test_options_new (mode);
  SioTestClient *client;
  Refusal refusal = { 0 };

  sio_options_set_auth_func (options, provide, provider, provider_gone);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/auth", options);
  g_signal_connect (client->socket, "connect-error", G_CALLBACK (on_refused), &refusal);
  sio_socket_open (client->socket);
  if (provider->reject)
    {
      sio_test_wait (refusal.n_calls > 0);
      g_assert_error (refusal.error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
      g_assert_cmpuint (provider->n_calls, ==, 1);
      g_assert_false (refusal.active);
      provider->reject = FALSE;
      sio_test_client_connect (client);
    }
  else
    {
      sio_test_wait (sio_socket_get_connected (client->socket));
      g_assert_cmpuint (provider->n_calls, ==, 1);
      sio_socket_emit (client->socket, "engine-close", NULL);
      sio_test_wait (sio_test_log_count (&client->log, "disconnect") == 1);
      sio_test_wait (sio_socket_get_connected (client->socket));
      g_assert_cmpuint (refusal.n_calls, ==, 0);
    }
  g_assert_cmpuint (provider->n_calls, ==, 2);
  sio_test_sync (client->socket);
  g_assert_cmpuint (provider->n_destroyed, ==, 0);
  sio_test_client_free (client);
  g_assert_cmpuint (provider->n_destroyed, ==, 1);
  refusal_clear (&refusal);
}

static void
test_auth_func (const SioTestMode *mode)
{
  Provider provider = { 0 };

  run_provider (mode, &provider);
}

static void
test_auth_func_later (const SioTestMode *mode)
{
  Provider provider = { .later = TRUE };

  run_provider (mode, &provider);
}

static void
test_auth_func_gives_up (const SioTestMode *mode)
{
  Provider provider = { .reject = TRUE };

  run_provider (mode, &provider);
}

static void
test_auth_func_later_on (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/auth");
  Provider provider = { 0 };
  Refusal refusal = { 0 };

  g_signal_connect (client->socket, "connect-error", G_CALLBACK (on_refused), &refusal);
  set_token (client->socket, "wrong");
  sio_socket_open (client->socket);
  sio_test_wait (refusal.n_calls > 0);

  sio_socket_set_auth_func (client->socket, provide, &provider, provider_gone);
  g_assert_null (sio_socket_get_auth (client->socket));
  sio_test_client_connect (client);
  g_assert_cmpuint (provider.n_calls, ==, 1);
  sio_socket_close (client->socket);

  g_assert_cmpuint (provider.n_destroyed, ==, 0);
  sio_socket_set_auth_func (client->socket, NULL, NULL, NULL);
  g_assert_cmpuint (provider.n_destroyed, ==, 1);
  sio_socket_open (client->socket);
  sio_test_wait (refusal.n_calls > 1);
  g_assert_cmpuint (provider.n_calls, ==, 1);

  sio_socket_set_auth_func (client->socket, NULL, &provider, provider_gone);
  g_assert_cmpuint (provider.n_destroyed, ==, 2);
  refusal_clear (&refusal);
}

/* The token server is away for the first two times. */
typedef struct
{
  const char *who;
  guint n_calls;
  guint n_destroyed;
} Unsteady;

static void
provide_unsteadily (SioSocket *socket, SioAuthRequest *request, gpointer user_data)
{
  Unsteady *unsteady = user_data;

  if (++unsteady->n_calls <= 2)
    {
      g_autoptr (GError) error =
          g_error_new_literal (G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, "away");

      sio_auth_request_fail (request, error);
    }
  else
    sio_auth_request_accept (request, sio_value_new_from_variant (g_variant_new_parsed (
                                          "{'token': <'secret'>, 'who': <%s>}", unsteady->who)));
}

static void
unsteady_gone (gpointer user_data)
{
  Unsteady *unsteady = user_data;

  unsteady->n_destroyed++;
}

static guint
count_presented (const char *who)
{
  g_autoptr (SioValue) reply =
      sio_test_server_command (sio_test_shared_server (), "{\"cmd\":\"log\"}");
  SioValue *log = sio_value_get_member (reply, "log");
  guint n = 0;

  for (guint i = 0; i < sio_value_get_length (log); i++)
    {
      SioValue *auth = sio_value_get_member (sio_value_get_element (log, i), "auth");

      n += g_strcmp0 (sio_value_get_string (sio_value_get_member (auth, "who")), who) == 0;
    }
  return n;
}

/* The server sees one CONNECT, and none before there is something to present. */
static void
test_auth_func_fails_twice (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  Unsteady unsteady = { .who = "alone" };
  SioTestClient *client;
  Refusal refusal = { 0 };

  sio_options_set_auth_func (options, provide_unsteadily, &unsteady, unsteady_gone);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/auth", options);
  g_signal_connect (client->socket, "connect-error", G_CALLBACK (on_refused), &refusal);
  sio_socket_open (client->socket);
  sio_test_wait (refusal.n_calls > 0);
  g_assert_error (refusal.error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
  g_assert_true (refusal.active);
  sio_test_wait (sio_socket_get_connected (client->socket));
  sio_test_sync (client->socket);
  g_assert_cmpuint (unsteady.n_calls, ==, 3);
  g_assert_cmpuint (count_presented ("alone"), ==, 1);
  sio_test_assert_log (&client->log, "opened; connect-error; connect-error; connect");
  sio_test_client_free (client);
  g_assert_cmpuint (unsteady.n_destroyed, ==, 1);
  refusal_clear (&refusal);
}

static void
test_auth_func_fails_beside (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autoptr (SioSocket) socket = sio_manager_get_socket (client->manager, "/auth", NULL);
  Unsteady unsteady = { .who = "beside" };
  Refusal refusal = { 0 };

  g_signal_connect (socket, "connect-error", G_CALLBACK (on_refused), &refusal);
  sio_socket_set_auth_func (socket, provide_unsteadily, &unsteady, unsteady_gone);
  sio_socket_open (socket);
  sio_test_wait (refusal.n_calls > 0);
  g_assert_true (refusal.active);
  sio_test_sync (client->socket);
  sio_test_wait (sio_socket_get_connected (socket));
  sio_test_sync (socket);
  g_assert_cmpuint (refusal.n_calls, ==, 2);
  g_assert_cmpuint (unsteady.n_calls, ==, 3);
  g_assert_cmpuint (count_presented ("beside"), ==, 1);
  sio_test_assert_log (&client->log, "opened; connect");
  sio_socket_close (socket);
  sio_socket_set_auth_func (socket, NULL, NULL, NULL);
  g_assert_cmpuint (unsteady.n_destroyed, ==, 1);
  refusal_clear (&refusal);
  g_signal_handlers_disconnect_by_data (socket, &refusal);
}

static const SioTestCase cases[] = {
  { "namespace/P36-unknown", test_unknown },
  { "namespace/M28-never-answered", test_join_timeout, SIO_TEST_NODE_ONLY },
  { "namespace/M28-answered-too-late", test_join_timeout_then_answer, SIO_TEST_NODE_ONLY },
  { "auth/S19-accepted", test_auth_accepted, SIO_TEST_NODE_ONLY },
  { "auth/S19-option", test_auth_option },
  { "auth/S14-refused", test_auth_refused },
  { "auth/S14-refused-beside", test_auth_refused_beside },
  { "auth/S19-function", test_auth_func, SIO_TEST_NODE_ONLY },
  { "auth/S22-function-answers-later", test_auth_func_later, SIO_TEST_NODE_ONLY },
  { "auth/S23-function-gives-up", test_auth_func_gives_up, SIO_TEST_NODE_ONLY },
  { "auth/X15-function-fails-twice", test_auth_func_fails_twice, SIO_TEST_NODE_ONLY },
  { "auth/X15-function-fails-beside", test_auth_func_fails_beside, SIO_TEST_NODE_ONLY },
  { "auth/S20-function-set-later", test_auth_func_later_on, SIO_TEST_NODE_ONLY },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
