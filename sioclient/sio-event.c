/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-event-private.h"

#include "base/sio-log-private.h"

#include <string.h>

/**
 * SioEvent: (ref-func sio_event_ref) (unref-func sio_event_unref)
 *
 * An event on its way in or out, with its arguments.
 *
 * It may be kept after the handler has returned, and it may be answered later. The arguments were
 * checked when they came in, but are only taken apart when somebody looks at them.
 *
 * ```c
 * static void
 * on_chat (SioSocket *socket, SioEvent *event, gpointer user_data)
 * {
 *   const char *user, *text;
 *
 *   if (!sio_event_unpack (event, "&s&s", &user, &text))
 *     return;
 *   g_print ("%s: %s\n", user, text);
 *   if (sio_event_needs_ack (event))
 *     sio_event_ack (event, "(s)", "got it");
 * }
 * ```
 */

struct _SioEvent
{
  gatomicrefcount ref_count;
  const char *name;   /* may be inside args */
  char *owned_name;   /* else it is this */
  GBytes *whole_name; /* NULL unless the name has a NUL in it */
  SioValue *args;
  char *json; /* made on request, if the arguments have no text of their own that ends with a NUL */
  SioAnswerer *answerer; /* NULL if no answer is wanted */
  guint64 session;
  guint64 id;
  gint answered; /* atomic */
};

G_DEFINE_BOXED_TYPE (SioEvent, sio_event, sio_event_ref, sio_event_unref)

