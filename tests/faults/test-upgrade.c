/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "sio-fault-client.h"
#include "sio-raw-peer.h"
#include "sio-test-flood.h"

/* The way from polling to WebSocket fails at each of its steps. The session goes on with polling,
 * and the application hears nothing of it. */

#define OPEN                                                                                       \
  "0{\"sid\":\"E\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,"     \
  "\"maxPayload\":1000000}"

typedef struct
{
  const char *name;
  void (*act) (SioRawConn *conn); /* with the request for the upgrade */
  gboolean paused;                /* the client has stopped polling by then */
} Fault;

typedef struct
{
  const Fault *fault;
  SioRawConn *held;    /* a GET */
  SioRawConn *upgrade; /* the request that the fault strikes */
  gboolean struck;
  GString *waiting; /* for the next GET */
} Server;

static void
answer_poll (Server *self)
{
  if (self->held == NULL || self->waiting->len == 0)
    return;

  sio_raw_respond (g_steal_pointer (&self->held), "200 OK", self->waiting->str);
  g_string_truncate (self->waiting, 0);
}

static void
send_packet (Server *self, const char *packet)
{
  if (self->waiting->len > 0)
    g_string_append_c (self->waiting, '\x1e');
  g_string_append (self->waiting, packet);
}

static void
handle_post (Server *self, SioRawConn *conn)
{
  const char *body = sio_raw_get_body (conn, NULL);

  if (g_str_equal (body, "40"))
    send_packet (self, "40{\"sid\":\"X\"}");
  /* What was emitted on the way, and what came in between, in order. */
  else if (strstr (body, "42[\"one\"]") != NULL || strstr (body, "42[\"two\"]") != NULL)
    {
      g_auto (GStrv) packets = g_strsplit (body, "\x1e", -1);

      for (guint i = 0; packets[i] != NULL; i++)
        if (g_str_has_prefix (packets[i], "42"))
          send_packet (self, packets[i]);
    }
  else if (g_str_has_suffix (body, "1"))
    send_packet (self, "6");
  sio_raw_respond (conn, "200 OK", "ok");
}

static void
strike (SioRawPeer *peer, Server *self)
{
  /* Without a GET that is held the client would not wait for its answer, but go over at once. */
  if (self->fault->paused && self->held == NULL)
    return;

  self->fault->act (g_steal_pointer (&self->upgrade));
  if (self->fault->paused)
    send_packet (self, "6");
  sio_raw_mark (peer);
  answer_poll (self);
}

/* Scripts own nothing, so the string lives with the test. */
static void
play (SioRawPeer *peer)
{
  Server *server = sio_raw_peer_get_data (peer);

  for (;;)
    {
      SioRawConn *conn = sio_raw_expect (peer, "", "EIO=4");
      const char *head = sio_raw_get_head (conn);

      if (strstr (head, "transport=websocket") != NULL)
        {
          g_assert_false (server->struck);
          server->struck = TRUE;
          server->upgrade = conn;
        }
      else if (g_str_has_prefix (head, "POST"))
        handle_post (server, conn);
      else if (strstr (head, "sid=") == NULL)
        sio_raw_respond (conn, "200 OK", OPEN);
      else
        server->held = conn;
      answer_poll (server);
      if (server->upgrade != NULL)
        strike (peer, server);
    }
}

static void
on_connect_emit (SioSocket *socket, gpointer data)
{
  sio_socket_emit (socket, "one", NULL);
}

static void
never (SioRawConn *conn)
{
}

