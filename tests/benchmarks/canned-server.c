/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server that costs next to nothing, so that clients can be measured: it speaks just enough of
 * WebSocket, Engine.IO and Socket.IO, and sends frames that were encoded beforehand.
 *
 *     canned-server [PORT]
 *
 * prints the port it listens on. What a connection is for stands in the query of its URL:
 *
 *     work=recv-small, -1k, -16k, -bin-1k, -bin-64k, -bin-1m   events `tick`, as fast as they go
 *     work=recv-chat      events `chat` of 153 bytes, as fast as they go
 *     work=paced-small    one event at a time, `gap` microseconds apart
 *     work=echo           acknowledges each event that asks for it, with its arguments
 *     work=send           takes messages
 *     another             nothing happens
 *     count=N             so many events, or messages, of which the last is followed by `done`
 *
 * Sending begins when the client has sent an event `go`. Frames of a
 * client are read as far as is needed for that; nothing here is meant for peers one can't trust. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT_SIZE  (1 << 20)
#define RING_SIZE   (4 << 20)
#define MAX_EVENTS  20000
#define CHAT_LENGTH 155 /* 153 bytes of JSON after the two digits of the packet */
#define TEXT        0x81
#define BINARY      0x82
#define CLOSE       0x88
#define OPEN_PACKET                                                                                \
  "0{\"sid\":\"canned\",\"upgrades\":[],\"pingInterval\":300000,\"pingTimeout\":300000,"           \
  "\"maxPayload\":16000000}"

typedef struct
{
  int fd;
  char *work;
  guint count;
  guint gap;

  guint8 *input;
  gsize start;
  gsize end;
  guint8 opcode; /* of the frame that was read last */
  char *payload;
  gsize length;
  GByteArray *output;
  GByteArray *ring; /* of events, encoded beforehand */
  gsize *ends;
  GString *answer;
} Conn;

/* Ends the thread, so all that a thread has is in here. */
static void
leave (Conn *conn)
{
  close (conn->fd);
  g_free (conn->work);
  g_free (conn->input);
  g_byte_array_unref (conn->output);
  g_byte_array_unref (conn->ring);
  g_free (conn->ends);
  g_string_free (conn->answer, TRUE);
  g_free (conn);
  g_thread_exit (NULL);
}

static void
send_all (Conn *conn, const guint8 *data, gsize length)
{
  while (length > 0)
    {
      gssize n = send (conn->fd, data, length, MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        leave (conn);
      data += n;
      length -= (gsize) n;
    }
}

static void
flush (Conn *conn)
{
  send_all (conn, conn->output->data, conn->output->len);
  g_byte_array_set_size (conn->output, 0);
}

static void
add_frame (GByteArray *out, guint8 first, const char *payload, gsize length)
{
  guint8 head[10] = { first };
  guint n_head = length < 126 ? 2 : length < 65536 ? 4 : 10;
  guint i;

  head[1] = (guint8) (n_head == 2 ? length : n_head == 4 ? 126 : 127);
  for (i = 2; i < n_head; i++)
    head[i] = (guint8) ((guint64) length >> (8 * (n_head - 1 - i)));
  g_byte_array_append (out, head, n_head);
  g_byte_array_append (out, (const guint8 *) payload, (guint) length);
}

static void
send_text (Conn *conn, const char *text)
{
  add_frame (conn->output, TEXT, text, strlen (text));
  flush (conn);
}

static void
receive (Conn *conn)
{
  gssize n;

  if (conn->start > 0)
    {
      memmove (conn->input, conn->input + conn->start, conn->end - conn->start);
      conn->end -= conn->start;
      conn->start = 0;
    }
  do
    n = recv (conn->fd, conn->input + conn->end, 2 * INPUT_SIZE - conn->end, 0);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    leave (conn);
  conn->end += (gsize) n;
}

/* Unmasked, in place, and ended by NUL for the time being: the next frame's first byte comes back
 * when that is read. FALSE if it is not there as a whole. */
static gboolean
take_frame (Conn *conn)
{
  guint8 *at = conn->input + conn->start;
  gsize n_left = conn->end - conn->start;
  gsize n_head = 6;
  guint64 length, i;

  if (n_left < n_head)
    return FALSE;
  length = at[1] & 0x7f;
  if (length >= 126)
    {
      guint n_bytes = length == 126 ? 2 : 8;

      n_head += n_bytes;
      if (n_left < n_head)
        return FALSE;
      length = 0;
      for (i = 0; i < n_bytes; i++)
        length = length << 8 | at[2 + i];
    }
  if (n_left < n_head + length)
    return FALSE;

  conn->opcode = at[0];
  conn->payload = (char *) at + n_head;
  conn->length = length;
  /* Of what is long nothing but the length is wanted. */
  for (i = 0; i < MIN (length, 4096); i++)
    at[n_head + i] ^= at[n_head - 4 + i % 4];
  conn->start += n_head + length;
  if (conn->opcode == CLOSE)
    leave (conn);
  return TRUE;
}

static void
read_frame (Conn *conn)
{
  while (!take_frame (conn))
    receive (conn);
}

static gboolean
payload_begins (Conn *conn, const char *prefix)
{
  return conn->length >= strlen (prefix) && memcmp (conn->payload, prefix, strlen (prefix)) == 0;
}

static const char *
parameter (const char *head, const char *name)
{
  g_autofree char *key = g_strconcat (name, "=", NULL);
  const char *found = strstr (head, key);

  return found != NULL ? found + strlen (key) : "";
}

static void
shake_hands (Conn *conn)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *accept = NULL;
  g_autofree char *response = NULL;
  char *head, *key;
  guint8 digest[20];
  gsize length = sizeof digest;

  do
    {
      receive (conn);
      conn->input[conn->end] = '\0';
      head = (char *) conn->input;
    }
  while (strstr (head, "\r\n\r\n") == NULL);

  conn->work = g_strndup (parameter (head, "work"), strcspn (parameter (head, "work"), "& "));
  conn->count = (guint) atoi (parameter (head, "count"));
  conn->gap = (guint) atoi (parameter (head, "gap"));

  key = g_strstr_len (head, -1, "Sec-WebSocket-Key: ");
  if (key == NULL)
    leave (conn);
  key += strlen ("Sec-WebSocket-Key: ");
  g_checksum_update (checksum, (guint8 *) key, (gssize) strcspn (key, "\r"));
  g_checksum_update (checksum, (const guint8 *) "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", -1);
  g_checksum_get_digest (checksum, digest, &length);
  accept = g_base64_encode (digest, length);
  response = g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                              accept);
  send_all (conn, (guint8 *) response, strlen (response));
  conn->start = (gsize) (strstr (head, "\r\n\r\n") + 4 - head);
}

