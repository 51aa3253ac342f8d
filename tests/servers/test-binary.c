/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

/* Binary data in events and acknowledgements, and what is large. */

static GBytes *
make_bytes (gsize size)
{
  guint8 *data = g_malloc (MAX (size, 1));

  for (gsize i = 0; i < size; i++)
    data[i] = i % 256;
  return g_bytes_new_take (data, size);
}

static SioValue *
make_value (gsize size)
{
  g_autoptr (GBytes) bytes = make_bytes (size);

  return sio_value_new_bytes (bytes);
}

static void
assert_bytes (SioValue *value, gsize size)
{
  g_autoptr (GBytes) expected = make_bytes (size);

  g_assert_cmpint (sio_value_get_kind (value), ==, SIO_VALUE_BYTES);
  g_assert_true (g_bytes_equal (sio_value_get_bytes (value), expected));
}

static SioValue *
make_nested (void)
{
  g_autoptr (GBytes) one = make_bytes (1);
  g_autoptr (GBytes) empty = make_bytes (0);
  g_autoptr (GBytes) all = make_bytes (256);
  GBytes *attachments[] = { one, empty, all };
  g_autoptr (GError) error = NULL;
  SioValue *value = sio_value_new_from_json (
      "[\"text\",{\"_placeholder\":true,\"num\":2},{\"k\":[{\"_placeholder\":true,\"num\":0},1,"
      "{\"deep\":{\"_placeholder\":true,\"num\":1}}]},null]",
      attachments, G_N_ELEMENTS (attachments), &error);

  g_assert_no_error (error);
  return value;
}

static void
keep_args (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  SioValue **kept = user_data;

  g_clear_pointer (kept, sio_value_unref);
  *kept = sio_value_ref (sio_event_get_args (event));
}

static void
test_both_ways (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autoptr (SioValue) sent = make_nested ();
  g_autoptr (SioValue) event = NULL;
  g_autoptr (SioValue) answer = NULL;

  sio_socket_on (client->socket, "binary", keep_args, &event, NULL);
  sio_test_log_forget (&client->log);
  answer = sio_test_ask (client->socket, "binary", sio_value_ref (sent));
  g_assert_nonnull (event);
  g_assert_true (sio_value_equal (answer, sent));
  g_assert_true (sio_value_equal (event, sent));
  assert_bytes (sio_value_get_element (answer, 1), 256);
  assert_bytes (sio_value_lookup (answer, "/2/k/0"), 1);
  assert_bytes (sio_value_lookup (answer, "/2/k/2/deep"), 0);
  g_assert_cmpint (sio_value_get_kind (sio_value_get_element (answer, 3)), ==, SIO_VALUE_NULL);
  sio_socket_off (client->socket, NULL, 0);
}

static void
test_down (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/admin");
  g_autoptr (SioValue) event = NULL;
  g_autoptr (SioValue) answer = NULL;

  sio_socket_on (client->socket, "binary", keep_args, &event, NULL);
  answer = sio_test_ask (client->socket, "make-binary", sio_args ("(i)", 1000));
  assert_bytes (sio_value_get_element (answer, 0), 1000);
  assert_bytes (sio_value_get_element (event, 0), 1000);
  sio_socket_off (client->socket, NULL, 0);
}

/* A placeholder that a program writes itself is data like any other, if nothing binary is there. */
static void
test_placeholder (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autofree char *answer =
      sio_test_ask_json (client->socket, "echo",
                         sio_value_new_from_variant (g_variant_new_parsed (
                             "({'_placeholder': <'true'>, 'num': <int64 0>},)")));

  g_assert_cmpstr (answer, ==, "[{\"_placeholder\":\"true\",\"num\":0}]");
}

static void
test_twice (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autoptr (SioValue) bytes = make_value (5);
  SioValue *both[] = { bytes, bytes };
  g_autoptr (SioValue) answer =
      sio_test_ask (client->socket, "binary", sio_value_new_array (both, 2));

  g_assert_cmpuint (sio_value_get_length (answer), ==, 2);
  assert_bytes (sio_value_get_element (answer, 0), 5);
  assert_bytes (sio_value_get_element (answer, 1), 5);
}

static void
on_question (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  assert_bytes (sio_event_get_arg (event, 0), 7);
  sio_event_ack_args (event, make_value (11));
}

static void
test_asked (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autoptr (SioValue) event = NULL;

  sio_socket_on (client->socket, "question", on_question, NULL, NULL);
  sio_socket_on (client->socket, "answered", keep_args, &event, NULL);
  sio_socket_emit_args (client->socket, "ask-me", make_value (7));
  sio_test_wait (event != NULL);
  assert_bytes (sio_value_get_element (event, 0), 11);
  sio_socket_off (client->socket, NULL, 0);
}

