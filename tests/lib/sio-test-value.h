/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-value.h"

G_BEGIN_DECLS

/* Values to test with, and what is said of them. */

/* As from the wire: the text is gone, and was not NUL-terminated before, when the value is used. */
SioValue *sio_test_value_receive (const char *json);
/* As a program makes it. */
SioValue *sio_test_value_read (const char *json);
/* The same; placeholder 0 stands for "zero", 1 for "\0one". */
SioValue *sio_test_value_read_with_bytes (const char *json);
/* @open, @depth times, what is inside, and @close as often. */
SioValue *
sio_test_value_read_nested (guint depth, const char *open, const char *inside, const char *close);
SioValue *sio_test_value_new_bytes (const char *text);
GPtrArray *sio_test_attachments_new (const char *first, ...) G_GNUC_NULL_TERMINATED;

/* As sio_value_to_variant(); also that it is what it would be if others had serialised it. */
GVariant *sio_test_value_check_variant (SioValue *value);

/* Takes @value. */
void sio_test_assert_json (SioValue *value, const char *expected);
/* What is inside its document. */
void sio_test_assert_text (SioValue *value, const char *expected);
void sio_test_assert_bytes (SioValue *value, const char *expected);

/* Our own criticals are structured messages, which g_test_expect_message() does not see. */
void sio_test_expect_critical (const char *part);
void sio_test_assert_critical_came (void);

G_END_DECLS
