/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What the server takes in one event. */
#define CHAT_IMAGE_MAX_BYTES (4 * 1024 * 1024)

void chat_image_decode_async (GBytes *image, GAsyncReadyCallback callback, gpointer user_data);
GdkTexture *chat_image_decode_finish (GAsyncResult *result, GError **error);

G_END_DECLS
