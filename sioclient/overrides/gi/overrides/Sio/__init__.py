# SPDX-License-Identifier: LGPL-2.1-or-later
"""Socket.IO for PyGObject: plain values, decorators and await on top of what is introspected."""

from gi.module import get_introspection_module

from ._manager import Engine, Manager
from ._options import Options, make_options
from ._pending import Pending, spawn
from ._socket import Socket, state_of
from ._values import check_text

Sio = get_introspection_module('Sio')

__all__ = ['Engine', 'Manager', 'Options', 'Pending', 'Socket', 'io', 'spawn']

_native_io = Sio.io


def io(url, options=None, **keywords):
    """Gets a new socket for the namespace in the URL, and connects it unless auto_connect is off."""
    options = make_options(options, keywords)
    socket = _native_io(check_text(url, 'a URL'), options)
    state_of(socket).configure(options)
    return socket


io.protocol = Sio.PROTOCOL
