/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "sio-fault-client.h"
#include "sio-raw-peer.h"

/* What comes over a WebSocket that should not. The connection ends once, with the right reason, and
 * is made again; or nothing happens at all. */

#define OPEN                                                                                       \
  "0{\"sid\":\"E\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,"                  \
  "\"maxPayload\":1000000}"
#define FIN_TEXT (SIO_RAW_FIN | SIO_RAW_TEXT)

typedef struct
{
  const char *name;
  void (*act) (SioRawConn *conn);
  const char *bytes; /* instead: sent as they are */
  gssize length;
  const char *frames[4];      /* instead: text frames */
  SioDisconnectReason reason; /* 0: nothing happens */
  const char *details;        /* what is in them; nullable */
} Fault;

static void endless_fragments (SioRawConn *conn);
static void close_and_stay (SioRawConn *conn);

#define RAW(raw) .bytes = raw, .length = sizeof raw - 1

static SioRawConn *
join (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);

  sio_raw_text (conn, OPEN);
  sio_raw_expect_text (conn, "40");
  sio_raw_text (conn, "40{\"sid\":\"X\"}");
  return conn;
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
play (SioRawPeer *peer)
{
  const Fault *fault = sio_raw_peer_get_data (peer);
  SioRawConn *conn = join (peer);

  if (fault->act != NULL)
    fault->act (conn);
  else if (fault->bytes != NULL)
    sio_raw_try_send (conn, fault->bytes, fault->length);
  for (guint i = 0; i < G_N_ELEMENTS (fault->frames) && fault->frames[i] != NULL; i++)
    sio_raw_text (conn, fault->frames[i]);

  if (fault->reason != 0)
    {
      if (fault->act != close_and_stay)
        sio_raw_await_close (conn);
      conn = join (peer);
    }
  sio_raw_text (conn, "42[\"back\"]");
  sio_raw_await_close (conn);
}

static void
run_fault (const Fault *fault)
{
  g_autoptr (SioRawPeer) peer = sio_raw_peer_new (play, (gpointer) fault);
  g_autoptr (SioFaultClient) client =
      sio_fault_client_new (sio_raw_peer_get_port (peer), "websocket");

  sio_test_wait (sio_fault_client_heard (client, "back"));
  g_assert_cmpuint (client->n_disconnects, ==, fault->reason != 0 ? 1 : 0);
  g_assert_cmpuint (client->n_connects, ==, fault->reason != 0 ? 2 : 1);
  g_assert_cmpuint (client->n_connect_errors, ==, 0);
  if (fault->reason != 0)
    g_assert_cmpint (client->reason, ==, fault->reason);
  if (fault->details != NULL && strstr (client->details, fault->details) == NULL)
    g_error ("expected “%s”, got “%s”", fault->details, client->details);
}

/* Known once a connection was made. */
static gboolean
libsoup_limits_fragments (void)
{
  gpointer class = g_type_class_peek (g_type_from_name ("SoupWebsocketConnection"));

  return class != NULL && g_object_class_find_property (class, "max-total-message-size") != NULL;
}

static void
test_fault (gconstpointer data)
{
  const Fault *fault = data;

  if (fault->act == endless_fragments && !sio_test_has_own_framing () &&
      !libsoup_limits_fragments ())
    g_test_skip ("the framing of this libsoup has no limit for all the fragments of a message");
  else
    run_fault (fault);
}

static void
masked (SioRawConn *conn)
{
  sio_raw_frame_masked (conn, FIN_TEXT, "42[\"a\"]", -1);
}

static void
fragments (SioRawConn *conn)
{
  sio_raw_frame (conn, SIO_RAW_TEXT, "42[\"a", -1);
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_PING, "x", -1);
  sio_raw_frame (conn, SIO_RAW_CONTINUATION, "\xc3", -1);
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_PING, "", -1);
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_CONTINUATION, "\xa4\"]", -1);
}

static void
endless_fragments (SioRawConn *conn)
{
  static char piece[65536];

  memset (piece, 'x', sizeof piece);
  sio_raw_frame (conn, SIO_RAW_TEXT, "42[\"", -1);
  for (guint i = 0; i < 300; i++)
    sio_raw_frame (conn, SIO_RAW_CONTINUATION, piece, sizeof piece);
}

