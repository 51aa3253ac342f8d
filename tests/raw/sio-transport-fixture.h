/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "transport/sio-transport-private.h"

#include "tests/lib/sio-raw-peer.h"
#include "tests/lib/sio-test-wait.h"

G_BEGIN_DECLS

/* A transport whose owner writes down what it is told, and a raw peer for it to talk to. */
typedef struct Fixture Fixture;

/* What a websocket runs on. */
typedef enum
{
  FIXTURE_OWN,     /* our framing */
  FIXTURE_OWN_TLS, /* over TLS */
  FIXTURE_LIBSOUP, /* libsoup's framing */
} FixtureFraming;

typedef void (*FixtureHook) (Fixture *self);

struct Fixture
{
  SioRawPeer *peer;
  SioSettings *settings;
  SioTransportFactory *factory;
  SioTransport *transport;
  GString *log; /* opened, packets in their wire form, drained, paused; one to a line */
  guint n_packets;
  gsize n_bytes;
  guint n_drained;
  gboolean was_opened;
  gboolean was_paused;
  gboolean was_closed;
  SioDisconnectReason reason;
  GError *details;
  gboolean inside; /* a call of ours into the transport is on the stack */
  gboolean quiet;  /* packets are only counted */
  const char *sid; /* what the owner reads from the first packet */
  FixtureHook on_opened;
  FixtureHook on_packet;
  FixtureHook on_drained;
  FixtureHook on_closed;
  int data; /* for the script, which begins before fixture_init() has returned */
};

/* Adds a test once for each framing, whose name is put behind @path. */
void fixture_add_test (const char *path, GTestFunc func);
/* Only for ours. */
void fixture_add_own_test (const char *path, GTestFunc func);
void fixture_add_data_test (const char *path, gconstpointer data, GTestDataFunc func);
/* Of the test that runs. */
FixtureFraming fixture_get_framing (void);

void fixture_init (Fixture *self, SioRawScript script, int data);
/* Lets go of the transport in whatever state it is, and waits until all that it made is gone. */
void fixture_clear (Fixture *self);

/* For scripts. */
Fixture *fixture_of (SioRawPeer *peer);
void play_nothing (SioRawPeer *peer);

void fixture_open (Fixture *self, const char *name, const char *sid);
/* Begins with fixture_init(), and waits until it is open or has failed. */
void fixture_open_websocket (Fixture *self, SioRawScript script, int data);
/* The open packet comes, after which polling goes on with the id `a`. */
void fixture_open_session (Fixture *self);
void fixture_write (Fixture *self, const char *wire);
void fixture_write_binary (Fixture *self, const char *data, gsize length);
void fixture_abort (Fixture *self);

/* Closed, twice, while it opens: @script marks that the opening has begun, and then its end. */
void fixture_run_close_opening (const char *name, SioRawScript script);

/* Waits for the end and looks at it; @message is a glob. */
#define fixture_assert_closed(self, why, code_, pattern)                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    sio_test_wait ((self)->was_closed);                                                            \
    g_assert_cmpstr (sio_disconnect_reason_to_string ((self)->reason), ==,                         \
                     sio_disconnect_reason_to_string (why));                                       \
    g_assert_error ((self)->details, SIO_ERROR, (int) (code_));                                    \
    if (!g_pattern_match_simple (pattern, (self)->details->message))                               \
      g_error ("“%s” is not like “%s”", (self)->details->message, pattern);                        \
  }                                                                                                \
  G_STMT_END

G_END_DECLS
