/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Walks through what a Socket.IO client does, one step after the other, against
 * the server in examples/server, and says in words what happens. Each step waits
 * for its outcome, checks it, and ends the program with status 1 if it does not come.
 *
 * A program would rather connect its signals and run a main loop. Here the loop is
 * turned in wait_for(), so that the story can be read from top to bottom.
 */

#include <sioclient/sio.h>

#include <stdlib.h>

#define STEP_SECONDS    15
#define RESTART_SECONDS 30

typedef struct
{
  guint n_connects;
  guint n_disconnects;
  SioDisconnectReason reason;
  char *first_transport; /* what the connection began with */
  char *upgraded_to;     /* what it went over to */
  char *welcome;
  gboolean asked;
  SioValue *told_answer;
  SioValue *file;
  char *refusal;
  char *hint;
  char *secret;
  guint attempt;
  guint reconnected_after;

  gboolean answered;
  SioValue *answer;
  GError *answer_error;
} Story;

static int step;

G_GNUC_PRINTF (1, 2)
static void
title (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_print ("\n%d. %s\n", ++step, text);
}

G_GNUC_PRINTF (1, 2)
static void
say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_print ("   %s\n", text);
}

static void
check (gboolean as_hoped, const char *what)
{
  if (as_hoped)
    return;
  g_printerr ("\nThe demo failed in step %d: %s.\n", step, what);
  exit (EXIT_FAILURE);
}

static gboolean
on_deadline (gpointer what)
{
  g_printerr ("\nThe demo failed in step %d: waited in vain for %s.\n", step, (const char *) what);
  exit (EXIT_FAILURE);
}

/* A macro, as the condition has to be looked at after each turn of the loop. */
#define wait_for(condition, seconds, what)                                                         \
  G_STMT_START                                                                                     \
  {                                                                                                \
    guint deadline = g_timeout_add_seconds ((seconds), on_deadline, (gpointer) (what));            \
                                                                                                   \
    while (!(condition))                                                                           \
      g_main_context_iteration (NULL, TRUE);                                                       \
    g_source_remove (deadline);                                                                    \
  }                                                                                                \
  G_STMT_END

static void
keep (char **place, const char *text)
{
  g_free (*place);
  *place = g_strdup (text);
}

static void
on_connect (SioSocket *socket, gpointer user_data)
{
  Story *story = user_data;

  story->n_connects++;
}

static void
on_disconnect (SioSocket *socket,
               SioDisconnectReason reason,
               const GError *details,
               gpointer user_data)
{
  Story *story = user_data;

  story->n_disconnects++;
  story->reason = reason;
}

static void
on_connect_error (SioSocket *socket, const GError *error, SioValue *data, gpointer user_data)
{
  Story *story = user_data;

  keep (&story->refusal, error->message);
  keep (&story->hint, sio_value_get_string (sio_value_get_member (data, "hint")));
}

static void
on_upgrade (SioEngine *engine, const char *transport_name, gpointer user_data)
{
  Story *story = user_data;

  keep (&story->upgraded_to, transport_name);
}

static void
on_opened (SioManager *manager, gpointer user_data)
{
  Story *story = user_data;
  SioEngine *engine = sio_manager_get_engine (manager);

  keep (&story->first_transport, sio_engine_get_transport_name (engine));
  g_clear_pointer (&story->upgraded_to, g_free);
  g_signal_connect (engine, "upgrade", G_CALLBACK (on_upgrade), story);
}

static void
on_reconnect_attempt (SioManager *manager, guint attempt, gpointer user_data)
{
  Story *story = user_data;

  story->attempt = attempt;
  say ("... attempt %u to connect again", attempt);
}

static void
on_reconnect (SioManager *manager, guint attempt, gpointer user_data)
{
  Story *story = user_data;

  story->reconnected_after = attempt;
}

static void
on_welcome (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  Story *story = user_data;

  keep (&story->welcome, sio_event_get_string (event, 0));
}

