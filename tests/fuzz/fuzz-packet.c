/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "codec/sio-packet-private.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check (gboolean holds)
{
  if (!holds)
    g_abort ();
}

/* What was read can be written, and what was written is read as the same. */
static void
check_round_trip (const SioPacketHead *head, SioValue *payload, const SioLimits *limits)
{
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autofree char *nsp = g_strndup (head->nsp, head->nsp_length);
  g_autoptr (GBytes) wire = NULL;
  g_autoptr (SioValue) payload_again = NULL;
  SioPacketHead again;
  const char *text;
  gsize length;

  wire = sio_packet_encode (head->type, nsp, head->id, NULL, payload, NULL);
  text = g_bytes_get_data (wire, &length);
  check (sio_packet_head_parse (&again, text + 1, length - 1, limits, NULL));
  check (again.type == head->type && again.id == head->id);
  check (again.nsp_length == head->nsp_length &&
         memcmp (again.nsp, head->nsp, head->nsp_length) == 0);
  check (sio_packet_read_payload (&again, &tape, limits, &payload_again, NULL));
  check ((payload == NULL) == (payload_again == NULL));
  check (payload == NULL || sio_value_equal (payload, payload_again));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const SioLimits limits = SIO_LIMITS_INIT;
  g_auto (SioJsonTape) tape = SIO_JSON_TAPE_INIT;
  g_autoptr (SioValue) payload = NULL;
  g_autoptr (GError) error = NULL;
  SioPacketHead head;

  if (!sio_packet_head_parse (&head, (const char *) data, size, &limits, &error) ||
      !sio_packet_read_payload (&head, &tape, &limits, &payload, &error))
    {
      check (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }

  if (head.n_attachments == 0)
    check_round_trip (&head, payload, &limits);
  return 0;
}
