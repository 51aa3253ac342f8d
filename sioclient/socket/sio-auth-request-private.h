/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sio-options.h"

G_BEGIN_DECLS

typedef enum
{
  SIO_AUTH_ACCEPTED,
  SIO_AUTH_FAILED,   /* for now: it is to be asked again */
  SIO_AUTH_REJECTED, /* for good */
} SioAuthOutcome;

/* @auth (nullable) counts for what was accepted only, @error for all else. */
typedef void (*SioAuthAnswerFunc) (gpointer owner,
                                   SioAuthRequest *request,
                                   SioAuthOutcome outcome,
                                   SioValue *auth,
                                   const GError *error);

/* What is cancelled is so in @context. */
SioAuthRequest *
sio_auth_request_new (SioAuthAnswerFunc func, gpointer owner, GMainContext *context);
/* Nobody waits for the answer any more (S22). Nothing is called from inside. */
void sio_auth_request_forget (SioAuthRequest *request);

G_END_DECLS
