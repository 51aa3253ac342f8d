/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manager/sio-manager-state-private.h"

#include "base/sio-log-private.h"

#include <glib/gi18n-lib.h>

/* One connection kept alive: attempts, the loop that reconnects, and what comes out of the
 * engine. Everything that is told can come back as a call that changes the state; after telling,
 * nothing is taken for granted. */

/* The first events are worth more than to know of the network, in ms. */
#define NETWORK_DELAY 1000

#define TO(state) (1u << SIO_MANAGER_##state)
static const struct
{
  const char *name;
  guint next;
} states[] = {
  [SIO_MANAGER_IDLE] = { "idle", TO (CONNECTING) },
  [SIO_MANAGER_CONNECTING] = { "connecting", TO (CONNECTED) | TO (WAITING) | TO (IDLE) },
  [SIO_MANAGER_CONNECTED] = { "connected", TO (WAITING) | TO (IDLE) },
  [SIO_MANAGER_WAITING] = { "waiting", TO (CONNECTING) | TO (IDLE) },
};
#undef TO

void
sio_manager_rearm (SioManager *self)
{
  gint64 deadline = MIN (self->deadline, sio_decoder_get_deadline (&self->decoder));

  if (self->timer == NULL)
    return;
  deadline = MIN (deadline, sio_reach_get_deadline (&self->reach));
  if (!g_queue_is_empty (&self->reports) || self->closed_quietly ||
      (self->state == SIO_MANAGER_IDLE && self->told_attempt != SIO_CLOCK_NEVER))
    deadline = MIN (deadline, sio_clock_now (self->clock));
  sio_timer_set_deadline (self->timer, deadline);
}

static void
enter (SioManager *self, SioManagerState next, gint64 deadline)
{
  g_return_if_fail (states[self->state].next & (1u << next));
  sio_debug ("manager %p: %s → %s", (void *) self, states[self->state].name, states[next].name);
  self->state = next;
  self->deadline = deadline;
  if (next == SIO_MANAGER_IDLE)
    sio_manager_leave_network (self);
  sio_manager_rearm (self);
}

void
sio_manager_drop_engine (SioManager *self)
{
  g_autoptr (SioEngine) engine = g_steal_pointer (&self->engine);

  sio_decoder_reset (&self->decoder);
  g_clear_pointer (&self->awaited, g_hash_table_unref);
  if (engine == NULL)
    return;

  /* It goes on by itself until what was accepted has been written (E64). */
  sio_engine_forget (engine);
  sio_engine_close (engine);
}

typedef enum
{
  TRY_AGAIN,
  GIVE_UP, /* nothing that another attempt could change */
} Prospect;

static gboolean
may_retry (SioManager *self, Prospect prospect)
{
  return prospect == TRY_AGAIN && self->reconnection && (!self->once || self->backoff.attempts > 0);
}

/* Enters waiting, or idle if the attempts are used up (M31). */
static gboolean
wait_for_next (SioManager *self)
{
  guint limit = self->reconnection_attempts > 0 ? (guint) self->reconnection_attempts : G_MAXUINT;
  guint delay;

  if (self->backoff.attempts >= limit)
    {
      sio_backoff_reset (&self->backoff);
      enter (self, SIO_MANAGER_IDLE, SIO_CLOCK_NEVER);
      return FALSE;
    }

  delay = sio_backoff_next (&self->backoff, self->random (self->random_data));
  /* The system may be wrong, so it goes on, but as seldom as it may (E82). */
  if (sio_reach_is_away (&self->reach))
    delay = MAX (delay, self->backoff.delay_max);
  enter (self, SIO_MANAGER_WAITING, sio_clock_after (sio_clock_now (self->clock), delay));
  return TRUE;
}

guint
sio_manager_get_delay (SioManager *self, guint n_failures)
{
  SioBackoff backoff = self->backoff;

  backoff.attempts = n_failures;
  return sio_backoff_next (&backoff, self->random (self->random_data));
}

static void
tell_failed (SioManager *self, const GError *error, Prospect prospect)
{
  g_autoptr (GPtrArray) active = sio_manager_list_active (self);

  for (guint i = 0; i < active->len; i++)
    {
      SioMember *member = g_ptr_array_index (active, i);

      if (member->sink == NULL || member->turn == 0)
        continue;
      if (prospect == TRY_AGAIN)
        member->sink->failed (member->owner, error);
      else
        member->sink->refused (member->owner, error);
    }
}

