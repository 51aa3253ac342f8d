/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <string.h>

/* What the server holds after a session has ended on our side, whatever ended it (X10). Its own
 * patience is longer than that of any test, so it knows only what it was told. A gateway that tells
 * it nothing by itself stands in between. */

#define PATIENT                                                                                    \
  "\"pingInterval\":600000,\"pingTimeout\":600000,\"connectTimeout\":600000,"                      \
  "\"upgradeTimeout\":600000"
#define ROOM "crowd"

/* How far a connection has got when the end comes. */
typedef enum
{
  POLLING = 1 << 0,
  WEBSOCKET = 1 << 1,
  PROBING = 1 << 2,  /* the probe is not open yet */
  ASKING = 1 << 3,   /* it is not answered yet */
  PAUSING = 1 << 4,  /* it is, and the last GET is still held */
  SWITCHED = 1 << 5, /* the client is on WebSocket, and its packet `5` is lost on the way */
  UPGRADED = 1 << 6,
} Stage;

#define ON_POLLING   (POLLING | PROBING | ASKING)
#define ON_WEBSOCKET (WEBSOCKET | UPGRADED)

static const SioTestMode polling = { "polling", { "polling", NULL }, "polling" };
static const SioTestMode websocket = { "websocket", { "websocket", NULL }, "websocket" };
static const SioTestMode upgrade = { "upgrade", { "polling", "websocket", NULL }, "websocket" };

static const struct
{
  Stage stage;
  const char *name;
  const SioTestMode *mode;
  const char *pass; /* of WebSockets, once it is in the room */
  const char *sign; /* that it has got there */
} stages[] = {
  { POLLING, "polling", &polling, NULL, NULL },
  { WEBSOCKET, "websocket", &websocket, NULL, NULL },
  { PROBING, "probing", &upgrade, "nothing", "\"upgrades\":1" },
  { ASKING, "asking", &upgrade, "up", "\"up\":12" },
  { PAUSING, "pausing", &upgrade, "all", "\"down\":8" },
  { SWITCHED, "switched", &upgrade, "probe", "\"swallowed\":1" },
  { UPGRADED, "upgraded", &upgrade, "all", NULL },
};

typedef struct
{
  SioTestServer *server;
  SioTestServer *front;
  SioTestClient *client;
  char *sid; /* of the session */
  char *id;  /* of the socket */
} Side;

typedef struct
{
  const char *name;
  void (*act) (Side *side);
  Stage stages;
  const char *reason; /* that the server sees */
  enum
  {
    PINGS = 1 << 1,     /* of a server that can stop them */
    BY_SERVER = 1 << 2, /* it is the server that ends the session */
    EITHER = 1 << 3,    /* a farewell is right, and so is none */
  } flags;
} End;

typedef struct
{
  const End *end;
  guint stage;
} Run;

static SioTestServer *servers[2], *fronts[2]; /* the second ones with pings */

static void G_GNUC_PRINTF (2, 3) tell (SioTestServer *server, const char *format, ...)
{
  g_autofree char *command = NULL;
  va_list args;

  va_start (args, format);
  command = g_strdup_vprintf (format, args);
  va_end (args);
  g_test_message ("to the server: %s", command);
  sio_test_server_tell (server, command);
}

/* Waits until the server holds no more and no less. */
static void
await_state (SioTestServer *server, guint n_clients, guint n_sockets, guint n_members)
{
  tell (server,
        "{\"cmd\":\"await-state\",\"room\":\"" ROOM "\",\"clients\":%u,\"sockets\":%u,"
        "\"members\":%u}",
        n_clients, n_sockets, n_members);
}

static void
close_socket (Side *side)
{
  sio_socket_close (side->client->socket);
}

static void
dispose_manager (Side *side)
{
  g_object_run_dispose (G_OBJECT (side->client->manager));
}

static void
dispose_engine (Side *side)
{
  g_object_run_dispose (G_OBJECT (sio_manager_get_engine (side->client->manager)));
}

static void
ask_for_raw (Side *side)
{
  sio_socket_emit (side->client->socket, "raw", "(s)", "no packet");
}

static void
ask_for_raw_frame (Side *side)
{
  sio_socket_emit (side->client->socket, "raw-frame", "(s)", "no packet");
}

static void
get_502 (Side *side)
{
  tell (side->front, "{\"cmd\":\"spoil\",\"method\":\"GET\",\"how\":\"502\"}");
}

static void
get_cut (Side *side)
{
  tell (side->front, "{\"cmd\":\"spoil\",\"method\":\"GET\",\"how\":\"cut\"}");
}

