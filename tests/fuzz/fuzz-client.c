/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-engine.h"
#include "sio-manager-private.h"
#include "sio-manager-sockets-private.h"

#include <string.h>

/* The whole client on a network and a clock of paper. Each two bytes of the input are something
 * that happens: a packet comes, a transport ends, time passes, the program does something, at once
 * or inside what it hears next. Whatever comes of it, each answer is told once, and nothing is
 * left. */

#define N_SOCKETS 3
#define N_ANSWERS 512
#define N_TURNS   100

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

typedef struct _Client Client;

typedef struct
{
  SioTransport parent;
  Client *client;
  gboolean polling;
  gboolean open;
  gboolean over; /* nothing is told any more */
  gboolean writing;
  gboolean pausing;
} Wire;

typedef struct
{
  SioTransportFactory parent;
  Client *client;
} Factory;

struct _Client
{
  const guint8 *data;
  gsize left;

  SioClock *clock;
  Factory *factory;
  GPtrArray *wires; /* in the order in which they were made; not held */
  SioManager *manager;
  SioSocket *sockets[N_SOCKETS];
  GCancellable *cancellable;
  guint8 planned[4]; /* what the program does inside the next things that it hears; 0: nothing */
  guint n_alive;
  guint depth;

  guint n_asked;
  guint8 n_answers[N_ANSWERS];
};

static const char *const namespaces[N_SOCKETS] = { "/", "/a", "/b" };

static const char *const packets[] = {
  "0{\"sid\":\"S\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":200}",
  "0{\"sid\":\"S\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}",
  "40{\"sid\":\"X\"}",
  "40/a,{\"sid\":\"Y\",\"pid\":\"P\"}",
  "40/b,{\"sid\":\"Z\"}",
  "40/b,{}",
  "44/a,{\"message\":\"no\"}",
  "44{\"message\":\"no\",\"data\":[1]}",
  "41",
  "41/a,",
  "42[\"e\",1]",
  "42/a,[\"e\",\"offset\"]",
  "427[\"e\",{}]",
  "42/a,8[\"q\"]",
  "430[1]",
  "431[]",
  "432[null]",
  "433[4]",
  "43/a,0[]",
  "43/b,1[{}]",
  "451-[\"e\",{\"_placeholder\":true,\"num\":0}]",
  "452-/a,[\"e\",{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}]",
  "461-0[{\"_placeholder\":true,\"num\":0}]",
  "bAQID",
  "b",
  "2",
  "2probe",
  "3probe",
  "3",
  "1",
  "6",
  "5",
  "",
  "42[",
};

static void
check (gboolean holds)
{
  if (!holds)
    g_abort ();
}

/* --- the network */

static void
wire_nothing (SioTransport *transport)
{
}

static gboolean
wire_get_writable (SioTransport *transport)
{
  Wire *self = (Wire *) transport;

  return self->open && !self->over && !self->writing;
}

static void
wire_write (SioTransport *transport, const SioEnginePacket *written, guint n_packets)
{
  Wire *self = (Wire *) transport;
  gsize sum = 0;

  for (guint i = 0; i < n_packets; i++)
    for (gsize j = 0; j < written[i].length; j += 64)
      sum += (guint8) written[i].data[j];
  check (n_packets > 0 && sum < G_MAXSIZE);
  self->writing = TRUE;
}

static void
wire_pause (SioTransport *transport)
{
  ((Wire *) transport)->pausing = TRUE;
}

static void
wire_resume (SioTransport *transport)
{
  ((Wire *) transport)->pausing = FALSE;
}

static void
wire_end (Wire *self, SioDisconnectReason reason)
{
  g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_TRANSPORT, "over");

  self->over = TRUE;
  sio_transport_tell_closed (&self->parent, reason, error);
}

static gboolean
end_cb (gpointer data)
{
  Wire *self = data;

  if (!self->over)
    wire_end (self, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE);
  return G_SOURCE_REMOVE;
}

static void
wire_close (SioTransport *transport)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, end_cb, sio_transport_ref (transport),
                   (GDestroyNotify) sio_transport_unref);
}

static void
wire_abort (SioTransport *transport)
{
  ((Wire *) transport)->over = TRUE;
}

static void
wire_finalize (SioTransport *transport)
{
  Wire *self = (Wire *) transport;

  g_ptr_array_remove (self->client->wires, self);
  g_free (self);
}

#define WIRE_CLASS(kind)                                                                           \
  {                                                                                                \
    .name = kind, .open = wire_nothing, .get_writable = wire_get_writable, .write = wire_write,    \
    .pause = wire_pause, .resume = wire_resume, .close = wire_close, .abort = wire_abort,          \
    .finalize = wire_finalize,                                                                     \
  }
