/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/sio-field-private.h"

#include "sio-types.h"

#include <string.h>

/* What a program may put into a request (X4). */

typedef struct
{
  const char *name;
  const char *value;
  const char *message; /* NULL: it may */
} Case;

static const Case headers[] = {
  { "X-Own", "a", NULL },
  { "x!#$%&'*+-.^_`|~0", "", NULL },
  { "Accept", "*/*;q=0.1", NULL },
  { "Authorization", "Bearer abc", NULL },
  { "Cookie", "a=b", NULL },
  { "Origin", "https://example.com", NULL },
  { "Hosts", "a", NULL },
  { "Sec-WebSocket", "a", NULL },
  { "X-Own", "a\tb", NULL },
  { "X-Own", "Grüße", NULL },
  { "", "a", "“” cannot be the name of a header" },
  { "a b", "a", "“a b” cannot be the name of a header" },
  { "a\n", "a", "“a\\n” cannot be the name of a header" },
  { "a:", "a", "“a:” cannot be the name of a header" },
  { "ä", "a", "“ä” cannot be the name of a header" },
  { "\xff", "a", "“\\xff” cannot be the name of a header" },
  { "host", "a", "The header “host” is the business of the connection itself" },
  { "SEC-WEBSOCKET-ACCEPT", "a",
    "The header “SEC-WEBSOCKET-ACCEPT” is the business of the connection itself" },
  { "X-Own", "secret\n", "The value of the header “X-Own” cannot be sent" },
  { "X-Own", "secret\x1f", "The value of the header “X-Own” cannot be sent" },
  { "X-Own", "secret\xc3", "The value of the header “X-Own” cannot be sent" },
};

static const Case parameters[] = {
  { "a", "", NULL },
  { "ä b", "\n", NULL },
  { "", "secret", "“” cannot be the name of a parameter" },
  { "\xff", "secret", "“\\xff” cannot be the name of a parameter" },
  { "a", "secret\xff", "The value of the parameter “a” cannot be sent" },
};

/* Takes @error. */
static void
check (const Case *one, gboolean sound, GError *error)
{
  g_assert_true (sound == (one->message == NULL));
  if (one->message == NULL)
    g_assert_no_error (error);
  else
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_FAILED);
      g_assert_cmpstr (error->message, ==, one->message);
      g_error_free (error);
    }
}

static void
test_headers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      GError *error = NULL;
      gboolean sound = sio_field_check_header (headers[i].name, headers[i].value, &error);

      check (&headers[i], sound, error);
    }
}

static void
test_parameters (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (parameters); i++)
    {
      GError *error = NULL;
      gboolean sound = sio_field_check_parameter (parameters[i].name, parameters[i].value, &error);

      check (&parameters[i], sound, error);
    }
}

static void
test_protocols (void)
{
  static const char *const sound[] = { "a", "b.c", NULL }, *const bad[] = { "a", "b c", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (sio_field_check_protocols (NULL, &error));
  g_assert_true (sio_field_check_protocols (sound, &error));
  g_assert_no_error (error);
  g_assert_false (sio_field_check_protocols (bad, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "“b c” cannot be the name of a protocol");
}

/* However long a name is, the error can be read. */
static void
test_long_name (void)
{
  g_autofree char *name = g_strnfill (100000, ' ');
  g_autoptr (GError) error = NULL;

  g_assert_false (sio_field_check_header (name, "a", &error));
  g_assert_cmpuint (strlen (error->message), <, 200);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/field/X4/headers", test_headers);
  g_test_add_func ("/field/X4/parameters", test_parameters);
  g_test_add_func ("/field/X4/protocols", test_protocols);
  g_test_add_func ("/field/X4/long-name", test_long_name);
  return g_test_run ();
}
