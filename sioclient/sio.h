/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define SIO_INSIDE

#include "sio-version.h"
#include "sio-version-macros.h"

#include "sio-types.h"
#include "sio-enums.h"
#include "sio-value.h"
#include "sio-event.h"
#include "sio-options.h"
#include "sio-engine.h"
#include "sio-manager.h"
#include "sio-socket.h"

#undef SIO_INSIDE

G_END_DECLS
