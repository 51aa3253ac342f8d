# SPDX-License-Identifier: LGPL-2.1-or-later
"""Socket.IO for PyGObject: plain values, decorators and await on top of what is introspected."""

import inspect
import json
import math
import sys
import weakref

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import Gio, GLib, GObject

Sio = get_introspection_module('Sio')

__all__ = ['Engine', 'Manager', 'Options', 'Pending', 'Socket', 'io', 'spawn']

_RESERVED = frozenset(('connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'))
_BINARY = (bytes, bytearray, memoryview, GLib.Bytes)
_MAX_UINT = 0xffffffff
_MAX_INT = 0x7fffffff

# The name under which listeners to all events are.
_ANY = 'any'

# Sockets that are active, or that owe somebody an answer, are not collected.
_alive = set()


# --- values

def _to_bytes(value):
    if isinstance(value, GLib.Bytes):
        return value
    return GLib.Bytes.new(bytes(value))


class _Encoder(json.JSONEncoder):
    """Collects binary parts, if it may, and leaves a placeholder for each."""

    def __init__(self, parts=None, ensure_ascii=False):
        super().__init__(ensure_ascii=ensure_ascii, allow_nan=False, separators=(',', ':'))
        self.parts = parts

    def default(self, o):
        if isinstance(o, _BINARY):
            if self.parts is None:
                raise _HasBinary
            self.parts.append(_to_bytes(o))
            return {'_placeholder': True, 'num': len(self.parts) - 1}
        if isinstance(o, GLib.Variant):
            return o.unpack()
        return super().default(o)


class _HasBinary(Exception):
    pass


_encoder = _Encoder()


def _without_nan(value):
    """A copy in which a number that JSON has no form for is None, as in JSON.stringify()."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(element) for element in value]
    return value


def _write(value, ensure_ascii=False):
    try:
        if not ensure_ascii:
            return _encoder.encode(value), None
    except _HasBinary:
        pass
    parts = []
    return _Encoder(parts, ensure_ascii).encode(value), parts or None


def _encode(value):
    try:
        text, parts = _write(value)
    except ValueError as error:
        if 'float' not in str(error):
            raise
        value = _without_nan(value)
        text, parts = _write(value)
    try:
        return Sio.Value.new_from_json(text, parts)
    except UnicodeEncodeError:
        # Half of a surrogate pair has no form in UTF-8, only in JSON.
        return Sio.Value.new_from_json(*_write(value, ensure_ascii=True))


def _parse_int(digits):
    # Python does not read numbers of thousands of digits, and a server may send one.
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def _put_back(value, parts):
    if isinstance(value, list):
        return [_put_back(element, parts) for element in value]
    if isinstance(value, dict):
        num = value.get('num')
        if value.get('_placeholder') is True and type(num) is int and 0 <= num < len(parts):
            return parts[num].get_data() or b''
        return {key: _put_back(member, parts) for key, member in value.items()}
    return value


# The text was checked already, so nothing is to be seen to around it.
_scan = json.JSONDecoder().scan_once


def _decode_text(text, parts):
    try:
        value, _end = _scan(text, 0)
    except (ValueError, StopIteration):
        value = json.loads(text, parse_int=_parse_int)
    return _put_back(value, parts) if parts else value


def _decode(value):
    return _decode_text(*value.to_json())


def _clamp(number):
    return min(max(round(number), 0), _MAX_UINT)


def _to_gerror(error):
    if isinstance(error, GLib.Error):
        return error
    return GLib.Error.new_literal(Sio.error_quark(), str(error) or type(error).__name__, Sio.Error.FAILED)


# --- waiting

class Pending:
    """Something that will be there: await it, or add a callback.

    It can be awaited under any asyncio loop, in a coroutine that spawn() runs, and without one
    add_done_callback() serves.
    """

    def __init__(self, cancellable=None):
        self._cancellable = cancellable
        self._callbacks = []
        self._done = False
        self._result = None
        self._error = None

    def _settle(self, result, error=None):
        if self._done:
            return
        self._done = True
        self._result = result
        self._error = error
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            _guard(callback, (self,))

    def done(self):
        """Whether it is there, or failed."""
        return self._done

    def result(self):
        """What it is; raises what went wrong."""
        if not self._done:
            raise RuntimeError('the result is not there yet')
        if self._error is not None:
            raise self._error
        return self._result

    def exception(self):
        """What went wrong, if anything did."""
        if not self._done:
            raise RuntimeError('the result is not there yet')
        return self._error

    def add_done_callback(self, callback):
        """Calls callback(self) when it is there; at once if it is already."""
        if self._done:
            _guard(callback, (self,))
        else:
            self._callbacks.append(callback)

    def cancel(self):
        """Stops waiting, which is a GLib.Error with the code CANCELLED then."""
        if self._cancellable is not None and not self._done:
            self._cancellable.cancel()

    def __await__(self):
        if not self._done:
            loop = _running_loop()
            if loop is None:
                yield self
            else:
                yield from self._wait_in(loop)
        return self.result()

    def _wait_in(self, loop):
        future = loop.create_future()

        def wake(_):
            # The loop may be of another thread than ours.
            loop.call_soon_threadsafe(_wake, future)

        self.add_done_callback(wake)
        try:
            yield from future
        except sys.modules['asyncio'].CancelledError:
            # As with a future of asyncio, whose task ends what it waits for. The loop may be closed
            # by the time that is told.
            if wake in self._callbacks:
                self._callbacks.remove(wake)
            self.cancel()
            raise


def _wake(future):
    if not future.done():
        future.set_result(None)


def _running_loop():
    asyncio = sys.modules.get('asyncio')
    if asyncio is None:
        return None
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def spawn(coroutine):
    """Runs a coroutine in the main loop of GLib; gives a Pending for what it returns.

    It may await what this module gives, and futures of a loop that runs.
    """
    pending = Pending()

    def step(_=None):
        try:
            awaited = coroutine.send(None)
        except StopIteration as stop:
            pending._settle(stop.value)
        except Exception as error:  # pylint: disable=broad-except
            pending._settle(None, error)
        else:
            if getattr(awaited, '_asyncio_future_blocking', None):
                awaited._asyncio_future_blocking = False
            awaited.add_done_callback(step)

    step()
    return pending


def _report(done):
    error = done.exception()
    if error is not None:
        sys.excepthook(type(error), error, error.__traceback__)


def _start(coroutine):
    """Runs a coroutine in whatever runs here."""
    loop = _running_loop()
    return spawn(coroutine) if loop is None else loop.create_task(coroutine)


# --- listeners

def _guard(function, args):
    """What one listener raises is no matter of the next."""
    try:
        result = function(*args)
        if result is not None and inspect.iscoroutine(result):
            _start(result).add_done_callback(_report)
    except Exception:  # pylint: disable=broad-except
        sys.excepthook(*sys.exc_info())


def _arity(function):
    """How many positional arguments it takes, and how many it needs."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return math.inf, 0
    if any(p.kind == p.VAR_POSITIONAL for p in parameters):
        most = math.inf
    else:
        most = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    least = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty for p in parameters)
    return most, least


