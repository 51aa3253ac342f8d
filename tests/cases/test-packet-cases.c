/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-packet-private.h"

#include <string.h>

#define ARROW "  =>  "

/* One line of the list; its head explains the form. */
typedef struct
{
  GString *input;
  char *verdict;
} Case;

static const char *const type_names[] = { "connect",       "disconnect",   "event",     "ack",
                                          "connect_error", "binary_event", "binary_ack" };

static GString *
decode_bytes (const char *text)
{
  GString *out = g_string_new (NULL);
  const char *mark;

  for (; (mark = strstr (text, "«")) != NULL; text = mark + strlen ("«xx»"))
    {
      const char *digits = mark + strlen ("«");

      g_string_append_len (out, text, mark - text);
      g_assert_true (g_ascii_isxdigit (digits[0]) && g_ascii_isxdigit (digits[1]));
      g_assert_true (g_str_has_prefix (digits + 2, "»"));
      g_string_append_c (
          out, (char) (g_ascii_xdigit_value (digits[0]) * 16 + g_ascii_xdigit_value (digits[1])));
    }
  g_string_append (out, text);
  return out;
}

static void
case_free (gpointer data)
{
  Case *c = data;

  g_string_free (c->input, TRUE);
  g_free (c->verdict);
  g_free (c);
}

static void
assert_refused (const GError *error, const char *words)
{
  g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
  g_assert_true (g_str_has_prefix (error->message, words));
  g_assert_true (error->message[strlen (words)] == '\0' || error->message[strlen (words)] == ':');
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
assert_payload (SioValue *payload, const char *expected)
{
  g_autoptr (GString) decoded = decode_bytes (expected != NULL ? expected : "");
  const char *json = "";
  gsize length = 0;

  if (payload != NULL)
    json = sio_value_peek_json (payload, &length);
  g_assert_cmpint (payload != NULL, ==, decoded->len > 0);
  g_assert_cmpmem (json, length, decoded->str, decoded->len);
}

static void
assert_head (const SioPacketHead *head, char **fields)
{
  g_autoptr (GString) nsp = decode_bytes (fields[1]);
  g_autofree char *id = head->id == SIO_PACKET_NO_ID
                            ? g_strdup ("-")
                            : g_strdup_printf ("%" G_GUINT64_FORMAT, head->id);
  g_autofree char *n_attachments = g_strdup_printf ("%u", head->n_attachments);

  g_assert_cmpint (head->type, <, G_N_ELEMENTS (type_names));
  g_assert_cmpstr (type_names[head->type], ==, fields[0]);
  g_assert_cmpmem (head->nsp, head->nsp_length, nsp->str, nsp->len);
  g_assert_cmpstr (id, ==, fields[2]);
  g_assert_cmpstr (n_attachments, ==, fields[3]);
}

/* What we write for a packet is read back as the same packet. */
static void
assert_round_trip (const SioPacketHead *head, SioValue *payload)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autofree char *nsp = g_strndup (head->nsp, head->nsp_length);
  g_autoptr (GBytes) wire = NULL;
  g_autoptr (SioValue) payload_again = NULL;
  g_autoptr (GError) error = NULL;
  SioPacketHead again;
  const char *text;
  gsize length;

  if (head->n_attachments > 0)
    return;

  wire = sio_packet_encode (head->type, nsp, head->id, NULL, payload, NULL);
  text = g_bytes_get_data (wire, &length);
  g_assert_cmpint (text[0], ==, '4');

  sio_packet_head_parse (&again, text + 1, length - 1, &limits, &error);
  g_assert_no_error (error);
  g_assert_cmpint (again.type, ==, head->type);
  g_assert_cmpmem (again.nsp, again.nsp_length, head->nsp, head->nsp_length);
  g_assert_true (again.id == head->id);
  g_assert_cmpmem (again.json, again.json_length, head->json, head->json_length);

  sio_packet_read_payload (&again, &tape, &limits, &payload_again, &error);
  g_assert_no_error (error);
  g_assert_cmpint (payload_again != NULL, ==, payload != NULL);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  const SioLimits limits = SIO_LIMITS_INIT;
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  /* Exactly as long as it is, so that a sanitizer sees every read past the end. */
  g_autofree char *text = g_memdup2 (c->input->str, c->input->len);
  g_autoptr (SioValue) payload = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) fields = NULL;
  SioPacketHead head;
  gboolean accepted;

  g_test_message ("%s", c->verdict);
  accepted = sio_packet_head_parse (&head, text, c->input->len, &limits, &error) &&
             sio_packet_read_payload (&head, &tape, &limits, &payload, &error);

  if (g_str_has_prefix (c->verdict, "! "))
    {
      g_assert_false (accepted);
      g_assert_null (payload);
      assert_refused (error, c->verdict + strlen ("! "));
      return;
    }

  g_assert_no_error (error);
  g_assert_true (accepted);
  fields = g_strsplit (c->verdict, " ", 5);
  g_assert_cmpuint (g_strv_length (fields), >=, 4);
  assert_head (&head, fields);
  assert_payload (payload, fields[4]);
  assert_round_trip (&head, payload);
}