static void
get_reset (Side *side)
{
  tell (side->front, "{\"cmd\":\"spoil\",\"method\":\"GET\",\"how\":\"reset\"}");
}

static void
get_undecodable (Side *side)
{
  tell (side->front, "{\"cmd\":\"spoil\",\"method\":\"GET\",\"how\":\"undecodable\"}");
}

static void
spoil_post (Side *side, const char *how)
{
  tell (side->front, "{\"cmd\":\"spoil\",\"method\":\"POST\",\"how\":\"%s\"}", how);
  sio_socket_emit (side->client->socket, "note", NULL);
}

static void
post_502 (Side *side)
{
  spoil_post (side, "502");
}

static void
post_lost (Side *side)
{
  spoil_post (side, "lost");
}

static void
post_cut (Side *side)
{
  spoil_post (side, "cut");
}

static void
post_reset (Side *side)
{
  spoil_post (side, "reset");
}

/* The last POST of a session that was closed in order. */
static void
post_last (Side *side)
{
  tell (side->front, "{\"cmd\":\"spoil\",\"method\":\"POST\",\"how\":\"lost\"}");
  sio_socket_close (side->client->socket);
}

static void
stop_pings (Side *side)
{
  tell (side->server, "{\"cmd\":\"stop-pings\"}");
}

static void
hang_post (Side *side)
{
  spoil_post (side, "hang");
  stop_pings (side);
}

static void
cut_websockets (Side *side)
{
  tell (side->front, "{\"cmd\":\"cut-websockets\"}");
}

/* What is told to a server that stands still is there when it goes on. */
static void
close_frozen (Side *side)
{
  sio_test_server_freeze (side->server);
  sio_socket_close (side->client->socket);
  sio_test_wait (sio_manager_get_engine (side->client->manager) == NULL);
  sio_test_server_thaw (side->server);
}

static void
kick_close (Side *side)
{
  sio_socket_emit (side->client->socket, "kick-close", NULL);
}

static void
engine_close (Side *side)
{
  sio_socket_emit (side->client->socket, "engine-close", NULL);
}

#define LEFT  "client namespace disconnect"
#define CLOSE "transport close"

static const End ends[] = {
  { "close", close_socket, ON_POLLING | ON_WEBSOCKET | PAUSING, LEFT, 0 },
  { "close while the server stands still", close_frozen, POLLING | ON_WEBSOCKET, LEFT, 0 },
  { "last POST fails", post_last, ON_POLLING, CLOSE, 0 },
  { "dispose of the manager", dispose_manager, ON_POLLING | ON_WEBSOCKET | PAUSING, CLOSE, 0 },
  { "dispose of the engine", dispose_engine, ON_POLLING | ON_WEBSOCKET | PAUSING | SWITCHED, CLOSE,
    0 },
  { "parse error", ask_for_raw, ON_POLLING | ON_WEBSOCKET, CLOSE, 0 },
  { "undecodable frame", ask_for_raw_frame, ON_WEBSOCKET, CLOSE, 0 },
  { "GET with 502", get_502, ON_POLLING | PAUSING, CLOSE, 0 },
  { "GET cut", get_cut, ON_POLLING | PAUSING, CLOSE, 0 },
  { "GET reset", get_reset, ON_POLLING | PAUSING, CLOSE, 0 },
  { "GET undecodable", get_undecodable, ON_POLLING | PAUSING, CLOSE, 0 },
  { "POST with 502", post_502, ON_POLLING, CLOSE, 0 },
  { "POST lost", post_lost, ON_POLLING, CLOSE, 0 },
  { "POST cut", post_cut, ON_POLLING, CLOSE, 0 },
  { "POST reset", post_reset, ON_POLLING, CLOSE, 0 },
  { "WebSocket cut", cut_websockets, ON_WEBSOCKET | SWITCHED, CLOSE, 0 },
  { "ping timeout", stop_pings, ON_POLLING | ON_WEBSOCKET | SWITCHED, CLOSE, PINGS },
  { "ping timeout while a POST hangs", hang_post, ON_POLLING, CLOSE, PINGS },
  { "kick", kick_close, ON_POLLING | ON_WEBSOCKET, "server namespace disconnect", EITHER },
  { "close by the server", engine_close, ON_POLLING | ON_WEBSOCKET, "forced close", BY_SERVER },
};

static SioOptions *
options_new (const SioTestMode *mode, gboolean reconnection)
{
  SioOptions *options = sio_test_options_new (mode);

  g_object_set (options, "reconnection", reconnection, NULL);
  return options;
}

