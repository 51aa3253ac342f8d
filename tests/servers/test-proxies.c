/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "sio-test-client.h"
#include "sio-test-nginx.h"

/* Behind nginx: under a path of its own, and two servers of which each session needs always the
 * same one. */

#define PATH "/app/socket.io/"

/* What any proxy of Socket.IO needs. */
#define PASS_WEBSOCKET                                                                             \
  "proxy_http_version 1.1;"                                                                        \
  "proxy_set_header Host $host;"                                                                   \
  "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"                                   \
  "proxy_set_header Upgrade $http_upgrade;"                                                        \
  "proxy_set_header Connection $passed_connection;"

#define MAP_CONNECTION "map $http_upgrade $passed_connection { default upgrade; '' ''; }"

static gboolean
skip_without_nginx (void)
{
  const char *missing = sio_test_nginx_missing ();

  if (missing != NULL)
    g_test_skip (missing);
  return missing != NULL;
}

static SioTestClient *
client_new (const SioTestMode *mode, SioTestNginx *nginx, const char *nsp, gboolean credentials)
{
  SioOptions *options = sio_test_options_new (mode);
  g_autofree char *url = sio_test_nginx_dup_url (nginx, "/");

  g_object_set (options, "path", PATH, "with-credentials", credentials, NULL);
  return sio_test_client_new_url (mode, url, nsp, options);
}

static SioTestNginx *
prefix_nginx_new (SioTestServer *server)
{
  g_autofree char *location = g_strdup_printf (
      "location " PATH " { proxy_pass http://127.0.0.1:%u/socket.io/; " PASS_WEBSOCKET " }",
      sio_test_server_get_port (server));

  return sio_test_nginx_new (MAP_CONNECTION, location);
}

/* Everything that goes through: both directions, acknowledgements, binary, a body that nginx writes
 * to a file, two namespaces. */
static void
test_prefix (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = NULL;
  g_autoptr (SioTestNginx) nginx = NULL;
  g_autoptr (SioTestClient) client = NULL;
  g_autoptr (SioValue) handshake = NULL;
  g_autoptr (SioValue) size = NULL;
  g_autoptr (SioSocket) admin = NULL;
  g_autofree char *text = g_strnfill (200000, 'x');
  g_autofree char *answer = NULL;
  SioValue *headers;

  if (skip_without_nginx ())
    return;
  server = sio_test_server_new (NULL);
  nginx = prefix_nginx_new (server);
  client = client_new (mode, nginx, "/", FALSE);
  sio_test_client_connect (client);
  sio_test_client_settle (client);
  sio_test_log_events (&client->log, client->socket);

  handshake = sio_test_ask (client->socket, "handshake", NULL);
  headers = sio_value_lookup (handshake, "/0/headers");
  g_assert_cmpstr (sio_value_get_string (sio_value_get_member (headers, "x-forwarded-for")), ==,
                   "127.0.0.1");
  g_assert_true (g_str_has_prefix (sio_value_get_string (sio_value_lookup (handshake, "/0/url")),
                                   "/socket.io/?"));

  answer = sio_test_ask_json (client->socket, "echo", sio_args ("(si)", "through", 1));
  g_assert_cmpstr (answer, ==, "[\"through\",1]");
  sio_test_wait (sio_test_log_count (&client->log, "echo") == 1);
  size = sio_test_ask (client->socket, "size-of", sio_args ("(s)", text));
  g_assert_cmpint (sio_value_get_integer (sio_value_get_element (size, 0)), ==, 200000);
  g_clear_pointer (&size, sio_value_unref);
  size = sio_test_ask (client->socket, "make-binary", sio_args ("(i)", 100000));
  g_assert_cmpuint (g_bytes_get_size (sio_value_get_bytes (sio_value_get_element (size, 0))), ==,
                    100000);

  admin = sio_manager_get_socket (client->manager, "/admin", NULL);
  sio_socket_open (admin);
  sio_test_sync (admin);
  sio_socket_close (admin);
}

/* The server behind it goes and comes: nginx answers 502 meanwhile. */
static void
test_bad_gateway (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = NULL;
  g_autoptr (SioTestNginx) nginx = NULL;
  g_autoptr (SioTestClient) client = NULL;

  if (skip_without_nginx ())
    return;
  server = sio_test_server_new (NULL);
  nginx = prefix_nginx_new (server);
  client = client_new (mode, nginx, "/", FALSE);
  sio_test_client_connect (client);
  sio_test_client_settle (client);
  sio_test_log_forget (&client->log);
  sio_test_server_stop (server);
  sio_test_wait (sio_test_log_count (&client->log, "reconnect-error") >= 2);
  g_assert_cmpuint (sio_test_log_count (&client->log, "disconnect"), ==, 1);
  g_assert_true (sio_socket_get_active (client->socket));
  sio_test_server_start (server);
  sio_test_wait (sio_socket_get_connected (client->socket));
  sio_test_client_settle (client);
  sio_test_sync (client->socket);
}

typedef struct
{
  SioTestServer *workers[2];
  SioTestNginx *nginx;
} Cluster;

/* nginx gives who has no cookie to the next worker, with a cookie that names it; and who has one to
 * the worker that it names. */