static void
on_question (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  Story *story = user_data;

  say ("The server asks: \"%s\" and waits for an acknowledgement: %s.",
       sio_event_get_string (event, 0), sio_event_needs_ack (event) ? "yes" : "no");
  story->asked = sio_event_needs_ack (event);
  sio_event_ack (event, "(i)", 42);
}

static void
on_answer_came (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  Story *story = user_data;

  story->told_answer = sio_value_ref (sio_event_get_arg (event, 0));
}

static void
on_file (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  Story *story = user_data;

  story->file = sio_value_ref (sio_event_get_arg (event, 0));
}

static void
on_secret (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  Story *story = user_data;

  keep (&story->secret, sio_event_get_string (event, 0));
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Story *story = user_data;

  story->answer =
      sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &story->answer_error);
  story->answered = TRUE;
}

/* Sends an event and waits for what the server answers; the caller owns the answer. */
static SioValue *
ask (Story *story, SioSocket *socket, const char *event, SioValue *args)
{
  story->answered = FALSE;
  sio_socket_emit_with_ack_async (sio_socket_timeout (socket, 5000), event, args, NULL, on_answer,
                                  story);
  wait_for (story->answered, STEP_SECONDS, "an acknowledgement");
  check (story->answer_error == NULL,
         story->answer_error != NULL ? story->answer_error->message : "");
  return g_steal_pointer (&story->answer);
}

static GVariant *
variant_of_bytes (GBytes *bytes)
{
  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static void
connect_and_upgrade (Story *story, SioSocket *socket)
{
  SioManager *manager = sio_socket_get_io (socket);

  title ("Connecting to %s", sio_manager_get_url (manager));
  wait_for (sio_socket_get_connected (socket), STEP_SECONDS, "the connection");
  say ("Connected. The server calls this socket %s.", sio_socket_get_id (socket));

  title ("From polling to WebSocket");
  check (g_strcmp0 (story->first_transport, "polling") == 0, "it did not begin with polling");
  say ("The connection began with HTTP requests (%s).", story->first_transport);
  wait_for (story->upgraded_to != NULL, STEP_SECONDS, "the upgrade");
  check (g_str_equal (story->upgraded_to, "websocket"), "it was not upgraded to WebSocket");
  check (
      g_str_equal (sio_engine_get_transport_name (sio_manager_get_engine (manager)), "websocket"),
      "the engine does not use WebSocket");
  say ("A WebSocket was tried beside them, it works, and now all goes over it (%s).",
       story->upgraded_to);
}

static void
events (Story *story, SioSocket *socket)
{
  title ("An event to the server, and one back");
  sio_socket_emit (socket, "hello", "(s)", "C program");
  say ("Sent \"hello\" with one argument.");
  wait_for (story->welcome != NULL, STEP_SECONDS, "the event \"welcome\"");
  say ("Received \"welcome\": %s", story->welcome);
}

static void
acknowledgements (Story *story, SioSocket *socket)
{
  g_autoptr (SioValue) sum = NULL;

  title ("An acknowledgement from the server");
  say ("Sent \"add\" with 2 and 3, and asked for an acknowledgement.");
  sum = ask (story, socket, "add", sio_args ("(ii)", 2, 3));
  check (sio_value_get_integer (sio_value_get_element (sum, 0)) == 5, "2 and 3 did not make 5");
  say ("The server answered: %" G_GINT64_FORMAT,
       sio_value_get_integer (sio_value_get_element (sum, 0)));

  title ("An acknowledgement to the server");
  sio_socket_emit (socket, "ask-me", NULL);
  wait_for (story->told_answer != NULL, STEP_SECONDS, "the server to get the answer");
  check (story->asked, "the server did not ask for an acknowledgement");
  check (sio_value_get_integer (story->told_answer) == 42, "the server got another answer");
  say ("The server got the answer: %" G_GINT64_FORMAT, sio_value_get_integer (story->told_answer));
}

static void
binary_data (Story *story, SioSocket *socket)
{
  static const guint8 data[] = { 0x00, 0xff, 0x10, 0x80, 0x00, 0x7f };
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, sizeof data);
  g_autoptr (SioValue) reply = NULL;
  SioValue *info;
  GBytes *reversed, *received;
  const guint8 *turned;
  gsize i, size;

  title ("Binary data to the server");
  say ("Sent \"upload\" with %" G_GSIZE_FORMAT " bytes.", sizeof data);
  reply = ask (story, socket, "upload", sio_args ("(s@ay)", "bytes.bin", variant_of_bytes (bytes)));
  info = sio_value_get_element (reply, 0);
  check (sio_value_get_integer (sio_value_get_member (info, "size")) == sizeof data,
         "the size is not what was sent");
  check (sio_value_get_integer (sio_value_get_member (info, "sum")) == 0xff + 0x10 + 0x80 + 0x7f,
         "the server saw other bytes");
  reversed = sio_value_get_bytes (sio_value_get_member (info, "reversed"));
  check (reversed != NULL && g_bytes_get_size (reversed) == sizeof data, "no bytes came back");
  turned = g_bytes_get_data (reversed, NULL);
  for (i = 0; i < sizeof data; i++)
    check (turned[i] == data[sizeof data - 1 - i], "the bytes came back wrong");
  say ("The server counted %" G_GINT64_FORMAT " and sent them back in reverse: all are right.",
       sio_value_get_integer (sio_value_get_member (info, "size")));

  title ("Binary data from the server");
  sio_socket_emit (socket, "download", "(i)", 100000);
  wait_for (story->file != NULL, STEP_SECONDS, "the event \"file\"");
  received = sio_value_get_bytes (sio_value_get_member (story->file, "data"));
  check (received != NULL, "the file is not binary");
  turned = g_bytes_get_data (received, &size);
  check (size == 100000, "the file has another size");
  for (i = 0; i < size; i++)
    check (turned[i] == (i & 0xff), "the file is damaged");
  say ("Received \"%s\": %" G_GSIZE_FORMAT " bytes, all as they should be.",
       sio_value_get_string (sio_value_get_member (story->file, "name")), size);
}

