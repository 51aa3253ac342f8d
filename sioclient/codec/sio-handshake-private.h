/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Payload of the open packet (E38), looked over and brought into bounds. */
typedef struct
{
  char *sid;
  gboolean may_upgrade; /* the server would upgrade to websocket; other names are ignored */
  guint ping_interval;  /* ms, 1 … one day */
  guint ping_timeout;   /* ms, 1 … one day */
  gsize max_payload;    /* bytes, 0: the server did not say */
} SioHandshake;

#define SIO_HANDSHAKE_INIT                                                                         \
  {                                                                                                \
    NULL, FALSE, 0, 0, 0                                                                           \
  }

/* SIO_ERROR_PROTOCOL for what is not JSON, lacks a usable sid (non-empty, at most 256 bytes, no
 * control characters), or has intervals that are not positive numbers. */
gboolean sio_handshake_parse (SioHandshake *self, const char *text, gsize length, GError **error);
/* The usable sid of a handshake that need not be usable in all else; NULL if there is none. */
char *sio_handshake_find_sid (const char *text, gsize length);
void sio_handshake_clear (SioHandshake *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SioHandshake, sio_handshake_clear)

G_END_DECLS
