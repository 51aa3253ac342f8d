/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sio-fault-client.h"
#include "sio-fault-proxy.h"
#include "sio-raw-peer.h"

/* A server that behaves, behind a network that does not. */

/* Every connection gets one event more than the last. Without pings none lives for longer than the
 * two times of its handshake. */
static void
play (SioRawPeer *peer)
{
  gboolean pings = sio_raw_peer_get_data (peer) != NULL;

  for (guint session = 1;; session++)
    {
      g_autofree char *hello = NULL;
      const char *payload;
      gsize length;
      guint8 first;
      SioRawConn *conn = sio_raw_expect_websocket (peer);

      sio_raw_text (conn, pings ? "0{\"sid\":\"E\",\"upgrades\":[],\"pingInterval\":25000,"
                                  "\"pingTimeout\":20000}"
                                : "0{\"sid\":\"E\",\"upgrades\":[],\"pingInterval\":100,"
                                  "\"pingTimeout\":100}");
      if (!sio_raw_try_read_frame (conn, &first, &payload, &length))
        {
          sio_raw_close (conn);
          continue;
        }
      sio_raw_text (conn, "40{\"sid\":\"X\"}");
      hello = g_strdup_printf ("42[\"hello-%u\"]", session);
      sio_raw_text (conn, hello);
      sio_raw_text (conn, "42[\"hello\"]");
      sio_raw_mark (peer);
      g_clear_pointer (&hello, g_free);
      /* Only one connection at a time: the next is taken when this one has come to its end. */
      sio_raw_await_close (conn);
    }
}

typedef struct
{
  SioRawPeer *peer;
  SioFaultProxy *proxy;
  SioFaultClient *client;
} Fixture;

static void
fixture_init (Fixture *self, gboolean pings)
{
  self->peer = sio_raw_peer_new (play, GINT_TO_POINTER (pings));
  self->proxy = sio_fault_proxy_new (sio_raw_peer_get_port (self->peer));
  self->client = sio_fault_client_new_idle (sio_fault_proxy_get_port (self->proxy), "websocket");
}

static void
fixture_clear (Fixture *self)
{
  sio_fault_client_free (self->client);
  sio_fault_proxy_free (self->proxy);
  sio_raw_peer_free (self->peer);
}

/* Refused by a packet that was not what the server had sent, it does not try again by itself. */
static void
on_connect_error (SioSocket *socket, const GError *error, SioValue *data, gpointer user_data)
{
  if (!sio_socket_get_active (socket))
    sio_socket_open (socket);
}

static void
test_half_open (void)
{
  Fixture f;

  fixture_init (&f, FALSE);
  sio_socket_open (f.client->socket);
  sio_test_wait (sio_fault_client_heard (f.client, "hello-1"));
  sio_fault_proxy_freeze (f.proxy, TRUE);
  /* When exactly is for tests/plays to say, whose clock is not that of the machine. */
  sio_test_wait (f.client->n_disconnects == 1);
  g_assert_cmpint (f.client->reason, ==, SIO_DISCONNECT_REASON_PING_TIMEOUT);

  sio_fault_proxy_end (f.proxy, SIO_FAULT_RESET);
  sio_fault_proxy_freeze (f.proxy, FALSE);
  sio_test_wait (f.client->n_connects == 2);
  g_assert_cmpuint (f.client->n_disconnects, ==, 1);
  fixture_clear (&f);
}

static void
test_frozen_while_connecting (void)
{
  Fixture f;

  fixture_init (&f, TRUE);
  sio_manager_set_timeout (f.client->manager, 200);
  sio_fault_proxy_freeze (f.proxy, TRUE);
  sio_socket_open (f.client->socket);
  sio_test_wait (f.client->n_connect_errors == 2);
  g_assert_cmpstr (f.client->details, ==, "timeout");
  sio_manager_set_timeout (f.client->manager, 20000);
  sio_fault_proxy_end (f.proxy, SIO_FAULT_END);
  sio_fault_proxy_freeze (f.proxy, FALSE);
  sio_test_wait (f.client->n_connects == 1);
  g_assert_cmpuint (f.client->n_disconnects, ==, 0);
  fixture_clear (&f);
}

static void
test_refused (void)
{
  Fixture f;

  fixture_init (&f, TRUE);
  sio_fault_proxy_refuse (f.proxy, TRUE);
  sio_socket_open (f.client->socket);
  sio_test_wait (f.client->n_connect_errors == 10);
  sio_fault_proxy_refuse (f.proxy, FALSE);
  sio_test_wait (f.client->n_connects == 1);
  g_assert_cmpuint (f.client->n_disconnects, ==, 0);
  fixture_clear (&f);
}

