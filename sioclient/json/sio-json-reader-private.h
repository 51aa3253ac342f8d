/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  SIO_JSON_NULL,
  SIO_JSON_FALSE,
  SIO_JSON_TRUE,
  SIO_JSON_NUMBER,
  SIO_JSON_STRING,
  SIO_JSON_ARRAY,
  SIO_JSON_OBJECT,
  SIO_JSON_ATTACHMENT, /* never read: a placeholder object is turned into it later */
} SioJsonKind;

typedef enum
{
  SIO_JSON_ESCAPED = 1 << 0, /* string: has a backslash, so its text is not its value */
  SIO_JSON_INTEGER = 1 << 1, /* number: neither fraction nor exponent (it may not fit 64 bits) */
} SioJsonFlags;

/* One value or member name of a text. An array is followed by its elements, an
 * object by a name (a string token) and a value in turn. All counts are relative,
 * so any run of tokens that starts at a value is a tape of that value. */
typedef struct
{
  guint32 start; /* first byte; of a string the one after the quote */
  guint32 end;   /* one past the last byte; of a string the closing quote */
  guint32 span;  /* tokens that the value takes, this one included */
  guint32 kind : 4;
  guint32 flags : 4;
  guint32 count : 24; /* elements, or members; of an attachment its number */
} SioJsonToken;

/* Kept and used again for the next text, so that reading needs no allocation. */
typedef struct
{
  SioJsonToken *tokens;
  guint n_tokens;
  guint n_allocated;
} SioJsonTape;

#define SIO_JSON_TAPE_INIT                                                                         \
  {                                                                                                \
    NULL, 0, 0                                                                                     \
  }

void sio_json_tape_clear (SioJsonTape *tape);
/* One for each thread, for whoever is done with it before anybody else can ask; so that no
 * connection keeps one of its own. sio_json_tape_relax() afterwards. */
SioJsonTape *sio_json_tape_get_scratch (void);
/* Gives back what an unusually long text has made it take. */
void sio_json_tape_relax (SioJsonTape *tape);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SioJsonTape, sio_json_tape_clear)

/* Reads one JSON text, RFC 8259 and nothing laxer: UTF-8 is checked on the way,
 * white space may stand around, the text needs no NUL at its end and may hold
 * any bytes. No recursion. An error is G_IO_ERROR_INVALID_DATA and names the byte;
 * after it the tape's content is undefined. */
gboolean sio_json_read (SioJsonTape *tape,
                        const char *text,
                        gsize length,
                        guint max_depth,
                        guint max_nodes,
                        GError **error);

/* FALSE if @token is no integer that fits 64 bits. */
gboolean sio_json_token_get_integer (const SioJsonToken *token, const char *text, gint64 *integer);
/* Of a number, exact to the last bit; too large becomes infinity. */
double sio_json_token_get_double (const SioJsonToken *token, const char *text);

/* Writes the value of a string token, NUL-terminated, to @out, which holds at least
 * end - start + 1 bytes (no escape is shorter than what it stands for). Lone surrogates
 * become U+FFFD; \u0000 becomes a NUL byte. Returns the length. */
gsize sio_json_token_unescape (const SioJsonToken *token, const char *text, char *out);
/* The same for a C string: U+FFFD stands for each NUL, which takes no more room than its escape
 * did. */
gsize sio_json_token_unescape_shown (const SioJsonToken *token, const char *text, char *out);
/* Whether the value of a string token is @string. */
gboolean sio_json_token_equals (const SioJsonToken *token,
                                const char *text,
                                const char *string,
                                gsize length);

G_END_DECLS
