/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "base/sio-clock-private.h"
#include "base/sio-limits-private.h"

G_BEGIN_DECLS

/* What one connection attempt goes by: a snapshot that nobody changes once the
 * attempt has begun, so that code below the manager never asks a GObject.
 * Filled in by whoever made it, then only referenced. */
typedef struct
{
  gatomicrefcount ref_count;

  /* where to */
  gboolean secure;
  char *host; /* without brackets, also for IPv6 */
  guint16 port;
  char *path;     /* with leading slash, as requested (E6) */
  char **query;   /* name, value, name, value, …, NULL; decoded */
  char **headers; /* name, value, …, NULL */

  /* how */
  char **transports; /* "polling", "websocket" in order of preference, NULL-terminated */
  gboolean upgrade;
  gboolean remember_upgrade;
  gboolean try_all_transports;
  gboolean timestamp_requests; /* for polling; websocket has it only if it was set on purpose */
  gboolean timestamp_websockets;
  char *timestamp_param;
  gboolean force_base64;
  gboolean with_credentials;
  char **protocols;             /* nullable */
  guint request_timeout;        /* ms, 0 for none */
  gboolean per_message_deflate; /* websocket: offer compression */
  gboolean own_framing; /* websocket: frames by ourselves where that is possible; not by libsoup */

  /* by what means; all nullable */
  GTlsDatabase *tls_database;
  GTlsCertificate *tls_certificate;
  GProxyResolver *proxy_resolver;
  gboolean proxy_resolver_set; /* set to NULL on purpose: no proxy */

  SioLimits limits;
  SioClock *clock;
  GMainContext *context;
} SioSettings;

SioSettings *sio_settings_new (void); /* all at the defaults of the protocol's reference client */
SioSettings *sio_settings_ref (SioSettings *self);
void sio_settings_unref (SioSettings *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioSettings, sio_settings_unref)

G_END_DECLS
