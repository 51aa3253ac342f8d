/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-soup-private.h"

#include "base/sio-log-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "codec/sio-poll-payload-private.h"
#include "codec/sio-url-private.h"
#include "machine/sio-poll-cycle-private.h"

#define GET_TOKEN  "xhr poll error"
#define POST_TOKEN "xhr post error"

/* python-engineio ends a session that posts more packets at once, and nothing in its handshake says
 * so. The reference server, which has no such limit, is known by its answer to a POST. */
#define CAUTIOUS_PACKETS 16
#define REFERENCE_ANSWER "ok"

typedef enum
{
  SIO_POLLING_NEW,
  SIO_POLLING_OPENING, /* the first GET is under way */
  SIO_POLLING_OPEN,
  SIO_POLLING_CLOSING, /* a POST is under way: the last of the owner, or ours that says goodbye */
  SIO_POLLING_LEAVING, /* the owner has been told or does not listen; the server is being told */
  SIO_POLLING_CLOSED,
} SioPollingState;

typedef struct
{
  SioTransport parent;
  SoupSession *session;
  SioPollingState state;
  SioPollCycle cycle;
  char *sid;       /* NULL until the owner has read it from the first payload */
  gboolean wanted; /* packets, by the owner */
  guint32 n_requests;
  SioSoupRequest *get;  /* NULL unless under way */
  SioSoupRequest *post; /* likewise */
  gboolean farewell;    /* the POST under way is the close packet */
  gboolean closed;      /* by the server: its close packet is there */
  gboolean reference;   /* the server is known to take any number of packets */
  SioTimer *deadline;   /* of closing and leaving, else NULL */
} SioPolling;

#define TO(state) (1u << SIO_POLLING_##state)

static const struct
{
  const char *name;
  guint next;
} states[] = {
  [SIO_POLLING_NEW] = { "new", TO (OPENING) | TO (CLOSED) },
  [SIO_POLLING_OPENING] = { "opening", TO (OPEN) | TO (CLOSED) },
  [SIO_POLLING_OPEN] = { "open", TO (CLOSING) | TO (LEAVING) | TO (CLOSED) },
  [SIO_POLLING_CLOSING] = { "closing", TO (LEAVING) | TO (CLOSED) },
  [SIO_POLLING_LEAVING] = { "leaving", TO (CLOSED) },
  [SIO_POLLING_CLOSED] = { "closed", 0 },
};

#undef TO

static void sio_polling_deadline_cb (gpointer owner);

static void
sio_polling_drop_request (SioSoupRequest **request)
{
  g_autoptr (SioSoupRequest) dropped = g_steal_pointer (request);

  if (dropped != NULL)
    sio_soup_request_cancel (dropped);
}

static void
sio_polling_enter (SioPolling *self, SioPollingState next)
{
  SioSettings *settings = self->parent.settings;

  g_return_if_fail ((states[self->state].next & (1u << next)) != 0);
  sio_debug ("%p: polling %s → %s", (gpointer) self, states[self->state].name, states[next].name);
  self->state = next;

  switch (next)
    {
    case SIO_POLLING_CLOSING:
    case SIO_POLLING_LEAVING:
      if (self->deadline == NULL)
        self->deadline =
            sio_timer_new (settings->clock, settings->context, sio_polling_deadline_cb, self);
      sio_timer_set_deadline (self->deadline, sio_clock_after (sio_clock_now (settings->clock),
                                                               settings->limits.close_timeout));
      break;

    case SIO_POLLING_CLOSED:
      g_clear_pointer (&self->deadline, sio_timer_free);
      sio_polling_drop_request (&self->get);
      sio_polling_drop_request (&self->post);
      break;

    case SIO_POLLING_NEW:
    case SIO_POLLING_OPENING:
    case SIO_POLLING_OPEN:
    default:
      break;
    }
}

static SioSoupRequest *
sio_polling_request (SioPolling *self, GBytes *post, SioSoupRequestFunc func)
{
  SioSettings *settings = self->parent.settings;
  g_autofree char *timestamp =
      sio_url_timestamp (sio_clock_now (settings->clock), self->n_requests++);
  GError *error = NULL;
  g_autofree char *url = sio_url_build (settings, SIO_URL_POLLING, self->sid, timestamp, &error);

  return sio_soup_request_send (&self->parent, self->session, url, error, post, func);
}

static void sio_polling_got (SioTransport *transport, GBytes *body, const GError *error);
static void sio_polling_posted (SioTransport *transport, GBytes *body, const GError *error);

static void
sio_polling_get (SioPolling *self)
{
  self->get = sio_polling_request (self, NULL, sio_polling_got);
}

