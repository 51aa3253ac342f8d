/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-upgrade-private.h"

#include <string.h>

#define START    ((gint64) 5000)
#define TIMEOUT  10
#define DEADLINE (START + 10000)

typedef enum
{
  INPUT_START,
  INPUT_OPEN,
  INPUT_ANSWER,
  INPUT_OTHER_PACKET,
  INPUT_PAUSED,
  INPUT_CLOSED,
  INPUT_CHECK_EARLY,
  INPUT_CHECK_LATE,
  INPUT_CANCEL,
  N_INPUTS
} Input;

static void
packet_init (SioEnginePacket *packet, SioEnginePacketType type, const char *payload)
{
  *packet = (SioEnginePacket) SIO_ENGINE_PACKET_INIT;
  packet->type = type;
  packet->data = payload;
  packet->length = payload != NULL ? strlen (payload) : 0;
}

static SioUpgradeAction
feed (SioUpgrade *upgrade, Input input)
{
  SioEnginePacket packet;

  switch (input)
    {
    case INPUT_START:
      return sio_upgrade_start (upgrade, START, TIMEOUT);
    case INPUT_OPEN:
      return sio_upgrade_on_open (upgrade);
    case INPUT_ANSWER:
      packet_init (&packet, SIO_ENGINE_PACKET_PONG, "probe");
      return sio_upgrade_on_packet (upgrade, &packet);
    case INPUT_OTHER_PACKET:
      packet_init (&packet, SIO_ENGINE_PACKET_MESSAGE, "2[\"a\"]");
      return sio_upgrade_on_packet (upgrade, &packet);
    case INPUT_PAUSED:
      return sio_upgrade_on_paused (upgrade);
    case INPUT_CLOSED:
      return sio_upgrade_on_closed (upgrade);
    case INPUT_CHECK_EARLY:
      return sio_upgrade_check (upgrade, DEADLINE - 1);
    case INPUT_CHECK_LATE:
      return sio_upgrade_check (upgrade, DEADLINE);
    case INPUT_CANCEL:
      return sio_upgrade_cancel (upgrade);
    case N_INPUTS:
      break;
    }
  g_assert_not_reached ();
}

static void
bring_to (SioUpgrade *upgrade, SioUpgradeState state)
{
  sio_upgrade_init (upgrade);
  if (state != SIO_UPGRADE_IDLE)
    g_assert_cmpint (feed (upgrade, INPUT_START), ==, SIO_UPGRADE_OPEN_WEBSOCKET);
  if (state == SIO_UPGRADE_ABANDONED)
    g_assert_cmpint (feed (upgrade, INPUT_CLOSED), ==, SIO_UPGRADE_ABANDON);
  if (state == SIO_UPGRADE_PAUSING || state == SIO_UPGRADE_DONE)
    g_assert_cmpint (feed (upgrade, INPUT_ANSWER), ==, SIO_UPGRADE_PAUSE_POLLING);
  if (state == SIO_UPGRADE_DONE)
    g_assert_cmpint (feed (upgrade, INPUT_PAUSED), ==, SIO_UPGRADE_SWITCH);
  g_assert_cmpint (upgrade->state, ==, state);
}

/* clang-format off */
#define STEP(state, action) { SIO_UPGRADE_##state, SIO_UPGRADE_##action }
static const struct
{
  SioUpgradeState state;
  SioUpgradeAction action;
} steps[5][N_INPUTS] = {
  [SIO_UPGRADE_IDLE] = {
    [INPUT_START]        = STEP (PROBING, OPEN_WEBSOCKET),
    [INPUT_OPEN]         = STEP (IDLE, NOTHING),
    [INPUT_ANSWER]       = STEP (IDLE, NOTHING),
    [INPUT_OTHER_PACKET] = STEP (IDLE, NOTHING),
    [INPUT_PAUSED]       = STEP (IDLE, NOTHING),
    [INPUT_CLOSED]       = STEP (IDLE, NOTHING),
    [INPUT_CHECK_EARLY]  = STEP (IDLE, NOTHING),
    [INPUT_CHECK_LATE]   = STEP (IDLE, NOTHING),
    [INPUT_CANCEL]       = STEP (IDLE, NOTHING),
  },
  [SIO_UPGRADE_PROBING] = {
    [INPUT_START]        = STEP (PROBING, NOTHING),
    [INPUT_OPEN]         = STEP (PROBING, SEND_PROBE),
    [INPUT_ANSWER]       = STEP (PAUSING, PAUSE_POLLING),
    [INPUT_OTHER_PACKET] = STEP (ABANDONED, ABANDON),
    [INPUT_PAUSED]       = STEP (PROBING, NOTHING),
    [INPUT_CLOSED]       = STEP (ABANDONED, ABANDON),
    [INPUT_CHECK_EARLY]  = STEP (PROBING, NOTHING),
    [INPUT_CHECK_LATE]   = STEP (ABANDONED, ABANDON),
    [INPUT_CANCEL]       = STEP (ABANDONED, ABANDON),
  },
  [SIO_UPGRADE_PAUSING] = {
    [INPUT_START]        = STEP (PAUSING, NOTHING),
    [INPUT_OPEN]         = STEP (PAUSING, NOTHING),
    [INPUT_ANSWER]       = STEP (PAUSING, NOTHING),
    [INPUT_OTHER_PACKET] = STEP (PAUSING, NOTHING),
    [INPUT_PAUSED]       = STEP (DONE, SWITCH),
    [INPUT_CLOSED]       = STEP (ABANDONED, RESUME_POLLING),
    [INPUT_CHECK_EARLY]  = STEP (PAUSING, NOTHING),
    [INPUT_CHECK_LATE]   = STEP (ABANDONED, RESUME_POLLING),
    [INPUT_CANCEL]       = STEP (ABANDONED, ABANDON),
  },
  [SIO_UPGRADE_DONE] = {
    [INPUT_START]        = STEP (DONE, NOTHING),
    [INPUT_OPEN]         = STEP (DONE, NOTHING),
    [INPUT_ANSWER]       = STEP (DONE, NOTHING),
    [INPUT_OTHER_PACKET] = STEP (DONE, NOTHING),
    [INPUT_PAUSED]       = STEP (DONE, NOTHING),
    [INPUT_CLOSED]       = STEP (DONE, NOTHING),
    [INPUT_CHECK_EARLY]  = STEP (DONE, NOTHING),
    [INPUT_CHECK_LATE]   = STEP (DONE, NOTHING),
    [INPUT_CANCEL]       = STEP (DONE, NOTHING),
  },
  [SIO_UPGRADE_ABANDONED] = {
    [INPUT_START]        = STEP (ABANDONED, NOTHING),
    [INPUT_OPEN]         = STEP (ABANDONED, NOTHING),
    [INPUT_ANSWER]       = STEP (ABANDONED, NOTHING),
    [INPUT_OTHER_PACKET] = STEP (ABANDONED, NOTHING),
    [INPUT_PAUSED]       = STEP (ABANDONED, NOTHING),
    [INPUT_CLOSED]       = STEP (ABANDONED, NOTHING),
    [INPUT_CHECK_EARLY]  = STEP (ABANDONED, NOTHING),
    [INPUT_CHECK_LATE]   = STEP (ABANDONED, NOTHING),
    [INPUT_CANCEL]       = STEP (ABANDONED, NOTHING),
  },
};
/* clang-format on */