static void
join_namespace (Conn *conn)
{
  send_text (conn, OPEN_PACKET);
  do
    read_frame (conn);
  while (!payload_begins (conn, "40"));
  send_text (conn, "40{\"sid\":\"canned\"}");
}

static void
await_go (Conn *conn)
{
  do
    read_frame (conn);
  while (!payload_begins (conn, "42[\"go\""));
}

static gsize
size_of (const char *work)
{
  const char *last = strrchr (work, '-');

  if (!g_ascii_isdigit (last[1]))
    return 0;
  return (gsize) atoi (last + 1) * (last[strlen (last) - 1] == 'm' ? 1 << 20 : 1 << 10);
}

/* Objects of numbers, words and text, like what is sent in earnest. */
static void
add_items (GString *json, gsize size)
{
  guint i;

  for (i = 0; json->len < size; i++)
    g_string_append_printf (json,
                            "%s{\"id\":%u,\"name\":\"item number %u\",\"price\":%u.25,"
                            "\"tags\":[\"alpha\",\"beta\"],\"ok\":true}",
                            i > 0 ? "," : "", 1000 + i, i, 10 + i);
}

static void
add_event (GByteArray *out, const char *work, guint seq)
{
  gsize size = size_of (work);
  g_autoptr (GString) json = g_string_new (NULL);

  if (g_str_has_suffix (work, "-chat"))
    {
      g_string_printf (json,
                       "42[\"chat\",{\"id\":%06u,\"room\":\"gnome\",\"user\":{\"name\":\"Ada\","
                       "\"colour\":\"#3584e4\"},\"text\":\"Shall we meet at the usual "
                       "one?\",\"at\":1767225600000,\"edited\":false}]",
                       100000 + seq);
      g_assert (json->len == CHAT_LENGTH);
      add_frame (out, TEXT, json->str, json->len);
      return;
    }
  if (strstr (work, "bin") != NULL)
    {
      g_autofree char *data = g_malloc (size);

      memset (data, (int) seq, size);
      g_string_printf (
          json, "451-[\"tick\",{\"seq\":%u,\"data\":{\"_placeholder\":true,\"num\":0}}]", seq);
      add_frame (out, TEXT, json->str, json->len);
      add_frame (out, BINARY, data, size);
      return;
    }

  g_string_printf (json, "42[\"tick\",{\"seq\":%u,\"price\":1.5,\"sym\":\"ABCD\"", seq);
  if (size > 0)
    {
      g_string_append (json, ",\"items\":[");
      add_items (json, size - 4);
      g_string_append_c (json, ']');
    }
  g_string_append (json, "}]");
  add_frame (out, TEXT, json->str, json->len);
}