static void
cluster_init (Cluster *self)
{
  guint16 ports[2];
  g_autofree char *http = NULL;

  for (int i = 0; i < 2; i++)
    {
      self->workers[i] = sio_test_server_new (NULL);
      ports[i] = sio_test_server_get_port (self->workers[i]);
    }
  http = g_strdup_printf (MAP_CONNECTION "upstream next { server 127.0.0.1:%u max_fails=0;"
                                         "                server 127.0.0.1:%u max_fails=0; }"
                                         "map $cookie_worker $worker {"
                                         "  default next;"
                                         "  127.0.0.1:%u $cookie_worker;"
                                         "  127.0.0.1:%u $cookie_worker; }"
                                         "map $worker $new_cookie {"
                                         "  default '';"
                                         "  next 'worker=$upstream_addr; Path=/app; HttpOnly'; }",
                          ports[0], ports[1], ports[0], ports[1]);
  self->nginx = sio_test_nginx_new (http, "location " PATH " {"
                                          "  rewrite ^/app(/.*)$ $1 break;"
                                          "  proxy_pass http://$worker;"
                                          "  add_header Set-Cookie $new_cookie always;"
                                          "  proxy_next_upstream off;" PASS_WEBSOCKET " }");
}

static void
cluster_clear (Cluster *self)
{
  g_clear_pointer (&self->nginx, sio_test_nginx_free);
  for (int i = 0; i < 2; i++)
    g_clear_pointer (&self->workers[i], sio_test_server_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cluster, cluster_clear)

/* The cookie that came with the request on which the session is now; NULL without one. */
static char *
dup_cookie (SioTestClient *client)
{
  g_autoptr (SioValue) answer = sio_test_ask (client->socket, "transport-cookie", NULL);

  return g_strdup (sio_value_get_string (sio_value_get_element (answer, 0)));
}

static gint64
count_clients (SioTestServer *worker)
{
  g_autoptr (SioValue) stats = sio_test_server_command (worker, "{\"cmd\":\"stats\"}");

  return sio_value_get_integer (sio_value_get_member (stats, "clients"));
}

/* E86: the cookie of the first poll is in all later ones and in the handshake of the WebSocket, and
 * still there after a reconnection. */
static void
test_sticky (const SioTestMode *mode)
{
  g_auto (Cluster) cluster = { 0 };
  SioTestClient *clients[4];

  if (skip_without_nginx ())
    return;
  cluster_init (&cluster);
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      clients[i] = client_new (mode, cluster.nginx, "/", TRUE);
      sio_test_client_connect (clients[i]);
      sio_test_client_settle (clients[i]);
      sio_test_assert_log (&clients[i]->log, "opened; connect");
    }
  for (int i = 0; i < 2; i++)
    g_assert_cmpint (count_clients (cluster.workers[i]), ==, G_N_ELEMENTS (clients) / 2);

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      gboolean alone = g_str_equal (mode->name, "websocket");
      g_autofree char *before = dup_cookie (clients[i]);
      g_autofree char *after = NULL;

      /* The only request of a session without polling is the one that gets the cookie. */
      if (alone)
        g_assert_null (before);
      else
        g_assert_true (g_str_has_prefix (before, "worker=127.0.0.1:"));

      sio_test_log_forget (&clients[i]->log);
      sio_socket_emit (clients[i]->socket, "drop", NULL);
      sio_test_wait (sio_test_log_count (&clients[i]->log, "connect") == 1);
      sio_test_client_settle (clients[i]);
      g_assert_cmpuint (sio_test_log_count (&clients[i]->log, "connect-error"), ==, 0);
      after = dup_cookie (clients[i]);
      if (alone)
        g_assert_true (g_str_has_prefix (after, "worker=127.0.0.1:"));
      else
        g_assert_cmpstr (after, ==, before);
    }

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    sio_test_client_free (clients[i]);
}

static void
keep_error (SioSocket *socket, const GError *error, SioValue *data, GError **kept)
{
  if (*kept == NULL)
    *kept = g_error_copy (error);
}

/* Without cookies a session of polling meets the other worker, which does not know it; one of a
 * WebSocket alone needs none. */
static void
test_not_sticky (const SioTestMode *mode)
{
  g_auto (Cluster) cluster = { 0 };
  g_autoptr (SioTestClient) client = NULL;
  g_autoptr (GError) error = NULL;

  if (skip_without_nginx ())
    return;
  cluster_init (&cluster);
  client = client_new (mode, cluster.nginx, "/", FALSE);
  if (g_str_equal (mode->name, "websocket"))
    {
      g_autofree char *cookie = NULL;

      sio_test_client_connect (client);
      cookie = dup_cookie (client);
      g_assert_null (cookie);
      sio_test_sync (client->socket);
      return;
    }

  g_signal_connect (client->socket, "connect-error", G_CALLBACK (keep_error), &error);
  sio_socket_open (client->socket);
  sio_test_wait (error != NULL);
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TRANSPORT);
  g_assert_true (g_str_has_prefix (error->message, "xhr p"));
  g_assert_nonnull (strstr (error->message, "400"));
  g_assert_nonnull (strstr (error->message, "Session ID unknown"));
}

static const SioTestCase cases[] = {
  { "proxies/E6-prefix", test_prefix },
  { "proxies/E24-bad-gateway", test_bad_gateway },
  { "proxies/E86-sticky", test_sticky },
  { "proxies/E88-not-sticky", test_not_sticky },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