static void
test_fault (gconstpointer data)
{
  Server server = { .fault = data, .waiting = g_string_new (NULL) };
  SioRawPeer *peer = sio_raw_peer_new (play, &server);
  SioFaultClient *client = sio_fault_client_new_idle (sio_raw_peer_get_port (peer), NULL);

  g_signal_connect (client->socket, "connect", G_CALLBACK (on_connect_emit), NULL);
  sio_socket_open (client->socket);
  sio_test_wait (sio_raw_peer_get_marks (peer) == 1 && sio_fault_client_heard (client, "one"));
  sio_socket_emit (client->socket, "two", NULL);
  sio_test_wait (sio_fault_client_heard (client, "two"));

  g_assert_cmpuint (client->n_connects, ==, 1);
  g_assert_cmpuint (client->n_disconnects, ==, 0);
  g_assert_cmpuint (client->n_connect_errors, ==, 0);
  g_assert_cmpuint (client->n_errors, ==, 0);
  g_assert_cmpuint (client->n_events, ==, 2);
  g_assert_cmpint (sio_raw_peer_get_overlaps (peer), ==, 0);
  g_assert_cmpstr (sio_engine_get_transport_name (sio_manager_get_engine (client->manager)), ==,
                   "polling");
  sio_fault_client_free (client);
  sio_raw_peer_free (peer);
  g_string_free (server.waiting, TRUE);
}

static void
refuse (SioRawConn *conn)
{
  sio_raw_respond (conn, "400 Bad Request", "{\"code\":3,\"message\":\"Bad request\"}");
}

static void
refuse_with (SioRawConn *conn, const char *name)
{
  for (guint i = 0; i < sio_test_n_floods; i++)
    if (g_str_equal (sio_test_floods[i].name, name))
      sio_test_flood_send (&sio_test_floods[i], conn, "403 Forbidden");
}

static void
refuse_with_bomb (SioRawConn *conn)
{
  refuse_with (conn, "bomb");
}

static void
refuse_without_end (SioRawConn *conn)
{
  refuse_with (conn, "length");
}

static void
refuse_without_body (SioRawConn *conn)
{
  refuse_with (conn, "nothing");
}

static void
redirect (SioRawConn *conn)
{
  sio_raw_respond_full (conn, "302 Found", "Location: /elsewhere\r\n", "", 0);
}

static void
ordinary (SioRawConn *conn)
{
  sio_raw_respond (conn, "200 OK", "<html>");
}

static void
reset (SioRawConn *conn)
{
  sio_raw_reset (conn);
}

static void
end (SioRawConn *conn)
{
  sio_raw_close (conn);
}

static void
continue_for_ever (SioRawConn *conn)
{
  while (sio_raw_try_send (conn, "HTTP/1.1 100 Continue\r\n\r\n", -1))
    continue;
  sio_raw_close (conn);
}

static void
wrong_accept (SioRawConn *conn)
{
  sio_raw_try_send (conn,
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
                    -1);
  sio_raw_await_end (conn);
}

static void
end_after_101 (SioRawConn *conn)
{
  sio_raw_upgrade (conn, "");
  sio_raw_close (conn);
}

static void
take_probe (SioRawConn *conn)
{
  sio_raw_upgrade (conn, "");
  sio_raw_expect_text (conn, "2probe");
}

static void
end_after_probe (SioRawConn *conn)
{
  take_probe (conn);
  sio_raw_close (conn);
}

static void
reset_after_probe (SioRawConn *conn)
{
  take_probe (conn);
  sio_raw_reset (conn);
}

static void
answer (SioRawConn *conn, const char *text)
{
  take_probe (conn);
  sio_raw_text (conn, text);
  sio_raw_await_close (conn);
}

static void
wrong_answer (SioRawConn *conn)
{
  answer (conn, "3");
}

static void
message_for_answer (SioRawConn *conn)
{
  answer (conn, "42[\"never\"]");
}

static void
session_for_answer (SioRawConn *conn)
{
  answer (conn, OPEN);
}

static void
garbage_for_answer (SioRawConn *conn)
{
  answer (conn, "9");
}

static void
binary_for_answer (SioRawConn *conn)
{
  take_probe (conn);
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_BINARY, "3probe", -1);
  sio_raw_await_close (conn);
}

static void
masked_answer (SioRawConn *conn)
{
  take_probe (conn);
  sio_raw_frame_masked (conn, SIO_RAW_FIN | SIO_RAW_TEXT, "3probe", -1);
  sio_raw_await_close (conn);
}

static void
close_for_answer (SioRawConn *conn)
{
  take_probe (conn);
  sio_raw_send_close (conn, 1001, "");
  sio_raw_expect_close (conn, 1001);
}

static void
close_packet_for_answer (SioRawConn *conn)
{
  answer (conn, "1");
}

