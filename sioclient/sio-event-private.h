/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-event.h"

#include "codec/sio-packet-private.h"

G_BEGIN_DECLS

/* The way back from an event to its socket, which may be gone when the event is answered. */
typedef struct
{
  gatomicrefcount ref_count;
  gpointer owner; /* NULL once the socket is gone */
  /* @session and @id are those that the event came with, @name is its name. Borrows @args. */
  void (*answer) (gpointer owner, guint64 session, guint64 id, const char *name, SioValue *args);
} SioAnswerer;

SioAnswerer *sio_answerer_ref (SioAnswerer *self);
void sio_answerer_unref (SioAnswerer *self);

/* Takes @name and @args. */
SioEvent *sio_event_new_outgoing (char *name, SioValue *args);
/* What sio_value_split_name() gave, of which @owned, @whole and @args are taken; @answerer is
 * referenced if @id is one. */
SioEvent *sio_event_new_incoming (const char *name,
                                  char *owned,
                                  GBytes *whole,
                                  SioValue *args,
                                  SioAnswerer *answerer,
                                  guint64 session,
                                  guint64 id);
/* Whether the name is more than is shown: it has a NUL in it, and no C string is equal to it. */
gboolean sio_event_has_nul (SioEvent *event);
/* Name and arguments as the text of one JSON array, if no more is needed for it than to copy:
 * nothing is binary, nobody waits for an answer, and the name stands in the document as it came,
 * without anything escaped and with arguments behind it. Else NULL. */
char *sio_event_dup_plain (SioEvent *event);

G_END_DECLS
