// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What goes out comes back as it was, from GJS.

import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';

import {equal, next, ok, rejected, run, test, throws, url} from './harness.js';

let socket = null;

test('connect', async () => {
    socket = Sio.io(url, {forceNew: true});
    await next(socket, 'connect');
});

const nested = depth => {
    let value = 'inside';

    for (let i = 0; i < depth; i++)
        value = i % 2 ? [value] : {in: value};
    return value;
};

// JSON.parse () as the judge: what it makes of the text is what has to come.
const texts = {
    'integers': '[0,-1,9007199254740991,-9007199254740991]',
    '2^53': '9007199254740992',
    '2^53+1': '9007199254740993',
    '2^63-1': '9223372036854775807',
    '2^64-1': '18446744073709551615',
    '0.1': '0.1',
    '1e21': '1e21',
    'doubles': '[0.1,1.5,-2.5e-300,1e21,1e300,1.0]',
    'null': '[null,{"a":null}]',
    'booleans': '[true,false]',
    'text': '"häß€😀\\n\\"\\\\\\u0001"',
    'NUL': '"a\\u0000b"',
    'NUL in a name': '{"a\\u0000b":1}',
    'lone surrogate': '"x\\ud800y"',
    'lone low surrogate': '["\\udc00"]',
    'surrogate pair': '"\\ud83d\\ude00"',
    'empty array': '[]',
    'empty object': '{}',
    'empty name': '{"":{"":""}}',
    'empty': '[[],{},"",{"":""}]',
    'order of members': '{"b":1,"a":2,"c":{"z":1,"y":2}}',
    'a member named __proto__': '{"__proto__":{"polluted":true},"a":1}',
    'a member named constructor': '{"constructor":1,"toString":2,"hasOwnProperty":3}',
    'looks like a placeholder': '{"_placeholder":false,"num":0}',
};

for (const [name, text] of Object.entries(texts)) {
    test(`json/${name}`, async () => {
        const wanted = JSON.parse(text);
        const came = next(socket, 'echo');

        equal(await socket.emitWithAck('echo', wanted), wanted, 'answer');
        equal(await came, [wanted], 'event');
        ok(({}).polluted === undefined, 'no prototype is touched');
    });
}

// The text itself, which this language would not write.
for (const [name, text] of Object.entries({
    'duplicate members': '[{"a":1,"a":2}]',
    'beyond a double': '[1e400]',
    'exponents': '[1E5,1e-5,-0]',
    'blanks': ' [ 1 , { "a" : [ ] } ] ',
})) {
    test(`text/${name}`, async () => {
        const wanted = JSON.parse(text);
        const outgoing = next({once: (_event, f) => socket.onAnyOutgoing((_name, ...args) => f(...args))}, 'outgoing');

        socket.emit_args('note', Sio.Value.new_from_json(text, null));
        equal(await outgoing, wanted, 'outgoing');
        socket.offAnyOutgoing();
    });
}

test('json/nested', async () => {
    equal(await socket.emitWithAck('echo', nested(200)), nested(200), '200 levels');
    const error = await rejected(socket.emitWithAck('echo', nested(600)), '600 levels');

    ok(error instanceof GLib.Error, 'an error');
});

test('json/as JSON.stringify', async () => {
    const date = new Date(0);

    equal(await socket.emitWithAck('echo', {a: undefined, b: NaN, c: Infinity, d: date, e: [undefined, () => {}]}),
        {b: null, c: null, d: date.toJSON(), e: [null, null]}, 'answer');
    equal(await socket.emitWithAck('echo', undefined), null, 'undefined');
    const circular = {};

    circular.self = circular;
    const error = await rejected(socket.emitWithAck('echo', circular), 'circular');

    ok(error instanceof Error, 'an exception');
    throws(() => socket.emit('echo', 1n), /BigInt/, 'BigInt');
});

