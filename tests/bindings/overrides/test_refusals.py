#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is not sent, from PyGObject: each refusal, in each form of emission, has one outcome, which names
the event (X12, X13, X19)."""

import re

from harness import equal, following, raises, run, test, turn, until, url
from gi.repository import GLib, Sio

MIB = 1024 * 1024
PARTS = [bytes([i]) for i in range(11)]


def offline(**options):
    socket = Sio.io(url, force_new=True, auto_connect=False, **options)
    socket.reported = []
    socket.io.on('error', socket.reported.append)
    return socket


def _emit(socket, args, _note):
    socket.emit('lost', *args)


def _send(socket, args, _note):
    socket.send(*args)


def _callback(socket, args, note):
    socket.emit('lost', *args, callback=note)


def _send_callback(socket, args, note):
    socket.send(*args, callback=note)


def _limited(socket, args, note):
    socket.timeout(60000).emit('lost', *args, callback=note)


def _awaited(socket, args, note):
    socket.emit_with_ack('lost', *args).add_done_callback(lambda done: note(done.exception()))


def _volatile(socket, args, _note):
    socket.volatile.emit('lost', *args)


def _volatile_callback(socket, args, note):
    socket.volatile.emit('lost', *args, callback=note)


def _volatile_awaited(socket, args, note):
    socket.volatile.emit_with_ack('lost', *args).add_done_callback(lambda done: note(done.exception()))


PLAIN = (_emit, _send, _volatile)
ASKING = (_callback, _send_callback, _limited, _awaited, _volatile_callback, _volatile_awaited)


async def check(socket, forms, args, code, pattern):
    for form in forms:
        notes = []
        socket.reported.clear()
        form(socket, args, lambda *note, notes=notes: notes.append(note))
        equal(notes, [], 'nothing inside the call')
        await until(form.__name__, lambda notes=notes: notes or socket.reported)
        await turn(5)
        equal((len(notes), len(socket.reported)), (0, 1) if form in PLAIN else (1, 0), form.__name__)
        error = socket.reported[0] if form in PLAIN else notes[0][0]
        assert isinstance(error, GLib.Error) and error.matches(Sio.error_quark(), code), f'{form}: {error!r}'
        assert re.search(pattern, error.message), error.message
        assert ('“message”' if 'send' in form.__name__ else '“lost”') in error.message, error.message


@test('X12: more binary parts than 10')
async def _():
    await check(offline(), PLAIN + ASKING, PARTS, Sio.Error.LIMIT_EXCEEDED, 'limit is 10')


@test('X12: more binary parts than 10, connected')
async def _():
    socket = offline()
    socket.open()
    await following(socket, 'connect')
    await check(socket, PLAIN + ASKING, PARTS, Sio.Error.LIMIT_EXCEEDED, 'limit is 10')
    equal(await socket.emit_with_ack('echo', 'after'), 'after')
    socket.close()


@test('X12: 64 MiB wait')
async def _():
    socket = offline()
    socket.emit('x', 'x' * (65 * MIB))
    await check(socket, PLAIN + ASKING, [], Sio.Error.LIMIT_EXCEEDED, 'limit is 67108864 bytes')
    socket.run_dispose()


@test('X12: 100,000 events wait')
async def _():
    socket = offline()
    for _i in range(100000):
        socket.emit('x')
    await check(socket, PLAIN + ASKING, [], Sio.Error.LIMIT_EXCEEDED, 'limit is 100000')
    socket.run_dispose()


@test('X12: 10,000 acknowledgements are pending')
async def _():
    socket = offline()
    answers = []
    for _i in range(10000):
        socket.emit('no-ack', callback=lambda *_: None)
    await check(socket, ASKING, [], Sio.Error.LIMIT_EXCEEDED, 'limit is 10000')
    # What wants no answer is no matter of theirs.
    socket.emit('echo', 'plain')
    socket.on('echo', answers.append)
    socket.open()
    await until('the event', lambda: answers == ['plain'])
    socket.close()


@test('X12: volatile, and not to be sent at once')
async def _():
    await check(offline(), (_volatile_callback, _volatile_awaited), [], Sio.Error.NOT_SENT, 'volatile')


@test('X12: with retries')
async def _():
    await check(offline(retries=2), PLAIN + ASKING, PARTS, Sio.Error.LIMIT_EXCEEDED, 'limit is 10')


@test('X12: disposed of while it waits')
async def _():
    socket = offline()
    notes = []
    socket.emit('plain')
    socket.emit('called', callback=lambda error, *_: notes.append(error.message))
    socket.run_dispose()
    await until('the end', lambda: len(notes) + len(socket.reported) == 2)
    await turn(5)
    assert len(notes) == 1 and '“called”' in notes[0], notes
    assert len(socket.reported) == 1 and '“plain”' in socket.reported[0].message, socket.reported


@test('X12: disposed of already')
async def _():
    socket = offline()
    socket.run_dispose()
    await check(socket, PLAIN + ASKING, [], Sio.Error.DISCONNECTED, 'gone')


@test('X13: refused while the buffer is flushed')
async def _():
    socket = offline(transports=['websocket'])
    notes = []
    # All were taken while they waited; with what belongs to packets there is no room for two.
    socket.emit('no-ack', 1)
    socket.emit('no-ack', 'x' * (32 * MIB - 4))
    socket.emit('lost', 'x' * (32 * MIB - 14), callback=lambda error, *_: notes.append(error.message))
    socket.emit('echo', 'after', callback=lambda error, *answer: notes.append(answer))
    socket.open()
    await until('the answer', lambda: len(notes) == 2)
    assert '“lost”' in notes[0], notes[0]
    equal(notes[1], ('after',))
    socket.close()


@test('X19: an emission that raises leaves nothing for the next')
async def _():
    socket = offline()
    notes = []
    loop = []
    loop.append(loop)
    for bad in (object(), loop, {1j: 1}):
        for emit in (lambda bad=bad: socket.volatile.timeout(1).emit('lost', bad),
                     lambda bad=bad: socket.volatile.timeout(1).emit('lost', bad, callback=print),
                     lambda bad=bad: socket.volatile.timeout(1).send(bad),
                     lambda bad=bad: socket.volatile.timeout(1).emit_with_ack('lost', bad),
                     lambda: socket.volatile.timeout(1).emit('connect'),
                     lambda: socket.volatile.timeout(1).emit_with_ack('a\0b')):
            raises(Exception, emit)
            # It waits for the connection, without a limit.
            socket.emit('echo', 'kept', callback=lambda *note: notes.append(note))
    await turn(20)
    socket.open()
    await until('answers', lambda: len(notes) == 18)
    equal(set(notes), {(None, 'kept')})
    equal(socket.reported, [])
    socket.close()


run('refusals')