static void
send_often (SioRawConn *conn, guint8 first, const char *payload, guint n)
{
  g_autoptr (GString) flood = g_string_new (NULL);
  gsize length = strlen (payload);

  for (guint i = 0; i < n; i++)
    {
      g_string_append_c (flood, (char) first);
      g_string_append_c (flood, (char) length);
      g_string_append_len (flood, payload, (gssize) length);
    }
  sio_raw_try_send (conn, flood->str, (gssize) flood->len);
}

static void
flood_of_frames (SioRawConn *conn)
{
  send_often (conn, SIO_RAW_FIN | SIO_RAW_PING, "", 20000);
}

static void
flood_of_pings (SioRawConn *conn)
{
  send_often (conn, FIN_TEXT, "2", 20000);
}

static void
flood_of_events (SioRawConn *conn)
{
  send_often (conn, FIN_TEXT, "42[\"e\",1]", 20000);
}

/* More than may wait. */
static void
flood_beyond_the_limit (SioRawConn *conn)
{
  send_often (conn, FIN_TEXT, "42[\"e\",1]", 200000);
}

static void
flood_of_names (SioRawConn *conn)
{
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *text = g_strdup_printf ("42[\"name-%u\"]", i);

      sio_raw_text (conn, text);
    }
}

static void
close_without_code (SioRawConn *conn)
{
  sio_raw_send_close (conn, 0, "");
}

static void
close_1000 (SioRawConn *conn)
{
  sio_raw_send_close (conn, 1000, "bye");
}

static void
close_1005 (SioRawConn *conn)
{
  sio_raw_send_close (conn, 1005, "");
}

static void
close_1006 (SioRawConn *conn)
{
  sio_raw_send_close (conn, 1006, "");
}

static void
close_1012 (SioRawConn *conn)
{
  sio_raw_send_close (conn, 1012, "restart");
}

static void
close_4000 (SioRawConn *conn)
{
  sio_raw_send_close (conn, 4000, "own");
}

static void
stray_binary (SioRawConn *conn)
{
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_BINARY, "abc", -1);
}

static void
too_many_binaries (SioRawConn *conn)
{
  sio_raw_text (conn, "451-[\"a\",{\"_placeholder\":true,\"num\":0}]");
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_BINARY, "abc", -1);
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_BINARY, "def", -1);
}

static void
deep (SioRawConn *conn)
{
  g_autoptr (GString) text = g_string_new ("42[\"a\",");

  for (guint i = 0; i < 60000; i++)
    g_string_append_c (text, '[');
  sio_raw_text (conn, text->str);
}

static void
wide (SioRawConn *conn)
{
  g_autoptr (GString) text = g_string_new ("42[\"a\"");

  for (guint i = 0; i < 600000; i++)
    g_string_append (text, ",1");
  g_string_append_c (text, ']');
  sio_raw_text (conn, text->str);
}

/* The program is back before this connection has ended. */
static void
close_and_stay (SioRawConn *conn)
{
  sio_raw_text (conn, "42[\"before\"]");
  sio_raw_send_close (conn, 1001, "");
  sio_raw_text (conn, "42[\"late\"]");
}

#define CLOSE SIO_DISCONNECT_REASON_TRANSPORT_CLOSE
#define ERROR SIO_DISCONNECT_REASON_TRANSPORT_ERROR
#define PARSE SIO_DISCONNECT_REASON_PARSE_ERROR
#define REFUSED(frame, words)                                                                      \
  {                                                                                                \
    .name = "packet/" frame, .frames = { frame }, .reason = PARSE, .details = words                \
  }
#define HARMLESS(frame)                                                                            \
  {                                                                                                \
    .name = "packet/" frame, .frames = { frame }                                                   \
  }

