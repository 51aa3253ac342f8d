#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What goes out comes back as it was, from PyGObject."""

import json
import math

from harness import connected, equal, fails, following, raises, run, test
from gi.repository import GLib, Sio

# json.loads () as the judge; what is None went through JavaScript, which has doubles only.
TEXTS = {
    'integers': ('[0,-1,9007199254740991,-9007199254740991]', None),
    '2^53': ('9007199254740992', None),
    '2^53+1': ('9007199254740993', 9007199254740992),
    '2^63-1': ('9223372036854775807', 9223372036854776000),
    '2^64-1': ('18446744073709551615', 18446744073709552000),
    'doubles': ('[0.1,1.5,-2.5e-300]', None),
    '0.1': ('0.1', None),
    '1e21': ('1e21', None),
    'null': ('[null,{"a":null}]', None),
    'booleans': ('[true,false]', None),
    'text': ('"häß€😀\\n\\"\\\\\\u0001"', None),
    'NUL': ('"a\\u0000b"', None),
    'NUL in a name': ('{"a\\u0000b":1}', None),
    'lone surrogate': ('"x\\ud800y"', None),
    'lone low surrogate': ('["\\udc00",{"\\ud800":"ä"}]', None),
    'surrogate pair': ('"\\ud83d\\ude00"', None),
    'empty array': ('[]', None),
    'empty object': ('{}', None),
    'empty name': ('{"":{"":""}}', None),
    'empty': ('[[],{},"",{"":""}]', None),
    'order of members': ('{"b":1,"a":2,"c":{"z":1,"y":2}}', None),
    'a member named __proto__': ('{"__proto__":{"polluted":true},"a":1}', None),
    'a member named constructor': ('{"constructor":1,"toString":2}', None),
}

# The text itself, which Python would not write; it does not go through the server.
EXACT = {
    'integers': '[9007199254740993,9223372036854775807,18446744073709551615,-9223372036854775808]',
    'larger than any': '[' + '9' * 400 + ']',
    'kinds of numbers': '[1,1.0,1e21,-0.0,1E5]',
    'duplicate members': '[{"a":1,"a":2}]',
    'beyond a double': '[1e400]',
    'blanks': ' [ 1 , { "a" : [ ] } ] ',
    'looks like a placeholder': '[{"_placeholder":true,"num":0}]',
}

sockets = []


@test('connect')
async def _():
    sockets.append(await connected())


def add_text(name, text, wanted):
    @test(f'json/{name}')
    async def _():
        socket, = sockets
        value = json.loads(text)
        came = following(socket, 'echo')
        equal(await socket.emit_with_ack('echo', value), value if wanted is None else wanted)
        equal(await came, (value if wanted is None else wanted,))


def add_exact(name, text):
    @test(f'text/{name}')
    async def _():
        socket, = sockets
        sent = []
        socket.on_any_outgoing(lambda _name, *args: sent.append(list(args)))
        socket.emit_args('note', Sio.Value.new_from_json(text, None))
        socket.off_any_outgoing()
        equal(sent, [json.loads(text)])


for _name, (_text, _wanted) in TEXTS.items():
    add_text(_name, _text, _wanted)
for _name, _text in EXACT.items():
    add_exact(_name, _text)


@test('text/thousands of digits')
def _():
    socket, = sockets
    sent = []
    socket.on_any_outgoing(lambda _name, *args: sent.append(args))
    socket.emit_args('note', Sio.Value.new_from_json('[' + '9' * 5000 + ']', None))
    socket.off_any_outgoing()
    equal(sent, [(math.inf,)])


@test('json/nested')
async def _():
    socket, = sockets
    value = 'inside'
    for i in range(200):
        value = [value] if i % 2 else {'in': value}
    equal(await socket.emit_with_ack('echo', value), value)
    for _i in range(400):
        value = [value]
    raises(GLib.Error, socket.emit, 'echo', value)


