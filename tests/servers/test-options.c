/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <string.h>

/* What users set, as the server sees it; sio_io() and its shared managers; opening a manager. */

static void
test_query_and_headers (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;
  g_autoptr (SioValue) answer = NULL;
  SioValue *query, *headers;

  sio_options_set_query_param (options, "my-key", "my value+&=%ä");
  sio_options_set_query_param (options, "empty", "");
  sio_options_set_query_param (options, "gone", "x");
  sio_options_set_query_param (options, "gone", NULL);
  sio_options_set_query_param (options, "EIO", "3");
  sio_options_set_query_param (options, "transport", "pigeon");
  sio_options_set_header (options, "X-My-Header", "my value");
  sio_options_set_header (options, "Authorization", "Bearer abc");
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);

  answer = sio_test_ask (client->socket, "handshake", NULL);
  query = sio_value_lookup (answer, "/0/query");
  headers = sio_value_lookup (answer, "/0/headers");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_member (query, "my-key")), ==,
                   "my value+&=%ä");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_member (query, "empty")), ==, "");
  g_assert_null (sio_value_get_member (query, "gone"));
  g_assert_cmpstr (sio_value_get_string (sio_value_get_member (query, "EIO")), ==, "4");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_member (query, "transport")), ==,
                   mode->transports[0]);
  g_assert_null (sio_value_get_member (query, "b64"));
  g_assert_cmpstr (sio_value_get_string (sio_value_get_member (headers, "x-my-header")), ==,
                   "my value");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_member (headers, "authorization")), ==,
                   "Bearer abc");
}

static SioSocket *
io (const SioTestMode *mode,
    SioTestServer *server,
    const char *path,
    const char *option,
    gboolean value)
{
  g_autofree char *url = sio_test_server_dup_url (server, path);
  g_autoptr (SioOptions) options = sio_test_options_new (mode);

  g_object_set (options, "auto-connect", TRUE, NULL);
  if (option != NULL)
    g_object_set (options, option, value, NULL);
  return sio_io (url, options);
}

static void
io_drop (SioSocket *socket)
{
  sio_socket_close (socket);
  sio_test_drop (socket);
}

static void
test_url_query (const SioTestMode *mode)
{
  SioSocket *socket = io (mode, sio_test_shared_server (), "/admin?x=1&y=a%20b#z", NULL, FALSE);
  g_autoptr (SioValue) answer = NULL;

  g_assert_cmpstr (sio_socket_get_nsp (socket), ==, "/admin");
  answer = sio_test_ask (socket, "handshake", NULL);
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/query/x")), ==, "1");
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/query/y")), ==, "a b");
  io_drop (socket);
}

static void
test_timestamp (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;
  g_autoptr (SioValue) answer = NULL;

  g_object_set (options, "timestamp-param", "tt", "timestamp-requests", TRUE, NULL);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);
  answer = sio_test_ask (client->socket, "handshake", NULL);
  g_assert_nonnull (sio_value_get_string (sio_value_lookup (answer, "/0/query/tt")));
  g_assert_null (sio_value_lookup (answer, "/0/query/t"));
}

static void
test_path (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server =
      sio_test_server_new ("{\"path\":\"/my/own\",\"addTrailingSlash\":false}");
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;
  g_autoptr (SioValue) answer = NULL;

  g_object_set (options, "path", "/my/own/", "add-trailing-slash", FALSE, NULL);
  client = sio_test_client_new_full (mode, server, "/", options);
  sio_test_client_connect (client);
  sio_test_client_settle (client);
  answer = sio_test_ask (client->socket, "handshake", NULL);
  g_assert_true (
      g_str_has_prefix (sio_value_get_string (sio_value_lookup (answer, "/0/url")), "/my/own?"));
}

static void
test_io_multiplex (const SioTestMode *mode)
{
  SioTestServer *server = sio_test_shared_server ();
  SioSocket *a = io (mode, server, "/", NULL, FALSE);
  SioSocket *b = io (mode, server, "/admin", NULL, FALSE);
  SioSocket *c = io (mode, server, "/dynamic-1", "force-new", TRUE);
  SioSocket *d = io (mode, server, "/dynamic-2", "multiplex", FALSE);
  SioSocket *same = io (mode, server, "/", NULL, FALSE);

  g_assert_true (sio_socket_get_io (a) == sio_socket_get_io (b));
  g_assert_true (sio_socket_get_io (a) != sio_socket_get_io (c));
  g_assert_true (sio_socket_get_io (a) != sio_socket_get_io (d));
  g_assert_true (sio_socket_get_io (c) != sio_socket_get_io (d));
  g_assert_true (same != a);
  g_assert_true (sio_socket_get_io (same) != sio_socket_get_io (a));

  sio_test_wait (sio_socket_get_connected (a) && sio_socket_get_connected (b) &&
                 sio_socket_get_connected (c) && sio_socket_get_connected (d) &&
                 sio_socket_get_connected (same));
  sio_test_server_await_clients (server, 4);

  io_drop (same);
  io_drop (b);
  io_drop (a);
  io_drop (c);
  io_drop (d);
  sio_test_server_await_clients (server, 0);

  /* Nothing of the old manager is left in the way of a new one. */
  a = io (mode, server, "/", NULL, FALSE);
  sio_test_sync (a);
  io_drop (a);
}

