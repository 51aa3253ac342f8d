/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <stdlib.h>
#include <string.h>

#include "sio-test-certificate.h"

/* Two managers of one main context to one server (X2, X3). Whatever an option says of who one is
 * and whom one trusts, the server sees of each manager what that one was asked for, however close
 * to the other it comes.
 *
 * Outside of g_test_init(), inside of which GIO's TLS never resumes a session. */

#define ERRORS 3 /* after which nobody connects any more */

/* --- how they connect --- */

typedef struct
{
  const char *name;
  const char *version; /* of TLS, NULL for none */
  SioTestServer *server;
  GTlsDatabase *database; /* that trusts it */
  gboolean proxy_tls;
  guint proxy_ports[2];
  GProxyResolver *proxies[2];
} Link;

static Link links[] = {
  { .name = "plain" },
  { .name = "tls-1.2", .version = "TLSv1.2" },
  { .name = "tls-1.3", .version = "TLSv1.3" },
};

static const SioTestMode modes[] = {
  { "polling", { "polling", NULL }, "polling" },
  { "websocket", { "websocket", NULL }, "websocket" },
};

static const char *const timings[] = {
  "at-once", /* both open in the same turn */
  "while",   /* the second opens while the first is connected */
  "kept",    /* the first has left, its connections are still there */
  "after",   /* they are not; what is known of the TLS session is */
};

static const char *const relations[] = { "same", "other", "none" };

static void
link_start (Link *link)
{
  g_autoptr (GString) options = g_string_new ("{\"setCookie\":\"jar=full\",\"proxies\":2");
  g_autoptr (SioValue) reply = NULL;

  if (link->version != NULL)
    {
      g_auto (GStrv) lines = g_strsplit (sio_test_certificate_get_pem (), "\n", -1);
      g_autofree char *pem = g_strjoinv ("\\n", lines);

      g_string_append_printf (options,
                              ",\"tls\":{\"cert\":\"%s\",\"key\":\"%s\","
                              "\"minVersion\":\"%s\",\"maxVersion\":\"%s\"}",
                              pem, pem, link->version, link->version);
      if (link->proxy_tls)
        g_string_append (options, ",\"proxyTls\":true");
      link->database = sio_test_database_new ();
    }
  g_string_append_c (options, '}');
  link->server = sio_test_server_new (options->str);
  reply = sio_test_server_command (link->server, "{\"cmd\":\"proxies\"}");
  link->proxy_ports[0] = (guint) sio_value_get_integer (sio_value_lookup (reply, "/ports/0"));
  link->proxy_ports[1] = (guint) sio_value_get_integer (sio_value_lookup (reply, "/ports/1"));
}

static void
link_stop (Link *link)
{
  g_clear_pointer (&link->server, sio_test_server_free);
  g_clear_object (&link->database);
  g_clear_object (&link->proxies[0]);
  g_clear_object (&link->proxies[1]);
}

/* --- one of the two --- */

typedef struct Row Row;

typedef struct
{
  const Row *row;
  Link *link;
  int number; /* of the value, -1 for none */
  char *name; /* by which its requests are known */
  SioTestClient *client;
} Party;

struct Row
{
  const char *name;
  void (*set) (SioOptions *options, const Party *party, const char *value);
  const char *values[2];
  gboolean in_url; /* as user info */
  gboolean needs_tls;
  void (*check) (const Party *party, SioValue *requests);
  const char *where; /* the server tells of it */
  const char *seen[2];
};

static Party *
party_new (const Row *row, Link *link, const SioTestMode *mode, int number)
{
  static guint n_parties;
  Party *self = g_new0 (Party, 1);
  SioOptions *options = sio_test_options_new (mode);
  const char *value = number >= 0 ? row->values[number] : NULL;
  g_autofree char *url = NULL;

  self->row = row;
  self->link = link;
  self->number = number;
  self->name = g_strdup_printf ("%u", n_parties++);
  sio_options_set_query_param (options, "who", self->name);
  g_object_set (options, "tls-database", link->database, NULL);
  if (row->set != NULL)
    row->set (options, self, value);
  url = g_strdup_printf ("%s://%s%s127.0.0.1:%u", link->version != NULL ? "https" : "http",
                         row->in_url && value != NULL ? value : "",
                         row->in_url && value != NULL ? "@" : "",
                         sio_test_server_get_port (link->server));
  self->client = sio_test_client_new_url (mode, url, "/", options);
  return self;
}

static void
party_free (Party *self)
{
  sio_test_client_free (self->client);
  g_free (self->name);
  g_free (self);
}

static gboolean
party_has_settled (Party *self)
{
  return sio_socket_get_connected (self->client->socket) ||
         sio_test_log_count (&self->client->log, "connect-error") >= ERRORS;
}

