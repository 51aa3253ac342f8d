// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The npm socket.io server that tests connect to.
//
//   node server.js [OPTIONS]
//
// OPTIONS is one JSON object, every member optional:
//   module        which server to load, a dependency of package.json; "socket.io-4.8"
//   host, port    where to listen; "127.0.0.1", 0 (a free port)
//   setCookie     a Set-Cookie header for the first answer of each session
//   verbose       true: print a LOG line for each thing that happens
//   tls           https with these options of tls.createServer(): cert, key, maxVersion, …; clients are asked for a certificate
//   proxies       how many HTTP proxies to start, which know nothing but CONNECT; 0
//   proxyTls      true: they are reached by TLS, with the options of tls
//   patient       true: no session ends for want of a pong
//   all else      goes to the server as it is: transports, path, pingInterval, pingTimeout, upgradeTimeout,
//                 maxHttpBufferSize, connectionStateRecovery, perMessageDeflate, httpCompression, allowUpgrades, …
//
// Standard output, one line each:
//   PORT n            it listens
//   REPLY {json}      the answer to a command
//   LOG {json}        with "verbose"
//
// Standard input takes commands, one JSON object on a line; each is answered by one REPLY line {"cmd":…,…}. The process ends when
// standard input does, if that is a pipe or a socket.
//   {"cmd":"stats"}                                       {"clients": engines, "sockets": {nsp: n}, "connections": TCP}
//   {"cmd":"emit","nsp":"/","room":"r","event":"e","args":[…]}   to all sockets of nsp (default /), or of the room
//   {"cmd":"disconnect","nsp":"/","close":false}          disconnectSockets (close)
//   {"cmd":"engine-close"}                                closes every engine in the orderly way
//   {"cmd":"stop-pings"}                                  the server sends no more pings to anyone who is there
//   {"cmd":"drop"}                                        destroys every TCP connection
//   {"cmd":"hold","what":"all"} {"cmd":"release"}         requests that come in between are not looked at until the release;
//                                                         "what": "upgrade": only WebSocket handshakes, "request": only the rest
//   {"cmd":"refuse-upgrades","refuse":true}               WebSocket handshakes are answered by the end of the connection
//   {"cmd":"log"}                                         {"log": […]}, everything that LOG would have said, and forgets it
//   {"cmd":"requests","forget":false}                     {"requests": [{method, url, headers, query, certificate, reused, via}, …]},
//                                                         the last 1,000: the common name of the client's certificate or null,
//                                                         whether its TLS session was resumed, “proxy N” or null
//   {"cmd":"proxies"}                                     {"ports": […], "certificates": [common name or null, of each CONNECT]}
//   {"cmd":"await-clients","clients":n}                   answered when there are that many engines
//   {"cmd":"await-state","clients":n,"sockets":n,"members":n,"nsp":"/","room":"r"}
//                                                         answered when there are that many engines, sockets in nsp, and sockets in
//                                                         its room
//   {"cmd":"await-connections","connections":n}           answered when there are that many TCP connections
//   {"cmd":"await-log","entry":{…}}                       answered when the log has an entry with all these members
//   {"cmd":"quit"}                                        closes the server; the process ends
//
// Namespaces
//   /             all events below
//   /admin        the same
//   /dynamic-N    the same, N a number (made when asked for)
//   /auth         the same, for who presents {"token":"secret"}; others are refused with the message "not authorized" and the
//                 data {"code":401,"token": what was presented or null}. The log has {log:"presented",auth}
//   /refuse       refuses everyone: message "refused", data {"reason":"always","attempt":n}
//   /slow         the same events, but the namespace answers after ?slow=MS (200) milliseconds
//   /never        never answers
//
// At connection, by the query of the URL:
//   greet=NAME    emits NAME with the id of the socket at once
//   burst=N       starts "burst N" at once
//
// Events (from the client) → what the server does. “ack” is said only if the client asked for one.
//   echo …args            emits echo …args; ack (…args)
//   hello …               ack ("world")
//   message …args         emits message …args; ack (…args)
//   binary …args          emits binary …args; ack (…args); every binary argument must arrive as a Buffer, else it emits
//                         binary-error
//   make-binary size      emits binary with size bytes (n % 256 at n); ack (the same bytes)
//   make-text size        emits text with size times "x"; ack (the same text)
//   size-of value         ack (bytes of a binary, characters of a text, -1 for anything else)
//   kinds                 emits kinds with one argument of each JSON kind, see KINDS; ack (…KINDS)
//   burst n [space]       emits burst i n for i = 0 … n-1, 10 in each turn of the loop (space: milliseconds between the turns);
//                         ack (n) after the last one
//   count i               nothing but to remember i
//   count-report          ack ({received, inOrder, last}) of count since the last report
//   ask-me …args          emits question …args and wants an ack; when it comes emits answered …what-came
//   ask-me-timeout ms …   the same, but gives up after ms; then emits unanswered message
//   no-ack …              nothing
//   ack-empty             ack ()
//   ack-many n            ack (0, 1, … n-1)
//   double-ack            ack ("first"), ack ("second")
//   late ms …args         ack (…args) after ms milliseconds
//   ack-then-emit x       ack (x), then emits after-ack x
//   emit-then-ack x       emits before-ack x, then ack (x)
//   emit-me name …args    emits name …args
//   join room             joins; ack ()
//   handshake             ack ({query, headers, auth, url, address, secure})
//   whoami                ack ({id, nsp, recovered, transport, engine, rooms})
//   look-at id            ack ({there, rooms}) of the socket of this namespace with that id
//   transport-cookie      ack (Cookie header of the WebSocket's handshake or of the last poll, or null)
//   wire                  ack ({extensions, read, written}) of its WebSocket: what was agreed on, and bytes of its connection
//   kick                  disconnect (), this namespace only
//   kick-close            disconnect (true)
//   emit-kick …args       emits last-words …args, then disconnect ()
//   engine-close          closes the engine in the orderly way
//   drop                  destroys the TCP connections of this client
//   drop-then-emit …      the same; each argument is an array [name, …args], emitted to the room of this socket when the server
//                         has noticed the loss (for connectionStateRecovery)
//   raw text              sends an Engine.IO message that holds just this text
//   raw-frame text        sends a frame with this text, if it is on WebSocket
//   stop-pings            the server sends no more pings on this connection
//   note …args            puts {log:"note",args} into the log; ack ()
//   deaf n tag            ack (tag, times heard) from the time number n + 1 on that it hears of this tag; before, nothing
//   save data             remembers socket.data.saved; load → ack (socket.data.saved)
//   server-log            ack (as the command log does, without forgetting)
//   any other             ack ("unhandled", name)

