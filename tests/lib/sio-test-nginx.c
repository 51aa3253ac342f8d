/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-nginx.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

/* Where the listening socket is in the process, as its environment tells it. */
#define LISTENING_FD 3

struct _SioTestNginx
{
  char *folder;
  guint16 port;
  GSubprocess *process;
};

const char *
sio_test_nginx_missing (void)
{
  return g_getenv ("SIO_TEST_NGINX") != NULL ? NULL : "nginx is missing";
}

/* nginx cannot listen on just any free port, but takes a socket that listens already. */
static int
listen_anywhere (SioTestNginx *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  int fd;

  g_assert_no_error (error);
  g_socket_bind (socket, wanted, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (socket, &error);
  g_assert_no_error (error);
  address = g_socket_get_local_address (socket, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  fd = dup (g_socket_get_fd (socket));
  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static char *
write_configuration (SioTestNginx *self, const char *http, const char *server)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->folder, "nginx.conf", NULL);
  g_autofree char *text =
      g_strdup_printf ("daemon off;\n"
                       "worker_processes 1;\n"
                       "%s\n"
                       "pid nginx.pid;\n"
                       "error_log stderr crit;\n"
                       "events { worker_connections 256; }\n"
                       "http {\n"
                       "  access_log off;\n"
                       "  client_body_temp_path body;\n"
                       "  proxy_temp_path proxy;\n"
                       "  fastcgi_temp_path fastcgi;\n"
                       "  uwsgi_temp_path uwsgi;\n"
                       "  scgi_temp_path scgi;\n"
                       "  %s\n"
                       "  server {\n"
                       "    listen 127.0.0.1:%u;\n"
                       "    %s\n"
                       "  }\n"
                       "}\n",
                       geteuid () == 0 ? "user root;" : "", http, self->port, server);

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&path);
}

/* In the process, before it is nginx: it shall not outlive a test that failed. */
static void
end_with_parent (gpointer user_data)
{
#ifdef __linux__
  prctl (PR_SET_PDEATHSIG, SIGTERM);
#endif
}

SioTestNginx *
sio_test_nginx_new (const char *http, const char *server)
{
  SioTestNginx *self = g_new0 (SioTestNginx, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autofree char *configuration = NULL;
  g_autofree char *fds = g_strdup_printf ("%d;", LISTENING_FD);

  self->folder = g_dir_make_tmp ("sio-nginx-XXXXXX", &error);
  g_assert_no_error (error);
  g_subprocess_launcher_take_fd (launcher, listen_anywhere (self), LISTENING_FD);
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  g_subprocess_launcher_setenv (launcher, "NGINX", fds, TRUE);
  configuration = write_configuration (self, http, server);
  /* -e: what is said before the configuration is read. */
  self->process =
      g_subprocess_launcher_spawn (launcher, &error, g_getenv ("SIO_TEST_NGINX"), "-e", "stderr",
                                   "-p", self->folder, "-c", configuration, NULL);
  g_assert_no_error (error);
  return self;
}

static void
remove_folder (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  if (dir != NULL)
    {
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          remove_folder (child);
        }
      g_dir_close (dir);
    }
  g_remove (path);
}

void
sio_test_nginx_free (SioTestNginx *self)
{
  /* It has a child, which it takes with it if it is asked. */
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
  remove_folder (self->folder);
  g_free (self->folder);
  g_free (self);
}

char *
sio_test_nginx_dup_url (SioTestNginx *self, const char *path)
{
  return g_strdup_printf ("http://127.0.0.1:%u%s", self->port, path);
}
