/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sioclient/sio.h>
#include <string.h>

#include "sio-test-wait.h"

/* Objects that were made by g_object_new() alone, and so are of no use. */

static guint n_criticals;
static char *last_critical;

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if ((level & G_LOG_LEVEL_CRITICAL) == 0)
    return g_log_writer_default (level, fields, n_fields, data);

  n_criticals++;
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      {
        g_free (last_critical);
        last_critical = g_strdup (fields[i].value);
      }
  return G_LOG_WRITER_HANDLED;
}

static void
do_nothing (SioSocket *socket, SioEvent *event, gpointer user_data)
{
}

static void
open_it (SioSocket *socket)
{
  g_assert_true (sio_socket_open (socket) == socket);
}

static void
close_it (SioSocket *socket)
{
  g_assert_true (sio_socket_close (socket) == socket);
}

static void
emit_it (SioSocket *socket)
{
  sio_socket_emit (socket, "hello", NULL);
}

static void
emit_args (SioSocket *socket)
{
  sio_socket_emit_args (socket, "hello", sio_value_new_integer (1));
}

static void
send_it (SioSocket *socket)
{
  sio_socket_send (socket, "(i)", 1);
}

static void
listen_to_it (SioSocket *socket)
{
  g_assert_cmpuint (sio_socket_on (socket, "hello", do_nothing, NULL, NULL), ==, 0);
}

static void
listen_to_all (SioSocket *socket)
{
  g_assert_cmpuint (sio_socket_on_any (socket, do_nothing, NULL, NULL), ==, 0);
}

static const struct
{
  const char *name;
  void (*call) (SioSocket *socket);
} calls[] = {
  { "open", open_it },         { "close", close_it }, { "emit", emit_it },
  { "emit-args", emit_args },  { "send", send_it },   { "on", listen_to_it },
  { "on-any", listen_to_all },
};

/* Never without a word (X46). */
static void
test_call (gconstpointer data)
{
  g_autoptr (SioSocket) socket = g_object_new (SIO_TYPE_SOCKET, NULL);

  n_criticals = 0;
  calls[GPOINTER_TO_UINT (data)].call (socket);
  g_assert_cmpuint (n_criticals, ==, 1);
  g_assert_nonnull (strstr (last_critical, "sio_io()"));
  g_assert_false (sio_socket_get_active (socket));
}

typedef struct
{
  guint n_told;
  GError *error;
} Answer;

static void
on_ack (SioSocket *socket, SioValue *args, const GError *error, gpointer user_data)
{
  Answer *answer = user_data;

  g_assert_null (args);
  answer->n_told++;
  answer->error = g_error_copy (error);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->n_told++;
  g_assert_null (sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &answer->error));
}

static void
check_answer (Answer *answer)
{
  g_assert_cmpuint (answer->n_told, ==, 0);
  sio_test_wait (answer->n_told > 0);
  sio_test_settle ();
  g_assert_cmpuint (answer->n_told, ==, 1);
  g_assert_error (answer->error, SIO_ERROR, SIO_ERROR_FAILED);
  g_assert_nonnull (strstr (answer->error->message, "sio_io()"));
  g_clear_error (&answer->error);
}

/* Who asks is told once (X46). */
static void
test_ask (void)
{
  g_autoptr (SioSocket) socket = g_object_new (SIO_TYPE_SOCKET, NULL);
  Answer answer = { 0 };

  n_criticals = 0;
  sio_socket_emit_with_callback (socket, "hello", NULL, on_ack, &answer, NULL);
  check_answer (&answer);
  answer.n_told = 0;
  sio_socket_emit_with_ack_async (socket, "hello", NULL, NULL, on_ready, &answer);
  check_answer (&answer);
  g_assert_cmpuint (n_criticals, ==, 0);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->n_told++;
  g_assert_false (sio_manager_open_finish (SIO_MANAGER (source), result, &answer->error));
}

static void
on_connect_error (SioSocket *socket, const GError *error, SioValue *args, gpointer user_data)
{
  Answer *answer = user_data;

  answer->n_told++;
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_URL);
}

/* A manager without a URL says so to each who asks for a connection. */
static void
test_manager (void)
{
  g_autoptr (SioManager) manager = g_object_new (SIO_TYPE_MANAGER, NULL);
  g_autoptr (SioSocket) socket = sio_manager_get_socket (manager, "/", NULL);
  Answer answer = { 0 }, refusal = { 0 };

  n_criticals = 0;
  g_signal_connect (socket, "connect-error", G_CALLBACK (on_connect_error), &refusal);
  sio_manager_open_async (manager, NULL, on_opened, &answer);
  sio_test_wait (answer.n_told > 0 && refusal.n_told > 0);
  g_assert_error (answer.error, SIO_ERROR, SIO_ERROR_INVALID_URL);
  g_clear_error (&answer.error);
  sio_test_settle ();
  g_assert_cmpuint (refusal.n_told, ==, 1);
  g_assert_false (sio_socket_get_active (socket));
  g_assert_null (sio_manager_get_url (manager));
  g_assert_cmpuint (n_criticals, ==, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_writer_func (write_log, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autofree char *path = g_strdup_printf ("/faults/bare/X46/%s", calls[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_call);
    }
  g_test_add_func ("/faults/bare/X46/ask", test_ask);
  g_test_add_func ("/faults/bare/X46/manager", test_manager);
  status = g_test_run ();
  g_free (last_critical);
  return status;
}
