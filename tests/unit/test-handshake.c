/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-handshake-private.h"

#include "sio-types.h"

#include <string.h>

#define DAY 86400000

typedef struct
{
  const char *name;
  const char *text;
  const char *sid; /* NULL: refused */
  gboolean may_upgrade;
  guint ping_interval;
  guint ping_timeout;
  gsize max_payload;
} Case;

#define SID   "\"sid\":\"a\""
#define PINGS "\"pingInterval\":25000,\"pingTimeout\":20000"

/* clang-format off */
static const Case cases[] = {
  { "E38/reference", "{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
    "\"pingTimeout\":20000,\"maxPayload\":1000000}", "lv_VI97HAXpY6yYWAAAC", TRUE, 25000, 20000, 1000000 },
  { "E38/no-max-payload", "{" SID ",\"upgrades\":[]," PINGS "}", "a", FALSE, 25000, 20000, 0 },
  { "E38/unknown-members", "{\"x\":[{\"sid\":\"no\"}],\"y\":{\"pingTimeout\":null}," SID "," PINGS ",\"z\":null}", "a", FALSE, 25000, 20000, 0 },
  { "E38/any-order", "{\"pingTimeout\":2,\"pingInterval\":1," SID "}", "a", FALSE, 1, 2, 0 },
  { "E38/white-space", " { \"sid\" : \"a\" ,\n " PINGS " }\n", "a", FALSE, 25000, 20000, 0 },
  { "E38/names-with-escapes", "{\"s\\u0069d\":\"a\"," PINGS "}", "a", FALSE, 25000, 20000, 0 },
  { "E38/last-of-two", "{\"sid\":1," SID "," PINGS ",\"pingTimeout\":7}", "a", FALSE, 25000, 7, 0 },
  { "E81/webtransport-only", "{" SID "," PINGS ",\"upgrades\":[\"webtransport\"]}", "a", FALSE, 25000, 20000, 0 },
  { "E81/webtransport-too", "{" SID "," PINGS ",\"upgrades\":[\"webtransport\",\"websocket\"]}", "a", TRUE, 25000, 20000, 0 },
  { "D41/upgrades-odd-elements", "{" SID "," PINGS ",\"upgrades\":[1,null,[\"websocket\"],{\"websocket\":1}]}", "a", FALSE, 25000, 20000, 0 },
  { "D41/upgrades-behind-odd-elements", "{" SID "," PINGS ",\"upgrades\":[[1,[2]],{\"a\":[]},\"websocket\"]}", "a", TRUE, 25000, 20000, 0 },
  { "D41/upgrades-string", "{" SID "," PINGS ",\"upgrades\":\"websocket\"}", "a", FALSE, 25000, 20000, 0 },
  { "D41/upgrades-object", "{" SID "," PINGS ",\"upgrades\":{\"0\":\"websocket\"}}", "a", FALSE, 25000, 20000, 0 },
  { "D41/upgrades-null", "{" SID "," PINGS ",\"upgrades\":null}", "a", FALSE, 25000, 20000, 0 },
  { "D41/upgrades-other-case", "{" SID "," PINGS ",\"upgrades\":[\"WebSocket\"]}", "a", FALSE, 25000, 20000, 0 },
  { "E46/fraction", "{" SID ",\"pingInterval\":1.9,\"pingTimeout\":2.5e1}", "a", FALSE, 1, 25, 0 },
  { "E46/day", "{" SID ",\"pingInterval\":86400000,\"pingTimeout\":86400001}", "a", FALSE, DAY, DAY, 0 },
  { "E46/absurd", "{" SID ",\"pingInterval\":1e999,\"pingTimeout\":99999999999999999999}", "a", FALSE, DAY, DAY, 0 },
  { "E46/beyond-32-bits", "{" SID ",\"pingInterval\":4294967297,\"pingTimeout\":18446744073709551617}", "a", FALSE, DAY, DAY, 0 },
  { "D41/max-payload-zero", "{" SID "," PINGS ",\"maxPayload\":0}", "a", FALSE, 25000, 20000, 0 },
  { "D41/max-payload-negative", "{" SID "," PINGS ",\"maxPayload\":-1}", "a", FALSE, 25000, 20000, 0 },
  { "D41/max-payload-string", "{" SID "," PINGS ",\"maxPayload\":\"1000\"}", "a", FALSE, 25000, 20000, 0 },
  { "D41/max-payload-null", "{" SID "," PINGS ",\"maxPayload\":null}", "a", FALSE, 25000, 20000, 0 },
  { "D41/max-payload-fraction", "{" SID "," PINGS ",\"maxPayload\":100.7}", "a", FALSE, 25000, 20000, 100 },
  { "D41/max-payload-huge", "{" SID "," PINGS ",\"maxPayload\":1e300}", "a", FALSE, 25000, 20000, G_MAXSIZE },
  { "D41/max-payload-infinite", "{" SID "," PINGS ",\"maxPayload\":1e999}", "a", FALSE, 25000, 20000, G_MAXSIZE },
  { "D41/sid-url-characters", "{\"sid\":\"a&b=c/?#%\\\"\"," PINGS "}", "a&b=c/?#%\"", FALSE, 25000, 20000, 0 },
  { "D41/sid-utf8", "{\"sid\":\"\\u20ac€\"," PINGS "}", "€€", FALSE, 25000, 20000, 0 },
  { "D41/sid-lone-surrogate", "{\"sid\":\"\\ud800\"," PINGS "}", "\357\277\275", FALSE, 25000, 20000, 0 },
  { "E39/empty", "" },
  { "E39/not-json", "xyz" },
  { "E39/cut-off", "{" SID "," PINGS },
  { "E39/trailing-text", "{" SID "," PINGS "}x" },
  { "E39/null", "null" },
  { "E39/string", "\"sid\"" },
  { "E39/array", "[\"sid\",\"a\"]" },
  { "E39/empty-object", "{}" },
  { "E39/no-sid", "{" PINGS "}" },
  { "E39/invalid-utf8", "{\"sid\":\"\377\"," PINGS "}" },
  { "D41/sid-empty", "{\"sid\":\"\"," PINGS "}" },
  { "D41/sid-number", "{\"sid\":12," PINGS "}" },
  { "D41/sid-null", "{\"sid\":null," PINGS "}" },
  { "D41/sid-array", "{\"sid\":[\"a\"]," PINGS "}" },
  { "D41/sid-newline", "{\"sid\":\"a\\r\\nX: y\"," PINGS "}" },
  { "D41/sid-nul", "{\"sid\":\"a\\u0000b\"," PINGS "}" },
  { "D41/sid-nul-only", "{\"sid\":\"\\u0000\"," PINGS "}" },
  { "D41/sid-delete", "{\"sid\":\"a\\u007f\"," PINGS "}" },
  { "D41/sid-c1-control", "{\"sid\":\"a\\u0085\"," PINGS "}" },
  { "E46/no-interval", "{" SID ",\"pingTimeout\":20000}" },
  { "E46/no-timeout", "{" SID ",\"pingInterval\":25000}" },
  { "E46/interval-zero", "{" SID ",\"pingInterval\":0,\"pingTimeout\":20000}" },
  { "E46/timeout-zero", "{" SID ",\"pingInterval\":25000,\"pingTimeout\":0}" },
  { "E46/timeout-minus-zero", "{" SID ",\"pingInterval\":25000,\"pingTimeout\":-0}" },
  { "E46/interval-negative", "{" SID ",\"pingInterval\":-25000,\"pingTimeout\":20000}" },
  { "E46/interval-minus-infinite", "{" SID ",\"pingInterval\":-1e999,\"pingTimeout\":20000}" },
  { "E46/less-than-a-millisecond", "{" SID ",\"pingInterval\":0.9,\"pingTimeout\":20000}" },
  { "E46/interval-string", "{" SID ",\"pingInterval\":\"25000\",\"pingTimeout\":20000}" },
  { "E46/interval-null", "{" SID ",\"pingInterval\":null,\"pingTimeout\":20000}" },
  { "E46/timeout-boolean", "{" SID ",\"pingInterval\":25000,\"pingTimeout\":true}" },
  { "E46/timeout-array", "{" SID ",\"pingInterval\":25000,\"pingTimeout\":[20000]}" },
};
/* clang-format on */

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_auto (SioHandshake) handshake = SIO_HANDSHAKE_INIT;
  g_autoptr (GError) error = NULL;
  /* Exactly as long as it is, so that a sanitizer sees every read past the end. */
  g_autofree char *text = g_memdup2 (c->text, strlen (c->text));
  gboolean accepted = sio_handshake_parse (&handshake, text, strlen (c->text), &error);

  if (c->sid == NULL)
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_false (accepted);
      g_assert_null (handshake.sid);
      return;
    }

  g_assert_no_error (error);
  g_assert_true (accepted);
  g_assert_cmpstr (handshake.sid, ==, c->sid);
  g_assert_cmpint (handshake.may_upgrade, ==, c->may_upgrade);
  g_assert_cmpuint (handshake.ping_interval, ==, c->ping_interval);
  g_assert_cmpuint (handshake.ping_timeout, ==, c->ping_timeout);
  g_assert_cmpuint (handshake.max_payload, ==, c->max_payload);
}

