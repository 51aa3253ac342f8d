/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-play.h"

/* What the library itself does not send: each refusal, in each form of emission, is told once, to
 * whoever asked, and names the event (X12). */

/* clang-format off */

/* What stands in the way of an event called “lost” with the arguments @args. */
typedef struct
{
  const char *title;
  SioPlayLines before;
  const char *args;
  const char *code;
  const char *why;
  guint forms;    /* a set of those that it concerns */
  guint n_asked;  /* answers that were asked for before */
  gboolean stays; /* the others do not get through, so nothing is emitted after it */
} Refusal;

typedef enum
{
  EMIT = 1 << 0,
  SEND = 1 << 1,
  ASK = 1 << 2,
  AWAIT = 1 << 3,
  VOLATILE = 1 << 4,
  VOLATILE_ASK = 1 << 5,
  VOLATILE_AWAIT = 1 << 6,
  TIMED_ASK = 1 << 7,
  RETRIED = 1 << 8,
  RETRIED_ASK = 1 << 9,
  DEAF_ASK = 1 << 10,
  VOLATILE_DEAF_ASK = 1 << 11,
  PLAIN = EMIT | SEND,
  ANSWERED = ASK | AWAIT | TIMED_ASK | DEAF_ASK,
  VOLATILE_ANSWERED = VOLATILE_ASK | VOLATILE_AWAIT | VOLATILE_DEAF_ASK,
  ALL_VOLATILE = VOLATILE | VOLATILE_ANSWERED,
  ALL_RETRIED = RETRIED | RETRIED_ASK,
} FormSet;

static const struct
{
  FormSet form;
  const char *title;
  const char *option; /* nullable */
  const char *flags;
  const char *verb;
  const char *event;
  gboolean asks;
} forms[] = {
  { EMIT, "emit", NULL, "", "emit", "lost", FALSE },
  { SEND, "send", NULL, "", "send", "message", FALSE },
  { ASK, "with a callback", NULL, "", "ask", "lost", TRUE },
  { AWAIT, "awaited", NULL, "", "await", "lost", TRUE },
  { VOLATILE, "volatile", NULL, "volatile; ", "emit", "lost", FALSE },
  { VOLATILE_ASK, "volatile with a callback", NULL, "volatile; ", "ask", "lost", TRUE },
  { VOLATILE_AWAIT, "volatile, awaited", NULL, "volatile; ", "await", "lost", TRUE },
  { TIMED_ASK, "with a time limit", NULL, "timeout 500; ", "ask", "lost", TRUE },
  { DEAF_ASK, "with a callback for an answer only", NULL, "", "ask-deaf", "lost", FALSE },
  { VOLATILE_DEAF_ASK, "volatile with a callback for an answer only", NULL, "volatile; ", "ask-deaf", "lost", FALSE },
  { RETRIED, "with retries", "option retries 2", "", "emit", "lost", FALSE },
  { RETRIED_ASK, "with retries and a callback", "option retries 2", "", "ask", "lost", TRUE },
};

