/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-packet-private.h"

#include <string.h>

/* What is read is in tests/cases/packet.cases; here is what is written, and what has a limit. */

#define PLACEHOLDER(num) "{\"_placeholder\":true,\"num\":" #num "}"

static SioValue *
parse (const char *json)
{
  g_autoptr (GError) error = NULL;
  SioValue *value = sio_value_new_from_json (json, NULL, 0, &error);

  g_assert_no_error (error);
  return value;
}

static SioValue *
bytes_value (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return sio_value_new_bytes (bytes);
}

static GPtrArray *
new_attachments (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

static void
assert_attachment (GPtrArray *attachments, guint i, const char *text)
{
  GBytes *bytes;

  g_assert_cmpuint (i, <, attachments->len);
  bytes = g_ptr_array_index (attachments, i);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

static void
assert_wire (GBytes *wire, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_nonnull (wire);
  text = g_strndup (g_bytes_get_data (wire, NULL), g_bytes_get_size (wire));
  g_assert_cmpstr (text, ==, expected);
}

typedef struct
{
  const char *name;
  SioPacketType type;
  const char *nsp;
  guint64 id;
  const char *event;
  const char *payload;
  const char *wire;
} Case;

/* clang-format off */
static const Case cases[] = {
  { "P7/plain", SIO_PACKET_CONNECT, "/", SIO_PACKET_NO_ID, NULL, NULL, "40" },
  { "P7/namespace", SIO_PACKET_CONNECT, "/admin", SIO_PACKET_NO_ID, NULL, NULL, "40/admin," },
  { "P7/auth", SIO_PACKET_CONNECT, "/", SIO_PACKET_NO_ID, NULL, "{\"token\":\"x\"}", "40{\"token\":\"x\"}" },
  { "P7/namespace-and-auth", SIO_PACKET_CONNECT, "/admin", SIO_PACKET_NO_ID, NULL, "{\"token\":\"x\"}", "40/admin,{\"token\":\"x\"}" },
  { "P7/empty-auth", SIO_PACKET_CONNECT, "/", SIO_PACKET_NO_ID, NULL, "{}", "40{}" },
  { "P7/null-auth", SIO_PACKET_CONNECT, "/admin", SIO_PACKET_NO_ID, NULL, "null", "40/admin," },
  { "P8/plain", SIO_PACKET_DISCONNECT, "/", SIO_PACKET_NO_ID, NULL, NULL, "41" },
  { "P8/namespace", SIO_PACKET_DISCONNECT, "/admin", SIO_PACKET_NO_ID, NULL, NULL, "41/admin," },
  { "P9/name-only", SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "name", "[]", "42[\"name\"]" },
  { "P9/arguments", SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "name", "[\"arg\",1]", "42[\"name\",\"arg\",1]" },
  { "P9/id", SIO_PACKET_EVENT, "/", 12, "name", "[]", "4212[\"name\"]" },
  { "P9/namespace-and-id", SIO_PACKET_EVENT, "/admin", 12, "name", "[]", "42/admin,12[\"name\"]" },
  { "P9/id-zero", SIO_PACKET_EVENT, "/", 0, "name", "[]", "420[\"name\"]" },
  { "P9/largest-id", SIO_PACKET_EVENT, "/", SIO_PACKET_ID_MAX, "name", "[]", "429007199254740991[\"name\"]" },
  { "P9/null-argument", SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "name", "[null]", "42[\"name\",null]" },
  { "P9/array-argument", SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "name", "[[]]", "42[\"name\",[]]" },
  { "P9/name-inside", SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, NULL, "[\"name\",1]", "42[\"name\",1]" },
  { "P9/quotes-in-the-name", SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "a\"b\\c", "[]", "42[\"a\\\"b\\\\c\"]" },
  { "P45/separator-in-the-name", SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "a\x1e", "[]", "42[\"a\\u001e\"]" },
  { "P27/empty-name", SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "", "[1]", "42[\"\",1]" },
  { "P9/utf8", SIO_PACKET_EVENT, "/€", SIO_PACKET_NO_ID, "€", "[\"€\"]", "42/€,[\"€\",\"€\"]" },
  { "P10/empty", SIO_PACKET_ACK, "/", 12, NULL, "[]", "4312[]" },
  { "P10/namespace", SIO_PACKET_ACK, "/admin", 12, NULL, "[\"a\",1]", "43/admin,12[\"a\",1]" },
  { "P22/placeholder-as-data", SIO_PACKET_ACK, "/", 1, NULL, "[{\"_placeholder\":\"true\",\"num\":0}]", "431[{\"_placeholder\":\"true\",\"num\":0}]" },
};
/* clang-format on */

static void
test_encode (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (SioValue) payload = c->payload != NULL ? parse (c->payload) : NULL;
  g_autoptr (GPtrArray) attachments = new_attachments ();
  g_autoptr (GBytes) wire = NULL;

  wire = sio_packet_encode (c->type, c->nsp, c->id, c->event, payload, attachments);
  assert_wire (wire, c->wire);
  g_assert_cmpuint (attachments->len, ==, 0);
}

/* Whatever white space a program's JSON had, none may stand before the data (P29). */
static void
test_white_space (void)
{
  g_autoptr (GPtrArray) attachments = new_attachments ();
  g_autoptr (SioValue) auth = parse (" \n{ \"a\" : 1 } ");
  g_autoptr (SioValue) empty = parse (" [ \t\r\n] ");
  g_autoptr (SioValue) args = parse (" [ 1 , 2 ] ");
  g_autoptr (GBytes) connect = NULL, none = NULL, some = NULL;
  SioValue *payloads[3] = { NULL };
  GBytes *wires[3];
  guint i;

  wires[0] = connect =
      sio_packet_encode (SIO_PACKET_CONNECT, "/", SIO_PACKET_NO_ID, NULL, auth, NULL);
  wires[1] = none =
      sio_packet_encode (SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "a", empty, attachments);
  wires[2] = some =
      sio_packet_encode (SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "a", args, attachments);

  for (i = 0; i < G_N_ELEMENTS (wires); i++)
    {
      const SioLimits limits = SIO_LIMITS_INIT;
      g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
      g_autoptr (GError) error = NULL;
      SioPacketHead head;
      const char *text;
      gsize length;

      text = g_bytes_get_data (wires[i], &length);
      sio_packet_head_parse (&head, text + 1, length - 1, &limits, &error);
      g_assert_no_error (error);
      sio_packet_read_payload (&head, &tape, &limits, &payloads[i], &error);
      g_assert_no_error (error);
    }

  g_assert_true (sio_value_equal (payloads[0], auth));
  g_assert_cmpuint (sio_value_get_length (payloads[1]), ==, 1);
  g_assert_cmpuint (sio_value_get_length (payloads[2]), ==, 3);
  for (i = 0; i < G_N_ELEMENTS (payloads); i++)
    sio_value_unref (payloads[i]);
}

static void
test_binary_event (void)
{
  g_autoptr (GPtrArray) attachments = new_attachments ();
  g_autoptr (SioValue) one = bytes_value ("one");
  SioValue *elements[] = { one };
  g_autoptr (SioValue) args = sio_value_new_array (elements, 1);
  g_autoptr (GBytes) wire = NULL;

  wire = sio_packet_encode (SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "baz", args, attachments);
  assert_wire (wire, "451-[\"baz\"," PLACEHOLDER (0) "]");
  g_assert_cmpuint (attachments->len, ==, 1);
  assert_attachment (attachments, 0, "one");
}

static void
test_binary_ack (void)
{
  g_autoptr (GPtrArray) attachments = new_attachments ();
  g_autoptr (SioValue) one = bytes_value ("");
  SioValue *elements[] = { one };
  g_autoptr (SioValue) args = sio_value_new_array (elements, 1);
  g_autoptr (GBytes) wire = NULL;

  wire = sio_packet_encode (SIO_PACKET_ACK, "/admin", 15, NULL, args, attachments);
  assert_wire (wire, "461-/admin,15[" PLACEHOLDER (0) "]");
  assert_attachment (attachments, 0, "");
}

/* P11, P14: in the order in which they stand, the same one as often as it stands there. */
static void
test_binary_order (void)
{
  g_autoptr (GBytes) one = g_bytes_new ("one", 3);
  g_autoptr (GBytes) two = g_bytes_new ("two", 3);
  GBytes *given[] = { one, two };
  g_autoptr (GPtrArray) attachments = new_attachments ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SioValue) args = NULL;
  g_autoptr (GBytes) wire = NULL;

  args = sio_value_new_from_json (
      "[" PLACEHOLDER (1) ",{\"k\":[" PLACEHOLDER (0) "]}," PLACEHOLDER (1) "]", given, 2, &error);
  g_assert_no_error (error);
  wire = sio_packet_encode (SIO_PACKET_EVENT, "/admin", 13, "x", args, attachments);
  assert_wire (wire, "453-/admin,13[\"x\"," PLACEHOLDER (0) ",{\"k\":[" PLACEHOLDER (
                         1) "]}," PLACEHOLDER (2) "]");
  g_assert_cmpuint (attachments->len, ==, 3);
  assert_attachment (attachments, 0, "two");
  assert_attachment (attachments, 1, "one");
  assert_attachment (attachments, 2, "two");
}

/* A part of a document that has attachments elsewhere. */
static void
test_part_of_document (void)
{
  g_autoptr (GBytes) one = g_bytes_new ("one", 3);
  g_autoptr (GBytes) two = g_bytes_new ("two", 3);
  GBytes *given[] = { one, two };
  g_autoptr (GPtrArray) attachments = new_attachments ();
  g_autoptr (SioValue) document = NULL;
  g_autoptr (GBytes) with = NULL, without = NULL;

  document = sio_value_new_from_json ("[" PLACEHOLDER (0) ",[" PLACEHOLDER (1) "],[1,\"a\"]]",
                                      given, 2, NULL);
  g_assert_nonnull (document);

  with = sio_packet_encode (SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "x",
                            sio_value_get_element (document, 1), attachments);
  assert_wire (with, "451-[\"x\"," PLACEHOLDER (0) "]");
  g_assert_cmpuint (attachments->len, ==, 1);
  assert_attachment (attachments, 0, "two");

  without = sio_packet_encode (SIO_PACKET_EVENT, "/", SIO_PACKET_NO_ID, "x",
                               sio_value_get_element (document, 2), attachments);
  assert_wire (without, "42[\"x\",1,\"a\"]");
  g_assert_cmpuint (attachments->len, ==, 1);
}

/* Each packet counts from 0, however many attachments wait already. */
static void
test_attachments_appended (void)
{
  g_autoptr (GPtrArray) attachments = new_attachments ();
  g_autoptr (SioValue) one = bytes_value ("one");
  SioValue *elements[] = { one };
  g_autoptr (SioValue) args = sio_value_new_array (elements, 1);
  guint i;

  for (i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) wire = sio_packet_encode (SIO_PACKET_ACK, "/", i, NULL, args, attachments);
      g_autofree char *expected = g_strdup_printf ("461-%u[" PLACEHOLDER (0) "]", i);

      assert_wire (wire, expected);
      g_assert_cmpuint (attachments->len, ==, i + 1);
      assert_attachment (attachments, i, "one");
    }
}

