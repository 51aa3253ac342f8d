/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play-private.h"

#include "sio-play-text.h"

#include <stdlib.h>
#include <string.h>

/* Turns of the main loop after each step; one that needs more never ends. */
#define QUIET_ROUNDS 4
#define MAX_ROUNDS   10000

void
sio_play_fail (SioPlay *self, const char *format, ...)
{
  va_list args;

  if (self->problem != NULL)
    return;
  va_start (args, format);
  self->problem = g_strdup_vprintf (format, args);
  va_end (args);
}

static void
free_reaction (gpointer data)
{
  SioPlayReaction *reaction = data;

  g_free (reaction->heard);
  g_free (reaction->actions);
  g_free (reaction);
}

static void
react (SioPlay *self, const char *heard)
{
  for (guint i = 0; i < self->reactions->len; i++)
    {
      SioPlayReaction *reaction = g_ptr_array_index (self->reactions, i);
      g_autofree char *actions = NULL;

      if (!g_str_has_prefix (heard, reaction->heard))
        continue;
      actions = g_strdup (reaction->actions);
      if (!reaction->always)
        g_ptr_array_remove_index (self->reactions, i);
      sio_play_act (self, actions);
      return;
    }
}

/* Most plays are about few things, and say so. */
static gboolean
is_wanted (SioPlay *self, const char *line)
{
  static const struct
  {
    const char *beginning;
    SioPlayHear flag;
  } kinds[] = {
    { "heard manager ", SIO_PLAY_HEAR_MANAGER },
    { "heard engine packet", SIO_PLAY_HEAR_PACKETS },
    { "heard engine ", SIO_PLAY_HEAR_ENGINE },
    { "heard notify ", SIO_PLAY_HEAR_NOTIFY },
    { "heard next attempt ", SIO_PLAY_HEAR_SCHEDULE },
  };

  if (g_str_has_prefix (line, "heard event "))
    return (self->hears & SIO_PLAY_HEAR_NO_EVENTS) == 0;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_prefix (line, kinds[i].beginning))
      return (self->hears & kinds[i].flag) != 0;
  return TRUE;
}

/* Which property of several is told of first is no promise of anybody, so those are sorted. */
static void
keep (SioPlay *self, const char *line)
{
  GList *before = NULL;

  if (g_str_has_prefix (line, "heard notify "))
    for (GList *link = self->log.tail; link != NULL; link = link->prev)
      {
        if (!g_str_has_prefix (link->data, "heard notify ") || strcmp (link->data, line) <= 0)
          break;
        before = link;
      }
  g_queue_insert_before (&self->log, before, g_strdup (line));
}

void
sio_play_note (SioPlay *self, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  if (is_wanted (self, line))
    keep (self, line);
  if (!g_str_has_prefix (line, "heard "))
    return;
  if (self->watch != NULL)
    self->watch (self->watch_data, 0, line);
  react (self, line + strlen ("heard "));
}

static void
on_wire (gpointer data, guint transport, const char *line)
{
  SioPlay *self = data;

  if (self->watch != NULL)
    self->watch (self->watch_data, transport, line);
  sio_play_note (self, "%s", line);
}

static void
on_network (gpointer data, const char *line)
{
  sio_play_note (data, "%s", line);
}

void
sio_play_settle (SioPlay *self)
{
  guint quiet = 0;

  for (guint rounds = 0; quiet < QUIET_ROUNDS; rounds++)
    {
      guint n = g_queue_get_length (&self->log);
      gboolean moved = FALSE;

      if (rounds == MAX_ROUNDS)
        {
          sio_play_fail (self, "it never comes to rest");
          return;
        }
      while (g_main_context_iteration (self->context, FALSE))
        {
          moved = TRUE;
          if (rounds++ == MAX_ROUNDS)
            break;
        }
      sio_clock_advance (self->clock, 0);
      quiet = moved || g_queue_get_length (&self->log) != n ? 0 : quiet + 1;
    }
}

static void
do_option (SioPlay *self, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 2);

  if (self->manager != NULL)
    sio_play_fail (self, "options come first");
  else
    sio_play_set_option (self, words[0], words[1] != NULL ? words[1] : "");
}

