/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-stream-io-private.h"

#include <errno.h>
#include <gio/gnetworking.h>

int
sio_stream_io_find_descriptor (GIOStream *stream)
{
  g_autoptr (GObject) base = NULL;
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (stream), "base-iostream");

  if (pspec != NULL && (pspec->flags & G_PARAM_READABLE) != 0 &&
      g_type_is_a (pspec->value_type, G_TYPE_OBJECT))
    g_object_get (stream, "base-iostream", &base, NULL);
  else
    base = g_object_ref (G_OBJECT (stream));

  /* A wrapper stands for the TLS with a proxy. */
  if (!G_IS_SOCKET_CONNECTION (base) || G_IS_TCP_WRAPPER_CONNECTION (base))
    return -1;
  return g_socket_get_fd (g_socket_connection_get_socket (G_SOCKET_CONNECTION (base)));
}

static gssize
check_result (gssize n, GError **error)
{
  int code = errno;

  if (n >= 0)
    return n;
  if (g_io_error_from_errno (code) == G_IO_ERROR_WOULD_BLOCK)
    return SIO_STREAM_IO_WOULD_BLOCK;
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (code), g_strerror (code));
  return SIO_STREAM_IO_FAILED;
}

gssize
sio_stream_io_receive_directly (int fd, guint8 *room, gsize size, GError **error)
{
  gssize n;

  do
    n = recv (fd, room, size, 0);
  while (n < 0 && errno == EINTR);
  return check_result (n, error);
}

gssize
sio_stream_io_send_directly (int fd, const guint8 *data, gsize length, GError **error)
{
  gssize n;

  do
    n = send (fd, data, length, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return check_result (n, error);
}

static gssize
check_stream_result (gssize n, GError **error)
{
  if (n >= 0)
    return n;
  if (!g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return SIO_STREAM_IO_FAILED;
  g_clear_error (error);
  return SIO_STREAM_IO_WOULD_BLOCK;
}

gssize
sio_stream_io_receive (GPollableInputStream *in,
                       const SioSettings *settings,
                       guint8 *room,
                       gsize size,
                       GError **error)
{
  gssize n;

  sio_soup_enter (settings);
  n = g_pollable_input_stream_read_nonblocking (in, room, size, NULL, error);
  sio_soup_leave (settings);
  return check_stream_result (n, error);
}

gssize
sio_stream_io_send (GPollableOutputStream *out,
                    const SioSettings *settings,
                    const guint8 *data,
                    gsize length,
                    GError **error)
{
  gssize n;

  sio_soup_enter (settings);
  n = g_pollable_output_stream_write_nonblocking (out, data, length, NULL, error);
  sio_soup_leave (settings);
  return check_stream_result (n, error);
}
