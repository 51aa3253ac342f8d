/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play.h"

/* What is written, in which batches it leaves, and how a session ends in order. */

/* clang-format off */
static const SioPlayLines plays[] = {
  PLAY (
    "E57: what is written while it ends is dropped",
    "hear    packets",
    OPEN_POLLING,
    "heard   engine packet open …",
    "heard   engine packetCreate message '0'",
    "client  poll 40",
    "client  get",
    "server  ok",
    "server  poll 40{'sid':'X'}",
    "client  get",
    "heard   engine packet message …",
    "heard   connect",
    "user    emit a; close; emit b",
    "heard   engine packetCreate message …",
    "client  poll 42['a']",
    "heard   engine packetCreate message '1'",
    "heard   disconnect io client disconnect",
    "server  ok",
    "client  poll 41",
    "server  ok",
    "client  poll 1"),

  PLAY (
    "E58: drain is told when nothing is left",
    JOIN_POLLING,
    "hear    engine",
    "user    emit a; emit b",
    "client  poll 42['a']",
    "server  ok",
    "client  poll 42['b']",
    "server  ok",
    "heard   engine drain"),

  PLAY (
    "E58: over websocket likewise",
    JOIN_WS,
    "hear    engine",
    "server  ws (stall)",
    "user    emit a; emit b",
    "client  ws 42['a']",
    "server  ws (drain)",
    "client  ws 42['b']",
    "heard   engine drain"),

  PLAY (
    "E58: a handler of drain may write",
    JOIN_POLLING,
    "hear    engine",
    "user    emit a",
    "client  poll 42['a']",
    "when    engine drain: emit b",
    "server  ok",
    "heard   engine drain",
    "client  poll 42['b']",
    "server  ok",
    "heard   engine drain"),

  PLAY (
    "E59: without maxPayload all that waits makes one batch",
    "user    open",
    "client  get",
    "server  poll 0{'sid':'E','upgrades':[],'pingInterval':25000,'pingTimeout':20000}",
    "client  poll 40",
    "client  get",
    "server  ok",
    "server  poll 40{'sid':'X'}",
    "client  get",
    "heard   connect",
    "user    emit a; emit b '(x*200)'; emit c '(x*200)'",
    "client  poll 42['a']",
    "server  ok",
    "client  poll 42['b','(x*200)'] + 42['c','(x*200)']"),

  PLAY (
    "E59: over websocket maxPayload makes no batches",
    JOIN_WS,
    "server  ws (stall)",
    "user    emit a; emit b '(x*90)'; emit c '(x*90)'",
    "client  ws 42['a']",
    "server  ws (drain)",
    "client  ws 42['b','(x*90)']",
    "client  ws 42['c','(x*90)']"),

  /* 42["e",""] stands around each text: 100 bytes of payload hold 90 of it. */
  PLAY (
    "E60: batches of at most maxPayload bytes",
    JOIN_POLLING,
    "user    emit 0; emit e '(a*90)'; emit e '(b*21)'; emit e '(c*21)'; emit e '(d*28)'; emit e '(€*30)'; emit e '(f*90)'",
    "client  poll 42['0']",
    "server  ok",
    "client  poll 42['e','(a*90)']",
    "server  ok",
    "client  poll 42['e','(b*21)'] + 42['e','(c*21)']",
    "server  ok",
    "client  poll 42['e','(d*28)']",
    "server  ok",
    "client  poll 42['e','(€*30)']",
    "server  ok",
    "client  poll 42['e','(f*90)']",
    "server  ok"),

  PLAY (
    "E60: exactly maxPayload bytes, separators included",
    JOIN_POLLING,
    "user    emit 0; emit e '(b*21)'; emit e '(c*21)'; emit e '(d*26)'; emit 1",
    "client  poll 42['0']",
    "server  ok",
    "client  poll 42['e','(b*21)'] + 42['e','(c*21)'] + 42['e','(d*26)']",
    "server  ok",
    "client  poll 42['1']"),

  PLAY (
    "E60: binary data counts as base64",
    JOIN_POLLING,
    "user    emit 0; emit a <(0*108)>; emit b <(0*110)>",
    "client  poll 42['0']",
    "server  ok",
    "client  poll 451-['a',{'_placeholder':true,'num':0}]",
    "server  ok",
    "client  poll b(A*72)",
    "server  ok",
    "client  poll 451-['b',{'_placeholder':true,'num':0}]",
    "server  ok",
    "client  poll b(A*74)=="),

  PLAY (
    "E61: a single packet that is larger is sent anyway",
    JOIN_POLLING,
    "user    emit a; emit b '(x*200)'; emit c",
    "client  poll 42['a']",
    "server  ok",
    "client  poll 42['b','(x*200)']",
    "server  post (error 413)",
    "client  poll 1",
    "heard   disconnect transport error: TRANSPORT xhr post error: 413"),

  PLAY (
    "E62: the first packet of a burst alone, the rest in the next POST",
    JOIN_POLLING,
    "user    emit a; emit b; emit c",
    "client  poll 42['a']",
    "server  ok",
    "client  poll 42['b'] + 42['c']"),

  PLAY (
    "E64: everything written before comes out before the end",
    JOIN_WS,
    "hear    engine",
    "server  ws (stall)",
    "user    emit a; emit b; close",
    "client  ws 42['a']",
    "heard   disconnect io client disconnect",
    "server  ws (drain)",
    "client  ws 42['b']",
    "client  ws 41",
    "heard   engine drain",
    "client  ws (close)",
    "heard   engine close forced close"),

  PLAY (
    "E65: the engine says forced close, the socket io client disconnect",
    JOIN_WS,
    "hear    engine",
    "user    close",
    "client  ws 41",
    "heard   disconnect io client disconnect",
    "heard   engine drain",
    "client  ws (close)",
    "heard   engine close forced close"),

  PLAY (
    "E66: closed while polling opens: nothing is sent",
    "hear    engine",
    "user    open",
    "client  get",
    "user    close",
    "client  get (abort)",
    "heard   engine close forced close",
    "state   inactive, no engine"),

  PLAY (
    "E66: closed while a websocket opens",
    "option  transports websocket",
    "user    open",
    "client  ws (open)",
    "user    close",
    "client  ws (abort)",
    "state   inactive, no engine"),

  PLAY (
    "E66: closed after the websocket opened but before the session did",
    "option  transports websocket",
    "user    open",
    "client  ws (open)",
    "server  ws (accept)",
    "user    close",
    "client  ws (abort)",
    "state   inactive, no engine"),

  PLAY (
    "E66: the last POST of polling never overlaps with another one",
    JOIN_POLLING,
    "user    close",
    "client  poll 41",
    "heard   disconnect io client disconnect",
    "wait    1999",
    "server  ok",
    "client  poll 1",
    "server  ok"),

  PLAY (
    "X10: one that hangs is cut off, so that the server hears of the end at once",
    JOIN_POLLING,
    "user    emit a",
    "client  poll 42['a']",
    "wait    45000",
    "client  poll (abort)",
    "client  poll 1",
    "heard   disconnect ping timeout",
    "wait    900",
    "user    close",
    "wait    2000"),

  PLAY (
    "E66: whether the last POST fails makes no difference",
    JOIN_POLLING,
    "user    close",
    "client  poll 41",
    "heard   disconnect io client disconnect",
    "server  ok",
    "client  poll 1",
    "server  post (error 400)",
    "state   inactive, no engine"),

  PLAY (
    "E67: a drain that never comes does not keep it for ever",
    JOIN_WS,
    "hear    engine",
    "server  ws (stall)",
    "user    emit a; emit b; close",
    "client  ws 42['a']",
    "heard   disconnect io client disconnect",
    "wait    9999",
    "wait    1",
    "client  ws (close)",
    "heard   engine close forced close"),

  PLAY (
    "E67: progress gives it more time",
    JOIN_WS,
    "server  ws (stall)",
    "user    emit a; emit b; close",
    "client  ws 42['a']",
    "heard   disconnect io client disconnect",
    "wait    9999",
    "server  ws (drain)",
    "client  ws 42['b']",
    "client  ws 41",
    "client  ws (close)"),

  PLAY (
    "E67: a POST that is never answered does not keep it for ever",
    JOIN_POLLING,
    "hear    engine",
    "user    emit a; close",
    "client  poll 42['a']",
    "heard   disconnect io client disconnect",
    "wait    9999",
    "wait    1",
    "client  poll (abort)",
    "client  poll 1",
    "heard   engine close forced close",
    "wait    2000"),

  PLAY (
    "E68: the end is told once, whatever else happens to it",
    JOIN_POLLING,
    "hear    engine",
    "hear    manager",
    "user    emit a; close; close",
    "client  poll 42['a']",
    "heard   manager close io client disconnect",
    "heard   disconnect io client disconnect",
    "server  poll (error 502)",
    "client  poll (abort)",
    "client  poll 1",
    "heard   engine close transport error: TRANSPORT xhr poll error: 502",
    "state   inactive, no engine"),

  PLAY (
    "E69: after its end nothing of a session reaches the program",
    JOIN_WS,
    "hear    manager",
    "server  ws (stall)",
    "user    emit a; close",
    "client  ws 42['a']",
    "heard   manager close io client disconnect",
    "heard   disconnect io client disconnect",
    "server  ws 42['late'] + 2 + 41",
    "server  ws (drain)",
    "client  ws 3",
    "client  ws 41",
    "client  ws (close)"),

  PLAY (
    "E69: handlers may end it in the middle of a payload",
    JOIN_POLLING,
    "when    event a: close",
    "server  poll 42['a'] + 42['b'] + 42['c']",
    "client  get",
    "heard   event a []",
    "client  poll 41",
    "heard   disconnect io client disconnect"),
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return sio_play_main (argc, argv, "flow", plays, G_N_ELEMENTS (plays));
}
