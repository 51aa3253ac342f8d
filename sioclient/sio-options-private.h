/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-options.h"

#include "base/sio-settings-private.h"
#include "codec/sio-url-private.h"

G_BEGIN_DECLS

/* The function that is asked for the auth payload, shared by copies of the options. */
typedef struct
{
  gatomicrefcount ref_count;
  SioAuthFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} SioAuthProvider;

/* NULL without a function; @user_data is freed then. */
SioAuthProvider *
sio_auth_provider_new (SioAuthFunc func, gpointer user_data, GDestroyNotify destroy);
SioAuthProvider *sio_auth_provider_ref (SioAuthProvider *self);
void sio_auth_provider_unref (SioAuthProvider *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioAuthProvider, sio_auth_provider_unref)

/* What a socket reads of options. */
typedef struct
{
  SioValue *auth;                 /* nullable */
  SioAuthProvider *auth_provider; /* nullable; asked instead of auth */
  int retries;
  guint ack_timeout;
  guint join_timeout;
} SioSocketSettings;

#define SIO_SOCKET_SETTINGS_INIT                                                                   \
  {                                                                                                \
    NULL, NULL, 0, 0, 0                                                                            \
  }

void sio_socket_settings_clear (SioSocketSettings *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SioSocketSettings, sio_socket_settings_clear)

/* Options with the same values; NULL gives the defaults. */
SioOptions *sio_options_copy (SioOptions *self);
/* Whether all that was set can be sent; SIO_ERROR_FAILED tells what cannot. */
gboolean sio_options_check (SioOptions *self, GError **error);
void sio_options_read_socket (SioOptions *self, SioSocketSettings *settings);
/* What an attempt to connect to @url goes by. */
SioSettings *sio_options_make_settings (SioOptions *self,
                                        const SioUrl *url,
                                        SioClock *clock,
                                        GMainContext *context);

gboolean sio_options_get_boolean (SioOptions *self, const char *name);
int sio_options_get_int (SioOptions *self, const char *name);
guint sio_options_get_uint (SioOptions *self, const char *name);
double sio_options_get_double (SioOptions *self, const char *name);
/* Normalised `path`, for the key of the manager cache. */
char *sio_options_dup_path (SioOptions *self);
const GValue *sio_options_get_value (SioOptions *self, GParamSpec *pspec);
/* Whether it was set, be it to what it is by default. */
gboolean sio_options_is_set (SioOptions *self, GParamSpec *pspec);
/* Those that we have of @names (nullable), each once (E75). */
char **sio_options_known_transports (char **names);
/* Name, value, …: what goes out. The query of the URL replaces the option as a whole (E11); its
 * user is a header, unless there is one already. */
char **sio_options_dup_query (SioOptions *self, const SioUrl *url);
char **sio_options_dup_headers (SioOptions *self, const SioUrl *url);

G_END_DECLS
