/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* clang-format off */

/* A play is a list of lines; the first is its title, which begins with the number of the rule that
 * it proves. Everything in it is real but the network and the time.
 *
 * What happens:
 *
 *   option  NAME VALUE       before all else: an option of the manager and its sockets, or the url,
 *                            or limit-NAME, one of the limits of what a program may do
 *   hear    WHAT             from now on note signals of: manager, engine, notify, schedule (when
 *                            the next attempt is); from the beginning only: packets, outgoing; or
 *                            nothing, for no events
 *   random  NUMBER           what chance will say from now on; 0 until told
 *   user    ACTION; ACTION   the program, all in one turn; see sio-play-program.c
 *   when    HEARD: ACTION    the program, inside the handler of what it hears next; once
 *   always  HEARD: ACTION    likewise, each time
 *   server  poll PAYLOAD     answers the GET; also (error WORDS). Packets are divided by " + "
 *   server  ok               answers the POST; also post (error WORDS)
 *   server  ws FRAME         also (accept), (close), (error WORDS), and (stall), (drain) for
 *                            what is written to it. More than one, divided by " + ", come at once
 *   network lost             also back, changed, and more; see sio-fake-network.h
 *   wait    MS               time passes
 *   sleep   MS               it does while the machine is suspended
 *
 * What comes of it, all of it, in this order, before anything else may happen:
 *
 *   client  get              a GET; get (abort) if it is cut off
 *   client  poll PAYLOAD     a POST; likewise
 *   client  network (watch)  also (ask), (leave)
 *   client  ws FRAME         also (open), (open with sid SID), (close), (abort)
 *   heard   WHAT             a signal or callback, as in sio-play-program.c
 *   state   ITEM, ITEM       how things stand
 *
 * ' stands for ", (x*30) for thirty x, <0102> for binary data; an expectation that ends with … is
 * a beginning. */
#define PLAY(...)                                                                                  \
  (const char *const[]) { __VA_ARGS__, NULL }
typedef const char *const *SioPlayLines;

/* Runs each as /plays/TOPIC/TITLE. */
int sio_play_main (int argc, char **argv, const char *topic, const SioPlayLines *plays, gsize n_plays);

/* Beginnings that many plays share. */
#define SIO_PLAY_HANDSHAKE                                                                         \
  "0{'sid':'E','upgrades':[],'pingInterval':25000,'pingTimeout':20000,'maxPayload':100}"
#define SIO_PLAY_HANDSHAKE_UPGRADE                                                                 \
  "0{'sid':'E','upgrades':['websocket'],'pingInterval':25000,'pingTimeout':20000,"                 \
  "'maxPayload':1000000}"

/* An engine session; what follows is CONNECT. */
#define OPEN_POLLING "user open", "client get", "server poll " SIO_PLAY_HANDSHAKE
#define OPEN_WS                                                                                    \
  "option transports websocket", "user open", "client ws (open)", "server ws (accept)",            \
      "server ws " SIO_PLAY_HANDSHAKE
/* Connected to the main namespace, as X. */
#define JOIN_POLLING                                                                               \
  OPEN_POLLING, "client poll 40", "client get", "server ok", "server poll 40{'sid':'X'}",          \
      "client get", "heard connect"
#define JOIN_WS OPEN_WS, "client ws 40", "server ws 40{'sid':'X'}", "heard connect"
/* The same with a server that takes websockets; the probe is under way. */
#define JOIN_PROBING                                                                               \
  "user open", "client get", "server poll " SIO_PLAY_HANDSHAKE_UPGRADE, "client poll 40",          \
      "client get", "client ws (open with sid E)", "server ok", "server poll 40{'sid':'X'}",       \
      "client get", "heard connect"
/* Polling is asked to pause: a GET is in flight. */
#define JOIN_PAUSING JOIN_PROBING, "server ws (accept)", "client ws 2probe", "server ws 3probe"
/* The same once more after the connection was lost, as Y. */
#define REJOIN_WS                                                                                  \
  "client ws (open)", "server ws (accept)", "server ws " SIO_PLAY_HANDSHAKE, "client ws 40",       \
      "server ws 40{'sid':'Y'}"

/* clang-format on */

G_END_DECLS
