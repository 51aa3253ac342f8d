/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play-private.h"

#include "sio-play-text.h"

/* What the program hears, as lines. Things of a namespace other than the main one begin with its
 * name. */

char *
sio_play_hear_prefix (SioSocket *socket)
{
  const char *nsp = sio_socket_get_nsp (socket);

  return g_str_equal (nsp, "/") ? g_strdup ("") : g_strconcat (nsp, " ", NULL);
}

/* “: ” and its words, or nothing. */
static char *
describe_details (const GError *details)
{
  g_autofree char *text = details != NULL ? sio_play_error_to_text (details) : NULL;

  return text != NULL ? g_strconcat (": ", text, NULL) : g_strdup ("");
}

static void
on_connect (SioSocket *socket, SioPlay *play)
{
  g_autofree char *prefix = sio_play_hear_prefix (socket);

  sio_play_note (play, "heard %sconnect", prefix);
}

static void
on_connect_error (SioSocket *socket, const GError *error, SioValue *data, SioPlay *play)
{
  g_autofree char *prefix = sio_play_hear_prefix (socket);
  g_autofree char *text = sio_play_error_to_text (error);
  g_autofree char *json = data != NULL ? sio_play_value_to_text (data) : g_strdup ("");

  sio_play_note (play, "heard %sconnect_error %s%s%s", prefix, text, data != NULL ? " " : "", json);
}

static void
on_disconnect (SioSocket *socket, SioDisconnectReason reason, const GError *error, SioPlay *play)
{
  g_autofree char *prefix = sio_play_hear_prefix (socket);
  g_autofree char *details = describe_details (error);

  sio_play_note (play, "heard %sdisconnect %s%s", prefix, sio_disconnect_reason_to_string (reason),
                 details);
}

static void
note_event (SioPlay *play, SioSocket *socket, const char *what, SioEvent *event)
{
  g_autofree char *prefix = sio_play_hear_prefix (socket);
  g_autofree char *args = sio_play_value_to_text (sio_event_get_args (event));

  sio_play_note (play, "heard %s%s %s %s%s", prefix, what, sio_event_get_name (event), args,
                 sio_event_needs_ack (event) ? " ?" : "");
}

static void
on_event (SioSocket *socket, SioEvent *event, SioPlay *play)
{
  if (sio_event_needs_ack (event))
    g_ptr_array_add (play->questions, sio_event_ref (event));
  note_event (play, socket, "event", event);
}

static void
on_outgoing_event (SioSocket *socket, SioEvent *event, SioPlay *play)
{
  note_event (play, socket, "outgoing", event);
}

static void
on_notify (GObject *object, GParamSpec *pspec, SioPlay *play)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *text = NULL;

  g_object_get_property (object, pspec->name, &value);
  text = G_VALUE_HOLDS_STRING (&value) ? g_strdup (g_value_get_string (&value))
                                       : g_strdup_value_contents (&value);
  sio_play_note (play, "heard notify %s %s", pspec->name, text != NULL ? text : "none");
}

void
sio_play_hear_socket (SioPlay *self, SioSocket *socket)
{
  g_signal_connect (socket, "connect", G_CALLBACK (on_connect), self);
  g_signal_connect (socket, "connect-error", G_CALLBACK (on_connect_error), self);
  g_signal_connect (socket, "disconnect", G_CALLBACK (on_disconnect), self);
  g_signal_connect (socket, "event", G_CALLBACK (on_event), self);
  if ((self->hears & SIO_PLAY_HEAR_OUTGOING) != 0)
    g_signal_connect (socket, "outgoing-event", G_CALLBACK (on_outgoing_event), self);
  g_signal_connect (socket, "notify", G_CALLBACK (on_notify), self);
}

static void
on_manager_error (SioManager *manager, const GError *error, SioPlay *play)
{
  g_autofree char *text = sio_play_error_to_text (error);

  sio_play_note (play, "heard manager error %s", text);
}

static void
on_manager_ping (SioManager *manager, SioPlay *play)
{
  sio_play_note (play, "heard manager ping");
}

static void
on_manager_reconnect (SioManager *manager, guint attempt, SioPlay *play)
{
  sio_play_note (play, "heard manager reconnect %u", attempt);
}

static void
on_manager_reconnect_attempt (SioManager *manager, guint attempt, SioPlay *play)
{
  sio_play_note (play, "heard manager reconnect_attempt %u", attempt);
}

