/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "walk.h"

/* What stands around a call. */

typedef struct _WalkThing WalkThing;

WalkThing *walk_thing_new (gpointer thing, GDestroyNotify destroy);
/* A server that refuses every connection. */
const char *walk_url (void);
const char *walk_absurd_string (void);
const char *walk_long_string (void);
GType walk_target_get_type (void);
GObject *walk_new_target (Walk *walk);
/* Somebody who asks is answered exactly once. */
void walk_asked (void);
void walk_answered (void);
void walk_drop_later (gpointer object);