static void
test_io_auto_connect (const SioTestMode *mode)
{
  SioSocket *socket = io (mode, sio_test_shared_server (), NULL, "auto-connect", FALSE);

  g_assert_false (sio_socket_get_active (socket));
  sio_socket_open (socket);
  sio_test_sync (socket);
  io_drop (socket);
  socket = io (mode, sio_test_shared_server (), NULL, NULL, FALSE);
  g_assert_true (sio_socket_get_active (socket));
  g_assert_false (sio_socket_get_connected (socket));
  sio_test_sync (socket);
  io_drop (socket);
}

typedef struct
{
  guint n_calls;
  gboolean success;
  GError *error;
} Opening;

static void
on_open_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Opening *opening = user_data;

  opening->n_calls++;
  opening->success = sio_manager_open_finish (SIO_MANAGER (source), result, &opening->error);
}

static void
test_open_async (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  Opening first = { 0 }, second = { 0 }, third = { 0 };

  sio_manager_open_async (client->manager, NULL, on_open_done, &first);
  sio_manager_open_async (client->manager, NULL, on_open_done, &second);
  g_assert_cmpuint (first.n_calls, ==, 0);
  sio_test_wait (first.n_calls == 1 && second.n_calls == 1);
  g_assert_no_error (first.error);
  g_assert_no_error (second.error);
  g_assert_true (first.success && second.success);
  g_assert_false (sio_socket_get_active (client->socket));

  sio_manager_open_async (client->manager, NULL, on_open_done, &third);
  g_assert_cmpuint (third.n_calls, ==, 0);
  sio_test_wait (third.n_calls == 1);
  g_assert_true (third.success);
  sio_test_client_connect (client);
  sio_test_assert_log (&client->log, "opened; connect");
}

static void
test_open_async_fails (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");
  Opening opening = { 0 };

  sio_test_server_stop (server);
  sio_manager_open_async (client->manager, NULL, on_open_done, &opening);
  sio_test_wait (opening.n_calls == 1);
  g_assert_false (opening.success);
  g_assert_error (opening.error, SIO_ERROR, SIO_ERROR_TRANSPORT);
  g_clear_error (&opening.error);
  /* M15: who asks for the outcome decides what follows. */
  sio_test_watch (100);
  sio_test_assert_log (&client->log, "error");
}

static void
test_open_async_cancelled (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Opening opening = { 0 };

  sio_manager_open_async (client->manager, cancellable, on_open_done, &opening);
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (opening.n_calls, ==, 0);
  sio_test_wait (opening.n_calls == 1);
  g_assert_false (opening.success);
  g_assert_error (opening.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&opening.error);
  sio_test_client_connect (client);
}

static void
on_connect_error (SioSocket *socket, const GError *error, SioValue *data, GError **kept)
{
  g_assert_true (sio_socket_get_active (socket));
  g_assert_false (sio_socket_get_connected (socket));
  g_assert_null (data);
  g_clear_error (kept);
  *kept = g_error_copy (error);
}

static void
test_timeout (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;
  g_autoptr (GError) error = NULL;

  sio_test_server_tell (server, "{\"cmd\":\"hold\"}");
  g_object_set (options, "timeout", 100, NULL);
  client = sio_test_client_new_full (mode, server, "/", options);
  g_signal_connect (client->socket, "connect-error", G_CALLBACK (on_connect_error), &error);
  sio_socket_open (client->socket);
  sio_test_wait (error != NULL);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_true (g_str_has_prefix (error->message, "timeout"));
  sio_test_assert_log (&client->log, "error; connect-error");
  sio_test_server_tell (server, "{\"cmd\":\"release\"}");
  sio_manager_set_timeout (client->manager, 20000);
  sio_test_wait (sio_socket_get_connected (client->socket));
}