static void
namespaces (Story *story, const char *url)
{
  g_autofree char *members_url = g_strconcat (url, "/members", NULL);
  g_autoptr (SioValue) auth =
      sio_value_new_from_variant (g_variant_new_parsed ("{'token': 'sesame'}"));
  g_autoptr (SioSocket) members = NULL;

  title ("A namespace that asks who you are");
  members = sio_io (members_url, NULL);
  g_signal_connect (members, "connect-error", G_CALLBACK (on_connect_error), story);
  g_signal_connect (members, "event::secret", G_CALLBACK (on_secret), story);
  say ("Connecting to the namespace %s over the same connection, without a token...",
       sio_socket_get_nsp (members));
  wait_for (story->refusal != NULL, STEP_SECONDS, "the refusal");
  check (!sio_socket_get_connected (members), "a stranger was let in");
  check (g_str_equal (story->refusal, "not a member"), "it was refused for another reason");
  check (story->hint != NULL, "the data of the refusal is missing");
  say ("Refused: \"%s\". The server adds: %s.", story->refusal, story->hint);

  say ("Connecting again, with the token...");
  sio_socket_set_auth (members, auth);
  sio_socket_open (members);
  wait_for (sio_socket_get_connected (members), STEP_SECONDS, "the connection of a member");
  wait_for (story->secret != NULL, STEP_SECONDS, "the event \"secret\"");
  say ("Let in. Received \"secret\": %s", story->secret);
  sio_socket_close (members);
}

