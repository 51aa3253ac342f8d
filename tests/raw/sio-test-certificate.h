/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* For 127.0.0.1. */
GTlsCertificate *sio_test_certificate_new (void);
/* Trusts it; a file, which is removed at the end of the program. */
GTlsDatabase *sio_test_database_new (void);
gboolean sio_test_has_tls (void);

G_END_DECLS