SioAnswerer *
sio_answerer_ref (SioAnswerer *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
sio_answerer_unref (SioAnswerer *self)
{
  if (g_atomic_ref_count_dec (&self->ref_count))
    g_free (self);
}

static SioEvent *
sio_event_new (const char *name, char *owned, SioValue *args)
{
  SioEvent *self = g_new (SioEvent, 1);

  *self = (SioEvent){
    .name = name,
    .owned_name = owned,
    .args = args,
    .id = SIO_PACKET_NO_ID,
  };
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

SioEvent *
sio_event_new_outgoing (char *name, SioValue *args)
{
  return sio_event_new (name, name, args);
}

SioEvent *
sio_event_new_incoming (const char *name,
                        char *owned,
                        GBytes *whole,
                        SioValue *args,
                        SioAnswerer *answerer,
                        guint64 session,
                        guint64 id)
{
  SioEvent *self = sio_event_new (name, owned, args);

  self->whole_name = whole;
  if (id != SIO_PACKET_NO_ID)
    {
      self->answerer = sio_answerer_ref (answerer);
      self->session = session;
      self->id = id;
    }
  return self;
}

/**
 * sio_event_ref:
 * @event: an event
 *
 * Adds a reference.
 *
 * Returns: (transfer full): @event
 */
SioEvent *
sio_event_ref (SioEvent *event)
{
  g_return_val_if_fail (event != NULL, NULL);

  g_atomic_ref_count_inc (&event->ref_count);
  return event;
}

/**
 * sio_event_unref:
 * @event: (transfer full): an event
 *
 * Drops a reference. Dropping the last one without having answered sends nothing.
 */
void
sio_event_unref (SioEvent *event)
{
  g_return_if_fail (event != NULL);

  if (!g_atomic_ref_count_dec (&event->ref_count))
    return;

  g_clear_pointer (&event->answerer, sio_answerer_unref);
  sio_value_unref (event->args);
  g_free (event->json);
  g_free (event->owned_name);
  g_clear_pointer (&event->whole_name, g_bytes_unref);
  g_free (event);
}

/**
 * sio_event_get_name:
 * @event: an event
 *
 * Gets the name. A name that the server sent as a number is its decimal text.
 *
 * A NUL in it reads as U+FFFD; see [method@Event.get_name_bytes]. Such an event is heard by those
 * who listen to all events only, as no name in C is equal to its own.
 *
 * Returns: (transfer none): its name
 */
const char *
sio_event_get_name (SioEvent *event)
{
  g_return_val_if_fail (event != NULL, NULL);

  return event->name;
}

/**
 * sio_event_get_name_bytes:
 * @event: an event
 *
 * Gets the whole of the name, as UTF-8.
 *
 * Returns: (transfer full): the whole name, which can have NULs in it
 */
GBytes *
sio_event_get_name_bytes (SioEvent *event)
{
  g_return_val_if_fail (event != NULL, NULL);

  if (event->whole_name != NULL)
    return g_bytes_ref (event->whole_name);
  return g_bytes_new (event->name, strlen (event->name));
}

gboolean
sio_event_has_nul (SioEvent *event)
{
  return event->whole_name != NULL;
}

/**
 * sio_event_get_args:
 * @event: an event
 *
 * Gets all arguments.
 *
 * Returns: (transfer none): its arguments, an array
 */
SioValue *
sio_event_get_args (SioEvent *event)
{
  g_return_val_if_fail (event != NULL, NULL);

  return event->args;
}

/**
 * sio_event_get_n_args:
 * @event: an event
 *
 * Gets how many arguments it has.
 *
 * Returns: the number of arguments
 */
guint
sio_event_get_n_args (SioEvent *event)
{
  g_return_val_if_fail (event != NULL, 0);

  return sio_value_get_length (event->args);
}

/**
 * sio_event_get_arg:
 * @event: an event
 * @index_: which argument, from 0
 *
 * Gets one argument.
 *
 * Returns: (transfer none) (nullable): the argument, or %NULL if there are fewer
 */
SioValue *
sio_event_get_arg (SioEvent *event, guint index_)
{
  g_return_val_if_fail (event != NULL, NULL);

  return sio_value_get_element (event->args, index_);
}

/**
 * sio_event_get_string:
 * @event: an event
 * @index_: which argument, from 0
 *
 * Gets the text of one argument.
 *
 * A NUL in it reads as U+FFFD.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL if that argument is not text
 */
const char *
sio_event_get_string (SioEvent *event, guint index_)
{
  g_return_val_if_fail (event != NULL, NULL);

  return sio_value_get_string (sio_value_get_element (event->args, index_));
}

static const char *
dup_json_once (SioEvent *event, const char *text, gsize length)
{
  char *json = g_strndup (text, length);

  if (g_atomic_pointer_compare_and_exchange (&event->json, NULL, json))
    return json;

  g_free (json);
  return g_atomic_pointer_get (&event->json);
}

/**
 * sio_event_get_json:
 * @event: an event
 * @attachments: (out) (optional) (nullable) (transfer none) (element-type GBytes): the binary parts
 *
 * Gets the arguments as the text of a JSON array.
 *
 * For an event from the server that text is there already: nothing is parsed or written. This is
 * the fastest way into a language that has a JSON parser of its own. Where binary data stood, there
 * is `{"_placeholder":true,"num":n}`, n being the index in @attachments.
 *
 * Returns: (transfer none): JSON text
 */
const char *
sio_event_get_json (SioEvent *event, GPtrArray **attachments)
{
  const char *text;
  gsize length;

  g_return_val_if_fail (event != NULL, NULL);

  if (attachments != NULL)
    *attachments = sio_value_peek_attachments (event->args);

  text = g_atomic_pointer_get (&event->json);
  if (text != NULL)
    return text;

  /* What stands after it is still inside the document, which ends with a NUL. */
  text = sio_value_peek_json (event->args, &length);
  return text[length] == '\0' ? text : dup_json_once (event, text, length);
}

char *
sio_event_dup_plain (SioEvent *event)
{
  const char *json;
  gsize length, n_name;
  char *text, *args;

  if (event->owned_name != NULL || event->answerer != NULL ||
      sio_value_peek_attachments (event->args) != NULL)
    return NULL;

  json = sio_value_peek_json (event->args, &length);
  n_name = strlen (event->name);
  text = g_malloc (n_name + length + 4);
  text[0] = '[';
  text[1] = '"';
  memcpy (text + 2, event->name, n_name);
  args = text + n_name + 3;
  args[-1] = '"';
  memcpy (args, json, length);
  args[length] = '\0';
  args[0] = ',';
  return text;
}

/**
 * sio_event_unpack: (skip)
 * @event: an event
 * @format: as for [method@Value.unpack]
 * @...: where to put the arguments
 *
 * Takes the arguments apart if all that is asked for is there and fits.
 *
 * Returns: %TRUE if all fitted; else nothing was written
 */
gboolean
sio_event_unpack (SioEvent *event, const char *format, ...)
{
  va_list args;
  gboolean fitted;

  g_return_val_if_fail (event != NULL, FALSE);
  g_return_val_if_fail (format != NULL, FALSE);

  va_start (args, format);
  fitted = sio_value_unpack_va (event->args, format, &args);
  va_end (args);
  return fitted;
}

/**
 * sio_event_needs_ack:
 * @event: an event
 *
 * Tells whether the server waits for an answer to this event.
 *
 * Returns: whether the server waits for an acknowledgement that was not yet given
 */
gboolean
sio_event_needs_ack (SioEvent *event)
{
  g_return_val_if_fail (event != NULL, FALSE);

  return event->answerer != NULL && g_atomic_int_get (&event->answered) == 0;
}

/**
 * sio_event_ack: (skip)
 * @event: an event
 * @format: (nullable): as for [func@args]
 * @...: the answer
 *
 * Acknowledges the event: `sio_event_ack (event, "(s)", "got it")`.
 *
 * The first time counts; what comes later, or after the socket was disconnected, is ignored.
 */
void
sio_event_ack (SioEvent *event, const char *format, ...)
{
  va_list args;
  SioValue *answer;

  g_return_if_fail (event != NULL);

  va_start (args, format);
  answer = sio_value_new_args_va (format, &args);
  va_end (args);
  if (answer != NULL)
    sio_event_ack_args (event, answer);
}

/**
 * sio_event_ack_args:
 * @event: an event
 * @args: (transfer full) (nullable): the answer, an array or the only argument
 *
 * Acknowledges the event.
 *
 * The first time counts; what comes later, or after the socket was disconnected, is ignored.
 */
void
sio_event_ack_args (SioEvent *event, SioValue *args)
{
  g_autoptr (SioValue) answer = sio_value_take_args (args);

  g_return_if_fail (event != NULL);

  if (event->answerer == NULL || !g_atomic_int_compare_and_exchange (&event->answered, 0, 1) ||
      event->answerer->owner == NULL)
    {
      sio_debug ("An acknowledgement that nobody waits for was ignored");
      return;
    }
  event->answerer->answer (event->answerer->owner, event->session, event->id,
                           sio_event_get_name (event), answer);
}
