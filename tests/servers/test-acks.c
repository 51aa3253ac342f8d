/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

/* Acknowledgements both ways. Each that is awaited ends exactly once, however it ends: the
 * callbacks of SioTestReply check that. */

static void
ask (SioTestClient *client,
     const char *event,
     SioValue *args,
     GCancellable *cancellable,
     SioTestReply *reply)
{
  sio_socket_emit_with_ack_async (client->socket, event, args, cancellable, sio_test_reply_async_cb,
                                  reply);
}

static void
test_answers (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autofree char *one = sio_test_ask_json (client->socket, "hello", NULL);
  g_autofree char *none = sio_test_ask_json (client->socket, "ack-empty", NULL);
  g_autofree char *many = sio_test_ask_json (client->socket, "ack-many", sio_args ("(i)", 5));
  g_autofree char *falsy =
      sio_test_ask_json (client->socket, "echo", sio_args ("(bisms)", FALSE, 0, "", NULL));

  g_assert_cmpstr (one, ==, "[\"world\"]");
  g_assert_cmpstr (none, ==, "[]");
  g_assert_cmpstr (many, ==, "[0,1,2,3,4]");
  g_assert_cmpstr (falsy, ==, "[false,0,\"\",null]");
}

static void
test_callback (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_auto (SioTestReply) reply = { 0 };

  sio_socket_emit_with_callback (client->socket, "echo", sio_args ("(si)", "a", 1),
                                 sio_test_reply_cb, &reply, sio_test_reply_destroy);
  g_assert_cmpuint (reply.n_calls, ==, 0);
  sio_test_wait (reply.n_destroyed == 1);
  g_assert_cmpuint (reply.n_calls, ==, 1);
  g_assert_no_error (reply.error);
  sio_test_assert_json (reply.args, "[\"a\",1]");
}

static void
test_many (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioTestReply replies[200] = { { 0 } };
  guint n_done = 0;

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    ask (client, "echo", sio_args ("(u)", i), NULL, &replies[i]);
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autofree char *expected = g_strdup_printf ("[%u]", i);

      sio_test_wait (replies[i].n_calls == 1);
      g_assert_no_error (replies[i].error);
      sio_test_assert_json (replies[i].args, expected);
      sio_test_reply_clear (&replies[i]);
      n_done++;
    }
  g_assert_cmpuint (n_done, ==, G_N_ELEMENTS (replies));
}

static void
test_before_connect (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  g_auto (SioTestReply) reply = { 0 };

  ask (client, "echo", sio_args ("(s)", "early"), NULL, &reply);
  sio_socket_open (client->socket);
  sio_test_wait (reply.n_calls == 1);
  g_assert_no_error (reply.error);
  sio_test_assert_json (reply.args, "[\"early\"]");
}

static void
log_reply (SioSocket *socket, SioValue *args, const GError *error, gpointer user_data)
{
  sio_test_log_add (user_data, "reply");
}

static void
test_order (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");

  sio_test_log_forget (&client->log);
  sio_test_log_events (&client->log, client->socket);
  sio_socket_emit_with_callback (client->socket, "ack-then-emit", sio_args ("(i)", 1), log_reply,
                                 &client->log, NULL);
  sio_test_wait (client->log.entries->len == 2);
  sio_socket_emit_with_callback (client->socket, "emit-then-ack", sio_args ("(i)", 2), log_reply,
                                 &client->log, NULL);
  sio_test_wait (client->log.entries->len == 4);
  sio_test_assert_log (&client->log, "reply; after-ack [1]; before-ack [2]; reply");
}

static void
test_double (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_auto (SioTestReply) reply = { 0 };

  sio_socket_emit_with_callback (client->socket, "double-ack", NULL, sio_test_reply_cb, &reply,
                                 sio_test_reply_destroy);
  sio_test_sync (client->socket);
  g_assert_cmpuint (reply.n_calls, ==, 1);
  g_assert_cmpuint (reply.n_destroyed, ==, 1);
  sio_test_assert_json (reply.args, "[\"first\"]");
}

