/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play.h"

/* How a session begins, what keeps it alive, and the ways in which it can end. */

/* clang-format off */
static const SioPlayLines plays[] = {
  PLAY (
    "E19: a first payload without an open packet fails at once",
    "hear    manager",
    "user    open",
    "client  get",
    "server  poll 40{'sid':'X'}",
    "heard   manager error PROTOCOL …",
    "heard   connect_error PROTOCOL …",
    "state   active, disconnected"),

  PLAY (
    "E19: an empty first payload fails at once",
    "user    open",
    "client  get",
    "server  poll",
    "heard   connect_error PROTOCOL …",
    "state   active"),

  PLAY (
    "E19: what follows the open packet in its payload is handled after it",
    "user    open",
    "client  get",
    "server  poll " SIO_PLAY_HANDSHAKE " + 2",
    "client  poll 40",
    "client  get",
    "server  ok",
    "client  poll 3"),

  PLAY (
    "E20: the next GET starts when the last one has ended",
    JOIN_POLLING,
    "server  poll 42['a'] + 42['b']",
    "client  get",
    "heard   event a []",
    "heard   event b []",
    "server  poll 6",
    "client  get"),

  PLAY (
    "E21: one POST at a time",
    JOIN_POLLING,
    "user    emit a",
    "client  poll 42['a']",
    "user    emit b",
    "user    emit c",
    "server  ok",
    "client  poll 42['b'] + 42['c']",
    "server  ok",
    "user    emit d",
    "client  poll 42['d']"),

  PLAY (
    "E24: a GET that fails ends the session",
    JOIN_POLLING,
    "hear    manager",
    "server  poll (error 400)",
    "client  poll 1",
    "heard   manager error TRANSPORT xhr poll error: 400",
    "heard   manager close transport error: TRANSPORT xhr poll error: 400",
    "heard   disconnect transport error: TRANSPORT xhr poll error: 400",
    "state   active, id none"),

  PLAY (
    "E24: a POST that fails ends the session",
    JOIN_POLLING,
    "user    emit a",
    "client  poll 42['a']",
    "server  post (error 413)",
    "client  poll 1",
    "heard   disconnect transport error: TRANSPORT xhr post error: 413"),

  PLAY (
    "E25: packets before the close packet are delivered, those after it are not",
    JOIN_POLLING,
    "server  poll 42['before'] + 1 + 42['after']",
    "heard   event before []",
    "heard   disconnect transport close: TRANSPORT transport closed by the server"),

  PLAY (
    "E17: what cannot be decoded ends the session, after what came before",
    JOIN_POLLING,
    "server  poll 42['before'] + 9",
    "client  poll 1",
    "heard   event before []",
    "heard   disconnect transport error: PROTOCOL server error: parser error…"),

  PLAY (
    "E17: an empty packet ends the session",
    JOIN_POLLING,
    "server  poll 42['before'] + ",
    "client  poll 1",
    "heard   event before []",
    "heard   disconnect transport error: PROTOCOL server error: parser error…"),

  PLAY (
    "E17: the same over websocket",
    JOIN_WS,
    "server  ws 42['before'] + 9",
    "heard   event before []",
    "heard   disconnect transport error: PROTOCOL server error: parser error…"),

  PLAY (
    "E33: a websocket that cannot be made",
    "hear    manager",
    "option  transports websocket",
    "user    open",
    "client  ws (open)",
    "server  ws (error 502)",
    "heard   manager error TRANSPORT websocket error: 502",
    "heard   connect_error TRANSPORT websocket error: 502",
    "state   active"),

  PLAY (
    "E34: a websocket that is closed",
    JOIN_WS,
    "server  ws (close)",
    "heard   disconnect transport close: TRANSPORT websocket connection closed"),

  PLAY (
    "E35: packets without a meaning over websocket are ignored",
    JOIN_WS,
    "server  ws 3",
    "server  ws 3probe",
    "server  ws 5",
    "server  ws 6",
    "state   connected"),

  PLAY (
    "X26: a close packet over websocket ends the session, behind what came before it",
    JOIN_WS,
    "server  ws 42['before'] + 1 + 42['late']",
    "heard   event before []",
    "heard   disconnect transport close: TRANSPORT transport closed by the server"),

  PLAY (
    "E35: a second open packet changes nothing",
    JOIN_WS,
    "server  ws 0{'sid':'F','upgrades':[],'pingInterval':1,'pingTimeout':1}",
    "state   connected, engine id E",
    "wait    44999",
    "state   connected"),

  PLAY (
    "E38: unknown members are ignored, maxPayload may be missing",
    "user    open",
    "client  get",
    "server  poll 0{'x':[{}],'sid':'E','upgrades':['webtransport',1],'pingInterval':25000,'pingTimeout':20000}",
    "client  poll 40",
    "client  get"),

  PLAY (
    "E39: a handshake that is no JSON fails at once",
    "option  transports websocket",
    "user    open",
    "client  ws (open)",
    "server  ws (accept)",
    "server  ws 0{'sid'",
    "client  ws (abort)",
    "heard   connect_error PROTOCOL …",
    "state   active"),

  PLAY (
    "E39: a handshake without a session id fails at once",
    "user    open",
    "client  get",
    "server  poll 0{'upgrades':[],'pingInterval':25000,'pingTimeout':20000}",
    "heard   connect_error PROTOCOL …",
    "state   active"),

  PLAY (
    "E40: open, CONNECT, then what follows",
    "hear    manager",
    "hear    engine",
    "user    open; emit a",
    "client  get",
    "when    manager open: emit b",
    "server  poll " SIO_PLAY_HANDSHAKE_UPGRADE,
    "heard   manager open",
    "client  poll 40",
    "client  get",
    "client  ws (open with sid E)"),

  PLAY (
    "E40: nothing follows if a handler of open ends it",
    "hear    manager",
    "user    open",
    "client  get",
    "when    manager open: close",
    "server  poll " SIO_PLAY_HANDSHAKE_UPGRADE,
    "heard   manager open",
    "client  poll 1",
    "heard   manager close io client disconnect",
    "server  ok",
    "state   inactive, no engine"),

  PLAY (
    "E41: the id of the engine is not that of the socket",
    JOIN_WS,
    "state   id X, engine id E"),

  PLAY (
    "E42: each ping is answered, without its payload",
    "hear    manager",
    "hear    packets",
    "option  transports websocket",
    "user    open",
    "client  ws (open)",
    "server  ws (accept)",
    "server  ws " SIO_PLAY_HANDSHAKE,
    "heard   engine packet open …",
    "heard   manager open",
    "heard   engine packetCreate message '0'",
    "client  ws 40",
    "server  ws 2payload",
    "heard   engine packetCreate pong",
    "client  ws 3",
    "heard   engine packet ping 'payload'",
    "heard   manager ping",
    "server  ws 2 + 2",
    "heard   engine packetCreate pong",
    "heard   engine packetCreate pong",
    "client  ws 3",
    "client  ws 3",
    "heard   engine packet ping",
    "heard   manager ping",
    "heard   engine packet ping",
    "heard   manager ping"),

  PLAY (
    "E43: silence for longer than interval and timeout is the end",
    "hear    engine",
    OPEN_WS,
    "client  ws 40",
    "heard   engine drain",
    "server  ws 40{'sid':'X'}",
    "heard   connect",
    "wait    44999",
    "wait    1",
    "client  ws (close)",
    "heard   engine close ping timeout",
    "heard   disconnect ping timeout",
    "state   active"),

  PLAY (
    "E43: only a ping counts",
    JOIN_WS,
    "wait    44000",
    "server  ws 42['a']",
    "heard   event a []",
    "wait    1000",
    "client  ws (close)",
    "heard   disconnect ping timeout"),

  PLAY (
    "E43: a ping gives as long again",
    JOIN_WS,
    "wait    44000",
    "server  ws 2",
    "client  ws 3",
    "wait    44999",
    "wait    1",
    "client  ws (close)",
    "heard   disconnect ping timeout"),

  PLAY (
    "E43: a ping timeout over polling tells the server",
    JOIN_POLLING,
    "wait    45000",
    "client  poll 1",
    "heard   disconnect ping timeout",
    "server  ok"),

  PLAY (
    "E44: a pong overtakes what waits",
    JOIN_POLLING,
    "user    emit a; emit b",
    "client  poll 42['a']",
    "server  poll 2",
    "client  get",
    "server  ok",
    "client  poll 3 + 42['b']"),

  PLAY (
    "E44: a pong may stand between a header and its binary part",
    JOIN_POLLING,
    "user    emit a '(x*80)',<01>",
    "client  poll 451-['a','(x*80)',{'_placeholder':true,'num':0}]",
    "server  poll 2",
    "client  get",
    "server  ok",
    "client  poll 3 + bAQ=="),

  PLAY (
    "E45: an emission after the deadline waits for the next session",
    JOIN_WS,
    "user    timeout 45000; ask a",
    "client  ws 420['a']",
    "when    answer: emit late; emit later; look",
    "wait    45000",
    "heard   answer 1 TIMED_OUT …",
    "heard   state connected, active, id X",
    "client  ws (close)",
    "heard   disconnect ping timeout",
    "wait    1000",
    REJOIN_WS,
    "client  ws 42['late']",
    "heard   connect",
    "client  ws 42['later']"),

  PLAY (
    "E45: a packet that comes after the deadline does not count any more",
    JOIN_WS,
    "user    timeout 45000; ask a",
    "client  ws 420['a']",
    "wait    44999",
    "server  ws 42['b']",
    "heard   event b []",
    "wait    1",
    "heard   answer 1 TIMED_OUT …",
    "client  ws (close)",
    "heard   disconnect ping timeout"),

  PLAY (
    "E46: intervals that are zero are refused",
    "user    open",
    "client  get",
    "server  poll 0{'sid':'E','upgrades':[],'pingInterval':0,'pingTimeout':0}",
    "client  poll 1",
    "heard   connect_error PROTOCOL …",
    "state   active"),

  PLAY (
    "E46: intervals that are negative are refused",
    "user    open",
    "client  get",
    "server  poll 0{'sid':'E','upgrades':[],'pingInterval':-25000,'pingTimeout':20000}",
    "client  poll 1",
    "heard   connect_error PROTOCOL …"),

  PLAY (
    "E46: intervals that are absurd are cut to a day",
    "option  transports websocket",
    "user    open",
    "client  ws (open)",
    "server  ws (accept)",
    "server  ws 0{'sid':'E','upgrades':[],'pingInterval':1e300,'pingTimeout':1e300}",
    "client  ws 40",
    "server  ws 40{'sid':'X'}",
    "heard   connect",
    "wait    172799999",
    "wait    1",
    "client  ws (close)",
    "heard   disconnect ping timeout"),

  PLAY (
    "E70: an error comes before the end that it brings",
    "hear    manager",
    "hear    engine",
    "option  transports websocket",
    "user    open",
    "client  ws (open)",
    "server  ws (accept)",
    "server  ws " SIO_PLAY_HANDSHAKE,
    "heard   manager open",
    "client  ws 40",
    "heard   engine drain",
    "server  ws 40{'sid':'X'}",
    "heard   connect",
    "server  ws (error reset)",
    "heard   manager error TRANSPORT websocket error: reset",
    "heard   engine close transport error: TRANSPORT websocket error: reset",
    "heard   manager close transport error: TRANSPORT websocket error: reset",
    "heard   disconnect transport error: TRANSPORT websocket error: reset"),

  PLAY (
    "E74: no transport at all",
    "hear    manager",
    "option  transports webtransport",
    "user    open",
    "heard   manager error TRANSPORT No transports available",
    "heard   connect_error TRANSPORT No transports available"),

  PLAY (
    "E75: names that are not known are dropped",
    "option  transports webtransport polling",
    "user    open",
    "client  get"),

  PLAY (
    "E76: websocket first never goes up, nor back",
    "option  transports websocket polling",
    "user    open",
    "client  ws (open)",
    "server  ws (error refused)",
    "heard   connect_error TRANSPORT websocket error: refused",
    "wait    1000",
    "client  ws (open)"),

  PLAY (
    "E76: polling alone never goes up",
    "option  transports polling",
    "user    open",
    "client  get",
    "server  poll " SIO_PLAY_HANDSHAKE_UPGRADE,
    "client  poll 40",
    "client  get",
    "server  ok",
    "state   polling"),

  PLAY (
    "E78: the next transport is tried at once",
    "hear    manager",
    "option  transports websocket polling",
    "option  try-all-transports yes",
    "user    open",
    "client  ws (open)",
    "server  ws (error refused)",
    "client  get",
    "server  poll " SIO_PLAY_HANDSHAKE,
    "heard   manager open",
    "client  poll 40",
    "client  get",
    "state   polling"),

  PLAY (
    "E78: only the last failure is told, and the next attempt begins anew",
    "hear    manager",
    "option  transports websocket polling",
    "option  try-all-transports yes",
    "user    open",
    "client  ws (open)",
    "server  ws (error refused)",
    "client  get",
    "server  poll (error down)",
    "heard   manager error TRANSPORT xhr poll error: down",
    "heard   connect_error TRANSPORT xhr poll error: down",
    "wait    1000",
    "heard   manager reconnect_attempt 1",
    "client  ws (open)"),

  PLAY (
    "E78: one time limit for all transports",
    "hear    manager",
    "option  transports websocket polling",
    "option  try-all-transports yes",
    "user    open",
    "client  ws (open)",
    "wait    19000",
    "server  ws (error refused)",
    "client  get",
    "wait    999",
    "wait    1",
    "client  get (abort)",
    "heard   manager error TIMED_OUT timeout",
    "heard   connect_error TIMED_OUT timeout"),

  PLAY (
    "E79: a reconnection begins with the first transport again",
    "user    open",
    "client  get",
    "server  poll " SIO_PLAY_HANDSHAKE_UPGRADE,
    "client  poll 40",
    "client  get",
    "client  ws (open with sid E)",
    "server  ok",
    "server  ws (accept)",
    "client  ws 2probe",
    "server  ws 3probe",
    "server  poll 40{'sid':'X'}",
    "client  ws 5",
    "heard   connect",
    "server  ws (close)",
    "client  poll 1",
    "heard   disconnect transport close: TRANSPORT websocket connection closed",
    "wait    1000",
    "client  get"),

  PLAY (
    "E80: a websocket that worked is remembered until an error",
    "option  remember-upgrade yes",
    "user    open",
    "client  get",
    "server  poll " SIO_PLAY_HANDSHAKE_UPGRADE,
    "client  poll 40",
    "client  get",
    "client  ws (open with sid E)",
    "server  ok",
    "server  ws (accept)",
    "client  ws 2probe",
    "server  ws 3probe",
    "server  poll 40{'sid':'X'}",
    "client  ws 5",
    "heard   connect",
    "server  ws (close)",
    "client  poll 1",
    "heard   disconnect transport close: TRANSPORT websocket connection closed",
    "wait    1000",
    "client  ws (open)",
    "server  ws (error refused)",
    "heard   connect_error TRANSPORT websocket error: refused",
    "wait    2000",
    "client  get"),
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return sio_play_main (argc, argv, "handshake", plays, G_N_ELEMENTS (plays));
}
