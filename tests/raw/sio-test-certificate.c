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

/* Of two clients, whose common names are a and b; signed by themselves. */
static const char *const client_pems[] = {
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbzCCARWgAwIBAgIUa7hyrK6S+mq3STrrIi7ap0s5V94wCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBYTAgFw0yNjExMjgxNDMxNTBaGA8yMTI2MTEwNDE0MzE1MFow\n"
    "DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHSZIgC5/CpI\n"
    "z1fMVppvozZ6hCBPbOXsZ/pM8tNl2bB4xBP724SG0T9aCNxB1DzsPMV9O1vB3c9+\n"
    "fJPGnmzzsYWjUzBRMB0GA1UdDgQWBBRJyefNQyp7ra6hpg7SfcxvY9M2wDAfBgNV\n"
    "HSMEGDAWgBRJyefNQyp7ra6hpg7SfcxvY9M2wDAPBgNVHRMBAf8EBTADAQH/MAoG\n"
    "CCqGSM49BAMCA0gAMEUCIHoHtirLPhnHIO9fCPgEFRzy6mw7zEIBmKbOXoT1v8Y4\n"
    "AiEAgP5X2WoliZ/qOHVxg5d7iBCh06LKFEcj/GcT7tLcz+k=\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYqkdiRhnupWx+RND\n"
    "SqtNWNGJ2bgIWla6n2egDqsJ5sChRANCAAR0mSIAufwqSM9XzFaab6M2eoQgT2zl\n"
    "7Gf6TPLTZdmweMQT+9uEhtE/WgjcQdQ87DzFfTtbwd3PfnyTxp5s87GF\n"
    "-----END PRIVATE KEY-----\n",
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbzCCARWgAwIBAgIUGAE/W5N9nPug5xq/qtIIHNqGlkUwCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBYjAgFw0yNjExMjgxNDMxNTFaGA8yMTI2MTEwNDE0MzE1MVow\n"
    "DDEKMAgGA1UEAwwBYjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBqz/Dkin9m2\n"
    "YJH2k2CtFeEC1O/SsSVoSGFhkXEg5xK0C7lnYb5ct3sBu9nz/eq44PFm7qZmpq93\n"
    "QCWF1YISwM+jUzBRMB0GA1UdDgQWBBR9bMK6sDdxkU2c35Rq/uuHegdutzAfBgNV\n"
    "HSMEGDAWgBR9bMK6sDdxkU2c35Rq/uuHegdutzAPBgNVHRMBAf8EBTADAQH/MAoG\n"
    "CCqGSM49BAMCA0gAMEUCIQCuqwMYpKcy/79etSW2/oS3t3OfIkKZ3jsNlD8wegVC\n"
    "aQIgce5hPSIltVuy1TOTSArGXhCLX5PrG+t7ZKeXyk1kRSo=\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNobQ28yyXQdZDBRJ\n"
    "kT12rSflI1lDw/nRy7T/DUVINruhRANCAAQas/w5Ip/ZtmCR9pNgrRXhAtTv0rEl\n"
    "aEhhYZFxIOcStAu5Z2G+XLd7AbvZ8/3quODxZu6mZqavd0AlhdWCEsDP\n"
    "-----END PRIVATE KEY-----\n",
};
/* clang-format on */

const char *
sio_test_certificate_get_pem (void)
{
  return pem;
}

static GTlsCertificate *
certificate_new (const char *text)
{
  GError *error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_pem (text, -1, &error);

  g_assert_no_error (error);
  return certificate;
}

GTlsCertificate *
sio_test_certificate_new (void)
{
  return certificate_new (pem);
}

GTlsCertificate *
sio_test_certificate_new_client (const char *name)
{
  return certificate_new (client_pems[g_str_equal (name, "b")]);
}

/* They are read again for each connection. */
static char *database_paths[2];

static void
remove_databases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (database_paths); i++)
    if (database_paths[i] != NULL)
      {
        g_unlink (database_paths[i]);
        g_free (database_paths[i]);
      }
}

static GTlsDatabase *
database_new (guint number, const char *text)
{
  GError *error = NULL;
  GTlsDatabase *database;

  if (database_paths[0] == NULL && database_paths[1] == NULL)
    atexit (remove_databases);
  if (database_paths[number] == NULL)
    {
      int fd = g_file_open_tmp ("sio-XXXXXX.pem", &database_paths[number], &error);

      g_assert_no_error (error);
      g_assert_true (g_close (fd, NULL));
      g_assert_true (g_file_set_contents (database_paths[number], text, -1, NULL));
    }
  database = g_tls_file_database_new (database_paths[number], &error);
  g_assert_no_error (error);
  return database;
}

GTlsDatabase *
sio_test_database_new (void)
{
  return database_new (0, pem);
}

GTlsDatabase *
sio_test_database_new_other (void)
{
  return database_new (1, client_pems[0]);
}

gboolean
sio_test_has_tls (void)
{
  return g_tls_backend_supports_tls (g_tls_backend_get_default ());
}
