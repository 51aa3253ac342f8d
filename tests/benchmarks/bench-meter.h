/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* clang-format off */

/* What a program that is measured was asked for:
 *
 *     PROGRAM WORK PORT COUNT [TRANSPORT [START]]
 *
 * START is the monotonic time, in nanoseconds, at which the process was started. */
typedef struct
{
  const char *work;
  const char *transport;
  guint       port;
  guint       count;
  gint64      start;
  gsize       size;      /* of what is sent, from the name of the work */
  guint       in_flight; /* of echoes */

  gint64      cpu_from;  /* microseconds, as are the next */
  gint64      wall_from;
  GArray     *latencies; /* doubles */
  gint64      last_tick;
  gint64      worst_tick;
} BenchMeter;

void     bench_meter_init    (BenchMeter *self,
                              int         argc,
                              char      **argv);
char    *bench_meter_get_url (BenchMeter *self,
                              const char *scheme,
                              const char *path);
gboolean bench_meter_is      (BenchMeter *self,
                              const char *prefix);
void     bench_meter_begin   (BenchMeter *self);
void     bench_meter_note    (BenchMeter *self,
                              gint64      since);
gint64   bench_meter_now     (void);
void     bench_meter_end     (BenchMeter *self,
                              guint       n_done);

/* clang-format on */

G_END_DECLS
