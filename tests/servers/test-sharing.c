/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <string.h>

/* What sio_io() gives to who asks a second time: the server has to see what this call asked for,
 * and nobody hears an event who was not asked to now (X1). */

typedef struct
{
  const char *path;       /* with a query of its own, if it has one */
  const char *query;      /* the value of the parameter “token”; nullable */
  const char *header;     /* the value of the header “X-Token”; nullable */
  const char *credential; /* that of “Authorization”; nullable */
} Wish;

static SioSocket *
io (const SioTestMode *mode, const Wish *wish)
{
  g_autofree char *url = sio_test_server_dup_url (sio_test_shared_server (), wish->path);
  g_autoptr (SioOptions) options = sio_test_options_new (mode);

  g_object_set (options, "auto-connect", TRUE, NULL);
  if (wish->query != NULL)
    sio_options_set_query_param (options, "token", wish->query);
  if (wish->header != NULL)
    sio_options_set_header (options, "X-Token", wish->header);
  if (wish->credential != NULL)
    sio_options_set_header (options, "Authorization", wish->credential);
  return sio_io (url, options);
}

static void
drop (SioSocket *socket)
{
  sio_socket_close (socket);
  sio_test_drop (socket);
}

/* What the server holds of the one who asks. */
static void
check_seen (SioSocket *socket, const Wish *wish)
{
  g_autoptr (SioValue) answer = sio_test_ask (socket, "handshake", NULL);

  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/query/token")), ==,
                   wish->query);
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/headers/x-token")), ==,
                   wish->header);
  g_assert_cmpstr (sio_value_get_string (sio_value_lookup (answer, "/0/headers/authorization")), ==,
                   wish->credential);
}

static void
on_event (SioSocket *socket, SioEvent *event, gpointer n_heard)
{
  (*(guint *) n_heard)++;
}

static void
check_again (const SioTestMode *mode, const Wish *old, const Wish *new)
{
  SioSocket *first = io (mode, old), *second;
  guint n_first = 0, n_second = 0;

  sio_socket_on (first, "echo", on_event, &n_first, NULL);
  sio_test_sync (first);
  check_seen (first, old);
  sio_socket_close (first);

  second = io (mode, new);
  sio_socket_on (second, "echo", on_event, &n_second, NULL);
  check_seen (second, new);
  g_assert_true (second != first);
  g_assert_false (sio_socket_get_active (first));
  sio_socket_emit (second, "echo", "(i)", 1);
  sio_test_sync (second);
  g_assert_cmpuint (n_first, ==, 0);
  g_assert_cmpuint (n_second, ==, 1);
  drop (first);
  drop (second);
}

static const Wish old = { "/", "old", "old", "Bearer old" };
static const Wish new = { "/", "new", "new", "Bearer new" };

static void
test_again_other_settings (const SioTestMode *mode)
{
  check_again (mode, &old, &new);
}

static void
test_again_none (const SioTestMode *mode)
{
  const Wish none = { "/", NULL, NULL, NULL };

  check_again (mode, &old, &none);
  check_again (mode, &none, &new);
}

static void
test_again_same_settings (const SioTestMode *mode)
{
  check_again (mode, &old, &old);
}

static void
test_again_url_query (const SioTestMode *mode)
{
  const Wish first = { "/?token=old", "old", NULL, NULL };
  const Wish second = { "/?token=new", "new", NULL, NULL };

  check_again (mode, &first, &second);
}

/* While the first is connected: another namespace of the same server. */
static void
check_beside (const SioTestMode *mode, const Wish *a, const Wish *b, gboolean shared)
{
  SioSocket *first = io (mode, a), *second;

  sio_test_sync (first);
  second = io (mode, b);
  check_seen (second, b);
  check_seen (first, a);
  g_assert_cmpint (sio_socket_get_io (first) == sio_socket_get_io (second), ==, shared);
  drop (second);
  drop (first);
}

static void
test_beside (const SioTestMode *mode)
{
  const Wish query = { "/admin", "new", "old", "Bearer old" };
  const Wish header = { "/admin", "old", "new", "Bearer old" };
  const Wish credential = { "/admin", "old", "old", "Bearer new" };
  const Wish none = { "/admin", NULL, NULL, NULL };
  const Wish same = { "/admin", "old", "old", "Bearer old" };

  check_beside (mode, &old, &query, FALSE);
  check_beside (mode, &old, &header, FALSE);
  check_beside (mode, &old, &credential, FALSE);
  check_beside (mode, &old, &none, FALSE);
  check_beside (mode, &none, &old, FALSE);
  check_beside (mode, &old, &same, TRUE);
}

static void
test_beside_url_query (const SioTestMode *mode)
{
  const Wish a = { "/?token=old", "old", NULL, NULL };
  const Wish b = { "/admin?token=old", "old", NULL, NULL };
  const Wish by_option = { "/admin", "old", NULL, NULL };
  const Wish other = { "/admin?token=new", "new", NULL, NULL };

  check_beside (mode, &a, &b, TRUE);
  check_beside (mode, &a, &by_option, TRUE);
  check_beside (mode, &a, &other, FALSE);
}

/* Who comes next with the settings of now shares the connection of now. */
static void
test_takes_the_place (const SioTestMode *mode)
{
  const Wish beside = { "/admin", "new", "new", "Bearer new" };
  SioSocket *first = io (mode, &old), *second, *third;

  sio_test_sync (first);
  sio_socket_close (first);
  second = io (mode, &new);
  third = io (mode, &beside);
  g_assert_true (sio_socket_get_io (second) == sio_socket_get_io (third));
  check_seen (third, &beside);
  sio_test_server_await_clients (sio_test_shared_server (), 1);
  drop (first);
  drop (second);
  drop (third);
}

/* The namespace of one who has gone is free: what is left is one connection. */
static void
test_dropped (const SioTestMode *mode)
{
  const Wish beside = { "/admin", "old", "old", "Bearer old" };
  SioSocket *first = io (mode, &old), *second = io (mode, &beside), *third;

  sio_test_sync (second);
  drop (second);
  third = io (mode, &beside);
  sio_test_sync (third);
  g_assert_true (sio_socket_get_io (first) == sio_socket_get_io (third));
  sio_test_server_await_clients (sio_test_shared_server (), 1);
  drop (third);
  drop (first);
}

static const SioTestCase cases[] = {
  { "sharing/X1-again-sends-the-old-settings", test_again_other_settings },
  { "sharing/X1-again-sends-settings-nobody-gave", test_again_none },
  { "sharing/X1-again-has-the-old-listeners", test_again_same_settings },
  { "sharing/X1-again-sends-the-old-query-of-the-url", test_again_url_query },
  { "sharing/X1-beside-rides-on-others-settings", test_beside },
  { "sharing/X1-beside-query-of-the-url", test_beside_url_query },
  { "sharing/X1-takes-the-place", test_takes_the_place },
  { "sharing/X1-dropped", test_dropped },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
