/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-fake-wire.h"

#include "codec/sio-poll-payload-private.h"
#include "machine/sio-poll-cycle-private.h"
#include "sio-play-text.h"

typedef enum
{
  NEW,
  OPENING,
  OPEN,
  CLOSING,
  LEAVING, /* of polling: the owner was told, the server is being told */
  CLOSED,
} FakeState;

struct _SioFakeWire
{
  SioTransportFactory factory;
  SioFakeWireFunc func;
  gpointer data;
  GPtrArray *transports; /* in the order in which they were made; not held */
  guint n_made;
  guint selected;
  gboolean stalled; /* what is written to a websocket stays in its buffer */
};

typedef struct
{
  SioTransport parent;
  SioFakeWire *wire;
  guint number;
  FakeState state;
  char *sid;
  GSource *later; /* a websocket's drain, or its end */

  /* of polling */
  SioPollCycle cycle;
  gboolean wanted;
  gboolean get;      /* one is in flight */
  gboolean post;     /* likewise */
  gboolean farewell; /* the POST is the close packet */
  gboolean closed;   /* by a close packet of the server */
  SioTimer *deadline;
  SioTransport *kept; /* itself while leaving */
} FakeTransport;

static const SioTransportClass polling_class, websocket_class;

static void G_GNUC_PRINTF (2, 3) note (FakeTransport *self, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  self->wire->func (self->wire->data, self->number, line);
}

static void
stop_later (FakeTransport *self)
{
  if (self->later == NULL)
    return;
  g_source_destroy (self->later);
  g_clear_pointer (&self->later, g_source_unref);
}

static void
do_later (FakeTransport *self, GSourceFunc func)
{
  stop_later (self);
  self->later = g_idle_source_new ();
  g_source_set_priority (self->later, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->later, func, sio_transport_ref (&self->parent),
                         (GDestroyNotify) sio_transport_unref);
  g_source_attach (self->later, self->parent.settings->context);
}

static void
stop (FakeTransport *self)
{
  self->state = CLOSED;
  self->get = FALSE;
  self->post = FALSE;
  stop_later (self);
  g_clear_pointer (&self->deadline, sio_timer_free);
}

static void
end (FakeTransport *self, SioDisconnectReason reason, GError *details)
{
  g_autoptr (SioTransport) alive G_GNUC_UNUSED = sio_transport_ref (&self->parent);
  g_autoptr (GError) owned = details;

  stop (self);
  sio_transport_tell_closed (&self->parent, reason, owned);
  g_clear_pointer (&self->kept, sio_transport_unref);
}

static void
end_in_order (FakeTransport *self)
{
  end (self, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE,
       g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT, "transport closed"));
}

static void start_leaving (FakeTransport *self);

/* The end that the server does not know of. */
static void
break_off (FakeTransport *self, GError *details)
{
  g_autoptr (SioTransport) alive G_GNUC_UNUSED = sio_transport_ref (&self->parent);
  g_autoptr (GError) owned = details;

  start_leaving (self);
  sio_transport_tell_closed (&self->parent, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, owned);
}

static gboolean
end_in_order_cb (gpointer data)
{
  end_in_order (data);
  return G_SOURCE_REMOVE;
}

static void
end_in_order_timer (gpointer owner)
{
  FakeTransport *self = owner;

  if (self->farewell || self->state != CLOSING)
    {
      end_in_order (owner);
      return;
    }
  start_leaving (self);
  sio_transport_tell_closed (&self->parent, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, NULL);
}

static void
send_get (FakeTransport *self)
{
  self->get = TRUE;
  note (self, "client get");
}

static void
act (FakeTransport *self, SioPollAction action)
{
  if ((action & SIO_POLL_DRAIN) != 0 && self->state == OPEN)
    sio_transport_tell_drained (&self->parent);
  if ((action & SIO_POLL_TELL_PAUSED) != 0 && self->state == OPEN &&
      self->cycle.reading == SIO_POLL_PAUSED && self->cycle.writing == SIO_POLL_PAUSED)
    sio_transport_tell_paused (&self->parent);
}

