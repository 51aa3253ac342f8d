/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/sio-home-private.h"

/* Something that has a home, and notes where it was torn down. */
#define TEST_TYPE_GUEST (test_guest_get_type ())
G_DECLARE_FINAL_TYPE (TestGuest, test_guest, TEST, GUEST, GObject)

typedef struct
{
  GThread *disposed;
  GThread *finalized;
  guint n_disposed;
  guint n_finalized;
} Traces;

struct _TestGuest
{
  GObject parent_instance;
  SioHome home;
  Traces *traces;
};

G_DEFINE_FINAL_TYPE (TestGuest, test_guest, G_TYPE_OBJECT)

static void
test_guest_dispose (GObject *object)
{
  TestGuest *self = TEST_GUEST (object);

  if (sio_home_send (&self->home, object))
    return;

  self->traces->disposed = g_thread_self ();
  self->traces->n_disposed++;
  G_OBJECT_CLASS (test_guest_parent_class)->dispose (object);
}

static void
test_guest_finalize (GObject *object)
{
  TestGuest *self = TEST_GUEST (object);

  self->traces->finalized = g_thread_self ();
  self->traces->n_finalized++;
  sio_home_clear (&self->home);
  G_OBJECT_CLASS (test_guest_parent_class)->finalize (object);
}

static void
test_guest_class_init (TestGuestClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = test_guest_dispose;
  G_OBJECT_CLASS (klass)->finalize = test_guest_finalize;
}

static void
test_guest_init (TestGuest *self)
{
}

static TestGuest *
guest_new (Traces *traces, GMainContext *context)
{
  TestGuest *self = g_object_new (TEST_TYPE_GUEST, NULL);

  *traces = (Traces){ 0 };
  self->traces = traces;
  if (context != NULL)
    sio_home_init (&self->home, context);
  return self;
}

static gpointer
unref (gpointer object)
{
  g_object_unref (object);
  return NULL;
}

static void
elsewhere (GThreadFunc func, gpointer data)
{
  g_thread_join (g_thread_new ("elsewhere", func, data));
}

static void
test_at_home (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Traces traces;

  g_object_unref (guest_new (&traces, context));
  g_assert_cmpuint (traces.n_disposed, ==, 1);
  g_assert_cmpuint (traces.n_finalized, ==, 1);
}

static gpointer
is_here (gpointer home)
{
  return GINT_TO_POINTER (sio_home_is_here (home));
}

static void
test_is_here (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  SioHome home = { 0 };

  g_assert_true (sio_home_is_here (&home));
  sio_home_init (&home, context);
  g_assert_true (sio_home_is_here (&home));
  g_assert_null (g_thread_join (g_thread_new ("elsewhere", is_here, &home)));
  sio_home_clear (&home);
  g_assert_nonnull (g_thread_join (g_thread_new ("elsewhere", is_here, &home)));
}

static void
test_homeless (void)
{
  Traces traces;

  elsewhere (unref, guest_new (&traces, NULL));
  g_assert_cmpuint (traces.n_disposed, ==, 1);
  g_assert_cmpuint (traces.n_finalized, ==, 1);
}

static void
test_sent (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Traces traces;

  elsewhere (unref, guest_new (&traces, context));
  g_assert_cmpuint (traces.n_disposed, ==, 0);
  while (traces.n_finalized == 0)
    g_main_context_iteration (context, TRUE);
  g_assert_true (traces.disposed == g_thread_self ());
  g_assert_true (traces.finalized == g_thread_self ());
  g_assert_cmpuint (traces.n_disposed, ==, 1);
  g_assert_false (g_main_context_pending (context));
}

/* As sio_io() does with a manager. */
static void
test_found_on_the_way (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  TestGuest *guest;
  Traces traces;

  guest = guest_new (&traces, context);
  elsewhere (unref, guest);
  g_object_ref (guest);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_cmpuint (traces.n_disposed, ==, 0);

  /* A second time, and given up again before it has arrived. */
  elsewhere (unref, guest);
  g_object_ref (guest);
  g_object_unref (guest);
  g_object_ref (guest);
  g_object_unref (guest);
  g_assert_cmpuint (traces.n_disposed, ==, 0);
  while (traces.n_finalized == 0)
    g_main_context_iteration (context, TRUE);
  g_assert_cmpuint (traces.n_disposed, ==, 1);
  g_assert_false (g_main_context_pending (context));
}

