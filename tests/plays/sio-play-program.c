/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play-private.h"

#include "sio-play-text.h"
#include "sio-socket-private.h"

#include <stdlib.h>
#include <string.h>

/* What the program does. An action is a verb and what belongs to it; before it may stand the name
 * of a namespace, else it is done to the socket of the main one:
 *
 *   open  close  get  drop       drop gives up the last reference
 *   emit EVENT ARG, ARG          also: send ARGS; ask EVENT ARGS, which notes “answer N …”;
 *                                await EVENT ARGS, the same as an async operation
 *   ask-deaf EVENT ARGS          the same as ask, but errors are not noted
 *   cancel N                     stops waiting for answer N
 *   timeout MS  volatile         for the emission after it
 *   reply ARGS                   to the last event that wants an answer; reply-to N ARGS to the nth
 *   auth JSON                    what is presented from now on
 *   accept JSON  fail WORDS      answers the last auth request, as reject WORDS does; accept-nth N
 *                                JSON another one
 *   look                         notes how the socket stands
 *   iterate                      runs the main loop until nothing is pending
 *   on EVENT LABEL               also: once, off; any, prepend, off-any and the same with
 * -outgoing. Listeners note “LABEL EVENT ARGS”; * stands for all labels or events manager VERB
 * open, connect (with a callback), set PROPERTY VALUE, option NAME VALUE
 */

#define MAX_NESTED 100

static void
set_property (SioPlay *self, GObject *object, const char *name, const char *text)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), name);
  g_auto (GValue) value = G_VALUE_INIT;

  if (pspec == NULL)
    {
      sio_play_fail (self, "no property is called %s", name);
      return;
    }

  g_value_init (&value, pspec->value_type);
  if (pspec->value_type == G_TYPE_BOOLEAN)
    g_value_set_boolean (&value, g_str_equal (text, "yes"));
  else if (pspec->value_type == G_TYPE_UINT)
    g_value_set_uint (&value, (guint) g_ascii_strtoull (text, NULL, 10));
  else if (pspec->value_type == G_TYPE_INT)
    g_value_set_int (&value, (int) g_ascii_strtoll (text, NULL, 10));
  else if (pspec->value_type == G_TYPE_DOUBLE)
    g_value_set_double (&value, g_ascii_strtod (text, NULL));
  else if (pspec->value_type == SIO_TYPE_VALUE)
    g_value_take_boxed (&value, sio_play_value_from_text (text));
  else if (pspec->value_type == G_TYPE_STRV)
    g_value_take_boxed (&value, g_strsplit (text, " ", -1));
  else
    sio_play_fail (self, "%s can't be set", name);
  g_object_set_property (object, name, &value);
}

static void
on_auth_cancelled (GCancellable *cancellable, gpointer user_data)
{
  sio_play_note (user_data, "heard cancelled");
}

static void
on_auth (SioSocket *socket, SioAuthRequest *request, gpointer user_data)
{
  SioPlay *self = user_data;
  g_autofree char *prefix = sio_play_hear_prefix (socket);

  g_ptr_array_add (self->auth_requests, sio_auth_request_ref (request));
  if (self->watch_auth)
    g_signal_connect (sio_auth_request_get_cancellable (request), "cancelled",
                      G_CALLBACK (on_auth_cancelled), self);
  sio_play_note (self, "heard %sauth", prefix);
}

static void
set_limit (SioPlay *self, const char *name, guint value)
{
  if (g_str_equal (name, "attachments"))
    self->limits.attachments = value;
  else if (g_str_equal (name, "outbound-bytes"))
    self->limits.outbound_bytes = value;
  else if (g_str_equal (name, "outbound-packets"))
    self->limits.outbound_packets = value;
  else if (g_str_equal (name, "pending-acks"))
    self->limits.pending_acks = value;
  else
    sio_play_fail (self, "no limit is called %s", name);
}

