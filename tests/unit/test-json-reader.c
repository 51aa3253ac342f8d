/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "json/sio-json-reader-private.h"

#include <string.h>

#define DEPTH 512
#define NODES 500000

/* What every tape must be like, whatever it was read from. */
static void
check_tape (const SioJsonTape *tape, gsize length)
{
  guint i;

  g_assert_cmpuint (tape->n_tokens, >, 0);
  g_assert_cmpuint (tape->n_tokens, <=, tape->n_allocated);
  g_assert_cmpuint (tape->tokens[0].span, ==, tape->n_tokens);

  for (i = 0; i < tape->n_tokens; i++)
    {
      const SioJsonToken *token = &tape->tokens[i];
      guint child = i + 1;
      guint j;

      g_assert_cmpuint (token->start, <=, token->end);
      g_assert_cmpuint (token->end, <=, length);

      if (token->kind != SIO_JSON_ARRAY && token->kind != SIO_JSON_OBJECT)
        {
          g_assert_cmpuint (token->span, ==, 1);
          g_assert_cmpuint (token->count, ==, 0);
          continue;
        }

      for (j = 0; j < token->count; j++)
        {
          if (token->kind == SIO_JSON_OBJECT)
            g_assert_cmpuint (tape->tokens[child++].kind, ==, SIO_JSON_STRING);
          g_assert_cmpuint (tape->tokens[child].start, >, token->start);
          g_assert_cmpuint (tape->tokens[child].end, <, token->end);
          child += tape->tokens[child].span;
        }
      g_assert_cmpuint (child, ==, i + token->span);
    }
}

/* The text is in a block of just its size, so that reading past it is seen by the sanitizers. */
static gboolean
read_limited (SioJsonTape *tape,
              const char *text,
              gsize length,
              guint depth,
              guint nodes,
              GError **error)
{
  g_autofree char *exact = g_memdup2 (text, length);
  gboolean read = sio_json_read (tape, exact, length, depth, nodes, error);

  if (read)
    check_tape (tape, length);
  return read;
}

static gboolean
accepts_bytes (const char *text, gsize length)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autoptr (GError) error = NULL;
  gboolean read = read_limited (&tape, text, length, DEPTH, NODES, &error);

  if (read)
    g_assert_no_error (error);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  return read;
}

static gboolean
accepts (const char *text)
{
  return accepts_bytes (text, strlen (text));
}

static void
assert_token (const SioJsonTape *tape,
              guint i,
              SioJsonKind kind,
              guint start,
              guint end,
              guint span,
              guint count)
{
  const SioJsonToken *token = &tape->tokens[i];

  g_assert_cmpuint (i, <, tape->n_tokens);
  g_assert_cmpuint (token->kind, ==, kind);
  g_assert_cmpuint (token->start, ==, start);
  g_assert_cmpuint (token->end, ==, end);
  g_assert_cmpuint (token->span, ==, span);
  g_assert_cmpuint (token->count, ==, count);
}

static void
read_well (SioJsonTape *tape, const char *text)
{
  g_autoptr (GError) error = NULL;
  gboolean read = read_limited (tape, text, strlen (text), DEPTH, NODES, &error);

  g_assert_no_error (error);
  g_assert_true (read);
}

static void
test_scalars (void)
{
  static const struct
  {
    const char *text;
    SioJsonKind kind;
    guint flags;
    guint start, end;
  } scalars[] = {
    { "null", SIO_JSON_NULL, 0, 0, 4 },
    { "false", SIO_JSON_FALSE, 0, 0, 5 },
    { "true", SIO_JSON_TRUE, 0, 0, 4 },
    { "0", SIO_JSON_NUMBER, SIO_JSON_INTEGER, 0, 1 },
    { " -12 ", SIO_JSON_NUMBER, SIO_JSON_INTEGER, 1, 4 },
    { "1.5", SIO_JSON_NUMBER, 0, 0, 3 },
    { "1e5", SIO_JSON_NUMBER, 0, 0, 3 },
    { "1E5", SIO_JSON_NUMBER, 0, 0, 3 },
    { "\"\"", SIO_JSON_STRING, 0, 1, 1 },
    { "\t\"abc\"\n", SIO_JSON_STRING, 0, 2, 5 },
    { "\"abcdefgh\"", SIO_JSON_STRING, 0, 1, 9 },
    { "\"abcdefghi\\n\"", SIO_JSON_STRING, SIO_JSON_ESCAPED, 1, 12 },
    { "\"\xc3\xa9\"", SIO_JSON_STRING, 0, 1, 3 },
    { "\r\n[ ]", SIO_JSON_ARRAY, 0, 2, 5 },
    { "{ } ", SIO_JSON_OBJECT, 0, 0, 3 },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (scalars); i++)
    {
      g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;

      read_well (&tape, scalars[i].text);
      g_assert_cmpuint (tape.n_tokens, ==, 1);
      assert_token (&tape, 0, scalars[i].kind, scalars[i].start, scalars[i].end, 1, 0);
      g_assert_cmpuint (tape.tokens[0].flags, ==, scalars[i].flags);
    }
}

