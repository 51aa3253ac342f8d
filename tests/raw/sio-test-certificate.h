/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* For 127.0.0.1. */
GTlsCertificate *sio_test_certificate_new (void);
/* The same with its key, for a server in another process. */
const char *sio_test_certificate_get_pem (void);
/* Of a client whose common name is @name, a or b. */
GTlsCertificate *sio_test_certificate_new_client (const char *name);
/* Trusts the one for 127.0.0.1; a file, which is removed at the end of the program. */
GTlsDatabase *sio_test_database_new (void);
/* Does not. */
GTlsDatabase *sio_test_database_new_other (void);
gboolean sio_test_has_tls (void);

G_END_DECLS
