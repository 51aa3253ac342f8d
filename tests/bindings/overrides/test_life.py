#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long things live, from PyGObject."""

import gc
import os
import pathlib
import sys
import threading
import weakref

import gi
from harness import Waiter, connected, descriptors, equal, following, rss, run, test, turn, until, url
from gi.repository import Gio, GLib, GObject, Sio

CYCLES = int(os.environ.get('SIO_TEST_CYCLES', 2000))


async def collected(make):
    bindings, refs = [], []

    async def add():
        socket = await make()
        # It knows its source weakly.
        bindings.append((socket.bind_property('connected', target := Gio.SimpleAction(name='target'), 'enabled',
                                              GObject.BindingFlags.DEFAULT), target))
        refs.append(weakref.ref(socket))

    for _ in range(20):
        await add()

    def gone():
        gc.collect()
        return all(ref() is None for ref in refs) and all(binding.dup_source() is None for binding, _ in bindings)

    await until('collection', gone)


@test('never opened')
async def _():
    async def make():
        socket = Sio.io(url, force_new=True, auto_connect=False)
        socket.on('echo', lambda: socket.emit('x'))
        socket.on_any(lambda *_args: socket)
        socket.on('connect', lambda: socket)
        socket.emit('hello')
        socket.io.on('open', lambda: None)
        return socket
    await collected(make)


@test('closed, with listeners that refer to it')
async def _():
    async def make():
        socket = await connected()
        socket.on('echo', lambda: socket.emit('x'))
        socket.once('other', lambda: socket)
        socket.on_any(lambda *_args: socket)
        socket.on_any_outgoing(lambda *_args: socket)
        socket.io.on('ping', lambda: None)
        socket.io.engine.on('packet', lambda *_args: None)
        await socket.emit_with_ack('hello')
        socket.emit('hello', callback=lambda *_args: socket)
        await socket.emit_with_ack('hello')
        socket.close()
        return socket
    await collected(make)


@test('listeners of the manager that refer to its sockets')
async def _():
    async def make():
        socket = await connected()
        other = socket.io.socket('/admin')
        socket.io.on('reconnect_attempt', lambda *_args: (socket, other))
        socket.io.on('error', lambda *_args: socket)
        await following(other, 'connect')
        other.close()
        socket.close()
        return socket
    await collected(make)


@test('a manager that is kept has its listeners, without its sockets')
async def _():
    manager = Sio.Manager(url, auto_connect=False, transports=['websocket'])
    heard = []

    async def use():
        socket = manager.socket('/')
        manager.on('open', lambda: heard.append('open'))
        socket.open()
        await following(socket, 'connect')
        socket.close()
        return weakref.ref(socket)

    ref = await use()

    def gone():
        gc.collect()
        return ref() is None

    await until('collection', gone)
    again = manager.socket('/')
    again.open()
    await following(again, 'connect')
    equal(heard, ['open', 'open'])
    again.close()


@test('a socket that is kept keeps its manager')
async def _():
    socket = await connected()
    heard = []
    socket.io.on('open', lambda: heard.append('open'))
    socket.close()
    for _i in range(5):
        gc.collect()
        await turn(5)
    socket.open()
    await following(socket, 'connect')
    equal(heard, ['open'])
    socket.close()


@test('closed while an acknowledgement is awaited')
async def _():
    async def make():
        socket = await connected()
        socket.emit('no-ack', callback=lambda *_args: socket)
        pending = socket.emit_with_ack('no-ack')
        pending.add_done_callback(lambda _pending: socket)
        socket.close()
        await until('answer', pending.done)
        return socket
    await collected(make)


@test('auth that refers to its socket')
async def _():
    async def make():
        socket = Sio.io(url + '/auth', force_new=True, auto_connect=False)
        socket.auth = lambda: {'token': 'secret' if socket else ''}
        socket.open()
        await following(socket, 'connect')
        socket.close()
        return socket
    await collected(make)


async def dropped_in_a_thread(make):
    """What make() gives is garbage that refers to itself, which another thread collects."""
    home = threading.get_ident()
    gone, wanted = [], 0

    def all_gone():
        collector = threading.Thread(target=gc.collect)
        collector.start()
        collector.join()
        return len(gone) == wanted

    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            objects = await make()
            wanted += len(objects)
            for each in objects:
                # Called when it is really torn down.
                each.weak_ref(lambda: gone.append(threading.get_ident()))
            each = objects = None
            # Not inside the handler that has brought us here, which holds it.
            await turn()
            await until('what is gone', all_gone)
    finally:
        gc.enable()
    equal(set(gone), {home})


@test('X20: collected in a thread, closed')
async def _():
    async def make():
        socket = await connected()
        socket.on('echo', lambda: socket.emit('x'))
        socket.io.on('ping', lambda: socket)
        await socket.emit_with_ack('hello')
        socket.close()
        return [socket, socket.io]
    await dropped_in_a_thread(make)


