/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The thread and the main context that an object belongs to. What has sources and sockets can only
 * be torn down there, but its last reference may be dropped anywhere: the garbage collection of a
 * language runs in whatever thread happens to allocate (X20). */
typedef struct
{
  GThread *thread; /* NULL: none yet, so it is at home everywhere */
  GMainContext *context;
  GObject *object; /* what is on its way; it holds itself */
  int journey;     /* atomic; see sio-home.c */
} SioHome;

/* That of this thread, and @context. */
void sio_home_init (SioHome *self, GMainContext *context);
void sio_home_clear (SioHome *self);
gboolean sio_home_is_here (SioHome *self);
/* The first thing in dispose() of @object, which @self is part of. TRUE: this is not its home, and
 * dispose() has to return at once without chaining up; it is called again in @context, as soon as
 * that is run. Until then @object is whole, and may be found and used there again. */
gboolean sio_home_send (SioHome *self, GObject *object);

G_END_DECLS
