/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sio-raw-peer.h"

#include <gio/gnetworking.h>
#include <string.h>
#include <sys/socket.h>

#define PATIENCE     60 /* seconds */
#define RECEIVE_SIZE 65536

struct _SioRawConn
{
  SioRawPeer *peer;
  GSocket *socket; /* NULL once closed */
  GIOStream *tls;  /* NULL without */
  GByteArray *input;
  GString *head;
  GByteArray *body;
  GByteArray *payload;
  char asked;      /* first letter of the method that awaits its answer, else 0 */
  gboolean frames; /* no HTTP any more */
};

struct _SioRawPeer
{
  SioRawScript script;
  gpointer data;
  GSocket *listener;
  guint16 port;
  GThread *thread;
  GCancellable *stop;
  GPtrArray *conns;             /* of the thread, until that has ended; as are the next two */
  GTlsCertificate *certificate; /* NULL without TLS */
  GTlsAuthenticationMode mode;

  GMutex mutex;
  GCond cond;
  int goes; /* under mutex */

  int done; /* atomic, as the rest */
  int marks;
  int overlaps;
  int connections;
};

static void
conn_free (gpointer data)
{
  SioRawConn *self = data;

  g_clear_object (&self->tls);
  g_clear_object (&self->socket);
  g_byte_array_unref (self->input);
  g_string_free (self->head, TRUE);
  g_byte_array_unref (self->body);
  g_byte_array_unref (self->payload);
  g_free (self);
}

static gpointer
run_script (gpointer data)
{
  SioRawPeer *self = data;

  self->script (self);
  g_atomic_int_set (&self->done, 1);
  g_main_context_wakeup (NULL);
  return NULL;
}

SioRawPeer *
sio_raw_peer_new (SioRawScript script, gpointer data)
{
  SioRawPeer *self = g_new0 (SioRawPeer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  self->script = script;
  self->data = data;
  self->stop = g_cancellable_new ();
  self->conns = g_ptr_array_new_with_free_func (conn_free);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);

  self->listener =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_set_timeout (self->listener, PATIENCE);
  g_assert_true (g_socket_bind (self->listener, address, TRUE, &error));
  g_assert_true (g_socket_listen (self->listener, &error));
  bound = g_socket_get_local_address (self->listener, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));

  self->thread = g_thread_new ("raw-peer", run_script, self);
  return self;
}

void
sio_raw_peer_free (SioRawPeer *self)
{
  g_cancellable_cancel (self->stop);
  g_mutex_lock (&self->mutex);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
  g_thread_join (self->thread);

  g_ptr_array_unref (self->conns);
  g_clear_object (&self->certificate);
  g_object_unref (self->listener);
  g_object_unref (self->stop);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self);
}

guint16
sio_raw_peer_get_port (SioRawPeer *self)
{
  return self->port;
}

gpointer
sio_raw_peer_get_data (SioRawPeer *self)
{
  return self->data;
}

gboolean
sio_raw_peer_is_done (SioRawPeer *self)
{
  return g_atomic_int_get (&self->done) != 0;
}

int
sio_raw_peer_get_marks (SioRawPeer *self)
{
  return g_atomic_int_get (&self->marks);
}

int
sio_raw_peer_get_overlaps (SioRawPeer *self)
{
  return g_atomic_int_get (&self->overlaps);
}

int
sio_raw_peer_get_connections (SioRawPeer *self)
{
  return g_atomic_int_get (&self->connections);
}

void
sio_raw_peer_go (SioRawPeer *self)
{
  g_mutex_lock (&self->mutex);
  self->goes++;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
}

void
sio_raw_mark (SioRawPeer *self)
{
  g_atomic_int_inc (&self->marks);
  g_main_context_wakeup (NULL);
}

static void
leave_if_stopped (SioRawPeer *self)
{
  if (g_cancellable_is_cancelled (self->stop))
    g_thread_exit (NULL);
}

void
sio_raw_await_go (SioRawPeer *self)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE * G_TIME_SPAN_SECOND;
  gboolean in_time = TRUE;

  g_mutex_lock (&self->mutex);
  while (self->goes == 0 && in_time && !g_cancellable_is_cancelled (self->stop))
    in_time = g_cond_wait_until (&self->cond, &self->mutex, deadline);
  self->goes--;
  g_mutex_unlock (&self->mutex);

  leave_if_stopped (self);
  g_assert_true (in_time);
}

