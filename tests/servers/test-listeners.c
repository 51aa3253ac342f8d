/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

/* on, once, off, their kin for any event, and the signals with a detail. */

typedef struct
{
  SioTestLog *log;
  const char *name;
  gulong id; /* a listener that this one takes away, or 0 */
} Ear;

static void
hear (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  Ear *ear = user_data;

  sio_test_log_add (ear->log, "%s hears %s %s", ear->name, sio_event_get_name (event),
                    sio_event_get_json (event, NULL));
  if (ear->id != 0)
    {
      sio_socket_off (socket, NULL, ear->id);
      ear->id = 0;
    }
}

static void
ear_gone (gpointer user_data)
{
  Ear *ear = user_data;

  sio_test_log_add (ear->log, "%s gone", ear->name);
}

static void
make_event (SioTestClient *client, const char *name, const char *arg)
{
  g_autofree char *answer =
      sio_test_ask_json (client->socket, "emit-me", sio_args ("(ss)", name, arg));

  g_assert_cmpstr (answer, ==, "[]");
}

static void
assert_listeners (SioSocket *socket, const char *event, guint n, gulong first, gulong second)
{
  guint n_listeners = G_MAXUINT;
  g_autofree gulong *listeners = sio_socket_listeners (socket, event, &n_listeners);

  g_assert_cmpuint (n_listeners, ==, n);
  if (n > 0)
    g_assert_cmpuint (listeners[0], ==, first);
  if (n > 1)
    g_assert_cmpuint (listeners[1], ==, second);
}

static void
test_on (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, sio_test_shared_server (), "/");
  SioTestLog log;
  Ear a = { &log, "a" }, b = { &log, "b" }, c = { &log, "c" };
  gulong ids[3];

  sio_test_log_init (&log);
  g_assert_false (sio_socket_has_listeners (client->socket, "x"));
  ids[0] = sio_socket_on (client->socket, "x", hear, &a, ear_gone);
  ids[1] = sio_socket_once (client->socket, "x", hear, &b, ear_gone);
  ids[2] = sio_socket_on (client->socket, "y", hear, &c, ear_gone);
  g_assert_true (sio_socket_has_listeners (client->socket, "x"));
  g_assert_false (sio_socket_has_listeners (client->socket, "z"));
  assert_listeners (client->socket, "x", 2, ids[0], ids[1]);
  assert_listeners (client->socket, "y", 1, ids[2], 0);
  assert_listeners (client->socket, "z", 0, 0, 0);

  sio_test_client_connect (client);
  make_event (client, "x", "1");
  make_event (client, "x", "2");
  make_event (client, "z", "3");
  sio_test_assert_log (&log, "a hears x [\"1\"]; b hears x [\"1\"]; b gone; a hears x [\"2\"]");
  assert_listeners (client->socket, "x", 1, ids[0], 0);

  sio_test_log_forget (&log);
  sio_socket_off (client->socket, "x", 0);
  make_event (client, "x", "4");
  make_event (client, "y", "5");
  g_signal_handler_disconnect (client->socket, ids[2]);
  make_event (client, "y", "6");
  sio_test_assert_log (&log, "a gone; c hears y [\"5\"]; c gone");
  g_assert_false (sio_socket_has_listeners (client->socket, "x"));
  g_assert_false (sio_socket_has_listeners (client->socket, "y"));
  sio_test_log_clear (&log);
}

static void
test_off (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioTestLog log;
  Ear a = { &log, "a" }, b = { &log, "b" }, c = { &log, "c" };
  gulong id;

  sio_test_log_init (&log);
  id = sio_socket_on (client->socket, "x", hear, &a, ear_gone);
  sio_socket_on (client->socket, "x", hear, &b, ear_gone);
  sio_socket_once (client->socket, "x", hear, &c, ear_gone);
  sio_socket_off (client->socket, "x", id);
  sio_test_assert_log (&log, "a gone");
  sio_socket_off_func (client->socket, "y", hear, &b);
  sio_socket_off_func (client->socket, "x", hear, &a);
  sio_test_assert_log (&log, "a gone");
  sio_socket_off_func (client->socket, "x", hear, &b);
  sio_test_assert_log (&log, "a gone; b gone");
  sio_socket_off_func (client->socket, NULL, hear, &c);
  sio_test_assert_log (&log, "a gone; b gone; c gone");
  make_event (client, "x", "1");
  sio_test_assert_log (&log, "a gone; b gone; c gone");

  sio_test_log_forget (&log);
  sio_socket_on (client->socket, "x", hear, &a, ear_gone);
  sio_socket_on (client->socket, "y", hear, &b, ear_gone);
  sio_socket_off (client->socket, NULL, 0);
  sio_test_assert_log (&log, "a gone; b gone");
  sio_test_log_clear (&log);
}

