// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Every item of the API of the JavaScript client, from GJS: the socket.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Sio from 'gi://Sio?version=1.0';

import {connected, equal, next, ok, rejected, run, signal, test, throws, turn, until, url, within} from './harness.js';

const NOWHERE = 'http://127.0.0.1:1';
const WEBSOCKET = {transports: ['websocket']};

// --- Socket: events

test('socket/event-connect', async () => {
    const socket = Sio.io(url, {forceNew: true});

    equal([socket.connected, socket.disconnected, socket.active, socket.id, socket.recovered],
        [false, true, true, null, false], 'before');
    equal(await next(socket, 'connect'), [], 'arguments');
    equal([socket.connected, socket.disconnected, socket.active, socket.recovered], [true, false, true, false], 'after');
    equal(socket.id, (await socket.emitWithAck('whoami')).id, 'id');
    socket.close();
    equal([socket.connected, socket.disconnected, socket.active, socket.id], [false, true, false, null], 'closed');
});

test('socket/event-connect-again', async () => {
    const socket = await connected('', {reconnectionDelay: 10});
    const {id} = socket;

    socket.emit('drop');
    await next(socket, 'disconnect');
    ok(socket.active, 'active meanwhile');
    await next(socket, 'connect');
    ok(socket.id !== id, 'another id');
    socket.close();
});

test('socket/event-connect-error-refused', async () => {
    const socket = Sio.io(`${url}/auth`, {forceNew: true, auth: {token: 'wrong'}});
    const [error] = await next(socket, 'connect_error');

    equal(error.message, 'not authorized', 'message');
    equal(error.data, {code: 401, token: 'wrong'}, 'data');
    ok(error.matches(Sio.error_quark(), Sio.Error.REJECTED), 'code');
    ok(!socket.active, 'not active');
    socket.auth.token = 'secret';
    socket.connect();
    await next(socket, 'connect');
    socket.close();
});

test('socket/event-connect-error-network', async () => {
    const socket = Sio.io(NOWHERE, {forceNew: true});
    const [error] = await next(socket, 'connect_error');

    equal(typeof error.message, 'string', 'message');
    ok(socket.active, 'tries again');
    socket.close();
    ok(!socket.active, 'not any more');
});

test('socket/event-disconnect-reasons', async () => {
    const reasons = {
        'kick': ['io server disconnect', false],
        'engine-close': ['transport close', true],
        'stop-pings': ['ping timeout', true],
    };

    for (const [event, [wanted, active]] of Object.entries(reasons)) {
        const socket = await connected('', WEBSOCKET);
        const ended = next(socket, 'disconnect');

        socket.emit(event);
        const [reason, details] = await ended;
        equal([reason, socket.active], [wanted, active], event);
        ok(details === undefined || typeof details.message === 'string', 'details');
        socket.close();
    }

    const socket = await connected();
    const reasonsOfClose = [];

    socket.on('disconnect', (...args) => reasonsOfClose.push(args));
    socket.disconnect();
    equal(reasonsOfClose, [['io client disconnect', undefined]], 'inside disconnect ()');

    const polling = await connected('', {transports: ['polling']});
    const ended = next(polling, 'disconnect');

    polling.emit('drop');
    const [reason, details] = await ended;
    equal(reason, 'transport error', 'drop');
    equal(typeof details.message, 'string', 'details');
    polling.close();
});

// --- Socket: attributes

test('socket/io-engine', async () => {
    const heard = {packet: [], packetCreate: [], drain: 0};
    let socket = null;
    let engine = null;

    // On a busy machine it can be upgraded before it is connected.
    for (let i = 0; i < 20 && engine?.transport.name !== 'polling'; i++) {
        socket?.close();
        // eslint-disable-next-line no-await-in-loop
        socket = await connected();
        ({engine} = socket.io);
    }
    equal(engine.transport.name, 'polling', 'transport');
    const upgraded = next(engine, 'upgrade');

    engine.on('packet', packet => heard.packet.push(packet));
    engine.on('packetCreate', packet => heard.packetCreate.push(packet));
    engine.on('drain', () => heard.drain++);
    equal(await upgraded, [{name: 'websocket'}], 'upgrade');
    equal(engine.transport.name, 'websocket', 'transport afterwards');
    await socket.emitWithAck('echo', 'x', new Uint8Array([1, 2]));
    ok(heard.packetCreate.some(({type, data}) => type === 'message' && data.includes('"echo"')), 'packetCreate');
    ok(heard.packet.some(({type, data}) => type === 'message' && data.toString().includes('"echo"')), 'packet');
    ok(heard.packet.some(({data}) => data instanceof Uint8Array && data.length === 2), 'binary packet');
    await until('drain', () => heard.drain > 0);

    const closed = next(engine, 'close');

    socket.close();
    equal((await closed)[0], 'forced close', 'close');
});

