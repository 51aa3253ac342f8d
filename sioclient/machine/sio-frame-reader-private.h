/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "codec/sio-frame-private.h"
#include "machine/sio-deflate-private.h"

G_BEGIN_DECLS

/* Makes messages out of what a server sends over a WebSocket, however that is cut.
 *
 * Whoever reads asks where to put bytes, puts them there, and takes what they were, until nothing
 * is left. Small texts of one reading lie side by side in the bytes that came; each larger
 * message is read straight into its own memory. What was read and taken is not held on to. */
typedef enum
{
  SIO_FRAME_EVENT_NONE, /* more bytes are needed */
  SIO_FRAME_EVENT_TEXT,
  SIO_FRAME_EVENT_BINARY,
  SIO_FRAME_EVENT_PING,
  SIO_FRAME_EVENT_PONG,
  SIO_FRAME_EVENT_CLOSE, /* nothing comes after it */
} SioFrameEventType;

typedef struct
{
  SioFrameEventType type;
  const char *data; /* valid until the next is taken */
  gsize length;
  GBytes *bytes;    /* of a message: what @data lies in, of a binary one exactly that; not owned */
  guint close_code; /* of CLOSE, and after a failure what to tell the server */
} SioFrameEvent;

typedef enum
{
  SIO_FRAME_READER_BETWEEN,
  SIO_FRAME_READER_INSIDE, /* payload goes to the message */
  SIO_FRAME_READER_OVER,   /* closed or failed: what comes is dropped */
} SioFrameReaderState;

typedef struct
{
  SioFrameReaderState state;
  gsize max_payload;

  guint8 *block; /* nullable; where the next bytes go */
  gsize block_size;
  gsize room;   /* how much of it is offered */
  gsize kept;   /* bytes at its start that were moved there from the last reading */
  gsize n_came; /* bytes since it was idle */

  GBytes *input; /* nullable; what came, taken up to @at */
  const guint8 *data;
  gsize at;
  gsize end;

  SioFrameOpcode opcode; /* of the message that is under way, or CONTINUATION for none */
  guint8 *message;       /* nullable */
  gsize length;
  gsize allocated;
  gsize missing;       /* of the frame that is under way */
  gboolean last;       /* it is the message's last */
  gboolean compressed; /* the message is */

  SioInflater *inflater; /* nullable: then nothing may be compressed */

  GBytes *current; /* nullable; of the event that was taken last, if it is not @input */
} SioFrameReader;

/* @max_payload limits each message as a whole, before memory is set aside for it. */
void sio_frame_reader_init (SioFrameReader *self, gsize max_payload);
void sio_frame_reader_clear (SioFrameReader *self);
/* From now on messages may be compressed. @max_payload counts for them expanded, too. */
void sio_frame_reader_set_deflate (SioFrameReader *self, const SioDeflateParams *params);

/* Where the next bytes go, and how many at most. Everything was taken before. */
guint8 *sio_frame_reader_get_room (SioFrameReader *self, gsize *size);
void sio_frame_reader_put (SioFrameReader *self, gsize n_bytes);
/* What is there next. FALSE if the server may not send that: SIO_ERROR_TRANSPORT, just why. */
gboolean sio_frame_reader_take (SioFrameReader *self, SioFrameEvent *event, GError **error);
/* Nothing more comes for now: gives back all memory but that of unfinished frames. */
void sio_frame_reader_relax (SioFrameReader *self);

G_END_DECLS