static void
test_ten (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioValue *elements[11];
  g_autoptr (SioValue) answer = NULL;
  g_auto (SioTestReply) refused = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (elements); i++)
    elements[i] = make_value (i);
  answer = sio_test_ask (client->socket, "binary", sio_value_new_array (elements, 10));
  for (guint i = 0; i < 10; i++)
    assert_bytes (sio_value_get_element (answer, i), i);

  /* P18: the server would end the connection. */
  sio_socket_emit_with_ack_async (client->socket, "binary", sio_value_new_array (elements, 11),
                                  NULL, sio_test_reply_async_cb, &refused);
  sio_test_wait (refused.n_calls == 1);
  g_assert_nonnull (refused.error);
  sio_test_sync (client->socket);
  sio_test_assert_log (&client->log, "opened; connect");
  for (guint i = 0; i < G_N_ELEMENTS (elements); i++)
    sio_value_unref (elements[i]);
}

static void
check_mixed (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  guint *n = user_data;

  g_assert_cmpint (sio_value_get_integer (sio_event_get_arg (event, 0)), ==, *n);
  if (*n % 3 == 0)
    assert_bytes (sio_event_get_arg (event, 1), *n);
  else
    g_assert_cmpuint (sio_event_get_n_args (event), ==, 1);
  (*n)++;
}

static void
test_order (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  guint n = 0;

  sio_socket_on (client->socket, "binary", check_mixed, &n, NULL);
  for (gint64 i = 0; i < 200; i++)
    {
      g_autoptr (SioValue) number = sio_value_new_integer (i);
      g_autoptr (SioValue) bytes = make_value (i);
      SioValue *args[] = { number, bytes };

      sio_socket_emit_args (client->socket, "binary",
                            sio_value_new_array (args, i % 3 == 0 ? 2 : 1));
    }
  sio_test_wait (n == 200);
}

static void
test_base64 (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;
  g_autoptr (SioValue) sent = make_nested ();
  g_autoptr (SioValue) first = NULL;
  g_autoptr (SioValue) second = NULL;
  g_autoptr (SioValue) handshake = NULL;

  g_object_set (options, "force-base64", TRUE, NULL);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);
  first = sio_test_ask (client->socket, "binary", sio_value_ref (sent));
  g_assert_true (sio_value_equal (first, sent));
  sio_test_client_settle (client);
  second = sio_test_ask (client->socket, "binary", sio_value_ref (sent));
  g_assert_true (sio_value_equal (second, sent));
  handshake = sio_test_ask (client->socket, "handshake", NULL);
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (handshake, "/0/query/b64")), ==, "1");
}

static SioTestServer *large_server;

static SioTestServer *
get_large_server (void)
{
  if (large_server == NULL)
    large_server = sio_test_server_new ("{\"maxHttpBufferSize\":50000000}");
  return large_server;
}

static void
run_large (const SioTestMode *mode, gsize size)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, get_large_server (), "/");
  g_autofree char *text = g_strnfill (size, 'x');
  g_autofree char *length = NULL;
  g_autofree char *text_length = NULL;
  g_autofree char *expected = g_strdup_printf ("[%" G_GSIZE_FORMAT "]", size);
  g_autoptr (SioValue) down = NULL;
  g_autoptr (SioValue) text_down = NULL;
  g_autoptr (SioValue) both = NULL;

  sio_test_client_connect (client);
  length = sio_test_ask_json (client->socket, "size-of", make_value (size));
  g_assert_cmpstr (length, ==, expected);
  text_length = sio_test_ask_json (client->socket, "size-of", sio_value_new_string (text));
  g_assert_cmpstr (text_length, ==, expected);
  down = sio_test_ask (client->socket, "make-binary", sio_args ("(t)", (guint64) size));
  assert_bytes (sio_value_get_element (down, 0), size);
  text_down = sio_test_ask (client->socket, "make-text", sio_args ("(t)", (guint64) size));
  g_assert_true (g_str_equal (sio_value_get_string (sio_value_get_element (text_down, 0)), text));
  both = sio_test_ask (client->socket, "binary", make_value (size));
  assert_bytes (sio_value_get_element (both, 0), size);
  sio_test_assert_log (&client->log, "opened; connect");
}

static void
test_large (const SioTestMode *mode)
{
  run_large (mode, 1024 * 1024);
}

static void
test_very_large (const SioTestMode *mode)
{
  run_large (mode, 5 * 1000 * 1000);
}

