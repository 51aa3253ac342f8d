/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manager/sio-network-private.h"

#include <string.h>

/* GNetworkMonitor, made fit for managers in any main context. There is one of it for the process,
 * which is bound to the main context in which it happens to be made, and making it loads modules
 * and may talk to the system bus. So a thread without a context of its own makes it: then nobody
 * waits, and it works in the global default context. There it emits, and there it is asked, as it
 * has no locks; what comes of that crosses to the context of whoever watches. If a program never
 * runs the global default context, nothing comes. */
typedef struct
{
  SioNetwork network;
  gatomicrefcount ref_count;
  GMainContext *context;
  GSocketConnectable *target; /* nullable: then it is always taken to be reachable */
  GCancellable *cancellable;

  /* Where it is watched from. */
  const SioNetworkSink *sink; /* NULL once it was freed */
  gpointer owner;
  GNetworkMonitor *monitor; /* nullable until it was found */
  gulong handler;

  /* From one to the other. */
  int available;
  int told; /* a change is on its way */
} Monitor;

typedef struct
{
  Monitor *monitor;
  guint question;
  gboolean reachable;
} Question;

static Monitor *
monitor_ref (Monitor *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
monitor_unref (Monitor *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_main_context_unref (self->context);
  g_clear_object (&self->target);
  g_object_unref (self->cancellable);
  g_free (self);
}

static Question *
question_new (Monitor *self, guint number)
{
  Question *question = g_new0 (Question, 1);

  question->monitor = monitor_ref (self);
  question->question = number;
  return question;
}

static void
question_free (gpointer data)
{
  Question *question = data;

  monitor_unref (question->monitor);
  g_free (question);
}

/* Not g_main_context_invoke(), which may call at once. */
static void
call_in (GMainContext *context, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[sioclient] network");
  g_source_set_callback (source, func, data, destroy);
  g_source_attach (source, context);
}

static gboolean
tell_changed (gpointer data)
{
  Monitor *self = data;

  g_atomic_int_set (&self->told, FALSE);
  if (self->sink != NULL)
    self->sink->changed (self->owner, g_atomic_int_get (&self->available));
  return G_SOURCE_REMOVE;
}

/* In the thread of the global default context. */
static void
on_network_changed (GNetworkMonitor *monitor, gboolean available, gpointer data)
{
  Monitor *self = data;

  g_atomic_int_set (&self->available, available);
  if (g_atomic_int_compare_and_exchange (&self->told, FALSE, TRUE))
    call_in (self->context, tell_changed, monitor_ref (self), (GDestroyNotify) monitor_unref);
}

static void
unref_in_closure (gpointer data, GClosure *closure)
{
  monitor_unref (data);
}

static void
find (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_task_return_pointer (task, g_object_ref (g_network_monitor_get_default ()), g_object_unref);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer data)
{
  Monitor *self = g_task_get_task_data (G_TASK (result));
  g_autoptr (GNetworkMonitor) monitor = g_task_propagate_pointer (G_TASK (result), NULL);

  if (self->sink == NULL || monitor == NULL)
    return;

  self->monitor = g_steal_pointer (&monitor);
  self->handler =
      g_signal_connect_data (self->monitor, "network-changed", G_CALLBACK (on_network_changed),
                             monitor_ref (self), unref_in_closure, 0);
  /* A flag of another thread, but there is nothing that it has to agree with. */
  if (!g_network_monitor_get_network_available (self->monitor))
    self->sink->changed (self->owner, FALSE);
}

static gboolean
tell_answer (gpointer data)
{
  Question *question = data;
  Monitor *self = question->monitor;

  if (self->sink != NULL)
    self->sink->answered (self->owner, question->question, question->reachable);
  return G_SOURCE_REMOVE;
}

static void
on_reached (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *question = data;
  Monitor *self = question->monitor;

  question->reachable =
      g_network_monitor_can_reach_finish (G_NETWORK_MONITOR (source), result, NULL);
  if (g_cancellable_is_cancelled (self->cancellable))
    question_free (question);
  else
    call_in (self->context, tell_answer, question, question_free);
}

/* In the global default context. */
static gboolean
ask_there (gpointer data)
{
  Question *question = data;
  Monitor *self = question->monitor;

  if (g_cancellable_is_cancelled (self->cancellable))
    return G_SOURCE_REMOVE;

  g_main_context_push_thread_default (NULL);
  g_network_monitor_can_reach_async (g_network_monitor_get_default (), self->target,
                                     self->cancellable, on_reached,
                                     question_new (self, question->question));
  g_main_context_pop_thread_default (NULL);
  return G_SOURCE_REMOVE;
}

static void
monitor_ask (SioNetwork *network, guint number)
{
  Monitor *self = (Monitor *) network;
  Question *question = question_new (self, number);

  if (self->target != NULL)
    {
      call_in (NULL, ask_there, question, question_free);
      return;
    }
  question->reachable = TRUE;
  call_in (self->context, tell_answer, question, question_free);
}

static void
monitor_free (SioNetwork *network)
{
  Monitor *self = (Monitor *) network;

  self->sink = NULL;
  self->owner = NULL;
  g_cancellable_cancel (self->cancellable);
  if (self->monitor != NULL)
    g_signal_handler_disconnect (self->monitor, self->handler);
  g_clear_object (&self->monitor);
  monitor_unref (self);
}

/* A proxy of the program's own is a way that the system does not know. That of the system is found
 * by the scheme. */
static GSocketConnectable *
make_target (SioSettings *settings)
{
  g_autofree char *uri = NULL;

  if (settings->proxy_resolver_set && settings->proxy_resolver != NULL)
    return NULL;

  uri = g_strdup_printf (strchr (settings->host, ':') != NULL ? "%s://[%s]:%u" : "%s://%s:%u",
                         settings->secure ? "https" : "http", settings->host, settings->port);
  return g_network_address_parse_uri (uri, settings->port, NULL);
}

SioNetwork *
sio_network_monitor_new (SioSettings *settings,
                         const SioNetworkSink *sink,
                         gpointer owner,
                         gpointer data)
{
  Monitor *self = g_new0 (Monitor, 1);
  g_autoptr (GTask) task = NULL;

  self->network.ask = monitor_ask;
  self->network.free = monitor_free;
  g_atomic_ref_count_init (&self->ref_count);
  self->context = g_main_context_ref (settings->context);
  self->target = make_target (settings);
  self->cancellable = g_cancellable_new ();
  self->sink = sink;
  self->owner = owner;

  g_main_context_push_thread_default (self->context);
  task = g_task_new (NULL, NULL, on_found, NULL);
  g_main_context_pop_thread_default (self->context);
  g_task_set_name (task, "[sioclient] network monitor");
  g_task_set_task_data (task, monitor_ref (self), (GDestroyNotify) monitor_unref);
  g_task_run_in_thread (task, find);
  return &self->network;
}
