/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play.h"

/* Opening and closing a manager, and the sockets that share it. */

/* clang-format off */
static const SioPlayLines plays[] = {
  PLAY (
    "M11: open while opening or open does nothing",
    "user    manager open; manager open",
    "client  get",
    "user    manager open",
    "server  poll " SIO_PLAY_HANDSHAKE,
    "client  get",
    "user    manager open",
    "state   polling"),

  PLAY (
    "M11: each open with a callback completes, whenever it was asked for",
    "hear    manager",
    "user    manager connect; manager connect",
    "client  get",
    "user    manager connect",
    "server  poll " SIO_PLAY_HANDSHAKE,
    "heard   manager open",
    "heard   opened",
    "heard   opened",
    "heard   opened",
    "client  get",
    "user    manager connect",
    "heard   opened"),

  PLAY (
    "M14: a failed open with a callback does not reconnect by itself",
    "hear    manager",
    "user    manager connect",
    "client  get",
    "server  poll (error down)",
    "heard   manager error TRANSPORT xhr poll error: down",
    "heard   not opened TRANSPORT xhr poll error: down",
    "wait    100000",
    "user    manager connect",
    "client  get"),

  PLAY (
    "M14: a failed open without one does",
    "hear    manager",
    "user    manager open",
    "client  get",
    "server  poll (error down)",
    "heard   manager error TRANSPORT xhr poll error: down",
    "wait    1000",
    "heard   manager reconnect_attempt 1",
    "client  get"),

  PLAY (
    "M14: a socket that joins an attempt with a callback makes it one that goes on",
    "user    manager connect",
    "client  get",
    "user    open",
    "server  poll (error down)",
    "heard   connect_error TRANSPORT xhr poll error: down",
    "heard   not opened TRANSPORT xhr poll error: down",
    "wait    1000",
    "client  get"),

  PLAY (
    "M11: closed before it was open, the callback hears of it",
    "hear    manager",
    "user    open; manager connect",
    "client  get",
    "user    close",
    "client  get (abort)",
    "heard   manager close io client disconnect",
    "heard   not opened DISCONNECTED …"),

  PLAY (
    "M16: opening the manager connects no socket",
    "user    look; manager open",
    "heard   state disconnected, inactive, id none",
    "client  get",
    "server  poll " SIO_PLAY_HANDSHAKE,
    "client  get",
    "user    open",
    "client  poll 40"),

  PLAY (
    "M2: a manager that connects by itself connects its sockets",
    "option  auto-connect yes",
    "user    look",
    "client  get",
    "heard   state disconnected, active, id none",
    "server  poll " SIO_PLAY_HANDSHAKE,
    "client  poll 40",
    "client  get"),

  PLAY (
    "M17: asking for a socket again gives the same, and no second CONNECT",
    "option  auto-connect yes",
    "user    look",
    "client  get",
    "heard   state disconnected, active, id none",
    "server  poll " SIO_PLAY_HANDSHAKE,
    "client  poll 40",
    "client  get",
    "user    get",
    "server  ok",
    "server  poll 40{'sid':'X'}",
    "client  get",
    "heard   connect",
    "user    get",
    "state   connected"),

  PLAY (
    "M17: asking for a socket that was closed connects it again",
    "option  auto-connect yes",
    "option  transports websocket",
    "user    look",
    "client  ws (open)",
    "heard   state disconnected, active, id none",
    "user    close",
    "client  ws (abort)",
    "user    get",
    "client  ws (open)",
    "state   active"),

  PLAY (
    "M19: while one socket is active the connection stays",
    JOIN_WS,
    "hear    manager",
    "user    /a open; /b open",
    "client  ws 40/a,",
    "client  ws 40/b,",
    "server  ws 40/a,{'sid':'A'} + 44/b,{'message':'no'}",
    "heard   /a connect",
    "heard   /b connect_error REJECTED no",
    "user    close",
    "client  ws 41",
    "heard   disconnect io client disconnect",
    "server  ws 41/a,",
    "client  ws (close)",
    "heard   manager close io client disconnect",
    "heard   /a disconnect io server disconnect",
    "state   no engine"),

  PLAY (
    "M19: the last one that is refused closes it",
    OPEN_WS,
    "hear    manager",
    "client  ws 40",
    "server  ws 44{'message':'no'}",
    "client  ws (close)",
    "heard   manager close io client disconnect",
    "heard   connect_error REJECTED no",
    "state   no engine, inactive"),

  PLAY (
    "M20: a socket that nobody holds any more leaves",
    JOIN_WS,
    "user    /a open",
    "client  ws 40/a,",
    "server  ws 40/a,{'sid':'A'}",
    "heard   /a connect",
    "user    /a drop",
    "client  ws 41/a,",
    "user    /a open",
    "client  ws 40/a,",
    "server  ws 40/a,{'sid':'B'}",
    "heard   /a connect",
    "state   /a id B"),

  PLAY (
    "M20: the last socket that nobody holds takes the connection with it",
    JOIN_WS,
    "user    drop",
    "client  ws 41",
    "client  ws (close)",
    "state   no engine"),

  PLAY (
    "M22: a namespace is compared exactly",
    "option  transports websocket",
    "user    /a open; /A open",
    "client  ws (open)",
    "server  ws (accept)",
    "server  ws " SIO_PLAY_HANDSHAKE,
    "client  ws 40/a,",
    "client  ws 40/A,",
    "server  ws 40/a,{'sid':'X'} + 40/A,{'sid':'Y'} + 42/a,['e'] + 42/A,['e'] + 42/a/,['e'] + 42['e']",
    "heard   /a connect",
    "heard   /A connect",
    "heard   /a event e []",
    "heard   /A event e []"),

  PLAY (
    "M23: nothing of an old session is delivered after its close",
    JOIN_POLLING,
    "hear    manager",
    "server  poll 42['a'] + 1 + 42['b']",
    "heard   event a []",
    "heard   manager close transport close: TRANSPORT transport closed by the server",
    "heard   disconnect transport close: TRANSPORT transport closed by the server",
    "wait    1000",
    "heard   manager reconnect_attempt 1",
    "client  get"),

  PLAY (
    "M23: a CONNECT right before the close connects, then disconnects",
    OPEN_WS,
    "client  ws 40",
    "server  ws 40{'sid':'X'} + (close)",
    "heard   connect",
    "heard   disconnect transport close: TRANSPORT websocket connection closed"),

  PLAY (
    "M24: an error reaches connected sockets as disconnect only, those that wait as connect_error",
    JOIN_WS,
    "user    /a open",
    "client  ws 40/a,",
    "hear    manager",
    "server  ws (error reset)",
    "heard   manager error TRANSPORT websocket error: reset",
    "heard   /a connect_error TRANSPORT websocket error: reset",
    "heard   manager close transport error: TRANSPORT websocket error: reset",
    "heard   disconnect transport error: TRANSPORT websocket error: reset"),

  PLAY (
    "M47: closed on purpose, the engine still sends what it has",
    JOIN_WS,
    "hear    manager",
    "hear    engine",
    "server  ws (stall)",
    "user    emit a; close",
    "client  ws 42['a']",
    "heard   manager close io client disconnect",
    "heard   disconnect io client disconnect",
    "state   no engine",
    "server  ws (drain)",
    "client  ws 41",
    "heard   engine drain",
    "client  ws (close)",
    "heard   engine close forced close",
    "wait    100000"),

  PLAY (
    "M48: a new open right after makes a new engine, the old one ends unseen",
    JOIN_WS,
    "hear    manager",
    "user    close; open",
    "client  ws 41",
    "heard   manager close io client disconnect",
    "heard   disconnect io client disconnect",
    "client  ws (open)",
    "client  ws (close)",
    "server  ws (accept)",
    "server  ws " SIO_PLAY_HANDSHAKE,
    "heard   manager open",
    "client  ws 40",
    "server  ws 40{'sid':'Y'}",
    "heard   connect"),

  PLAY (
    "M48: the same over polling",
    JOIN_POLLING,
    "user    close; open",
    "client  poll 41",
    "heard   disconnect io client disconnect",
    "client  get",
    "server  ok",
    "client  poll 1",
    "server  poll " SIO_PLAY_HANDSHAKE,
    "client  poll 40",
    "client  get",
    "server  ok",
    "server  ok",
    "server  poll 40{'sid':'Y'}",
    "client  get",
    "heard   connect"),

  PLAY (
    "M50: disconnecting twice closes once",
    JOIN_WS,
    "hear    manager",
    "user    close; close",
    "client  ws 41",
    "heard   manager close io client disconnect",
    "heard   disconnect io client disconnect",
    "client  ws (close)",
    "user    close"),

  PLAY (
    "P5: a namespace gets its leading slash",
    "option  transports websocket",
    "user    /a open",
    "client  ws (open)",
    "server  ws (accept)",
    "server  ws " SIO_PLAY_HANDSHAKE,
    "client  ws 40/a,"),

  PLAY (
    "P5: a namespace that cannot be on the wire is refused",
    "user    /a,b open",
    "heard   /a,b connect_error INVALID_URL …",
    "state   /a,b inactive"),

  PLAY (
    "P34: CONNECT packets leave in the order in which the sockets became active",
    "option  transports websocket",
    "user    /c open; /a open; /b open; /c close; /c open",
    "client  ws (open)",
    "server  ws (accept)",
    "server  ws " SIO_PLAY_HANDSHAKE,
    "client  ws 40/a,",
    "client  ws 40/b,",
    "client  ws 40/c,"),
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return sio_play_main (argc, argv, "manager", plays, G_N_ELEMENTS (plays));
}
