#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every item of the API of the JavaScript client, from PyGObject: options, and what is presented to the server."""

import math
import threading
import uuid

from harness import Waiter, connected, equal, fails, following, raises, run, test, turn, until, url
from gi.repository import Gio, GLib, Sio

TIMED_OUT = (Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT)


# --- Socket: auth

@test('auth/forms')
async def _():
    async def coroutine():
        await turn(5)
        return {'token': 'secret'}

    async def coroutine_with_callback(callback):
        await turn(5)
        callback({'token': 'secret'})

    def later(callback):
        GLib.timeout_add(5, lambda: callback({'token': 'secret'}))

    # X20: what finds it out may block.
    def in_a_thread(callback):
        threading.Thread(target=callback, args=[{'token': 'secret'}]).start()

    for auth in ({'token': 'secret'}, lambda callback: callback({'token': 'secret'}), lambda: {'token': 'secret'},
                 later, coroutine, coroutine_with_callback, in_a_thread):
        socket = await connected('/auth', auth=auth)
        assert socket.auth is auth
        socket.close()


@test('auth/asked-each-time')
async def _():
    tokens = ['wrong', 'secret']
    socket = Sio.io(url + '/auth', force_new=True, auth=lambda: {'token': tokens.pop(0)})
    await following(socket, 'connect_error')
    socket.connect()
    await following(socket, 'connect')
    equal(tokens, [])
    socket.close()


@test('auth/gives-up')
async def _():
    own = GLib.Error.new_literal(Gio.io_error_quark(), 'no token', Gio.IOErrorEnum.PERMISSION_DENIED)

    async def coroutine(_accept, request):
        await turn(5)
        request.reject(RuntimeError('no token'))

    def later(_accept, request):
        GLib.timeout_add(5, lambda: request.reject('no token'))

    def raises_then(_accept, request):
        request.reject(RuntimeError('no token'))
        raise RuntimeError('away')

    def accepts_then(accept, *rest):
        rest[0].reject(RuntimeError('no token'))
        rest[0].fail(RuntimeError('away'))
        accept({'token': 'secret'})

    for auth in (lambda accept, request: request.reject(RuntimeError('no token')),
                 lambda accept, request: request.reject(own),
                 lambda accept, request: request.reject('no token'),
                 coroutine, later, raises_then, accepts_then):
        socket = Sio.io(url + '/auth', force_new=True, auth=auth, reconnection_delay=1)
        error, _data = await following(socket, 'connect_error')
        equal([error.message, socket.active], ['no token', False])
        # It asks again when it is told to.
        socket.auth = lambda accept, request: request.accept({'token': 'secret'})
        socket.open()
        await following(socket, 'connect')
        socket.close()


@test('auth/the-request-takes-no-default-away')
async def _():
    seen = []

    def auth(accept, token='secret'):
        seen.append(token)
        accept({'token': token})

    socket = await connected('/auth', auth=auth)
    equal(seen, ['secret'])
    socket.close()


@test('auth/what-cannot-be-presented')
async def _():
    circle = {}
    circle['itself'] = circle

    async def coroutine():
        return circle

    for auth in (lambda: [1], lambda: 'text', lambda: {'a': b'1'}, lambda: circle, lambda: object(), coroutine,
                 lambda accept: accept(circle), lambda accept: accept({'a': object()})):
        socket = Sio.io(url + '/auth', force_new=True, auth=auth, reconnection_delay=1)
        await following(socket, 'connect_error')
        equal(socket.active, False)


