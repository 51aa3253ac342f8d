/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/sio-settings-private.h"

G_BEGIN_DECLS

/* A URL that a program gave (M57–M62). */
typedef struct
{
  gboolean secure;
  char *host; /* without brackets */
  guint16 port;
  char *nsp;      /* the path as written, at least “/” */
  char **query;   /* name, value, …, NULL; decoded; NULL if the URL has no query */
  char *user;     /* nullable, decoded */
  char *password; /* nullable, decoded */
} SioUrl;

#define SIO_URL_INIT                                                                               \
  {                                                                                                \
    FALSE, NULL, 0, NULL, NULL, NULL, NULL                                                         \
  }

/* SIO_ERROR_INVALID_URL says what is wrong. A missing scheme is an error: never guess (M58). */
gboolean sio_url_parse (SioUrl *self, const char *url, GError **error);
void sio_url_clear (SioUrl *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SioUrl, sio_url_clear)

/* What an Authorization header says of the user in the URL (RFC 7617), NULL without one. */
char *sio_url_dup_authorization (const SioUrl *self);
/* @url to be shown: without the user and the password, also if it is no URL. */
char *sio_url_dup_without_user_info (const char *url);

/* `http://host:port` with the port always written, ws taken for http (M52). */
char *sio_url_dup_origin (const SioUrl *self);

/* `a=b&c` as name, value, …, NULL (E8). */
char **sio_url_parse_query (const char *query);
/* encodeURIComponent (E8). */
char *sio_url_escape (const char *text);

typedef enum
{
  SIO_URL_POLLING,
  SIO_URL_WEBSOCKET,
} SioUrlTransport;

/* Option `path` in the form in which it is requested (E6). */
char *sio_url_normalize_path (const char *path, gboolean trailing_slash);

/* The URL of a request (E4–E10), http(s) for polling and ws(s) for websocket. @sid is nullable;
 * @timestamp is the cache buster's value, left out if the settings want none.
 * SIO_ERROR_INVALID_URL if it came out longer than 8000 characters (E12). */
char *sio_url_build (const SioSettings *settings,
                     SioUrlTransport transport,
                     const char *sid,
                     const char *timestamp,
                     GError **error);
/* A value that is a new one each time: from the clock's ms, and a counter or random number (E9). */
char *sio_url_timestamp (gint64 now, guint32 unique);

G_END_DECLS
