// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What options do, where that is more than to be there, from GJS.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';

import {equal, next, ok, run, test, turn, until, url, within} from './harness.js';

const NOWHERE = 'http://127.0.0.1:1';
const POLLING = {forceNew: true, transports: ['polling']};

// Takes connections, tells the first line of each, and never answers.
class Silent {
    constructor() {
        this.lines = [];
        this.kept = [];
        this.service = new Gio.SocketService();
        this.port = this.service.add_any_inet_port(null);
        this.service.connect('incoming', (_service, connection) => {
            this.kept.push(connection);
            this.take(connection);
            return true;
        });
        this.service.start();
    }

    take(connection) {
        this.read(connection.get_input_stream());
    }

    read(input) {
        const stream = new Gio.DataInputStream({base_stream: input});

        this.kept.push(stream);
        stream.read_line_async(GLib.PRIORITY_DEFAULT, null, (_stream, result) => {
            const [line] = stream.read_line_finish_utf8(result);

            this.lines.push(line);
        });
    }

    stop() {
        this.service.stop();
        this.service.close();
    }
}

// The same behind TLS, for who trusts it; it wants to see a certificate, too.
const [PEM] = GLib.filename_from_uri(import.meta.url.replace(/[^/]*$/, 'localhost.pem'));
const hasTls = Gio.TlsBackend.get_default().supports_tls();
const certificate = hasTls ? Gio.TlsCertificate.new_from_file(PEM) : null;

class SilentTls extends Silent {
    constructor(mode) {
        super();
        this.mode = mode;
        this.presented = [];
    }

    take(connection) {
        const tls = Gio.TlsServerConnection.new(connection, certificate);

        tls.authentication_mode = this.mode;
        tls.connect('accept-certificate', () => true);
        this.kept.push(tls);
        tls.handshake_async(GLib.PRIORITY_DEFAULT, null, (_tls, result) => {
            try {
                tls.handshake_finish(result);
            } catch (error) {
                return;
            }
            this.presented.push(tls.get_peer_certificate());
            this.read(tls.get_input_stream());
        });
    }
}

// Resolves to whether a request came through.
async function speaksTls(peer, options) {
    const socket = Sio.io(`https://127.0.0.1:${peer.port}`, {...POLLING, reconnection: false, ...options});
    let refused = false;

    socket.on('connect_error', () => (refused = true));
    await until('a request or an error', () => refused || peer.lines.length > 0);
    socket.close();
    peer.stop();
    return !refused;
}

test('tlsDatabase/whom to trust', async () => {
    if (!hasTls)
        return;

    const tlsDatabase = Gio.TlsFileDatabase.new(PEM);

    ok(await speaksTls(new SilentTls(Gio.TlsAuthenticationMode.NONE), {tlsDatabase}), 'with it');
    ok(!await speaksTls(new SilentTls(Gio.TlsAuthenticationMode.NONE), {}), 'not without');
});

test('tlsCertificate/is presented', async () => {
    if (!hasTls)
        return;

    const tlsDatabase = Gio.TlsFileDatabase.new(PEM);
    const peer = new SilentTls(Gio.TlsAuthenticationMode.REQUIRED);

    ok(await speaksTls(peer, {tlsDatabase, tlsCertificate: certificate}), 'with it');
    ok(peer.presented[0].is_same(certificate), 'it is the one');
});

async function cookieAfterReconnection(withCredentials) {
    const socket = Sio.io(url, {...POLLING, withCredentials, reconnectionDelay: 5});

    await next(socket, 'connect');
    const first = (await socket.emitWithAck('handshake')).headers.cookie;
    const again = next(socket.io, 'reconnect');

    socket.emit('drop');
    await again;
    const second = (await socket.emitWithAck('handshake')).headers.cookie;

    socket.close();
    return [first, second];
}

test('withCredentials/sends cookies back', async () => {
    equal(await cookieAfterReconnection(true), [undefined, 'flavour=oat'], 'cookies');
});

test('withCredentials/off', async () => {
    equal(await cookieAfterReconnection(false), [undefined, undefined], 'cookies');
});

test('requestTimeout/ends a request', async () => {
    const peer = new Silent();
    const socket = Sio.io(`http://127.0.0.1:${peer.port}`, {...POLLING, requestTimeout: 30, timeout: Infinity, reconnection: false});
    const [error] = await next(socket, 'connect_error');

    ok(error instanceof GLib.Error, 'an error');
    equal(peer.lines.length, 1, 'requests');
    socket.close();
    peer.stop();
});

