/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The body of an HTTP answer, from the bytes that follow its head: where it ends, whether all of it
 * is there, and what it is when expanded. libsoup takes a body in chunks for whole when the
 * connection ends between two of them, reads only the first of several members of gzip, and reads
 * on without an end where much comes that stands for nothing. */
typedef struct _SioHttpBody SioHttpBody;

typedef enum
{
  SIO_HTTP_BODY_LENGTH,
  SIO_HTTP_BODY_CHUNKED,
  SIO_HTTP_BODY_UNTIL_END, /* of the connection */
} SioHttpBodyFraming;

/* @length is for the first framing. At most @limit bytes come out, and at most about as many may
 * go in for them. */
SioHttpBody *
sio_http_body_new (SioHttpBodyFraming framing, guint64 length, gboolean gzip, gsize limit);
void sio_http_body_free (SioHttpBody *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioHttpBody, sio_http_body_free)

/* How many bytes may be read at once, at most @size, so that little is done with them. 0 once
 * it is whole. */
gsize sio_http_body_get_appetite (SioHttpBody *self, gsize size);
/* Of what was read. FALSE, with an error that says only the cause, if there can't be a body in it;
 * what was read before stays. */
gboolean sio_http_body_take (SioHttpBody *self, const guint8 *data, gsize length, GError **error);
/* The connection has ended. FALSE if that was too early. */
gboolean sio_http_body_end (SioHttpBody *self, GError **error);

/* All is there. */
gboolean sio_http_body_is_whole (SioHttpBody *self);
/* Something came behind it, so that nothing else can be expected on that connection. */
gboolean sio_http_body_has_surplus (SioHttpBody *self);
/* As much as there is. */
const char *sio_http_body_peek (SioHttpBody *self, gsize *length);
GBytes *sio_http_body_steal (SioHttpBody *self);

G_END_DECLS