test('binary/kinds', async () => {
    const bytes = new Uint8Array([0, 255, 128, 10, 0]);
    const backing = new Uint8Array([9, 9, ...bytes, 9]);

    for (const [name, value] of Object.entries({
        'Uint8Array': bytes,
        'ArrayBuffer': bytes.buffer,
        'a part of a buffer': backing.subarray(2, 7),
        'DataView': new DataView(backing.buffer, 2, 5),
        'GLib.Bytes': new GLib.Bytes(bytes),
    })) {
        // eslint-disable-next-line no-await-in-loop
        const answer = await socket.emitWithAck('binary', value);

        equal(answer, bytes, name);
        equal(answer.toString(), '0,255,128,10,0', `${name} as a string`);
    }
    equal(await socket.emitWithAck('echo', new Uint16Array([1, 256])), new Uint8Array([1, 0, 0, 1]), 'Uint16Array');
    equal(await socket.emitWithAck('echo', new Uint8Array(0)), new Uint8Array(0), 'empty');
});

test('binary/nested', async () => {
    const a = new Uint8Array([1]);
    const b = new Uint8Array([2, 3]);
    const value = {x: [{y: [b, 'text', a]}], z: null};
    const came = next(socket, 'binary');

    equal(await socket.emitWithAck('binary', 1, '2', {3: '4', 5: a}, value), 1, 'answer');
    equal(await came, [1, '2', {3: '4', 5: a}, value], 'event');
    equal(value.x[0].y[0], b, 'what was sent is as it was');
});

// Servers in JavaScript lose such a member beside binary data, so this looks at what goes out.
test('binary/a member named __proto__', () => {
    const value = JSON.parse('{"__proto__":{"deep":0},"a":1}');
    let sent = null;

    value['__proto__'].deep = new Uint8Array([1]);
    socket.onAnyOutgoing((_name, ...args) => (sent = args));
    socket.emit('note', value);
    socket.offAnyOutgoing();
    equal(sent, [value], 'outgoing');
});

test('binary/1 MiB', async () => {
    const size = 1 << 20;
    const bytes = new Uint8Array(size).map((_, i) => i * 7 % 251);
    const answer = await socket.emitWithAck('size-of', bytes.subarray(0, 1000000 - 100));

    equal(answer, 1000000 - 100, 'size at the server');
    const back = await socket.emitWithAck('make-binary', size);

    equal(back.length, size, 'size from the server');
    ok(back.every((byte, i) => byte === i % 256), 'contents');
});

test('binary/acknowledgement', async () => {
    const bytes = new Uint8Array([7, 8]);

    socket.once('question', (value, reply) => reply({value, bytes}));
    socket.emit('ask-me', {bytes});
    equal(await next(socket, 'answered'), [{value: {bytes}, bytes}], 'what the server got');
});

test('kinds of the server', async () => {
    const came = next(socket, 'kinds');

    await socket.emitWithAck('kinds');
    equal(await came, [null, true, false, 0, -1, 9007199254740991, 1.5, 1e300, '', 'häß€😀\n"\\\u0001', [], [1, [2, [3]]], {},
        {a: 1, b: {c: [null]}, __proto__x: 'p', 'ü': 'ö'}], 'arguments');
});

test('close', () => {
    socket.close();
});

// X6
for (const transports of [['polling'], ['websocket']]) {
    test(`a NUL in a name/${transports}`, async () => {
        const socket = Sio.io(url, {forceNew: true, transports});
        const heard = [];

        await next(socket, 'connect');
        for (const name of ['chat', 'chat\0x', 'chat\ufffdx', 'chat\0'])
            socket.on(name, (...args) => heard.push([name, ...args]));
        socket.onAny((name, ...args) => heard.push(['any', name, ...args]));
        for (const args of [['a\0b'], [], [{'foo': 1, 'foo\0bar': 2}], [new Uint8Array([0, 1])]]) {
            heard.length = 0;
            // eslint-disable-next-line no-await-in-loop
            await socket.emitWithAck('emit-me', 'chat\0x', ...args);
            equal(heard, [['any', 'chat\0x', ...args], ['chat\0x', ...args]], 'heard');
        }
        heard.length = 0;
        await socket.emitWithAck('emit-me', 'chat', 1);
        await socket.emitWithAck('emit-me', 'chat\ufffdx', 2);
        await socket.emitWithAck('emit-me', 'chat\0', 3);
        equal(heard, [['any', 'chat', 1], ['chat', 1], ['any', 'chat\ufffdx', 2], ['chat\ufffdx', 2], ['any', 'chat\0', 3],
            ['chat\0', 3]], 'heard');
        socket.close();
    });
}

run('gjs/values');
