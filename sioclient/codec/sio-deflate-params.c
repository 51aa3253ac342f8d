/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-deflate-params-private.h"

#include "sio-types.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define FEWEST_BITS 8

static gboolean
refuse (GError **error)
{
  g_set_error_literal (error, SIO_ERROR, SIO_ERROR_TRANSPORT,
                       _ ("the server agreed to a compression that was not offered"));
  return FALSE;
}

static gboolean
take_flag (gboolean *flag, const char *value, GError **error)
{
  if (value != NULL)
    return refuse (error);
  *flag = TRUE;
  return TRUE;
}

/* One or two digits, without a zero in front. */
static gboolean
take_bits (guint *bits, const char *value, GError **error)
{
  guint64 number;

  if (value == NULL || *value == '0' || strlen (value) > 2 ||
      !g_ascii_string_to_unsigned (value, 10, FEWEST_BITS, SIO_DEFLATE_WINDOW_BITS, &number, NULL))
    return refuse (error);
  *bits = (guint) number;
  return TRUE;
}

gboolean
sio_deflate_params_take (SioDeflateParams *self,
                         const char *name,
                         const char *value,
                         GError **error)
{
  if (g_ascii_strcasecmp (name, "server_no_context_takeover") == 0)
    return take_flag (&self->server_no_context_takeover, value, error);
  if (g_ascii_strcasecmp (name, "client_no_context_takeover") == 0)
    return take_flag (&self->client_no_context_takeover, value, error);
  if (g_ascii_strcasecmp (name, "server_max_window_bits") == 0)
    return take_bits (&self->server_max_window_bits, value, error);
  if (g_ascii_strcasecmp (name, "client_max_window_bits") == 0)
    return take_bits (&self->client_max_window_bits, value, error);
  return refuse (error);
}
