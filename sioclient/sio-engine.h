/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(SIO_INSIDE) && !defined(SIO_COMPILATION)
#error "Only <sioclient/sio.h> can be included directly."
#endif

#include "sio-types.h"

G_BEGIN_DECLS

/* clang-format off */

SIO_AVAILABLE_IN_1_0
const char *sio_engine_get_id             (SioEngine *self);
SIO_AVAILABLE_IN_1_0
const char *sio_engine_get_transport_name (SioEngine *self);

/* clang-format on */

G_END_DECLS
