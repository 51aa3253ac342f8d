/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-value-private.h"

G_BEGIN_DECLS

/* Writes the JSON of a new value. What can't be sent becomes null, and is complained about once. It
 * stays where it was initialised. */
typedef struct
{
  GString text;
  GString *json;          /* that text */
  GPtrArray *attachments; /* nullable */
  guint depth;
  gboolean complained;
} SioBuilder;

void sio_builder_init (SioBuilder *self);
SioValue *sio_builder_end (SioBuilder *self);
/* In place of the end. */
void sio_builder_discard (SioBuilder *self);

void sio_builder_complain (SioBuilder *self, const char *what);

/* An array or object begins. FALSE, and null is written, if there are too many around it. */
gboolean sio_builder_enter (SioBuilder *self);
void sio_builder_leave (SioBuilder *self);

void sio_builder_write_string (SioBuilder *self, const char *string, gsize length);
/* Takes @bytes. */
void sio_builder_write_bytes (SioBuilder *self, GBytes *bytes);

G_END_DECLS
