/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-frame-reader-private.h"
#include "sio-types.h"

#include <string.h>

#define LIMIT 1000000

static const char *const kinds[] = { "none", "text", "binary", "ping", "pong", "close" };

/* What was taken, one to a line: kind, payload or its size and sum. */
typedef struct
{
  SioFrameReader reader;
  GString *log;
  GError *error;
  guint close_code;
  gsize largest_room;
} Feed;

static void
feed_init (Feed *self, gsize limit)
{
  *self = (Feed){ 0 };
  self->log = g_string_new (NULL);
  sio_frame_reader_init (&self->reader, limit);
}

static void
feed_clear (Feed *self)
{
  sio_frame_reader_clear (&self->reader);
  g_string_free (self->log, TRUE);
  g_clear_error (&self->error);
}

static void
log_event (Feed *self, const SioFrameEvent *event)
{
  guint sum = 0;
  gsize i;

  g_string_append (self->log, kinds[event->type]);
  if (event->type == SIO_FRAME_EVENT_CLOSE)
    g_string_append_printf (self->log, " %u", event->close_code);
  if (event->length < 200)
    {
      g_string_append_c (self->log, ' ');
      g_string_append_len (self->log, event->data, (gssize) event->length);
    }
  else
    {
      for (i = 0; i < event->length; i++)
        sum = sum * 31 + (guint8) event->data[i];
      g_string_append_printf (self->log, " %" G_GSIZE_FORMAT " %08x", event->length, sum);
    }
  g_string_append_c (self->log, '\n');
}

static void
check_bytes (const SioFrameEvent *event)
{
  gsize size;
  const char *data;

  g_assert_nonnull (event->data);
  if (event->type != SIO_FRAME_EVENT_TEXT && event->type != SIO_FRAME_EVENT_BINARY)
    return;

  data = g_bytes_get_data (event->bytes, &size);
  if (event->length == 0)
    return;
  g_assert_true (event->data >= data && event->data + event->length <= data + size);
  if (event->type == SIO_FRAME_EVENT_BINARY)
    g_assert_cmpuint (size, ==, event->length);
}

/* FALSE once it has failed. */
static gboolean
take_all (Feed *self)
{
  SioFrameEvent event;

  for (;;)
    {
      if (!sio_frame_reader_take (&self->reader, &event, &self->error))
        {
          g_assert_nonnull (self->error);
          g_assert_cmpint (event.type, ==, SIO_FRAME_EVENT_NONE);
          self->close_code = event.close_code;
          return FALSE;
        }
      if (event.type == SIO_FRAME_EVENT_NONE)
        return TRUE;
      check_bytes (&event);
      log_event (self, &event);
    }
}

/* At most @at_a_time bytes at once; relaxes between any two. */
static void
feed (Feed *self, const guint8 *bytes, gsize length, gsize at_a_time)
{
  while (length > 0)
    {
      gsize size;
      guint8 *room = sio_frame_reader_get_room (&self->reader, &size);
      gsize n = MIN (MIN (size, at_a_time), length);

      g_assert_cmpuint (size, >, 0);
      self->largest_room = MAX (self->largest_room, size);
      memcpy (room, bytes, n);
      sio_frame_reader_put (&self->reader, n);
      bytes += n;
      length -= n;
      if (!take_all (self))
        return;
      if (at_a_time < 100000)
        sio_frame_reader_relax (&self->reader);
    }
}

static void
add_frame (GByteArray *wire, guint8 first, const char *payload, gsize length)
{
  guint8 head[10] = { first };
  guint n_head = length < 126 ? 2 : length < 65536 ? 4 : 10;
  guint i;

  head[1] = (guint8) (n_head == 2 ? length : n_head == 4 ? 126 : 127);
  for (i = 2; i < n_head; i++)
    head[i] = (guint8) ((guint64) length >> (8 * (n_head - 1 - i)));
  g_byte_array_append (wire, head, n_head);
  g_byte_array_append (wire, (const guint8 *) payload, (guint) length);
}

static void
add_text (GByteArray *wire, guint8 first, const char *payload)
{
  add_frame (wire, first, payload, strlen (payload));
}