static void
party_settle (Party *self)
{
  sio_test_wait (party_has_settled (self));
  if (sio_socket_get_connected (self->client->socket))
    sio_test_sync (self->client->socket);
}

static guint
party_count (const Party *self, SioValue *requests)
{
  guint n = 0;

  for (gsize i = 0; i < sio_value_get_length (requests); i++)
    {
      SioValue *request = sio_value_get_element (requests, i);

      if (g_strcmp0 (sio_value_get_string (sio_value_lookup (request, "/query/who")), self->name) ==
          0)
        n++;
    }
  return n;
}

/* --- what the server sees --- */

static const char *
party_expected (const Party *self)
{
  return self->number >= 0 ? self->row->seen[self->number] : NULL;
}

static void
check_requests (const Party *self, SioValue *requests)
{
  g_assert_true (sio_socket_get_connected (self->client->socket));
  g_assert_cmpuint (party_count (self, requests), >, 0);
  for (gsize i = 0; i < sio_value_get_length (requests); i++)
    {
      SioValue *request = sio_value_get_element (requests, i);
      SioValue *seen = sio_value_lookup (request, self->row->where);

      if (g_strcmp0 (sio_value_get_string (sio_value_lookup (request, "/query/who")), self->name) ==
          0)
        g_assert_cmpstr (sio_value_get_string (seen), ==, party_expected (self));
    }
}

static void
check_auth (const Party *self, SioValue *requests)
{
  g_autoptr (SioValue) answer = sio_test_ask (self->client->socket, "handshake", NULL);

  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, self->row->where)), ==,
                   party_expected (self));
}

/* Each has a jar of its own, which is empty at first. */
static void
check_jar (const Party *self, SioValue *requests)
{
  guint n = 0;

  for (gsize i = 0; i < sio_value_get_length (requests); i++)
    {
      SioValue *request = sio_value_get_element (requests, i);
      SioValue *seen = sio_value_lookup (request, self->row->where);

      if (g_strcmp0 (sio_value_get_string (sio_value_lookup (request, "/query/who")), self->name) ==
          0)
        g_assert_cmpstr (sio_value_get_string (seen), ==, n++ > 0 ? party_expected (self) : NULL);
    }
  g_assert_cmpuint (n, >, 0);
}

static void
check_trust (const Party *self, SioValue *requests)
{
  gboolean trusts = self->number == 0;

  g_assert_cmpint (sio_socket_get_connected (self->client->socket), ==, trusts);
  if (trusts)
    g_assert_cmpuint (party_count (self, requests), >, 0);
  else
    g_assert_cmpuint (party_count (self, requests), ==, 0);
}

/* --- the options --- */

static void
set_query (SioOptions *options, const Party *party, const char *value)
{
  sio_options_set_query_param (options, "token", value);
}

static void
set_authorization (SioOptions *options, const Party *party, const char *value)
{
  sio_options_set_header (options, "Authorization", value);
}

static void
set_header (SioOptions *options, const Party *party, const char *value)
{
  sio_options_set_header (options, "X-Who", value);
}

static void
set_cookie (SioOptions *options, const Party *party, const char *value)
{
  sio_options_set_header (options, "Cookie", value);
}

static void
set_jar (SioOptions *options, const Party *party, const char *value)
{
  g_object_set (options, "with-credentials", value != NULL, NULL);
}

static void
set_auth (SioOptions *options, const Party *party, const char *value)
{
  g_autofree char *json = g_strdup_printf ("{\"token\":\"%s\"}", value);
  g_autoptr (SioValue) auth = value != NULL ? sio_value_new_from_json (json, NULL, 0, NULL) : NULL;

  g_object_set (options, "auth", auth, NULL);
}

static void
set_certificate (SioOptions *options, const Party *party, const char *value)
{
  g_autoptr (GTlsCertificate) certificate =
      value != NULL ? sio_test_certificate_new_client (value) : NULL;

  g_object_set (options, "tls-certificate", certificate, NULL);
}

static void
set_database (SioOptions *options, const Party *party, const char *value)
{
  g_autoptr (GTlsDatabase) other = sio_test_database_new_other ();

  g_object_set (options, "tls-database",
                party->number == 0  ? party->link->database
                : party->number > 0 ? other
                                    : NULL,
                NULL);
}

static void
set_one_proxy (SioOptions *options, Link *link, int number)
{
  if (link->proxies[number] == NULL)
    {
      g_autofree char *url = g_strdup_printf (
          "%s://127.0.0.1:%u", link->proxy_tls ? "https" : "http", link->proxy_ports[number]);

      link->proxies[number] = g_simple_proxy_resolver_new (url, NULL);
    }
  g_object_set (options, "proxy-resolver", link->proxies[number], NULL);
}

