// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Every item of the API of the JavaScript client, from GJS: io() and the manager.

import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';

import {connected, equal, next, ok, run, signal, test, throws, turn, until, url, within} from './harness.js';

const NOWHERE = 'http://127.0.0.1:1';
const WEBSOCKET = {transports: ['websocket']};

// --- io

test('io/protocol', () => {
    equal(Sio.io.protocol, 5, 'io.protocol');
    equal(Sio.PROTOCOL, 5, 'PROTOCOL');
});

test('io/namespace', async () => {
    const socket = await connected('/admin');

    equal(socket.nsp, '/admin', 'namespace');
    equal((await socket.emitWithAck('whoami')).nsp, '/admin', 'at the server');
    socket.close();
});

test('io/multiplex', async () => {
    const first = Sio.io(url);
    const second = Sio.io(`${url}/admin`);
    const third = Sio.io(url);
    const fourth = Sio.io(`${url}/dynamic-1`, {multiplex: false});
    const fifth = Sio.io(`${url}/dynamic-1`, {forceNew: true});

    ok(first.io === second.io, 'one manager for two namespaces');
    ok(first.io !== third.io, 'another one for the same namespace');
    ok(fourth.io !== first.io, 'multiplex: false');
    ok(fifth.io !== first.io && fifth.io !== fourth.io, 'forceNew: true');
    await Promise.all([first, second, third, fourth, fifth].map(socket => next(socket, 'connect')));
    [first, second, third, fourth, fifth].forEach(socket => socket.close());
});

test('io/query-of-url', async () => {
    const socket = await connected('/?token=abc');

    equal((await socket.emitWithAck('handshake')).query.token, 'abc', 'query');
    socket.close();
});

test('io/no-url', () => {
    throws(() => Sio.io(), /needs a URL/, 'io ()');
});

test('io/bad-url', async () => {
    const socket = Sio.io('gopher://127.0.0.1/');
    const [error] = await next(socket, 'connect_error');

    ok(error.matches(Sio.error_quark(), Sio.Error.INVALID_URL), 'code');
    ok(!socket.active, 'active');
});

// --- Manager

test('manager/constructor', async () => {
    const manager = new Sio.Manager(url, {...WEBSOCKET, reconnection: false});
    const main = manager.socket('/');
    const admin = manager.socket('/admin');

    ok(main.io === manager && admin.io === manager, 'io');
    await Promise.all([next(main, 'connect'), next(admin, 'connect')]);
    equal([main.nsp, admin.nsp, manager.engine.transport.name], ['/', '/admin', 'websocket'], 'both connected');
    equal(manager.url, url, 'url');
    main.close();
    admin.close();

    const raw = new Sio.Manager({url, options: new Sio.Options({autoConnect: false})});

    equal(raw.url, url, 'url of the raw form');
});

test('manager/event-error', async () => {
    const manager = new Sio.Manager(NOWHERE, {reconnection: false, autoConnect: false});
    const failed = next(manager, 'error');

    manager.open();
    const [error] = await failed;
    ok(error.matches(Sio.error_quark(), Sio.Error.TRANSPORT), 'code');
    equal(typeof error.message, 'string', 'message');
});

test('manager/event-ping', async () => {
    const socket = await connected();

    equal(await next(socket.io, 'ping'), [], 'arguments');
    socket.close();
});

test('manager/event-reconnect', async () => {
    const socket = await connected('', {reconnectionDelay: 10, randomizationFactor: 0});
    const attempted = next(socket.io, 'reconnect_attempt');
    const reconnected = next(socket.io, 'reconnect');
    const closed = next(socket.io, 'close');
    const opened = next(socket.io, 'open');

    socket.emit('drop');
    equal((await closed)[0].startsWith('transport '), true, 'reason');
    equal(await attempted, [1], 'attempt');
    await opened;
    equal(await reconnected, [1], 'reconnect');
    await until('connection', () => socket.connected);
    socket.close();
});

test('manager/event-reconnect-error-and-failed', async () => {
    const socket = Sio.io(NOWHERE, {forceNew: true, reconnectionAttempts: 2, reconnectionDelay: 1, reconnectionDelayMax: 2});
    const manager = socket.io;
    const heard = [];

    manager.on('error', error => heard.push(`error ${error.message}`));
    manager.on('reconnect_attempt', n => heard.push(`attempt ${n}`));
    manager.on('reconnect_error', error => heard.push(`reconnect_error ${error.message}`));
    equal(await next(manager, 'reconnect_failed'), [], 'arguments');

    const message = heard[0].slice('error '.length);

    equal(heard, [`error ${message}`, 'attempt 1', `error ${message}`, `reconnect_error ${message}`,
        'attempt 2', `error ${message}`, `reconnect_error ${message}`], 'order');
    socket.close();
});