static const SioTransportClass polling_class = WIRE_CLASS ("polling");
static const SioTransportClass websocket_class = WIRE_CLASS ("websocket");

static SioTransport *
factory_create (SioTransportFactory *factory,
                const char *name,
                SioSettings *settings,
                const char *sid,
                const SioTransportSink *sink,
                gpointer owner)
{
  Client *client = ((Factory *) factory)->client;
  Wire *wire = g_new0 (Wire, 1);

  wire->client = client;
  wire->polling = g_str_equal (name, "polling");
  sio_transport_init (&wire->parent, wire->polling ? &polling_class : &websocket_class, settings,
                      sink, owner);
  g_ptr_array_add (client->wires, wire);
  return &wire->parent;
}

static void
factory_finalize (SioTransportFactory *factory)
{
  g_free (factory);
}

/* The newest but @nth that is not over. */
static Wire *
find_wire (Client *self, guint nth)
{
  for (guint i = self->wires->len; i > 0; i--)
    {
      Wire *wire = g_ptr_array_index (self->wires, i - 1);

      if (!wire->over && wire->parent.sink != NULL && nth-- == 0)
        return wire;
    }
  return NULL;
}

static void
deliver (Wire *self, SioEnginePacket *packet)
{
  if (!self->open)
    {
      self->open = TRUE;
      if (!sio_transport_tell_opened (&self->parent))
        {
          sio_engine_packet_clear (packet);
          return;
        }
    }
  if (self->over)
    sio_engine_packet_clear (packet);
  else
    sio_transport_tell_packet (&self->parent, packet);
}

static void
deliver_text (Wire *self, const char *text, gsize length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, length);
  SioEnginePacket packet;

  if (sio_engine_packet_init_parse (&packet, bytes, g_bytes_get_data (bytes, NULL), length, NULL))
    deliver (self, &packet);
  else
    wire_end (self, SIO_DISCONNECT_REASON_TRANSPORT_ERROR);
}

/* --- the input */

static guint8
take (Client *self)
{
  if (self->left == 0)
    return 0;

  self->left--;
  return *self->data++;
}

/* --- the program */

static void act (Client *self, guint8 what);

static void
hear (Client *self)
{
  guint8 what = self->planned[0];

  memmove (self->planned, self->planned + 1, sizeof self->planned - 1);
  self->planned[sizeof self->planned - 1] = 0;
  if (what != 0 && self->depth < 4)
    {
      self->depth++;
      act (self, what);
      self->depth--;
    }
}

static void
on_heard (GClosure *closure,
          GValue *result,
          guint n_params,
          const GValue *params,
          gpointer hint,
          gpointer data)
{
  hear (closure->data);
}

static void
listen_to (Client *self, gpointer object, const char *signal)
{
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), self);

  g_closure_set_marshal (closure, on_heard);
  g_signal_connect_closure (object, signal, closure, FALSE);
}

static void
on_event (SioSocket *socket, SioEvent *event, gpointer data)
{
  hear (data);
  if (sio_event_needs_ack (event))
    sio_event_ack (event, NULL);
}

static void
on_gone (gpointer data, GObject *where_it_was)
{
  ((Client *) data)->n_alive--;
}

static void
watch (Client *self, gpointer object)
{
  self->n_alive++;
  g_object_weak_ref (object, on_gone, self);
}

static void
on_engine (SioManager *manager, GParamSpec *pspec, gpointer data)
{
  SioEngine *engine = sio_manager_get_engine (manager);
  Client *self = data;

  if (engine != NULL)
    {
      watch (self, engine);
      listen_to (self, engine, "packet-create");
      listen_to (self, engine, "close");
      listen_to (self, engine, "drain");
    }
  hear (self);
}

typedef struct
{
  Client *client;
  guint number;
} Question;

static Question *
new_question (Client *self)
{
  Question *question = g_new (Question, 1);

  question->client = self;
  question->number = self->n_asked++;
  return question;
}

static void
on_answer (SioSocket *socket, SioValue *args, const GError *error, gpointer data)
{
  Question *question = data;

  check ((args == NULL) == (error != NULL));
  check (++question->client->n_answers[question->number] == 1);
  hear (question->client);
}

static void
on_asked (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autofree Question *question = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SioValue) args = sio_socket_emit_with_ack_finish (SIO_SOCKET (object), result, &error);

  check ((args == NULL) == (error != NULL));
  check (++question->client->n_answers[question->number] == 1);
  hear (question->client);
}

static void
on_opened (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autofree Question *question = data;

  sio_manager_open_finish (SIO_MANAGER (object), result, NULL);
  check (++question->client->n_answers[question->number] == 1);
}

