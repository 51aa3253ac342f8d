/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manager/sio-network-private.h"

#define DEADLINE 10

/* A GNetworkMonitor that says what it is told to. GIO takes it for that of the system. */
typedef struct
{
  GObject parent_instance;
} FakeMonitor;

typedef GObjectClass FakeMonitorClass;

static gboolean fake_available = TRUE;
static gboolean fake_reachable = TRUE;
static gboolean fake_silent;
static GTask *fake_unanswered;
static char *fake_asked; /* of whom it was asked last */
static GThread *fake_asked_from;
static GMainContext *fake_made_in; /* NULL: the global default one */

static void
fake_can_reach_async (GNetworkMonitor *monitor,
                      GSocketConnectable *connectable,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (monitor, cancellable, callback, user_data);

  g_free (fake_asked);
  fake_asked = g_socket_connectable_to_string (connectable);
  fake_asked_from = g_thread_self ();
  if (fake_silent)
    fake_unanswered = g_steal_pointer (&task);
  else if (fake_reachable)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE, "no route");
}

static gboolean
fake_can_reach_finish (GNetworkMonitor *monitor, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
fake_monitor_iface_init (GNetworkMonitorInterface *iface)
{
  iface->can_reach_async = fake_can_reach_async;
  iface->can_reach_finish = fake_can_reach_finish;
}

static gboolean
fake_initable_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static void
fake_initable_iface_init (GInitableIface *iface)
{
  iface->init = fake_initable_init;
}

static GType fake_monitor_get_type (void);
G_DEFINE_TYPE_WITH_CODE (FakeMonitor,
                         fake_monitor,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, fake_initable_iface_init)
                             G_IMPLEMENT_INTERFACE (G_TYPE_NETWORK_MONITOR,
                                                    fake_monitor_iface_init))

static void
fake_monitor_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  if (property == 1)
    g_value_set_boolean (value, fake_available);
  else if (property == 2)
    g_value_set_boolean (value, FALSE);
  else
    g_value_set_enum (value, G_NETWORK_CONNECTIVITY_FULL);
}

static void
fake_monitor_class_init (FakeMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = fake_monitor_get_property;
  g_object_class_override_property (object_class, 1, "network-available");
  g_object_class_override_property (object_class, 2, "network-metered");
  g_object_class_override_property (object_class, 3, "connectivity");
}

static void
fake_monitor_init (FakeMonitor *self)
{
  fake_made_in = g_main_context_get_thread_default ();
}

static void
fake_changes (gboolean available)
{
  fake_available = available;
  g_signal_emit_by_name (g_network_monitor_get_default (), "network-changed", available);
}

static guint
count_handlers (void)
{
  GNetworkMonitor *monitor = g_network_monitor_get_default ();
  guint signal = g_signal_lookup ("network-changed", G_TYPE_NETWORK_MONITOR), n = 0;
  g_autoptr (GArray) blocked = g_array_new (FALSE, FALSE, sizeof (gulong));
  gulong id;

  /* There is no way to count them but to find one after the other. */
  while ((id = g_signal_handler_find (monitor, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_UNBLOCKED, signal,
                                      0, NULL, NULL, NULL)) != 0)
    {
      g_signal_handler_block (monitor, id);
      g_array_append_val (blocked, id);
      n++;
    }
  for (guint i = 0; i < blocked->len; i++)
    g_signal_handler_unblock (monitor, g_array_index (blocked, gulong, i));
  return n;
}

/* Somebody who watches, in a context of its own or in the global default one. */
typedef struct
{
  GMainContext *context;
  SioSettings *settings;
  SioNetwork *network;
  GThread *thread; /* in which it wants to hear */
  GString *heard;
} Watcher;

static void
on_changed (gpointer owner, gboolean available)
{
  Watcher *watcher = owner;

  g_assert_true (g_thread_self () == watcher->thread);
  g_string_append (watcher->heard, available ? "+" : "-");
}

static void
on_answered (gpointer owner, guint question, gboolean reachable)
{
  Watcher *watcher = owner;

  g_assert_true (g_thread_self () == watcher->thread);
  g_string_append_printf (watcher->heard, "%u%s", question, reachable ? "y" : "n");
}

static const SioNetworkSink sink = { .changed = on_changed, .answered = on_answered };

static void
watcher_init (Watcher *self, GMainContext *context, const char *host)
{
  self->context = context != NULL ? context : g_main_context_default ();
  self->thread = g_thread_self ();
  self->heard = g_string_new (NULL);
  self->settings = sio_settings_new ();
  g_free (self->settings->host);
  self->settings->host = g_strdup (host);
  self->settings->port = 80;
  g_clear_pointer (&self->settings->context, g_main_context_unref);
  self->settings->context = g_main_context_ref (self->context);
}

