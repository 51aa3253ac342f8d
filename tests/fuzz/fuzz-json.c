/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Any bytes as a JSON text. What is accepted must be sound, and mean the same when it is
 * written anew from the tokens. */

#include "config.h"

#include "json/sio-json-reader-private.h"
#include "json/sio-json-writer-private.h"

#include <math.h>
#include <string.h>

#define MAX_DEPTH 64
#define MAX_NODES 5000

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static gboolean
is_container (const SioJsonToken *token)
{
  return token->kind == SIO_JSON_ARRAY || token->kind == SIO_JSON_OBJECT;
}

static void
check_container (const SioJsonTape *tape, guint index)
{
  const SioJsonToken *token = &tape->tokens[index];
  guint child = index + 1;
  guint i;

  for (i = 0; i < token->count; i++)
    {
      if (token->kind == SIO_JSON_OBJECT)
        {
          g_assert_cmpuint (child, <, tape->n_tokens);
          g_assert_cmpuint (tape->tokens[child].kind, ==, SIO_JSON_STRING);
          child++;
        }
      g_assert_cmpuint (child, <, tape->n_tokens);
      g_assert_cmpuint (tape->tokens[child].start, >, token->start);
      g_assert_cmpuint (tape->tokens[child].end, <, token->end);
      child += tape->tokens[child].span;
    }
  g_assert_cmpuint (child, ==, index + token->span);
}

static void
check_string (const SioJsonToken *token, const char *text, GString *out)
{
  gsize room = token->end - token->start + 1;
  g_autofree char *value = g_malloc (room);
  gsize length = sio_json_token_unescape (token, text, value);

  g_assert_cmpuint (length, <, room);
  g_assert_cmpint (value[length], ==, '\0');
  g_assert_true (sio_json_token_equals (token, text, value, length));
  g_assert_false (sio_json_token_equals (token, text, value, length + 1));
  g_assert_true (sio_json_write_string (out, value, length));
}

static void
check_number (const SioJsonToken *token, const char *text, GString *out)
{
  double number = sio_json_token_get_double (token, text);
  gint64 integer;

  g_assert_false (isnan (number));
  if (sio_json_token_get_integer (token, text, &integer))
    {
      g_assert_true (token->flags & SIO_JSON_INTEGER);
      g_assert_true (number == (double) integer);
      sio_json_write_integer (out, integer);
    }
  else if (isfinite (number))
    {
      sio_json_write_double (out, number);
    }
  else
    {
      g_string_append (out, number < 0 ? "-1e999" : "1e999");
    }
}

static void
check_scalar (const SioJsonToken *token, const char *text, GString *out)
{
  g_assert_cmpuint (token->span, ==, 1);
  g_assert_cmpuint (token->count, ==, 0);

  switch ((SioJsonKind) token->kind)
    {
    case SIO_JSON_STRING:
      check_string (token, text, out);
      break;
    case SIO_JSON_NUMBER:
      check_number (token, text, out);
      break;
    case SIO_JSON_NULL:
    case SIO_JSON_FALSE:
    case SIO_JSON_TRUE:
      g_string_append_len (out, text + token->start, token->end - token->start);
      break;
    case SIO_JSON_ARRAY:
    case SIO_JSON_OBJECT:
    case SIO_JSON_ATTACHMENT:
    default:
      g_assert_not_reached ();
    }
}

/* All tokens in turn; what stands between them is copied as it is. */
static void
check_tape (const SioJsonTape *tape, const char *text, gsize size, GString *out)
{
  guint32 at = 0;
  guint i;

  g_assert_cmpuint (tape->n_tokens, >, 0);
  g_assert_cmpuint (tape->n_tokens, <=, MAX_NODES);
  g_assert_cmpuint (tape->tokens[0].span, ==, tape->n_tokens);

  for (i = 0; i < tape->n_tokens; i++)
    {
      const SioJsonToken *token = &tape->tokens[i];
      guint quote = token->kind == SIO_JSON_STRING ? 1 : 0;

      g_assert_cmpuint (token->start, <=, token->end);
      g_assert_cmpuint (token->end + quote, <=, size);
      g_assert_cmpuint (at + quote, <=, token->start);
      g_string_append_len (out, text + at, token->start - quote - at);

      if (is_container (token))
        {
          check_container (tape, i);
          at = token->start;
        }
      else
        {
          check_scalar (token, text, out);
          at = token->end + quote;
        }
    }
  g_string_append_len (out, text + at, size - at);
}

static void
assert_same (const SioJsonTape *one,
             const char *one_text,
             const SioJsonTape *other,
             const char *other_text)
{
  guint i;

  g_assert_cmpuint (one->n_tokens, ==, other->n_tokens);
  for (i = 0; i < one->n_tokens; i++)
    {
      const SioJsonToken *a = &one->tokens[i];
      const SioJsonToken *b = &other->tokens[i];

      g_assert_cmpuint (a->kind, ==, b->kind);
      g_assert_cmpuint (a->span, ==, b->span);
      g_assert_cmpuint (a->count, ==, b->count);
      if (a->kind == SIO_JSON_NUMBER)
        {
          g_assert_true (sio_json_token_get_double (a, one_text) ==
                         sio_json_token_get_double (b, other_text));
        }
      else if (a->kind == SIO_JSON_STRING)
        {
          g_autofree char *value = g_malloc (a->end - a->start + 1);
          gsize length = sio_json_token_unescape (a, one_text, value);

          g_assert_true (sio_json_token_equals (b, other_text, value, length));
        }
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_auto (SioJsonTape) again = SIO_JSON_TAPE_INIT;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (!sio_json_read (&tape, text, size, MAX_DEPTH, MAX_NODES, &error))
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  g_assert_no_error (error);
  check_tape (&tape, text, size, out);
  sio_json_read (&again, out->str, out->len, MAX_DEPTH, MAX_NODES, &error);
  g_assert_no_error (error);
  assert_same (&tape, text, &again, out->str);
  return 0;
}
