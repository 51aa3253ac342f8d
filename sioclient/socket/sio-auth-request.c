/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "socket/sio-auth-request-private.h"

#include "base/sio-home-private.h"
#include "base/sio-log-private.h"

struct _SioAuthRequest
{
  gatomicrefcount ref_count;
  SioHome home;
  SioAuthAnswerFunc
      func; /* NULL once it was answered, or nobody waits any more; used at home only */
  gpointer owner;
  GCancellable *cancellable; /* made when it is asked for */
  gboolean given_up;
};

G_DEFINE_BOXED_TYPE (SioAuthRequest, sio_auth_request, sio_auth_request_ref, sio_auth_request_unref)

SioAuthRequest *
sio_auth_request_new (SioAuthAnswerFunc func, gpointer owner, GMainContext *context)
{
  SioAuthRequest *request = g_new0 (SioAuthRequest, 1);

  g_atomic_ref_count_init (&request->ref_count);
  request->func = func;
  request->owner = owner;
  sio_home_init (&request->home, context);
  return request;
}

static void
call_at_home (SioAuthRequest *request, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[sioclient] auth request");
  g_source_set_callback (source, func, data, destroy);
  g_source_attach (source, request->home.context);
}

static gboolean
on_cancel (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_REMOVE;
}

void
sio_auth_request_forget (SioAuthRequest *request)
{
  request->func = NULL;
  request->owner = NULL;
  request->given_up = TRUE;
  /* Who listens to it may do anything, and this may be a dispose. */
  if (request->cancellable != NULL)
    call_at_home (request, on_cancel, g_object_ref (request->cancellable), g_object_unref);
}

static void
answer_here (SioAuthRequest *request, SioAuthOutcome outcome, SioValue *auth, const GError *error)
{
  SioAuthAnswerFunc func = g_steal_pointer (&request->func);

  if (func == NULL)
    {
      sio_debug ("An answer to an auth request that nobody waits for was ignored");
      return;
    }
  func (request->owner, request, outcome, auth, error);
}

/* An answer on its way home. */
typedef struct
{
  SioAuthRequest *request;
  SioAuthOutcome outcome;
  SioValue *auth; /* nullable */
  GError *error;  /* nullable */
} Answer;

static void
answer_free (gpointer data)
{
  Answer *self = data;

  sio_auth_request_unref (self->request);
  g_clear_pointer (&self->auth, sio_value_unref);
  g_clear_error (&self->error);
  g_free (self);
}

static gboolean
on_answer (gpointer data)
{
  Answer *self = data;

  answer_here (self->request, self->outcome, self->auth, self->error);
  return G_SOURCE_REMOVE;
}

static void
answer (SioAuthRequest *request, SioAuthOutcome outcome, SioValue *auth, const GError *error)
{
  Answer *later;

  if (sio_home_is_here (&request->home))
    {
      answer_here (request, outcome, auth, error);
      return;
    }

  later = g_new0 (Answer, 1);
  later->request = sio_auth_request_ref (request);
  later->outcome = outcome;
  later->auth = auth != NULL ? sio_value_ref (auth) : NULL;
  later->error = error != NULL ? g_error_copy (error) : NULL;
  call_at_home (request, on_answer, later, answer_free);
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
 * Drops a reference. A request that is never answered leaves its socket waiting, unless
 * [property@Options:join-timeout] limits that; then it is as if it had failed.
 */
void
sio_auth_request_unref (SioAuthRequest *request)
{
  g_return_if_fail (request != NULL);

  if (!g_atomic_ref_count_dec (&request->ref_count))
    return;

  sio_home_clear (&request->home);
  g_clear_object (&request->cancellable);
  g_free (request);
}

/**
 * sio_auth_request_get_cancellable:
 * @request: a request
 *
 * Gets what tells that nobody waits for the answer any more: the socket was closed or dropped, its
 * connection is lost, or the time is up ([property@Options:join-timeout]).
 *
 * It is meant for the calls that find out what to present, which then stop. It is cancelled from
 * the main context of the socket, not inside the call that makes the answer useless, and not when
 * the request is answered. To be called in the thread of the socket.
 *
 * Returns: (transfer none): a cancellable, which belongs to the request
 */
GCancellable *
sio_auth_request_get_cancellable (SioAuthRequest *request)
{
  g_return_val_if_fail (request != NULL, NULL);

  if (request->cancellable == NULL)
    {
      request->cancellable = g_cancellable_new ();
      if (request->given_up)
        g_cancellable_cancel (request->cancellable);
    }
  return request->cancellable;
}

/**
 * sio_auth_request_accept:
 * @request: a request
 * @auth: (transfer full) (nullable): the payload, an object, or %NULL for none
 *
 * Lets the socket connect. This may be called in any thread, as may the other answers. What is no
 * object, or has binary data in it, is a mistake that no repetition mends, so it is the same as
 * [method@AuthRequest.reject]. Only the first answer to a request counts.
 */
void
sio_auth_request_accept (SioAuthRequest *request, SioValue *auth)
{
  g_autoptr (SioValue) owned = auth;

  g_return_if_fail (request != NULL);

  answer (request, SIO_AUTH_ACCEPTED, owned, NULL);
}

/**
 * sio_auth_request_fail:
 * @request: a request
 * @error: why there is nothing to present now
 *
 * Says that there is nothing to present for now, as when a server of tokens is away: the socket
 * emits [signal@Socket::connect-error] with @error, stays [property@Socket:active], and asks again
 * later.
 *
 * It waits as long as its manager would before an attempt to reconnect, from
 * [property@Manager:reconnection-delay] on, longer after each failure, until it has been connected.
 * Only this socket waits: the connection stands, and other namespaces go on. While it waits
 * [method@Socket.open] lets it ask in the next turn of the main loop, unless it is called by a
 * handler that is being told of the failure; [method@Socket.close] ends it. If the connection is
 * lost meanwhile, it asks when there is the next one. [property@Manager:reconnection-attempts] do
 * not count here.
 *
 * Without [property@Manager:reconnection] there is no later, and this is the same as
 * [method@AuthRequest.reject]. Only the first answer to a request counts.
 */
void
sio_auth_request_fail (SioAuthRequest *request, const GError *error)
{
  g_return_if_fail (request != NULL);
  g_return_if_fail (error != NULL);

  answer (request, SIO_AUTH_FAILED, NULL, error);
}

/**
 * sio_auth_request_reject:
 * @request: a request
 * @error: why there will be nothing to present
 *
 * Gives up, as when somebody has to log in first: the socket emits
 * [signal@Socket::connect-error] with @error, is no longer [property@Socket:active], and does not
 * try again by itself.
 *
 * [method@Socket.open] asks again. [method@AuthRequest.fail] is for what may pass. Only the first
 * answer to a request counts.
 */
void
sio_auth_request_reject (SioAuthRequest *request, const GError *error)
{
  g_return_if_fail (request != NULL);
  g_return_if_fail (error != NULL);

  answer (request, SIO_AUTH_REJECTED, NULL, error);
}