static void
sio_polling_post (SioPolling *self, GBytes *body)
{
  self->post = sio_polling_request (self, body, sio_polling_posted);
}

static void
sio_polling_say_farewell (SioPolling *self)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("1", 1);

  /* The GET stays as it is: cut off now, it would look to the server like a lost
   * connection rather than an end in order. */
  self->farewell = TRUE;
  sio_polling_post (self, body);
}

/* Nothing counts any more but that the server hears of the end. Without a POST under way only the
 * owner keeps us alive, who may yet tell the session's id. */
static void
sio_polling_start_leaving (SioPolling *self)
{
  gboolean open = self->state == SIO_POLLING_OPEN || self->state == SIO_POLLING_CLOSING;

  if (!open || self->closed)
    {
      sio_polling_enter (self, SIO_POLLING_CLOSED);
      return;
    }

  sio_polling_enter (self, SIO_POLLING_LEAVING);
  if (self->farewell)
    return;
  /* Two POSTs at once are an error. */
  sio_polling_drop_request (&self->post);
  if (self->sid != NULL)
    sio_polling_say_farewell (self);
}

/* The end that the server knows of, or that concerns no session; takes @details. */
static void
sio_polling_end (SioPolling *self, SioDisconnectReason reason, GError *details)
{
  g_autoptr (GError) owned = details;

  sio_polling_enter (self, SIO_POLLING_CLOSED);
  sio_transport_tell_closed (&self->parent, reason, owned);
}

/* The end that came to us alone (X10); takes @details. */
static void
sio_polling_break (SioPolling *self, GError *details)
{
  g_autoptr (GError) owned = details;

  sio_polling_start_leaving (self);
  sio_transport_tell_closed (&self->parent, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, owned);
}

static void
sio_polling_fail (SioPolling *self, const char *token, const GError *cause)
{
  sio_polling_break (self, sio_soup_error_new (token, cause->message));
}

static GError *
closed_error_new (void)
{
  return g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT, "transport closed");
}

static void
sio_polling_end_closing (SioPolling *self)
{
  SioTransport *kept = sio_transport_ref (&self->parent);

  sio_polling_end (self, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, closed_error_new ());
  sio_transport_unref (kept);
}

/* The last POST of the owner took too long, or the farewell. */
static void
sio_polling_deadline_cb (gpointer owner)
{
  SioPolling *self = owner;
  g_autoptr (SioTransport) kept = sio_transport_ref (&self->parent);
  g_autoptr (GError) details = NULL;

  if (self->farewell || self->state != SIO_POLLING_CLOSING)
    {
      sio_polling_end_closing (self);
      return;
    }

  details = closed_error_new ();
  sio_polling_start_leaving (self);
  sio_transport_tell_closed (kept, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, details);
}

static gboolean
sio_polling_is_paused (const SioPolling *self)
{
  return self->state == SIO_POLLING_OPEN && self->cycle.reading == SIO_POLL_PAUSED &&
         self->cycle.writing == SIO_POLL_PAUSED;
}

/* Tells what an input to the cycle brought, in a callback of ours. */
static void
sio_polling_tell (SioPolling *self, SioPollAction action)
{
  if ((action & SIO_POLL_DRAIN) != 0 && self->state == SIO_POLLING_OPEN)
    sio_transport_tell_drained (&self->parent);
  /* The owner may have resumed while it took packets. */
  if ((action & SIO_POLL_TELL_PAUSED) != 0 && sio_polling_is_paused (self))
    sio_transport_tell_paused (&self->parent);
}

/* What has to be delivered: all that stands before a close packet. */
static guint
count_deliverable (GArray *packets)
{
  guint i;

  for (i = 0; i < packets->len; i++)
    if (g_array_index (packets, SioEnginePacket, i).type == SIO_ENGINE_PACKET_CLOSE)
      break;
  return i;
}

/* FALSE if the owner let go meanwhile. */
static gboolean
sio_polling_deliver (SioPolling *self, GArray *packets, guint n_packets)
{
  guint i;

  for (i = 0; i < n_packets; i++)
    {
      SioEnginePacket *slot = &g_array_index (packets, SioEnginePacket, i);
      SioEnginePacket packet = *slot;

      *slot = (SioEnginePacket) SIO_ENGINE_PACKET_INIT;
      if (!sio_transport_tell_packet (&self->parent, &packet) || self->state != SIO_POLLING_OPEN)
        return FALSE;
    }
  return TRUE;
}