'use strict';

const fs = require('fs');
const http = require('http');
const https = require('https');
const net = require('net');
const readline = require('readline');

const {
    module: moduleName = 'socket.io-4.8', host = '127.0.0.1', port = 0, setCookie, verbose = false, patient = false, tls, proxies = 0,
    proxyTls = false, ...options
} = JSON.parse(process.argv[2] || '{}');

const {Server} = require(moduleName);

const KINDS = [null, true, false, 0, -1, 9007199254740991, 1.5, 1e300, '', 'häß€😀\n"\\\u0001', [], [1, [2, [3]]], {},
    {a: 1, b: {c: [null]}, __proto__x: 'p', 'ü': 'ö'}];

const log = [];
const connections = new Set();
const counts = new WeakMap();
const heard = new Map();
const waiting = [];
const requests = [];
// Requests: for a WebSocket by its TCP connection, the last poll of each session.
const handshakes = new WeakMap();
const polls = new Map();
let held = null;
let heldWhat = 'all';
let refuseUpgrades = false;
let refusals = 0;

function say(what, value) {
    process.stdout.write(`${what} ${typeof value === 'object' ? JSON.stringify(value) : value}\n`);
}

function note(entry) {
    log.push(entry);
    if (log.length > 10000)
        log.shift();
    if (verbose)
        say('LOG', entry);
    look();
}