void
sio_raw_use_tls (SioRawPeer *self, GTlsCertificate *certificate, GTlsAuthenticationMode mode)
{
  g_set_object (&self->certificate, certificate);
  self->mode = mode;
}

static gboolean
accept_certificate_cb (GTlsConnection *connection,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags errors,
                       gpointer user_data)
{
  return TRUE;
}

static void
start_tls (SioRawConn *conn)
{
  SioRawPeer *peer = conn->peer;
  g_autoptr (GSocketConnection) base = g_socket_connection_factory_create_connection (conn->socket);
  GError *error = NULL;

  conn->tls = g_tls_server_connection_new (G_IO_STREAM (base), peer->certificate, &error);
  g_assert_no_error (error);
  g_object_set (conn->tls, "authentication-mode", peer->mode, NULL);
  g_signal_connect (conn->tls, "accept-certificate", G_CALLBACK (accept_certificate_cb), NULL);
  if (!g_tls_connection_handshake (G_TLS_CONNECTION (conn->tls), peer->stop, &error))
    {
      g_test_message ("peer: %s", error->message);
      g_clear_error (&error);
      sio_raw_close (conn);
    }
}

static gssize
conn_receive (SioRawConn *conn, void *buffer, gsize size, GError **error)
{
  if (conn->tls == NULL)
    return g_socket_receive (conn->socket, buffer, size, conn->peer->stop, error);
  return g_input_stream_read (g_io_stream_get_input_stream (conn->tls), buffer, size,
                              conn->peer->stop, error);
}

static gssize
conn_send (SioRawConn *conn, const char *bytes, gsize length, GError **error)
{
  if (conn->tls == NULL)
    return g_socket_send (conn->socket, bytes, length, conn->peer->stop, error);
  return g_output_stream_write (g_io_stream_get_output_stream (conn->tls), bytes, length,
                                conn->peer->stop, error);
}

static SioRawConn *
take_connection (SioRawPeer *self)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_accept (self->listener, self->stop, &error);
  SioRawConn *conn;

  if (socket == NULL)
    g_clear_error (&error);
  leave_if_stopped (self);
  g_assert_nonnull (socket);

  conn = g_new0 (SioRawConn, 1);
  conn->peer = self;
  conn->socket = socket;
  conn->input = g_byte_array_new ();
  conn->head = g_string_new (NULL);
  conn->body = g_byte_array_new ();
  conn->payload = g_byte_array_new ();
  g_socket_set_timeout (socket, PATIENCE);
  /* Scripts send small things in a row, which would wait for each other. */
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_ptr_array_add (self->conns, conn);
  g_atomic_int_inc (&self->connections);
  g_main_context_wakeup (NULL);
  if (self->certificate != NULL)
    start_tls (conn);
  return conn;
}

SioRawConn *
sio_raw_accept (SioRawPeer *self)
{
  return take_connection (self);
}

/* FALSE at the end of the connection. */
static gboolean
receive_some (SioRawConn *conn)
{
  SioRawPeer *peer = conn->peer;
  guint before = conn->input->len;
  GError *error = NULL;
  gboolean timed_out;
  gssize n;

  g_byte_array_set_size (conn->input, before + RECEIVE_SIZE);
  n = conn_receive (conn, conn->input->data + before, RECEIVE_SIZE, &error);
  g_byte_array_set_size (conn->input, before + (guint) MAX (n, 0));
  timed_out = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  leave_if_stopped (peer);
  g_assert_false (timed_out);
  return n > 0;
}

static gsize
content_length (const char *head)
{
  const char *field = strstr (head, "\r\nContent-Length: ");

  return field != NULL ? (gsize) g_ascii_strtoull (field + 18, NULL, 10) : 0;
}

