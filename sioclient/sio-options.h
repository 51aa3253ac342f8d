/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(SIO_INSIDE) && !defined(SIO_COMPILATION)
#error "Only <sioclient/sio.h> can be included directly."
#endif

#include "sio-types.h"
#include "sio-value.h"

G_BEGIN_DECLS

/* clang-format off */

/**
 * SioAuthRequest: (ref-func sio_auth_request_ref) (unref-func sio_auth_request_unref)
 *
 * A socket waits for what it is to present to the server. It can be answered later.
 */
#define SIO_TYPE_AUTH_REQUEST (sio_auth_request_get_type ())
SIO_AVAILABLE_IN_1_0
GType           sio_auth_request_get_type (void) G_GNUC_CONST;
SIO_AVAILABLE_IN_1_0
SioAuthRequest *sio_auth_request_ref      (SioAuthRequest *request);
SIO_AVAILABLE_IN_1_0
void            sio_auth_request_unref    (SioAuthRequest *request);
SIO_AVAILABLE_IN_1_0
void            sio_auth_request_accept   (SioAuthRequest *request,
                                           SioValue       *auth);
SIO_AVAILABLE_IN_1_0
GCancellable   *sio_auth_request_get_cancellable
                                          (SioAuthRequest *request);
SIO_AVAILABLE_IN_1_0
void            sio_auth_request_fail     (SioAuthRequest *request,
                                           const GError   *error);
SIO_AVAILABLE_IN_1_0
void            sio_auth_request_reject   (SioAuthRequest *request,
                                           const GError   *error);

/**
 * SioAuthFunc:
 * @socket: the socket
 * @request: what to answer, now or later
 * @user_data: what was given along
 *
 * Called before each connection of @socket.
 */
typedef void (*SioAuthFunc) (SioSocket      *socket,
                             SioAuthRequest *request,
                             gpointer        user_data);

SIO_AVAILABLE_IN_1_0
SioOptions *sio_options_new             (void);
SIO_AVAILABLE_IN_1_0
void        sio_options_set_header      (SioOptions    *self,
                                         const char    *name,
                                         const char    *value);
SIO_AVAILABLE_IN_1_0
gboolean    sio_options_set_header_checked
                                        (SioOptions    *self,
                                         const char    *name,
                                         const char    *value,
                                         GError       **error);
SIO_AVAILABLE_IN_1_0
void        sio_options_set_query_param (SioOptions    *self,
                                         const char    *name,
                                         const char    *value);
SIO_AVAILABLE_IN_1_0
gboolean    sio_options_set_query_param_checked
                                        (SioOptions    *self,
                                         const char    *name,
                                         const char    *value,
                                         GError       **error);
SIO_AVAILABLE_IN_1_0
void        sio_options_set_auth_func   (SioOptions    *self,
                                         SioAuthFunc    func,
                                         gpointer       user_data,
                                         GDestroyNotify destroy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioAuthRequest, sio_auth_request_unref)

/* clang-format on */

G_END_DECLS
