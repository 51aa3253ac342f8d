#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The python-socketio server that tests connect to.

Started and spoken to like ../node/server.js, with fewer events: see there what they do. OPTIONS knows host, port and, for the
server, transports, pingInterval, pingTimeout and maxHttpBufferSize. The commands are stats, await-clients, log, emit and quit.

What differs: python-socketio acknowledges whatever its handler returns, so “no-ack” is one that never does.
"""

import asyncio
import json
import sys

import socketio
from aiohttp import web

KINDS = [None, True, False, 0, -1, 9007199254740991, 1.5, 1e300, '', 'häß€😀\n"\\\u0001', [], [1, [2, [3]]], {},
         {'a': 1, 'b': {'c': [None]}, '__proto__x': 'p', 'ü': 'ö'}]

options = json.loads(sys.argv[1] if len(sys.argv) > 1 else '{}')
log = []
counts = {}
tokens = {}


class Json:
    """What the server library is to use for JSON: text as it is, not escaped."""

    @staticmethod
    def dumps(value, **kwargs):
        return json.dumps(value, ensure_ascii=False, **kwargs)

    loads = staticmethod(json.loads)


sio = socketio.AsyncServer(
    async_mode='aiohttp',
    json=Json,
    transports=options.get('transports'),
    ping_interval=options.get('pingInterval', 25000) / 1000,
    ping_timeout=options.get('pingTimeout', 20000) / 1000,
    max_http_buffer_size=options.get('maxHttpBufferSize', 1000000),
)


def size_of(value):
    return len(value) if isinstance(value, (bytes, str)) else -1


class Namespace(socketio.AsyncNamespace):
    """One namespace. Handlers return what is acknowledged: a tuple for several values."""

    async def trigger_event(self, event, *args):
        handler = getattr(self, 'do_' + event.replace('-', '_'), None)
        if event in ('connect', 'disconnect'):
            return await super().trigger_event(event, *args)
        if handler is None:
            return 'unhandled', event
        return await handler(*args)

    async def on_connect(self, sid, environ, auth=None):
        log.append({'log': 'connect', 'nsp': self.namespace, 'id': sid})

    async def on_disconnect(self, sid):
        log.append({'log': 'disconnect', 'nsp': self.namespace, 'id': sid})
        counts.pop((self.namespace, sid), None)

    async def send_event(self, sid, event, *args, callback=None):
        await self.emit(event, tuple(args), to=sid, callback=callback)

    async def do_echo(self, sid, *args):
        await self.send_event(sid, 'echo', *args)
        return args

    async def do_hello(self, sid, *args):
        return 'world'

    async def do_message(self, sid, *args):
        await self.send_event(sid, 'message', *args)
        return args

    async def do_binary(self, sid, *args):
        await self.send_event(sid, 'binary', *args)
        return args

    async def do_make_binary(self, sid, size):
        data = bytes(i % 256 for i in range(size))
        await self.send_event(sid, 'binary', data)
        return data

    async def do_make_text(self, sid, size):
        text = 'x' * size
        await self.send_event(sid, 'text', text)
        return text

    async def do_size_of(self, sid, value):
        return size_of(value)

    async def do_kinds(self, sid):
        await self.send_event(sid, 'kinds', *KINDS)
        return tuple(KINDS)

    async def do_burst(self, sid, n, space=0):
        for i in range(n):
            await self.send_event(sid, 'burst', i, n)
            if i % 10 == 9:
                await asyncio.sleep(space / 1000)
        return n

    async def do_count(self, sid, i, *args):
        count = counts.setdefault((self.namespace, sid), {'received': 0, 'inOrder': True, 'last': None})
        count['inOrder'] = count['inOrder'] and i == count['received']
        count['received'] += 1
        count['last'] = i
        return i

    async def do_count_report(self, sid):
        return counts.pop((self.namespace, sid), {'received': 0, 'inOrder': True, 'last': None})

    async def do_ask_me(self, sid, *args):
        async def answered(*answer):
            await self.send_event(sid, 'answered', *answer)

        await self.send_event(sid, 'question', *args, callback=answered)
        return ()

    async def do_no_ack(self, sid, *args):
        await asyncio.Event().wait()

    async def do_ack_empty(self, sid):
        return ()

    async def do_ack_many(self, sid, n):
        return tuple(range(n))

    async def do_ack_then_emit(self, sid, x):
        asyncio.get_running_loop().call_soon(asyncio.ensure_future, self.send_event(sid, 'after-ack', x))
        return x

    async def do_emit_then_ack(self, sid, x):
        await self.send_event(sid, 'before-ack', x)
        return x

    async def do_emit_me(self, sid, name, *args):
        await self.send_event(sid, name, *args)
        return ()

    async def do_note(self, sid, *args):
        log.append({'log': 'note', 'args': args})
        return ()

    async def do_whoami(self, sid):
        return {'id': sid, 'nsp': self.namespace}

    async def do_kick(self, sid):
        await self.disconnect(sid)

    async def do_emit_kick(self, sid, *args):
        await self.send_event(sid, 'last-words', *args)
        await self.disconnect(sid)


class AuthNamespace(Namespace):
    """Lets in who presents the token."""

    async def on_connect(self, sid, environ, auth=None):
        token = (auth or {}).get('token')
        if token != 'secret':
            raise socketio.exceptions.ConnectionRefusedError('not authorized', {'code': 401, 'token': token})
        await super().on_connect(sid, environ, auth)


class RefusingNamespace(Namespace):
    """Lets nobody in."""

    async def on_connect(self, sid, environ, auth=None):
        raise socketio.exceptions.ConnectionRefusedError('refused', {'reason': 'always'})


for name, kind in (('/', Namespace), ('/admin', Namespace), ('/auth', AuthNamespace), ('/refuse', RefusingNamespace)):
    sio.register_namespace(kind(name))


def say(what, value):
    print(what, value if isinstance(value, int) else json.dumps(value), flush=True)


def count_clients():
    return sum(1 for client in sio.eio.sockets.values() if not client.closed)


async def obey(command):
    kind = command.get('cmd')
    reply = {'cmd': kind}
    if kind == 'stats':
        reply['clients'] = count_clients()
    elif kind == 'await-clients':
        while count_clients() != command['clients']:
            await asyncio.sleep(0.005)
    elif kind == 'log':
        reply['log'] = log[:]
        log.clear()
    elif kind == 'emit':
        await sio.emit(command['event'], tuple(command.get('args', [])), namespace=command.get('nsp', '/'))
    elif kind != 'quit':
        reply['error'] = 'unknown command'
    say('REPLY', reply)
    return kind != 'quit'


class Body:
    """A request's body that is here as a whole."""

    def __init__(self, data):
        self.data = data

    async def read(self, length):
        return self.data[:length]


@web.middleware
async def collect(request, handler):
    """The library takes the first piece of a body for all of it."""
    if request.method == 'POST':
        request._payload = Body(await request.read())
    return await handler(request)


async def main():
    app = web.Application(middlewares=[collect], client_max_size=100000000)
    sio.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, options.get('host', '127.0.0.1'), options.get('port', 0), reuse_address=True)
    await site.start()
    say('PORT', runner.addresses[0][1])

    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while True:
        line = await commands.readline()
        if not line or not await obey(json.loads(line)):
            break


asyncio.run(main())
