/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-frame-private.h"
#include "sio-types.h"

#include <string.h>

typedef struct
{
  const char *name;
  const char *bytes;
  gsize size;
  SioFrameOpcode opcode;
  gboolean final;
  guint64 length;
} HeadCase;

#define BYTES(literal) literal, sizeof (literal) - 1

static const HeadCase heads[] = {
  { "text", BYTES ("\x81\x05"), SIO_FRAME_TEXT, TRUE, 5 },
  { "first-fragment", BYTES ("\x01\x03"), SIO_FRAME_TEXT, FALSE, 3 },
  { "last-fragment", BYTES ("\x80\x02"), SIO_FRAME_CONTINUATION, TRUE, 2 },
  { "compressed-text", BYTES ("\xc1\x05"), SIO_FRAME_TEXT, TRUE, 5 },
  { "compressed-binary-fragment", BYTES ("\x42\x7d"), SIO_FRAME_BINARY, FALSE, 125 },
  { "ping", BYTES ("\x89\x05"), SIO_FRAME_PING, TRUE, 5 },
  { "pong-125", BYTES ("\x8a\x7d"), SIO_FRAME_PONG, TRUE, 125 },
  { "close", BYTES ("\x88\x00"), SIO_FRAME_CLOSE, TRUE, 0 },
  { "binary-125", BYTES ("\x82\x7d"), SIO_FRAME_BINARY, TRUE, 125 },
  { "binary-126", BYTES ("\x82\x7e\x00\x7e"), SIO_FRAME_BINARY, TRUE, 126 },
  { "binary-256", BYTES ("\x82\x7e\x01\x00"), SIO_FRAME_BINARY, TRUE, 256 },
  { "binary-65535", BYTES ("\x82\x7e\xff\xff"), SIO_FRAME_BINARY, TRUE, 65535 },
  { "binary-65536", BYTES ("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"), SIO_FRAME_BINARY, TRUE,
    65536 },
  { "largest", BYTES ("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"), SIO_FRAME_BINARY, TRUE,
    G_MAXINT64 },
};

static void
test_head (gconstpointer data)
{
  const HeadCase *expected = data;
  g_autoptr (GError) error = NULL;
  SioFrameHead head;
  gsize n;

  for (n = 0; n < expected->size; n++)
    {
      g_autofree guint8 *part = g_memdup2 (expected->bytes, n);

      g_assert_cmpuint (sio_frame_head_read (&head, part, n, &error), ==, 0);
      g_assert_no_error (error);
    }
  g_assert_cmpuint (
      sio_frame_head_read (&head, (const guint8 *) expected->bytes, expected->size, &error), ==,
      expected->size);
  g_assert_no_error (error);
  g_assert_cmpint (head.opcode, ==, expected->opcode);
  g_assert_cmpint (head.final, ==, expected->final);
  g_assert_cmpint (head.compressed, ==, strstr (expected->name, "compressed") != NULL);
  g_assert_cmpuint (head.length, ==, expected->length);
}

typedef struct
{
  const char *name;
  const char *bytes;
  gsize size;
} BadCase;

static const BadCase bad_heads[] = {
  { "masked", BYTES ("\x81\x85\x01\x02\x03\x04") },
  { "masked-empty", BYTES ("\x81\x80") },
  { "compressed-continuation", BYTES ("\xc0\x05") },
  { "compressed-ping", BYTES ("\xc9\x05") },
  { "compressed-close", BYTES ("\xc8\x00") },
  { "reserved-bit-2", BYTES ("\xa1\x05") },
  { "reserved-bit-3", BYTES ("\x91\x05") },
  { "opcode-3", BYTES ("\x83\x05") },
  { "opcode-7", BYTES ("\x87\x05") },
  { "opcode-11", BYTES ("\x8b\x05") },
  { "opcode-15", BYTES ("\x8f\x05") },
  { "fragmented-ping", BYTES ("\x09\x05") },
  { "fragmented-close", BYTES ("\x08\x00") },
  { "long-ping", BYTES ("\x89\x7e\x00\x7e") },
  { "longer-ping", BYTES ("\x89\x7f") },
  { "length-125-in-16-bits", BYTES ("\x82\x7e\x00\x7d") },
  { "length-65535-in-64-bits", BYTES ("\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff") },
  { "length-negative", BYTES ("\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00") },
  { "length-of-all-ones", BYTES ("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff") },
};

