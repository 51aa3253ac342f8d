/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "socket/sio-ack-table-private.h"

/* What has become of one acknowledgement. */
typedef struct
{
  SioAckTable *table; /* where to add another one from inside the call */
  guint n_calls;
  guint n_destroyed;
  SioSocket *socket;
  SioValue *args;
  GError *error;
} Fate;

static void
on_settled (SioSocket *socket, SioValue *args, const GError *error, gpointer data)
{
  Fate *fate = data;

  g_assert_cmpuint (fate->n_destroyed, ==, 0);
  fate->n_calls++;
  fate->socket = socket;
  fate->args = args != NULL ? sio_value_ref (args) : NULL;
  fate->error = error != NULL ? g_error_copy (error) : NULL;
}

static void
on_destroyed (gpointer data)
{
  ((Fate *) data)->n_destroyed++;
}

static void
fate_clear (Fate *fate)
{
  g_clear_pointer (&fate->args, sio_value_unref);
  g_clear_error (&fate->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fate, fate_clear)

static SioAck *
new_ack (Fate *fate, guint64 id, gint64 deadline)
{
  SioAck *ack = sio_ack_new (on_settled, fate, on_destroyed);

  ack->id = id;
  ack->deadline = deadline;
  return ack;
}

static void
test_new (void)
{
  g_auto (Fate) fate = { 0 };
  SioAck *ack = sio_ack_new (on_settled, &fate, on_destroyed);

  g_assert_cmpint (ack->deadline, ==, SIO_CLOCK_NEVER);
  g_assert_false (ack->buffered);
  g_assert_null (ack->failure);
  ack->failure = g_error_new_literal (SIO_ERROR, SIO_ERROR_FAILED, "settled before");
  sio_ack_free (ack);
  g_assert_cmpuint (fate.n_calls, ==, 0);
  g_assert_cmpuint (fate.n_destroyed, ==, 1);
}

/* Nobody needs to hear of it. */
static void
test_nobody (void)
{
  g_auto (Fate) fate = { 0 };

  sio_ack_free (sio_ack_new (NULL, NULL, NULL));
  sio_ack_settle (sio_ack_new (NULL, NULL, NULL), NULL, NULL, NULL);
  sio_ack_settle (sio_ack_new (on_settled, &fate, NULL), NULL, NULL, NULL);
  g_assert_cmpuint (fate.n_calls, ==, 1);
  sio_ack_settle (sio_ack_new (NULL, &fate, on_destroyed), NULL, NULL, NULL);
  g_assert_cmpuint (fate.n_destroyed, ==, 1);
}

static void
test_settle (void)
{
  g_autoptr (SioValue) args = sio_args ("(i)", 1);
  g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_DISCONNECTED, "lost");
  g_auto (Fate) answered = { 0 }, failed = { 0 }, both = { 0 };
  SioSocket *socket = (gpointer) &answered; /* is only handed on */

  sio_ack_settle (new_ack (&answered, 1, 0), socket, args, NULL);
  g_assert_cmpuint (answered.n_calls, ==, 1);
  g_assert_cmpuint (answered.n_destroyed, ==, 1);
  g_assert_true (answered.socket == socket);
  g_assert_true (answered.args == args);
  g_assert_no_error (answered.error);

  sio_ack_settle (new_ack (&failed, 2, 0), socket, NULL, error);
  g_assert_cmpuint (failed.n_destroyed, ==, 1);
  g_assert_null (failed.args);
  g_assert_error (failed.error, SIO_ERROR, SIO_ERROR_DISCONNECTED);

  /* Never both. */
  sio_ack_settle (new_ack (&both, 3, 0), socket, args, error);
  g_assert_null (both.args);
  g_assert_error (both.error, SIO_ERROR, SIO_ERROR_DISCONNECTED);
}