static void
do_hear (SioPlay *self, const char *text)
{
  static const struct
  {
    const char *name;
    SioPlayHear flag;
  } names[] = {
    { "manager", SIO_PLAY_HEAR_MANAGER },   { "engine", SIO_PLAY_HEAR_ENGINE },
    { "packets", SIO_PLAY_HEAR_PACKETS },   { "outgoing", SIO_PLAY_HEAR_OUTGOING },
    { "notify", SIO_PLAY_HEAR_NOTIFY },     { "nothing", SIO_PLAY_HEAR_NO_EVENTS },
    { "schedule", SIO_PLAY_HEAR_SCHEDULE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i].name, text))
      {
        self->hears |= names[i].flag;
        return;
      }
  sio_play_fail (self, "nobody can hear that");
}

static void
do_random (SioPlay *self, const char *text)
{
  self->random = g_ascii_strtod (text, NULL);
}

static void
add_reaction (SioPlay *self, const char *text, gboolean always)
{
  const char *colon = strstr (text, ": ");
  SioPlayReaction *reaction;

  if (colon == NULL)
    {
      sio_play_fail (self, "a colon is missing");
      return;
    }
  reaction = g_new (SioPlayReaction, 1);
  reaction->heard = g_strndup (text, (gsize) (colon - text));
  reaction->actions = g_strdup (colon + 2);
  reaction->always = always;
  g_ptr_array_add (self->reactions, reaction);
}

static void
do_when (SioPlay *self, const char *text)
{
  add_reaction (self, text, FALSE);
}

static void
do_always (SioPlay *self, const char *text)
{
  add_reaction (self, text, TRUE);
}

static void
do_server (SioPlay *self, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 2);
  const char *what = words[1] != NULL ? words[1] : "";
  const char *problem = "the server does not know that";

  if (g_str_equal (words[0], "poll"))
    problem = sio_fake_wire_poll (self->wire, what);
  else if (g_str_equal (words[0], "ok"))
    problem = sio_fake_wire_post (self->wire, "");
  else if (g_str_equal (words[0], "post"))
    problem = sio_fake_wire_post (self->wire, what);
  else if (g_str_equal (words[0], "ws"))
    problem = sio_fake_wire_ws (self->wire, what);
  if (problem != NULL)
    sio_play_fail (self, "%s", problem);
}

static void
do_network (SioPlay *self, const char *text)
{
  const char *problem = sio_fake_network_happen (&self->network, text);

  if (problem != NULL)
    sio_play_fail (self, "%s", problem);
}

static void
do_sleep (SioPlay *self, const char *text)
{
  sio_clock_sleep (self->clock, g_ascii_strtoll (text, NULL, 10) * 1000);
}

static void
do_wait (SioPlay *self, const char *text)
{
  sio_clock_advance (self->clock, g_ascii_strtoll (text, NULL, 10) * 1000);
}

static gboolean
matches (const char *expected, const char *actual)
{
  const char *ellipsis = "…";
  gsize length = strlen (expected);

  if (g_str_has_suffix (expected, ellipsis))
    return strncmp (expected, actual, length - strlen (ellipsis)) == 0;
  return g_str_equal (expected, actual);
}

static void
expect (SioPlay *self, const char *expected)
{
  g_autofree char *actual = g_queue_pop_head (&self->log);

  if (actual == NULL)
    sio_play_fail (self, "nothing came instead");
  else if (!matches (expected, actual))
    sio_play_fail (self, "this came instead: %s", actual);
}

static void
do_client (SioPlay *self, const char *text)
{
  g_autofree char *expected = g_strconcat ("client ", text, NULL);

  expect (self, expected);
}

static void
do_heard (SioPlay *self, const char *text)
{
  g_autofree char *expected = g_strconcat ("heard ", text, NULL);

  expect (self, expected);
}

static void
do_state (SioPlay *self, const char *text)
{
  g_auto (GStrv) items = g_strsplit (text, ", ", -1);

  for (guint i = 0; items[i] != NULL; i++)
    {
      g_autofree char *actual = sio_play_describe (self, items[i]);

      if (actual != NULL && !g_str_equal (actual, items[i]))
        sio_play_fail (self, "“%s” is “%s”", items[i], actual);
    }
}

static const struct
{
  const char *name;
  void (*run) (SioPlay *self, const char *text);
  gboolean happens; /* everything that came before must have been expected */
} steps[] = {
  { "option", do_option, FALSE }, { "hear", do_hear, FALSE },   { "random", do_random, FALSE },
  { "user", sio_play_act, TRUE }, { "when", do_when, FALSE },   { "always", do_always, FALSE },
  { "server", do_server, TRUE },  { "wait", do_wait, TRUE },    { "client", do_client, FALSE },
  { "heard", do_heard, FALSE },   { "state", do_state, FALSE }, { "network", do_network, TRUE },
  { "sleep", do_sleep, FALSE },
};

