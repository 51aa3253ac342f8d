/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine/sio-poll-cycle-private.h"

#include <string.h>

typedef enum
{
  INPUT_START,
  INPUT_HOLD,
  INPUT_RELEASE,
  INPUT_GOT,
  INPUT_POST,
  INPUT_POSTED,
  INPUT_PAUSE,
  INPUT_RESUME,
  N_INPUTS
} Input;

static const char *const input_names[N_INPUTS] = {
  "start", "hold", "release", "got", "post", "posted", "pause", "resume",
};

/* What a POST that may start counts as, besides the machine's own actions. */
#define POST (1 << 3)

static int
feed (SioPollCycle *cycle, Input input)
{
  switch (input)
    {
    case INPUT_START:
      return sio_poll_cycle_start (cycle);
    case INPUT_HOLD:
      return sio_poll_cycle_set_held (cycle, TRUE);
    case INPUT_RELEASE:
      return sio_poll_cycle_set_held (cycle, FALSE);
    case INPUT_GOT:
      return sio_poll_cycle_on_got (cycle);
    case INPUT_POST:
      return sio_poll_cycle_post (cycle) ? POST : 0;
    case INPUT_POSTED:
      return sio_poll_cycle_on_posted (cycle);
    case INPUT_PAUSE:
      return sio_poll_cycle_pause (cycle);
    case INPUT_RESUME:
      return sio_poll_cycle_resume (cycle);
    case N_INPUTS:
      break;
    }
  g_assert_not_reached ();
}

/* The cycle in three letters: reading, writing (i idle, f in flight, p paused), then
 * h held, r released; and ! while pausing. */
static const char *
spell (const SioPollCycle *cycle)
{
  static char text[5];

  text[0] = "ifp"[cycle->reading];
  text[1] = "ifp"[cycle->writing];
  text[2] = cycle->held ? 'h' : 'r';
  text[3] = cycle->pausing ? '!' : '\0';
  text[4] = '\0';
  return text;
}

static SioPollState
unspell (char letter)
{
  return letter == 'i' ? SIO_POLL_IDLE : letter == 'f' ? SIO_POLL_IN_FLIGHT : SIO_POLL_PAUSED;
}

typedef struct
{
  const char *before;
  struct
  {
    const char *after;
    int actions;
  } step[N_INPUTS];
} Row;

/* clang-format off */
#define GET    SIO_POLL_GET
#define DRAIN  SIO_POLL_DRAIN
#define PAUSED SIO_POLL_TELL_PAUSED

static const Row rows[] = {
  { "iih",  { { "fih", GET }, { "iih", 0 },  { "fir", GET }, { "iih", 0 },   { "ifh", POST },{ "iih", 0 },   { "pph", PAUSED }, { "iih", 0 } } },
  { "fih",  { { "fih", 0 },   { "fih", 0 },  { "fir", 0 },   { "iih", 0 },   { "ffh", POST },{ "fih", 0 },   { "fph!", 0 },     { "fih", 0 } } },
  { "fir",  { { "fir", 0 },   { "fih", 0 },  { "fir", 0 },   { "fir", GET }, { "ffr", POST },{ "fir", 0 },   { "fpr!", 0 },     { "fir", 0 } } },
  { "ifh",  { { "ffh", GET }, { "ifh", 0 },  { "ffr", GET }, { "ifh", 0 },   { "ifh", 0 },   { "iih", DRAIN },{ "pfh!", 0 },    { "ifh", 0 } } },
  { "ffh",  { { "ffh", 0 },   { "ffh", 0 },  { "ffr", 0 },   { "ifh", 0 },   { "ffh", 0 },   { "fih", DRAIN },{ "ffh!", 0 },    { "ffh", 0 } } },
  { "ffr",  { { "ffr", 0 },   { "ffh", 0 },  { "ffr", 0 },   { "ffr", GET }, { "ffr", 0 },   { "fir", DRAIN },{ "ffr!", 0 },    { "ffr", 0 } } },
  { "ffh!", { { "ffh!", 0 },  { "ffh!", 0 }, { "ffr!", 0 },  { "pfh!", 0 },  { "ffh!", 0 },  { "fph!", DRAIN },{ "ffh!", 0 },   { "ffh", 0 } } },
  { "ffr!", { { "ffr!", 0 },  { "ffh!", 0 }, { "ffr!", 0 },  { "pfr!", 0 },  { "ffr!", 0 },  { "fpr!", DRAIN },{ "ffr!", 0 },   { "ffr", 0 } } },
  { "fph!", { { "fph!", 0 },  { "fph!", 0 }, { "fpr!", 0 },  { "pph", PAUSED },{ "fph!", 0 },{ "fph!", 0 },  { "fph!", 0 },     { "fih", 0 } } },
  { "fpr!", { { "fpr!", 0 },  { "fph!", 0 }, { "fpr!", 0 },  { "ppr", PAUSED },{ "fpr!", 0 },{ "fpr!", 0 },  { "fpr!", 0 },     { "fir", 0 } } },
  { "pfh!", { { "pfh!", 0 },  { "pfh!", 0 }, { "pfr!", 0 },  { "pfh!", 0 },  { "pfh!", 0 },  { "pph", DRAIN | PAUSED },{ "pfh!", 0 }, { "ifh", 0 } } },
  { "pfr!", { { "pfr!", 0 },  { "pfh!", 0 }, { "pfr!", 0 },  { "pfr!", 0 },  { "pfr!", 0 },  { "ppr", DRAIN | PAUSED },{ "pfr!", 0 }, { "ffr", GET } } },
  { "pph",  { { "pph", 0 },   { "pph", 0 },  { "ppr", 0 },   { "pph", 0 },   { "pph", 0 },   { "pph", 0 },   { "pph", 0 },      { "iih", 0 } } },
  { "ppr",  { { "ppr", 0 },   { "pph", 0 },  { "ppr", 0 },   { "ppr", 0 },   { "ppr", 0 },   { "ppr", 0 },   { "ppr", 0 },      { "fir", GET } } },
};
/* clang-format on */

