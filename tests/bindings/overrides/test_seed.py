#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every item of the API of the JavaScript client, from PyGObject."""

import asyncio
import importlib.util
import math
import sys
import textwrap
import threading
import uuid

import gi

from harness import Waiter, connected, equal, fails, following, raises, run, signal, skip, test, turn, until, url
from gi.repository import Gio, GLib, GObject, Sio

NOWHERE = 'http://127.0.0.1:1'
TIMED_OUT = (Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT)


# --- io

@test('io/protocol')
def _():
    equal(Sio.PROTOCOL, 5)
    equal(Sio.io.protocol, 5)


@test('io/namespace')
async def _():
    socket = await connected('/admin')
    equal(socket.nsp, '/admin')
    equal((await socket.emit_with_ack('whoami'))['nsp'], '/admin')
    socket.close()


@test('io/multiplex')
async def _():
    first, second, third = Sio.io(url), Sio.io(url + '/admin'), Sio.io(url)
    fourth, fifth = Sio.io(url + '/dynamic-1', multiplex=False), Sio.io(url + '/dynamic-1', force_new=True)
    assert first.io is second.io
    assert len({first.io, third.io, fourth.io, fifth.io}) == 4
    for socket in (first, second, third, fourth, fifth):
        if not socket.connected:
            await following(socket, 'connect')
        socket.close()


@test('io/query-of-url')
async def _():
    socket = await connected('/?token=abc')
    equal((await socket.emit_with_ack('handshake'))['query']['token'], 'abc')
    socket.close()


@test('io/bad-url')
async def _():
    socket = Sio.io('gopher://127.0.0.1/')
    error, data = await following(socket, 'connect_error')
    assert error.matches(Sio.error_quark(), Sio.Error.INVALID_URL)
    equal(data, None)
    equal(socket.active, False)


# --- Manager

@test('manager/constructor')
async def _():
    manager = Sio.Manager(url, transports=['websocket'], reconnection=False)
    main, admin = manager.socket('/'), manager.socket('/admin')
    assert main.io is manager and admin.io is manager
    await following(admin, 'connect')
    equal([main.connected, admin.nsp, manager.engine.transport_name], [True, '/admin', 'websocket'])
    equal(manager.url, url)
    main.close()
    admin.close()
    equal(Sio.Manager(url=url, options=Sio.Options(auto_connect=False)).url, url)


@test('manager/event-error')
async def _():
    manager = Sio.Manager(NOWHERE, reconnection=False, auto_connect=False)
    failed = following(manager, 'error')
    manager.open()
    error, = await failed
    assert error.matches(Sio.error_quark(), Sio.Error.TRANSPORT)


@test('manager/event-ping')
async def _():
    socket = await connected()
    equal(await following(socket.io, 'ping'), ())
    socket.close()


@test('manager/event-reconnect')
async def _():
    socket = await connected(reconnection_delay=10, randomization_factor=0)
    attempted, reconnected = following(socket.io, 'reconnect_attempt'), following(socket.io, 'reconnect')
    closed, opened = following(socket.io, 'close'), following(socket.io, 'open')
    socket.emit('drop')
    reason, _details = await closed
    assert reason.startswith('transport ')
    equal(await attempted, (1,))
    await opened
    equal(await reconnected, (1,))
    await until('connection', lambda: socket.connected)
    socket.close()


@test('manager/event-reconnect-error-and-failed')
async def _():
    socket = Sio.io(NOWHERE, force_new=True, reconnection_attempts=2, reconnection_delay=1, reconnection_delay_max=2)
    heard = []
    socket.io.on('error', lambda error: heard.append('error'))
    socket.io.on('reconnect_attempt', lambda n: heard.append(f'attempt {n}'))
    socket.io.on('reconnect_error', lambda error: heard.append('reconnect_error'))
    equal(await following(socket.io, 'reconnect_failed'), ())
    # The last error is told after the end (as in the reference client).
    await turn()
    equal(heard, ['error', 'attempt 1', 'error', 'reconnect_error', 'attempt 2', 'error', 'reconnect_error'])
    socket.close()
    socket.io.off()


