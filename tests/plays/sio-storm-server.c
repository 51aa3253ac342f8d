/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-storm-server.h"

#include <stdlib.h>
#include <string.h>

typedef enum
{
  NOT_THERE,
  ASKED, /* CONNECT came, and was not answered */
  JOINED,
  REMOVED, /* by us: what the client had on its way may still come */
  LEFT,
  REFUSED,
} Membership;

typedef struct
{
  Membership state;
  GQueue asked; /* ids of events that want an answer, of the client */
} Member;

typedef struct
{
  guint number;  /* of its first transport */
  gboolean open; /* the handshake was sent */
  guint pings;
  guint parts;       /* binary ones that have to come next */
  gboolean probed;   /* 2probe came */
  gboolean answered; /* rightly */
  gboolean upgraded;
  gboolean over;       /* the client has said goodbye */
  GHashTable *members; /* nsp → Member */
  guint n_events;
} Session;

struct _SioStormServer
{
  SioPlay *play;
  GRand *rand;
  GHashTable *sessions; /* number of a transport → Session */
  GPtrArray *all;
  char *complaint;
};

static void
free_member (gpointer data)
{
  Member *member = data;

  g_queue_clear_full (&member->asked, g_free);
  g_free (member);
}

static void
free_session (gpointer data)
{
  Session *session = data;

  g_hash_table_unref (session->members);
  g_free (session);
}

SioStormServer *
sio_storm_server_new (SioPlay *play, GRand *rand)
{
  SioStormServer *self = g_new0 (SioStormServer, 1);

  self->play = play;
  self->rand = rand;
  self->sessions = g_hash_table_new (NULL, NULL);
  self->all = g_ptr_array_new_with_free_func (free_session);
  return self;
}

void
sio_storm_server_free (SioStormServer *self)
{
  g_hash_table_unref (self->sessions);
  g_ptr_array_unref (self->all);
  g_free (self->complaint);
  g_free (self);
}

const char *
sio_storm_server_get_complaint (SioStormServer *self)
{
  return self->complaint;
}

static void
complain (SioStormServer *self, const char *what, const char *packet)
{
  if (self->complaint == NULL)
    self->complaint = g_strdup_printf ("%s: %s", what, packet);
}

static Session *
find_session (SioStormServer *self, guint transport)
{
  return g_hash_table_lookup (self->sessions, GUINT_TO_POINTER (transport));
}

static Session *
new_session (SioStormServer *self, guint transport)
{
  Session *session = g_new0 (Session, 1);

  session->number = transport;
  session->members = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_member);
  g_ptr_array_add (self->all, session);
  g_hash_table_insert (self->sessions, GUINT_TO_POINTER (transport), session);
  return session;
}

static Member *
get_member (Session *session, const char *nsp)
{
  Member *member = g_hash_table_lookup (session->members, nsp);

  if (member == NULL)
    {
      member = g_new0 (Member, 1);
      g_queue_init (&member->asked);
      g_hash_table_insert (session->members, g_strdup (nsp), member);
    }
  return member;
}

/* The namespace of a packet, and what stands behind it. */
static char *
take_nsp (const char **text)
{
  const char *comma;
  char *nsp;

  if (**text != '/')
    return g_strdup ("/");
  comma = strchr (*text, ',');
  nsp = g_strndup (*text, (gsize) (comma - *text));
  *text = comma + 1;
  return nsp;
}

/* P51 */
static void
take_message (SioStormServer *self, Session *session, const char *packet)
{
  const char *text = packet + 2;
  g_autofree char *nsp = NULL;
  Member *member;

  if (packet[1] == '5' || packet[1] == '6')
    {
      session->parts = (guint) strtoul (text, NULL, 10);
      text = strchr (text, '-') + 1;
    }
  nsp = take_nsp (&text);
  member = get_member (session, nsp);

  switch (packet[1])
    {
    case '0':
      if (member->state == ASKED || member->state == JOINED)
        complain (self, "CONNECT twice", packet);
      member->state = ASKED;
      break;
    case '1':
      if (member->state != JOINED && member->state != REMOVED)
        complain (self, "DISCONNECT without being connected", packet);
      member->state = LEFT;
      break;
    case '2':
    case '5':
      if (member->state == JOINED && g_ascii_isdigit (*text))
        g_queue_push_tail (&member->asked, g_strndup (text, strspn (text, "0123456789")));
      G_GNUC_FALLTHROUGH;
    case '3':
    case '6':
      if (member->state != JOINED && member->state != REMOVED)
        complain (self, "not connected to that namespace", packet);
      break;
    default:
      complain (self, "no packet of a client", packet);
    }
}

