/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "transport/sio-soup-private.h"

G_BEGIN_DECLS

/* How own framing gets at the bytes of a connection, for this room alone. All return how many bytes
 * there were, or one of these; @error is set for the second. */
#define SIO_STREAM_IO_WOULD_BLOCK (-2)
#define SIO_STREAM_IO_FAILED      (-1)

/* The socket, if nothing else is between it and @stream, or -1. */
int sio_stream_io_find_descriptor (GIOStream *stream);

/* What g_socket_receive() and g_socket_send() do, less the errors that are made only to say that
 * there is nothing. */
gssize sio_stream_io_receive_directly (int fd, guint8 *room, gsize size, GError **error);
gssize sio_stream_io_send_directly (int fd, const guint8 *data, gsize length, GError **error);

/* TLS may have to do more than that, in the context of its caller. */
gssize sio_stream_io_receive (GPollableInputStream *in,
                              const SioSettings *settings,
                              guint8 *room,
                              gsize size,
                              GError **error);
gssize sio_stream_io_send (GPollableOutputStream *out,
                           const SioSettings *settings,
                           const guint8 *data,
                           gsize length,
                           GError **error);

G_END_DECLS