@test('manager/reconnect-now')
async def _():
    socket = Sio.io(NOWHERE, force_new=True, reconnection_delay=3600000, reconnection_delay_max=3600000)
    manager = socket.io
    equal([manager.next_attempt_time, manager.reconnect_now()], [0, False])
    await signal(manager, 'notify::next-attempt-time')
    left = (manager.next_attempt_time - GLib.get_monotonic_time()) / 1000000
    assert 1700 < left < 5500, left
    await turn()
    attempted = following(manager, 'reconnect_attempt')
    equal(manager.reconnect_now(), True)
    equal(await attempted, (1,))
    equal(manager.next_attempt_time, 0)
    socket.close()


@test('manager/on-once-off-listeners')
async def _():
    manager = Sio.Manager(url, auto_connect=False)
    heard = []

    @manager.on('open')
    def listener():
        heard.append('on')

    manager.once('open', lambda: heard.append('once'))
    equal(len(manager.listeners('open')), 2)
    await manager.open_async()
    equal(heard, ['on', 'once'])
    equal(manager.listeners('open'), [listener])
    manager.off('open', listener)
    equal(manager.listeners('open'), [])
    manager.on('ping', listener)
    manager.off()
    equal(manager.listeners('ping'), [])
    raises(ValueError, manager.on, 'no such event', listener)


@test('manager/open')
async def _():
    manager = Sio.Manager(url, auto_connect=False)
    equal(manager.engine, None)
    assert manager.open() is manager
    await following(manager, 'open')
    equal(type(manager.engine.id), str)
    equal(await manager.open_async(), True)
    waiter = Waiter('callback')
    manager.open(waiter)
    equal(await waiter, (None,))

    failed = Waiter('callback')
    Sio.Manager(NOWHERE, auto_connect=False).connect(failed)
    error, = await failed
    assert error.matches(Sio.error_quark(), Sio.Error.TRANSPORT)
    error = await fails(Sio.Manager(NOWHERE, auto_connect=False).open_async())
    assert error.matches(Sio.error_quark(), Sio.Error.TRANSPORT)


@test('manager/connect')
async def _():
    manager = Sio.Manager(url, auto_connect=False)
    opened = signal(manager, 'opened')
    manager.connect()
    await opened


@test('manager/settings')
def _():
    manager = Sio.Manager(url, auto_connect=False, reconnection_attempts=math.inf, reconnection_delay=12,
                          reconnection_delay_max=34, timeout=56, randomization_factor=0.25)
    equal([manager.reconnection, manager.reconnection_attempts, manager.reconnection_delay,
           manager.reconnection_delay_max, manager.timeout, manager.randomization_factor], [True, -1, 12, 34, 56, 0.25])
    manager.reconnection = False
    manager.reconnection_attempts = 7
    manager.reconnection_delay = 1
    manager.reconnection_delay_max = 2
    manager.timeout = 3
    equal([manager.reconnection, manager.reconnection_attempts, manager.reconnection_delay,
           manager.reconnection_delay_max, manager.timeout], [False, 7, 1, 2, 3])


@test('manager/socket-auth')
async def _():
    manager = Sio.Manager(url)
    socket = manager.socket('/auth', auth={'token': 'secret'})
    await following(socket, 'connect')
    assert manager.socket('/auth') is socket
    socket.close()


# --- Socket: events

@test('socket/event-connect')
async def _():
    socket = Sio.io(url, force_new=True)
    equal([socket.connected, socket.disconnected, socket.active, socket.id, socket.recovered],
          [False, True, True, None, False])
    equal(await following(socket, 'connect'), ())
    equal([socket.connected, socket.disconnected, socket.active], [True, False, True])
    equal(socket.id, (await socket.emit_with_ack('whoami'))['id'])
    socket.close()
    equal([socket.connected, socket.disconnected, socket.active, socket.id], [False, True, False, None])


@test('socket/event-connect-again')
async def _():
    socket = await connected(reconnection_delay=10)
    first = socket.id
    socket.emit('drop')
    await following(socket, 'disconnect')
    equal(socket.active, True)
    await following(socket, 'connect')
    assert socket.id != first
    socket.close()


