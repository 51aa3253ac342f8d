/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined(SIO_INSIDE) && !defined(SIO_COMPILATION)
#error "Only <sioclient/sio.h> can be included directly."
#endif

#include "sio-value.h"

G_BEGIN_DECLS

/* clang-format off */

#define SIO_TYPE_EVENT (sio_event_get_type ())
SIO_AVAILABLE_IN_1_0
GType       sio_event_get_type       (void) G_GNUC_CONST;

SIO_AVAILABLE_IN_1_0
SioEvent   *sio_event_ref            (SioEvent   *event);
SIO_AVAILABLE_IN_1_0
void        sio_event_unref          (SioEvent   *event);

SIO_AVAILABLE_IN_1_0
const char *sio_event_get_name       (SioEvent   *event);
SIO_AVAILABLE_IN_1_0
GBytes     *sio_event_get_name_bytes (SioEvent *event);
SIO_AVAILABLE_IN_1_0
SioValue   *sio_event_get_args       (SioEvent   *event);
SIO_AVAILABLE_IN_1_0
guint       sio_event_get_n_args     (SioEvent   *event);
SIO_AVAILABLE_IN_1_0
SioValue   *sio_event_get_arg        (SioEvent   *event,
                                      guint       index_);
SIO_AVAILABLE_IN_1_0
const char *sio_event_get_string     (SioEvent   *event,
                                      guint       index_);
SIO_AVAILABLE_IN_1_0
const char *sio_event_get_json       (SioEvent   *event,
                                      GPtrArray **attachments);
SIO_AVAILABLE_IN_1_0
gboolean    sio_event_unpack         (SioEvent   *event,
                                      const char *format,
                                      ...);
SIO_AVAILABLE_IN_1_0
gboolean    sio_event_needs_ack      (SioEvent   *event);
SIO_AVAILABLE_IN_1_0
void        sio_event_ack            (SioEvent   *event,
                                      const char *format,
                                      ...);
SIO_AVAILABLE_IN_1_0
void        sio_event_ack_args       (SioEvent   *event,
                                      SioValue   *args);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioEvent, sio_event_unref)

/* clang-format on */

G_END_DECLS
