/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "chat-message.h"

G_BEGIN_DECLS

#define CHAT_TYPE_ROW (chat_row_get_type ())
G_DECLARE_FINAL_TYPE (ChatRow, chat_row, CHAT, ROW, GtkBox)

/* @before is what is shown above; somebody who goes on speaking is not named again. */
void chat_row_bind (ChatRow *self, ChatMessage *message, ChatMessage *before);
void chat_row_unbind (ChatRow *self);

G_END_DECLS
