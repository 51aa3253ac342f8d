/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-engine.h"
#include "sio-fake-network.h"
#include "sio-fake-wire.h"
#include "sio-manager-private.h"
#include "sio-play.h"
#include "sio-socket.h"

G_BEGIN_DECLS

/* clang-format off */

typedef enum
{
  SIO_PLAY_HEAR_MANAGER = 1 << 0,
  SIO_PLAY_HEAR_ENGINE = 1 << 1,
  SIO_PLAY_HEAR_PACKETS = 1 << 2,
  SIO_PLAY_HEAR_OUTGOING = 1 << 3,
  SIO_PLAY_HEAR_NOTIFY = 1 << 4,
  SIO_PLAY_HEAR_NO_EVENTS = 1 << 5,
  SIO_PLAY_HEAR_SCHEDULE = 1 << 6,
} SioPlayHear;

typedef struct
{
  char *heard; /* how the line begins */
  char *actions;
  gboolean always;
} SioPlayReaction;

typedef struct
{
  const char *title;
  guint step;
  const char *line;
  char *problem; /* the first one ends the play */

  GMainContext *context;
  SioClock *clock;
  SioFakeWire *wire;
  SioFakeNetwork network;
  double random;
  GQueue log; /* of lines that were not expected yet */

  /* Sees every line, also those that nobody wants to hear; nullable. */
  void (*watch) (gpointer data, guint transport, const char *line);
  gpointer watch_data;

  /* the program */
  SioPlayHear hears;
  char *url;
  SioOptions *options;
  SioLimits limits;
  SioManager *manager; /* NULL until the first action */
  GHashTable *sockets; /* nsp → SioSocket */
  GPtrArray *reactions;
  GPtrArray *questions; /* SioEvents that can be answered */
  GPtrArray *auth_requests;
  GPtrArray *cancellables; /* of what was asked, by number - 1 */
  GHashTable *listeners;   /* label → its id */
  gboolean auto_connect;
  gboolean watch_auth;
  guint n_left; /* objects of the program that live on after it was dropped */
} SioPlay;

/* sio-play.c */
void sio_play_init (SioPlay *self, const char *title);
/* Nothing may be left of the program, whatever state it was left in. */
void sio_play_clear (SioPlay *self);
/* Until nothing more comes of what has happened. */
void sio_play_settle (SioPlay *self);
void sio_play_fail (SioPlay *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Something happened; may run reactions. */
void sio_play_note (SioPlay *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

typedef struct
{
  const char *name; /* NULL ends a list */
  void (*act) (SioPlay *self, SioSocket *socket, const char *text);
} SioPlayVerb;

/* sio-play-listen.c */
extern const SioPlayVerb sio_play_listen_verbs[];

/* sio-play-program.c */
/* A word, and where the next one begins. */
char *sio_play_take_word (const char **text);
void sio_play_set_option (SioPlay *self, const char *name, const char *value);
void sio_play_act (SioPlay *self, const char *actions);
void sio_play_drop_program (SioPlay *self);
/* How one of the things that a state line can speak of stands, in the same words. */
char *sio_play_describe (SioPlay *self, const char *item);

/* sio-play-hear.c */
void sio_play_hear_manager (SioPlay *self, SioManager *manager);
void sio_play_hear_socket (SioPlay *self, SioSocket *socket);
char *sio_play_hear_prefix (SioSocket *socket);
char *sio_play_hear_schedule (SioPlay *self, SioManager *manager);

/* clang-format on */

G_END_DECLS