// Resolves as soon as the condition holds.
function wait(condition) {
    return new Promise(resolve => {
        waiting.push({condition, resolve});
        look();
    });
}

function look() {
    for (const waiter of [...waiting]) {
        if (waiter.condition()) {
            waiting.splice(waiting.indexOf(waiter), 1);
            waiter.resolve();
        }
    }
}

function createServer(secure) {
    return secure ? https.createServer({requestCert: true, rejectUnauthorized: false, ...tls}) : http.createServer();
}

function commonName(socket) {
    return socket.getPeerCertificate?.().subject?.CN ?? null;
}

const httpServer = createServer(tls);
httpServer.on('connection', connection => {
    connections.add(connection);
    connection.on('close', () => {
        connections.delete(connection);
        look();
    });
    look();
});

// The ports that proxies have where they come to us.
const vias = new Map();
const proxyServers = [];
const proxyCertificates = [];

function startProxy(number) {
    const proxy = createServer(proxyTls);

    proxy.on('connect', (request, client, head) => {
        proxyCertificates.push(commonName(client));

        const there = net.connect(Number(/\d+$/.exec(request.url)[0]), host, () => {
            vias.set(there.localPort, number);
            client.write('HTTP/1.1 200 OK\r\n\r\n');
            there.write(head);
            client.pipe(there).pipe(client);
        });

        client.on('error', () => there.destroy());
        client.on('close', () => there.destroy());
        there.on('error', () => client.destroy());
        there.on('close', () => client.destroy());
    });
    proxy.listen(0, host);
    proxyServers.push(proxy);
}

for (let number = 0; number < proxies; number++)
    startProxy(number);

function describe(request) {
    const {method, url, headers, socket} = request;

    return {
        method,
        url,
        headers,
        query: Object.fromEntries(new URL(url, 'http://h/').searchParams),
        certificate: commonName(socket),
        reused: socket.isSessionReused?.() ?? false,
        via: vias.has(socket.remotePort) ? `proxy ${vias.get(socket.remotePort)}` : null,
    };
}

const io = new Server(httpServer, options);

// Engine.IO put its own listeners there; ours stand in front of them, to hold requests back.
for (const name of ['request', 'upgrade']) {
    const listeners = httpServer.listeners(name);

    httpServer.removeAllListeners(name);
    httpServer.on(name, (request, ...more) => {
        const {socket} = request;
        const sid = new URL(request.url, 'http://h/').searchParams.get('sid');
        const leave = () => socket.destroy();
        const go = () => {
            socket.off('end', leave);
            // Who has gone meanwhile must not get a session.
            if (!socket.destroyed)
                listeners.forEach(listener => listener.call(httpServer, request, ...more));
        };

        requests.push(describe(request));
        if (requests.length > 1000)
            requests.shift();
        if (name === 'upgrade')
            handshakes.set(socket, request);
        else if (sid !== null)
            polls.set(sid, request);

        if (refuseUpgrades && name === 'upgrade') {
            socket.destroy();
        } else if (held && (heldWhat === 'all' || heldWhat === name)) {
            held.push(go);
            // Nobody reads after a request to upgrade, so nobody would hear of the end.
            socket.on('end', leave);
            if (name === 'upgrade')
                socket.resume();
        } else {
            go();
        }
    });
}

if (setCookie !== undefined) {
    io.engine.on('initial_headers', headers => {
        headers['Set-Cookie'] = setCookie;
    });
}
io.engine.on('connection', engine => {
    if (patient)
        engine.resetPingTimeout = () => {};
    look();
    engine.on('close', () => {
        polls.delete(engine.id);
        setImmediate(look);
    });
});
io.engine.on('connection_error', error => note({log: 'connection-error', code: error.code, message: error.message}));

