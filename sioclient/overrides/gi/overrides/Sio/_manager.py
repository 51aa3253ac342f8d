# SPDX-License-Identifier: LGPL-2.1-or-later
"""The manager, and the engine that it has."""

from gi.module import get_introspection_module
from gi.repository import Gio, GLib, GObject

from ._listeners import Listeners, decorator
from ._options import make_options, with_properties
from ._pending import Pending
from ._socket import state_of
from ._values import check_text, decode

Sio = get_introspection_module('Sio')


def _no_change(*args):
    return args


def _end(reason, details=None):
    return Sio.disconnect_reason_to_string(reason), details


def _packet(kind, data=None):
    return kind, None if data is None else decode(data)


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
            listeners = Listeners(trim=True)
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
        return decorator(lambda f: self._sio_add(event, f, False), listener)

    def once(self, event, listener=None):
        """Adds a listener that is taken away before it is called."""
        return decorator(lambda f: self._sio_add(event, f, True), listener)

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
        if not isinstance(url, str):
            raise TypeError('a manager needs a URL')
        super().__init__(url=check_text(url, 'a URL'), options=make_options(options, keywords))

    def socket(self, nsp, options=None, **keywords):
        """Gets the socket for a namespace, which is made if need be."""
        options = make_options(options, keywords)
        socket = super().get_socket(check_text(nsp, 'the name of a namespace'), options)
        # One that was there already keeps what it has.
        if '_sio_state' not in socket.__dict__:
            state_of(socket).configure(options)
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


Manager = with_properties(Manager)


class Engine(_Hub, Sio.Engine):
    """The connection underneath."""

    _sio_events = _ENGINE_EVENTS

    def __init__(self, *_args, **_kwargs):
        raise TypeError('a manager makes its engine')


Engine = with_properties(Engine)
