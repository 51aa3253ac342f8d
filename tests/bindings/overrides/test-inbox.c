/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inbox: the same as the signals, in their order, and nothing from a socket that goes away. */

#include <sioclient/sio-inbox.h>

#define DEADLINE 20000

static const char *url;

#define TEST_TYPE_TARGET (test_target_get_type ())
G_DECLARE_FINAL_TYPE (TestTarget, test_target, TEST, TARGET, GObject)

struct _TestTarget
{
  GObject parent_instance;

  SioSocket *socket; /* borrowed */
  GString *notices;
  GString *signals;
  GString *texts;
  GMainLoop *loop;
  guint ticket;
  guint n_sets;
  gboolean close_in_handler;
  gboolean lazy;  /* lets what comes lie there */
  guint n_lost;   /* as the manager has told */
  guint n_errors; /* in so many words */
};

G_DEFINE_FINAL_TYPE (TestTarget, test_target, G_TYPE_OBJECT)

static void
handle (TestTarget *self, SioNotice *notice)
{
  switch (sio_notice_get_kind (notice))
    {
    case SIO_NOTICE_EVENT:
      g_string_append_printf (self->notices, "event %s; ",
                              sio_event_get_name (sio_notice_get_event (notice)));
      break;
    case SIO_NOTICE_OUTGOING:
      g_string_append_printf (self->notices, "outgoing %s; ",
                              sio_event_get_name (sio_notice_get_event (notice)));
      break;
    case SIO_NOTICE_CONNECT:
      g_string_append (self->notices, "connect; ");
      break;
    case SIO_NOTICE_CONNECT_ERROR:
      g_string_append_printf (self->notices, "error %s; ", sio_notice_get_message (notice));
      g_assert_nonnull (sio_notice_get_error (notice));
      g_main_loop_quit (self->loop);
      break;
    case SIO_NOTICE_DISCONNECT:
      g_string_append_printf (self->notices, "disconnect %d; ", sio_notice_get_reason (notice));
      g_main_loop_quit (self->loop);
      break;
    case SIO_NOTICE_ACK:
      if (sio_notice_get_ticket (notice) == self->ticket && !self->close_in_handler)
        {
          SioValue *args = sio_notice_get_value (notice);

          g_assert_cmpstr (sio_value_get_string (sio_value_get_element (args, 0)), ==, "x");
          sio_socket_emit_with_ticket (self->socket, "no-ack", NULL);
          sio_socket_close (self->socket);
        }
      else
        g_assert_error (sio_notice_get_error (notice), SIO_ERROR, SIO_ERROR_DISCONNECTED);
      break;
    case SIO_NOTICE_AUTH:
      sio_auth_request_accept (
          sio_notice_get_auth_request (notice),
          sio_value_new_from_variant (g_variant_new_parsed ("{'token': 'secret'}")));
      break;
    case SIO_NOTICE_OPEN:
    case SIO_NOTICE_SIGNAL:
      g_assert_not_reached ();
    }
}

static void
test_target_set_property (GObject *object, guint property, const GValue *value, GParamSpec *pspec)
{
  TestTarget *self = TEST_TARGET (object);
  SioNotice *notice;

  self->n_sets++;
  if (self->lazy)
    return;
  if (property == 2)
    {
      g_string_append_printf (self->texts, "%s; ", g_value_get_string (value));
      return;
    }
  g_assert_cmpuint (g_value_get_uint (value), >, 0);
  while ((notice = sio_socket_take_notice (self->socket)) != NULL)
    {
      handle (self, notice);
      sio_notice_unref (notice);
    }
}

static void
test_target_finalize (GObject *object)
{
  TestTarget *self = TEST_TARGET (object);

  g_string_free (self->notices, TRUE);
  g_string_free (self->signals, TRUE);
  g_string_free (self->texts, TRUE);
  g_main_loop_unref (self->loop);
  G_OBJECT_CLASS (test_target_parent_class)->finalize (object);
}

