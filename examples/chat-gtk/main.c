/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <locale.h>

#include <adwaita.h>
#include <glib/gi18n.h>
#include <sioclient/sio.h>

#include "chat-window.h"

#define DEFAULT_URL "http://localhost:3000"

static const GOptionEntry entries[] = {
  { "name", 'n', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, NULL, N_ ("What others see as your name"),
    N_ ("NAME") },
  { "image", 'i', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME_ARRAY, NULL,
    N_ ("Send an image, once connected"), N_ ("FILE") },
  { G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, NULL, NULL,
    N_ ("[URL]") },
  G_OPTION_ENTRY_NULL,
};

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  adw_show_about_window (gtk_application_get_active_window (application), "application-name",
                         _ ("Socket.IO Chat"), "application-icon", "org.example.SioChat", "version",
                         PACKAGE_VERSION, "comments", _ ("An example of what sioclient is for"),
                         "license-type", GTK_LICENSE_LGPL_2_1, NULL);
}

static void
on_close (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  GtkWindow *window = gtk_application_get_active_window (application);

  if (window != NULL)
    gtk_window_close (window);
}

static const GActionEntry actions[] = {
  { .name = "about", .activate = on_about },
  { .name = "close", .activate = on_close },
};

static void
on_startup (GApplication *application, gpointer data)
{
  const char *const close_keys[] = { "<Control>w", "<Control>q", NULL };

  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  gtk_application_set_accels_for_action (GTK_APPLICATION (application), "app.close", close_keys);
  gtk_window_set_default_icon_name ("org.example.SioChat");
}

/* Each start opens one more window, in the process that is there already. */
static int
on_command_line (GApplication *application, GApplicationCommandLine *command_line, gpointer data)
{
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);
  const char *user = g_get_real_name ();
  g_autofree const char **urls = NULL;
  g_autofree const char **images = NULL;
  ChatWindow *window;

  g_variant_dict_lookup (options, "name", "&s", &user);
  g_variant_dict_lookup (options, "image", "^a&ay", &images);
  g_variant_dict_lookup (options, G_OPTION_REMAINING, "^a&s", &urls);

  window = chat_window_new (ADW_APPLICATION (application),
                            urls != NULL && urls[0] != NULL ? urls[0] : DEFAULT_URL, user);
  gtk_window_present (GTK_WINDOW (window));
  for (gsize i = 0; images != NULL && images[i] != NULL; i++)
    {
      g_autoptr (GFile) file =
          g_application_command_line_create_file_for_arg (command_line, images[i]);

      chat_window_send_image (window, file);
    }
  return 0;
}

/* From the build folder the words are not where they will be installed. */
static void
bind_translations (void)
{
  const char *uninstalled = g_getenv ("TEXTDOMAINDIR");
  g_autoptr (GTypeClass) manager_class = NULL;

  /* The library and we have a domain in common, and where it is, the library says when it is used
   * first. */
  manager_class = g_type_class_ref (SIO_TYPE_MANAGER);
  bindtextdomain (GETTEXT_PACKAGE, uninstalled != NULL ? uninstalled : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application = NULL;

  setlocale (LC_ALL, "");
  bind_translations ();

  application = adw_application_new ("org.example.SioChat", G_APPLICATION_HANDLES_COMMAND_LINE);
  g_application_add_main_option_entries (G_APPLICATION (application), entries);
  g_signal_connect (application, "startup", G_CALLBACK (on_startup), NULL);
  g_signal_connect (application, "command-line", G_CALLBACK (on_command_line), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
