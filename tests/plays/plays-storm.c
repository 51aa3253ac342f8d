/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-manager-sockets-private.h"
#include "sio-storm-server.h"

#include <stdlib.h>
#include <string.h>

/* Everything at random: what the server does, what the program does, and what it does inside the
 * handlers of what it hears. Whatever comes of it, these hold:
 *
 * - the client keeps to what a server takes from it (P51);
 * - connect and disconnect of a socket alternate;
 * - each answer that was asked for comes once;
 * - when the server behaves again, every active socket gets connected;
 * - nothing is left when the program drops all. */

#define N_STEPS   80
#define N_STORMS  400
#define N_ANSWERS 4096

typedef struct
{
  SioPlay play;
  SioStormServer *server;
  GRand *rand;
  guint8 answers[N_ANSWERS];
  guint n_events;
  gboolean calm;
  GString *transcript;
} Storm;

static const char *const namespaces[] = { "", "/a ", "/b " };

static guint
pick (Storm *self, guint n)
{
  return (guint) g_rand_int_range (self->rand, 0, (gint32) n);
}

static char *
make_action (Storm *self)
{
  static const char *const actions[] = {
    "open",
    "open",
    "open",
    "close",
    "close; NSPopen",
    "open; NSPclose",
    "emit e N",
    "emit e N,<0102>",
    "emit e N; NSPemit e N,<01>,<02>; NSPemit e N",
    "volatile; NSPemit e N",
    "ask e N",
    "timeout 700; NSPask e N",
    "timeout 0; NSPask e N",
    "await e N",
    "volatile; NSPask e N",
    "cancel 1",
    "drop",
    "look",
    "on e A",
    "once e B",
    "off *",
    "any C",
    "off-any",
    "any-outgoing D",
    "off-any-outgoing",
    "iterate",
    "iterate",
  };
  const char *nsp = namespaces[pick (self, G_N_ELEMENTS (namespaces))];
  g_autoptr (GString) action = g_string_new (nsp);
  g_autofree char *number = g_strdup_printf ("%u", ++self->n_events);

  if (pick (self, 20) == 0)
    return g_strdup (pick (self, 2) == 0 ? "manager open" : "manager connect");
  if (self->play.questions->len > 0 && pick (self, 10) == 0)
    return g_strdup ("reply 1");
  if (self->play.auth_requests->len > 0 && pick (self, 4) == 0)
    {
      static const char *const answers[] = { "accept {}", "accept {}", "fail away",
                                             "reject no token" };

      return g_strdup (answers[pick (self, G_N_ELEMENTS (answers))]);
    }
  g_string_append (action, actions[pick (self, G_N_ELEMENTS (actions))]);
  g_string_replace (action, "NSP", nsp, 0);
  g_string_replace (action, "N", number, 0);
  /* Only what was asked for can be cancelled. */
  if (strstr (action->str, "cancel") != NULL && self->play.cancellables->len == 0)
    return g_strdup ("look");
  return g_strdup (action->str);
}

static void
check_answer (Storm *self, const char *number)
{
  guint n = (guint) strtoul (number, NULL, 10);

  if (n < N_ANSWERS && self->answers[n]++ > 0)
    sio_play_fail (&self->play, "answered twice");
}

/* Nothing that it hears goes against what it heard before. */
static void
check_heard (Storm *self, const char *heard)
{
  g_autofree char *nsp = *heard == '/' ? sio_play_take_word (&heard) : g_strdup ("/");
  /* Not that of the program, who may have dropped it while an operation still holds it. */
  SioSocket *socket =
      self->play.manager != NULL ? sio_manager_find_socket (self->play.manager, nsp) : NULL;
  gboolean connected;

  if (g_str_has_prefix (heard, "answer "))
    check_answer (self, heard + strlen ("answer "));
  if (socket == NULL)
    return;

  connected = g_object_get_data (G_OBJECT (socket), "connected") != NULL;
  if (g_str_equal (heard, "connect"))
    {
      if (connected)
        sio_play_fail (&self->play, "connected twice");
      g_object_set_data (G_OBJECT (socket), "connected", self);
    }
  else if (g_str_has_prefix (heard, "disconnect "))
    g_object_set_data (G_OBJECT (socket), "connected", NULL);
}

static void
on_line (gpointer data, guint transport, const char *line)
{
  Storm *self = data;

  g_string_append_printf (self->transcript, "    %u %s\n", transport, line);
  if (transport > 0)
    sio_storm_server_see (self->server, transport, line);
  else
    {
      check_heard (self, line + strlen ("heard "));
      if (self->calm && g_str_has_suffix (line, " auth"))
        sio_play_act (&self->play, "accept {}");
      if (!self->calm && pick (self, 12) == 0)
        {
          g_autofree char *action = make_action (self);

          g_string_append_printf (self->transcript, "    inside it: %s\n", action);
          sio_play_act (&self->play, action);
        }
    }
}