/* What comes with the headers is read in one go with them. */
static void
close_with_101 (SioRawConn *conn)
{
  sio_raw_upgrade (conn, "");
  sio_raw_send_close (conn, 1001, "");
}

static void
close_packet_with_101 (SioRawConn *conn)
{
  sio_raw_upgrade (conn, "");
  sio_raw_text (conn, "1");
}

static void
close_after_answer (SioRawConn *conn)
{
  take_probe (conn);
  sio_raw_text (conn, "3probe");
  sio_raw_send_close (conn, 1001, "");
  sio_raw_expect_close (conn, 1001);
}

static void
close_packet_after_answer (SioRawConn *conn)
{
  take_probe (conn);
  sio_raw_text (conn, "3probe");
  sio_raw_text (conn, "1");
  sio_raw_expect_close (conn, 0);
}

static void
end_after_answer (SioRawConn *conn)
{
  take_probe (conn);
  sio_raw_text (conn, "3probe");
  sio_raw_end_output (conn);
  /* An end that the client learns of only after the "6" that lets it go over is another fault. */
  sio_raw_await_end (conn);
}

static void
silent_after_101 (SioRawConn *conn)
{
  sio_raw_upgrade (conn, "");
}

static void
silent_after_probe (SioRawConn *conn)
{
  take_probe (conn);
}

static const Fault faults[] = {
  { "refused", refuse },
  { "X30 refused with a bomb", refuse_with_bomb },
  { "X30 refused without an end", refuse_without_end },
  { "X30 refused without a body", refuse_without_body },
  { "redirected", redirect },
  { "answered with a page", ordinary },
  { "reset", reset },
  { "ended", end },
  { "continue for ever", continue_for_ever },
  { "never answered", never },
  { "wrong key", wrong_accept },
  { "ended after 101", end_after_101 },
  { "silent after 101", silent_after_101 },
  { "ended after the probe", end_after_probe },
  { "reset after the probe", reset_after_probe },
  { "silent after the probe", silent_after_probe },
  { "wrong answer", wrong_answer },
  { "message for an answer", message_for_answer },
  { "session for an answer", session_for_answer },
  { "garbage for an answer", garbage_for_answer },
  { "binary for an answer", binary_for_answer },
  { "masked answer", masked_answer },
  { "ended after the answer", end_after_answer, TRUE },
  { "X26 close frame for an answer", close_for_answer },
  { "X26 close packet for an answer", close_packet_for_answer },
  { "X26 close frame with 101", close_with_101 },
  { "X26 close packet with 101", close_packet_with_101 },
  { "X26 close frame after the answer", close_after_answer, TRUE },
  { "X26 close packet after the answer", close_packet_after_answer, TRUE },
};

static void
play_refusal (SioRawPeer *peer)
{
  for (;;)
    {
      refuse_with (sio_raw_expect (peer, "GET ", "transport=websocket"),
                   sio_raw_peer_get_data (peer));
      sio_raw_mark (peer);
    }
}

/* Each attempt is told of once, and the next one comes. */
static void
test_refused (gconstpointer data)
{
  SioRawPeer *peer = sio_raw_peer_new (play_refusal, (gpointer) data);
  SioFaultClient *client = sio_fault_client_new (sio_raw_peer_get_port (peer), "websocket");

  sio_test_wait (sio_raw_peer_get_marks (peer) == 3);
  sio_test_wait (client->n_connect_errors >= 3);
  g_assert_cmpuint (client->n_connect_errors, <=, (guint) sio_raw_peer_get_connections (peer));
  g_assert_cmpstr (client->details, ==, "websocket error: HTTP status 403");
  sio_fault_client_free (client);
  sio_raw_peer_free (peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strconcat ("/faults/upgrade/", faults[i].name, NULL);

      g_test_add_data_func (path, &faults[i], test_fault);
    }
  g_test_add_data_func ("/faults/upgrade/X30 never there/bomb", "bomb", test_refused);
  g_test_add_data_func ("/faults/upgrade/X30 never there/length", "length", test_refused);
  g_test_add_data_func ("/faults/upgrade/X30 never there/nothing", "nothing", test_refused);
  return g_test_run ();
}