@test('socket/event-connect-error-refused')
async def _():
    socket = Sio.io(url + '/auth', force_new=True, auth={'token': 'wrong'})
    error, data = await following(socket, 'connect_error')
    equal([error.message, data, error.data], ['not authorized', {'code': 401, 'token': 'wrong'},
                                              {'code': 401, 'token': 'wrong'}])
    assert error.matches(Sio.error_quark(), Sio.Error.REJECTED)
    equal(socket.active, False)
    socket.auth['token'] = 'secret'
    socket.connect()
    await following(socket, 'connect')
    socket.close()


@test('socket/event-connect-error-network')
async def _():
    socket = Sio.io(NOWHERE, force_new=True)
    error, data = await following(socket, 'connect_error')
    equal([type(error.message), data, socket.active], [str, None, True])
    socket.close()
    equal(socket.active, False)


@test('socket/event-disconnect-reasons')
async def _():
    for event, reason, active in (('kick', 'io server disconnect', False), ('engine-close', 'transport close', True),
                                  ('stop-pings', 'ping timeout', True)):
        socket = await connected(transports=['websocket'])
        ended = following(socket, 'disconnect')
        socket.emit(event)
        equal((await ended)[0], reason)
        equal(socket.active, active, event)
        socket.close()

    socket = await connected()
    heard = []
    socket.on('disconnect', lambda reason: heard.append(reason))
    socket.disconnect()
    equal(heard, ['io client disconnect'])

    socket = await connected(transports=['polling'])
    ended = following(socket, 'disconnect')
    socket.emit('drop')
    reason, details = await ended
    equal(reason, 'transport error')
    assert isinstance(details, GLib.Error)
    socket.close()


# --- Socket: attributes

@test('socket/io-engine')
async def _():
    received, created, drained = [], [], []
    # On a busy machine it can be upgraded before it is connected.
    for _ in range(20):
        socket = await connected()
        engine = socket.io.engine
        if engine.transport_name == 'polling':
            break
        socket.close()
    equal(engine.transport_name, 'polling')
    upgraded = following(engine, 'upgrade')
    engine.on('packet', lambda kind, data: received.append((kind, data)))
    engine.on('packetCreate', lambda kind, data: created.append((kind, data)))
    engine.on('drain', lambda: drained.append(1))
    equal(await upgraded, ('websocket',))
    equal(engine.transport_name, 'websocket')
    await socket.emit_with_ack('echo', 'x', b'\1\2')
    assert any(kind == 'message' and '"echo"' in data for kind, data in created if isinstance(data, str))
    assert any(kind == 'message' and '"echo"' in data for kind, data in received if isinstance(data, str))
    assert ('message', b'\1\2') in received
    await until('drain', lambda: drained)
    closed = following(engine, 'close')
    socket.close()
    equal((await closed)[0], 'forced close')


@test('socket/volatile')
async def _():
    socket = Sio.io(url, force_new=True)
    socket.volatile.emit('count', 0)
    await following(socket, 'connect')
    equal((await socket.emit_with_ack('count-report'))['received'], 0)
    assert socket.volatile is socket
    socket.emit('note')
    socket.emit('count', 0)
    equal((await socket.emit_with_ack('count-report'))['received'], 1)
    error = await fails(Sio.io(url, force_new=True, auto_connect=False).volatile.emit_with_ack('hello'))
    assert error.matches(Sio.error_quark(), Sio.Error.NOT_SENT)
    socket.close()


# --- Socket: methods

@test('socket/open-connect-close-disconnect')
async def _():
    socket = Sio.io(url, force_new=True, auto_connect=False)
    equal(socket.active, False)
    for opens, closes in (('open', 'close'), ('connect', 'disconnect')):
        opened = following(socket, 'connect')
        assert getattr(socket, opens)() is socket
        await opened
        assert getattr(socket, closes)() is socket
        equal(socket.connected, False)


