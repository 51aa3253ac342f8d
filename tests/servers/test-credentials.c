/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <string.h>

/* The user in the URL: the server is told with every request, and nobody else ever (X5). */

/* Of "us€r:p:w &c" and the like, as base64. */
static const struct
{
  const char *user_info;
  const char *header;   /* of the options; nullable */
  const char *name;     /* of that */
  const char *expected; /* nullable */
} wishes[] = {
  { "user:sEcret@", NULL, NULL, "Basic dXNlcjpzRWNyZXQ=" },
  { "user@", NULL, NULL, "Basic dXNlcjo=" },
  { "user:@", NULL, NULL, "Basic dXNlcjo=" },
  { ":sEcret@", NULL, NULL, "Basic OnNFY3JldA==" },
  { "us%e2%82%acr:p%3aw%20%26c@", NULL, NULL, "Basic dXPigqxyOnA6dyAmYw==" },
  { "us€r:p:w%20&c@", NULL, NULL, "Basic dXPigqxyOnA6dyAmYw==" },
  { "@", NULL, NULL, NULL },
  { ":@", NULL, NULL, NULL },
  { "", NULL, NULL, NULL },
  { "user:sEcret@", "Bearer mine", "Authorization", "Bearer mine" },
  { "user:sEcret@", "Bearer mine", "aUTHORIZATION", "Bearer mine" },
  { "user:sEcret@", "", "authorization", "" },
};

static char *
dup_url (SioTestServer *server, const char *user_info)
{
  return g_strdup_printf ("http://%s127.0.0.1:%u/", user_info, sio_test_server_get_port (server));
}

/* Those from number @i on; returns how many there are. */
static guint
check_requests (SioTestServer *server, guint i, const char *expected)
{
  g_autoptr (SioValue) reply = sio_test_server_command (server, "{\"cmd\":\"requests\"}");
  SioValue *requests = sio_value_get_member (reply, "requests");

  g_assert_cmpuint (sio_value_get_length (requests), >, i);
  for (; i < sio_value_get_length (requests); i++)
    {
      SioValue *request = sio_value_get_element (requests, i);
      const char *url = sio_value_get_string (sio_value_get_member (request, "url"));

      g_assert_cmpstr (sio_value_get_string (sio_value_lookup (request, "/headers/authorization")),
                       ==, expected);
      g_assert_null (strstr (url, "sEcret"));
    }
  return i;
}

static void
test_sent (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  guint n_requests = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (wishes); i++)
    {
      g_autofree char *url = dup_url (server, wishes[i].user_info);
      g_autofree char *bare = dup_url (server, "");
      SioOptions *options = sio_test_options_new (mode);
      g_autoptr (SioTestClient) client = NULL;

      g_test_message ("%s %s", url, wishes[i].header);
      if (wishes[i].header != NULL)
        sio_options_set_header (options, wishes[i].name, wishes[i].header);
      client = sio_test_client_new_url (mode, url, "/", options);
      g_assert_cmpstr (sio_manager_get_url (client->manager), ==, bare);
      sio_test_client_connect (client);
      sio_test_client_settle (client);
      sio_test_sync (client->socket);
      sio_test_client_free (g_steal_pointer (&client));
      sio_test_server_await_clients (server, 0);
      n_requests = check_requests (server, n_requests, wishes[i].expected);
    }
}

/* From io(), too, also after a reconnection; beside one that gives no user. */
static void
test_io (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  g_autofree char *url = dup_url (server, "user:sEcret@");
  g_autofree char *bare = dup_url (server, "");
  g_autofree char *beside_url = g_strconcat (bare, "admin", NULL);
  g_autoptr (SioOptions) options = sio_test_options_new (mode);
  SioSocket *socket = sio_io (url, options), *beside;
  g_autofree char *shown = NULL;
  g_autoptr (SioValue) answer = NULL;

  g_object_get (sio_socket_get_io (socket), "url", &shown, NULL);
  g_assert_cmpstr (shown, ==, bare);
  sio_socket_open (socket);
  sio_test_sync (socket);
  sio_test_server_stop (server);
  sio_test_wait (!sio_socket_get_connected (socket));
  sio_test_server_start (server);
  sio_test_wait (sio_socket_get_connected (socket));
  check_requests (server, 0, "Basic dXNlcjpzRWNyZXQ=");

  beside = sio_io (beside_url, options);
  sio_socket_open (beside);
  answer = sio_test_ask (beside, "handshake", NULL);
  g_assert_null (sio_value_lookup (answer, "/0/headers/authorization"));
  sio_socket_close (socket);
  sio_socket_close (beside);
  sio_test_drop (socket);
  sio_test_drop (beside);
}

static void
keep_error (SioSocket *socket, const GError *error, SioValue *data, gpointer kept)
{
  g_clear_error (kept);
  *(GError **) kept = g_error_copy (error);
}

/* What cannot be sent, and what is no URL: an error that does not tell the secret, and a property
 * that does not, either. */