static gboolean
accepts_sid (const char *unit, guint times)
{
  g_auto (SioHandshake) handshake = SIO_HANDSHAKE_INIT;
  g_autoptr (GString) text = g_string_new ("{\"sid\":\"");

  while (times-- > 0)
    g_string_append (text, unit);
  g_string_append (text, "\"," PINGS "}");
  return sio_handshake_parse (&handshake, text->str, text->len, NULL);
}

static void
test_sid_length (void)
{
  g_assert_true (accepts_sid ("a", 256));
  g_assert_false (accepts_sid ("a", 257));
  g_assert_true (accepts_sid ("\\u0061", 256));
  g_assert_false (accepts_sid ("\\u0061", 257));
  g_assert_true (accepts_sid ("€", 85));
  g_assert_false (accepts_sid ("€", 86));
  g_assert_false (accepts_sid ("a", 1000000));
}

static void
test_every_truncation (void)
{
  static const char text[] = "{\"sid\":\"\\u20ac\",\"upgrades\":[\"websocket\",{}],"
                             "\"pingInterval\":2.5e4,\"pingTimeout\":20000,\"maxPayload\":1}";
  gsize length;

  for (length = 0; length < sizeof text; length++)
    {
      g_auto (SioHandshake) handshake = SIO_HANDSHAKE_INIT;
      g_autoptr (GError) error = NULL;
      g_autofree char *copy = g_memdup2 (text, length);

      /* The last one has the NUL at the end. */
      g_assert_cmpint (sio_handshake_parse (&handshake, copy, length, &error), ==,
                       length == sizeof text - 1);
      if (length != sizeof text - 1)
        g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
    }
}

