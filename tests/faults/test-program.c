/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "sio-fault-client.h"
#include "sio-raw-peer.h"

/* Programs that do what they should not, where they should not: inside what they are told. */

#define OPEN                                                                                       \
  "0{\"sid\":\"E\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,"                  \
  "\"maxPayload\":100000000}"

/* Joins whatever is asked for, answers what wants an answer, and ends when told so. */
static void
serve (SioRawConn *conn)
{
  const char *text;
  gsize length;
  guint8 first;

  sio_raw_text (conn, OPEN);
  while (sio_raw_try_read_frame (conn, &first, &text, &length) &&
         first != (SIO_RAW_FIN | SIO_RAW_CLOSE))
    {
      g_autofree char *reply = NULL;

      if (g_str_has_prefix (text, "40"))
        {
          const char *nsp = text[2] == '/' ? text + 2 : "";

          reply = g_strdup_printf ("40%.*s%s{\"sid\":\"X\"}", (int) strcspn (nsp, ","), nsp,
                                   *nsp != '\0' ? "," : "");
        }
      else if (g_str_has_prefix (text, "42[\"burst\""))
        {
          for (guint i = 0; i < 20; i++)
            {
              g_autofree char *event = g_strdup_printf ("42[\"n\",%u]", i);

              sio_raw_text (conn, event);
            }
          /* Behind a reading of the client's. */
          reply = g_strdup ("42[\"last\"]");
        }
      else if (g_str_has_prefix (text, "42[\"end\""))
        break;
      else if (g_str_has_prefix (text, "42[\"mark\""))
        reply = g_strdup ("42[\"marked\"]");
      else if (g_str_has_prefix (text, "42") && text[strcspn (text, "[") - 1] != ',' &&
               text[2] != '[')
        reply = g_strdup_printf ("43%.*s[1]", (int) strcspn (text + 2, "["), text + 2);
      if (reply != NULL)
        sio_raw_text (conn, reply);
    }
  sio_raw_close (conn);
}

static void
play (SioRawPeer *peer)
{
  for (;;)
    serve (sio_raw_expect_websocket (peer));
}

typedef struct
{
  SioRawPeer *peer;
  SioFaultClient *client;
} Fixture;

static void
fixture_init (Fixture *self)
{
  self->peer = sio_raw_peer_new (play, NULL);
  self->client = sio_fault_client_new_idle (sio_raw_peer_get_port (self->peer), "websocket");
}

static void
fixture_clear (Fixture *self)
{
  sio_fault_client_free (self->client);
  sio_raw_peer_free (self->peer);
}

/* --- what a handler may do to the objects that it is told of */

typedef enum
{
  DROP,
  DROP_MANAGER_FIRST,
  DISPOSE_SOCKET,
  DISPOSE_MANAGER,
  DISPOSE_ENGINE,
  CLOSE,
  CLOSE_AND_OPEN,
  N_DEEDS,
} Deed;

static const char *const deeds[] = {
  "last unref",        "last unref, manager first", "socket disposed",
  "manager disposed",  "engine disposed",           "closed",
  "closed and opened",
};

typedef struct
{
  const char *type; /* of the object */
  const char *signal;
} Moment;

static const Moment moments[] = {
  { "socket", "connect" },
  { "socket", "disconnect" },
  { "socket", "event" },
  { "socket", "outgoing-event" },
  { "socket", "notify::connected" },
  { "socket", "notify::active" },
  { "socket", "notify::id" },
  { "manager", "opened" },
  { "manager", "closed" },
  { "manager", "reconnect-attempt" },
  { "manager", "reconnect" },
  { "manager", "notify::engine" },
  { "engine", "packet" },
  { "engine", "packet-create" },
  { "engine", "drain" },
  { "engine", "close" },
  { "engine", "notify::id" },
  { "engine", "notify::transport-name" },
  { "answer", "" },
};

typedef struct
{
  Fixture f;
  const Moment *moment;
  Deed deed;
  guint n_moments;
  guint n_answers;
  gboolean armed;
} Scene;