static const Refusal refusals[] = {
  { "too many binary parts, offline",
    PLAY ("option limit-attachments 1", "hear manager"), "<01>,<02>",
    "LIMIT_EXCEEDED", "it has too many binary parts, the limit is 1",
    PLAIN | ANSWERED | ALL_VOLATILE | ALL_RETRIED, 0, FALSE },
  { "too many binary parts, connected",
    PLAY ("option limit-attachments 1", JOIN_WS, "hear manager"), "<01>,<02>",
    "LIMIT_EXCEEDED", "it has too many binary parts, the limit is 1",
    PLAIN | ANSWERED | ALL_VOLATILE | ALL_RETRIED, 0, FALSE },
  { "too many bytes wait for the connection",
    PLAY ("option limit-outbound-bytes 10", "hear manager", "user emit first '(x*10)'"), "1",
    "LIMIT_EXCEEDED", "too much waits already, the limit is 10 bytes",
    PLAIN | ANSWERED | ALL_RETRIED, 0, TRUE },
  { "too many events wait for the connection",
    PLAY ("option limit-outbound-packets 2", "hear manager", "user emit first; emit second"), "1",
    "LIMIT_EXCEEDED", "too many events wait already, the limit is 2",
    PLAIN | ANSWERED | ALL_RETRIED, 0, TRUE },
  { "too many bytes wait in the connection",
    PLAY ("option limit-outbound-bytes 20", JOIN_WS, "server ws (stall)", "hear manager",
          "user emit first; emit second '(x*5)'", "client ws 42['first']"), "1",
    "LIMIT_EXCEEDED", "too much waits already, the limit is 20 bytes",
    PLAIN | ANSWERED, 0, TRUE },
  { "too many packets wait in the connection",
    PLAY ("option limit-outbound-packets 2", JOIN_WS, "server ws (stall)", "hear manager",
          "user emit first; emit second; emit third", "client ws 42['first']"), "1",
    "LIMIT_EXCEEDED", "too many events wait already, the limit is 2",
    PLAIN | ANSWERED, 0, TRUE },
  { "too many wait for an answer",
    PLAY ("option limit-pending-acks 1", JOIN_WS, "hear manager", "user ask first",
          "client ws 420['first']"), "1",
    "LIMIT_EXCEEDED", "too many events wait for an acknowledgement already, the limit is 1",
    ANSWERED | VOLATILE_ANSWERED, 1, FALSE },
  { "volatile while there is no connection",
    PLAY ("hear manager"), "1",
    "NOT_SENT", "it was volatile and could not be sent at once",
    VOLATILE_ANSWERED, 0, TRUE },
  { "volatile behind another event",
    PLAY (JOIN_WS, "server ws (stall)", "hear manager", "user emit first", "client ws 42['first']"), "1",
    "NOT_SENT", "it was volatile and could not be sent at once",
    VOLATILE_ANSWERED, 0, TRUE },
};

