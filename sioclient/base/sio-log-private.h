/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A peer's words made fit to be shown in an error or a log: control characters
 * and bytes that are not UTF-8 escaped, cut to @limit bytes with an ellipsis. */
char *sio_log_quote (const char *text, gsize length, gsize limit);

G_END_DECLS