static void
take_packet (SioStormServer *self, Session *session, gboolean websocket, const char *packet)
{
  gboolean binary = *packet == '<' || *packet == 'b';

  if (session->over)
    complain (self, "after the end of the session", packet);
  if (binary != (session->parts > 0) && *packet == '4')
    complain (self, "a binary part is missing before", packet);
  /* A client that has heard nothing since does not know whether the server has. */
  if (session->upgraded && !websocket && !g_str_equal (packet, "1"))
    complain (self, "by polling after the upgrade", packet);

  if (binary && session->parts > 0)
    session->parts--;
  else if (binary)
    complain (self, "a binary part of nothing", packet);
  else if (*packet == '4')
    take_message (self, session, packet);
  else if (g_str_equal (packet, "3") && session->pings > 0)
    session->pings--;
  else if (g_str_equal (packet, "2probe") && websocket && !session->probed)
    session->probed = TRUE;
  else if (g_str_equal (packet, "5") && session->answered && websocket)
    session->upgraded = TRUE;
  else if (g_str_equal (packet, "1") && !websocket)
    session->over = TRUE;
  else
    complain (self, "not now", packet);
}

void
sio_storm_server_see (SioStormServer *self, guint transport, const char *line)
{
  Session *session = find_session (self, transport);
  const char *open = "client ws (open with sid S";

  if (g_str_has_prefix (line, open))
    {
      guint number = (guint) strtoul (line + strlen (open), NULL, 10);

      session = find_session (self, number);
      g_hash_table_insert (self->sessions, GUINT_TO_POINTER (transport), session);
      return;
    }
  if (session == NULL)
    session = new_session (self, transport);

  if (g_str_has_prefix (line, "client poll ") && !g_str_has_suffix (line, "(abort)"))
    {
      g_auto (GStrv) packets = g_strsplit (line + strlen ("client poll "), " + ", -1);

      for (guint i = 0; packets[i] != NULL; i++)
        take_packet (self, session, FALSE, packets[i]);
    }
  else if (g_str_has_prefix (line, "client ws ") && line[strlen ("client ws ")] != '(')
    take_packet (self, session, TRUE, line + strlen ("client ws "));
}

static gboolean
chance (SioStormServer *self, int percent)
{
  return g_rand_int_range (self->rand, 0, 100) < percent;
}

