/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-soup-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "machine/sio-http-body-private.h"
#include "transport/sio-stream-io-private.h"

#define READ_SIZE       (64 * 1024)
#define ERROR_BODY_SIZE (4 * 1024)
#define BODY_SIZE_MAX   (G_MAXUINT / 2) /* of a GByteArray */

/* One request from its headers to the last byte of its answer:
 *
 * under way ──▶ ended
 *
 * Under way, `transport` and `func` are set. Once ended, callbacks of libsoup that still come
 * only give their reference back. */
struct _SioSoupRequest
{
  grefcount ref_count;
  SioTransport *transport; /* NULL once it has ended */
  SioSettings *settings;
  SioSoupRequestFunc func;
  SoupMessage *message; /* NULL if none could be made */
  gulong restarted_id;
  gulong informational_id;
  gulong headers_id;
  guint n_informational;
  gboolean headers_untold; /* those of the answer are there, send_cb() was not called */
  GCancellable *cancellable;
  SioTimer *timer; /* NULL without a request timeout, and once it has ended */
  GInputStream *stream;
  GPollableInputStream *in; /* what is read: the stream, or what stands below it */
  GSource *source;          /* while something is awaited from it */
  SioHttpBody *body;
};

static SioSoupRequest *
sio_soup_request_ref (SioSoupRequest *self)
{
  g_ref_count_inc (&self->ref_count);
  return self;
}

void
sio_soup_request_unref (SioSoupRequest *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  sio_soup_release (self->settings, self->stream);
  sio_soup_release (self->settings, self->message);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->body, sio_http_body_free);
  sio_settings_unref (self->settings);
  g_free (self);
}

/* Gives the transport back to whoever has to let go of it. */
static SioTransport *
sio_soup_request_end (SioSoupRequest *self)
{
  g_clear_pointer (&self->timer, sio_timer_free);
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->message != NULL)
    {
      g_clear_signal_handler (&self->restarted_id, self->message);
      g_clear_signal_handler (&self->informational_id, self->message);
      g_clear_signal_handler (&self->headers_id, self->message);
    }
  return g_steal_pointer (&self->transport);
}