static void
test_timeout (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_auto (SioTestReply) reply = { 0 };
  g_auto (SioTestReply) zero = { 0 };
  g_auto (SioTestReply) callback = { 0 };
  g_auto (SioTestReply) in_time = { 0 };
  gint64 start = g_get_monotonic_time ();

  g_assert_true (sio_socket_timeout (client->socket, 50) == client->socket);
  ask (client, "no-ack", NULL, NULL, &reply);
  sio_test_wait (reply.n_calls == 1);
  g_assert_error (reply.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 49 * 1000);

  sio_socket_timeout (client->socket, 0);
  ask (client, "no-ack", NULL, NULL, &zero);
  g_assert_cmpuint (zero.n_calls, ==, 0);
  sio_test_wait (zero.n_calls == 1);
  g_assert_error (zero.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);

  sio_socket_emit_with_callback (sio_socket_timeout (client->socket, 50), "no-ack", NULL,
                                 sio_test_reply_cb, &callback, sio_test_reply_destroy);
  sio_test_wait (callback.n_destroyed == 1);
  g_assert_cmpuint (callback.n_calls, ==, 1);
  g_assert_error (callback.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);

  sio_socket_timeout (client->socket, sio_test_patience ());
  ask (client, "hello", NULL, NULL, &in_time);
  sio_test_wait (in_time.n_calls == 1);
  g_assert_no_error (in_time.error);
}

