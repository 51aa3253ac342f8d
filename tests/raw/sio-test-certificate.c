/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-certificate.h"

#include <glib/gstdio.h>
#include <stdlib.h>

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

GTlsCertificate *
sio_test_certificate_new (void)
{
  GError *error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_pem (pem, -1, &error);

  g_assert_no_error (error);
  return certificate;
}

/* It is read again for each connection. */
static char *database_path;

static void
remove_database (void)
{
  g_unlink (database_path);
  g_free (database_path);
}

GTlsDatabase *
sio_test_database_new (void)
{
  GError *error = NULL;
  GTlsDatabase *database;

  if (database_path == NULL)
    {
      int fd = g_file_open_tmp ("sio-XXXXXX.pem", &database_path, &error);

      g_assert_no_error (error);
      g_assert_true (g_close (fd, NULL));
      g_assert_true (g_file_set_contents (database_path, pem, -1, NULL));
      atexit (remove_database);
    }
  database = g_tls_file_database_new (database_path, &error);
  g_assert_no_error (error);
  return database;
}

gboolean
sio_test_has_tls (void)
{
  return g_tls_backend_supports_tls (g_tls_backend_get_default ());
}
