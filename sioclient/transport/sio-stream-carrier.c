/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transport/sio-carrier-private.h"

#include <string.h>

#include "machine/sio-frame-reader-private.h"
#include "machine/sio-frame-writer-private.h"
#include "transport/sio-soup-private.h"
#include "transport/sio-stream-io-private.h"

/* Frames by ourselves, on the stream of a SoupWebsocketConnection. libsoup's own reads a
 * kilobyte at a time, emits a signal for each message, and does not let go of the main loop while
 * something comes. It stays alive, as the stream is its, but sleeps: without its source it neither
 * reads nor writes.
 *
 * One source of ours lasts as long as the connection. It may recurse, as GLib takes others out of
 * the poll and in again around each dispatch, which costs more than reading a message. On a plain
 * socket it watches the descriptor; TLS knows more than its descriptor does, so there the sources
 * of its streams are children of ours. */

/* For one turn, unless the time is up before. What was read is acted on while it is still in the
 * processor's caches. */
#define READ_BLOCKS  4
#define WRITE_BUDGET ((gsize) 1024 * 1024)

/* Shorter messages are hardly worth it: the threshold of the reference client (E87). */
#define COMPRESSED_FROM 1024

/* A peer on this machine has often answered by the time when what was written is out, and to ask
 * for that costs less than a turn of the main loop. Where it is not so, it is tried ever more
 * seldom: so many turns are left out at most. */
#define TURNS_LEFT_OUT 63

typedef struct
{
  SioCarrier parent;
  SoupWebsocketConnection *connection; /* NULL once dropped */
  GPollableInputStream *in;            /* the connection's, as is the next */
  GPollableOutputStream *out;

  GSource *source;
  int fd;               /* -1 with TLS */
  gpointer tag;         /* of the descriptor, while it is watched */
  GSource *children[2]; /* with TLS: for reading and writing, while awaited */
  GIOCondition watched;

  SioFrameReader reader;
  gboolean reading; /* the owner wants messages */
  gboolean more;    /* there may be bytes that no descriptor tells of */
  gboolean direct;  /* nothing stands between us and the socket, whose short reading is the last */
  gboolean came;    /* something was read since that was last reset */
  guint patience;   /* turns that are left out after the next time when no answer had come */
  guint n_left_out; /* of them, still to come */
  guint8 pong[SIO_FRAME_CONTROL_MAX];
  int n_pong; /* of the ping that is to be answered, else -1 */

  SioFrameWriter writer;
  SioDeflater *deflater; /* nullable */
  gboolean blocked;      /* the system takes no more for now */
  gboolean went;         /* something was written since that was last reset */
  gboolean drain_due;    /* something was written of which `drained` was not told */
  GError *failure;       /* to write; told when reading has nothing better to say */
  guint depth;           /* of our turns on the stack, each of which flushes when it ends */

  gboolean close_sent; /* or at least among the frames */
  guint close_code;    /* the peer's, or 0 */
  char *close_reason;
} SioStreamCarrier;

typedef struct
{
  GSource source;
  SioStreamCarrier *carrier;
} SioStreamSource;

static gboolean
sio_stream_carrier_is_alive (SioStreamCarrier *self)
{
  return self->connection != NULL;
}

static gboolean
sio_stream_carrier_may_flush (SioStreamCarrier *self)
{
  return !self->blocked && self->failure == NULL &&
         (self->n_pong >= 0 || !sio_frame_writer_is_empty (&self->writer));
}

/* Whether there is something to do that no poll will tell of. */
static gboolean
sio_stream_carrier_is_due (SioStreamCarrier *self)
{
  return (self->reading && self->more) || self->failure != NULL ||
         sio_stream_carrier_may_flush (self) ||
         (self->drain_due && sio_frame_writer_is_empty (&self->writer));
}

