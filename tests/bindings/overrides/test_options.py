#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What options do, where that is more than to be there, from PyGObject."""

import math
import os
import time

from harness import Waiter, connected, equal, following, run, test, turn, until, url
from gi.repository import Gio, GLib, Sio

NOWHERE = 'http://127.0.0.1:1'
POLLING = {'force_new': True, 'transports': ['polling']}


class Silent:
    """Takes connections, tells the first line of each, and never answers."""

    def __init__(self):
        self.lines = []
        self.kept = []
        self.service = Gio.SocketService()
        self.port = self.service.add_any_inet_port(None)
        self.service.connect('incoming', self.on_incoming)
        self.service.start()

    def on_incoming(self, _service, connection, _source):
        self.kept.append(connection)
        self.take(connection)
        return True

    def take(self, connection):
        self.read(connection.get_input_stream())

    def read(self, base_stream):
        stream = Gio.DataInputStream(base_stream=base_stream)
        self.kept.append(stream)
        stream.read_line_async(GLib.PRIORITY_DEFAULT, None, self.on_line)

    def on_line(self, stream, result):
        line, _length = stream.read_line_finish_utf8(result)
        self.lines.append(line)

    def stop(self):
        self.service.stop()
        self.service.close()


# The same behind TLS, for who trusts it; it wants to see a certificate, too.
PEM = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'localhost.pem')
HAS_TLS = Gio.TlsBackend.get_default().supports_tls()
CERTIFICATE = Gio.TlsCertificate.new_from_file(PEM) if HAS_TLS else None


class SilentTls(Silent):
    def __init__(self, mode):
        super().__init__()
        self.mode = mode
        self.presented = []

    def take(self, connection):
        tls = Gio.TlsServerConnection.new(connection, CERTIFICATE)
        tls.set_property('authentication-mode', self.mode)
        tls.connect('accept-certificate', lambda *_args: True)
        self.kept.append(tls)
        tls.handshake_async(GLib.PRIORITY_DEFAULT, None, self.on_handshake)

    def on_handshake(self, tls, result):
        try:
            tls.handshake_finish(result)
        except GLib.Error:
            return
        self.presented.append(tls.get_peer_certificate())
        self.read(tls.get_input_stream())


async def speaks_tls(peer, **options):
    """Whether a request came through."""
    socket = Sio.io(f'https://127.0.0.1:{peer.port}', **POLLING, reconnection=False, **options)
    refused = []
    socket.on('connect_error', lambda *_args: refused.append(True))
    await until('a request or an error', lambda: refused or peer.lines)
    socket.close()
    peer.stop()
    return not refused


@test('tlsDatabase/whom to trust')
async def _():
    if not HAS_TLS:
        return
    database = Gio.TlsFileDatabase.new(PEM)
    assert await speaks_tls(SilentTls(Gio.TlsAuthenticationMode.NONE), tls_database=database)
    assert not await speaks_tls(SilentTls(Gio.TlsAuthenticationMode.NONE))


@test('tlsCertificate/is presented')
async def _():
    if not HAS_TLS:
        return
    peer = SilentTls(Gio.TlsAuthenticationMode.REQUIRED)
    assert await speaks_tls(peer, tls_database=Gio.TlsFileDatabase.new(PEM), tls_certificate=CERTIFICATE)
    assert peer.presented[0].is_same(CERTIFICATE)


async def cookie_after_reconnection(with_credentials):
    socket = await connected(**POLLING, with_credentials=with_credentials, reconnection_delay=5)
    first = (await socket.emit_with_ack('handshake'))['headers'].get('cookie')
    again = following(socket.io, 'reconnect')
    socket.emit('drop')
    await again
    second = (await socket.emit_with_ack('handshake'))['headers'].get('cookie')
    socket.close()
    return first, second


@test('withCredentials/sends cookies back')
async def _():
    equal(await cookie_after_reconnection(True), (None, 'flavour=oat'))


@test('withCredentials/off')
async def _():
    equal(await cookie_after_reconnection(False), (None, None))


@test('timeout/none')
async def _():
    socket = await connected(timeout=None)
    equal(socket.io.timeout, 0)
    socket.close()
    socket = await connected(timeout=math.inf)
    equal(socket.io.timeout, 0)
    socket.close()


@test('timeout/ends an attempt')
async def _():
    peer = Silent()
    socket = Sio.io(f'http://127.0.0.1:{peer.port}', **POLLING, timeout=30, reconnection=False)
    error, *_ = await following(socket, 'connect_error')
    assert isinstance(error, GLib.Error)
    socket.close()
    peer.stop()