@test('socket/emit')
async def _():
    socket = await connected()
    came = following(socket, 'echo')
    assert socket.emit('echo', 'world', 1, [2, {'a': None}]) is socket
    equal(await came, ('world', 1, [2, {'a': None}]))
    for event, args, wanted in (('hello', (), (None, 'world')), ('ack-many', (3,), (None, 0, 1, 2)),
                                ('ack-empty', (), (None,))):
        waiter = Waiter('answer')
        socket.emit(event, *args, callback=waiter)
        equal(await waiter, wanted)
    socket.close()


@test('socket/emit-buffered')
async def _():
    socket = Sio.io(url, force_new=True, auto_connect=False)
    for i in range(3):
        socket.emit('count', i)
    socket.open()
    await following(socket, 'connect')
    equal(await socket.emit_with_ack('count-report'), {'received': 3, 'inOrder': True, 'last': 2})
    socket.close()


@test('socket/emit-reserved')
def _():
    socket = Sio.io(url, force_new=True, auto_connect=False)
    for name in ('connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener', 'a\0b'):
        raises(ValueError, socket.emit, name)
        raises(ValueError, socket.emit_with_ack, name)


@test('socket/emit-with-ack')
async def _():
    socket = await connected()
    equal(await socket.emit_with_ack('echo', 'a', 'b'), 'a')
    equal(await socket.emit_with_ack('ack-empty'), None)
    several = [socket.emit_with_ack('echo', i) for i in range(3)]
    equal([await pending for pending in several], [0, 1, 2])
    pending = socket.emit_with_ack('no-ack')
    socket.close()
    assert (await fails(pending)).matches(Sio.error_quark(), Sio.Error.DISCONNECTED)


@test('socket/emit-with-ack-cancelled')
async def _():
    socket = await connected()
    pending = socket.emit_with_ack('no-ack')
    pending.cancel()
    assert (await fails(pending)).matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED)
    equal(pending.done(), True)
    assert isinstance(pending.exception(), GLib.Error)
    raises(GLib.Error, pending.result)
    socket.close()


@test('socket/timeout')
async def _():
    socket = await connected()
    assert socket.timeout(1) is socket
    socket.emit('note')
    assert (await fails(socket.timeout(50).emit_with_ack('no-ack'))).matches(*TIMED_OUT)
    waiter = Waiter('callback')
    socket.timeout(50).emit('no-ack', callback=waiter)
    error, = await waiter
    assert error.matches(*TIMED_OUT)
    assert error.message.startswith('operation has timed out')
    assert (await fails(Sio.io(url, force_new=True, auto_connect=False).timeout(20).emit_with_ack('x'))).matches(*TIMED_OUT)
    socket.close()


@test('socket/compress')
async def _():
    socket = await connected()
    assert socket.compress(False) is socket
    equal(await socket.compress(True).emit_with_ack('echo', {'some': 'data'}), {'some': 'data'})
    socket.close()


@test('socket/send')
async def _():
    socket = await connected()
    came = following(socket, 'message')
    assert socket.send('hi', 1) is socket
    equal(await came, ('hi', 1))
    waiter = Waiter('answer')
    socket.send('yo', callback=waiter)
    equal(await waiter, (None, 'yo'))
    socket.close()


@test('socket/on-with-acknowledgement')
async def _():
    socket = await connected()
    answered, asked = following(socket, 'answered'), Waiter('question')

    @socket.on('question')
    def on_question(what, reply):
        reply('because', {'n': 42}, b'\7')
        reply('again')
        asked(what)

    socket.emit('ask-me', 'why?')
    equal(await asked, ('why?',))
    equal(await answered, ('because', {'n': 42}, b'\7'))
    socket.close()


@test('socket/on-coroutine')
async def _():
    socket = await connected()
    answered = following(socket, 'answered')

    @socket.on('question')
    async def on_question(reply):
        await turn(20)
        reply(await socket.emit_with_ack('hello'))

    socket.emit('ask-me')
    equal(await answered, ('world',))
    socket.close()


class Program:
    def __init__(self):
        self.heard = []

    def on_echo(self, x):
        self.heard.append(x)