static void
test_empty (void)
{
  SioAckTable table;
  g_autoptr (GPtrArray) none = NULL;

  sio_ack_table_init (&table);
  g_assert_cmpuint (sio_ack_table_get_size (&table), ==, 0);
  g_assert_cmpint (table.deadline, ==, SIO_CLOCK_NEVER);
  g_assert_null (sio_ack_table_peek (&table, 0));
  g_assert_null (sio_ack_table_steal (&table, 0));
  none = sio_ack_table_steal_some (&table, SIO_ACKS_ALL, 0);
  g_assert_cmpuint (none->len, ==, 0);
  sio_ack_table_clear (&table);
  sio_ack_table_clear (&table);
}

/* Each is stolen once. Numbers are as large as can be. */
static void
test_steal (void)
{
  static const guint64 ids[] = { 0, 1, G_MAXUINT32, (guint64) G_MAXUINT32 + 1, G_MAXUINT64 };
  g_auto (Fate) fate = { 0 };
  SioAckTable table;
  guint i;

  sio_ack_table_init (&table);
  for (i = 0; i < G_N_ELEMENTS (ids); i++)
    sio_ack_table_add (&table, new_ack (&fate, ids[i], SIO_CLOCK_NEVER));
  g_assert_cmpuint (sio_ack_table_get_size (&table), ==, G_N_ELEMENTS (ids));

  for (i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      SioAck *ack = sio_ack_table_peek (&table, ids[i]);

      g_assert_cmpuint (ack->id, ==, ids[i]);
      g_assert_true (sio_ack_table_peek (&table, ids[i]) == ack);
      g_assert_true (sio_ack_table_steal (&table, ids[i]) == ack);
      g_assert_null (sio_ack_table_peek (&table, ids[i]));
      g_assert_null (sio_ack_table_steal (&table, ids[i]));
      g_assert_cmpuint (fate.n_destroyed, ==, i);
      sio_ack_free (ack);
    }
  g_assert_cmpuint (sio_ack_table_get_size (&table), ==, 0);
  sio_ack_table_clear (&table);
  g_assert_cmpuint (fate.n_destroyed, ==, G_N_ELEMENTS (ids));
  g_assert_cmpuint (fate.n_calls, ==, 0);
}

static void
test_clear (void)
{
  g_auto (Fate) first = { 0 }, second = { 0 };
  SioAckTable table;

  sio_ack_table_init (&table);
  sio_ack_table_add (&table, new_ack (&first, 1, 5));
  sio_ack_table_add (&table, new_ack (&second, 2, 3));
  sio_ack_table_clear (&table);
  g_assert_cmpuint (first.n_destroyed, ==, 1);
  g_assert_cmpuint (second.n_destroyed, ==, 1);
  g_assert_cmpuint (first.n_calls + second.n_calls, ==, 0);
  g_assert_cmpuint (sio_ack_table_get_size (&table), ==, 0);
  g_assert_cmpint (table.deadline, ==, SIO_CLOCK_NEVER);

  sio_ack_table_add (&table, new_ack (&first, 1, 7));
  g_assert_cmpuint (sio_ack_table_get_size (&table), ==, 1);
  g_assert_cmpint (table.deadline, ==, 7);
  sio_ack_table_clear (&table);
  g_assert_cmpuint (first.n_destroyed, ==, 2);
}

static void
free_all (GPtrArray *acks)
{
  g_ptr_array_foreach (acks, (GFunc) (void (*) (void)) sio_ack_free, NULL);
  g_ptr_array_unref (acks);
}

static void
assert_ids (GPtrArray *acks, const guint64 *ids, guint n_ids)
{
  guint i;

  g_assert_cmpuint (acks->len, ==, n_ids);
  for (i = 0; i < n_ids; i++)
    g_assert_cmpuint (((SioAck *) g_ptr_array_index (acks, i))->id, ==, ids[i]);
}

