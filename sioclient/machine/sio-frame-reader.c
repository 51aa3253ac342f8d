/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-frame-reader-private.h"

#include "base/sio-utf8-private.h"
#include "sio-types.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* With what malloc() adds still below the size from which on it tidies up at each free(). */
#define BLOCK_SIZE ((gsize) 64 * 1024 - 64)
/* A frame that is longer and not yet there as a whole gets memory of its own. Others are kept until
 * the rest comes, which costs a copy at each reading. */
#define SMALL ((gsize) 4 * 1024)
/* Where messages are larger than this, the next is likely to be so too: little is read before
 * its head is known, so that little has to be moved. */
#define LARGE       ((gsize) 32 * 1024)
#define ROOM_GROWTH 4
/* Where messages come one by one, blocks of the full size are not worth what malloc() takes for
 * them. */
#define LITTLE ((gsize) 1024)

#define CLOSE_PROTOCOL  1002
#define CLOSE_BAD_TEXT  1007
#define CLOSE_TOO_LARGE 1009

/* Where a lone message is read to, and nothing stays. */
static _Thread_local guint8 scratch[SMALL];

void
sio_frame_reader_init (SioFrameReader *self, gsize max_payload)
{
  *self = (SioFrameReader){ .max_payload = max_payload, .room = SMALL };
}

void
sio_frame_reader_set_deflate (SioFrameReader *self, const SioDeflateParams *params)
{
  g_clear_pointer (&self->inflater, sio_inflater_free);
  self->inflater = sio_inflater_new (params);
}

static void
drop_message (SioFrameReader *self)
{
  g_clear_pointer (&self->message, g_free);
  self->compressed = FALSE;
  self->length = self->allocated = self->missing = 0;
  self->opcode = SIO_FRAME_CONTINUATION;
}

static void
drop_input (SioFrameReader *self)
{
  g_clear_pointer (&self->input, g_bytes_unref);
  self->data = NULL;
  self->at = self->end = 0;
}

static void
drop_block (SioFrameReader *self)
{
  g_clear_pointer (&self->block, g_free);
  self->block_size = 0;
}

void
sio_frame_reader_clear (SioFrameReader *self)
{
  drop_message (self);
  drop_input (self);
  g_clear_pointer (&self->current, g_bytes_unref);
  drop_block (self);
  g_clear_pointer (&self->inflater, sio_inflater_free);
  self->state = SIO_FRAME_READER_OVER;
}

static void
set_input (SioFrameReader *self, GBytes *bytes)
{
  g_clear_pointer (&self->input, g_bytes_unref);
  self->input = bytes;
  self->data = g_bytes_get_data (bytes, &self->end);
  self->at = 0;
}

static gboolean
reads_into_message (const SioFrameReader *self)
{
  return self->state == SIO_FRAME_READER_INSIDE && self->at == self->end && self->missing >= SMALL;
}

guint8 *
sio_frame_reader_get_room (SioFrameReader *self, gsize *size)
{
  gsize needed;

  if (reads_into_message (self))
    {
      *size = self->missing;
      return self->message + self->length;
    }

  if (self->state == SIO_FRAME_READER_OVER)
    drop_input (self);
  self->kept = self->end - self->at;
  needed = MIN (MAX (self->room, self->kept + SMALL), BLOCK_SIZE);
  if (needed == SMALL && self->block == NULL)
    {
      /* As kept is 0. */
      *size = SMALL;
      return scratch;
    }
  if (self->block_size < needed)
    {
      drop_block (self);
      self->block = g_malloc (needed);
      self->block_size = needed;
    }
  if (self->kept > 0)
    memcpy (self->block, self->data + self->at, self->kept);
  *size = needed - self->kept;
  return self->block + self->kept;
}

void
sio_frame_reader_put (SioFrameReader *self, gsize n_bytes)
{
  gsize n_held = self->kept + n_bytes;

  self->n_came += n_bytes;
  if (self->state == SIO_FRAME_READER_OVER)
    return;

  if (reads_into_message (self))
    {
      self->length += n_bytes;
      self->missing -= n_bytes;
      return;
    }

  self->kept = 0;
  if (n_held >= self->room)
    self->room = MIN (self->room * ROOM_GROWTH, BLOCK_SIZE);

  /* A packet keeps alive all that came with it, so that should not be much more than itself. */
  if (self->block == NULL)
    set_input (self, g_bytes_new (scratch, n_held));
  else if (n_held >= self->block_size / 2)
    {
      set_input (self, g_bytes_new_take (g_steal_pointer (&self->block), n_held));
      self->block_size = 0;
    }
  else
    set_input (self, g_bytes_new (self->block, n_held));
}

void
sio_frame_reader_relax (SioFrameReader *self)
{
  gsize n_left = self->end - self->at;

  if (self->n_came <= LITTLE)
    self->room = SMALL;
  self->n_came = 0;
  g_clear_pointer (&self->current, g_bytes_unref);
  drop_block (self);
  if (n_left == 0)
    drop_input (self);
  else if (n_left < self->end / 2)
    set_input (self, g_bytes_new (self->data + self->at, n_left));
}

