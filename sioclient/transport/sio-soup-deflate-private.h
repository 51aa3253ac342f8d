/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "codec/sio-deflate-params-private.h"

G_BEGIN_DECLS

/* For this room alone: permessage-deflate as libsoup has it negotiated. What it agrees on is
 * carried out by our own framing, as libsoup's own expands messages without a limit and gives each
 * connection the memory to compress at once. */
#define SIO_TYPE_SOUP_DEFLATE (sio_soup_deflate_get_type ())
G_DECLARE_FINAL_TYPE (SioSoupDeflate, sio_soup_deflate, SIO, SOUP_DEFLATE, SoupWebsocketExtension)

/* So that the handshakes of @session can offer it; unless they do not want to. */
void sio_soup_deflate_add_to (SoupSession *session);
/* FALSE if nothing was agreed on. */
gboolean sio_soup_deflate_find (SoupWebsocketConnection *connection, SioDeflateParams *params);

G_END_DECLS
