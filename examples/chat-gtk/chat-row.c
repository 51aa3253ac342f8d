/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "chat-row.h"

#include <adwaita.h>

/* A message as a bubble. Rows are few and used again and again, so binding sets everything. */

struct _ChatRow
{
  GtkBox parent_instance;

  AdwAvatar *avatar;
  GtkWidget *column;
  GtkLabel *user;
  GtkWidget *bubble;
  GtkLabel *text;
  GtkPicture *picture;
  GtkLabel *time;

  ChatMessage *message;
};

G_DEFINE_FINAL_TYPE (ChatRow, chat_row, GTK_TYPE_BOX)

static void
show_texture (ChatRow *self)
{
  GdkTexture *texture = chat_message_get_texture (self->message);
  int width, height;

  gtk_picture_set_paintable (self->picture, texture != NULL ? GDK_PAINTABLE (texture) : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->picture), texture != NULL);
  if (texture == NULL)
    return;

  /* As large as it is, but never larger than a bubble. */
  width = MIN (gdk_texture_get_width (texture), 260);
  height = width * gdk_texture_get_height (texture) / gdk_texture_get_width (texture);
  gtk_widget_set_size_request (GTK_WIDGET (self->picture), width, CLAMP (height, 1, 320));
  g_debug ("shown: image %s of %s", chat_message_get_text (self->message),
           chat_message_get_user (self->message));
}

static void
set_class (GtkWidget *widget, const char *name, gboolean is_wanted)
{
  if (is_wanted)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

void
chat_row_bind (ChatRow *self, ChatMessage *message, ChatMessage *before)
{
  const char *user = chat_message_get_user (message);
  gboolean is_ours = chat_message_get_side (message) == CHAT_SIDE_OURS;
  gboolean goes_on = before != NULL && g_str_equal (chat_message_get_user (before), user) &&
                     chat_message_get_side (before) == chat_message_get_side (message);

  g_set_object (&self->message, message);

  adw_avatar_set_text (self->avatar, user);
  gtk_widget_set_visible (GTK_WIDGET (self->avatar), !is_ours);
  gtk_widget_set_opacity (GTK_WIDGET (self->avatar), goes_on ? 0 : 1);
  gtk_label_set_label (self->user, user);
  gtk_widget_set_visible (GTK_WIDGET (self->user), !is_ours && !goes_on);
  gtk_label_set_label (self->text, chat_message_get_text (message));
  gtk_label_set_label (self->time, chat_message_get_time (message));

  set_class (self->bubble, "ours", is_ours);
  set_class (self->bubble, "image", chat_message_get_is_image (message));
  set_class (GTK_WIDGET (self->text), "caption", chat_message_get_is_image (message));
  gtk_widget_set_halign (self->column, is_ours ? GTK_ALIGN_END : GTK_ALIGN_START);
  gtk_widget_set_halign (self->bubble, is_ours ? GTK_ALIGN_END : GTK_ALIGN_START);
  gtk_widget_set_margin_start (self->column, is_ours ? 48 : 0);
  gtk_widget_set_margin_end (self->column, is_ours ? 0 : 48);
  gtk_widget_set_margin_top (GTK_WIDGET (self), goes_on ? 0 : 8);

  show_texture (self);
  if (chat_message_get_is_image (message))
    g_signal_connect_object (message, "notify::texture", G_CALLBACK (show_texture), self,
                             G_CONNECT_SWAPPED);
  else
    g_debug ("shown: %s: %s", user, chat_message_get_text (message));
}

void
chat_row_unbind (ChatRow *self)
{
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);
  gtk_picture_set_paintable (self->picture, NULL);
}

static void
chat_row_dispose (GObject *object)
{
  ChatRow *self = CHAT_ROW (object);

  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);

  G_OBJECT_CLASS (chat_row_parent_class)->dispose (object);
}

static void
chat_row_class_init (ChatRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chat_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/SioChat/row.ui");
  gtk_widget_class_bind_template_child (widget_class, ChatRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, ChatRow, column);
  gtk_widget_class_bind_template_child (widget_class, ChatRow, user);
  gtk_widget_class_bind_template_child (widget_class, ChatRow, bubble);
  gtk_widget_class_bind_template_child (widget_class, ChatRow, text);
  gtk_widget_class_bind_template_child (widget_class, ChatRow, picture);
  gtk_widget_class_bind_template_child (widget_class, ChatRow, time);
}

static void
chat_row_init (ChatRow *self)
{
  g_type_ensure (ADW_TYPE_AVATAR);
  gtk_widget_init_template (GTK_WIDGET (self));
}
