/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sioclient/sio-inbox.h>
#include <sioclient/sio.h>

/* What the arguments of a call are. */
typedef enum
{
  WALK_USUAL,
  WALK_NULLS, /* NULL for all that may be */
  WALK_NULL,  /* NULL for one, whether or not it may be */
  WALK_EMPTY,
  WALK_ABSURD,
  WALK_LEAST,
  WALK_MOST,
} WalkArguments;

/* What the object is on which a method is called. */
typedef enum
{
  WALK_MADE,     /* as programs make it */
  WALK_BARE,     /* by g_object_new() alone */
  WALK_DISPOSED, /* by somebody who holds it still */
  WALK_BARE_DISPOSED,
} WalkState;

typedef struct
{
  WalkArguments arguments;
  WalkState state;
  guint null_index;
  guint nullables;
  const char *function;
  GPtrArray *kept; /* until all is over */
  GObject *receiver;
} Walk;

typedef struct
{
  const char *name;
  void (*call) (Walk *walk);
  const char *receiver; /* the class, or NULL if it is a method of none */
  guint pointers;       /* bit n: argument n is a pointer */
  guint nullables;      /* likewise, and may be NULL */
} WalkCall;

extern const WalkCall walk_calls[];
extern GType (*const walk_classes[]) (void);

const char *walk_string (Walk *walk, guint index, const char *name);
SioEngine *walk_engine (Walk *walk, guint index);
SioManager *walk_manager (Walk *walk, guint index);
SioOptions *walk_options (Walk *walk, guint index);
SioSocket *walk_socket (Walk *walk, guint index);
SioAuthRequest *walk_request (Walk *walk, guint index);
SioEvent *walk_event (Walk *walk, guint index);
SioNotice *walk_notice (Walk *walk, guint index);
SioValue *walk_value (Walk *walk, guint index);
SioValue **walk_values (Walk *walk, guint index);
GBytes *walk_bytes (Walk *walk, guint index);
GBytes **walk_several_bytes (Walk *walk, guint index);
GError *walk_error (Walk *walk, guint index);
GVariant *walk_variant (Walk *walk, guint index);
JsonNode *walk_node (Walk *walk, guint index);
GCancellable *walk_cancellable (Walk *walk, guint index);
GObject *walk_target (Walk *walk, guint index);
SioAuthFunc walk_auth_func (Walk *walk, guint index);
SioAckFunc walk_ack_func (Walk *walk, guint index);
SioEventFunc walk_event_func (Walk *walk, guint index);
GAsyncReadyCallback walk_ready_func (Walk *walk, guint index);
GDestroyNotify walk_destroy_func (Walk *walk, guint index);
gpointer walk_out (Walk *walk, guint index, gpointer where);
gpointer walk_data (Walk *walk);
gboolean walk_number_gboolean (Walk *walk, const char *name);
int walk_number_gint (Walk *walk, const char *name);
guint walk_number_guint (Walk *walk, const char *name);
gint64 walk_number_gint64 (Walk *walk, const char *name);
gulong walk_number_gulong (Walk *walk, const char *name);
gsize walk_number_gsize (Walk *walk, const char *name);
double walk_number_gdouble (Walk *walk, const char *name);
void walk_drop (gpointer object);