@test('socket/on-once-off')
async def _():
    socket = await connected()
    heard = []

    def first(x):
        heard.append(('first', x))

    assert socket.on('echo', first) is first
    second = socket.once('echo', lambda x: heard.append(('second', x)))
    equal(socket.listeners('echo'), [first, second])
    await socket.emit_with_ack('echo', 1)
    await socket.emit_with_ack('echo', 2)
    equal(heard, [('first', 1), ('second', 1), ('first', 2)])
    assert socket.off('echo', first) is socket
    equal([socket.listeners('echo'), socket.has_listeners('echo')], [[], False])
    program = Program()
    socket.on('echo', program.on_echo)
    equal(socket.has_listeners('echo'), True)
    await socket.emit_with_ack('echo', 3)
    socket.off('echo', program.on_echo)
    await socket.emit_with_ack('echo', 4)
    equal(program.heard, [3])
    socket.on('echo', first)
    socket.on('other', first)
    socket.on('connect', first)
    socket.off('echo')
    equal([socket.listeners('echo'), socket.listeners('other')], [[], [first]])
    socket.off()
    equal([socket.listeners('other'), socket.listeners('connect')], [[], []])
    raises(TypeError, socket.on, 'echo', 'no function')
    socket.close()


@test('socket/on-changed-while-called')
async def _():
    socket = await connected()
    heard = []

    def gone():
        heard.append('gone')

    @socket.on('echo')
    def first():
        heard.append('first')
        socket.off('echo', gone)
        socket.on('echo', lambda: heard.append('added'))

    socket.on('echo', gone)
    await socket.emit_with_ack('echo')
    equal(heard, ['first'])
    socket.close()


@test('socket/on-names')
async def _():
    socket = await connected()
    for name in ('', 'my-event', 'my_event', 'a::b', 'ünï ☃', '😀', '__proto__', '0', ' a ', 'a%sb', 'a\nb', 'x' * 5000):
        came = following(socket, name)
        socket.emit('emit-me', name, name)
        equal(await came, (name,))
    socket.close()


@test('socket/any')
async def _():
    socket = await connected()
    heard = []

    @socket.on_any
    def anything(*args):
        heard.append(('any', *args))

    before = socket.prepend_any(lambda name, *args: heard.append(('before', name)))
    socket.on('echo', lambda *args: heard.append('on'))
    equal(socket.listeners_any(), [before, anything])
    await socket.emit_with_ack('echo', 1)
    equal(heard, [('before', 'echo'), ('any', 'echo', 1), 'on'])
    assert socket.off_any(anything) is socket
    equal(socket.listeners_any(), [before])
    socket.off_any()
    equal(socket.listeners_any(), [])
    socket.close()


@test('socket/any-outgoing')
async def _():
    socket = Sio.io(url, force_new=True, auto_connect=False)
    heard = []

    @socket.on_any_outgoing
    def anything(*args):
        heard.append(('any', *args))

    before = socket.prepend_any_outgoing(lambda name, *args: heard.append(('before', name)))
    equal(socket.listeners_any_outgoing(), [before, anything])
    socket.emit('note', 'buffered')
    equal(heard, [])
    socket.open()
    await following(socket, 'connect')
    equal(heard, [('before', 'note'), ('any', 'note', 'buffered')])
    heard.clear()
    socket.emit('note', b'\5')
    equal(heard, [('before', 'note'), ('any', 'note', b'\5')])
    heard.clear()
    socket.on('question', lambda reply: reply())
    socket.emit('ask-me')
    await following(socket, 'answered')
    equal(heard, [('before', 'ask-me'), ('any', 'ask-me')])
    socket.off_any_outgoing(anything)
    equal(socket.listeners_any_outgoing(), [before])
    socket.off_any_outgoing()
    equal(socket.listeners_any_outgoing(), [])
    socket.close()


@test('socket/burst')
async def _():
    socket = await connected()
    heard = []
    socket.on('burst', lambda i, n: heard.append(i))
    equal(await socket.emit_with_ack('burst', 3000), 3000)
    equal(heard, list(range(3000)))
    socket.close()


# --- Socket: auth