static void
sio_stream_carrier_watch_descriptor (SioStreamCarrier *self, GIOCondition wanted)
{
  /* Even without a condition a descriptor would report that the peer has gone, and go on
   * reporting it. */
  if (wanted == 0)
    g_source_remove_unix_fd (self->source, g_steal_pointer (&self->tag));
  else if (self->tag == NULL)
    self->tag = g_source_add_unix_fd (self->source, self->fd, wanted);
  else
    g_source_modify_unix_fd (self->source, self->tag, wanted);
}

static void
sio_stream_carrier_watch_stream (SioStreamCarrier *self, guint i, gboolean wanted)
{
  GSource *child = g_steal_pointer (&self->children[i]);

  if (wanted == (child != NULL))
    self->children[i] = child;
  else if (child != NULL)
    {
      g_source_remove_child_source (self->source, child);
      g_source_unref (child);
    }
  else
    {
      child = i == 0 ? g_pollable_input_stream_create_source (self->in, NULL)
                     : g_pollable_output_stream_create_source (self->out, NULL);
      g_source_set_dummy_callback (child);
      g_source_set_can_recurse (child, TRUE);
      g_source_add_child_source (self->source, child);
      self->children[i] = child;
    }
}

static void
sio_stream_carrier_watch (SioStreamCarrier *self)
{
  GIOCondition wanted = (self->reading ? G_IO_IN : 0) | (self->blocked ? G_IO_OUT : 0);

  if (wanted == self->watched)
    return;

  self->watched = wanted;
  if (self->fd >= 0)
    sio_stream_carrier_watch_descriptor (self, wanted);
  else
    {
      sio_stream_carrier_watch_stream (self, 0, (wanted & G_IO_IN) != 0);
      sio_stream_carrier_watch_stream (self, 1, (wanted & G_IO_OUT) != 0);
    }
}

/* Of a flood of pings only the last is answered, as is allowed (RFC 6455, 5.5.3). */
static void
sio_stream_carrier_add_pong (SioStreamCarrier *self)
{
  if (self->n_pong >= 0 && !self->close_sent)
    sio_frame_writer_add (&self->writer, SIO_FRAME_PONG, (const char *) self->pong,
                          (gsize) self->n_pong, sio_carrier_random ());
  self->n_pong = -1;
}

static void
sio_stream_carrier_add_close (SioStreamCarrier *self, guint code)
{
  if (self->close_sent)
    return;

  sio_frame_writer_add_close (&self->writer, code, sio_carrier_random ());
  self->close_sent = TRUE;
}

static gssize
sio_stream_carrier_receive (SioStreamCarrier *self, guint8 *room, gsize size, GError **error)
{
  return self->direct ? sio_stream_io_receive_directly (self->fd, room, size, error)
                      : sio_stream_io_receive (self->in, self->parent.settings, room, size, error);
}

static gssize
sio_stream_carrier_send (SioStreamCarrier *self, const guint8 *data, gsize length, GError **error)
{
  return self->fd >= 0 ? sio_stream_io_send_directly (self->fd, data, length, error)
                       : sio_stream_io_send (self->out, self->parent.settings, data, length, error);
}

/* Tells nothing to anybody. */
static void
sio_stream_carrier_flush (SioStreamCarrier *self)
{
  gsize n_written = 0;

  while (sio_stream_carrier_may_flush (self) && n_written < WRITE_BUDGET)
    {
      g_autoptr (GError) error = NULL;
      const guint8 *data;
      gsize length;
      gssize n;

      sio_stream_carrier_add_pong (self);
      data = sio_frame_writer_peek (&self->writer, &length);
      if (data == NULL)
        return;
      n = sio_stream_carrier_send (self, data, length, &error);
      if (n >= 0)
        {
          sio_frame_writer_sent (&self->writer, (gsize) n);
          n_written += (gsize) n;
          self->went = TRUE;
        }
      else if (n == SIO_STREAM_IO_WOULD_BLOCK)
        self->blocked = TRUE;
      else
        {
          self->failure = g_steal_pointer (&error);
          sio_frame_writer_clear (&self->writer);
        }
    }
}

