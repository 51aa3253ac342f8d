/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-server.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sio-test-wait.h"

#define DEFAULT_MODULE "socket.io-4.8"

struct _SioTestServer
{
  char *program;
  char *script;
  char *options;
  guint16 port; /* 0 until it has listened for the first time */
  GSubprocess *process;
  GCancellable *cancellable;
  GOutputStream *input; /* of the process */
  GDataInputStream *output;
  gboolean frozen;
  gboolean listening;
  GQueue replies;
};

static void read_line (SioTestServer *self);

gboolean
sio_test_server_is_node (void)
{
  return g_strcmp0 (g_getenv ("SIO_TEST_SERVER"), "python") != 0;
}

guint
sio_test_server_get_version (void)
{
  const char *module = g_getenv ("SIO_TEST_SERVER_MODULE");
  guint major, minor;

  if (!sio_test_server_is_node ())
    return 0;
  if (module == NULL)
    module = DEFAULT_MODULE;
  if (sscanf (module, "socket.io-%u.%u", &major, &minor) != 2)
    g_error ("SIO_TEST_SERVER_MODULE is not an alias of tests/servers/node/package.json: %s",
             module);
  return major * 100 + minor;
}

const char *
sio_test_server_missing (void)
{
  if (sio_test_server_is_node ())
    {
      const char *script = g_getenv ("SIO_TEST_NODE_SERVER");
      g_autofree char *folder = script != NULL ? g_path_get_dirname (script) : NULL;
      g_autofree char *modules =
          folder != NULL ? g_build_filename (folder, "node_modules", NULL) : NULL;

      if (g_getenv ("SIO_TEST_NODE") == NULL || script == NULL)
        return "node is missing";
      if (!g_file_test (modules, G_FILE_TEST_IS_DIR))
        return "node_modules is missing, run npm ci in tests/servers/node";
      return NULL;
    }
  if (g_getenv ("SIO_TEST_PYTHON") == NULL || g_getenv ("SIO_TEST_PYTHON_SERVER") == NULL)
    return "python-socketio or aiohttp is missing";
  return NULL;
}

static void
take_line (SioTestServer *self, const char *line)
{
  if (g_str_has_prefix (line, "PORT "))
    {
      guint64 port = g_ascii_strtoull (line + strlen ("PORT "), NULL, 10);

      g_assert_cmpuint (port, >, 0);
      g_assert_cmpuint (port, <=, G_MAXUINT16);
      self->port = port;
      self->listening = TRUE;
    }
  else if (g_str_has_prefix (line, "REPLY "))
    {
      g_queue_push_tail (&self->replies, g_strdup (line + strlen ("REPLY ")));
    }
  else
    {
      g_test_message ("server: %s", line);
    }
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line =
      g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, &error);
  SioTestServer *self = user_data;

  /* After a cancellation the server may be gone. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_assert_no_error (error);
  if (line == NULL)
    return;
  take_line (self, line);
  read_line (self);
}

static void
read_line (SioTestServer *self)
{
  g_data_input_stream_read_line_async (self->output, G_PRIORITY_DEFAULT, self->cancellable, on_line,
                                       self);
}

static char *
build_options (SioTestServer *self)
{
  const char *module = g_getenv ("SIO_TEST_SERVER_MODULE");
  g_autoptr (JsonNode) node = json_from_string (self->options, NULL);

  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
  if (self->port != 0)
    json_object_set_int_member (json_node_get_object (node), "port", self->port);
  if (module != NULL)
    json_object_set_string_member (json_node_get_object (node), "module", module);
  return json_to_string (node, FALSE);
}

void
sio_test_server_start (SioTestServer *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *options = build_options (self);

  g_assert_null (self->process);
  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                    &error, self->program, self->script, options, NULL);
  g_assert_no_error (error);

  self->listening = FALSE;
  self->cancellable = g_cancellable_new ();
  self->input = g_object_ref (g_subprocess_get_stdin_pipe (self->process));
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  read_line (self);
  sio_test_wait (self->listening);
}

void
sio_test_server_stop (SioTestServer *self)
{
  if (self->process == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  self->frozen = FALSE;
  g_clear_object (&self->cancellable);
  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->process);
  g_queue_clear_full (&self->replies, g_free);
}

/* Takes @script and @options. */
static SioTestServer *
server_new (const char *program, char *script, char *options)
{
  SioTestServer *self = g_new0 (SioTestServer, 1);

  g_queue_init (&self->replies);
  self->program = g_strdup (program);
  self->script = script;
  self->options = options;
  sio_test_server_start (self);
  return self;
}

SioTestServer *
sio_test_server_new (const char *options)
{
  gboolean node = sio_test_server_is_node ();

  return server_new (g_getenv (node ? "SIO_TEST_NODE" : "SIO_TEST_PYTHON"),
                     g_strdup (g_getenv (node ? "SIO_TEST_NODE_SERVER" : "SIO_TEST_PYTHON_SERVER")),
                     g_strdup (options != NULL ? options : "{}"));
}

SioTestServer *
sio_test_server_new_front (SioTestServer *server)
{
  g_autofree char *folder = g_path_get_dirname (g_getenv ("SIO_TEST_NODE_SERVER"));

  return server_new (g_getenv ("SIO_TEST_NODE"), g_build_filename (folder, "front.js", NULL),
                     g_strdup_printf ("{\"to\":%u}", server->port));
}

void
sio_test_server_free (SioTestServer *self)
{
  sio_test_server_stop (self);
  g_free (self->program);
  g_free (self->script);
  g_free (self->options);
  g_free (self);
}

guint16
sio_test_server_get_port (SioTestServer *self)
{
  return self->port;
}

char *
sio_test_server_dup_url (SioTestServer *self, const char *nsp)
{
  return g_strdup_printf ("http://127.0.0.1:%u%s", self->port, nsp != NULL ? nsp : "/");
}

SioValue *
sio_test_server_command (SioTestServer *self, const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_strconcat (json, "\n", NULL);
  g_autofree char *reply = NULL;
  SioValue *value;

  g_assert_false (self->frozen);
  g_assert_true (g_queue_is_empty (&self->replies));
  g_output_stream_write_all (self->input, line, strlen (line), NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_flush (self->input, NULL, &error);
  g_assert_no_error (error);
  sio_test_wait (!g_queue_is_empty (&self->replies));
  reply = g_queue_pop_head (&self->replies);
  value = sio_value_new_from_json (reply, NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_null (sio_value_get_member (value, "error"));
  return value;
}

void
sio_test_server_tell (SioTestServer *self, const char *json)
{
  sio_value_unref (sio_test_server_command (self, json));
}

void
sio_test_server_await_clients (SioTestServer *self, guint n_clients)
{
  g_autofree char *json = g_strdup_printf ("{\"cmd\":\"await-clients\",\"clients\":%u}", n_clients);

  sio_test_server_tell (self, json);
}

void
sio_test_server_freeze (SioTestServer *self)
{
  g_assert_false (self->frozen);
  g_subprocess_send_signal (self->process, SIGSTOP);
  self->frozen = TRUE;
}

void
sio_test_server_thaw (SioTestServer *self)
{
  g_assert_true (self->frozen);
  g_subprocess_send_signal (self->process, SIGCONT);
  self->frozen = FALSE;
}