/* The earliest deadline is known. It may be that of one that is gone, which costs but a look. */
static void
test_deadline (void)
{
  g_auto (Fate) fate = { 0 };
  SioAckTable table;

  sio_ack_table_init (&table);
  sio_ack_table_add (&table, new_ack (&fate, 1, SIO_CLOCK_NEVER));
  g_assert_cmpint (table.deadline, ==, SIO_CLOCK_NEVER);
  sio_ack_table_add (&table, new_ack (&fate, 2, 500));
  sio_ack_table_add (&table, new_ack (&fate, 3, 700));
  g_assert_cmpint (table.deadline, ==, 500);
  sio_ack_table_add (&table, new_ack (&fate, 4, 100));
  g_assert_cmpint (table.deadline, ==, 100);

  sio_ack_free (sio_ack_table_steal (&table, 4));
  g_assert_cmpint (table.deadline, <=, 500);
  free_all (sio_ack_table_steal_some (&table, SIO_ACKS_DUE, 100));
  g_assert_cmpuint (sio_ack_table_get_size (&table), ==, 3);
  g_assert_cmpint (table.deadline, ==, 500);
  free_all (sio_ack_table_steal_some (&table, SIO_ACKS_DUE, 600));
  g_assert_cmpint (table.deadline, ==, 700);
  free_all (sio_ack_table_steal_some (&table, SIO_ACKS_DUE, 700));
  g_assert_cmpint (table.deadline, ==, SIO_CLOCK_NEVER);
  g_assert_cmpuint (sio_ack_table_get_size (&table), ==, 1);
  sio_ack_table_clear (&table);
}

/* In the order in which they were sent, whatever their deadlines. */
static void
test_due (void)
{
  static const guint64 due[] = { 3, 7, 9 };
  g_auto (Fate) fate = { 0 };
  SioAckTable table;
  GPtrArray *acks;

  sio_ack_table_init (&table);
  sio_ack_table_add (&table, new_ack (&fate, 9, 10));
  sio_ack_table_add (&table, new_ack (&fate, 3, 30));
  sio_ack_table_add (&table, new_ack (&fate, 5, 31));
  sio_ack_table_add (&table, new_ack (&fate, 7, -1));
  sio_ack_table_add (&table, new_ack (&fate, 1, SIO_CLOCK_NEVER));

  acks = sio_ack_table_steal_some (&table, SIO_ACKS_DUE, 30);
  assert_ids (acks, due, G_N_ELEMENTS (due));
  g_assert_cmpuint (fate.n_calls + fate.n_destroyed, ==, 0);
  free_all (acks);
  g_assert_nonnull (sio_ack_table_peek (&table, 5));
  g_assert_nonnull (sio_ack_table_peek (&table, 1));
  g_assert_cmpint (table.deadline, ==, 31);
  sio_ack_table_clear (&table);
  g_assert_cmpuint (fate.n_destroyed, ==, 5);
}

/* What still waits to be sent outlives a lost connection. */
static void
test_S41_sent (void)
{
  static const guint64 sent[] = { 1, 4 };
  g_auto (Fate) fate = { 0 };
  SioAckTable table;
  GPtrArray *acks;
  guint64 id;

  sio_ack_table_init (&table);
  for (id = 0; id < 5; id++)
    {
      SioAck *ack = new_ack (&fate, id, (gint64) id + 20);

      ack->buffered = id != 1 && id != 4;
      sio_ack_table_add (&table, ack);
    }
  acks = sio_ack_table_steal_some (&table, SIO_ACKS_SENT, G_MAXINT64);
  assert_ids (acks, sent, G_N_ELEMENTS (sent));
  free_all (acks);
  g_assert_cmpuint (sio_ack_table_get_size (&table), ==, 3);
  g_assert_cmpint (table.deadline, ==, 20);
  sio_ack_table_clear (&table);
}

static void
test_all (void)
{
  static const guint64 all[] = { 0, 2, G_MAXUINT32, G_MAXINT64, G_MAXUINT64 - 1, G_MAXUINT64 };
  static const guint order[] = { 4, 1, 5, 3, 0, 2 };
  g_auto (Fate) fate = { 0 };
  SioAckTable table;
  GPtrArray *acks;
  guint i;

  sio_ack_table_init (&table);
  for (i = 0; i < G_N_ELEMENTS (order); i++)
    {
      SioAck *ack = new_ack (&fate, all[order[i]], i);

      ack->buffered = i % 2 == 0;
      sio_ack_table_add (&table, ack);
    }
  acks = sio_ack_table_steal_some (&table, SIO_ACKS_ALL, 0);
  assert_ids (acks, all, G_N_ELEMENTS (all));
  g_assert_cmpuint (sio_ack_table_get_size (&table), ==, 0);
  g_assert_cmpint (table.deadline, ==, SIO_CLOCK_NEVER);
  free_all (acks);
  sio_ack_table_clear (&table);
  g_assert_cmpuint (fate.n_destroyed, ==, G_N_ELEMENTS (all));
}