static SioSocket *
get_socket (Client *self, guint i)
{
  SioSocket *socket = self->sockets[i];

  if (socket != NULL)
    return socket;

  socket = sio_manager_get_socket (self->manager, namespaces[i], NULL);
  /* A disposed one that somebody still holds makes way for another. */
  watch (self, socket);
  listen_to (self, socket, "connect");
  listen_to (self, socket, "disconnect");
  listen_to (self, socket, "connect-error");
  listen_to (self, socket, "outgoing-event");
  listen_to (self, socket, "notify");
  sio_socket_on (socket, "e", on_event, self, NULL);
  sio_socket_on_any (socket, on_event, self, NULL);
  self->sockets[i] = socket;
  return socket;
}

static SioValue *
make_binary (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\1\2\3", 3);

  return sio_value_new_bytes (bytes);
}

static void
act (Client *self, guint8 what)
{
  g_autoptr (SioManager) manager = g_object_ref (self->manager);
  guint i = what / 24 % N_SOCKETS;
  g_autoptr (SioSocket) socket = g_object_ref (get_socket (self, i));
  gboolean may_ask = self->n_asked < N_ANSWERS;

  switch (what % 24)
    {
    case 0:
    case 1:
    case 2:
      sio_socket_open (socket);
      break;
    case 3:
      sio_socket_close (socket);
      break;
    case 4:
      sio_socket_emit (socket, "x", "(i)", 1);
      break;
    case 5:
      sio_socket_emit_args (socket, "x", make_binary ());
      break;
    case 6:
      sio_socket_volatile (socket);
      sio_socket_emit (socket, "x", NULL);
      break;
    case 7:
    case 8:
      if (may_ask)
        sio_socket_emit_with_callback (socket, "x", NULL, on_answer, new_question (self), g_free);
      break;
    case 9:
      sio_socket_timeout (socket, 100);
      if (may_ask)
        sio_socket_emit_with_callback (socket, "x", make_binary (), on_answer, new_question (self),
                                       g_free);
      break;
    case 10:
    case 11:
      if (may_ask)
        sio_socket_emit_with_ack_async (socket, "x", NULL, self->cancellable, on_asked,
                                        new_question (self));
      break;
    case 12:
      g_cancellable_cancel (self->cancellable);
      g_object_unref (self->cancellable);
      self->cancellable = g_cancellable_new ();
      break;
    case 13:
      g_clear_object (&self->sockets[i]);
      break;
    case 14:
      g_object_run_dispose (G_OBJECT (socket));
      g_clear_object (&self->sockets[i]);
      break;
    case 15:
      sio_manager_open (manager);
      break;
    case 16:
      if (may_ask)
        sio_manager_open_async (manager, self->cancellable, on_opened, new_question (self));
      break;
    case 17:
      sio_manager_set_reconnection (manager, !sio_manager_get_reconnection (manager));
      break;
    case 18:
      if (sio_manager_get_engine (manager) != NULL)
        g_object_run_dispose (G_OBJECT (sio_manager_get_engine (manager)));
      break;
    case 19:
      sio_socket_close (socket);
      sio_socket_open (socket);
      break;
    case 20:
      sio_socket_off (socket, NULL, 0);
      break;
    case 21:
      sio_socket_volatile (socket);
      if (may_ask)
        sio_socket_emit_with_ack_async (socket, "x", NULL, NULL, on_asked, new_question (self));
      break;
    case 22:
      /* A main loop inside of whatever this is. */
      for (guint turns = 0; turns < N_TURNS && g_main_context_iteration (NULL, FALSE); turns++)
        continue;
      break;
    case 23:
    default:
      break;
    }
}

/* --- what happens */

static void
settle (void)
{
  for (guint turns = 0; turns < N_TURNS && g_main_context_iteration (NULL, FALSE); turns++)
    continue;
}