static void
restart (Story *story, SioSocket *socket)
{
  guint n_connects = story->n_connects;
  g_autoptr (SioValue) sum = NULL;

  title ("The server is restarted");
  sio_socket_emit (socket, "restart-please", NULL);
  wait_for (story->n_disconnects > 0, STEP_SECONDS, "the connection to be lost");
  say ("The connection is lost: %s. It will be tried again: %s.",
       sio_disconnect_reason_to_string (story->reason),
       sio_socket_get_active (socket) ? "yes" : "no");
  check (sio_socket_get_active (socket), "the socket gave up");

  /* Sent while nobody is there: kept until the connection stands again. */
  g_clear_pointer (&story->welcome, g_free);
  sio_socket_emit (socket, "hello", "(s)", "patient C program");
  say ("Sent \"hello\" all the same; it has to wait.");

  wait_for (story->n_connects > n_connects, RESTART_SECONDS, "the client to come back");
  check (story->attempt > 0, "no attempt to reconnect was told");
  wait_for (story->reconnected_after > 0, STEP_SECONDS, "the event \"reconnect\"");
  say ("Connected again at attempt %u, as %s.", story->reconnected_after,
       sio_socket_get_id (socket));
  wait_for (story->welcome != NULL, STEP_SECONDS, "the event that had to wait");
  say ("The event that had waited was answered: %s", story->welcome);
  sum = ask (story, socket, "add", sio_args ("(ii)", 20, 22));
  check (sio_value_get_integer (sio_value_get_element (sum, 0)) == 42, "the new server cannot add");
  say ("And the new server answers too: 20 and 22 make %" G_GINT64_FORMAT ".",
       sio_value_get_integer (sio_value_get_element (sum, 0)));
}

static void
goodbye (Story *story, SioSocket *socket)
{
  guint n_disconnects = story->n_disconnects;

  title ("Goodbye");
  sio_socket_disconnect (socket);
  wait_for (story->n_disconnects > n_disconnects, STEP_SECONDS, "the end");
  check (story->reason == SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT,
         "it ended for another reason");
  check (!sio_socket_get_active (socket), "the socket would connect again");
  say ("Disconnected: %s.", sio_disconnect_reason_to_string (story->reason));
}

static void
story_clear (Story *story)
{
  g_free (story->first_transport);
  g_free (story->upgraded_to);
  g_free (story->welcome);
  g_free (story->refusal);
  g_free (story->hint);
  g_free (story->secret);
  g_clear_pointer (&story->told_answer, sio_value_unref);
  g_clear_pointer (&story->file, sio_value_unref);
}

int
main (int argc, char **argv)
{
  g_autoptr (SioOptions) options = sio_options_new ();
  g_autoptr (SioSocket) socket = NULL;
  Story story = { 0 };
  SioManager *manager;

  if (argc != 2)
    {
      g_printerr ("Usage: demo-client URL\n");
      return EXIT_FAILURE;
    }

  g_object_set (options, "reconnection-delay", 500, NULL);
  socket = sio_io (argv[1], options);
  manager = sio_socket_get_io (socket);

  g_signal_connect (manager, "opened", G_CALLBACK (on_opened), &story);
  g_signal_connect (manager, "reconnect-attempt", G_CALLBACK (on_reconnect_attempt), &story);
  g_signal_connect (manager, "reconnect", G_CALLBACK (on_reconnect), &story);
  g_signal_connect (socket, "connect", G_CALLBACK (on_connect), &story);
  g_signal_connect (socket, "disconnect", G_CALLBACK (on_disconnect), &story);

  /* Events come by sio_socket_on(), or as a signal with the event's name: both are the same. */
  sio_socket_on (socket, "welcome", on_welcome, &story, NULL);
  sio_socket_on (socket, "question", on_question, &story, NULL);
  sio_socket_on (socket, "answer-came", on_answer_came, &story, NULL);
  g_signal_connect (socket, "event::file", G_CALLBACK (on_file), &story);

  connect_and_upgrade (&story, socket);
  events (&story, socket);
  acknowledgements (&story, socket);
  binary_data (&story, socket);
  namespaces (&story, argv[1]);
  restart (&story, socket);
  goodbye (&story, socket);

  g_signal_handlers_disconnect_by_data (manager, &story);
  g_clear_object (&socket);
  story_clear (&story);
  g_print ("\nEverything happened as it should.\n");
  return EXIT_SUCCESS;
}