static void
set_proxy (SioOptions *options, const Party *party, const char *value)
{
  if (value != NULL)
    set_one_proxy (options, party->link, party->number);
}

static void
set_certificate_and_proxy (SioOptions *options, const Party *party, const char *value)
{
  set_certificate (options, party, value);
  set_one_proxy (options, party->link, 0);
}

static void
set_database_and_proxy (SioOptions *options, const Party *party, const char *value)
{
  set_database (options, party, value);
  set_one_proxy (options, party->link, 0);
}

/* clang-format off */
static const Row rows[] = {
  { .name = "query", .set = set_query, .values = { "a", "b" },
    .check = check_requests, .where = "/query/token", .seen = { "a", "b" } },
  { .name = "authorization", .set = set_authorization, .values = { "Bearer a", "Bearer b" },
    .check = check_requests, .where = "/headers/authorization", .seen = { "Bearer a", "Bearer b" } },
  { .name = "user-info", .in_url = TRUE, .values = { "a:1", "b:2" },
    .check = check_requests, .where = "/headers/authorization", .seen = { "Basic YTox", "Basic Yjoy" } },
  { .name = "header", .set = set_header, .values = { "a", "b" },
    .check = check_requests, .where = "/headers/x-who", .seen = { "a", "b" } },
  { .name = "cookie-header", .set = set_cookie, .values = { "who=a", "who=b" },
    .check = check_requests, .where = "/headers/cookie", .seen = { "who=a", "who=b" } },
  { .name = "cookie-jar", .set = set_jar, .values = { "own", "own" },
    .check = check_jar, .where = "/headers/cookie", .seen = { "jar=full", "jar=full" } },
  { .name = "auth", .set = set_auth, .values = { "a", "b" },
    .check = check_auth, .where = "/0/auth/token", .seen = { "a", "b" } },
  { .name = "tls-certificate", .set = set_certificate, .values = { "a", "b" }, .needs_tls = TRUE,
    .check = check_requests, .where = "/certificate", .seen = { "a", "b" } },
  { .name = "tls-database", .set = set_database, .values = { "its", "another" }, .needs_tls = TRUE,
    .check = check_trust },
  /* Not without TLS: a proxy that sees the request is another matter. */
  { .name = "proxy-resolver", .set = set_proxy, .values = { "a", "b" }, .needs_tls = TRUE,
    .check = check_requests, .where = "/via", .seen = { "proxy 0", "proxy 1" } },
  { .name = "tls-certificate-by-proxy", .set = set_certificate_and_proxy, .values = { "a", "b" },
    .needs_tls = TRUE, .check = check_requests, .where = "/certificate", .seen = { "a", "b" } },
  { .name = "tls-database-by-proxy", .set = set_database_and_proxy, .values = { "its", "another" },
    .needs_tls = TRUE, .check = check_trust },
};
/* clang-format on */

/* --- the table --- */

static gboolean
can_forbid_resumption (void)
{
  GTypeClass *class =
      g_type_class_ref (g_tls_backend_get_client_connection_type (g_tls_backend_get_default ()));
  gboolean can =
      g_object_class_find_property (G_OBJECT_CLASS (class), "session-resumption-enabled") != NULL;

  g_type_class_unref (class);
  return can;
}

static SioValue *
take_requests (Link *link)
{
  g_autoptr (SioValue) reply =
      sio_test_server_command (link->server, "{\"cmd\":\"requests\",\"forget\":true}");

  return sio_value_ref (sio_value_get_member (reply, "requests"));
}

static void
check_no_resumption (SioValue *requests)
{
  if (!can_forbid_resumption ())
    return;
  for (gsize i = 0; i < sio_value_get_length (requests); i++)
    g_assert_false (
        sio_value_get_boolean (sio_value_lookup (sio_value_get_element (requests, i), "/reused")));
}

static void
leave (Party *party, gboolean for_good)
{
  SioTestServer *server = party->link->server;

  party_settle (party);
  sio_socket_close (party->client->socket);
  sio_test_server_await_clients (server, 0);
  if (!for_good)
    return;
  sio_test_server_tell (server, "{\"cmd\":\"drop\"}");
  sio_test_server_tell (server, "{\"cmd\":\"await-connections\",\"connections\":0}");
  sio_test_settle ();
}

