/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/sio-settings-private.h"

static const SioLimits default_limits = SIO_LIMITS_INIT;
static const char *const default_transports[] = { "polling", "websocket", NULL };

SioSettings *
sio_settings_new (void)
{
  SioSettings *self = g_new0 (SioSettings, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->path = g_strdup ("/socket.io/");
  self->query = g_new0 (char *, 1);
  self->headers = g_new0 (char *, 1);
  self->transports = g_strdupv ((char **) default_transports);
  self->upgrade = TRUE;
  self->timestamp_requests = TRUE;
  self->own_framing = TRUE;
  self->timestamp_param = g_strdup ("t");
  self->limits = default_limits;
  self->clock = sio_clock_new_system ();
  self->context = g_main_context_ref_thread_default ();
  return self;
}

SioSettings *
sio_settings_ref (SioSettings *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
sio_settings_free (SioSettings *self)
{
  g_free (self->host);
  g_free (self->path);
  g_strfreev (self->query);
  g_strfreev (self->headers);
  g_strfreev (self->transports);
  g_free (self->timestamp_param);
  g_strfreev (self->protocols);
  g_clear_object (&self->tls_database);
  g_clear_object (&self->tls_certificate);
  g_clear_object (&self->proxy_resolver);
  g_clear_pointer (&self->clock, sio_clock_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

void
sio_settings_unref (SioSettings *self)
{
  g_return_if_fail (self != NULL);

  if (g_atomic_ref_count_dec (&self->ref_count))
    sio_settings_free (self);
}
