/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "read-frames.h"

/* Frames that may be compressed. The first byte says what was agreed on, the second how they are
 * cut. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  SioDeflateParams params = SIO_DEFLATE_PARAMS_INIT;
  GString *whole, *parts;

  if (size < 3)
    return 0;
  params.server_no_context_takeover = (data[0] & 0x08) != 0;
  params.server_max_window_bits = 8 + (data[0] & 0x07);
  whole = read_in_parts (&params, data + 2, size - 2, G_MAXSIZE);
  parts = read_in_parts (&params, data + 2, size - 2, (gsize) data[1] + 1);
  check (g_string_equal (whole, parts));
  g_string_free (whole, TRUE);
  g_string_free (parts, TRUE);
  return 0;
}