test('socket/volatile', async () => {
    const socket = Sio.io(url, {forceNew: true});

    socket.volatile.emit('count', 0);
    await next(socket, 'connect');
    equal((await socket.emitWithAck('count-report')).received, 0, 'dropped while not connected');
    ok(socket.volatile === socket, 'returns the socket');
    socket.emit('note');
    socket.emit('count', 0);
    equal((await socket.emitWithAck('count-report')).received, 1, 'only for the next one');

    const closed = Sio.io(url, {forceNew: true, autoConnect: false});
    const error = await rejected(closed.volatile.emitWithAck('hello'), 'volatile');

    ok(error.matches(Sio.error_quark(), Sio.Error.NOT_SENT), 'code');
    socket.close();
});

// --- Socket: methods

test('socket/open-connect-close-disconnect', async () => {
    const socket = Sio.io(url, {forceNew: true, autoConnect: false});

    ok(!socket.active, 'autoConnect: false');
    for (const [open, close] of [['open', 'close'], ['connect', 'disconnect']]) {
        const opened = next(socket, 'connect');

        ok(socket[open]() === socket, `${open} returns the socket`);
        await opened;
        ok(socket[close]() === socket, `${close} returns the socket`);
        ok(!socket.connected, close);
    }
});

test('socket/emit', async () => {
    const socket = await connected();
    const came = next(socket, 'echo');

    ok(socket.emit('echo', 'world', 1, [2, {a: null}]) === socket, 'returns the socket');
    equal(await came, ['world', 1, [2, {a: null}]], 'arguments');
    equal(await within('ack', resolve => socket.emit('hello', resolve)), 'world', 'answer');
    equal(await within('ack', resolve => socket.emit('ack-many', 3, (...args) => resolve(args))), [0, 1, 2], 'answers');
    equal(await within('ack', resolve => socket.emit('ack-empty', (...args) => resolve(args))), [], 'no answer');
    socket.close();
});

test('socket/emit-buffered', async () => {
    const socket = Sio.io(url, {forceNew: true, autoConnect: false});

    for (let i = 0; i < 3; i++)
        socket.emit('count', i);
    socket.open();
    await next(socket, 'connect');
    equal(await socket.emitWithAck('count-report'), {received: 3, inOrder: true, last: 2}, 'count');
    socket.close();
});

test('socket/emit-reserved', () => {
    const socket = Sio.io(url, {forceNew: true, autoConnect: false});

    for (const name of ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'])
        throws(() => socket.emit(name), /reserved event name/, name);
    throws(() => socket.emit('a\0b'), /NUL/, 'NUL');
});

test('socket/emit-with-ack', async () => {
    const socket = await connected();

    equal(await socket.emitWithAck('echo', 'a', 'b'), 'a', 'the first argument');
    equal(await socket.emitWithAck('ack-empty'), undefined, 'none');
    equal(await Promise.all([1, 2, 3].map(i => socket.emitWithAck('echo', i))), [1, 2, 3], 'several');
    const pending = socket.emitWithAck('no-ack');

    socket.close();
    const error = await rejected(pending, 'disconnected');

    ok(error.matches(Sio.error_quark(), Sio.Error.DISCONNECTED), 'code');
});

test('socket/timeout', async () => {
    const socket = await connected();

    ok(socket.timeout(1) === socket, 'returns the socket');
    socket.emit('note');
    const error = await rejected(socket.timeout(50).emitWithAck('no-ack'), 'timeout');

    ok(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.TIMED_OUT), 'code');
    equal(error.message, 'operation has timed out', 'message');
    equal(await within('ack', resolve => socket.timeout(5000).emit('hello', (...args) => resolve(args))),
        [null, 'world'], 'answer');

    const args = await within('ack', resolve => socket.timeout(50).emit('no-ack', (...all) => resolve(all)));

    equal(args.length, 1, 'arguments');
    ok(args[0].matches(Gio.IOErrorEnum, Gio.IOErrorEnum.TIMED_OUT), 'error');
    equal(await within('ack', resolve => socket.emit('hello', (...all) => resolve(all))), ['world'], 'forgotten afterwards');
    socket.close();
});

test('socket/timeout-not-connected', async () => {
    const socket = Sio.io(url, {forceNew: true, autoConnect: false});
    const error = await rejected(socket.timeout(20).emitWithAck('hello'), 'timeout');

    ok(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.TIMED_OUT), 'code');
});

test('socket/compress', async () => {
    const socket = await connected();

    ok(socket.compress(false) === socket, 'returns the socket');
    equal(await socket.compress(true).emitWithAck('echo', {some: 'data'}), {some: 'data'}, 'answer');
    socket.close();
});

