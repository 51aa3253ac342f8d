/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play.h"

/* What comes in: events, answers that they want, and what data may look like. */

/* clang-format off */
static const SioPlayLines plays[] = {
  PLAY (
    "S26: only the first reply is sent, at any time",
    JOIN_WS,
    "server  ws 425['q']",
    "heard   event q [] ?",
    "user    emit a",
    "client  ws 42['a']",
    "user    reply 1,'two',null; reply 2",
    "client  ws 435[1,'two',null]",
    "user    reply 3"),

  PLAY (
    "S26: a reply may be empty",
    JOIN_WS,
    "server  ws 420['q']",
    "heard   event q [] ?",
    "user    reply",
    "client  ws 430[]"),

  PLAY (
    "S27: a reply after the namespace was left is not sent",
    JOIN_WS,
    "user    /a open",
    "client  ws 40/a,",
    "server  ws 40/a,{'sid':'A'}",
    "heard   /a connect",
    "server  ws 42/a,0['q']",
    "heard   /a event q [] ?",
    "user    /a close",
    "client  ws 41/a,",
    "heard   /a disconnect io client disconnect",
    "user    reply 1",
    "state   connected"),

  PLAY (
    "S27: nor is one in another session",
    JOIN_WS,
    "server  ws 420['q'] + 421['r']",
    "heard   event q [] ?",
    "heard   event r [] ?",
    "server  ws (close)",
    "heard   disconnect transport close: TRANSPORT websocket connection closed",
    "user    reply-to 1 1",
    "wait    1000",
    "client  ws (open)",
    "server  ws (accept)",
    "server  ws " SIO_PLAY_HANDSHAKE,
    "client  ws 40",
    "user    reply-to 2 2",
    "server  ws 40{'sid':'Y'}",
    "heard   connect",
    "user    reply-to 2 2"),

  PLAY (
    "S28: answers are no events, to nobody",
    "hear    outgoing",
    JOIN_WS,
    "user    any A; any-outgoing O",
    "server  ws 420['q']",
    "heard   A q []",
    "heard   event q [] ?",
    "user    reply 1",
    "client  ws 430[1]",
    "user    ask b",
    "heard   O b []",
    "heard   outgoing b []",
    "client  ws 420['b']",
    "server  ws 430[2]",
    "heard   answer 1 [2]"),

  PLAY (
    "S29: unknown, repeated and late answers are ignored",
    JOIN_WS,
    "user    ask a",
    "client  ws 420['a']",
    "server  ws 431[1] + 43[1]",
    "server  ws 430[2] + 430[3]",
    "heard   answer 1 [2]",
    "server  ws 430[4]",
    "state   connected"),

  PLAY (
    "S30: the server's DISCONNECT of one namespace; no reconnection",
    JOIN_WS,
    "user    /a open",
    "client  ws 40/a,",
    "server  ws 40/a,{'sid':'A'}",
    "heard   /a connect",
    "server  ws 41/a,",
    "heard   /a disconnect io server disconnect",
    "state   connected, /a inactive",
    "wait    20000",
    "user    /a open",
    "client  ws 40/a,"),

  PLAY (
    "S31: every name but the reserved ones",
    JOIN_WS,
    "user    emit error; emit ping; emit message; emit constructor; send 1,2",
    "client  ws 42['error']",
    "client  ws 42['ping']",
    "client  ws 42['message']",
    "client  ws 42['constructor']",
    "client  ws 42['message',1,2]"),

  PLAY (
    "P27: a number as event name is its decimal text; the empty name is legal",
    JOIN_WS,
    "server  ws 42[1,2] + 42['']",
    "heard   event 1 [2]",
    "heard   event  []"),

  PLAY (
    "P47: false, 0, the empty text and null survive",
    JOIN_WS,
    "server  ws 42['e',false,0,'',null]",
    "heard   event e [false,0,'',null]",
    "user    emit e false,0,'',null; ask e null",
    "client  ws 42['e',false,0,'',null]",
    "client  ws 420['e',null]",
    "server  ws 430[null,false]",
    "heard   answer 1 [null,false]"),

  PLAY (
    "P21: the same part twice, in any order, at any depth; one that is not used",
    JOIN_WS,
    "server  ws 453-['e',{'_placeholder':true,'num':1},{'a':[{'_placeholder':true,'num':0},{'_placeholder':true,'num':1}]}]",
    "server  ws <01> + <02> + <03>",
    "heard   event e [<02>,{'a':[<01>,…"),

  PLAY (
    "P22: without parts a placeholder is plain data",
    JOIN_WS,
    "server  ws 42['e',{'_placeholder':true,'num':0}]",
    "heard   event e [{'_placeholder':true,'num':0}]"),

  PLAY (
    "P23: a ping between a header and its parts does not disturb",
    JOIN_WS,
    "server  ws 451-['e',{'_placeholder':true,'num':0}] + 2 + 6 + <01>",
    "client  ws 3",
    "heard   event e [<01>]"),

  PLAY (
    "P24: parts that are missing at the end of a session do not disturb the next",
    JOIN_WS,
    "server  ws 451-['e',{'_placeholder':true,'num':0}]",
    "server  ws (close)",
    "heard   disconnect transport close: TRANSPORT websocket connection closed",
    "wait    1000",
    REJOIN_WS,
    "heard   connect",
    "server  ws 42['f']",
    "heard   event f []"),

  PLAY (
    "P31: packets for a namespace without a socket are ignored",
    JOIN_WS,
    "server  ws 42/x,['e'] + 41/x, + 44/x,{'message':'no'} + 43/x,0[] + 40/x,{'sid':'Y'} + 42/?a=1,['e']",
    "state   connected"),
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return sio_play_main (argc, argv, "events", plays, G_N_ELEMENTS (plays));
}
