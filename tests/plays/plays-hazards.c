/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play.h"

/* What no server should send. */

/* clang-format off */
/* It ends the connection, which is made anew. */
#define REFUSED(rule, frames, problem)                             \
  PLAY (                                                           \
    rule ": " frames,                                              \
    JOIN_WS,                                                       \
    "server  ws " frames,                                          \
    "client  ws (close)",                                          \
    "heard   disconnect parse error: PROTOCOL " problem "…",       \
    "wait    1000",                                                \
    REJOIN_WS,                                                     \
    "heard   connect")

/* Nothing comes of it. */
#define HARMLESS(rule, frames)                                     \
  PLAY (                                                           \
    rule ": " frames,                                              \
    "hear    nothing",                                             \
    JOIN_WS,                                                       \
    "server  ws " frames,                                          \
    "state   connected, id X",                                     \
    "user    emit still-here",                                     \
    "client  ws 42['still-here']")

static const SioPlayLines plays[] = {
  REFUSED ("D36", "4", "unknown packet type"),
  REFUSED ("D36", "42", "invalid payload"),
  REFUSED ("D36", "42[", "invalid payload"),
  REFUSED ("D36", "42[]", "invalid payload"),
  REFUSED ("D36", "42{}", "invalid payload"),
  REFUSED ("D36", "43", "invalid payload"),
  REFUSED ("D36", "45", "illegal attachments"),
  REFUSED ("D36", "451", "illegal attachments"),
  REFUSED ("D36", "451-", "invalid payload"),
  REFUSED ("D36", "45-1-['a']", "illegal attachments"),
  REFUSED ("D36", "4599999999999-['a']", "too many attachments"),
  REFUSED ("D36", "42/ns", "invalid payload"),
  REFUSED ("D36", "42/ns,", "invalid payload"),
  REFUSED ("D36", "421e5['a']", "invalid payload"),
  REFUSED ("D36", "42[null]", "invalid payload"),
  REFUSED ("D36", "42[['x']]", "invalid payload"),
  REFUSED ("P28", "47", "unknown packet type"),
  REFUSED ("P28", "4b64", "unknown packet type"),
  REFUSED ("P28", "4-1", "unknown packet type"),
  REFUSED ("P28", "45a-", "illegal attachments"),
  REFUSED ("P28", "451.23-", "illegal attachments"),
  REFUSED ("P28", "451['a']", "illegal attachments"),
  REFUSED ("P28", "450-['a']", "illegal attachments"),
  REFUSED ("P28", "460-1[]", "illegal attachments"),
  REFUSED ("P28", "45-['a']", "illegal attachments"),
  REFUSED ("P28", "451.0-['a']", "illegal attachments"),
  REFUSED ("P28", "451e0-['a']", "illegal attachments"),
  REFUSED ("P28", "450x1-['a']", "illegal attachments"),
  REFUSED ("P28", "45 1-['a']", "illegal attachments"),
  REFUSED ("P28", "4511-['a']", "too many attachments"),
  REFUSED ("P28", "40[]", "invalid payload"),
  REFUSED ("P28", "40'x'", "invalid payload"),
  REFUSED ("P28", "40null", "invalid payload"),
  REFUSED ("P28", "40/admin,'x'", "invalid payload"),
  REFUSED ("P28", "41{}", "invalid payload"),
  REFUSED ("P28", "41null", "invalid payload"),
  REFUSED ("P28", "41/admin,{}", "invalid payload"),
  REFUSED ("P28", "42[true]", "invalid payload"),
  REFUSED ("P28", "42[null,'x']", "invalid payload"),
  REFUSED ("P28", "42[[]]", "invalid payload"),
  REFUSED ("P28", "42[{'toString':'x'}]", "invalid payload"),
  REFUSED ("P28", "42/admin,{}", "invalid payload"),
  REFUSED ("P28", "42'x'", "invalid payload"),
  REFUSED ("P28", "42['connect']", "invalid payload"),
  REFUSED ("P28", "42['disconnect','x']", "invalid payload"),
  REFUSED ("P28", "42['connect_error']", "invalid payload"),
  REFUSED ("P28", "42['disconnecting']", "invalid payload"),
  REFUSED ("P28", "42['newListener']", "invalid payload"),
  REFUSED ("P28", "42['removeListener']", "invalid payload"),
  REFUSED ("P28", "43{}", "invalid payload"),
  REFUSED ("P28", "431null", "invalid payload"),
  REFUSED ("P28", "44[]", "invalid payload"),
  REFUSED ("P28", "44null", "invalid payload"),
  REFUSED ("P28", "44'", "invalid payload"),
  REFUSED ("P28", "42['a'", "invalid payload"),
  REFUSED ("P28", "4442['x'", "invalid payload"),
  REFUSED ("P28", "42['a']x", "invalid payload"),
  REFUSED ("P28", "421.5['a']", "invalid payload"),
  REFUSED ("P28", "42-1['a']", "invalid payload"),
  REFUSED ("P28", "42+1['a']", "invalid payload"),
  REFUSED ("P28", "42abc['a']", "invalid payload"),
  REFUSED ("P29", "42 ['a']", "invalid payload"),
  REFUSED ("P29", "429007199254740992['a']", "invalid payload"),
  REFUSED ("P29", "4299999999999999999999999['a']", "invalid payload"),
  REFUSED ("P29", "431", "invalid payload"),
  REFUSED ("C32", "42['a',([*600)(]*600)]", "invalid payload"),
  REFUSED ("C32", "42['a',([*100000)", "invalid payload"),
  REFUSED ("C32", "42['a',01]", "invalid payload"),
  REFUSED ("P28", "<0102>", "got binary data when not reconstructing a packet"),
  REFUSED ("P28", "451-['a',{'_placeholder':true,'num':0}] + 42['b']", "got plaintext data when reconstructing a packet"),
  REFUSED ("P28", "451-[{'_placeholder':true,'num':0}] + <01>", "invalid payload"),
  REFUSED ("P28", "451-['connect',{'_placeholder':true,'num':0}] + <01>", "invalid payload"),
  REFUSED ("P28", "451-['a',{'_placeholder':true,'num':1}] + <01>", "illegal attachments"),
  REFUSED ("P28", "451-['a',{'_placeholder':true,'num':-1}] + <01>", "illegal attachments"),
  REFUSED ("P28", "451-['a',{'_placeholder':true,'num':0.5}] + <01>", "illegal attachments"),
  REFUSED ("P28", "451-['a',{'_placeholder':true,'num':'0'}] + <01>", "illegal attachments"),
  REFUSED ("P28", "451-['a',{'_placeholder':true}] + <01>", "illegal attachments"),

  HARMLESS ("D36", "40{}"),
  HARMLESS ("D36", "40{} + 40{}"),
  HARMLESS ("P30", "430[]"),
  HARMLESS ("P30", "43[]"),
  HARMLESS ("P30", "40/admin?x=1,{}"),
  HARMLESS ("P30", "40/admin"),
  HARMLESS ("P29", "44"),
  HARMLESS ("P36", "44{'message':'no'}"),
  HARMLESS ("P31", "41/x,"),
  HARMLESS ("P31", "451-/x,['a',{'_placeholder':true,'num':0}] + <01>"),
  HARMLESS ("P37", "429007199254740991['a']"),

  PLAY (
    "D36: an empty frame over websocket ends the transport",
    JOIN_WS,
    "server  ws ",
    "heard   disconnect transport error: PROTOCOL server error: parser error…"),

  PLAY (
    "D36: 2 alone is a ping",
    JOIN_WS,
    "server  ws 2",
    "client  ws 3"),

  PLAY (
    "P30: what is accepted though it is odd",
    JOIN_WS,
    "server  ws 42/,['a'] + 42[ 'b' , 1 ] + 42[1e0] + 42['\\ud800']",
    "heard   event a []",
    "heard   event b [ 1 ]",
    "heard   event 1 []",
    "heard   event � []"),

  PLAY (
    "P28: base64 that is none",
    JOIN_WS,
    "server  ws 451-['a',{'_placeholder':true,'num':0}] + b!",
    "heard   disconnect transport error: PROTOCOL server error: parser error…"),

  PLAY (
    "P33: eleven parts are refused, for all namespaces",
    JOIN_WS,
    "user    /a open",
    "client  ws 40/a,",
    "server  ws 40/a,{'sid':'A'}",
    "heard   /a connect",
    "server  ws 4511-/a,['a']",
    "client  ws (close)",
    "heard   disconnect parse error: PROTOCOL too many attachments…",
    "heard   /a disconnect parse error: PROTOCOL too many attachments…",
    "wait    1000",
    "client  ws (open)"),

  PLAY (
    "D38: parts that never come",
    JOIN_WS,
    "server  ws 452-['a',{'_placeholder':true,'num':0},{'_placeholder':true,'num':1}]",
    "wait    10000",
    "server  ws <01>",
    "wait    9999",
    "wait    1",
    "client  ws (close)",
    "heard   disconnect parse error: PROTOCOL …"),

  PLAY (
    "D38: parts that come just in time",
    JOIN_WS,
    "server  ws 451-['a',{'_placeholder':true,'num':0}]",
    "wait    19999",
    "server  ws <01>",
    "heard   event a [<01>]",
    "wait    1"),

  PLAY (
    "P50: the same over polling; what came before is delivered",
    JOIN_POLLING,
    "hear    manager",
    "server  poll 42['a'] + 42{} + 42['b']",
    "client  get",
    "heard   event a []",
    "client  poll 1",
    "heard   manager close parse error: PROTOCOL invalid payload…",
    "heard   disconnect parse error: PROTOCOL invalid payload…",
    "wait    1000",
    "heard   manager reconnect_attempt 1",
    "client  get"),

  PLAY (
    "P50: before the namespace was joined",
    OPEN_WS,
    "client  ws 40",
    "server  ws 42{}",
    "client  ws (close)",
    "heard   connect_error PROTOCOL invalid payload…",
    "state   active",
    "wait    1000",
    REJOIN_WS,
    "heard   connect"),

  PLAY (
    "P50: an early event that cannot be understood",
    OPEN_WS,
    "client  ws 40",
    "server  ws 42['a'] + 42['connect']",
    "client  ws (close)",
    "heard   connect_error PROTOCOL invalid payload…"),

  PLAY (
    "P50: in the middle of an upgrade",
    JOIN_PAUSING,
    "server  poll 42{}",
    "client  ws 5",
    "heard   disconnect parse error: PROTOCOL invalid payload…",
    "client  ws (close)"),

  PLAY (
    "E88: handshake that is a refusal",
    "user    open",
    "client  get",
    "server  poll {'code':5,'message':'Unsupported protocol version'}",
    "heard   connect_error PROTOCOL …",
    "state   active"),

  PLAY (
    "D41: session ids that cannot be in a URL or a log",
    "user    open",
    "client  get",
    "server  poll 0{'sid':'a\\nb','upgrades':[],'pingInterval':25000,'pingTimeout':20000}",
    "heard   connect_error PROTOCOL …",
    "wait    1000",
    "client  get",
    "server  poll 0{'sid':'(x*257)','upgrades':[],'pingInterval':25000,'pingTimeout':20000}",
    "heard   connect_error PROTOCOL …",
    "wait    2000",
    "client  get",
    "server  poll 0{'sid':'','upgrades':[],'pingInterval':25000,'pingTimeout':20000}",
    "heard   connect_error PROTOCOL …",
    "wait    4000",
    "client  get",
    "server  poll 0{'sid':7,'upgrades':[],'pingInterval':25000,'pingTimeout':20000}",
    "heard   connect_error PROTOCOL …",
    "wait    5000",
    "client  get",
    "server  poll 0['sid']",
    "heard   connect_error PROTOCOL …"),
};
/* clang-format on */

int
main (int argc, char **argv)
{
  return sio_play_main (argc, argv, "hazards", plays, G_N_ELEMENTS (plays));
}
