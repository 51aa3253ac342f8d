/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-transport-fixture.h"

G_BEGIN_DECLS

/* What the scripts for polling have in common. */

#define OPEN_PACKET "0{\"sid\":\"a\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}"
#define FIRST_GET   "GET /socket.io/?"
#define NEXT_GET    "GET /socket.io/?"

/* Answers the handshake. */
void open_session (SioRawPeer *peer);
/* The GET that comes next, left open. */
SioRawConn *hold_get (SioRawPeer *peer);

/* The handshake is never answered. */
void play_silence (SioRawPeer *peer);

G_END_DECLS