/* M14, O10, O11. The next attempt is settled before anyone hears of the failure, so that handlers
 * see what is true: whether it goes on by itself. */
static void
attempt_failed (SioManager *self, const GError *failure, Prospect prospect)
{
  g_autoptr (SioManager) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (GError) error = g_error_copy (failure);
  /* Whoever asks while being told waits for the next attempt. */
  g_autoptr (GPtrArray) openers = g_steal_pointer (&self->openers);
  gboolean in_loop = self->backoff.attempts > 0;
  gboolean retry = may_retry (self, prospect);
  gboolean gave_up = FALSE;

  sio_manager_drop_engine (self);
  if (retry)
    {
      gave_up = !wait_for_next (self);
      if (!gave_up)
        sio_manager_watch_network (self, 0);
    }
  else
    {
      sio_backoff_reset (&self->backoff);
      enter (self, SIO_MANAGER_IDLE, SIO_CLOCK_NEVER);
    }

  self->telling++;
  sio_manager_notify_engine (self);
  sio_manager_notify_next_attempt (self);
  sio_manager_emit_error (self, error);
  tell_failed (self, error, prospect);
  sio_manager_settle_openers (openers, error);
  if (gave_up)
    sio_manager_emit_reconnect_failed (self);
  if (in_loop)
    sio_manager_emit_reconnect_error (self, error);
  self->telling--;
}

static void
on_opened (gpointer owner, SioEngine *engine)
{
  SioManager *self = owner;
  g_autoptr (SioManager) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (GPtrArray) active = NULL;
  g_autoptr (GPtrArray) openers = NULL;
  guint attempt = self->backoff.attempts;

  sio_backoff_reset (&self->backoff);
  sio_reach_prove (&self->reach);
  sio_manager_watch_network (self, NETWORK_DELAY);
  enter (self, SIO_MANAGER_CONNECTED, SIO_CLOCK_NEVER);
  sio_manager_emit_opened (self);

  active = sio_manager_list_active (self);
  for (guint i = 0; i < active->len && self->engine == engine; i++)
    {
      SioMember *member = g_ptr_array_index (active, i);

      if (member->sink != NULL && member->turn != 0)
        member->sink->opened (member->owner);
    }
  if (self->engine != engine)
    return;

  openers = g_steal_pointer (&self->openers);
  sio_manager_settle_openers (openers, NULL);
  if (attempt > 0 && self->engine == engine)
    sio_manager_emit_reconnect (self, attempt);
}

static void
on_ping (gpointer owner, SioEngine *engine)
{
  sio_manager_emit_ping (owner);
}

/* The connection is lost, or is given up because of what came over it (M46, O8). */
static void
connection_lost (SioManager *self, SioDisconnectReason reason, const GError *details)
{
  g_autoptr (SioManager) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (GPtrArray) active = sio_manager_list_active (self);
  g_autoptr (GError) kept = details != NULL ? g_error_copy (details) : NULL;

  sio_manager_drop_engine (self);
  sio_backoff_reset (&self->backoff);
  if (self->reconnection)
    wait_for_next (self);
  else
    enter (self, SIO_MANAGER_IDLE, SIO_CLOCK_NEVER);

  self->telling++;
  sio_manager_notify_engine (self);
  sio_manager_notify_next_attempt (self);
  sio_manager_emit_closed (self, reason, kept);
  for (guint i = 0; i < active->len; i++)
    {
      SioMember *member = g_ptr_array_index (active, i);

      if (member->sink != NULL)
        member->sink->closed (member->owner, reason, kept);
    }
  self->telling--;
}

static void
on_websocket_tried (gpointer owner, SioEngine *engine, gboolean works)
{
  SioManager *self = owner;

  self->websocket_works = works;
}

static void
on_failed (gpointer owner, SioEngine *engine, const GError *error)
{
  SioManager *self = owner;

  /* Of an attempt, this and the end are one and are told together. */
  if (self->state == SIO_MANAGER_CONNECTED)
    {
      g_autoptr (SioManager) alive G_GNUC_UNUSED = g_object_ref (self);

      sio_manager_emit_error (self, error);
      if (self->engine == engine)
        tell_failed (self, error, TRY_AGAIN);
    }
}