static void
sio_stream_carrier_end (SioStreamCarrier *self, const GError *error)
{
  const char *reason;
  guint code = sio_carrier_get_close (&self->parent, &reason);

  self->parent.sink->ended (self->parent.owner, code, reason, error);
}

static void
sio_stream_carrier_take_ping (SioStreamCarrier *self, const SioFrameEvent *event)
{
  self->n_pong = (int) event->length;
  memcpy (self->pong, event->data, event->length);
}

static void
sio_stream_carrier_take_close (SioStreamCarrier *self, const SioFrameEvent *event)
{
  self->close_code = event->close_code;
  self->close_reason = g_strndup (event->data, event->length);
  sio_stream_carrier_add_close (self,
                                event->close_code != SIO_FRAME_CLOSE_NONE ? event->close_code : 0);
  self->parent.sink->closing (self->parent.owner);
}

static void
sio_stream_carrier_take_event (SioStreamCarrier *self, const SioFrameEvent *event)
{
  switch (event->type)
    {
    case SIO_FRAME_EVENT_TEXT:
      self->parent.sink->message (self->parent.owner, SIO_FRAME_TEXT, event->bytes, event->data,
                                  event->length);
      break;

    case SIO_FRAME_EVENT_BINARY:
      self->parent.sink->message (self->parent.owner, SIO_FRAME_BINARY, event->bytes, event->data,
                                  event->length);
      break;

    case SIO_FRAME_EVENT_PING:
      sio_stream_carrier_take_ping (self, event);
      break;

    case SIO_FRAME_EVENT_CLOSE:
      sio_stream_carrier_take_close (self, event);
      break;

    case SIO_FRAME_EVENT_PONG:
    case SIO_FRAME_EVENT_NONE:
    default:
      break;
    }
}

/* Hands on what was read. FALSE if the owner wants no more, or all is over. Whoever hears of a
 * message may run a main loop, which then reads on from where we are, in order. */
static gboolean
sio_stream_carrier_take_all (SioStreamCarrier *self)
{
  g_autoptr (GError) error = NULL;
  SioFrameEvent event;

  do
    {
      if (!self->reading)
        {
          /* What is left here is told by no descriptor when the owner wants it. */
          self->more = TRUE;
          return FALSE;
        }
      if (!sio_frame_reader_take (&self->reader, &event, &error))
        {
          sio_stream_carrier_add_close (self, event.close_code);
          sio_stream_carrier_flush (self);
          sio_stream_carrier_end (self, error);
          return FALSE;
        }
      sio_stream_carrier_take_event (self, &event);
      if (!sio_stream_carrier_is_alive (self))
        return FALSE;
    }
  while (event.type != SIO_FRAME_EVENT_NONE);
  return TRUE;
}

/* Nothing will be read any more. */
static void
sio_stream_carrier_stop_reading (SioStreamCarrier *self, const GError *error)
{
  /* Whatever comes after a close frame. Not each TLS peer says goodbye. */
  if (self->close_code != 0 || g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_EOF))
    error = NULL;
  else if (error == NULL)
    error = self->failure;
  /* The peer may read on, and waits for the answer to its close frame. */
  if (self->close_sent)
    sio_stream_carrier_flush (self);
  sio_stream_carrier_end (self, error);
}

/* FALSE if there was nothing. */
static gboolean
sio_stream_carrier_read_block (SioStreamCarrier *self, gboolean *was_last)
{
  g_autoptr (GError) error = NULL;
  gsize size;
  guint8 *room = sio_frame_reader_get_room (&self->reader, &size);
  gssize n = sio_stream_carrier_receive (self, room, size, &error);

  if (n == SIO_STREAM_IO_WOULD_BLOCK)
    {
      self->more = FALSE;
      /* What libsoup had read before us is used up. */
      self->direct = self->fd >= 0;
      return FALSE;
    }
  if (n <= 0)
    {
      sio_stream_carrier_stop_reading (self, error);
      return FALSE;
    }

  self->came = TRUE;
  sio_frame_reader_put (&self->reader, (gsize) n);
  *was_last = self->direct && (gsize) n < size;
  return TRUE;
}

