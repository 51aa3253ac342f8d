/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "json/sio-json-reader-private.h"

#include "base/sio-utf8-private.h"
#include "json/sio-json-scan-private.h"

#include <glib/gi18n-lib.h>

/*
 * One pass over the text, without recursion and without a stack: while a container is open, its
 * own token keeps what has to come back when it closes, in `span` the index of the container
 * around it and in `end` how many elements that one had so far.
 */

#define NO_PARENT    G_MAXUINT32
#define MAX_NODES    ((1u << 24) - 1) /* SioJsonToken.count has 24 bits */
#define FIRST_TOKENS 64u
#define KEPT_TOKENS  16384u

G_STATIC_ASSERT (sizeof (SioJsonToken) == 16);

/* Where the reading is. Whoever is given one is inlined, so that it lives in registers. */
typedef struct
{
  const guint8 *begin;
  const guint8 *end;
  const guint8 *at;
  SioJsonTape *tape;
  SioJsonToken *next;  /* to be written */
  SioJsonToken *limit; /* where the tape ends, or has to */
  guint max_nodes;
  guint max_depth;
  guint depth;
  guint parent;  /* index of the innermost open container */
  guint count;   /* how many elements or members it has so far */
  guint8 closer; /* the bracket that ends it */
  const char *reason;
} Reader;

void
sio_json_tape_clear (SioJsonTape *tape)
{
  g_clear_pointer (&tape->tokens, g_free);
  tape->n_tokens = 0;
  tape->n_allocated = 0;
}

static void
free_tape (gpointer data)
{
  sio_json_tape_clear (data);
  g_free (data);
}

SioJsonTape *
sio_json_tape_get_scratch (void)
{
  static GPrivate scratch = G_PRIVATE_INIT (free_tape);
  SioJsonTape *tape = g_private_get (&scratch);

  if (G_UNLIKELY (tape == NULL))
    {
      tape = g_new0 (SioJsonTape, 1);
      g_private_set (&scratch, tape);
    }
  return tape;
}

void
sio_json_tape_relax (SioJsonTape *tape)
{
  if (G_UNLIKELY (tape->n_allocated > KEPT_TOKENS))
    sio_json_tape_clear (tape);
}

static void
sio_json_tape_resize (SioJsonTape *tape, guint n_allocated)
{
  tape->n_allocated = n_allocated;
  tape->tokens = g_renew (SioJsonToken, tape->tokens, tape->n_allocated);
}

G_ALWAYS_INLINE static inline gboolean
fail (Reader *reader, const guint8 *at, const char *reason)
{
  reader->reason = at == reader->end ? N_ ("it ends too early") : reason;
  reader->at = at;
  return FALSE;
}

G_ALWAYS_INLINE static inline gboolean
add_token (Reader *reader, SioJsonKind kind, guint flags, const guint8 *start, const guint8 *stop)
{
  if (G_UNLIKELY (reader->next == reader->limit))
    {
      guint n_tokens = reader->next - reader->tape->tokens;

      if (n_tokens == reader->max_nodes)
        return fail (reader, reader->at, N_ ("too many values"));

      sio_json_tape_resize (reader->tape, MIN (n_tokens * 2, reader->max_nodes));
      reader->next = reader->tape->tokens + n_tokens;
      reader->limit = reader->tape->tokens + reader->tape->n_allocated;
    }

  *reader->next++ = (SioJsonToken){
    .start = start - reader->begin,
    .end = stop - reader->begin,
    .span = 1,
    .kind = kind,
    .flags = flags,
  };
  return TRUE;
}

/* The scanners return where they stop: at the closing quote, or behind the number or the literal,
 * or else at the first byte that is wrong. The caller tells by what it finds there. */

static inline const guint8 *
scan_plain (const guint8 *at, const guint8 *end)
{
  while (end - at >= 8)
    {
      guint64 marks = sio_json_scan_word (sio_json_scan_load (at));

      if (marks != 0)
        return at + __builtin_ctzll (marks) / 8;
      at += 8;
    }

  while (at < end && *at >= ' ' && *at < 0x80 && *at != '"' && *at != '\\')
    at++;
  return at;
}

/* How long the escape at @at is, 0 if it is none. */
static inline guint
scan_escape (const guint8 *at, const guint8 *end)
{
  guint i;

  if (end - at < 2)
    return 0;

  switch (at[1])
    {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return 2;
    case 'u':
      if (end - at < 6)
        return 0;
      for (i = 2; i < 6; i++)
        if (!g_ascii_isxdigit (at[i]))
          return 0;
      return 6;
    default:
      return 0;
    }
}

