// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Connection state recovery, from GJS; the server has it switched on.

import Sio from 'gi://Sio?version=1.0';

import {equal, next, ok, run, test, url} from './harness.js';

test('recovered', async () => {
    const socket = Sio.io(url, {forceNew: true, transports: ['websocket'], reconnectionDelay: 100});
    const missed = [];

    await next(socket, 'connect');
    ok(!socket.recovered, 'not at first');
    const {id} = socket;

    socket.on('missed', x => missed.push(x));
    // Only who has seen an offset can be sent what came after it.
    socket.emit('echo', 1);
    await next(socket, 'echo');
    socket.emit('drop-then-emit', ['missed', 1], ['missed', 2]);
    await next(socket, 'disconnect');
    await next(socket, 'connect');
    equal([socket.recovered, socket.id === id, missed], [true, true, [1, 2]], 'state');
    socket.close();
});

run('gjs/recovery');