static void
test_reserved_names (void)
{
  static const char *const reserved[] = { "connect",       "connect_error", "disconnect",
                                          "disconnecting", "newListener",   "removeListener" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (reserved); i++)
    {
      g_autofree char *longer = g_strconcat (reserved[i], "x", NULL);

      g_assert_true (sio_packet_name_is_reserved (reserved[i], strlen (reserved[i])));
      g_assert_true (sio_packet_name_is_reserved (longer, strlen (reserved[i])));
      g_assert_false (sio_packet_name_is_reserved (reserved[i], strlen (reserved[i]) + 1));
      g_assert_false (sio_packet_name_is_reserved (reserved[i], strlen (reserved[i]) - 1));
      g_assert_false (sio_packet_name_is_reserved (longer, strlen (longer)));
    }
  g_assert_false (sio_packet_name_is_reserved ("", 0));
  g_assert_false (sio_packet_name_is_reserved ("message", 7));
}

static gboolean
accepts (GString *text, const SioLimits *limits, GError **error)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autoptr (SioValue) payload = NULL;
  SioPacketHead head;

  return sio_packet_head_parse (&head, text->str, text->len, limits, error) &&
         sio_packet_read_payload (&head, &tape, limits, &payload, error);
}

static void
assert_attachment_limit (guint limit, const char *count, const char *words)
{
  SioLimits limits = SIO_LIMITS_INIT;
  g_autoptr (GString) text = g_string_new ("5");
  g_autoptr (GError) error = NULL;

  limits.attachments = limit;
  g_string_append_printf (text, "%s-[\"a\"]", count);
  g_assert_cmpint (accepts (text, &limits, &error), ==, words == NULL);
  if (words != NULL)
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
      g_assert_cmpstr (error->message, ==, words);
    }
}

