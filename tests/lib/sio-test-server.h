/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sioclient/sio.h>

G_BEGIN_DECLS

/* A Socket.IO server in a process of its own, on a port of the loopback. What it does is told at
 * the head of tests/servers/node/server.js. The environment says where things are:
 *
 * SIO_TEST_NODE, SIO_TEST_NODE_SERVER      node, and server.js
 * SIO_TEST_PYTHON, SIO_TEST_PYTHON_SERVER  Python, and server.py
 * SIO_TEST_SERVER                          which one to use: node (the default) or python
 * SIO_TEST_SERVER_MODULE                   which npm module, by its alias in package.json
 *
 * It ends with this process, however that ends. */
typedef struct _SioTestServer SioTestServer;

/* Why there cannot be a server here, or NULL if there can. */
const char *sio_test_server_missing (void);
gboolean sio_test_server_is_node (void);
/* Of the npm module, 408 for 4.8; 0 for another server. */
guint sio_test_server_get_version (void);

/* @options: (nullable): a JSON object. Waits until the server listens. */
SioTestServer *sio_test_server_new (const char *options);
/* A gateway in front of @server that spoils things; see tests/servers/node/front.js. */
SioTestServer *sio_test_server_new_front (SioTestServer *server);
void sio_test_server_free (SioTestServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioTestServer, sio_test_server_free)

guint16 sio_test_server_get_port (SioTestServer *self);
/* Of the server, with @nsp (nullable) as path. */
char *sio_test_server_dup_url (SioTestServer *self, const char *nsp);

/* Sends a command and waits for the reply. */
SioValue *sio_test_server_command (SioTestServer *self, const char *json);
/* Sends a command of which nothing but its effect is wanted. */
void sio_test_server_tell (SioTestServer *self, const char *json);
/* Waits until the server knows of exactly so many engines. */
void sio_test_server_await_clients (SioTestServer *self, guint n_clients);

/* Ends the process at once, as by kill -9; starts it again on the same port. */
void sio_test_server_stop (SioTestServer *self);
void sio_test_server_start (SioTestServer *self);
/* The process stands still, with all its connections open. */
void sio_test_server_freeze (SioTestServer *self);
void sio_test_server_thaw (SioTestServer *self);

G_END_DECLS
