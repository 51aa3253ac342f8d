/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Makes a test of each line of json.cases, where the form of the lines is explained. */

#include "config.h"

#include "base/sio-limits-private.h"
#include "json/sio-json-reader-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum
{
  VERDICT_ACCEPT,
  VERDICT_REJECT,
  VERDICT_VALUE,
} Verdict;

static const char *const verdicts[] = { "accept", "reject", "value" };

typedef struct
{
  Verdict verdict;
  GBytes *text;
  GBytes *value; /* nullable */
} Case;

static void
case_free (gpointer data)
{
  Case *self = data;

  g_bytes_unref (self->text);
  g_clear_pointer (&self->value, g_bytes_unref);
  g_free (self);
}

/* A case that cannot be understood must not pass as one that is refused. */
static void G_GNUC_NORETURN G_GNUC_PRINTF (2, 3) die (guint line, const char *format, ...)
{
  va_list args;
  g_autofree char *message = NULL;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("line %u: %s\n", line, message);
  exit (1);
}

static GBytes *
decode_text (const char *text, guint line)
{
  GByteArray *bytes = g_byte_array_new ();

  while (*text != '\0')
    {
      if (*text != '%')
        {
          g_byte_array_append (bytes, (const guint8 *) text++, 1);
        }
      else if (text[1] == '(')
        {
          char *star;
          guint64 n = g_ascii_strtoull (text + 2, &star, 10);
          const char *close = strchr (text, ')');

          g_autofree char *inner = NULL;
          g_autoptr (GBytes) repeated = NULL;

          if (n == 0 || *star != '*' || close == NULL || close < star)
            die (line, "not a repetition: %s", text);
          inner = g_strndup (star + 1, close - star - 1);
          repeated = decode_text (inner, line);
          while (n-- > 0)
            g_byte_array_append (bytes, g_bytes_get_data (repeated, NULL),
                                 g_bytes_get_size (repeated));
          text = close + 1;
        }
      else if (g_ascii_isxdigit (text[1]) && g_ascii_isxdigit (text[2]))
        {
          guint8 byte = g_ascii_xdigit_value (text[1]) << 4 | g_ascii_xdigit_value (text[2]);

          g_byte_array_append (bytes, &byte, 1);
          text += 3;
        }
      else
        {
          die (line, "not a byte: %s", text);
        }
    }
  return g_byte_array_free_to_bytes (bytes);
}

/* For messages, and so that a NUL does not end the comparison. */
static char *
make_readable (const char *bytes, gsize length)
{
  GString *out = g_string_new (NULL);
  gsize i;

  for (i = 0; i < length; i++)
    if (g_ascii_isprint (bytes[i]))
      g_string_append_c (out, bytes[i]);
    else
      g_string_append_printf (out, "%%%02X", (guint8) bytes[i]);
  return g_string_free (out, FALSE);
}

static void
render_string (GString *out, const SioJsonToken *token, const char *text)
{
  g_autofree char *value = g_malloc (token->end - token->start + 1);
  gsize length = sio_json_token_unescape (token, text, value);

  g_assert_cmpuint (length, <=, token->end - token->start);
  g_assert_true (sio_json_token_equals (token, text, value, length));

  g_string_append_c (out, '"');
  g_string_append_len (out, value, length);
  g_string_append_c (out, '"');
}

static void
render_number (GString *out, const SioJsonToken *token, const char *text)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  gint64 integer;

  if (sio_json_token_get_integer (token, text, &integer))
    {
      g_string_append_printf (out, "int %" G_GINT64_FORMAT, integer);
    }
  else
    {
      double number = sio_json_token_get_double (token, text);

      if (isinf (number))
        g_string_append (out, number < 0 ? "double -inf" : "double inf");
      else
        g_string_append_printf (out, "double %s",
                                g_ascii_formatd (digits, sizeof digits, "%.17g", number));
    }
}

/* The cases that are rendered are not nested deeply. */
static const SioJsonToken *
render (GString *out, const SioJsonToken *token, const char *text)
{
  gboolean is_object = token->kind == SIO_JSON_OBJECT;
  const SioJsonToken *next = token + 1;
  guint i;

  switch ((SioJsonKind) token->kind)
    {
    case SIO_JSON_NULL:
      g_string_append (out, "null");
      break;
    case SIO_JSON_FALSE:
      g_string_append (out, "false");
      break;
    case SIO_JSON_TRUE:
      g_string_append (out, "true");
      break;
    case SIO_JSON_NUMBER:
      render_number (out, token, text);
      break;
    case SIO_JSON_STRING:
      render_string (out, token, text);
      break;
    case SIO_JSON_ARRAY:
    case SIO_JSON_OBJECT:
      g_string_append_c (out, is_object ? '{' : '[');
      for (i = 0; i < token->count; i++)
        {
          if (i > 0)
            g_string_append (out, ", ");
          if (is_object)
            {
              render_string (out, next++, text);
              g_string_append (out, ": ");
            }
          next = render (out, next, text);
        }
      g_string_append_c (out, is_object ? '}' : ']');
      break;
    case SIO_JSON_ATTACHMENT:
    default:
      g_assert_not_reached ();
    }

  g_assert_true (next == token + token->span);
  return next;
}