@test('json/kinds')
async def _():
    socket, = sockets
    equal(await socket.emit_with_ack('echo', {'a': math.nan, 'b': [math.inf, (1, 2)], 3: None, 'v': GLib.Variant('(si)', ('x', 1))}),
          {'3': None, 'a': None, 'b': [None, [1, 2]], 'v': ['x', 1]})
    circular = []
    circular.append(circular)
    raises(ValueError, socket.emit, 'echo', circular)
    raises(TypeError, socket.emit, 'echo', object())


@test('binary/kinds')
async def _():
    socket, = sockets
    data = b'\0\xff\x80\n\0'
    for value in (data, bytearray(data), memoryview(b'xx' + data)[2:], GLib.Bytes.new(data)):
        equal(await socket.emit_with_ack('binary', value), data)
    equal(await socket.emit_with_ack('echo', b''), b'')


@test('binary/nested')
async def _():
    socket, = sockets
    value = {'x': [{'y': [b'\2\3', 'text', b'\1', math.nan, '\ud800']}], 'z': None}
    came = following(socket, 'binary')
    equal(await socket.emit_with_ack('binary', 1, '2', {'3': '4', '5': b'\1'}, value), 1)
    _one, _two, third, fourth = await came
    equal(third, {'3': '4', '5': b'\1'})
    equal(fourth, {'x': [{'y': [b'\2\3', 'text', b'\1', None, '\ud800']}], 'z': None})
    sent = []
    socket.on_any_outgoing(lambda _name, *args: sent.append(args))
    socket.emit('note', {'__proto__': {'deep': b'\1'}})
    socket.off_any_outgoing()
    equal(sent, [({'__proto__': {'deep': b'\1'}},)])


@test('binary/1 MiB')
async def _():
    socket, = sockets
    equal(await socket.emit_with_ack('size-of', bytes(range(250)) * 3999), 250 * 3999)
    back = await socket.emit_with_ack('make-binary', 1 << 20)
    equal(back, bytes(range(256)) * 4096)


@test('binary/acknowledgement')
async def _():
    socket, = sockets
    answered = following(socket, 'answered')
    socket.once('question', lambda value, reply: reply({'value': value, 'bytes': b'\7'}))
    socket.emit('ask-me', {'bytes': b'\7\10'})
    equal(await answered, ({'value': {'bytes': b'\7\10'}, 'bytes': b'\7'},))


@test('kinds of the server')
async def _():
    socket, = sockets
    came = following(socket, 'kinds')
    await socket.emit_with_ack('kinds')
    equal(await came, (None, True, False, 0, -1, 9007199254740991, 1.5, 1e300, '', 'häß€😀\n"\\\u0001', [], [1, [2, [3]]], {},
                       {'a': 1, 'b': {'c': [None]}, '__proto__x': 'p', 'ü': 'ö'}))


@test('errors')
async def _():
    socket, = sockets
    error = await fails(socket.timeout(20).emit_with_ack('no-ack'))
    assert isinstance(error, GLib.Error)
    socket.close()


def add_nul(transports):
    # X6
    @test(f'a NUL in a name/{transports}')
    async def _():
        socket = await connected(transports=transports)
        heard = []

        def listen(name):
            socket.on(name, lambda *args: heard.append([name, *args]))

        for name in 'chat', 'chat\0x', 'chat\ufffdx', 'chat\0':
            listen(name)
        socket.on_any(lambda name, *args: heard.append(['any', name, *args]))
        for args in ['a\0b'], [], [{'foo': 1, 'foo\0bar': 2}], [b'\0\1']:
            heard.clear()
            await socket.emit_with_ack('emit-me', 'chat\0x', *args)
            equal(heard, [['any', 'chat\0x', *args], ['chat\0x', *args]])
        heard.clear()
        await socket.emit_with_ack('emit-me', 'chat', 1)
        await socket.emit_with_ack('emit-me', 'chat\ufffdx', 2)
        await socket.emit_with_ack('emit-me', 'chat\0', 3)
        equal(heard, [['any', 'chat', 1], ['chat', 1], ['any', 'chat\ufffdx', 2], ['chat\ufffdx', 2],
                      ['any', 'chat\0', 3], ['chat\0', 3]])
        socket.close()


for _transports in ['polling'], ['websocket']:
    add_nul(_transports)

run('python/values')
