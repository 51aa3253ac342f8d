/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <stdio.h>
#include <unistd.h>

/* Connecting and closing again and again costs neither memory nor descriptors. */

#define WARM_UP       100
#define ALLOWED_DRIFT (256 * 1024)

/* The address sanitizer and valgrind keep what was freed back for a while, so memory grows. They look
 * for leaks in a better way. */
#if defined(__SANITIZE_ADDRESS__)
#define KEEPS_FREED_MEMORY TRUE
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEPS_FREED_MEMORY TRUE
#endif
#endif
#ifndef KEEPS_FREED_MEMORY
#define KEEPS_FREED_MEMORY FALSE
#endif

static gsize
measure_memory (void)
{
  g_autofree char *statm = NULL;
  unsigned long total, resident;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &statm, NULL, NULL));
  g_assert_cmpint (sscanf (statm, "%lu %lu", &total, &resident), ==, 2);
  return (gsize) resident * sysconf (_SC_PAGESIZE);
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  g_assert_nonnull (folder);
  while (g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

/* A new manager and a new socket each time. */
static void
run_new (const SioTestMode *mode, guint n_cycles)
{
  for (guint i = 0; i < n_cycles; i++)
    {
      SioTestClient *client = sio_test_client_new_connected (mode, "/");

      sio_test_sync (client->socket);
      sio_test_client_free (client);
    }
}

/* The same ones all the time, thrown out by the server. */
static void
run_same (SioTestClient *client, guint n_cycles)
{
  for (guint i = 1; i <= n_cycles; i++)
    {
      sio_socket_emit (client->socket, "engine-close", NULL);
      sio_test_wait (sio_test_log_count (&client->log, "connect") == 1);
      sio_test_log_forget (&client->log);
    }
}

static void
check (gsize memory, guint descriptors)
{
  gsize now = measure_memory ();

  /* The last connection may not be closed yet at this instant. */
  sio_test_wait (count_descriptors () <= descriptors);
  g_test_message ("resident memory: %" G_GSIZE_FORMAT " KiB, then %" G_GSIZE_FORMAT " KiB",
                  memory / 1024, now / 1024);
  if (sio_test_slowness () == 1 && !KEEPS_FREED_MEMORY)
    g_assert_cmpint ((gssize) now - (gssize) memory, <=, ALLOWED_DRIFT);
}

static void
test_new (const SioTestMode *mode)
{
  guint n_cycles = g_strcmp0 (mode->name, "websocket") == 0 ? 1000 : 300;
  gsize memory;
  guint descriptors;

  run_new (mode, WARM_UP);
  memory = measure_memory ();
  descriptors = count_descriptors ();
  run_new (mode, n_cycles / sio_test_slowness ());
  check (memory, descriptors);
}

static void
test_same (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  SioTestClient *client;
  gsize memory;
  guint descriptors;

  g_object_set (options, "reconnection-delay", 1, "reconnection-delay-max", 1, NULL);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);
  sio_test_log_forget (&client->log);
  run_same (client, WARM_UP);
  memory = measure_memory ();
  descriptors = count_descriptors ();
  run_same (client, 300 / sio_test_slowness ());
  check (memory, descriptors);
  sio_test_client_free (client);
}

static const SioTestCase cases[] = {
  { "cycles/new", test_new, SIO_TEST_NODE_ONLY },
  { "cycles/same", test_same, SIO_TEST_NODE_ONLY },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
