/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-value.h"

#include "base/sio-limits-private.h"
#include "json/sio-json-reader-private.h"

G_BEGIN_DECLS

/* A value is a position on the tape of a document: JSON text, its tokens, and the
 * attachments that its placeholders stand for. A document that was received has its tape from
 * the start; one that we wrote gets it when somebody first looks inside. Stepping into a document
 * makes one array of values for all its tokens, and a child keeps its document alive. */

/* Copies @text and @tape, which are of each other. */
SioValue *sio_value_new_from_tape (const char *text, gsize length, const SioJsonTape *tape);
/* @text is JSON that we wrote, NUL-terminated; @attachments (nullable) holds a GBytes for each
 * placeholder number. Takes both. */
SioValue *sio_value_new_take_json (char *text, gsize length, GPtrArray *attachments);

/* Makes the placeholders of a value that nobody has looked into yet stand for
 * @attachments, which is taken. SIO_ERROR_PROTOCOL “illegal attachments” if a placeholder's num is
 * not the number of one (P21). */
gboolean sio_value_bind_attachments (SioValue *value, GPtrArray *attachments, GError **error);

/* From an array that nobody else holds and nobody has looked into, the array of all but its first
 * element; the first, text or number, as text. @name is valid as long as the array, and may be
 * inside it; else it is @owned, too, which is NULL or to be freed. It has U+FFFD in place of each
 * NUL; then @whole is the name as it is, else NULL. Takes @array. */
SioValue *sio_value_split_name (SioValue *array, const char **name, char **owned, GBytes **whole);

/* The text of @value inside its document, not NUL-terminated unless it is a whole document. Its
 * placeholder numbers are those of the document. */
const char *sio_value_peek_json (SioValue *value, gsize *length);
/* All attachments of the document, by number; NULL if none. */
GPtrArray *sio_value_peek_attachments (SioValue *value);

/* Appends the text of @value to @json and its attachments to @attachments, numbered from
 * how many there are already. @attachments may be NULL if @value has none. */
void sio_value_append_json (SioValue *value, GString *json, GPtrArray *attachments);
gboolean sio_value_has_attachments (SioValue *value);

/* Arguments as given to an emission: an array as it is, NULL as [], anything else as the only
 * element. Takes @args. */
SioValue *sio_value_take_args (SioValue *args);
/* The GVariant format string form of the same; consumes the varargs. NULL (after a critical) if it
 * can't be sent. */
SioValue *sio_value_new_args_va (const char *format, va_list *args);
gboolean sio_value_unpack_va (SioValue *value, const char *format, va_list *args);

G_END_DECLS
