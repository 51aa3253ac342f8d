/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manager/sio-manager-state-private.h"

#include "base/sio-log-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* What does not arrive, and whom nobody waits for: told by SioManager::error, in a later turn. */

/* The same over and over, as when a program emits far more than there is room for, is told once in
 * a turn. Each event is named as long as there are no more kinds of them than this. */
#define MAX_REPORTS 8

static const SioLimits limits = SIO_LIMITS_INIT;

struct _SioReport
{
  SioLoss loss;
  char *name;
  GError *reason;
  guint n;
};

void
sio_report_free (SioReport *report)
{
  g_error_free (report->reason);
  g_free (report->name);
  g_free (report);
}

static char *
describe_one (SioLoss loss, const char *name, const char *reason)
{
  switch (loss)
    {
    case SIO_LOSS_ANSWER:
      return g_strdup_printf (_ ("The answer to the event “%s” was not sent: %s"), name, reason);
    case SIO_LOSS_ACKNOWLEDGEMENT:
      return g_strdup_printf (_ ("The event “%s” was not acknowledged: %s"), name, reason);
    case SIO_LOSS_NOTICE:
      return g_strdup_printf (_ ("The event “%s” was not heard: %s"), name, reason);
    case SIO_LOSS_EVENT:
      break;
    }
  return g_strdup_printf (_ ("The event “%s” was not sent: %s"), name, reason);
}

static char *
describe_several (SioLoss loss, const char *name, guint n_more, const char *reason)
{
  switch (loss)
    {
    case SIO_LOSS_ANSWER:
      return g_strdup_printf (_ ("The answers to the event “%s” and %u more were not sent: %s"),
                              name, n_more, reason);
    case SIO_LOSS_ACKNOWLEDGEMENT:
      return g_strdup_printf (_ ("The event “%s” and %u more were not acknowledged: %s"), name,
                              n_more, reason);
    case SIO_LOSS_NOTICE:
      return g_strdup_printf (_ ("The event “%s” and %u more were not heard: %s"), name, n_more,
                              reason);
    case SIO_LOSS_EVENT:
      break;
    }
  return g_strdup_printf (_ ("The event “%s” and %u more were not sent: %s"), name, n_more, reason);
}

GError *
sio_manager_describe_loss (SioLoss loss, const char *name, guint n, const GError *reason)
{
  g_autofree char *quoted = sio_log_quote (name, strlen (name), limits.log_text);
  g_autofree char *text = n > 1 ? describe_several (loss, quoted, n - 1, reason->message)
                                : describe_one (loss, quoted, reason->message);

  return g_error_new_literal (reason->domain, reason->code, text);
}

static gboolean
is_alike (const SioReport *report, SioLoss loss, const GError *reason)
{
  return report->loss == loss && report->reason->domain == reason->domain &&
         report->reason->code == reason->code &&
         g_str_equal (report->reason->message, reason->message);
}

static SioReport *
find_alike (SioManager *self, SioLoss loss, const char *name, const GError *reason)
{
  gboolean by_name = g_queue_get_length (&self->reports) < MAX_REPORTS;
  SioReport *alike = NULL;

  for (GList *link = self->reports.head; link != NULL; link = link->next)
    {
      SioReport *report = link->data;

      if (!is_alike (report, loss, reason))
        continue;
      if (g_str_equal (report->name, name))
        return report;
      if (alike == NULL)
        alike = report;
    }
  /* The reasons are few, so these can't be many. */
  return by_name ? NULL : alike;
}

void
sio_manager_report (SioManager *self, SioLoss loss, const char *name, guint n, GError *reason)
{
  SioReport *report = find_alike (self, loss, name, reason);

  if (self->timer == NULL || report != NULL)
    {
      if (report != NULL)
        report->n += MIN (n, G_MAXUINT - report->n);
      g_error_free (reason);
      return;
    }

  report = g_new (SioReport, 1);
  report->loss = loss;
  report->name = g_strdup (name);
  report->reason = reason;
  report->n = n;
  g_queue_push_tail (&self->reports, report);
  sio_manager_rearm (self);
}

/* What handlers cause to be reported comes in the next turn: they might never come to an end. */
void
sio_manager_tell_reports (SioManager *self)
{
  guint n = g_queue_get_length (&self->reports);
  SioReport *report;

  while (n-- > 0 && (report = g_queue_pop_head (&self->reports)) != NULL)
    {
      g_autoptr (GError) error =
          sio_manager_describe_loss (report->loss, report->name, report->n, report->reason);

      sio_report_free (report);
      sio_manager_emit_error (self, error);
    }
}