static void
test_attachment_limit (void)
{
  assert_attachment_limit (10, "10", NULL);
  assert_attachment_limit (10, "11", "too many attachments");
  assert_attachment_limit (1000, "1000", NULL);
  assert_attachment_limit (1000, "1001", "too many attachments");
  assert_attachment_limit (0, "1", "too many attachments");
  assert_attachment_limit (0, "0", "illegal attachments");
  assert_attachment_limit (G_MAXUINT, "4294967295", NULL);
  assert_attachment_limit (G_MAXUINT, "4294967296", "too many attachments");
  assert_attachment_limit (G_MAXUINT, "4294967297", "too many attachments");
  assert_attachment_limit (G_MAXUINT, "18446744073709551617", "too many attachments");
}

static void
append_repeated (GString *text, const char *unit, guint times)
{
  while (times-- > 0)
    g_string_append (text, unit);
}

static void
test_depth_limit (void)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  guint extra;

  for (extra = 0; extra < 2; extra++)
    {
      g_autoptr (GString) text = g_string_new ("2[\"a\",");
      g_autoptr (GError) error = NULL;

      append_repeated (text, "[", limits.json_depth - 1 + extra);
      append_repeated (text, "]", limits.json_depth + extra);
      g_assert_cmpint (accepts (text, &limits, &error), ==, extra == 0);
      if (extra > 0)
        {
          g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
          g_assert_true (g_str_has_prefix (error->message, "invalid payload: "));
        }
    }
}

