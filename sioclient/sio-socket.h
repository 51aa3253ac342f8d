/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(SIO_INSIDE) && !defined(SIO_COMPILATION)
#error "Only <sioclient/sio.h> can be included directly."
#endif

#include "sio-manager.h"
#include "sio-event.h"

G_BEGIN_DECLS

/* clang-format off */

/**
 * SioEventFunc:
 * @socket: the socket
 * @event: the event
 * @user_data: what was given along
 *
 * Hears an event. Of the same form as a handler of [signal@Socket::event].
 */
typedef void (*SioEventFunc) (SioSocket *socket,
                              SioEvent  *event,
                              gpointer   user_data);
/**
 * SioAckFunc:
 * @socket: the socket
 * @args: (nullable): all arguments of the answer, an array, or %NULL with @error set
 * @error: (nullable): why there is no answer
 * @user_data: what was given along
 *
 * Hears the acknowledgement of an event that was sent.
 */
typedef void (*SioAckFunc)   (SioSocket    *socket,
                              SioValue     *args,
                              const GError *error,
                              gpointer      user_data);

SIO_AVAILABLE_IN_1_0
SioSocket  *sio_socket_open                   (SioSocket           *self);
SIO_AVAILABLE_IN_1_0
SioSocket  *sio_socket_close                  (SioSocket           *self);
SIO_AVAILABLE_IN_1_0
SioSocket  *sio_socket_connect                (SioSocket           *self);
SIO_AVAILABLE_IN_1_0
SioSocket  *sio_socket_disconnect             (SioSocket           *self);

SIO_AVAILABLE_IN_1_0
gboolean    sio_socket_get_active             (SioSocket           *self);
SIO_AVAILABLE_IN_1_0
gboolean    sio_socket_get_connected          (SioSocket           *self);
SIO_AVAILABLE_IN_1_0
gboolean    sio_socket_get_disconnected       (SioSocket           *self);
SIO_AVAILABLE_IN_1_0
gboolean    sio_socket_get_recovered          (SioSocket           *self);
SIO_AVAILABLE_IN_1_0
const char *sio_socket_get_id                 (SioSocket           *self);
SIO_AVAILABLE_IN_1_0
const char *sio_socket_get_nsp                (SioSocket           *self);
SIO_AVAILABLE_IN_1_0
SioManager *sio_socket_get_io                 (SioSocket           *self);
SIO_AVAILABLE_IN_1_0
SioValue   *sio_socket_get_auth               (SioSocket           *self);
SIO_AVAILABLE_IN_1_0
void        sio_socket_set_auth               (SioSocket           *self,
                                               SioValue            *auth);
SIO_AVAILABLE_IN_1_0
void        sio_socket_set_auth_func          (SioSocket           *self,
                                               SioAuthFunc          func,
                                               gpointer             user_data,
                                               GDestroyNotify       destroy);

SIO_AVAILABLE_IN_1_0
void        sio_socket_emit                   (SioSocket           *self,
                                               const char          *event,
                                               const char          *format,
                                               ...);
SIO_AVAILABLE_IN_1_0
void        sio_socket_emit_args              (SioSocket           *self,
                                               const char          *event,
                                               SioValue            *args);
SIO_AVAILABLE_IN_1_0
void        sio_socket_emit_with_callback     (SioSocket           *self,
                                               const char          *event,
                                               SioValue            *args,
                                               SioAckFunc           callback,
                                               gpointer             user_data,
                                               GDestroyNotify       destroy);
SIO_AVAILABLE_IN_1_0
void        sio_socket_emit_with_ack_async    (SioSocket           *self,
                                               const char          *event,
                                               SioValue            *args,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data);
SIO_AVAILABLE_IN_1_0
SioValue   *sio_socket_emit_with_ack_finish   (SioSocket           *self,
                                               GAsyncResult        *result,
                                               GError             **error);
SIO_AVAILABLE_IN_1_0
void        sio_socket_send                   (SioSocket           *self,
                                               const char          *format,
                                               ...);
SIO_AVAILABLE_IN_1_0
void        sio_socket_send_args              (SioSocket           *self,
                                               SioValue            *args);

SIO_AVAILABLE_IN_1_0
SioSocket  *sio_socket_timeout                (SioSocket           *self,
                                               guint                milliseconds);
SIO_AVAILABLE_IN_1_0
SioSocket  *sio_socket_compress               (SioSocket           *self,
                                               gboolean             compress);
SIO_AVAILABLE_IN_1_0
SioSocket  *sio_socket_make_volatile          (SioSocket           *self);
SIO_AVAILABLE_IN_1_0
SioSocket  *sio_socket_volatile               (SioSocket           *self);

SIO_AVAILABLE_IN_1_0
gulong      sio_socket_on                     (SioSocket           *self,
                                               const char          *event,
                                               SioEventFunc         callback,
                                               gpointer             user_data,
                                               GDestroyNotify       destroy);
SIO_AVAILABLE_IN_1_0
gulong      sio_socket_once                   (SioSocket           *self,
                                               const char          *event,
                                               SioEventFunc         callback,
                                               gpointer             user_data,
                                               GDestroyNotify       destroy);
SIO_AVAILABLE_IN_1_0
void        sio_socket_off                    (SioSocket           *self,
                                               const char          *event,
                                               gulong               listener);
SIO_AVAILABLE_IN_1_0
void        sio_socket_off_func               (SioSocket           *self,
                                               const char          *event,
                                               SioEventFunc         callback,
                                               gpointer             user_data);
SIO_AVAILABLE_IN_1_0
gulong     *sio_socket_listeners              (SioSocket           *self,
                                               const char          *event,
                                               guint               *n_listeners);
SIO_AVAILABLE_IN_1_0
gboolean    sio_socket_has_listeners          (SioSocket           *self,
                                               const char          *event);

SIO_AVAILABLE_IN_1_0
gulong      sio_socket_on_any                 (SioSocket           *self,
                                               SioEventFunc         callback,
                                               gpointer             user_data,
                                               GDestroyNotify       destroy);
SIO_AVAILABLE_IN_1_0
gulong      sio_socket_prepend_any            (SioSocket           *self,
                                               SioEventFunc         callback,
                                               gpointer             user_data,
                                               GDestroyNotify       destroy);
SIO_AVAILABLE_IN_1_0
void        sio_socket_off_any                (SioSocket           *self,
                                               gulong               listener);
SIO_AVAILABLE_IN_1_0
gulong     *sio_socket_listeners_any          (SioSocket           *self,
                                               guint               *n_listeners);
SIO_AVAILABLE_IN_1_0
gulong      sio_socket_on_any_outgoing        (SioSocket           *self,
                                               SioEventFunc         callback,
                                               gpointer             user_data,
                                               GDestroyNotify       destroy);
SIO_AVAILABLE_IN_1_0
gulong      sio_socket_prepend_any_outgoing   (SioSocket           *self,
                                               SioEventFunc         callback,
                                               gpointer             user_data,
                                               GDestroyNotify       destroy);
SIO_AVAILABLE_IN_1_0
void        sio_socket_off_any_outgoing       (SioSocket           *self,
                                               gulong               listener);
SIO_AVAILABLE_IN_1_0
gulong     *sio_socket_listeners_any_outgoing (SioSocket           *self,
                                               guint               *n_listeners);

/* clang-format on */

G_END_DECLS
