/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play.h"

/* Listeners: their order, and what may happen to them while they are called. */

/* clang-format off */
static const SioPlayLines plays[] = {
  PLAY (
    "S63: on appends; the same may be there twice",
    "hear    nothing",
    JOIN_WS,
    "user    on e A; on e B; on e A",
    "server  ws 42['e',1]",
    "heard   A e [1]",
    "heard   B e [1]",
    "heard   A e [1]",
    "state   listeners e 3, listeners f 0"),

  PLAY (
    "S63: once is taken away, then called",
    "hear    nothing",
    JOIN_WS,
    "user    once e A; on e B",
    "when    A e: emit x",
    "server  ws 42['e'] + 42['e']",
    "heard   A e []",
    "client  ws 42['x']",
    "heard   B e []",
    "heard   B e []",
    "state   listeners e 1"),

  PLAY (
    "S63: off takes away one, all of a name, or all",
    "hear    nothing",
    JOIN_WS,
    "user    on e A; on e B; on e C; on f D; on g E",
    "user    off e B",
    "server  ws 42['e']",
    "heard   A e []",
    "heard   C e []",
    "user    off e",
    "server  ws 42['e'] + 42['f']",
    "heard   D f []",
    "state   listeners e 0, listeners f 1",
    "user    off *",
    "server  ws 42['f'] + 42['g']",
    "state   listeners f 0, listeners g 0"),

  PLAY (
    "S63: off of all leaves the handlers of connect and the like",
    JOIN_WS,
    "user    on e A; off *",
    "server  ws 41",
    "client  ws (close)",
    "heard   disconnect io server disconnect"),

  PLAY (
    "S63: off of a once",
    "hear    nothing",
    JOIN_WS,
    "user    once e A; off e A",
    "server  ws 42['e']",
    "state   listeners e 0"),

  PLAY (
    "S63: any text is a name",
    "hear    nothing",
    JOIN_WS,
    "user    on constructor A; on __proto__ B; on notify::id C; on a::b D",
    "server  ws 42['constructor'] + 42['__proto__'] + 42['notify::id'] + 42['a::b'] + 42['a']",
    "heard   A constructor []",
    "heard   B __proto__ []",
    "heard   C notify::id []",
    "heard   D a::b []"),

  PLAY (
    "S64: one that is taken away meanwhile is not called any more",
    "hear    nothing",
    JOIN_WS,
    "user    on e A; on e B; on e C",
    "when    A e: off e B",
    "server  ws 42['e'] + 42['e']",
    "heard   A e []",
    "heard   C e []",
    "heard   A e []",
    "heard   C e []"),

  PLAY (
    "S64: one that takes itself away",
    "hear    nothing",
    JOIN_WS,
    "user    on e A; on e B",
    "when    A e: off e A",
    "server  ws 42['e'] + 42['e']",
    "heard   A e []",
    "heard   B e []",
    "heard   B e []"),

  PLAY (
    "S64: one that is added meanwhile is called from the next event on",
    "hear    nothing",
    JOIN_WS,
    "user    on e A",
    "when    A e: on e B",
    "server  ws 42['e'] + 42['e']",
    "heard   A e []",
    "heard   A e []",
    "heard   B e []"),

  PLAY (
    "S64: all taken away meanwhile",
    "hear    nothing",
    JOIN_WS,
    "user    on e A; on e B; any C",
    "when    A e: off *; off-any",
    "server  ws 42['e'] + 42['e']",
    "heard   C e []",
    "heard   A e []"),

  PLAY (
    "S65: catch-all listeners come first; the last one that was prepended before all",
    JOIN_WS,
    "user    on e A; any B; any C; prepend D; prepend E",
    "server  ws 42['e',1]",
    "heard   E e [1]",
    "heard   D e [1]",
    "heard   B e [1]",
    "heard   C e [1]",
    "heard   event e [1]",
    "heard   A e [1]"),

  PLAY (
    "S65: off of one catch-all listener, and of all",
    "hear    nothing",
    JOIN_WS,
    "user    any A; any B; any C; off-any B",
    "server  ws 42['e']",
    "heard   A e []",
    "heard   C e []",
    "user    off-any",
    "server  ws 42['e']"),

  PLAY (
    "S64: catch-all listeners that are taken away and added meanwhile",
    "hear    nothing",
    JOIN_WS,
    "user    any A; any B; any C",
    "when    A e: off-any B; any D; prepend E",
    "server  ws 42['e']",
    "heard   A e []",
    "heard   C e []",
    "server  ws 42['f']",
    "heard   E f []",
    "heard   A f []",
    "heard   C f []",
    "heard   D f []"),

  PLAY (
    "S65: those of outgoing events, in their order, with binary data as given",
    "hear    outgoing",
    JOIN_WS,
    "user    any-outgoing A; any-outgoing B; prepend-outgoing C; prepend-outgoing D",
    "user    ask e 1,<0a>",
    "heard   D e [1,<0a>]",
    "heard   C e [1,<0a>]",
    "heard   A e [1,<0a>]",
    "heard   B e [1,<0a>]",
    "heard   outgoing e [1,<0a>]",
    "client  ws 451-0['e',1,{'_placeholder':true,'num':0}]",
    "client  ws <0a>",
    "user    off-any-outgoing A; emit f",
    "heard   D f []",
    "heard   C f []",
    "heard   B f []",
    "heard   outgoing f []",
    "client  ws 42['f']",
    "user    off-any-outgoing; emit g",
    "heard   outgoing g []",
    "client  ws 42['g']"),

  PLAY (
    "S33: outgoing events are told of when they are really sent",
    "option  transports websocket",
    "user    any-outgoing O; emit a; open",
    "client  ws (open)",
    "server  ws (accept)",
    "server  ws " SIO_PLAY_HANDSHAKE,
    "client  ws 40",
    "server  ws 40{'sid':'X'}",
    "heard   O a []",
    "client  ws 42['a']",
    "heard   connect",
    "server  ws (stall)",
    "user    emit b; emit c",
    "heard   O b []",
    "client  ws 42['b']",
    "heard   O c []",
    "server  ws (drain)",
    "client  ws 42['c']"),

  PLAY (
    "S65: a listener to outgoing events that disconnects: the event waits",
    JOIN_WS,
    "user    any-outgoing O",
    "when    O a: close",
    "user    emit a; emit b",
    "heard   O a []",
    "client  ws 41",
    "heard   disconnect io client disconnect",
    "client  ws (close)",
    "user    open",
    "client  ws (open)",
    "server  ws (accept)",
    "server  ws " SIO_PLAY_HANDSHAKE,
    "client  ws 40",
    "server  ws 40{'sid':'Y'}",
    "heard   O a []",
    "client  ws 42['a']",
    "heard   O b []",
    "heard   connect",
    "client  ws 42['b']"),

  PLAY (
    "S66: listeners survive a disconnection",
    "hear    nothing",
    JOIN_WS,
    "user    on e A; any B",
    "server  ws (close)",
    "heard   disconnect transport close: TRANSPORT websocket connection closed",
    "wait    1000",
    REJOIN_WS,
    "heard   connect",
    "server  ws 42['e']",
    "heard   B e []",
    "heard   A e []"),

  PLAY (
    "S66: added inside connect they multiply",
    "hear    nothing",
    "always  connect: on e A",
    JOIN_WS,
    "server  ws (close)",
    "heard   disconnect transport close: TRANSPORT websocket connection closed",
    "wait    1000",
    REJOIN_WS,
    "heard   connect",
    "server  ws 42['e']",
    "heard   A e []",
    "heard   A e []"),

  PLAY (
    "S25: a listener drops the last reference in the middle of an event",
    "hear    nothing",
    JOIN_WS,
    "user    on e A; on e B",
    "when    A e: drop",
    "server  ws 42['e'] + 42['e']",
    "heard   A e []",
    "heard   B e []",
    "client  ws 41",
    "client  ws (close)"),
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return sio_play_main (argc, argv, "listeners", plays, G_N_ELEMENTS (plays));
}