static const SioPlayLines plays[] = {
  PLAY (
    "X12: only those that want an answer count against the limit of answers",
    "option  limit-pending-acks 1",
    JOIN_WS,
    "hear    manager",
    "user    ask a; emit b; send 1; volatile; emit c",
    "client  ws 420['a']",
    "client  ws 42['b']",
    "client  ws 42['message',1]",
    "server  ws 430[]",
    "heard   answer 1 []",
    "user    ask d",
    "client  ws 421['d']"),

  PLAY (
    "X12: what is refused over and over is told once in a turn, with how often, and each event by its name",
    "option  limit-attachments 1",
    JOIN_WS,
    "hear    manager",
    "user    emit a <01>,<02>; emit b <01>,<02>; emit a <01>,<02>; emit a <01>,<02>; emit b <01>,<02>; emit c <01>,<02>",
    "heard   manager error LIMIT_EXCEEDED The event “a” and 2 more were not sent: it has too many binary parts, the limit is 1",
    "heard   manager error LIMIT_EXCEEDED The event “b” and 1 more were not sent: it has too many binary parts, the limit is 1",
    "heard   manager error LIMIT_EXCEEDED The event “c” was not sent: it has too many binary parts, the limit is 1",
    "user    emit a <01>,<02>",
    "heard   manager error LIMIT_EXCEEDED The event “a” was not sent: it has too many binary parts, the limit is 1"),

  PLAY (
    "X12: what is told for different reasons is not mixed up",
    "option  limit-attachments 1",
    "option  limit-outbound-packets 1",
    "hear    manager",
    "user    emit first; emit a; emit a <01>,<02>; emit a",
    "heard   manager error LIMIT_EXCEEDED The event “a” and 1 more were not sent: too many events wait already, the limit is 1",
    "heard   manager error LIMIT_EXCEEDED The event “a” was not sent: it has too many binary parts, the limit is 1"),

  PLAY (
    "X12: a callback for an answer only gets that, and a disconnection is told by disconnect alone",
    JOIN_WS,
    "hear    manager",
    "user    ask-deaf a; ask-deaf b",
    "client  ws 420['a']",
    "client  ws 421['b']",
    "server  ws 430[1]",
    "heard   answer 1 [1]",
    "user    close",
    "client  ws 41",
    "heard   manager close io client disconnect",
    "heard   disconnect io client disconnect",
    "client  ws (close)"),

  PLAY (
    "X12: what waits for the connection goes out with the next one, and is not told of",
    JOIN_WS,
    "user    close; ask-deaf a; emit b; open",
    "client  ws 41",
    "heard   disconnect io client disconnect",
    "client  ws (open)",
    "client  ws (close)",
    "hear    manager",
    "server  ws (accept)",
    "server  ws " SIO_PLAY_HANDSHAKE,
    "heard   manager open",
    "client  ws 40",
    "server  ws 40{'sid':'Y'}",
    "client  ws 420['a']",
    "heard   connect",
    "client  ws 42['b']",
    "server  ws 430[1]",
    "heard   answer 1 [1]"),

  PLAY (
    "X12: refused, and the connection ends before that is told",
    "option  limit-attachments 1",
    JOIN_WS,
    "hear    manager",
    "user    ask-deaf a <01>,<02>; ask b <01>,<02>; close",
    "client  ws 41",
    "heard   manager close io client disconnect",
    "heard   disconnect io client disconnect",
    "heard   answer 2 LIMIT_EXCEEDED The event “b” was not sent: …",
    "client  ws (close)",
    "heard   manager error LIMIT_EXCEEDED The event “a” was not sent: …"),

  PLAY (
    "X12: who has cancelled is not told more",
    "option  retries 1",
    "option  ack-timeout 500",
    JOIN_WS,
    "hear    manager",
    "user    await b",
    "client  ws 420['b']",
    "user    cancel 1",
    "heard   answer 1 CANCELLED …",
    "wait    500",
    "client  ws 421['b']",
    "wait    500"),

PLAY (
    "X12: a handler of the error may emit what is refused again",
    "option  limit-attachments 1",
    JOIN_WS,
    "hear    manager",
    "when    manager error: emit b <01>,<02>; emit b <01>,<02>",
    "user    emit a <01>,<02>",
    "heard   manager error LIMIT_EXCEEDED The event “a” was not sent: …",
    "heard   manager error LIMIT_EXCEEDED The event “b” and 1 more were not sent: …"),

  PLAY (
    "X12: many names do not make many reports",
    "option  limit-attachments 0",
    "hear    manager",
    "user    emit a <01>; emit b <01>; emit c <01>; emit d <01>; emit e <01>; emit f <01>; emit g <01>; emit h <01>; emit i <01>; emit j <01>",
    "heard   manager error LIMIT_EXCEEDED The event “a” and 2 more were not sent: …",
    "heard   manager error LIMIT_EXCEEDED The event “b” was not sent: …",
    "heard   manager error LIMIT_EXCEEDED The event “c” was not sent: …",
    "heard   manager error LIMIT_EXCEEDED The event “d” was not sent: …",
    "heard   manager error LIMIT_EXCEEDED The event “e” was not sent: …",
    "heard   manager error LIMIT_EXCEEDED The event “f” was not sent: …",
    "heard   manager error LIMIT_EXCEEDED The event “g” was not sent: …",
    "heard   manager error LIMIT_EXCEEDED The event “h” was not sent: …"),

  PLAY (
    "X12: flags go with the emission that was refused",
    "option  limit-attachments 1",
    JOIN_WS,
    "hear    manager",
    "user    plain; timeout 100; emit a <01>,<02>; ask b; volatile; emit a <01>,<02>; emit c",
    "client  ws 420['b']",
    "client  ws 42['c']",
    "heard   manager error LIMIT_EXCEEDED The event “a” and 1 more were not sent: …",
    "wait    100",
    "server  ws 430[]",
    "heard   answer 1 []"),

  PLAY (
    "X12: an answer that cannot be sent names its event",
    "option  limit-attachments 1",
    JOIN_WS,
    "hear    manager",
    "server  ws 420['why']",
    "heard   event why [] ?",
    "user    reply <01>,<02>",
    "heard   manager error LIMIT_EXCEEDED The answer to the event “why” was not sent: it has too many binary parts, the limit is 1"),

  PLAY (
    "X12: what waits when the socket is dropped",
    "hear    manager",
    "user    emit a; emit a; ask-deaf b; ask c; drop",
    "heard   answer 2 DISCONNECTED The event “c” was not sent: the socket is gone",
    "heard   manager error DISCONNECTED The event “a” and 1 more were not sent: the socket is gone",
    "heard   manager error DISCONNECTED The event “b” was not sent: the socket is gone"),

  PLAY (
    "X12: what waits in the queue of retries when the socket is dropped",
    "option  retries 1",
    JOIN_WS,
    "hear    manager",
    "user    emit a; emit b; ask c",
    "client  ws 420['a']",
    "user    drop",
    "client  ws 41",
    "heard   answer 1 DISCONNECTED The event “c” was not sent: the socket is gone",
    "client  ws (close)",
    "heard   manager close io client disconnect",
    "heard   manager error DISCONNECTED The event “a” was not acknowledged: the socket is gone",
    "heard   manager error DISCONNECTED The event “b” was not sent: the socket is gone"),

  PLAY (
    "X12: an event that nobody acknowledges is not given up without a word",
    "option  retries 1",
    "option  ack-timeout 500",
    JOIN_WS,
    "hear    manager",
    "user    emit a; emit b",
    "client  ws 420['a']",
    "wait    500",
    "client  ws 421['a']",
    "wait    500",
    "client  ws 422['b']",
    "heard   manager error TIMED_OUT The event “a” was not acknowledged: operation has timed out",
    "server  ws 432[]"),

  /* The first is on its way at once, the second waits behind it, and with the third that would be
   * too much. */
#define FLUSHED(...)                                                                               \
    "option  limit-outbound-bytes 40",                                                             \
    OPEN_WS,                                                                                       \
    "client  ws 40",                                                                               \
    __VA_ARGS__,                                                                                   \
    "hear    manager",                                                                             \
    "server  ws 40{'sid':'X'}"

  PLAY (
    "X13: refused while the buffer is flushed",
    FLUSHED ("user emit first; emit second; emit third '(x*30)'; emit fourth"),
    "client  ws 42['first']",
    "heard   connect",
    "client  ws 42['second']",
    "client  ws 42['fourth']",
    "heard   manager error LIMIT_EXCEEDED The event “third” was not sent: too much waits already, the limit is 40 bytes"),

  PLAY (
    "X13: refused while the buffer is flushed, with a callback",
    FLUSHED ("user ask first; ask second; ask third '(x*30)'; ask fourth"),
    "client  ws 420['first']",
    "heard   connect",
    "client  ws 421['second']",
    "client  ws 423['fourth']",
    "heard   answer 3 LIMIT_EXCEEDED The event “third” was not sent: too much waits already, the limit is 40 bytes",
    "server  ws 430[] + 431[] + 432[] + 433[]",
    "heard   answer 1 []",
    "heard   answer 2 []",
    "heard   answer 4 []"),

  PLAY (
    "X13: refused while the buffer is flushed, with a callback for an answer only",
    FLUSHED ("user emit first; emit second; ask-deaf third '(x*30)'; emit fourth"),
    "client  ws 42['first']",
    "heard   connect",
    "client  ws 42['second']",
    "client  ws 42['fourth']",
    "heard   manager error LIMIT_EXCEEDED The event “third” was not sent: too much waits already, the limit is 40 bytes"),

  PLAY (
    "X13: refused while the buffer is flushed, awaited",
    FLUSHED ("user emit first; emit second; await third '(x*30)'; emit fourth"),
    "client  ws 42['first']",
    "heard   connect",
    "client  ws 42['second']",
    "client  ws 42['fourth']",
    "heard   answer 1 LIMIT_EXCEEDED The event “third” was not sent: too much waits already, the limit is 40 bytes",
    "server  ws 430[]"),

  PLAY (
    "X13: refused while the buffer is flushed, with a time limit",
    FLUSHED ("user emit first; emit second; timeout 500; ask third '(x*30)'; emit fourth"),
    "client  ws 42['first']",
    "heard   connect",
    "client  ws 42['second']",
    "client  ws 42['fourth']",
    "heard   answer 1 LIMIT_EXCEEDED The event “third” was not sent: too much waits already, the limit is 40 bytes",
    "wait    500"),

  PLAY (
    "X13: refused while the buffer is flushed, cut off before it is told",
    FLUSHED ("user ask first; ask second; ask third '(x*30)'; ask fourth", "when connect: close"),
    "client  ws 420['first']",
    "heard   connect",
    "heard   manager close io client disconnect",
    "heard   disconnect io client disconnect",
    "heard   answer 1 DISCONNECTED …",
    "heard   answer 2 DISCONNECTED …",
    "heard   answer 3 LIMIT_EXCEEDED The event “third” was not sent: …",
    "heard   answer 4 DISCONNECTED …",
    "client  ws 421['second']",
    "client  ws 423['fourth']",
    "client  ws 41",
    "client  ws (close)"),

  PLAY (
    "X13: over polling",
    "option  limit-outbound-bytes 40",
    OPEN_POLLING,
    "client  poll 40",
    "client  get",
    "server  ok",
    "user    emit first; emit second; ask third '(x*30)'; emit fourth",
    "hear    manager",
    "server  poll 40{'sid':'X'}",
    "client  get",
    "client  poll 42['first']",
    "heard   connect",
    "heard   answer 1 LIMIT_EXCEEDED The event “third” was not sent: too much waits already, the limit is 40 bytes",
    "server  ok",
    "client  poll 42['second'] + 42['fourth']"),

  PLAY (
    "X13: two namespaces share the connection",
    "option  limit-outbound-packets 2",
    JOIN_WS,
    "user    /a open",
    "client  ws 40/a,",
    "user    /a ask a1; /a ask a2",
    "server  ws (stall)",
    "user    emit m1; emit m2",
    "client  ws 42['m1']",
    "hear    manager",
    "server  ws 40/a,{'sid':'A'}",
    "heard   /a connect",
    "heard   /a answer 2 LIMIT_EXCEEDED The event “a2” was not sent: too many events wait already, the limit is 2",
    "server  ws (drain)",
    "client  ws 42['m2']",
    "client  ws 42/a,0['a1']"),

  PLAY (
    "X13: a refused try waits for its time limit like one that nobody answers, and the queue goes on",
    "option  retries 1",
    "option  ack-timeout 500",
    "option  limit-outbound-bytes 20",
    JOIN_WS,
    "server  ws (stall)",
    "hear    manager",
    "user    volatile; emit first; /a open",
    "client  ws 42['first']",
    "user    ask second '(x*10)'; ask third",
    "wait    499",
    "wait    1",
    "wait    500",
    "heard   answer 1 LIMIT_EXCEEDED The event “second” was not sent: too much waits already, the limit is 20 bytes",
    "server  ws (drain)",
    "client  ws 40/a,",
    "client  ws 422['third']",
    "server  ws 432[]",
    "heard   answer 2 []"),

  PLAY (
    "X13: it goes out with the next try once there is room",
    "option  retries 1",
    "option  ack-timeout 500",
    "option  limit-outbound-bytes 20",
    JOIN_WS,
    "server  ws (stall)",
    "hear    manager",
    "user    volatile; emit first; /a open",
    "client  ws 42['first']",
    "user    ask second '(x*10)'; emit third",
    "server  ws (drain)",
    "client  ws 40/a,",
    "wait    500",
    "client  ws 421['second','(x*10)']",
    "server  ws 430[1] + 431[2]",
    "heard   answer 1 [2]",
    "client  ws 422['third']"),

  PLAY (
    "X13: without a callback, and with tries that have no end",
    "option  retries -1",
    "option  ack-timeout 500",
    "option  limit-outbound-bytes 20",
    JOIN_WS,
    "server  ws (stall)",
    "hear    manager",
    "user    volatile; emit first; /a open",
    "client  ws 42['first']",
    "user    emit second '(x*10)'; emit third",
    "wait    500",
    "wait    500",
    "wait    500",
    "server  ws (drain)",
    "client  ws 40/a,",
    "wait    500",
    "client  ws 424['second','(x*10)']"),

  PLAY (
    "X13: without a callback it is told when it is given up",
    "option  retries 1",
    "option  ack-timeout 500",
    "option  limit-outbound-bytes 20",
    JOIN_WS,
    "server  ws (stall)",
    "hear    manager",
    "user    volatile; emit first; /a open",
    "client  ws 42['first']",
    "user    emit second '(x*10)'",
    "wait    500",
    "wait    500",
    "heard   manager error LIMIT_EXCEEDED The event “second” was not sent: too much waits already, the limit is 20 bytes"),
};
/* clang-format on */