static void
on_closed (gpointer owner, SioEngine *engine, SioDisconnectReason reason, const GError *details)
{
  SioManager *self = owner;

  if (self->engine != engine)
    return;

  if (self->state == SIO_MANAGER_CONNECTED)
    connection_lost (self, reason, details);
  else if (details != NULL)
    /* A server whose words cannot be parsed speaks another revision. */
    attempt_failed (self, details,
                    reason == SIO_DISCONNECT_REASON_PARSE_ERROR ? GIVE_UP : TRY_AGAIN);
  else
    {
      g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT,
                                                      sio_disconnect_reason_to_string (reason));

      attempt_failed (self, error, TRY_AGAIN);
    }
}

static const SioEngineSink engine_sink = {
  .opened = on_opened,
  .ping = on_ping,
  .message = sio_manager_on_message,
  .websocket_tried = on_websocket_tried,
  .failed = on_failed,
  .closed = on_closed,
};

/* An attempt that cannot even begin fails in a turn of its own, as one that was refused would. */
static void
fail_later (SioManager *self)
{
  self->deadline = sio_clock_now (self->clock);
  sio_manager_rearm (self);
}

static void
attempt (SioManager *self)
{
  g_autoptr (SioManager) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (SioEngine) engine = NULL;
  gint64 now = sio_clock_now (self->clock);

  enter (self, SIO_MANAGER_CONNECTING,
         self->timeout > 0 ? sio_clock_after (now, self->timeout) : SIO_CLOCK_NEVER);
  if (self->url_error != NULL)
    {
      fail_later (self);
      return;
    }

  g_clear_pointer (&self->settings, sio_settings_unref);
  self->settings =
      sio_options_make_settings (self->options, &self->parsed, self->clock, self->context);
  if (self->settings->transports[0] == NULL)
    {
      fail_later (self);
      return;
    }

  if (self->factory == NULL)
    self->factory = sio_soup_factory_new ();
  self->session++;
  engine = sio_engine_new (self->settings, self->factory, &engine_sink, self);
  self->engine = g_object_ref (engine);
  sio_manager_notify_engine (self);
  if (self->engine == engine)
    sio_engine_open (engine, self->settings->remember_upgrade && self->websocket_works);
}

gint64
sio_manager_get_next_attempt (SioManager *self)
{
  return self->state == SIO_MANAGER_WAITING ? self->deadline : SIO_CLOCK_NEVER;
}

gboolean
sio_manager_hurry (SioManager *self)
{
  gint64 now = sio_clock_now (self->clock);

  /* Without a deadline the attempt is being announced already. */
  if (self->state != SIO_MANAGER_WAITING || self->deadline == SIO_CLOCK_NEVER)
    return FALSE;

  sio_backoff_reset (&self->backoff);
  sio_backoff_next (&self->backoff, 0);
  if (self->deadline <= now)
    return TRUE;
  self->deadline = now;
  sio_manager_rearm (self);
  sio_manager_notify_next_attempt (self);
  return TRUE;
}

void
sio_manager_start (SioManager *self, gboolean once)
{
  if (self->timer == NULL) /* it was disposed of */
    return;

  switch (self->state)
    {
    case SIO_MANAGER_CONNECTING:
      /* A socket that relies on the attempt is active, so it has to be tried again. */
      if (!once)
        self->once = FALSE;
      return;

    case SIO_MANAGER_CONNECTED:
      return;

    case SIO_MANAGER_WAITING:
      /* Somebody wants it now (M39); but who asks while being told of a failure would ask again
       * after the next one, without an end. */
      if (self->telling == 0)
        sio_manager_hurry (self);
      return;

    case SIO_MANAGER_IDLE:
      break;
    }

  self->once = once;
  attempt (self);
}

/* The time for an attempt is up, or it could not begin. */
static void
attempt_expired (SioManager *self)
{
  g_autoptr (GError) error = NULL;

  if (self->url_error != NULL)
    error = g_error_copy (self->url_error);
  else if (self->engine == NULL)
    g_set_error_literal (&error, SIO_ERROR, SIO_ERROR_TRANSPORT, "No transports available");
  else
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "timeout");
  attempt_failed (self, error, self->url_error != NULL ? GIVE_UP : TRY_AGAIN);
}

void
sio_manager_lose (SioManager *self, const GError *details)
{
  switch (self->state)
    {
    case SIO_MANAGER_IDLE:
      break;

    case SIO_MANAGER_CONNECTING:
    case SIO_MANAGER_CONNECTED:
      if (self->engine != NULL)
        sio_engine_lose (self->engine, details);
      break;

    case SIO_MANAGER_WAITING:
      if (self->deadline == SIO_CLOCK_NEVER)
        break;
      self->deadline = MAX (self->deadline,
                            sio_clock_after (sio_clock_now (self->clock), self->backoff.delay_max));
      sio_manager_rearm (self);
      self->telling++;
      sio_manager_notify_next_attempt (self);
      self->telling--;
      break;
    }
}

