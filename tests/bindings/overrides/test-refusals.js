// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is not sent, from GJS: each refusal, in each form of emission, has one outcome, which names the event
// (X12, X13, X19).

import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';

import {equal, next, ok, run, test, throws, turn, until, url} from './harness.js';

const MIB = 1024 * 1024;
const parts = Array.from({length: 11}, (_, i) => new Uint8Array([i]));

function offline(options = {}) {
    const socket = Sio.io(url, {forceNew: true, autoConnect: false, ...options});

    socket.reported = [];
    socket.io.on('error', error => socket.reported.push(error));
    return socket;
}

// Each emits “lost”, or “message”, and notes what comes of it.
const forms = {
    'emit': (socket, args) => socket.emit('lost', ...args),
    'send': (socket, args) => socket.send(...args),
    'a callback': (socket, args, note) => socket.emit('lost', ...args, (...answer) => note('answer', answer)),
    'send with a callback': (socket, args, note) => socket.send(...args, (...answer) => note('answer', answer)),
    'a callback that gets an error': (socket, args, note) =>
        socket.timeout(60000).emit('lost', ...args, error => note('error', error)),
    'awaited': (socket, args, note) => {
        socket.emitWithAck('lost', ...args).then(answer => note('answer', answer), error => note('error', error));
    },
    'awaited with a time limit': (socket, args, note) => {
        socket.timeout(60000).emitWithAck('lost', ...args)
            .then(answer => note('answer', answer), error => note('error', error));
    },
    'volatile': (socket, args) => socket.volatile.emit('lost', ...args),
    'volatile with a callback': (socket, args, note) =>
        socket.volatile.emit('lost', ...args, (...answer) => note('answer', answer)),
    'volatile, awaited': (socket, args, note) => {
        socket.volatile.emitWithAck('lost', ...args)
            .then(answer => note('answer', answer), error => note('error', error));
    },
};

const named = Object.keys(forms);
const told = ['a callback that gets an error', 'awaited', 'awaited with a time limit', 'volatile, awaited'];

async function checkForm(socket, form, args, {code, pattern}) {
    const notes = [];

    socket.reported.length = 0;
    forms[form](socket, args, (kind, value) => notes.push([kind, value]));
    equal(notes.length, 0, `${form}: nothing inside the call`);
    await until(form, () => notes.length + socket.reported.length > 0);
    await turn(5);
    equal(notes.length + socket.reported.length, 1, `${form}: outcomes`);

    const [error] = told.includes(form) ? notes.map(([, value]) => value) : socket.reported;

    ok(error instanceof GLib.Error, `${form}: an error is told where it is waited for`);
    ok(error.matches(Sio.error_quark(), code), `${form}: ${error.code}`);
    ok(pattern.test(error.message), `${form}: ${error.message}`);
    ok(error.message.includes(form.startsWith('send') ? '“message”' : '“lost”'), `${form}: ${error.message}`);
}

async function check(socket, which, args, wanted) {
    for (const form of which)
        // eslint-disable-next-line no-await-in-loop
        await checkForm(socket, form, args, wanted);
}

const exceeded = pattern => ({code: Sio.Error.LIMIT_EXCEEDED, pattern});

test('X12: more binary parts than 10', () => check(offline(), named, parts, exceeded(/limit is 10/)));

test('X12: more binary parts than 10, connected', async () => {
    const socket = offline();

    socket.open();
    await next(socket, 'connect');
    await check(socket, named, parts, exceeded(/limit is 10/));
    equal(await socket.emitWithAck('echo', 'after'), 'after', 'it goes on');
    socket.close();
});

test('X12: 64 MiB wait', async () => {
    const socket = offline();

    socket.emit('x', 'x'.repeat(65 * MIB));
    await check(socket, named, [], exceeded(/limit is 67108864 bytes/));
    socket.run_dispose();
});

test('X12: 100,000 events wait', async () => {
    const socket = offline();

    for (let i = 0; i < 100000; i++)
        socket.emit('x');
    await check(socket, named, [], exceeded(/limit is 100000/));
    socket.run_dispose();
});

test('X12: 10,000 acknowledgements are pending', async () => {
    const socket = offline();
    const asking = named.filter(form => form !== 'emit' && form !== 'send' && form !== 'volatile');
    const answers = [];

    for (let i = 0; i < 10000; i++)
        socket.emit('no-ack', () => {});
    await check(socket, asking, [], exceeded(/limit is 10000/));
    // What wants no answer is no matter of theirs.
    socket.emit('echo', 'plain');
    socket.on('echo', answer => answers.push(answer));
    socket.open();
    await until('the event', () => answers.length === 1);
    socket.close();
});

