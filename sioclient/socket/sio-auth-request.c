/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "socket/sio-auth-request-private.h"

#include "base/sio-log-private.h"

struct _SioAuthRequest
{
  gatomicrefcount ref_count;
  SioAuthAnswerFunc func; /* NULL once it was answered, or nobody waits any more */
  gpointer owner;
};

G_DEFINE_BOXED_TYPE (SioAuthRequest, sio_auth_request, sio_auth_request_ref,
                     sio_auth_request_unref)

SioAuthRequest *
sio_auth_request_new (SioAuthAnswerFunc func,
                      gpointer owner)
{
  SioAuthRequest *request = g_new (SioAuthRequest, 1);

  g_atomic_ref_count_init (&request->ref_count);
  request->func = func;
  request->owner = owner;
  return request;
}

void
sio_auth_request_forget (SioAuthRequest *request)
{
  request->func = NULL;
  request->owner = NULL;
}

static void
answer (SioAuthRequest *request,
        SioValue *auth,
        const GError *error)
{
  SioAuthAnswerFunc func = g_steal_pointer (&request->func);

  if (func == NULL)
    {
      sio_debug ("An answer to an auth request that nobody waits for was ignored");
      return;
    }
  func (request->owner, request, auth, error);
}

/**
 * sio_auth_request_ref:
 * @request: a request
 *
 * Adds a reference.
 *
 * Returns: (transfer full): @request
 */
SioAuthRequest *
sio_auth_request_ref (SioAuthRequest *request)
{
  g_return_val_if_fail (request != NULL, NULL);

  g_atomic_ref_count_inc (&request->ref_count);
  return request;
}

/**
 * sio_auth_request_unref:
 * @request: (transfer full): a request
 *
 * Drops a reference. A request that is never answered leaves its socket waiting.
 */
void
sio_auth_request_unref (SioAuthRequest *request)
{
  g_return_if_fail (request != NULL);

  if (g_atomic_ref_count_dec (&request->ref_count))
    g_free (request);
}

/**
 * sio_auth_request_accept:
 * @request: a request
 * @auth: (transfer full) (nullable): the payload, an object, or %NULL for none
 *
 * Lets the socket connect. Only the first answer to a request counts.
 */
void
sio_auth_request_accept (SioAuthRequest *request,
                         SioValue *auth)
{
  g_autoptr (SioValue) owned = auth;

  g_return_if_fail (request != NULL);

  answer (request, owned, NULL);
}

/**
 * sio_auth_request_fail:
 * @request: a request
 * @error: why there is nothing to present
 *
 * Gives up; the socket emits [signal@Socket::connect-error] with @error and does not try again by
 * itself.
 */
void
sio_auth_request_fail (SioAuthRequest *request,
                       const GError *error)
{
  g_return_if_fail (request != NULL);
  g_return_if_fail (error != NULL);

  answer (request, NULL, error);
}
