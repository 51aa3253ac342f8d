#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""io() a second time, from PyGObject: the server sees what this call asked for, and each event is heard once (X1)."""

import gc

from harness import equal, following, run, test, turn, url
from gi.repository import Sio

OLD = {'query': {'token': 'old'}, 'extra_headers': {'X-Token': 'old'}}
NEW = {'query': {'token': 'new'}, 'extra_headers': {'X-Token': 'new'}}


async def seen(socket):
    answer = await socket.emit_with_ack('handshake')
    return [answer['query'].get('token'), answer['headers'].get('x-token')]


def listen(socket, name, heard):
    """What is heard of one event by listeners of each kind."""
    socket.on('echo', lambda *_args: heard.append(f'{name} on'))
    socket.on_any(lambda *_args: heard.append(f'{name} any'))
    socket.on('connect', lambda: heard.append(f'{name} connect'))


def add_again(what, first, second, wanted, transports):
    @test(f'after disconnect/{what}/{transports}')
    async def _():
        heard = []
        before = Sio.io(url, transports=transports, **first)
        await following(before, 'connect')
        listen(before, 'before', heard)
        before.disconnect()
        now = Sio.io(url, transports=transports, **second)
        assert now is not before
        listen(now, 'now', heard)
        equal(await seen(now), wanted)
        came = following(now, 'echo')
        now.emit('echo', 1)
        await came
        equal(heard, ['now connect', 'now any', 'now on'])
        assert not before.active
        now.close()


for _transports in ['polling'], ['websocket'], ['polling', 'websocket']:
    add_again('other settings', OLD, NEW, ['new', 'new'], _transports)
    add_again('settings where there were none', {}, NEW, ['new', 'new'], _transports)
    add_again('no settings', OLD, {}, [None, None], _transports)
    add_again('the same settings', OLD, OLD, ['old', 'old'], _transports)
    add_again('no settings, twice', {}, {}, [None, None], _transports)


@test('beside one that is connected')
async def _():
    one = Sio.io(url, **OLD)
    two = Sio.io(url + '/admin', **NEW)
    three = Sio.io(url + '/dynamic-1')
    four = Sio.io(url + '/admin', **OLD)
    equal(await seen(one), ['old', 'old'])
    equal(await seen(two), ['new', 'new'])
    equal(await seen(three), [None, None])
    equal(await seen(four), ['old', 'old'])
    equal([two.io is one.io, three.io is one.io, four.io is one.io], [False, False, True])
    for socket in one, two, three, four:
        socket.close()


@test('an auth of before is not presented')
async def _():
    before = Sio.io(url + '/auth', auth={'token': 'secret'})
    await following(before, 'connect')
    before.disconnect()
    now = Sio.io(url + '/auth')
    _error, data = await following(now, 'connect_error')
    equal(data, {'code': 401, 'token': None})
    now.close()


@test('auth, retries and ack_timeout keep nobody from sharing')
async def _():
    one = Sio.io(url, query={'test': '1'}, auth={'token': 'one'})
    two = Sio.io(url + '/auth', query={'test': '1'}, auth={'token': 'secret'}, retries=2, ack_timeout=5000,
                 join_timeout=5000)
    equal((await two.emit_with_ack('handshake'))['auth'], {'token': 'secret'})
    equal((await one.emit_with_ack('handshake'))['auth'], {'token': 'one'})
    assert two.io is one.io
    one.close()
    two.close()


@test('auto_connect is about one call')
async def _():
    one = Sio.io(url, query={'test': '2'})
    two = Sio.io(url + '/admin', query={'test': '2'}, auto_connect=False)
    await following(one, 'connect')
    assert two.io is one.io
    assert not two.active
    one.close()
    three = Sio.io(url + '/dynamic-7', query={'test': '2'})
    assert three.io is one.io
    await following(three, 'connect')
    assert not two.active
    three.close()


async def use_for_a_while():
    socket = Sio.io(url + '/admin', query={'test': '3'})
    socket.on('echo', lambda *_args: socket.id)
    await following(socket, 'connect')
    socket.disconnect()


@test('one that was dropped does not keep its namespace')
async def _():
    one = Sio.io(url, query={'test': '3'})
    await use_for_a_while()
    for _i in range(5):
        await turn()
        gc.collect()
    again = Sio.io(url + '/admin', query={'test': '3'})
    assert again.io is one.io
    await following(again, 'connect')
    again.close()
    one.close()


run('python/again')
