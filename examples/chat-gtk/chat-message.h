/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define CHAT_TYPE_MESSAGE (chat_message_get_type ())
G_DECLARE_FINAL_TYPE (ChatMessage, chat_message, CHAT, MESSAGE, GObject)

typedef enum
{
  CHAT_SIDE_OTHERS,
  CHAT_SIDE_OURS,
} ChatSide;

/* The text is what is said, or the name of an image. */
ChatMessage *chat_message_new_text (const char *user, const char *text, ChatSide side);
ChatMessage *
chat_message_new_image (const char *user, const char *name, GBytes *image, ChatSide side);

const char *chat_message_get_user (ChatMessage *self);
const char *chat_message_get_text (ChatMessage *self);
const char *chat_message_get_time (ChatMessage *self);
ChatSide chat_message_get_side (ChatMessage *self);
gboolean chat_message_get_is_image (ChatMessage *self);
/* %NULL until the image is decoded, and if it cannot be. */
GdkTexture *chat_message_get_texture (ChatMessage *self);

G_END_DECLS