@test('requestTimeout/ends a request')
async def _():
    peer = Silent()
    socket = Sio.io(f'http://127.0.0.1:{peer.port}', **POLLING, request_timeout=30, timeout=None, reconnection=False)
    error, *_ = await following(socket, 'connect_error')
    assert isinstance(error, GLib.Error)
    equal(len(peer.lines), 1)
    socket.close()
    peer.stop()


@test('proxyResolver/is asked')
async def _():
    peer = Silent()
    resolver = Gio.SimpleProxyResolver.new(f'http://127.0.0.1:{peer.port}', None)
    socket = Sio.io('http://sio.invalid/', **POLLING, proxy_resolver=resolver)
    await until('request', lambda: peer.lines)
    assert 'sio.invalid' in peer.lines[0], peer.lines
    socket.close()
    peer.stop()


# Opened by hand instead, by when a first attempt of its own would be long over.
@test('reconnection/off')
async def _():
    socket = await connected(reconnection=False, reconnection_delay=1, randomization_factor=0)
    attempts = []
    socket.io.on('reconnect_attempt', attempts.append)
    gone = following(socket, 'disconnect')
    socket.emit('drop')
    await gone
    await turn(30)
    assert not socket.connected, 'it does not come back'
    socket.io.open()
    await following(socket, 'connect')
    equal(attempts, [])
    socket.close()


# Without the limit the first attempt would be hours away.
@test('reconnectionDelayMax/limits the delay')
async def _():
    socket = Sio.io(NOWHERE, force_new=True, reconnection_delay=10000000, reconnection_delay_max=2, reconnection_attempts=3)
    await following(socket.io, 'reconnect_failed')
    socket.close()


async def delays(factor, n):
    socket = Sio.io(NOWHERE, force_new=True, reconnection_delay=20, reconnection_delay_max=20, randomization_factor=factor,
                    reconnection_attempts=n)
    failed = [0.0]
    found = []
    waiter = Waiter('the last attempt')

    @socket.io.on('error')
    def on_error(_error):
        failed[0] = time.monotonic()

    @socket.io.on('reconnect_attempt')
    def on_attempt(_n):
        found.append((time.monotonic() - failed[0]) * 1000)

    socket.io.on('reconnect_failed', waiter)
    await waiter
    socket.close()
    return found


# One in half of all cases would be shorter with the default of 0.5, and so would be one of ten but once in a thousand runs.
@test('randomizationFactor/none')
async def _():
    found = await delays(0, 10)
    equal(len(found), 10)
    assert all(delay >= 18 for delay in found), found


@test('randomizationFactor/all')
async def _():
    found = await delays(1, 20)
    assert min(found) < 18, found


@test('perMessageDeflate/agreed')
async def _():
    text = 'x' * 100000

    async def read(socket, extensions):
        wire = await socket.emit_with_ack('wire')
        equal(wire['extensions'], extensions)
        return wire['read']

    # libsoup's framing has no compression.
    agreed = '' if os.environ.get('SIO_FRAMING') == 'libsoup' else 'permessage-deflate'
    for options, extensions in (({}, ''), ({'per_message_deflate': False}, ''),
                                ({'per_message_deflate': True}, agreed)):
        socket = await connected(transports=['websocket'], **options)
        before = await read(socket, extensions)
        equal(await socket.emit_with_ack('echo', text), text)
        compressed = await read(socket, extensions)
        await socket.compress(False).emit_with_ack('echo', text)
        plain = await read(socket, extensions)
        equal(compressed - before < 5000, bool(extensions))
        assert plain - compressed > 100000
        socket.close()


def add_user(transports):
    # X5
    @test(f'user in the URL is not sent/{transports}')
    async def _():
        socket = Sio.io(url.replace('//', '//us€r:p%3Aw@'), transports=transports)
        plain = Sio.io(url + '/admin', transports=transports)
        own = Sio.io(url.replace('//', '//u:p@'), transports=transports, extra_headers={'authorization': 'Bearer mine'})
        seen = [(await each.emit_with_ack('handshake'))['headers'].get('authorization') for each in (socket, plain, own)]
        equal(seen, ['Basic dXPigqxyOnA6dw==', None, 'Bearer mine'])
        equal([socket.io.url, own.io.url], [url, url])
        for each in socket, plain, own:
            each.close()


for _transports in ['polling'], ['websocket'], ['polling', 'websocket']:
    add_user(_transports)

run('python/options')
