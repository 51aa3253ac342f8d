// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the server holds of a session in whose handlers an exception was thrown (X10): all of it, as another client sees.

import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';

import {connected, equal, next, run, test, url} from './harness.js';

const MODES = {polling: ['polling'], websocket: ['websocket'], both: ['polling', 'websocket']};

const fail = () => {
    throw new Error('on purpose');
};

// Exceptions are written to the log as warnings.
async function tolerantly(act) {
    GLib.setenv('G_DEBUG', '', true);
    const mask = GLib.log_set_always_fatal(GLib.LogLevelFlags.LEVEL_ERROR);

    try {
        await act();
    } finally {
        GLib.log_set_always_fatal(mask);
    }
}

const cases = {
    'listener': socket => {
        socket.on('echo', fail);
        return socket.emitWithAck('echo', 1);
    },
    'catch-all listener': socket => {
        socket.onAny(fail);
        return socket.emitWithAck('echo', 1);
    },
    'acknowledgement': socket => {
        socket.emit('hello', fail);
        return socket.emitWithAck('hello');
    },
    'listener that was asked': async socket => {
        socket.on('question', fail);
        await socket.emitWithAck('ask-me', 1);
    },
    'auth of another namespace': async socket => {
        const other = socket.io.socket('/auth', {auth: fail});

        other.connect();
        await next(other, 'connect_error');
        other.close();
    },
};

for (const [mode, transports] of Object.entries(MODES)) {
    for (const [name, act] of Object.entries(cases)) {
        test(`${mode}/${name}`, async () => {
            const watcher = await connected('', {transports: ['websocket']});
            const socket = Sio.io(url, {forceNew: true, transports, reconnection: false});

            await next(socket, 'connect');
            const {id} = socket;

            await socket.emitWithAck('join', 'crowd');
            await tolerantly(() => act(socket));
            await socket.emitWithAck('hello');
            equal([socket.connected, socket.id], [true, id], 'here');
            equal(await watcher.emitWithAck('look-at', id), {there: true, rooms: [id, 'crowd']}, 'there');
            socket.close();
            watcher.close();
        });
    }
}

run('gjs/exceptions');
