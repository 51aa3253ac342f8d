// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A gateway that stands in front of a server, and spoils on the way to the client what it is told to. What it has begun
// towards the server it goes on with, whatever the client does; so the server learns of nothing by itself.
//
//   node front.js {"to": PORT}
//
// Standard output and input as those of server.js. Commands:
//   {"cmd":"spoil","method":"GET","how":"502"}   the GET in flight, or else the next one that belongs to a session
//   {"cmd":"spoil","method":"POST","how":"502"}  the next POST of a session; how:
//        502          the server gets it, and the client gets status 502
//        lost         the server never gets it, and the client gets status 502
//        cut          the server gets it, and the client gets half of an answer
//        reset        the server gets it, and the client gets the end of the connection
//        undecodable  the server gets it, and the client gets a body that is no payload
//        hang         the server never gets it, and the client gets nothing
//   {"cmd":"hold-gets","hold":true}              answers to GETs of a session wait here until told otherwise
//   {"cmd":"websockets","pass":"all"}            what passes of a WebSocket:
//        all
//        nothing      the request to upgrade waits here
//        up           the handshake, and what comes from the client
//        probe        the handshake, what comes from the server, and from the client the first packet
//   {"cmd":"cut-websockets"}                     both ends of each are ended without a word
//   {"cmd":"await","what":{…}}                   answered when there are at least that many: gets, upgrades, up, down,
//                                                swallowed (GETs in flight, requests to upgrade that wait; bytes that passed
//                                                or were to pass on WebSockets)
//   {"cmd":"reset"}                              forgets all of that; what is under way goes on
//   {"cmd":"posts"}                              {"posts": [{sid, body}, …]}, those of sessions, the spoilt ones too

'use strict';

const http = require('http');
const net = require('net');
const readline = require('readline');

const {to, port = 0} = JSON.parse(process.argv[2]);

// "2probe" with its head and its mask.
const PROBE_SIZE = 12;

const seen = {gets: 0, upgrades: 0, up: 0, down: 0, swallowed: 0};
const spoils = {};
const gets = new Set();
const websockets = new Set();
const posts = [];
const waiting = [];
let holding = false;
let passing = 'all';

function say(what, value) {
    process.stdout.write(`${what} ${typeof value === 'object' ? JSON.stringify(value) : value}\n`);
}

function look() {
    seen.gets = gets.size;
    seen.upgrades = [...websockets].filter(websocket => !websocket.upstream).length;
    for (const waiter of [...waiting]) {
        if (waiter.condition()) {
            waiting.splice(waiting.indexOf(waiter), 1);
            waiter.resolve();
        }
    }
}

function wait(condition) {
    return new Promise(resolve => {
        waiting.push({condition, resolve});
        look();
    });
}

function answer(pending, status, headers, body) {
    const {response} = pending;

    gets.delete(pending);
    if (!pending.answered && !response.destroyed) {
        response.writeHead(status, {...headers, 'content-length': body.length});
        response.end(body);
    }
    pending.answered = true;
    look();
}

function spoil(pending, how) {
    const {response} = pending;

    if (how === '502' || how === 'lost') {
        answer(pending, 502, {'content-type': 'text/html'}, Buffer.from('<html>Bad gateway</html>'));
    } else if (how === 'undecodable') {
        answer(pending, 200, {'content-type': 'text/plain'}, Buffer.from('9'));
    } else if (how !== 'hang') {
        gets.delete(pending);
        pending.answered = true;
        if (how === 'cut') {
            response.writeHead(200, {'content-type': 'text/plain', 'content-length': 1000});
            response.write('42["half');
        }
        setImmediate(() => response.socket?.destroy());
        look();
    }
}

function forward(pending, request, body) {
    const upstream = http.request({host: '127.0.0.1', port: to, method: request.method, path: request.url,
        headers: {...request.headers, connection: 'close'}});

    upstream.on('response', async response => {
        const chunks = [];

        for await (const chunk of response)
            chunks.push(chunk);
        if (pending.inSession && request.method === 'GET')
            await wait(() => !holding);

        const {connection, 'transfer-encoding': coding, ...headers} = response.headers;

        answer(pending, response.statusCode, headers, Buffer.concat(chunks));
    });
    upstream.on('error', () => spoil(pending, 'reset'));
    upstream.end(body);
}

