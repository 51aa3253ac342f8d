/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "sio-fault-client.h"
#include "sio-raw-peer.h"

/* What may come in answer to a request that should not: to the handshake, to a poll, or to a POST.
 * The first session of the peer has the fault; the second has none, and must be reached. */

#define OPEN                                                                                       \
  "0{\"sid\":\"E\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,"                  \
  "\"maxPayload\":1000000}"

typedef enum
{
  HANDSHAKE, /* the first GET */
  POLL,      /* a GET of a connected client */
  POST,      /* the first one, which carries CONNECT */
} Where;

typedef struct
{
  const char *name;
  Where where;
  void (*act) (SioRawConn *conn);
  const char *status; /* instead; 200 if there is only a body */
  const char *body;
  const char *raw; /* instead: a whole response */
  SioDisconnectReason reason;
  const char *details;
  guint timeout; /* of the first attempt, in milliseconds */
} Fault;

typedef struct
{
  const Fault *fault;
  guint session; /* from 1 */
  enum
  {
    NOTHING,
    CONNECT,
    LAST, /* the fault, or the event */
  } due;
  SioRawConn *held; /* a GET */
} Server;

static void
strike (const Fault *fault, SioRawConn *conn)
{
  if (fault->act != NULL)
    fault->act (conn);
  else if (fault->raw != NULL)
    {
      sio_raw_try_send (conn, fault->raw, -1);
      sio_raw_close (conn);
    }
  else
    sio_raw_respond (conn, fault->status != NULL ? fault->status : "200 OK",
                     fault->body != NULL ? fault->body : "");
}

static gboolean
strikes (Server *self, Where where)
{
  return self->session == 1 && self->fault->where == where;
}

static void
handle_handshake (Server *self, SioRawConn *conn)
{
  self->session++;
  self->due = NOTHING;
  self->held = NULL;
  if (strikes (self, HANDSHAKE))
    strike (self->fault, conn);
  else
    sio_raw_respond (conn, "200 OK", OPEN);
}

static void
answer_poll (Server *self)
{
  if (self->held == NULL || self->due == NOTHING)
    return;

  if (self->due == CONNECT)
    sio_raw_respond (g_steal_pointer (&self->held), "200 OK", "40{\"sid\":\"X\"}");
  else if (strikes (self, POLL))
    strike (self->fault, g_steal_pointer (&self->held));
  else
    sio_raw_respond (g_steal_pointer (&self->held), "200 OK", "42[\"back\"]");
  self->due = self->due == CONNECT ? LAST : NOTHING;
}

static void
handle_post (Server *self, SioRawConn *conn)
{
  const char *body = sio_raw_get_body (conn, NULL);

  if (strikes (self, POST))
    {
      strike (self->fault, conn);
      return;
    }

  sio_raw_respond (conn, "200 OK", "ok");
  if (g_str_equal (body, "40"))
    {
      self->due = CONNECT;
      answer_poll (self);
    }
  else if (g_str_has_suffix (body, "1") && self->held != NULL)
    sio_raw_respond (g_steal_pointer (&self->held), "200 OK", "6");
}

static void
play (SioRawPeer *peer)
{
  Server server = { sio_raw_peer_get_data (peer) };

  for (;;)
    {
      SioRawConn *conn = sio_raw_expect (peer, "", "transport=polling");

      if (g_str_has_prefix (sio_raw_get_head (conn), "POST"))
        handle_post (&server, conn);
      else if (strstr (sio_raw_get_head (conn), "sid=") == NULL)
        handle_handshake (&server, conn);
      else
        {
          server.held = conn;
          answer_poll (&server);
        }
    }
}