void
sio_play_set_option (SioPlay *self, const char *name, const char *value)
{
  if (g_str_equal (name, "auth-func"))
    {
      self->watch_auth = g_str_equal (value, "watched");
      sio_options_set_auth_func (self->options, on_auth, self, NULL);
    }
  else if (g_str_has_prefix (name, "limit-"))
    set_limit (self, name + strlen ("limit-"), (guint) g_ascii_strtoull (value, NULL, 10));
  else if (g_str_equal (name, "auto-connect"))
    self->auto_connect = g_str_equal (value, "yes");
  else if (g_str_equal (name, "url"))
    {
      g_free (self->url);
      self->url = g_strdup (value);
    }
  else
    set_property (self, G_OBJECT (self->options), name, value);
}

static double
get_random (gpointer data)
{
  return ((SioPlay *) data)->random;
}

/* It is made without connecting, as it would connect to the real world. */
static SioManager *
ensure_manager (SioPlay *self)
{
  if (self->manager != NULL)
    return self->manager;

  g_object_set (self->options, "auto-connect", FALSE, NULL);
  self->manager = sio_manager_new (self->url, self->options);
  sio_manager_set_world (self->manager, self->clock, sio_fake_wire_get_factory (self->wire),
                         get_random, self);
  sio_manager_set_limits (self->manager, &self->limits);
  sio_manager_set_network (self->manager, sio_fake_network_watch, &self->network);
  sio_play_hear_manager (self, self->manager);
  if (self->auto_connect)
    {
      g_object_set (sio_manager_get_options (self->manager), "auto-connect", TRUE, NULL);
      sio_manager_open (self->manager);
    }
  return self->manager;
}

static SioSocket *
ensure_socket (SioPlay *self, const char *nsp)
{
  SioManager *manager = ensure_manager (self);
  SioSocket *socket = g_hash_table_lookup (self->sockets, nsp);

  if (socket != NULL)
    return socket;

  socket = sio_manager_get_socket (manager, nsp, self->options);
  g_hash_table_replace (self->sockets, g_strdup (nsp), socket);
  /* One that was dropped lives on while an operation holds it. */
  if (g_object_get_data (G_OBJECT (socket), "heard") == NULL)
    sio_play_hear_socket (self, socket);
  g_object_set_data (G_OBJECT (socket), "heard", self);
  return socket;
}

static SioValue *
read_args (const char *text)
{
  g_autofree char *json = g_strdup_printf ("[%s]", text);

  return sio_play_value_from_text (json);
}

char *
sio_play_take_word (const char **text)
{
  gsize length = strcspn (*text, " ");
  char *word = g_strndup (*text, length);

  *text += length;
  *text += strspn (*text, " ");
  return word;
}

typedef struct
{
  SioPlay *play;
  guint number;
  char *prefix;
} Answer;

static Answer *
answer_new (SioPlay *self, SioSocket *socket)
{
  Answer *answer = g_new (Answer, 1);

  g_ptr_array_add (self->cancellables, g_cancellable_new ());
  answer->play = self;
  answer->number = self->cancellables->len;
  answer->prefix = sio_play_hear_prefix (socket);
  return answer;
}

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_free (answer->prefix);
  g_free (answer);
}

static void
note_answer (Answer *answer, SioValue *args, const GError *error)
{
  g_autofree char *text =
      error != NULL ? sio_play_error_to_text (error) : sio_play_value_to_text (args);

  sio_play_note (answer->play, "heard %sanswer %u %s", answer->prefix, answer->number, text);
}

static void
on_answer (SioSocket *socket, SioValue *args, const GError *error, gpointer user_data)
{
  note_answer (user_data, args, error);
}

static void
on_awaited (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SioValue) args = sio_socket_emit_with_ack_finish (SIO_SOCKET (object), result, &error);

  note_answer (user_data, args, error);
  answer_free (user_data);
}

static void
act_open (SioPlay *self, SioSocket *socket, const char *text)
{
  sio_socket_open (socket);
}

static void
act_close (SioPlay *self, SioSocket *socket, const char *text)
{
  sio_socket_close (socket);
}

static void
act_get (SioPlay *self, SioSocket *socket, const char *text)
{
  g_autoptr (SioSocket) again =
      sio_manager_get_socket (self->manager, sio_socket_get_nsp (socket), NULL);

  g_assert_true (again == socket);
}

