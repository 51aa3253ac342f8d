# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the program presents to the server."""

import inspect
import math

from gi.repository import GLib

from ._listeners import arity
from ._pending import start
from ._values import encode, to_gerror


class AuthRequest:
    """What an auth function can answer; the first answer counts."""

    def __init__(self, request):
        self._request = request

    def accept(self, payload=None):
        """Presents the payload, an object, or nothing."""
        try:
            value = None if payload is None else encode(payload)
        except (TypeError, ValueError, RecursionError, GLib.Error) as error:
            # A mistake, which no repetition mends.
            self.reject(error)
        else:
            self._request.accept(value)

    def fail(self, error=None):
        """There is nothing to present now: the socket asks again later."""
        self._request.fail(_reason(error))

    def reject(self, error=None):
        """Gives up: the socket does not try again by itself."""
        self._request.reject(_reason(error))

    def get_cancellable(self):
        """What is cancelled when nobody waits for the answer any more."""
        return self._request.get_cancellable()


def _reason(error):
    return to_gerror('There is nothing to present to the server' if error is None else error)


def _ask(auth, request):
    """Calls it; also says whether what it returns is the answer."""
    most, least = arity(auth)
    if least == 0:
        return auth(), True
    # The request never takes the place of a default.
    if least > 1 or most == math.inf:
        return auth(request.accept, request), False
    return auth(request.accept), False


def on_auth(socket, request):
    """Asks the program what to present to the server."""
    auth = socket._sio_auth
    request = AuthRequest(request)
    if not callable(auth):
        request.accept(auth)
        return

    def on_done(done):
        try:
            result = done.result()
        except BaseException as error:  # pylint: disable=broad-except
            # One that was cancelled, too.
            request.fail(error)
            return
        if result is not None or counts:
            request.accept(result)

    # One that takes an argument is expected to call it; of any other, what it returns counts.
    try:
        result, counts = _ask(auth, request)
    except Exception as error:  # pylint: disable=broad-except
        request.fail(error)
        return
    if inspect.iscoroutine(result):
        start(result).add_done_callback(on_done)
    elif hasattr(result, 'add_done_callback'):
        result.add_done_callback(on_done)
    elif result is not None or counts:
        request.accept(result)
