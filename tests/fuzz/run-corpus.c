/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Feeds a fuzz target with each file of its corpus, and with each beginning of the file,
 * as input that was cut off is what parsers stumble over most. */

#include "config.h"

#include <glib.h>

/* Of longer files only so many beginnings are tried, evenly spread. */
#define MAX_CUTS 2000

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* In memory of exactly that size, so that reading beyond the end is noticed. */
static void
feed (const char *data, gsize size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);

  LLVMFuzzerTestOneInput (copy, size);
}

static void
test_file (gconstpointer user_data)
{
  const char *path = user_data;
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize size, cut, step;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  step = size / MAX_CUTS + 1;
  for (cut = 0; cut < size; cut += step)
    feed (data, cut);
  feed (data, size);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *folder, *name;
  guint i;

  g_test_init (&argc, &argv, NULL);
  folder = argv[argc - 1];
  dir = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_assert_cmpuint (names->len, >, 0);

  for (i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_strconcat ("/corpus/", g_ptr_array_index (names, i), NULL);

      g_test_add_data_func_full (
          path, g_build_filename (folder, g_ptr_array_index (names, i), NULL), test_file, g_free);
    }
  return g_test_run ();
}
