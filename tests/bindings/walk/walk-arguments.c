/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "walk.h"

#include "walk-world.h"

#include <math.h>
#include <string.h>

/* Arguments that are made up. */

static gboolean
is_null (Walk *walk, guint index)
{
  if (walk->arguments == WALK_NULL && walk->null_index == index)
    return TRUE;
  return walk->arguments == WALK_NULLS && (walk->nullables & (1u << index)) != 0;
}

static gpointer
keep (Walk *walk, gpointer thing, GDestroyNotify destroy)
{
  g_ptr_array_add (walk->kept, walk_thing_new (thing, destroy));
  return thing;
}

static gboolean
is_receiver (guint index)
{
  return index == 0;
}

static gpointer
with_state (Walk *walk, guint index, gpointer object)
{
  keep (walk, object, g_object_unref);
  if (is_receiver (index))
    walk->receiver = object;
  if (is_receiver (index) && (walk->state == WALK_DISPOSED || walk->state == WALK_BARE_DISPOSED))
    g_object_run_dispose (object);
  return object;
}

static gboolean
is_bare (Walk *walk, guint index)
{
  return is_receiver (index) && (walk->state == WALK_BARE || walk->state == WALK_BARE_DISPOSED);
}

const char *
walk_string (Walk *walk, guint index, const char *name)
{
  /* With a format come as many arguments as it says, which nobody can make up. */
  if (is_null (walk, index) || g_str_equal (name, "format"))
    return NULL;
  if (walk->arguments == WALK_EMPTY)
    return "";
  if (walk->arguments == WALK_ABSURD)
    return walk_absurd_string ();
  if (walk->arguments == WALK_MOST)
    return walk_long_string ();
  if (g_str_equal (name, "url"))
    return walk_url ();
  if (g_str_equal (name, "property"))
    return g_str_has_suffix (walk->function, "_text") ? "text" : "waiting";
  if (g_str_equal (name, "json"))
    return "[1,{\"a\":\"b\"}]";
  if (g_str_equal (name, "pointer"))
    return "/a";
  return "walk";
}

SioOptions *
walk_options (Walk *walk, guint index)
{
  return is_null (walk, index) ? NULL : with_state (walk, index, sio_options_new ());
}

SioManager *
walk_manager (Walk *walk, guint index)
{
  SioManager *manager;

  if (is_null (walk, index))
    return NULL;
  if (is_bare (walk, index))
    return with_state (walk, index, g_object_new (SIO_TYPE_MANAGER, NULL));
  manager = sio_manager_new (walk_url (), NULL);
  if (strstr (walk->function, "ticket") != NULL)
    sio_manager_set_inbox (manager, walk_new_target (walk), "waiting");
  return with_state (walk, index, manager);
}

SioSocket *
walk_socket (Walk *walk, guint index)
{
  SioManager *manager;
  SioSocket *socket;

  if (is_null (walk, index))
    return NULL;
  if (is_bare (walk, index))
    return with_state (walk, index, g_object_new (SIO_TYPE_SOCKET, NULL));
  manager = keep (walk, sio_manager_new (walk_url (), NULL), g_object_unref);
  socket = sio_manager_get_socket (manager, "/", NULL);
  if (strstr (walk->function, "ticket") != NULL || strstr (walk->function, "answer") != NULL ||
      strstr (walk->function, "inbox") != NULL)
    sio_socket_set_inbox (socket, walk_new_target (walk), "waiting");
  return with_state (walk, index, socket);
}

SioEngine *
walk_engine (Walk *walk, guint index)
{
  SioManager *manager;

  if (is_null (walk, index))
    return NULL;
  if (is_bare (walk, index))
    return with_state (walk, index, g_object_new (SIO_TYPE_ENGINE, NULL));
  manager = keep (walk, sio_manager_new (walk_url (), NULL), g_object_unref);
  return with_state (walk, index, g_object_ref (sio_manager_get_engine (manager)));
}

SioValue *
walk_value (Walk *walk, guint index)
{
  if (is_null (walk, index))
    return NULL;
  if (walk->arguments == WALK_EMPTY)
    return keep (walk, sio_value_new_null (), (GDestroyNotify) sio_value_unref);
  if (walk->arguments == WALK_ABSURD)
    return keep (walk, sio_value_new_number (0.5), (GDestroyNotify) sio_value_unref);
  return keep (walk, sio_value_new_from_json ("{\"a\":[\"b\"]}", NULL, 0, NULL),
               (GDestroyNotify) sio_value_unref);
}

SioValue **
walk_values (Walk *walk, guint index)
{
  SioValue **values;

  if (is_null (walk, index))
    return NULL;
  values = keep (walk, g_new0 (SioValue *, 3), g_free);
  for (guint i = 0; i < 2; i++)
    values[i] = keep (walk, sio_value_new_integer (i), (GDestroyNotify) sio_value_unref);
  return values;
}

GBytes *
walk_bytes (Walk *walk, guint index)
{
  if (is_null (walk, index))
    return NULL;
  return keep (walk, g_bytes_new_static ("abc", walk->arguments == WALK_EMPTY ? 0 : 3),
               (GDestroyNotify) g_bytes_unref);
}

