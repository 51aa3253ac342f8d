/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/sio-home-private.h"

/* The reference that is given back at home is a toggle reference. With a plain one, home could give
 * it back before the thread that drops its own has counted that: that thread would then believe to
 * hold the last one, and go on to free the object. A toggle reference tells when no other is left,
 * which is after it was counted; only then the object is sent home. */
typedef enum
{
  JOURNEY_NONE,
  JOURNEY_BEGUN, /* somebody else still has a reference */
  JOURNEY_SENT,  /* home is going to give the last one back */
} Journey;

void
sio_home_init (SioHome *self, GMainContext *context)
{
  self->thread = g_thread_self ();
  self->context = g_main_context_ref (context);
  self->journey = JOURNEY_NONE;
}

void
sio_home_clear (SioHome *self)
{
  self->thread = NULL;
  g_clear_pointer (&self->context, g_main_context_unref);
}

/* Whoever runs the loop is at home, even if the object was made in another thread, which then is
 * not: everything else happens in the loop. */
gboolean
sio_home_is_here (SioHome *self)
{
  if (self->thread == NULL || g_main_context_is_owner (self->context))
    return TRUE;
  if (self->thread != g_thread_self () || !g_main_context_acquire (self->context))
    return FALSE;
  g_main_context_release (self->context);
  return TRUE;
}

static void on_toggled (gpointer data, GObject *object, gboolean is_last);

static gboolean
on_arrived (gpointer data)
{
  SioHome *self = data;

  /* Before, as it may be gone after that; or be sent once more, if somebody else has it again. */
  g_atomic_int_set (&self->journey, JOURNEY_NONE);
  g_object_remove_toggle_ref (self->object, on_toggled, self);
  return G_SOURCE_REMOVE;
}

static void
on_toggled (gpointer data, GObject *object, gboolean is_last)
{
  SioHome *self = data;
  g_autoptr (GSource) source = NULL;

  /* Home may find the object again, and drop it again. */
  if (!is_last || !g_atomic_int_compare_and_exchange (&self->journey, JOURNEY_BEGUN, JOURNEY_SENT))
    return;

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[sioclient] home");
  g_source_set_callback (source, on_arrived, self, NULL);
  g_source_attach (source, self->context);
}

gboolean
sio_home_send (SioHome *self, GObject *object)
{
  if (sio_home_is_here (self))
    return FALSE;

  if (g_atomic_int_compare_and_exchange (&self->journey, JOURNEY_NONE, JOURNEY_BEGUN))
    {
      self->object = object;
      g_object_add_toggle_ref (object, on_toggled, self);
    }
  return TRUE;
}
