/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <sioclient/sio.h>

/* Which calls of sio_io() get one manager (X1): for each option there is whether a manager that was
 * made with it serves who asks without it, the other way round, and both with it. */

#define HERE "http://127.0.0.1:1"

typedef GTlsDatabase TestDatabase;
typedef GTlsDatabaseClass TestDatabaseClass;
GType test_database_get_type (void);
G_DEFINE_TYPE (TestDatabase, test_database, G_TYPE_TLS_DATABASE)

static void
test_database_class_init (TestDatabaseClass *klass)
{
}

static void
test_database_init (TestDatabase *self)
{
}

typedef GTlsCertificate TestCertificate;
typedef GTlsCertificateClass TestCertificateClass;
GType test_certificate_get_type (void);
G_DEFINE_TYPE (TestCertificate, test_certificate, G_TYPE_TLS_CERTIFICATE)

static void
test_certificate_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
}

static void
test_certificate_set_property (GObject *object,
                               guint property,
                               const GValue *value,
                               GParamSpec *pspec)
{
}

static void
test_certificate_class_init (TestCertificateClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = test_certificate_get_property;
  object_class->set_property = test_certificate_set_property;
  for (guint i = 1; i <= 4; i++)
    {
      const char *names[] = { "certificate", "certificate-pem", "private-key", "private-key-pem" };

      g_object_class_override_property (object_class, i, names[i - 1]);
    }
  g_object_class_override_property (object_class, 5, "issuer");
}

static void
test_certificate_init (TestCertificate *self)
{
}

typedef enum
{
  OF_IDENTITY = 1, /* equal in both directions */
  OF_CONNECTION,   /* counts if the second call gives it */
  OF_SOCKET,       /* its own: never counts */
  OF_CALL,         /* likewise */
  AGAINST_SHARING, /* whoever has it stays alone */
} Kind;

static const struct
{
  const char *name;
  Kind kind;
} options_of[] = {
  { "force-new", AGAINST_SHARING },
  { "multiplex", AGAINST_SHARING },
  { "auto-connect", OF_CALL },
  { "reconnection", OF_CONNECTION },
  { "reconnection-attempts", OF_CONNECTION },
  { "reconnection-delay", OF_CONNECTION },
  { "reconnection-delay-max", OF_CONNECTION },
  { "randomization-factor", OF_CONNECTION },
  { "timeout", OF_CONNECTION },
  { "auth", OF_SOCKET },
  { "retries", OF_SOCKET },
  { "ack-timeout", OF_SOCKET },
  { "join-timeout", OF_SOCKET },
  /* Two servers may live at one origin (M52). */
  { "path", OF_IDENTITY },
  { "add-trailing-slash", OF_CONNECTION },
  { "transports", OF_CONNECTION },
  { "upgrade", OF_CONNECTION },
  { "remember-upgrade", OF_CONNECTION },
  { "try-all-transports", OF_CONNECTION },
  { "timestamp-requests", OF_CONNECTION },
  { "timestamp-param", OF_CONNECTION },
  { "force-base64", OF_CONNECTION },
  { "with-credentials", OF_IDENTITY },
  { "protocols", OF_CONNECTION },
  { "request-timeout", OF_CONNECTION },
  { "per-message-deflate", OF_CONNECTION },
  { "tls-database", OF_IDENTITY },
  { "tls-certificate", OF_IDENTITY },
  { "proxy-resolver", OF_IDENTITY },
  { "network-aware", OF_CONNECTION },
};

static Kind
kind_of (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (options_of); i++)
    if (g_str_equal (options_of[i].name, name))
      return options_of[i].kind;
  g_test_message ("%s: is it of identity, of the connection, of the socket?", name);
  g_test_fail ();
  return OF_IDENTITY;
}

/* The second call, while the first is there; the managers are gone when it returns. */
static gboolean
share (const char *first_url,
       SioOptions *first_options,
       const char *second_url,
       SioOptions *second_options)
{
  g_autoptr (SioSocket) first = sio_io (first_url, first_options);
  g_autoptr (SioSocket) second = sio_io (second_url, second_options);

  return sio_socket_get_io (first) == sio_socket_get_io (second);
}

static SioOptions *
options_new (void)
{
  return g_object_new (SIO_TYPE_OPTIONS, "auto-connect", FALSE, NULL);
}