static void
sio_stream_carrier_read (SioStreamCarrier *self)
{
  SioClock *clock = self->parent.settings->clock;
  gint64 until = SIO_CLOCK_NEVER;
  gboolean was_last = FALSE;
  guint n_blocks;

  /* Until all that was read is handed on, as a handler may run a main loop that has to go on with
   * it. */
  self->more = TRUE;
  for (n_blocks = 0; sio_stream_carrier_take_all (self); n_blocks++)
    {
      if (was_last)
        {
          self->more = FALSE;
          break;
        }
      if (n_blocks == 1)
        until = sio_clock_after (sio_clock_now (clock), self->parent.settings->limits.slice);
      if (n_blocks == READ_BLOCKS || (n_blocks > 1 && sio_clock_now (clock) >= until))
        break;
      if (!sio_stream_carrier_read_block (self, &was_last))
        break;
    }

  if (sio_stream_carrier_is_alive (self) && !self->more)
    sio_frame_reader_relax (&self->reader);
}

/* Hearing that all is out, the owner may write more. */
static void
sio_stream_carrier_write_out (SioStreamCarrier *self)
{
  sio_stream_carrier_flush (self);
  if (!self->drain_due || self->failure != NULL || !sio_frame_writer_is_empty (&self->writer))
    return;

  self->drain_due = FALSE;
  self->parent.sink->drained (self->parent.owner);
  if (sio_stream_carrier_is_alive (self))
    sio_stream_carrier_flush (self);
}

/* What was read is acted on, and what is written then goes out together. That earlier writing has
 * left is told first: an answer to it may have come already. */
static void
sio_stream_carrier_act (SioStreamCarrier *self)
{
  self->went = FALSE;
  if (sio_stream_carrier_is_alive (self) && self->drain_due)
    sio_stream_carrier_write_out (self);
  if (sio_stream_carrier_is_alive (self))
    self->parent.sink->turn_over (self->parent.owner);
  if (sio_stream_carrier_is_alive (self))
    sio_stream_carrier_write_out (self);
}

static gboolean
sio_stream_carrier_expects_answer (SioStreamCarrier *self, gint64 until)
{
  if (!sio_stream_carrier_is_alive (self) || !self->went || !self->direct || !self->reading ||
      self->more || self->blocked || self->failure != NULL)
    return FALSE;
  if (self->n_left_out == 0)
    return sio_clock_now (self->parent.settings->clock) < until;
  self->n_left_out--;
  return FALSE;
}

static void
sio_stream_carrier_read_answers (SioStreamCarrier *self)
{
  const SioSettings *settings = self->parent.settings;
  gint64 until = sio_clock_after (sio_clock_now (settings->clock), settings->limits.slice);

  while (sio_stream_carrier_expects_answer (self, until))
    {
      self->came = FALSE;
      sio_stream_carrier_read (self);
      self->patience = self->came ? 0 : MIN (self->patience * 2 + 1, TURNS_LEFT_OUT);
      self->n_left_out = self->patience;
      sio_stream_carrier_act (self);
    }
}

static void
sio_stream_carrier_turn (SioStreamCarrier *self, GIOCondition ready)
{
  if ((ready & ~G_IO_IN) != 0)
    self->blocked = FALSE;
  if (self->reading && (self->more || self->failure != NULL || (ready & ~G_IO_OUT) != 0))
    sio_stream_carrier_read (self);
  sio_stream_carrier_act (self);
  if (self->went)
    sio_stream_carrier_read_answers (self);
  if (!sio_stream_carrier_is_alive (self))
    return;

  if (self->failure != NULL && !(self->reading && self->more))
    sio_stream_carrier_end (self, self->failure);
  else
    sio_stream_carrier_watch (self);
}

static gboolean
sio_stream_source_prepare (GSource *source, int *timeout)
{
  *timeout = -1;
  return sio_stream_carrier_is_due (((SioStreamSource *) source)->carrier);
}

