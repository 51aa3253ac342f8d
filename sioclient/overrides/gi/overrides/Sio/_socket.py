# SPDX-License-Identifier: LGPL-2.1-or-later
"""The socket: listeners, events, acknowledgements."""

import contextlib

from gi.module import get_introspection_module
from gi.repository import Gio, GLib, GObject

from ._auth import on_auth
from ._listeners import ANY, Listeners, decorator
from ._options import with_properties
from ._pending import Pending, guard
from ._values import clamp, decode, decode_text, encode

Sio = get_introspection_module('Sio')

_RESERVED = frozenset(('connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'))

# Sockets that are active, or that owe somebody an answer, are not collected.
_alive = set()


class _SocketState:
    """What a socket has in addition. It is held by the socket and does not hold it."""

    def __init__(self, socket):
        self.events = Listeners()
        self.lifecycle = Listeners(trim=True)
        self.any = Listeners()
        self.outgoing = Listeners()
        self.answers = {}
        self.last_answer = 0
        self.auth = None
        # Held from here, where garbage collection sees it, so that listeners of the manager may refer
        # to the socket.
        self.io = socket.get_property('io')
        socket.loosen()
        self.event_handler = 0
        self.outgoing_handler = 0
        connect = GObject.Object.connect
        connect(socket, 'connect', _on_connect)
        connect(socket, 'connect-error', _on_connect_error)
        connect(socket, 'disconnect', _on_disconnect)
        connect(socket, 'notify::active', _hold)

    def listeners_of(self, name):
        return self.lifecycle if name in _RESERVED else self.events

    def listen(self, socket):
        """What nobody hears costs nothing."""
        wanted = bool(self.events.lists or self.any.lists)
        self.event_handler = _set_handler(socket, self.event_handler, wanted, 'event', _on_event)
        self.outgoing_handler = _set_handler(socket, self.outgoing_handler, bool(self.outgoing.lists),
                                             'outgoing-event', _on_outgoing)

    def configure(self, options):
        self.auth = getattr(options, '_sio_auth', None)


def _set_handler(socket, handler, wanted, signal, function):
    if wanted and not handler:
        return GObject.Object.connect(socket, signal, function)
    if handler and not wanted:
        GObject.Object.disconnect(socket, handler)
        return 0
    return handler


def state_of(socket):
    state = socket.__dict__.get('_sio_state')
    if state is None:
        state = _SocketState(socket)
        socket._sio_state = state
        _hold(socket)
    return state


def _hold(socket, _pspec=None):
    if socket.__dict__['_sio_state'].answers or socket.get_active():
        _alive.add(socket)
    else:
        _alive.discard(socket)


def _on_connect(socket):
    socket._sio_state.lifecycle.call('connect', ())


def _on_connect_error(socket, error, data):
    data = None if data is None else decode(data)
    error.data = data
    socket._sio_state.lifecycle.call('connect_error', (error, data))


def _on_disconnect(socket, reason, details):
    socket._sio_state.lifecycle.call('disconnect', (Sio.disconnect_reason_to_string(reason), details))


def _name_of(event):
    name = event.get_name()
    # In C a NUL in a name reads as U+FFFD.
    return event.get_name_bytes().get_data().decode() if '\ufffd' in name else name


def _on_event(socket, event):
    state = socket._sio_state
    text = event.dup_text()
    if text is not None:
        # The usual case, with one call to C.
        name, *args = decode_text(text, None)
        if state.any.lists:
            state.any.call(ANY, (name, *args))
        state.events.call(name, args)
        return
    name = _name_of(event)
    heard = name in state.events.lists
    if not heard and not state.any.lists:
        return
    args = decode_text(*event.get_json())
    if state.any.lists:
        state.any.call(ANY, (name, *args))
    if heard:
        if event.needs_ack():
            args.append(lambda *answer: event.ack_args(encode(answer)))
        state.events.call(name, args)


def _on_outgoing(socket, event):
    socket._sio_state.outgoing.call(ANY, (event.get_name(), *decode_text(*event.get_json())))


def _on_answer(socket, args, error, number):
    state = socket._sio_state
    callback = state.answers.pop(number)
    _hold(socket)
    guard(callback, (error,) if error is not None else (None, *decode(args)))


def _on_ack_ready(socket, result, pending):
    try:
        args = decode(socket.emit_with_ack_finish(result))
    except GLib.Error as error:
        pending._settle(None, error)
    else:
        pending._settle(args[0] if args else None)

def _check_name(name):
    name = str(name)
    if name in _RESERVED:
        raise ValueError(f'"{name}" is a reserved event name')
    if '\0' in name:
        raise ValueError('the name of an event cannot have a NUL in it')
    return name


@contextlib.contextmanager
def _emission(socket):
    """What was set for one is for that one alone, also if it raises."""
    try:
        yield
    except BaseException:
        socket.forget_flags()
        raise


