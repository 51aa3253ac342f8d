#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the server holds of a session in whose handlers an exception was raised (X10): all of it, as another client sees."""

from harness import connected, equal, following, run, test

MODES = {'polling': ['polling'], 'websocket': ['websocket'], 'both': ['polling', 'websocket']}


def fail(*_args):
    raise RuntimeError('on purpose')


async def listener(socket):
    socket.on('echo', fail)
    await socket.emit_with_ack('echo', 1)


async def catch_all_listener(socket):
    socket.on_any(fail)
    await socket.emit_with_ack('echo', 1)


async def acknowledgement(socket):
    socket.emit('hello', callback=fail)
    await socket.emit_with_ack('hello')


async def listener_that_was_asked(socket):
    socket.on('question', fail)
    await socket.emit_with_ack('ask-me', 1)


async def auth_of_another_namespace(socket):
    other = socket.io.socket('/auth', auth=fail)
    came = following(other, 'connect_error')
    other.connect()
    await came
    other.close()


def add(mode, transports, act):
    @test(f'{mode}/{act.__name__}')
    async def _():
        watcher = await connected(transports=['websocket'])
        socket = await connected(transports=transports, reconnection=False)
        first = socket.id
        await socket.emit_with_ack('join', 'crowd')
        await act(socket)
        await socket.emit_with_ack('hello')
        equal([socket.connected, socket.id], [True, first])
        equal(await watcher.emit_with_ack('look-at', first), {'there': True, 'rooms': [first, 'crowd']})
        socket.close()
        watcher.close()


for name, wanted in MODES.items():
    for case in (listener, catch_all_listener, acknowledgement, listener_that_was_asked, auth_of_another_namespace):
        add(name, wanted, case)

run('python/exceptions')