static void
test_off_inside (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioTestLog log;
  Ear a = { &log, "a" }, b = { &log, "b" }, c = { &log, "c" };

  sio_test_log_init (&log);
  sio_socket_on (client->socket, "x", hear, &a, ear_gone);
  a.id = sio_socket_on (client->socket, "x", hear, &b, ear_gone);
  sio_socket_on (client->socket, "x", hear, &c, ear_gone);
  make_event (client, "x", "1");
  g_assert_cmpuint (sio_test_log_count (&log, "b hears"), ==, 0);
  g_assert_cmpuint (sio_test_log_count (&log, "b gone"), ==, 1);
  g_assert_cmpuint (sio_test_log_count (&log, "a hears"), ==, 1);
  g_assert_cmpuint (sio_test_log_count (&log, "c hears"), ==, 1);

  /* One that takes itself away: its data must live until it has returned. */
  sio_test_log_forget (&log);
  b.id = sio_socket_on (client->socket, "y", hear, &b, ear_gone);
  make_event (client, "y", "2");
  make_event (client, "y", "3");
  sio_test_assert_log (&log, "b hears y [\"2\"]; b gone");
  sio_socket_off (client->socket, NULL, 0);
  sio_test_log_clear (&log);
}

static void
add_another (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  sio_socket_once (socket, "x", hear, user_data, NULL);
}

static void
test_on_inside (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioTestLog log;
  Ear a = { &log, "a" };

  sio_test_log_init (&log);
  sio_socket_once (client->socket, "x", add_another, &a, NULL);
  make_event (client, "x", "1");
  sio_test_assert_log (&log, "");
  make_event (client, "x", "2");
  make_event (client, "x", "3");
  sio_test_assert_log (&log, "a hears x [\"2\"]");
  sio_test_log_clear (&log);
}

