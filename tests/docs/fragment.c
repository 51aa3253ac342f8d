/* SPDX-License-Identifier: LGPL-2.1-or-later */

static void
on_outgoing (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  g_autofree char *json = sio_value_to_json (sio_event_get_args (event), NULL);

  g_print ("sent: %s %s\n", sio_event_get_name (event), json);
}

static SioSocket *
make_socket (void)
{
  SioSocket *socket = sio_io ("http://localhost:3000", NULL);

  sio_socket_on_any_outgoing (socket, on_outgoing, NULL, NULL);
  return socket;
}

static void
fragment (SioSocket *socket)
{
@FRAGMENT@
}
