/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "codec/sio-deflate-params-private.h"

G_BEGIN_DECLS

/* The messages of a WebSocket, compressed one by one (RFC 7692, 7.2). Both keep what they need from
 * one message to the next, about 40 KB to expand and 260 KB to compress at the most, from the first
 * message on; if the one who compresses does not look back, nothing. */
typedef struct _SioInflater SioInflater;
typedef struct _SioDeflater SioDeflater;

SioInflater *sio_inflater_new (const SioDeflateParams *params);
void sio_inflater_free (SioInflater *self);
/* Expands a whole message to no more than @limit bytes; NULL if it would be longer or is no such
 * message: SIO_ERROR_TRANSPORT, the cause alone, and in *close_code what to tell the server. After
 * that nothing more can be expanded. */
GBytes *sio_inflater_expand (SioInflater *self,
                             const guint8 *data,
                             gsize length,
                             gsize limit,
                             guint *close_code,
                             GError **error);

SioDeflater *sio_deflater_new (const SioDeflateParams *params);
void sio_deflater_free (SioDeflater *self);
/* NULL if the message has to go out as it is. */
GBytes *sio_deflater_compress (SioDeflater *self, const char *data, gsize length);

G_END_DECLS