static void
happen_to_wire (Client *self, guint8 what, guint8 detail)
{
  Wire *wire = find_wire (self, what / 8 % 2);
  g_autoptr (SioTransport) alive = NULL;
  SioEnginePacket packet;

  if (wire == NULL)
    return;

  alive = sio_transport_ref (&wire->parent);
  switch (what % 8)
    {
    case 0:
    case 1:
    case 2:
      deliver_text (wire, packets[detail % G_N_ELEMENTS (packets)],
                    strlen (packets[detail % G_N_ELEMENTS (packets)]));
      break;
    case 3:
      {
        gsize length = MIN (detail, self->left);
        const guint8 *text = self->data;

        self->data += length;
        self->left -= length;
        deliver_text (wire, (const char *) text, length);
      }
      break;
    case 4:
      sio_engine_packet_init_binary (&packet, g_bytes_new_static ("abc", detail % 4));
      deliver (wire, &packet);
      break;
    case 5:
      if (wire->writing)
        {
          wire->writing = FALSE;
          sio_transport_tell_drained (&wire->parent);
        }
      break;
    case 6:
      if (wire->pausing && !wire->writing)
        {
          wire->pausing = FALSE;
          sio_transport_tell_paused (&wire->parent);
        }
      else if (!wire->polling && !wire->open)
        {
          wire->open = TRUE;
          sio_transport_tell_opened (&wire->parent);
        }
      break;
    case 7:
    default:
      wire_end (wire, detail % 2 == 0 ? SIO_DISCONNECT_REASON_TRANSPORT_CLOSE
                                      : SIO_DISCONNECT_REASON_TRANSPORT_ERROR);
      break;
    }
}

static void
happen (Client *self)
{
  guint8 what = take (self);
  guint8 detail = take (self);

  switch (what >> 5)
    {
    case 0:
    case 1:
    case 2:
    case 3:
      happen_to_wire (self, what, detail);
      break;
    case 4:
      sio_clock_advance (self->clock, (gint64) detail * ((what & 1) != 0 ? 1000 : 250000));
      break;
    case 5:
    case 6:
      act (self, detail);
      break;
    case 7:
    default:
      self->planned[what % G_N_ELEMENTS (self->planned)] = detail;
      break;
    }
  if ((what & 16) == 0)
    settle ();
}

static double
random_number (gpointer data)
{
  return 0.5;
}

static void
client_init (Client *self, guint8 kind)
{
  static const char *const transports[][3] = { { "polling", "websocket", NULL },
                                               { "websocket", NULL },
                                               { "polling", NULL } };
  g_autoptr (SioOptions) options =
      g_object_new (SIO_TYPE_OPTIONS, "auto-connect", FALSE, "transports",
                    transports[kind % G_N_ELEMENTS (transports)], "try-all-transports",
                    (kind & 8) != 0, "reconnection-attempts", (kind & 16) != 0 ? 2 : -1, "retries",
                    (kind & 32) != 0 ? 2 : 0, NULL);

  self->clock = sio_clock_new_manual (1000000);
  self->wires = g_ptr_array_new ();
  self->cancellable = g_cancellable_new ();
  self->factory = g_new0 (Factory, 1);
  g_ref_count_init (&self->factory->parent.ref_count);
  self->factory->parent.create = factory_create;
  self->factory->parent.finalize = factory_finalize;
  self->factory->client = self;

  self->manager = sio_manager_new ("http://localhost", options);
  sio_manager_set_world (self->manager, self->clock, &self->factory->parent, random_number, NULL);
  watch (self, self->manager);
  g_signal_connect (self->manager, "notify::engine", G_CALLBACK (on_engine), self);
  listen_to (self, self->manager, "opened");
  listen_to (self, self->manager, "closed");
  listen_to (self, self->manager, "error");
  listen_to (self, self->manager, "reconnect-attempt");
  listen_to (self, self->manager, "reconnect");
  /* Each socket reads its own options when it is made. */
  for (guint i = 0; i < N_SOCKETS; i++)
    {
      if (i == 0)
        g_object_unref (sio_manager_get_socket (self->manager, namespaces[i], options));
      get_socket (self, i);
    }
}

static void
client_clear (Client *self)
{
  memset (self->planned, 0, sizeof self->planned);
  for (guint i = 0; i < N_SOCKETS; i++)
    if (self->sockets[i] != NULL)
      {
        sio_socket_close (self->sockets[i]);
        /* Tasks keep it until it is told that nobody will answer. */
        g_object_run_dispose (G_OBJECT (self->sockets[i]));
        g_clear_object (&self->sockets[i]);
      }
  g_cancellable_cancel (self->cancellable);
  settle ();
  g_object_run_dispose (G_OBJECT (self->manager));
  g_clear_object (&self->manager);
  for (guint i = 0; i < 4; i++)
    {
      settle ();
      sio_clock_advance (self->clock, 30 * G_USEC_PER_SEC);
    }
  settle ();

  check (self->n_alive == 0);
  check (self->wires->len == 0);
  for (guint i = 0; i < self->n_asked; i++)
    check (self->n_answers[i] == 1);

  g_object_unref (self->cancellable);
  sio_transport_factory_unref (&self->factory->parent);
  sio_clock_unref (self->clock);
  g_ptr_array_unref (self->wires);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Client client = { .data = data, .left = size };

  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  client_init (&client, take (&client));
  while (client.left > 0)
    happen (&client);
  client_clear (&client);
  return 0;
}