static void
act (Scene *scene)
{
  SioFaultClient *client = scene->f.client;
  SioEngine *engine = client->manager != NULL ? sio_manager_get_engine (client->manager) : NULL;

  if (!scene->armed || scene->n_moments++ > 0)
    return;

  switch (scene->deed)
    {
    case DROP:
      g_clear_object (&client->socket);
      g_clear_object (&client->manager);
      break;
    case DROP_MANAGER_FIRST:
      g_clear_object (&client->manager);
      g_clear_object (&client->socket);
      break;
    case DISPOSE_SOCKET:
      g_object_run_dispose (G_OBJECT (client->socket));
      break;
    case DISPOSE_MANAGER:
      g_object_run_dispose (G_OBJECT (client->manager));
      break;
    case DISPOSE_ENGINE:
      if (engine != NULL)
        g_object_run_dispose (G_OBJECT (engine));
      break;
    case CLOSE:
      sio_socket_close (client->socket);
      break;
    case CLOSE_AND_OPEN:
      sio_socket_close (client->socket);
      sio_socket_open (client->socket);
      break;
    case N_DEEDS:
    default:
      g_assert_not_reached ();
    }

  /* Whatever is left can be called. */
  if (client->socket != NULL)
    {
      sio_socket_emit (client->socket, "mark", NULL);
      sio_socket_get_id (client->socket);
    }
  if (client->manager != NULL)
    sio_manager_get_engine (client->manager);
}

/* Called by signals of any number of arguments. */
static void
on_moment (GClosure *closure,
           GValue *result,
           guint n_params,
           const GValue *params,
           gpointer hint,
           gpointer data)
{
  act (closure->data);
}

static void
connect_to (Scene *scene, gpointer object, const char *type)
{
  GClosure *closure;

  if (!g_str_equal (scene->moment->type, type))
    return;

  closure = g_closure_new_simple (sizeof (GClosure), scene);
  g_closure_set_marshal (closure, on_moment);
  g_signal_connect_closure (object, scene->moment->signal, closure, FALSE);
}

static void
on_engine (SioManager *manager, GParamSpec *pspec, Scene *scene)
{
  SioEngine *engine = sio_manager_get_engine (manager);

  if (engine != NULL)
    connect_to (scene, engine, "engine");
}

static void
on_answer (SioSocket *socket, SioValue *args, const GError *error, gpointer data)
{
  Scene *scene = data;

  scene->n_answers++;
  if (g_str_equal (scene->moment->type, "answer"))
    act (scene);
}

static gboolean
on_watchdog (gpointer data)
{
  gboolean *over = data;

  *over = TRUE;
  return G_SOURCE_REMOVE;
}

static void
test_deed (gconstpointer data)
{
  guint number = GPOINTER_TO_UINT (data);
  Scene scene = { .moment = &moments[number / N_DEEDS], .deed = number % N_DEEDS };
  SioFaultClient *client;
  gboolean over = FALSE;
  guint watchdog;

  fixture_init (&scene.f);
  client = scene.f.client;
  g_signal_connect (client->manager, "notify::engine", G_CALLBACK (on_engine), &scene);
  connect_to (&scene, client->socket, "socket");
  connect_to (&scene, client->manager, "manager");

  /* Through everything that there is: joining, emitting, an answer, the end, joining again. */
  scene.armed = TRUE;
  sio_socket_emit_with_callback (client->socket, "ask", NULL, on_answer, &scene, NULL);
  if (scene.n_moments == 0)
    sio_socket_open (client->socket);
  watchdog = g_timeout_add (20000 * sio_test_slowness (), on_watchdog, &over);
  while (scene.n_moments == 0 && !over)
    {
      g_main_context_iteration (NULL, TRUE);
      if (client->socket != NULL && scene.n_answers == 1)
        {
          scene.n_answers++;
          sio_socket_emit (client->socket, "mark", NULL);
          sio_socket_emit (client->socket, "end", NULL);
        }
    }
  g_source_remove (watchdog);
  g_assert_false (over);
  sio_test_settle ();

  /* It works again, unless it was told to be of no more use. */
  if (scene.deed == CLOSE_AND_OPEN || scene.deed == DISPOSE_ENGINE)
    {
      sio_socket_emit (client->socket, "mark", NULL);
      sio_test_wait (sio_fault_client_heard (client, "marked"));
    }
  g_clear_object (&client->manager);
  if (client->socket != NULL)
    g_object_run_dispose (G_OBJECT (client->socket));
  fixture_clear (&scene.f);
  g_assert_cmpuint (scene.n_answers, >=, 1);
}

/* --- main loops inside handlers */

typedef struct
{
  Fixture f;
  GString *order;
  guint depth;
} Nested;

static void
on_number (SioSocket *socket, SioEvent *event, gpointer data)
{
  Nested *nested = data;
  int n = -1;

  g_assert_true (sio_event_unpack (event, "i", &n));
  g_string_append_printf (nested->order, "%d ", n);
  nested->depth++;
  if (n % 5 == 0)
    {
      gsize length = nested->order->len;

      /* Until one more has come, or there are no more. */
      sio_test_wait (nested->order->len > length);
    }
  nested->depth--;
}