static void
do_step (Storm *self)
{
  g_autofree char *action = NULL;
  guint kind = pick (self, 10);

  if (kind < 5)
    {
      g_string_append (self->transcript, "server\n");
      sio_storm_server_act (self->server);
    }
  else if (kind < 9)
    {
      action = make_action (self);
      g_string_append_printf (self->transcript, "user %s\n", action);
      sio_play_act (&self->play, action);
    }
  else
    {
      static const guint waits[] = { 1, 100, 1000, 5000, 12000, 46000 };
      guint ms = waits[pick (self, G_N_ELEMENTS (waits))];

      g_string_append_printf (self->transcript, "wait %u\n", ms);
      sio_clock_advance (self->play.clock, ms * (gint64) 1000);
    }
  sio_play_settle (&self->play);
  g_queue_clear_full (&self->play.log, g_free);
}

static gboolean
all_connected (Storm *self)
{
  GHashTableIter iter;
  SioSocket *socket;

  g_hash_table_iter_init (&iter, self->play.sockets);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &socket))
    if (sio_socket_get_active (socket) && !sio_socket_get_connected (socket))
      return FALSE;
  return TRUE;
}

/* The server behaves. */
static void
calm_down (Storm *self)
{
  g_string_append (self->transcript, "calm\n");
  self->calm = TRUE;
  for (guint i = 0; i < self->play.auth_requests->len; i++)
    sio_auth_request_accept (g_ptr_array_index (self->play.auth_requests, i), NULL);
  for (guint i = 0; i < 40 && (i < 10 || !all_connected (self)); i++)
    {
      sio_storm_server_behave (self->server);
      sio_clock_advance (self->play.clock, 3000 * 1000);
      sio_play_settle (&self->play);
    }
  if (!all_connected (self))
    sio_play_fail (&self->play, "a socket does not get connected again");
  g_queue_clear_full (&self->play.log, g_free);
}

/* An operation holds its socket until it ends. */
static void
cancel_all (Storm *self)
{
  for (guint i = 0; i < self->play.cancellables->len; i++)
    g_cancellable_cancel (g_ptr_array_index (self->play.cancellables, i));
  sio_play_settle (&self->play);
}

static void
check_end (Storm *self)
{
  guint n_asked = self->play.cancellables->len;

  for (guint i = 1; i <= n_asked && i < N_ANSWERS; i++)
    if (self->answers[i] != 1)
      sio_play_fail (&self->play, "answer %u came %u times", i, self->answers[i]);
}

static void
set_options (Storm *self)
{
  static const char *const transports[] = { "websocket", "polling", "polling websocket" };

  sio_play_set_option (&self->play, "transports",
                       transports[pick (self, G_N_ELEMENTS (transports))]);
  if (pick (self, 3) == 0)
    sio_play_set_option (&self->play, "retries", "2");
  if (pick (self, 3) == 0)
    sio_play_set_option (&self->play, "ack-timeout", "3000");
  if (pick (self, 4) == 0)
    sio_play_set_option (&self->play, "try-all-transports", "yes");
  if (pick (self, 4) == 0)
    sio_play_set_option (&self->play, "remember-upgrade", "yes");
  if (pick (self, 4) == 0)
    sio_play_set_option (&self->play, "auth-func", "yes");
  if (pick (self, 2) == 0)
    self->play.hears = SIO_PLAY_HEAR_PACKETS | SIO_PLAY_HEAR_OUTGOING;
}

static void
run_storm (guint32 seed)
{
  g_autofree Storm *self = g_new0 (Storm, 1);
  const char *complaint;

  sio_play_init (&self->play, "a storm");
  self->rand = g_rand_new_with_seed (seed);
  self->server = sio_storm_server_new (&self->play, self->rand);
  self->transcript = g_string_new (NULL);
  self->play.watch = on_line;
  self->play.watch_data = self;
  set_options (self);

  for (guint i = 0; i < N_STEPS && self->play.problem == NULL; i++)
    {
      do_step (self);
      complaint = sio_storm_server_get_complaint (self->server);
      if (complaint != NULL)
        sio_play_fail (&self->play, "%s", complaint);
    }
  if (self->play.problem == NULL)
    calm_down (self);
  g_string_append (self->transcript, "the end\n");
  self->calm = TRUE;
  cancel_all (self);
  sio_play_drop_program (&self->play);
  sio_play_settle (&self->play);
  complaint = sio_storm_server_get_complaint (self->server);
  if (complaint != NULL)
    sio_play_fail (&self->play, "%s", complaint);
  if (self->play.problem == NULL)
    check_end (self);

  if (self->play.problem != NULL)
    {
      g_printerr ("storm %u: %s\n%s\n", seed, self->play.problem, self->transcript->str);
      g_test_fail_printf ("storm %u: %s", seed, self->play.problem);
    }
  sio_play_clear (&self->play);
  sio_storm_server_free (self->server);
  g_string_free (self->transcript, TRUE);
  g_rand_free (self->rand);
}

static void
test_storms (gconstpointer data)
{
  guint first = GPOINTER_TO_UINT (data) * 100;

  for (guint seed = first; seed < first + 100 && !g_test_failed (); seed++)
    run_storm (seed);
}

/* Without arguments the same storms each time; with two, those from one number to another. */
int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (argc == 3)
    {
      guint last = (guint) strtoul (argv[2], NULL, 10);

      for (guint seed = (guint) strtoul (argv[1], NULL, 10); seed <= last; seed++)
        run_storm (seed);
      return 0;
    }
  for (guint i = 0; i < N_STORMS / 100; i++)
    {
      g_autofree char *path = g_strdup_printf ("/plays/storm/%u", i);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_storms);
    }
  return g_test_run ();
}