static void
say_farewell (FakeTransport *self)
{
  self->farewell = TRUE;
  self->post = TRUE;
  note (self, "client poll 1");
}

static void
set_deadline (FakeTransport *self)
{
  SioSettings *settings = self->parent.settings;

  if (self->deadline == NULL)
    self->deadline = sio_timer_new (settings->clock, settings->context, end_in_order_timer, self);
  sio_timer_set_deadline (self->deadline, sio_clock_after (sio_clock_now (settings->clock),
                                                           settings->limits.close_timeout));
}

static void
start_leaving (FakeTransport *self)
{
  if ((self->state != OPEN && self->state != CLOSING) || self->closed)
    {
      stop (self);
      return;
    }

  self->state = LEAVING;
  set_deadline (self);
  if (self->kept == NULL)
    self->kept = sio_transport_ref (&self->parent);
  if (self->farewell)
    return;
  if (self->post)
    note (self, "client poll (abort)");
  self->post = FALSE;
  if (self->sid != NULL)
    say_farewell (self);
}

static void
polling_open (SioTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  self->state = OPENING;
  if ((sio_poll_cycle_start (&self->cycle) & SIO_POLL_GET) != 0)
    send_get (self);
}

static void
update_held (FakeTransport *self)
{
  gboolean held = !self->wanted || self->sid == NULL;

  if (self->state == OPEN && (sio_poll_cycle_set_held (&self->cycle, held) & SIO_POLL_GET) != 0)
    send_get (self);
}

static void
polling_set_sid (SioTransport *transport, const char *sid)
{
  FakeTransport *self = (FakeTransport *) transport;

  g_free (self->sid);
  self->sid = g_strdup (sid);
  if (self->state == LEAVING && !self->farewell)
    say_farewell (self);
  update_held (self);
}

static void
polling_set_reading (SioTransport *transport, gboolean reading)
{
  FakeTransport *self = (FakeTransport *) transport;

  self->wanted = reading;
  update_held (self);
}

static gboolean
polling_get_writable (SioTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  return self->state == OPEN && sio_poll_cycle_is_writable (&self->cycle);
}

static void
polling_write (SioTransport *transport, const SioEnginePacket *packets, guint n_packets)
{
  FakeTransport *self = (FakeTransport *) transport;
  g_autoptr (GBytes) body = sio_poll_payload_encode (packets, n_packets);
  g_autofree char *text = sio_play_payload_to_text (body);

  g_assert_true (sio_poll_cycle_post (&self->cycle));
  self->post = TRUE;
  note (self, "client poll %s", text);
}

static gboolean
tell_paused_cb (gpointer data)
{
  act (data, SIO_POLL_TELL_PAUSED);
  return G_SOURCE_REMOVE;
}

static void
polling_pause (SioTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  if (self->state == OPEN && (sio_poll_cycle_pause (&self->cycle) & SIO_POLL_TELL_PAUSED) != 0)
    do_later (self, tell_paused_cb);
}

static void
polling_resume (SioTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  if (self->state == OPEN && (sio_poll_cycle_resume (&self->cycle) & SIO_POLL_GET) != 0)
    send_get (self);
}

static void
polling_close (SioTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  if (self->state == CLOSING || self->state == LEAVING || self->state == CLOSED)
    return;
  if (self->state != OPEN || (!self->post && (self->sid == NULL || self->closed)))
    {
      do_later (self, end_in_order_cb);
      return;
    }

  self->state = CLOSING;
  set_deadline (self);
  if (!self->post)
    say_farewell (self);
}

static void
polling_leave (SioTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  if (self->state == LEAVING || self->state == CLOSED)
    return;
  if (self->state == OPENING && self->get)
    note (self, "client get (abort)");
  start_leaving (self);
}

static void
polling_abort (SioTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  if (self->get)
    note (self, "client get (abort)");
  if (self->post)
    note (self, "client poll (abort)");
  end_in_order (self);
}

