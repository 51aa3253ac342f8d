/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-socket-private.h"

G_BEGIN_DECLS

/* The socket for a namespace, which is made if need be and left alone if not; a reference. Of
 * @options only those of a socket are read. */
SioSocket *sio_manager_make_socket (SioManager *self, const char *nsp, SioOptions *options);
/* The socket for a namespace if there is one; not a reference. */
SioSocket *sio_manager_find_socket (SioManager *self, const char *nsp);

G_END_DECLS