function connectionsOf(engine) {
    const {transport} = engine;

    if (transport.name === 'websocket')
        return [transport.socket._socket];
    return [transport.req, transport.dataReq].filter(request => request).map(request => request.socket);
}

function stopPings(engine) {
    clearTimeout(engine.pingIntervalTimer);
    if (engine.pingTimeoutTimer)
        clearTimeout(engine.pingTimeoutTimer);
}

function drop(engine) {
    const found = connectionsOf(engine);

    if (found.length === 0)
        engine.close(true);
    found.forEach(connection => connection.destroy());
}

function burst(socket, n, space, done) {
    let i = 0;
    const turn = () => {
        for (let end = Math.min(i + 10, n); i < end; i++)
            socket.emit('burst', i, n);
        if (i < n && space)
            setTimeout(turn, space);
        else if (i < n)
            setImmediate(turn);
        else
            done(n);
    };

    turn();
}

function bytes(size) {
    const buffer = Buffer.alloc(size);

    for (let i = 0; i < size; i++)
        buffer[i] = i % 256;
    return buffer;
}

function sizeOf(value) {
    if (Buffer.isBuffer(value))
        return value.length;
    return typeof value === 'string' ? value.length : -1;
}

const handlers = {
    'echo': (socket, ack, ...args) => {
        socket.emit('echo', ...args);
        ack(...args);
    },
    'hello': (socket, ack) => ack('world'),
    'message': (socket, ack, ...args) => {
        socket.send(...args);
        ack(...args);
    },
    'binary': (socket, ack, ...args) => {
        if (args.some(arg => typeof arg === 'object' && arg !== null && arg._placeholder))
            socket.emit('binary-error', 'a placeholder was left');
        socket.emit('binary', ...args);
        ack(...args);
    },
    'make-binary': (socket, ack, size) => {
        const buffer = bytes(size);

        socket.emit('binary', buffer);
        ack(buffer);
    },
    'make-text': (socket, ack, size) => {
        const text = 'x'.repeat(size);

        socket.emit('text', text);
        ack(text);
    },
    'size-of': (socket, ack, value) => ack(sizeOf(value)),
    'kinds': (socket, ack) => {
        socket.emit('kinds', ...KINDS);
        ack(...KINDS);
    },
    'burst': (socket, ack, n, space) => burst(socket, n, space, ack),
    'count': (socket, ack, i) => {
        const count = counts.get(socket) || {received: 0, inOrder: true, last: null};

        count.inOrder = count.inOrder && i === count.received;
        count.received++;
        count.last = i;
        counts.set(socket, count);
        ack(i);
    },
    'count-report': (socket, ack) => {
        ack(counts.get(socket) || {received: 0, inOrder: true, last: null});
        counts.delete(socket);
    },
    'ask-me': (socket, ack, ...args) => {
        socket.emit('question', ...args, (...answer) => socket.emit('answered', ...answer));
        ack();
    },
    'ask-me-timeout': (socket, ack, ms, ...args) => {
        socket.timeout(ms).emit('question', ...args, (error, ...answer) => {
            if (error)
                socket.emit('unanswered', error.message);
            else
                socket.emit('answered', ...answer);
        });
        ack();
    },
    'no-ack': () => {},
    'ack-empty': (socket, ack) => ack(),
    'ack-many': (socket, ack, n) => ack(...Array(n).keys()),
    'double-ack': (socket, ack) => {
        // The library sends one acknowledgement only, so the second is written by hand.
        socket.packet({type: 3, id: socket.lastAckId, data: ['first']});
        socket.packet({type: 3, id: socket.lastAckId, data: ['second']});
    },
    'late': (socket, ack, ms, ...args) => setTimeout(() => ack(...args), ms),
    'ack-then-emit': (socket, ack, x) => {
        ack(x);
        socket.emit('after-ack', x);
    },
    'emit-then-ack': (socket, ack, x) => {
        socket.emit('before-ack', x);
        ack(x);
    },
    'emit-me': (socket, ack, name, ...args) => {
        socket.emit(name, ...args);
        ack();
    },
    'join': (socket, ack, room) => {
        socket.join(room);
        ack();
    },
    'handshake': (socket, ack) => {
        const {query, headers, auth, url, address, secure} = socket.handshake;

        ack({query, headers, auth, url, address, secure});
    },
    'transport-cookie': (socket, ack) => {
        const {id, request, transport} = socket.conn;
        const last = transport.name === 'websocket' ? handshakes.get(transport.socket._socket) : polls.get(id);

        ack((last || request).headers.cookie ?? null);
    },
    'wire': (socket, ack) => {
        const websocket = socket.conn.transport.socket;

        ack({
            extensions: websocket?.extensions ?? '',
            read: websocket?._socket.bytesRead ?? 0,
            written: websocket?._socket.bytesWritten ?? 0,
        });
    },
    'whoami': (socket, ack) => ack({
        id: socket.id,
        nsp: socket.nsp.name,
        recovered: Boolean(socket.recovered),
        transport: socket.conn.transport.name,
        engine: socket.conn.id,
        rooms: [...socket.rooms],
    }),
    'look-at': (socket, ack, id) => {
        const other = socket.nsp.sockets.get(id);

        ack({there: other !== undefined && other.conn.readyState === 'open', rooms: [...other?.rooms ?? []]});
    },
    'kick': socket => socket.disconnect(),
    'kick-close': socket => socket.disconnect(true),
    'emit-kick': (socket, ack, ...args) => {
        socket.emit('last-words', ...args);
        socket.disconnect();
    },
    'engine-close': socket => socket.conn.close(),
    'drop': socket => drop(socket.conn),
    'drop-then-emit': (socket, ack, ...events) => {
        const {id, nsp} = socket;

        socket.on('disconnect', () => events.forEach(event => nsp.to(id).emit(...event)));
        drop(socket.conn);
    },
    'raw': (socket, ack, text) => socket.conn.send(text),
    'raw-frame': (socket, ack, text) => socket.conn.transport.socket.send(text),
    'stop-pings': (socket, ack) => {
        stopPings(socket.conn);
        ack();
    },
    'note': (socket, ack, ...args) => {
        note({log: 'note', args});
        ack();
    },
    'deaf': (socket, ack, n, tag) => {
        const times = (heard.get(tag) || 0) + 1;

        heard.set(tag, times);
        note({log: 'heard', tag});
        if (times > n)
            ack(tag, times);
    },
    'save': (socket, ack, data) => {
        socket.data.saved = data;
        ack();
    },
    'load': (socket, ack) => ack(socket.data.saved),
    'server-log': (socket, ack) => ack(log),
};

