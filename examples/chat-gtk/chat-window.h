/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define CHAT_TYPE_WINDOW (chat_window_get_type ())
G_DECLARE_FINAL_TYPE (ChatWindow, chat_window, CHAT, WINDOW, AdwApplicationWindow)

ChatWindow *chat_window_new (AdwApplication *application, const char *url, const char *user);

/* Without a connection it is sent when there is one. */
void chat_window_send_image (ChatWindow *self, GFile *file);

G_END_DECLS
