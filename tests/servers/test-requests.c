/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "sio-test-client.h"

/* Every request of a session, as it came to the server. */

typedef struct
{
  SioTestServer *server;
  SioTestClient *client;
  SioValue *requests; /* objects: method, url, headers */
  guint n;
} Session;

static void
session_clear (Session *self)
{
  g_clear_pointer (&self->requests, sio_value_unref);
  g_clear_pointer (&self->client, sio_test_client_free);
  g_clear_pointer (&self->server, sio_test_server_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Session, session_clear)

/* From the first request to the goodbye, with events both ways. Takes @options. */
static void
session_run (Session *self, const SioTestMode *mode, SioOptions *options)
{
  g_autoptr (SioValue) reply = NULL;

  self->server = sio_test_server_new (NULL);
  self->client = sio_test_client_new_full (mode, self->server, "/", options);
  sio_test_client_connect (self->client);
  sio_test_client_settle (self->client);
  for (int i = 0; i < 3; i++)
    sio_test_sync (self->client->socket);
  sio_socket_close (self->client->socket);
  sio_test_server_await_clients (self->server, 0);

  reply = sio_test_server_command (self->server, "{\"cmd\":\"requests\"}");
  self->requests = sio_value_ref (sio_value_get_member (reply, "requests"));
  self->n = sio_value_get_length (self->requests);
  g_assert_cmpuint (self->n, >=, 1);
}

static const char *
get_text (Session *self, guint i, const char *member)
{
  return sio_value_get_string (
      sio_value_get_member (sio_value_get_element (self->requests, i), member));
}

static const char *
get_header (Session *self, guint i, const char *name)
{
  SioValue *request = sio_value_get_element (self->requests, i);

  return sio_value_get_string (
      sio_value_get_member (sio_value_get_member (request, "headers"), name));
}

static gboolean
is_upgrade (Session *self, guint i)
{
  return get_header (self, i, "upgrade") != NULL;
}

static void
test_url (const SioTestMode *mode)
{
  g_auto (Session) session = { 0 };
  g_autoptr (GHashTable) stamps = g_hash_table_new (g_str_hash, g_str_equal);

  session_run (&session, mode, sio_test_options_new (mode));
  for (guint i = 0; i < session.n; i++)
    {
      const char *url = get_text (&session, i, "url");
      const char *stamp = strstr (url, "&t=");

      g_assert_true (g_str_has_prefix (url, "/socket.io/?EIO=4&transport="));
      g_assert_cmpint (strstr (url, "&sid=") != NULL, ==, i > 0);
      g_assert_cmpint (strstr (url, "transport=websocket") != NULL, ==, is_upgrade (&session, i));
      g_assert_cmpint (strstr (url, "transport=polling") != NULL, ==, !is_upgrade (&session, i));
      g_assert_null (strstr (url, "b64"));
      /* E9 */
      g_assert_cmpint (stamp != NULL, ==, !is_upgrade (&session, i));
      if (stamp != NULL)
        g_assert_true (g_hash_table_add (stamps, (gpointer) stamp));
    }
}

static void
test_base64 (const SioTestMode *mode)
{
  g_auto (Session) session = { 0 };
  SioOptions *options = sio_test_options_new (mode);

  g_object_set (options, "force-base64", TRUE, NULL);
  session_run (&session, mode, options);
  for (guint i = 0; i < session.n; i++)
    g_assert_cmpint (strstr (get_text (&session, i, "url"), "b64=1") != NULL, ==,
                     i == 0 || is_upgrade (&session, i));
}

static void
test_headers (const SioTestMode *mode)
{
  g_auto (Session) session = { 0 };
  SioOptions *options = sio_test_options_new (mode);

  sio_options_set_query_param (options, "my-key", "my value");
  sio_options_set_header (options, "X-My-Header", "my value");
  sio_options_set_header (options, "Cookie", "a=b");
  session_run (&session, mode, options);
  for (guint i = 0; i < session.n; i++)
    {
      g_assert_nonnull (strstr (get_text (&session, i, "url"), "my-key=my%20value"));
      g_assert_cmpstr (get_header (&session, i, "x-my-header"), ==, "my value");
      g_assert_cmpstr (get_header (&session, i, "cookie"), ==, "a=b");
      if (is_upgrade (&session, i))
        continue;
      g_assert_cmpstr (get_header (&session, i, "accept"), ==, "*/*");
      if (g_str_equal (get_text (&session, i, "method"), "POST"))
        g_assert_cmpstr (get_header (&session, i, "content-type"), ==, "text/plain;charset=UTF-8");
    }
}

static void
check_user_agent (const SioTestMode *mode, const char *name, const char *given, const char *wanted)
{
  g_auto (Session) session = { 0 };
  SioOptions *options = sio_test_options_new (mode);

  if (given != NULL)
    sio_options_set_header (options, name, given);
  session_run (&session, mode, options);
  g_assert_cmpuint (session.n, >, 0);
  for (guint i = 0; i < session.n; i++)
    g_assert_cmpstr (get_header (&session, i, "user-agent"), ==, wanted);
}

/* Some gateways refuse requests without one. */
static void
test_user_agent (const SioTestMode *mode)
{
  check_user_agent (mode, NULL, NULL, "sioclient/" SIO_VERSION_S);
  check_user_agent (mode, "User-Agent", "my-app/1.0", "my-app/1.0");
  check_user_agent (mode, "user-agent", "my-app/2.0", "my-app/2.0");
}

static const SioTestCase cases[] = {
  { "requests/E4-url", test_url, SIO_TEST_NODE_ONLY },
  { "requests/E10-base64", test_base64, SIO_TEST_NODE_ONLY },
  { "requests/E13-E23-E85-query-and-headers", test_headers, SIO_TEST_NODE_ONLY },
  { "requests/X57-no-user-agent", test_user_agent, SIO_TEST_NODE_ONLY },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
