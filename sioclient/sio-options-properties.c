/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "sio-options-properties-private.h"

#include "sio-value.h"

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
add_boolean (GParamSpec **properties, SioOptionsProperty property, const char *name, gboolean value)
{
  properties[property] = g_param_spec_boolean (name, NULL, NULL, value, FLAGS);
}

static void
add_int (GParamSpec **properties, SioOptionsProperty property, const char *name, int value)
{
  properties[property] = g_param_spec_int (name, NULL, NULL, -1, G_MAXINT, value, FLAGS);
}

static void
add_uint (GParamSpec **properties, SioOptionsProperty property, const char *name, guint value)
{
  properties[property] = g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, value, FLAGS);
}

static void
make_manager_options (GParamSpec **properties)
{
  /**
   * SioOptions:force-new:
   *
   * Whether [func@io] makes a manager of its own instead of sharing one (`forceNew`).
   */
  add_boolean (properties, PROP_FORCE_NEW, "force-new", FALSE);
  /**
   * SioOptions:multiplex:
   *
   * Whether [func@io] may share a manager with other sockets of the same origin (`multiplex`).
   */
  add_boolean (properties, PROP_MULTIPLEX, "multiplex", TRUE);
  /**
   * SioOptions:auto-connect:
   *
   * Whether a manager connects when it is made, and each of its sockets too (`autoConnect`).
   *
   * With [func@io] it is about the socket of that call, whoever shares the manager.
   */
  add_boolean (properties, PROP_AUTO_CONNECT, "auto-connect", TRUE);
  /**
   * SioOptions:reconnection:
   *
   * Whether to reconnect when the connection is lost or could not be made (`reconnection`).
   */
  add_boolean (properties, PROP_RECONNECTION, "reconnection", TRUE);
  /**
   * SioOptions:reconnection-attempts:
   *
   * How many attempts to reconnect before giving up; -1 or 0 for no limit
   * (`reconnectionAttempts`).
   */
  add_int (properties, PROP_RECONNECTION_ATTEMPTS, "reconnection-attempts", -1);
  /**
   * SioOptions:reconnection-delay:
   *
   * How long to wait before the first attempt to reconnect, in milliseconds; 0 stands for the
   * default (`reconnectionDelay`).
   */
  add_uint (properties, PROP_RECONNECTION_DELAY, "reconnection-delay", 1000);
  /**
   * SioOptions:reconnection-delay-max:
   *
   * The longest to wait between two attempts, in milliseconds; 0 stands for the default
   * (`reconnectionDelayMax`).
   */
  add_uint (properties, PROP_RECONNECTION_DELAY_MAX, "reconnection-delay-max", 5000);
  /**
   * SioOptions:randomization-factor:
   *
   * How far a delay strays at random, from 0 (not at all) to 1 (`randomizationFactor`).
   */
  properties[PROP_RANDOMIZATION_FACTOR] =
      g_param_spec_double ("randomization-factor", NULL, NULL, 0, 1, 0.5, FLAGS);
  /**
   * SioOptions:timeout:
   *
   * How long one attempt to connect may take, in milliseconds; 0 for no limit (`timeout`).
   */
  add_uint (properties, PROP_TIMEOUT, "timeout", 20000);
  /**
   * SioOptions:network-aware:
   *
   * Whether to heed what the system says of its network.
   *
   * When no network is left, and no route to the server either, the connection ends at once with
   * %SIO_DISCONNECT_REASON_TRANSPORT_CLOSE and `G_IO_ERROR_NETWORK_UNREACHABLE`,
   * instead of when the server is missed, and attempts to reconnect are made as seldom as
   * [property@Options:reconnection-delay-max] allows. When the network is back, an attempt is made
   * at once and the delays begin anew. A change of routes leaves a connection alone.
   *
   * Servers on this machine have nothing to do with it. The system is asked through
   * [iface@Gio.NetworkMonitor], not before a first connection stood for a while or an attempt has
   * failed, and only what it says in the global default main context is heard: a program that does
   * not run that one is not told.
   */
  add_boolean (properties, PROP_NETWORK_AWARE, "network-aware", TRUE);
}

