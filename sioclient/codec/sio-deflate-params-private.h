/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What was agreed on for permessage-deflate (RFC 7692, 7.1). */
typedef struct
{
  gboolean server_no_context_takeover;
  gboolean client_no_context_takeover;
  guint server_max_window_bits; /* 8 to 15 */
  guint client_max_window_bits;
} SioDeflateParams;

#define SIO_DEFLATE_NAME        "permessage-deflate"
#define SIO_DEFLATE_WINDOW_BITS 15
/* We offer to use a smaller window, and leave the rest to the server. */
#define SIO_DEFLATE_OFFER "client_max_window_bits"

#define SIO_DEFLATE_PARAMS_INIT                                                                    \
  {                                                                                                \
    FALSE, FALSE, SIO_DEFLATE_WINDOW_BITS, SIO_DEFLATE_WINDOW_BITS                                 \
  }

/* Takes one parameter of a server's answer; @value is NULL if it has none. SIO_ERROR_TRANSPORT if
 * it is unknown or has a value that it must not have. */
gboolean sio_deflate_params_take (SioDeflateParams *self,
                                  const char *name,
                                  const char *value,
                                  GError **error);

G_END_DECLS
