// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Every item of the API of the JavaScript client, from GJS: options, and what is presented to the server.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';

import {connected, equal, next, ok, run, test, throws, turn, until, url, within} from './harness.js';

const WEBSOCKET = {transports: ['websocket']};

// --- Socket: auth

test('auth/forms', async () => {
    const forms = {
        'object': {token: 'secret'},
        'callback': cb => cb({token: 'secret'}),
        'callback later': cb => {
            turn(5).then(() => cb({token: 'secret'}));
        },
        'async': async () => {
            await turn(5);
            return {token: 'secret'};
        },
        'async callback': async cb => {
            await turn(5);
            cb({token: 'secret'});
        },
        'returns': () => ({token: 'secret'}),
    };

    for (const [name, auth] of Object.entries(forms)) {
        const socket = await connected('/auth', {auth});

        ok(socket.auth === auth, name);
        socket.close();
    }
});

test('auth/asked-each-time', async () => {
    let times = 0;
    const socket = Sio.io(`${url}/auth`, {forceNew: true, auth: cb => cb({token: times++ === 0 ? 'x' : 'secret'})});

    await next(socket, 'connect_error');
    socket.connect();
    await next(socket, 'connect');
    equal(times, 2, 'times');
    socket.close();
});

test('auth/gives-up', async () => {
    const own = new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.PERMISSION_DENIED, 'no token');
    const forms = {
        'an error': (_accept, request) => request.reject(new Error('no token')),
        'an error of GLib': (_accept, {reject}) => reject(own),
        'words': (_accept, request) => request.reject('no token'),
        'later': (_accept, request) => {
            turn(5).then(() => request.reject(new Error('no token')));
        },
        'async': async (_accept, request) => {
            await turn(5);
            request.reject(new Error('no token'));
        },
        'before it throws': (_accept, request) => {
            request.reject(new Error('no token'));
            throw new Error('away');
        },
        'before it accepts': (accept, request) => {
            request.reject(new Error('no token'));
            request.fail(new Error('away'));
            accept({token: 'secret'});
        },
    };

    for (const [form, auth] of Object.entries(forms)) {
        let times = 0;
        const counted = (accept, request) => {
            times++;
            return auth(accept, request);
        };
        const socket = Sio.io(`${url}/auth`, {forceNew: true, auth: counted, reconnectionDelay: 1});
        // eslint-disable-next-line no-await-in-loop
        const [error] = await next(socket, 'connect_error');

        equal([form, error.message, socket.active, times], [form, 'no token', false, 1], 'told');
        if (form === 'an error of GLib')
            ok(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.PERMISSION_DENIED), 'code');
        // It asks again when it is told to.
        socket.auth = (accept, request) => request.accept({token: 'secret'});
        socket.open();
        // eslint-disable-next-line no-await-in-loop
        await next(socket, 'connect');
        socket.close();
    }
});

test('auth/what-cannot-be-presented', async () => {
    const circle = {};

    circle.itself = circle;
    for (const payload of [[1], 'text', {a: new Uint8Array([1])}, circle, 10n]) {
        for (const auth of [() => payload, accept => accept(payload), () => Promise.resolve(payload)]) {
            const socket = Sio.io(`${url}/auth`, {forceNew: true, auth, reconnectionDelay: 1});

            // eslint-disable-next-line no-await-in-loop
            await next(socket, 'connect_error');
            ok(!socket.active, 'active');
        }
    }
});

// Whatever way it fails twice and then gives a token, the server sees one CONNECT.
test('auth/X15-fails-twice', async () => {
    const fails = () => {
        throw new Error('away');
    };
    const forms = {
        'throws': () => fails(),
        'throws with a callback': _accept => fails(),
        'is rejected': () => Promise.reject(new Error('away')),
        'async': async () => {
            await turn();
            fails();
        },
        'async with a callback': async _accept => {
            await turn();
            fails();
        },
        'says so': (_accept, request) => request.fail(new Error('away')),
        'says so later': (_accept, {fail}) => {
            turn().then(() => fail('away'));
        },
    };
    const quick = {reconnectionDelay: 10, reconnectionDelayMax: 20};
    const beside = await connected('', quick);

    for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
        for (const [form, run] of Object.entries(forms)) {
            const who = `${form} over ${transports}`;
            let times = 0;
            const auth = run.length === 0
                ? () => ++times > 2 ? {token: 'secret', who} : run()
                : (accept, request) => ++times > 2 ? accept({token: 'secret', who}) : run(accept, request);
            const socket = Sio.io(`${url}/auth`, {forceNew: true, auth, transports, ...quick});
            const errors = [];

            socket.on('connect_error', error => errors.push([error.message, socket.active]));
            // eslint-disable-next-line no-await-in-loop
            await next(socket, 'connect');
            equal([who, times, errors], [who, 3, [['away', true], ['away', true]]], 'asked');
            // eslint-disable-next-line no-await-in-loop
            const log = await socket.emitWithAck('server-log');

            equal(log.filter(entry => entry.auth?.who === who).length, 1, who);
            socket.close();
        }
    }

    let times = 0;
    const socket = beside.io.socket('/auth', {auth: () => ++times > 2 ? {token: 'secret'} : fails()});

    beside.once('disconnect', fails);
    await next(socket, 'connect');
    ok(beside.connected, 'beside');
    beside.off();
    beside.close();
    socket.close();
});

