/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

/* Events both ways: what they carry, their order, the send buffer, volatile ones. */

#define KINDS                                                                                      \
  "[null,true,false,0,-1,9007199254740991,1.5,1e300,\"\",\"häß€😀\\n\\\"\\\\\\u0001\",[],"   \
  "[1,[2,[3]]],{},{\"a\":1,\"b\":{\"c\":[null]},\"__proto__x\":\"p\",\"ü\":\"ö\"}]"

static SioValue *
parse (const char *json)
{
  g_autoptr (GError) error = NULL;
  SioValue *value = sio_value_new_from_json (json, NULL, 0, &error);

  g_assert_no_error (error);
  return value;
}

/* The arguments of an event with one. */
static SioValue *
only (const char *json)
{
  g_autofree char *args = g_strconcat ("[", json, "]", NULL);

  return parse (args);
}

static void
keep_args (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  SioValue **kept = user_data;

  g_assert_null (*kept);
  *kept = sio_value_ref (sio_event_get_args (event));
}

static void
test_kinds (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autoptr (SioValue) expected = parse (KINDS);
  g_autoptr (SioValue) got = NULL;
  g_autoptr (SioValue) echo = NULL;
  g_autoptr (SioValue) answer = NULL;
  SioValueKind kinds[] = { SIO_VALUE_NULL,    SIO_VALUE_BOOLEAN, SIO_VALUE_BOOLEAN,
                           SIO_VALUE_INTEGER, SIO_VALUE_INTEGER, SIO_VALUE_INTEGER,
                           SIO_VALUE_DOUBLE,  SIO_VALUE_DOUBLE,  SIO_VALUE_STRING,
                           SIO_VALUE_STRING,  SIO_VALUE_ARRAY,   SIO_VALUE_ARRAY,
                           SIO_VALUE_OBJECT,  SIO_VALUE_OBJECT };

  sio_socket_on (client->socket, "kinds", keep_args, &got, NULL);
  sio_socket_on (client->socket, "echo", keep_args, &echo, NULL);
  answer = sio_test_ask (client->socket, "kinds", NULL);
  g_assert_nonnull (got);
  g_assert_true (sio_value_equal (answer, expected));
  g_assert_true (sio_value_equal (got, expected));
  g_assert_cmpuint (sio_value_get_length (got), ==, G_N_ELEMENTS (kinds));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_assert_cmpint (sio_value_get_kind (sio_value_get_element (got, i)), ==, kinds[i]);
  g_assert_cmpint (sio_value_get_integer (sio_value_get_element (got, 5)), ==, 9007199254740991);
  g_assert_cmpfloat (sio_value_get_number (sio_value_get_element (got, 7)), ==, 1e300);
  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (got, 9)), ==, "häß€😀\n\"\\\x01");
  g_assert_cmpint (sio_value_get_integer (sio_value_lookup (got, "/11/1/1/0")), ==, 3);
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (got, "/13/ü")), ==, "ö");

  g_clear_pointer (&answer, sio_value_unref);
  answer = sio_test_ask (client->socket, "echo", sio_value_ref (got));
  g_assert_true (sio_value_equal (answer, expected));
  g_assert_nonnull (echo);
  g_assert_true (sio_value_equal (echo, expected));
}

static void
test_formats (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autofree char *answer = NULL;
  g_autofree char *single = NULL;
  g_autofree char *none = NULL;

  answer = sio_test_ask_json (client->socket, "echo",
                              sio_args ("(sibd@a{sv}@as)", "a", 1, TRUE, 2.0,
                                        g_variant_new_parsed ("{'k': <'v'>}"),
                                        g_variant_new_parsed ("['x', 'y']")));
  g_assert_cmpstr (answer, ==, "[\"a\",1,true,2,{\"k\":\"v\"},[\"x\",\"y\"]]");
  single = sio_test_ask_json (client->socket, "echo", sio_value_new_string ("only"));
  g_assert_cmpstr (single, ==, "[\"only\"]");
  none = sio_test_ask_json (client->socket, "echo", NULL);
  g_assert_cmpstr (none, ==, "[]");
}