function serve(socket) {
    const nsp = socket.nsp.name;
    const {greet, burst: n} = socket.handshake.query;

    note({log: 'connect', nsp, id: socket.id, recovered: Boolean(socket.recovered)});
    socket.on('disconnect', reason => note({log: 'disconnect', nsp, id: socket.id, reason}));

    // socket.use () sees the packet before the acknowledgement is made of it; double-ack needs the number.
    const onPacket = socket._onpacket || socket.onpacket;
    socket[socket._onpacket ? '_onpacket' : 'onpacket'] = packet => {
        if (packet.id !== undefined)
            socket.lastAckId = packet.id;
        onPacket.call(socket, packet);
    };

    socket.onAny((name, ...args) => {
        const last = args[args.length - 1];
        const wanted = typeof last === 'function' ? args.pop() : null;
        const ack = (...answer) => wanted?.(...answer);
        const handler = Object.hasOwn(handlers, name) ? handlers[name] : null;

        if (handler)
            handler(socket, ack, ...args);
        else
            ack('unhandled', name);
    });

    if (greet !== undefined)
        socket.emit(greet, socket.id);
    if (n !== undefined)
        burst(socket, Number(n), 0, () => {});
}

io.on('connection', serve);
io.of('/admin').on('connection', serve);
io.of(/^\/dynamic-\d+$/).on('connection', serve);

