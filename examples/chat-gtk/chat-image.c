/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "chat-image.h"

#include <glib/gi18n.h>

/* Images come from strangers: they are decoded in a thread, and not if they would fill memory. */
#define MAX_PIXELS (32 * 1000 * 1000)

/* No side of what is kept is longer. */
#define MAX_SIDE 1280

static void
on_size_prepared (GdkPixbufLoader *loader, int width, int height, gboolean *too_large)
{
  double scale = MIN (1, (double) MAX_SIDE / MAX (width, height));

  *too_large = width <= 0 || height <= 0 || width > MAX_PIXELS / height;
  /* A size of 0 keeps the loader from making room for the pixels. */
  if (*too_large)
    gdk_pixbuf_loader_set_size (loader, 0, 0);
  else if (scale < 1)
    gdk_pixbuf_loader_set_size (loader, (int) MAX (1, width * scale),
                                (int) MAX (1, height * scale));
}

static void
decode (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  g_autoptr (GdkPixbuf) upright = NULL;
  GdkPixbuf *pixbuf;
  gboolean too_large = FALSE;
  GError *error = NULL;

  if (g_bytes_get_size (task_data) == 0)
    {
      gdk_pixbuf_loader_close (loader, NULL);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s",
                               _ ("The image is empty"));
      return;
    }

  g_signal_connect (loader, "size-prepared", G_CALLBACK (on_size_prepared), &too_large);
  if (!gdk_pixbuf_loader_write_bytes (loader, task_data, &error))
    {
      gdk_pixbuf_loader_close (loader, NULL);
      g_task_return_error (task, error);
      return;
    }
  if (!gdk_pixbuf_loader_close (loader, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  if (pixbuf == NULL || too_large)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s",
                               _ ("The image is too large"));
      return;
    }
  upright = gdk_pixbuf_apply_embedded_orientation (pixbuf);
  g_task_return_pointer (task, gdk_texture_new_for_pixbuf (upright), g_object_unref);
}

void
chat_image_decode_async (GBytes *image, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_task_data (task, g_bytes_ref (image), (GDestroyNotify) g_bytes_unref);
  g_task_run_in_thread (task, decode);
}

GdkTexture *
chat_image_decode_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