static void
test_strings (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autoptr (SioValue) sent = parse ("[\"a\\u0000b\",\"\\u001e\\u2028\\u007f\"]");
  g_autoptr (SioValue) answer = sio_test_ask (client->socket, "echo", sio_value_ref (sent));
  g_autoptr (GBytes) bytes = sio_value_get_string_bytes (sio_value_get_element (answer, 0));
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_assert_true (sio_value_equal (answer, sent));
  g_assert_cmpmem (data, size, "a\0b", 3);
}

static void
test_names (const SioTestMode *mode)
{
  const char *names[] = { "", "error", "ping", "constructor", "__proto__", "ünï", "a b", "42" };
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");

  sio_test_log_forget (&client->log);
  sio_test_log_events (&client->log, client->socket);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *expected = g_strdup_printf ("%s [%u]", names[i], i);

      sio_value_unref (sio_test_ask (client->socket, "emit-me", sio_args ("(si)", names[i], i)));
      g_assert_cmpuint (client->log.entries->len, ==, i + 1);
      g_assert_cmpstr (g_ptr_array_index (client->log.entries, i), ==, expected);
    }
}

static void
test_send (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");

  sio_test_log_forget (&client->log);
  sio_test_log_events (&client->log, client->socket);
  sio_socket_send (client->socket, "(si)", "a", 1);
  sio_socket_send_args (client->socket, sio_value_new_string ("b"));
  sio_test_wait (client->log.entries->len == 2);
  sio_test_assert_log (&client->log, "message [\"a\",1]; message [\"b\"]");
}

static void
check_sequence (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  guint *n_received = user_data;

  g_assert_cmpint (sio_value_get_integer (sio_event_get_arg (event, 0)), ==, *n_received);
  (*n_received)++;
}

static void
test_order_down (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autofree char *answer = NULL;
  guint n_received = 0;

  sio_socket_on (client->socket, "burst", check_sequence, &n_received, NULL);
  answer = sio_test_ask_json (client->socket, "burst", sio_args ("(i)", 1000));
  g_assert_cmpuint (n_received, ==, 1000);
}

static void
assert_counted (SioSocket *socket, guint n)
{
  g_autoptr (SioValue) answer = sio_test_ask (socket, "count-report", NULL);

  g_assert_true (sio_value_get_boolean (sio_value_lookup (answer, "/0/inOrder")));
  g_assert_cmpint (sio_value_get_integer (sio_value_lookup (answer, "/0/received")), ==, n);
}

static void
test_order_up (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");

  for (int i = 0; i < 1000; i++)
    sio_socket_emit (client->socket, "count", "(i)", i);
  assert_counted (client->socket, 1000);
}

static void
test_order_both_ways (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  guint n_received = 0;

  sio_socket_on (client->socket, "echo", check_sequence, &n_received, NULL);
  for (int i = 0; i < 1000; i++)
    sio_socket_emit (client->socket, "echo", "(i)", i);
  sio_test_wait (n_received == 1000);
}

static void
note_outgoing (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  SioTestLog *log = user_data;

  sio_test_log_add (log, "%s %s", sio_event_get_name (event), sio_event_get_json (event, NULL));
}

static void
count_in_connect (SioSocket *socket, gpointer user_data)
{
  sio_socket_emit (socket, "count", "(i)", 100);
  sio_socket_emit (socket, "count", "(i)", 101);
}

static void
test_buffer (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  SioTestLog log;

  sio_test_log_init (&log);
  sio_socket_on_any_outgoing (client->socket, note_outgoing, &log, NULL);
  g_signal_connect (client->socket, "connect", G_CALLBACK (count_in_connect), NULL);
  for (int i = 0; i < 50; i++)
    sio_socket_emit (client->socket, "count", "(i)", i);
  g_assert_cmpuint (log.entries->len, ==, 0);
  sio_socket_open (client->socket);
  for (int i = 50; i < 100; i++)
    sio_socket_emit (client->socket, "count", "(i)", i);
  g_assert_cmpuint (log.entries->len, ==, 0);
  sio_test_wait (sio_socket_get_connected (client->socket));
  g_assert_cmpuint (log.entries->len, ==, 102);
  for (guint i = 0; i < 102; i++)
    {
      g_autofree char *expected = g_strdup_printf ("count [%u]", i);

      g_assert_cmpstr (g_ptr_array_index (log.entries, i), ==, expected);
    }
  assert_counted (client->socket, 102);
  sio_socket_off_any_outgoing (client->socket, 0);
  sio_test_log_clear (&log);
}