GBytes **
walk_several_bytes (Walk *walk, guint index)
{
  GBytes **several;

  if (is_null (walk, index))
    return NULL;
  several = keep (walk, g_new0 (GBytes *, 3), g_free);
  for (guint i = 0; i < 2; i++)
    several[i] = keep (walk, g_bytes_new_static ("abc", 3), (GDestroyNotify) g_bytes_unref);
  return several;
}

GError *
walk_error (Walk *walk, guint index)
{
  if (is_null (walk, index))
    return NULL;
  return keep (walk, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "walked"),
               (GDestroyNotify) g_error_free);
}

GVariant *
walk_variant (Walk *walk, guint index)
{
  if (is_null (walk, index))
    return NULL;
  return keep (walk, g_variant_ref_sink (g_variant_new_string ("walk")),
               (GDestroyNotify) g_variant_unref);
}

JsonNode *
walk_node (Walk *walk, guint index)
{
  JsonNode *node;

  if (is_null (walk, index))
    return NULL;
  node = json_node_alloc ();
  if (walk->arguments != WALK_EMPTY)
    json_node_init_string (node, "walk");
  else
    json_node_init_null (node);
  return keep (walk, node, (GDestroyNotify) json_node_unref);
}

GCancellable *
walk_cancellable (Walk *walk, guint index)
{
  return is_null (walk, index) ? NULL : keep (walk, g_cancellable_new (), g_object_unref);
}

GObject *
walk_new_target (Walk *walk)
{
  return keep (walk, g_object_new (walk_target_get_type (), NULL), g_object_unref);
}

GObject *
walk_target (Walk *walk, guint index)
{
  return is_null (walk, index) ? NULL : walk_new_target (walk);
}

static void
on_auth (SioSocket *socket, SioAuthRequest *request, gpointer user_data)
{
  sio_auth_request_accept (request, NULL);
}

SioAuthFunc
walk_auth_func (Walk *walk, guint index)
{
  return is_null (walk, index) ? NULL : on_auth;
}

static void
on_ack (SioSocket *socket, SioValue *args, const GError *error, gpointer user_data)
{
  walk_answered ();
  g_assert_true ((args != NULL) != (error != NULL));
}

SioAckFunc
walk_ack_func (Walk *walk, guint index)
{
  if (is_null (walk, index))
    return NULL;
  walk_asked ();
  return on_ack;
}

static void
on_event (SioSocket *socket, SioEvent *event, gpointer user_data)
{
}

SioEventFunc
walk_event_func (Walk *walk, guint index)
{
  return is_null (walk, index) ? NULL : on_event;
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SioValue) answer = NULL;

  walk_answered ();
  if (SIO_IS_MANAGER (source))
    g_assert_false (sio_manager_open_finish (SIO_MANAGER (source), result, &error));
  else
    answer = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &error);
  g_assert_null (answer);
  g_assert_nonnull (error);
}

GAsyncReadyCallback
walk_ready_func (Walk *walk, guint index)
{
  if (is_null (walk, index))
    return NULL;
  walk_asked ();
  return on_ready;
}

static void
on_destroy (gpointer data)
{
}

GDestroyNotify
walk_destroy_func (Walk *walk, guint index)
{
  return is_null (walk, index) ? NULL : on_destroy;
}

gpointer
walk_out (Walk *walk, guint index, gpointer where)
{
  return is_null (walk, index) ? NULL : where;
}

gpointer
walk_data (Walk *walk)
{
  return walk->arguments == WALK_NULLS ? NULL : walk;
}

/* How many elements an array has is no number to make up. */
static gboolean
is_length (const char *name)
{
  return g_str_has_prefix (name, "n_");
}

gboolean
walk_number_gboolean (Walk *walk, const char *name)
{
  return walk->arguments != WALK_LEAST;
}

int
walk_number_gint (Walk *walk, const char *name)
{
  return walk->arguments == WALK_LEAST ? G_MININT : walk->arguments == WALK_MOST ? G_MAXINT : 1;
}

guint
walk_number_guint (Walk *walk, const char *name)
{
  return walk->arguments == WALK_LEAST ? 0 : walk->arguments == WALK_MOST ? G_MAXUINT : 1;
}

gint64
walk_number_gint64 (Walk *walk, const char *name)
{
  return walk->arguments == WALK_LEAST ? G_MININT64 : walk->arguments == WALK_MOST ? G_MAXINT64 : 1;
}

gulong
walk_number_gulong (Walk *walk, const char *name)
{
  return walk->arguments == WALK_LEAST ? 0 : walk->arguments == WALK_MOST ? G_MAXULONG : 1;
}

gsize
walk_number_gsize (Walk *walk, const char *name)
{
  if (is_length (name))
    return walk->arguments == WALK_NULLS || walk->arguments == WALK_NULL ? 0 : 2;
  return walk->arguments == WALK_LEAST ? 0 : walk->arguments == WALK_MOST ? G_MAXSIZE : 1;
}

double
walk_number_gdouble (Walk *walk, const char *name)
{
  switch (walk->arguments)
    {
    case WALK_LEAST:
      return -INFINITY;
    case WALK_MOST:
      return INFINITY;
    case WALK_ABSURD:
      return (double) NAN;
    case WALK_USUAL:
    case WALK_NULLS:
    case WALK_NULL:
    case WALK_EMPTY:
    default:
      return 0.5;
    }
}

void
walk_drop (gpointer object)
{
  if (object != NULL)
    walk_drop_later (object);
}
