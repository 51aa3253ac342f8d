/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A network that fails: stands between a client and a server on the loopback and hands on what it
 * gets, with faults that can be changed at any time, from any thread. */
typedef struct _SioFaultProxy SioFaultProxy;

typedef enum
{
  SIO_FAULT_END,   /* FIN both ways */
  SIO_FAULT_RESET, /* RST both ways */
} SioFaultEnd;

SioFaultProxy *sio_fault_proxy_new (guint16 port_of_server);
void sio_fault_proxy_free (SioFaultProxy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioFaultProxy, sio_fault_proxy_free)

guint16 sio_fault_proxy_get_port (SioFaultProxy *self);
/* Bytes that the server has sent so far, over all connections. */
guint64 sio_fault_proxy_get_count (SioFaultProxy *self);

/* Nothing comes through, either way, and nobody is told (half-open). What waits goes on when
 * it thaws. */
void sio_fault_proxy_freeze (SioFaultProxy *self, gboolean frozen);
/* One byte at a time, this far apart; 0 for none. */
void sio_fault_proxy_dribble (SioFaultProxy *self, guint microseconds);
/* Whatever comes is held back for so long; 0 for not. */
void sio_fault_proxy_delay (SioFaultProxy *self, guint milliseconds);
/* Ends the connection when the server has sent that many bytes; once. */
void sio_fault_proxy_cut (SioFaultProxy *self, guint64 count, SioFaultEnd end);
/* Of what the server sends, inverts one bit of the byte after @count; once. */
void sio_fault_proxy_corrupt (SioFaultProxy *self, guint64 count);
/* Ends all connections that there are. */
void sio_fault_proxy_end (SioFaultProxy *self, SioFaultEnd end);
/* New connections are accepted and ended at once. */
void sio_fault_proxy_refuse (SioFaultProxy *self, gboolean refuse);

G_END_DECLS
