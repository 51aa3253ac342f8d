// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How long things live, from GJS.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Sio from 'gi://Sio?version=1.0';
import System from 'system';

import {descriptors, equal, next, ok, rss, run, test, turn, until, url, within} from './harness.js';

const CYCLES = Number(GLib.getenv('SIO_TEST_CYCLES') ?? 2000);

// A binding knows its source weakly; WeakRef does not let go in every GJS.
async function collected(make) {
    const bindings = [];
    const add = async () => {
        const target = new Gio.SimpleAction({name: 'target'});

        bindings.push((await make()).bind_property('connected', target, 'enabled', GObject.BindingFlags.DEFAULT));
    };

    for (let i = 0; i < 20; i++)
        // eslint-disable-next-line no-await-in-loop
        await add();
    await until('collection', () => {
        System.gc();
        return bindings.every(binding => binding.dup_source() === null);
    });
}

test('never opened', () => collected(() => {
    const socket = Sio.io(url, {forceNew: true, autoConnect: false});

    socket.on('echo', () => socket.emit('x'));
    socket.onAny(() => socket);
    socket.emit('hello', () => socket);
    socket.io.on('open', () => {});
    return socket;
}));

test('closed, with listeners that refer to it', () => collected(async () => {
    const socket = Sio.io(url, {forceNew: true});

    socket.on('echo', () => socket.emit('x'));
    socket.once('other', () => socket);
    socket.onAny(() => socket);
    socket.onAnyOutgoing(() => socket);
    socket.connect('event::echo', () => {});
    socket.io.on('ping', () => {});
    await next(socket, 'connect');
    socket.io.engine.on('packet', () => socket);
    await socket.emitWithAck('hello');
    socket.close();
    return socket;
}));

test('listeners of the manager that refer to its sockets', () => collected(async () => {
    const socket = Sio.io(url, {forceNew: true});
    const other = socket.io.socket('/admin');

    socket.io.on('reconnect_attempt', () => [socket, other]);
    socket.io.on('error', () => socket);
    socket.io.open(() => socket);
    await Promise.all([next(socket, 'connect'), next(other, 'connect')]);
    other.close();
    socket.close();
    return socket;
}));

test('a manager that is kept has its listeners, without its sockets', async () => {
    const manager = new Sio.Manager(url, {autoConnect: false, transports: ['websocket']});
    const heard = [];
    const binding = await (async () => {
        const socket = manager.socket('/');

        manager.on('open', () => heard.push('open'));
        socket.open();
        await next(socket, 'connect');
        socket.close();
        return socket.bind_property('connected', new Gio.SimpleAction({name: 'target'}), 'enabled',
            GObject.BindingFlags.DEFAULT);
    })();

    await until('collection', () => {
        System.gc();
        return binding.dup_source() === null;
    });
    const again = manager.socket('/');

    again.open();
    await next(again, 'connect');
    equal(heard, ['open', 'open'], 'events of the manager');
    again.close();
});

test('a socket that is kept keeps its manager', async () => {
    const socket = Sio.io(url, {forceNew: true});
    const heard = [];

    socket.io.on('open', () => heard.push('open'));
    await next(socket, 'connect');
    socket.close();
    for (let i = 0; i < 5; i++) {
        System.gc();
        // eslint-disable-next-line no-await-in-loop
        await turn(5);
    }
    socket.open();
    await next(socket, 'connect');
    equal(heard, ['open', 'open'], 'events of the manager');
    socket.close();
});

test('closed while an acknowledgement is awaited', () => collected(async () => {
    const socket = Sio.io(url, {forceNew: true});

    await next(socket, 'connect');
    socket.emitWithAck('no-ack').catch(() => socket);
    socket.emit('no-ack', () => socket);
    socket.close();
    return socket;
}));

test('auth that refers to its socket', () => collected(async () => {
    const socket = Sio.io(`${url}/auth`, {forceNew: true, autoConnect: false});

    socket.auth = cb => cb({token: socket ? 'secret' : ''});
    socket.open();
    await next(socket, 'connect');
    socket.close();
    return socket;
}));

test('an active socket is kept', async () => {
    const heard = within('events', resolve => {
        const socket = Sio.io(url, {forceNew: true});
        let n = 0;

        socket.on('burst', () => {
            n++;
            System.gc();
            if (n === 20) {
                socket.close();
                resolve(n);
            }
        });
        socket.emit('burst', 20, 1);
    });

    for (let i = 0; i < 5; i++) {
        System.gc();
        // eslint-disable-next-line no-await-in-loop
        await turn(2);
    }
    equal(await heard, 20, 'events');
});

test('an answer with a time limit is owed', async () => {
    const answer = within('answer', resolve => {
        Sio.io(url, {forceNew: true, autoConnect: false}).timeout(50).emit('hello', error => resolve(error));
    });

    System.gc();
    System.gc();
    ok((await answer) !== null, 'an error');
});

test('off ().close () is all that disable () needs', () => collected(async () => {
    const socket = Sio.io(url, {forceNew: true});
    const extension = {};
    const id = GObject.Object.prototype.connect.call(socket, 'notify::connected', () => extension);

    socket.on('echo', () => extension);
    await next(socket, 'connect');
    GObject.Object.prototype.disconnect.call(socket, id);
    socket.off().close();
    return socket;
}));

test('cycles leave memory and descriptors as they were', async () => {
    const cycle = async () => {
        const socket = Sio.io(url, {forceNew: true, transports: ['websocket']});

        socket.on('echo', () => socket);
        socket.on('connect', () => {});
        socket.io.on('error', () => socket);
        await within('connect', resolve => socket.once('connect', resolve));
        await socket.emitWithAck('echo', {a: [1, 'x']});
        socket.close();
    };
    const rounds = async n => {
        for (let i = 0; i < n; i++) {
            // eslint-disable-next-line no-await-in-loop
            await cycle();
            if (i % 100 === 99)
                System.gc();
        }
        System.gc();
        await turn(50);
        System.gc();
        await turn(50);
    };

    await rounds(Math.max(CYCLES / 4, 300));
    const before = [rss(), descriptors()];

    await rounds(CYCLES);
    const after = [rss(), descriptors()];

    print(`# ${CYCLES} cycles: ${before[0]} to ${after[0]} kB, ${before[1]} to ${after[1]} descriptors`);
    // Not a word about how many cycles there were: 10,000 took 1 MB more than none, as the heap settles.
    ok(after[0] - before[0] < 4000, 'memory is flat');
    ok(after[1] - before[1] <= 4, 'descriptors are closed');
});

run('gjs/life');
