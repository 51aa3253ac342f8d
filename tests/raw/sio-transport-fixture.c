/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-transport-fixture.h"

#include <string.h>

#include "transport/sio-soup-private.h"

#include "sio-test-certificate.h"

static const char *const framing_names[] = { "own", "own-tls", "libsoup" };
static FixtureFraming framing;

typedef struct
{
  FixtureFraming framing;
  GTestFunc func;
  GTestDataFunc data_func;
  gconstpointer data;
} FramedTest;

static void
run_framed (gconstpointer user_data)
{
  const FramedTest *test = user_data;

  if (test->framing == FIXTURE_OWN_TLS && !sio_test_has_tls ())
    {
      g_test_skip ("GIO has no TLS");
      return;
    }
  framing = test->framing;
  if (test->func != NULL)
    test->func ();
  else
    test->data_func (test->data);
  framing = FIXTURE_OWN;
}

static void
add_framed (const char *path, const FramedTest *prototype, FixtureFraming last)
{
  guint i;

  for (i = 0; i <= last; i++)
    {
      g_autofree char *full_path = g_strconcat (path, "/", framing_names[i], NULL);
      FramedTest *test = g_memdup2 (prototype, sizeof *prototype);

      test->framing = (FixtureFraming) i;
      g_test_add_data_func_full (full_path, test, run_framed, g_free);
    }
}

void
fixture_add_test (const char *path, GTestFunc func)
{
  const FramedTest test = { .func = func };

  add_framed (path, &test, FIXTURE_LIBSOUP);
}

void
fixture_add_own_test (const char *path, GTestFunc func)
{
  const FramedTest test = { .func = func };

  add_framed (path, &test, FIXTURE_OWN_TLS);
}

void
fixture_add_data_test (const char *path, gconstpointer data, GTestDataFunc func)
{
  const FramedTest test = { .data_func = func, .data = data };

  add_framed (path, &test, FIXTURE_LIBSOUP);
}

FixtureFraming
fixture_get_framing (void)
{
  return framing;
}

static void
on_opened (gpointer owner, SioTransport *transport)
{
  Fixture *self = owner;

  g_assert_false (self->inside);
  g_assert_false (self->was_opened);
  g_assert_true (self->transport == transport);
  /* Without this nobody would see that a libsoup made in another way keeps its stream. */
  if (g_str_equal (sio_transport_get_name (transport), "websocket"))
    g_assert_cmpint (sio_websocket_has_own_framing (transport), ==, framing != FIXTURE_LIBSOUP);
  self->was_opened = TRUE;
  g_string_append (self->log, "opened\n");
  if (self->on_opened != NULL)
    self->on_opened (self);
}

static void
log_packet (Fixture *self, const SioEnginePacket *packet)
{
  const char *wire;
  gsize length;

  if (packet->binary)
    {
      g_string_append_printf (self->log, "binary %" G_GSIZE_FORMAT " ", packet->length);
      g_string_append_len (self->log, packet->data, (gssize) packet->length);
    }
  else
    {
      wire = sio_engine_packet_get_wire (packet, &length);
      g_string_append_len (self->log, wire, (gssize) length);
    }
  g_string_append_c (self->log, '\n');
}

static void
on_packet (gpointer owner, SioTransport *transport, SioEnginePacket *packet)
{
  Fixture *self = owner;

  g_assert_false (self->inside);
  g_assert_true (self->was_opened);
  g_assert_false (self->was_closed);
  self->n_packets++;
  self->n_bytes += packet->length;
  if (!self->quiet)
    log_packet (self, packet);
  if (self->sid != NULL && packet->type == SIO_ENGINE_PACKET_OPEN)
    {
      sio_transport_set_sid (transport, self->sid);
      sio_transport_set_reading (transport, TRUE);
    }
  sio_engine_packet_clear (packet);
  if (self->on_packet != NULL)
    self->on_packet (self);
}

static void
on_drained (gpointer owner, SioTransport *transport)
{
  Fixture *self = owner;

  g_assert_false (self->inside);
  g_assert_false (self->was_closed);
  self->n_drained++;
  g_string_append (self->log, "drained\n");
  if (self->on_drained != NULL)
    self->on_drained (self);
}

static void
on_paused (gpointer owner, SioTransport *transport)
{
  Fixture *self = owner;

  g_assert_false (self->inside);
  g_assert_false (self->was_closed);
  self->was_paused = TRUE;
  g_string_append (self->log, "paused\n");
}