test('auth/set-later', async () => {
    const socket = Sio.io(`${url}/auth`, {forceNew: true, autoConnect: false});

    equal(socket.auth, undefined, 'none');
    socket.auth = {token: 'secret'};
    socket.open();
    await next(socket, 'connect');
    socket.close();
    socket.auth = cb => cb({token: 'wrong'});
    socket.open();
    equal((await next(socket, 'connect_error'))[0].message, 'not authorized', 'as a function');
    socket.auth = Sio.Value.new_from_json('{"token": "secret"}', null);
    equal(socket.auth, {token: 'secret'}, 'as a value');
    socket.open();
    await next(socket, 'connect');
    socket.close();
});

// --- options

const handshake = async options => {
    const socket = await connected('', options);
    const result = await socket.emitWithAck('handshake');

    socket.close();
    return result;
};

test('options/query-and-headers', async () => {
    const {query, headers} = await handshake({query: {'my-key': 'my ä', n: 1}, extraHeaders: {'x-test': 'yes'}});

    equal([query['my-key'], query.n, headers['x-test']], ['my ä', '1', 'yes'], 'at the server');
});

test('options/path', async () => {
    const socket = Sio.io(url, {forceNew: true, path: '/elsewhere', reconnection: false, timeout: 100});

    await next(socket, 'connect_error');
    socket.close();
    ok((await handshake({path: '/socket.io/'})).url.startsWith('/socket.io/?'), 'path');
    ok((await handshake({path: '/socket.io/', addTrailingSlash: true})).url.startsWith('/socket.io/?'), 'slash');
});

test('options/add-trailing-slash', async () => {
    const socket = Sio.io(url, {forceNew: true, addTrailingSlash: false, reconnection: false, timeout: 1000});
    const outcome = await within('outcome', resolve => {
        socket.on('connect', () => resolve('connect'));
        socket.on('connect_error', () => resolve('connect_error'));
    });

    // Servers take the path with a slash at its end only.
    equal(outcome, 'connect_error', 'without a slash');
    socket.close();
});

test('options/transports', async () => {
    equal((await handshake({transports: ['websocket']})).query.transport, 'websocket', 'websocket');
    equal((await handshake({transports: ['polling']})).query.transport, 'polling', 'polling');
    const socket = await connected('', {transports: ['websocket', 'polling']});

    equal(socket.io.engine.transport.name, 'websocket', 'the first');
    socket.close();
});

test('options/upgrade', async () => {
    const socket = await connected('', {upgrade: false});
    let upgraded = false;

    socket.io.engine.on('upgrade', () => (upgraded = true));
    await socket.emitWithAck('late', 100);
    equal([upgraded, socket.io.engine.transport.name], [false, 'polling'], 'upgrade: false');
    socket.close();
});

test('options/remember-upgrade', async () => {
    const socket = await connected('', {rememberUpgrade: true, reconnectionDelay: 10});

    if (socket.io.engine.transport.name === 'polling')
        await next(socket.io.engine, 'upgrade');
    socket.emit('drop');
    await next(socket.io, 'reconnect');
    equal(socket.io.engine.transport.name, 'websocket', 'straight away');
    socket.close();
});

test('options/try-all-transports', async () => {
    const socket = await connected('', {tryAllTransports: true, transports: ['websocket', 'polling']});

    ok(socket.connected, 'connected');
    socket.close();
});

test('options/timestamps', async () => {
    ok('t' in (await handshake()).query, 't');
    ok('stamp' in (await handshake({timestampParam: 'stamp'})).query, 'timestampParam');
    ok(!('t' in (await handshake({timestampRequests: false})).query), 'timestampRequests: false');
});

test('options/force-base64', async () => {
    const {query} = await handshake({forceBase64: true});

    equal(query.b64, '1', 'b64');
    const socket = await connected('', {forceBase64: true, transports: ['polling']});

    equal(await socket.emitWithAck('echo', new Uint8Array([1, 2, 3])), new Uint8Array([1, 2, 3]), 'bytes');
    socket.close();
});

test('options/protocols', async () => {
    const {headers} = await handshake({...WEBSOCKET, protocols: ['chat']});

    equal(headers['sec-websocket-protocol'], 'chat', 'header');
});