/* TRUE if a whole request is there; it is moved to head and body. */
static gboolean
take_request (SioRawConn *conn)
{
  const char *end = g_strstr_len ((char *) conn->input->data, conn->input->len, "\r\n\r\n");
  gsize head_length;
  gsize body_length;

  if (end == NULL)
    return FALSE;

  head_length = (gsize) (end + 4 - (char *) conn->input->data);
  g_string_truncate (conn->head, 0);
  g_string_append_len (conn->head, (char *) conn->input->data, (gssize) head_length);
  body_length = content_length (conn->head->str);
  if (conn->input->len < head_length + body_length)
    return FALSE;

  g_byte_array_set_size (conn->body, 0);
  g_byte_array_append (conn->body, conn->input->data + head_length, (guint) body_length);
  g_byte_array_append (conn->body, (const guint8 *) "", 1);
  g_byte_array_remove_range (conn->input, 0, (guint) (head_length + body_length));
  return TRUE;
}

static void
note_request (SioRawConn *conn)
{
  SioRawPeer *peer = conn->peer;
  guint i;

  /* A GET as well, but never one of two that poll. */
  if (strstr (conn->head->str, "\r\nSec-WebSocket-Key: ") != NULL)
    return;

  for (i = 0; i < peer->conns->len; i++)
    {
      SioRawConn *other = g_ptr_array_index (peer->conns, i);

      if (other->socket != NULL && other->asked == conn->head->str[0])
        g_atomic_int_inc (&peer->overlaps);
    }
  conn->asked = conn->head->str[0];
}

/* Waits until the listener or a connection has something; NULL for the listener. */
static SioRawConn *
poll_all (SioRawPeer *self)
{
  g_autofree GPollFD *fds = NULL;
  g_autofree SioRawConn **polled = NULL;
  SioRawConn *found = NULL;
  guint n_fds = 2;
  guint i;
  int n_ready;

  fds = g_new0 (GPollFD, self->conns->len + 2);
  polled = g_new0 (SioRawConn *, self->conns->len + 2);
  fds[0].fd = g_socket_get_fd (self->listener);
  g_cancellable_make_pollfd (self->stop, &fds[1]);
  for (i = 0; i < self->conns->len; i++)
    {
      SioRawConn *conn = g_ptr_array_index (self->conns, i);

      if (conn->socket == NULL || conn->frames)
        continue;
      fds[n_fds].fd = g_socket_get_fd (conn->socket);
      polled[n_fds++] = conn;
    }
  for (i = 0; i < n_fds; i++)
    fds[i].events = G_IO_IN;

  n_ready = g_poll (fds, n_fds, PATIENCE * 1000);
  g_cancellable_release_fd (self->stop);
  if (!g_cancellable_is_cancelled (self->stop))
    g_assert_cmpint (n_ready, >, 0);
  for (i = 2; i < n_fds && found == NULL; i++)
    if (fds[i].revents != 0)
      found = polled[i];
  return found;
}

static SioRawConn *
next_request (SioRawPeer *self)
{
  for (;;)
    {
      SioRawConn *conn = poll_all (self);

      leave_if_stopped (self);
      if (conn == NULL)
        take_connection (self);
      else if (!receive_some (conn))
        sio_raw_close (conn);
      else if (take_request (conn))
        {
          note_request (conn);
          return conn;
        }
    }
}

SioRawConn *
sio_raw_expect (SioRawPeer *self, const char *start, const char *part)
{
  SioRawConn *conn = next_request (self);

  if (!g_str_has_prefix (conn->head->str, start) ||
      (part != NULL && strstr (conn->head->str, part) == NULL))
    g_error ("expected “%s … %s”, got:\n%s", start, part != NULL ? part : "", conn->head->str);
  return conn;
}

const char *
sio_raw_get_head (SioRawConn *conn)
{
  return conn->head->str;
}

const char *
sio_raw_get_body (SioRawConn *conn, gsize *length)
{
  if (length != NULL)
    *length = conn->body->len - 1;
  return (const char *) conn->body->data;
}

gboolean
sio_raw_try_send (SioRawConn *conn, const char *bytes, gssize length)
{
  gsize left = length < 0 ? strlen (bytes) : (gsize) length;

  if (conn->socket == NULL)
    return FALSE;

  while (left > 0)
    {
      GError *error = NULL;
      gboolean timed_out;
      gssize n = conn_send (conn, bytes, left, &error);

      timed_out = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_clear_error (&error);
      g_assert_false (timed_out);
      /* A stopped script leaves in its next call that waits: callers of this one own things. */
      if (n <= 0)
        return FALSE;
      bytes += n;
      left -= (gsize) n;
    }
  return TRUE;
}