static gboolean
fail (SioFrameReader *self, SioFrameEvent *event, guint close_code)
{
  drop_message (self);
  drop_input (self);
  self->state = SIO_FRAME_READER_OVER;
  event->type = SIO_FRAME_EVENT_NONE;
  event->close_code = close_code;
  return FALSE;
}

static gboolean
fail_protocol (SioFrameReader *self, SioFrameEvent *event, GError **error, const char *cause)
{
  g_set_error_literal (error, SIO_ERROR, SIO_ERROR_TRANSPORT, cause);
  return fail (self, event, CLOSE_PROTOCOL);
}

static gboolean
check_text (SioFrameReader *self, SioFrameEvent *event, GError **error)
{
  if (sio_utf8_is_valid (event->data, event->length))
    return TRUE;

  g_set_error_literal (error, SIO_ERROR, SIO_ERROR_TRANSPORT,
                       _ ("the server sent text that is not UTF-8"));
  return fail (self, event, CLOSE_BAD_TEXT);
}

static gboolean
check_size (SioFrameReader *self, SioFrameEvent *event, guint64 length, GError **error)
{
  if (length <= self->max_payload && self->length <= self->max_payload - length)
    return TRUE;

  g_set_error (error, SIO_ERROR, SIO_ERROR_TRANSPORT,
               /* Not G_GSIZE_FORMAT, in which a translation would end. */
               _ ("the server sent a message of more than %u bytes"),
               (guint) MIN (self->max_payload, G_MAXUINT));
  return fail (self, event, CLOSE_TOO_LARGE);
}

/* What stands for the message at @data, which is @event's from then on. */
static gboolean
take_compressed (SioFrameReader *self,
                 SioFrameEvent *event,
                 SioFrameOpcode opcode,
                 const guint8 *data,
                 gsize length,
                 GError **error)
{
  guint close_code = CLOSE_PROTOCOL;

  self->current =
      sio_inflater_expand (self->inflater, data, length, self->max_payload, &close_code, error);
  if (self->current == NULL)
    return fail (self, event, close_code);

  event->bytes = self->current;
  event->data = g_bytes_get_data (self->current, &event->length);
  if (event->data == NULL)
    event->data = "";
  if (opcode == SIO_FRAME_BINARY)
    {
      event->type = SIO_FRAME_EVENT_BINARY;
      return TRUE;
    }
  event->type = SIO_FRAME_EVENT_TEXT;
  return check_text (self, event, error);
}

/* A message whose only frame lies in the input. */
static gboolean
take_whole (SioFrameReader *self, SioFrameEvent *event, SioFrameOpcode opcode, GError **error)
{
  if (opcode == SIO_FRAME_TEXT)
    {
      event->type = SIO_FRAME_EVENT_TEXT;
      event->bytes = self->input;
      return check_text (self, event, error);
    }

  /* Programs keep attachments for long. */
  self->current = g_bytes_new (event->data, event->length);
  event->type = SIO_FRAME_EVENT_BINARY;
  event->bytes = self->current;
  if (event->length > 0)
    event->data = g_bytes_get_data (self->current, NULL);
  return TRUE;
}

/* A message that was put together. */
static gboolean
take_message (SioFrameReader *self, SioFrameEvent *event, GError **error)
{
  SioFrameOpcode opcode = self->opcode;

  if (self->compressed)
    {
      g_autofree guint8 *message = g_steal_pointer (&self->message);
      gsize length = self->length;

      drop_message (self);
      return take_compressed (self, event, opcode, message, length, error);
    }

  if (self->length > LARGE)
    self->room = SMALL;
  if (self->allocated - self->length > self->length / 4)
    self->message = g_realloc (self->message, MAX (self->length, 1));

  event->length = self->length;
  self->current = g_bytes_new_take (g_steal_pointer (&self->message), self->length);
  event->data = event->length > 0 ? g_bytes_get_data (self->current, NULL) : "";
  event->bytes = self->current;
  drop_message (self);
  if (opcode == SIO_FRAME_BINARY)
    {
      event->type = SIO_FRAME_EVENT_BINARY;
      return TRUE;
    }
  event->type = SIO_FRAME_EVENT_TEXT;
  return check_text (self, event, error);
}

static gboolean
take_close (SioFrameReader *self, SioFrameEvent *event, GError **error)
{
  const guint8 *payload = (const guint8 *) event->data;

  event->type = SIO_FRAME_EVENT_CLOSE;
  event->close_code = SIO_FRAME_CLOSE_NONE;
  if (event->length > 0)
    {
      event->close_code = event->length == 1 ? 0 : (guint) payload[0] << 8 | payload[1];
      if (!sio_frame_close_code_is_valid (event->close_code))
        return fail_protocol (self, event, error,
                              _ ("the server closed the connection with an invalid code"));
      event->data += 2;
      event->length -= 2;
      if (!check_text (self, event, error))
        return FALSE;
    }
  self->state = SIO_FRAME_READER_OVER;
  return TRUE;
}

