// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A socket.io server that is asked for work in the way of canned-server.c, for what that does not
// do: polling, and the pace of a real server. It prints its port, and ends when standard input does.

'use strict';

const http = require('http');
const {Server} = require('socket.io');

const BURST = 200;
const httpServer = http.createServer();
const io = new Server(httpServer, {pingInterval: 300000, pingTimeout: 300000, maxHttpBufferSize: 1e8});

function sendEvents(socket, work, count) {
    const size = work.endsWith('-1k') ? 1024 : work.endsWith('-16k') ? 16384 : 0;
    const items = [];
    for (let i = 0; size > 0 && JSON.stringify(items).length < size - 60; i++)
        items.push({id: 1000 + i, name: `item number ${i}`, price: 10.25 + i, tags: ['alpha', 'beta'], ok: true});
    let seq = 0;
    const burst = () => {
        for (let i = 0; i < BURST && seq < count; i++, seq++)
            socket.emit('tick', size > 0 ? {seq, price: 1.5, sym: 'ABCD', items} : {seq, price: 1.5, sym: 'ABCD'});
        if (seq < count)
            setImmediate(burst);
        else
            socket.emit('done');
    };
    burst();
}

io.on('connection', socket => {
    const {work, count} = socket.handshake.query;
    let n = 0;
    socket.on('go', () => sendEvents(socket, work, Number(count)));
    socket.on('tick', () => {
        if (++n === Number(count))
            socket.emit('done');
    });
    socket.on('echo', (a, b, c, answer) => {
        answer(a, b, c);
        if (++n === Number(count))
            socket.emit('done');
    });
});

process.stdin.resume();
process.stdin.on('close', () => process.exit(0));
httpServer.listen(0, '127.0.0.1', () => process.stdout.write(`${httpServer.address().port}\n`));