const auth = io.of('/auth');
auth.use((socket, next) => {
    const {token} = socket.handshake.auth;

    note({log: 'presented', auth: socket.handshake.auth});
    if (token === 'secret') {
        next();
        return;
    }

    const error = new Error('not authorized');
    error.data = {code: 401, token: token === undefined ? null : token};
    next(error);
});
auth.on('connection', serve);

io.of('/refuse').use((socket, next) => {
    const error = new Error('refused');

    error.data = {reason: 'always', attempt: ++refusals};
    next(error);
});

const slow = io.of('/slow');
slow.use((socket, next) => setTimeout(next, Number(socket.handshake.query.slow || 200)));
slow.on('connection', serve);

io.of('/never').use(() => {});

function stateOf(nspName, room) {
    const nsp = io.of(nspName);

    return {clients: io.engine.clientsCount, sockets: nsp.sockets.size, members: nsp.adapter.rooms.get(room)?.size ?? 0};
}

const commands = {
    'stats': () => {
        const sockets = {};

        for (const [name, nsp] of io._nsps)
            sockets[name] = nsp.sockets.size;
        return {clients: io.engine.clientsCount, sockets, connections: connections.size};
    },
    'emit': ({nsp = '/', room, event, args = []}) => {
        const target = io.of(nsp);

        (room === undefined ? target : target.to(room)).emit(event, ...args);
    },
    'disconnect': ({nsp = '/', close = false}) => io.of(nsp).disconnectSockets(close),
    'engine-close': () => Object.values(io.engine.clients).forEach(engine => engine.close()),
    'stop-pings': () => Object.values(io.engine.clients).forEach(stopPings),
    'drop': () => connections.forEach(connection => connection.destroy()),
    'hold': ({what = 'all'}) => {
        held = held || [];
        heldWhat = what;
    },
    'release': () => {
        const released = held || [];

        held = null;
        released.forEach(go => go());
    },
    'log': () => ({log: log.splice(0)}),
    'requests': ({forget = false}) => ({requests: forget ? requests.splice(0) : requests}),
    'proxies': () => ({ports: proxyServers.map(proxy => proxy.address().port), certificates: proxyCertificates}),
    'refuse-upgrades': ({refuse = true}) => {
        refuseUpgrades = refuse;
    },
    'await-clients': ({clients}) => wait(() => io.engine.clientsCount === clients),
    'await-state': ({nsp = '/', room, ...wanted}) =>
        wait(() => Object.entries(stateOf(nsp, room)).every(([key, n]) => (wanted[key] ?? n) === n)),
    'await-connections': ({connections: n}) => wait(() => connections.size === n),
    'await-log': ({entry: wanted}) =>
        wait(() => log.some(entry => Object.keys(wanted).every(key => entry[key] === wanted[key]))),
    'quit': () => {
        io.close();
        connections.forEach(connection => connection.destroy());
        setImmediate(() => process.exit(0));
    },
};

const stdin = fs.fstatSync(0);

if (stdin.isFIFO() || stdin.isSocket()) {
    const lines = readline.createInterface({input: process.stdin});

    lines.on('line', async line => {
        const {cmd, ...args} = JSON.parse(line);

        say('REPLY', {cmd, ...await (commands[cmd] || (() => ({error: 'unknown command'})))(args)});
    });
    lines.on('close', () => process.exit(0));
}

httpServer.listen(port, host, () => say('PORT', httpServer.address().port));
