# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests are functions or coroutine functions, the output is TAP."""

import gc
import inspect
import os
import sys
import time
import traceback

import gi

gi.require_version('Sio', '1.0')
from gi.repository import GLib, Sio

DEADLINE = 20000
url = sys.argv[-1]
_tests = []


def test(name):
    def add(function):
        _tests.append((name, function))
        return function
    return add


def skip(name, why):
    _tests.append((name, why))


def same(a, b):
    """Equal and of the same kinds, members in the same order."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return a == b


def equal(got, wanted, what='value'):
    assert same(got, wanted), f'{what}: got {got!r} instead of {wanted!r}'


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as error:
        return error
    raise AssertionError(f'{function} does not raise {kind}')


async def fails(awaitable):
    try:
        await awaitable
    except GLib.Error as error:
        return error
    raise AssertionError('it did not fail')


class Waiter:
    """Awaited until it is called; gives the arguments."""

    def __init__(self, what):
        self.pending = Sio.Pending()
        self.source = GLib.timeout_add(DEADLINE, self._on_deadline, what)

    def _on_deadline(self, what):
        self.source = 0
        self.pending._settle(None, AssertionError(f'waited in vain for {what}'))
        return GLib.SOURCE_REMOVE

    def __call__(self, *args):
        if self.source:
            GLib.source_remove(self.source)
            self.source = 0
        self.pending._settle(args)

    def __await__(self):
        return self.pending.__await__()


def following(emitter, event):
    """The arguments of the next event of anything that has once()."""
    waiter = Waiter(event)
    emitter.once(event, lambda *args: waiter(*args))
    return waiter


def signal(source, name):
    waiter = Waiter(name)
    ids = []

    def handler(_source, *args):
        source.disconnect(ids[0])
        waiter(*args)

    ids.append(source.connect(name, handler))
    return waiter


def turn(milliseconds=0):
    waiter = Waiter('a turn of the main loop')
    GLib.timeout_add(milliseconds, lambda: waiter() or False)
    return waiter


async def until(what, condition):
    end = time.monotonic() + DEADLINE / 1000
    while not condition():
        assert time.monotonic() < end, f'waited in vain for {what}'
        await turn(5)


async def connected(nsp='', /, **options):
    options.setdefault('force_new', True)
    socket = Sio.io(url + nsp, **options)
    if not socket.connected:
        await following(socket, 'connect')
    return socket


def rss():
    with open('/proc/self/statm', encoding='ascii') as statm:
        return int(statm.read().split()[1]) * os.sysconf('SC_PAGE_SIZE') // 1024


def descriptors():
    return len(os.listdir('/proc/self/fd'))


def run(suite):
    loop = GLib.MainLoop()
    failures = []

    async def main():
        print(f'1..{len(_tests)}')
        for number, (name, function) in enumerate(_tests, 1):
            if isinstance(function, str):
                print(f'ok {number} /{suite}/{name} # SKIP {function}')
                continue
            try:
                result = function()
                if inspect.iscoroutine(result):
                    await result
                print(f'ok {number} /{suite}/{name}')
            except Exception:  # pylint: disable=broad-except
                failures.append(name)
                print(f'not ok {number} /{suite}/{name}')
                print('# ' + traceback.format_exc().replace('\n', '\n# '))
            sys.stdout.flush()
            gc.collect()

    Sio.spawn(main()).add_done_callback(lambda _: loop.quit())
    if len(failures) == 0 and _tests:
        loop.run()
    sys.exit(1 if failures else 0)