static void
test_buffer_kept (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");

  sio_socket_emit (client->socket, "count", "(i)", 0);
  sio_socket_open (client->socket);
  sio_socket_emit (client->socket, "count", "(i)", 1);
  sio_socket_close (client->socket);
  sio_socket_emit (client->socket, "count", "(i)", 2);
  sio_test_client_connect (client);
  assert_counted (client->socket, 3);
  sio_socket_close (client->socket);
  sio_test_client_connect (client);
  assert_counted (client->socket, 0);
}

static void
test_volatile (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  g_auto (SioTestReply) reply = { 0 };
  SioTestLog log;

  sio_test_log_init (&log);
  sio_socket_on_any_outgoing (client->socket, note_outgoing, &log, NULL);
  g_assert_true (sio_socket_volatile (client->socket) == client->socket);
  sio_socket_emit (client->socket, "count", "(i)", 7);
  sio_socket_emit (sio_socket_make_volatile (client->socket), "count", "(i)", 8);
  sio_socket_emit_with_ack_async (sio_socket_volatile (client->socket), "count",
                                  sio_args ("(i)", 9), NULL, sio_test_reply_async_cb, &reply);
  sio_socket_emit (client->socket, "count", "(i)", 0);
  g_assert_cmpuint (reply.n_calls, ==, 0);
  sio_test_wait (reply.n_calls == 1);
  g_assert_error (reply.error, SIO_ERROR, SIO_ERROR_NOT_SENT);
  sio_test_client_connect (client);
  assert_counted (client->socket, 1);
  sio_test_assert_log (&log, "count [0]; count-report []");

  /* As soon as nothing is in the way, a volatile event is sent as any other. */
  sio_test_client_settle (client);
  for (guint try = 0; reply.args == NULL; try++)
    {
      g_assert_cmpuint (try, <, 100);
      g_assert_error (reply.error, SIO_ERROR, SIO_ERROR_NOT_SENT);
      sio_test_reply_clear (&reply);
      reply.n_calls = 0;
      sio_test_settle ();
      sio_socket_emit_with_ack_async (sio_socket_volatile (client->socket), "echo",
                                      sio_args ("(i)", 1), NULL, sio_test_reply_async_cb, &reply);
      sio_test_wait (reply.n_calls == 1);
    }
  sio_test_assert_json (reply.args, "[1]");
  sio_socket_off_any_outgoing (client->socket, 0);
  sio_test_log_clear (&log);
}

static void
wait_inside (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  SioTestLog *log = user_data;
  gint64 i = sio_value_get_integer (sio_event_get_arg (event, 0));

  sio_test_log_add (log, "%d begins", (int) i);
  if (i == 0)
    sio_test_wait (sio_test_log_count (log, "4 ends") == 1);
  sio_test_log_add (log, "%d ends", (int) i);
}

static void
test_nested_loop (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioTestLog log;

  sio_test_log_init (&log);
  sio_socket_on (client->socket, "burst", wait_inside, &log, NULL);
  sio_socket_emit (client->socket, "burst", "(i)", 5);
  sio_test_wait (sio_test_log_count (&log, "0 ends") == 1);
  sio_test_assert_log (&log, "0 begins; 1 begins; 1 ends; 2 begins; 2 ends; 3 begins; 3 ends; "
                             "4 begins; 4 ends; 0 ends");
  sio_test_sync (client->socket);
  sio_socket_off (client->socket, NULL, 0);
  sio_test_log_clear (&log);
}

