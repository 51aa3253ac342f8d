/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-frame-writer-private.h"

#include <string.h>

static void
take_all (SioFrameWriter *writer, GByteArray *out, gsize at_a_time)
{
  const guint8 *data;
  gsize length;

  while ((data = sio_frame_writer_peek (writer, &length)) != NULL)
    {
      gsize n = MIN (length, at_a_time);

      g_byte_array_append (out, data, (guint) n);
      sio_frame_writer_sent (writer, n);
    }
  g_assert_true (sio_frame_writer_is_empty (writer));
}

static void
test_frames (void)
{
  static const char expected[] = "\x81\x82\0\0\0\0"
                                 "4a\x82\x80\0\0\0\0\x88\x82\0\0\0\0\x03\xe8\x88\x80\0\0\0\0";
  gsize at_a_time;

  for (at_a_time = 1; at_a_time < sizeof expected; at_a_time++)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();
      SioFrameWriter writer;

      sio_frame_writer_init (&writer);
      g_assert_true (sio_frame_writer_is_empty (&writer));
      sio_frame_writer_reserve (&writer, 2, 2);
      sio_frame_writer_add (&writer, SIO_FRAME_TEXT, "4a", 2, 0);
      sio_frame_writer_add (&writer, SIO_FRAME_BINARY, NULL, 0, 0);
      sio_frame_writer_add_close (&writer, 1000, 0);
      sio_frame_writer_add_close (&writer, 0, 0);
      g_assert_false (sio_frame_writer_is_empty (&writer));
      take_all (&writer, out, at_a_time);
      g_assert_cmpmem (out->data, out->len, expected, sizeof expected - 1);
      sio_frame_writer_clear (&writer);
    }
}

/* TLS asks for the same bytes at the same place again after it could not write. */
static void
test_stays (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  SioFrameWriter writer;
  const guint8 *data, *again;
  gsize length, length_again;
  int i;

  sio_frame_writer_init (&writer);
  sio_frame_writer_add (&writer, SIO_FRAME_TEXT, "4first", 6, 0);
  data = sio_frame_writer_peek (&writer, &length);
  sio_frame_writer_sent (&writer, 3);
  for (i = 0; i < 1000; i++)
    sio_frame_writer_add (&writer, SIO_FRAME_TEXT, "4second", 7, 0x01010101);
  again = sio_frame_writer_peek (&writer, &length_again);
  g_assert_true (again == data + 3);
  g_assert_cmpuint (length_again, ==, length - 3);
  take_all (&writer, out, 100);
  g_assert_cmpuint (out->len, ==, 9 + 1000 * 13);
  g_assert_cmpmem (out->data + out->len - 7, 7, "5rdbnoe", 7);
  sio_frame_writer_clear (&writer);
}

static void
test_clear (void)
{
  SioFrameWriter writer;
  gsize length;

  sio_frame_writer_init (&writer);
  sio_frame_writer_add (&writer, SIO_FRAME_TEXT, "4first", 6, 0);
  sio_frame_writer_peek (&writer, &length);
  sio_frame_writer_add (&writer, SIO_FRAME_TEXT, "4second", 7, 0);
  sio_frame_writer_clear (&writer);
  g_assert_true (sio_frame_writer_is_empty (&writer));
  g_assert_null (sio_frame_writer_peek (&writer, &length));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame-writer/frames", test_frames);
  g_test_add_func ("/frame-writer/stays", test_stays);
  g_test_add_func ("/frame-writer/clear", test_clear);
  return g_test_run ();
}
