/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

/* sio_io(): which calls share a manager, and whose options count. Those that need no connection
 * make none. */

static SioOptions *
options_new (const SioTestMode *mode, gboolean auto_connect)
{
  SioOptions *options = sio_test_options_new (mode);

  g_object_set (options, "auto-connect", auto_connect, NULL);
  return options;
}

static SioSocket *
io_idle (const SioTestMode *mode, const char *url, const char *option, gboolean value)
{
  g_autoptr (SioOptions) options = options_new (mode, FALSE);

  if (option != NULL)
    g_object_set (options, option, value, NULL);
  return sio_io (url, options);
}

static void
drop (SioSocket *socket)
{
  sio_socket_close (socket);
  sio_test_drop (socket);
}

static void
check_shared (const SioTestMode *mode, const char *a, const char *b, gboolean shared)
{
  SioSocket *first = io_idle (mode, a, NULL, FALSE);
  SioSocket *second = io_idle (mode, b, NULL, FALSE);

  g_test_message ("%s and %s", a, b);
  g_assert_cmpint (sio_socket_get_io (first) == sio_socket_get_io (second), ==, shared);
  drop (first);
  drop (second);
}

static void
test_force_new (const SioTestMode *mode)
{
  SioSocket *shared = io_idle (mode, "http://h.invalid/", NULL, FALSE);
  SioSocket *forced = io_idle (mode, "http://h.invalid/a", "force-new", TRUE);
  SioSocket *alone = io_idle (mode, "http://h.invalid/a", "multiplex", FALSE);
  SioSocket *another = io_idle (mode, "http://h.invalid/a", NULL, FALSE);

  g_assert_true (sio_socket_get_io (forced) != sio_socket_get_io (shared));
  g_assert_true (sio_socket_get_io (alone) != sio_socket_get_io (shared));
  g_assert_true (sio_socket_get_io (alone) != sio_socket_get_io (forced));
  /* Those two are not in the way of who wants to share. */
  g_assert_true (sio_socket_get_io (another) == sio_socket_get_io (shared));
  drop (forced);
  drop (alone);
  drop (another);
  drop (shared);
}

static void
test_url (const SioTestMode *mode)
{
  SioSocket *socket = io_idle (mode, "https://user:pass@h.invalid:8080/a/b/?x=1#y", NULL, FALSE);

  g_assert_cmpstr (sio_socket_get_nsp (socket), ==, "/a/b/");
  drop (socket);
  socket = io_idle (mode, "ws://h.invalid", NULL, FALSE);
  g_assert_cmpstr (sio_socket_get_nsp (socket), ==, SIO_DEFAULT_NAMESPACE);
  drop (socket);
}

static void
test_key (const SioTestMode *mode)
{
  SioSocket *first, *second;
  g_autoptr (SioOptions) options = options_new (mode, FALSE);

  check_shared (mode, "http://h.invalid", "http://h.invalid:80/a", TRUE);
  check_shared (mode, "http://h.invalid/?x=1", "http://h.invalid/a?x=1", TRUE);
  check_shared (mode, "http://h.invalid/?x=1", "http://h.invalid/a?x=2", FALSE);
  check_shared (mode, "ws://h.invalid/", "http://h.invalid/a", TRUE);
  check_shared (mode, "wss://h.invalid/", "https://h.invalid:443/a", TRUE);
  check_shared (mode, "http://[::1]:8080/", "ws://[0:0::1]:8080/a", TRUE);
  check_shared (mode, "http://h.invalid/", "https://h.invalid/a", FALSE);
  check_shared (mode, "http://h.invalid/", "http://h.invalid:81/a", FALSE);
  check_shared (mode, "http://h.invalid/", "http://i.invalid/a", FALSE);

  g_object_set (options, "path", "/socket.io", NULL);
  first = io_idle (mode, "http://h.invalid/", NULL, FALSE);
  second = sio_io ("http://h.invalid/a", options);
  g_assert_true (sio_socket_get_io (first) == sio_socket_get_io (second));
  drop (second);
  g_object_set (options, "path", "/other", NULL);
  second = sio_io ("http://h.invalid/a", options);
  g_assert_true (sio_socket_get_io (first) != sio_socket_get_io (second));
  drop (second);
  drop (first);
}