/* In memory of exactly that size, so that reading beyond the end is noticed. */
static gboolean
read_exact (SioJsonTape *tape, const char *before, GBytes *text, const char *behind, char **copy)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  gboolean read;

  g_byte_array_append (bytes, (const guint8 *) before, strlen (before));
  g_byte_array_append (bytes, g_bytes_get_data (text, NULL), g_bytes_get_size (text));
  g_byte_array_append (bytes, (const guint8 *) behind, strlen (behind));

  *copy = g_memdup2 (bytes->data, bytes->len);
  read = sio_json_read (tape, *copy, bytes->len, limits.json_depth, limits.json_nodes, &error);
  if (read)
    g_assert_no_error (error);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  return read;
}

static gboolean
reads (const char *before, GBytes *text, const char *behind)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autofree char *copy = NULL;

  return read_exact (&tape, before, text, behind, &copy);
}

static void
test_case (gconstpointer user_data)
{
  const Case *self = user_data;
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autofree char *text = NULL;

  g_assert_cmpint (read_exact (&tape, "", self->text, "", &text), ==,
                   self->verdict != VERDICT_REJECT);
  /* White space around changes nothing; a right text is no longer right if more follows. */
  g_assert_cmpint (reads (" \t\r\n", self->text, "\n\r\t "), ==, self->verdict != VERDICT_REJECT);
  if (self->verdict != VERDICT_REJECT)
    {
      g_assert_false (reads ("", self->text, "]"));
      g_assert_false (reads ("", self->text, " 1"));
      g_assert_false (reads ("", self->text, ","));
      g_assert_false (reads ("[", self->text, ""));
    }

  if (self->verdict == VERDICT_VALUE)
    {
      g_autoptr (GString) rendered = g_string_new (NULL);
      const SioJsonToken *end = render (rendered, tape.tokens, text);
      g_autofree char *got = make_readable (rendered->str, rendered->len);
      g_autofree char *wanted =
          make_readable (g_bytes_get_data (self->value, NULL), g_bytes_get_size (self->value));

      g_assert_true (end == tape.tokens + tape.n_tokens);
      g_assert_cmpstr (got, ==, wanted);
    }
}

static void
add_case (char *line, guint number)
{
  g_autofree char *path = NULL;
  char *name;
  char *text;
  char *value = NULL;
  Case *self;
  guint verdict;

  for (verdict = 0; verdict < G_N_ELEMENTS (verdicts); verdict++)
    if (g_str_has_prefix (line, verdicts[verdict]) && line[strlen (verdicts[verdict])] == ' ')
      break;
  if (verdict == G_N_ELEMENTS (verdicts))
    die (number, "no verdict: %s", line);

  name = g_strchug (line + strlen (verdicts[verdict]));
  text = name + strcspn (name, " ");
  if (*text != '\0')
    *text++ = '\0';
  text = g_strstrip (text);

  if (verdict == VERDICT_VALUE)
    {
      value = strstr (text, " => ");
      if (value == NULL)
        die (number, "no value: %s", text);
      *value = '\0';
      value = g_strchug (value + strlen (" => "));
      g_strchomp (text);
    }

  self = g_new0 (Case, 1);
  self->verdict = verdict;
  self->text = decode_text (text, number);
  if (value != NULL)
    self->value = decode_text (value, number);
  path = g_strdup_printf ("/json-cases/%s/%s", verdicts[verdict], name);
  g_test_add_data_func_full (path, self, test_case, case_free);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  g_auto (GStrv) lines = NULL;
  guint i;

  g_test_init (&argc, &argv, NULL);
  if (argc != 2)
    {
      g_printerr ("usage: %s json.cases\n", argv[0]);
      return 1;
    }

  g_file_get_contents (argv[1], &contents, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (contents, "\n", -1);
  for (i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0' && *lines[i] != '#')
      add_case (lines[i], i + 1);

  return g_test_run ();
}
