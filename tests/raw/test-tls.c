/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-transport-fixture.h"

#include <glib/gstdio.h>

/* Of 127.0.0.1, signed by itself; worth nothing anywhere else. */
/* clang-format off */
static const char pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBmzCCAUGgAwIBAgIUI9sYLruttOLPC7kvPi9bI9n+6q4wCgYIKoZIzj0EAwIw\n"
    "FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzE2MDAyOFoYDzIxMjYxMDMw\n"
    "MTYwMDI4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAASFNQoXapuIUbB/hokCt4tt1yLMxLTDPehyVCDK8D3Bx+Eo6it5an+9\n"
    "/TEHhalRgBsb+2HQaVAhc7/oAgVe0Xaho28wbTAdBgNVHQ4EFgQUwr2K0zGkjO3m\n"
    "vw8/rYPzUyR4XNUwHwYDVR0jBBgwFoAUwr2K0zGkjO3mvw8/rYPzUyR4XNUwDwYD\n"
    "VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI\n"
    "zj0EAwIDSAAwRQIhALkm/yXUw4AX2WxUK2HLqEeST3sxdiil4nbTLCeGvYOuAiAK\n"
    "7eL7BZUNkNHp1tCFj5C5Mht9rUohyoTjUidd/tnX5A==\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMFYyv6S20bu0exju\n"
    "er6PBzdNh6LMqadTPZvCIHX6xHahRANCAASFNQoXapuIUbB/hokCt4tt1yLMxLTD\n"
    "PehyVCDK8D3Bx+Eo6it5an+9/TEHhalRgBsb+2HQaVAhc7/oAgVe0Xah\n"
    "-----END PRIVATE KEY-----\n";
/* clang-format on */

static GTlsCertificate *
certificate_new (void)
{
  GError *error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_pem (pem, -1, &error);

  g_assert_no_error (error);
  return certificate;
}

/* It is read again for each connection. */
static char *database_path;

static void
write_database (void)
{
  GError *error = NULL;
  int fd = g_file_open_tmp ("sio-XXXXXX.pem", &database_path, &error);

  g_assert_no_error (error);
  g_assert_true (g_close (fd, NULL));
  g_assert_true (g_file_set_contents (database_path, pem, -1, NULL));
}

static GTlsDatabase *
database_new (void)
{
  GError *error = NULL;
  GTlsDatabase *database = g_tls_file_database_new (database_path, &error);

  g_assert_no_error (error);
  return database;
}

static void
play_tls (SioRawPeer *peer)
{
  Fixture *fixture = sio_raw_peer_get_data (peer);
  GTlsCertificate *certificate = certificate_new ();
  SioRawConn *conn;

  sio_raw_use_tls (peer, certificate,
                   fixture->data == 0 ? G_TLS_AUTHENTICATION_NONE : G_TLS_AUTHENTICATION_REQUIRED);
  g_object_unref (certificate);
  conn = sio_raw_expect (peer, "GET ", NULL);
  if (g_strrstr (sio_raw_get_head (conn), "transport=websocket") != NULL)
    {
      sio_raw_upgrade (conn, "");
      sio_raw_text (conn, "0{}");
    }
  else
    sio_raw_respond (conn, "200 OK", "0{}");
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

static const char *const names[] = { "polling", "websocket" };
static const char *const tokens[] = { "xhr poll error: ?*", "websocket error: ?*" };

static void
test_unknown_authority (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_tls, 0);
      fixture.settings->secure = TRUE;
      fixture_open (&fixture, names[i], NULL);
      fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                             tokens[i]);
      g_assert_cmpint (sio_raw_peer_get_marks (fixture.peer), ==, 0);
      fixture_clear (&fixture);
    }
}

static void
test_database (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_tls, 0);
      fixture.sid = NULL;
      fixture.settings->secure = TRUE;
      fixture.settings->tls_database = database_new ();
      fixture_open (&fixture, names[i], NULL);
      sio_test_wait (fixture.n_packets == 1 || fixture.was_closed);
      g_assert_no_error (fixture.details);
      fixture_clear (&fixture);
    }
}

static void
test_client_certificate (void)
{
  guint i;

  for (i = 0; i < 2 * G_N_ELEMENTS (names); i++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_tls, 1);
      fixture.sid = NULL;
      fixture.settings->secure = TRUE;
      fixture.settings->tls_database = database_new ();
      if (i < G_N_ELEMENTS (names))
        fixture.settings->tls_certificate = certificate_new ();
      fixture_open (&fixture, names[i % 2], NULL);
      sio_test_wait (fixture.n_packets == 1 || fixture.was_closed);
      if (i < G_N_ELEMENTS (names))
        g_assert_no_error (fixture.details);
      else
        fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, SIO_ERROR_TRANSPORT,
                               tokens[i % 2]);
      fixture_clear (&fixture);
    }
}

static void
play_silence (SioRawPeer *peer)
{
  sio_raw_await_end (sio_raw_accept (peer));
  sio_raw_mark (peer);
}

/* The peer never says a word of TLS. */
static void
test_abort_in_handshake (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Fixture fixture;

      fixture_init (&fixture, play_silence, 0);
      fixture.settings->secure = TRUE;
      fixture_open (&fixture, names[i], NULL);
      sio_test_wait (sio_raw_peer_get_connections (fixture.peer) == 1);
      fixture_abort (&fixture);
      sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
      fixture_clear (&fixture);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);

  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ()))
    {
      g_print ("1..0 # SKIP GIO has no TLS\n");
      return 0;
    }
  g_test_add_func ("/tls/unknown-authority", test_unknown_authority);
  g_test_add_func ("/tls/database", test_database);
  g_test_add_func ("/tls/client-certificate", test_client_certificate);
  g_test_add_func ("/tls/abort-in-handshake", test_abort_in_handshake);
  write_database ();
  status = g_test_run ();
  g_unlink (database_path);
  g_free (database_path);
  return status;
}
