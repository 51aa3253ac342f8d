// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A socket.io server that sends many events of one size.
//
//   node flood.js
//
// It prints "PORT n" when it listens, and ends when standard input does, if that is a pipe.
//
//   flood n size [space]   emits chat {id, text, user, …} n times, so that the packet has about size bytes, in bundles of
//                          20 with space milliseconds between them (0); id counts from 0; ack (n) after the last one.
//                          After each 500 it emits more and waits for the acknowledgement.
//   echo x                 ack (x)

'use strict';

const fs = require('fs');
const http = require('http');
const {Server} = require('socket.io-4.8');

const BUNDLE = 20;
const WINDOW = 500;

function message(size) {
    const event = {id: 100000, text: '', user: {name: 'Jörg', admin: false}, ts: 1700000000000, tags: ['a', 'b', null]};

    event.text = 'x'.repeat(Math.max(size - Buffer.byteLength(JSON.stringify(['chat', event])) - 2, 1));
    return event;
}

function flood(socket, n, size, space, done) {
    const event = message(size);
    let i = 0;
    const turn = () => {
        for (const end = Math.min(i + BUNDLE, n); i < end; i++)
            socket.emit('chat', {...event, id: i});
        if (i >= n)
            done(n);
        else if (i % WINDOW === 0)
            socket.emit('more', () => setImmediate(turn));
        else if (space)
            setTimeout(turn, space);
        else
            setImmediate(turn);
    };

    turn();
}

const httpServer = http.createServer();
const io = new Server(httpServer, {pingTimeout: 60000});

io.on('connection', socket => {
    socket.on('flood', (n, size, space, done) => flood(socket, n, size, space, done));
    socket.on('echo', (value, done) => done(value));
});

if (fs.fstatSync(0).isFIFO()) {
    process.stdin.resume();
    process.stdin.on('close', () => process.exit(0));
}
httpServer.listen(0, '127.0.0.1', () => process.stdout.write(`PORT ${httpServer.address().port}\n`));
