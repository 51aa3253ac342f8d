/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every property and every function of the typelib, with NULL, with nothing, with the least and the
 * most, with what makes no sense; on objects that were made as they should be, by g_object_new()
 * alone, and on those that were disposed of. Each in a process of its own, so that a crash is one
 * point that fails. */

#include "walk.h"

#include "walk-world.h"

#include "sio-event-private.h"
#include "sio-inbox-private.h"
#include "socket/sio-auth-request-private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE 20 /* s, for what hangs */
#define TURNS    64

static char *closed_url;
static guint n_points;
static gboolean criticals_allowed; /* of ours: the call is a mistake of the program */
static gboolean answer_due;        /* even so */
static int n_asked, n_criticals;
static GPtrArray *dropped;

struct _WalkThing
{
  gpointer thing;
  GDestroyNotify destroy;
};

WalkThing *
walk_thing_new (gpointer thing, GDestroyNotify destroy)
{
  WalkThing *self = g_new (WalkThing, 1);

  self->thing = thing;
  self->destroy = destroy;
  return self;
}

static void
thing_free (gpointer data)
{
  WalkThing *self = data;

  if (self->thing != NULL)
    self->destroy (self->thing);
  g_free (self);
}

const char *
walk_url (void)
{
  return closed_url;
}

const char *
walk_absurd_string (void)
{
  return "\xff\xfe,\r\n \x7f%zz\t";
}

const char *
walk_long_string (void)
{
  static char text[100001];

  memset (text, 'x', sizeof text - 1);
  return text;
}

void
walk_asked (void)
{
  n_asked++;
}

void
walk_answered (void)
{
  n_asked--;
}

void
walk_drop_later (gpointer object)
{
  g_ptr_array_add (dropped, object);
}

/* What an inbox tells. */
typedef GObject WalkTarget;
typedef GObjectClass WalkTargetClass;
G_DEFINE_TYPE (WalkTarget, walk_target, G_TYPE_OBJECT)

static void
walk_target_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
}

