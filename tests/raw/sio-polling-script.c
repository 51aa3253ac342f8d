/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-polling-script.h"

#include <string.h>

void
open_session (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect (peer, FIRST_GET, "EIO=4");

  g_assert_null (strstr (sio_raw_get_head (conn), "sid="));
  sio_raw_respond (conn, "200 OK", OPEN_PACKET);
}

SioRawConn *
hold_get (SioRawPeer *peer)
{
  return sio_raw_expect (peer, NEXT_GET, "sid=a");
}

void
play_silence (SioRawPeer *peer)
{
  sio_raw_expect (peer, FIRST_GET, NULL);
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}
