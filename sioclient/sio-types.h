/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(SIO_INSIDE) && !defined(SIO_COMPILATION)
#error "Only <sioclient/sio.h> can be included directly."
#endif

#include <gio/gio.h>

#include "sio-version-macros.h"

G_BEGIN_DECLS

/* clang-format off */

/* Here rather than in their own headers, as these know each other. */
#define SIO_TYPE_OPTIONS (sio_options_get_type ())
SIO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (SioOptions, sio_options, SIO, OPTIONS, GObject)

#define SIO_TYPE_ENGINE (sio_engine_get_type ())
SIO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (SioEngine, sio_engine, SIO, ENGINE, GObject)

#define SIO_TYPE_MANAGER (sio_manager_get_type ())
SIO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (SioManager, sio_manager, SIO, MANAGER, GObject)

#define SIO_TYPE_SOCKET (sio_socket_get_type ())
SIO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (SioSocket, sio_socket, SIO, SOCKET, GObject)

typedef struct _SioValue       SioValue;
typedef struct _SioEvent       SioEvent;
typedef struct _SioAuthRequest SioAuthRequest;

/**
 * SIO_PROTOCOL:
 *
 * The revision of the Socket.IO protocol that is spoken (5, over Engine.IO 4).
 */
#define SIO_PROTOCOL 5

/**
 * SIO_DEFAULT_NAMESPACE:
 *
 * The name of the main namespace.
 */
#define SIO_DEFAULT_NAMESPACE "/"

/**
 * SioError:
 * @SIO_ERROR_FAILED: another failure
 * @SIO_ERROR_INVALID_URL: the URL is not one to connect to
 * @SIO_ERROR_TRANSPORT: a request or a WebSocket failed
 * @SIO_ERROR_PROTOCOL: the server sent what the protocol does not allow, or speaks another revision
 * @SIO_ERROR_REJECTED: the server refused the connection to the namespace
 * @SIO_ERROR_DISCONNECTED: the socket was disconnected before the acknowledgement came, or has gone
 *   away before the event was sent
 * @SIO_ERROR_NOT_SENT: a volatile event that wanted an acknowledgement was dropped
 * @SIO_ERROR_LIMIT_EXCEEDED: more than a limit of this library allows
 *
 * Errors of this library. A time limit that ran out is %G_IO_ERROR_TIMED_OUT,
 * a cancelled operation %G_IO_ERROR_CANCELLED, bad JSON %G_IO_ERROR_INVALID_DATA.
 */
typedef enum {
  SIO_ERROR_FAILED,
  SIO_ERROR_INVALID_URL,
  SIO_ERROR_TRANSPORT,
  SIO_ERROR_PROTOCOL,
  SIO_ERROR_REJECTED,
  SIO_ERROR_DISCONNECTED,
  SIO_ERROR_NOT_SENT,
  SIO_ERROR_LIMIT_EXCEEDED,
} SioError;

#define SIO_ERROR (sio_error_quark ())
SIO_AVAILABLE_IN_1_0
GQuark sio_error_quark (void);

/**
 * SioDisconnectReason:
 * @SIO_DISCONNECT_REASON_IO_SERVER_DISCONNECT: the server disconnected the socket
 * @SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT: [method@Socket.close] was called
 * @SIO_DISCONNECT_REASON_PING_TIMEOUT: no ping came in time
 * @SIO_DISCONNECT_REASON_TRANSPORT_CLOSE: the connection was closed
 * @SIO_DISCONNECT_REASON_TRANSPORT_ERROR: the connection failed
 * @SIO_DISCONNECT_REASON_PARSE_ERROR: a packet could not be understood
 *
 * Why a socket is no longer connected. After the first two it does not reconnect by itself.
 */
typedef enum {
  SIO_DISCONNECT_REASON_IO_SERVER_DISCONNECT,
  SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT,
  SIO_DISCONNECT_REASON_PING_TIMEOUT,
  SIO_DISCONNECT_REASON_TRANSPORT_CLOSE,
  SIO_DISCONNECT_REASON_TRANSPORT_ERROR,
  SIO_DISCONNECT_REASON_PARSE_ERROR,
} SioDisconnectReason;

SIO_AVAILABLE_IN_1_0
const char *sio_disconnect_reason_to_string (SioDisconnectReason reason);

/* clang-format on */

G_END_DECLS