static void
test_any (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioTestLog log;
  Ear a = { &log, "a" }, b = { &log, "b" }, c = { &log, "c" }, d = { &log, "d" }, e = { &log, "e" };
  gulong id_a, id_b;
  guint n = 0;
  g_autofree gulong *two = NULL;
  g_autofree gulong *none = NULL;

  sio_test_log_init (&log);
  sio_socket_on (client->socket, "x", hear, &d, NULL);
  g_signal_connect (client->socket, "event", G_CALLBACK (hear), &e);
  id_a = sio_socket_on_any (client->socket, hear, &a, ear_gone);
  id_b = sio_socket_prepend_any (client->socket, hear, &b, ear_gone);
  two = sio_socket_listeners_any (client->socket, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (two[0], ==, id_b);
  g_assert_cmpuint (two[1], ==, id_a);

  make_event (client, "x", "1");
  sio_test_assert_log (&log, "b hears x [\"1\"]; a hears x [\"1\"]; d hears x [\"1\"]; "
                             "e hears x [\"1\"]");
  sio_test_log_forget (&log);
  sio_socket_off_any (client->socket, id_b);
  sio_socket_on_any (client->socket, hear, &c, ear_gone);
  make_event (client, "z", "2");
  sio_test_assert_log (&log, "b gone; a hears z [\"2\"]; c hears z [\"2\"]; e hears z [\"2\"]");
  sio_test_log_forget (&log);
  sio_socket_off_any (client->socket, 0);
  g_assert_cmpuint (sio_test_log_count (&log, "a gone"), ==, 1);
  g_assert_cmpuint (sio_test_log_count (&log, "c gone"), ==, 1);
  none = sio_socket_listeners_any (client->socket, &n);
  g_assert_cmpuint (n, ==, 0);
  sio_test_log_forget (&log);
  make_event (client, "z", "3");
  sio_test_assert_log (&log, "e hears z [\"3\"]");
  g_signal_handlers_disconnect_by_data (client->socket, &e);
  sio_socket_off (client->socket, NULL, 0);
  sio_test_log_clear (&log);
}

static void
test_any_outgoing (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioTestLog log;
  Ear a = { &log, "a" }, b = { &log, "b" }, c = { &log, "c" }, d = { &log, "d" };
  gulong id_a, id_b;
  guint n = 0;
  g_autofree gulong *two = NULL;
  g_autofree gulong *one = NULL;
  g_autofree gulong *none = NULL;

  sio_test_log_init (&log);
  id_a = sio_socket_on_any_outgoing (client->socket, hear, &a, ear_gone);
  id_b = sio_socket_prepend_any_outgoing (client->socket, hear, &b, ear_gone);
  g_signal_connect (client->socket, "outgoing-event", G_CALLBACK (hear), &c);
  g_signal_connect (client->socket, "outgoing-event::hello", G_CALLBACK (hear), &d);
  two = sio_socket_listeners_any_outgoing (client->socket, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (two[0], ==, id_b);
  g_assert_cmpuint (two[1], ==, id_a);

  sio_socket_emit (client->socket, "note", "(s)", "1");
  /* At once, and before the call returns, as it is sent at once. */
  sio_test_assert_log (&log, "b hears note [\"1\"]; a hears note [\"1\"]; c hears note [\"1\"]");
  sio_test_log_forget (&log);
  sio_test_sync (client->socket);
  sio_test_assert_log (&log, "b hears hello []; a hears hello []; c hears hello []; "
                             "d hears hello []");
  sio_test_log_forget (&log);
  sio_socket_off_any_outgoing (client->socket, id_b);
  one = sio_socket_listeners_any_outgoing (client->socket, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (one[0], ==, id_a);
  sio_socket_off_any_outgoing (client->socket, 0);
  none = sio_socket_listeners_any_outgoing (client->socket, &n);
  g_assert_cmpuint (n, ==, 0);
  sio_test_assert_log (&log, "b gone; a gone");
  g_signal_handlers_disconnect_by_data (client->socket, &c);
  g_signal_handlers_disconnect_by_data (client->socket, &d);
  sio_test_log_clear (&log);
}

/* S28: acknowledgements are seen by neither kind of listener. */
static void
test_acks_unseen (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioTestLog log;
  Ear in = { &log, "in" }, out = { &log, "out" };

  sio_test_log_init (&log);
  sio_socket_on_any (client->socket, hear, &in, NULL);
  sio_socket_on_any_outgoing (client->socket, hear, &out, NULL);
  sio_test_sync (client->socket);
  sio_test_assert_log (&log, "out hears hello []");
  sio_socket_off_any (client->socket, 0);
  sio_socket_off_any_outgoing (client->socket, 0);
  sio_test_log_clear (&log);
}

static void
test_details (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioTestLog log;
  Ear a = { &log, "a" }, b = { &log, "b" }, c = { &log, "c" }, d = { &log, "d" };

  sio_test_log_init (&log);
  g_signal_connect (client->socket, "event::x", G_CALLBACK (hear), &a);
  sio_socket_on (client->socket, "x", hear, &b, NULL);
  g_signal_connect (client->socket, "event", G_CALLBACK (hear), &c);
  g_signal_connect (client->socket, "event::y", G_CALLBACK (hear), &d);
  make_event (client, "x", "1");
  sio_test_assert_log (&log, "a hears x [\"1\"]; b hears x [\"1\"]; c hears x [\"1\"]");
  g_assert_true (sio_socket_has_listeners (client->socket, "y"));

  sio_test_log_forget (&log);
  make_event (client, "a-name-that-nobody-listens-for", "2");
  sio_test_assert_log (&log, "c hears a-name-that-nobody-listens-for [\"2\"]");
  g_assert_cmpuint (g_quark_try_string ("a-name-that-nobody-listens-for"), ==, 0);
  g_signal_handlers_disconnect_by_data (client->socket, &a);
  g_signal_handlers_disconnect_by_data (client->socket, &c);
  g_signal_handlers_disconnect_by_data (client->socket, &d);
  sio_socket_off (client->socket, NULL, 0);
  sio_test_log_clear (&log);
}

/* S66: one connection after the other, the listeners are the same. */
static void
test_survive (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  SioTestLog log;
  Ear a = { &log, "a" }, b = { &log, "b" };

  sio_test_log_init (&log);
  sio_socket_on (client->socket, "x", hear, &a, ear_gone);
  sio_socket_on_any (client->socket, hear, &b, ear_gone);
  sio_socket_close (client->socket);
  sio_test_client_connect (client);
  make_event (client, "x", "1");
  sio_test_assert_log (&log, "b hears x [\"1\"]; a hears x [\"1\"]");
  sio_test_log_forget (&log);

  /* What is left is freed with the socket. */
  g_clear_pointer (&client, sio_test_client_free);
  g_assert_cmpuint (sio_test_log_count (&log, "a gone"), ==, 1);
  g_assert_cmpuint (sio_test_log_count (&log, "b gone"), ==, 1);
  sio_test_log_clear (&log);
}

static const SioTestCase cases[] = {
  { "listeners/S63-on-once-off", test_on },
  { "listeners/S63-off", test_off },
  { "listeners/S64-off-inside", test_off_inside },
  { "listeners/S64-on-inside", test_on_inside },
  { "listeners/S65-any", test_any },
  { "listeners/S65-any-outgoing", test_any_outgoing },
  { "listeners/S28-acks-unseen", test_acks_unseen },
  { "listeners/details", test_details },
  { "listeners/S66-survive", test_survive },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