void
sio_raw_send (SioRawConn *conn, const char *bytes, gssize length)
{
  gboolean sent = sio_raw_try_send (conn, bytes, length);

  leave_if_stopped (conn->peer);
  g_assert_true (sent);
}

void
sio_raw_respond_full (SioRawConn *conn,
                      const char *status,
                      const char *headers,
                      const char *body,
                      gssize length)
{
  gsize n = length < 0 ? strlen (body) : (gsize) length;
  char *head = g_strdup_printf ("HTTP/1.1 %s\r\n%sContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                                status, headers, n);

  conn->asked = 0;
  sio_raw_try_send (conn, head, -1);
  g_free (head);
  sio_raw_try_send (conn, body, (gssize) n);
}

void
sio_raw_respond (SioRawConn *conn, const char *status, const char *body)
{
  sio_raw_respond_full (conn, status, "", body, -1);
}

void
sio_raw_respond_raw (SioRawConn *conn, const char *bytes, gsize length)
{
  conn->asked = 0;
  sio_raw_try_send (conn, bytes, (gssize) length);
}

void
sio_raw_respond_chunk (SioRawConn *conn, const char *bytes, gsize length)
{
  char *head = g_strdup_printf ("%" G_GSIZE_MODIFIER "x\r\n", length);

  sio_raw_try_send (conn, head, -1);
  g_free (head);
  sio_raw_try_send (conn, bytes, (gssize) length);
  sio_raw_try_send (conn, "\r\n", 2);
}

gboolean
sio_raw_skip_some (SioRawConn *conn)
{
  gboolean some = conn->socket != NULL && (conn->input->len > 0 || receive_some (conn));

  g_byte_array_set_size (conn->input, 0);
  return some;
}

void
sio_raw_await_end (SioRawConn *conn)
{
  while (sio_raw_skip_some (conn))
    continue;
}

void
sio_raw_close (SioRawConn *conn)
{
  g_socket_close (conn->socket, NULL);
  g_clear_object (&conn->socket);
}

void
sio_raw_end_output (SioRawConn *conn)
{
  g_autoptr (GError) error = NULL;

  g_socket_shutdown (conn->socket, FALSE, TRUE, &error);
  g_assert_no_error (error);
}

void
sio_raw_reset (SioRawConn *conn)
{
  struct linger linger = { 1, 0 };

  g_assert_cmpint (
      setsockopt (g_socket_get_fd (conn->socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger),
      ==, 0);
  sio_raw_close (conn);
}

void
sio_raw_upgrade (SioRawConn *conn, const char *headers)
{
  const char *field = strstr (conn->head->str, "\r\nSec-WebSocket-Key: ");
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *accept = NULL;
  g_autofree char *response = NULL;
  guint8 digest[20];
  gsize length = sizeof digest;

  g_assert_nonnull (field);
  field += strlen ("\r\nSec-WebSocket-Key: ");
  g_checksum_update (checksum, (const guchar *) field, (gssize) strcspn (field, "\r"));
  g_checksum_update (checksum, (const guchar *) "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", -1);
  g_checksum_get_digest (checksum, digest, &length);
  accept = g_base64_encode (digest, length);
  response = g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n%s\r\n",
                              accept, headers);
  conn->asked = 0;
  conn->frames = TRUE;
  sio_raw_try_send (conn, response, -1);
}

SioRawConn *
sio_raw_expect_websocket (SioRawPeer *self)
{
  SioRawConn *conn = sio_raw_expect (self, "GET ", "transport=websocket");

  sio_raw_upgrade (conn, "");
  return conn;
}

static void
send_frame (SioRawConn *conn, guint8 first, guint8 mask_bit, const char *payload, gsize length)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  guint8 head[10] = { first };
  guint head_length = 2;
  guint i;

  if (length < 126)
    head[1] = (guint8) length;
  else if (length < 65536)
    {
      head[1] = 126;
      head[2] = (guint8) (length >> 8);
      head[3] = (guint8) length;
      head_length = 4;
    }
  else
    {
      head[1] = 127;
      for (i = 0; i < 8; i++)
        head[2 + i] = (guint8) ((guint64) length >> (56 - 8 * i));
      head_length = 10;
    }
  head[1] |= mask_bit;
  g_byte_array_append (frame, head, head_length);
  /* A mask of zeros leaves the payload as it is. */
  if (mask_bit != 0)
    g_byte_array_append (frame, (const guint8 *) "\0\0\0\0", 4);
  g_byte_array_append (frame, (const guint8 *) payload, (guint) length);
  sio_raw_try_send (conn, (const char *) frame->data, frame->len);
}