static void
act_drop (SioPlay *self, SioSocket *socket, const char *text)
{
  const char *nsp = sio_socket_get_nsp (socket);
  gpointer key;

  /* What it hears on its way out may look at the table. */
  if (g_hash_table_steal_extended (self->sockets, nsp, &key, NULL))
    {
      g_free (key);
      g_object_unref (socket);
    }
}

static void
act_emit (SioPlay *self, SioSocket *socket, const char *text)
{
  g_autofree char *name = sio_play_take_word (&text);

  sio_socket_emit_args (socket, name, read_args (text));
}

static void
act_send (SioPlay *self, SioSocket *socket, const char *text)
{
  sio_socket_send_args (socket, read_args (text));
}

static void
act_ask (SioPlay *self, SioSocket *socket, const char *text)
{
  g_autofree char *name = sio_play_take_word (&text);

  sio_socket_emit_with_callback (socket, name, read_args (text), on_answer,
                                 answer_new (self, socket), answer_free);
}

/* As a language does whose callbacks have no parameter for an error. */
static void
on_answer_only (SioSocket *socket, SioValue *args, const GError *error, gpointer user_data)
{
  if (error == NULL)
    note_answer (user_data, args, NULL);
}

static void
act_ask_deaf (SioPlay *self, SioSocket *socket, const char *text)
{
  g_autofree char *name = sio_play_take_word (&text);
  SioAck *ack = sio_ack_new (on_answer_only, answer_new (self, socket), answer_free);

  ack->reported = TRUE;
  sio_socket_emit_with (socket, name, read_args (text), ack);
}

static void
act_await (SioPlay *self, SioSocket *socket, const char *text)
{
  g_autofree char *name = sio_play_take_word (&text);
  Answer *answer = answer_new (self, socket);

  sio_socket_emit_with_ack_async (socket, name, read_args (text),
                                  g_ptr_array_index (self->cancellables, answer->number - 1),
                                  on_awaited, answer);
}

static void
act_cancel (SioPlay *self, SioSocket *socket, const char *text)
{
  guint number = (guint) g_ascii_strtoull (text, NULL, 10);

  g_cancellable_cancel (g_ptr_array_index (self->cancellables, number - 1));
}

static void
act_timeout (SioPlay *self, SioSocket *socket, const char *text)
{
  sio_socket_timeout (socket, (guint) g_ascii_strtoull (text, NULL, 10));
}

static void
act_volatile (SioPlay *self, SioSocket *socket, const char *text)
{
  sio_socket_make_volatile (socket);
}

static void
act_plain (SioPlay *self, SioSocket *socket, const char *text)
{
  sio_socket_compress (socket, FALSE);
}

static void
reply (SioPlay *self, guint number, const char *text)
{
  if (number == 0 || number > self->questions->len)
    sio_play_fail (self, "no event wants an answer");
  else
    sio_event_ack_args (g_ptr_array_index (self->questions, number - 1), read_args (text));
}

static void
act_reply (SioPlay *self, SioSocket *socket, const char *text)
{
  reply (self, self->questions->len, text);
}

static void
act_reply_to (SioPlay *self, SioSocket *socket, const char *text)
{
  g_autofree char *number = sio_play_take_word (&text);

  reply (self, (guint) g_ascii_strtoull (number, NULL, 10), text);
}

static void
act_auth (SioPlay *self, SioSocket *socket, const char *text)
{
  g_autoptr (SioValue) auth = sio_play_value_from_text (text);

  sio_socket_set_auth (socket, auth);
}

static SioAuthRequest *
get_auth_request (SioPlay *self, guint number)
{
  if (number > 0 && number <= self->auth_requests->len)
    return g_ptr_array_index (self->auth_requests, number - 1);
  sio_play_fail (self, "no socket waits for that");
  return NULL;
}

static void
accept_auth (SioAuthRequest *request, const char *text)
{
  if (request != NULL)
    sio_auth_request_accept (request, *text != '\0' ? sio_play_value_from_text (text) : NULL);
}