static void
test_event (void)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;

  read_well (&tape, "[\"tick\",{\"seq\":123456,\"price\":1.5,\"sym\":\"ABCD\"}]");
  g_assert_cmpuint (tape.n_tokens, ==, 9);
  assert_token (&tape, 0, SIO_JSON_ARRAY, 0, 48, 9, 2);
  assert_token (&tape, 1, SIO_JSON_STRING, 2, 6, 1, 0);
  assert_token (&tape, 2, SIO_JSON_OBJECT, 8, 47, 7, 3);
  assert_token (&tape, 3, SIO_JSON_STRING, 10, 13, 1, 0);
  assert_token (&tape, 4, SIO_JSON_NUMBER, 15, 21, 1, 0);
  assert_token (&tape, 5, SIO_JSON_STRING, 23, 28, 1, 0);
  assert_token (&tape, 6, SIO_JSON_NUMBER, 30, 33, 1, 0);
  assert_token (&tape, 7, SIO_JSON_STRING, 35, 38, 1, 0);
  assert_token (&tape, 8, SIO_JSON_STRING, 41, 45, 1, 0);
}

static void
test_nested (void)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;

  read_well (&tape, "[[],[[1],2],{\"a\":{\"b\":[true,null]},\"c\":{}},3]");
  g_assert_cmpuint (tape.n_tokens, ==, 16);
  assert_token (&tape, 0, SIO_JSON_ARRAY, 0, 45, 16, 4);
  assert_token (&tape, 1, SIO_JSON_ARRAY, 1, 3, 1, 0);
  assert_token (&tape, 2, SIO_JSON_ARRAY, 4, 11, 4, 2);
  assert_token (&tape, 3, SIO_JSON_ARRAY, 5, 8, 2, 1);
  assert_token (&tape, 5, SIO_JSON_NUMBER, 9, 10, 1, 0);
  assert_token (&tape, 6, SIO_JSON_OBJECT, 12, 42, 9, 2);
  assert_token (&tape, 8, SIO_JSON_OBJECT, 17, 34, 5, 1);
  assert_token (&tape, 10, SIO_JSON_ARRAY, 22, 33, 3, 2);
  assert_token (&tape, 11, SIO_JSON_TRUE, 23, 27, 1, 0);
  assert_token (&tape, 12, SIO_JSON_NULL, 28, 32, 1, 0);
  assert_token (&tape, 13, SIO_JSON_STRING, 36, 37, 1, 0);
  assert_token (&tape, 14, SIO_JSON_OBJECT, 39, 41, 1, 0);
  assert_token (&tape, 15, SIO_JSON_NUMBER, 43, 44, 1, 0);
}

static void
test_space (void)
{
  static const char spaced[] = " [ 1 , { \"a\" : 2 ,\t\"b\"\r\n:\n[ ] } , \"x\" ] ";
  static const char bare[] = "[1,{\"a\":2,\"b\":[]},\"x\"]";
  g_auto (SioJsonTape) one = SIO_JSON_TAPE_INIT;
  g_auto (SioJsonTape) other = SIO_JSON_TAPE_INIT;
  guint i;

  read_well (&one, spaced);
  read_well (&other, bare);
  g_assert_cmpuint (one.n_tokens, ==, other.n_tokens);
  for (i = 0; i < one.n_tokens; i++)
    {
      g_assert_cmpuint (one.tokens[i].kind, ==, other.tokens[i].kind);
      g_assert_cmpuint (one.tokens[i].span, ==, other.tokens[i].span);
      g_assert_cmpuint (one.tokens[i].count, ==, other.tokens[i].count);
    }
}

