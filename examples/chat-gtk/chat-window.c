/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "chat-window.h"

#include <glib/gi18n.h>
#include <sioclient/sio.h>

#include "chat-image.h"
#include "chat-row.h"

/* A window is one conversation: a socket, a list model that its events fill, and the widgets. */

/* More than a person scrolls back; what is older goes. */
#define MAX_MESSAGES 5000

struct _ChatWindow
{
  AdwApplicationWindow parent_instance;

  AdwWindowTitle *title;
  GtkRevealer *banner;
  GtkLabel *banner_label;
  GtkSpinner *banner_spinner;
  GtkStack *stack;
  GtkScrolledWindow *scrolled_window;
  GtkListView *list_view;
  GtkWidget *composer;
  GtkEditable *entry;
  GtkWidget *send_button;
  AdwToastOverlay *toasts;

  SioSocket *socket;
  GListStore *messages;
  char *user;
  gint64 people;
  guint attempt;
  gboolean was_connected;
  guint countdown; /* source; 0 while there is nothing to count */
};

G_DEFINE_FINAL_TYPE (ChatWindow, chat_window, ADW_TYPE_APPLICATION_WINDOW)

/* --- what is shown */

static void
tell (ChatWindow *self, const char *text)
{
  /* An answer may come after the window was closed. */
  if (self->socket == NULL)
    return;
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
  g_debug ("told: %s", text);
}

static void
scroll_to_end (ChatWindow *self)
{
  guint n_messages = g_list_model_get_n_items (G_LIST_MODEL (self->messages));

  if (n_messages > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list_view), "list.scroll-to-item", "u",
                                n_messages - 1);
}

/* Who reads further up is not torn away from there. */
static gboolean
is_at_end (ChatWindow *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled_window);
  double below = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment) -
                 gtk_adjustment_get_value (adjustment);

  return below < 80;
}

static void
add_message (ChatWindow *self, ChatMessage *message)
{
  gboolean follow = is_at_end (self) || chat_message_get_side (message) == CHAT_SIDE_OURS;

  if (g_list_model_get_n_items (G_LIST_MODEL (self->messages)) >= MAX_MESSAGES)
    g_list_store_remove (self->messages, 0);
  g_list_store_append (self->messages, message);
  gtk_stack_set_visible_child_name (self->stack, "messages");
  if (follow)
    scroll_to_end (self);
}

static void
update_title (ChatWindow *self)
{
  g_autofree char *subtitle = NULL;

  if (!sio_socket_get_connected (self->socket))
    subtitle = g_strdup (_ ("Not connected"));
  else if (self->people > 0)
    subtitle = g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "%d person here", "%d people here", (gulong) self->people),
        (int) self->people);
  else
    subtitle = g_strdup (_ ("Connected"));
  adw_window_title_set_subtitle (self->title, subtitle);
}

static void update_connection (ChatWindow *self);

static gboolean
on_countdown (gpointer data)
{
  ChatWindow *self = data;

  self->countdown = 0;
  update_connection (self);
  return G_SOURCE_REMOVE;
}

/* How many seconds there are until the next attempt, 0 if none is waited for. Comes back when there
 * is one less, so that nothing ticks while there is nothing to show. */
static int
count_down (ChatWindow *self)
{
  gint64 next = sio_manager_get_next_attempt_time (sio_socket_get_io (self->socket));
  gint64 left = next - g_get_monotonic_time ();

  g_clear_handle_id (&self->countdown, g_source_remove);
  if (next == 0 || left <= 0 || !sio_socket_get_active (self->socket))
    return 0;
  self->countdown =
      g_timeout_add ((guint) ((left - 1) % G_USEC_PER_SEC / 1000 + 1), on_countdown, self);
  return (int) ((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}

/* All there is to say follows from two properties of the socket and one of its manager. */
static void
update_connection (ChatWindow *self)
{
  gboolean connected = sio_socket_get_connected (self->socket);
  gboolean active = sio_socket_get_active (self->socket);
  int seconds = count_down (self);
  g_autofree char *text = NULL;

  if (!active)
    text = g_strdup (_ ("The connection has ended."));
  else if (seconds > 0)
    /* TRANSLATORS: seconds */
    text = g_strdup_printf (_ ("Reconnecting in %d s…"), seconds);
  else if (!self->was_connected && self->attempt == 0)
    text = g_strdup (_ ("Connecting…"));
  else if (self->attempt == 0)
    text = g_strdup (_ ("Reconnecting…"));
  else
    text = g_strdup_printf (_ ("Reconnecting… (attempt %u)"), self->attempt);

  if (!connected)
    {
      gtk_label_set_label (self->banner_label, text);
      /* The entry becomes insensitive after this, and must not have the focus then. */
      gtk_window_set_focus (GTK_WINDOW (self), NULL);
    }
  gtk_spinner_set_spinning (self->banner_spinner, active && !connected && seconds == 0);
  gtk_widget_set_visible (GTK_WIDGET (self->banner_spinner),
                          gtk_spinner_get_spinning (self->banner_spinner));
  gtk_revealer_set_reveal_child (self->banner, !connected);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "chat.retry", !connected);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "chat.attach", connected);
  update_title (self);
  g_debug ("connection: %s", connected ? "there" : text);
}