static void
test_every_step (gconstpointer data)
{
  const Row *row = data;
  int input;

  for (input = 0; input < N_INPUTS; input++)
    {
      SioPollCycle cycle = {
        .reading = unspell (row->before[0]),
        .writing = unspell (row->before[1]),
        .held = row->before[2] == 'h',
        .pausing = row->before[3] == '!',
      };

      g_test_message ("%s", input_names[input]);
      g_assert_cmpint (feed (&cycle, input), ==, row->step[input].actions);
      g_assert_cmpstr (spell (&cycle), ==, row->step[input].after);
      g_assert_cmpint (sio_poll_cycle_is_writable (&cycle), ==, cycle.writing == SIO_POLL_IDLE);
    }
}

/* The rows are all states that there are: none leads out of the table. */
static void
test_rows_complete (void)
{
  gsize i, j;
  int input;

  for (i = 0; i < G_N_ELEMENTS (rows); i++)
    for (input = 0; input < N_INPUTS; input++)
      {
        for (j = 0; j < G_N_ELEMENTS (rows); j++)
          if (strcmp (rows[i].step[input].after, rows[j].before) == 0)
            break;
        g_assert_cmpuint (j, <, G_N_ELEMENTS (rows));
      }
}

static void
test_init (void)
{
  SioPollCycle cycle;

  sio_poll_cycle_init (&cycle);
  g_assert_cmpstr (spell (&cycle), ==, "iih");
  g_assert_true (sio_poll_cycle_is_writable (&cycle));
}

/* A session by polling, up to its upgrade. */
static void
test_session (void)
{
  SioPollCycle cycle;

  sio_poll_cycle_init (&cycle);
  g_assert_cmpint (sio_poll_cycle_start (&cycle), ==, GET);
  g_assert_cmpint (sio_poll_cycle_on_got (&cycle), ==, SIO_POLL_NOTHING);
  g_assert_cmpint (sio_poll_cycle_set_held (&cycle, FALSE), ==, GET);
  g_assert_true (sio_poll_cycle_post (&cycle));
  g_assert_false (sio_poll_cycle_post (&cycle));
  g_assert_false (sio_poll_cycle_is_writable (&cycle));
  g_assert_cmpint (sio_poll_cycle_on_got (&cycle), ==, GET);
  g_assert_cmpint (sio_poll_cycle_on_posted (&cycle), ==, DRAIN);
  g_assert_true (sio_poll_cycle_post (&cycle));
  g_assert_cmpint (sio_poll_cycle_pause (&cycle), ==, SIO_POLL_NOTHING);
  g_assert_cmpint (sio_poll_cycle_on_got (&cycle), ==, SIO_POLL_NOTHING);
  g_assert_cmpint (sio_poll_cycle_on_posted (&cycle), ==, DRAIN | PAUSED);
  g_assert_false (sio_poll_cycle_post (&cycle));
}

/* Whatever comes in whatever order, the server never sees two of a kind, and nobody who
 * waits is forgotten. */
static void
test_random_walk (void)
{
  SioPollCycle cycle;
  int gets = 0, posts = 0, pauses = 0;
  guint i;

  sio_poll_cycle_init (&cycle);
  for (i = 0; i < 200000; i++)
    {
      Input input = (Input) g_test_rand_int_range (0, N_INPUTS);
      int actions;

      if ((input == INPUT_GOT && gets == 0) || (input == INPUT_POSTED && posts == 0))
        continue;
      if (input == INPUT_GOT)
        gets--;
      if (input == INPUT_POSTED)
        posts--;
      if (input == INPUT_PAUSE && pauses == 0)
        pauses = 1;
      if (input == INPUT_RESUME)
        pauses = 0;

      actions = feed (&cycle, input);
      if (actions & GET)
        gets++;
      if (actions & POST)
        posts++;
      if (actions & PAUSED)
        {
          g_assert_cmpint (pauses, ==, 1);
          pauses = 2;
        }

      g_assert_cmpint (gets, <=, 1);
      g_assert_cmpint (posts, <=, 1);
      g_assert_cmpint (gets, ==, cycle.reading == SIO_POLL_IN_FLIGHT);
      g_assert_cmpint (posts, ==, cycle.writing == SIO_POLL_IN_FLIGHT);
      g_assert_cmpint ((actions & DRAIN) != 0, ==, input == INPUT_POSTED);
      if (pauses != 0)
        {
          g_assert_cmpint (actions & (GET | POST), ==, 0);
          g_assert_cmpint (pauses == 2, ==, gets == 0 && posts == 0);
        }
      else
        {
          g_assert_true (gets == 1 || cycle.held);
        }
    }
}

int
main (int argc, char *argv[])
{
  gsize i;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/poll-cycle/init", test_init);
  for (i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/poll-cycle/from/", rows[i].before, NULL);

      g_test_add_data_func (path, &rows[i], test_every_step);
    }
  g_test_add_func ("/poll-cycle/rows-complete", test_rows_complete);
  g_test_add_func ("/poll-cycle/E20/session", test_session);
  g_test_add_func ("/poll-cycle/E22/random-walk", test_random_walk);

  return g_test_run ();
}
