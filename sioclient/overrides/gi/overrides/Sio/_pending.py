# SPDX-License-Identifier: LGPL-2.1-or-later
"""Waiting for what will be there, in whatever loop runs."""

import inspect
import sys


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
            guard(callback, (self,))

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
            guard(callback, (self,))
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


def report(done):
    error = done.exception()
    if error is not None:
        sys.excepthook(type(error), error, error.__traceback__)


def start(coroutine):
    """Runs a coroutine in whatever runs here."""
    loop = _running_loop()
    return spawn(coroutine) if loop is None else loop.create_task(coroutine)


def guard(function, args):
    """What one listener raises is no matter of the next."""
    try:
        result = function(*args)
        if result is not None and inspect.iscoroutine(result):
            start(result).add_done_callback(report)
    except Exception:  # pylint: disable=broad-except
        sys.excepthook(*sys.exc_info())
