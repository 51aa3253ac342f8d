/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench-meter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static gint64
get_cpu_time (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

/* In nanoseconds. */
gint64
bench_meter_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

gboolean
bench_meter_is (BenchMeter *self, const char *prefix)
{
  return g_str_has_prefix (self->work, prefix);
}

void
bench_meter_init (BenchMeter *self, int argc, char **argv)
{
  const char *dash;

  if (argc < 4)
    {
      fprintf (stderr, "Usage: %s WORK PORT COUNT [TRANSPORT [START]]\n", argv[0]);
      exit (2);
    }
  memset (self, 0, sizeof *self);
  self->work = argv[1];
  self->port = (guint) atoi (argv[2]);
  self->count = (guint) atoi (argv[3]);
  self->transport = argc > 4 ? argv[4] : "websocket";
  self->start = argc > 5 ? g_ascii_strtoll (argv[5], NULL, 10) : 0;
  self->in_flight = bench_meter_is (self, "pipe") ? 64 : 1;
  self->latencies = g_array_new (FALSE, FALSE, sizeof (double));

  dash = strrchr (self->work, '-');
  if (dash != NULL && g_ascii_isdigit (dash[1]))
    self->size = (gsize) atoi (dash + 1) * (g_str_has_suffix (dash, "m") ? 1 << 20 : 1 << 10);
}

/* The server calls echoes in flight the same as one by one, and all sends the same. */
char *
bench_meter_get_url (BenchMeter *self, const char *scheme, const char *path)
{
  const char *work = bench_meter_is (self, "pipe")    ? "echo"
                     : bench_meter_is (self, "send")  ? "send"
                     : bench_meter_is (self, "stall") ? "recv-small"
                                                      : self->work;

  return g_strdup_printf ("%s://127.0.0.1:%u%s?work=%s&count=%u", scheme, self->port, path, work,
                          self->count);
}

static gboolean
on_tick (gpointer data)
{
  BenchMeter *self = data;
  gint64 now = bench_meter_now ();

  self->worst_tick = MAX (self->worst_tick, now - self->last_tick - 1000000);
  self->last_tick = now;
  return G_SOURCE_CONTINUE;
}

void
bench_meter_begin (BenchMeter *self)
{
  if (bench_meter_is (self, "stall"))
    {
      self->last_tick = bench_meter_now ();
      g_timeout_add (1, on_tick, self);
    }
  self->wall_from = bench_meter_now ();
  self->cpu_from = get_cpu_time ();
}

void
bench_meter_note (BenchMeter *self, gint64 since)
{
  double latency = (double) (bench_meter_now () - since) / 1000.0;

  g_array_append_val (self->latencies, latency);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
get_quantile (BenchMeter *self, double quantile)
{
  if (self->latencies->len == 0)
    return 0;
  return g_array_index (self->latencies, double,
                        (guint) (quantile * (self->latencies->len - 1) + 0.5));
}

/* In kilobytes, from a file of /proc. */
static double
sum_lines (const char *path, const char *first, const char *second)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  double sum = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], first) || g_str_has_prefix (lines[i], second))
      sum += g_ascii_strtod (strchr (lines[i], ':') + 1, NULL);
  return sum;
}

void
bench_meter_end (BenchMeter *self, guint n_done)
{
  double cpu = (double) (get_cpu_time () - self->cpu_from);
  gint64 now = bench_meter_now ();
  double wall = (double) (now - self->wall_from) / 1000.0;

  if (bench_meter_is (self, "stall"))
    on_tick (self);
  g_array_sort (self->latencies, compare);
  printf ("{\"count\": %u, \"cpu\": %.4f, \"wall\": %.4f, \"p50\": %.2f, \"p99\": %.2f, "
          "\"start\": %.3f, \"worst\": %.3f, \"rss\": %.0f, \"private\": %.0f}\n",
          n_done, cpu / MAX (n_done, 1), wall / MAX (n_done, 1), get_quantile (self, 0.5),
          get_quantile (self, 0.99), self->start > 0 ? (double) (now - self->start) / 1e6 : 0,
          (double) self->worst_tick / 1e6, sum_lines ("/proc/self/status", "VmRSS", "VmRSS"),
          sum_lines ("/proc/self/smaps_rollup", "Private_Clean", "Private_Dirty"));
  fflush (stdout);
  exit (0);
}
