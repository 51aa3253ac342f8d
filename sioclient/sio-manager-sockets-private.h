/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-socket-private.h"

G_BEGIN_DECLS

/* The socket for a namespace if there is one; not a reference. */
SioSocket *sio_manager_find_socket (SioManager *self, const char *nsp);

G_END_DECLS