static SioTestServer *
get_server (gboolean pings)
{
  if (servers[pings] == NULL)
    {
      /* Short enough that the end of the pings is seen, long enough for a busy machine. */
      servers[pings] = sio_test_server_new (
          pings ? "{\"patient\":true,\"pingInterval\":300,\"pingTimeout\":1500}" : "{" PATIENT "}");
      fronts[pings] = sio_test_server_new_front (servers[pings]);
    }
  return servers[pings];
}

/* Connected, in the room, and as far as the stage wants it. */
static void
side_init (Side *side, gboolean pings, guint stage, gboolean reconnection)
{
  const SioTestMode *mode = stages[stage].mode;
  const char *mask = mode == &upgrade ? "nothing" : "all";
  g_autofree char *url = NULL;
  g_autofree char *joined = NULL;

  side->server = get_server (pings);
  side->front = fronts[pings];
  url = sio_test_server_dup_url (side->front, NULL);
  tell (side->front, "{\"cmd\":\"reset\"}");
  tell (side->front, "{\"cmd\":\"websockets\",\"pass\":\"%s\"}", mask);
  side->client = sio_test_client_new_url (mode, url, "/", options_new (mode, reconnection));
  sio_test_client_connect (side->client);
  side->id = g_strdup (sio_socket_get_id (side->client->socket));
  side->sid = g_strdup (sio_engine_get_id (sio_manager_get_engine (side->client->manager)));
  joined = sio_test_ask_json (side->client->socket, "join", sio_args ("(s)", ROOM));
  await_state (side->server, 1, 1, 1);
  if (mode != &upgrade)
    return;

  tell (side->front, "{\"cmd\":\"await\",\"what\":{\"upgrades\":1}}");
  if (stages[stage].stage == PAUSING)
    {
      tell (side->front, "{\"cmd\":\"hold-gets\",\"hold\":true}");
      tell (side->front, "{\"cmd\":\"await\",\"what\":{\"gets\":1}}");
    }
  tell (side->front, "{\"cmd\":\"websockets\",\"pass\":\"%s\"}", stages[stage].pass);
  if (stages[stage].sign != NULL)
    tell (side->front, "{\"cmd\":\"await\",\"what\":{%s}}", stages[stage].sign);
  if ((stages[stage].stage & (UPGRADED | SWITCHED)) != 0)
    sio_test_client_settle (side->client);
  if (stages[stage].stage == UPGRADED)
    sio_test_sync (side->client->socket);
  /* What has come is also taken. */
  sio_test_settle ();
}

static void
side_clear (Side *side)
{
  sio_test_client_free (side->client);
  g_free (side->id);
  g_free (side->sid);
}

static guint
count_farewells (Side *side)
{
  g_autoptr (SioValue) reply = sio_test_server_command (side->front, "{\"cmd\":\"posts\"}");
  SioValue *posts = sio_value_get_member (reply, "posts");
  guint n = 0;

  for (guint i = 0; i < sio_value_get_length (posts); i++)
    {
      SioValue *post = sio_value_get_element (posts, i);

      if (g_strcmp0 (sio_value_get_string (sio_value_get_member (post, "body")), "1") != 0)
        continue;
      g_assert_cmpstr (sio_value_get_string (sio_value_get_member (post, "sid")), ==, side->sid);
      n++;
    }
  return n;
}

static void
test_end (gconstpointer data)
{
  const Run *run = data;
  Stage stage = stages[run->stage].stage;
  gboolean in_order;
  Side side;

  if (sio_test_server_missing () != NULL)
    {
      g_test_skip ("there is no server");
      return;
    }
  side_init (&side, (run->end->flags & PINGS) != 0, run->stage, FALSE);
  run->end->act (&side);
  /* What was accepted goes out before the end, after the upgrade. */
  in_order = run->end->act == close_socket || run->end->act == dispose_manager;
  if (in_order && stage == PAUSING)
    tell (side.front, "{\"cmd\":\"hold-gets\",\"hold\":false}");
  await_state (side.server, 0, 0, 0);
  if (sio_test_server_is_node ())
    tell (
        side.server,
        "{\"cmd\":\"await-log\",\"entry\":{\"log\":\"disconnect\",\"id\":\"%s\",\"reason\":\"%s\"}"
        "}",
        side.id, run->end->reason);
  sio_test_wait (!sio_socket_get_connected (side.client->socket));
  if ((stage & ON_WEBSOCKET) != 0 || (run->end->flags & BY_SERVER) != 0)
    g_assert_cmpuint (count_farewells (&side), ==, 0);
  else if ((stage != PAUSING || !in_order) && (run->end->flags & EITHER) == 0)
    g_assert_cmpuint (count_farewells (&side), ==, 1);
  side_clear (&side);
}