static const Fault faults[] = {
  { "tcp/reset", reset, .reason = ERROR },
  { "tcp/end", end, .reason = CLOSE },
  { "frame/masked", masked, .reason = ERROR, .details = "websocket error" },
  { "frame/reserved opcode", RAW ("\x83\x01x"), .reason = ERROR },
  { "frame/reserved control opcode", RAW ("\x8b\x01x"), .reason = ERROR },
  { "frame/reserved bits", RAW ("\xf1\x01x"), .reason = ERROR },
  { "frame/fragmented ping", RAW ("\x09\x01x"), .reason = ERROR },
  { "frame/stray continuation", RAW ("\x80\x01x"), .reason = ERROR },
  { "frame/text inside fragments", RAW ("\x01\x01x\x81\x01x"), .reason = ERROR },
  { "frame/length of all ones", RAW ("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), .reason = ERROR },
  { "frame/over the limit", RAW ("\x81\x7f\0\0\0\0\x10\0\0\0"), .reason = ERROR },
  { "frame/endless fragments", endless_fragments, .reason = ERROR },
  { "frame/bad UTF-8",
    RAW ("\x81\x07"
         "42[\"\xff\"]"),
    .reason = ERROR },
  { "frame/NUL",
    RAW ("\x81\x07"
         "42[\"\0\"]"),
    .reason = PARSE },
  { "frame/fragments with pings between", fragments },
  { "frame/flood of pings", flood_of_frames },
  { "close/1000", close_1000, .reason = CLOSE },
  { "close/no code", close_without_code, .reason = CLOSE },
  { "close/1005", close_1005, .reason = ERROR },
  { "close/1006", close_1006, .reason = ERROR },
  { "close/1012", close_1012, .reason = CLOSE },
  { "close/4000", close_4000, .reason = CLOSE },
  { .name = "close/X26 packet",
    .frames = { "42[\"before\"]", "1", "42[\"late\"]" },
    .reason = CLOSE,
    .details = "closed by the server" },
  { "close/X26 TCP left open", close_and_stay, .reason = CLOSE, .details = "(1001" },
  { "flood/engine pings", flood_of_pings },
  { "flood/events", flood_of_events },
  { "flood/events beyond the limit", flood_beyond_the_limit },
  { "flood/names", flood_of_names },
  { "json/deep", deep, .reason = PARSE, .details = "invalid payload" },
  { "json/wide", wide, .reason = PARSE, .details = "invalid payload" },
  { "packet/empty frame", RAW ("\x81\x00"), .reason = ERROR, .details = "parser error" },
  { "packet/stray binary", stray_binary, .reason = PARSE,
    .details = "got binary data when not reconstructing a packet" },
  { "packet/too many binaries", too_many_binaries, .reason = PARSE,
    .details = "got binary data when not reconstructing a packet" },
  { .name = "packet/text instead of binary",
    .frames = { "451-[\"a\",{\"_placeholder\":true,\"num\":0}]", "42[\"b\"]" },
    .reason = PARSE,
    .details = "got plaintext data when reconstructing a packet" },
  { .name = "packet/swapped placeholder",
    .frames = { "451-[\"a\",{\"_placeholder\":true,\"num\":1}]", "bAQ==" },
    .reason = PARSE,
    .details = "illegal attachments" },
  { .name = "packet/bad base64", .frames = { "b!" }, .reason = ERROR, .details = "parser error" },
  { .name = "packet/unknown engine packet",
    .frames = { "9" },
    .reason = ERROR,
    .details = "parser error" },
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
  REFUSED ("42[\"connect\"]", "invalid payload"),
  REFUSED ("47", "unknown packet type"),
  HARMLESS ("2"),
  HARMLESS ("3"),
  HARMLESS ("5"),
  HARMLESS ("6"),
  HARMLESS ("2probe"),
  HARMLESS ("0{\"sid\":\"F\",\"pingInterval\":1,\"pingTimeout\":1}"),
  HARMLESS ("40{\"sid\":\"Y\"}"),
  HARMLESS ("40{}"),
  HARMLESS ("42/other,[\"a\"]"),
  HARMLESS ("43[1]"),
  HARMLESS ("430[1]"),
  HARMLESS ("439007199254740991[]"),
  HARMLESS ("44{\"message\":\"late\"}"),
  HARMLESS ("41/other,"),
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strconcat ("/faults/websocket/", faults[i].name, NULL);

      g_test_add_data_func (path, &faults[i], test_fault);
    }
  return g_test_run ();
}