static void
test_try_all_transports (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new ("{\"transports\":[\"websocket\"]}");
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (options, "reconnection", FALSE, NULL);
  client = sio_test_client_new_full (mode, server, "/", g_object_ref (options));
  g_signal_connect (client->socket, "connect-error", G_CALLBACK (on_connect_error), &error);
  sio_socket_open (client->socket);
  sio_test_wait (error != NULL);
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TRANSPORT);
  g_assert_true (g_str_has_prefix (error->message, "xhr poll error"));
  g_assert_nonnull (strstr (error->message, "400"));
  g_clear_pointer (&client, sio_test_client_free);

  g_object_set (options, "try-all-transports", TRUE, NULL);
  client = sio_test_client_new_full (mode, server, "/", options);
  sio_test_client_connect (client);
  sio_test_assert_log (&client->log, "opened; connect");
  g_assert_cmpstr (sio_test_client_get_transport (client), ==, "websocket");
}

static void
test_settings (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  SioManager *manager = client->manager;
  g_autofree char *url = sio_test_server_dup_url (sio_test_shared_server (), NULL);

  g_assert_cmpstr (sio_manager_get_url (manager), ==, url);
  g_assert_true (sio_manager_get_reconnection (manager));
  g_assert_cmpint (sio_manager_get_reconnection_attempts (manager), ==, -1);
  g_assert_cmpuint (sio_manager_get_reconnection_delay (manager), ==, 20);
  g_assert_cmpuint (sio_manager_get_reconnection_delay_max (manager), ==, 40);
  g_assert_cmpfloat (sio_manager_get_randomization_factor (manager), ==, 0.5);
  g_assert_cmpuint (sio_manager_get_timeout (manager), ==, 20000);
  g_assert_null (sio_manager_get_engine (manager));
  sio_manager_set_reconnection (manager, FALSE);
  sio_manager_set_reconnection_attempts (manager, 7);
  sio_manager_set_reconnection_delay (manager, 8);
  sio_manager_set_reconnection_delay_max (manager, 9);
  sio_manager_set_randomization_factor (manager, 0.25);
  sio_manager_set_timeout (manager, 10);
  g_assert_false (sio_manager_get_reconnection (manager));
  g_assert_cmpint (sio_manager_get_reconnection_attempts (manager), ==, 7);
  g_assert_cmpuint (sio_manager_get_reconnection_delay (manager), ==, 8);
  g_assert_cmpuint (sio_manager_get_reconnection_delay_max (manager), ==, 9);
  g_assert_cmpfloat (sio_manager_get_randomization_factor (manager), ==, 0.25);
  g_assert_cmpuint (sio_manager_get_timeout (manager), ==, 10);
}

static char *
dup_cookie_of_second (const SioTestMode *mode, SioTestServer *server, gboolean with_credentials)
{
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;
  g_autoptr (SioValue) answer = NULL;

  g_object_set (options, "with-credentials", with_credentials, NULL);
  client = sio_test_client_new_full (mode, server, "/", options);
  sio_test_client_connect (client);
  answer = sio_test_ask (client->socket, "handshake", NULL);
  g_assert_null (sio_value_lookup (answer, "/0/headers/cookie"));
  g_clear_pointer (&answer, sio_value_unref);
  sio_socket_close (client->socket);
  sio_test_client_connect (client);
  answer = sio_test_ask (client->socket, "handshake", NULL);
  return g_strdup (sio_value_get_string (sio_value_lookup (answer, "/0/headers/cookie")));
}

/* E86: the jar is the manager's, and only there if it was asked for. */
static void
test_cookies (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server =
      sio_test_server_new ("{\"setCookie\":\"taste=sweet; Path=/; HttpOnly\"}");
  g_autofree char *with = dup_cookie_of_second (mode, server, TRUE);
  g_autofree char *without = dup_cookie_of_second (mode, server, FALSE);

  g_assert_cmpstr (with, ==, "taste=sweet");
  g_assert_null (without);
}

/* E32 */
static void
test_protocols (const SioTestMode *mode)
{
  const char *protocols[] = { "one", "two", NULL };
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;
  g_autoptr (SioValue) answer = NULL;
  const char *offered;

  g_object_set (options, "protocols", protocols, NULL);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);
  sio_test_client_settle (client);
  answer = sio_test_ask (client->socket, "handshake", NULL);
  offered = sio_value_get_string (sio_value_lookup (answer, "/0/headers/sec-websocket-protocol"));
  if (g_str_equal (mode->transports[0], "websocket"))
    {
      g_assert_nonnull (offered);
      g_assert_nonnull (strstr (offered, "one"));
      g_assert_nonnull (strstr (offered, "two"));
    }
  else
    {
      g_assert_null (offered);
    }
}

typedef struct
{
  gint64 read;
  gint64 written;
} Wire;

static Wire
ask_wire (SioTestClient *client, const char *extensions)
{
  g_autoptr (SioValue) answer = sio_test_ask (client->socket, "wire", NULL);
  Wire wire = { sio_value_get_integer (sio_value_lookup (answer, "/0/read")),
                sio_value_get_integer (sio_value_lookup (answer, "/0/written")) };

  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/extensions")), ==,
                   extensions);
  return wire;
}

