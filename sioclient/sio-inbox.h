/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio.h"

G_BEGIN_DECLS

/* clang-format off */

/**
 * SioNoticeKind:
 * @SIO_NOTICE_EVENT: an event from the server
 * @SIO_NOTICE_OUTGOING: an event to the server
 * @SIO_NOTICE_ACK: the answer to an event, or the lack of one
 * @SIO_NOTICE_CONNECT: connected
 * @SIO_NOTICE_CONNECT_ERROR: not connected
 * @SIO_NOTICE_DISCONNECT: no longer connected
 * @SIO_NOTICE_AUTH: somebody has to say what to present to the server
 * @SIO_NOTICE_OPEN: how an attempt to open a manager has ended
 * @SIO_NOTICE_SIGNAL: what a signal of a manager or an engine says
 *
 * What a [struct@Notice] is of.
 */
typedef enum {
  SIO_NOTICE_EVENT,
  SIO_NOTICE_OUTGOING,
  SIO_NOTICE_ACK,
  SIO_NOTICE_CONNECT,
  SIO_NOTICE_CONNECT_ERROR,
  SIO_NOTICE_DISCONNECT,
  SIO_NOTICE_AUTH,
  SIO_NOTICE_OPEN,
  SIO_NOTICE_SIGNAL,
} SioNoticeKind;

typedef struct _SioNotice SioNotice;

#define SIO_TYPE_NOTICE (sio_notice_get_type ())
SIO_AVAILABLE_IN_1_0
GType               sio_notice_get_type         (void) G_GNUC_CONST;
SIO_AVAILABLE_IN_1_0
SioNotice          *sio_notice_ref              (SioNotice   *notice);
SIO_AVAILABLE_IN_1_0
void                sio_notice_unref            (SioNotice   *notice);
SIO_AVAILABLE_IN_1_0
SioNoticeKind       sio_notice_get_kind         (SioNotice   *notice);
SIO_AVAILABLE_IN_1_0
guint               sio_notice_get_ticket       (SioNotice   *notice);
SIO_AVAILABLE_IN_1_0
SioEvent           *sio_notice_get_event        (SioNotice   *notice);
SIO_AVAILABLE_IN_1_0
SioValue           *sio_notice_get_value        (SioNotice   *notice);
SIO_AVAILABLE_IN_1_0
SioDisconnectReason sio_notice_get_reason       (SioNotice   *notice);
SIO_AVAILABLE_IN_1_0
const char         *sio_notice_get_message      (SioNotice   *notice);
SIO_AVAILABLE_IN_1_0
const GError       *sio_notice_get_error        (SioNotice   *notice);
SIO_AVAILABLE_IN_1_0
SioAuthRequest     *sio_notice_get_auth_request (SioNotice   *notice);
SIO_AVAILABLE_IN_1_0
const char         *sio_notice_get_name         (SioNotice   *notice);
SIO_AVAILABLE_IN_1_0
const char         *sio_notice_get_text         (SioNotice   *notice);
SIO_AVAILABLE_IN_1_0
guint               sio_notice_get_number       (SioNotice   *notice);

SIO_AVAILABLE_IN_1_0
void                sio_socket_set_inbox        (SioSocket   *self,
                                                 GObject     *target,
                                                 const char  *property);
SIO_AVAILABLE_IN_1_0
void                sio_socket_filter_inbox     (SioSocket   *self,
                                                 guint        kinds);
SIO_AVAILABLE_IN_1_0
SioNotice          *sio_socket_take_notice      (SioSocket   *self);
SIO_AVAILABLE_IN_1_0
int                 sio_socket_take_event       (SioSocket   *self,
                                                 const char **name,
                                                 const char **json,
                                                 GPtrArray  **attachments);
SIO_AVAILABLE_IN_1_0
void                sio_socket_set_inbox_text   (SioSocket   *self,
                                                 const char  *property);
SIO_AVAILABLE_IN_1_0
void                sio_socket_loosen           (SioSocket   *self);
SIO_AVAILABLE_IN_1_0
char               *sio_event_dup_text          (SioEvent    *event);
SIO_AVAILABLE_IN_1_0
guint               sio_socket_emit_with_ticket (SioSocket   *self,
                                                 const char  *event,
                                                 SioValue    *args);
SIO_AVAILABLE_IN_1_0
guint               sio_socket_emit_for_answer  (SioSocket   *self,
                                                 const char  *event,
                                                 SioValue    *args);
SIO_AVAILABLE_IN_1_0
void                sio_socket_end_waiting      (SioSocket   *self);
SIO_AVAILABLE_IN_1_0
void                sio_socket_forget_flags     (SioSocket   *self);
SIO_AVAILABLE_IN_1_0
void                sio_socket_ask_inbox        (SioSocket   *self);
SIO_AVAILABLE_IN_1_0
void                sio_options_ask_inbox       (SioOptions  *self);

SIO_AVAILABLE_IN_1_0
void                sio_manager_set_inbox       (SioManager  *self,
                                                 GObject     *target,
                                                 const char  *property);
SIO_AVAILABLE_IN_1_0
SioNotice          *sio_manager_take_notice     (SioManager  *self);
SIO_AVAILABLE_IN_1_0
guint               sio_manager_open_with_ticket (SioManager *self);

SIO_AVAILABLE_IN_1_0
void                sio_engine_set_inbox        (SioEngine   *self,
                                                 GObject     *target,
                                                 const char  *property);
SIO_AVAILABLE_IN_1_0
SioNotice          *sio_engine_take_notice      (SioEngine   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioNotice, sio_notice_unref)

/* clang-format on */

G_END_DECLS
