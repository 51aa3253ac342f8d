#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The introspected API from PyGObject, without an override."""

import gc
import json
import sys
import traceback

import gi

gi.require_version('Sio', '1.0')
from gi.repository import Gio, GLib, GObject, Sio

DEADLINE = 10000
url = sys.argv[-1]
tests = []


def test(function):
    tests.append(function)
    return function


def equal(got, wanted):
    assert got == wanted, f'got {got!r} instead of {wanted!r}'


class Waiter:
    """Turns the main loop until somebody calls it."""

    def __init__(self, what):
        self.what = what
        self.loop = GLib.MainLoop()
        self.args = None

    def __call__(self, *args):
        self.args = args
        self.loop.quit()

    def wait(self):
        if self.args is None:
            source = GLib.timeout_add(DEADLINE, self.loop.quit)
            self.loop.run()
            assert self.args is not None, f'waited in vain for {self.what}'
            GLib.source_remove(source)
        return self.args


def expect(source, signal):
    """Waits for one emission; gives the parameters without the emitter."""
    waiter = Waiter(signal)
    ids = []

    def handler(_source, *args):
        source.disconnect(ids[0])
        waiter(*args)

    ids.append(source.connect(signal, handler))
    return waiter


def value(data, attachments=None):
    return Sio.Value.new_from_json(json.dumps(data), attachments)


def plain(sio_value):
    text, _attachments = sio_value.to_json()
    return json.loads(text)


def connected(path='', options=None):
    socket = Sio.io(url + path, options)
    if not socket.props.connected:
        expect(socket, 'connect').wait()
    return socket


def ask(socket, event, args):
    waiter = Waiter('acknowledgement')
    socket.emit_with_ack_async(event, args, None, lambda source, result: waiter(result))
    (result,) = waiter.wait()
    return socket.emit_with_ack_finish(result)


@test
def connects():
    socket = Sio.io(url, None)
    equal((socket.props.connected, socket.props.disconnected, socket.props.active, socket.props.id),
          (False, True, True, None))
    notified = expect(socket, 'notify::connected')
    expect(socket, 'connect').wait()
    notified.wait()
    equal((socket.props.connected, socket.props.disconnected, socket.props.active, socket.props.nsp),
          (True, False, True, '/'))
    assert isinstance(socket.props.id, str)
    assert isinstance(socket.props.io, Sio.Manager)
    assert socket.props.io.props.engine.props.transport_name in ('polling', 'websocket')
    socket.close()


@test
def is_made_by_its_constructors():
    options = Sio.Options(reconnection=False, transports=['websocket'])
    manager = Sio.Manager(url=url, options=options)
    socket = manager.get_socket('/admin', None)
    waiter = Waiter('the manager')
    manager.open_async(None, lambda source, result: waiter(result))
    assert manager.open_finish(waiter.wait()[0])
    if not socket.props.connected:
        expect(socket, 'connect').wait()
    equal((socket.props.nsp, manager.props.engine.props.transport_name), ('/admin', 'websocket'))
    socket.close()


@test
def a_refused_namespace_gives_connect_error():
    socket = Sio.io(url + '/auth', None)
    error, data = expect(socket, 'connect-error').wait()
    assert error.matches(Sio.error_quark(), Sio.Error.REJECTED)
    equal(error.message, 'not authorized')
    equal(plain(data), {'code': 401, 'token': None})
    equal(socket.props.connected, False)
    socket.close()


@test
def auth_opens_the_namespace():
    options = Sio.Options(auth=value({'token': 'secret'}))
    socket = connected('/auth', options)
    equal(socket.props.nsp, '/auth')
    socket.close()


@test
def an_event_goes_and_comes_back():
    socket = connected()
    args = ['text €😀', 1, -2.5, True, None, [1, [2]], {'a': {'b': 'c'}}]
    echo = expect(socket, 'event::echo')
    socket.emit_args('echo', value(args))
    (event,) = echo.wait()
    equal(event.get_name(), 'echo')
    equal(event.get_n_args(), len(args))
    equal(event.get_string(0), 'text €😀')
    equal(event.get_arg(6).lookup('/a/b').get_string(), 'c')
    text, attachments = event.get_json()
    equal(json.loads(text), args)
    equal(len(attachments or []), 0)
    equal(event.needs_ack(), False)
    socket.close()


@test
def listeners_are_called_and_removed():
    socket = connected()
    calls = []
    names = []
    listener = socket.on('echo', lambda _socket, event: calls.append(event.get_arg(0).get_integer()))
    socket.on_any(lambda _socket, event: names.append(event.get_name()))
    equal(socket.has_listeners('echo'), True)
    equal(len(socket.listeners('echo')), 1)
    ask(socket, 'echo', value([7]))
    equal(calls, [7])
    equal(names, ['echo'])
    socket.off('echo', listener)
    ask(socket, 'echo', value([8]))
    equal(calls, [7])
    socket.close()