class Socket(Sio.Socket):
    """A namespace of a server: events go out and come in."""

    def __init__(self, *_args, **_kwargs):
        raise TypeError('Sio.io() and Manager.socket() make sockets')

    def on(self, event, listener=None):
        """Adds a listener, which it returns; without one it is a decorator."""
        return decorator(lambda f: self._sio_add(event, f, False), listener)

    def once(self, event, listener=None):
        """Adds a listener that is taken away before it is called."""
        return decorator(lambda f: self._sio_add(event, f, True), listener)

    def _sio_add(self, event, listener, once):
        state = state_of(self)
        state.listeners_of(event).add(event, listener, once)
        state.listen(self)

    def off(self, event=None, listener=None):
        """Takes a listener away, all of an event, or all."""
        state = state_of(self)
        if isinstance(listener, int):
            super().off(event, listener)
        elif event is None:
            state.events.remove()
            state.lifecycle.remove()
        else:
            state.listeners_of(event).remove(event, listener)
        state.listen(self)
        return self

    def listeners(self, event):
        """The listeners of an event, in order."""
        return state_of(self).listeners_of(event).functions(event)

    def has_listeners(self, event):
        """Whether somebody listens, in whatever way."""
        if state_of(self).event_handler:
            return bool(self.listeners(event))
        return bool(self.listeners(event)) or super().has_listeners(event)

    def _sio_add_any(self, listeners, listener, first):
        listeners.add(ANY, listener, first=first)
        state_of(self).listen(self)
        return listener

    def _sio_remove_any(self, listeners, listener):
        listeners.remove(ANY, listener)
        state_of(self).listen(self)
        return self

    def on_any(self, listener):
        """Adds a listener to all events from the server: (event, *args)."""
        return self._sio_add_any(state_of(self).any, listener, False)

    def prepend_any(self, listener):
        """The same, before those there are."""
        return self._sio_add_any(state_of(self).any, listener, True)

    def off_any(self, listener=None):
        """Takes it away, or all."""
        return self._sio_remove_any(state_of(self).any, listener)

    def listeners_any(self):
        """The listeners to all events from the server."""
        return state_of(self).any.functions(ANY)

    def on_any_outgoing(self, listener):
        """Adds a listener to all events to the server: (event, *args)."""
        return self._sio_add_any(state_of(self).outgoing, listener, False)

    def prepend_any_outgoing(self, listener):
        """The same, before those there are."""
        return self._sio_add_any(state_of(self).outgoing, listener, True)

    def off_any_outgoing(self, listener=None):
        """Takes it away, or all."""
        return self._sio_remove_any(state_of(self).outgoing, listener)

    def listeners_any_outgoing(self):
        """The listeners to all events to the server."""
        return state_of(self).outgoing.functions(ANY)

    def emit(self, event, *args, callback=None):
        """Sends an event; callback(error, *answer) is called with the acknowledgement."""
        with _emission(self):
            name = _check_name(event)
            value = encode(args)
        if callback is None:
            self.emit_args(name, value)
            return self
        state = state_of(self)
        state.last_answer += 1
        state.answers[state.last_answer] = callback
        _hold(self)
        self.emit_with_callback(name, value, _on_answer, state.last_answer)
        return self

    def send(self, *args, callback=None):
        """Sends an event named message."""
        return self.emit('message', *args, callback=callback)

    def emit_with_ack(self, event, *args):
        """Sends an event; gives a Pending for the first argument of the acknowledgement."""
        with _emission(self):
            name = _check_name(event)
            value = encode(args)
        cancellable = Gio.Cancellable()
        pending = Pending(cancellable)
        self.emit_with_ack_async(name, value, cancellable, _on_ack_ready, pending)
        return pending

    def timeout(self, milliseconds):
        """Sets a time limit for the acknowledgement of the next event."""
        return super().timeout(clamp(milliseconds))

    @property
    def volatile(self):
        """Lets the next event be dropped if it cannot be sent at once."""
        return self.make_volatile()

    @property
    def _sio_auth(self):
        return state_of(self).auth

    @property
    def auth(self):
        """What is presented to the server: an object, or a function that gives one."""
        auth = state_of(self).auth
        if auth is not None:
            return auth
        value = self.get_auth()
        return None if value is None else decode(value)

    @auth.setter
    def auth(self, auth):
        # It is asked for before each connection, so a member may be changed as well.
        state_of(self).auth = None if isinstance(auth, Sio.Value) else auth
        if isinstance(auth, Sio.Value):
            self.set_auth(auth)
        else:
            self.set_auth_func(on_auth)

    def open(self):
        """Connects the socket, or connects it again."""
        state_of(self)
        super().open()
        return self

    def close(self):
        """Disconnects the socket, which then does not try to reconnect."""
        super().close()
        return self

    def connect(self, *args):
        """Without arguments the same as open(); else connects a handler to a signal."""
        return GObject.Object.connect(self, *args) if args else self.open()

    def disconnect(self, *args):
        """Without arguments the same as close(); else disconnects a handler."""
        return GObject.Object.disconnect(self, *args) if args else self.close()


Socket = with_properties(Socket)