static void
add (GPtrArray *lines, const char *line)
{
  g_ptr_array_add (lines, g_strdup (line));
}

/* One cell of the table. What comes after shows that it stands in nobody's way. */
static SioPlayLines
make_play (const Refusal *refusal, guint form)
{
  GPtrArray *lines = g_ptr_array_new ();

  g_ptr_array_add (lines, g_strdup_printf ("X12: %s: %s", refusal->title, forms[form].title));
  if (forms[form].option != NULL)
    add (lines, forms[form].option);
  for (guint i = 0; refusal->before[i] != NULL; i++)
    add (lines, refusal->before[i]);
  g_ptr_array_add (lines, g_strdup_printf ("user %s%s%s%s %s", forms[form].flags, forms[form].verb,
                                           forms[form].form == SEND ? "" : " ",
                                           forms[form].form == SEND ? "" : forms[form].event,
                                           refusal->args));
  g_ptr_array_add (lines,
                   forms[form].asks
                       ? g_strdup_printf ("heard answer %u %s The event “%s” was not sent: %s",
                                          refusal->n_asked + 1, refusal->code, forms[form].event,
                                          refusal->why)
                       : g_strdup_printf ("heard manager error %s The event “%s” was not sent: %s",
                                          refusal->code, forms[form].event, refusal->why));
  if (!refusal->stays && refusal->before[1] != NULL && refusal->before[2] != NULL &&
      (forms[form].form & ALL_RETRIED) == 0)
    {
      add (lines, "user emit after");
      add (lines, "client ws 42['after']");
    }
  add (lines, "wait 600");
  g_ptr_array_add (lines, NULL);
  return (SioPlayLines) g_ptr_array_free (lines, FALSE);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  gsize n_made = 0;
  int status;

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    for (guint form = 0; form < G_N_ELEMENTS (forms); form++)
      if ((refusals[i].forms & forms[form].form) != 0)
        {
          g_ptr_array_add (all, (gpointer) make_play (&refusals[i], form));
          n_made++;
        }
  for (gsize i = 0; i < G_N_ELEMENTS (plays); i++)
    g_ptr_array_add (all, (gpointer) plays[i]);

  status = sio_play_main (argc, argv, "refusals", (const SioPlayLines *) all->pdata, all->len);
  for (gsize i = 0; i < n_made; i++)
    g_strfreev ((char **) g_ptr_array_index (all, i));
  return status;
}