/* Around the lengths at which WebSocket frames and base64 change their form. */
static void
test_edges (const SioTestMode *mode)
{
  const gsize sizes[] = { 0, 1, 2, 3, 4, 124, 125, 126, 127, 65534, 65535, 65536, 65537 };
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");

  sio_test_client_settle (client);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (SioValue) answer = sio_test_ask (client->socket, "binary", make_value (sizes[i]));
      g_autofree char *text = g_strnfill (sizes[i], 'y');
      g_autoptr (SioValue) echo =
          sio_test_ask (client->socket, "echo", sio_value_new_string (text));

      assert_bytes (sio_value_get_element (answer, 0), sizes[i]);
      g_assert_cmpstr (sio_value_get_string (sio_value_get_element (echo, 0)), ==, text);
    }
}

static void
on_disconnect (SioSocket *socket, SioDisconnectReason reason, const GError *details, GError **kept)
{
  g_assert_null (*kept);
  if (details != NULL)
    *kept = g_error_copy (details);
}

static void
test_too_large (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new ("{\"maxHttpBufferSize\":1000}");
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");
  g_autofree char *text = g_strnfill (2000, 'x');
  g_autoptr (GError) details = NULL;
  g_auto (SioTestReply) reply = { 0 };

  sio_test_client_connect (client);
  sio_test_client_settle (client);
  sio_test_log_forget (&client->log);
  g_signal_connect (client->socket, "disconnect", G_CALLBACK (on_disconnect), &details);
  sio_socket_emit_with_ack_async (client->socket, "echo", sio_value_new_string (text), NULL,
                                  sio_test_reply_async_cb, &reply);
  sio_test_wait (reply.n_calls == 1);
  g_assert_nonnull (reply.error);
  /* E61: the client may refuse it, as it was told the limit; if not, the server ends the
   * connection in the way of the transport. */
  if (sio_test_log_count (&client->log, "disconnect") > 0)
    {
      g_assert_error (reply.error, SIO_ERROR, SIO_ERROR_DISCONNECTED);
      g_assert_nonnull (details);
      if (g_str_equal (mode->last, "polling"))
        {
          g_assert_cmpuint (sio_test_log_count (&client->log, "disconnect transport error"), ==, 1);
          g_assert_error (details, SIO_ERROR, SIO_ERROR_TRANSPORT);
          g_assert_true (g_str_has_prefix (details->message, "xhr post error"));
        }
      else
        {
          g_assert_cmpuint (sio_test_log_count (&client->log, "disconnect transport close"), ==, 1);
        }
    }
  sio_test_wait (sio_socket_get_connected (client->socket));
  sio_test_sync (client->socket);
  g_signal_handlers_disconnect_by_data (client->socket, &details);
}

/* E59: many small ones at once fit into the server's limit, whatever they are together. */
static void
test_batches (const SioTestMode *mode)
{
  g_autoptr (SioTestServer) server = sio_test_server_new ("{\"maxHttpBufferSize\":1000}");
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, "/");
  g_autofree char *euros = NULL;
  GString *text = g_string_new (NULL);
  g_autoptr (SioValue) report = NULL;

  for (int i = 0; i < 150; i++)
    g_string_append (text, "€");
  euros = g_string_free (text, FALSE);
  sio_test_client_connect (client);
  for (int i = 0; i < 100; i++)
    {
      sio_socket_emit (client->socket, "count", "(is)", i, euros);
      sio_socket_emit_args (client->socket, "size-of", make_value (600));
    }
  report = sio_test_ask (client->socket, "count-report", NULL);
  g_assert_cmpint (sio_value_get_integer (sio_value_lookup (report, "/0/received")), ==, 100);
  g_assert_true (sio_value_get_boolean (sio_value_lookup (report, "/0/inOrder")));
  sio_test_assert_log (&client->log, "opened; connect");
}

static const SioTestCase cases[] = {
  { "binary/P11-both-ways", test_both_ways },
  { "binary/down", test_down },
  { "binary/P22-no-placeholder", test_placeholder },
  { "binary/P14-twice", test_twice },
  { "binary/S26-asked", test_asked },
  { "binary/P33-ten", test_ten },
  { "binary/O3-order", test_order },
  { "binary/E31-base64", test_base64, SIO_TEST_NODE_ONLY },
  { "binary/edges", test_edges },
  { "large/1-MiB", test_large },
  { "large/5-MB", test_very_large, SIO_TEST_NODE_ONLY },
  { "large/E61-too-large", test_too_large, SIO_TEST_NODE_ONLY },
  { "large/E59-batches", test_batches, SIO_TEST_NODE_ONLY, 405 },
};

int
main (int argc, char **argv)
{
  int status = sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));

  g_clear_pointer (&large_server, sio_test_server_free);
  return status;
}