static gboolean
cancel_cb (gpointer user_data)
{
  SioSoupRequest *self = user_data;

  sio_soup_cancel (self->settings, self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
request_unref_cb (gpointer data)
{
  sio_soup_request_unref (data);
}

/* Where the answer is there as soon as the request is sent, libsoup has read its headers one turn
 * before it takes note of that. Cancelled in between, version 3.6 ends the request twice, and frees
 * parts of the session that are in use. What it has put into the main context comes before what is
 * put there now. */
static void
sio_soup_request_stop (SioSoupRequest *self)
{
  g_autoptr (GSource) source = NULL;

  if (!self->headers_untold)
    {
      sio_soup_cancel (self->settings, self->cancellable);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, cancel_cb, sio_soup_request_ref (self), request_unref_cb);
  g_source_attach (source, self->settings->context);
}

void
sio_soup_request_cancel (SioSoupRequest *self)
{
  g_autoptr (SioTransport) transport = NULL;

  if (self->transport == NULL)
    return;

  transport = sio_soup_request_end (self);
  sio_soup_request_stop (self);
}

static void
sio_soup_request_fail (SioSoupRequest *self, GError *error)
{
  g_autoptr (GError) owned = error;
  g_autoptr (SioTransport) transport = NULL;

  if (self->transport == NULL)
    return;

  transport = sio_soup_request_end (self);
  sio_soup_request_stop (self);
  self->func (transport, NULL, owned);
}

/* That the body has been read, for which libsoup would wait before it uses the connection again. */
static void
sio_soup_request_note_end (SioSoupRequest *self)
{
  if (self->in != G_POLLABLE_INPUT_STREAM (self->stream) &&
      !sio_http_body_has_surplus (self->body) &&
      g_signal_lookup ("eof", G_OBJECT_TYPE (self->stream)) != 0)
    g_signal_emit_by_name (self->stream, "eof");
}

static void
sio_soup_request_succeed (SioSoupRequest *self)
{
  g_autoptr (SioTransport) transport = sio_soup_request_end (self);
  g_autoptr (GBytes) body = sio_http_body_steal (self->body);

  self->func (transport, body, NULL);
}

static void
sio_soup_request_refuse (SioSoupRequest *self)
{
  gsize length;
  const char *words = sio_http_body_peek (self->body, &length);
  g_autofree char *cause =
      sio_soup_describe_status (self->message, words, length, self->settings->limits.log_text);

  sio_soup_request_fail (self, g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT, cause));
}

static gboolean
sio_soup_request_is_refused (SioSoupRequest *self)
{
  return soup_message_get_status (self->message) != SOUP_STATUS_OK;
}

/* The end of the answer, one way or the other; takes @error, nullable. */
static void
sio_soup_request_finish (SioSoupRequest *self, GError *error)
{
  g_autoptr (GError) owned = error;

  if (error == NULL)
    sio_soup_request_note_end (self);
  if (sio_soup_request_is_refused (self))
    sio_soup_request_refuse (self);
  else if (error != NULL)
    sio_soup_request_fail (self, g_steal_pointer (&owned));
  else
    sio_soup_request_succeed (self);
}

/* TRUE if there may be more at once. */
static gboolean
sio_soup_request_read_piece (SioSoupRequest *self, guint8 *buffer, gboolean *over, GError **error)
{
  gsize size = sio_http_body_get_appetite (self->body, READ_SIZE);
  gssize n;

  *over = size == 0;
  if (*over)
    return FALSE;
  n = sio_stream_io_receive (self->in, self->settings, buffer, size, error);
  if (n == SIO_STREAM_IO_WOULD_BLOCK)
    return FALSE;
  if (n == 0)
    sio_http_body_end (self->body, error);
  *over = n <= 0 || !sio_http_body_take (self->body, buffer, (gsize) n, error) ||
          sio_http_body_is_whole (self->body);
  return !*over;
}

static void sio_soup_request_await (SioSoupRequest *self);

static gboolean
readable_cb (GObject *stream, gpointer user_data)
{
  g_autoptr (SioSoupRequest) self = sio_soup_request_ref (user_data);
  g_autofree guint8 *buffer = g_malloc (READ_SIZE);
  SioClock *clock = self->settings->clock;
  gint64 until = sio_clock_after (sio_clock_now (clock), self->settings->limits.slice);
  gboolean over = FALSE;
  GError *error = NULL;

  g_clear_pointer (&self->source, g_source_unref);
  while (sio_soup_request_read_piece (self, buffer, &over, &error) && sio_clock_now (clock) < until)
    continue;
  if (over)
    sio_soup_request_finish (self, error);
  else
    sio_soup_request_await (self);
  return G_SOURCE_REMOVE;
}

static gboolean
nothing_to_read_cb (gpointer user_data)
{
  return readable_cb (NULL, user_data);
}

static void
sio_soup_request_await (SioSoupRequest *self)
{
  sio_soup_enter (self->settings);
  if (sio_http_body_is_whole (self->body))
    {
      self->source = g_idle_source_new ();
      g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
      g_source_set_callback (self->source, nothing_to_read_cb, sio_soup_request_ref (self),
                             request_unref_cb);
    }
  else
    {
      self->source = g_pollable_input_stream_create_source (self->in, NULL);
      g_source_set_callback (self->source, G_SOURCE_FUNC (readable_cb), sio_soup_request_ref (self),
                             request_unref_cb);
    }
  g_source_attach (self->source, self->settings->context);
  sio_soup_leave (self->settings);
}

/* The stream of the connection lies two below the one that libsoup gives out, of which the upper
 * one counts bytes and chunks. That one takes a body for whole if the connection ends between two
 * chunks, so it is passed by. NULL if this libsoup, or HTTP/2, is made in another way. */
static GPollableInputStream *
find_connection_stream (GInputStream *stream)
{
  static const char *const names[] = { "SoupBodyInputStream", "SoupFilterInputStream" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (!G_IS_FILTER_INPUT_STREAM (stream))
        return NULL;
      stream = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));
      if (g_strcmp0 (G_OBJECT_TYPE_NAME (stream), names[i]) != 0)
        return NULL;
    }
  return G_IS_POLLABLE_INPUT_STREAM (stream) ? G_POLLABLE_INPUT_STREAM (stream) : NULL;
}