static void
test_tape_used_again (void)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autoptr (GString) text = g_string_new ("[0");
  guint allocated;
  guint i;

  for (i = 1; i < 5000; i++)
    g_string_append_printf (text, ",%u", i);
  g_string_append_c (text, ']');

  read_well (&tape, text->str);
  g_assert_cmpuint (tape.n_tokens, ==, 5001);
  g_assert_cmpuint (tape.tokens[0].count, ==, 5000);
  allocated = tape.n_allocated;
  g_assert_cmpuint (allocated, >=, 5001);
  g_assert_cmpuint (allocated, <, 20000);

  g_assert_false (sio_json_read (&tape, "[1,2", 4, DEPTH, NODES, NULL));
  read_well (&tape, "[1]");
  g_assert_cmpuint (tape.n_tokens, ==, 2);
  read_well (&tape, text->str);
  g_assert_cmpuint (tape.n_allocated, ==, allocated);

  /* A tape that is larger than the limit does not lift it. */
  g_assert_false (sio_json_read (&tape, text->str, text->len, DEPTH, 5000, NULL));
  g_assert_true (sio_json_read (&tape, text->str, text->len, DEPTH, 5001, NULL));

  sio_json_tape_clear (&tape);
  g_assert_null (tape.tokens);
  g_assert_cmpuint (tape.n_allocated, ==, 0);
  read_well (&tape, "{}");
}

