/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sioclient/sio.h>

static void
on_chat (SioSocket *socket, SioEvent *event, gpointer loop)
{
  g_print ("%s: %s\n", sio_event_get_string (event, 0), sio_event_get_string (event, 1));
  g_main_loop_quit (loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SioSocket) socket = sio_io (argc > 1 ? argv[1] : "http://localhost:3000", NULL);

  sio_socket_on (socket, "chat", on_chat, loop, NULL);
  sio_socket_emit (socket, "chat", "(ss)", "C", "Hello, world!");
  g_main_loop_run (loop);
  return 0;
}