class _Listener:
    __slots__ = ('function', 'most', 'once', 'gone')

    def __init__(self, function, once, trim):
        self.function = function
        self.once = once
        self.gone = False
        self.most = _arity(function)[0] if trim else None


class _Listeners:
    """By name; a list is replaced, never changed, so that a round goes over those it began with."""

    def __init__(self, trim=False):
        self.lists = {}
        self.trim = trim

    def functions(self, name):
        return [listener.function for listener in self.lists.get(name, ())]

    def add(self, name, function, once=False, first=False):
        if not callable(function):
            raise TypeError('the listener has to be callable')
        listener = _Listener(function, once, self.trim)
        there = self.lists.get(name, ())
        self.lists[name] = (listener, *there) if first else (*there, listener)

    def remove(self, name=None, function=None):
        if name is None:
            for each in tuple(self.lists):
                self.remove(each)
            return
        for listener in self.lists.get(name, ()):
            # Methods of one object are equal, but made anew each time.
            if function is None or listener.function == function:
                listener.gone = True
                if function is not None:
                    break
        self._sweep(name)

    def _sweep(self, name):
        kept = tuple(listener for listener in self.lists.get(name, ()) if not listener.gone)
        if kept:
            self.lists[name] = kept
        else:
            self.lists.pop(name, None)

    def call(self, name, args):
        for listener in self.lists.get(name, ()):
            if listener.gone:
                continue
            if listener.once:
                listener.gone = True
                self._sweep(name)
            most = listener.most
            _guard(listener.function, args if most is None or most >= len(args) else args[:most])


def _with_properties(cls):
    """Lets what GObject calls properties be attributes too."""
    for pspec in cls.list_properties():
        name = pspec.name.replace('-', '_')
        if name not in cls.__dict__:
            readable = pspec.flags & GObject.ParamFlags.READABLE
            writable = pspec.flags & GObject.ParamFlags.WRITABLE and not pspec.flags & GObject.ParamFlags.CONSTRUCT_ONLY
            setattr(cls, name, property(_getter(pspec.name) if readable else None,
                                        _setter(pspec.name) if writable else None, doc=pspec.blurb))
    return override(cls)