static void
test_bad_head (gconstpointer data)
{
  const BadCase *bad = data;
  g_autoptr (GError) error = NULL;
  SioFrameHead head;

  g_assert_cmpuint (sio_frame_head_read (&head, (const guint8 *) bad->bytes, bad->size, &error), ==,
                    0);
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TRANSPORT);
}

/* The masked “Hello” of RFC 6455, 5.7. */
static void
test_write (void)
{
  static const gsize lengths[] = { 0, 1, 125, 126, 127, 65535, 65536, 1 << 20 };
  guint8 frame[SIO_FRAME_HEAD_MAX + 5];
  guint32 mask;
  guint n_head, i;

  memcpy (&mask, "\x37\xfa\x21\x3d", 4);
  n_head = sio_frame_head_write (frame, SIO_FRAME_TEXT, 5, mask);
  sio_frame_mask (frame + n_head, (const guint8 *) "Hello", 5, mask);
  g_assert_cmpmem (frame, n_head + 5, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);

  for (i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      SioFrameHead head;

      n_head = sio_frame_head_write (frame, SIO_FRAME_BINARY, lengths[i], mask);
      g_assert_cmpuint (n_head, ==, sio_frame_head_size (lengths[i]));
      g_assert_cmphex (frame[1] & 0x80, ==, 0x80);
      g_assert_cmpmem (frame + n_head - 4, 4, "\x37\xfa\x21\x3d", 4);
      frame[1] &= 0x7f;
      g_assert_cmpuint (sio_frame_head_read (&head, frame, n_head, NULL), ==, n_head - 4);
      g_assert_cmpuint (head.length, ==, lengths[i]);
      g_assert_true (head.final);
    }
}

static void
test_mask (void)
{
  const guint8 mask_bytes[] = { 0x12, 0x34, 0x56, 0x78 };
  guint8 in[150], out[150], expected[150];
  guint32 mask;
  gsize length, offset, i;

  memcpy (&mask, mask_bytes, sizeof mask);
  for (i = 0; i < sizeof in; i++)
    in[i] = (guint8) (i * 7);
  for (offset = 0; offset < 8; offset++)
    for (length = 0; length <= 140; length++)
      {
        for (i = 0; i < length; i++)
          expected[i] = in[offset + i] ^ mask_bytes[i % 4];
        memset (out, 0xee, sizeof out);
        sio_frame_mask (out, in + offset, length, mask);
        g_assert_cmpmem (out, length, expected, length);
        g_assert_cmphex (out[length], ==, 0xee);
        sio_frame_mask (out, out, length, mask);
        g_assert_cmpmem (out, length, in + offset, length);
      }
}

static void
test_close_codes (void)
{
  guint code;

  for (code = 0; code <= G_MAXUINT16; code++)
    {
      gboolean valid =
          (code >= 1000 && code < 1015 && code != 1004 && code != 1005 && code != 1006) ||
          (code >= 3000 && code < 5000);

      g_assert_cmpint (sio_frame_close_code_is_valid (code), ==, valid);
    }
}

int
main (int argc, char **argv)
{
  guint i;

  g_test_init (&argc, &argv, NULL);
  for (i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autofree char *path = g_strconcat ("/frame/head/", heads[i].name, NULL);

      g_test_add_data_func (path, &heads[i], test_head);
    }
  for (i = 0; i < G_N_ELEMENTS (bad_heads); i++)
    {
      g_autofree char *path = g_strconcat ("/frame/bad-head/", bad_heads[i].name, NULL);

      g_test_add_data_func (path, &bad_heads[i], test_bad_head);
    }
  g_test_add_func ("/frame/write", test_write);
  g_test_add_func ("/frame/mask", test_mask);
  g_test_add_func ("/frame/close-codes", test_close_codes);
  return g_test_run ();
}
