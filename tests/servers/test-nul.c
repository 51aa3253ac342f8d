/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-test-client.h"

#include <string.h>

/* A name with a NUL in it is the name of nothing else (X6): neither of what stands before the NUL
 * nor of what is shown for it. */

#define SHOWN "chat\357\277\275x"

typedef struct
{
  guint before; /* listeners of “chat” */
  guint shown;  /* of what is shown */
  guint all;    /* of all events, by signal */
  guint any;    /* by sio_socket_on_any() */
  char *name;   /* as it was shown last */
  SioEvent *last;
} Heard;

static void
on_counted (SioSocket *socket, SioEvent *event, gpointer n)
{
  (*(guint *) n)++;
}

static void
on_any (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  Heard *heard = user_data;

  if (!g_str_has_prefix (sio_event_get_name (event), "chat"))
    return;
  heard->any++;
  g_free (heard->name);
  heard->name = g_strdup (sio_event_get_name (event));
  g_clear_pointer (&heard->last, sio_event_unref);
  heard->last = sio_event_ref (event);
}

static void
on_all (SioSocket *socket, SioEvent *event, gpointer user_data)
{
  if (g_str_has_prefix (sio_event_get_name (event), "chat"))
    ((Heard *) user_data)->all++;
}

static void
listen (SioSocket *socket, Heard *heard)
{
  sio_socket_on (socket, "chat", on_counted, &heard->before, NULL);
  sio_socket_on (socket, SHOWN, on_counted, &heard->shown, NULL);
  sio_socket_once (socket, "chat", on_counted, &heard->before, NULL);
  sio_socket_once (socket, SHOWN, on_counted, &heard->shown, NULL);
  g_signal_connect (socket, "event::chat", G_CALLBACK (on_counted), &heard->before);
  g_signal_connect (socket, "event::" SHOWN, G_CALLBACK (on_counted), &heard->shown);
  g_signal_connect (socket, "event", G_CALLBACK (on_all), heard);
  sio_socket_on_any (socket, on_any, heard, NULL);
}

static void
ask (SioTestClient *client, const char *json, GBytes *bytes)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  SioValue *args;

  if (bytes != NULL)
    g_ptr_array_add (parts, bytes);
  args = sio_value_new_from_json (json, (GBytes **) parts->pdata, parts->len, NULL);
  g_assert_nonnull (args);
  sio_value_unref (sio_test_ask (client->socket, "emit-me", args));
}

static void
test_event_name (const SioTestMode *mode)
{
  g_autoptr (SioTestClient) client = sio_test_client_new_connected (mode, "/");
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\0b", 2);
  Heard heard = { 0 };
  GBytes *name;

  listen (client->socket, &heard);
  ask (client, "[\"chat\\u0000x\",\"a\\u0000b\"]", NULL);
  g_assert_cmpuint (heard.before, ==, 0);
  g_assert_cmpuint (heard.shown, ==, 0);
  g_assert_cmpuint (heard.all, ==, 1);
  g_assert_cmpuint (heard.any, ==, 1);
  g_assert_cmpstr (heard.name, ==, SHOWN);
  name = sio_event_get_name_bytes (heard.last);
  g_assert_cmpmem (g_bytes_get_data (name, NULL), g_bytes_get_size (name), "chat\0x", 6);
  g_bytes_unref (name);
  g_assert_cmpstr (sio_event_get_json (heard.last, NULL), ==, "[\"a\\u0000b\"]");
  g_assert_cmpstr (sio_event_get_string (heard.last, 0), ==, "a\357\277\275b");

  /* Alone, and with data in it. */
  ask (client, "[\"chat\\u0000\"]", NULL);
  ask (client, "[\"chat\\u0000x\",{\"_placeholder\":true,\"num\":0}]", bytes);
  g_assert_cmpuint (heard.before, ==, 0);
  g_assert_cmpuint (heard.shown, ==, 0);
  g_assert_cmpuint (heard.any, ==, 3);

  /* Those that are called so hear it, right before and right after. */
  ask (client, "[\"chat\"]", NULL);
  ask (client, "[\"" SHOWN "\"]", NULL);
  ask (client, "[\"chat\\u0000x\"]", NULL);
  ask (client, "[\"chat\"]", NULL);
  g_assert_cmpuint (heard.before, ==, 5);
  g_assert_cmpuint (heard.shown, ==, 3);
  g_assert_cmpuint (heard.any, ==, 7);
  name = sio_event_get_name_bytes (heard.last);
  g_assert_cmpmem (g_bytes_get_data (name, NULL), g_bytes_get_size (name), "chat", 4);
  g_bytes_unref (name);
  g_free (heard.name);
  sio_event_unref (heard.last);
}

static const SioTestCase cases[] = {
  { "nul/X6-event-reaches-listeners-of-another", test_event_name },
};

int
main (int argc, char **argv)
{
  return sio_test_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