static void
test_late (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_auto (SioTestReply) reply = { 0 };
  g_auto (SioTestReply) later = { 0 };

  sio_socket_timeout (client->socket, 50);
  ask (client, "late", sio_args ("(is)", 150, "too late"), NULL, &reply);
  ask (client, "late", sio_args ("(is)", 200, "after that"), NULL, &later);
  sio_test_wait (reply.n_calls == 1);
  g_assert_error (reply.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  sio_test_wait (later.n_calls == 1);
  g_assert_no_error (later.error);
  sio_test_assert_json (later.args, "[\"after that\"]");
}

static void
test_ack_timeout (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;
  g_auto (SioTestReply) reply = { 0 };
  g_auto (SioTestReply) longer = { 0 };

  g_object_set (options, "ack-timeout", 60, NULL);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);
  /* S37: the time limit of the one event wins over that of the socket. */
  sio_socket_timeout (client->socket, sio_test_patience ());
  ask (client, "late", sio_args ("(is)", 120, "x"), NULL, &longer);
  ask (client, "no-ack", NULL, NULL, &reply);
  sio_test_wait (reply.n_calls == 1);
  g_assert_error (reply.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  sio_test_wait (longer.n_calls == 1);
  g_assert_no_error (longer.error);
}

static void
test_timeout_buffered (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  g_auto (SioTestReply) reply = { 0 };
  g_autofree char *report = NULL;

  sio_socket_timeout (client->socket, 20);
  ask (client, "count", sio_args ("(i)", 0), NULL, &reply);
  sio_test_wait (reply.n_calls == 1);
  g_assert_error (reply.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  sio_test_client_connect (client);
  report = sio_test_ask_json (client->socket, "count-report", NULL);
  g_assert_cmpstr (report, ==, "[{\"received\":0,\"inOrder\":true,\"last\":null}]");
}

static void
test_cancel (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (SioTestReply) reply = { 0 };
  g_auto (SioTestReply) crossed = { 0 };
  g_auto (SioTestReply) already = { 0 };

  ask (client, "no-ack", NULL, cancellable, &reply);
  ask (client, "hello", NULL, cancellable, &crossed);
  sio_test_client_settle (client);
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (reply.n_calls, ==, 0);
  ask (client, "hello", NULL, cancellable, &already);
  g_assert_cmpuint (already.n_calls, ==, 0);
  sio_test_wait (reply.n_calls == 1 && already.n_calls == 1 && crossed.n_calls == 1);
  g_assert_error (reply.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (already.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  sio_test_sync (client->socket);
}

static void
test_cancel_buffered (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (SioTestReply) reply = { 0 };

  ask (client, "no-ack", NULL, cancellable, &reply);
  g_cancellable_cancel (cancellable);
  sio_test_wait (reply.n_calls == 1);
  g_assert_error (reply.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  sio_test_client_connect (client);
  sio_test_sync (client->socket);
}

static void
test_disconnected (const SioTestMode *mode)
{
  const char *events[] = { "kick", "kick-close", "engine-close", "drop" };

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_autoptr (SioTestClient) client = NULL;
      g_auto (SioTestReply) async = { 0 };
      g_auto (SioTestReply) callback = { 0 };
      g_auto (SioTestReply) limited = { 0 };

      if (!sio_test_server_is_node () && i > 0)
        break;
      client = sio_test_client_new_connected (mode, "/");
      sio_test_client_settle (client);
      ask (client, "no-ack", NULL, NULL, &async);
      sio_socket_emit_with_callback (client->socket, "no-ack", NULL, sio_test_reply_cb, &callback,
                                     sio_test_reply_destroy);
      sio_socket_timeout (client->socket, sio_test_patience ());
      ask (client, "no-ack", NULL, NULL, &limited);
      sio_test_sync (client->socket);
      sio_socket_emit (client->socket, events[i], NULL);
      sio_test_wait (async.n_calls == 1 && callback.n_destroyed == 1 && limited.n_calls == 1);
      g_assert_cmpuint (callback.n_calls, ==, 1);
      g_assert_error (async.error, SIO_ERROR, SIO_ERROR_DISCONNECTED);
      g_assert_error (callback.error, SIO_ERROR, SIO_ERROR_DISCONNECTED);
      g_assert_error (limited.error, SIO_ERROR, SIO_ERROR_DISCONNECTED);
      g_assert_cmpuint (sio_test_log_count (&client->log, "disconnect"), ==, 1);
    }
}

static void
test_closed (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_auto (SioTestReply) reply = { 0 };
  g_auto (SioTestReply) buffered = { 0 };

  ask (client, "no-ack", NULL, NULL, &reply);
  sio_socket_close (client->socket);
  g_assert_cmpuint (reply.n_calls, ==, 0);
  ask (client, "hello", NULL, NULL, &buffered);
  sio_test_wait (reply.n_calls == 1);
  g_assert_error (reply.error, SIO_ERROR, SIO_ERROR_DISCONNECTED);
  /* S41: what has not been sent is still to be answered. */
  g_assert_cmpuint (buffered.n_calls, ==, 0);
  sio_socket_open (client->socket);
  sio_test_wait (buffered.n_calls == 1);
  g_assert_no_error (buffered.error);
}

static void
answer (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  g_assert_true (sio_event_needs_ack (event));
  sio_event_ack_args (event, sio_value_ref (sio_event_get_args (event)));
  g_assert_false (sio_event_needs_ack (event));
  sio_event_ack (event, "(s)", "again");
}

static void
test_asked (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioTestLog log;

  sio_test_log_init (&log);
  sio_test_log_events (&log, client->socket);
  sio_socket_on (client->socket, "question", answer, NULL, NULL);
  sio_socket_emit (client->socket, "ask-me", "(sib)", "a", 1, TRUE);
  sio_test_wait (sio_test_log_count (&log, "answered") == 1);
  sio_test_sync (client->socket);
  sio_test_assert_log (&log, "question [\"a\",1,true]; answered [\"a\",1,true]");
  g_signal_handlers_disconnect_by_data (client->socket, &log);
  sio_test_log_clear (&log);
}

static void
keep (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  SioEvent **kept = user_data;

  g_assert_null (*kept);
  *kept = sio_event_ref (event);
}

static void
test_asked_later (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioEvent *event = NULL;
  SioTestLog log;

  sio_test_log_init (&log);
  sio_test_log_events (&log, client->socket);
  sio_socket_on (client->socket, "question", keep, &event, NULL);
  sio_socket_emit (client->socket, "ask-me", NULL);
  sio_test_wait (event != NULL);
  sio_test_sync (client->socket);
  g_assert_true (sio_event_needs_ack (event));
  sio_event_ack (event, "(ss)", "better", "late");
  g_assert_false (sio_event_needs_ack (event));
  g_clear_pointer (&event, sio_event_unref);
  sio_test_wait (sio_test_log_count (&log, "answered") == 1);
  sio_test_assert_log (&log, "question []; answered [\"better\",\"late\"]");
  g_signal_handlers_disconnect_by_data (client->socket, &log);
  sio_test_log_clear (&log);
}

/* The server has a time limit of its own, and gives up. */
static void
test_never_answered (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioEvent *event = NULL;
  SioTestLog log;

  sio_test_log_init (&log);
  sio_test_log_events (&log, client->socket);
  sio_socket_on (client->socket, "question", keep, &event, NULL);
  sio_socket_emit (client->socket, "ask-me-timeout", "(i)", 10);
  sio_test_wait (event != NULL);
  g_clear_pointer (&event, sio_event_unref);
  sio_test_wait (sio_test_log_count (&log, "unanswered") == 1);
  g_signal_handlers_disconnect_by_data (client->socket, &log);
  sio_test_log_clear (&log);
}

/* S27: the server ends the connection of who answers what the session was never asked. */
static void
test_asked_before (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioEvent *event = NULL;

  sio_socket_on (client->socket, "question", keep, &event, NULL);
  sio_socket_emit (client->socket, "ask-me", NULL);
  sio_test_wait (event != NULL);
  sio_socket_close (client->socket);
  sio_event_ack (event, "(s)", "closed");
  sio_test_log_forget (&client->log);
  sio_test_log_events (&client->log, client->socket);
  sio_socket_open (client->socket);
  sio_event_ack (event, "(s)", "opening");
  sio_test_wait (sio_socket_get_connected (client->socket));
  sio_event_ack (event, "(s)", "open");
  sio_test_sync (client->socket);
  sio_test_assert_log (&client->log, "opened; connect");
  g_clear_pointer (&event, sio_event_unref);
}

static void
test_asked_and_gone (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autoptr (SioEvent) event = NULL;

  sio_socket_on (client->socket, "question", keep, &event, NULL);
  sio_socket_emit (client->socket, "ask-me", NULL);
  sio_test_wait (event != NULL);
  sio_socket_off (client->socket, NULL, 0);
  g_clear_pointer (&client, sio_test_client_free);
  sio_event_ack (event, "(s)", "nobody is there");
}

static SioOptions *
retry_options (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);

  g_object_set (options, "retries", 2, "ack-timeout", 100 * sio_test_slowness (), NULL);
  return options;
}

static void
test_retries (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client =
      sio_test_client_new_full (mode, sio_test_shared_server (), "/", retry_options (mode));
  g_auto (SioTestReply) once = { 0 };
  g_auto (SioTestReply) thrice = { 0 };
  g_auto (SioTestReply) never = { 0 };
  g_auto (SioTestReply) after = { 0 };
  g_autofree char *tag = g_strdup_printf ("%s-retries", mode->name);
  g_autofree char *deaf = g_strdup_printf ("%s-deaf", mode->name);
  g_autofree char *expected = g_strdup_printf ("[\"%s\",3]", tag);

  ask (client, "hello", NULL, NULL, &once);
  ask (client, "deaf", sio_args ("(is)", 2, tag), NULL, &thrice);
  ask (client, "deaf", sio_args ("(is)", 99, deaf), NULL, &never);
  ask (client, "hello", NULL, NULL, &after);
  sio_socket_open (client->socket);
  sio_test_wait (once.n_calls == 1);
  g_assert_no_error (once.error);
  g_assert_cmpuint (thrice.n_calls, ==, 0);
  sio_test_wait (thrice.n_calls == 1);
  g_assert_no_error (thrice.error);
  sio_test_assert_json (thrice.args, expected);
  g_assert_cmpuint (after.n_calls, ==, 0);
  sio_test_wait (never.n_calls == 1);
  g_assert_error (never.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpuint (after.n_calls, ==, 0);
  sio_test_wait (after.n_calls == 1);
  g_assert_no_error (after.error);
}

static void
test_retries_reconnect (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  g_autoptr (SioTestClient) client = NULL;
  g_auto (SioTestReply) reply = { 0 };
  g_autofree char *tag = g_strdup_printf ("%s-reconnect", mode->name);
  g_autofree char *await =
      g_strdup_printf ("{\"cmd\":\"await-log\",\"entry\":{\"log\":\"heard\",\"tag\":\"%s\"}}", tag);
  g_autofree char *expected = g_strdup_printf ("[\"%s\",2]", tag);

  g_object_set (options, "retries", 3, "ack-timeout", sio_test_patience (), NULL);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);
  sio_test_client_settle (client);
  ask (client, "deaf", sio_args ("(is)", 1, tag), NULL, &reply);
  sio_test_server_tell (sio_test_shared_server (), await);
  sio_test_server_tell (sio_test_shared_server (), "{\"cmd\":\"engine-close\"}");
  sio_test_wait (reply.n_calls == 1);
  g_assert_no_error (reply.error);
  sio_test_assert_json (reply.args, expected);
  g_assert_cmpuint (sio_test_log_count (&client->log, "connect"), ==, 2);
}

static const SioTestCase cases[] = {
  { "acks/answers", test_answers },
  { "acks/callback", test_callback },
  { "acks/P39-many", test_many },
  { "acks/before-connect", test_before_connect },
  { "acks/O4-order", test_order },
  { "acks/S29-double", test_double, SIO_TEST_NODE_ONLY },
  { "acks/S40-timeout", test_timeout },
  { "acks/S40-late", test_late, SIO_TEST_NODE_ONLY },
  { "acks/S37-ack-timeout", test_ack_timeout, SIO_TEST_NODE_ONLY },
  { "acks/S40-timeout-buffered", test_timeout_buffered },
  { "acks/cancel", test_cancel },
  { "acks/cancel-buffered", test_cancel_buffered },
  { "acks/S41-disconnected", test_disconnected },
  { "acks/S41-closed", test_closed },
  { "acks/S26-asked", test_asked },
  { "acks/S26-asked-later", test_asked_later, SIO_TEST_NODE_ONLY },
  { "acks/S26-never-answered", test_never_answered, SIO_TEST_NODE_ONLY, 404 },
  { "acks/S27-asked-before", test_asked_before },
  { "acks/S27-asked-and-gone", test_asked_and_gone },
  { "acks/S43-retries", test_retries, SIO_TEST_NODE_ONLY },
  { "acks/S46-retries-reconnect", test_retries_reconnect, SIO_TEST_NODE_ONLY },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