static void
make_socket_options (GParamSpec **properties)
{
  /**
   * SioOptions:auth:
   *
   * What a socket presents to the server when it connects to its namespace, an object, or %NULL for
   * nothing (`auth`).
   *
   * A function that was set with [method@Options.set_auth_func] is asked instead.
   */
  properties[PROP_AUTH] = g_param_spec_boxed ("auth", NULL, NULL, SIO_TYPE_VALUE, FLAGS);
  /**
   * SioOptions:retries:
   *
   * How often an event that was not acknowledged in time is sent again; 0 for never, -1 for no
   * limit (`retries`).
   *
   * With retries, events are sent one after the other, each when the one before was acknowledged.
   */
  add_int (properties, PROP_RETRIES, "retries", 0);
  /**
   * SioOptions:ack-timeout:
   *
   * How long to wait for an acknowledgement, in milliseconds; 0 for no limit (`ackTimeout`).
   */
  add_uint (properties, PROP_ACK_TIMEOUT, "ack-timeout", 0);
  /**
   * SioOptions:join-timeout:
   *
   * How long a socket may take to join its namespace once the connection stands, in milliseconds; 0
   * for no limit.
   *
   * It covers the function that was set with [method@Options.set_auth_func] and the answer of the
   * server, which may never come: [property@Options:timeout] is over by then. When the time is
   * up, the socket emits [signal@Socket::connect-error] with `G_IO_ERROR_TIMED_OUT`. If it was the
   * function that had not answered, it is asked again later, as if it had called
   * [method@AuthRequest.fail]. If it was the server, the socket does not try again by itself, as if
   * the server had refused it.
   */
  add_uint (properties, PROP_JOIN_TIMEOUT, "join-timeout", 0);
}

static void
make_request_options (GParamSpec **properties)
{
  /**
   * SioOptions:path:
   *
   * The path that is requested from the server (`path`). It has nothing to do with namespaces.
   *
   * %NULL and an empty one stand for the default; %NULL is read back as that.
   */
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, "/socket.io/", FLAGS);
  /**
   * SioOptions:add-trailing-slash:
   *
   * Whether the path that is requested ends in a slash (`addTrailingSlash`).
   */
  add_boolean (properties, PROP_ADD_TRAILING_SLASH, "add-trailing-slash", TRUE);
  /**
   * SioOptions:timestamp-requests:
   *
   * Whether requests carry a parameter that is different each time, against caches
   * (`timestampRequests`).
   *
   * HTTP requests do by default; the WebSocket handshake only if this is set to %TRUE on purpose.
   */
  add_boolean (properties, PROP_TIMESTAMP_REQUESTS, "timestamp-requests", TRUE);
  /**
   * SioOptions:timestamp-param:
   *
   * The name of that parameter (`timestampParam`).
   *
   * %NULL and an empty one stand for the default, `t`; %NULL is read back as that.
   */
  properties[PROP_TIMESTAMP_PARAM] =
      g_param_spec_string ("timestamp-param", NULL, NULL, "t", FLAGS);
  /**
   * SioOptions:with-credentials:
   *
   * Whether to keep cookies that the server sets and to send them along, from one transport to the
   * other too (`withCredentials`).
   */
  add_boolean (properties, PROP_WITH_CREDENTIALS, "with-credentials", FALSE);
  /**
   * SioOptions:request-timeout:
   *
   * How long one HTTP request may take, in milliseconds; 0 for no limit (`requestTimeout`).
   *
   * A server answers a long poll only when it has something to say, at the latest with its next
   * ping, so a limit has to be longer than that.
   */
  add_uint (properties, PROP_REQUEST_TIMEOUT, "request-timeout", 0);
  /**
   * SioOptions:tls-database:
   *
   * The certificates to trust instead of those of the system, %NULL for those of the system (`ca`).
   *
   * They decide for the connections of this manager, and for no others. A server that they do not
   * vouch for gets no request, even if another manager of the program has just connected to it.
   *
   * A file for `GTlsFileDatabase` has to be named by an absolute path; by a relative one
   * nothing is trusted.
   */
  properties[PROP_TLS_DATABASE] =
      g_param_spec_object ("tls-database", NULL, NULL, G_TYPE_TLS_DATABASE, FLAGS);
  /**
   * SioOptions:tls-certificate:
   *
   * The certificate to present if the server asks for one, %NULL for none (`cert`, `key`, `pfx`).
   *
   * It is shown to the server alone, not to a proxy on the way, and only on connections of managers
   * to which this very object was given. So that no other is taken for its owner, TLS sessions are
   * not resumed where GIO allows to forbid that (glib-networking 2.80), and nowhere by a manager
   * with another certificate.
   *
   * GIO itself keeps TLS sessions for the whole process. If the program sends requests of its own
   * to the same host, with `SoupSession` for instance, and shows a certificate there, a
   * manager without one may resume the session that they have left. To rule that out, set
   * `session-resumption-enabled` of their `GTlsClientConnection` to %FALSE in
   * `SoupMessage::network-event` at `G_SOCKET_CLIENT_TLS_HANDSHAKING`; before
   * glib-networking 2.80, where that does not exist, set their certificate there.
   */
  properties[PROP_TLS_CERTIFICATE] =
      g_param_spec_object ("tls-certificate", NULL, NULL, G_TYPE_TLS_CERTIFICATE, FLAGS);
  /**
   * SioOptions:proxy-resolver:
   *
   * What tells the proxy to use (`agent`).
   *
   * By default that is the proxy of the system; %NULL, set on purpose, is none.
   */
  properties[PROP_PROXY_RESOLVER] =
      g_param_spec_object ("proxy-resolver", NULL, NULL, G_TYPE_PROXY_RESOLVER, FLAGS);
}