static void append (GString *payload, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
append (GString *payload, const char *format, ...)
{
  va_list args;

  if (payload->len > 0)
    g_string_append (payload, " + ");
  va_start (args, format);
  g_string_append_vprintf (payload, format, args);
  va_end (args);
}

static void
append_for_member (SioStormServer *self,
                   Session *session,
                   Member *member,
                   const char *nsp,
                   GString *payload,
                   gboolean honest)
{
  g_autofree char *prefix = g_str_equal (nsp, "/") ? g_strdup ("") : g_strconcat (nsp, ",", NULL);
  g_autofree char *id = NULL;

  switch (member->state)
    {
    case ASKED:
      if (honest || chance (self, 60))
        {
          append (payload, "40%s{\"sid\":\"%s%u\"}", prefix, nsp, session->n_events++);
          member->state = JOINED;
        }
      else if (chance (self, 30))
        {
          append (payload, "44%s{\"message\":\"no\"}", prefix);
          member->state = REFUSED;
        }
      else
        append (payload, "42%s[\"early\",%u]", prefix, session->n_events++);
      break;

    case JOINED:
      id = g_queue_pop_head (&member->asked);
      if (id != NULL && (honest || chance (self, 70)))
        append (payload, "43%s%s[1]", prefix, id);
      else if (!honest && chance (self, 10))
        {
          append (payload, "41%s", prefix);
          member->state = REMOVED;
        }
      else if (!honest)
        append (payload, "42%s%s[\"e\",%u]", prefix, chance (self, 30) ? "7" : "",
                session->n_events++);
      break;

    case NOT_THERE:
    case REMOVED:
    case LEFT:
    case REFUSED:
      break;
    }
}

static void
append_ping (Session *session, GString *payload)
{
  append (payload, "2");
  session->pings++;
}

static void
append_packets (SioStormServer *self, Session *session, GString *payload, gboolean honest)
{
  GHashTableIter iter;
  const char *nsp;
  Member *member;

  g_hash_table_iter_init (&iter, session->members);
  while (g_hash_table_iter_next (&iter, (gpointer *) &nsp, (gpointer *) &member))
    append_for_member (self, session, member, nsp, payload, honest);
  if (!honest && chance (self, 10))
    append (payload, "42/nobody,[\"e\"]");
  if (!honest && chance (self, 2))
    append (payload, "4garbage");
  if (chance (self, 10))
    append_ping (session, payload);
}

static void
append_handshake (Session *session, GString *payload)
{
  append (payload,
          "0{\"sid\":\"S%u\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
          "\"pingTimeout\":20000,\"maxPayload\":100}",
          session->number);
  session->open = TRUE;
}

static void
answer_get (SioStormServer *self, Session *session, gboolean honest)
{
  g_autoptr (GString) payload = g_string_new (NULL);

  if (!honest && chance (self, 5))
    g_string_append (payload, "(error 502)");
  else if (!session->open)
    append_handshake (session, payload);
  else
    {
      append_packets (self, session, payload, honest);
      if (!honest && chance (self, 5))
        append (payload, "1");
      if (payload->len == 0)
        append (payload, "6");
    }
  sio_fake_wire_poll (self->play->wire, payload->str);
}

static void
send_frames (SioStormServer *self, Session *session, guint transport, gboolean honest)
{
  g_autoptr (GString) frames = g_string_new (NULL);
  gboolean probe = session->number != transport && !session->upgraded;

  if (!honest && chance (self, 5))
    g_string_append (frames, chance (self, 50) ? "(close)" : "(error reset)");
  else if (probe && session->probed && !session->answered)
    {
      session->answered = honest || chance (self, 90);
      append (frames, session->answered ? "3probe" : "3");
    }
  else if (!session->open)
    append_handshake (session, frames);
  else if (!probe)
    append_packets (self, session, frames, honest);
  if (!honest && chance (self, 5))
    append (frames, "(stall)");
  else if (honest || chance (self, 30))
    append (frames, "(drain)");
  if (frames->len > 0)
    sio_fake_wire_ws (self->play->wire, frames->str);
}

static void
treat (SioStormServer *self, guint index, gboolean honest)
{
  guint transport;
  SioFakeWireChance chances = sio_fake_wire_look (self->play->wire, index, &transport);
  Session *session = find_session (self, transport);

  sio_fake_wire_select (self->play->wire, transport);
  if ((chances & SIO_FAKE_WIRE_POST) != 0 && (honest || chance (self, 60)))
    sio_fake_wire_post (self->play->wire, honest || chance (self, 95) ? "" : "(error 400)");
  else if ((chances & SIO_FAKE_WIRE_OPENING) != 0)
    sio_fake_wire_ws (self->play->wire, honest || chance (self, 80) ? "(accept)" : "(error 400)");
  else if ((chances & SIO_FAKE_WIRE_OPEN) != 0)
    send_frames (self, session, transport, honest);
  else if ((chances & SIO_FAKE_WIRE_GET) != 0)
    answer_get (self, session, honest);
  sio_fake_wire_select (self->play->wire, 0);
}

void
sio_storm_server_act (SioStormServer *self)
{
  guint n = sio_fake_wire_count (self->play->wire);

  if (n > 0)
    treat (self, (guint) g_rand_int_range (self->rand, 0, (gint32) n), FALSE);
}

void
sio_storm_server_behave (SioStormServer *self)
{
  for (guint i = 0; i < sio_fake_wire_count (self->play->wire); i++)
    {
      treat (self, i, TRUE);
      sio_play_settle (self->play);
    }
}
