/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-certificate.h"
#include "sio-transport-fixture.h"

static void
play_tls (SioRawPeer *peer)
{
  Fixture *fixture = sio_raw_peer_get_data (peer);
  GTlsCertificate *certificate = sio_test_certificate_new ();
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
      fixture.settings->tls_database = sio_test_database_new ();
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
      fixture.settings->tls_database = sio_test_database_new ();
      if (i < G_N_ELEMENTS (names))
        fixture.settings->tls_certificate = sio_test_certificate_new ();
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

  g_test_init (&argc, &argv, NULL);

  if (!sio_test_has_tls ())
    {
      g_print ("1..0 # SKIP GIO has no TLS\n");
      return 0;
    }
  g_test_add_func ("/tls/unknown-authority", test_unknown_authority);
  g_test_add_func ("/tls/database", test_database);
  g_test_add_func ("/tls/client-certificate", test_client_certificate);
  g_test_add_func ("/tls/abort-in-handshake", test_abort_in_handshake);
  return g_test_run ();
}