@test('auth/X15-fails-twice')
async def _():
    """Whatever way it fails twice and then gives a token, the server sees one CONNECT."""
    def away():
        raise RuntimeError('away')

    async def away_later():
        await turn()
        away()

    def forms(who):
        times = 0

        def is_away():
            nonlocal times
            times += 1
            return times <= 2

        def token():
            return {'token': 'secret', 'who': who}

        def plain():
            return away() if is_away() else token()

        def with_callback(accept):
            return away() if is_away() else accept(token())

        async def coroutine():
            await turn()
            return away() if is_away() else token()

        async def coroutine_with_callback(accept):
            return await away_later() if is_away() else accept(token())

        def awaitable():
            pending = Sio.Pending()
            if is_away():
                pending._settle(None, RuntimeError('away'))
            else:
                pending._settle(token())
            return pending

        def says_so(accept, request):
            return request.fail(RuntimeError('away')) if is_away() else accept(token())

        def says_so_later(accept, request):
            if is_away():
                GLib.idle_add(lambda: request.fail('away'))
            else:
                accept(token())

        return (lambda: times), (plain, with_callback, coroutine, coroutine_with_callback, awaitable, says_so,
                                 says_so_later)

    quick = {'reconnection_delay': 10, 'reconnection_delay_max': 20}
    for transports in (['polling'], ['websocket'], ['polling', 'websocket']):
        for form in range(7):
            who = f'form {form} over {transports}'
            times, all_forms = forms(who)
            socket = Sio.io(url + '/auth', force_new=True, auth=all_forms[form], transports=transports, **quick)
            errors = []
            socket.on('connect_error',
                      lambda error, *_, socket=socket, errors=errors: errors.append((error.message, socket.active)))
            await following(socket, 'connect')
            equal((times(), errors), (3, [('away', True), ('away', True)]), who)
            log = await socket.emit_with_ack('server-log')
            equal(sum(entry.get('auth', {}).get('who') == who for entry in log), 1, who)
            socket.close()

    beside = await connected(**quick)
    lost = []
    beside.on('disconnect', lambda *_: lost.append(True))
    times, all_forms = forms('beside')
    socket = beside.io.socket('/auth', auth=all_forms[0])
    await following(socket, 'connect')
    equal((times(), beside.connected, lost), (3, True, []))
    beside.close()
    socket.close()


@test('auth/set-later')
async def _():
    socket = Sio.io(url + '/auth', force_new=True, auto_connect=False)
    equal(socket.auth, None)
    socket.auth = {'token': 'secret'}
    socket.open()
    await following(socket, 'connect')
    socket.close()
    socket.auth = lambda callback: callback({'token': 'wrong'})
    socket.open()
    equal((await following(socket, 'connect_error'))[0].message, 'not authorized')
    socket.auth = Sio.Value.new_from_json('{"token": "secret"}', None)
    equal(socket.auth, {'token': 'secret'})
    socket.open()
    await following(socket, 'connect')
    socket.close()


# --- options

async def handshake(**options):
    socket = await connected(**options)
    result = await socket.emit_with_ack('handshake')
    socket.close()
    return result


@test('options/query-and-headers')
async def _():
    result = await handshake(query={'my-key': 'my ä', 'n': 1}, extra_headers={'x-test': 'yes'})
    equal([result['query']['my-key'], result['query']['n'], result['headers']['x-test']], ['my ä', '1', 'yes'])


@test('options/path')
async def _():
    socket = Sio.io(url, force_new=True, path='/elsewhere', reconnection=False, timeout=100)
    await following(socket, 'connect_error')
    socket.close()
    assert (await handshake(path='/socket.io', add_trailing_slash=True))['url'].startswith('/socket.io/?')
    socket = Sio.io(url, force_new=True, add_trailing_slash=False, reconnection=False, timeout=100)
    await following(socket, 'connect_error')
    socket.close()


@test('options/transports')
async def _():
    equal((await handshake(transports=['websocket']))['query']['transport'], 'websocket')
    equal((await handshake(transports=('polling',)))['query']['transport'], 'polling')
    socket = await connected(transports=['websocket', 'polling'], try_all_transports=True)
    equal(socket.io.engine.transport_name, 'websocket')
    socket.close()


@test('options/upgrade')
async def _():
    socket = await connected(upgrade=False)
    upgraded = []
    socket.io.engine.on('upgrade', upgraded.append)
    await socket.emit_with_ack('late', 100)
    equal([upgraded, socket.io.engine.transport_name], [[], 'polling'])
    socket.close()


@test('options/remember-upgrade')
async def _():
    socket = await connected(remember_upgrade=True, reconnection_delay=10)
    if socket.io.engine.transport_name == 'polling':
        await following(socket.io.engine, 'upgrade')
    socket.emit('drop')
    await following(socket.io, 'reconnect')
    equal(socket.io.engine.transport_name, 'websocket')
    socket.close()


@test('options/timestamps')
async def _():
    assert 't' in (await handshake())['query']
    assert 'stamp' in (await handshake(timestamp_param='stamp'))['query']
    assert 't' not in (await handshake(timestamp_requests=False))['query']