static SioHttpBodyFraming
find_framing (SoupMessage *message, guint64 *length)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  guint status = soup_message_get_status (message);

  *length = 0;
  if (status == SOUP_STATUS_NO_CONTENT || status == SOUP_STATUS_NOT_MODIFIED)
    return SIO_HTTP_BODY_LENGTH;

  switch (soup_message_headers_get_encoding (headers))
    {
    case SOUP_ENCODING_CHUNKED:
      return SIO_HTTP_BODY_CHUNKED;

    case SOUP_ENCODING_CONTENT_LENGTH:
      *length = (guint64) soup_message_headers_get_content_length (headers);
      return SIO_HTTP_BODY_LENGTH;

    case SOUP_ENCODING_NONE:
      return SIO_HTTP_BODY_LENGTH;

    case SOUP_ENCODING_UNRECOGNIZED:
    case SOUP_ENCODING_EOF:
    case SOUP_ENCODING_BYTERANGES:
    default:
      return SIO_HTTP_BODY_UNTIL_END;
    }
}

/* FALSE for what was not asked for. */
static gboolean
find_coding (SoupMessage *message, gboolean *gzip)
{
  const char *coding = soup_message_headers_get_list (soup_message_get_response_headers (message),
                                                      "Content-Encoding");

  *gzip = coding != NULL &&
          (g_ascii_strcasecmp (coding, "gzip") == 0 || g_ascii_strcasecmp (coding, "x-gzip") == 0 ||
           g_ascii_strcasecmp (coding, "deflate") == 0);
  return coding == NULL || *gzip || g_ascii_strcasecmp (coding, "identity") == 0;
}

static void
sio_soup_request_begin_body (SioSoupRequest *self)
{
  gsize limit = sio_soup_request_is_refused (self)
                    ? ERROR_BODY_SIZE
                    : MIN (self->settings->limits.max_payload, BODY_SIZE_MAX);
  gboolean known;
  gboolean gzip;
  guint64 length;
  SioHttpBodyFraming framing = find_framing (self->message, &length);

  self->in = find_connection_stream (self->stream);
  if (self->in == NULL)
    {
      self->in = G_POLLABLE_INPUT_STREAM (self->stream);
      framing = SIO_HTTP_BODY_UNTIL_END;
    }
  known = find_coding (self->message, &gzip);
  self->body = sio_http_body_new (framing, length, gzip, limit);
  if (known)
    sio_soup_request_await (self);
  else
    sio_soup_request_finish (
        self, g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT,
                                   _ ("the answer is packed in a way that was not asked for")));
}

/* Takes @error, unless there is a better one. */
static void
sio_soup_request_fail_to_send (SioSoupRequest *self, GError *error)
{
  const char *refusal = sio_soup_get_tls_refusal (self->message);

  if (refusal != NULL)
    {
      g_error_free (error);
      error = g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT, refusal);
    }
  sio_soup_request_fail (self, error);
}

static void
send_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SioSoupRequest) self = user_data;
  g_autoptr (GError) error = NULL;
  GInputStream *stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);

  self->headers_untold = FALSE;
  if (self->transport == NULL)
    sio_soup_release (self->settings, stream);
  else if (stream == NULL)
    sio_soup_request_fail_to_send (self, g_steal_pointer (&error));
  else
    {
      self->stream = stream;
      sio_soup_request_begin_body (self);
    }
}

static void
got_informational_cb (SoupMessage *message, gpointer user_data)
{
  g_autoptr (SioSoupRequest) self = sio_soup_request_ref (user_data);

  if (++self->n_informational > SIO_SOUP_INFORMATIONAL_MAX)
    sio_soup_request_fail (self, g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT,
                                                      _ ("the server does not come to the point")));
}

/* Before it hands on an answer that asks for credentials, libsoup reads all of its body into
 * memory, as it may have to send the request again, for which it only ever has those of a proxy. */
static gboolean
may_be_sent_again (SoupMessage *message)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);

  return soup_message_get_status (message) == SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED &&
         soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH &&
         soup_message_headers_get_content_length (headers) <= READ_SIZE;
}

static void
got_headers_cb (SoupMessage *message, gpointer user_data)
{
  SioSoupRequest *self = user_data;

  self->headers_untold = TRUE;
  if (!may_be_sent_again (message))
    soup_message_disable_feature (message, SOUP_TYPE_AUTH_MANAGER);
}

static void
timeout_cb (gpointer owner)
{
  g_autoptr (SioSoupRequest) self = sio_soup_request_ref (owner);

  sio_soup_request_fail (
      self, g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT, _ ("the request timed out")));
}

typedef struct
{
  SioSoupRequest *request;
  GError *error;
} Failure;

static gboolean
fail_cb (gpointer user_data)
{
  Failure *failure = user_data;

  sio_soup_request_fail (failure->request, g_steal_pointer (&failure->error));
  return G_SOURCE_REMOVE;
}