static void
run_step (SioPlay *self, const char *line)
{
  const char *rest = line + strcspn (line, " ");
  g_autofree char *name = g_strndup (line, (gsize) (rest - line));
  g_autofree char *text = sio_play_text_new (rest + strspn (rest, " "));

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      if (!g_str_equal (steps[i].name, name))
        continue;
      if (steps[i].happens && !g_queue_is_empty (&self->log))
        {
          sio_play_fail (self, "not expected:");
          return;
        }
      steps[i].run (self, text);
      if (steps[i].happens && self->problem == NULL)
        sio_play_settle (self);
      return;
    }
  sio_play_fail (self, "there is no such step");
}

void
sio_play_init (SioPlay *self, const char *title)
{
  memset (self, 0, sizeof *self);
  self->title = title;
  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->clock = sio_clock_new_manual (1000000);
  self->wire = sio_fake_wire_new (on_wire, self);
  self->network.note = on_network;
  self->network.note_data = self;
  self->url = g_strdup ("http://localhost");
  self->options = sio_options_new ();
  self->limits = (SioLimits) SIO_LIMITS_INIT;
  self->sockets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->reactions = g_ptr_array_new_with_free_func (free_reaction);
  self->questions = g_ptr_array_new_with_free_func ((GDestroyNotify) sio_event_unref);
  self->auth_requests = g_ptr_array_new_with_free_func ((GDestroyNotify) sio_auth_request_unref);
  self->cancellables = g_ptr_array_new_with_free_func (g_object_unref);
  self->listeners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&self->log);
}

void
sio_play_clear (SioPlay *self)
{
  g_ptr_array_set_size (self->reactions, 0);
  sio_play_drop_program (self);
  sio_play_settle (self);
  /* Sessions end in order by themselves, within a time. */
  sio_clock_advance (self->clock, 60 * G_USEC_PER_SEC);
  sio_play_settle (self);
  sio_clock_advance (self->clock, 60 * G_USEC_PER_SEC);
  sio_play_settle (self);

  if (self->n_left > 0)
    g_error ("%s: %u objects live on without an owner", self->title, self->n_left);
  if (sio_fake_wire_count (self->wire) > 0)
    g_error ("%s: a transport outlives its session", self->title);
  if (self->network.watch != NULL)
    g_error ("%s: the network is watched for nobody", self->title);
  sio_fake_wire_free (self->wire);
  g_free (self->url);
  g_queue_clear_full (&self->log, g_free);
  g_ptr_array_unref (self->reactions);
  g_ptr_array_unref (self->questions);
  g_ptr_array_unref (self->auth_requests);
  g_ptr_array_unref (self->cancellables);
  g_hash_table_unref (self->listeners);
  g_hash_table_unref (self->sockets);
  g_object_unref (self->options);
  sio_clock_unref (self->clock);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  g_free (self->problem);
}

static void
report (SioPlay *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "%s\nstep %u: %s\n%s", self->title, self->step, self->line,
                          self->problem);
  for (GList *link = self->log.head; link != NULL; link = link->next)
    g_string_append_printf (text, "\n  %s", (char *) link->data);
  g_test_message ("%s", text->str);
  g_printerr ("%s\n", text->str);
  g_test_fail ();
}

static void
run_play (gconstpointer data)
{
  SioPlayLines lines = data;
  SioPlay self;

  sio_play_init (&self, lines[0]);
  for (self.step = 1; lines[self.step] != NULL && self.problem == NULL; self.step++)
    {
      self.line = lines[self.step];
      run_step (&self, self.line);
      if (self.problem != NULL)
        break;
    }
  if (self.problem == NULL && !g_queue_is_empty (&self.log))
    {
      self.line = "the end";
      sio_play_fail (&self, "not expected:");
    }
  if (self.problem != NULL)
    report (&self);
  sio_play_clear (&self);
}

int
sio_play_main (int argc, char **argv, const char *topic, const SioPlayLines *plays, gsize n_plays)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < n_plays; i++)
    {
      g_autofree char *title = g_strdelimit (g_strdup (plays[i][0]), "/", '|');
      g_autofree char *path = g_strdup_printf ("/plays/%s/%s", topic, title);

      g_test_add_data_func (path, plays[i], run_play);
    }
  return g_test_run ();
}