static void
make_transport_options (GParamSpec **properties)
{
  /**
   * SioOptions:transports:
   *
   * The transports that may be used, the first one to begin with: `polling`, `websocket`
   * (`transports`).
   *
   * %NULL stands for the default, both, and is read back as that. Names that are not known are left
   * out; if none is left, each attempt to connect fails.
   */
  properties[PROP_TRANSPORTS] = g_param_spec_boxed ("transports", NULL, NULL, G_TYPE_STRV, FLAGS);
  /**
   * SioOptions:upgrade:
   *
   * Whether to go over from HTTP long-polling to WebSocket when that works (`upgrade`).
   */
  add_boolean (properties, PROP_UPGRADE, "upgrade", TRUE);
  /**
   * SioOptions:remember-upgrade:
   *
   * Whether to begin with WebSocket if that worked the last time (`rememberUpgrade`).
   */
  add_boolean (properties, PROP_REMEMBER_UPGRADE, "remember-upgrade", FALSE);
  /**
   * SioOptions:try-all-transports:
   *
   * Whether to try the next transport when one could not connect (`tryAllTransports`).
   */
  add_boolean (properties, PROP_TRY_ALL_TRANSPORTS, "try-all-transports", FALSE);
  /**
   * SioOptions:force-base64:
   *
   * Whether binary data is sent as text also over WebSocket (`forceBase64`).
   */
  add_boolean (properties, PROP_FORCE_BASE64, "force-base64", FALSE);
  /**
   * SioOptions:protocols:
   *
   * Sub-protocols to offer in the WebSocket handshake (`protocols`), %NULL for none.
   */
  properties[PROP_PROTOCOLS] = g_param_spec_boxed ("protocols", NULL, NULL, G_TYPE_STRV, FLAGS);
  /**
   * SioOptions:per-message-deflate:
   *
   * Whether to offer the server to compress what goes over a WebSocket (`perMessageDeflate`).
   *
   * It is off unless asked for: few servers agree to it, and each connection for which one does
   * keeps up to 300 KB of memory. What the server sends is expanded no further than to the largest
   * message that is taken anyway. Events of 1024 bytes or more are compressed;
   * [method@Socket.compress] makes exceptions.
   */
  add_boolean (properties, PROP_PER_MESSAGE_DEFLATE, "per-message-deflate", FALSE);
}

void
sio_options_make_properties (GParamSpec **properties)
{
  make_manager_options (properties);
  make_socket_options (properties);
  make_request_options (properties);
  make_transport_options (properties);
}
