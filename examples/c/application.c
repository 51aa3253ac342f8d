/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A GApplication with a socket. The first start connects, stays and prints what is said; each
 * further start hands its words to the first, which has them acknowledged, and ends with the
 * outcome.
 *
 *   application --url http://localhost:3000 &
 *   application Hello everybody
 *   application --quit
 */

#include <sioclient/sio.h>

typedef struct
{
  GApplication *application;
  SioSocket *socket;
} Chat;

static const GOptionEntry entries[] = {
  { "url", 'u', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, NULL,
    "Where to connect to, at the first start", "URL" },
  { "quit", 'q', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, NULL, "Ends the one that stays", NULL },
  { G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, NULL, NULL, "[WORD…]" },
  G_OPTION_ENTRY_NULL,
};

static void
on_chat (SioSocket *socket, SioEvent *event, gpointer data)
{
  const char *user, *text;

  if (sio_event_unpack (event, "&s&s", &user, &text))
    g_print ("%s: %s\n", user, text);
}

static void
on_notify_connected (SioSocket *socket, GParamSpec *pspec, gpointer data)
{
  g_print ("%s\n", sio_socket_get_connected (socket) ? "connected" : "not connected");
}

static void
open_socket (Chat *self, const char *url)
{
  self->socket = sio_io (url, NULL);
  g_signal_connect (self->socket, "notify::connected", G_CALLBACK (on_notify_connected), NULL);
  sio_socket_on (self->socket, "chat", on_chat, NULL, NULL);
  /* Without windows it would end at once. */
  g_application_hold (self->application);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  /* The other start ends when this, the last reference, goes. */
  g_autoptr (GApplicationCommandLine) command_line = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SioValue) answer =
      sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &error);

  if (answer != NULL)
    {
      const char *text = sio_value_get_string (sio_value_get_element (answer, 0));

      g_application_command_line_print (command_line, "%s\n", text != NULL ? text : "acknowledged");
      g_application_command_line_set_exit_status (command_line, 0);
    }
  else
    g_application_command_line_printerr (command_line, "%s\n", error->message);
}

static int
on_command_line (GApplication *application, GApplicationCommandLine *command_line, gpointer data)
{
  Chat *self = data;
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);
  const char *url = "http://localhost:3000";
  g_autofree const char **words = NULL;

  if (g_variant_dict_contains (options, "quit"))
    {
      g_application_quit (application);
      return 0;
    }

  g_variant_dict_lookup (options, "url", "&s", &url);
  g_variant_dict_lookup (options, G_OPTION_REMAINING, "^a&s", &words);
  if (self->socket == NULL)
    open_socket (self, url);
  if (words != NULL && words[0] != NULL)
    {
      g_autofree char *text = g_strjoinv (" ", (char **) words);

      sio_socket_emit_with_ack_async (sio_socket_timeout (self->socket, 5000), "chat",
                                      sio_args ("(ss)", g_get_user_name (), text), NULL, on_answer,
                                      g_object_ref (command_line));
      /* Until the answer says otherwise. */
      return 1;
    }
  return 0;
}

static void
on_shutdown (GApplication *application, gpointer data)
{
  Chat *self = data;

  if (self->socket != NULL)
    sio_socket_close (self->socket);
  g_clear_object (&self->socket);
}

int
main (int argc, char **argv)
{
  g_autoptr (GApplication) application =
      g_application_new ("org.example.SioApplication", G_APPLICATION_HANDLES_COMMAND_LINE);
  Chat chat = { application, NULL };

  g_application_add_main_option_entries (application, entries);
  g_signal_connect (application, "command-line", G_CALLBACK (on_command_line), &chat);
  g_signal_connect (application, "shutdown", G_CALLBACK (on_shutdown), &chat);
  return g_application_run (application, argc, argv);
}