static gboolean
take_control (SioFrameReader *self, SioFrameEvent *event, SioFrameOpcode opcode, GError **error)
{
  if (opcode == SIO_FRAME_CLOSE)
    return take_close (self, event, error);

  event->type = opcode == SIO_FRAME_PING ? SIO_FRAME_EVENT_PING : SIO_FRAME_EVENT_PONG;
  return TRUE;
}

static gboolean
reserve (SioFrameReader *self, SioFrameEvent *event, gsize length, GError **error)
{
  gsize needed = self->length + length;
  guint8 *message;

  if (needed <= self->allocated)
    return TRUE;

  /* The first part is often all; the more follow, the more are to be expected. */
  if (self->allocated > 0)
    needed = MIN (MAX (needed, self->allocated * 2), self->max_payload);
  message = g_try_realloc (self->message, MAX (needed, 1));
  if (message == NULL)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_TRANSPORT,
                           _ ("not enough memory for a message"));
      return fail (self, event, CLOSE_TOO_LARGE);
    }
  self->message = message;
  self->allocated = MAX (needed, 1);
  return TRUE;
}

/* A part of a message, or a message that has not come as a whole. */
static gboolean
begin_frame (SioFrameReader *self, SioFrameEvent *event, const SioFrameHead *head, GError **error)
{
  if (!reserve (self, event, (gsize) head->length, error))
    return FALSE;

  if (head->opcode != SIO_FRAME_CONTINUATION)
    {
      self->opcode = head->opcode;
      self->compressed = head->compressed;
    }
  self->missing = (gsize) head->length;
  self->last = head->final;
  self->state = SIO_FRAME_READER_INSIDE;
  return TRUE;
}

/* Leaves @event as it is if more bytes are needed, or if payload is under way from now on. */
static gboolean
take_frame (SioFrameReader *self, SioFrameEvent *event, GError **error)
{
  SioFrameHead head;
  gsize n_left = self->end - self->at;
  guint n_head;
  gboolean whole;

  if (n_left == 0)
    return TRUE;
  n_head = sio_frame_head_read (&head, self->data + self->at, n_left, error);
  if (n_head == 0)
    return *error == NULL || fail (self, event, CLOSE_PROTOCOL);
  n_left -= n_head;
  whole = head.length <= n_left;

  if (!sio_frame_opcode_is_control (head.opcode))
    {
      if ((head.opcode == SIO_FRAME_CONTINUATION) != (self->opcode != SIO_FRAME_CONTINUATION))
        return fail_protocol (self, event, error, _ ("the server mixed up fragments of messages"));
      if (head.compressed && self->inflater == NULL)
        return fail_protocol (self, event, error, _ ("the server uses a reserved bit of a frame"));
      if (!check_size (self, event, head.length, error))
        return FALSE;
      if (!head.final || head.opcode == SIO_FRAME_CONTINUATION || (!whole && head.length > SMALL))
        {
          self->at += n_head;
          return begin_frame (self, event, &head, error);
        }
    }
  if (!whole)
    return TRUE;

  event->data = (const char *) self->data + self->at + n_head;
  event->length = (gsize) head.length;
  self->at += n_head + event->length;
  if (sio_frame_opcode_is_control (head.opcode))
    return take_control (self, event, head.opcode, error);
  if (head.compressed)
    return take_compressed (self, event, head.opcode, (const guint8 *) event->data, event->length,
                            error);
  return take_whole (self, event, head.opcode, error);
}

/* Moves what came to the message; TRUE if that is the end of its frame. */
static gboolean
fill_message (SioFrameReader *self)
{
  gsize n_bytes = MIN (self->missing, self->end - self->at);

  if (n_bytes > 0)
    {
      memcpy (self->message + self->length, self->data + self->at, n_bytes);
      self->at += n_bytes;
      self->length += n_bytes;
      self->missing -= n_bytes;
    }
  return self->missing == 0;
}

gboolean
sio_frame_reader_take (SioFrameReader *self, SioFrameEvent *event, GError **error)
{
  g_autoptr (GError) own = NULL;

  event->type = SIO_FRAME_EVENT_NONE;
  event->bytes = NULL;
  g_clear_pointer (&self->current, g_bytes_unref);

  while (self->state != SIO_FRAME_READER_OVER)
    {
      if (self->state == SIO_FRAME_READER_INSIDE)
        {
          if (!fill_message (self))
            return TRUE;
          self->state = SIO_FRAME_READER_BETWEEN;
          if (self->last)
            return take_message (self, event, error);
        }
      if (!take_frame (self, event, &own))
        {
          g_propagate_error (error, g_steal_pointer (&own));
          return FALSE;
        }
      if (self->state != SIO_FRAME_READER_INSIDE)
        return TRUE;
    }
  return TRUE;
}