void
sio_raw_frame (SioRawConn *conn, guint8 first, const char *payload, gssize length)
{
  send_frame (conn, first, 0, payload, length < 0 ? strlen (payload) : (gsize) length);
}

void
sio_raw_frame_masked (SioRawConn *conn, guint8 first, const char *payload, gssize length)
{
  send_frame (conn, first, 0x80, payload, length < 0 ? strlen (payload) : (gsize) length);
}

void
sio_raw_text (SioRawConn *conn, const char *text)
{
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_TEXT, text, -1);
}

static gboolean
await_input (SioRawConn *conn, gsize length)
{
  while (conn->input->len < length)
    if (conn->socket == NULL || !receive_some (conn))
      return FALSE;
  return TRUE;
}

gboolean
sio_raw_try_read_frame (SioRawConn *conn, guint8 *first, const char **payload, gsize *length)
{
  guint64 n;
  gsize head_length = 2;
  gsize i;

  if (!await_input (conn, 2))
    return FALSE;
  *first = conn->input->data[0];
  /* Clients must mask. */
  g_assert_cmpint (conn->input->data[1] & 0x80, ==, 0x80);
  n = conn->input->data[1] & 0x7f;
  if (n >= 126)
    {
      gsize extra = n == 126 ? 2 : 8;

      if (!await_input (conn, 2 + extra))
        return FALSE;
      for (n = 0, i = 0; i < extra; i++)
        n = n << 8 | conn->input->data[2 + i];
      head_length = 2 + extra;
    }
  if (!await_input (conn, head_length + 4 + n))
    return FALSE;

  g_byte_array_set_size (conn->payload, 0);
  g_byte_array_append (conn->payload, conn->input->data + head_length + 4, (guint) n);
  for (i = 0; i < n; i++)
    conn->payload->data[i] ^= conn->input->data[head_length + (i & 3)];
  g_byte_array_append (conn->payload, (const guint8 *) "", 1);
  g_byte_array_remove_range (conn->input, 0, (guint) (head_length + 4 + n));

  *payload = (const char *) conn->payload->data;
  *length = (gsize) n;
  return TRUE;
}

guint8
sio_raw_read_frame (SioRawConn *conn, const char **payload, gsize *length)
{
  guint8 first;

  g_assert_true (sio_raw_try_read_frame (conn, &first, payload, length));
  return first;
}

void
sio_raw_await_close (SioRawConn *conn)
{
  const char *payload;
  gsize length;
  guint8 first = 0;

  while (first != (SIO_RAW_FIN | SIO_RAW_CLOSE) &&
         sio_raw_try_read_frame (conn, &first, &payload, &length))
    continue;
  if (conn->socket != NULL)
    sio_raw_close (conn);
}

void
sio_raw_expect_text (SioRawConn *conn, const char *text)
{
  const char *payload;
  gsize length;

  g_assert_cmphex (sio_raw_read_frame (conn, &payload, &length), ==, SIO_RAW_FIN | SIO_RAW_TEXT);
  g_assert_cmpstr (payload, ==, text);
}

void
sio_raw_expect_close (SioRawConn *conn, guint code)
{
  const char *payload;
  gsize length;

  g_assert_cmphex (sio_raw_read_frame (conn, &payload, &length), ==, SIO_RAW_FIN | SIO_RAW_CLOSE);
  if (code == 0)
    g_assert_cmpuint (length, ==, 0);
  else
    {
      g_assert_cmpuint (length, >=, 2);
      g_assert_cmpuint ((guint) (guint8) payload[0] << 8 | (guint8) payload[1], ==, code);
    }
}

void
sio_raw_send_close (SioRawConn *conn, guint code, const char *reason)
{
  char payload[125];

  payload[0] = (char) (code >> 8);
  payload[1] = (char) code;
  g_strlcpy (payload + 2, reason, sizeof payload - 2);
  sio_raw_frame (conn, SIO_RAW_FIN | SIO_RAW_CLOSE, payload,
                 code == 0 ? 0 : 2 + (gssize) strlen (reason));
}