/* --- what comes from the server */

static void
on_connect (ChatWindow *self)
{
  self->was_connected = TRUE;
  self->attempt = 0;
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

static void
on_connect_error (ChatWindow *self, const GError *error, SioValue *data)
{
  g_debug ("not connected: %s", error->message);
  if (g_error_matches (error, SIO_ERROR, SIO_ERROR_REJECTED))
    tell (self, error->message);
}

static void
on_reconnect_attempt (ChatWindow *self, guint attempt)
{
  self->attempt = attempt;
  update_connection (self);
}

static ChatSide
side_of (ChatWindow *self, const char *user)
{
  return g_strcmp0 (user, self->user) == 0 ? CHAT_SIDE_OURS : CHAT_SIDE_OTHERS;
}

static void
on_chat (ChatWindow *self, SioEvent *event)
{
  const char *user, *text;
  g_autoptr (ChatMessage) message = NULL;

  /* Whatever else a server sends by this name is not ours. */
  if (!sio_event_unpack (event, "&s&s", &user, &text))
    return;

  message = chat_message_new_text (user, text, side_of (self, user));
  add_message (self, message);
}

static void
on_image (ChatWindow *self, SioEvent *event)
{
  const char *user = sio_event_get_string (event, 0);
  const char *name = sio_event_get_string (event, 1);
  GBytes *image = sio_value_get_bytes (sio_event_get_arg (event, 2));
  g_autoptr (ChatMessage) message = NULL;

  if (user == NULL || name == NULL || image == NULL)
    return;

  message = chat_message_new_image (user, name, image, side_of (self, user));
  add_message (self, message);
}

static void
on_people (ChatWindow *self, SioEvent *event)
{
  self->people = CLAMP (sio_value_get_integer (sio_event_get_arg (event, 0)), 0, G_MAXINT);
  update_title (self);
}

/* --- what goes to the server */

static void
on_send (ChatWindow *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (self->entry)));

  if (*text == '\0' || !sio_socket_get_connected (self->socket))
    return;

  /* The server sends it to everybody, to us too, and that is when it is shown. */
  sio_socket_emit (self->socket, "chat", "(ss)", self->user, text);
  gtk_editable_set_text (self->entry, "");
}

static void
on_image_sent (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ChatWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SioValue) answer = NULL;

  answer = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &error);
  if (answer == NULL)
    tell (self, _ ("The image could not be sent"));
}

static void
on_image_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ChatWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) image = g_file_load_bytes_finish (G_FILE (source), result, NULL, &error);
  g_autofree char *name = g_file_get_basename (G_FILE (source));
  g_autofree char *shown_name = g_filename_display_name (name);
  SioValue *args[3];

  if (image == NULL)
    {
      tell (self, error->message);
      return;
    }
  /* The window may have been closed meanwhile. */
  if (self->socket == NULL)
    return;

  args[0] = sio_value_new_string (self->user);
  args[1] = sio_value_new_string (shown_name);
  args[2] = sio_value_new_bytes (image);
  sio_socket_emit_with_ack_async (sio_socket_timeout (self->socket, 20000), "image",
                                  sio_value_new_array (args, G_N_ELEMENTS (args)), NULL,
                                  on_image_sent, g_object_ref (self));
}

static void
on_file_known (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ChatWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (info == NULL)
    tell (self, error->message);
  else if (g_file_info_get_size (info) > CHAT_IMAGE_MAX_BYTES)
    tell (self, _ ("The image is too large"));
  else
    g_file_load_bytes_async (G_FILE (source), NULL, on_image_read, g_object_ref (self));
}

void
chat_window_send_image (ChatWindow *self, GFile *file)
{
  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE,
                           G_PRIORITY_DEFAULT, NULL, on_file_known, g_object_ref (self));
}

static void
on_file_chosen (ChatWindow *self, int response, GtkNativeDialog *dialog)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL)
    chat_window_send_image (self, file);
  g_object_unref (dialog);
}

static void
chat_window_attach (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("Send an Image"), GTK_WINDOW (widget),
                                   GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Send"), _ ("_Cancel"));
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Images"));
  gtk_file_filter_add_pixbuf_formats (filter);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  /* The response lets go of the dialog. */
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_chosen), widget,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static gboolean
on_drop (ChatWindow *self, const GValue *value, double x, double y)
{
  if (!sio_socket_get_connected (self->socket))
    return FALSE;
  chat_window_send_image (self, g_value_get_object (value));
  return TRUE;
}

static void
chat_window_retry (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SioSocket *socket = CHAT_WINDOW (widget)->socket;

  g_debug ("connection: asked to retry");
  if (!sio_manager_reconnect_now (sio_socket_get_io (socket)))
    sio_socket_open (socket);
}