static void
run (const Row *row, Link *link, const SioTestMode *mode, guint timing, guint relation)
{
  Party *first = party_new (row, link, mode, 0);
  Party *second = party_new (row, link, mode, relation < 2 ? (int) relation : -1);
  g_autoptr (SioValue) early = NULL;
  g_autoptr (SioValue) requests = NULL;

  sio_value_unref (take_requests (link));
  sio_socket_open (first->client->socket);
  if (timing >= 1)
    party_settle (first);
  if (timing >= 2)
    {
      early = take_requests (link);
      row->check (first, early);
      leave (first, timing == 3);
    }
  sio_socket_open (second->client->socket);
  party_settle (second);
  if (timing < 2)
    party_settle (first);

  requests = take_requests (link);
  if (timing < 2)
    row->check (first, requests);
  row->check (second, requests);
  check_no_resumption (requests);
  party_free (second);
  party_free (first);
  sio_test_server_await_clients (link->server, 0);
}

/* What has nothing to do with TLS is tried without it, and there where a connection or a session
 * might be used again. */
static gboolean
is_of_use (const Row *row, const Link *link, guint timing)
{
  if (row->needs_tls)
    return link->version != NULL;
  return link->version == NULL || (g_str_equal (link->version, "TLSv1.3") && timing >= 2);
}

static guint n_points;

static void
point (const char *path, gboolean skipped)
{
  g_print ("ok %u - %s%s\n", ++n_points, path, skipped ? " # SKIP GIO has no TLS" : "");
}

static void
run_link (Link *link, const char *prefix)
{
  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    for (guint i = 0; i < G_N_ELEMENTS (modes) * G_N_ELEMENTS (timings) * 3; i++)
      {
        guint m = i % 2, relation = i / 2 % 3, timing = i / 6;
        g_autofree char *path =
            g_strjoin ("/", "", "identity", link->name, rows[r].name, modes[m].name,
                       timings[timing], relations[relation], NULL);

        if (!is_of_use (&rows[r], link, timing) || !g_str_has_prefix (path, prefix))
          continue;
        if (link->version != NULL && !sio_test_has_tls ())
          {
            point (path, TRUE);
            continue;
          }
        g_print ("# %s\n", path);
        if (link->server == NULL)
          link_start (link);
        run (&rows[r], link, &modes[m], timing, relation);
        point (path, FALSE);
      }
}

/* Nobody but the server is shown the certificate, even if another on the way asks for one. */
static void
run_https_proxy (Link *link, const SioTestMode *mode)
{
  const Row row = {
    .set = set_certificate_and_proxy, .values = { "a" }, .where = "/certificate", .seen = { "a" }
  };
  g_autoptr (SioValue) requests = NULL;
  g_autoptr (SioValue) proxies = NULL;
  SioValue *certificates;
  Party *party;

  link_start (link);
  party = party_new (&row, link, mode, 0);
  sio_socket_open (party->client->socket);
  party_settle (party);
  requests = take_requests (link);
  check_requests (party, requests);
  proxies = sio_test_server_command (link->server, "{\"cmd\":\"proxies\"}");
  certificates = sio_value_get_member (proxies, "certificates");
  g_assert_cmpuint (sio_value_get_length (certificates), >, 0);
  for (gsize i = 0; i < sio_value_get_length (certificates); i++)
    g_assert_null (sio_value_get_string (sio_value_get_element (certificates, i)));
  party_free (party);
  link_stop (link);
}

static void
run_https_proxies (const char *prefix)
{
  /* GIO asks nobody else about proxies. */
  g_autoptr (GTlsDatabase) trusting = sio_test_database_new ();
  GTlsBackend *backend = g_tls_backend_get_default ();

  g_tls_backend_set_default_database (backend, trusting);
  for (guint v = 1; v < G_N_ELEMENTS (links); v++)
    for (guint m = 0; m < G_N_ELEMENTS (modes); m++)
      {
        g_autofree char *path =
            g_strjoin ("/", "", "identity", links[v].name, "https-proxy", modes[m].name, NULL);

        if (!g_str_has_prefix (path, prefix))
          continue;
        links[v].proxy_tls = TRUE;
        g_print ("# %s\n", path);
        if (sio_test_has_tls ())
          run_https_proxy (&links[v], &modes[m]);
        point (path, !sio_test_has_tls ());
      }
  g_tls_backend_set_default_database (backend, NULL);
}

int
main (int argc, char **argv)
{
  const char *missing = !sio_test_server_is_node () ? "python" : sio_test_server_missing ();
  const char *prefix = argc == 3 && g_str_equal (argv[1], "-p") ? argv[2] : "";

  if (missing != NULL)
    {
      g_print ("1..0 # SKIP %s\n", missing);
      return EXIT_SUCCESS;
    }
  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    {
      run_link (&links[i], prefix);
      link_stop (&links[i]);
    }
  run_https_proxies (prefix);
  g_print ("1..%u\n", n_points);
  return EXIT_SUCCESS;
}