/* Another value than the default, and the same each time. */
static void
set_other_value (SioOptions *options, GParamSpec *pspec)
{
  static const char *const names[] = { "websocket", NULL };
  static GObject *database, *certificate, *resolver;
  const char *name = pspec->name;
  const GValue *value = g_param_spec_get_default_value (pspec);

  if (database == NULL)
    {
      database = g_object_new (test_database_get_type (), NULL);
      certificate = g_object_new (test_certificate_get_type (), NULL);
      resolver = G_OBJECT (g_simple_proxy_resolver_new ("http://proxy.invalid/", NULL));
    }

  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_object_set (options, name, !g_value_get_boolean (value), NULL);
  else if (G_IS_PARAM_SPEC_INT (pspec))
    g_object_set (options, name, g_value_get_int (value) + 7, NULL);
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    g_object_set (options, name, g_value_get_uint (value) + 7, NULL);
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    g_object_set (options, name, g_value_get_double (value) / 2, NULL);
  else if (G_IS_PARAM_SPEC_STRING (pspec))
    g_object_set (options, name, "other", NULL);
  else if (pspec->value_type == G_TYPE_STRV)
    g_object_set (options, name, names, NULL);
  else if (pspec->value_type == SIO_TYPE_VALUE)
    {
      g_autoptr (SioValue) auth = sio_value_new_from_json ("{\"token\":1}", NULL, 0, NULL);

      g_object_set (options, name, auth, NULL);
    }
  else if (pspec->value_type == G_TYPE_TLS_DATABASE)
    g_object_set (options, name, database, NULL);
  else if (pspec->value_type == G_TYPE_TLS_CERTIFICATE)
    g_object_set (options, name, certificate, NULL);
  else if (pspec->value_type == G_TYPE_PROXY_RESOLVER)
    g_object_set (options, name, resolver, NULL);
  else
    g_assert_not_reached ();
}

static void
check_option (GParamSpec *pspec)
{
  const Kind kind = kind_of (pspec->name);
  g_autoptr (SioOptions) none = options_new ();
  g_autoptr (SioOptions) one = options_new ();
  g_autoptr (SioOptions) same = options_new ();
  gboolean without_it, with_it, both;

  set_other_value (one, pspec);
  set_other_value (same, pspec);
  without_it = share (HERE, one, HERE "/a", none);
  with_it = share (HERE, none, HERE "/a", one);
  both = share (HERE, one, HERE "/a", same);

  g_test_message ("%s: %d %d %d", pspec->name, without_it, with_it, both);
  g_assert_cmpint (without_it, ==, kind != OF_IDENTITY && kind != AGAINST_SHARING);
  g_assert_cmpint (with_it, ==, kind == OF_SOCKET || kind == OF_CALL);
  g_assert_cmpint (both, ==, kind != AGAINST_SHARING);
}

static void
test_every_option (void)
{
  GObjectClass *klass = g_type_class_ref (SIO_TYPE_OPTIONS);
  guint n;
  g_autofree GParamSpec **pspecs = g_object_class_list_properties (klass, &n);

  g_assert_cmpuint (n, ==, G_N_ELEMENTS (options_of));
  for (guint i = 0; i < n; i++)
    check_option (pspecs[i]);
  g_type_class_unref (klass);
}

static SioOptions *
options_new_with (const char *const *headers, const char *const *query)
{
  SioOptions *options = options_new ();

  for (guint i = 0; headers != NULL && headers[i] != NULL; i += 2)
    sio_options_set_header (options, headers[i], headers[i + 1]);
  for (guint i = 0; query != NULL && query[i] != NULL; i += 2)
    sio_options_set_query_param (options, query[i], query[i + 1]);
  return options;
}

#define PAIRS(...)                                                                                 \
  {                                                                                                \
    __VA_ARGS__, NULL                                                                              \
  }