static void
assert_log (GByteArray *wire, const char *expected)
{
  gsize at_a_time;

  for (at_a_time = 1; at_a_time <= wire->len; at_a_time++)
    {
      Feed self;

      feed_init (&self, LIMIT);
      feed (&self, wire->data, wire->len, at_a_time);
      g_assert_no_error (self.error);
      g_assert_cmpstr (self.log->str, ==, expected);
      feed_clear (&self);
    }
}

/* The examples of RFC 6455, 5.7, as far as a server may send them. */
static void
test_examples (void)
{
  g_autoptr (GByteArray) wire = g_byte_array_new ();

  g_byte_array_append (wire, (const guint8 *) "\x81\x05Hello", 7);
  g_byte_array_append (wire, (const guint8 *) "\x01\x03Hel\x80\x02lo", 9);
  g_byte_array_append (wire, (const guint8 *) "\x89\x05Hello\x8a\x05Hello", 14);
  assert_log (wire, "text Hello\ntext Hello\nping Hello\npong Hello\n");
}

static void
test_every_cut (void)
{
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  g_autofree char *middle = g_strnfill (150, 'm');

  add_text (wire, 0x81, "0{\"sid\":\"a\"}");
  add_text (wire, 0x81, "");
  add_text (wire, 0x82, "");
  add_text (wire, 0x81, middle);
  add_frame (wire, 0x82, "\0\1\2", 3);
  add_text (wire, 0x01, "4on");
  add_text (wire, 0x89, "p");
  add_text (wire, 0x00, "e \xe2");
  add_text (wire, 0x8a, "");
  add_text (wire, 0x00, "");
  add_text (wire, 0x00, "\x82");
  add_text (wire, 0x80, "\xac");
  add_text (wire, 0x02, "");
  add_text (wire, 0x80, "");
  add_text (wire, 0x01, "");
  add_text (wire, 0x80, "");
  add_frame (wire, 0x02, "\xff", 1);
  add_frame (wire, 0x80, "\xfe", 1);
  add_frame (wire, 0x88,
             "\x03\xe8"
             "bye",
             5);
  add_text (wire, 0x81, "late");
  g_byte_array_append (wire, (const guint8 *) "\xff\xff\xff", 3);

  {
    g_autoptr (GString) expected = g_string_new ("text 0{\"sid\":\"a\"}\ntext \nbinary \n");

    g_string_append_printf (expected, "text %s\nbinary ", middle);
    g_string_append_len (expected, "\0\1\2", 3);
    g_string_append (expected, "\nping p\npong \ntext 4one €\nbinary \ntext \nbinary \xff\xfe\n"
                               "close 1000 bye\n");
    assert_log (wire, expected->str);
  }
}

/* Sizes around all borders, in readings of all kinds of sizes. */
static void
test_sizes (void)
{
  static const gsize sizes[] = { 0,     1,     125,   126,   127,   4095,  4096,   4097,  16384,
                                 32768, 32769, 65470, 65471, 65472, 65473, 65535,  65536, 65537,
                                 70000, 3,     9000,  3,     3,     99999, 200000, 3,     8000 };
  static const gsize readings[] = { 7, 100, 1460, 4096, 16384, 65472, 1000000 };
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  g_autofree char *payload = g_malloc (200000);
  g_autofree char *expected = NULL;
  guint i;

  for (i = 0; i < 200000; i++)
    payload[i] = (char) ('0' + i % 77);
  for (i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      add_frame (wire, 0x81, payload, sizes[i]);
      add_frame (wire, 0x82, payload, sizes[i]);
      add_frame (wire, 0x02, payload, sizes[i] / 3);
      add_frame (wire, 0x89, "x", 1);
      add_frame (wire, 0x80, payload, sizes[i]);
    }

  for (i = 0; i < G_N_ELEMENTS (readings); i++)
    {
      Feed self;

      feed_init (&self, LIMIT);
      feed (&self, wire->data, wire->len, readings[i]);
      g_assert_no_error (self.error);
      if (expected == NULL)
        expected = g_strdup (self.log->str);
      else
        g_assert_cmpstr (self.log->str, ==, expected);
      feed_clear (&self);
    }
  g_assert_nonnull (strstr (expected, "binary 266666 "));
}

