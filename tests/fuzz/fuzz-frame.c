/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "read-frames.h"

/* However it is cut, the same comes out. The first byte says how. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  GString *whole, *parts;

  if (size < 2)
    return 0;
  whole = read_in_parts (NULL, data + 1, size - 1, G_MAXSIZE);
  parts = read_in_parts (NULL, data + 1, size - 1, (gsize) data[0] * data[0] / 16 + 1);
  check (g_string_equal (whole, parts));
  g_string_free (whole, TRUE);
  g_string_free (parts, TRUE);
  return 0;
}