static void
on_settled_again (SioSocket *socket, SioValue *args, const GError *error, gpointer data)
{
  Fate *fate = data;

  fate->n_calls++;
  g_assert_cmpuint (fate->n_calls, <=, 3);
  sio_ack_table_add (fate->table, new_ack (fate, 100 + fate->n_calls, 50));
}

/* Who is told may send again at once; that is not told with the others. */
static void
test_add_while_told (void)
{
  static const guint64 added[] = { 101, 102, 103 };
  g_autoptr (GError) error = g_error_new_literal (SIO_ERROR, SIO_ERROR_DISCONNECTED, "lost");
  g_auto (Fate) fate = { 0 };
  SioAckTable table;
  GPtrArray *acks;
  guint i;

  sio_ack_table_init (&table);
  fate.table = &table;
  for (i = 0; i < 3; i++)
    {
      SioAck *ack = sio_ack_new (on_settled_again, &fate, on_destroyed);

      ack->id = i;
      sio_ack_table_add (&table, ack);
    }
  acks = sio_ack_table_steal_some (&table, SIO_ACKS_ALL, 0);
  for (i = 0; i < acks->len; i++)
    sio_ack_settle (g_ptr_array_index (acks, i), NULL, NULL, error);
  g_ptr_array_unref (acks);
  g_assert_cmpuint (fate.n_calls, ==, 3);
  g_assert_cmpuint (fate.n_destroyed, ==, 3);
  g_assert_cmpint (table.deadline, ==, 50);

  acks = sio_ack_table_steal_some (&table, SIO_ACKS_ALL, 0);
  assert_ids (acks, added, G_N_ELEMENTS (added));
  free_all (acks);
  sio_ack_table_clear (&table);
}

static void
on_destroyed_look (gpointer data)
{
  Fate *fate = data;

  fate->n_destroyed++;
  g_assert_cmpuint (sio_ack_table_get_size (fate->table), ==, 0);
  g_assert_null (sio_ack_table_steal (fate->table, 1));
  g_assert_null (sio_ack_table_peek (fate->table, 2));
}

/* Data that goes with a table finds it empty. */
static void
test_look_while_cleared (void)
{
  g_auto (Fate) fate = { 0 };
  SioAckTable table;
  guint i;

  sio_ack_table_init (&table);
  fate.table = &table;
  for (i = 0; i < 4; i++)
    {
      SioAck *ack = sio_ack_new (NULL, &fate, on_destroyed_look);

      ack->id = i;
      sio_ack_table_add (&table, ack);
    }
  sio_ack_table_clear (&table);
  g_assert_cmpuint (fate.n_destroyed, ==, 4);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/ack-table/new", test_new);
  g_test_add_func ("/ack-table/nobody", test_nobody);
  g_test_add_func ("/ack-table/settle", test_settle);
  g_test_add_func ("/ack-table/empty", test_empty);
  g_test_add_func ("/ack-table/steal", test_steal);
  g_test_add_func ("/ack-table/clear", test_clear);
  g_test_add_func ("/ack-table/deadline", test_deadline);
  g_test_add_func ("/ack-table/due", test_due);
  g_test_add_func ("/ack-table/S41/sent", test_S41_sent);
  g_test_add_func ("/ack-table/all", test_all);
  g_test_add_func ("/ack-table/add-while-told", test_add_while_told);
  g_test_add_func ("/ack-table/look-while-cleared", test_look_while_cleared);

  return g_test_run ();
}