static void
on_last (SioSocket *socket, SioEvent *event, gpointer data)
{
  g_string_append (((Nested *) data)->order, "last");
}

static void
test_nested (void)
{
  Nested nested = { .order = g_string_new (NULL) };

  fixture_init (&nested.f);
  sio_socket_on (nested.f.client->socket, "n", on_number, &nested, NULL);
  sio_socket_on (nested.f.client->socket, "last", on_last, &nested, NULL);
  sio_socket_open (nested.f.client->socket);
  sio_socket_emit (nested.f.client->socket, "burst", NULL);
  sio_test_wait (sio_fault_client_heard (nested.f.client, "last") && nested.depth == 0);
  g_assert_cmpstr (nested.order->str, ==, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 last");
  fixture_clear (&nested.f);
  g_string_free (nested.order, TRUE);
}

static void
wait_for_reconnection (SioSocket *socket,
                       SioDisconnectReason reason,
                       const GError *details,
                       gpointer data)
{
  Fixture *f = data;

  if (f->client->n_disconnects == 1)
    sio_test_wait (f->client->n_connects == 4);
}

static void
count_answer (SioSocket *socket, SioValue *args, const GError *error, gpointer data)
{
  guint *counts = data;

  counts[error == NULL ? 0 : 1]++;
}

/* Another socket of the same manager hears of the end only when the next connection stands. */
static void
test_nested_in_disconnect (void)
{
  Fixture f;
  SioSocket *other, *third;
  guint counts[2] = { 0, 0 };

  fixture_init (&f);
  g_signal_connect (f.client->socket, "disconnect", G_CALLBACK (wait_for_reconnection), &f);
  sio_socket_open (f.client->socket);
  other = sio_fault_client_add (f.client, "/other");
  third = sio_fault_client_add (f.client, "/third");
  sio_socket_open (other);
  sio_socket_open (third);
  sio_test_wait (f.client->n_connects == 3);

  sio_socket_emit_with_callback (f.client->socket, "mark", NULL, count_answer, counts, NULL);
  sio_socket_emit (f.client->socket, "end", NULL);
  sio_test_wait (f.client->n_connects == 6 && f.client->n_disconnects == 3);
  sio_socket_emit_with_callback (other, "ask", NULL, count_answer, counts, NULL);
  sio_socket_emit (f.client->socket, "mark", NULL);
  sio_test_wait (sio_fault_client_heard (f.client, "marked") && counts[0] + counts[1] == 2);
  g_assert_cmpuint (f.client->n_connects, ==, 6);
  g_assert_cmpuint (f.client->n_disconnects, ==, 3);

  g_signal_handlers_disconnect_by_data (other, f.client);
  g_signal_handlers_disconnect_by_data (third, f.client);
  g_object_unref (other);
  g_object_unref (third);
  fixture_clear (&f);
}

/* --- listeners */

typedef struct
{
  Fixture f;
  gulong ids[3];
  guint n_calls[4];
  guint n_destroyed;
} Listeners;

static void
never_called (SioSocket *socket, SioEvent *event, gpointer data)
{
  ((Listeners *) data)->n_calls[1]++;
}

static void
on_destroyed (gpointer data)
{
  ((Listeners *) data)->n_destroyed++;
}

static void
added_late (SioSocket *socket, SioEvent *event, gpointer data)
{
  ((Listeners *) data)->n_calls[2]++;
}

static void
changes_all (SioSocket *socket, SioEvent *event, gpointer data)
{
  Listeners *self = data;

  self->n_calls[0]++;
  sio_socket_off (socket, "marked", self->ids[0]);
  g_assert_cmpuint (self->n_destroyed, ==, 0);
  sio_socket_off (socket, "marked", self->ids[1]);
  g_assert_cmpuint (self->n_destroyed, ==, 1);
  sio_socket_on (socket, "marked", added_late, self, on_destroyed);
}

static void
test_listeners (void)
{
  Listeners self = { .n_destroyed = 0 };

  fixture_init (&self.f);
  self.ids[0] = sio_socket_on (self.f.client->socket, "marked", changes_all, &self, on_destroyed);
  self.ids[1] = sio_socket_on (self.f.client->socket, "marked", never_called, &self, on_destroyed);
  sio_socket_open (self.f.client->socket);
  sio_socket_emit (self.f.client->socket, "mark", NULL);
  sio_test_wait (self.n_destroyed == 2);
  g_assert_cmpuint (self.n_calls[2], ==, 0);
  sio_socket_emit (self.f.client->socket, "mark", NULL);
  sio_test_wait (self.n_calls[2] == 1);
  g_assert_cmpuint (self.n_calls[0], ==, 1);
  g_assert_cmpuint (self.n_calls[1], ==, 0);
  fixture_clear (&self.f);
  g_assert_cmpuint (self.n_destroyed, ==, 3);
}

/* --- much of everything */

static void
test_many_sockets (void)
{
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  Fixture f;
  const guint n = 1000;

  fixture_init (&f);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *nsp = g_strdup_printf ("/%u", i);
      SioSocket *socket = sio_fault_client_add (f.client, nsp);

      g_ptr_array_add (sockets, socket);
      sio_socket_open (socket);
    }
  sio_test_wait (f.client->n_connects == n);
  sio_socket_emit (g_ptr_array_index (sockets, 7), "ask", NULL);
  for (guint i = 0; i < n; i += 2)
    sio_socket_close (g_ptr_array_index (sockets, i));
  g_assert_cmpuint (f.client->n_disconnects, ==, n / 2);
  sio_socket_open (f.client->socket);
  sio_test_wait (f.client->n_connects == n + 1);
  sio_socket_emit (f.client->socket, "end", NULL);
  sio_test_wait (f.client->n_disconnects == n + 1 && f.client->n_connects == 2 + n + n / 2);
  for (guint i = 0; i < n; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (sockets, i), f.client);
  g_ptr_array_set_size (sockets, 0);
  fixture_clear (&f);
}

