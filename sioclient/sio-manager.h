/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(SIO_INSIDE) && !defined(SIO_COMPILATION)
#error "Only <sioclient/sio.h> can be included directly."
#endif

#include "sio-types.h"
#include "sio-options.h"

G_BEGIN_DECLS

/* clang-format off */

SIO_AVAILABLE_IN_1_0
SioSocket  *sio_io                                 (const char          *url,
                                                    SioOptions          *options);

SIO_AVAILABLE_IN_1_0
SioManager *sio_manager_new                        (const char          *url,
                                                    SioOptions          *options);
SIO_AVAILABLE_IN_1_0
SioSocket  *sio_manager_get_socket                 (SioManager          *self,
                                                    const char          *nsp,
                                                    SioOptions          *options);
SIO_AVAILABLE_IN_1_0
void        sio_manager_open                       (SioManager          *self);
SIO_AVAILABLE_IN_1_0
void        sio_manager_connect                    (SioManager          *self);
SIO_AVAILABLE_IN_1_0
void        sio_manager_open_async                 (SioManager          *self,
                                                    GCancellable        *cancellable,
                                                    GAsyncReadyCallback  callback,
                                                    gpointer             user_data);
SIO_AVAILABLE_IN_1_0
gboolean    sio_manager_open_finish                (SioManager          *self,
                                                    GAsyncResult        *result,
                                                    GError             **error);
SIO_AVAILABLE_IN_1_0
gboolean    sio_manager_reconnect_now              (SioManager          *self);
SIO_AVAILABLE_IN_1_0
gint64      sio_manager_get_next_attempt_time      (SioManager          *self);
SIO_AVAILABLE_IN_1_0
const char *sio_manager_get_url                    (SioManager          *self);
SIO_AVAILABLE_IN_1_0
SioEngine  *sio_manager_get_engine                 (SioManager          *self);
SIO_AVAILABLE_IN_1_0
gboolean    sio_manager_get_reconnection           (SioManager          *self);
SIO_AVAILABLE_IN_1_0
void        sio_manager_set_reconnection           (SioManager          *self,
                                                    gboolean             reconnection);
SIO_AVAILABLE_IN_1_0
int         sio_manager_get_reconnection_attempts  (SioManager          *self);
SIO_AVAILABLE_IN_1_0
void        sio_manager_set_reconnection_attempts  (SioManager          *self,
                                                    int                  attempts);
SIO_AVAILABLE_IN_1_0
guint       sio_manager_get_reconnection_delay     (SioManager          *self);
SIO_AVAILABLE_IN_1_0
void        sio_manager_set_reconnection_delay     (SioManager          *self,
                                                    guint                delay);
SIO_AVAILABLE_IN_1_0
guint       sio_manager_get_reconnection_delay_max (SioManager          *self);
SIO_AVAILABLE_IN_1_0
void        sio_manager_set_reconnection_delay_max (SioManager          *self,
                                                    guint                delay_max);
SIO_AVAILABLE_IN_1_0
double      sio_manager_get_randomization_factor   (SioManager          *self);
SIO_AVAILABLE_IN_1_0
void        sio_manager_set_randomization_factor   (SioManager          *self,
                                                    double               factor);
SIO_AVAILABLE_IN_1_0
guint       sio_manager_get_timeout                (SioManager          *self);
SIO_AVAILABLE_IN_1_0
void        sio_manager_set_timeout                (SioManager          *self,
                                                    guint                timeout);

/* clang-format on */

G_END_DECLS