/* None is given out twice, in use or not (X1). */
static void
test_same_namespace (const SioTestMode *mode)
{
  g_autofree char *url = sio_test_server_dup_url (sio_test_shared_server (), "/admin");
  g_autoptr (SioOptions) options = options_new (mode, TRUE);
  SioSocket *first = sio_io (url, options);
  SioSocket *second = sio_io (url, options);
  SioSocket *third;

  g_assert_true (first != second);
  g_assert_true (sio_socket_get_io (first) != sio_socket_get_io (second));
  sio_test_sync (first);
  sio_test_sync (second);
  sio_test_server_await_clients (sio_test_shared_server (), 2);

  sio_socket_close (first);
  third = sio_io (url, options);
  g_assert_true (third != first && third != second);
  g_assert_true (sio_socket_get_active (third));
  g_assert_false (sio_socket_get_active (first));
  sio_test_sync (third);
  drop (third);
  drop (first);
  drop (second);
  sio_test_server_await_clients (sio_test_shared_server (), 0);
}

/* Those of the connection that are shared are those of both calls; those of a socket are its own
 * (X1). */
static void
test_options_of_second (const SioTestMode *mode)
{
  g_autofree char *first_url = sio_test_server_dup_url (sio_test_shared_server (), "/?x=1");
  g_autofree char *second_url = sio_test_server_dup_url (sio_test_shared_server (), "/admin?x=1");
  g_autoptr (SioOptions) first_options = options_new (mode, TRUE);
  g_autoptr (SioOptions) second_options = options_new (mode, TRUE);
  g_autoptr (SioValue) auth = sio_value_new_from_json ("{\"who\":\"second\"}", NULL, 0, NULL);
  g_autoptr (SioValue) answer = NULL;
  SioSocket *first, *second;

  sio_options_set_header (first_options, "X-Whose", "first");
  first = sio_io (first_url, first_options);
  sio_options_set_header (second_options, "X-Whose", "first");
  g_object_set (second_options, "auth", auth, "retries", 1, "ack-timeout", 20000, NULL);
  second = sio_io (second_url, second_options);
  g_assert_true (sio_socket_get_io (first) == sio_socket_get_io (second));

  answer = sio_test_ask (second, "handshake", NULL);
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/query/x")), ==, "1");
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/headers/x-whose")), ==,
                   "first");
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/auth/who")), ==, "second");
  g_clear_pointer (&answer, sio_value_unref);
  answer = sio_test_ask (first, "handshake", NULL);
  g_assert_null (sio_value_lookup (answer, "/0/auth/who"));
  drop (first);
  drop (second);
}

/* M18: auth is all that the second socket needs of its own; the rest is the manager's. */
static void
test_short_form (const SioTestMode *mode)
{
  g_autofree char *url = sio_test_server_dup_url (sio_test_shared_server (), NULL);
  g_autofree char *long_url = sio_test_server_dup_url (sio_test_shared_server (), "/auth");
  g_autoptr (SioValue) auth = sio_value_new_from_json ("{\"token\":\"secret\"}", NULL, 0, NULL);
  g_autoptr (SioOptions) of_manager = options_new (mode, FALSE);
  g_autoptr (SioOptions) of_socket = options_new (mode, FALSE);
  g_autoptr (SioOptions) of_both = options_new (mode, FALSE);
  g_autoptr (SioManager) manager = NULL;
  SioSocket *short_form, *long_form;

  sio_options_set_query_param (of_manager, "my-key", "my-value");
  g_object_set (of_socket, "auth", auth, NULL);
  manager = sio_manager_new (url, of_manager);
  long_form = sio_manager_get_socket (manager, "/auth", of_socket);
  sio_options_set_query_param (of_both, "my-key", "my-value");
  g_object_set (of_both, "auth", auth, NULL);
  short_form = sio_io (long_url, of_both);
  g_assert_cmpstr (sio_socket_get_nsp (short_form), ==, sio_socket_get_nsp (long_form));

  for (int i = 0; i < 2; i++)
    {
      SioSocket *socket = i == 0 ? short_form : long_form;
      g_autoptr (SioValue) answer = NULL;

      sio_socket_open (socket);
      answer = sio_test_ask (socket, "handshake", NULL);
      g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/query/my-key")), ==,
                       "my-value");
      g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/auth/token")), ==,
                       "secret");
    }
  drop (short_form);
  drop (long_form);
}