/* The server refuses the only socket, so nothing is left of the connection either. */
static void
test_refused_join (gconstpointer data)
{
  const SioTestMode *mode = data;
  SioTestClient *client;
  g_autofree char *url = NULL;

  if (sio_test_server_missing () != NULL)
    {
      g_test_skip ("there is no server");
      return;
    }
  get_server (FALSE);
  tell (fronts[FALSE], "{\"cmd\":\"reset\"}");
  url = sio_test_server_dup_url (fronts[FALSE], NULL);
  client = sio_test_client_new_url (mode, url, "/refuse", options_new (mode, FALSE));
  sio_socket_open (client->socket);
  sio_test_wait (sio_test_log_count (&client->log, "connect-error") > 0);
  await_state (servers[FALSE], 0, 0, 0);
  sio_test_client_free (client);
}

/* The session of before has to be over for the server before it gives its state to the next one, as
 * its end, coming later, would take that one out of its rooms. It recovers a state more than once,
 * so the first loss is one that it sees. */
static void
test_recovery (gconstpointer data)
{
  const End *end = data;
  Side side = { NULL };
  SioTestLog *log;
  g_autofree char *url = NULL, *answer = NULL, *id = NULL;

  if (sio_test_server_missing () != NULL || sio_test_server_get_version () < 406)
    {
      g_test_skip ("this server can't recover");
      return;
    }
  side.server = sio_test_server_new ("{\"connectionStateRecovery\":{}," PATIENT "}");
  side.front = sio_test_server_new_front (side.server);
  url = sio_test_server_dup_url (side.front, NULL);
  side.client = sio_test_client_new_url (&polling, url, "/", options_new (&polling, TRUE));
  log = &side.client->log;
  sio_test_log_events (log, side.client->socket);
  sio_test_client_connect (side.client);
  id = g_strdup (sio_socket_get_id (side.client->socket));
  answer = sio_test_ask_json (side.client->socket, "join", sio_args ("(s)", ROOM));

  for (guint n = 1; n <= 3; n++)
    {
      /* Only who has seen an offset can be sent what came after it. */
      tell (side.server, "{\"cmd\":\"emit\",\"room\":\"" ROOM "\",\"event\":\"before\"}");
      sio_test_wait (sio_test_log_count (log, "before") == n);
      if (n == 1)
        tell (side.server, "{\"cmd\":\"engine-close\"}");
      else
        end->act (&side);
      sio_test_wait (sio_test_log_count (log, "connect") == n + 1);
      g_assert_true (sio_socket_get_recovered (side.client->socket));
      g_assert_cmpstr (sio_socket_get_id (side.client->socket), ==, id);
      await_state (side.server, 1, 1, 1);
      tell (side.server, "{\"cmd\":\"emit\",\"room\":\"" ROOM "\",\"event\":\"after\"}");
      sio_test_wait (sio_test_log_count (log, "after") == n);
    }
  sio_test_client_free (side.client);
  await_state (side.server, 0, 0, 0);
  sio_test_server_free (side.front);
  sio_test_server_free (side.server);
}

static void
add_ends (void)
{
  for (guint s = 0; s < G_N_ELEMENTS (stages); s++)
    for (guint e = 0; e < G_N_ELEMENTS (ends); e++)
      {
        g_autofree char *path =
            g_strconcat ("/other-side/X10/", stages[s].name, "/", ends[e].name, NULL);
        Run *run;

        if ((ends[e].stages & stages[s].stage) == 0)
          continue;
        run = g_new (Run, 1);
        *run = (Run){ &ends[e], s };
        g_test_add_data_func_full (path, run, test_end, g_free);
      }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  add_ends ();
  g_test_add_data_func ("/other-side/X10/polling/refused join", &polling, test_refused_join);
  g_test_add_data_func ("/other-side/X10/websocket/refused join", &websocket, test_refused_join);
  g_test_add_data_func ("/other-side/X10/upgraded/refused join", &upgrade, test_refused_join);
  for (guint e = 0; e < G_N_ELEMENTS (ends); e++)
    {
      g_autofree char *path = g_strconcat ("/other-side/X10/recovery/", ends[e].name, NULL);

      if (g_str_has_prefix (ends[e].name, "GET ") || g_str_has_prefix (ends[e].name, "POST "))
        g_test_add_data_func (path, &ends[e], test_recovery);
    }

  status = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (servers); i++)
    {
      g_clear_pointer (&fronts[i], sio_test_server_free);
      g_clear_pointer (&servers[i], sio_test_server_free);
    }
  return status;
}
