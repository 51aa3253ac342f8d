/* SPDX-License-Identifier: LGPL-2.1-or-later */

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  SioSocket *socket;

  setvbuf (stdout, NULL, _IOLBF, 0);
  socket = make_socket ();
  g_assert (SIO_IS_SOCKET (socket));
@CALLS@
  g_main_loop_run (loop);
  return 0;
}