static void
watcher_watch (Watcher *self)
{
  self->network = sio_network_monitor_new (self->settings, &sink, self, NULL);
}

static void
watcher_leave (Watcher *self)
{
  SioNetwork *network = g_steal_pointer (&self->network);

  network->free (network);
}

static void
watcher_clear (Watcher *self)
{
  if (self->network != NULL)
    watcher_leave (self);
  sio_settings_unref (self->settings);
  g_string_free (self->heard, TRUE);
}

static gboolean
on_deadline (gpointer data)
{
  g_error ("It took too long");
  return G_SOURCE_REMOVE;
}

static gboolean
on_woken (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Both contexts turn until it is so; where they are not the same, neither may wait. */
#define UNTIL(watcher, condition)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    guint deadline_ = g_timeout_add_seconds (DEADLINE, on_deadline, NULL);                         \
    guint tick_ = g_timeout_add (1, on_woken, NULL);                                               \
    while (!(condition))                                                                           \
      {                                                                                            \
        g_main_context_iteration (NULL, TRUE);                                                     \
        while (g_main_context_iteration ((watcher)->context, FALSE))                               \
          ;                                                                                        \
      }                                                                                            \
    g_source_remove (tick_);                                                                       \
    g_source_remove (deadline_);                                                                   \
  }                                                                                                \
  G_STMT_END

static void
run_life (GMainContext *context)
{
  Watcher watcher;
  guint before = count_handlers ();

  fake_available = fake_reachable = TRUE;
  watcher_init (&watcher, context, "far.example");
  watcher_watch (&watcher);
  UNTIL (&watcher, count_handlers () == before + 1);
  g_assert_cmpstr (watcher.heard->str, ==, "");

  fake_changes (FALSE);
  g_assert_cmpstr (watcher.heard->str, ==, "");
  UNTIL (&watcher, watcher.heard->len > 0);
  g_assert_cmpstr (watcher.heard->str, ==, "-");

  /* A burst is told once, as it is when it is told. */
  fake_changes (FALSE);
  fake_changes (FALSE);
  fake_changes (TRUE);
  UNTIL (&watcher, watcher.heard->len > 1);
  g_assert_cmpstr (watcher.heard->str, ==, "-+");

  watcher.network->ask (watcher.network, 7);
  UNTIL (&watcher, watcher.heard->len > 2);
  g_assert_cmpstr (watcher.heard->str, ==, "-+7y");
  g_assert_cmpstr (fake_asked, ==, "http:far.example:80");
  fake_reachable = FALSE;
  watcher.network->ask (watcher.network, 8);
  UNTIL (&watcher, watcher.heard->len > 4);
  g_assert_cmpstr (watcher.heard->str, ==, "-+7y8n");

  /* What is on its way is not told any more. */
  fake_changes (FALSE);
  watcher.network->ask (watcher.network, 9);
  watcher_leave (&watcher);
  g_assert_cmpuint (count_handlers (), ==, before);
  fake_changes (TRUE);
  while (g_main_context_iteration (NULL, FALSE) ||
         g_main_context_iteration (watcher.context, FALSE))
    ;
  g_assert_cmpstr (watcher.heard->str, ==, "-+7y8n");
  watcher_clear (&watcher);
}

static void
test_default_context (void)
{
  run_life (NULL);
}

static void
test_other_context (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  run_life (context);
  g_main_context_pop_thread_default (context);
}

static gpointer
live_elsewhere (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  int *done = data;
  Watcher watcher;

  g_main_context_push_thread_default (context);
  watcher_init (&watcher, context, "far.example");
  watcher_watch (&watcher);
  /* The other thread keeps saying so. */
  while (watcher.heard->len == 0)
    g_main_context_iteration (context, TRUE);
  watcher.network->ask (watcher.network, 1);
  while (strchr (watcher.heard->str, 'n') == NULL)
    g_main_context_iteration (context, TRUE);
  watcher_clear (&watcher);
  g_main_context_pop_thread_default (context);
  g_atomic_int_set (done, TRUE);
  return NULL;
}

static gboolean
on_say (gpointer data)
{
  fake_changes (FALSE);
  return G_SOURCE_CONTINUE;
}