/* From the first character on that is not plain. Kept apart from the plain case, which is most of
 * them, as that wants the registers. */
static G_NO_INLINE const guint8 *
scan_rest (const guint8 *at, const guint8 *end, guint *flags)
{
  while (at < end)
    {
      guint taken;

      if (*at >= 0x80)
        {
          taken = sio_utf8_character (at, end);
        }
      else if (*at == '\\')
        {
          *flags = SIO_JSON_ESCAPED;
          taken = scan_escape (at, end);
        }
      else if (*at == '"' || *at < ' ')
        {
          return at;
        }
      else
        {
          at = scan_plain (at, end);
          continue;
        }

      if (taken == 0)
        return at;
      at += taken;
    }
  return at;
}

static inline gboolean
is_digit (guint8 byte)
{
  return (guint8) (byte - '0') <= 9;
}

static inline const guint8 *
scan_digits (const guint8 *at, const guint8 *end)
{
  while (at < end && is_digit (*at))
    at++;
  return at;
}

/* From the point, the `e` or the `E` on. */
static inline const guint8 *
scan_fraction (const guint8 *at, const guint8 *end)
{
  if (*at == '.')
    {
      at = scan_digits (at + 1, end);
      if (at == end || !is_digit (at[-1]))
        return at;
    }

  if (*at == 'e' || *at == 'E')
    {
      at++;
      if (at < end && (*at == '+' || *at == '-'))
        at++;
      at = scan_digits (at, end);
    }
  return at;
}

static inline const guint8 *
scan_number (const guint8 *at, const guint8 *end, guint *flags)
{
  *flags = SIO_JSON_INTEGER;

  if (*at == '-')
    {
      at++;
      if (at == end || !is_digit (*at))
        return at;
    }
  at = *at == '0' ? at + 1 : scan_digits (at + 1, end);

  if (at < end && (*at == '.' || *at == 'e' || *at == 'E'))
    {
      *flags = 0;
      at = scan_fraction (at, end);
    }
  return at;
}

static inline const guint8 *
scan_literal (const guint8 *at, const guint8 *end, const char *literal)
{
  while (at < end && *literal != '\0' && *at == (guint8) *literal)
    {
      at++;
      literal++;
    }
  return at;
}

static G_NO_INLINE const guint8 *
scan_space (const guint8 *at, const guint8 *end)
{
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
    at++;
  return at;
}

/* The next byte that is no white space, or 0 at the end: no NUL is right outside a string. */
G_ALWAYS_INLINE static inline guint8
next_byte (Reader *reader)
{
  if (reader->at<reader->end && * reader->at> ' ')
    return *reader->at;
  reader->at = scan_space (reader->at, reader->end);
  return reader->at < reader->end ? *reader->at : 0;
}

static const char *
explain_string (guint8 byte)
{
  if (byte == '\\')
    return N_ ("not an escape sequence");
  if (byte >= 0x80)
    return N_ ("not UTF-8");
  return N_ ("control character in a string");
}

G_ALWAYS_INLINE static inline gboolean
read_string (Reader *reader)
{
  const guint8 *start = reader->at + 1;
  const guint8 *stop = scan_plain (start, reader->end);
  guint flags = 0;

  if (G_UNLIKELY (stop == reader->end || *stop != '"'))
    {
      stop = scan_rest (stop, reader->end, &flags);
      if (stop == reader->end || *stop != '"')
        return fail (reader, stop, stop < reader->end ? explain_string (*stop) : NULL);
    }

  if (!add_token (reader, SIO_JSON_STRING, flags, start, stop))
    return FALSE;
  reader->at = stop + 1;
  return TRUE;
}

G_ALWAYS_INLINE static inline gboolean
read_number (Reader *reader)
{
  guint flags;
  const guint8 *stop = scan_number (reader->at, reader->end, &flags);

  if (G_UNLIKELY (!is_digit (stop[-1])))
    return fail (reader, stop, N_ ("expected a digit"));
  if (!add_token (reader, SIO_JSON_NUMBER, flags, reader->at, stop))
    return FALSE;
  reader->at = stop;
  return TRUE;
}

G_ALWAYS_INLINE static inline gboolean
read_literal (Reader *reader, SioJsonKind kind, const char *literal, gsize length)
{
  const guint8 *stop = scan_literal (reader->at, reader->end, literal);

  if (G_UNLIKELY ((gsize) (stop - reader->at) != length))
    return fail (reader, stop, N_ ("expected a value"));
  if (!add_token (reader, kind, 0, reader->at, stop))
    return FALSE;
  reader->at = stop;
  return TRUE;
}