def _getter(name):
    return lambda self: self.get_property(name)


def _setter(name):
    convert = _CONVERT.get(name.replace('-', '_'), _same)
    return lambda self, value: self.set_property(name, convert(value))


# --- options

def _same(value):
    return value


def _limit(value):
    return -1 if value is None or value == math.inf else min(int(value), _MAX_INT)


_CONVERT = {
    'reconnection_attempts': _limit,
    'retries': _limit,
    'reconnection_delay': _clamp,
    'reconnection_delay_max': _clamp,
    'timeout': lambda value: 0 if value is None or value == math.inf else _clamp(value),
    'ack_timeout': lambda value: 0 if value is None else _clamp(value),
    'join_timeout': lambda value: 0 if value is None or value == math.inf else _clamp(value),
    'transports': list,
    'protocols': lambda value: [value] if isinstance(value, str) else list(value),
}


def _on_auth(socket, request):
    _present(socket, request)


class Options(Sio.Options):
    """Options by keyword: Sio.Options(reconnection_delay_max=10000, query={'a': 'b'}, auth={…})."""

    def __init__(self, *, auth=None, query=None, extra_headers=None, **options):
        super().__init__(**{name: _CONVERT.get(name, _same)(value) for name, value in options.items()})
        self._sio_auth = None
        if isinstance(auth, Sio.Value):
            self.props.auth = auth
        elif auth is not None:
            self._sio_auth = auth
            self.set_auth_func(_on_auth)
        for name, value in (query or {}).items():
            self.set_query_param(name, str(value))
        for name, value in (extra_headers or {}).items():
            self.set_header(name, str(value))


def _make_options(options, keywords):
    if options is not None and keywords:
        raise TypeError('options are given as an object or as keywords')
    return options if options is not None or not keywords else Options(**keywords)


# --- sockets

class _SocketState:
    """What a socket has in addition. It is held by the socket and does not hold it."""

    def __init__(self, socket):
        self.events = _Listeners()
        self.lifecycle = _Listeners(trim=True)
        self.any = _Listeners()
        self.outgoing = _Listeners()
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


def _state_of(socket):
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
    data = None if data is None else _decode(data)
    error.data = data
    socket._sio_state.lifecycle.call('connect_error', (error, data))


def _on_disconnect(socket, reason, details):
    socket._sio_state.lifecycle.call('disconnect', (Sio.disconnect_reason_to_string(reason), details))


def _on_event(socket, event):
    state = socket._sio_state
    text = event.dup_text()
    if text is not None:
        # The usual case, with one call to C.
        name, *args = _decode_text(text, None)
        if state.any.lists:
            state.any.call(_ANY, (name, *args))
        state.events.call(name, args)
        return
    name = event.get_name()
    heard = name in state.events.lists
    if not heard and not state.any.lists:
        return
    args = _decode_text(*event.get_json())
    if state.any.lists:
        state.any.call(_ANY, (name, *args))
    if heard:
        if event.needs_ack():
            args.append(lambda *answer: event.ack_args(_encode(answer)))
        state.events.call(name, args)


def _on_outgoing(socket, event):
    socket._sio_state.outgoing.call(_ANY, (event.get_name(), *_decode_text(*event.get_json())))


def _on_answer(socket, args, error, number):
    state = socket._sio_state
    callback = state.answers.pop(number)
    _hold(socket)
    _guard(callback, (error,) if error is not None else (None, *_decode(args)))


def _on_ack_ready(socket, result, pending):
    try:
        args = _decode(socket.emit_with_ack_finish(result))
    except GLib.Error as error:
        pending._settle(None, error)
    else:
        pending._settle(args[0] if args else None)


def _present(socket, request):
    """Asks the program what to present to the server."""
    auth = _state_of(socket).auth
    answered = False

    def accept(payload=None):
        nonlocal answered
        if not answered:
            try:
                request.accept(None if payload is None else _encode(payload))
            except (TypeError, ValueError, GLib.Error) as error:
                fail(error)
            answered = True

    def fail(error):
        nonlocal answered
        if not answered:
            answered = True
            request.fail(_to_gerror(error))

    def on_done(done):
        error = done.exception()
        if error is not None:
            fail(error)
        elif done.result() is not None or not takes_callback:
            accept(done.result())

    if not callable(auth):
        accept(auth)
        return
    # One that takes an argument is expected to call it; of any other, what it returns counts.
    takes_callback = _arity(auth)[1] > 0
    try:
        result = auth(accept) if takes_callback else auth()
    except Exception as error:  # pylint: disable=broad-except
        fail(error)
        return
    if inspect.iscoroutine(result):
        _start(result).add_done_callback(on_done)
    elif hasattr(result, 'add_done_callback'):
        result.add_done_callback(on_done)
    elif result is not None or not takes_callback:
        accept(result)