static gboolean
sio_stream_source_check (GSource *source)
{
  SioStreamCarrier *self = ((SioStreamSource *) source)->carrier;

  return (self->tag != NULL && g_source_query_unix_fd (source, self->tag) != 0) ||
         sio_stream_carrier_is_due (self);
}

static gboolean
sio_stream_source_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  SioStreamCarrier *self = ((SioStreamSource *) source)->carrier;
  GIOCondition ready = self->tag != NULL ? g_source_query_unix_fd (source, self->tag) : 0;

  /* Which of the children it was is not told, and TLS may have to write in order to read. */
  if (self->fd < 0)
    ready = G_IO_IN | G_IO_OUT;

  sio_carrier_ref (&self->parent);
  self->depth++;
  sio_stream_carrier_turn (self, ready);
  self->depth--;
  sio_carrier_unref (&self->parent);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs sio_stream_source_funcs = {
  .prepare = sio_stream_source_prepare,
  .check = sio_stream_source_check,
  .dispatch = sio_stream_source_dispatch,
};

static void
sio_stream_carrier_set_reading (SioCarrier *carrier, gboolean reading)
{
  SioStreamCarrier *self = (SioStreamCarrier *) carrier;

  self->reading = reading;
  sio_stream_carrier_watch (self);
}

static gboolean
sio_stream_carrier_get_writable (SioCarrier *carrier)
{
  return !((SioStreamCarrier *) carrier)->drain_due;
}

static gboolean
sio_stream_carrier_get_flushed (SioCarrier *carrier)
{
  return sio_frame_writer_is_empty (&((SioStreamCarrier *) carrier)->writer);
}

/* Outside of a turn the first packet goes out at once; those that follow gather with the owner
 * until `drained`. */
static void
sio_stream_carrier_flush_now (SioStreamCarrier *self)
{
  if (self->depth > 0)
    return;

  sio_stream_carrier_flush (self);
  sio_stream_carrier_watch (self);
}

static gboolean
sio_stream_carrier_add_compressed (SioStreamCarrier *self,
                                   SioFrameOpcode opcode,
                                   const char *data,
                                   gsize length)
{
  g_autoptr (GBytes) compressed = sio_deflater_compress (self->deflater, data, length);

  if (compressed == NULL)
    return FALSE;
  data = g_bytes_get_data (compressed, &length);
  sio_frame_writer_add (&self->writer, (SioFrameOpcode) (opcode | SIO_FRAME_COMPRESSED), data,
                        length, sio_carrier_random ());
  return TRUE;
}

static void
sio_stream_carrier_write (SioCarrier *carrier, const SioEnginePacket *packets, guint n_packets)
{
  SioStreamCarrier *self = (SioStreamCarrier *) carrier;
  gsize n_bytes = 0;
  guint i;

  for (i = 0; i < n_packets; i++)
    n_bytes += packets[i].length + 1;
  sio_frame_writer_reserve (&self->writer, n_packets, n_bytes);

  for (i = 0; i < n_packets; i++)
    {
      g_autoptr (GBytes) made = NULL;
      const char *data;
      gsize length;
      SioFrameOpcode opcode = sio_carrier_encode (carrier, &packets[i], &data, &length, &made);

      if (self->deflater == NULL || packets[i].plain || length < COMPRESSED_FROM ||
          !sio_stream_carrier_add_compressed (self, opcode, data, length))
        sio_frame_writer_add (&self->writer, opcode, data, length, sio_carrier_random ());
    }
  self->drain_due = TRUE;
  sio_stream_carrier_flush_now (self);
}

static void
sio_stream_carrier_close (SioCarrier *carrier)
{
  SioStreamCarrier *self = (SioStreamCarrier *) carrier;

  sio_stream_carrier_add_close (self, 0);
  sio_stream_carrier_flush_now (self);
}

static guint
sio_stream_carrier_get_close (SioCarrier *carrier, const char **reason)
{
  SioStreamCarrier *self = (SioStreamCarrier *) carrier;

  *reason = self->close_reason;
  return self->close_code != 0 ? self->close_code : SIO_FRAME_CLOSE_ABNORMAL;
}