G_ALWAYS_INLINE static inline gboolean
open_container (Reader *reader)
{
  gboolean is_object = *reader->at == '{';
  SioJsonToken *token;

  if (G_UNLIKELY (reader->depth == reader->max_depth))
    return fail (reader, reader->at, N_ ("nested too deeply"));
  if (!add_token (reader, is_object ? SIO_JSON_OBJECT : SIO_JSON_ARRAY, 0, reader->at, reader->at))
    return FALSE;

  token = reader->next - 1;
  token->span = reader->parent;
  token->end = reader->count;
  reader->parent = token - reader->tape->tokens;
  reader->count = 0;
  reader->closer = is_object ? '}' : ']';
  reader->depth++;
  reader->at++;
  return TRUE;
}

G_ALWAYS_INLINE static inline void
close_container (Reader *reader)
{
  SioJsonToken *token = &reader->tape->tokens[reader->parent];
  guint outer = token->span;
  guint outer_count = token->end;

  reader->at++;
  token->end = reader->at - reader->begin;
  token->span = reader->next - token;
  token->count = reader->count;

  reader->depth--;
  reader->parent = outer;
  reader->count = outer_count;
  if (outer != NO_PARENT)
    reader->closer = reader->tape->tokens[outer].kind == SIO_JSON_OBJECT ? '}' : ']';
}

/* All values and names, one after the other. */
G_ALWAYS_INLINE static inline gboolean
read_text (Reader *reader)
{
  guint8 byte;

value:
  switch (next_byte (reader))
    {
    case '"':
      if (!read_string (reader))
        return FALSE;
      break;
    case '[':
    case '{':
      if (!open_container (reader))
        return FALSE;
      if (next_byte (reader) != reader->closer)
        goto element;
      close_container (reader);
      break;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      if (!read_number (reader))
        return FALSE;
      break;
    case 't':
      if (!read_literal (reader, SIO_JSON_TRUE, "true", 4))
        return FALSE;
      break;
    case 'f':
      if (!read_literal (reader, SIO_JSON_FALSE, "false", 5))
        return FALSE;
      break;
    case 'n':
      if (!read_literal (reader, SIO_JSON_NULL, "null", 4))
        return FALSE;
      break;
    default:
      return fail (reader, reader->at, N_ ("expected a value"));
    }

  for (;;)
    {
      byte = next_byte (reader);
      if (reader->depth == 0)
        return reader->at == reader->end || fail (reader, reader->at, N_ ("expected the end"));

      reader->count++;
      if (byte == ',')
        break;
      if (byte != reader->closer)
        return fail (reader, reader->at, N_ ("expected a comma or the closing bracket"));
      close_container (reader);
    }
  reader->at++;

element:
  if (reader->closer == ']')
    goto value;

  if (next_byte (reader) != '"')
    return fail (reader, reader->at, N_ ("expected the name of a member"));
  if (!read_string (reader))
    return FALSE;
  if (next_byte (reader) != ':')
    return fail (reader, reader->at, N_ ("expected a colon"));
  reader->at++;
  goto value;
}

gboolean
sio_json_read (SioJsonTape *tape,
               const char *text,
               gsize length,
               guint max_depth,
               guint max_nodes,
               GError **error)
{
  Reader reader = { 0 };

  tape->n_tokens = 0;
  if (length > G_MAXUINT32)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _ ("The JSON text is longer than 4 GiB"));
      return FALSE;
    }

  if (tape->tokens == NULL)
    sio_json_tape_resize (tape, FIRST_TOKENS);

  reader.begin = (const guint8 *) (length > 0 ? text : "");
  reader.end = reader.begin + length;
  reader.at = reader.begin;
  reader.tape = tape;
  reader.max_nodes = MIN (max_nodes, MAX_NODES);
  reader.next = tape->tokens;
  reader.limit = tape->tokens + MIN (tape->n_allocated, reader.max_nodes);
  reader.max_depth = max_depth;
  reader.parent = NO_PARENT;

  if (!read_text (&reader))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _ ("The JSON text is wrong at byte %u: %s"), (guint) (reader.at - reader.begin),
                   _ (reader.reason));
      return FALSE;
    }

  tape->n_tokens = reader.next - tape->tokens;
  return TRUE;
}