@test('auth/forms')
async def _():
    async def coroutine():
        await turn(5)
        return {'token': 'secret'}

    async def coroutine_with_callback(callback):
        await turn(5)
        callback({'token': 'secret'})

    def later(callback):
        GLib.timeout_add(5, lambda: callback({'token': 'secret'}))

    for auth in ({'token': 'secret'}, lambda callback: callback({'token': 'secret'}), lambda: {'token': 'secret'},
                 later, coroutine, coroutine_with_callback):
        socket = await connected('/auth', auth=auth)
        assert socket.auth is auth
        socket.close()


@test('auth/asked-each-time')
async def _():
    tokens = ['wrong', 'secret']
    socket = Sio.io(url + '/auth', force_new=True, auth=lambda: {'token': tokens.pop(0)})
    await following(socket, 'connect_error')
    socket.connect()
    await following(socket, 'connect')
    equal(tokens, [])
    socket.close()


@test('auth/fails')
async def _():
    def auth():
        raise RuntimeError('no token')

    async def coroutine():
        raise RuntimeError('no token')

    for each in (auth, coroutine):
        socket = Sio.io(url + '/auth', force_new=True, auth=each)
        error, _data = await following(socket, 'connect_error')
        equal([error.message, socket.active], ['no token', False])


@test('auth/set-later')
async def _():
    socket = Sio.io(url + '/auth', force_new=True, auto_connect=False)
    equal(socket.auth, None)
    socket.auth = {'token': 'secret'}
    socket.open()
    await following(socket, 'connect')
    socket.close()
    socket.auth = lambda callback: callback({'token': 'wrong'})
    socket.open()
    equal((await following(socket, 'connect_error'))[0].message, 'not authorized')
    socket.auth = Sio.Value.new_from_json('{"token": "secret"}', None)
    equal(socket.auth, {'token': 'secret'})
    socket.open()
    await following(socket, 'connect')
    socket.close()


# --- options

async def handshake(**options):
    socket = await connected(**options)
    result = await socket.emit_with_ack('handshake')
    socket.close()
    return result


@test('options/query-and-headers')
async def _():
    result = await handshake(query={'my-key': 'my ä', 'n': 1}, extra_headers={'x-test': 'yes'})
    equal([result['query']['my-key'], result['query']['n'], result['headers']['x-test']], ['my ä', '1', 'yes'])


@test('options/path')
async def _():
    socket = Sio.io(url, force_new=True, path='/elsewhere', reconnection=False, timeout=100)
    await following(socket, 'connect_error')
    socket.close()
    assert (await handshake(path='/socket.io', add_trailing_slash=True))['url'].startswith('/socket.io/?')
    socket = Sio.io(url, force_new=True, add_trailing_slash=False, reconnection=False, timeout=100)
    await following(socket, 'connect_error')
    socket.close()


@test('options/transports')
async def _():
    equal((await handshake(transports=['websocket']))['query']['transport'], 'websocket')
    equal((await handshake(transports=('polling',)))['query']['transport'], 'polling')
    socket = await connected(transports=['websocket', 'polling'], try_all_transports=True)
    equal(socket.io.engine.transport_name, 'websocket')
    socket.close()


@test('options/upgrade')
async def _():
    socket = await connected(upgrade=False)
    upgraded = []
    socket.io.engine.on('upgrade', upgraded.append)
    await socket.emit_with_ack('late', 100)
    equal([upgraded, socket.io.engine.transport_name], [[], 'polling'])
    socket.close()


@test('options/remember-upgrade')
async def _():
    socket = await connected(remember_upgrade=True, reconnection_delay=10)
    if socket.io.engine.transport_name == 'polling':
        await following(socket.io.engine, 'upgrade')
    socket.emit('drop')
    await following(socket.io, 'reconnect')
    equal(socket.io.engine.transport_name, 'websocket')
    socket.close()


@test('options/timestamps')
async def _():
    assert 't' in (await handshake())['query']
    assert 'stamp' in (await handshake(timestamp_param='stamp'))['query']
    assert 't' not in (await handshake(timestamp_requests=False))['query']


@test('options/force-base64')
async def _():
    equal((await handshake(force_base64=True))['query']['b64'], '1')
    socket = await connected(force_base64=True, transports=['polling'])
    equal(await socket.emit_with_ack('echo', b'\1\2\3'), b'\1\2\3')
    socket.close()


