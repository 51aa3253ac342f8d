/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The other one in a chat, led by a test: what is read from standard input is sent, what comes from
 * the server is printed.
 *
 *   friend URL
 *
 *   say USER TEXT…     prints nothing
 *   image USER FILE    likewise
 *
 *   connected
 *   chat USER TEXT
 *   image USER NAME BYTES
 */

#include <locale.h>
#include <string.h>

#include <gio/gunixinputstream.h>
#include <sioclient/sio.h>

typedef struct
{
  GMainLoop *loop;
  SioSocket *socket;
  GDataInputStream *input;
} Friend;

static void
on_connect (SioSocket *socket, gpointer data)
{
  g_print ("connected\n");
}

static void
on_chat (SioSocket *socket, SioEvent *event, gpointer data)
{
  g_print ("chat %s %s\n", sio_event_get_string (event, 0), sio_event_get_string (event, 1));
}

static void
on_image (SioSocket *socket, SioEvent *event, gpointer data)
{
  GBytes *image = sio_value_get_bytes (sio_event_get_arg (event, 2));

  g_print ("image %s %s %" G_GSIZE_FORMAT "\n", sio_event_get_string (event, 0),
           sio_event_get_string (event, 1), image != NULL ? g_bytes_get_size (image) : 0);
}

static void
send_image (Friend *self, const char *user, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *contents = NULL;
  g_autoptr (GBytes) image = NULL;
  g_autoptr (GError) error = NULL;
  SioValue *args[3];
  gsize size;

  if (!g_file_get_contents (path, &contents, &size, &error))
    g_error ("%s", error->message);
  image = g_bytes_new_take (g_steal_pointer (&contents), size);
  args[0] = sio_value_new_string (user);
  args[1] = sio_value_new_string (name);
  args[2] = sio_value_new_bytes (image);
  sio_socket_emit_args (self->socket, "image", sio_value_new_array (args, G_N_ELEMENTS (args)));
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  Friend *self = data;
  g_autofree char *line = g_data_input_stream_read_line_finish (self->input, result, NULL, NULL);
  g_auto (GStrv) words = NULL;

  if (line == NULL)
    {
      g_main_loop_quit (self->loop);
      return;
    }
  words = g_strsplit (line, " ", 3);
  if (g_strv_length (words) == 3 && strcmp (words[0], "say") == 0)
    sio_socket_emit (self->socket, "chat", "(ss)", words[1], words[2]);
  else if (g_strv_length (words) == 3 && strcmp (words[0], "image") == 0)
    send_image (self, words[1], words[2]);
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, on_line, self);
}

int
main (int argc, char **argv)
{
  g_autoptr (GInputStream) stdin_stream = g_unix_input_stream_new (0, FALSE);
  Friend self = { NULL };

  setlocale (LC_ALL, "");
  if (argc != 2)
    return 2;
  self.loop = g_main_loop_new (NULL, FALSE);
  self.input = g_data_input_stream_new (stdin_stream);
  self.socket = sio_io (argv[1], NULL);
  g_signal_connect (self.socket, "connect", G_CALLBACK (on_connect), NULL);
  sio_socket_on (self.socket, "chat", on_chat, NULL, NULL);
  sio_socket_on (self.socket, "image", on_image, NULL, NULL);
  g_data_input_stream_read_line_async (self.input, G_PRIORITY_DEFAULT, NULL, on_line, &self);

  g_main_loop_run (self.loop);

  sio_socket_close (self.socket);
  g_object_unref (self.socket);
  g_object_unref (self.input);
  g_main_loop_unref (self.loop);
  return 0;
}