test('socket/send', async () => {
    const socket = await connected();
    const came = next(socket, 'message');

    ok(socket.send('hi', 1) === socket, 'returns the socket');
    equal(await came, ['hi', 1], 'message');
    equal(await within('ack', resolve => socket.send('yo', resolve)), 'yo', 'answer');
    socket.close();
});

test('socket/on-with-acknowledgement', async () => {
    const socket = await connected();
    const answered = next(socket, 'answered');
    const asked = within('question', resolve => socket.on('question', (what, reply) => {
        reply('because', {n: 42}, new Uint8Array([7]));
        reply('again');
        resolve(what);
    }));

    socket.emit('ask-me', 'why?');
    equal(await asked, 'why?', 'question');
    equal(await answered, ['because', {n: 42}, new Uint8Array([7])], 'what the server got');
    socket.close();
});

test('socket/on-acknowledges-later', async () => {
    const socket = await connected();
    const answered = next(socket, 'answered');

    socket.on('question', async reply => {
        await turn(20);
        reply('later');
    });
    socket.emit('ask-me');
    equal(await answered, ['later'], 'what the server got');
    socket.close();
});

test('socket/on-once-off', async () => {
    const socket = await connected();
    const heard = [];
    const first = x => heard.push(`first ${x}`);
    const second = function (x) {
        heard.push(`second ${x} ${this === socket}`);
    };

    ok(socket.on('echo', first) === socket, 'on returns the socket');
    socket.once('echo', second);
    ok(socket.listeners('echo')[0] === first && socket.listeners('echo')[1] === second, 'listeners');
    await socket.emitWithAck('echo', 1);
    await socket.emitWithAck('echo', 2);
    equal(heard, ['first 1', 'second 1 true', 'first 2'], 'order, and once');
    ok(socket.off('echo', first) === socket, 'off returns the socket');
    equal([socket.listeners('echo').length, socket.hasListeners('echo')], [0, false], 'off (name, fn)');
    socket.on('echo', first).on('echo', second).off('echo');
    equal(socket.listeners('echo'), [], 'off (name)');
    socket.on('echo', first).on('other', first).on('connect', first).off();
    equal([...socket.listeners('echo'), ...socket.listeners('other'), ...socket.listeners('connect')], [], 'off ()');
    await socket.emitWithAck('echo', 3);
    equal(heard.length, 3, 'nothing more');
    throws(() => socket.on('echo', 'no function'), /function/, 'no function');
    socket.close();
});

test('socket/on-changed-while-called', async () => {
    const socket = await connected();
    const heard = [];
    const gone = () => heard.push('gone');

    socket.on('echo', () => {
        heard.push('first');
        socket.off('echo', gone);
        socket.on('echo', () => heard.push('added'));
    });
    socket.on('echo', gone);
    await socket.emitWithAck('echo');
    equal(heard, ['first'], 'the one that went is not called, nor the new one');
    socket.close();
});

test('socket/on-names', async () => {
    const socket = await connected();
    const names = ['', 'my-event', 'my_event', 'a::b', 'ünï ☃', '😀', '__proto__', 'constructor', '0', ' a ', 'a%sb', 'a\nb', 'x'.repeat(5000)];

    for (const name of names) {
        const came = next(socket, name);

        socket.emit('emit-me', name, name);
        equal(await came, [name], name);
    }
    socket.close();
});

test('socket/on-reserved-from-server', async () => {
    const socket = await connected();
    let connects = 0;

    socket.on('connect', () => connects++);
    await socket.emitWithAck('hello');
    equal(connects, 0, 'only the library says connect');
    socket.close();
});

test('socket/any', async () => {
    const socket = await connected();
    const heard = [];
    const any = (name, ...args) => heard.push(['any', name, ...args]);
    const before = name => heard.push(['before', name]);

    socket.on('echo', () => heard.push(['on']));
    ok(socket.onAny(any) === socket, 'onAny returns the socket');
    ok(socket.prependAny(before) === socket, 'prependAny returns the socket');
    ok(socket.listenersAny()[0] === before && socket.listenersAny()[1] === any, 'listenersAny');
    await socket.emitWithAck('echo', 1);
    equal(heard, [['before', 'echo'], ['any', 'echo', 1], ['on']], 'order; acknowledgements are not heard');
    ok(socket.offAny(any) === socket, 'offAny returns the socket');
    equal(socket.listenersAny().length, 1, 'offAny (fn)');
    socket.offAny();
    equal(socket.listenersAny(), [], 'offAny ()');
    socket.close();
});