static gsize
put_texts (SioFrameReader *reader, gsize n_bytes)
{
  gsize size;
  guint8 *room = sio_frame_reader_get_room (reader, &size);
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  SioFrameEvent event;

  while (wire->len < n_bytes)
    add_text (wire, 0x81, "4rooms"); /* 8 bytes, so that none is cut */
  memcpy (room, wire->data, MIN (wire->len, size));
  sio_frame_reader_put (reader, MIN (wire->len, size));
  do
    g_assert_true (sio_frame_reader_take (reader, &event, NULL));
  while (event.type != SIO_FRAME_EVENT_NONE);
  return size;
}

/* A burst of small texts is not copied message by message, and a large one comes into its own
 * memory. */
static void
test_sharing (void)
{
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  g_autofree char *payload = g_strnfill (60000, 'x');
  SioFrameReader reader;
  SioFrameEvent event;
  GBytes *shared = NULL;
  guint8 *room;
  gsize size;
  int i;

  for (i = 0; i < 1000; i++)
    add_text (wire, 0x81, "4shared");
  add_frame (wire, 0x82, payload, 60000);

  sio_frame_reader_init (&reader, LIMIT);
  put_texts (&reader, 100000);
  put_texts (&reader, 100000);
  memcpy (sio_frame_reader_get_room (&reader, &size), wire->data, 9014);
  g_assert_cmpuint (size, >, 60000);
  sio_frame_reader_put (&reader, 9014);
  for (i = 0; i < 1000; i++)
    {
      g_assert_true (sio_frame_reader_take (&reader, &event, NULL));
      g_assert_cmpint (event.type, ==, SIO_FRAME_EVENT_TEXT);
      g_assert_true (shared == NULL || shared == event.bytes);
      shared = event.bytes;
    }
  g_assert_cmpuint (g_bytes_get_size (shared), ==, 9014);
  g_assert_true (sio_frame_reader_take (&reader, &event, NULL));
  g_assert_cmpint (event.type, ==, SIO_FRAME_EVENT_NONE);

  room = sio_frame_reader_get_room (&reader, &size);
  g_assert_cmpuint (size, ==, 59990);
  memcpy (room, payload, size);
  sio_frame_reader_put (&reader, size);
  g_assert_true (sio_frame_reader_take (&reader, &event, NULL));
  g_assert_cmpint (event.type, ==, SIO_FRAME_EVENT_BINARY);
  g_assert_cmpuint (event.length, ==, 60000);
  g_assert_true (event.data + 10 == (char *) room);
  sio_frame_reader_clear (&reader);
}

/* Messages that come one by one get little room, and nothing is set aside for it; a flood gets more
 * with each reading. */
static void
test_room (void)
{
  SioFrameReader reader;

  sio_frame_reader_init (&reader, LIMIT);
  g_assert_cmpuint (put_texts (&reader, 8), ==, 4096);
  g_assert_null (reader.block);
  sio_frame_reader_relax (&reader);

  g_assert_cmpuint (put_texts (&reader, 100000), ==, 4096);
  g_assert_cmpuint (put_texts (&reader, 100000), >, 16000);
  g_assert_cmpuint (put_texts (&reader, 100000), >, 60000);
  sio_frame_reader_relax (&reader);
  g_assert_cmpuint (put_texts (&reader, 100000), >, 60000);
  sio_frame_reader_clear (&reader);
}

/* What nobody may send, and the code that says so. */
typedef struct
{
  const char *name;
  const char *bytes;
  gsize size;
  guint code;
} BadCase;

#define BYTES(literal) literal, sizeof (literal) - 1