static void
play_deaf (SioRawPeer *peer)
{
  SioRawConn *conn = sio_raw_expect_websocket (peer);

  sio_raw_text (conn, OPEN);
  sio_raw_expect_text (conn, "40");
  sio_raw_text (conn, "40{\"sid\":\"X\"}");
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
  sio_raw_reset (conn);
}

typedef struct
{
  guint n_too_much;
  guint n_lost;
} Fates;

static void
on_fate (SioSocket *socket, SioValue *args, const GError *error, gpointer data)
{
  Fates *fates = data;

  if (g_error_matches (error, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED))
    fates->n_too_much++;
  else if (g_error_matches (error, SIO_ERROR, SIO_ERROR_DISCONNECTED))
    fates->n_lost++;
}

/* A gigabyte for a peer that does not read: what is over the limit is refused, and nothing is lost
 * without a word. */
static void
test_deaf_peer (void)
{
  g_autoptr (SioRawPeer) peer = sio_raw_peer_new (play_deaf, NULL);
  SioFaultClient *client = sio_fault_client_new (sio_raw_peer_get_port (peer), "websocket");
  g_autofree char *block = g_malloc0 (1024 * 1024);
  g_autoptr (GBytes) bytes = g_bytes_new_static (block, 1024 * 1024);
  Fates fates = { 0, 0 };
  const guint n = 1024;

  sio_test_wait (client->n_connects == 1);
  for (guint i = 0; i < n; i++)
    {
      sio_socket_emit_with_callback (client->socket, "much", sio_value_new_bytes (bytes), on_fate,
                                     &fates, NULL);
      sio_test_settle ();
    }
  sio_test_wait (fates.n_too_much > n / 2);
  /* 64 MiB may wait, and some were taken by the system. */
  g_assert_cmpuint (n - fates.n_too_much, <=, 64 + 32);
  sio_socket_close (client->socket);
  g_assert_cmpuint (fates.n_too_much + fates.n_lost, ==, n);
  sio_raw_peer_go (peer);
  sio_fault_client_free (client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (moments) * N_DEEDS; i++)
    {
      const Moment *moment = &moments[i / N_DEEDS];
      g_autofree char *signal = g_strdelimit (g_strdup (moment->signal), ":", ' ');
      g_autofree char *path =
          g_strdup_printf ("/faults/program/%s %s/%s", moment->type, signal, deeds[i % N_DEEDS]);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_deed);
    }
  g_test_add_func ("/faults/program/nested main loop", test_nested);
  g_test_add_func ("/faults/program/nested main loop in disconnect", test_nested_in_disconnect);
  g_test_add_func ("/faults/program/listeners that change", test_listeners);
  g_test_add_func ("/faults/program/a thousand sockets", test_many_sockets);
  g_test_add_func ("/faults/program/a peer that does not read", test_deaf_peer);
  return g_test_run ();
}
