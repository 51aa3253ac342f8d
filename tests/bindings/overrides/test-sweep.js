// SPDX-License-Identifier: LGPL-2.1-or-later
//
// No event is lost while garbage is collected, and no answer.
//
// GJS before 1.81.90 drops signal handlers and callbacks from the start of a sweep until the end of the whole collection.

import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';
import System from 'system';

import {equal, next, run, test, url, within} from './harness.js';

const EVENTS = Number(GLib.getenv('SIO_TEST_EVENTS') ?? 30000);

for (const size of [153, 9000]) {
    test(`${EVENTS} events of ${size} bytes`, async () => {
        const socket = Sio.io(url, {forceNew: true, transports: ['websocket']});
        const kept = [];
        let n = 0;
        let inOrder = true;
        let promises = 0;

        await next(socket, 'connect');
        socket.on('more', reply => reply());
        socket.on('chat', message => {
            inOrder = inOrder && message.id === n && message.user.name === 'Jörg';
            n++;
            // Garbage that lives for a while, so that there is something to sweep.
            kept.push({message, more: new Array(50).fill(n)});
            if (kept.length > 2000)
                kept.splice(0, 1000);
            if (n % 1000 === 0) {
                socket.emitWithAck('echo', n).then(answer => {
                    promises += answer;
                });
            }
            if (n % 5000 === 0)
                System.gc();
        });
        const sent = await within(`events, ${n} came`, resolve => socket.emit('flood', EVENTS, size, 1, resolve), 300000);

        equal([sent, n, inOrder], [EVENTS, EVENTS, true], 'sent, received, in order');
        await socket.emitWithAck('echo', 0);
        const thousands = Math.floor(EVENTS / 1000);

        equal(promises, 1000 * thousands * (thousands + 1) / 2, 'promises');
        socket.close();
    });
}

run('gjs/sweep');