test('options/accepted', async () => {
    const socket = await connected('', {withCredentials: true, perMessageDeflate: {threshold: 10}, requestTimeout: 5000,
        reconnectionDelayMax: 10000, randomizationFactor: 1, unknown: true, autoUnref: true, timeout: Infinity});

    equal([socket.io.reconnectionDelayMax, socket.io.randomizationFactor, socket.io.timeout], [10000, 1, 0], 'settings');
    socket.close();
});

test('options/join-timeout', async () => {
    equal([new Sio.Options().joinTimeout, new Sio.Manager(url, {autoConnect: false, joinTimeout: Infinity}).url],
        [0, url], 'default, and none');

    // One that does not answer in time is asked again.
    let times = 0;
    const never = _accept => {
        times++;
    };
    const socket = Sio.io(url, {forceNew: true, joinTimeout: 50, auth: never, reconnectionDelay: 1});
    const [error] = await next(socket, 'connect_error');

    ok(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.TIMED_OUT), 'code');
    equal(socket.active, true, 'active');
    await until('the next time', () => times > 1);
    socket.close();
});

test('options/network-aware', async () => {
    equal(new Sio.Options().networkAware, true, 'default');

    const socket = await connected('', {networkAware: false});

    equal((await socket.emitWithAck('hello')), 'world', 'without it');
    socket.close();
});

test('options/timeout', async () => {
    const socket = Sio.io(url, {forceNew: true, timeout: 1, reconnection: false, path: '/socket.io'});

    // A server this near may be faster.
    await within('outcome', resolve => {
        socket.on('connect', resolve);
        socket.on('connect_error', resolve);
    });
    socket.close();
});

test('options/retries', async () => {
    const socket = await connected('', {retries: 3, ackTimeout: 50});
    const tag = `gjs ${GLib.uuid_string_random()}`;

    equal(await within('ack', resolve => socket.emit('deaf', 2, tag, (...args) => resolve(args))), [null, tag, 3], 'third time');
    socket.close();
});

test('options/ack-timeout', async () => {
    const socket = await connected('', {ackTimeout: 1000});
    const [error] = await within('ack', resolve => socket.emit('no-ack', (...args) => resolve(args)));

    ok(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.TIMED_OUT), 'code');
    equal(await within('ack', resolve => socket.emit('hello', (...args) => resolve(args))), [null, 'world'], 'answer');
    socket.close();
});

test('options/object', async () => {
    const socket = await connected('', new Sio.Options({forceNew: true, transports: ['websocket']}));

    ok(socket.connected, 'connected');
    socket.close();
});

// What cannot be sent is no matter of chance: it is refused where it is set (X4).
test('X4/refused', () => {
    const refused = {
        extraHeaders: [{'Authorization': 'Bearer abc\n'}, {'Authorization': 'Bearer\0abc'}, {'': 'a'}, {'X Own': 'a'},
            {'X-\u00d6': 'a'}, {'X-Own\0': 'a'}, {'Host': 'a'}, {'Content-Length': '1'}, {'Sec-WebSocket-Key': 'a'}],
        query: [{'': 'a'}, {a: 'b\0c'}, {'a\0': 'b'}],
        path: ['/a\0b'],
        timestampParam: ['t\0'],
        transports: [['polling\0']],
        protocols: [['a\0']],
    };

    for (const [option, values] of Object.entries(refused)) {
        for (const value of values) {
            const what = `${option} ${JSON.stringify(value)}`;
            const pattern = option === 'extraHeaders' ? /header|NUL/ : /parameter|NUL/;

            throws(() => Sio.io(url, {forceNew: true, [option]: value}), pattern, `io() with ${what}`);
            throws(() => new Sio.Manager(url, {[option]: value}), pattern, `a manager with ${what}`);
        }
    }
    throws(() => Sio.io(`${url}\0/x`), /NUL/, 'a URL');
    throws(() => new Sio.Manager(`${url}\0/x`), /NUL/, 'the URL of a manager');
    throws(() => new Sio.Manager(url, {autoConnect: false}).socket('/a\0b'), /NUL/, 'a namespace');

    const options = new Sio.Options();

    throws(() => options.set_header('Authorization', 'Bearer abc\n'), /Authorization/, 'set_header()');
    throws(() => options.set_header('Authorization', 'Bearer\0abc'), /NUL/, 'set_header() with a NUL');
    throws(() => options.set_query_param('', 'a'), /parameter/, 'set_query_param()');
    throws(() => options.set_query_param('a', '\0'), /NUL/, 'set_query_param() with a NUL');
    options.set_header('Authorization', 'Bearer abc');
    options.set_header('Authorization', null);
    options.set_query_param('a', null);
});

run('gjs/api');
