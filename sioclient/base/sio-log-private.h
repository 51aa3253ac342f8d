/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A peer's words made fit to be shown in an error or a log: control characters
 * and bytes that are not UTF-8 escaped, cut to @limit bytes with an ellipsis. */
char *sio_log_quote (const char *text, gsize length, gsize limit);

/* g_debug() formats, and makes fields of, what is then thrown away, and to connect has a dozen of
 * messages. This asks first whether G_MESSAGES_DEBUG, or the program, wants to see them. */
#define sio_debug(...)                                                                             \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!g_log_writer_default_would_drop (G_LOG_LEVEL_DEBUG, G_LOG_DOMAIN))                        \
      g_debug (__VA_ARGS__);                                                                       \
  }                                                                                                \
  G_STMT_END

G_END_DECLS