static void
on_closed (gpointer owner,
           SioTransport *transport,
           SioDisconnectReason reason,
           const GError *details)
{
  Fixture *self = owner;

  g_assert_false (self->inside);
  g_assert_false (self->was_closed);
  self->was_closed = TRUE;
  self->reason = reason;
  self->details = g_error_copy (details);
  if (self->on_closed != NULL)
    self->on_closed (self);
}

static const SioTransportSink sink = {
  .opened = on_opened,
  .packet = on_packet,
  .drained = on_drained,
  .paused = on_paused,
  .closed = on_closed,
};

Fixture *
fixture_of (SioRawPeer *peer)
{
  return sio_raw_peer_get_data (peer);
}

void
play_nothing (SioRawPeer *peer)
{
}

void
fixture_init (Fixture *self, SioRawScript script, int data)
{
  *self = (Fixture){ 0 };
  self->log = g_string_new (NULL);
  self->sid = "a";
  self->data = data;
  self->settings = sio_settings_new ();
  self->peer = sio_raw_peer_new (script, self);
  self->settings->host = g_strdup ("127.0.0.1");
  self->settings->port = sio_raw_peer_get_port (self->peer);
  self->settings->proxy_resolver_set = TRUE;
  /* Whatever else the tests are run with. */
  g_unsetenv ("SIO_FRAMING");
  self->settings->own_framing = framing != FIXTURE_LIBSOUP;
  if (framing == FIXTURE_OWN_TLS)
    {
      g_autoptr (GTlsCertificate) certificate = sio_test_certificate_new ();

      sio_raw_use_tls (self->peer, certificate, G_TLS_AUTHENTICATION_NONE);
      self->settings->secure = TRUE;
      self->settings->tls_database = sio_test_database_new ();
    }
  self->factory = sio_soup_factory_new ();
}

void
fixture_clear (Fixture *self)
{
  if (self->transport != NULL)
    {
      sio_transport_abort (self->transport);
      g_clear_pointer (&self->transport, sio_transport_unref);
    }
  g_clear_pointer (&self->factory, sio_transport_factory_unref);
  sio_test_wait (g_atomic_ref_count_compare (&self->settings->ref_count, 1));

  g_assert_cmpint (sio_raw_peer_get_overlaps (self->peer), ==, 0);
  g_clear_pointer (&self->peer, sio_raw_peer_free);
  g_clear_pointer (&self->settings, sio_settings_unref);
  g_clear_error (&self->details);
  g_string_free (self->log, TRUE);
}

void
fixture_open (Fixture *self, const char *name, const char *sid)
{
  self->transport = self->factory->create (self->factory, name, self->settings, sid, &sink, self);
  g_assert_cmpstr (sio_transport_get_name (self->transport), ==, name);
  g_assert_false (sio_transport_get_writable (self->transport));
  self->inside = TRUE;
  sio_transport_open (self->transport);
  self->inside = FALSE;
}

void
fixture_open_websocket (Fixture *self, SioRawScript script, int data)
{
  fixture_init (self, script, data);
  fixture_open (self, "websocket", NULL);
  sio_test_wait (self->was_opened || self->was_closed);
}

void
fixture_open_session (Fixture *self)
{
  fixture_open (self, "polling", NULL);
  sio_test_wait (self->n_packets == 1);
}

static void
write_packet (Fixture *self, SioEnginePacket *packet)
{
  self->inside = TRUE;
  sio_transport_write (self->transport, packet, 1);
  self->inside = FALSE;
  sio_engine_packet_clear (packet);
}

void
fixture_write (Fixture *self, const char *wire)
{
  SioEnginePacket packet;

  sio_engine_packet_init_wire (&packet, g_bytes_new (wire, strlen (wire)));
  write_packet (self, &packet);
}

void
fixture_write_binary (Fixture *self, const char *data, gsize length)
{
  SioEnginePacket packet;

  sio_engine_packet_init_binary (&packet, g_bytes_new (data, length));
  write_packet (self, &packet);
}

void
fixture_abort (Fixture *self)
{
  sio_transport_abort (self->transport);
  g_clear_pointer (&self->transport, sio_transport_unref);
}

void
fixture_run_close_opening (const char *name, SioRawScript script)
{
  Fixture fixture;

  fixture_init (&fixture, script, 0);
  fixture_open (&fixture, name, NULL);
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 1);
  fixture.inside = TRUE;
  sio_transport_close (fixture.transport);
  sio_transport_close (fixture.transport);
  fixture.inside = FALSE;
  fixture_assert_closed (&fixture, SIO_DISCONNECT_REASON_TRANSPORT_CLOSE, SIO_ERROR_TRANSPORT,
                         "transport closed");
  sio_test_wait (sio_raw_peer_get_marks (fixture.peer) == 2);
  fixture_clear (&fixture);
}