@test('X20: collected in a thread, never opened')
async def _():
    async def make():
        socket = Sio.io(url, force_new=True, auto_connect=False)
        socket.on('echo', lambda: socket.emit('x'))
        socket.io.on('ping', lambda: socket)
        return [socket, socket.io]
    await dropped_in_a_thread(make)


@test('X20: collected in a thread, a manager that is connected')
async def _():
    for transports in (['polling'], ['websocket'], ['polling', 'websocket']):
        async def make(transports=transports):
            manager = Sio.Manager(url, transports=transports)
            manager.on('ping', lambda: manager)
            await following(manager, 'open')
            return [manager]
        await dropped_in_a_thread(make)


@test('X20: collected in a thread, a manager that waits')
async def _():
    async def make():
        manager = Sio.Manager('http://127.0.0.1:1', reconnection_delay=100000)
        manager.on('ping', lambda: manager)
        await following(manager, 'error')
        return [manager]
    await dropped_in_a_thread(make)


@test('X20: collected in a thread, one of two sockets')
async def _():
    beside = await connected()
    lost = []
    beside.on('disconnect', lambda *why: lost.append(why))

    async def make():
        socket = beside.io.socket('/admin')
        socket.on('echo', lambda: socket.emit('x'))
        await following(socket, 'connect')
        socket.close()
        # The server ends the connection if it reads DISCONNECT and the next CONNECT in one go.
        await beside.emit_with_ack('hello')
        return [socket]
    await dropped_in_a_thread(make)
    await beside.emit_with_ack('hello')
    equal(lost, [])
    beside.close()


@test('X20: dropped in a thread at the end of the program')
async def _():
    program = (pathlib.Path(__file__).parent / 'end_in_a_thread.py')
    for how in ('manager', 'socket', 'daemon'):
        ended = Waiter('the program')
        process = Gio.Subprocess.new([sys.executable, str(program), how, url],
                                     Gio.SubprocessFlags.STDOUT_PIPE | Gio.SubprocessFlags.STDERR_MERGE)
        process.communicate_utf8_async(None, None, lambda process, result: ended(
            process.communicate_utf8_finish(result)[1], process.get_if_exited() and process.get_exit_status()))
        equal(await ended, ('end\n', 0), how)


@test('an active socket is kept')
async def _():
    finished = Waiter('events')

    def start():
        socket = Sio.io(url, force_new=True)
        heard = []

        @socket.on('burst')
        def on_burst(i, _n):
            heard.append(i)
            gc.collect()
            if len(heard) == 20:
                socket.close()
                finished(heard)

        socket.emit('burst', 20, 1)

    start()
    for _ in range(5):
        gc.collect()
        await turn(2)
    equal(await finished, (list(range(20)),))


@test('an answer is owed')
async def _():
    waiter = Waiter('answer')
    Sio.io(url, force_new=True, auto_connect=False).timeout(50).emit('hello', callback=waiter)
    gc.collect()
    error, = await waiter
    assert isinstance(error, GLib.Error)


# PyGObject 3.42 loses 80 bytes for each function that is passed to C, also for GLib.timeout_add();
# 3.50 does not.
LOST = 0.25 if gi.version_info < (3, 50) else 0


async def rounds(n, cycle):
    for i in range(n):
        await cycle()
        if i % 100 == 99:
            gc.collect()
    gc.collect()
    await turn(50)
    gc.collect()
    await turn(50)


async def leaves_as_it_was(cycle, allowed):
    await rounds(max(CYCLES // 4, 300), cycle)
    before = rss(), descriptors()
    await rounds(CYCLES, cycle)
    after = rss(), descriptors()
    print(f'# {CYCLES} cycles: {before[0]} to {after[0]} kB, {before[1]} to {after[1]} descriptors')
    assert after[0] - before[0] < allowed, 'memory is flat'
    assert after[1] - before[1] <= 4, 'descriptors are closed'


@test('cycles with listeners leave memory and descriptors as they were')
async def _():
    context = GLib.MainContext.default()

    async def cycle():
        socket = Sio.io(url, force_new=True, transports=['websocket'])
        socket.on('echo', lambda *_args: socket)
        socket.on('connect', lambda: None)
        socket.io.on('error', lambda error: socket)
        # To await would pass a function to C.
        while not socket.connected:
            context.iteration(True)
        socket.close()
    await leaves_as_it_was(cycle, 1000)


@test('cycles with acknowledgements leave memory and descriptors as they were')
async def _():
    async def cycle():
        socket = Sio.io(url, force_new=True, transports=['websocket'])
        socket.on('echo', lambda *_args: socket)
        await following(socket, 'connect')
        await socket.emit_with_ack('echo', {'a': [1, 'x']})
        socket.close()
    await leaves_as_it_was(cycle, 1000 + CYCLES * LOST)


run('python/life')
