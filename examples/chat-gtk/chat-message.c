/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "chat-message.h"

#include "chat-image.h"

/* One line of the conversation, an item of the list model behind the GtkListView. */

struct _ChatMessage
{
  GObject parent_instance;

  char *user;
  char *text;
  char *time;
  ChatSide side;
  gboolean is_image;
  GdkTexture *texture;
};

G_DEFINE_FINAL_TYPE (ChatMessage, chat_message, G_TYPE_OBJECT)

enum
{
  PROP_TEXTURE = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
chat_message_finalize (GObject *object)
{
  ChatMessage *self = CHAT_MESSAGE (object);

  g_free (self->user);
  g_free (self->text);
  g_free (self->time);
  g_clear_object (&self->texture);

  G_OBJECT_CLASS (chat_message_parent_class)->finalize (object);
}

static void
chat_message_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  switch (property)
    {
    case PROP_TEXTURE:
      g_value_set_object (value, CHAT_MESSAGE (object)->texture);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
chat_message_class_init (ChatMessageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = chat_message_finalize;
  object_class->get_property = chat_message_get_property;

  properties[PROP_TEXTURE] =
      g_param_spec_object ("texture", NULL, NULL, GDK_TYPE_TEXTURE,
                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
chat_message_init (ChatMessage *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  self->time = g_date_time_format (now, "%H:%M");
}

static ChatMessage *
chat_message_new (const char *user, const char *text, ChatSide side)
{
  ChatMessage *self = g_object_new (CHAT_TYPE_MESSAGE, NULL);

  self->user = g_strdup (user);
  self->text = g_strdup (text);
  self->side = side;
  return self;
}

ChatMessage *
chat_message_new_text (const char *user, const char *text, ChatSide side)
{
  return chat_message_new (user, text, side);
}

static void
on_decoded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ChatMessage) self = data;
  g_autoptr (GError) error = NULL;

  self->texture = chat_image_decode_finish (result, &error);
  if (error != NULL)
    g_debug ("%s of %s is no image: %s", self->text, self->user, error->message);
  else
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXTURE]);
}

ChatMessage *
chat_message_new_image (const char *user, const char *name, GBytes *image, ChatSide side)
{
  ChatMessage *self = chat_message_new (user, name, side);

  self->is_image = TRUE;
  chat_image_decode_async (image, on_decoded, g_object_ref (self));
  return self;
}

const char *
chat_message_get_user (ChatMessage *self)
{
  return self->user;
}

const char *
chat_message_get_text (ChatMessage *self)
{
  return self->text;
}

const char *
chat_message_get_time (ChatMessage *self)
{
  return self->time;
}

ChatSide
chat_message_get_side (ChatMessage *self)
{
  return self->side;
}

gboolean
chat_message_get_is_image (ChatMessage *self)
{
  return self->is_image;
}

GdkTexture *
chat_message_get_texture (ChatMessage *self)
{
  return self->texture;
}
