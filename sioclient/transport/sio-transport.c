/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-transport-private.h"

/* The owner may drop its last reference inside any call of the sink; whoever calls a function
 * below from a callback of its own holds a reference until that has returned. */

void
sio_transport_init (SioTransport *self,
                    const SioTransportClass *klass,
                    SioSettings *settings,
                    const SioTransportSink *sink,
                    gpointer owner)
{
  self->klass = klass;
  g_ref_count_init (&self->ref_count);
  self->settings = sio_settings_ref (settings);
  self->sink = sink;
  self->owner = owner;
}

SioTransport *
sio_transport_ref (SioTransport *self)
{
  g_ref_count_inc (&self->ref_count);
  return self;
}

void
sio_transport_unref (SioTransport *self)
{
  SioSettings *settings;

  if (!g_ref_count_dec (&self->ref_count))
    return;

  settings = self->settings;
  self->sink = NULL;
  self->klass->finalize (self);
  sio_settings_unref (settings);
}

const char *
sio_transport_get_name (SioTransport *self)
{
  return self->klass->name;
}

void
sio_transport_open (SioTransport *self)
{
  self->klass->open (self);
}

void
sio_transport_set_sid (SioTransport *self, const char *sid)
{
  if (self->klass->set_sid != NULL)
    self->klass->set_sid (self, sid);
}

void
sio_transport_set_reading (SioTransport *self, gboolean reading)
{
  if (self->klass->set_reading != NULL)
    self->klass->set_reading (self, reading);
}

gboolean
sio_transport_get_writable (SioTransport *self)
{
  return self->klass->get_writable (self);
}

gboolean
sio_transport_get_flushed (SioTransport *self)
{
  return self->klass->get_flushed != NULL ? self->klass->get_flushed (self)
                                          : self->klass->get_writable (self);
}

guint
sio_transport_get_max_packets (SioTransport *self)
{
  return self->klass->get_max_packets != NULL ? self->klass->get_max_packets (self) : G_MAXUINT;
}

void
sio_transport_write (SioTransport *self, const SioEnginePacket *packets, guint n_packets)
{
  g_return_if_fail (n_packets > 0);
  g_return_if_fail (sio_transport_get_writable (self));

  self->klass->write (self, packets, n_packets);
}

void
sio_transport_pause (SioTransport *self)
{
  if (self->klass->pause != NULL)
    self->klass->pause (self);
}

void
sio_transport_resume (SioTransport *self)
{
  if (self->klass->resume != NULL)
    self->klass->resume (self);
}

void
sio_transport_close (SioTransport *self)
{
  sio_transport_ref (self);
  self->klass->close (self);
  sio_transport_unref (self);
}

void
sio_transport_leave (SioTransport *self)
{
  if (self->klass->leave == NULL)
    {
      sio_transport_abort (self);
      return;
    }

  sio_transport_ref (self);
  self->sink = NULL;
  self->owner = NULL;
  self->klass->leave (self);
  sio_transport_unref (self);
}

void
sio_transport_abort (SioTransport *self)
{
  sio_transport_ref (self);
  self->sink = NULL;
  self->owner = NULL;
  self->klass->abort (self);
  sio_transport_unref (self);
}

gboolean
sio_transport_tell_opened (SioTransport *self)
{
  if (self->sink != NULL)
    self->sink->opened (self->owner, self);
  return self->sink != NULL;
}

gboolean
sio_transport_tell_packet (SioTransport *self, SioEnginePacket *packet)
{
  if (self->sink != NULL)
    self->sink->packet (self->owner, self, packet);
  else
    sio_engine_packet_clear (packet);
  return self->sink != NULL;
}

gboolean
sio_transport_tell_drained (SioTransport *self)
{
  if (self->sink != NULL)
    self->sink->drained (self->owner, self);
  return self->sink != NULL;
}

gboolean
sio_transport_tell_turn_over (SioTransport *self)
{
  if (self->sink != NULL && self->sink->turn_over != NULL)
    self->sink->turn_over (self->owner, self);
  return self->sink != NULL;
}

gboolean
sio_transport_tell_paused (SioTransport *self)
{
  if (self->sink != NULL)
    self->sink->paused (self->owner, self);
  return self->sink != NULL;
}

void
sio_transport_tell_closed (SioTransport *self, SioDisconnectReason reason, const GError *details)
{
  const SioTransportSink *sink = g_steal_pointer (&self->sink);
  gpointer owner = g_steal_pointer (&self->owner);

  if (sink != NULL)
    sink->closed (owner, self, reason, details);
}

SioTransportFactory *
sio_transport_factory_ref (SioTransportFactory *self)
{
  g_ref_count_inc (&self->ref_count);
  return self;
}

void
sio_transport_factory_unref (SioTransportFactory *self)
{
  if (g_ref_count_dec (&self->ref_count))
    self->finalize (self);
}
