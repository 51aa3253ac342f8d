/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/sio-settings-private.h"

static void
test_defaults (void)
{
  static const char *const transports[] = { "polling", "websocket", NULL };
  g_autoptr (SioSettings) settings = sio_settings_new ();

  g_assert_false (settings->secure);
  g_assert_null (settings->host);
  g_assert_cmpuint (settings->port, ==, 0);
  g_assert_cmpstr (settings->path, ==, "/socket.io/");
  g_assert_cmpuint (g_strv_length (settings->query), ==, 0);
  g_assert_cmpuint (g_strv_length (settings->headers), ==, 0);
  g_assert_cmpstrv (settings->transports, transports);
  g_assert_true (settings->upgrade);
  g_assert_false (settings->remember_upgrade);
  g_assert_false (settings->try_all_transports);
  g_assert_true (settings->timestamp_requests);
  g_assert_false (settings->timestamp_websockets);
  g_assert_cmpstr (settings->timestamp_param, ==, "t");
  g_assert_false (settings->force_base64);
  g_assert_false (settings->with_credentials);
  g_assert_null (settings->protocols);
  g_assert_cmpuint (settings->request_timeout, ==, 0);
  g_assert_null (settings->tls_database);
  g_assert_null (settings->tls_certificate);
  g_assert_null (settings->proxy_resolver);
  g_assert_false (settings->proxy_resolver_set);
}

static void
test_limits (void)
{
  g_autoptr (SioSettings) settings = sio_settings_new ();

  g_assert_cmpuint (settings->limits.max_payload, ==, 16 * 1024 * 1024);
  g_assert_cmpuint (settings->limits.json_depth, ==, 512);
  g_assert_cmpuint (settings->limits.json_nodes, ==, 500000);
  g_assert_cmpuint (settings->limits.attachments, ==, 10);
  g_assert_cmpuint (settings->limits.attachment_bytes, ==, 64 * 1024 * 1024);
  g_assert_cmpuint (settings->limits.pending_acks, ==, 10000);
  g_assert_cmpuint (settings->limits.log_text, ==, 256);
  g_assert_cmpuint (settings->limits.probe_timeout, ==, 10000);
  g_assert_cmpuint (settings->limits.close_timeout, ==, 2000);
  g_assert_cmpuint (settings->limits.attachment_set, ==, 20000);
}

/* In a program with several main contexts everything stays in the one where it was made. */
static void
test_context (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (SioSettings) there = NULL;
  g_autoptr (SioSettings) here = sio_settings_new ();

  g_main_context_push_thread_default (context);
  there = sio_settings_new ();
  g_main_context_pop_thread_default (context);

  g_assert_true (there->context == context);
  g_assert_true (here->context == g_main_context_default ());
}

static void
test_system_clock (void)
{
  g_autoptr (SioSettings) settings = sio_settings_new ();
  gint64 before = sio_clock_now (settings->clock);

  g_assert_cmpint (before, >, 0);
  g_assert_cmpint (sio_clock_now (settings->clock), >=, before);
}

static void
test_references (void)
{
  SioSettings *settings = sio_settings_new ();
  static const char *const protocols[] = { "a", "b", NULL };
  GProxyResolver *resolver = g_simple_proxy_resolver_new (NULL, NULL);
  gpointer watched = resolver;

  g_object_add_weak_pointer (G_OBJECT (resolver), &watched);
  settings->host = g_strdup ("example.org");
  settings->protocols = g_strdupv ((char **) protocols);
  settings->proxy_resolver = resolver;

  g_assert_true (sio_settings_ref (settings) == settings);
  sio_settings_unref (settings);
  g_assert_cmpstr (settings->host, ==, "example.org");
  g_assert_nonnull (watched);
  sio_settings_unref (settings);
  g_assert_null (watched);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/settings/M3/defaults", test_defaults);
  g_test_add_func ("/settings/limits", test_limits);
  g_test_add_func ("/settings/context", test_context);
  g_test_add_func ("/settings/system-clock", test_system_clock);
  g_test_add_func ("/settings/references", test_references);

  return g_test_run ();
}