/* Some megabytes of events again and again. */
static void
run_receive (Conn *conn)
{
  guint n_events = 0;
  guint n_left = conn->count;

  while (n_events < MAX_EVENTS && n_events < conn->count && conn->ring->len < RING_SIZE)
    {
      add_event (conn->ring, conn->work, n_events);
      conn->ends[n_events++] = conn->ring->len;
    }
  await_go (conn);
  while (n_left > 0)
    {
      guint n = MIN (n_left, n_events);

      send_all (conn, conn->ring->data, conn->ends[n - 1]);
      n_left -= n;
    }
}

static void
run_paced (Conn *conn)
{
  guint i;

  await_go (conn);
  for (i = 0; i < conn->count; i++)
    {
      add_event (conn->output, conn->work, i);
      flush (conn);
      g_usleep (conn->gap != 0 ? conn->gap : 200);
    }
}

/* 42ID["echo",ARGUMENTS] is answered by 43ID[ARGUMENTS]; what came together goes together. */
static void
run_echo (Conn *conn)
{
  GString *answer = conn->answer;
  guint n_left = conn->count;

  while (n_left > 0)
    {
      if (!take_frame (conn))
        {
          flush (conn);
          receive (conn);
          continue;
        }
      g_string_truncate (answer, 0);
      g_string_append_len (answer, conn->payload, (gssize) conn->length);
      if (g_str_has_prefix (answer->str, "42") && g_ascii_isdigit (answer->str[2]))
        {
          char *args = strchr (answer->str, '[');
          char *comma = args != NULL ? strchr (args, ',') : NULL;

          answer->str[1] = '3';
          if (comma != NULL)
            g_string_erase (answer, args + 1 - answer->str, comma - args);
        }
      add_frame (conn->output, TEXT, answer->str, answer->len);
      n_left--;
    }
  flush (conn);
}

static void
run_send (Conn *conn)
{
  guint n_left;

  for (n_left = conn->count; n_left > 0; n_left--)
    {
      read_frame (conn);
      if (payload_begins (conn, "451-"))
        read_frame (conn);
    }
}

/* Nothing happens but that namespaces are joined. */
static gpointer
run_idle (Conn *conn)
{
  for (;;)
    {
      const char *comma;

      read_frame (conn);
      comma = payload_begins (conn, "40/") ? memchr (conn->payload, ',', conn->length) : NULL;
      if (comma == NULL)
        continue;
      g_string_truncate (conn->answer, 0);
      g_string_append_len (conn->answer, conn->payload, comma + 1 - conn->payload);
      g_string_append (conn->answer, "{\"sid\":\"canned\"}");
      send_text (conn, conn->answer->str);
    }
  return NULL;
}

static gpointer
serve (gpointer data)
{
  Conn *conn = data;

  shake_hands (conn);
  join_namespace (conn);
  if (g_str_has_prefix (conn->work, "recv-"))
    run_receive (conn);
  else if (g_str_has_prefix (conn->work, "paced-"))
    run_paced (conn);
  else if (g_str_has_prefix (conn->work, "echo"))
    run_echo (conn);
  else if (g_str_has_prefix (conn->work, "send"))
    run_send (conn);

  else
    return run_idle (conn);

  send_text (conn, "42[\"done\"]");
  for (;;)
    read_frame (conn);
  return NULL;
}

int
main (int argc, char **argv)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t length = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;

  signal (SIGPIPE, SIG_IGN);
  address.sin_port = htons ((guint16) (argc > 1 ? atoi (argv[1]) : 0));
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  setsockopt (listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind (listener, (struct sockaddr *) &address, sizeof address) != 0 ||
      listen (listener, 1000) != 0 ||
      getsockname (listener, (struct sockaddr *) &address, &length) != 0)
    {
      perror ("canned-server");
      return 1;
    }
  printf ("%u\n", ntohs (address.sin_port));
  fflush (stdout);

  for (;;)
    {
      int fd = accept (listener, NULL, NULL);
      Conn *conn;

      if (fd < 0)
        continue;
      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      conn = g_new0 (Conn, 1);
      conn->fd = fd;
      conn->input = g_malloc (2 * INPUT_SIZE + 1);
      conn->output = g_byte_array_new ();
      conn->ring = g_byte_array_new ();
      conn->ends = g_new (gsize, MAX_EVENTS);
      conn->answer = g_string_new (NULL);
      g_thread_unref (g_thread_new ("client", serve, conn));
    }
}