test('proxyResolver/is asked', async () => {
    const peer = new Silent();
    const proxyResolver = Gio.SimpleProxyResolver.new(`http://127.0.0.1:${peer.port}`, null);
    const socket = Sio.io('http://sio.invalid/', {...POLLING, proxyResolver});

    await until('request', () => peer.lines.length > 0);
    ok(peer.lines[0].includes('sio.invalid'), peer.lines[0]);
    socket.close();
    peer.stop();
});

// Opened by hand instead, by when a first attempt of its own would be long over.
test('reconnection/off', async () => {
    const socket = Sio.io(url, {forceNew: true, reconnection: false, reconnectionDelay: 1, randomizationFactor: 0});
    let attempts = 0;

    await next(socket, 'connect');
    socket.io.on('reconnect_attempt', () => attempts++);
    const gone = next(socket, 'disconnect');

    socket.emit('drop');
    await gone;
    await turn(30);
    ok(!socket.connected, 'it does not come back');
    socket.io.open();
    await next(socket, 'connect');
    equal(attempts, 0, 'attempts');
    socket.close();
});

// Without the limit the first attempt would be hours away.
test('reconnectionDelayMax/limits the delay', async () => {
    const socket = Sio.io(NOWHERE, {forceNew: true, reconnectionDelay: 10000000, reconnectionDelayMax: 2, reconnectionAttempts: 3});

    await next(socket.io, 'reconnect_failed');
    socket.close();
});

async function delays(randomizationFactor, n) {
    const socket = Sio.io(NOWHERE, {forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 20, randomizationFactor,
        reconnectionAttempts: n});
    const found = [];

    let failed = 0;

    socket.io.on('error', () => (failed = GLib.get_monotonic_time()));
    socket.io.on('reconnect_attempt', () => found.push((GLib.get_monotonic_time() - failed) / 1000));
    await within('the last attempt', resolve => socket.io.once('reconnect_failed', resolve));
    socket.close();
    return found;
}

// One in half of all cases would be shorter with the default of 0.5, and so would be one of ten but once in a thousand runs.
test('randomizationFactor/none', async () => {
    const found = await delays(0, 10);

    equal(found.length, 10, 'attempts');
    ok(found.every(delay => delay >= 18), found.join(' '));
});

test('randomizationFactor/all', async () => {
    const found = await delays(1, 20);

    ok(Math.min(...found) < 18, found.join(' '));
});

test('perMessageDeflate/agreed', async () => {
    const text = 'x'.repeat(100000);
    const read = async (socket, extensions) => {
        const wire = await socket.emitWithAck('wire');

        equal(wire.extensions, extensions, 'extensions');
        return wire.read;
    };

    // libsoup's framing has no compression.
    const agreed = GLib.getenv('SIO_FRAMING') === 'libsoup' ? '' : 'permessage-deflate';

    for (const [perMessageDeflate, extensions] of [[undefined, ''], [false, ''], [true, agreed]]) {
        const socket = Sio.io(url, {forceNew: true, transports: ['websocket'], perMessageDeflate});

        // eslint-disable-next-line no-await-in-loop
        await next(socket, 'connect');
        // eslint-disable-next-line no-await-in-loop
        const before = await read(socket, extensions);

        // eslint-disable-next-line no-await-in-loop
        equal(await socket.emitWithAck('echo', text), text, 'echo');
        // eslint-disable-next-line no-await-in-loop
        const compressed = await read(socket, extensions);

        // eslint-disable-next-line no-await-in-loop
        await socket.compress(false).emitWithAck('echo', text);
        // eslint-disable-next-line no-await-in-loop
        const plain = await read(socket, extensions);

        ok(compressed - before < 5000 === Boolean(extensions), `${compressed - before} bytes`);
        ok(plain - compressed > 100000, `${plain - compressed} bytes`);
        socket.close();
    }
});

// X5
for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
    test(`user in the URL is not sent/${transports}`, async () => {
        const socket = Sio.io(url.replace('//', '//us€r:p%3Aw@'), {transports});
        const plain = Sio.io(`${url}/admin`, {transports});
        const own = Sio.io(url.replace('//', '//u:p@'), {transports, extraHeaders: {authorization: 'Bearer mine'}});
        const seen = async of => (await of.emitWithAck('handshake')).headers.authorization;

        equal([await seen(socket), await seen(plain), await seen(own)], ['Basic dXPigqxyOnA6dw==', undefined, 'Bearer mine'], 'headers');
        equal([socket.io.url, own.io.url], [url, url], 'what is shown');
        for (const each of [socket, plain, own])
            each.close();
    });
}

run('gjs/options');