static void
test_other_thread (void)
{
  int done = FALSE;
  GThread *thread;
  guint deadline = g_timeout_add_seconds (DEADLINE, on_deadline, NULL);
  guint say = g_timeout_add (1, on_say, NULL);

  fake_reachable = FALSE;
  fake_asked_from = NULL;
  thread = g_thread_new ("elsewhere", live_elsewhere, &done);
  while (!g_atomic_int_get (&done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  g_source_remove (say);
  g_source_remove (deadline);
  g_assert_true (fake_asked_from == g_thread_self ());
  g_assert_null (fake_made_in);
}

static void
test_unavailable_from_the_start (void)
{
  Watcher watcher;

  fake_available = FALSE;
  watcher_init (&watcher, NULL, "far.example");
  watcher_watch (&watcher);
  UNTIL (&watcher, watcher.heard->len > 0);
  g_assert_cmpstr (watcher.heard->str, ==, "-");
  watcher_clear (&watcher);
}

static void
test_left_at_once (void)
{
  Watcher watcher;
  guint before = count_handlers ();

  fake_available = FALSE;
  watcher_init (&watcher, NULL, "far.example");
  watcher_watch (&watcher);
  watcher.network->ask (watcher.network, 1);
  watcher_leave (&watcher);
  watcher_watch (&watcher);
  UNTIL (&watcher, watcher.heard->len > 0);
  g_assert_cmpuint (count_handlers (), ==, before + 1);
  g_assert_cmpstr (watcher.heard->str, ==, "-");
  watcher_clear (&watcher);
}

static void
test_unanswered (void)
{
  Watcher watcher;

  fake_silent = fake_available = TRUE;
  watcher_init (&watcher, NULL, "10.1.2.3");
  watcher_watch (&watcher);
  g_clear_pointer (&fake_asked, g_free);
  watcher.network->ask (watcher.network, 1);
  UNTIL (&watcher, fake_asked != NULL);
  watcher_leave (&watcher);
  fake_silent = FALSE;
  g_task_return_boolean (fake_unanswered, TRUE);
  g_clear_object (&fake_unanswered);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (watcher.heard->str, ==, "");
  watcher_clear (&watcher);
}

static void
test_ipv6 (void)
{
  Watcher watcher;

  fake_reachable = FALSE;
  watcher_init (&watcher, NULL, "2001:db8::1");
  watcher.settings->port = 8080;
  watcher.settings->secure = TRUE;
  watcher_watch (&watcher);
  watcher.network->ask (watcher.network, 3);
  UNTIL (&watcher, strchr (watcher.heard->str, 'n') != NULL);
  g_assert_cmpstr (fake_asked, ==, "https:2001:db8::1:8080");
  watcher_clear (&watcher);
}

/* Its ways are not known to the system. */
static void
test_own_proxy (void)
{
  Watcher watcher;

  fake_reachable = FALSE;
  watcher_init (&watcher, NULL, "far.example");
  watcher.settings->proxy_resolver = g_simple_proxy_resolver_new ("socks5://localhost:1080", NULL);
  watcher.settings->proxy_resolver_set = TRUE;
  g_clear_pointer (&fake_asked, g_free);
  watcher_watch (&watcher);
  watcher.network->ask (watcher.network, 4);
  g_assert_null (strchr (watcher.heard->str, 'y'));
  UNTIL (&watcher, strchr (watcher.heard->str, 'y') != NULL);
  g_assert_null (fake_asked);
  watcher_clear (&watcher);
}

int
main (int argc, char **argv)
{
  int result;

  g_setenv ("GIO_USE_NETWORK_MONITOR", "sio-fake", TRUE);
  g_test_init (&argc, &argv, NULL);
  /* The points for extensions are there once one of them was used. */
  g_proxy_resolver_get_default ();
  g_io_extension_point_implement (G_NETWORK_MONITOR_EXTENSION_POINT_NAME, fake_monitor_get_type (),
                                  "sio-fake", 1000);

  /* The first one is watched from where it must not be made. */
  g_test_add_func ("/network-monitor/E82/other-thread", test_other_thread);
  g_test_add_func ("/network-monitor/E82/default-context", test_default_context);
  g_test_add_func ("/network-monitor/E82/other-context", test_other_context);
  g_test_add_func ("/network-monitor/E82/unavailable-from-the-start",
                   test_unavailable_from_the_start);
  g_test_add_func ("/network-monitor/E82/left-at-once", test_left_at_once);
  g_test_add_func ("/network-monitor/E82/unanswered", test_unanswered);
  g_test_add_func ("/network-monitor/E82/ipv6", test_ipv6);
  g_test_add_func ("/network-monitor/E82/own-proxy", test_own_proxy);

  result = g_test_run ();
  g_free (fake_asked);
  return result;
}
