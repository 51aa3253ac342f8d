/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-manager-private.h"
#include "sio-socket-private.h"

#include "../lib/sio-test-value.h"

#include <string.h>

/* What is refused because of how it is called: once, and whoever waits for an answer hears of it
 * (X12). */

typedef struct
{
  SioManager *manager;
  SioSocket *socket;
  GPtrArray *reported; /* messages of the manager */
  GPtrArray *answers;  /* of callbacks */
} Fixture;

static void
on_error (SioManager *manager, const GError *error, Fixture *fixture)
{
  g_ptr_array_add (fixture->reported, g_strdup (error->message));
}

static void
on_answer (SioSocket *socket, SioValue *args, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_null (args);
  g_ptr_array_add (fixture->answers, g_strdup (error->message));
}

static void
on_ready (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_null (sio_socket_emit_with_ack_finish (SIO_SOCKET (object), result, &error));
  g_ptr_array_add (fixture->answers, g_strdup (error->message));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SioOptions) options = g_object_new (SIO_TYPE_OPTIONS, "auto-connect", FALSE, NULL);

  fixture->manager = sio_manager_new ("http://localhost:1", options);
  fixture->socket = sio_manager_get_socket (fixture->manager, "/", options);
  fixture->reported = g_ptr_array_new_with_free_func (g_free);
  fixture->answers = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (fixture->manager, "error", G_CALLBACK (on_error), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->socket);
  g_object_unref (fixture->manager);
  g_ptr_array_unref (fixture->reported);
  g_ptr_array_unref (fixture->answers);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_reserved (Fixture *fixture, gconstpointer data)
{
  sio_socket_make_volatile (fixture->socket);
  sio_test_expect_critical ("is a reserved event name");
  sio_socket_emit (fixture->socket, "connect_error", NULL);
  sio_test_assert_critical_came ();
  g_assert_false (fixture->socket->next.is_volatile);

  sio_socket_emit_with_callback (fixture->socket, "connect", NULL, on_answer, fixture, NULL);
  sio_socket_emit_with_ack_async (fixture->socket, "disconnect", NULL, NULL, on_ready, fixture);
  g_assert_cmpuint (fixture->answers->len, ==, 0);
  settle ();
  g_assert_cmpuint (fixture->reported->len, ==, 0);
  g_assert_cmpuint (fixture->answers->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (fixture->answers, 0), ==,
                   "The event “connect” was not sent: its name is reserved");
  g_assert_cmpstr (g_ptr_array_index (fixture->answers, 1), ==,
                   "The event “disconnect” was not sent: its name is reserved");
}

static void
test_gone (Fixture *fixture, gconstpointer data)
{
  g_object_run_dispose (G_OBJECT (fixture->socket));
  sio_socket_emit (fixture->socket, "a", NULL);
  sio_socket_send (fixture->socket, "(s)", "text");
  sio_socket_emit_with_callback (fixture->socket, "b", NULL, on_answer, fixture, NULL);
  sio_socket_emit_with_ack_async (fixture->socket, "c", NULL, NULL, on_ready, fixture);
  g_assert_cmpuint (fixture->answers->len + fixture->reported->len, ==, 0);
  settle ();
  g_assert_cmpuint (fixture->reported->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (fixture->reported, 0), ==,
                   "The event “a” was not sent: the socket is gone");
  g_assert_cmpstr (g_ptr_array_index (fixture->reported, 1), ==,
                   "The event “message” was not sent: the socket is gone");
  g_assert_cmpuint (fixture->answers->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (fixture->answers, 0), ==,
                   "The event “b” was not sent: the socket is gone");
  g_assert_cmpstr (g_ptr_array_index (fixture->answers, 1), ==,
                   "The event “c” was not sent: the socket is gone");
}

static gpointer
emit_elsewhere (gpointer data)
{
  Fixture *fixture = data;

  sio_socket_emit (fixture->socket, "a", NULL);
  return NULL;
}

static gpointer
ask_elsewhere (gpointer data)
{
  Fixture *fixture = data;

  sio_socket_emit_with_callback (fixture->socket, "b", NULL, on_answer, fixture, NULL);
  return NULL;
}

static void
test_thread (Fixture *fixture, gconstpointer data)
{
  sio_test_expect_critical ("belong to the thread");
  g_thread_join (g_thread_new ("elsewhere", emit_elsewhere, fixture));
  sio_test_assert_critical_came ();
  sio_test_expect_critical ("belong to the thread");
  g_thread_join (g_thread_new ("elsewhere", ask_elsewhere, fixture));
  sio_test_assert_critical_came ();
  g_assert_cmpuint (fixture->answers->len, ==, 0);
  settle ();
  g_assert_cmpuint (fixture->reported->len, ==, 0);
  g_assert_cmpuint (fixture->answers->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (fixture->answers, 0), ==,
                   "The event “b” was not sent: it was emitted in another thread");
}

/* X19: what was set for an emission that comes to nothing is not for the next one. */
static void
test_format (Fixture *fixture, gconstpointer data)
{
  sio_socket_timeout (sio_socket_make_volatile (fixture->socket), 1);
  sio_test_expect_critical ("An argument can't be sent");
  sio_socket_emit (fixture->socket, "a", "(s)", NULL);
  sio_test_assert_critical_came ();
  g_assert_false (fixture->socket->next.is_volatile);
  g_assert_false (fixture->socket->next.has_timeout);

  sio_socket_timeout (sio_socket_make_volatile (fixture->socket), 1);
  sio_test_expect_critical ("An argument can't be sent");
  sio_socket_send (fixture->socket, "(s)", NULL);
  sio_test_assert_critical_came ();
  g_assert_false (fixture->socket->next.is_volatile);
  g_assert_false (fixture->socket->next.has_timeout);
}

/* A name is quoted as whatever comes from elsewhere: nothing in it can be taken for our words. */
static void
test_name (Fixture *fixture, gconstpointer data)
{
  g_autofree char *name = g_strconcat ("a\nb\xe2\x80\xae", NULL);
  g_autofree char *more = g_strnfill (1000, 'x');
  g_autofree char *all = g_strconcat (name, more, NULL);
  const char *text;

  g_object_run_dispose (G_OBJECT (fixture->socket));
  sio_socket_emit (fixture->socket, all, NULL);
  settle ();
  g_assert_cmpuint (fixture->reported->len, ==, 1);
  text = g_ptr_array_index (fixture->reported, 0);
  g_assert_true (g_str_has_prefix (text, "The event “a\\nb\\xe2"));
  g_assert_nonnull (strstr (text, "xxx…”"));
  g_assert_cmpuint (strlen (text), <, 400);
}

/* A program that has let go of all is told of nothing, and nothing is left. */
static void
test_manager_gone (Fixture *fixture, gconstpointer data)
{
  sio_socket_emit (fixture->socket, "a", NULL);
  g_object_run_dispose (G_OBJECT (fixture->manager));
  g_object_run_dispose (G_OBJECT (fixture->socket));
  sio_socket_emit (fixture->socket, "b", NULL);
  settle ();
  g_assert_cmpuint (fixture->reported->len, ==, 0);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*run) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/socket-emit/reserved-name", test_reserved },
    { "/socket-emit/socket-gone", test_gone },
    { "/socket-emit/other-thread", test_thread },
    { "/socket-emit/format", test_format },
    { "/socket-emit/name", test_name },
    { "/socket-emit/manager-gone", test_manager_gone },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
