/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-wait.h"

#include <string.h>

#define PATIENCE 20000

guint
sio_test_slowness (void)
{
  const char *preload = g_getenv ("LD_PRELOAD");

  return preload != NULL && strstr (preload, "vgpreload") != NULL ? 10 : 1;
}

guint
sio_test_patience (void)
{
  return PATIENCE * sio_test_slowness ();
}

static gboolean
on_expired (gpointer user_data)
{
  gboolean *expired = user_data;

  *expired = TRUE;
  return G_SOURCE_REMOVE;
}

static GSource *
start_timer (guint milliseconds, gboolean *expired)
{
  GSource *timer = g_timeout_source_new (milliseconds);

  *expired = FALSE;
  g_source_set_callback (timer, on_expired, expired, NULL);
  g_source_attach (timer, g_main_context_get_thread_default ());
  return timer;
}

static void
stop_timer (GSource *timer)
{
  g_source_destroy (timer);
  g_source_unref (timer);
}

void
sio_test_wait_begin (SioTestWait *wait,
                     const char *condition,
                     const char *file,
                     int line,
                     const char *function)
{
  wait->condition = condition;
  wait->file = file;
  wait->line = line;
  wait->function = function;
  wait->timer = start_timer (sio_test_patience (), &wait->expired);
}

void
sio_test_wait_turn (SioTestWait *wait)
{
  if (wait->expired)
    {
      g_autofree char *message = g_strdup_printf ("waited in vain for: %s", wait->condition);

      g_assertion_message (G_LOG_DOMAIN, wait->file, wait->line, wait->function, message);
    }
  g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
}

void
sio_test_wait_end (SioTestWait *wait)
{
  stop_timer (wait->timer);
}

void
sio_test_watch (guint milliseconds)
{
  gboolean expired;
  GSource *timer = start_timer (milliseconds, &expired);

  while (!expired)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  stop_timer (timer);
}

void
sio_test_settle (void)
{
  while (g_main_context_iteration (g_main_context_get_thread_default (), FALSE))
    continue;
}

gboolean
sio_test_has_own_framing (void)
{
  return g_strcmp0 (g_getenv ("SIO_FRAMING"), "libsoup") != 0;
}