static void
act_accept (SioPlay *self, SioSocket *socket, const char *text)
{
  accept_auth (get_auth_request (self, self->auth_requests->len), text);
}

static void
act_accept_nth (SioPlay *self, SioSocket *socket, const char *text)
{
  g_autofree char *number = sio_play_take_word (&text);

  accept_auth (get_auth_request (self, (guint) g_ascii_strtoull (number, NULL, 10)), text);
}

static void
turn_down (SioPlay *self,
           const char *words,
           void (*func) (SioAuthRequest *request, const GError *error))
{
  SioAuthRequest *request = get_auth_request (self, self->auth_requests->len);
  g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_FAILED, words);

  if (request != NULL)
    func (request, error);
}

static void
act_fail (SioPlay *self, SioSocket *socket, const char *text)
{
  turn_down (self, text, sio_auth_request_fail);
}

static void
act_reject (SioPlay *self, SioSocket *socket, const char *text)
{
  turn_down (self, text, sio_auth_request_reject);
}

static void
act_iterate (SioPlay *self, SioSocket *socket, const char *text)
{
  for (guint i = 0; i < MAX_NESTED && g_main_context_iteration (self->context, FALSE); i++)
    ;
}

static void
act_look (SioPlay *self, SioSocket *socket, const char *text)
{
  g_autofree char *prefix = sio_play_hear_prefix (socket);

  sio_play_note (self, "heard %sstate %s, %s, id %s%s", prefix,
                 sio_socket_get_connected (socket) ? "connected" : "disconnected",
                 sio_socket_get_active (socket) ? "active" : "inactive",
                 sio_socket_get_id (socket) != NULL ? sio_socket_get_id (socket) : "none",
                 sio_socket_get_recovered (socket) ? ", recovered" : "");
}

static const SioPlayVerb verbs[] = {
  { "open", act_open },
  { "close", act_close },
  { "get", act_get },
  { "drop", act_drop },
  { "emit", act_emit },
  { "send", act_send },
  { "ask", act_ask },
  { "ask-deaf", act_ask_deaf },
  { "await", act_await },
  { "cancel", act_cancel },
  { "timeout", act_timeout },
  { "volatile", act_volatile },
  { "reply", act_reply },
  { "reply-to", act_reply_to },
  { "auth", act_auth },
  { "accept", act_accept },
  { "accept-nth", act_accept_nth },
  { "fail", act_fail },
  { "reject", act_reject },
  { "look", act_look },
  { "iterate", act_iterate },
  { "plain", act_plain },
  { NULL, NULL },
};

static void
on_opened (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (sio_manager_open_finish (SIO_MANAGER (object), result, &error))
    sio_play_note (user_data, "heard opened");
  else
    {
      g_autofree char *text = sio_play_error_to_text (error);

      sio_play_note (user_data, "heard not opened %s", text);
    }
}

static void
act_on_manager (SioPlay *self, const char *text)
{
  SioManager *manager = ensure_manager (self);
  g_autofree char *verb = sio_play_take_word (&text);

  if (g_str_equal (verb, "open"))
    sio_manager_open (manager);
  else if (g_str_equal (verb, "reconnect"))
    sio_play_note (self, "heard %s", sio_manager_reconnect_now (manager) ? "hurry" : "no hurry");
  else if (g_str_equal (verb, "connect"))
    sio_manager_open_async (manager, NULL, on_opened, self);
  else if (g_str_equal (verb, "set") || g_str_equal (verb, "option"))
    {
      g_autofree char *name = sio_play_take_word (&text);

      set_property (
          self, *verb == 's' ? G_OBJECT (manager) : G_OBJECT (sio_manager_get_options (manager)),
          name, text);
    }
  else
    sio_play_fail (self, "a manager can't %s", verb);
}

static const SioPlayVerb *
find_verb (const SioPlayVerb *verb, const char *name)
{
  for (; verb->name != NULL; verb++)
    if (g_str_equal (verb->name, name))
      return verb;
  return NULL;
}