static const BadCase bad[] = {
  { "masked", BYTES ("\x81\x81\0\0\0\0x"), 1002 },
  { "reserved-bit", BYTES ("\xc1\x01x"), 1002 },
  { "reserved-opcode", BYTES ("\x83\x01x"), 1002 },
  { "reserved-control", BYTES ("\x8b\x00"), 1002 },
  { "all-ones", BYTES ("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), 1002 },
  { "long-ping", BYTES ("\x89\x7e\x00\x80"), 1002 },
  { "fragmented-ping", BYTES ("\x09\x01x"), 1002 },
  { "stray-continuation", BYTES ("\x80\x01x"), 1002 },
  { "stray-first-continuation", BYTES ("\x00\x01x"), 1002 },
  { "text-inside-message", BYTES ("\x01\x01x\x81\x01x"), 1002 },
  { "binary-inside-message", BYTES ("\x01\x01x\x02\x01x"), 1002 },
  { "bad-text",
    BYTES ("\x81\x02"
           "4\xff"),
    1007 },
  { "cut-character",
    BYTES ("\x81\x02"
           "4\xc3"),
    1007 },
  { "bad-text-over-fragments",
    BYTES ("\x01\x02"
           "4\xc3\x80\x01x"),
    1007 },
  { "surrogate-over-fragments", BYTES ("\x01\x02\xed\xa0\x80\x01\x80"), 1007 },
  { "close-short", BYTES ("\x88\x01x"), 1002 },
  { "close-1005", BYTES ("\x88\x02\x03\xed"), 1002 },
  { "close-1006", BYTES ("\x88\x02\x03\xee"), 1002 },
  { "close-999", BYTES ("\x88\x02\x03\xe7"), 1002 },
  { "close-5000", BYTES ("\x88\x02\x13\x88"), 1002 },
  { "close-bad-text", BYTES ("\x88\x03\x03\xe8\xff"), 1007 },
  { "over-limit", BYTES ("\x82\x7e\x03\xe9"), 1009 },
  { "over-limit-63-bits", BYTES ("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"), 1009 },
  { "over-limit-in-fragments", BYTES ("\x02\x01x\x00\x01x\x80\x7e\x03\xe7"), 1009 },
};

static void
test_bad (gconstpointer data)
{
  const BadCase *expected = data;
  gsize at_a_time;

  for (at_a_time = 1; at_a_time <= expected->size; at_a_time++)
    {
      Feed self;

      feed_init (&self, 1000);
      feed (&self,
            (const guint8 *) "\x81\x02"
                             "4a",
            4, 100);
      feed (&self, (const guint8 *) expected->bytes, expected->size, at_a_time);
      g_assert_error (self.error, SIO_ERROR, SIO_ERROR_TRANSPORT);
      g_assert_true (g_utf8_validate (self.error->message, -1, NULL));
      g_assert_cmpuint (self.close_code, ==, expected->code);
      g_assert_cmpstr (self.log->str, ==, "text 4a\n");
      /* Dead from then on. */
      g_clear_error (&self.error);
      feed (&self,
            (const guint8 *) "\x81\x02"
                             "4b",
            4, 100);
      g_assert_no_error (self.error);
      g_assert_cmpstr (self.log->str, ==, "text 4a\n");
      feed_clear (&self);
    }
}

static void
test_limit (void)
{
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  g_autofree char *payload = g_strnfill (1000, 'x');
  guint i;
  Feed self;

  /* Up to the limit, in one or in many. */
  add_frame (wire, 0x82, payload, 1000);
  add_frame (wire, 0x02, payload, 10);
  for (i = 0; i < 98; i++)
    add_frame (wire, 0x00, payload, 10);
  add_frame (wire, 0x80, payload, 10);
  feed_init (&self, 1000);
  feed (&self, wire->data, wire->len, 33);
  g_assert_no_error (self.error);
  g_assert_cmpuint (self.reader.allocated, ==, 0);
  feed_clear (&self);

  /* Endless fragments end at the limit. */
  feed_init (&self, 1000);
  feed (&self, (const guint8 *) "\x02\x01x", 3, 3);
  for (i = 0; i < 2000 && self.error == NULL; i++)
    {
      feed (&self, (const guint8 *) "\x00\x01x\x00\x00", 5, 5);
      g_assert_cmpuint (self.reader.allocated, <=, 1000);
    }
  g_assert_error (self.error, SIO_ERROR, SIO_ERROR_TRANSPORT);
  g_assert_cmpuint (i, ==, 1000);
  feed_clear (&self);
}

/* An idle connection keeps no memory, an unfinished frame no more than itself. */
static void
test_relax (void)
{
  g_autofree char *payload = g_strnfill (60000, 'x');
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  Feed self;

  add_frame (wire, 0x81, payload, 60000);
  g_byte_array_append (wire, (const guint8 *) "\x81", 1);
  feed_init (&self, LIMIT);
  feed (&self, wire->data, wire->len, 65000);
  g_assert_null (self.reader.block);
  g_assert_cmpuint (g_bytes_get_size (self.reader.input), ==, 1);
  feed (&self, (const guint8 *) "\x00", 1, 1);
  g_assert_null (self.reader.block);
  g_assert_null (self.reader.input);
  g_assert_null (self.reader.message);
  g_assert_null (self.reader.current);
  feed_clear (&self);
}

/* However it is cut and divided into frames. */
static void
test_E87_compressed (void)
{
  static const SioDeflateParams params = SIO_DEFLATE_PARAMS_INIT;
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  gsize at_a_time;

  add_frame (wire, 0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
  add_text (wire, 0x81, "plain");
  add_frame (wire, 0x41, "\xf2\x00", 2);
  add_text (wire, 0x89, "ping");
  add_frame (wire, 0x80, "\x11\x00\x00", 3);
  add_frame (wire, 0xc2, "\xf2\x00\x11\x00\x00", 5);
  add_frame (wire, 0xc1, "\0", 1);
  for (at_a_time = 1; at_a_time <= wire->len; at_a_time++)
    {
      Feed self;

      feed_init (&self, LIMIT);
      sio_frame_reader_set_deflate (&self.reader, &params);
      feed (&self, wire->data, wire->len, at_a_time);
      g_assert_no_error (self.error);
      g_assert_cmpstr (self.log->str, ==,
                       "text Hello\ntext plain\nping ping\ntext Hello\nbinary Hello\ntext \n");
      feed_clear (&self);
    }
}

static void
assert_refused (const char *frame, gsize length, gsize limit, guint code)
{
  static const SioDeflateParams params = SIO_DEFLATE_PARAMS_INIT;
  Feed self;

  feed_init (&self, limit);
  sio_frame_reader_set_deflate (&self.reader, &params);
  feed (&self, (const guint8 *) frame, length, length);
  g_assert_error (self.error, SIO_ERROR, SIO_ERROR_TRANSPORT);
  g_assert_cmpuint (self.close_code, ==, code);
  feed_clear (&self);
}

static void
test_E87_refused (void)
{
  /* Not compressed at all, not UTF-8 once it is expanded, too large then. */
  assert_refused ("\xc1\x02\xff\xff", 4, LIMIT, 1007);
  assert_refused ("\xc1\x07\x00\x01\x00\xfe\xff\xff\x00", 9, LIMIT, 1007);
  assert_refused ("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", 9, 4, 1009);
  /* Only the first frame may say that it is. */
  assert_refused ("\x41\x01\xf2\xc0\x01\x00", 6, LIMIT, 1002);
}

int
main (int argc, char **argv)
{
  guint i;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame-reader/E30/examples", test_examples);
  g_test_add_func ("/frame-reader/E30/every-cut", test_every_cut);
  g_test_add_func ("/frame-reader/E30/sizes", test_sizes);
  g_test_add_func ("/frame-reader/sharing", test_sharing);
  g_test_add_func ("/frame-reader/room", test_room);
  g_test_add_func ("/frame-reader/E87/compressed", test_E87_compressed);
  g_test_add_func ("/frame-reader/E87/refused", test_E87_refused);
  for (i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strconcat ("/frame-reader/bad/", bad[i].name, NULL);

      g_test_add_data_func (path, &bad[i], test_bad);
    }
  g_test_add_func ("/frame-reader/E37/limit", test_limit);
  g_test_add_func ("/frame-reader/relax", test_relax);
  return g_test_run ();
}
