/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manager/sio-manager-state-private.h"

/* How it reconnects: settings that may be changed at any time (M6). */

/**
 * sio_manager_get_reconnection: (get-property reconnection)
 * @self: a manager
 *
 * Gets whether it reconnects by itself (`manager.reconnection()`).
 *
 * Returns: whether to reconnect
 */
gboolean
sio_manager_get_reconnection (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), FALSE);

  return self->reconnection;
}

/**
 * sio_manager_set_reconnection: (set-property reconnection)
 * @self: a manager
 * @reconnection: whether to reconnect
 *
 * Sets whether it reconnects by itself (`manager.reconnection()`).
 */
void
sio_manager_set_reconnection (SioManager *self, gboolean reconnection)
{
  g_return_if_fail (SIO_IS_MANAGER (self));

  if (self->reconnection == reconnection)
    return;

  self->reconnection = reconnection;
  if (!reconnection)
    sio_manager_stop_loop (self);
  g_object_notify (G_OBJECT (self), "reconnection");
}

/**
 * sio_manager_get_reconnection_attempts: (get-property reconnection-attempts)
 * @self: a manager
 *
 * Gets how many attempts it makes to reconnect (`manager.reconnectionAttempts()`).
 *
 * Returns: how many attempts, or -1 for no limit
 */
int
sio_manager_get_reconnection_attempts (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), 0);

  return self->reconnection_attempts;
}

/**
 * sio_manager_set_reconnection_attempts: (set-property reconnection-attempts)
 * @self: a manager
 * @attempts: how many attempts, or -1 for no limit
 *
 * Sets how many attempts it makes to reconnect (`manager.reconnectionAttempts()`).
 */
void
sio_manager_set_reconnection_attempts (SioManager *self, int attempts)
{
  g_return_if_fail (SIO_IS_MANAGER (self));
  g_return_if_fail (attempts >= -1);

  if (self->reconnection_attempts == attempts)
    return;

  self->reconnection_attempts = attempts;
  g_object_notify (G_OBJECT (self), "reconnection-attempts");
}

/**
 * sio_manager_get_reconnection_delay: (get-property reconnection-delay)
 * @self: a manager
 *
 * Gets how long it waits before the first attempt to reconnect (`manager.reconnectionDelay()`).
 *
 * Returns: milliseconds before the first attempt
 */
guint
sio_manager_get_reconnection_delay (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), 0);

  return self->backoff.delay;
}

/**
 * sio_manager_set_reconnection_delay: (set-property reconnection-delay)
 * @self: a manager
 * @delay: milliseconds before the first attempt
 *
 * Sets how long it waits before the first attempt to reconnect (`manager.reconnectionDelay()`).
 */
void
sio_manager_set_reconnection_delay (SioManager *self, guint delay)
{
  g_return_if_fail (SIO_IS_MANAGER (self));

  if (self->backoff.delay == delay)
    return;

  self->backoff.delay = delay;
  g_object_notify (G_OBJECT (self), "reconnection-delay");
}

/**
 * sio_manager_get_reconnection_delay_max: (get-property reconnection-delay-max)
 * @self: a manager
 *
 * Gets the longest that it waits between two attempts (`manager.reconnectionDelayMax()`).
 *
 * Returns: the most milliseconds between attempts
 */
guint
sio_manager_get_reconnection_delay_max (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), 0);

  return self->backoff.delay_max;
}

/**
 * sio_manager_set_reconnection_delay_max: (set-property reconnection-delay-max)
 * @self: a manager
 * @delay_max: the most milliseconds between attempts
 *
 * Sets the longest that it waits between two attempts (`manager.reconnectionDelayMax()`).
 */
void
sio_manager_set_reconnection_delay_max (SioManager *self, guint delay_max)
{
  g_return_if_fail (SIO_IS_MANAGER (self));

  if (self->backoff.delay_max == delay_max)
    return;

  self->backoff.delay_max = delay_max;
  g_object_notify (G_OBJECT (self), "reconnection-delay-max");
}

/**
 * sio_manager_get_randomization_factor: (get-property randomization-factor)
 * @self: a manager
 *
 * Gets how far a delay strays at random (`manager.randomizationFactor()`).
 *
 * Returns: how far, from 0 to 1
 */
double
sio_manager_get_randomization_factor (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), 0);

  return self->backoff.jitter;
}

/**
 * sio_manager_set_randomization_factor: (set-property randomization-factor)
 * @self: a manager
 * @factor: how far, from 0 to 1
 *
 * Sets how far a delay strays at random (`manager.randomizationFactor()`).
 */
void
sio_manager_set_randomization_factor (SioManager *self, double factor)
{
  g_return_if_fail (SIO_IS_MANAGER (self));
  g_return_if_fail (factor >= 0 && factor <= 1);

  if (self->backoff.jitter == factor)
    return;

  self->backoff.jitter = factor;
  g_object_notify (G_OBJECT (self), "randomization-factor");
}

/**
 * sio_manager_get_timeout: (get-property timeout)
 * @self: a manager
 *
 * Gets how long one attempt to connect may take (`manager.timeout()`).
 *
 * Returns: milliseconds for each attempt, or 0 for no limit
 */
guint
sio_manager_get_timeout (SioManager *self)
{
  g_return_val_if_fail (SIO_IS_MANAGER (self), 0);

  return self->timeout;
}

/**
 * sio_manager_set_timeout: (set-property timeout)
 * @self: a manager
 * @timeout: milliseconds for each attempt, or 0 for no limit
 *
 * Sets how long one attempt to connect may take (`manager.timeout()`).
 */
void
sio_manager_set_timeout (SioManager *self, guint timeout)
{
  g_return_if_fail (SIO_IS_MANAGER (self));

  if (self->timeout == timeout)
    return;

  self->timeout = timeout;
  g_object_notify (G_OBJECT (self), "timeout");
}
