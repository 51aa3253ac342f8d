/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "sio-polling-script.h"

/* The answer to a poll is cut off at each of its bytes: then events may be lost, and the session
 * must not go on as if nothing were. And answers that are whole, in every form in which they are,
 * are never taken for such (X11). */

#define PACKETS                                                                                    \
  "4one\x1e"                                                                                       \
  "4two\x1e"                                                                                       \
  "4three"

static GString *answer; /* of the test that runs */
static gsize n_sent;    /* bytes of it */
static gboolean closes; /* the server, behind what it sent */

static void
append_gzip (GString *out, const char *text)
{
  g_autoptr (GConverter) compressor =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  char room[512];
  gsize n_read, n_written;

  g_assert_cmpint (g_converter_convert (compressor, text, strlen (text), room, sizeof room,
                                        G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL),
                   ==, G_CONVERTER_FINISHED);
  g_string_append_len (out, room, (gssize) n_written);
}

static GString *
body_new (const char *coding)
{
  GString *body = g_string_new (NULL);

  if (coding == NULL)
    g_string_append (body, PACKETS);
  else if (g_str_equal (coding, "gzip"))
    append_gzip (body, PACKETS);
  else
    {
      /* Of several members, as a gateway makes them that packs piece by piece. */
      append_gzip (body, "4one\x1e"
                         "4t");
      append_gzip (body, "");
      append_gzip (body, "wo\x1e"
                         "4three");
    }
  return body;
}

static void
append_chunk (GString *out, const char *data, gsize length, const char *extension)
{
  g_string_append_printf (out, "%" G_GSIZE_MODIFIER "x%s\r\n", length, extension);
  g_string_append_len (out, data, (gssize) length);
  g_string_append (out, "\r\n");
}

typedef struct
{
  const char *name;
  const char *headers;
  const char *coding;
  gboolean chunked;
  const char *extension;
  const char *trailers;
  gboolean until_end; /* has no other end than that of the connection */
} Form;

static const Form forms[] = {
  { "length", "", NULL, FALSE, NULL, NULL, FALSE },
  { "length-close", "Connection: close\r\n", NULL, FALSE, NULL, NULL, FALSE },
  { "chunked", "", NULL, TRUE, "", "", FALSE },
  { "chunked-close", "Connection: close\r\n", NULL, TRUE, "", "", FALSE },
  { "extension", "", NULL, TRUE, ";a=\"b\"", "", FALSE },
  { "trailers", "", NULL, TRUE, "", "A: b\r\nC: d\r\n", FALSE },
  { "gzip", "", "gzip", FALSE, NULL, NULL, FALSE },
  { "gzip-chunked", "", "gzip", TRUE, "", "", FALSE },
  { "members", "", "members", FALSE, NULL, NULL, FALSE },
  { "members-chunked", "", "members", TRUE, "", "", FALSE },
  { "until-end", "Connection: close\r\n", NULL, FALSE, NULL, NULL, TRUE },
  { "gzip-until-end", "Connection: close\r\n", "gzip", FALSE, NULL, NULL, TRUE },
};

static void
make_answer (const Form *form)
{
  g_autoptr (GString) body = body_new (form->coding);
  gsize first = body->len / 3;

  answer = g_string_new ("HTTP/1.1 200 OK\r\n");
  g_string_append (answer, form->headers);
  if (form->coding != NULL)
    g_string_append (answer, "Content-Encoding: gzip\r\n");
  if (form->chunked)
    {
      g_string_append (answer, "Transfer-Encoding: chunked\r\n\r\n");
      append_chunk (answer, body->str, first, form->extension);
      append_chunk (answer, body->str + first, body->len - first, form->extension);
      g_string_append_printf (answer, "0%s\r\n%s\r\n", form->extension, form->trailers);
      return;
    }
  if (!form->until_end)
    g_string_append_printf (answer, "Content-Length: %" G_GSIZE_FORMAT "\r\n", body->len);
  g_string_append (answer, "\r\n");
  g_string_append_len (answer, body->str, (gssize) body->len);
}

static void
play_answer (SioRawPeer *peer)
{
  SioRawConn *conn;

  open_session (peer);
  conn = hold_get (peer);
  sio_raw_respond_raw (conn, answer->str, n_sent);
  if (closes)
    sio_raw_close (conn);
  if (n_sent < answer->len)
    return;
  /* It has been answered. */
  hold_get (peer);
  sio_raw_mark (peer);
  sio_raw_await_go (peer);
}

static void
play_reset (SioRawPeer *peer)
{
  SioRawConn *conn;

  open_session (peer);
  conn = hold_get (peer);
  sio_raw_respond_raw (conn, answer->str, n_sent);
  sio_raw_reset (conn);
}

static void
assert_cut (SioRawScript play)
{
  Fixture fixture;

  fixture_init (&fixture, play, 0);
  fixture_open_session (&fixture);
  sio_test_wait (fixture.was_closed || fixture.n_packets > 1);
  if (!fixture.was_closed)
    g_error ("cut off at byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT ", and taken for whole",
             n_sent, answer->len);
  g_assert_cmpint (fixture.reason, ==, SIO_DISCONNECT_REASON_TRANSPORT_ERROR);
  g_assert_cmpuint (fixture.n_packets, ==, 1);
  fixture_clear (&fixture);
}

static gsize
find_body (void)
{
  return (gsize) (strstr (answer->str, "\r\n\r\n") + 4 - answer->str);
}

static void
test_cut (gconstpointer data)
{
  const Form *form = data;
  gsize last;

  make_answer (form);
  /* Without a length only the coding tells that something is missing. */
  last = form->until_end && form->coding == NULL ? find_body () : answer->len;
  closes = TRUE;
  for (n_sent = 0; n_sent < last; n_sent++)
    assert_cut (play_answer);
  if (form->until_end)
    for (n_sent = 0; n_sent < answer->len; n_sent++)
      assert_cut (play_reset);
  g_string_free (answer, TRUE);
}

static void
test_whole (gconstpointer data)
{
  const Form *form = data;

  make_answer (form);
  n_sent = answer->len;
  for (guint i = form->until_end ? 1 : 0; i < 2; i++)
    {
      Fixture fixture;

      closes = i == 1;
      fixture_init (&fixture, play_answer, 0);
      fixture_open_session (&fixture);
      sio_test_wait (fixture.n_packets == 4);
      g_assert_true (g_str_has_suffix (fixture.log->str, "4one\n4two\n4three\n"));
      /* Who closes without having said so may meet with the next request. */
      if (!closes || *form->headers != '\0')
        {
          sio_test_wait (fixture.was_closed || sio_raw_peer_get_marks (fixture.peer) == 1);
          g_assert_no_error (fixture.details);
          /* The connection is kept where it may be. */
          g_assert_cmpint (sio_raw_peer_get_connections (fixture.peer), ==,
                           *form->headers != '\0' ? 2 : 1);
        }
      fixture_clear (&fixture);
    }
  g_string_free (answer, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *whole = g_strconcat ("/cut/X11/whole/", forms[i].name, NULL);
      g_autofree char *cut = g_strconcat ("/cut/X11/cut/", forms[i].name, NULL);

      g_test_add_data_func (whole, &forms[i], test_whole);
      g_test_add_data_func (cut, &forms[i], test_cut);
    }
  return g_test_run ();
}