@test('options/protocols')
async def _():
    result = await handshake(transports=['websocket'], protocols=['chat'])
    equal(result['headers']['sec-websocket-protocol'], 'chat')


@test('options/accepted')
async def _():
    socket = await connected(with_credentials=True, per_message_deflate=False, request_timeout=5000, timeout=None,
                             reconnection_delay_max=10000, randomization_factor=1)
    equal([socket.io.reconnection_delay_max, socket.io.randomization_factor, socket.io.timeout], [10000, 1.0, 0])
    socket.close()
    raises(TypeError, lambda: Sio.io(url, no_such_option=1))
    raises(TypeError, lambda: Sio.io(url, Sio.Options(), timeout=1))


@test('options/join-timeout')
async def _():
    equal([Sio.Options().join_timeout, Sio.Options(join_timeout=math.inf).join_timeout], [0, 0])
    socket = Sio.io(url, force_new=True, join_timeout=50, auth=lambda answer: None)
    error, *_data = await following(socket, 'connect_error')
    assert error.matches(*TIMED_OUT)
    equal(socket.active, False)
    socket.auth = {'token': 'secret'}
    socket.open()
    await following(socket, 'connect')
    socket.close()


@test('options/network-aware')
async def _():
    equal(Sio.Options().network_aware, True)
    equal(Sio.Options(network_aware=False).network_aware, False)
    socket = await connected(network_aware=False)
    equal(await socket.emit_with_ack('hello'), 'world')
    socket.close()


@test('options/retries')
async def _():
    socket = await connected(retries=3, ack_timeout=50)
    tag = str(uuid.uuid4())
    waiter = Waiter('answer')
    socket.emit('deaf', 2, tag, callback=waiter)
    equal(await waiter, (None, tag, 3))
    socket.close()


@test('options/ack-timeout')
async def _():
    socket = await connected(ack_timeout=50)
    assert (await fails(socket.emit_with_ack('no-ack'))).matches(*TIMED_OUT)
    socket.close()


@test('options/object')
async def _():
    options = Sio.Options(force_new=True, transports=['websocket'])
    options.reconnection_delay = 77
    equal(options.props.reconnection_delay, 77)
    socket = Sio.io(url, options)
    await following(socket, 'connect')
    equal(socket.io.reconnection_delay, 77)
    socket.close()


# --- main loops

@test('await/asyncio-in-another-thread')
async def _():
    socket = await connected()
    pending = socket.emit_with_ack('late', 50, 'x')
    answers = []

    def work():
        async def main():
            answers.append(await asyncio.wait_for(pending, 10))
        asyncio.run(main())

    thread = threading.Thread(target=work)
    thread.start()
    await until('thread', lambda: not thread.is_alive())
    equal(answers, ['x'])
    socket.close()


def in_process(program, wanted):
    """Runs a program of its own, as a process has one main loop of a kind."""
    async def body():
        waiter = Waiter('process')
        process = Gio.Subprocess.new([sys.executable, '-c', textwrap.dedent(program), url],
                                     Gio.SubprocessFlags.STDOUT_PIPE | Gio.SubprocessFlags.STDERR_MERGE)
        process.communicate_utf8_async(None, None, lambda source, result: waiter(source.communicate_utf8_finish(result)[1]))
        output, = await waiter
        equal(output, wanted)
    return body


IMPORTS = """
import asyncio, sys, warnings
warnings.simplefilter('ignore')
import gi
gi.require_version('Sio', '1.0')
from gi.repository import Gio, GLib, Sio
"""

ASKED = '1 2 g-io-error-quark\n'
ASKING = IMPORTS + """
async def main():
    socket = Sio.io(sys.argv[-1], force_new=True)
    both = await asyncio.gather(socket.emit_with_ack('echo', 1), socket.emit_with_ack('late', 20, 2))
    try:
        await asyncio.wait_for(socket.timeout(30).emit_with_ack('no-ack'), 10)
    except GLib.Error as error:
        print(*both, error.domain)
    socket.close()
"""