static void
test_headers_and_query (void)
{
  static const struct
  {
    const char *a[5];
    const char *b[5];
    gboolean headers_share;
    gboolean query_shares;
  } pairs[] = {
    { PAIRS (NULL), PAIRS (NULL), TRUE, TRUE },
    { PAIRS ("x", "1"), PAIRS (NULL), FALSE, FALSE },
    { PAIRS (NULL), PAIRS ("x", "1"), FALSE, FALSE },
    { PAIRS ("x", "1"), PAIRS ("x", "1"), TRUE, TRUE },
    { PAIRS ("x", "1"), PAIRS ("x", "2"), FALSE, FALSE },
    { PAIRS ("x", "a"), PAIRS ("x", "A"), FALSE, FALSE },
    { PAIRS ("x", "1"), PAIRS ("X", "1"), TRUE, FALSE },
    { PAIRS ("x", "1"), PAIRS ("y", "1"), FALSE, FALSE },
    { PAIRS ("x", "1", "y", "2"), PAIRS ("y", "2", "x", "1"), TRUE, TRUE },
    { PAIRS ("x", "1", "y", "2"), PAIRS ("y", "1", "x", "2"), FALSE, FALSE },
    { PAIRS ("X-a", "1", "x-B", "2"), PAIRS ("x-b", "2", "x-A", "1"), TRUE, FALSE },
    { PAIRS ("x", "1", "y", "2"), PAIRS ("x", "1"), FALSE, FALSE },
    { PAIRS ("x", "1"), PAIRS ("x", "1", "y", "2"), FALSE, FALSE },
    { PAIRS ("x", ""), PAIRS (NULL), FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr (SioOptions) a_headers = options_new_with (pairs[i].a, NULL);
      g_autoptr (SioOptions) b_headers = options_new_with (pairs[i].b, NULL);
      g_autoptr (SioOptions) a_query = options_new_with (NULL, pairs[i].a);
      g_autoptr (SioOptions) b_query = options_new_with (NULL, pairs[i].b);

      g_test_message ("%" G_GSIZE_FORMAT, i);
      g_assert_cmpint (share (HERE, a_headers, HERE "/a", b_headers), ==, pairs[i].headers_share);
      g_assert_cmpint (share (HERE, a_query, HERE "/a", b_query), ==, pairs[i].query_shares);
    }
}

/* The query of the URL replaces that of the options (E11). */
static void
test_url (void)
{
  static const char *const one[] = { "x", "1", NULL };
  static const struct
  {
    const char *a;
    const char *b;
    gboolean shared;
    gboolean shared_with_query; /* with x=1 in the options of the first */
  } urls[] = {
    { HERE, HERE "/a", TRUE, FALSE },
    { HERE "?x=1", HERE "/a", FALSE, FALSE },
    { HERE, HERE "/a?x=1", FALSE, TRUE },
    { HERE "?x=1", HERE "/a?x=1", TRUE, TRUE },
    { HERE "?y=1", HERE "/a?x=1", FALSE, FALSE },
    { HERE "?x=1&y=2", HERE "/a?y=2&x=1#z", TRUE, TRUE },
    { HERE "?x=%31", HERE "/a?x=1", TRUE, TRUE },
    { HERE "?", HERE "/a", TRUE, FALSE },
    { "http://u:p@127.0.0.1:1", HERE "/a", FALSE, FALSE },
    { HERE, "http://u:p@127.0.0.1:1/a", FALSE, FALSE },
    { "http://u:p@127.0.0.1:1", "http://u:q@127.0.0.1:1/a", FALSE, FALSE },
    { "http://u:p@127.0.0.1:1", "http://v:p@127.0.0.1:1/a", FALSE, FALSE },
    { "http://u:p@127.0.0.1:1", "http://%75:%70@127.0.0.1:1/a", TRUE, FALSE },
    { "http://@127.0.0.1:1", HERE "/a", TRUE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (SioOptions) none = options_new ();
      g_autoptr (SioOptions) with_query = options_new_with (NULL, one);

      g_test_message ("%s and %s", urls[i].a, urls[i].b);
      g_assert_cmpint (share (urls[i].a, none, urls[i].b, none), ==, urls[i].shared);
      g_assert_cmpint (share (urls[i].a, with_query, urls[i].b, none), ==,
                       urls[i].shared_with_query);
    }
}

/* What means the same is the same. */
static void
test_equal_in_effect (void)
{
  static const char *const known[] = { "websocket", NULL };
  static const char *const unknown[] = { "pigeon", "websocket", "websocket", NULL };
  static const char *const usual[] = { "polling", "websocket", NULL };
  g_autoptr (SioOptions) none = options_new (), a = options_new (), b = options_new ();

  g_object_set (a, "transports", known, NULL);
  g_object_set (b, "transports", unknown, NULL);
  g_assert_true (share (HERE, a, HERE "/a", b));
  /* The default, given on purpose. */
  g_object_set (b, "transports", usual, "timeout", 20000, "reconnection-delay", 0,
                "reconnection-delay-max", 0, "reconnection-attempts", 0, NULL);
  g_assert_true (share (HERE, none, HERE "/a", b));
  g_assert_true (share (HERE, a, HERE "/a", b));
  /* No proxy at all, which is not what nobody has said anything of. */
  g_object_set (a, "proxy-resolver", NULL, "transports", usual, NULL);
  g_assert_false (share (HERE, a, HERE "/a", none));
  g_assert_false (share (HERE, none, HERE "/a", a));
  g_assert_true (share (HERE, a, HERE "/a", a));
}

/* What was changed since is what counts. */
static void
test_changed_since (void)
{
  g_autoptr (SioOptions) none = options_new (), given = options_new ();
  g_autoptr (SioSocket) first = sio_io (HERE, none), second = NULL, third = NULL;

  sio_manager_set_timeout (sio_socket_get_io (first), 77);
  g_object_set (given, "timeout", 77, NULL);
  second = sio_io (HERE "/a", given);
  g_assert_true (sio_socket_get_io (second) == sio_socket_get_io (first));
  third = sio_io (HERE "/b", none);
  g_assert_true (sio_socket_get_io (third) == sio_socket_get_io (first));
}

/* No options are the defaults, and not whatever there is. */
static void
test_no_options (void)
{
  static const char *const one[] = { "x", "1", NULL };
  g_autoptr (SioOptions) header = options_new_with (one, NULL), none = options_new ();
  g_autoptr (SioSocket) first = sio_io (HERE, header), second = sio_io (HERE "/a", NULL);

  g_assert_true (sio_socket_get_io (second) != sio_socket_get_io (first));
  sio_socket_close (second);
  g_clear_object (&first);
  first = sio_io (HERE, none);
  g_clear_object (&second);
  second = sio_io (HERE "/a", NULL);
  g_assert_true (sio_socket_get_io (second) == sio_socket_get_io (first));
  g_assert_true (sio_socket_get_active (second));
  sio_socket_close (second);
}

/* Two sockets for one namespace are two objects, used or not (M53). */
static void
test_same_namespace (void)
{
  g_autoptr (SioOptions) none = options_new ();
  g_autoptr (SioSocket) first = sio_io (HERE "/a", none);
  g_autoptr (SioSocket) second = sio_io (HERE "/a", none);
  g_autoptr (SioSocket) beside = sio_io (HERE "/b", none);
  g_autoptr (SioSocket) third = NULL;
  SioManager *manager = sio_socket_get_io (first);

  g_assert_true (first != second);
  g_assert_true (sio_socket_get_io (second) != manager);
  g_assert_true (sio_socket_get_io (beside) == manager);
  /* Who has gone has left it. */
  g_clear_object (&first);
  third = sio_io (HERE "/a", none);
  g_assert_true (sio_socket_get_io (third) == manager);
}

/* The one that was made because settings differ is the one to share with, unless the other is in
 * use. */
static void
test_place_in_the_cache (void)
{
  static const char *const old_header[] = { "x", "old", NULL };
  static const char *const new_header[] = { "x", "new", NULL };
  g_autoptr (SioOptions) old = options_new_with (old_header, NULL);
  g_autoptr (SioOptions) new = options_new_with (new_header, NULL);
  g_autoptr (SioSocket) first = sio_io (HERE, old), second = NULL, third = NULL;
  g_autoptr (SioSocket) fourth = NULL, fifth = NULL;

  second = sio_io (HERE, new);
  third = sio_io (HERE "/a", new);
  g_assert_true (sio_socket_get_io (third) == sio_socket_get_io (second));
  fourth = sio_io (HERE "/b", old);
  g_assert_true (sio_socket_get_io (fourth) != sio_socket_get_io (first));

  /* Now there is one of “old” again, and it is in use. */
  sio_socket_open (fourth);
  fifth = sio_io (HERE "/c", new);
  g_assert_true (sio_socket_get_io (fifth) != sio_socket_get_io (second));
  g_clear_object (&fifth);
  fifth = sio_io (HERE "/d", old);
  g_assert_true (sio_socket_get_io (fifth) == sio_socket_get_io (fourth));
  sio_socket_close (fourth);
}

/* Whether to connect is about one call, whoever made the manager. */
static void
test_auto_connect (void)
{
  g_autoptr (SioOptions) idle = options_new (), at_once = sio_options_new ();
  g_autoptr (SioSocket) first = sio_io (HERE, at_once), second = NULL;
  g_autoptr (SioSocket) third = NULL, fourth = NULL;

  second = sio_io (HERE "/a", idle);
  g_assert_true (sio_socket_get_io (second) == sio_socket_get_io (first));
  g_assert_true (sio_socket_get_active (first));
  g_assert_false (sio_socket_get_active (second));
  sio_socket_close (first);
  g_clear_object (&first);
  g_clear_object (&second);

  third = sio_io (HERE, idle);
  fourth = sio_io (HERE "/a", at_once);
  g_assert_true (sio_socket_get_io (third) == sio_socket_get_io (fourth));
  g_assert_false (sio_socket_get_active (third));
  g_assert_true (sio_socket_get_active (fourth));
  sio_socket_close (fourth);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/io-sharing/X1-every-option", test_every_option);
  g_test_add_func ("/io-sharing/X1-headers-and-query", test_headers_and_query);
  g_test_add_func ("/io-sharing/X1-url", test_url);
  g_test_add_func ("/io-sharing/X1-equal-in-effect", test_equal_in_effect);
  g_test_add_func ("/io-sharing/X1-changed-since", test_changed_since);
  g_test_add_func ("/io-sharing/X1-no-options", test_no_options);
  g_test_add_func ("/io-sharing/X1-same-namespace", test_same_namespace);
  g_test_add_func ("/io-sharing/X1-place-in-the-cache", test_place_in_the_cache);
  g_test_add_func ("/io-sharing/X1-auto-connect", test_auto_connect);
  return g_test_run ();
}