static void
websocket_open (SioTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  self->state = OPENING;
  if (self->sid != NULL)
    note (self, "client ws (open with sid %s)", self->sid);
  else
    note (self, "client ws (open)");
}

static gboolean
websocket_get_writable (SioTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  return self->state == OPEN && self->later == NULL && !self->post;
}

static gboolean
drain_cb (gpointer data)
{
  FakeTransport *self = data;

  stop_later (self);
  sio_transport_tell_drained (&self->parent);
  return G_SOURCE_REMOVE;
}

static void
websocket_write (SioTransport *transport, const SioEnginePacket *packets, guint n_packets)
{
  FakeTransport *self = (FakeTransport *) transport;

  for (guint i = 0; i < n_packets; i++)
    {
      g_autofree char *text = sio_play_packet_to_text (&packets[i]);

      note (self, "client ws %s%s", text, packets[i].plain ? " (plain)" : "");
    }
  if (self->wire->stalled)
    self->post = TRUE;
  else
    do_later (self, drain_cb);
}

static void
websocket_close (SioTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  if (self->state == CLOSING || self->state == CLOSED)
    return;
  note (self, "client ws (close)");
  self->state = CLOSING;
  do_later (self, end_in_order_cb);
}

static void
websocket_abort (SioTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  if (self->state != CLOSED)
    note (self, "client ws (abort)");
  end_in_order (self);
}

static void
fake_finalize (SioTransport *transport)
{
  FakeTransport *self = (FakeTransport *) transport;

  stop_later (self);
  g_clear_pointer (&self->deadline, sio_timer_free);
  g_ptr_array_remove (self->wire->transports, self);
  g_free (self->sid);
  g_free (self);
}

static const SioTransportClass polling_class = {
  .name = "polling",
  .open = polling_open,
  .set_sid = polling_set_sid,
  .set_reading = polling_set_reading,
  .get_writable = polling_get_writable,
  .write = polling_write,
  .pause = polling_pause,
  .resume = polling_resume,
  .close = polling_close,
  .leave = polling_leave,
  .abort = polling_abort,
  .finalize = fake_finalize,
};

static const SioTransportClass websocket_class = {
  .name = "websocket",
  .open = websocket_open,
  .get_writable = websocket_get_writable,
  .write = websocket_write,
  .close = websocket_close,
  .abort = websocket_abort,
  .finalize = fake_finalize,
};

static SioTransport *
create (SioTransportFactory *factory,
        const char *name,
        SioSettings *settings,
        const char *sid,
        const SioTransportSink *sink,
        gpointer owner)
{
  SioFakeWire *wire = (SioFakeWire *) factory;
  FakeTransport *self = g_new0 (FakeTransport, 1);

  sio_transport_init (&self->parent,
                      g_str_equal (name, "polling") ? &polling_class : &websocket_class, settings,
                      sink, owner);
  self->wire = wire;
  self->number = ++wire->n_made;
  self->sid = g_strdup (sid);
  sio_poll_cycle_init (&self->cycle);
  g_ptr_array_add (wire->transports, self);
  return &self->parent;
}

static void
factory_finalize (SioTransportFactory *factory)
{
  SioFakeWire *self = (SioFakeWire *) factory;

  g_ptr_array_unref (self->transports);
  g_free (self);
}

SioFakeWire *
sio_fake_wire_new (SioFakeWireFunc func, gpointer data)
{
  SioFakeWire *self = g_new0 (SioFakeWire, 1);

  g_ref_count_init (&self->factory.ref_count);
  self->factory.create = create;
  self->factory.finalize = factory_finalize;
  self->func = func;
  self->data = data;
  self->transports = g_ptr_array_new ();
  return self;
}

void
sio_fake_wire_free (SioFakeWire *self)
{
  g_assert_cmpuint (self->transports->len, ==, 0);
  sio_transport_factory_unref (&self->factory);
}

SioTransportFactory *
sio_fake_wire_get_factory (SioFakeWire *self)
{
  return &self->factory;
}

guint
sio_fake_wire_count (SioFakeWire *self)
{
  return self->transports->len;
}