static void
test_compress (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autofree char *off = NULL;
  g_autofree char *on = NULL;

  g_assert_true (sio_socket_compress (client->socket, FALSE) == client->socket);
  off = sio_test_ask_json (client->socket, "echo", sio_args ("(s)", "x"));
  on =
      sio_test_ask_json (sio_socket_compress (client->socket, TRUE), "echo", sio_args ("(s)", "y"));
  g_assert_cmpstr (off, ==, "[\"x\"]");
  g_assert_cmpstr (on, ==, "[\"y\"]");
}

/* Sent as this text, heard as what JavaScript makes of it. */
static const struct
{
  const char *row;
  const char *sent;
  const char *heard; /* nullable: the same */
} fidelity[] = {
  { "integers", "[0,-1,9007199254740991,-9007199254740991]", NULL },
  { "2^53", "9007199254740992", NULL },
  { "2^53+1", "9007199254740993", "9007199254740992" },
  { "2^63-1", "9223372036854775807", "9223372036854776000" },
  { "2^64-1", "18446744073709551615", "18446744073709552000" },
  { "1e400", "1e400", "null" },
  { "1e21", "1e21", "1e+21" },
  { "0.1", "0.1", NULL },
  { "NUL in text", "\"a\\u0000b\"", NULL },
  { "NUL in a key", "{\"a\\u0000b\":1}", NULL },
  { "lone high surrogate", "\"x\\ud800y\"", NULL },
  { "lone low surrogate", "\"\\udc00\"", NULL },
  { "__proto__", "{\"__proto__\":{\"a\":1}}", NULL },
  { "empty array", "[]", NULL },
  { "empty object", "{}", NULL },
  { "empty key", "{\"\":\"\"}", NULL },
  { "nested null", "{\"a\":[null,{\"b\":null}]}", NULL },
  { "key order", "{\"b\":1,\"a\":2,\"c\":{\"z\":1,\"y\":2}}", NULL },
  { "duplicate keys", "{\"a\":1,\"a\":2}", "{\"a\":2}" },
};

static void
keep_text (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  char **kept = user_data;

  g_free (*kept);
  *kept = g_strdup (sio_event_get_json (event, NULL));
}

static void
test_fidelity (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autofree char *sent = NULL;
  g_autofree char *echo = NULL;

  sio_socket_on_any_outgoing (client->socket, keep_text, &sent, NULL);
  sio_socket_on (client->socket, "echo", keep_text, &echo, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (fidelity); i++)
    {
      const char *row = fidelity[i].row;
      const char *heard = fidelity[i].heard != NULL ? fidelity[i].heard : fidelity[i].sent;
      g_autofree char *answer = sio_test_ask_json (client->socket, "echo", only (fidelity[i].sent));
      g_autofree char *got = g_strdup_printf ("%s: %s %s %s", row, sent, echo, answer);
      g_autofree char *wanted =
          g_strdup_printf ("%s: [%s] [%s] [%s]", row, fidelity[i].sent, heard, heard);

      g_assert_cmpstr (got, ==, wanted);
    }
}

static void
test_levels (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autofree char *opening = g_strnfill (200, '[');
  g_autofree char *closing = g_strnfill (200, ']');
  g_autofree char *json = g_strconcat (opening, "1", closing, NULL);
  g_autofree char *wanted = g_strconcat ("[", json, "]", NULL);
  g_autofree char *answer = sio_test_ask_json (client->socket, "echo", only (json));

  g_assert_cmpstr (answer, ==, wanted);
}

static const SioTestCase cases[] = {
  { "events/P47-kinds", test_kinds },
  { "events/fidelity", test_fidelity, SIO_TEST_NODE_ONLY },
  { "events/fidelity-200-levels", test_levels },
  { "events/formats", test_formats },
  { "events/P45-control-characters", test_strings },
  { "events/S31-names", test_names },
  { "events/S31-send", test_send },
  { "events/compress", test_compress },
  { "events/O1-thousand-down", test_order_down },
  { "events/O1-thousand-up", test_order_up },
  { "events/O1-thousand-both-ways", test_order_both_ways },
  { "events/S34-buffer-in-order", test_buffer },
  { "events/S34-buffer-kept", test_buffer_kept },
  { "events/S38-volatile", test_volatile },
  { "events/nested-loop", test_nested_loop },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
