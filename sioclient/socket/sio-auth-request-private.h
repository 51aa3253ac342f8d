/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-options.h"

G_BEGIN_DECLS

/* Exactly one of @auth (nullable, too) and @error counts. */
typedef void (*SioAuthAnswerFunc) (gpointer owner,
                                   SioAuthRequest *request,
                                   SioValue *auth,
                                   const GError *error);

/* What is cancelled is so in @context. */
SioAuthRequest *
sio_auth_request_new (SioAuthAnswerFunc func, gpointer owner, GMainContext *context);
/* Nobody waits for the answer any more (S22). Nothing is called from inside. */
void sio_auth_request_forget (SioAuthRequest *request);

G_END_DECLS
