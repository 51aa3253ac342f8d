/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-fake-network.h"

typedef struct
{
  SioNetwork network;
  SioFakeNetwork *fake;
  GMainContext *context;
  const SioNetworkSink *sink;
  gpointer owner;
  guint question;
  GSource *answer; /* nullable */
} Watch;

static void
drop_answer (Watch *watch)
{
  if (watch->answer != NULL)
    g_source_destroy (watch->answer);
  g_clear_pointer (&watch->answer, g_source_unref);
}

static gboolean
answer (gpointer data)
{
  Watch *watch = data;

  drop_answer (watch);
  watch->sink->answered (watch->owner, watch->question, !watch->fake->no_route);
  return G_SOURCE_REMOVE;
}

static void
watch_ask (SioNetwork *network, guint question)
{
  Watch *watch = (Watch *) network;

  watch->fake->note (watch->fake->note_data, "client network (ask)");
  watch->question = question;
  if (watch->fake->slow)
    return;
  drop_answer (watch);
  watch->answer = g_idle_source_new ();
  g_source_set_callback (watch->answer, answer, watch, NULL);
  g_source_attach (watch->answer, watch->context);
}

static void
watch_free (SioNetwork *network)
{
  Watch *watch = (Watch *) network;

  watch->fake->note (watch->fake->note_data, "client network (leave)");
  watch->fake->watch = NULL;
  drop_answer (watch);
  g_main_context_unref (watch->context);
  g_free (watch);
}

SioNetwork *
sio_fake_network_watch (SioSettings *settings,
                        const SioNetworkSink *sink,
                        gpointer owner,
                        gpointer data)
{
  SioFakeNetwork *self = data;
  Watch *watch = g_new0 (Watch, 1);

  g_assert_null (self->watch);
  watch->network.ask = watch_ask;
  watch->network.free = watch_free;
  watch->fake = self;
  watch->context = g_main_context_ref (settings->context);
  watch->sink = sink;
  watch->owner = owner;
  self->watch = &watch->network;
  self->note (self->note_data, "client network (watch)");
  return self->watch;
}

const char *
sio_fake_network_happen (SioFakeNetwork *self, const char *what)
{
  Watch *watch = (Watch *) self->watch;

  if (g_str_equal (what, "slow"))
    {
      self->slow = TRUE;
      return NULL;
    }
  if (g_str_equal (what, "answer"))
    {
      if (watch == NULL)
        return "nobody has asked";
      answer (watch);
      return NULL;
    }

  if (g_str_equal (what, "lost") || g_str_equal (what, "local"))
    self->lost = TRUE;
  else if (g_str_equal (what, "back"))
    self->lost = FALSE;
  else if (!g_str_equal (what, "changed"))
    return "that does not happen to a network";
  if (!g_str_equal (what, "changed"))
    self->no_route = g_str_equal (what, "lost");
  if (watch != NULL)
    watch->sink->changed (watch->owner, !self->lost);
  return NULL;
}