static void
test_nested (void)
{
  g_auto (SioHandshake) handshake = SIO_HANDSHAKE_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("{\"x\":");
  guint i;

  for (i = 0; i < 100000; i++)
    g_string_append_c (text, '[');
  g_assert_false (sio_handshake_parse (&handshake, text->str, text->len, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
}

/* X10: a server has opened a session although all else of its handshake is unusable. */
static void
test_find_sid (void)
{
  static const struct
  {
    const char *text;
    const char *sid;
  } texts[] = {
    { "{\"sid\":\"a\"}", "a" },
    { "{\"pingInterval\":-1,\"sid\":\"\\u0062\",\"pingTimeout\":[]}", "b" },
    { "{\"sid\":\"\"}", NULL },
    { "{\"sid\":1}", NULL },
    { "{\"sid\":\"a\\nb\"}", NULL },
    { "{\"sid\":\"a\"", NULL },
    { "[\"sid\"]", NULL },
    { "{}", NULL },
    { "", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *sid = sio_handshake_find_sid (texts[i].text, strlen (texts[i].text));

      g_assert_cmpstr (sid, ==, texts[i].sid);
    }
}

int
main (int argc, char *argv[])
{
  guint i;

  g_test_init (&argc, &argv, NULL);

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/handshake/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/handshake/D41/sid-length", test_sid_length);
  g_test_add_func ("/handshake/every-truncation", test_every_truncation);
  g_test_add_func ("/handshake/nested", test_nested);
  g_test_add_func ("/handshake/X10/find-sid", test_find_sid);

  return g_test_run ();
}
