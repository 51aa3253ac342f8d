/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "socket/sio-any-list-private.h"

typedef enum
{
  DO_NOTHING,
  DO_REMOVE,
  DO_CLEAR,
  DO_ADD_LAST,
  DO_ADD_FIRST,
  DO_CALL,
  DO_LOSE_LIST,
} Deed;

/* A list, its listeners, and what they have heard: a letter for each call, a + around what
 * happens inside one, a capital letter for data that was destroyed. */
typedef struct
{
  SioAnyList *list;
  GString *story;
  SioSocket *socket; /* neither is looked into */
  SioEvent *event;
  gulong next_id;
} Stage;

typedef struct
{
  Stage *stage;
  char name;
  gboolean is_running;
  Deed deed; /* what to do when called, once */
  gulong target;
  Deed last_deed; /* what to do when destroyed */
} Actor;

static void
stage_init (Stage *stage)
{
  stage->list = g_new0 (SioAnyList, 1);
  stage->story = g_string_new (NULL);
  stage->socket = (gpointer) stage->story;
  stage->event = (gpointer) stage->list;
  stage->next_id = 1;
}

static void
stage_lose_list (Stage *stage)
{
  if (stage->list != NULL)
    sio_any_list_clear (stage->list);
  g_clear_pointer (&stage->list, g_free);
}

