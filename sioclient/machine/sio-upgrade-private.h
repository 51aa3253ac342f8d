/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/sio-clock-private.h"
#include "codec/sio-engine-packet-private.h"

G_BEGIN_DECLS

/* From polling to websocket (E47–E56).
 *
 * idle ──start──▶ probing ──3probe──▶ pausing ──paused──▶ done
 *                    └──────failure──────┴──▶ abandoned
 *
 * Each input gives what the owner has to do now. An input that does not fit the state is
 * SIO_UPGRADE_NOTHING, so that callbacks that come late do no harm. */
typedef enum
{
  SIO_UPGRADE_IDLE,
  SIO_UPGRADE_PROBING,
  SIO_UPGRADE_PAUSING,
  SIO_UPGRADE_DONE,
  SIO_UPGRADE_ABANDONED,
} SioUpgradeState;

typedef enum
{
  SIO_UPGRADE_NOTHING,
  SIO_UPGRADE_OPEN_WEBSOCKET, /* open a second transport with the same sid */
  SIO_UPGRADE_SEND_PROBE,     /* 2probe on it */
  SIO_UPGRADE_PAUSE_POLLING,  /* hold back what is to be written, let polling run dry */
  SIO_UPGRADE_SWITCH,         /* websocket is the transport now: 5, then what was held back */
  SIO_UPGRADE_ABANDON,        /* close the websocket; polling never stopped */
  SIO_UPGRADE_RESUME_POLLING, /* close the websocket, start polling again, write what was held back
                                 (E53) */
} SioUpgradeAction;

typedef struct
{
  SioUpgradeState state;
  gint64 deadline; /* SIO_CLOCK_NEVER unless probing or pausing */
} SioUpgrade;

void sio_upgrade_init (SioUpgrade *self);
/* @timeout in ms, for all of it up to the switch. */
SioUpgradeAction sio_upgrade_start (SioUpgrade *self, gint64 now, guint timeout);
SioUpgradeAction sio_upgrade_on_open (SioUpgrade *self);
SioUpgradeAction sio_upgrade_on_packet (SioUpgrade *self, const SioEnginePacket *packet);
SioUpgradeAction sio_upgrade_on_paused (SioUpgrade *self);
/* The websocket failed or was closed. */
SioUpgradeAction sio_upgrade_on_closed (SioUpgrade *self);
SioUpgradeAction sio_upgrade_check (SioUpgrade *self, gint64 now);
/* The session ends; whatever was under way is over. */
SioUpgradeAction sio_upgrade_cancel (SioUpgrade *self);
gint64 sio_upgrade_get_deadline (const SioUpgrade *self);

G_END_DECLS
