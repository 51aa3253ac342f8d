/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sioclient/sio.h>

#include "sio-test-server.h"
#include "sio-test-wait.h"

G_BEGIN_DECLS

/* How a client connects: every case runs once for each of them. */
typedef struct
{
  const char *name; /* polling, websocket, upgrade */
  const char *transports[3];
  const char *last; /* the transport on which it ends up */
} SioTestMode;

typedef struct
{
  const char *path; /* behind /servers/<mode>/ */
  void (*run) (const SioTestMode *mode);
  enum
  {
    SIO_TEST_ANY_SERVER = 0,
    SIO_TEST_NODE_ONLY = 1 << 0,
    SIO_TEST_UPGRADE_ONLY = 1 << 1,
  } flags;
  guint since; /* the first version of socket.io that can do it: 406 for 4.6; 0: all */
} SioTestCase;

/* g_test_init() and g_test_run() for a list of cases; all modes. */
int sio_test_main (int argc, char **argv, const SioTestCase *cases, gsize n_cases);

/* A server with default options that all cases of the program share. */
SioTestServer *sio_test_shared_server (void);

/* What happened, in words and in order; see sio_test_log_… */
typedef struct
{
  GPtrArray *entries;
} SioTestLog;

/* A manager and its socket for one namespace, not connected yet, with a log of all that happens to
 * them. It reconnects after 20 ms. */
typedef struct
{
  const SioTestMode *mode;
  SioManager *manager;
  SioSocket *socket;
  SioTestLog log;
} SioTestClient;

SioOptions *sio_test_options_new (const SioTestMode *mode);

SioTestClient *
sio_test_client_new (const SioTestMode *mode, SioTestServer *server, const char *nsp);
/* The same with options of one's own, which are taken. */
SioTestClient *sio_test_client_new_full (const SioTestMode *mode,
                                         SioTestServer *server,
                                         const char *nsp,
                                         SioOptions *options);
/* The same, and not where the server is but behind something that passes all on. */
SioTestClient *sio_test_client_new_url (const SioTestMode *mode,
                                        const char *url,
                                        const char *nsp,
                                        SioOptions *options);
/* Closes the socket and proves that everything is gone after the last reference. */
void sio_test_client_free (SioTestClient *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioTestClient, sio_test_client_free)

/* Opens the socket and waits until it is connected. */
void sio_test_client_connect (SioTestClient *self);
/* A client that is connected already, to the shared server. */
SioTestClient *sio_test_client_new_connected (const SioTestMode *mode, const char *nsp);
/* Waits until the connection has got to the transport where it is going to stay. */
void sio_test_client_settle (SioTestClient *self);
const char *sio_test_client_get_transport (SioTestClient *self);

/* Emits and waits for the acknowledgement; a failure is one of the test. Both take @args. */
SioValue *sio_test_ask (SioSocket *socket, const char *event, SioValue *args);
char *sio_test_ask_json (SioSocket *socket, const char *event, SioValue *args);
/* Everything that was emitted before has reached the server, and all answers are here. */
void sio_test_sync (SioSocket *socket);

/* Unreferences @object, which must not be in any other hand, and waits until it is finalized. */
void sio_test_drop (gpointer object);

void sio_test_log_init (SioTestLog *log);
void sio_test_log_clear (SioTestLog *log);
void sio_test_log_add (SioTestLog *log, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* connect, connect-error, disconnect REASON */
void sio_test_log_socket (SioTestLog *log, SioSocket *socket);
/* NAME JSON for each incoming event */
void sio_test_log_events (SioTestLog *log, SioSocket *socket);
/* opened, closed, error, reconnect-attempt N, reconnect N, reconnect-error, reconnect-failed */
void sio_test_log_manager (SioTestLog *log, SioManager *manager);
/* How many entries are, or begin with, these words. */
guint sio_test_log_count (SioTestLog *log, const char *words);
void sio_test_log_forget (SioTestLog *log);
/* All entries, with a semicolon between them. */
char *sio_test_log_join (SioTestLog *log);
#define sio_test_assert_log(log, expected)                                                         \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *_joined = sio_test_log_join (log);                                            \
    g_assert_cmpstr (_joined, ==, expected);                                                       \
  }                                                                                                \
  G_STMT_END

/* One acknowledgement that is awaited, in either form. */
typedef struct
{
  guint n_calls;
  guint n_destroyed; /* of the callback form only */
  SioValue *args;
  GError *error;
} SioTestReply;

void sio_test_reply_clear (SioTestReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SioTestReply, sio_test_reply_clear)
void sio_test_reply_async_cb (GObject *source, GAsyncResult *result, gpointer reply);
void sio_test_reply_cb (SioSocket *socket, SioValue *args, const GError *error, gpointer reply);
void sio_test_reply_destroy (gpointer reply);

#define sio_test_assert_json(value, expected)                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *_json = sio_value_to_json ((value), NULL);                                    \
    g_assert_cmpstr (_json, ==, expected);                                                         \
  }                                                                                                \
  G_STMT_END

G_END_DECLS