static void
test_node_limit (void)
{
  SioLimits limits = SIO_LIMITS_INIT;
  g_autoptr (GString) text = g_string_new ("2[\"a\"");
  g_autoptr (GError) error = NULL;

  limits.json_nodes = 100;
  append_repeated (text, ",1", 98);
  g_string_append_c (text, ']');
  accepts (text, &limits, &error);
  g_assert_no_error (error);

  g_string_truncate (text, text->len - 1);
  g_string_append (text, ",1]");
  g_assert_false (accepts (text, &limits, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
}

static void
test_long_namespace (void)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  g_autoptr (GString) text = g_string_new ("2/");
  g_autoptr (GError) error = NULL;
  SioPacketHead head;

  append_repeated (text, "n", 1000000);
  g_string_append (text, ",7[\"a\"]");
  sio_packet_head_parse (&head, text->str, text->len, &limits, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (head.nsp_length, ==, 1000001);
  g_assert_cmpuint (head.id, ==, 7);
  g_assert_cmpmem (head.json, head.json_length, "[\"a\"]", 5);
}

/* D43: what a server sent reaches a log only cut and escaped. */
static void
test_error_is_short (void)
{
  static const char *const starts[] = { "x", "0", "2/", "2", "2[\"a\"]", "51-", "5" };
  const SioLimits limits = SIO_LIMITS_INIT;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autoptr (GString) text = g_string_new (starts[i]);
      g_autoptr (GError) error = NULL;

      append_repeated (text, "\033\n\377", 100000);
      g_assert_false (accepts (text, &limits, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_PROTOCOL);
      g_assert_cmpuint (strlen (error->message), <, 512);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_null (strpbrk (error->message, "\033\n"));
    }
}

static void
test_failure_leaves_out_parameters (void)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  SioPacketHead head = { .type = SIO_PACKET_ACK, .id = 7 };
  SioValue *payload = GINT_TO_POINTER (1);

  g_assert_false (sio_packet_head_parse (&head, "511-", 4, &limits, NULL));
  g_assert_cmpint (head.type, ==, SIO_PACKET_ACK);
  g_assert_cmpuint (head.id, ==, 7);

  g_assert_true (sio_packet_head_parse (&head, "2[1", 3, &limits, NULL));
  g_assert_false (sio_packet_read_payload (&head, &tape, &limits, &payload, NULL));
  g_assert_true (payload == GINT_TO_POINTER (1));
}

/* The value has a copy of its own: neither the text nor the tape has to stay. */
static void
test_payload_outlives_text (void)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  SioJsonTape tape = SIO_JSON_TAPE_INIT;
  char *text = g_strdup ("2[\"name\",{\"a\":1}]");
  g_autoptr (SioValue) payload = NULL;
  SioPacketHead head;

  g_assert_true (sio_packet_head_parse (&head, text, strlen (text), &limits, NULL));
  g_assert_true (sio_packet_read_payload (&head, &tape, &limits, &payload, NULL));
  memset (text, 'x', strlen (text));
  g_free (text);
  sio_json_tape_clear (&tape);

  g_assert_cmpstr (sio_value_get_string (sio_value_get_element (payload, 0)), ==, "name");
  g_assert_cmpint (sio_value_get_integer (sio_value_lookup (payload, "/1/a")), ==, 1);
}

