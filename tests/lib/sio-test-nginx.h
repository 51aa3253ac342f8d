/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* nginx on a port of the loopback, with a folder of its own for all that it writes. It is looked
 * for where SIO_TEST_NGINX in the environment says. It ends with sio_test_nginx_free(). */
typedef struct _SioTestNginx SioTestNginx;

/* Why there cannot be one here, or NULL if there can. */
const char *sio_test_nginx_missing (void);

/* @http stands in the block “http” of its configuration, @server in the block “server”, where
 * “listen” is set already. */
SioTestNginx *sio_test_nginx_new (const char *http, const char *server);
void sio_test_nginx_free (SioTestNginx *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioTestNginx, sio_test_nginx_free)

/* With @path, such as “/nsp” for a namespace. */
char *sio_test_nginx_dup_url (SioTestNginx *self, const char *path);

G_END_DECLS