def _check_name(name):
    name = str(name)
    if name in _RESERVED:
        raise ValueError(f'"{name}" is a reserved event name')
    if '\0' in name:
        raise ValueError('the name of an event cannot have a NUL in it')
    return name


def _decorator(add, listener):
    if listener is not None:
        add(listener)
        return listener

    def decorate(function):
        add(function)
        return function
    return decorate


class Socket(Sio.Socket):
    """A namespace of a server: events go out and come in."""

    def __init__(self, *_args, **_kwargs):
        raise TypeError('Sio.io() and Manager.socket() make sockets')

    def on(self, event, listener=None):
        """Adds a listener, which it returns; without one it is a decorator."""
        return _decorator(lambda f: self._sio_add(event, f, False), listener)

    def once(self, event, listener=None):
        """Adds a listener that is taken away before it is called."""
        return _decorator(lambda f: self._sio_add(event, f, True), listener)

    def _sio_add(self, event, listener, once):
        state = _state_of(self)
        state.listeners_of(event).add(event, listener, once)
        state.listen(self)

    def off(self, event=None, listener=None):
        """Takes a listener away, all of an event, or all."""
        state = _state_of(self)
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
        return _state_of(self).listeners_of(event).functions(event)

    def has_listeners(self, event):
        """Whether somebody listens, in whatever way."""
        if _state_of(self).event_handler:
            return bool(self.listeners(event))
        return bool(self.listeners(event)) or super().has_listeners(event)

    def _sio_add_any(self, listeners, listener, first):
        listeners.add(_ANY, listener, first=first)
        _state_of(self).listen(self)
        return listener

    def _sio_remove_any(self, listeners, listener):
        listeners.remove(_ANY, listener)
        _state_of(self).listen(self)
        return self

    def on_any(self, listener):
        """Adds a listener to all events from the server: (event, *args)."""
        return self._sio_add_any(_state_of(self).any, listener, False)

    def prepend_any(self, listener):
        """The same, before those there are."""
        return self._sio_add_any(_state_of(self).any, listener, True)

    def off_any(self, listener=None):
        """Takes it away, or all."""
        return self._sio_remove_any(_state_of(self).any, listener)

    def listeners_any(self):
        """The listeners to all events from the server."""
        return _state_of(self).any.functions(_ANY)

    def on_any_outgoing(self, listener):
        """Adds a listener to all events to the server: (event, *args)."""
        return self._sio_add_any(_state_of(self).outgoing, listener, False)

    def prepend_any_outgoing(self, listener):
        """The same, before those there are."""
        return self._sio_add_any(_state_of(self).outgoing, listener, True)

    def off_any_outgoing(self, listener=None):
        """Takes it away, or all."""
        return self._sio_remove_any(_state_of(self).outgoing, listener)

    def listeners_any_outgoing(self):
        """The listeners to all events to the server."""
        return _state_of(self).outgoing.functions(_ANY)

    def emit(self, event, *args, callback=None):
        """Sends an event; callback(error, *answer) is called with the acknowledgement."""
        name = _check_name(event)
        value = _encode(args)
        if callback is None:
            self.emit_args(name, value)
            return self
        state = _state_of(self)
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
        cancellable = Gio.Cancellable()
        pending = Pending(cancellable)
        self.emit_with_ack_async(_check_name(event), _encode(args), cancellable, _on_ack_ready, pending)
        return pending

    def timeout(self, milliseconds):
        """Sets a time limit for the acknowledgement of the next event."""
        return super().timeout(_clamp(milliseconds))

    @property
    def volatile(self):
        """Lets the next event be dropped if it cannot be sent at once."""
        return self.make_volatile()

    @property
    def auth(self):
        """What is presented to the server: an object, or a function that gives one."""
        auth = _state_of(self).auth
        if auth is not None:
            return auth
        value = self.get_auth()
        return None if value is None else _decode(value)

    @auth.setter
    def auth(self, auth):
        # It is asked for before each connection, so a member may be changed as well.
        _state_of(self).auth = None if isinstance(auth, Sio.Value) else auth
        if isinstance(auth, Sio.Value):
            self.set_auth(auth)
        else:
            self.set_auth_func(_on_auth)

    def open(self):
        """Connects the socket, or connects it again."""
        _state_of(self)
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


