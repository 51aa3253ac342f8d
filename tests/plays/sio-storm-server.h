/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-play-private.h"

G_BEGIN_DECLS

/* clang-format off */

/* A server that knows the rules and minds them: it notes what the client does against them, and it
 * can do all that a real one might, at random or in an honest way. */
typedef struct _SioStormServer SioStormServer;

SioStormServer *sio_storm_server_new (SioPlay *play, GRand *rand);
void sio_storm_server_free (SioStormServer *self);
/* A line of the wire. */
void sio_storm_server_see (SioStormServer *self, guint transport, const char *line);
/* Something at random. */
void sio_storm_server_act (SioStormServer *self);
/* What a server has to do, for all sessions. */
void sio_storm_server_behave (SioStormServer *self);
/* What the client did wrong first, or NULL. */
const char *sio_storm_server_get_complaint (SioStormServer *self);

/* clang-format on */

G_END_DECLS