static void
on_manager_reconnect_error (SioManager *manager, const GError *error, SioPlay *play)
{
  g_autofree char *text = sio_play_error_to_text (error);

  sio_play_note (play, "heard manager reconnect_error %s", text);
}

static void
on_manager_reconnect_failed (SioManager *manager, SioPlay *play)
{
  sio_play_note (play, "heard manager reconnect_failed");
}

static void
on_manager_opened (SioManager *manager, SioPlay *play)
{
  sio_play_note (play, "heard manager open");
}

static void
on_manager_closed (SioManager *manager,
                   SioDisconnectReason reason,
                   const GError *error,
                   SioPlay *play)
{
  g_autofree char *details = describe_details (error);

  sio_play_note (play, "heard manager close %s%s", sio_disconnect_reason_to_string (reason),
                 details);
}

static void
on_engine_upgrade (SioEngine *engine, const char *name, SioPlay *play)
{
  sio_play_note (play, "heard engine upgrade %s", name);
}

static void
on_engine_drain (SioEngine *engine, SioPlay *play)
{
  sio_play_note (play, "heard engine drain");
}

static void
on_engine_close (SioEngine *engine, const char *reason, const GError *error, SioPlay *play)
{
  g_autofree char *details = describe_details (error);

  sio_play_note (play, "heard engine close %s%s", reason, details);
}

static void
note_packet (SioPlay *play, const char *what, const char *type, SioValue *data)
{
  g_autofree char *text = data != NULL ? sio_play_value_to_text (data) : g_strdup ("");

  sio_play_note (play, "heard engine %s %s%s%s", what, type, data != NULL ? " " : "", text);
}

static void
on_engine_packet (SioEngine *engine, const char *type, SioValue *data, SioPlay *play)
{
  note_packet (play, "packet", type, data);
}

static void
on_engine_packet_create (SioEngine *engine, const char *type, SioValue *data, SioPlay *play)
{
  note_packet (play, "packetCreate", type, data);
}

static void
on_engine (SioManager *manager, GParamSpec *pspec, SioPlay *play)
{
  SioEngine *engine = sio_manager_get_engine (manager);

  if (engine == NULL)
    return;
  g_signal_connect (engine, "upgrade", G_CALLBACK (on_engine_upgrade), play);
  g_signal_connect (engine, "drain", G_CALLBACK (on_engine_drain), play);
  g_signal_connect (engine, "close", G_CALLBACK (on_engine_close), play);
  if ((play->hears & SIO_PLAY_HEAR_PACKETS) != 0)
    {
      g_signal_connect (engine, "packet", G_CALLBACK (on_engine_packet), play);
      g_signal_connect (engine, "packet-create", G_CALLBACK (on_engine_packet_create), play);
    }
}

char *
sio_play_hear_schedule (SioPlay *self, SioManager *manager)
{
  gint64 next = sio_manager_get_next_attempt_time (manager);

  if (next == 0)
    return g_strdup ("next attempt never");
  return g_strdup_printf ("next attempt in %" G_GINT64_FORMAT,
                          (next - sio_clock_now (self->clock)) / 1000);
}

static void
on_next_attempt (SioManager *manager, GParamSpec *pspec, SioPlay *play)
{
  g_autofree char *text = sio_play_hear_schedule (play, manager);

  sio_play_note (play, "heard %s", text);
}

void
sio_play_hear_manager (SioPlay *self, SioManager *manager)
{
  g_signal_connect (manager, "notify::engine", G_CALLBACK (on_engine), self);
  g_signal_connect (manager, "error", G_CALLBACK (on_manager_error), self);
  g_signal_connect (manager, "ping", G_CALLBACK (on_manager_ping), self);
  g_signal_connect (manager, "reconnect", G_CALLBACK (on_manager_reconnect), self);
  g_signal_connect (manager, "reconnect-attempt", G_CALLBACK (on_manager_reconnect_attempt), self);
  g_signal_connect (manager, "reconnect-error", G_CALLBACK (on_manager_reconnect_error), self);
  g_signal_connect (manager, "reconnect-failed", G_CALLBACK (on_manager_reconnect_failed), self);
  g_signal_connect (manager, "opened", G_CALLBACK (on_manager_opened), self);
  g_signal_connect (manager, "closed", G_CALLBACK (on_manager_closed), self);
  g_signal_connect (manager, "notify::next-attempt-time", G_CALLBACK (on_next_attempt), self);
}