# A task that is cancelled, by itself or by a time limit, ends what it waits for.
CANCELLED = 'cancelled True\ntimeout True\ninside timeout True\nstill there\n'
CANCELLING = IMPORTS + """
async def is_cancelled(socket, pending):
    while not pending.done():
        await socket.emit_with_ack('echo', 0)
    return pending.exception().matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED)

async def main():
    socket = Sio.io(sys.argv[-1], force_new=True)

    pending = socket.emit_with_ack('no-ack')
    task = asyncio.ensure_future(pending)
    await socket.emit_with_ack('echo', 1)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print('cancelled', await is_cancelled(socket, pending))

    pending = socket.emit_with_ack('no-ack')
    try:
        await asyncio.wait_for(pending, 0.05)
    except asyncio.TimeoutError:
        print('timeout', await is_cancelled(socket, pending))

    pending = socket.emit_with_ack('no-ack')
    async def inside():
        return await pending
    try:
        await asyncio.wait_for(inside(), 0.05)
    except asyncio.TimeoutError:
        print('inside timeout', await is_cancelled(socket, pending))

    print(await socket.emit_with_ack('echo', 'still there'))
    socket.close()
"""

WITH_GBULB = """
import gbulb
gbulb.install()
asyncio.get_event_loop().run_until_complete(main())
"""

WITH_GI_EVENTS = """
from gi.events import GLibEventLoopPolicy
asyncio.set_event_loop_policy(GLibEventLoopPolicy())
asyncio.get_event_loop_policy().get_event_loop().run_until_complete(main())
"""

# From Python 3.12 on asyncio.run() wants to set a loop, which the policy allows where none is yet.
WITH_RUN = """
from gi.events import GLibEventLoopPolicy
policy = GLibEventLoopPolicy()
asyncio.set_event_loop_policy(policy)
with asyncio.Runner(loop_factory=policy.get_event_loop) as runner:
    runner.run(main())
"""

if gi.version_info >= (3, 50):
    no_gbulb, no_events = 'gbulb does not work with PyGObject 3.50', None
else:
    no_gbulb = None if importlib.util.find_spec('gbulb') else 'no gbulb'
    no_events = 'PyGObject is older than 3.50'

for loop, program, why_not in (('gbulb', WITH_GBULB, no_gbulb), ('gi.events', WITH_GI_EVENTS, no_events),
                               ('gi.events-runner', WITH_RUN, no_events)):
    for what, question, answer in ('', ASKING, ASKED), ('-cancelled', CANCELLING, CANCELLED):
        if why_not:
            skip(f'await/{loop}{what}', why_not)
        else:
            test(f'await/{loop}{what}')(in_process(question + program, answer))


@test('await/callback')
async def _():
    socket = await connected()
    waiter = Waiter('callback')
    pending = socket.emit_with_ack('echo', 1)
    pending.add_done_callback(waiter)
    equal(await waiter, (pending,))
    equal(pending.result(), 1)
    socket.close()


# --- still a GObject

@test('gobject/signals')
async def _():
    socket = Sio.io(url, force_new=True)
    notified, echoed = signal(socket, 'notify::connected'), signal(socket, 'event::echo')
    await signal(socket, 'connect')
    await notified
    socket.emit('echo', 1)
    event, = await echoed
    equal(event.get_arg(0).get_integer(), 1)
    handler = socket.connect('event', lambda *_args: None)
    equal(type(handler), int)
    socket.disconnect(handler)
    equal(socket.connected, True)
    equal(socket.handler_is_connected(handler), False)
    closed = signal(socket, 'disconnect')
    socket.disconnect()
    equal((await closed)[0], Sio.DisconnectReason.IO_CLIENT_DISCONNECT)


@test('gobject/bind-property')
async def _():
    socket = Sio.io(url, force_new=True)
    action = Gio.SimpleAction(name='send')
    socket.bind_property('connected', action, 'enabled', GObject.BindingFlags.SYNC_CREATE)
    equal(action.get_enabled(), False)
    await following(socket, 'connect')
    equal(action.get_enabled(), True)
    socket.close()
    equal(action.get_enabled(), False)


run('python/seed')