test('manager/reconnect-now', async () => {
    const socket = Sio.io(NOWHERE, {forceNew: true, reconnectionDelay: 3600000, reconnectionDelayMax: 3600000});
    const manager = socket.io;

    equal([manager.nextAttemptTime, manager.reconnectNow()], [0, false], 'while connecting');
    await signal(manager, 'notify::next-attempt-time');

    const left = (manager.nextAttemptTime - GLib.get_monotonic_time()) / 1000000;

    ok(left > 1700 && left < 5500, `an hour, more or less: ${left}`);
    await turn();

    const attempted = next(manager, 'reconnect_attempt');

    equal(manager.reconnectNow(), true, 'while waiting');
    equal(await attempted, [1], 'attempt');
    equal(manager.nextAttemptTime, 0, 'during the attempt');
    socket.close();
});

test('manager/on-once-off-listeners', async () => {
    const manager = new Sio.Manager(url, {autoConnect: false});
    const heard = [];
    const listener = () => heard.push('on');

    ok(manager.on('open', listener) === manager, 'on returns the manager');
    manager.once('open', () => heard.push('once'));
    equal(manager.listeners('open').length, 2, 'listeners');
    await within('open', resolve => manager.open(resolve));
    equal(heard, ['on', 'once'], 'heard');
    ok(manager.listeners('open')[0] === listener && manager.listeners('open').length === 1, 'after once');
    manager.off('open', listener);
    equal(manager.listeners('open'), [], 'after off');
    manager.on('open', listener).on('ping', listener).off();
    equal([...manager.listeners('open'), ...manager.listeners('ping')], [], 'after off ()');
});

test('manager/open', async () => {
    const manager = new Sio.Manager(url, {autoConnect: false});

    equal(manager.engine, null, 'engine before');
    ok(manager.open() === manager, 'returns the manager');
    await next(manager, 'open');
    equal(typeof manager.engine.id, 'string', 'id of the engine');
    equal(await within('callback', resolve => manager.open((...args) => resolve(args))), [], 'open twice');
});

test('manager/open-callback-error', async () => {
    const manager = new Sio.Manager(NOWHERE, {autoConnect: false});
    const error = await within('callback', resolve => manager.open(resolve));

    ok(error.matches(Sio.error_quark(), Sio.Error.TRANSPORT), 'code');
});

test('manager/connect', async () => {
    const manager = new Sio.Manager(url, {autoConnect: false});

    equal(await within('callback', resolve => manager.connect((...args) => resolve(args))), [], 'connect (fn)');

    const other = new Sio.Manager(url, {autoConnect: false});
    const opened = signal(other, 'opened');

    other.connect();
    await opened;
});

test('manager/settings', () => {
    const manager = new Sio.Manager(url, {autoConnect: false, reconnectionAttempts: Infinity, reconnectionDelay: 12,
        reconnectionDelayMax: 34, timeout: 56, randomizationFactor: 0.25});

    equal([manager.reconnection, manager.reconnectionAttempts, manager.reconnectionDelay, manager.reconnectionDelayMax,
        manager.timeout, manager.randomizationFactor], [true, -1, 12, 34, 56, 0.25], 'as constructed');
    manager.reconnection = false;
    manager.reconnectionAttempts = 7;
    manager.reconnectionDelay = 1;
    manager.reconnectionDelayMax = 2;
    manager.timeout = 3;
    equal([manager.reconnection, manager.reconnectionAttempts, manager.reconnectionDelay, manager.reconnectionDelayMax,
        manager.timeout], [false, 7, 1, 2, 3], 'as set');
});

test('manager/socket-auth', async () => {
    const manager = new Sio.Manager(url);
    const socket = manager.socket('/auth', {auth: {token: 'secret'}});

    await next(socket, 'connect');
    ok(manager.socket('/auth') === socket, 'the same again');
    socket.close();
});

test('manager/still-a-gobject', async () => {
    const manager = new Sio.Manager(url, {autoConnect: false});
    const notified = signal(manager, 'notify::engine');
    const id = manager.connect('opened', () => {});

    equal(typeof id, 'number', 'id of the handler');
    manager.disconnect(id);
    manager.open();
    await notified;
});

// One that nobody connects to anything is dead, and says nothing of it (X46).
test('X46/bare', () => {
    throws(() => new Sio.Socket(), /Sio\.io/, 'Socket');
    throws(() => new Sio.Socket({}), /Sio\.io/, 'Socket with properties');
    throws(() => new Sio.Socket({nsp: '/'}), /Sio\.io/, 'Socket with a namespace');
    throws(() => new Sio.Engine(), /manager/, 'Engine');
    throws(() => new Sio.Manager(), /URL/, 'Manager');
    throws(() => new Sio.Manager(null), /URL/, 'Manager of null');
    throws(() => new Sio.Manager({}), /URL/, 'Manager with properties');
    throws(() => new Sio.Manager({url: null}), /URL/, 'Manager whose URL is null');
    ok(new Sio.Manager({url, options: new Sio.Options({autoConnect: false})}).url === url, 'by properties');
});

run('gjs/api');