static void
stage_clear (Stage *stage)
{
  stage_lose_list (stage);
  g_string_free (stage->story, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

static Actor *stage_add (Stage *stage, char name, gboolean first, Deed deed, gulong target);

static void
stage_do (Stage *stage, Deed deed, gulong target)
{
  switch (deed)
    {
    case DO_NOTHING:
      break;
    case DO_REMOVE:
      g_assert_true (sio_any_list_remove (stage->list, target));
      g_assert_false (sio_any_list_remove (stage->list, target));
      break;
    case DO_CLEAR:
      sio_any_list_clear (stage->list);
      g_assert_true (sio_any_list_is_empty (stage->list));
      break;
    case DO_ADD_LAST:
    case DO_ADD_FIRST:
      stage_add (stage, 'n', deed == DO_ADD_FIRST, DO_NOTHING, 0);
      break;
    case DO_CALL:
      sio_any_list_call (stage->list, stage->socket, stage->event);
      break;
    case DO_LOSE_LIST:
      stage_lose_list (stage);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
on_event (SioSocket *socket, SioEvent *event, gpointer data)
{
  Actor *actor = data;
  Stage *stage = actor->stage;
  Deed deed = actor->deed;
  gboolean was_running = actor->is_running;

  g_assert_true (socket == stage->socket);
  g_assert_true (event == stage->event);
  g_string_append_c (stage->story, actor->name);

  actor->deed = DO_NOTHING;
  actor->is_running = TRUE;
  if (deed != DO_NOTHING)
    {
      g_string_append_c (stage->story, '+');
      stage_do (stage, deed, actor->target);
      g_string_append_c (stage->story, '+');
    }
  actor->is_running = was_running;
}

static void
actor_free (gpointer data)
{
  Actor *actor = data;

  /* Its data must outlive the call that it hears. */
  g_assert_false (actor->is_running);
  g_string_append_c (actor->stage->story, g_ascii_toupper (actor->name));
  stage_do (actor->stage, actor->last_deed, 0);
  g_free (actor);
}

static Actor *
stage_add (Stage *stage, char name, gboolean first, Deed deed, gulong target)
{
  Actor *actor = g_new0 (Actor, 1);

  actor->stage = stage;
  actor->name = name;
  actor->deed = deed;
  actor->target = target;
  sio_any_list_add (stage->list, first, stage->next_id++, on_event, actor, actor_free);
  return actor;
}

static void
assert_story (Stage *stage, const char *expected)
{
  g_assert_cmpstr (stage->story->str, ==, expected);
  g_string_truncate (stage->story, 0);
}

static void
assert_call (Stage *stage, const char *expected)
{
  sio_any_list_call (stage->list, stage->socket, stage->event);
  assert_story (stage, expected);
}

static void
assert_ids (Stage *stage, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree gulong *ids = NULL;
  guint n_ids = 99;
  guint i;

  ids = sio_any_list_get_ids (stage->list, &n_ids);
  for (i = 0; i < n_ids; i++)
    g_string_append_printf (text, "%lu", ids[i]);
  g_assert_cmpuint (ids[n_ids], ==, 0);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_empty (void)
{
  g_auto (Stage) stage;

  stage_init (&stage);
  g_assert_true (sio_any_list_is_empty (stage.list));
  g_assert_false (sio_any_list_remove (stage.list, 1));
  g_assert_false (sio_any_list_remove (stage.list, 0));
  assert_ids (&stage, "");
  assert_call (&stage, "");
  sio_any_list_clear (stage.list);
}

static void
test_S65_order (void)
{
  g_auto (Stage) stage;

  stage_init (&stage);
  stage_add (&stage, 'a', FALSE, DO_NOTHING, 0);
  stage_add (&stage, 'b', FALSE, DO_NOTHING, 0);
  g_assert_false (sio_any_list_is_empty (stage.list));
  assert_call (&stage, "ab");
  stage_add (&stage, 'c', TRUE, DO_NOTHING, 0);
  stage_add (&stage, 'd', TRUE, DO_NOTHING, 0);
  stage_add (&stage, 'e', FALSE, DO_NOTHING, 0);
  assert_call (&stage, "dcabe");
  assert_call (&stage, "dcabe");
  assert_ids (&stage, "43125");
}

static void
test_remove (void)
{
  g_auto (Stage) stage;
  char name;

  stage_init (&stage);
  for (name = 'a'; name <= 'e'; name++)
    stage_add (&stage, name, FALSE, DO_NOTHING, 0);

  g_assert_true (sio_any_list_remove (stage.list, 3));
  assert_story (&stage, "C");
  g_assert_false (sio_any_list_remove (stage.list, 3));
  g_assert_false (sio_any_list_remove (stage.list, 99));
  assert_call (&stage, "abde");
  g_assert_true (sio_any_list_remove (stage.list, 1));
  g_assert_true (sio_any_list_remove (stage.list, 5));
  assert_story (&stage, "AE");
  assert_call (&stage, "bd");
  assert_ids (&stage, "24");

  g_assert_true (sio_any_list_remove (stage.list, 0));
  assert_story (&stage, "BD");
  g_assert_true (sio_any_list_is_empty (stage.list));
  g_assert_false (sio_any_list_remove (stage.list, 0));
  g_assert_false (sio_any_list_remove (stage.list, 2));
  assert_call (&stage, "");
}

static void
test_remove_last (void)
{
  g_auto (Stage) stage;

  stage_init (&stage);
  stage_add (&stage, 'a', FALSE, DO_NOTHING, 0);
  g_assert_true (sio_any_list_remove (stage.list, 1));
  assert_story (&stage, "A");
  g_assert_true (sio_any_list_is_empty (stage.list));
  assert_ids (&stage, "");
  assert_call (&stage, "");

  stage_add (&stage, 'b', TRUE, DO_NOTHING, 0);
  assert_call (&stage, "b");
}

static void
test_clear (void)
{
  g_auto (Stage) stage;

  stage_init (&stage);
  stage_add (&stage, 'a', FALSE, DO_NOTHING, 0);
  stage_add (&stage, 'b', FALSE, DO_NOTHING, 0);
  sio_any_list_clear (stage.list);
  assert_story (&stage, "AB");
  sio_any_list_clear (stage.list);
  g_assert_true (sio_any_list_is_empty (stage.list));
  stage_add (&stage, 'c', FALSE, DO_NOTHING, 0);
  assert_call (&stage, "c");
}

/* Of those that are removed none is called any more; data goes when the call is over. */
static void
test_remove_while_called (void)
{
  static const struct
  {
    gulong target;
    const char *now;
    const char *then;
  } cases[] = {
    { 1, "ab++cA", "bc" }, /* has been called */
    { 2, "ab++cB", "ac" }, /* is being called */
    { 3, "ab++C", "ab" },  /* is still to be called */
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Stage) stage;

      stage_init (&stage);
      stage_add (&stage, 'a', FALSE, DO_NOTHING, 0);
      stage_add (&stage, 'b', FALSE, DO_REMOVE, cases[i].target);
      stage_add (&stage, 'c', FALSE, DO_NOTHING, 0);
      assert_call (&stage, cases[i].now);
      assert_call (&stage, cases[i].then);
    }
}

static void
test_clear_while_called (void)
{
  g_auto (Stage) stage;

  stage_init (&stage);
  stage_add (&stage, 'a', FALSE, DO_NOTHING, 0);
  stage_add (&stage, 'b', FALSE, DO_CLEAR, 0);
  stage_add (&stage, 'c', FALSE, DO_NOTHING, 0);
  assert_call (&stage, "ab++ABC");
  assert_call (&stage, "");
}

static void
test_only_one_removes_itself (void)
{
  g_auto (Stage) stage;

  stage_init (&stage);
  stage_add (&stage, 'a', FALSE, DO_REMOVE, 1);
  assert_call (&stage, "a++A");
  g_assert_true (sio_any_list_is_empty (stage.list));
  assert_call (&stage, "");
}

/* One that is added hears the next event first. */
static void
test_add_while_called (void)
{
  g_auto (Stage) last;
  g_auto (Stage) first;

  stage_init (&last);
  stage_add (&last, 'a', FALSE, DO_ADD_LAST, 0);
  stage_add (&last, 'b', FALSE, DO_NOTHING, 0);
  assert_call (&last, "a++b");
  assert_call (&last, "abn");

  stage_init (&first);
  stage_add (&first, 'a', FALSE, DO_NOTHING, 0);
  stage_add (&first, 'b', FALSE, DO_ADD_FIRST, 0);
  assert_call (&first, "ab++");
  assert_call (&first, "nab");
}

/* What is removed inside of a call inside of a call is not called in either. */
static void
test_nested_calls (void)
{
  g_auto (Stage) stage;

  stage_init (&stage);
  stage_add (&stage, 'a', FALSE, DO_CALL, 0);
  stage_add (&stage, 'b', FALSE, DO_REMOVE, 3);
  stage_add (&stage, 'c', FALSE, DO_NOTHING, 0);
  stage_add (&stage, 'd', FALSE, DO_NOTHING, 0);
  assert_call (&stage, "a+ab++d+bdC");
  assert_call (&stage, "abd");
}

/* The data of one that is running twice waits for the outer call. */
static void
test_removed_by_inner_call (void)
{
  g_auto (Stage) stage;

  stage_init (&stage);
  stage_add (&stage, 'a', FALSE, DO_CALL, 0);
  stage_add (&stage, 'b', FALSE, DO_REMOVE, 1);
  assert_call (&stage, "a+ab+++bA");
  assert_call (&stage, "b");
}

/* Its owner may go while it calls. */
static void
test_list_lost_while_called (void)
{
  g_auto (Stage) stage;

  stage_init (&stage);
  stage_add (&stage, 'a', FALSE, DO_LOSE_LIST, 0);
  stage_add (&stage, 'b', FALSE, DO_NOTHING, 0);
  assert_call (&stage, "a++AB");
  g_assert_null (stage.list);
}

/* Who destroys its data may use the list, which is in order by then. */
static void
test_use_while_destroyed (void)
{
  static const Deed deeds[] = { DO_ADD_LAST, DO_ADD_FIRST, DO_CLEAR, DO_CALL };
  static const char *const after_remove[] = { "A", "A", "AB", "Ab" };
  static const char *const after_clear[] = { "AB", "AB", "AB", "AB" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      g_auto (Stage) removed;
      g_auto (Stage) cleared;
      gboolean is_added = deeds[i] == DO_ADD_LAST || deeds[i] == DO_ADD_FIRST;

      stage_init (&removed);
      stage_add (&removed, 'a', FALSE, DO_NOTHING, 0)->last_deed = deeds[i];
      stage_add (&removed, 'b', FALSE, DO_NOTHING, 0);
      g_assert_true (sio_any_list_remove (removed.list, 1));
      assert_story (&removed, after_remove[i]);

      stage_init (&cleared);
      stage_add (&cleared, 'a', FALSE, DO_NOTHING, 0)->last_deed = deeds[i];
      stage_add (&cleared, 'b', FALSE, DO_NOTHING, 0);
      sio_any_list_clear (cleared.list);
      assert_story (&cleared, after_clear[i]);
      assert_call (&cleared, is_added ? "n" : "");
    }
}

static void
on_plain_event (SioSocket *socket, SioEvent *event, gpointer data)
{
  ++*(guint *) data;
}

static void
test_without_destroy (void)
{
  SioAnyList list = { NULL };
  guint n_calls = 0;

  sio_any_list_add (&list, FALSE, 1, on_plain_event, &n_calls, NULL);
  sio_any_list_call (&list, NULL, NULL);
  sio_any_list_add (&list, TRUE, G_MAXULONG, on_plain_event, &n_calls, NULL);
  sio_any_list_call (&list, NULL, NULL);
  g_assert_cmpuint (n_calls, ==, 3);
  g_assert_true (sio_any_list_remove (&list, G_MAXULONG));
  sio_any_list_call (&list, NULL, NULL);
  g_assert_cmpuint (n_calls, ==, 4);
  sio_any_list_clear (&list);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/any-list/empty", test_empty);
  g_test_add_func ("/any-list/S65/order", test_S65_order);
  g_test_add_func ("/any-list/remove", test_remove);
  g_test_add_func ("/any-list/remove-last", test_remove_last);
  g_test_add_func ("/any-list/clear", test_clear);
  g_test_add_func ("/any-list/remove-while-called", test_remove_while_called);
  g_test_add_func ("/any-list/clear-while-called", test_clear_while_called);
  g_test_add_func ("/any-list/only-one-removes-itself", test_only_one_removes_itself);
  g_test_add_func ("/any-list/add-while-called", test_add_while_called);
  g_test_add_func ("/any-list/nested-calls", test_nested_calls);
  g_test_add_func ("/any-list/removed-by-inner-call", test_removed_by_inner_call);
  g_test_add_func ("/any-list/list-lost-while-called", test_list_lost_while_called);
  g_test_add_func ("/any-list/use-while-destroyed", test_use_while_destroyed);
  g_test_add_func ("/any-list/without-destroy", test_without_destroy);

  return g_test_run ();
}
