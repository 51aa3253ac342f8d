/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Runs the thread-default main context until @condition holds; the test fails, and says what it
 * waited for, when that takes too long. */
#define sio_test_wait(condition)                                                                   \
  G_STMT_START                                                                                     \
  {                                                                                                \
    SioTestWait _wait;                                                                             \
    sio_test_wait_begin (&_wait, #condition, __FILE__, __LINE__, G_STRFUNC);                       \
    while (!(condition))                                                                           \
      sio_test_wait_turn (&_wait);                                                                 \
    sio_test_wait_end (&_wait);                                                                    \
  }                                                                                                \
  G_STMT_END

/* Runs the thread-default main context for @milliseconds, for a test that something does not
 * happen. To be used only where there is no event to wait for instead. */
void sio_test_watch (guint milliseconds);

/* Runs the thread-default main context as long as there is something to do at once. */
void sio_test_settle (void);

/* How long a condition may take, in milliseconds; more under valgrind. Everything that a test
 * compares real time with is to be multiplied by the factor. */
guint sio_test_patience (void);
guint sio_test_slowness (void);

/* FALSE if SIO_FRAMING asks for libsoup's, which has no compression, does not tell when exactly it
 * has written, and mostly has no limit for all the fragments of a message. */
gboolean sio_test_has_own_framing (void);

typedef struct
{
  const char *condition;
  const char *file;
  int line;
  const char *function;
  GSource *timer;
  gboolean expired;
} SioTestWait;

void sio_test_wait_begin (SioTestWait *wait,
                          const char *condition,
                          const char *file,
                          int line,
                          const char *function);
void sio_test_wait_turn (SioTestWait *wait);
void sio_test_wait_end (SioTestWait *wait);

G_END_DECLS