/* What a round trip of 200 KB of text and bytes takes in each direction. */
static Wire
measure_echo (SioTestClient *client, const char *extensions, gboolean compress)
{
  g_autofree char *text = g_strnfill (100000, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new (text, 100000);
  SioValue *args[] = { sio_value_new_string (text), sio_value_new_bytes (bytes) };
  Wire before = ask_wire (client, extensions), after;
  g_autoptr (SioValue) answer = NULL;

  sio_socket_compress (client->socket, compress);
  answer = sio_test_ask (client->socket, "echo", sio_value_new_array (args, 2));
  sio_value_unref (args[0]);
  sio_value_unref (args[1]);
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (answer, 0)), ==, text);
  g_assert_true (g_bytes_equal (sio_value_get_bytes (sio_value_get_element (answer, 1)), bytes));
  after = ask_wire (client, extensions);
  return (Wire){ after.read - before.read, after.written - before.written };
}

/* E87, S36: compressed where both want it; an event that is not to be goes out as it is, and the
 * one after it is compressed again. */
static void
test_deflate (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server =
      sio_test_server_new ("{\"perMessageDeflate\":{\"threshold\":10}}");
  SioOptions *options = sio_test_options_new (mode);
  gboolean compresses = g_str_equal (mode->last, "websocket") && sio_test_has_own_framing ();
  g_autoptr (SioTestClient) client = NULL;
  const char *extensions = compresses ? "permessage-deflate" : "";
  Wire wire;

  g_object_set (options, "per-message-deflate", TRUE, NULL);
  client = sio_test_client_new_full (mode, server, "/", options);
  sio_test_client_connect (client);
  sio_test_client_settle (client);
  wire = measure_echo (client, extensions, TRUE);
  if (compresses)
    {
      g_assert_cmpint (wire.read, <, 5000);
      g_assert_cmpint (wire.written, <, 5000);
    }
  wire = measure_echo (client, extensions, FALSE);
  if (compresses)
    {
      g_assert_cmpint (wire.read, >, 200000);
      g_assert_cmpint (wire.written, <, 5000);
    }
  wire = measure_echo (client, extensions, TRUE);
  if (compresses)
    g_assert_cmpint (wire.read, <, 5000);
  sio_test_assert_log (&client->log, "opened; connect");
}

static void
test_deflate_not_asked_for (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server =
      sio_test_server_new ("{\"perMessageDeflate\":{\"threshold\":10}}");
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");

  sio_test_client_connect (client);
  sio_test_client_settle (client);
  ask_wire (client, "");
}

/* E87: a server that would compress gets a client that works, whatever the two agree on. */
static void
test_compression (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (
      "{\"perMessageDeflate\":{\"threshold\":10},\"httpCompression\":{\"threshold\":10}}");
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");
  g_autoptr (SioValue) answer = NULL;

  sio_test_client_connect (client);
  sio_test_client_settle (client);
  answer = sio_test_ask (client->socket, "make-text", sio_args ("(i)", 100000));
  g_assert_cmpuint (strlen (sio_value_get_string (sio_value_get_element (answer, 0))), ==, 100000);
  sio_value_unref (g_steal_pointer (&answer));
  answer = sio_test_ask (client->socket, "make-binary", sio_args ("(i)", 100000));
  g_assert_cmpuint (g_bytes_get_size (sio_value_get_bytes (sio_value_get_element (answer, 0))), ==,
                    100000);
  sio_test_assert_log (&client->log, "opened; connect");
}

static const SioTestCase cases[] = {
  { "options/E7-query-and-headers", test_query_and_headers },
  { "options/E11-url-query", test_url_query },
  { "options/E9-timestamp", test_timestamp },
  { "options/E6-path", test_path, SIO_TEST_NODE_ONLY, 406 },
  { "options/M6-settings", test_settings },
  { "options/E86-cookies", test_cookies, SIO_TEST_ANY_SERVER, 401 },
  { "options/E32-protocols", test_protocols },
  { "options/E87-compression", test_compression },
  { "options/E87-deflate", test_deflate, SIO_TEST_NODE_ONLY },
  { "options/E87-deflate-not-asked-for", test_deflate_not_asked_for, SIO_TEST_NODE_ONLY },
  { "options/M27-timeout", test_timeout },
  { "options/E78-try-all-transports", test_try_all_transports, SIO_TEST_UPGRADE_ONLY },
  { "io/M53-multiplex", test_io_multiplex },
  { "io/auto-connect", test_io_auto_connect },
  { "open/M11-async", test_open_async },
  { "open/M15-fails", test_open_async_fails },
  { "open/cancelled", test_open_async_cancelled },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
