/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A peer on the loopback that sends what no real server would. It follows a script, a function
 * that runs in a thread of its own with blocking calls. Each call that waits fails the test after a
 * while, and ends the thread when the peer is freed; so a script owns nothing that it would
 * have to give back. */
typedef struct _SioRawPeer SioRawPeer;
typedef struct _SioRawConn SioRawConn;
typedef void (*SioRawScript) (SioRawPeer *peer);

SioRawPeer *sio_raw_peer_new (SioRawScript script, gpointer data);
/* Stops the script if it has not come to its end. */
void sio_raw_peer_free (SioRawPeer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioRawPeer, sio_raw_peer_free)

guint16 sio_raw_peer_get_port (SioRawPeer *self);
gpointer sio_raw_peer_get_data (SioRawPeer *self);

/* For the test: whether the script has come to its end, how often it called sio_raw_mark(), and
 * whether it was ever asked the same thing (GET or POST) while it had not answered yet. Changes
 * wake up the default main context. */
gboolean sio_raw_peer_is_done (SioRawPeer *self);
int sio_raw_peer_get_marks (SioRawPeer *self);
int sio_raw_peer_get_overlaps (SioRawPeer *self);
int sio_raw_peer_get_connections (SioRawPeer *self);
/* Lets the script go on after sio_raw_await_go(), once for each call. */
void sio_raw_peer_go (SioRawPeer *self);

/* All that follows is for scripts. */
void sio_raw_mark (SioRawPeer *self);
void sio_raw_await_go (SioRawPeer *self);

/* From now on connections begin with a TLS handshake, in which the client may be asked for
 * a certificate, any one. One that fails it is closed. */
void sio_raw_use_tls (SioRawPeer *self, GTlsCertificate *certificate, GTlsAuthenticationMode mode);

/* The next connection, whatever comes on it. */
SioRawConn *sio_raw_accept (SioRawPeer *self);
/* The next request on any connection, new or kept, that begins with @start (`GET /path?`) and
 * has @part (nullable) in its head; anything else fails the test. It stays to be answered. */
SioRawConn *sio_raw_expect (SioRawPeer *self, const char *start, const char *part);
/* Of the request that was read last. The head ends with its empty line; both end with NUL. */
const char *sio_raw_get_head (SioRawConn *conn);
const char *sio_raw_get_body (SioRawConn *conn, gsize *length);

void sio_raw_send (SioRawConn *conn, const char *bytes, gssize length);
/* Less than all of it may go out, as the other side may have closed; returns whether it did. */
gboolean sio_raw_try_send (SioRawConn *conn, const char *bytes, gssize length);
void sio_raw_respond (SioRawConn *conn, const char *status, const char *body);
void sio_raw_respond_full (SioRawConn *conn,
                           const char *status,
                           const char *headers,
                           const char *body,
                           gssize length);
/* An answer as it stands, or a part of one. */
void sio_raw_respond_raw (SioRawConn *conn, const char *bytes, gsize length);
void sio_raw_respond_chunk (SioRawConn *conn, const char *bytes, gsize length);

/* Waits for anything, which is forgotten; FALSE at the end of the connection. */
gboolean sio_raw_skip_some (SioRawConn *conn);
/* Until the other side has ended the connection in whichever way. */
void sio_raw_await_end (SioRawConn *conn);
void sio_raw_close (SioRawConn *conn);
/* Sends no more, and still receives. */
void sio_raw_end_output (SioRawConn *conn);
/* Closes by RST. */
void sio_raw_reset (SioRawConn *conn);

/* Answers the request read last with 101. */
void sio_raw_upgrade (SioRawConn *conn, const char *headers);
/* A whole websocket handshake. */
SioRawConn *sio_raw_expect_websocket (SioRawPeer *self);

#define SIO_RAW_FIN          0x80
#define SIO_RAW_CONTINUATION 0x0
#define SIO_RAW_TEXT         0x1
#define SIO_RAW_BINARY       0x2
#define SIO_RAW_CLOSE        0x8
#define SIO_RAW_PING         0x9
#define SIO_RAW_PONG         0xa

/* A frame as servers send them, @first being its first byte. */
void sio_raw_frame (SioRawConn *conn, guint8 first, const char *payload, gssize length);
void sio_raw_frame_masked (SioRawConn *conn, guint8 first, const char *payload, gssize length);
void sio_raw_text (SioRawConn *conn, const char *text);
/* Reads a frame of a client; its first byte is returned, the payload is unmasked and valid until
 * the next call. */
guint8 sio_raw_read_frame (SioRawConn *conn, const char **payload, gsize *length);
/* FALSE at the end of the connection. */
gboolean
sio_raw_try_read_frame (SioRawConn *conn, guint8 *first, const char **payload, gsize *length);
/* Until the client closes, in whichever way; a peer that does not answer a close frame would only
 * cost time, so this closes, too. */
void sio_raw_await_close (SioRawConn *conn);
void sio_raw_expect_text (SioRawConn *conn, const char *text);
/* A close frame that is empty (@code 0) or begins with @code. */
void sio_raw_expect_close (SioRawConn *conn, guint code);
void sio_raw_send_close (SioRawConn *conn, guint code, const char *reason);

G_END_DECLS