/* --- rows */

static void
on_setup (ChatWindow *self, GtkListItem *item)
{
  gtk_list_item_set_activatable (item, FALSE);
  gtk_list_item_set_child (item, g_object_new (CHAT_TYPE_ROW, NULL));
}

static void
on_bind (ChatWindow *self, GtkListItem *item)
{
  guint position = gtk_list_item_get_position (item);
  g_autoptr (ChatMessage) before = NULL;

  if (position > 0)
    before = g_list_model_get_item (G_LIST_MODEL (self->messages), position - 1);
  chat_row_bind (CHAT_ROW (gtk_list_item_get_child (item)), gtk_list_item_get_item (item), before);
}

static void
on_unbind (ChatWindow *self, GtkListItem *item)
{
  chat_row_unbind (CHAT_ROW (gtk_list_item_get_child (item)));
}

static void
set_up_list (ChatWindow *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkSelectionModel *model;

  g_signal_connect_object (factory, "setup", G_CALLBACK (on_setup), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), self, G_CONNECT_SWAPPED);
  model = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->messages))));

  gtk_list_view_set_factory (self->list_view, factory);
  gtk_list_view_set_model (self->list_view, model);
  g_object_unref (factory);
  g_object_unref (model);
}

/* --- life */

static gboolean
length_to_sensitive (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_boolean (to, g_value_get_uint (from) > 0);
  return TRUE;
}

static void
set_up_socket (ChatWindow *self, const char *url)
{
  g_autoptr (SioOptions) options = g_object_new (SIO_TYPE_OPTIONS, "reconnection-delay", 2000,
                                                 "reconnection-delay-max", 30000, NULL);
  SioManager *manager;

  self->socket = sio_io (url, options);
  manager = sio_socket_get_io (self->socket);

  /* No handler outlives the window. */
  g_signal_connect_object (self->socket, "connect", G_CALLBACK (on_connect), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->socket, "connect-error", G_CALLBACK (on_connect_error), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->socket, "event::chat", G_CALLBACK (on_chat), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->socket, "event::image", G_CALLBACK (on_image), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->socket, "event::people", G_CALLBACK (on_people), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->socket, "notify::connected", G_CALLBACK (update_connection), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->socket, "notify::active", G_CALLBACK (update_connection), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "reconnect-attempt", G_CALLBACK (on_reconnect_attempt), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::next-attempt-time", G_CALLBACK (update_connection),
                           self, G_CONNECT_SWAPPED);

  g_object_bind_property (self->socket, "connected", self->composer, "sensitive",
                          G_BINDING_SYNC_CREATE);
  update_connection (self);
}

static void
chat_window_dispose (GObject *object)
{
  ChatWindow *self = CHAT_WINDOW (object);

  g_clear_handle_id (&self->countdown, g_source_remove);
  if (self->socket != NULL)
    {
      g_signal_handlers_disconnect_by_data (sio_socket_get_io (self->socket), self);
      g_signal_handlers_disconnect_by_data (self->socket, self);
      sio_socket_close (self->socket);
    }
  g_clear_object (&self->socket);

  G_OBJECT_CLASS (chat_window_parent_class)->dispose (object);
}

static void
chat_window_finalize (GObject *object)
{
  ChatWindow *self = CHAT_WINDOW (object);

  g_clear_object (&self->messages);
  g_free (self->user);

  G_OBJECT_CLASS (chat_window_parent_class)->finalize (object);
}

static void
chat_window_class_init (ChatWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = chat_window_dispose;
  object_class->finalize = chat_window_finalize;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/SioChat/window.ui");
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, title);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, banner_label);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, banner_spinner);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, scrolled_window);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, list_view);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, composer);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, entry);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, send_button);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, toasts);

  gtk_widget_class_bind_template_callback (widget_class, on_send);

  gtk_widget_class_install_action (widget_class, "chat.attach", NULL, chat_window_attach);
  gtk_widget_class_install_action (widget_class, "chat.retry", NULL, chat_window_retry);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_r, GDK_CONTROL_MASK, "chat.retry",
                                       NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_o, GDK_CONTROL_MASK, "chat.attach",
                                       NULL);
}

static void
chat_window_init (ChatWindow *self)
{
  GtkDropTarget *target;

  self->messages = g_list_store_new (CHAT_TYPE_MESSAGE);
  gtk_widget_init_template (GTK_WIDGET (self));
  set_up_list (self);

  g_object_bind_property_full (self->entry, "text-length", self->send_button, "sensitive",
                               G_BINDING_SYNC_CREATE, length_to_sensitive, NULL, NULL, NULL);

  target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);
  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

ChatWindow *
chat_window_new (AdwApplication *application, const char *url, const char *user)
{
  ChatWindow *self = g_object_new (CHAT_TYPE_WINDOW, "application", application, NULL);

  self->user = g_strdup (user);
  set_up_socket (self, url);
  return self;
}