@test
def the_server_acknowledges():
    socket = connected()
    equal(plain(ask(socket.timeout(5000), 'ack-many', value([3]))), [0, 1, 2])
    waiter = Waiter('callback')
    socket.emit_with_callback('hello', None, lambda _socket, args, error: waiter(plain(args), error))
    equal(waiter.wait(), (['world'], None))
    socket.close()


@test
def the_client_acknowledges():
    socket = connected()
    asked = []

    def on_question(_socket, event):
        asked.append((event.get_string(0), event.needs_ack()))
        event.ack_args(value(['answer', 42]))
        asked.append(event.needs_ack())

    socket.connect('event::question', on_question)
    answered = expect(socket, 'event::answered')
    socket.emit_args('ask-me', value(['why?']))
    (event,) = answered.wait()
    equal(asked, [('why?', True), False])
    equal(plain(event.get_args()), ['answer', 42])
    socket.close()


@test
def an_acknowledgement_that_does_not_come_is_an_error():
    socket = connected()
    try:
        ask(socket.timeout(50), 'no-ack', None)
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT), error
    else:
        raise AssertionError('no error')
    socket.close()


@test
def binary_data_goes_and_comes_back():
    socket = connected()
    sent = bytes([0, 255, 128, 10, 0])
    came = expect(socket, 'event::binary')
    socket.emit_args('binary', Sio.Value.new_array([Sio.Value.new_string('name'),
                                                    Sio.Value.new_bytes(GLib.Bytes.new(sent))]))
    (event,) = came.wait()
    equal(event.get_arg(1).get_bytes().get_data(), sent)
    text, attachments = event.get_json()
    equal(json.loads(text)[1], {'_placeholder': True, 'num': 0})
    equal([a.get_data() for a in attachments], [sent])
    reply = ask(socket, 'size-of', value([{'_placeholder': True, 'num': 0}], [GLib.Bytes.new(bytes(70000))]))
    equal(plain(reply), [70000])
    back = ask(socket, 'make-binary', value([70000]))
    equal(back.get_element(0).get_bytes().get_size(), 70000)
    socket.close()


@test
def disconnects():
    socket = connected()
    ended = expect(socket, 'disconnect')
    socket.close()
    reason, details = ended.wait()
    equal(reason, Sio.DisconnectReason.IO_CLIENT_DISCONNECT)
    equal(Sio.disconnect_reason_to_string(reason), 'io client disconnect')
    equal((details, socket.props.connected, socket.props.active, socket.props.id), (None, False, False, None))


@test
def the_server_disconnects():
    socket = connected()
    ended = expect(socket, 'disconnect')
    socket.emit_args('kick', None)
    reason, _details = ended.wait()
    equal(reason, Sio.DisconnectReason.IO_SERVER_DISCONNECT)
    equal(socket.props.active, False)


@test
def values_are_read_without_fear():
    pair = Sio.Value.new_from_variant(GLib.Variant('(sd)', ('x', 0.5)))
    equal(pair.get_kind(), Sio.ValueKind.ARRAY)
    equal(pair.get_element(5), None)
    equal(pair.get_member('a'), None)
    equal((pair.get_integer(), pair.get_string()), (0, None))
    equal(value({'b': 1, 'a': 2}).list_members(), ['b', 'a'])
    equal(pair.to_variant().unpack(), ['x', 0.5])
    try:
        Sio.Value.new_from_json('[1,]', None)
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.INVALID_DATA), error
    else:
        raise AssertionError('bad JSON was accepted')


@test
def methods_of_gobject_are_not_hidden():
    for name in ('connect', 'disconnect', 'emit', 'notify', 'bind_property'):
        assert name not in vars(Sio.Socket), name
        assert name not in vars(Sio.Manager), name
    socket = connected()
    action = Gio.SimpleAction(name='send')
    socket.bind_property('connected', action, 'enabled', GObject.BindingFlags.SYNC_CREATE)
    equal(action.props.enabled, True)
    socket.close()


failures = 0
print(f'1..{len(tests)}')
for number, function in enumerate(tests, 1):
    try:
        function()
        print(f'ok {number} /python/{function.__name__}', flush=True)
    except Exception:  # pylint: disable=broad-except
        failures += 1
        print(f'not ok {number} /python/{function.__name__}')
        print(''.join('# ' + line + '\n' for line in traceback.format_exc().splitlines()), end='', flush=True)
    gc.collect()
sys.exit(1 if failures else 0)