static void
waiting_over (SioManager *self)
{
  guint n = self->backoff.attempts;

  self->deadline = SIO_CLOCK_NEVER;
  self->telling++;
  sio_manager_notify_next_attempt (self);
  if (self->state == SIO_MANAGER_WAITING && self->backoff.attempts == n)
    sio_manager_emit_reconnect_attempt (self, n);
  self->telling--;
  if (self->state == SIO_MANAGER_WAITING && self->backoff.attempts == n)
    attempt (self);
}

static void
tell_closed (SioManager *self)
{
  self->closed_quietly = FALSE;
  sio_manager_notify_engine (self);
  sio_manager_emit_closed (self, SIO_DISCONNECT_REASON_IO_CLIENT_DISCONNECT, NULL);
}

void
sio_manager_on_timer (gpointer owner)
{
  g_autoptr (SioManager) self = g_object_ref (owner);
  g_autoptr (GError) error = NULL;
  gint64 now = sio_clock_now (self->clock);

  if (self->closed_quietly)
    tell_closed (self);
  /* The loop may have been ended by a dispose. */
  if (self->state == SIO_MANAGER_IDLE)
    sio_manager_notify_next_attempt (self);
  sio_manager_tell_reports (self);

  if (!sio_decoder_check (&self->decoder, now, &error))
    {
      connection_lost (self, SIO_DISCONNECT_REASON_PARSE_ERROR, error);
      return;
    }

  sio_manager_check_network (self, now);
  if (now < self->deadline)
    sio_manager_rearm (self);
  else if (self->state == SIO_MANAGER_CONNECTING)
    attempt_expired (self);
  else if (self->state == SIO_MANAGER_WAITING)
    waiting_over (self);
}

static void
fail_openers (SioManager *self)
{
  g_autoptr (GPtrArray) openers = g_steal_pointer (&self->openers);
  g_autoptr (GError) error = g_error_new_literal (
      SIO_ERROR, SIO_ERROR_DISCONNECTED, _ ("The manager was closed before it was connected"));

  sio_manager_settle_openers (openers, error);
}

void
sio_manager_stop_loop (SioManager *self)
{
  /* An attempt that is under way comes to its own end, and is told of as one of the loop. */
  if (self->state != SIO_MANAGER_WAITING)
    return;
  sio_backoff_reset (&self->backoff);
  enter (self, SIO_MANAGER_IDLE, SIO_CLOCK_NEVER);
  fail_openers (self);
  sio_manager_notify_next_attempt (self);
}

void
sio_manager_shut (SioManager *self, SioManagerTelling telling)
{
  g_autoptr (SioManager) alive G_GNUC_UNUSED = g_object_ref (self);
  gboolean told = self->state == SIO_MANAGER_CONNECTING || self->state == SIO_MANAGER_CONNECTED;

  if (self->state == SIO_MANAGER_IDLE)
    return;

  sio_backoff_reset (&self->backoff);
  self->closed_quietly = told && telling == SIO_MANAGER_TELL_LATER;
  enter (self, SIO_MANAGER_IDLE, SIO_CLOCK_NEVER);
  sio_manager_drop_engine (self);

  fail_openers (self);
  if (told && telling == SIO_MANAGER_TELL_NOW)
    tell_closed (self);
  else if (telling == SIO_MANAGER_TELL_NOW)
    sio_manager_notify_next_attempt (self);
}

gboolean
sio_manager_get_connected (SioManager *self)
{
  return self->state == SIO_MANAGER_CONNECTED;
}

gboolean
sio_manager_get_writable (SioManager *self)
{
  return self->engine != NULL && sio_engine_get_writable (self->engine);
}

gboolean
sio_manager_check_expired (SioManager *self)
{
  return self->engine != NULL &&
         (!sio_engine_get_open (self->engine) || sio_engine_check_expired (self->engine));
}

void
sio_manager_protocol_error (SioManager *self, const GError *error)
{
  if (self->state == SIO_MANAGER_CONNECTED)
    connection_lost (self, SIO_DISCONNECT_REASON_PARSE_ERROR, error);
}

guint64
sio_manager_get_session (SioManager *self)
{
  return self->session;
}
