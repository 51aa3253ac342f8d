/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-url-private.h"

#include "sio-types.h"

#include <string.h>

typedef struct
{
  const char *name;
  const char *url;
  const char *origin; /* NULL: refused */
  const char *host;
  const char *nsp;
  const char *query; /* names and values, each followed by a `|`; NULL for none */
} Case;

/* clang-format off */
static const Case cases[] = {
  { "M61/plain", "http://h", "http://h:80", "h", "/", NULL },
  { "M61/port-of-the-other-scheme", "https://h:80/", "https://h:80", "h", "/", NULL },
  { "M61/wss", "wss://h/", "https://h:443", "h", "/", NULL },
  { "M61/all-parts", "https://h:3000/a?b=c#d", "https://h:3000", "h", "/a", "b|c|" },
  { "M61/query-without-path", "http://h?x=1", "http://h:80", "h", "/", "x|1|" },
  { "M61/name-without-value", "http://h/?x", "http://h:80", "h", "/", "x||" },
  { "M61/query-in-fragment", "http://h/a#f?x=1", "http://h:80", "h", "/a", NULL },
  { "M61/ipv6", "http://[::1]", "http://[::1]:80", "::1", "/", NULL },
  { "M61/user-information", "http://u:p@h/a", "http://h:80", "h", "/a", NULL },
  { "M61/port-no-number", "http://h:abc" },
  { "M61/no-host", "http://" },
  { "M60/ipv6-port-path", "http://[::1]:8080/x", "http://[::1]:8080", "::1", "/x", NULL },
  { "M60/ipv6-canonical", "http://[2001:DB8:0::1]/", "http://[2001:db8::1]:80", "2001:db8::1", "/", NULL },
  { "M60/ipv6-mapped", "http://[::ffff:1.2.3.4]", "http://[::ffff:1.2.3.4]:80", "::ffff:1.2.3.4", "/", NULL },
  { "M60/ipv6-empty-port", "http://[::1]:/", "http://[::1]:80", "::1", "/", NULL },
  { "M60/ipv6-query", "ws://[::1]?a", "http://[::1]:80", "::1", "/", "a||" },
  { "M60/ipv6-not-closed", "http://[::1" },
  { "M60/ipv6-text-behind", "http://[::1]x" },
  { "M60/ipv6-empty", "http://[]" },
  { "M60/ipv6-bad", "http://[::g]" },
  { "M60/ipv6-zone", "http://[fe80::1%25lo]" },
  { "M60/ipv4-in-brackets", "http://[127.0.0.1]" },
  { "M60/name-in-brackets", "http://[localhost]" },
  { "M60/ipv6-without-brackets", "http://::1:8080/" },
  { "M60/ipv6-without-brackets-or-port", "http://2001:db8::1/" },
  { "M60/closing-bracket-only", "http://::1]" },
  { "M57/capitals", "HTTPS://h", "https://h:443", "h", "/", NULL },
  { "M57/ws-mixed-case", "Ws://h", "http://h:80", "h", "/", NULL },
  { "M57/other-scheme", "ftp://h" },
  { "M57/file", "file:///etc/passwd" },
  { "M57/javascript", "javascript://h" },
  { "M57/unix", "http+unix://h" },
  { "M57/scheme-with-space", " http://h" },
  { "M57/prefix-of-a-scheme", "htt://h" },
  { "M57/longer-than-a-scheme", "httpss://h" },
  { "M58/no-scheme", "h:3000/a" },
  { "M58/no-scheme-name-only", "example.com" },
  { "M58/no-scheme-slashes", "//h/a" },
  { "M58/path-only", "/nsp" },
  { "M58/empty", "" },
  { "M58/empty-scheme", "://h" },
  { "M58/one-slash", "http:/h" },
  { "M58/no-slash", "http:h" },
  { "M58/scheme-only", "http:" },
  { "M59/path-trailing-slash", "http://h/admin/", "http://h:80", "h", "/admin/", NULL },
  { "M59/path-not-decoded", "http://h/a%20b/%2f", "http://h:80", "h", "/a%20b/%2f", NULL },
  { "M59/path-not-cleaned", "http://h//a/../b/./", "http://h:80", "h", "//a/../b/./", NULL },
  { "M59/path-case", "http://H/Admin", "http://h:80", "h", "/Admin", NULL },
  { "M59/path-utf8", "http://h/€", "http://h:80", "h", "/€", NULL },
  { "M59/path-space", "http://h/a b", "http://h:80", "h", "/a b", NULL },
  { "M59/path-colon-and-at", "http://h/a:b@c", "http://h:80", "h", "/a:b@c", NULL },
  { "M59/empty-query", "http://h/a?", "http://h:80", "h", "/a", NULL },
  { "M59/empty-query-and-fragment", "http://h/a?#", "http://h:80", "h", "/a", NULL },
  { "M59/second-question-mark", "http://h/a?b=c?d", "http://h:80", "h", "/a", "b|c?d|" },
  { "M59/slash-in-query", "http://h?a=/b", "http://h:80", "h", "/", "a|/b|" },
  { "M59/at-in-query", "http://h?a=u:p@x", "http://h:80", "h", "/", "a|u:p@x|" },
  { "M59/at-in-fragment", "http://h#u@x", "http://h:80", "h", "/", NULL },
  { "M59/fragment-dropped", "http://h#/a", "http://h:80", "h", "/", NULL },
  { "P5/comma", "http://h/a,b" },
  { "P5/control", "http://h/a\nb" },
  { "P5/c1-control", "http://h/a\302\205b" },
  { "M59/host-lower-case", "http://EXAMPLE.Com:3000", "http://example.com:3000", "example.com", "/", NULL },
  { "M59/host-ipv4", "http://127.0.0.1:3000", "http://127.0.0.1:3000", "127.0.0.1", "/", NULL },
  { "M59/host-underscore", "http://my_host-1.lan.", "http://my_host-1.lan.:80", "my_host-1.lan.", "/", NULL },
  { "M59/host-idn", "http://bücher.example", "http://xn--bcher-kva.example:80", "xn--bcher-kva.example", "/", NULL },
  { "M59/host-idn-capitals", "http://BÜCHER.example", "http://xn--bcher-kva.example:80", "xn--bcher-kva.example", "/", NULL },
  { "M59/host-idn-nothing-left", "http://\302\255/" },
  { "M59/host-full-width-slash", "http://a\357\274\217b/" },
  { "M59/host-space", "http://a b/" },
  { "M59/host-trailing-space", "http://h " },
  { "M59/host-tab", "http://h\t/" },
  { "M59/host-newline", "http://h\r\nX: y/" },
  { "M59/host-delete", "http://h\177/" },
  { "M59/host-percent", "http://ex%61mple/" },
  { "M59/host-comma", "http://a,b/" },
  { "M59/host-backslash", "http://a\\b/" },
  { "M59/host-angle", "http://<h>/" },
  { "M59/host-quote", "http://\"h\"/" },
  { "M59/no-host-but-port", "http://:80/" },
  { "M59/no-host-but-path", "http:///a" },
  { "M59/no-host-but-query", "http://?a=b" },
  { "M59/no-host-but-user", "http://u:p@/a" },
  { "M59/invalid-utf8", "http://h/\377" },
  { "M59/port-empty", "https://h:/a", "https://h:443", "h", "/a", NULL },
  { "M59/port-1", "http://h:1", "http://h:1", "h", "/", NULL },
  { "M59/port-65535", "http://h:65535", "http://h:65535", "h", "/", NULL },
  { "M59/port-leading-zeros", "http://h:0000000000000080", "http://h:80", "h", "/", NULL },
  { "M59/port-0", "http://h:0" },
  { "M59/port-65536", "http://h:65536" },
  { "M59/port-wraps", "http://h:4294967376" },
  { "M59/port-huge", "http://h:99999999999999999999999999999999" },
  { "M59/port-plus", "http://h:+80" },
  { "M59/port-minus", "http://h:-80" },
  { "M59/port-space", "http://h: 80" },
  { "M59/port-hexadecimal", "http://h:0x50" },
  { "M59/two-ports", "http://h:80:80" },
  { "E8/decoded", "http://h?a%26b=%e2%82%ac&c=d", "http://h:80", "h", "/", "a&b|€|c|d|" },
};
/* clang-format on */