static gpointer
run_dispose (gpointer object)
{
  g_object_run_dispose (object);
  g_object_run_dispose (object);
  return NULL;
}

/* Somebody has it still, so that only begins its way. */
static void
test_disposed_of_elsewhere (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  TestGuest *guest;
  Traces traces;

  guest = guest_new (&traces, context);
  elsewhere (run_dispose, guest);
  g_assert_cmpuint (traces.n_disposed, ==, 0);
  g_object_unref (guest);
  while (traces.n_finalized == 0)
    g_main_context_iteration (context, TRUE);
  g_assert_cmpuint (traces.n_disposed, ==, 1);
  g_assert_false (g_main_context_pending (context));
}

typedef struct
{
  GMainContext *context;
  int stop; /* atomic */
} Loop;

static gpointer
run_loop (gpointer data)
{
  Loop *loop = data;

  while (!g_atomic_int_get (&loop->stop))
    g_main_context_iteration (loop->context, TRUE);
  return NULL;
}

/* Where the loop runs is home, even if it was made elsewhere. */
static void
test_loop_in_another_thread (void)
{
  Loop loop = { .context = g_main_context_new () };
  GThread *thread = g_thread_new ("loop", run_loop, &loop);
  TestGuest *guest;
  Traces traces;

  /* From now on it has the context nearly always; if it had it not just then, this thread is right.
   */
  guest = guest_new (&traces, loop.context);
  g_object_unref (guest);
  g_atomic_int_set (&loop.stop, TRUE);
  g_main_context_wakeup (loop.context);
  g_thread_join (thread);
  while (traces.n_finalized == 0)
    g_main_context_iteration (loop.context, TRUE);
  g_assert_cmpuint (traces.n_disposed, ==, 1);
  g_main_context_unref (loop.context);
}

typedef struct
{
  int turn; /* atomic: of the object that may be dropped */
  GPtrArray *guests;
} Relay;

static gpointer
drop_each (gpointer data)
{
  Relay *relay = data;

  for (guint i = 0; i < relay->guests->len; i++)
    {
      while ((guint) g_atomic_int_get (&relay->turn) < i)
        ;
      g_object_unref (g_ptr_array_index (relay->guests, i));
    }
  return NULL;
}

/* Home uses what is being dropped, as a handler of an event does, without holding it from before.
 */
static void
test_used_meanwhile (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  const guint n = 20000;
  g_autofree Traces *traces = g_new0 (Traces, n);
  Relay relay = { .turn = -1, .guests = g_ptr_array_new () };
  GThread *thread;

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (relay.guests, guest_new (&traces[i], context));
  thread = g_thread_new ("elsewhere", drop_each, &relay);
  for (guint i = 0; i < n; i++)
    {
      GObject *guest = g_ptr_array_index (relay.guests, i);

      g_atomic_int_set (&relay.turn, (int) i);
      /* It is not torn down before this thread runs the context. */
      for (guint k = 0; k < 3; k++)
        {
          g_object_ref (guest);
          g_assert_cmpuint (traces[i].n_disposed, ==, 0);
          g_object_unref (guest);
          if (traces[i].n_disposed > 0)
            break;
        }
    }
  g_thread_join (thread);
  while (g_main_context_iteration (context, FALSE))
    ;
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpuint (traces[i].n_disposed, ==, 1);
      g_assert_cmpuint (traces[i].n_finalized, ==, 1);
      g_assert_true (traces[i].finalized == g_thread_self ());
    }
  g_ptr_array_unref (relay.guests);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/home/at-home", test_at_home);
  g_test_add_func ("/home/is-here", test_is_here);
  g_test_add_func ("/home/homeless", test_homeless);
  g_test_add_func ("/home/X20/sent", test_sent);
  g_test_add_func ("/home/X20/found-on-the-way", test_found_on_the_way);
  g_test_add_func ("/home/X20/disposed-of-elsewhere", test_disposed_of_elsewhere);
  g_test_add_func ("/home/X20/loop-in-another-thread", test_loop_in_another_thread);
  g_test_add_func ("/home/X20/used-meanwhile", test_used_meanwhile);
  return g_test_run ();
}