static void
test_fault (gconstpointer data)
{
  const Fault *fault = data;
  g_autoptr (SioRawPeer) peer = sio_raw_peer_new (play, (gpointer) fault);
  g_autoptr (SioFaultClient) client =
      sio_fault_client_new_idle (sio_raw_peer_get_port (peer), "polling");

  /* What is to end by itself has all the time that a busy machine takes (X65). */
  sio_manager_set_timeout (client->manager,
                           fault->timeout > 0 ? fault->timeout * sio_test_slowness () : 0);
  sio_socket_open (client->socket);
  sio_test_wait (sio_fault_client_heard (client, "back"));
  g_assert_cmpint (sio_raw_peer_get_overlaps (peer), ==, 0);
  if (fault->where == POLL)
    {
      g_assert_cmpuint (client->n_connects, ==, 2);
      g_assert_cmpuint (client->n_disconnects, ==, 1);
      g_assert_cmpuint (client->n_connect_errors, ==, 0);
      g_assert_cmpint (client->reason, ==, fault->reason);
    }
  else
    {
      g_assert_cmpuint (client->n_connects, ==, 1);
      g_assert_cmpuint (client->n_disconnects, ==, 0);
      g_assert_cmpuint (client->n_connect_errors, ==, 1);
    }
  if (fault->details != NULL && strstr (client->details, fault->details) == NULL)
    g_error ("expected “%s”, got “%s”", fault->details, client->details);
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
never (SioRawConn *conn)
{
}

/* Over and over, until the client has had enough. */
static void
send_for_ever (SioRawConn *conn, const char *head, const char *piece)
{
  g_autoptr (GString) block = g_string_new (NULL);

  while (block->len < 100000)
    g_string_append (block, piece);
  sio_raw_try_send (conn, head, -1);
  while (sio_raw_try_send (conn, block->str, (gssize) block->len))
    continue;
  sio_raw_close (conn);
}

static void
endless_head (SioRawConn *conn)
{
  send_for_ever (conn, "HTTP/1.1 200 OK\r\n",
                 "X-Header: 0123456789012345678901234567890123456789\r\n");
}

static void
endless_continue (SioRawConn *conn)
{
  send_for_ever (conn, "", "HTTP/1.1 100 Continue\r\n\r\n");
}

static void
endless_body (SioRawConn *conn)
{
  send_for_ever (conn, "HTTP/1.1 200 OK\r\n\r\n",
                 "42[\"0123456789012345678901234567890123456789\"]\x1e");
}

static void
endless_chunks (SioRawConn *conn)
{
  char chunk[0x2006 + 2 + 1];

  memset (chunk, 'x', sizeof chunk);
  memcpy (chunk, "2000\r\n", 6);
  memcpy (chunk + sizeof chunk - 3, "\r\n", 3);
  send_for_ever (conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk);
}

static void
endless_error (SioRawConn *conn)
{
  send_for_ever (conn, "HTTP/1.1 500 Oops\r\n\r\n", "It is not our fault. ");
}

/* 64 MiB of nothing, packed before anybody looks at the time: to make it takes memory from under
 * whoever else wants some. */
static GBytes *packed;

static GBytes *
pack (void)
{
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  gsize size = 64 * 1024 * 1024, n_read, n_written;
  g_autofree char *zeros = g_malloc0 (size);
  char *out = g_malloc (size / 16);

  g_assert_cmpint (g_converter_convert (G_CONVERTER (compressor), zeros, size, out, size / 16,
                                        G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL),
                   ==, G_CONVERTER_FINISHED);
  g_assert_cmpuint (n_read, ==, size);
  return g_bytes_new_take (out, n_written);
}

static void
bomb (SioRawConn *conn)
{
  sio_raw_respond_full (conn, "200 OK", "Content-Encoding: gzip\r\n",
                        g_bytes_get_data (packed, NULL), (gssize) g_bytes_get_size (packed));
}

#define CLOSE SIO_DISCONNECT_REASON_TRANSPORT_CLOSE
#define ERROR SIO_DISCONNECT_REASON_TRANSPORT_ERROR
#define PARSE SIO_DISCONNECT_REASON_PARSE_ERROR

#define STATUS(code, words)                                                                        \
  { "handshake/" code, HANDSHAKE, .status = code " X", .body = words,                              \
    .details = "xhr poll error" },                                                                 \
      { "poll/" code,        POLL,                                                                 \
        .status = code " X", .body = words,                                                        \
        .reason = ERROR,     .details = "xhr poll error" },                                        \
  {                                                                                                \
    "post/" code, POST, .status = code " X", .body = words, .details = "xhr post error"            \
  }
#define EVERYWHERE(what, ...)                                                                      \
  { "handshake/" what, HANDSHAKE, __VA_ARGS__, .details = "xhr poll error" },                      \
  {                                                                                                \
    "poll/" what, POLL, __VA_ARGS__, .reason = ERROR, .details = "xhr poll error"                  \
  }
#define NO_HANDSHAKE(text)                                                                         \
  {                                                                                                \
    "handshake/" text, HANDSHAKE, .body = text                                                     \
  }
#define REFUSED(packet, words)                                                                     \
  {                                                                                                \
    "packet/" packet, POLL, .body = packet, .reason = PARSE, .details = words                      \
  }
#define UNREADABLE(packet)                                                                         \
  {                                                                                                \
    "payload/" packet, POLL, .body = packet, .reason = ERROR, .details = "parser error"            \
  }

static const Fault faults[] = {
  STATUS ("400", "{\"code\":0,\"message\":\"Transport unknown\"}"),
  STATUS ("401", ""),
  STATUS ("403", "{\"code\":4,\"message\":\"Forbidden\"}"),
  STATUS ("404", "<html>"),
  STATUS ("413", ""),
  STATUS ("429", "later"),
  STATUS ("500", ""),
  STATUS ("502", "<html>"),
  STATUS ("503", "{\"code\":1}"),
  STATUS ("204", ""),
  { "handshake/301", HANDSHAKE,
    .raw = "HTTP/1.1 301 X\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n" },
  { "handshake/302", HANDSHAKE,
    .raw = "HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/\r\n"
           "Content-Length: 0\r\n\r\n" },
  { "handshake/307", HANDSHAKE, .raw = "HTTP/1.1 307 X\r\nLocation:\r\nContent-Length: 0\r\n\r\n" },
  { "post/302", POST, .raw = "HTTP/1.1 302 X\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
    .details = "xhr post error" },
  EVERYWHERE ("reset", .act = reset),
  EVERYWHERE ("end", .act = end),
  EVERYWHERE ("no HTTP", .raw = "What?\r\n\r\n"),
  EVERYWHERE ("cut head", .raw = "HTTP/1.1 200 OK\r\nContent-Le"),
  EVERYWHERE ("length too long", .raw = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n42[\"a\"]"),
  EVERYWHERE ("cut chunk",
              .raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n42[\"a\"]"),
  /* libsoup takes that for the last one. */
  { "poll/wrong chunk", POLL, .raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    .reason = ERROR },
  EVERYWHERE ("endless body", .act = endless_body),
  EVERYWHERE ("endless chunks", .act = endless_chunks),
  EVERYWHERE ("endless error", .act = endless_error),
  EVERYWHERE ("gzip bomb", .act = bomb),
  { "handshake/endless head", HANDSHAKE, endless_head, .timeout = 500 },
  { "handshake/endless continue", HANDSHAKE, endless_continue, .timeout = 500 },
  { "handshake/never answered", HANDSHAKE, never, .details = "timeout", .timeout = 300 },
  { "post/reset", POST, reset, .details = "xhr post error" },
  { "post/end", POST, end, .details = "xhr post error" },

  { "handshake/empty", HANDSHAKE },
  NO_HANDSHAKE ("0"),
  NO_HANDSHAKE ("0{"),
  NO_HANDSHAKE ("0[]"),
  NO_HANDSHAKE ("0{}"),
  NO_HANDSHAKE ("6"),
  NO_HANDSHAKE ("40{\"sid\":\"X\"}"),
  NO_HANDSHAKE ("0{\"sid\":1,\"pingInterval\":100,\"pingTimeout\":100}"),
  NO_HANDSHAKE ("0{\"sid\":\"\",\"pingInterval\":100,\"pingTimeout\":100}"),
  NO_HANDSHAKE ("0{\"sid\":\"a\\nb\",\"pingInterval\":100,\"pingTimeout\":100}"),
  NO_HANDSHAKE ("0{\"sid\":\"a\"}"),
  NO_HANDSHAKE ("0{\"sid\":\"a\",\"pingInterval\":-1,\"pingTimeout\":100}"),
  NO_HANDSHAKE ("0{\"sid\":\"a\",\"pingInterval\":\"1\",\"pingTimeout\":100}"),

  { "payload/close packet", POLL, .body = "1", .reason = CLOSE },
  { "payload/close packet behind another", POLL,
    .body = "6\x1e"
            "1\x1e"
            "42[\"never\"]",
    .reason = CLOSE },
  { "payload/empty", POLL, .reason = ERROR, .details = "parser error" },
  UNREADABLE ("9"),
  UNREADABLE ("a"),
  UNREADABLE ("b!"),
  UNREADABLE ("bAAA"),
  UNREADABLE ("6\x1e"),
  UNREADABLE ("\x1e"),
  REFUSED ("4", "unknown packet type"),
  REFUSED ("42", "invalid payload"),
  REFUSED ("42[", "invalid payload"),
  REFUSED ("42[]", "invalid payload"),
  REFUSED ("42{}", "invalid payload"),
  REFUSED ("43", "invalid payload"),
  REFUSED ("45", "illegal attachments"),
  REFUSED ("451", "illegal attachments"),
  REFUSED ("451-", "invalid payload"),
  REFUSED ("45-1-[\"a\"]", "illegal attachments"),
  REFUSED ("4599999999999-[\"a\"]", "too many attachments"),
  REFUSED ("42/ns", "invalid payload"),
  REFUSED ("42/ns,", "invalid payload"),
  REFUSED ("421e5[\"a\"]", "invalid payload"),
  REFUSED ("42[null]", "invalid payload"),
  REFUSED ("42[[\"x\"]]", "invalid payload"),
  REFUSED ("bAQ==", "got binary data when not reconstructing a packet"),
};

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  packed = pack ();
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *name = g_strescape (faults[i].name, NULL);
      g_autofree char *path =
          g_strdelimit (g_strconcat ("/faults/polling/", name, NULL), "\\", '~');

      g_test_add_data_func (path, &faults[i], test_fault);
    }
  result = g_test_run ();
  g_bytes_unref (packed);
  return result;
}
