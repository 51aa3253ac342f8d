/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-types.h"

/**
 * sio_error_quark:
 *
 * Gets the domain of the errors of this library, [error@Sio.Error].
 *
 * Returns: the domain
 */
/* clang-format off */
G_DEFINE_QUARK (sio-error-quark, sio_error)
/* clang-format on */

/**
 * sio_disconnect_reason_to_string:
 * @reason: a reason
 *
 * Gets the words that other Socket.IO clients use: `io server disconnect`, `ping timeout`, …
 *
 * They are part of the protocol and never translated.
 *
 * Returns: (transfer none): the words
 */
const char *
sio_disconnect_reason_to_string (SioDisconnectReason reason)
{
  switch (reason)
    {
    case SIO_DISCONNECT_REASON_IO_SERVER_DISCONNECT:
      return "io server disconnect";
    case SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT:
      return "io client disconnect";
    case SIO_DISCONNECT_REASON_PING_TIMEOUT:
      return "ping timeout";
    case SIO_DISCONNECT_REASON_TRANSPORT_CLOSE:
      return "transport close";
    case SIO_DISCONNECT_REASON_TRANSPORT_ERROR:
      return "transport error";
    case SIO_DISCONNECT_REASON_PARSE_ERROR:
      return "parse error";
    }

  g_return_val_if_reached ("transport error");
}