function take(name) {
    const how = spoils[name];

    delete spoils[name];
    return how;
}

const server = http.createServer(async (request, response) => {
    const sid = new URL(request.url, 'http://h/').searchParams.get('sid');
    const pending = {response, answered: false, inSession: sid !== null};
    const chunks = [];

    for await (const chunk of request)
        chunks.push(chunk);

    const body = Buffer.concat(chunks);
    const how = pending.inSession ? take(request.method) : undefined;

    if (sid !== null && request.method === 'POST')
        posts.push({sid, body: body.toString()});
    if (sid !== null && request.method === 'GET')
        gets.add(pending);
    if (how !== 'lost' && how !== 'hang')
        forward(pending, request, body);
    // The server has it before the client hears of it: nothing else is on the way to it then.
    if (how !== undefined)
        setImmediate(spoil, pending, how);
    look();
});

function pass(websocket) {
    const {client, head} = websocket;
    const mode = passing;
    const upstream = net.connect(to, '127.0.0.1', () => upstream.write(head));
    let answered = false;
    let nUp = 0;

    websocket.upstream = upstream;
    client.on('data', data => {
        const passed = mode === 'probe' ? data.subarray(0, Math.max(0, PROBE_SIZE - nUp)) : data;

        nUp += data.length;
        seen.up += passed.length;
        seen.swallowed += data.length - passed.length;
        if (passed.length > 0)
            upstream.write(passed);
        look();
    });
    upstream.on('data', data => {
        let passed = data;

        if (!answered) {
            answered = true;
            client.write(data.subarray(0, data.indexOf('\r\n\r\n') + 4));
            passed = data.subarray(data.indexOf('\r\n\r\n') + 4);
        }
        if (passed.length > 0 && mode !== 'up') {
            client.write(passed);
            seen.down += passed.length;
        }
        look();
    });
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
        one.on('error', () => {});
        // Node.js leaves a connection half open that came by HTTP.
        one.on('end', () => one.end());
        one.on('close', () => {
            other.end();
            websockets.delete(websocket);
        });
    }
}

server.on('upgrade', (request, client) => {
    const lines = [];

    for (let i = 0; i < request.rawHeaders.length; i += 2)
        lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}\r\n`);

    const websocket = {client, upstream: null, head: `GET ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`};

    client.on('error', () => {});
    client.on('close', () => websockets.delete(websocket));
    client.on('end', () => client.end());
    if (passing === 'nothing')
        client.resume();
    websockets.add(websocket);
    if (passing !== 'nothing')
        pass(websocket);
    look();
});

const commands = {
    'spoil': ({method, how}) => {
        const [pending] = gets;

        if (method === 'GET' && pending)
            spoil(pending, how);
        else
            spoils[method] = how;
    },
    'hold-gets': ({hold}) => {
        holding = hold;
        look();
    },
    'websockets': ({pass: mode}) => {
        passing = mode;
        if (mode !== 'nothing')
            [...websockets].filter(websocket => !websocket.upstream).forEach(pass);
    },
    'cut-websockets': () => {
        for (const {client, upstream} of websockets) {
            client.destroy();
            upstream?.destroy();
        }
    },
    'await': ({what}) => wait(() => Object.keys(what).every(key => seen[key] >= what[key])),
    'reset': () => {
        holding = false;
        passing = 'all';
        delete spoils.GET;
        delete spoils.POST;
        seen.up = seen.down = seen.swallowed = 0;
        posts.length = 0;
        look();
    },
    'posts': () => ({posts}),
};

const lines = readline.createInterface({input: process.stdin});

lines.on('line', async line => {
    const {cmd, ...args} = JSON.parse(line);

    say('REPLY', {cmd, ...await (commands[cmd] || (() => ({error: 'unknown command'})))(args)});
});
lines.on('close', () => process.exit(0));

server.listen(port, '127.0.0.1', () => say('PORT', server.address().port));