/* The same tape for one text after the other. */
static void
test_tape_is_scratch (void)
{
  static const char *const texts[] = { "2[\"a\",[1,[2,[3]]]]", "2[\"a\"", "2[\"b\"]",
                                       "0{\"sid\":1}" };
  const SioLimits limits = SIO_LIMITS_INIT;
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (SioValue) payload = NULL;
      SioPacketHead head;

      g_assert_true (sio_packet_head_parse (&head, texts[i], strlen (texts[i]), &limits, NULL));
      g_assert_cmpint (sio_packet_read_payload (&head, &tape, &limits, &payload, NULL), ==, i != 1);
    }
}

static void
test_clear (void)
{
  SioPacket packet = SIO_PACKET_INIT;

  sio_packet_clear (&packet);
  packet.type = SIO_PACKET_EVENT;
  packet.nsp = g_ref_string_new ("/");
  packet.id = 1;
  packet.payload = sio_value_new_null ();
  sio_packet_clear (&packet);
  g_assert_null (packet.nsp);
  g_assert_null (packet.payload);
  g_assert_true (packet.id == SIO_PACKET_NO_ID);
}

int
main (int argc, char *argv[])
{
  guint i;

  g_test_init (&argc, &argv, NULL);

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/packet/encode/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_encode);
    }
  g_test_add_func ("/packet/encode/white-space", test_white_space);
  g_test_add_func ("/packet/encode/P12/event", test_binary_event);
  g_test_add_func ("/packet/encode/P12/ack", test_binary_ack);
  g_test_add_func ("/packet/encode/P11/order", test_binary_order);
  g_test_add_func ("/packet/encode/P15/part-of-a-document", test_part_of_document);
  g_test_add_func ("/packet/encode/P11/each-counts-from-zero", test_attachments_appended);
  g_test_add_func ("/packet/P26/reserved-names", test_reserved_names);
  g_test_add_func ("/packet/P33/attachments", test_attachment_limit);
  g_test_add_func ("/packet/P32/depth", test_depth_limit);
  g_test_add_func ("/packet/P32/nodes", test_node_limit);
  g_test_add_func ("/packet/P5/long-namespace", test_long_namespace);
  g_test_add_func ("/packet/D43/error-is-short", test_error_is_short);
  g_test_add_func ("/packet/failure-leaves-out-parameters", test_failure_leaves_out_parameters);
  g_test_add_func ("/packet/payload-outlives-text", test_payload_outlives_text);
  g_test_add_func ("/packet/tape-is-scratch", test_tape_is_scratch);
  g_test_add_func ("/packet/clear", test_clear);

  return g_test_run ();
}