/* The newest that is of use; of POSTs the oldest, as two sessions may overlap only while the old
 * one says goodbye. */
static FakeTransport *
find (SioFakeWire *self,
      const SioTransportClass *klass,
      gboolean (*matches) (FakeTransport *),
      gboolean oldest)
{
  FakeTransport *found = NULL;

  for (guint i = 0; i < self->transports->len; i++)
    {
      FakeTransport *transport = g_ptr_array_index (self->transports, i);

      if (transport->parent.klass == klass && matches (transport) && (found == NULL || !oldest) &&
          (self->selected == 0 || self->selected == transport->number))
        found = transport;
    }
  return found;
}

static gboolean
has_get (FakeTransport *transport)
{
  return transport->get;
}

static gboolean
has_post (FakeTransport *transport)
{
  return transport->post;
}

static gboolean
is_up (FakeTransport *transport)
{
  return transport->state == OPENING || transport->state == OPEN;
}

SioFakeWireChance
sio_fake_wire_look (SioFakeWire *self, guint index, guint *number)
{
  FakeTransport *transport = g_ptr_array_index (self->transports, index);
  SioFakeWireChance chances = 0;

  *number = transport->number;
  if (transport->get)
    chances |= SIO_FAKE_WIRE_GET;
  if (transport->post)
    chances |= SIO_FAKE_WIRE_POST;
  if (transport->parent.klass == &websocket_class && transport->state == OPENING)
    chances |= SIO_FAKE_WIRE_OPENING;
  if (transport->parent.klass == &websocket_class && transport->state == OPEN)
    chances |= SIO_FAKE_WIRE_OPEN;
  return chances;
}

void
sio_fake_wire_select (SioFakeWire *self, guint number)
{
  self->selected = number;
}

static GError *
make_error (const char *token, const char *what)
{
  const char *message = what + strlen ("(error");
  gsize length = strcspn (message, ")");

  if (*message == ' ')
    return g_error_new (SIO_ERROR, SIO_ERROR_TRANSPORT, "%s: %.*s", token, (int) length - 1,
                        message + 1);
  return g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT, token);
}

static void
end_by_packet (FakeTransport *self)
{
  end (self, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE,
       g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT, "transport closed by the server"));
}

static gboolean
deliver (FakeTransport *self, GArray *packets)
{
  for (guint i = 0; i < packets->len; i++)
    {
      SioEnginePacket *slot = &g_array_index (packets, SioEnginePacket, i);
      SioEnginePacket packet = *slot;

      if (packet.type == SIO_ENGINE_PACKET_CLOSE)
        {
          end_by_packet (self);
          return FALSE;
        }
      *slot = (SioEnginePacket) SIO_ENGINE_PACKET_INIT;
      if (!sio_transport_tell_packet (&self->parent, &packet) || self->state != OPEN)
        return FALSE;
    }
  return TRUE;
}

static void
take_payload (FakeTransport *self, const char *what)
{
  g_autoptr (SioTransport) alive G_GNUC_UNUSED = sio_transport_ref (&self->parent);
  g_autoptr (GArray) packets = g_array_new (FALSE, FALSE, sizeof (SioEnginePacket));
  g_autoptr (GBytes) body = sio_play_payload_from_text (what);
  g_autoptr (GError) error = NULL;
  SioPollAction action = SIO_POLL_NOTHING;
  gboolean closes = FALSE;

  self->get = FALSE;
  if (self->state == CLOSING || self->state == LEAVING)
    return;

  g_array_set_clear_func (packets, (GDestroyNotify) sio_engine_packet_clear);
  sio_poll_payload_parse (body, packets, &error);
  for (guint i = 0; i < packets->len; i++)
    closes = closes || g_array_index (packets, SioEnginePacket, i).type == SIO_ENGINE_PACKET_CLOSE;
  self->closed = closes;
  if (self->state == OPENING)
    {
      self->state = OPEN;
      if (!sio_transport_tell_opened (&self->parent))
        return;
    }

  if (error == NULL && !closes)
    action = sio_poll_cycle_on_got (&self->cycle);
  if ((action & SIO_POLL_GET) != 0)
    send_get (self);
  if (!deliver (self, packets))
    return;
  if (error != NULL)
    break_off (self, g_steal_pointer (&error));
  else
    act (self, action);
}