Socket = _with_properties(Socket)


# --- managers and engines

def _no_change(*args):
    return args


def _end(reason, details=None):
    return Sio.disconnect_reason_to_string(reason), details


def _packet(kind, data=None):
    return kind, None if data is None else _decode(data)


_MANAGER_EVENTS = {'open': ('opened', _no_change), 'close': ('closed', _end), 'opened': ('opened', _no_change),
                   'closed': ('closed', _end)}
_ENGINE_EVENTS = {'packet': ('packet', _packet), 'packet_create': ('packet-create', _packet),
                  'packetCreate': ('packet-create', _packet)}


def _on_hub_signal(hub, *args):
    *args, event, convert = args
    hub._sio_listeners.call(event, convert(*args))


class _Hub:
    """The listeners of a manager or an engine, each kind a handler of one signal."""

    def _sio_get_listeners(self):
        listeners = self.__dict__.get('_sio_listeners')
        if listeners is None:
            listeners = _Listeners(trim=True)
            self._sio_listeners = listeners
            self._sio_handlers = {}
        return listeners

    def _sio_add(self, event, listener, once):
        listeners = self._sio_get_listeners()
        listeners.add(event, listener, once)
        if event not in self._sio_handlers:
            signal, convert = self._sio_events.get(event, (event.replace('_', '-'), _no_change))
            if signal not in GObject.signal_list_names(type(self)):
                listeners.remove(event)
                raise ValueError(f'there is no event "{event}"')
            self._sio_handlers[event] = GObject.Object.connect(self, signal, _on_hub_signal, event, convert)

    def on(self, event, listener=None):
        """Adds a listener, which it returns; without one it is a decorator."""
        return _decorator(lambda f: self._sio_add(event, f, False), listener)

    def once(self, event, listener=None):
        """Adds a listener that is taken away before it is called."""
        return _decorator(lambda f: self._sio_add(event, f, True), listener)

    def off(self, event=None, listener=None):
        """Takes a listener away, all of an event, or all."""
        listeners = self._sio_get_listeners()
        listeners.remove(event, listener)
        for name in tuple(self._sio_handlers):
            if name not in listeners.lists:
                GObject.Object.disconnect(self, self._sio_handlers.pop(name))
        return self

    def listeners(self, event):
        """The listeners of an event, in order."""
        return self._sio_get_listeners().functions(event)


def _on_open_ready(manager, result, pending):
    try:
        pending._settle(manager.open_finish(result))
    except GLib.Error as error:
        pending._settle(None, error)


class Manager(_Hub, Sio.Manager):
    """One connection kept alive."""

    _sio_events = _MANAGER_EVENTS

    def __init__(self, url=None, options=None, **keywords):
        super().__init__(url=url, options=_make_options(options, keywords))

    def socket(self, nsp, options=None, **keywords):
        """Gets the socket for a namespace, which is made if need be."""
        options = _make_options(options, keywords)
        socket = super().get_socket(nsp, options)
        # One that was there already keeps what it has.
        if '_sio_state' not in socket.__dict__:
            _state_of(socket).configure(options)
        return socket

    get_socket = socket

    def open(self, callback=None):
        """Starts an attempt to connect; callback(error) is called when it has ended."""
        if callback is None:
            super().open()
        else:
            self.open_async().add_done_callback(lambda pending: callback(pending.exception()))
        return self

    def open_async(self, *args):
        """Without arguments gives a Pending, else as in C."""
        if args:
            return super().open_async(*args)
        cancellable = Gio.Cancellable()
        pending = Pending(cancellable)
        super().open_async(cancellable, _on_open_ready, pending)
        return pending

    def connect(self, *args):
        """The same as open(); with the name of a signal connects a handler to it."""
        if args and isinstance(args[0], str):
            return GObject.Object.connect(self, *args)
        return self.open(*args)


Manager = _with_properties(Manager)


class Engine(_Hub, Sio.Engine):
    """The connection underneath."""

    _sio_events = _ENGINE_EVENTS

    def __init__(self, *_args, **_kwargs):
        raise TypeError('a manager makes its engine')


Engine = _with_properties(Engine)
Options = _with_properties(Options)

_native_io = Sio.io


def io(url, options=None, **keywords):
    """Gets a socket for the namespace in the URL, and connects it unless auto_connect is off."""
    options = _make_options(options, keywords)
    socket = _native_io(url, options)
    is_new = '_sio_state' not in socket.__dict__
    state = _state_of(socket)
    if is_new or options is not None:
        state.configure(options)
    return socket


io.protocol = Sio.PROTOCOL
