/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <features.h>
#include <stdio.h>
#include <unistd.h>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
#include <malloc.h>
#define HAVE_MALLINFO2 1
#endif

/* Connecting and closing again and again costs neither memory nor descriptors. */

/* What is in use is measured when no connection is left that is not quite closed yet, and the
 * lowest of some measurements is taken. What the process has of the system also depends on where
 * the allocator finds room, so it is held to a wide bound, and is there for what malloc() does not
 * know. glibc takes what each thread has put by for the next time, up to 200 KB, for being in use,
 * and of GLib before 2.76 the slices that are put by are: the tests are run without either. */
#define NO_THREAD_CACHE "glibc.malloc.tcache_count=0"
#define NO_SLICES       "always-malloc"

#define WARM_UP        100
#define MEASUREMENTS   10
#define CYCLES_BETWEEN 10
#define ALLOWED_IN_USE (32 * 1024)
#define ALLOWED_TOTAL  (1024 * 1024)

/* The address sanitizer and valgrind keep what was freed back for a while, so memory grows. They
 * look for leaks in a better way. */
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

typedef struct
{
  gsize in_use; /* The lowest; 0 where malloc() does not tell. */
  gsize total;
} Usage;

static gsize
measure_in_use (void)
{
#ifdef HAVE_MALLINFO2
  struct mallinfo2 info = mallinfo2 ();

  if (g_strcmp0 (g_getenv ("GLIBC_TUNABLES"), NO_THREAD_CACHE) != 0 ||
      g_strcmp0 (g_getenv ("G_SLICE"), NO_SLICES) != 0)
    return 0;
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

static gsize
measure_total (void)
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

typedef void (*Cycle) (gpointer data);

/* A new manager and a new socket each time. */
static void
cycle_new (gpointer data)
{
  const SioTestMode *mode = data;
  SioTestClient *client = sio_test_client_new_connected (mode, "/");

  sio_test_sync (client->socket);
  sio_test_client_free (client);
}

/* The same ones all the time, thrown out by the server. */
static void
cycle_same (gpointer data)
{
  SioTestClient *client = data;

  sio_socket_emit (client->socket, "engine-close", NULL);
  sio_test_wait (sio_test_log_count (&client->log, "connect") == 1);
  sio_test_log_forget (&client->log);
}

static void
run (Cycle cycle, gpointer data, guint n_cycles)
{
  for (guint i = 0; i < n_cycles; i++)
    cycle (data);
}

static Usage
measure (Cycle cycle, gpointer data, guint descriptors)
{
  Usage usage = { G_MAXSIZE, 0 };

  for (guint i = 0; i < MEASUREMENTS; i++)
    {
      run (cycle, data, CYCLES_BETWEEN);
      sio_test_wait (count_descriptors () <= descriptors);
      /* A request whose connection has just ended is told so in a later turn, and has 64 KB till
       * then. */
      sio_test_settle ();
      usage.in_use = MIN (usage.in_use, measure_in_use ());
    }
  usage.total = measure_total ();
  return usage;
}

static void
run_and_check (Cycle cycle, gpointer data, guint n_cycles)
{
  guint descriptors = count_descriptors ();
  Usage first, last;

  run (cycle, data, WARM_UP);
  first = measure (cycle, data, descriptors);
  run (cycle, data, n_cycles / sio_test_slowness ());
  last = measure (cycle, data, descriptors);

  g_test_message ("in use: %" G_GSIZE_FORMAT " KiB, then %" G_GSIZE_FORMAT " KiB; "
                  "resident: %" G_GSIZE_FORMAT " KiB, then %" G_GSIZE_FORMAT " KiB",
                  first.in_use / 1024, last.in_use / 1024, first.total / 1024, last.total / 1024);
  if (sio_test_slowness () == 1 && !KEEPS_FREED_MEMORY)
    {
      g_assert_cmpint ((gssize) last.in_use - (gssize) first.in_use, <=, ALLOWED_IN_USE);
      g_assert_cmpint ((gssize) last.total - (gssize) first.total, <=, ALLOWED_TOTAL);
    }
}

static void
test_new (const SioTestMode *mode)
{
  /* What is made once, and stays: threads, the server. */
  cycle_new ((gpointer) mode);
  sio_test_server_tell (sio_test_shared_server (),
                        "{\"cmd\":\"await-connections\",\"connections\":0}");
  run_and_check (cycle_new, (gpointer) mode, g_strcmp0 (mode->name, "websocket") == 0 ? 1000 : 300);
}

static void
test_same (const SioTestMode *mode)
{
  SioOptions *options = sio_test_options_new (mode);
  SioTestClient *client;

  g_object_set (options, "reconnection-delay", 1, "reconnection-delay-max", 1, NULL);
  client = sio_test_client_new_full (mode, sio_test_shared_server (), "/", options);
  sio_test_client_connect (client);
  sio_test_client_settle (client);
  sio_test_log_forget (&client->log);
  run_and_check (cycle_same, client, 300);
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
