# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the program presents to the server."""

import inspect

from gi.repository import GLib

from ._listeners import arity
from ._pending import start
from ._values import encode, to_gerror


def on_auth(socket, request):
    """Asks the program what to present to the server."""
    auth = socket._sio_auth
    answered = False

    def accept(payload=None):
        nonlocal answered
        if not answered:
            try:
                request.accept(None if payload is None else encode(payload))
            except (TypeError, ValueError, GLib.Error) as error:
                fail(error)
            answered = True

    def fail(error):
        nonlocal answered
        if not answered:
            answered = True
            request.fail(to_gerror(error))

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
    takes_callback = arity(auth)[1] > 0
    try:
        result = auth(accept) if takes_callback else auth()
    except Exception as error:  # pylint: disable=broad-except
        fail(error)
        return
    if inspect.iscoroutine(result):
        start(result).add_done_callback(on_done)
    elif hasattr(result, 'add_done_callback'):
        result.add_done_callback(on_done)
    elif result is not None or not takes_callback:
        accept(result)