static void
sio_stream_carrier_drop (SioCarrier *carrier)
{
  SioStreamCarrier *self = (SioStreamCarrier *) carrier;
  guint i;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  for (i = 0; i < G_N_ELEMENTS (self->children); i++)
    g_clear_pointer (&self->children[i], g_source_unref);
  self->tag = NULL;
  self->reading = FALSE;
  sio_frame_reader_clear (&self->reader);
  sio_frame_writer_clear (&self->writer);
  g_clear_pointer (&self->deflater, sio_deflater_free);
  /* It closes the stream. */
  sio_soup_release (carrier->settings, g_steal_pointer (&self->connection));
}

static void
sio_stream_carrier_finalize (SioCarrier *carrier)
{
  SioStreamCarrier *self = (SioStreamCarrier *) carrier;

  g_clear_error (&self->failure);
  g_free (self->close_reason);
  g_free (self);
}

static const SioCarrierClass sio_stream_carrier_class = {
  .set_reading = sio_stream_carrier_set_reading,
  .get_writable = sio_stream_carrier_get_writable,
  .get_flushed = sio_stream_carrier_get_flushed,
  .write = sio_stream_carrier_write,
  .close = sio_stream_carrier_close,
  .get_close = sio_stream_carrier_get_close,
  .drop = sio_stream_carrier_drop,
  .finalize = sio_stream_carrier_finalize,
};

gboolean
sio_carrier_is_own (SioCarrier *self)
{
  return self->klass == &sio_stream_carrier_class;
}

/* Its source has the connection as user data. FALSE if none is found: then this libsoup is made
 * in another way, and nothing was changed. */
static gboolean
put_to_sleep (SoupWebsocketConnection *connection, GMainContext *context)
{
  GSource *source = g_main_context_find_source_by_user_data (context, connection);
  gboolean found = source != NULL;

  while (source != NULL)
    {
      g_source_destroy (source);
      source = g_main_context_find_source_by_user_data (context, connection);
    }
  return found;
}

SioCarrier *
sio_stream_carrier_new (SoupWebsocketConnection *connection,
                        const SioDeflateParams *deflate,
                        SioSettings *settings,
                        const SioCarrierSink *sink,
                        gpointer owner)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (connection);
  GInputStream *in = g_io_stream_get_input_stream (stream);
  GOutputStream *out = g_io_stream_get_output_stream (stream);
  SioStreamCarrier *self;

  if (!G_IS_POLLABLE_INPUT_STREAM (in) || !G_IS_POLLABLE_OUTPUT_STREAM (out) ||
      !g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (in)) ||
      !g_pollable_output_stream_can_poll (G_POLLABLE_OUTPUT_STREAM (out)) ||
      !put_to_sleep (connection, settings->context))
    return NULL;

  self = g_new0 (SioStreamCarrier, 1);
  sio_carrier_init (&self->parent, &sio_stream_carrier_class, settings, sink, owner);
  self->connection = g_object_ref (connection);
  self->in = G_POLLABLE_INPUT_STREAM (in);
  self->out = G_POLLABLE_OUTPUT_STREAM (out);
  self->fd = sio_stream_io_find_descriptor (stream);
  self->n_pong = -1;
  self->reading = TRUE;
  /* What came right behind the answer to the handshake is with libsoup already. */
  self->more = TRUE;
  sio_frame_reader_init (&self->reader, MAX (settings->limits.max_payload, 1));
  sio_frame_writer_init (&self->writer);
  if (deflate != NULL)
    {
      sio_frame_reader_set_deflate (&self->reader, deflate);
      self->deflater = sio_deflater_new (deflate);
    }

  self->source = g_source_new (&sio_stream_source_funcs, sizeof (SioStreamSource));
  ((SioStreamSource *) self->source)->carrier = self;
  g_source_set_static_name (self->source, "[sioclient] websocket");
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, settings->context);
  sio_stream_carrier_watch (self);
  return &self->parent;
}
