/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play.h"

/* What the system says of its network, and what comes of it. */

/* clang-format off */

#define FAR       "option url http://far.example"
#define LOST_TEXT "transport close: NETWORK_UNREACHABLE network connection lost"
#define GONE_TEXT "transport close: TRANSPORT websocket connection closed"
/* Joined, and after a while the network is watched. */
#define JOIN_FAR  FAR, JOIN_WS, "wait 1000", "client network (watch)"
/* No way is left; it takes a moment to be sure. */
#define LOSE      "network lost", "wait 499", "wait 1", "client network (ask)"

static const SioPlayLines plays[] = {
  PLAY (
    "E82: a network that is lost ends the connection, and it is tried as seldom as may be",
    JOIN_FAR,
    "hear    manager",
    "hear    engine",
    "hear    schedule",
    LOSE,
    "client  ws (close)",
    "heard   engine close " LOST_TEXT,
    "heard   next attempt in 5000",
    "heard   manager close " LOST_TEXT,
    "heard   disconnect " LOST_TEXT,
    "state   active, no engine",
    "wait    4999",
    "wait    1",
    "heard   next attempt never",
    "heard   manager reconnect_attempt 1",
    "client  ws (open)",
    "server  ws (error)",
    "heard   engine close transport error: TRANSPORT websocket error",
    "heard   next attempt in 5000",
    "heard   manager error TRANSPORT websocket error",
    "heard   connect_error TRANSPORT websocket error",
    "heard   manager reconnect_error TRANSPORT websocket error"),

  PLAY (
    "E82: so it does to an attempt that is under way",
    JOIN_FAR,
    "hear    manager",
    "server  ws (close)",
    "heard   manager close " GONE_TEXT,
    "heard   disconnect " GONE_TEXT,
    "wait    1000",
    "heard   manager reconnect_attempt 1",
    "client  ws (open)",
    LOSE,
    "client  ws (abort)",
    "heard   manager error NETWORK_UNREACHABLE network connection lost",
    "heard   connect_error NETWORK_UNREACHABLE network connection lost",
    "heard   manager reconnect_error NETWORK_UNREACHABLE network connection lost",
    "wait    4999",
    "wait    1",
    "heard   manager reconnect_attempt 2",
    "client  ws (open)"),

  PLAY (
    "E82: and a delay becomes longer",
    JOIN_FAR,
    "hear    schedule",
    "server  ws (close)",
    "heard   next attempt in 1000",
    "heard   disconnect " GONE_TEXT,
    LOSE,
    "heard   next attempt in 5000",
    "wait    4999",
    "wait    1",
    "heard   next attempt never",
    "client  ws (open)"),

  PLAY (
    "E82: a connection over polling",
    FAR,
    JOIN_POLLING,
    "wait    1000",
    "client  network (watch)",
    LOSE,
    "client  poll 1",
    "heard   disconnect " LOST_TEXT,
    "wait    4999",
    "wait    1",
    "client  get"),

  PLAY (
    "E82: a network that does not know of the route to the host is not heeded",
    JOIN_FAR,
    "network local",
    "wait    500",
    "client  network (ask)",
    "wait    10000",
    "state   connected"),

  PLAY (
    "E82: nor is one that comes and goes",
    JOIN_FAR,
    "network lost",
    "network changed",
    "wait    499",
    "network back",
    "wait    10000",
    "state   connected"),

  PLAY (
    "E82: an answer that comes after the network is back counts for nothing",
    JOIN_FAR,
    "network slow",
    LOSE,
    "network back",
    "network lost",
    "network answer",
    "wait    500",
    "client  network (ask)",
    "network back",
    "network answer",
    "wait    10000",
    "state   connected"),

  PLAY (
    "E82: nor does one that never comes",
    JOIN_FAR,
    "network slow",
    LOSE,
    "wait    10000",
    "state   connected",
    "user    close",
    "client  ws 41",
    "client  network (leave)",
    "heard   disconnect io client disconnect",
    "client  ws (close)"),

  PLAY (
    "E82: who was wrong once is not believed until it has seen a network",
    JOIN_FAR,
    LOSE,
    "client  ws (close)",
    "heard   disconnect " LOST_TEXT,
    "wait    5000",
    REJOIN_WS,
    "heard   connect",
    "network changed",
    "wait    1000",
    "state   connected",
    "network back",
    "wait    1000",
    LOSE,
    "client  ws (close)",
    "heard   disconnect " LOST_TEXT),

  PLAY (
    "E82: a host of this machine is not watched for",
    "option  url http://127.1.2.3",
    JOIN_WS,
    "network lost",
    "wait    10000",
    "state   connected"),

  PLAY (
    "E82: nor is one with such a name",
    "option  url http://chat.LOCALHOST:3000",
    JOIN_WS,
    "network lost",
    "wait    10000",
    "state   connected"),

  PLAY (
    "E82: nor is one with such an IPv6 address",
    "option  url http://[::1]:3000",
    JOIN_WS,
    "network lost",
    "wait    10000",
    "state   connected"),

  PLAY (
    "E82: nor is any if the program does not want it",
    "option  network-aware no",
    FAR,
    JOIN_WS,
    "network lost",
    "wait    10000",
    "state   connected"),

  PLAY (
    "E82: it is watched as long as a connection is wanted",
    JOIN_FAR,
    "user    close",
    "client  ws 41",
    "client  network (leave)",
    "heard   disconnect io client disconnect",
    "client  ws (close)",
    "network lost",
    "wait    10000",
    "user    open",
    "client  ws (open)",
    "server  ws (accept)",
    "server  ws " SIO_PLAY_HANDSHAKE,
    "client  ws 40",
    "server  ws 40{'sid':'X'}",
    "heard   connect",
    "wait    999",
    "wait    1",
    "client  network (watch)"),

  PLAY (
    "E82: a first attempt is made without asking anybody",
    FAR,
    "option  transports websocket",
    "network lost",
    "user    open",
    "client  ws (open)",
    "wait    10000",
    "server  ws (error)",
    "heard   connect_error TRANSPORT websocket error",
    "client  network (watch)",
    "network changed",
    "wait    500",
    "client  network (ask)",
    "state   next attempt in 5000"),

  PLAY (
    "E82: a handler that closes when it hears of the loss",
    JOIN_FAR,
    "when    disconnect: close",
    LOSE,
    "client  ws (close)",
    "heard   disconnect " LOST_TEXT,
    "client  network (leave)",
    "wait    10000",
    "state   inactive"),

  PLAY (
    "E82: a handler that drops the socket when it hears of the loss",
    JOIN_FAR,
    "when    disconnect: drop",
    LOSE,
    "client  ws (close)",
    "heard   disconnect " LOST_TEXT,
    "client  network (leave)",
    "wait    10000"),

  PLAY (
    "E82: without reconnection it stays lost",
    "option  reconnection no",
    JOIN_FAR,
    LOSE,
    "client  ws (close)",
    "client  network (leave)",
    "heard   disconnect " LOST_TEXT,
    "network back",
    "wait    10000"),

  PLAY (
    "E83: a network that is back ends the waiting, and the delays begin anew",
    JOIN_FAR,
    "hear    schedule",
    "hear    manager",
    LOSE,
    "client  ws (close)",
    "heard   next attempt in 5000",
    "heard   manager close " LOST_TEXT,
    "heard   disconnect " LOST_TEXT,
    "wait    5000",
    "heard   next attempt never",
    "heard   manager reconnect_attempt 1",
    "client  ws (open)",
    "server  ws (error)",
    "heard   next attempt in 5000",
    "heard   manager error TRANSPORT websocket error",
    "heard   connect_error TRANSPORT websocket error",
    "heard   manager reconnect_error TRANSPORT websocket error",
    "wait    100",
    "network back",
    "wait    300",
    "network changed",
    "wait    199",
    "wait    1",
    "heard   next attempt in 0",
    "heard   next attempt never",
    "heard   manager reconnect_attempt 1",
    "client  ws (open)",
    "server  ws (error)",
    "heard   next attempt in 2000",
    "heard   manager error TRANSPORT websocket error",
    "heard   connect_error TRANSPORT websocket error",
    "heard   manager reconnect_error TRANSPORT websocket error"),

  PLAY (
    "E83: a route that is back, too",
    JOIN_FAR,
    LOSE,
    "client  ws (close)",
    "heard   disconnect " LOST_TEXT,
    "network local",
    "wait    500",
    "client  network (ask)",
    "client  ws (open)"),

  PLAY (
    "E83: a network that was away for a moment ends the waiting as well",
    JOIN_FAR,
    "server  ws (close)",
    "heard   disconnect " GONE_TEXT,
    "network lost",
    "network back",
    "wait    499",
    "wait    1",
    "client  ws (open)"),

  PLAY (
    "E83: a mere change does not: the server may be down",
    JOIN_FAR,
    "server  ws (close)",
    "heard   disconnect " GONE_TEXT,
    "network changed",
    "wait    999",
    "wait    1",
    "client  ws (open)"),

  PLAY (
    "E83: an attempt that is under way is left alone",
    JOIN_FAR,
    LOSE,
    "client  ws (close)",
    "heard   disconnect " LOST_TEXT,
    "wait    5000",
    "client  ws (open)",
    "network back",
    "wait    1000",
    "server  ws (accept)",
    "server  ws " SIO_PLAY_HANDSHAKE,
    "client  ws 40"),

  PLAY (
    "E84: after a suspend the server is missed at once, and one attempt is made",
    JOIN_WS,
    "hear    manager",
    "sleep   600000",
    "wait    0",
    "client  ws (close)",
    "heard   manager close ping timeout",
    "heard   disconnect ping timeout",
    "wait    999",
    "wait    1",
    "heard   manager reconnect_attempt 1",
    "client  ws (open)",
    "wait    10000"),

  PLAY (
    "E84: one that was short is not noticed",
    JOIN_WS,
    "sleep   40000",
    "wait    0",
    "server  ws 2",
    "client  ws 3",
    "sleep   44999",
    "wait    0",
    "state   connected",
    "wait    1",
    "client  ws (close)",
    "heard   disconnect ping timeout"),

  PLAY (
    "E84: the network that wakes up with the machine makes it look at once",
    JOIN_FAR,
    "sleep   600000",
    "network changed",
    "client  ws (close)",
    "heard   disconnect ping timeout"),

  PLAY (
    "E84: a delay goes on during a suspend",
    JOIN_WS,
    "server  ws (close)",
    "heard   disconnect " GONE_TEXT,
    "sleep   600000",
    "wait    0",
    "client  ws (open)",
    "wait    10000"),
};

/* clang-format on */

int
main (int argc, char **argv)
{
  return sio_play_main (argc, argv, "network", plays, G_N_ELEMENTS (plays));
}