test('X12: volatile, and not to be sent at once', () => {
    const asking = named.filter(form => form.startsWith('volatile ') || form === 'volatile, awaited');

    return check(offline(), asking, [], {code: Sio.Error.NOT_SENT, pattern: /volatile/});
});

test('X12: with retries', async () => {
    const socket = offline({retries: 2});
    const notes = [];

    socket.emit('lost', ...parts);
    socket.emit('lost', ...parts, error => notes.push(error));
    socket.emitWithAck('lost', ...parts).catch(error => notes.push(error));
    await until('the end', () => notes.length + socket.reported.length === 3);
    await turn(5);
    equal([notes.length, socket.reported.length], [2, 1], 'outcomes');
    for (const error of [...notes, ...socket.reported])
        ok(/“lost”.*limit is 10/.test(error.message), error.message);
});

test('X12: a mere disconnection is told by disconnect alone, as in the reference', async () => {
    const socket = offline();
    const called = [];

    socket.open();
    await next(socket, 'connect');
    socket.emit('no-ack', () => called.push('callback'));
    socket.on('disconnect', () => called.push('disconnect'));
    socket.close();
    await turn(20);
    equal(called, ['disconnect'], 'called');
    equal(socket.reported.length, 0, 'reported');
});

test('X12: refused many times in a turn', async () => {
    const socket = offline();

    for (let i = 0; i < 1000; i++)
        socket.emit('lost', ...parts, () => {});
    await until('the report', () => socket.reported.length > 0);
    await turn(5);
    equal(socket.reported.length, 1, 'reports');
    ok(/“lost” and 999 more/.test(socket.reported[0].message), socket.reported[0].message);
});

test('X12: disposed of while it waits', async () => {
    const socket = offline();
    const notes = [];

    socket.emit('plain');
    socket.emit('called', () => notes.push('called'));
    socket.timeout(60000).emit('limited', error => notes.push(error.message));
    socket.emitWithAck('awaited').catch(error => notes.push(error.message));
    socket.run_dispose();
    await until('the end', () => notes.length + socket.reported.length === 4);
    await turn(5);
    equal(notes.length, 2, 'told to who waits');
    equal(socket.reported.map(error => /“(.*)”/.exec(error.message)[1]).sort(), ['called', 'plain'], 'reported');
    ok(notes.some(text => text.includes('“limited”')) && notes.some(text => text.includes('“awaited”')), `${notes}`);
});

test('X13: refused while the buffer is flushed', async () => {
    const socket = offline({transports: ['websocket']});
    const answers = [];

    // All were taken while they waited; with what belongs to packets there is no room for two.
    socket.emit('no-ack', 1);
    socket.emit('no-ack', 'x'.repeat(32 * MIB - 4));
    socket.emit('lost', 'x'.repeat(32 * MIB - 14), answer => answers.push(['lost', answer]));
    socket.emit('echo', 'after', answer => answers.push(['after', answer]));
    socket.open();
    await until('the answer', () => answers.length > 0);
    equal(answers, [['after', 'after']], 'answers');
    equal(socket.reported.length, 1, 'reported');
    ok(/“lost”.*67108864/.test(socket.reported[0].message), socket.reported[0].message);
    socket.close();
});

test('X19: an emission that throws leaves nothing for the next', async () => {
    const socket = offline();
    const answers = [];
    const loop = {};

    loop.loop = loop;
    for (const bad of [10n, loop, {toJSON: () => {
        throw new Error('not I');
    }}]) {
        throws(() => socket.volatile.timeout(1).emit('lost', bad), /./, 'emit');
        throws(() => socket.volatile.timeout(1).emit('lost', bad, () => {}), /./, 'emit with a callback');
        throws(() => socket.volatile.timeout(1).send(bad), /./, 'send');
        throws(() => socket.volatile.timeout(1).emit('connect'), /reserved/, 'a reserved name');
        throws(() => socket.volatile.timeout(1).emit('a\0b'), /NUL/, 'a bad name');
        // eslint-disable-next-line no-await-in-loop
        await socket.volatile.timeout(1).emitWithAck('lost', bad).then(
            () => ok(false, 'it is rejected'), () => {});
        // It waits for the connection, without a limit, and its callback gets no error.
        socket.emit('echo', 'kept', (...answer) => answers.push(answer));
    }
    await turn(20);
    socket.open();
    await until('answers', () => answers.length === 3);
    equal(answers, [['kept'], ['kept'], ['kept']], 'answers');
    equal(socket.reported.length, 0, 'reported');
    socket.close();
});

run('refusals');