@test('options/force-base64')
async def _():
    equal((await handshake(force_base64=True))['query']['b64'], '1')
    socket = await connected(force_base64=True, transports=['polling'])
    equal(await socket.emit_with_ack('echo', b'\1\2\3'), b'\1\2\3')
    socket.close()


@test('options/protocols')
async def _():
    result = await handshake(transports=['websocket'], protocols=['chat'])
    equal(result['headers']['sec-websocket-protocol'], 'chat')


@test('options/accepted')
async def _():
    socket = await connected(with_credentials=True, per_message_deflate=False, request_timeout=5000, timeout=None,
                             reconnection_delay_max=10000, randomization_factor=1)
    equal([socket.io.reconnection_delay_max, socket.io.randomization_factor, socket.io.timeout], [10000, 1.0, 0])
    socket.close()
    raises(TypeError, lambda: Sio.io(url, no_such_option=1))
    raises(TypeError, lambda: Sio.io(url, Sio.Options(), timeout=1))


@test('options/join-timeout')
async def _():
    equal([Sio.Options().join_timeout, Sio.Options(join_timeout=math.inf).join_timeout], [0, 0])
    times = []
    # One that does not answer in time is asked again.
    socket = Sio.io(url, force_new=True, join_timeout=50, reconnection_delay=1, auth=times.append)
    error, *_data = await following(socket, 'connect_error')
    assert error.matches(*TIMED_OUT)
    equal(socket.active, True)
    await until('the next time', lambda: len(times) > 1)
    socket.close()


@test('options/network-aware')
async def _():
    equal(Sio.Options().network_aware, True)
    equal(Sio.Options(network_aware=False).network_aware, False)
    socket = await connected(network_aware=False)
    equal(await socket.emit_with_ack('hello'), 'world')
    socket.close()


@test('options/retries')
async def _():
    socket = await connected(retries=3, ack_timeout=50)
    tag = str(uuid.uuid4())
    waiter = Waiter('answer')
    socket.emit('deaf', 2, tag, callback=waiter)
    equal(await waiter, (None, tag, 3))
    socket.close()


@test('options/ack-timeout')
async def _():
    socket = await connected(ack_timeout=50)
    assert (await fails(socket.emit_with_ack('no-ack'))).matches(*TIMED_OUT)
    socket.close()


@test('options/object')
async def _():
    options = Sio.Options(force_new=True, transports=['websocket'])
    options.reconnection_delay = 77
    equal(options.props.reconnection_delay, 77)
    socket = Sio.io(url, options)
    await following(socket, 'connect')
    equal(socket.io.reconnection_delay, 77)
    socket.close()


@test('X4/refused')
def _():
    for headers in ({'Authorization': 'Bearer abc\n'}, {'': 'a'}, {'X Own': 'a'}, {'X-Ö': 'a'}, {'Host': 'a'},
                    {'Content-Length': '1'}, {'Sec-WebSocket-Key': 'a'}):
        error = raises(GLib.Error, lambda headers=headers: Sio.io(url, extra_headers=headers))
        assert error.matches(Sio.error_quark(), Sio.Error.FAILED) and 'header' in error.message, error
        assert 'Bearer' not in error.message
        raises(GLib.Error, lambda headers=headers: Sio.Manager(url, extra_headers=headers))
    raises(GLib.Error, lambda: Sio.Options(query={'': 'a'}))
    for keywords in ({'extra_headers': {'A': 'b\0c'}}, {'query': {'a': 'b\0c'}}, {'query': {'a\0': 'b'}},
                     {'path': '/a\0b'}, {'timestamp_param': 't\0'}, {'transports': ['polling\0']},
                     {'protocols': ['a\0']}):
        raises((TypeError, ValueError), lambda keywords=keywords: Sio.Options(**keywords))
    raises((TypeError, ValueError), Sio.io, url + '\0')
    raises((TypeError, ValueError), Sio.Manager, url + '\0')
    raises((TypeError, ValueError), Sio.Manager(url, auto_connect=False).socket, '/a\0b')
    options = Sio.Options()
    raises(GLib.Error, options.set_header, 'Authorization', 'Bearer abc\n')
    raises(GLib.Error, options.set_query_param, '', 'a')
    options.set_header('Authorization', 'Bearer abc')
    options.set_header('Authorization', None)
    options.set_query_param('a', None)


run('python/api')