test('socket/any-outgoing', async () => {
    const socket = Sio.io(url, {forceNew: true, autoConnect: false});
    const heard = [];
    const any = (name, ...args) => heard.push(['any', name, ...args]);
    const before = name => heard.push(['before', name]);

    ok(socket.onAnyOutgoing(any) === socket, 'onAnyOutgoing returns the socket');
    ok(socket.prependAnyOutgoing(before) === socket, 'prependAnyOutgoing returns the socket');
    ok(socket.listenersAnyOutgoing()[0] === before && socket.listenersAnyOutgoing()[1] === any, 'listenersAnyOutgoing');
    socket.emit('note', 'buffered');
    equal(heard, [], 'not sent yet');
    socket.open();
    await next(socket, 'connect');
    equal(heard.splice(0), [['before', 'note'], ['any', 'note', 'buffered']], 'sent');
    socket.emit('note', new Uint8Array([5]));
    equal(heard.splice(0), [['before', 'note'], ['any', 'note', new Uint8Array([5])]], 'inside emit ()');
    socket.on('question', reply => reply());
    socket.emit('ask-me');
    await next(socket, 'answered');
    equal(heard.splice(0), [['before', 'ask-me'], ['any', 'ask-me']], 'acknowledgements are not heard');
    socket.offAnyOutgoing(any);
    equal(socket.listenersAnyOutgoing().length, 1, 'offAnyOutgoing (fn)');
    socket.offAnyOutgoing();
    equal(socket.listenersAnyOutgoing(), [], 'offAnyOutgoing ()');
    await socket.emitWithAck('hello');
    equal(heard, [], 'nothing more');
    socket.close();
});

test('socket/any-outgoing-closes', async () => {
    const socket = await connected();
    const outcome = within('ack', resolve => {
        socket.onAnyOutgoing(() => socket.close());
        socket.timeout(1000).emit('hello', resolve);
    });

    ok((await outcome) !== null, 'an error');
    ok(!socket.active, 'closed');
});

test('socket/one-listener-throws', async () => {
    const socket = await connected();
    const heard = [];

    // The exception is written to the log as a warning.
    GLib.setenv('G_DEBUG', '', true);
    const mask = GLib.log_set_always_fatal(GLib.LogLevelFlags.LEVEL_ERROR);

    socket.on('echo', () => {
        throw new Error('on purpose');
    });
    socket.on('echo', () => heard.push('next'));
    await socket.emitWithAck('echo');
    GLib.log_set_always_fatal(mask);
    equal(heard, ['next'], 'the next one');
    socket.close();
});

test('socket/order', async () => {
    const socket = await connected('', WEBSOCKET);
    const heard = [];

    socket.on('before-ack', x => heard.push(`before ${x}`));
    socket.on('after-ack', x => heard.push(`after ${x}`));
    socket.emit('emit-then-ack', 1, x => heard.push(`ack ${x}`));
    socket.emit('ack-then-emit', 2, x => heard.push(`ack ${x}`));
    await next(socket, 'after-ack');
    equal(heard, ['before 1', 'ack 1', 'ack 2', 'after 2'], 'order');
    socket.close();
});

test('socket/burst', async () => {
    const socket = await connected();
    const n = 3000;
    let last = -1;
    let inOrder = true;

    socket.on('burst', i => {
        inOrder = inOrder && i === last + 1;
        last = i;
    });
    equal(await socket.emitWithAck('burst', n), n, 'sent');
    equal([last, inOrder], [n - 1, true], 'received');
    socket.close();
});

// --- still a GObject

test('gobject/signals', async () => {
    const socket = Sio.io(url, {forceNew: true});
    const notified = signal(socket, 'notify::connected');
    const echoed = signal(socket, 'event::echo');

    await signal(socket, 'connect');
    await notified;
    socket.emit('echo', 1);
    const [event] = await echoed;
    equal(event.get_arg(0).get_integer(), 1, 'event');

    const id = socket.connect('event', () => {});

    equal(typeof id, 'number', 'id of the handler');
    socket.disconnect(id);
    ok(socket.connected, 'disconnect (id) does not hang up');
    ok(!GObject.signal_handler_is_connected(socket, id), 'but disconnects the handler');
    const closed = signal(socket, 'disconnect');

    socket.disconnect();
    equal((await closed)[0], Sio.DisconnectReason.IO_CLIENT_DISCONNECT, 'reason');
});

test('gobject/bind-property', async () => {
    const socket = Sio.io(url, {forceNew: true});
    const action = new Gio.SimpleAction({name: 'send'});

    socket.bind_property('connected', action, 'enabled', GObject.BindingFlags.SYNC_CREATE);
    ok(!action.enabled, 'before');
    await next(socket, 'connect');
    ok(action.enabled, 'connected');
    socket.close();
    ok(!action.enabled, 'closed');
});

// As GNOME Shell does it: with the methods of GObject.Object, whatever the class says.
test('gobject/connect-object', async () => {
    const socket = await connected();
    const id = GObject.Object.prototype.connect.call(socket, 'event::echo', () => {});

    await socket.emitWithAck('echo', 1);
    GObject.Object.prototype.disconnect.call(socket, id);
    ok(socket.connected, 'connected');
    socket.off().close();
});

run('gjs/api');