static void
walk_target_class_init (WalkTargetClass *klass)
{
  klass->set_property = walk_target_set_property;
  g_object_class_install_property (klass, 1,
                                   g_param_spec_uint ("waiting", NULL, NULL, 0, G_MAXUINT, 0,
                                                      G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (
      klass, 2,
      g_param_spec_string ("text", NULL, NULL, NULL, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
}

static void
walk_target_init (WalkTarget *self)
{
}

SioEvent *
walk_event (Walk *walk, guint index)
{
  SioEvent *event;

  if (walk->arguments == WALK_NULL && walk->null_index == index)
    return NULL;
  event = sio_event_new_outgoing (g_strdup ("walk"),
                                  sio_value_new_from_json ("[\"a\"]", NULL, 0, NULL));
  g_ptr_array_add (walk->kept, walk_thing_new (event, (GDestroyNotify) sio_event_unref));
  return event;
}

SioNotice *
walk_notice (Walk *walk, guint index)
{
  SioNotice *notice;

  if (walk->arguments == WALK_NULL && walk->null_index == index)
    return NULL;
  notice = sio_notice_new (SIO_NOTICE_SIGNAL, NULL, NULL);
  g_ptr_array_add (walk->kept, walk_thing_new (notice, (GDestroyNotify) sio_notice_unref));
  return notice;
}

static void
on_request (gpointer owner,
            SioAuthRequest *request,
            SioAuthOutcome outcome,
            SioValue *auth,
            const GError *error)
{
}

SioAuthRequest *
walk_request (Walk *walk, guint index)
{
  SioAuthRequest *request;

  if (walk->arguments == WALK_NULL && walk->null_index == index)
    return NULL;
  request = sio_auth_request_new (on_request, NULL, g_main_context_default ());
  g_ptr_array_add (walk->kept, walk_thing_new (request, (GDestroyNotify) sio_auth_request_unref));
  return request;
}

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  const char *domain = NULL, *message = "";

  if ((level & G_LOG_LEVEL_MASK) > G_LOG_LEVEL_WARNING)
    return G_LOG_WRITER_HANDLED;
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "GLIB_DOMAIN"))
      domain = fields[i].value;
    else if (g_str_equal (fields[i].key, "MESSAGE"))
      message = fields[i].value;
  n_criticals++;
  /* GObject says by itself that a value is out of the range of its property. */
  if (criticals_allowed &&
      (g_strcmp0 (domain, "Sio") == 0 || strstr (message, "out of range for property") != NULL))
    return G_LOG_WRITER_HANDLED;

  printf ("# %s: %s\n", domain != NULL ? domain : "?", message);
  fflush (stdout);
  _exit (2);
}

static void
turn (void)
{
  for (guint i = 0; i < TURNS; i++)
    g_main_context_iteration (NULL, FALSE);
}

typedef struct
{
  void (*run) (gpointer data);
  gpointer data;
  gboolean criticals_allowed;
} Point;

static void
live (const Point *point)
{
  alarm (DEADLINE);
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_writer_func (write_log, NULL, NULL);
  criticals_allowed = point->criticals_allowed;
  dropped = g_ptr_array_new_with_free_func (g_object_unref);
  point->run (point->data);
  g_ptr_array_unref (dropped);
  turn ();
  /* Whoever calls what can't be called is told of that in another way. */
  if (n_asked != 0 && (!criticals_allowed || n_criticals == 0 || answer_due))
    {
      printf ("# who asked was told %s\n", n_asked > 0 ? "nothing" : "more than once");
      fflush (stdout);
      _exit (3);
    }
  fflush (stdout);
  exit (0);
}

static void G_GNUC_PRINTF (2, 3) check (const Point *point, const char *format, ...)
{
  g_autofree char *name = NULL;
  va_list va;
  int status;
  pid_t child;

  va_start (va, format);
  name = g_strdup_vprintf (format, va);
  va_end (va);

  fflush (stdout);
  child = fork ();
  if (child == 0)
    live (point);
  if (child < 0 || waitpid (child, &status, 0) != child)
    g_error ("there is no process for %s", name);
  if (WIFSIGNALED (status))
    printf ("# signal %d: %s\n", WTERMSIG (status), strsignal (WTERMSIG (status)));
  printf ("%s %u - %s\n", status == 0 ? "ok" : "not ok", ++n_points, name);
}

/* --- functions */

typedef struct
{
  const WalkCall *call;
  Walk walk;
} CallPoint;

static void
run_call (gpointer data)
{
  CallPoint *self = data;

  self->walk.kept = g_ptr_array_new_with_free_func (thing_free);
  self->walk.function = self->call->name;
  self->walk.nullables = self->call->nullables;
  answer_due = self->walk.state == WALK_BARE || self->walk.state == WALK_BARE_DISPOSED;
  self->call->call (&self->walk);
  turn ();
  /* What waits for a connection waits no longer than its socket is there. */
  if (self->walk.receiver != NULL)
    g_object_run_dispose (self->walk.receiver);
  turn ();
  /* Those that were made last use those that were made first. */
  while (self->walk.kept->len > 0)
    g_ptr_array_remove_index (self->walk.kept, self->walk.kept->len - 1);
  g_ptr_array_unref (self->walk.kept);
}

static void
check_call (const WalkCall *call, WalkState state, WalkArguments arguments, guint null_index)
{
  static const char *const states[] = { "", ", bare", ", disposed of", ", bare and disposed of" };
  static const char *const kinds[] = { "the usual", "NULL for what may be", "NULL for argument",
                                       "nothing",   "what makes no sense",  "the least",
                                       "the most" };
  CallPoint self = { .call = call };
  Point point = { run_call, &self, FALSE };
  g_autofree char *which = NULL;

  self.walk.state = state;
  self.walk.arguments = arguments;
  self.walk.null_index = null_index;
  if (arguments == WALK_NULL)
    which = g_strdup_printf (" %u", null_index);
  point.criticals_allowed = state == WALK_BARE || state == WALK_BARE_DISPOSED ||
                            (arguments != WALK_USUAL && arguments != WALK_NULLS);
  check (&point, "%s%s, %s%s", call->name, states[state], kinds[arguments],
         which != NULL ? which : "");
}

static void
walk_functions (void)
{
  for (const WalkCall *call = walk_calls; call->name != NULL; call++)
    {
      for (WalkArguments arguments = WALK_USUAL; arguments <= WALK_MOST; arguments++)
        if (arguments != WALK_NULL)
          check_call (call, WALK_MADE, arguments, 0);
      for (guint i = 0; i < 32; i++)
        if ((call->pointers & (1u << i)) != 0)
          check_call (call, WALK_MADE, WALK_NULL, i);
      if (call->receiver == NULL)
        continue;
      for (WalkState state = WALK_BARE; state <= WALK_BARE_DISPOSED; state++)
        {
          check_call (call, state, WALK_USUAL, 0);
          check_call (call, state, WALK_NULLS, 0);
        }
    }
}

/* --- properties */

typedef struct
{
  GParamSpec *pspec;
  GValue value;
  gboolean disposed;
} PropertyPoint;

static void
on_manager_error (SioManager *manager, const GError *error, gpointer data)
{
  gboolean *told = data;

  g_assert_nonnull (error);
  *told = TRUE;
}

/* It tries to connect, and says that it could not. */
static void
use_manager (SioManager *manager)
{
  gboolean told = FALSE;
  gulong handler = g_signal_connect (manager, "error", G_CALLBACK (on_manager_error), &told);

  sio_manager_open (manager);
  while (!told)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (manager, handler);
  sio_manager_set_reconnection (manager, FALSE);
}

static void
use_options (SioOptions *options)
{
  g_autoptr (SioManager) manager = sio_manager_new (closed_url, options);
  g_autoptr (SioSocket) socket = sio_manager_get_socket (manager, "/", options);
  g_autoptr (SioSocket) other = sio_io (closed_url, options);
  g_autoptr (SioSocket) again = sio_io (closed_url, options);

  sio_socket_open (socket);
  sio_socket_emit (socket, "walk", NULL);
  sio_socket_open (other);
  use_manager (manager);
}

static void
use_socket (SioSocket *socket)
{
  g_object_unref (sio_socket_open (g_object_ref (socket)));
  sio_socket_emit (socket, "walk", NULL);
  sio_socket_close (socket);
}

static void
use (GObject *object)
{
  if (SIO_IS_OPTIONS (object))
    use_options (SIO_OPTIONS (object));
  else if (SIO_IS_MANAGER (object))
    use_manager (SIO_MANAGER (object));
  else if (SIO_IS_SOCKET (object) && sio_socket_get_io (SIO_SOCKET (object)) != NULL)
    use_socket (SIO_SOCKET (object));
}

static GObject *
make (GType type)
{
  g_autoptr (SioManager) manager = NULL;

  if (type == SIO_TYPE_OPTIONS)
    return g_object_new (type, NULL);
  manager = sio_manager_new (closed_url, NULL);
  if (type == SIO_TYPE_SOCKET)
    return G_OBJECT (sio_manager_get_socket (manager, "/", NULL));
  if (type == SIO_TYPE_ENGINE)
    return G_OBJECT (g_object_ref (sio_manager_get_engine (manager)));
  return G_OBJECT (g_steal_pointer (&manager));
}

/* NULL is read back as it was set, or as what it stands for. */
static void
check_read_back (GObject *object, GParamSpec *pspec, const GValue *set)
{
  g_auto (GValue) got = G_VALUE_INIT, usual = G_VALUE_INIT;
  g_autoptr (GObject) fresh = g_object_new (G_OBJECT_TYPE (object), NULL);

  if ((pspec->flags & G_PARAM_READABLE) == 0)
    return;
  g_object_get_property (object, pspec->name, g_value_init (&got, pspec->value_type));
  g_object_get_property (fresh, pspec->name, g_value_init (&usual, pspec->value_type));
  if (g_param_values_cmp (pspec, &got, set) != 0 && n_criticals == 0)
    {
      if (G_VALUE_HOLDS_STRING (set) && g_value_get_string (set) == NULL)
        g_assert_cmpstr (g_value_get_string (&got), ==, g_value_get_string (&usual));
      else if (G_VALUE_HOLDS (set, G_TYPE_STRV))
        {
          GStrv strv = g_value_get_boxed (set);

          g_assert_true (strv == NULL ||
                         g_strv_equal (g_value_get_boxed (&got), (const char *const *) strv));
        }
      else
        g_assert_not_reached ();
    }
}

static void
run_property (gpointer data)
{
  PropertyPoint *self = data;
  const char *name = self->pspec->name;
  GType type = self->pspec->owner_type;
  gboolean construct_only = (self->pspec->flags & G_PARAM_CONSTRUCT_ONLY) != 0;
  g_autoptr (GObject) bare = g_object_new_with_properties (type, 1, &name, &self->value);
  g_autoptr (GObject) object = construct_only ? g_object_ref (bare) : make (type);

  if (self->disposed)
    {
      g_object_run_dispose (bare);
      g_object_run_dispose (object);
    }
  if (!construct_only)
    {
      g_object_set_property (bare, name, &self->value);
      g_object_set_property (object, name, &self->value);
    }
  check_read_back (bare, self->pspec, &self->value);
  if (!self->disposed)
    {
      check_read_back (object, self->pspec, &self->value);
      use (bare);
      use (object);
    }
  g_clear_object (&bare);
  g_clear_object (&object);
  turn ();
}

static void
check_value (GParamSpec *pspec, GValue *value)
{
  PropertyPoint self = { pspec, *value, FALSE };
  Point point = { run_property, &self, !g_param_value_is_valid (pspec, value) };
  g_autofree char *text = g_strdup_value_contents (value);

  /* The output has to be UTF-8, and a line. */
  if (strlen (text) > 60)
    strcpy (text + 57, "…");
  check (&point, "%s:%s = %s", g_type_name (pspec->owner_type), pspec->name, text);
  self.disposed = TRUE;
  check (&point, "%s:%s = %s, disposed of", g_type_name (pspec->owner_type), pspec->name, text);
}

static void
walk_numbers (GParamSpec *pspec)
{
  static const double doubles[] = { 0, 1, -1, 2, -INFINITY, INFINITY, (double) NAN };
  static const gint64 integers[] = { 0, 1, -1, G_MAXINT, G_MININT, G_MAXUINT };
  GType type = pspec->value_type;

  for (guint i = 0; type == G_TYPE_DOUBLE && i < G_N_ELEMENTS (doubles); i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_value_set_double (g_value_init (&value, type), doubles[i]);
      check_value (pspec, &value);
    }
  for (guint i = 0; type != G_TYPE_DOUBLE && i < G_N_ELEMENTS (integers); i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_value_init (&value, type);
      if (type == G_TYPE_INT)
        g_value_set_int (&value, (int) integers[i]);
      else if (type == G_TYPE_UINT)
        g_value_set_uint (&value, (guint) integers[i]);
      else if (type == G_TYPE_BOOLEAN)
        g_value_set_boolean (&value, integers[i] > 0);
      else
        g_error ("%s is of a type that nobody has taught this test", pspec->name);
      check_value (pspec, &value);
    }
}

static void
walk_strings (GParamSpec *pspec)
{
  const char *const strings[] = { NULL,       "",     "/",  "//", "t",   "a b",
                                  "\xff\xfe", "\r\n", "?#", "😀",  "%00", walk_long_string () };

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_value_set_static_string (g_value_init (&value, G_TYPE_STRING), strings[i]);
      check_value (pspec, &value);
    }
}

