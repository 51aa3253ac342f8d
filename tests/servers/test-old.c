/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

/* A server of version 2: one error that says so, and no second attempt. */

typedef struct
{
  guint n_errors;
  GError *error;
} Seen;

static void
on_connect_error (SioSocket *socket, const GError *error, SioValue *data, Seen *seen)
{
  seen->n_errors++;
  g_clear_error (&seen->error);
  seen->error = g_error_copy (error);
  g_assert_false (sio_socket_get_active (socket));
  g_assert_false (sio_socket_get_connected (socket));
}

static void
check_refused (const SioTestMode *mode, const char *nsp)
{
  g_autoptr (SioTestServer) server = sio_test_server_new (NULL);
  g_autoptr (SioTestClient) client = sio_test_client_new (mode, server, nsp);
  Seen seen = { 0 };

  g_signal_connect (client->socket, "connect-error", G_CALLBACK (on_connect_error), &seen);
  for (guint round = 1; round <= 3; round++)
    {
      sio_socket_open (client->socket);
      g_assert_true (sio_socket_get_active (client->socket));
      sio_test_wait (seen.n_errors == round);
      g_assert_error (seen.error, SIO_ERROR, SIO_ERROR_PROTOCOL);
      g_assert_nonnull (g_strstr_len (seen.error->message, -1, "older revision"));
      g_assert_nonnull (g_strstr_len (seen.error->message, -1, "version 2"));
    }
  g_assert_cmpuint (sio_test_log_count (&client->log, "connect-error"), ==, 3);
  g_assert_cmpuint (sio_test_log_count (&client->log, "reconnect-attempt"), ==, 0);
  g_assert_cmpuint (sio_test_log_count (&client->log, "connect"), ==, 0);
  g_clear_error (&seen.error);
}

static void
test_main_namespace (const SioTestMode *mode)
{
  check_refused (mode, "/");
}

static void
test_other_namespace (const SioTestMode *mode)
{
  check_refused (mode, "/admin");
}

static const SioTestCase cases[] = {
  { "old/S12-version-2", test_main_namespace },
  { "old/S12-version-2-namespace", test_other_namespace },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
