/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-manager-private.h"

G_BEGIN_DECLS

/* Whether the connection of @manager is the one that somebody asks for who gives @url and @options.
 * Origin and path are the same already. */
gboolean sio_io_may_share (SioManager *manager, const SioUrl *url, SioOptions *options);

G_END_DECLS