static void
walk_strvs (GParamSpec *pspec)
{
  static const char *const lists[][4] = {
    { NULL },
    { "", NULL },
    { "websocket", "polling", "websocket", NULL },
    { "webtransport", "\xff", NULL },
    { "a,b", "c d", "e\r\n", NULL },
  };
  g_auto (GValue) null = G_VALUE_INIT;

  check_value (pspec, g_value_init (&null, G_TYPE_STRV));
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_value_set_boxed (g_value_init (&value, G_TYPE_STRV), lists[i]);
      check_value (pspec, &value);
    }
}

static void
walk_auth (GParamSpec *pspec)
{
  static const char *const payloads[] = { "null", "{}", "{\"a\":1}", "[1]", "\"text\"" };
  g_auto (GValue) null = G_VALUE_INIT;

  check_value (pspec, g_value_init (&null, SIO_TYPE_VALUE));
  for (guint i = 0; i < G_N_ELEMENTS (payloads); i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_value_take_boxed (g_value_init (&value, SIO_TYPE_VALUE),
                          sio_value_new_from_json (payloads[i], NULL, 0, NULL));
      check_value (pspec, &value);
    }
}

static void
walk_object (GParamSpec *pspec)
{
  g_auto (GValue) value = G_VALUE_INIT;

  check_value (pspec, g_value_init (&value, pspec->value_type));
}

