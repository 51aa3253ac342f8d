/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a program may put into a request. Errors are SIO_ERROR_FAILED and never show a value, which
 * may be secret. */

/* A name and a value that go out as they are; not those that the protocol sends itself. */
gboolean sio_field_check_header (const char *name, const char *value, GError **error);
/* @names is nullable. */
gboolean sio_field_check_protocols (const char *const *names, GError **error);
gboolean sio_field_check_parameter (const char *name, const char *value, GError **error);

G_END_DECLS
