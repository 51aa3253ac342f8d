/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Each appends one JSON value to @out, in the form in which every server reads it back. */

/* Quoted; control characters below U+0020 and U+007F, quotes and backslashes escaped, all else as
 * it is. FALSE, and nothing appended, if @string is not UTF-8 (NULs are fine). */
gboolean sio_json_write_string (GString *out, const char *string, gsize length);
void sio_json_write_integer (GString *out, gint64 integer);
void sio_json_write_unsigned (GString *out, guint64 integer);
/* The shortest digits that read back the same; a whole number below 1e21 without a
 * fraction or exponent; null if it is not finite; 0 for -0. */
void sio_json_write_double (GString *out, double number);
void sio_json_write_placeholder (GString *out, guint num);

G_END_DECLS