static void
test_target_class_init (TestTargetClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = test_target_set_property;
  object_class->finalize = test_target_finalize;
  g_object_class_install_property (object_class, 1,
                                   g_param_spec_uint ("waiting", NULL, NULL, 0, G_MAXUINT, 0,
                                                      G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (
      object_class, 2,
      g_param_spec_string ("text", NULL, NULL, NULL, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
}

static void
test_target_init (TestTarget *self)
{
  self->notices = g_string_new (NULL);
  self->signals = g_string_new (NULL);
  self->texts = g_string_new (NULL);
  self->loop = g_main_loop_new (NULL, FALSE);
}

static void
on_event (SioSocket *socket, SioEvent *event, TestTarget *self)
{
  g_string_append_printf (self->signals, "event %s; ", sio_event_get_name (event));
  if (self->close_in_handler)
    sio_socket_close (socket);
}

static void
on_outgoing (SioSocket *socket, SioEvent *event, TestTarget *self)
{
  g_string_append_printf (self->signals, "outgoing %s; ", sio_event_get_name (event));
}

static void
on_connect (SioSocket *socket, TestTarget *self)
{
  g_string_append (self->signals, "connect; ");
  self->ticket = sio_socket_emit_with_ticket (socket, "echo", sio_args ("(s)", "x"));
}

static void
on_connect_error (SioSocket *socket, const GError *error, SioValue *data, TestTarget *self)
{
  g_string_append_printf (self->signals, "error %s; ", error->message);
}

static void
on_disconnect (SioSocket *socket,
               SioDisconnectReason reason,
               const GError *details,
               TestTarget *self)
{
  g_string_append_printf (self->signals, "disconnect %d; ", reason);
}

static gboolean
on_deadline (gpointer data)
{
  g_error ("waited in vain");
  return G_SOURCE_REMOVE;
}

static SioSocket *
start (const char *nsp, gboolean ask, TestTarget **target)
{
  g_autoptr (SioOptions) options = g_object_new (SIO_TYPE_OPTIONS, "force-new", TRUE, NULL);
  g_autofree char *full = g_strconcat (url, nsp, NULL);
  SioSocket *socket;

  if (ask)
    sio_options_ask_inbox (options);
  socket = sio_io (full, options);
  *target = g_object_new (TEST_TYPE_TARGET, NULL);
  (*target)->socket = socket;
  sio_socket_set_inbox (socket, G_OBJECT (*target), "waiting");
  g_signal_connect (socket, "event", G_CALLBACK (on_event), *target);
  g_signal_connect (socket, "outgoing-event", G_CALLBACK (on_outgoing), *target);
  g_signal_connect (socket, "connect", G_CALLBACK (on_connect), *target);
  g_signal_connect (socket, "connect-error", G_CALLBACK (on_connect_error), *target);
  g_signal_connect (socket, "disconnect", G_CALLBACK (on_disconnect), *target);
  return socket;
}

static void
run (TestTarget *target)
{
  guint deadline = g_timeout_add (DEADLINE, on_deadline, NULL);

  g_main_loop_run (target->loop);
  g_source_remove (deadline);
  g_assert_cmpstr (target->notices->str, ==, target->signals->str);
}

static void
test_order (void)
{
  g_autoptr (TestTarget) target = NULL;
  g_autoptr (SioSocket) socket = start ("", FALSE, &target);

  run (target);
  g_assert_cmpstr (target->notices->str, ==,
                   "connect; outgoing echo; event echo; outgoing no-ack; disconnect 1; ");
}

static void
test_closed_in_handler (void)
{
  g_autoptr (TestTarget) target = NULL;
  g_autoptr (SioSocket) socket = start ("", FALSE, &target);

  target->close_in_handler = TRUE;
  run (target);
  g_assert_true (g_str_has_suffix (target->notices->str, "event echo; disconnect 1; "));
}

static void
test_auth (void)
{
  g_autoptr (TestTarget) target = NULL;
  g_autoptr (SioSocket) socket = start ("/auth", TRUE, &target);

  run (target);
  g_assert_true (g_str_has_prefix (target->notices->str, "connect; "));
}

static void
test_refused (void)
{
  g_autoptr (TestTarget) target = NULL;
  g_autoptr (SioSocket) socket = start ("/refuse", FALSE, &target);

  run (target);
  g_assert_cmpstr (target->notices->str, ==, "error refused; ");
}

static void
test_filter (void)
{
  g_autoptr (TestTarget) target = NULL;
  g_autoptr (SioSocket) socket = start ("", FALSE, &target);

  sio_socket_filter_inbox (socket, ~((1u << SIO_NOTICE_EVENT) | (1u << SIO_NOTICE_OUTGOING)));
  g_signal_handlers_disconnect_by_func (socket, on_event, target);
  g_signal_handlers_disconnect_by_func (socket, on_outgoing, target);
  run (target);
  g_assert_cmpstr (target->notices->str, ==, "connect; disconnect 1; ");
}

static void
test_target_gone (void)
{
  TestTarget *target;
  g_autoptr (SioSocket) socket = start ("", FALSE, &target);

  g_signal_handlers_disconnect_by_data (socket, target);
  g_object_unref (target);
  while (!sio_socket_get_connected (socket))
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (sio_socket_take_notice (socket));
}

/* From there nobody may be called: a language may be in the middle of collecting garbage. */
/* What is plain comes as a text, all else by a notice. */
static void
test_text (void)
{
  g_autoptr (TestTarget) target = NULL;
  g_autoptr (SioSocket) socket = start ("", FALSE, &target);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  guint deadline = g_timeout_add (DEADLINE, on_deadline, NULL);

  sio_socket_set_inbox_text (socket, "text");
  g_signal_handlers_disconnect_by_data (socket, target);
  while (!sio_socket_get_connected (socket))
    g_main_context_iteration (NULL, TRUE);
  sio_socket_filter_inbox (socket, ~(1u << SIO_NOTICE_OUTGOING));
  g_string_truncate (target->notices, 0);

  sio_socket_emit (socket, "echo", NULL);
  sio_socket_emit (socket, "echo", "(ss)", "a\"b", "ü");
  sio_socket_emit_args (socket, "echo", sio_value_new_bytes (bytes));
  sio_socket_emit (socket, "ask-me", "(s)", "why?");
  while (strstr (target->notices->str, "question") == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
  g_assert_cmpstr (target->texts->str, ==, "[\"echo\",\"a\\\"b\",\"ü\"]; ");
  g_assert_cmpstr (target->notices->str, ==, "event echo; event echo; event question; ");
}

static void
on_lost (SioManager *manager, const GError *error, TestTarget *self)
{
  const char *more = strstr (error->message, " and ");

  g_assert_error (error, SIO_ERROR, SIO_ERROR_LIMIT_EXCEEDED);
  g_assert_nonnull (strstr (error->message, "“burst”"));
  g_assert_nonnull (strstr (error->message, "65536"));
  self->n_errors++;
  self->n_lost += 1 + (more != NULL ? (guint) g_ascii_strtoull (more + 5, NULL, 10) : 0);
}

static gboolean
on_turn (gpointer data)
{
  gboolean *passed = data;

  *passed = TRUE;
  return G_SOURCE_REMOVE;
}

static void
spend_turn (void)
{
  gboolean passed = FALSE;

  g_idle_add_full (G_PRIORITY_LOW + 1, on_turn, &passed, NULL);
  while (!passed)
    g_main_context_iteration (NULL, TRUE);
}

static void
on_burst_event (SioSocket *socket, SioEvent *event, guint *n_events)
{
  (*n_events)++;
}

static void
on_burst_end (SioSocket *socket, SioValue *args, const GError *error, gpointer user_data)
{
  gboolean *ended = user_data;

  g_assert_no_error (error);
  *ended = TRUE;
}

/* X12: an inbox that nobody empties loses events, but not without a word. */
static void
test_full (void)
{
  g_autoptr (TestTarget) target = NULL;
  g_autoptr (SioSocket) socket = start ("", FALSE, &target);
  guint deadline = g_timeout_add (4 * DEADLINE, on_deadline, NULL);
  guint n_events = 0, n_taken = 0;
  gboolean ended = FALSE;
  SioNotice *notice;

  g_signal_handlers_disconnect_by_data (socket, target);
  g_signal_connect (sio_socket_get_io (socket), "error", G_CALLBACK (on_lost), target);
  while (!sio_socket_get_connected (socket))
    g_main_context_iteration (NULL, TRUE);
  g_signal_connect (socket, "event", G_CALLBACK (on_burst_event), &n_events);
  sio_socket_filter_inbox (socket, ~(1u << SIO_NOTICE_OUTGOING));
  target->lazy = TRUE;
  sio_socket_emit_with_callback (socket, "burst", sio_args ("(i)", 66000), on_burst_end, &ended,
                                 NULL);
  while (!ended)
    g_main_context_iteration (NULL, TRUE);
  spend_turn ();
  g_assert_cmpuint (n_events, ==, 66000);
  /* Once, whatever else comes. */
  g_assert_cmpuint (target->n_errors, ==, 1);
  while ((notice = sio_socket_take_notice (socket)) != NULL)
    {
      n_taken += sio_notice_get_kind (notice) == SIO_NOTICE_EVENT;
      sio_notice_unref (notice);
    }
  spend_turn ();
  /* And how many they were, when it is over. */
  g_assert_cmpuint (target->n_errors, <=, 2);
  g_assert_cmpuint (n_taken + target->n_lost, ==, n_events);

  /* Then it takes what comes. */
  ended = FALSE;
  target->lazy = FALSE;
  g_string_truncate (target->notices, 0);
  sio_socket_emit_with_callback (socket, "burst", sio_args ("(i)", 1), on_burst_end, &ended, NULL);
  while (!ended)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (target->notices->str, ==, "event burst; ");
  g_signal_handlers_disconnect_by_data (sio_socket_get_io (socket), target);
  g_source_remove (deadline);
}

/* Whoever holds the manager instead of the socket may let go of both in either order. */
static void
test_loose (void)
{
  for (guint order = 0; order < 3; order++)
    {
      g_autoptr (SioOptions) options = g_object_new (SIO_TYPE_OPTIONS, "auto-connect", FALSE, NULL);
      SioManager *manager = sio_manager_new (url, options);
      SioSocket *socket = sio_manager_get_socket (manager, "/", NULL);
      SioSocket *other = sio_manager_get_socket (manager, "/admin", NULL);
      GWeakRef ref;

      g_weak_ref_init (&ref, manager);
      sio_socket_loosen (socket);
      sio_socket_loosen (socket);
      sio_socket_loosen (other);
      sio_socket_open (socket);
      if (order == 0)
        g_object_unref (manager);
      g_object_unref (socket);
      if (order == 1)
        g_object_unref (manager);
      if (order != 2)
        {
          sio_socket_open (other);
          sio_socket_emit (other, "x", NULL);
          sio_socket_close (other);
        }
      g_object_unref (other);
      if (order == 2)
        g_object_unref (manager);
      g_assert_null (g_weak_ref_get (&ref));
      g_weak_ref_clear (&ref);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
}

static void
test_socket_gone (void)
{
  g_autoptr (TestTarget) target = NULL;
  SioSocket *socket = start ("", FALSE, &target);
  guint n_sets;

  g_signal_handlers_disconnect_by_data (socket, target);
  while (!sio_socket_get_connected (socket))
    g_main_context_iteration (NULL, TRUE);
  sio_socket_filter_inbox (socket, ~(1u << SIO_NOTICE_OUTGOING));
  sio_socket_emit_with_ticket (socket, "no-ack", NULL);
  n_sets = target->n_sets;
  g_object_unref (socket);
  g_assert_cmpuint (target->n_sets, ==, n_sets);
}

static void
test_replaced (void)
{
  g_autoptr (TestTarget) first = NULL;
  g_autoptr (TestTarget) second = g_object_new (TEST_TYPE_TARGET, NULL);
  g_autoptr (SioSocket) socket = start ("", FALSE, &first);

  second->socket = socket;
  sio_socket_set_inbox (socket, G_OBJECT (second), "waiting");
  while (second->n_sets == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (first->n_sets, ==, 0);
  sio_socket_set_inbox (socket, NULL, NULL);
  g_assert_null (sio_socket_take_notice (socket));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  url = argv[argc - 1];

  g_test_add_func ("/inbox/order", test_order);
  g_test_add_func ("/inbox/closed-in-handler", test_closed_in_handler);
  g_test_add_func ("/inbox/auth", test_auth);
  g_test_add_func ("/inbox/refused", test_refused);
  g_test_add_func ("/inbox/filter", test_filter);
  g_test_add_func ("/inbox/target-gone", test_target_gone);
  g_test_add_func ("/inbox/text", test_text);
  g_test_add_func ("/inbox/full", test_full);
  g_test_add_func ("/inbox/loose", test_loose);
  g_test_add_func ("/inbox/socket-gone", test_socket_gone);
  g_test_add_func ("/inbox/replaced", test_replaced);
  return g_test_run ();
}
