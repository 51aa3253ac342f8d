#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every item of the API of the JavaScript client, from PyGObject: io() and the manager."""

import math

from harness import Waiter, connected, equal, fails, following, raises, run, signal, test, turn, until, url
from gi.repository import GLib, Sio

NOWHERE = 'http://127.0.0.1:1'


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


@test('X46/bare')
def _():
    for arguments in ((), ('/',)):
        assert 'Sio.io' in str(raises(TypeError, Sio.Socket, *arguments))
        raises(TypeError, Sio.Engine, *arguments)
    raises(TypeError, Sio.Manager)
    raises(TypeError, Sio.Manager, None)
    raises(TypeError, lambda: Sio.Manager(options=Sio.Options()))
    assert Sio.Manager(url=url, auto_connect=False).url == url


run('python/api')
