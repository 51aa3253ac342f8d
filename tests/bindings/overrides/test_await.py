#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is awaited, in the main loops that there are."""

import asyncio
import importlib.util
import sys
import textwrap
import threading

import gi

from harness import Waiter, connected, equal, run, skip, test, until, url
from gi.repository import Gio


@test('await/asyncio-in-another-thread')
async def _():
    socket = await connected()
    pending = socket.emit_with_ack('late', 50, 'x')
    answers = []

    def work():
        async def main():
            answers.append(await asyncio.wait_for(pending, 10))
        asyncio.run(main())

    thread = threading.Thread(target=work)
    thread.start()
    await until('thread', lambda: not thread.is_alive())
    equal(answers, ['x'])
    socket.close()


def in_process(program, wanted):
    """Runs a program of its own, as a process has one main loop of a kind."""
    async def body():
        waiter = Waiter('process')
        process = Gio.Subprocess.new([sys.executable, '-c', textwrap.dedent(program), url],
                                     Gio.SubprocessFlags.STDOUT_PIPE | Gio.SubprocessFlags.STDERR_MERGE)
        process.communicate_utf8_async(None, None, lambda source, result: waiter(source.communicate_utf8_finish(result)[1]))
        output, = await waiter
        equal(output, wanted)
    return body


IMPORTS = """
import asyncio, sys, warnings
warnings.simplefilter('ignore')
import gi
gi.require_version('Sio', '1.0')
from gi.repository import Gio, GLib, Sio
"""

ASKED = '1 2 g-io-error-quark\n'
ASKING = IMPORTS + """
async def main():
    socket = Sio.io(sys.argv[-1], force_new=True)
    both = await asyncio.gather(socket.emit_with_ack('echo', 1), socket.emit_with_ack('late', 20, 2))
    try:
        await asyncio.wait_for(socket.timeout(30).emit_with_ack('no-ack'), 10)
    except GLib.Error as error:
        print(*both, error.domain)
    socket.close()
"""

# A task that is cancelled, by itself or by a time limit, ends what it waits for.
CANCELLED = 'cancelled True\ntimeout True\ninside timeout True\nstill there\n'
CANCELLING = IMPORTS + """
async def is_cancelled(socket, pending):
    while not pending.done():
        await socket.emit_with_ack('echo', 0)
    return pending.exception().matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED)

async def main():
    socket = Sio.io(sys.argv[-1], force_new=True)

    pending = socket.emit_with_ack('no-ack')
    task = asyncio.ensure_future(pending)
    await socket.emit_with_ack('echo', 1)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print('cancelled', await is_cancelled(socket, pending))

    pending = socket.emit_with_ack('no-ack')
    try:
        await asyncio.wait_for(pending, 0.05)
    except asyncio.TimeoutError:
        print('timeout', await is_cancelled(socket, pending))

    pending = socket.emit_with_ack('no-ack')
    async def inside():
        return await pending
    try:
        await asyncio.wait_for(inside(), 0.05)
    except asyncio.TimeoutError:
        print('inside timeout', await is_cancelled(socket, pending))

    print(await socket.emit_with_ack('echo', 'still there'))
    socket.close()
"""

WITH_GBULB = """
import gbulb
gbulb.install()
asyncio.get_event_loop().run_until_complete(main())
"""

WITH_GI_EVENTS = """
from gi.events import GLibEventLoopPolicy
asyncio.set_event_loop_policy(GLibEventLoopPolicy())
asyncio.get_event_loop_policy().get_event_loop().run_until_complete(main())
"""

# From Python 3.12 on asyncio.run() wants to set a loop, which the policy allows where none is yet.
WITH_RUN = """
from gi.events import GLibEventLoopPolicy
policy = GLibEventLoopPolicy()
asyncio.set_event_loop_policy(policy)
with asyncio.Runner(loop_factory=policy.get_event_loop) as runner:
    runner.run(main())
"""

if gi.version_info >= (3, 50):
    no_gbulb, no_events = 'gbulb does not work with PyGObject 3.50', None
else:
    no_gbulb = None if importlib.util.find_spec('gbulb') else 'no gbulb'
    no_events = 'PyGObject is older than 3.50'

for loop, program, why_not in (('gbulb', WITH_GBULB, no_gbulb), ('gi.events', WITH_GI_EVENTS, no_events),
                               ('gi.events-runner', WITH_RUN, no_events)):
    for what, question, answer in ('', ASKING, ASKED), ('-cancelled', CANCELLING, CANCELLED):
        if why_not:
            skip(f'await/{loop}{what}', why_not)
        else:
            test(f'await/{loop}{what}')(in_process(question + program, answer))


@test('await/callback')
async def _():
    socket = await connected()
    waiter = Waiter('callback')
    pending = socket.emit_with_ack('echo', 1)
    pending.add_done_callback(waiter)
    equal(await waiter, (pending,))
    equal(pending.result(), 1)
    socket.close()


run('python/api')
