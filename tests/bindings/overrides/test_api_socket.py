#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every item of the API of the JavaScript client, from PyGObject: the socket."""

from harness import Waiter, connected, equal, fails, following, raises, run, signal, test, turn, until, url
from gi.repository import Gio, GLib, GObject, Sio

NOWHERE = 'http://127.0.0.1:1'
TIMED_OUT = (Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT)


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


run('python/api')