static gboolean
sio_polling_take_first (SioPolling *self, GBytes *body, GArray *packets, GError **error)
{
  if (sio_poll_payload_is_old (body))
    {
      g_clear_error (error);
      sio_polling_end (self, SIO_DISCONNECT_REASON_PARSE_ERROR,
                       g_error_new_literal (SIO_ERROR, SIO_ERROR_PROTOCOL,
                                            _ ("The server speaks an older revision of the "
                                               "protocol: it seems to be of version 2")));
      return FALSE;
    }

  if (packets->len == 0 ||
      g_array_index (packets, SioEnginePacket, 0).type != SIO_ENGINE_PACKET_OPEN)
    {
      if (*error == NULL || packets->len > 0)
        {
          g_clear_error (error);
          *error = sio_soup_error_new (GET_TOKEN, _ ("the server did not open a session"));
        }
      sio_polling_end (self, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, g_steal_pointer (error));
      return FALSE;
    }

  sio_polling_enter (self, SIO_POLLING_OPEN);
  return sio_transport_tell_opened (&self->parent) && self->state == SIO_POLLING_OPEN;
}

static void
sio_polling_take (SioPolling *self, GBytes *body)
{
  g_autoptr (GArray) packets = g_array_new (FALSE, FALSE, sizeof (SioEnginePacket));
  g_autoptr (GError) error = NULL;
  SioPollAction action = SIO_POLL_NOTHING;
  guint n_deliverable;
  gboolean goes_on;

  g_array_set_clear_func (packets, (GDestroyNotify) sio_engine_packet_clear);
  goes_on = sio_poll_payload_parse (body, packets, &error);
  n_deliverable = count_deliverable (packets);
  if (n_deliverable < packets->len)
    {
      goes_on = FALSE;
      self->closed = TRUE;
    }

  if (self->state == SIO_POLLING_OPENING && !sio_polling_take_first (self, body, packets, &error))
    return;

  /* The server waits for the next GET while we deliver. */
  if (goes_on)
    action = sio_poll_cycle_on_got (&self->cycle);
  if ((action & SIO_POLL_GET) != 0)
    sio_polling_get (self);

  if (!sio_polling_deliver (self, packets, n_deliverable))
    return;

  if (n_deliverable < packets->len)
    sio_polling_end (
        self, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE,
        g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT, "transport closed by the server"));
  else if (error != NULL)
    sio_polling_break (self, g_steal_pointer (&error));
  else
    sio_polling_tell (self, action);
}

static void
sio_polling_got (SioTransport *transport, GBytes *body, const GError *error)
{
  SioPolling *self = (SioPolling *) transport;

  g_clear_pointer (&self->get, sio_soup_request_unref);
  if (self->state == SIO_POLLING_CLOSING || self->state == SIO_POLLING_LEAVING)
    return;

  if (error != NULL)
    sio_polling_fail (self, GET_TOKEN, error);
  else
    sio_polling_take (self, body);
}

static void
sio_polling_posted (SioTransport *transport, GBytes *body, const GError *error)
{
  SioPolling *self = (SioPolling *) transport;

  g_clear_pointer (&self->post, sio_soup_request_unref);
  if (self->state == SIO_POLLING_CLOSING || self->state == SIO_POLLING_LEAVING)
    {
      /* Whatever has become of the last POST of the owner. */
      if (self->farewell || self->closed || self->sid == NULL)
        sio_polling_end_closing (self);
      else
        sio_polling_say_farewell (self);
    }
  else if (error != NULL)
    sio_polling_fail (self, POST_TOKEN, error);
  else
    {
      gsize size;
      const char *answer = g_bytes_get_data (body, &size);

      self->reference =
          size == strlen (REFERENCE_ANSWER) && memcmp (answer, REFERENCE_ANSWER, size) == 0;
      sio_polling_tell (self, sio_poll_cycle_on_posted (&self->cycle));
    }
}

static void
sio_polling_open (SioTransport *transport)
{
  SioPolling *self = (SioPolling *) transport;

  if (self->state != SIO_POLLING_NEW)
    return;

  sio_polling_enter (self, SIO_POLLING_OPENING);
  if ((sio_poll_cycle_start (&self->cycle) & SIO_POLL_GET) != 0)
    sio_polling_get (self);
}

/* Without an id the next GET would ask for another session. */
static void
sio_polling_update_held (SioPolling *self)
{
  SioPollAction action = sio_poll_cycle_set_held (&self->cycle, !self->wanted || self->sid == NULL);

  if ((action & SIO_POLL_GET) != 0)
    sio_polling_get (self);
}

static void
sio_polling_set_sid (SioTransport *transport, const char *sid)
{
  SioPolling *self = (SioPolling *) transport;

  g_free (self->sid);
  self->sid = g_strdup (sid);
  if (self->state == SIO_POLLING_OPEN)
    sio_polling_update_held (self);
  else if (self->state == SIO_POLLING_LEAVING && !self->farewell)
    sio_polling_say_farewell (self);
}