static char *
describe_query (char **query)
{
  g_autofree char *joined = NULL;

  if (query == NULL)
    return NULL;
  if (query[0] == NULL)
    return g_strdup ("");
  joined = g_strjoinv ("|", query);
  return g_strconcat (joined, "|", NULL);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_auto (SioUrl) url = SIO_URL_INIT;
  g_autoptr (GError) error = NULL;
  g_autofree char *origin = NULL;
  g_autofree char *query = NULL;
  gboolean accepted = sio_url_parse (&url, c->url, &error);

  if (c->origin == NULL)
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_URL);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_false (accepted);
      g_assert_null (url.host);
      return;
    }

  g_assert_no_error (error);
  g_assert_true (accepted);
  origin = sio_url_dup_origin (&url);
  query = describe_query (url.query);
  g_assert_cmpstr (origin, ==, c->origin);
  g_assert_cmpstr (url.host, ==, c->host);
  g_assert_cmpstr (url.nsp, ==, c->nsp);
  g_assert_cmpstr (query, ==, c->query);
}

static void
assert_user (const char *text, const char *user, const char *password)
{
  g_auto (SioUrl) url = SIO_URL_INIT;
  g_autoptr (GError) error = NULL;

  sio_url_parse (&url, text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (url.user, ==, user);
  g_assert_cmpstr (url.password, ==, password);
  g_assert_cmpstr (url.host, ==, "h");
}

static void
test_user (void)
{
  assert_user ("http://h", NULL, NULL);
  assert_user ("http://@h", NULL, NULL);
  assert_user ("http://u@h", "u", NULL);
  assert_user ("http://u:@h", "u", "");
  assert_user ("http://:p@h", "", "p");
  assert_user ("http://u:p@h:80", "u", "p");
  assert_user ("http://u:p:q@h", "u", "p:q");
  assert_user ("http://u@x:p@h", "u@x", "p");
  assert_user ("http://u%40x:%3a%2F%20%e2%82%ac@h", "u@x", ":/ €");
}

static void
assert_authorization (const char *text, const char *expected)
{
  g_auto (SioUrl) url = SIO_URL_INIT;
  g_autofree char *authorization = NULL;

  g_assert_true (sio_url_parse (&url, text, NULL));
  authorization = sio_url_dup_authorization (&url);
  g_assert_cmpstr (authorization, ==, expected);
}

/* X5 */
static void
test_authorization (void)
{
  assert_authorization ("http://h", NULL);
  assert_authorization ("http://@h", NULL);
  assert_authorization ("http://:@h", NULL);
  assert_authorization ("http://user@h", "Basic dXNlcjo=");
  assert_authorization ("http://user:@h", "Basic dXNlcjo=");
  assert_authorization ("http://:sEcret@h", "Basic OnNFY3JldA==");
  assert_authorization ("http://us%e2%82%acr:p%3aw%20%26c@h", "Basic dXPigqxyOnA6dyAmYw==");
  assert_authorization ("http://us€r:p:w%20&c@h", "Basic dXPigqxyOnA6dyAmYw==");
}

/* X5 */
static void
test_without_user_info (void)
{
  static const struct
  {
    const char *url;
    const char *shown;
  } urls[] = {
    { "http://h/a?b#c", "http://h/a?b#c" },
    { "http://@h", "http://h" },
    { "ws://u:sEcret@h:80/a@b?c@d#e@f", "ws://h:80/a@b?c@d#e@f" },
    { "http://u:s@cret@h/", "http://h/" },
    { "http://[::1]/@", "http://[::1]/@" },
    { "http://user:x/sEcret@h", "h" },
    { "http://user:sEcret%00@h", "h" },
    { "sEcret://user@h", "h" },
    { "user:sEcret@h", "h" },
    { "//user:sEcret@h", "h" },
    { "sEcret", "sEcret" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autofree char *shown = sio_url_dup_without_user_info (urls[i].url);

      g_assert_cmpstr (shown, ==, urls[i].shown);
    }
}

/* Whatever is wrong with the URL, and wherever the slip puts the border between its parts. */
static void
test_no_credentials_in_errors (void)
{
  static const char *const urls[] = {
    "http://user:sEcret@",
    "http://user:sEcret@h:abc",
    "http://user:sEcret@h h",
    "http://user:sEcret@h/a,b",
    "http://user:sEcret@[::g]",
    "http://user:%zzsEcret@h",
    "http://user:%00sEcret@h",
    "http://user:%ffsEcret@h",
    "http://sEcret%@h",
    "http://user:x/sEcret@h",
    "http://user:1/sEcret,@h",
    "http://user:sEcret/@h",
    "http://user:sEcret?@h",
    "http://user:sEcret#@h",
    "http://us er:1/sEcret,@h",
    "http://[sEcret/@h",
    "http://sEcret:y:z/@h",
    "user:sEcret@h",
    "//user:sEcret@h",
    "sEcret://user@h",
    "foo://user:sEcret@h",
    "http://us%3Aer:sEcret@h",
    "http://us%0aer:sEcret@h",
    "http://user:sEcret%7f@h",
    "http://user:sEcret%c2%85@h",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_auto (SioUrl) url = SIO_URL_INIT;
      g_autoptr (GError) error = NULL;

      g_assert_false (sio_url_parse (&url, urls[i], &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_URL);
      g_assert_null (strstr (error->message, "sEcret"));
      g_assert_null (strstr (error->message, "user:"));
    }
}

static void
assert_error_quotes (const char *text, const char *part)
{
  g_auto (SioUrl) url = SIO_URL_INIT;
  g_autoptr (GError) error = NULL;

  g_assert_false (sio_url_parse (&url, text, &error));
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_errors_name_the_part (void)
{
  g_autofree char *long_name = g_strnfill (5000, ' ');
  g_autofree char *long_url = g_strconcat ("http://", long_name, NULL);
  g_auto (SioUrl) url = SIO_URL_INIT;
  g_autoptr (GError) error = NULL;

  assert_error_quotes ("foo://h", "“foo”");
  assert_error_quotes ("http://h:abc/x", "“abc”");
  assert_error_quotes ("http://h:70000/x", "“70000”");
  assert_error_quotes ("http://a\nb/x", "“a\\nb”");
  assert_error_quotes ("http://[::g]:1/x", "“::g”");
  assert_error_quotes ("http://h/x,y?z", "“/x,y”");

  g_assert_false (sio_url_parse (&url, long_url, &error));
  g_assert_cmpuint (strlen (error->message), <, 400);
}

static void
test_length (void)
{
  g_autofree char *nsp = g_strnfill (7991, 'a');
  g_autofree char *longest = g_strconcat ("http://h/", nsp, NULL);
  g_autofree char *longer = g_strconcat (longest, "a", NULL);
  g_auto (SioUrl) url = SIO_URL_INIT;
  g_auto (SioUrl) none = SIO_URL_INIT;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (strlen (longest), ==, 8000);
  g_assert_true (sio_url_parse (&url, longest, NULL));
  g_assert_false (sio_url_parse (&none, longer, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_URL);
}

static void
test_every_truncation (void)
{
  static const char text[] = "https://u%20:p%41@bücher.example:3000/a%20?b%20=c%20&d#e";
  gsize length;

  for (length = 0; length < sizeof text; length++)
    {
      g_auto (SioUrl) url = SIO_URL_INIT;
      g_autoptr (GError) error = NULL;
      g_autofree char *copy = g_strndup (text, length);

      if (sio_url_parse (&url, copy, &error))
        {
          g_autofree char *origin = sio_url_dup_origin (&url);

          g_assert_true (g_uri_is_valid (origin, G_URI_FLAGS_NONE, NULL));
        }
      else
        g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_URL);
    }
}

static void
assert_query (const char *text, const char *expected)
{
  g_auto (GStrv) query = sio_url_parse_query (text);
  g_autofree char *description = describe_query (query);

  g_assert_cmpstr (description, ==, expected);
}

static void
test_parse_query (void)
{
  assert_query ("", "");
  assert_query ("a=b", "a|b|");
  assert_query ("a=b&c=d", "a|b|c|d|");
  assert_query ("a", "a||");
  assert_query ("a=", "a||");
  assert_query ("a&b=c", "a||b|c|");
  assert_query ("a=b=c", "a|b=c|");
  assert_query ("=b", "|b|");
  assert_query ("=", "||");
  assert_query ("&", "");
  assert_query ("&&a=b&&", "a|b|");
  assert_query ("a+b=c+d", "a+b|c+d|");
  assert_query ("a%20b=%2B", "a b|+|");
  assert_query ("a=%e2%82%ac&b=€", "a|€|b|€|");
  assert_query ("a=1&b=2&a=3", "a|3|b|2|");
  assert_query ("%61=1&a=2", "a|2|");
  assert_query ("a=%", "a|%|");
  assert_query ("a=%zz", "a|%zz|");
  assert_query ("a=%00", "a|%00|");
  assert_query ("a=%ff", "a|%ff|");
  assert_query ("?a=b", "?a|b|");
}

static void
assert_escaped (const char *text, const char *expected)
{
  g_autofree char *escaped = sio_url_escape (text);

  g_assert_cmpstr (escaped, ==, expected);
}

static void
test_escape (void)
{
  assert_escaped ("", "");
  assert_escaped ("ABCXYZabcxyz0189-_.!~*'()", "ABCXYZabcxyz0189-_.!~*'()");
  assert_escaped (" +&=?#/%:;,@$\"<>[]\\^`{|}",
                  "%20%2B%26%3D%3F%23%2F%25%3A%3B%2C%40%24%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D");
  assert_escaped ("€🎉", "%E2%82%AC%F0%9F%8E%89");
  assert_escaped ("\r\n\x1e\177", "%0D%0A%1E%7F");
}

static void
assert_path (const char *path, gboolean trailing_slash, const char *expected)
{
  g_autofree char *normal = sio_url_normalize_path (path, trailing_slash);

  g_assert_cmpstr (normal, ==, expected);
}

static void
test_normalize_path (void)
{
  assert_path ("/socket.io", TRUE, "/socket.io/");
  assert_path ("/socket.io/", TRUE, "/socket.io/");
  assert_path ("/socket.io", FALSE, "/socket.io");
  assert_path ("/socket.io/", FALSE, "/socket.io");
  assert_path ("/a//", TRUE, "/a//");
  assert_path ("/a//", FALSE, "/a/");
  assert_path ("socket.io", TRUE, "/socket.io/");
  assert_path ("socket.io/", FALSE, "/socket.io");
  assert_path ("", TRUE, "/");
  assert_path ("", FALSE, "/");
  assert_path ("/", TRUE, "/");
  assert_path ("/", FALSE, "/");
}

static SioSettings *
new_settings (const char *host)
{
  SioSettings *settings = sio_settings_new ();

  settings->host = g_strdup (host);
  return settings;
}

static void
set_query (SioSettings *settings, const char *query)
{
  g_strfreev (settings->query);
  settings->query = sio_url_parse_query (query);
}

static void
assert_built (const SioSettings *settings,
              SioUrlTransport transport,
              const char *sid,
              const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = sio_url_build (settings, transport, sid, "stamp", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (url, ==, expected);
  g_assert_true (g_uri_is_valid (url, G_URI_FLAGS_NONE, &error));
  g_assert_no_error (error);
}

static void
test_build_defaults (void)
{
  g_autoptr (SioSettings) settings = new_settings ("h");
  g_autofree char *unstamped = NULL;

  assert_built (settings, SIO_URL_POLLING, NULL,
                "http://h/socket.io/?EIO=4&transport=polling&t=stamp");
  assert_built (settings, SIO_URL_POLLING, "S",
                "http://h/socket.io/?EIO=4&transport=polling&sid=S&t=stamp");
  assert_built (settings, SIO_URL_WEBSOCKET, NULL, "ws://h/socket.io/?EIO=4&transport=websocket");
  assert_built (settings, SIO_URL_WEBSOCKET, "S",
                "ws://h/socket.io/?EIO=4&transport=websocket&sid=S");

  unstamped = sio_url_build (settings, SIO_URL_POLLING, NULL, NULL, NULL);
  g_assert_cmpstr (unstamped, ==, "http://h/socket.io/?EIO=4&transport=polling");
}

static void
test_build_port (void)
{
  static const struct
  {
    gboolean secure;
    guint16 port;
    const char *polling;
    const char *websocket;
  } ports[] = {
    { FALSE, 0, "http://h/socket.io/?EIO=4&transport=polling",
      "ws://h/socket.io/?EIO=4&transport=websocket" },
    { FALSE, 80, "http://h/socket.io/?EIO=4&transport=polling",
      "ws://h/socket.io/?EIO=4&transport=websocket" },
    { FALSE, 443, "http://h:443/socket.io/?EIO=4&transport=polling",
      "ws://h:443/socket.io/?EIO=4&transport=websocket" },
    { TRUE, 443, "https://h/socket.io/?EIO=4&transport=polling",
      "wss://h/socket.io/?EIO=4&transport=websocket" },
    { TRUE, 80, "https://h:80/socket.io/?EIO=4&transport=polling",
      "wss://h:80/socket.io/?EIO=4&transport=websocket" },
    { TRUE, 3000, "https://h:3000/socket.io/?EIO=4&transport=polling",
      "wss://h:3000/socket.io/?EIO=4&transport=websocket" },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      g_autoptr (SioSettings) settings = new_settings ("h");

      settings->secure = ports[i].secure;
      settings->port = ports[i].port;
      settings->timestamp_requests = FALSE;
      assert_built (settings, SIO_URL_POLLING, NULL, ports[i].polling);
      assert_built (settings, SIO_URL_WEBSOCKET, NULL, ports[i].websocket);
    }
}

static void
test_build_ipv6 (void)
{
  g_autoptr (SioSettings) settings = new_settings ("::1");

  settings->port = 3000;
  assert_built (settings, SIO_URL_WEBSOCKET, NULL,
                "ws://[::1]:3000/socket.io/?EIO=4&transport=websocket");
}

static void
test_build_query (void)
{
  g_autoptr (SioSettings) settings = new_settings ("h");

  set_query (settings, "a%20b=c%26d&EIO=3&transport=flash&eio=x&%e2%82%ac=+");
  assert_built (settings, SIO_URL_WEBSOCKET, NULL,
                "ws://h/socket.io/?EIO=4&transport=websocket&a%20b=c%26d&eio=x&%E2%82%AC=%2B");
}

static void
test_build_reserved_keys (void)
{
  g_autoptr (SioSettings) settings = new_settings ("h");

  set_query (settings, "sid=mine&t=mine&b64=0");
  assert_built (settings, SIO_URL_POLLING, NULL,
                "http://h/socket.io/?EIO=4&transport=polling&sid=mine&b64=0&t=stamp");
  assert_built (settings, SIO_URL_POLLING, "S",
                "http://h/socket.io/?EIO=4&transport=polling&b64=0&sid=S&t=stamp");
  assert_built (settings, SIO_URL_WEBSOCKET, "S",
                "ws://h/socket.io/?EIO=4&transport=websocket&t=mine&b64=0&sid=S");
  settings->force_base64 = TRUE;
  assert_built (settings, SIO_URL_WEBSOCKET, "S",
                "ws://h/socket.io/?EIO=4&transport=websocket&t=mine&sid=S&b64=1");
}

static void
test_build_timestamps (void)
{
  g_autoptr (SioSettings) settings = new_settings ("h");

  settings->timestamp_requests = FALSE;
  settings->timestamp_websockets = TRUE;
  assert_built (settings, SIO_URL_POLLING, NULL, "http://h/socket.io/?EIO=4&transport=polling");
  assert_built (settings, SIO_URL_WEBSOCKET, NULL,
                "ws://h/socket.io/?EIO=4&transport=websocket&t=stamp");

  g_free (settings->timestamp_param);
  settings->timestamp_param = g_strdup ("no cache&");
  assert_built (settings, SIO_URL_WEBSOCKET, NULL,
                "ws://h/socket.io/?EIO=4&transport=websocket&no%20cache%26=stamp");

  g_clear_pointer (&settings->timestamp_param, g_free);
  assert_built (settings, SIO_URL_WEBSOCKET, NULL,
                "ws://h/socket.io/?EIO=4&transport=websocket&t=stamp");
}

static void
test_build_base64 (void)
{
  g_autoptr (SioSettings) settings = new_settings ("h");

  settings->force_base64 = TRUE;
  settings->timestamp_requests = FALSE;
  assert_built (settings, SIO_URL_POLLING, NULL,
                "http://h/socket.io/?EIO=4&transport=polling&b64=1");
  assert_built (settings, SIO_URL_POLLING, "S",
                "http://h/socket.io/?EIO=4&transport=polling&sid=S");
  assert_built (settings, SIO_URL_WEBSOCKET, NULL,
                "ws://h/socket.io/?EIO=4&transport=websocket&b64=1");
  assert_built (settings, SIO_URL_WEBSOCKET, "S",
                "ws://h/socket.io/?EIO=4&transport=websocket&sid=S&b64=1");
}

static void
test_build_hostile_sid (void)
{
  g_autoptr (SioSettings) settings = new_settings ("h");

  assert_built (settings, SIO_URL_WEBSOCKET, "a&EIO=3#?/ \"€",
                "ws://h/socket.io/"
                "?EIO=4&transport=websocket&sid=a%26EIO%3D3%23%3F%2F%20%22%E2%82%AC");
}

static void
test_build_path (void)
{
  g_autoptr (SioSettings) settings = new_settings ("h");

  g_free (settings->path);
  settings->path = g_strdup ("/my path?/%41%zz%/#€\"/");
  assert_built (settings, SIO_URL_WEBSOCKET, NULL,
                "ws://h/my%20path%3F/%41%25zz%25/%23%E2%82%AC%22/?EIO=4&transport=websocket");
}

/* The namespace and the path of the requests have nothing to do with each other. */
static void
test_namespace_is_not_the_path (void)
{
  g_auto (SioUrl) url = SIO_URL_INIT;
  g_autoptr (SioSettings) settings = NULL;

  g_assert_true (sio_url_parse (&url, "https://h/order", NULL));
  g_assert_cmpstr (url.nsp, ==, "/order");

  settings = new_settings (url.host);
  settings->secure = url.secure;
  settings->port = url.port;
  g_free (settings->path);
  settings->path = sio_url_normalize_path ("/my", TRUE);
  assert_built (settings, SIO_URL_WEBSOCKET, NULL, "wss://h/my/?EIO=4&transport=websocket");
}

static void
test_build_length (void)
{
  static const char start[] = "ws://h/socket.io/?EIO=4&transport=websocket&x=";
  g_autofree char *fill = g_strnfill (8000 - strlen (start), 'a');
  g_autofree char *query = g_strconcat ("x=", fill, NULL);
  g_autofree char *longer = g_strconcat (query, "a", NULL);
  g_autofree char *url = NULL;
  g_autoptr (SioSettings) settings = new_settings ("h");
  g_autoptr (GError) error = NULL;

  set_query (settings, query);
  url = sio_url_build (settings, SIO_URL_WEBSOCKET, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (url), ==, 8000);

  set_query (settings, longer);
  g_assert_null (sio_url_build (settings, SIO_URL_WEBSOCKET, NULL, NULL, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_URL);
  g_assert_cmpuint (strlen (error->message), <, 100);
}

static void
assert_timestamp (gint64 now, guint32 unique, const char *expected)
{
  g_autofree char *text = sio_url_timestamp (now, unique);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_timestamp (void)
{
  assert_timestamp (0, 0, "00000000");
  assert_timestamp (999, 1, "00000001");
  assert_timestamp (1000, 35, "0000100z");
  assert_timestamp (36000, 36, "00010010");
  assert_timestamp (G_GINT64_CONSTANT (60466175999), 46655, "zzzzzzzz");
  assert_timestamp (G_GINT64_CONSTANT (60466176000), 46656, "00000000");
  assert_timestamp (G_GINT64_CONSTANT (1700000000000000), G_MAXUINT32, "w3v281z3");
}

/* Any instant and any number will do. */
static void
test_odd_timestamp (void)
{
  g_autofree char *text = sio_url_timestamp (G_MININT64, G_MAXUINT32);

  g_assert_cmpuint (strlen (text), ==, 8);
}

static void
test_timestamps_differ (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint32 i;

  for (i = 0; i < 10000; i++)
    g_assert_true (g_hash_table_add (seen, sio_url_timestamp (123456789, i)));
}

int
main (int argc, char *argv[])
{
  guint i;

  g_test_init (&argc, &argv, NULL);

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/url/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/url/M59/user", test_user);
  g_test_add_func ("/url/X5/authorization", test_authorization);
  g_test_add_func ("/url/X5/without-user-info", test_without_user_info);
  g_test_add_func ("/url/M59/no-credentials-in-errors", test_no_credentials_in_errors);
  g_test_add_func ("/url/errors-name-the-part", test_errors_name_the_part);
  g_test_add_func ("/url/E12/parse", test_length);
  g_test_add_func ("/url/every-truncation", test_every_truncation);
  g_test_add_func ("/url/E8/parse-query", test_parse_query);
  g_test_add_func ("/url/E8/escape", test_escape);
  g_test_add_func ("/url/E6/normalize-path", test_normalize_path);
  g_test_add_func ("/url/E7/defaults", test_build_defaults);
  g_test_add_func ("/url/E5/port", test_build_port);
  g_test_add_func ("/url/E5/ipv6", test_build_ipv6);
  g_test_add_func ("/url/E8/query", test_build_query);
  g_test_add_func ("/url/E8/reserved-keys", test_build_reserved_keys);
  g_test_add_func ("/url/E9/timestamps", test_build_timestamps);
  g_test_add_func ("/url/E10/base64", test_build_base64);
  g_test_add_func ("/url/D41/hostile-sid", test_build_hostile_sid);
  g_test_add_func ("/url/E6/odd-path", test_build_path);
  g_test_add_func ("/url/M62/namespace-is-not-the-path", test_namespace_is_not_the_path);
  g_test_add_func ("/url/E12/build", test_build_length);
  g_test_add_func ("/url/E9/timestamp", test_timestamp);
  g_test_add_func ("/url/E9/odd-timestamp", test_odd_timestamp);
  g_test_add_func ("/url/E9/timestamps-differ", test_timestamps_differ);

  return g_test_run ();
}
