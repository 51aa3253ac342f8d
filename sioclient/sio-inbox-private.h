/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-inbox.h"

G_BEGIN_DECLS

struct _SioNotice
{
  gatomicrefcount ref_count;
  SioNoticeKind kind;
  guint ticket;
  guint number;
  SioDisconnectReason reason;
  const char *name; /* interned */
  char *text;
  SioEvent *event;
  SioValue *value;
  GError *error;
  SioAuthRequest *request;
};

/* All nullable but @kind. */
SioNotice *sio_notice_new (SioNoticeKind kind, SioValue *value, const GError *error);

/* What has happened, in order, and whom to tell that there is something. */
typedef struct _SioInbox SioInbox;

/* A @target of NULL makes one that collects nothing. NULL if @property cannot be set. */
SioInbox *sio_inbox_new (GObject *target, const char *property);
void sio_inbox_free (SioInbox *self);
guint sio_inbox_next_ticket (SioInbox *self);
/* How many there is room for; only what must not be lost is put there beyond. */
#define SIO_INBOX_NOTICES 65536
/* Takes @notice. FALSE: it was dropped, as nobody empties the inbox. */
gboolean sio_inbox_put (SioInbox *self, SioNotice *notice);
SioNotice *sio_inbox_take (SioInbox *self);
SioNotice *sio_inbox_peek (SioInbox *self);
/* May call anything, even sio_inbox_free (). */
void sio_inbox_tell (SioInbox *self);
guint sio_inbox_get_length (SioInbox *self);
/* Whether @property of the target can be set to a text. */
gboolean sio_inbox_takes_text (SioInbox *self, const char *property);
/* Likewise may call anything. */
void sio_inbox_tell_text (SioInbox *self, const char *property, const char *text);

G_END_DECLS