static void
sio_polling_set_reading (SioTransport *transport, gboolean reading)
{
  SioPolling *self = (SioPolling *) transport;

  self->wanted = reading;
  if (self->state == SIO_POLLING_OPEN)
    sio_polling_update_held (self);
}

static gboolean
sio_polling_get_writable (SioTransport *transport)
{
  SioPolling *self = (SioPolling *) transport;

  return self->state == SIO_POLLING_OPEN && sio_poll_cycle_is_writable (&self->cycle);
}

static guint
sio_polling_get_max_packets (SioTransport *transport)
{
  return ((SioPolling *) transport)->reference ? G_MAXUINT : CAUTIOUS_PACKETS;
}

static void
sio_polling_write (SioTransport *transport, const SioEnginePacket *packets, guint n_packets)
{
  SioPolling *self = (SioPolling *) transport;
  g_autoptr (GBytes) body = sio_poll_payload_encode (packets, n_packets);

  if (sio_poll_cycle_post (&self->cycle))
    sio_polling_post (self, body);
}

static gboolean
paused_cb (gpointer user_data)
{
  sio_polling_tell (user_data, SIO_POLL_TELL_PAUSED);
  return G_SOURCE_REMOVE;
}

static void
sio_polling_pause (SioTransport *transport)
{
  SioPolling *self = (SioPolling *) transport;
  g_autoptr (GSource) source = NULL;

  if (self->state != SIO_POLLING_OPEN ||
      (sio_poll_cycle_pause (&self->cycle) & SIO_POLL_TELL_PAUSED) == 0)
    return;

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, paused_cb, sio_transport_ref (transport),
                         (GDestroyNotify) sio_transport_unref);
  g_source_attach (source, transport->settings->context);
}

static void
sio_polling_resume (SioTransport *transport)
{
  SioPolling *self = (SioPolling *) transport;

  if (self->state == SIO_POLLING_OPEN && (sio_poll_cycle_resume (&self->cycle) & SIO_POLL_GET) != 0)
    sio_polling_get (self);
}

static void
sio_polling_close (SioTransport *transport)
{
  SioPolling *self = (SioPolling *) transport;

  switch (self->state)
    {
    case SIO_POLLING_OPEN:
      if (self->post == NULL && (self->sid == NULL || self->closed))
        break;
      sio_polling_enter (self, SIO_POLLING_CLOSING);
      if (self->post == NULL)
        sio_polling_say_farewell (self);
      return;

    case SIO_POLLING_NEW:
    case SIO_POLLING_OPENING:
      break;

    case SIO_POLLING_CLOSING:
    case SIO_POLLING_LEAVING:
    case SIO_POLLING_CLOSED:
    default:
      return;
    }

  sio_polling_enter (self, SIO_POLLING_CLOSED);
  sio_soup_tell_closed_later (transport, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE,
                              closed_error_new ());
}

static void
sio_polling_leave (SioTransport *transport)
{
  SioPolling *self = (SioPolling *) transport;

  if (self->state != SIO_POLLING_LEAVING && self->state != SIO_POLLING_CLOSED)
    sio_polling_start_leaving (self);
}

static void
sio_polling_abort (SioTransport *transport)
{
  SioPolling *self = (SioPolling *) transport;

  if (self->state != SIO_POLLING_CLOSED)
    sio_polling_enter (self, SIO_POLLING_CLOSED);
}

static void
sio_polling_finalize (SioTransport *transport)
{
  SioPolling *self = (SioPolling *) transport;

  g_clear_pointer (&self->deadline, sio_timer_free);
  sio_soup_release (transport->settings, self->session);
  g_free (self->sid);
  g_free (self);
}

static const SioTransportClass sio_polling_class = {
  .name = "polling",
  .open = sio_polling_open,
  .set_sid = sio_polling_set_sid,
  .set_reading = sio_polling_set_reading,
  .get_writable = sio_polling_get_writable,
  .get_max_packets = sio_polling_get_max_packets,
  .write = sio_polling_write,
  .pause = sio_polling_pause,
  .resume = sio_polling_resume,
  .close = sio_polling_close,
  .leave = sio_polling_leave,
  .abort = sio_polling_abort,
  .finalize = sio_polling_finalize,
};

SioTransport *
sio_polling_new (SoupSession *session,
                 SioSettings *settings,
                 const char *sid,
                 const SioTransportSink *sink,
                 gpointer owner)
{
  SioPolling *self = g_new0 (SioPolling, 1);

  sio_transport_init (&self->parent, &sio_polling_class, settings, sink, owner);
  self->session = g_object_ref (session);
  self->sid = g_strdup (sid);
  sio_poll_cycle_init (&self->cycle);
  return &self->parent;
}