static void
failure_free (gpointer data)
{
  Failure *failure = data;

  sio_soup_request_unref (failure->request);
  g_clear_error (&failure->error);
  g_free (failure);
}

static void
sio_soup_request_fail_later (SioSoupRequest *self, GError *error)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Failure *failure = g_new0 (Failure, 1);

  failure->request = sio_soup_request_ref (self);
  failure->error = error;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, fail_cb, failure, failure_free);
  g_source_attach (source, self->settings->context);
}

/* libsoup sends a GET again by itself if a kept connection turns out to be dead; the server may
 * have put packets into the answer that was lost. Only a request for credentials may repeat. To
 * cancel right here, in the middle of its preparations, makes libsoup 3.2 end the request twice. So
 * does libsoup 3.6, and frees parts of the session that are in use, if another kept connection is
 * idle and the request runs there before the end of the first run was told; a new connection takes
 * longer than that. */
static void
restarted_cb (SoupMessage *message, gpointer user_data)
{
  SioSoupRequest *self = user_data;
  guint status = soup_message_get_status (message);

  self->headers_untold = FALSE;
  if (status == SOUP_STATUS_UNAUTHORIZED || status == SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED)
    return;

  soup_message_add_flags (message, SOUP_MESSAGE_NEW_CONNECTION);
  sio_soup_request_fail_later (
      self, g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT,
                                 _ ("the connection ended before the answer came")));
}

static void
sio_soup_request_set_up_post (SioSoupRequest *self, GBytes *post)
{
  /* The server ends the session for any other type (E21). */
  soup_message_headers_remove (soup_message_get_request_headers (self->message), "Content-Type");
  soup_message_set_request_body_from_bytes (self->message, "text/plain;charset=UTF-8", post);
  /* Allows a kept connection to be used; it is not sent twice for that. */
  soup_message_add_flags (self->message, SOUP_MESSAGE_IDEMPOTENT);
}

static void
sio_soup_request_start (SioSoupRequest *self, SoupSession *session)
{
  SioSettings *settings = self->settings;
  SoupMessageHeaders *headers = soup_message_get_request_headers (self->message);

  /* It is expanded here. A program may have asked for something else. */
  soup_message_disable_feature (self->message, SOUP_TYPE_CONTENT_DECODER);
  if (soup_message_headers_get_one (headers, "Accept-Encoding") == NULL)
    soup_message_headers_append (headers, "Accept-Encoding", "gzip");
#if SOUP_CHECK_VERSION(3, 4, 0)
  soup_message_set_force_http1 (self->message, TRUE);
#endif
  self->restarted_id =
      g_signal_connect (self->message, "restarted", G_CALLBACK (restarted_cb), self);
  self->informational_id = g_signal_connect (self->message, "got-informational",
                                             G_CALLBACK (got_informational_cb), self);
  self->headers_id =
      g_signal_connect (self->message, "got-headers", G_CALLBACK (got_headers_cb), self);

  sio_soup_guard_tls (self->message, settings, self->cancellable);

  if (settings->request_timeout > 0)
    {
      self->timer = sio_timer_new (settings->clock, settings->context, timeout_cb, self);
      sio_timer_set_deadline (self->timer, sio_clock_after (sio_clock_now (settings->clock),
                                                            settings->request_timeout));
    }

  soup_session_send_async (session, self->message, G_PRIORITY_DEFAULT, self->cancellable, send_cb,
                           sio_soup_request_ref (self));
}

SioSoupRequest *
sio_soup_request_send (SioTransport *transport,
                       SoupSession *session,
                       const char *url,
                       GError *error,
                       GBytes *post,
                       SioSoupRequestFunc func)
{
  SioSoupRequest *self = g_new0 (SioSoupRequest, 1);

  g_ref_count_init (&self->ref_count);
  self->transport = sio_transport_ref (transport);
  self->settings = sio_settings_ref (transport->settings);
  self->func = func;
  self->cancellable = g_cancellable_new ();

  sio_soup_enter (self->settings);
  if (url != NULL)
    self->message =
        sio_soup_message_new (self->settings, post != NULL ? "POST" : "GET", url, &error);
  if (self->message == NULL)
    sio_soup_request_fail_later (self, error);
  else
    {
      if (post != NULL)
        sio_soup_request_set_up_post (self, post);
      sio_soup_request_start (self, session);
    }
  sio_soup_leave (self->settings);
  return self;
}
