/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sio-test-flood.h"

#include <string.h>
#include <time.h>

#include "sio-test-wait.h"

#define MEBIBYTE    ((gsize) 1024 * 1024)
#define PIECE       (4 * MEBIBYTE)
#define BOMB_PIECES 1280
/* The peer gives up: whoever took as much as this would take everything. */
#define SEND_LIMIT (512 * MEBIBYTE)
#define BLOCK      ((gsize) 256 * 1024)

#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define GZIP    "Content-Encoding: gzip\r\n"

/* A head without a name, a time or flags. */
#define GZIP_HEAD        "\x1f\x8b\x08\0\0\0\0\0\0\x03"
#define GZIP_HEAD_LENGTH 10
/* A stored block of no bytes, which is not the last one. */
#define EMPTY_BLOCK "\0\0\0\xff\xff"

const SioTestFlood sio_test_floods[] = {
  { "bomb", GZIP, TRUE, FALSE, NULL, NULL, 0 },
  { "bomb-chunked", GZIP CHUNKED, TRUE, TRUE, NULL, NULL, 0 },
  { "nothing", "Content-Length: 100\r\n", FALSE, FALSE, NULL, NULL, 0 },
  { "length", "Content-Length: 99999999999\r\n", FALSE, FALSE, NULL, "<html>", 0 },
  { "until-end", "", FALSE, FALSE, NULL, "<html>", 0 },
  { "location", "Location: /elsewhere\r\n", FALSE, FALSE, NULL, "<html>", 0 },
  { "authenticate", "WWW-Authenticate: Basic realm=\"r\"\r\n", FALSE, FALSE, NULL, "<html>", 0 },
  { "chunks", CHUNKED, FALSE, FALSE, NULL, "6\r\n<html>\r\n", 0 },
  { "chunk-extension", CHUNKED, FALSE, FALSE, "6;", "a=b;", 0 },
  { "chunk-size", CHUNKED, FALSE, FALSE, NULL, "0", 0 },
  { "trailers", CHUNKED, FALSE, FALSE, "0\r\n", "A: b\r\n", 0 },
  { "empty-blocks", GZIP, FALSE, FALSE, NULL, EMPTY_BLOCK, 5 },
};
const guint sio_test_n_floods = G_N_ELEMENTS (sio_test_floods);

static GByteArray *
deflate_zeros (GConverter *compressor)
{
  GByteArray *out = g_byte_array_new ();
  g_autofree char *zeros = g_malloc0 (PIECE);
  gsize used = 0;
  gsize n_read = 1;
  gsize n_written = 1;

  while (used < PIECE || n_written > 0)
    {
      GError *error = NULL;
      guint8 room[4096];

      if (g_converter_convert (compressor, zeros + used, PIECE - used, room, sizeof room,
                               G_CONVERTER_FLUSH, &n_read, &n_written, &error) == G_CONVERTER_ERROR)
        {
          /* All is out. */
          g_clear_error (&error);
          break;
        }
      used += n_read;
      g_byte_array_append (out, room, (guint) n_written);
      if (used == PIECE && n_written < sizeof room)
        break;
    }
  return out;
}

static void
send_bomb (const SioTestFlood *flood, SioRawConn *conn)
{
  GConverter *compressor = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW, 9));
  GByteArray *first = deflate_zeros (compressor);
  /* It looks back upon zeros alone, so it may come again and again. */
  GByteArray *next = deflate_zeros (compressor);
  gboolean goes_on = TRUE;

  g_object_unref (compressor);
  for (guint i = 0; i < BOMB_PIECES && goes_on; i++)
    {
      const GByteArray *piece = i == 0 ? first : next;

      if (flood->chunked)
        {
          sio_raw_respond_chunk (conn, (const char *) piece->data, piece->len);
          goes_on = sio_raw_try_send (conn, "", 0);
        }
      else
        goes_on = sio_raw_try_send (conn, (const char *) piece->data, piece->len);
    }
  g_byte_array_unref (first);
  g_byte_array_unref (next);
}

static gsize
send_again (const SioTestFlood *flood, SioRawConn *conn)
{
  gsize length = flood->again_length > 0 ? flood->again_length : strlen (flood->again);
  gsize n = BLOCK / length;
  char *block = g_malloc (n * length);
  gsize sent = 0;

  for (gsize i = 0; i < n; i++)
    memcpy (block + i * length, flood->again, length);
  while (sent < SEND_LIMIT && sio_raw_try_send (conn, block, (gssize) (n * length)))
    sent += n * length;
  g_free (block);
  return sent;
}

gsize
sio_test_flood_send (const SioTestFlood *flood, SioRawConn *conn, const char *status)
{
  char *head = g_strdup_printf ("HTTP/1.1 %s\r\n%s\r\n", status, flood->headers);
  gsize sent = 0;

  sio_raw_try_send (conn, head, -1);
  g_free (head);
  if (strstr (flood->headers, "gzip") != NULL && flood->chunked)
    sio_raw_respond_chunk (conn, GZIP_HEAD, GZIP_HEAD_LENGTH);
  else if (strstr (flood->headers, "gzip") != NULL)
    sio_raw_try_send (conn, GZIP_HEAD, GZIP_HEAD_LENGTH);
  if (flood->bomb)
    send_bomb (flood, conn);
  if (flood->first != NULL)
    sio_raw_try_send (conn, flood->first, -1);
  if (flood->again != NULL)
    sent = send_again (flood, conn);
  if (sent < SEND_LIMIT)
    sio_raw_await_end (conn);
  return sent;
}

struct _SioTestMeter
{
  GSource source;
  gint64 last;
  gint64 longest;
};

static gint64
cpu_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

/* Once in each turn, before anything else. */
static gboolean
meter_prepare (GSource *source, int *timeout)
{
  SioTestMeter *self = (SioTestMeter *) source;
  gint64 now = cpu_time ();

  self->longest = MAX (self->longest, now - self->last);
  self->last = now;
  *timeout = -1;
  return FALSE;
}

static gboolean
meter_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs meter_funcs = {
  .prepare = meter_prepare,
  .dispatch = meter_dispatch,
};

SioTestMeter *
sio_test_meter_new (void)
{
  SioTestMeter *self = (SioTestMeter *) g_source_new (&meter_funcs, sizeof (SioTestMeter));

  sio_test_meter_reset (self);
  g_source_set_priority (&self->source, G_PRIORITY_HIGH - 1000);
  g_source_attach (&self->source, g_main_context_get_thread_default ());
  return self;
}

void
sio_test_meter_reset (SioTestMeter *self)
{
  self->last = cpu_time ();
  self->longest = 0;
}

gint64
sio_test_meter_get_longest (SioTestMeter *self)
{
  return MAX (self->longest, cpu_time () - self->last);
}

void
sio_test_meter_free (SioTestMeter *self)
{
  g_source_destroy (&self->source);
  g_source_unref (&self->source);
}

guint
sio_test_meter_slowness (void)
{
#if defined __SANITIZE_ADDRESS__
  return 24;
#elif defined __has_feature
#if __has_feature(address_sanitizer)
  return 24;
#endif
#endif
  return sio_test_slowness () > 1 ? 40 : 1;
}
