/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sioclient/sio.h>
#include <string.h>

#include "sio-test-wait.h"

/* What a program asks for and cannot be sent: the connection is not made without it (X4). */

#define SECRET "Bearer abc"

typedef struct
{
  GSocketService *service;
  char *url;
  guint n_connections;
  guint n_errors;
  guint n_connect_errors;
  GError *error;
} Fixture;

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  Fixture *self = data;

  self->n_connections++;
  return TRUE;
}

static void
fixture_init (Fixture *self)
{
  guint16 port;

  *self = (Fixture){ 0 };
  self->service = g_socket_service_new ();
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (self->service), NULL, NULL);
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  self->url = g_strdup_printf ("http://127.0.0.1:%u", port);
}

static void
fixture_clear (Fixture *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_clear_object (&self->service);
  g_clear_error (&self->error);
  g_free (self->url);
}

static void
on_error (SioManager *manager, const GError *error, gpointer data)
{
  Fixture *self = data;

  self->n_errors++;
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
}

static void
on_connect_error (SioSocket *socket, const GError *error, SioValue *value, gpointer data)
{
  Fixture *self = data;

  self->n_connect_errors++;
  g_assert_false (sio_socket_get_active (socket));
}

/* The whole of it fails at once, for good, and once; @about stands in the error, what is secret
 * does not. */
static void
check_refused (SioOptions *options, const char *about)
{
  Fixture self;
  g_autoptr (SioManager) manager = NULL;
  g_autoptr (SioSocket) socket = NULL;

  fixture_init (&self);
  g_object_set (options, "reconnection-delay", 1, "reconnection-delay-max", 1, "auto-connect",
                FALSE, NULL);
  manager = sio_manager_new (self.url, options);
  socket = sio_manager_get_socket (manager, "/", options);
  g_signal_connect (manager, "error", G_CALLBACK (on_error), &self);
  g_signal_connect (socket, "connect-error", G_CALLBACK (on_connect_error), &self);
  sio_socket_open (socket);
  sio_test_wait (self.n_errors > 0 || self.n_connections > 0);
  g_assert_cmpuint (self.n_connections, ==, 0);
  /* Long enough for the attempts that are not to be. */
  sio_test_watch (20);
  g_assert_cmpuint (self.n_connections, ==, 0);
  g_assert_cmpuint (self.n_errors, ==, 1);
  g_assert_cmpuint (self.n_connect_errors, ==, 1);
  g_assert_error (self.error, SIO_ERROR, SIO_ERROR_FAILED);
  g_assert_nonnull (strstr (self.error->message, about));
  g_assert_null (strstr (self.error->message, SECRET));
  fixture_clear (&self);
}

static SioOptions *
new_options (gboolean websocket)
{
  static const char *const only[] = { "websocket", NULL };

  return g_object_new (SIO_TYPE_OPTIONS, "transports", websocket ? only : NULL, NULL);
}

typedef struct
{
  const char *name;
  const char *value;
  const char *about; /* NULL: the name itself */
} Header;

static const Header headers[] = {
  { "Authorization", SECRET "\n", NULL },
  { "Authorization", SECRET "\r\nX-Other: 1", NULL },
  { "Authorization", SECRET "\x01", NULL },
  { "Authorization", SECRET "\x7f", NULL },
  { "Authorization", SECRET "\xff", NULL },
  { "", SECRET, "name of a header" },
  { "X Own", SECRET, NULL },
  { "X-Own:", SECRET, NULL },
  { "X\tOwn", SECRET, "name of a header" },
  { "X-Ö", SECRET, NULL },
  { "X(own)", SECRET, NULL },
  { "Content-Length", "5", NULL },
  { "content-type", "text/html", NULL },
  { "Transfer-Encoding", "chunked", NULL },
  { "Host", "elsewhere", NULL },
  { "Connection", "close", NULL },
  { "UPGRADE", "h2c", NULL },
  { "Sec-WebSocket-Key", "abc", NULL },
  { "sec-websocket-protocol", "chat", NULL },
  { "TE", "trailers", NULL },
  { "Trailer", "X", NULL },
  { "Keep-Alive", "timeout=5", NULL },
  { "Proxy-Connection", "close", NULL },
  { "Expect", "100-continue", NULL },
};

static void
test_header (gconstpointer data)
{
  const Header *header = data;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (SioOptions) options = new_options (i == 1);

      sio_options_set_header (options, "X-Sound", "1");
      sio_options_set_header (options, header->name, header->value);
      check_refused (options, header->about != NULL ? header->about : header->name);
    }
}

static const char *const bad_protocols[] = { "", "a b", "a,b", "a\r\nX: 1", "ö", "a/b" };

static void
test_protocol (gconstpointer data)
{
  const char *const protocols[] = { "sound", data, NULL };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (SioOptions) options = new_options (i == 1);

      g_object_set (options, "protocols", protocols, NULL);
      check_refused (options, "protocol");
    }
}

static void
test_parameter (void)
{
  g_autoptr (SioOptions) options = sio_options_new ();

  sio_options_set_query_param (options, "", "value");
  check_refused (options, "parameter");
}

/* It was a mistake, and is none any more. */
static void
test_mended (void)
{
  Fixture self;
  g_autoptr (SioOptions) options = new_options (TRUE);
  g_autoptr (SioManager) manager = NULL;

  fixture_init (&self);
  sio_options_set_header (options, "Authorization", SECRET "\n");
  sio_options_set_header (options, "Authorization", SECRET);
  sio_options_set_header (options, "Host", "elsewhere");
  sio_options_set_header (options, "Host", NULL);
  sio_options_set_header (options, "X-Value", "Grüße\t1");
  manager = sio_manager_new (self.url, options);
  sio_test_wait (self.n_connections > 0);
  sio_manager_set_reconnection (manager, FALSE);
  fixture_clear (&self);
}

static void
add (const char *what, guint number, gconstpointer data, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/faults/refused/X4/%s/%u", what, number);

  g_test_add_data_func (path, data, func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    add ("header", i, &headers[i], test_header);
  for (guint i = 0; i < G_N_ELEMENTS (bad_protocols); i++)
    add ("protocol", i, bad_protocols[i], test_protocol);
  g_test_add_func ("/faults/refused/X4/parameter", test_parameter);
  g_test_add_func ("/faults/refused/X4/mended", test_mended);
  return g_test_run ();
}