static void
test_every_step (void)
{
  int state, input;

  for (state = 0; state < 5; state++)
    for (input = 0; input < N_INPUTS; input++)
      {
        SioUpgrade upgrade;
        gboolean timed;

        bring_to (&upgrade, state);
        g_test_message ("state %d, input %d", state, input);
        g_assert_cmpint (feed (&upgrade, input), ==, steps[state][input].action);
        g_assert_cmpint (upgrade.state, ==, steps[state][input].state);

        timed = upgrade.state == SIO_UPGRADE_PROBING || upgrade.state == SIO_UPGRADE_PAUSING;
        g_assert_cmpint (sio_upgrade_get_deadline (&upgrade), ==,
                         timed ? DEADLINE : SIO_CLOCK_NEVER);
      }
}

static void
test_sequence (void)
{
  SioUpgrade upgrade;

  sio_upgrade_init (&upgrade);
  g_assert_cmpint (feed (&upgrade, INPUT_START), ==, SIO_UPGRADE_OPEN_WEBSOCKET);
  g_assert_cmpint (feed (&upgrade, INPUT_OPEN), ==, SIO_UPGRADE_SEND_PROBE);
  g_assert_cmpint (feed (&upgrade, INPUT_ANSWER), ==, SIO_UPGRADE_PAUSE_POLLING);
  g_assert_cmpint (feed (&upgrade, INPUT_PAUSED), ==, SIO_UPGRADE_SWITCH);
  g_assert_cmpint (feed (&upgrade, INPUT_CLOSED), ==, SIO_UPGRADE_NOTHING);
}

static void
test_wrong_first_packet (void)
{
  static const struct
  {
    SioEnginePacketType type;
    const char *payload;
    gboolean binary;
  } wrong[] = {
    { SIO_ENGINE_PACKET_PONG, NULL, FALSE },       { SIO_ENGINE_PACKET_PONG, "", FALSE },
    { SIO_ENGINE_PACKET_PONG, "prob", FALSE },     { SIO_ENGINE_PACKET_PONG, "probe ", FALSE },
    { SIO_ENGINE_PACKET_PONG, "Probe", FALSE },    { SIO_ENGINE_PACKET_PONG, "probe", TRUE },
    { SIO_ENGINE_PACKET_PING, "probe", FALSE },    { SIO_ENGINE_PACKET_MESSAGE, "probe", FALSE },
    { SIO_ENGINE_PACKET_MESSAGE, "probe", TRUE },  { SIO_ENGINE_PACKET_OPEN, "{}", FALSE },
    { SIO_ENGINE_PACKET_CLOSE, NULL, FALSE },      { SIO_ENGINE_PACKET_NOOP, NULL, FALSE },
    { SIO_ENGINE_PACKET_UPGRADE, "probe", FALSE },
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      SioUpgrade upgrade;
      SioEnginePacket packet;

      bring_to (&upgrade, SIO_UPGRADE_PROBING);
      packet_init (&packet, wrong[i].type, wrong[i].payload);
      packet.binary = wrong[i].binary;
      g_assert_cmpint (sio_upgrade_on_packet (&upgrade, &packet), ==, SIO_UPGRADE_ABANDON);
      g_assert_cmpint (upgrade.state, ==, SIO_UPGRADE_ABANDONED);
    }
}

/* The time limit is one for probe and pause together. */
static void
test_one_deadline (void)
{
  SioUpgrade upgrade;

  bring_to (&upgrade, SIO_UPGRADE_PROBING);
  g_assert_cmpint (sio_upgrade_get_deadline (&upgrade), ==, DEADLINE);
  feed (&upgrade, INPUT_ANSWER);
  g_assert_cmpint (sio_upgrade_get_deadline (&upgrade), ==, DEADLINE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/upgrade/every-step", test_every_step);
  g_test_add_func ("/upgrade/E48/sequence", test_sequence);
  g_test_add_func ("/upgrade/E52/wrong-first-packet", test_wrong_first_packet);
  g_test_add_func ("/upgrade/E54/one-deadline", test_one_deadline);

  return g_test_run ();
}