static void
test_again_and_again (gconstpointer data)
{
  SioFaultEnd end = (SioFaultEnd) GPOINTER_TO_INT (data);
  Fixture f;
  guint n = sio_fault_long () ? 500 : 20;

  fixture_init (&f, TRUE);
  sio_socket_open (f.client->socket);
  for (guint i = 1; i <= n; i++)
    {
      g_autofree char *hello = g_strdup_printf ("hello-%u", i);

      sio_test_wait (sio_fault_client_heard (f.client, hello));
      g_assert_cmpuint (f.client->n_connects, ==, i);
      sio_fault_proxy_end (f.proxy, end);
      sio_test_wait (f.client->n_disconnects == i);
    }
  g_assert_cmpuint (f.client->n_connect_errors, ==, 0);
  fixture_clear (&f);
}

static void
test_slow (gconstpointer data)
{
  Fixture f;

  fixture_init (&f, TRUE);
  sio_manager_set_timeout (f.client->manager, 20000);
  if (data != NULL)
    sio_fault_proxy_dribble (f.proxy, 500);
  else
    sio_fault_proxy_delay (f.proxy, 50);
  sio_socket_open (f.client->socket);
  sio_test_wait (sio_fault_client_heard (f.client, "hello-1"));
  g_assert_cmpuint (f.client->n_connect_errors, ==, 0);
  g_assert_cmpuint (f.client->n_disconnects, ==, 0);
  sio_fault_proxy_dribble (f.proxy, 0);
  sio_fault_proxy_delay (f.proxy, 0);
  fixture_clear (&f);
}

static guint64
measure_session (void)
{
  Fixture f;
  guint64 count;

  fixture_init (&f, TRUE);
  sio_socket_open (f.client->socket);
  sio_test_wait (sio_fault_client_heard (f.client, "hello"));
  count = sio_fault_proxy_get_count (f.proxy);
  fixture_clear (&f);
  return count;
}

/* At each byte that the server sends; in short at some of them, others each time. */
static void
test_each_byte (gconstpointer data)
{
  guint64 length = measure_session ();
  guint64 step = sio_fault_long () ? 1 : 11;

  for (guint64 at = sio_fault_long () ? 0 : (guint64) g_test_rand_int_range (0, (gint32) step);
       at < length; at += step)
    {
      Fixture f;

      fixture_init (&f, FALSE);
      g_signal_connect (f.client->socket, "connect-error", G_CALLBACK (on_connect_error), NULL);
      g_test_message ("byte %d of %d", (int) at, (int) length);
      if (data == NULL)
        sio_fault_proxy_corrupt (f.proxy, at);
      else
        sio_fault_proxy_cut (f.proxy, at, (SioFaultEnd) (GPOINTER_TO_INT (data) - 1));
      sio_manager_set_timeout (f.client->manager, 300 * sio_fault_slowness ());
      sio_socket_open (f.client->socket);
      sio_test_wait (sio_fault_client_heard (f.client, "hello"));
      g_assert_cmpuint (f.client->n_connects, <=, f.client->n_disconnects + 1);
      g_assert_cmpuint (f.client->n_disconnects + f.client->n_connect_errors, <=, 2);
      fixture_clear (&f);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/faults/network/half-open", test_half_open);
  g_test_add_func ("/faults/network/frozen while connecting", test_frozen_while_connecting);
  g_test_add_func ("/faults/network/accepted and closed", test_refused);
  g_test_add_data_func ("/faults/network/end again and again", GINT_TO_POINTER (SIO_FAULT_END),
                        test_again_and_again);
  g_test_add_data_func ("/faults/network/reset again and again", GINT_TO_POINTER (SIO_FAULT_RESET),
                        test_again_and_again);
  g_test_add_data_func ("/faults/network/delay", NULL, test_slow);
  g_test_add_data_func ("/faults/network/dribble", GINT_TO_POINTER (1), test_slow);
  g_test_add_data_func ("/faults/network/end at each byte", GINT_TO_POINTER (SIO_FAULT_END + 1),
                        test_each_byte);
  g_test_add_data_func ("/faults/network/reset at each byte", GINT_TO_POINTER (SIO_FAULT_RESET + 1),
                        test_each_byte);
  g_test_add_data_func ("/faults/network/corrupt each byte", NULL, test_each_byte);
  return g_test_run ();
}