static void
act (SioPlay *self, const char *text)
{
  g_autofree char *nsp = *text == '/' ? sio_play_take_word (&text) : g_strdup ("/");
  g_autofree char *verb = sio_play_take_word (&text);
  const SioPlayVerb *known;

  if (g_str_equal (verb, "manager"))
    {
      act_on_manager (self, text);
      return;
    }

  known = find_verb (verbs, verb);
  if (known == NULL)
    known = find_verb (sio_play_listen_verbs, verb);
  if (known != NULL)
    known->act (self, ensure_socket (self, nsp), text);
  else
    sio_play_fail (self, "the program can't %s", verb);
}

void
sio_play_act (SioPlay *self, const char *actions)
{
  g_auto (GStrv) parts = g_strsplit (actions, "; ", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    act (self, parts[i]);
}

static char *
describe_engine (SioPlay *self, const char *item)
{
  SioEngine *engine = sio_manager_get_engine (ensure_manager (self));

  if (engine == NULL)
    return g_strdup ("no engine");
  if (g_str_has_prefix (item, "engine id"))
    return g_strdup_printf ("engine id %s", sio_engine_get_id (engine));
  return g_strdup (sio_engine_get_transport_name (engine));
}

char *
sio_play_describe (SioPlay *self, const char *item)
{
  const char *text = item;
  g_autofree char *nsp = *item == '/' ? sio_play_take_word (&text) : g_strdup ("/");
  g_autofree char *prefix = *item == '/' ? g_strconcat (nsp, " ", NULL) : g_strdup ("");
  SioSocket *socket;

  if (g_str_equal (text, "polling") || g_str_equal (text, "websocket") ||
      g_str_equal (text, "no engine") || g_str_has_prefix (text, "engine id"))
    return describe_engine (self, text);
  if (g_str_has_prefix (text, "next attempt "))
    return sio_play_hear_schedule (self, ensure_manager (self));

  socket = ensure_socket (self, nsp);
  if (g_str_has_suffix (text, "connected"))
    {
      g_assert_cmpint (sio_socket_get_connected (socket), !=, sio_socket_get_disconnected (socket));
      return g_strconcat (prefix, sio_socket_get_connected (socket) ? "connected" : "disconnected",
                          NULL);
    }
  if (g_str_has_suffix (text, "active"))
    return g_strconcat (prefix, sio_socket_get_active (socket) ? "active" : "inactive", NULL);
  if (g_str_has_prefix (text, "id "))
    return g_strdup_printf ("%sid %s", prefix,
                            sio_socket_get_id (socket) != NULL ? sio_socket_get_id (socket)
                                                               : "none");
  if (g_str_has_suffix (text, "recovered"))
    return g_strconcat (prefix, sio_socket_get_recovered (socket) ? "recovered" : "not recovered",
                        NULL);
  if (g_str_has_prefix (text, "listeners "))
    {
      g_auto (GStrv) words = g_strsplit (text, " ", -1);
      g_autofree gulong *ids = NULL;
      guint n;

      ids = sio_socket_listeners (socket, words[1], &n);
      return g_strdup_printf ("%slisteners %s %u", prefix, words[1], n);
    }
  sio_play_fail (self, "what is “%s”?", item);
  return NULL;
}

static void
on_gone (gpointer data, GObject *where_it_was)
{
  guint *n_left = data;

  (*n_left)--;
}

void
sio_play_drop_program (SioPlay *self)
{
  g_autoptr (SioManager) manager = g_steal_pointer (&self->manager);
  g_autoptr (GHashTable) sockets = g_steal_pointer (&self->sockets);
  GHashTableIter iter;
  SioSocket *socket;

  self->sockets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_ptr_array_set_size (self->questions, 0);
  g_hash_table_iter_init (&iter, sockets);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &socket))
    {
      self->n_left++;
      g_object_weak_ref (G_OBJECT (socket), on_gone, &self->n_left);
    }
  if (manager != NULL)
    {
      self->n_left++;
      g_object_weak_ref (G_OBJECT (manager), on_gone, &self->n_left);
    }
}
