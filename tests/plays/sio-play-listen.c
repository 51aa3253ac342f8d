/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play-private.h"

#include "sio-play-text.h"

/* Listeners that the program adds and takes away, each with a label. */

typedef struct
{
  SioPlay *play;
  char *label;
} Label;

static void
label_free (gpointer data)
{
  Label *label = data;

  g_free (label->label);
  g_free (label);
}

static void
on_labelled (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  Label *label = user_data;
  g_autofree char *args = sio_play_value_to_text (sio_event_get_args (event));

  sio_play_note (label->play, "heard %s %s %s", label->label, sio_event_get_name (event), args);
}

static Label *
label_new (SioPlay *self, const char *name)
{
  Label *label = g_new (Label, 1);

  label->play = self;
  label->label = g_strdup (name);
  return label;
}

static void
remember (SioPlay *self, const char *label, gulong id)
{
  g_hash_table_replace (self->listeners, g_strdup (label), GSIZE_TO_POINTER (id));
}

/* 0, which stands for all, for “*”. */
static gulong
look_up (SioPlay *self, const char *label)
{
  return GPOINTER_TO_SIZE (g_hash_table_lookup (self->listeners, label));
}

static void
act_on (SioPlay *self, SioSocket *socket, const char *text)
{
  g_autofree char *event = sio_play_take_word (&text);

  remember (self, text,
            sio_socket_on (socket, event, on_labelled, label_new (self, text), label_free));
}

static void
act_once (SioPlay *self, SioSocket *socket, const char *text)
{
  g_autofree char *event = sio_play_take_word (&text);

  remember (self, text,
            sio_socket_once (socket, event, on_labelled, label_new (self, text), label_free));
}

static void
act_off (SioPlay *self, SioSocket *socket, const char *text)
{
  g_autofree char *event = sio_play_take_word (&text);

  sio_socket_off (socket, g_str_equal (event, "*") ? NULL : event, look_up (self, text));
}

typedef gulong (*AddAnyFunc) (SioSocket *socket,
                              SioEventFunc callback,
                              gpointer user_data,
                              GDestroyNotify destroy);

static void
add_any (SioPlay *self, SioSocket *socket, const char *label, AddAnyFunc add)
{
  remember (self, label, add (socket, on_labelled, label_new (self, label), label_free));
}

static void
act_any (SioPlay *self, SioSocket *socket, const char *text)
{
  add_any (self, socket, text, sio_socket_on_any);
}

static void
act_prepend (SioPlay *self, SioSocket *socket, const char *text)
{
  add_any (self, socket, text, sio_socket_prepend_any);
}

static void
act_off_any (SioPlay *self, SioSocket *socket, const char *text)
{
  sio_socket_off_any (socket, look_up (self, text));
}

static void
act_any_outgoing (SioPlay *self, SioSocket *socket, const char *text)
{
  add_any (self, socket, text, sio_socket_on_any_outgoing);
}

static void
act_prepend_outgoing (SioPlay *self, SioSocket *socket, const char *text)
{
  add_any (self, socket, text, sio_socket_prepend_any_outgoing);
}

static void
act_off_any_outgoing (SioPlay *self, SioSocket *socket, const char *text)
{
  sio_socket_off_any_outgoing (socket, look_up (self, text));
}

const SioPlayVerb sio_play_listen_verbs[] = {
  { "on", act_on },
  { "once", act_once },
  { "off", act_off },
  { "any", act_any },
  { "prepend", act_prepend },
  { "off-any", act_off_any },
  { "any-outgoing", act_any_outgoing },
  { "prepend-outgoing", act_prepend_outgoing },
  { "off-any-outgoing", act_off_any_outgoing },
  { NULL, NULL },
};