/* What was passed in is read, and nothing else is done to it. */
static void
test_options_stay (const SioTestMode *mode)
{
  const char *transports[] = { "pigeon", mode->transports[0], NULL };
  g_autofree char *url = sio_test_server_dup_url (sio_test_shared_server (), NULL);
  g_autoptr (SioOptions) options = options_new (mode, TRUE);
  g_auto (GStrv) after = NULL;
  g_autoptr (SioValue) auth = sio_value_new_from_json ("{\"a\":[1]}", NULL, 0, NULL);
  g_autoptr (SioValue) auth_after = NULL;
  SioSocket *socket;
  int retries;

  g_object_set (options, "transports", transports, "auth", auth, "try-all-transports", TRUE, NULL);
  socket = sio_io (url, options);
  sio_test_sync (socket);
  g_object_get (options, "transports", &after, "auth", &auth_after, "retries", &retries, NULL);
  g_assert_true (g_strv_equal ((const char *const *) after, transports));
  sio_test_assert_json (auth_after, "{\"a\":[1]}");
  g_assert_cmpint (retries, ==, 0);

  /* Nor does a later change reach a manager that was made from it. */
  g_object_set (options, "reconnection", FALSE, NULL);
  g_assert_true (sio_manager_get_reconnection (sio_socket_get_io (socket)));
  drop (socket);
}

/* What is told by a manager is not told by its sockets, nor the other way round. */
static void
test_signals (const SioTestMode *mode)
{
  const char *of_manager[] = { "error",           "ping",
                               "reconnect",       "reconnect-attempt",
                               "reconnect-error", "reconnect-failed",
                               "opened",          "closed" };
  const char *of_socket[] = { "connect", "connect-error", "disconnect", "event", "outgoing-event" };
  const char *of_engine[] = { "upgrade", "packet", "packet-create", "drain", "close" };
  GType types[] = { SIO_TYPE_MANAGER, SIO_TYPE_SOCKET, SIO_TYPE_ENGINE };
  gpointer classes[G_N_ELEMENTS (types)];

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    classes[i] = g_type_class_ref (types[i]);

  for (gsize i = 0; i < G_N_ELEMENTS (of_manager); i++)
    {
      g_assert_cmpuint (g_signal_lookup (of_manager[i], SIO_TYPE_MANAGER), !=, 0);
      g_assert_cmpuint (g_signal_lookup (of_manager[i], SIO_TYPE_SOCKET), ==, 0);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (of_socket); i++)
    {
      g_assert_cmpuint (g_signal_lookup (of_socket[i], SIO_TYPE_SOCKET), !=, 0);
      g_assert_cmpuint (g_signal_lookup (of_socket[i], SIO_TYPE_MANAGER), ==, 0);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (of_engine); i++)
    g_assert_cmpuint (g_signal_lookup (of_engine[i], SIO_TYPE_ENGINE), !=, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    g_type_class_unref (classes[i]);
}

/* Many connections of one program share what is behind them, and none waits for another's requests,
 * of which each holds one all the time. */
static void
test_many (const SioTestMode *mode)
{
  g_autofree char *url = sio_test_server_dup_url (sio_test_shared_server (), NULL);
  g_autoptr (SioOptions) options = options_new (mode, TRUE);
  SioSocket *sockets[30];

  g_object_set (options, "force-new", TRUE, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (sockets); i++)
    sockets[i] = sio_io (url, options);
  for (gsize i = 0; i < G_N_ELEMENTS (sockets); i++)
    sio_test_sync (sockets[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (sockets); i++)
    {
      g_assert_true (sio_socket_get_connected (sockets[i]));
      drop (sockets[i]);
    }
}

static const SioTestCase cases[] = {
  { "io/M1-force-new", test_force_new },
  { "io/M51-url", test_url },
  { "io/M52-key", test_key },
  { "io/M54-same-namespace", test_same_namespace },
  { "io/M5-M55-options-of-second", test_options_of_second },
  { "io/M18-M56-short-form", test_short_form },
  { "io/E77-options-stay", test_options_stay },
  { "io/M45-signals", test_signals },
  { "io/many", test_many },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
