/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-carrier-private.h"

#include <errno.h>
#include <sys/random.h>

#include "codec/sio-poll-payload-private.h"

/* A call of the system for each mask would cost more than all else that a small message does. */
#define POOL_SIZE 256

void
sio_carrier_init (SioCarrier *self,
                  const SioCarrierClass *klass,
                  SioSettings *settings,
                  const SioCarrierSink *sink,
                  gpointer owner)
{
  self->klass = klass;
  g_ref_count_init (&self->ref_count);
  self->settings = sio_settings_ref (settings);
  self->sink = sink;
  self->owner = owner;
}

SioCarrier *
sio_carrier_ref (SioCarrier *self)
{
  g_ref_count_inc (&self->ref_count);
  return self;
}

void
sio_carrier_unref (SioCarrier *self)
{
  SioSettings *settings;

  if (!g_ref_count_dec (&self->ref_count))
    return;

  settings = self->settings;
  self->klass->finalize (self);
  sio_settings_unref (settings);
}

void
sio_carrier_set_reading (SioCarrier *self, gboolean reading)
{
  self->klass->set_reading (self, reading);
}

gboolean
sio_carrier_get_writable (SioCarrier *self)
{
  return self->klass->get_writable (self);
}

gboolean
sio_carrier_get_flushed (SioCarrier *self)
{
  return self->klass->get_flushed (self);
}

void
sio_carrier_write (SioCarrier *self, const SioEnginePacket *packets, guint n_packets)
{
  sio_carrier_ref (self);
  self->klass->write (self, packets, n_packets);
  sio_carrier_unref (self);
}

void
sio_carrier_close (SioCarrier *self)
{
  sio_carrier_ref (self);
  self->klass->close (self);
  sio_carrier_unref (self);
}

guint
sio_carrier_get_close (SioCarrier *self, const char **reason)
{
  return self->klass->get_close (self, reason);
}

void
sio_carrier_drop (SioCarrier *self)
{
  self->sink = NULL;
  self->owner = NULL;
  self->klass->drop (self);
  sio_carrier_unref (self);
}

SioFrameOpcode
sio_carrier_encode (SioCarrier *self,
                    const SioEnginePacket *packet,
                    const char **data,
                    gsize *length,
                    GBytes **made)
{
  *made = NULL;
  if (!packet->binary)
    {
      *data = sio_engine_packet_get_wire (packet, length);
      return SIO_FRAME_TEXT;
    }

  if (self->settings->force_base64)
    {
      *made = sio_poll_payload_encode (packet, 1);
      *data = g_bytes_get_data (*made, length);
      return SIO_FRAME_TEXT;
    }

  *data = packet->data;
  *length = packet->length;
  return SIO_FRAME_BINARY;
}

guint32
sio_carrier_random (void)
{
  static _Thread_local guint32 pool[POOL_SIZE];
  static _Thread_local guint n_left;

  if (n_left == 0)
    {
      gssize n;

      do
        n = getrandom (pool, sizeof pool, 0);
      while (n < 0 && errno == EINTR);
      /* Systems without the call have a generator that is at least seeded by them. */
      if (n < (gssize) sizeof pool)
        return g_random_int ();
      n_left = POOL_SIZE;
    }
  return pool[--n_left];
}