static void
test_no_text (void)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autoptr (GError) error = NULL;

  /* As an empty GBytes has it. */
  g_assert_false (sio_json_read (&tape, NULL, 0, DEPTH, NODES, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
test_too_long (void)
{
#if GLIB_SIZEOF_SIZE_T > 4
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autoptr (GError) error = NULL;

  /* Refused before a byte is looked at. */
  g_assert_false (sio_json_read (&tape, "1", (gsize) G_MAXUINT32 + 1, DEPTH, NODES, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
#else
  g_test_skip ("no text can be that long");
#endif
}

static void
test_depth (void)
{
  static const char *const openings[] = { "[", "{\"a\":", "[[],", "[{\"b\":{}}," };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (openings); i++)
    {
      g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
      g_autoptr (GString) text = g_string_new (NULL);
      guint own = i < 2 ? 0 : i - 1; /* brackets inside the innermost one */
      guint j;

      for (j = 0; j < 20; j++)
        g_string_append (text, openings[i]);
      g_string_append (text, "1");
      for (j = 0; j < 20; j++)
        g_string_append_c (text, openings[i][0] == '[' ? ']' : '}');

      g_assert_true (read_limited (&tape, text->str, text->len, 20 + own, NODES, NULL));
      g_assert_false (read_limited (&tape, text->str, text->len, 19 + own, NODES, NULL));
    }
}

static void
test_depth_none (void)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;

  g_assert_true (read_limited (&tape, "1", 1, 0, NODES, NULL));
  g_assert_false (read_limited (&tape, "[]", 2, 0, NODES, NULL));
  g_assert_false (read_limited (&tape, "{}", 2, 0, NODES, NULL));
  g_assert_true (read_limited (&tape, "[]", 2, 1, NODES, NULL));
  g_assert_false (read_limited (&tape, "[[]]", 4, 1, NODES, NULL));
  g_assert_true (read_limited (&tape, "[[],[],{}]", 10, 2, NODES, NULL));
}

static void
test_nodes (void)
{
  static const struct
  {
    const char *text;
    guint nodes;
  } texts[] = {
    { "1", 1 },
    { "[]", 1 },
    { "[1,2,3]", 4 },
    { "{\"a\":1}", 3 },
    { "{\"a\":[{}],\"b\":\"c\"}", 6 },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
      gsize length = strlen (texts[i].text);
      g_autoptr (GError) error = NULL;

      g_assert_true (read_limited (&tape, texts[i].text, length, DEPTH, texts[i].nodes, NULL));
      g_assert_cmpuint (tape.n_tokens, ==, texts[i].nodes);
      g_assert_false (
          read_limited (&tape, texts[i].text, length, DEPTH, texts[i].nodes - 1, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    }
}

/* At the sizes at which the tape grows. */
static void
test_nodes_many (void)
{
  guint n;

  for (n = 60; n < 70; n++)
    {
      g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
      g_autoptr (GString) text = g_string_new ("[0");
      guint i;

      for (i = 2; i < n; i++)
        g_string_append (text, ",0");
      g_string_append_c (text, ']');

      g_assert_false (read_limited (&tape, text->str, text->len, DEPTH, n - 1, NULL));
      g_assert_true (read_limited (&tape, text->str, text->len, DEPTH, n, NULL));
      g_assert_cmpuint (tape.n_tokens, ==, n);
    }
}

/* A count has 24 bits, so there cannot be more nodes, whatever the caller allows. */
static void
test_nodes_most (void)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autofree char *text = NULL;
  const guint most = (1u << 24) - 1;
  gsize length = 2 * (gsize) most; /* an array of one element too many, and its brackets */
  gsize i;

  if (!g_test_slow ())
    {
      g_test_skip ("takes 300 MiB");
      return;
    }

  text = g_malloc (length + 1);
  for (i = 1; i <= length; i++)
    text[i] = i % 2 == 0 ? ',' : '0';
  text[0] = '[';
  text[length] = ']';
  g_assert_false (sio_json_read (&tape, text, length + 1, DEPTH, G_MAXUINT, NULL));

  text[length - 2] = ']';
  g_assert_true (sio_json_read (&tape, text, length - 1, DEPTH, G_MAXUINT, NULL));
  g_assert_cmpuint (tape.n_tokens, ==, most);
  g_assert_cmpuint (tape.tokens[0].count, ==, most - 1);
}

static void
test_brackets (void)
{
  const guint n = 100000;
  g_autofree char *text = g_malloc (2 * n);
  g_autoptr (GString) objects = g_string_new (NULL);
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  guint i;

  memset (text, '[', n);
  memset (text + n, ']', n);
  g_assert_false (read_limited (&tape, text, n, DEPTH, NODES, NULL));
  g_assert_false (read_limited (&tape, text, 2 * n, DEPTH, NODES, NULL));
  g_assert_false (read_limited (&tape, text, n, G_MAXUINT, NODES, NULL));
  g_assert_false (read_limited (&tape, text, 2 * n - 1, G_MAXUINT, NODES, NULL));
  /* Nesting costs no stack. */
  g_assert_true (read_limited (&tape, text, 2 * n, G_MAXUINT, NODES, NULL));
  g_assert_cmpuint (tape.tokens[n - 1].span, ==, 1);

  for (i = 0; i < n; i++)
    g_string_append (objects, "{\"\":");
  g_assert_false (read_limited (&tape, objects->str, objects->len, DEPTH, NODES, NULL));
  g_assert_false (read_limited (&tape, objects->str, objects->len, G_MAXUINT, NODES, NULL));
}

static const char rich[] =
    " [\"na\\\"me\\u00e9\\ud83d\\ude00\", "
    "{\"a\":[1,-2.5e+10,0.125,true,false,null],\"b\\n\":{}},\r\n"
    "\"gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80 and a long plain part\" , "
    "[[],[{\"\":\"\"}]] , -0, 12345678901234567890 ] ";

static void
test_truncated (void)
{
  gsize length = strlen (rich);
  gsize cut;

  g_assert_true (accepts_bytes (rich, length));
  g_assert_true (accepts_bytes (rich, length - 1));
  for (cut = 0; cut < length - 1; cut++)
    g_assert_false (accepts_bytes (rich, cut));
}

/* Of a number, some prefixes are numbers. */
static void
test_truncated_number (void)
{
  static const char number[] = "-120.450e-67";
  static const char valid[] = ".yyy.yyy..yy";
  gsize cut;

  for (cut = 1; cut <= strlen (number); cut++)
    g_assert_cmpint (accepts_bytes (number, cut), ==, valid[cut - 1] == 'y');
}

/* One byte of a rich text replaced by any other: accepted or not, the tape must be sound. */
static void
test_mutated (void)
{
  gsize length = strlen (rich);
  g_autofree char *text = g_memdup2 (rich, length);
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  guint accepted = 0;
  gsize i;
  guint byte;

  for (i = 0; i < length; i++)
    {
      for (byte = 0; byte < 256; byte++)
        {
          text[i] = (char) byte;
          if (sio_json_read (&tape, text, length, DEPTH, NODES, NULL))
            {
              check_tape (&tape, length);
              accepted++;
            }
        }
      text[i] = rich[i];
    }
  g_assert_cmpuint (accepted, >, length);
}

static void
test_error_names_byte (void)
{
  static const struct
  {
    const char *text;
    guint byte;
  } wrong[] = {
    { "", 0 },           { "   ", 3 },         { "[1,]", 3 },
    { "[1 2]", 3 },      { "{\"a\" 1}", 5 },   { "{1:2}", 1 },
    { "{\"a\":1,}", 7 }, { "nulx", 3 },        { "tru", 3 },
    { "-x", 1 },         { "1.x", 2 },         { "1ex", 2 },
    { "01", 1 },         { "[] []", 3 },       { "\"a\\x\"", 2 },
    { "\"ab\x01\"", 3 }, { "\"abc\xff\"", 4 }, { "\"\xc3\xa9\xed\xa0\x80\"", 3 },
    { "\"abc", 4 },      { "[}", 1 },          { "[\"12345678\\u12g4\"]", 10 },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
      g_autoptr (GError) error = NULL;
      g_autofree char *words = g_strdup_printf ("byte %u:", wrong[i].byte);

      g_assert_false (
          read_limited (&tape, wrong[i].text, strlen (wrong[i].text), DEPTH, NODES, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      if (strstr (error->message, words) == NULL)
        g_error ("%s: %s, not %s", wrong[i].text, error->message, words);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

/* Every byte at every place of a word, and with every number of bytes behind it. */
static void
test_string_bytes (void)
{
  guint byte, before, behind;

  for (byte = 0; byte < 256; byte++)
    for (before = 0; before < 18; before++)
      for (behind = 0; behind < 10; behind++)
        {
          char text[64];
          gboolean plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
          gsize length = before + behind + 3;

          memset (text, 'x', sizeof text);
          text[0] = '"';
          text[1 + before] = (char) byte;
          text[length - 1] = '"';
          g_assert_cmpint (accepts_bytes (text, length), ==, plain);
        }
}

static gboolean
accepts_in_string (const char *bytes, gsize n, guint before)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  char text[32];

  memset (text, 'x', sizeof text);
  text[0] = '"';
  memcpy (text + 1 + before, bytes, n);
  text[1 + before + n] = '"';
  return sio_json_read (&tape, text, before + n + 2, DEPTH, NODES, NULL);
}

static void
test_utf8 (void)
{
  /* The bytes at which something changes. */
  static const guint8 edges[] = { 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
                                  0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
                                  0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xfc, 0xff };
  guint before, lead, i, j, k;

  for (before = 0; before < 20; before += 7)
    for (lead = 0x80; lead < 256; lead++)
      for (i = 0; i < G_N_ELEMENTS (edges); i++)
        {
          char bytes[4] = { (char) lead, (char) edges[i], 0, 0 };

          g_assert_cmpint (accepts_in_string (bytes, 2, before), ==,
                           g_utf8_validate_len (bytes, 2, NULL));
          for (j = 0; j < G_N_ELEMENTS (edges); j++)
            {
              bytes[2] = (char) edges[j];
              g_assert_cmpint (accepts_in_string (bytes, 3, before), ==,
                               g_utf8_validate_len (bytes, 3, NULL));
              if (lead < 0xef)
                continue;
              for (k = 0; k < G_N_ELEMENTS (edges); k++)
                {
                  bytes[3] = (char) edges[k];
                  g_assert_cmpint (accepts_in_string (bytes, 4, before), ==,
                                   g_utf8_validate_len (bytes, 4, NULL));
                }
            }
        }
}

static void
test_every_character (void)
{
  gunichar code;

  for (code = 0x80; code < 0x110000; code++)
    {
      char bytes[6];
      gsize n = (gsize) g_unichar_to_utf8 (code, bytes);

      g_assert_cmpint (accepts_in_string (bytes, n, 0), ==, code < 0xd800 || code > 0xdfff);
    }
}

static void
test_embedded_nul (void)
{
  g_assert_false (accepts_bytes ("1\0", 2));
  g_assert_false (accepts_bytes ("\0", 1));
  g_assert_false (accepts_bytes ("\0001", 2));
  g_assert_false (accepts_bytes ("[1,\0002]", 6));
  g_assert_false (accepts_bytes ("\"a\0b\"", 5));
  g_assert_false (accepts_bytes ("[1]\0garbage", 11));
  g_assert_true (accepts_bytes ("[1]\0garbage", 3));
  g_assert_true (accepts ("[1]"));
}

/* A run of tokens that starts at a value is a tape of that value. */
static void
test_relative (void)
{
  static const char text[] = "[0,{\"a\":[1,{\"b\":2}]},3]";
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  SioJsonTape part;

  read_well (&tape, text);
  part.tokens = tape.tokens + 2;
  part.n_tokens = part.n_allocated = part.tokens[0].span;
  check_tape (&part, strlen (text));
  part.tokens += 2;
  part.n_tokens = part.n_allocated = part.tokens[0].span;
  check_tape (&part, strlen (text));
}

static void
test_duplicates_kept (void)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;

  read_well (&tape, "{\"a\":1,\"a\":2}");
  g_assert_cmpuint (tape.tokens[0].count, ==, 2);
  g_assert_cmpuint (tape.n_tokens, ==, 5);
}

static gpointer
get_scratch_elsewhere (gpointer data)
{
  SioJsonTape *tape = sio_json_tape_get_scratch ();

  g_assert_true (sio_json_read (tape, "[1]", 3, 8, 8, NULL));
  return tape;
}

/* Each thread has its own; what a long text has made it take goes back, a short one's stays. */
static void
test_tape_scratch (void)
{
  SioJsonTape *tape = sio_json_tape_get_scratch ();
  g_autoptr (GString) text = g_string_new ("[1");
  g_autoptr (GThread) thread = NULL;
  guint i;

  g_assert_true (sio_json_tape_get_scratch () == tape);
  thread = g_thread_new ("elsewhere", get_scratch_elsewhere, NULL);
  g_assert_true (g_thread_join (g_steal_pointer (&thread)) != tape);

  g_assert_true (sio_json_read (tape, "[1]", 3, 8, 8, NULL));
  sio_json_tape_relax (tape);
  g_assert_cmpuint (tape->n_allocated, >, 0);

  for (i = 0; i < 100000; i++)
    g_string_append (text, ",1");
  g_string_append_c (text, ']');
  g_assert_true (sio_json_read (tape, text->str, text->len, 8, 200000, NULL));
  sio_json_tape_relax (tape);
  g_assert_cmpuint (tape->n_allocated, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json/reader/scalars", test_scalars);
  g_test_add_func ("/json/reader/event", test_event);
  g_test_add_func ("/json/reader/nested", test_nested);
  g_test_add_func ("/json/reader/white-space", test_space);
  g_test_add_func ("/json/reader/tape-used-again", test_tape_used_again);
  g_test_add_func ("/json/reader/tape-scratch", test_tape_scratch);
  g_test_add_func ("/json/reader/no-text", test_no_text);
  g_test_add_func ("/json/reader/too-long", test_too_long);
  g_test_add_func ("/json/reader/depth", test_depth);
  g_test_add_func ("/json/reader/depth-none", test_depth_none);
  g_test_add_func ("/json/reader/nodes", test_nodes);
  g_test_add_func ("/json/reader/nodes-many", test_nodes_many);
  g_test_add_func ("/json/reader/nodes-most", test_nodes_most);
  g_test_add_func ("/json/reader/100000-brackets", test_brackets);
  g_test_add_func ("/json/reader/truncated", test_truncated);
  g_test_add_func ("/json/reader/truncated-number", test_truncated_number);
  g_test_add_func ("/json/reader/mutated", test_mutated);
  g_test_add_func ("/json/reader/error-names-byte", test_error_names_byte);
  g_test_add_func ("/json/reader/string-bytes", test_string_bytes);
  g_test_add_func ("/json/reader/utf8", test_utf8);
  g_test_add_func ("/json/reader/every-character", test_every_character);
  g_test_add_func ("/json/reader/embedded-nul", test_embedded_nul);
  g_test_add_func ("/json/reader/relative-spans", test_relative);
  g_test_add_func ("/json/reader/duplicates-kept", test_duplicates_kept);

  return g_test_run ();
}