static void
test_refused (const SioTestMode *mode)
{
  static const char *const urls[] = {
    "http://us%3aer:sEcret@127.0.0.1:1/", "http://us%0aer:sEcret@127.0.0.1:1/",
    "http://user:sEcret%00@127.0.0.1:1/", "http://user:sEcret%7f@127.0.0.1:1/",
    "http://user:sEcret%0d%0aX-A:%20b@h", "http://user:sEcret%ff@127.0.0.1:1/",
    "http://user:x/sEcret@127.0.0.1:1/",  "user:sEcret@127.0.0.1:1/",
    "http://user:sEcret\n@127.0.0.1:1/",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (SioTestClient) client =
          sio_test_client_new_url (mode, urls[i], "/", sio_test_options_new (mode));
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", urls[i]);
      g_assert_null (strstr (sio_manager_get_url (client->manager), "sEcret"));
      g_signal_connect (client->socket, "connect-error", G_CALLBACK (keep_error), &error);
      sio_socket_open (client->socket);
      sio_test_wait (error != NULL);
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_URL);
      g_assert_null (strstr (error->message, "sEcret"));
      g_assert_false (sio_socket_get_active (client->socket));
    }
}

typedef struct
{
  GSocketService *service;
  GString *heads;
  guint n_requests;
  guint16 port;
} Refuser;

typedef struct
{
  Refuser *refuser;
  GSocketConnection *connection;
  GDataInputStream *input;
} RefuserClient;

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  static const char answer[] = "HTTP/1.1 401 Unauthorized\r\n"
                               "WWW-Authenticate: Basic realm=\"r\"\r\n"
                               "Content-Length: 0\r\n\r\n";
  RefuserClient *self = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish (self->input, result, NULL, NULL);

  if (line == NULL)
    {
      g_object_unref (self->input);
      g_object_unref (self->connection);
      g_free (self);
      return;
    }
  g_string_append_printf (self->refuser->heads, "%s\n", line);
  if (*line == '\r' || *line == '\0')
    {
      self->refuser->n_requests++;
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (self->connection)),
                                 answer, strlen (answer), NULL, NULL, NULL);
    }
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, on_line, self);
}

static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *connection,
             GObject *source,
             gpointer user_data)
{
  RefuserClient *client = g_new0 (RefuserClient, 1);

  client->refuser = user_data;
  client->connection = g_object_ref (connection);
  client->input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_data_input_stream_read_line_async (client->input, G_PRIORITY_DEFAULT, NULL, on_line, client);
  return TRUE;
}

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (const char *at = strstr (text, part); at != NULL; at = strstr (at + 1, part))
    n++;
  return n;
}

/* A 401 is told with its status, and asked once for each attempt; what libsoup remembers of the
 * refusal takes nothing from the next attempt, and gives nothing to who has given no user. */
static void
test_unauthorized (const SioTestMode *mode)
{
  Refuser refuser = { g_socket_service_new (), g_string_new (NULL) };
  g_autofree char *url = NULL, *bare = NULL;
  g_autoptr (GError) error = NULL;
  const char *name = "Authorization: Basic dXNlcjpzRWNyZXQ=";
  SioTestClient *client;

  refuser.port =
      g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (refuser.service), NULL, NULL);
  g_signal_connect (refuser.service, "incoming", G_CALLBACK (on_incoming), &refuser);
  url = g_strdup_printf ("http://user:sEcret@127.0.0.1:%u/", refuser.port);
  bare = g_strdup_printf ("http://127.0.0.1:%u/", refuser.port);

  client = sio_test_client_new_url (mode, url, "/", sio_test_options_new (mode));
  g_signal_connect (client->socket, "connect-error", G_CALLBACK (keep_error), &error);
  sio_socket_open (client->socket);
  sio_test_wait (sio_test_log_count (&client->log, "connect-error") == 2);
  sio_socket_close (client->socket);
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TRANSPORT);
  g_assert_nonnull (strstr (error->message, "401"));
  g_assert_null (strstr (error->message, "sEcret"));
  g_assert_cmpuint (refuser.n_requests, ==, 2);
  g_assert_cmpuint (count (refuser.heads->str, name), ==, 2);
  sio_test_client_free (client);

  g_string_truncate (refuser.heads, 0);
  refuser.n_requests = 0;
  client = sio_test_client_new_url (mode, bare, "/", sio_test_options_new (mode));
  sio_socket_open (client->socket);
  sio_test_wait (sio_test_log_count (&client->log, "connect-error") == 1);
  sio_socket_close (client->socket);
  g_assert_null (strstr (refuser.heads->str, "uthorization:"));
  sio_test_client_free (client);

  g_socket_service_stop (refuser.service);
  g_socket_listener_close (G_SOCKET_LISTENER (refuser.service));
  sio_test_drop (refuser.service);
  g_string_free (refuser.heads, TRUE);
}

static const SioTestCase cases[] = {
  { "credentials/X5-not-sent", test_sent, SIO_TEST_NODE_ONLY },
  { "credentials/X5-io", test_io, SIO_TEST_NODE_ONLY },
  { "credentials/X5-refused", test_refused },
  { "credentials/X5-unauthorized", test_unauthorized },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