const char *
sio_fake_wire_poll (SioFakeWire *self, const char *what)
{
  FakeTransport *transport = find (self, &polling_class, has_get, FALSE);

  if (transport == NULL)
    return "no GET is in flight";
  if (g_str_has_prefix (what, "(error"))
    {
      transport->get = FALSE;
      if (transport->state != CLOSING && transport->state != LEAVING)
        break_off (transport, make_error ("xhr poll error", what));
    }
  else
    take_payload (transport, what);
  return NULL;
}

const char *
sio_fake_wire_post (SioFakeWire *self, const char *what)
{
  FakeTransport *transport = find (self, &polling_class, has_post, TRUE);
  g_autoptr (SioTransport) alive = NULL;

  if (transport == NULL)
    return "no POST is in flight";

  alive = sio_transport_ref (&transport->parent);
  transport->post = FALSE;
  if (transport->state == LEAVING ||
      (transport->state == CLOSING && (transport->farewell || transport->closed)))
    end_in_order (transport);
  else if (transport->state == CLOSING)
    say_farewell (transport);
  else if (g_str_has_prefix (what, "(error"))
    break_off (transport, make_error ("xhr post error", what));
  else
    act (transport, sio_poll_cycle_on_posted (&transport->cycle));
  return NULL;
}

static void
take_frame (FakeTransport *self, const char *frame)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  SioEnginePacket packet = SIO_ENGINE_PACKET_INIT;

  if (*frame == '<')
    sio_engine_packet_init_binary (&packet, sio_play_bytes_from_hex (frame));
  else
    {
      bytes = g_bytes_new (frame, strlen (frame));
      if (!sio_engine_packet_init_parse (&packet, bytes, g_bytes_get_data (bytes, NULL),
                                         strlen (frame), &error))
        {
          end (self, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, g_steal_pointer (&error));
          return;
        }
    }
  if (packet.type != SIO_ENGINE_PACKET_CLOSE)
    sio_transport_tell_packet (&self->parent, &packet);
  else
    {
      sio_engine_packet_clear (&packet);
      end_by_packet (self);
    }
}

static const char *
act_on_websocket (SioFakeWire *self, FakeTransport *transport, const char *part)
{
  if (g_str_equal (part, "(accept)"))
    {
      transport->state = OPEN;
      sio_transport_tell_opened (&transport->parent);
    }
  else if (g_str_has_prefix (part, "(error"))
    end (transport, SIO_DISCONNECT_REASON_TRANSPORT_ERROR, make_error ("websocket error", part));
  else if (g_str_equal (part, "(close)"))
    end (transport, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE,
         g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT, "websocket connection closed"));
  else if (g_str_equal (part, "(stall)"))
    self->stalled = TRUE;
  else if (g_str_equal (part, "(drain)"))
    {
      self->stalled = FALSE;
      transport->post = FALSE;
      sio_transport_tell_drained (&transport->parent);
    }
  else if (*part == '(')
    return "a websocket does not know that";
  else if (transport->state != OPEN)
    return "the websocket is not open";
  else
    take_frame (transport, part);
  return NULL;
}

const char *
sio_fake_wire_ws (SioFakeWire *self, const char *what)
{
  FakeTransport *transport = find (self, &websocket_class, is_up, FALSE);
  g_autoptr (SioTransport) alive = NULL;
  g_auto (GStrv) parts = g_strsplit (what, " + ", -1);
  const char *problem = NULL;

  if (transport == NULL)
    return "there is no websocket";

  alive = sio_transport_ref (&transport->parent);
  if (*what == '\0')
    return act_on_websocket (self, transport, what);
  for (guint i = 0; parts[i] != NULL && problem == NULL && is_up (transport); i++)
    problem = act_on_websocket (self, transport, parts[i]);
  return problem;
}
