/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play.h"

/* Who tells the server that a session is over, at each end that there is on our side (X10, E66). */

/* clang-format off */
#define SWITCH JOIN_PAUSING, "server poll 6", "client ws 5"

static const SioPlayLines plays[] = {
  PLAY (
    "X10: a GET that fails while a POST is under way",
    JOIN_POLLING,
    "user    emit a",
    "client  poll 42['a']",
    "server  poll (error 502)",
    "client  poll (abort)",
    "client  poll 1",
    "heard   disconnect transport error: …",
    "server  ok",
    "wait    1000",
    "client  get"),

  PLAY (
    "X10: whatever becomes of the farewell, it is one, and nothing waits for it",
    JOIN_POLLING,
    "server  poll (error 502)",
    "client  poll 1",
    "heard   disconnect transport error: …",
    "wait    1000",
    "client  get",
    "server  post (error 502)",
    "server  poll " SIO_PLAY_HANDSHAKE,
    "client  poll 40",
    "client  get",
    "server  ok",
    "server  poll 40{'sid':'Y'}",
    "client  get",
    "heard   connect"),

  PLAY (
    "X10: a farewell that is not answered is over after a time",
    JOIN_POLLING,
    "server  poll (error 502)",
    "client  poll 1",
    "heard   disconnect transport error: …",
    "wait    1000",
    "client  get",
    "server  poll " SIO_PLAY_HANDSHAKE,
    "client  poll 40",
    "client  get",
    "wait    1000",
    "server  ok",
    "server  poll 40{'sid':'Y'}",
    "client  get",
    "heard   connect",
    "user    emit a",
    "client  poll 42['a']"),

  PLAY (
    "X10: the program may drop all meanwhile",
    JOIN_POLLING,
    "server  poll (error 502)",
    "client  poll 1",
    "heard   disconnect transport error: …",
    "user    drop",
    "server  ok"),

  PLAY (
    "X10: none after the server's own close packet",
    JOIN_POLLING,
    "server  poll 1",
    "heard   disconnect transport close: TRANSPORT transport closed by the server",
    "wait    1000",
    "client  get"),

  PLAY (
    "X10: none after it, although a packet before it can't be parsed",
    JOIN_POLLING,
    "server  poll 42 + 1",
    "heard   disconnect parse error: …",
    "wait    1000",
    "client  get"),

  PLAY (
    "X10: none where there is no session",
    "user    open",
    "client  get",
    "server  poll (error 502)",
    "heard   connect_error …",
    "wait    1000",
    "client  get",
    "wait    20000",
    "client  get (abort)",
    "heard   connect_error TIMED_OUT timeout"),

  PLAY (
    "X10: a parse error",
    JOIN_POLLING,
    "server  poll 42",
    "client  get",
    "client  poll 1",
    "heard   disconnect parse error: …",
    "server  ok"),

  PLAY (
    "X10: what can't be decoded behind the open packet",
    "user    open",
    "client  get",
    "server  poll " SIO_PLAY_HANDSHAKE " + 9",
    "client  poll 1",
    "heard   connect_error …",
    "server  ok",
    "state   disconnected, active"),

  PLAY (
    "X10: a handshake that is refused for something else than its sid",
    "user    open",
    "client  get",
    "server  poll 0{'sid':'E'}",
    "client  poll 1",
    "heard   connect_error PROTOCOL …",
    "server  ok"),

  PLAY (
    "X10: one without a usable sid",
    "user    open",
    "client  get",
    "server  poll 0{'sid':'','pingInterval':25000,'pingTimeout':20000}",
    "heard   connect_error PROTOCOL …"),

  PLAY (
    "X10: the network is lost",
    "option  url http://example.com",
    "user    open",
    "client  get",
    "server  poll " SIO_PLAY_HANDSHAKE,
    "client  poll 40",
    "client  get",
    "server  ok",
    "server  poll 40{'sid':'X'}",
    "client  get",
    "heard   connect",
    "wait    1000",
    "client  network (watch)",
    "user    emit a",
    "client  poll 42['a']",
    "network lost",
    "wait    500",
    "client  network (ask)",
    "client  poll (abort)",
    "client  poll 1",
    "heard   disconnect transport close: …"),

  PLAY (
    "X10: the probe is not open yet",
    JOIN_PROBING,
    "server  poll (error 502)",
    "client  poll 1",
    "client  ws (abort)",
    "heard   disconnect transport error: …",
    "server  ok"),

  PLAY (
    "X10: the probe is not answered yet",
    JOIN_PROBING,
    "server  ws (accept)",
    "client  ws 2probe",
    "server  poll 9",
    "client  poll 1",
    "client  ws (abort)",
    "heard   disconnect transport error: …",
    "server  ok"),

  PLAY (
    "X10: polling runs dry",
    JOIN_PAUSING,
    "server  poll (error 502)",
    "client  poll 1",
    "client  ws (abort)",
    "heard   disconnect transport error: …",
    "server  ok"),

  PLAY (
    "X10: the packet that ends the upgrade may be lost with the websocket",
    SWITCH,
    "server  ws (error reset)",
    "client  poll 1",
    "heard   disconnect transport error: …",
    "server  ok"),

  PLAY (
    "X10: or be held up in it",
    JOIN_PAUSING,
    "server  ws (stall)",
    "server  poll 6",
    "client  ws 5",
    "wait    45000",
    "client  poll 1",
    "client  ws (close)",
    "heard   disconnect ping timeout",
    "server  ok"),

  PLAY (
    "X10: once the server was heard there, it is not",
    SWITCH,
    "server  ws 42['a']",
    "heard   event a []",
    "server  ws (error reset)",
    "heard   disconnect transport error: …"),

  PLAY (
    "X10: what goes in order needs no second word",
    SWITCH,
    "user    close",
    "client  ws 41",
    "heard   disconnect io client disconnect",
    "client  ws (close)"),
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return sio_play_main (argc, argv, "farewell", plays, G_N_ELEMENTS (plays));
}