/* What can only be read is, on an object of each kind. */
static void
run_reading (gpointer data)
{
  GParamSpec *pspec = data;
  GType type = pspec->owner_type;

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GObject) object = i < 2 ? make (type) : g_object_new (type, NULL);
      g_auto (GValue) value = G_VALUE_INIT;

      if (i % 2 == 1)
        g_object_run_dispose (object);
      g_object_get_property (object, pspec->name, g_value_init (&value, pspec->value_type));
    }
}

static void
walk_property (GParamSpec *pspec)
{
  Point reading = { run_reading, pspec, FALSE };

  if ((pspec->flags & G_PARAM_READABLE) != 0)
    check (&reading, "%s:%s is read", g_type_name (pspec->owner_type), pspec->name);
  if ((pspec->flags & G_PARAM_WRITABLE) == 0)
    return;

  if (pspec->value_type == G_TYPE_STRING)
    walk_strings (pspec);
  else if (pspec->value_type == G_TYPE_STRV)
    walk_strvs (pspec);
  else if (pspec->value_type == SIO_TYPE_VALUE)
    walk_auth (pspec);
  else if (G_TYPE_IS_OBJECT (pspec->value_type) || G_TYPE_IS_INTERFACE (pspec->value_type))
    walk_object (pspec);
  else
    walk_numbers (pspec);
}

static void
walk_properties (void)
{
  for (guint i = 0; walk_classes[i] != NULL; i++)
    {
      GObjectClass *klass = g_type_class_ref (walk_classes[i]());
      guint n_pspecs;
      g_autofree GParamSpec **pspecs = g_object_class_list_properties (klass, &n_pspecs);

      for (guint n = 0; n < n_pspecs; n++)
        walk_property (pspecs[n]);
      g_type_class_unref (klass);
    }
}

/* A port that nobody listens on is one that was free a moment ago. Not by GSocketListener, which
 * would start threads that no child has. */
static char *
find_closed_url (void)
{
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  return g_strdup_printf ("http://127.0.0.1:%u",
                          g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
}

int
main (int argc, char **argv)
{
  /* check-coverage.py asks every program for the names of its tests. */
  if (argc > 1 && g_str_equal (argv[1], "-l"))
    return 0;

  closed_url = find_closed_url ();
  walk_properties ();
  walk_functions ();
  printf ("1..%u\n", n_points);
  return 0;
}