/* Any beginning of a packet is a packet or an error in the known words. */
static void
test_truncations (gconstpointer data)
{
  static const char *const words[] = { "unknown packet type", "illegal attachments",
                                       "too many attachments", "invalid payload" };
  const Case *c = data;
  const SioLimits limits = SIO_LIMITS_INIT;
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  gsize length;
  guint i;

  for (length = 0; length < c->input->len; length++)
    {
      g_autofree char *text = g_memdup2 (c->input->str, length);
      g_autoptr (SioValue) payload = NULL;
      g_autoptr (GError) error = NULL;
      SioPacketHead head;

      if (sio_packet_head_parse (&head, text, length, &limits, &error) &&
          sio_packet_read_payload (&head, &tape, &limits, &payload, &error))
        {
          g_assert_no_error (error);
          continue;
        }

      g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
      for (i = 0; i < G_N_ELEMENTS (words); i++)
        if (g_str_has_prefix (error->message, words[i]))
          break;
      g_assert_cmpuint (i, <, G_N_ELEMENTS (words));
    }
}

static void
add_case (const char *line, guint number)
{
  const char *space = strchr (line, ' ');
  const char *arrow = strstr (line, ARROW);
  g_autofree char *rule = NULL;
  g_autofree char *input = NULL;
  g_autofree char *path = NULL;
  g_autofree char *cut_path = NULL;
  Case *c, *cut;

  if (space == NULL || arrow == NULL || arrow < space + 1)
    g_error ("line %u has no rule or no arrow", number);

  rule = g_strndup (line, (gsize) (space - line));
  input = g_strndup (space + 1, (gsize) (arrow - space - 1));
  path = g_strdup_printf ("/packet/%s/line-%u", rule, number);
  cut_path = g_strdup_printf ("/packet/cut/line-%u", number);

  c = g_new0 (Case, 1);
  c->input = decode_bytes (input);
  c->verdict = g_strdup (arrow + strlen (ARROW));
  g_test_add_data_func_full (path, c, test_case, case_free);

  cut = g_new0 (Case, 1);
  cut->input = g_string_new_len (c->input->str, (gssize) c->input->len);
  g_test_add_data_func_full (cut_path, cut, test_truncations, case_free);
}

int
main (int argc, char *argv[])
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  guint i;

  g_test_init (&argc, &argv, NULL);

  if (argc != 2)
    g_error ("the only argument is the list of cases");
  if (!g_file_get_contents (argv[1], &text, NULL, &error))
    g_error ("%s", error->message);

  lines = g_strsplit (text, "\n", -1);
  for (i = 0; lines[i] != NULL; i++)
    {
      if (lines[i][0] != '\0' && lines[i][0] != '#')
        add_case (lines[i], i + 1);
    }

  return g_test_run ();
}
