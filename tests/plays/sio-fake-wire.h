/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "transport/sio-transport-private.h"

G_BEGIN_DECLS

/* clang-format off */

/* A network that exists only on paper: transports that write down what they are asked to do, and
 * bring what the play lets the server do. They keep the rules of the real ones: one GET and one
 * POST at a time, nothing is told inside a call of the owner, an end that is told once. */
typedef struct _SioFakeWire SioFakeWire;

/* One line for each thing that the server would see; transports are numbered from 1. */
typedef void (*SioFakeWireFunc) (gpointer data, guint transport, const char *line);

SioFakeWire *sio_fake_wire_new (SioFakeWireFunc func, gpointer data);
/* All transports must be gone. */
void sio_fake_wire_free (SioFakeWire *self);
SioTransportFactory *sio_fake_wire_get_factory (SioFakeWire *self);
guint sio_fake_wire_count (SioFakeWire *self);

/* What the server could do with a transport. */
typedef enum
{
  SIO_FAKE_WIRE_GET = 1 << 0,
  SIO_FAKE_WIRE_POST = 1 << 1,
  SIO_FAKE_WIRE_OPENING = 1 << 2, /* a websocket */
  SIO_FAKE_WIRE_OPEN = 1 << 3,    /* likewise */
} SioFakeWireChance;
SioFakeWireChance sio_fake_wire_look (SioFakeWire *self, guint index, guint *transport);
/* Only with that one from now on; 0 for the one that is meant most likely. */
void sio_fake_wire_select (SioFakeWire *self, guint transport);

/* What the server does, in the words of a play. NULL, or why it can't do that now. */
const char *sio_fake_wire_poll (SioFakeWire *self, const char *what);
const char *sio_fake_wire_post (SioFakeWire *self, const char *what);
const char *sio_fake_wire_ws (SioFakeWire *self, const char *what);

/* clang-format on */

G_END_DECLS
