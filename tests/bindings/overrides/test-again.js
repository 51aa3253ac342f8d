// SPDX-License-Identifier: LGPL-2.1-or-later
//
// io() a second time, from GJS: the server sees what this call asked for, and each event is heard once (X1).

import Sio from 'gi://Sio?version=1.0';
import System from 'system';

import {equal, next, ok, run, test, turn, url} from './harness.js';

const OLD = {query: {token: 'old'}, extraHeaders: {'X-Token': 'old'}};
const NEW = {query: {token: 'new'}, extraHeaders: {'X-Token': 'new'}};

async function seen(socket) {
    const {query, headers} = await socket.emitWithAck('handshake');

    return [query.token, headers['x-token']];
}

// What is heard of one event by listeners of each kind.
function listen(socket, name, heard) {
    socket.on('echo', () => heard.push(`${name} on`));
    socket.onAny(() => heard.push(`${name} any`));
    socket.on('connect', () => heard.push(`${name} connect`));
}

for (const [what, first, second, wanted] of [
    ['other settings', OLD, NEW, ['new', 'new']],
    ['settings where there were none', undefined, NEW, ['new', 'new']],
    ['no settings', OLD, undefined, [undefined, undefined]],
    ['the same settings', OLD, OLD, ['old', 'old']],
    ['no settings, twice', undefined, undefined, [undefined, undefined]],
]) {
    for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
        test(`after disconnect/${what}/${transports}`, async () => {
            const heard = [];
            const before = Sio.io(url, {...first, transports});

            await next(before, 'connect');
            listen(before, 'before', heard);
            before.disconnect();
            const now = Sio.io(url, {...second, transports});

            ok(now !== before, 'another socket');
            listen(now, 'now', heard);
            equal(await seen(now), wanted, 'what the server sees');
            now.emit('echo', 1);
            await next(now, 'echo');
            equal(heard, ['now connect', 'now any', 'now on'], 'heard');
            ok(!before.active, 'the old one stays what it was');
            now.close();
        });
    }
}

test('beside one that is connected', async () => {
    const one = Sio.io(url, OLD);
    const two = Sio.io(`${url}/admin`, NEW);
    const three = Sio.io(`${url}/dynamic-1`);
    const four = Sio.io(`${url}/admin`, OLD);

    equal(await seen(one), ['old', 'old'], 'one');
    equal(await seen(two), ['new', 'new'], 'two');
    equal(await seen(three), [undefined, undefined], 'three');
    equal(await seen(four), ['old', 'old'], 'four');
    equal([two.io === one.io, three.io === one.io, four.io === one.io], [false, false, true], 'one connection');
    for (const socket of [one, two, three, four])
        socket.close();
});

test('an auth of before is not presented', async () => {
    const before = Sio.io(`${url}/auth`, {auth: {token: 'secret'}});

    await next(before, 'connect');
    before.disconnect();
    const now = Sio.io(`${url}/auth`);
    const [error] = await next(now, 'connect_error');

    equal(error.data, {code: 401, token: null}, 'what the server was shown');
    now.close();
});

test('auth, retries and ackTimeout keep nobody from sharing', async () => {
    const one = Sio.io(url, {query: {test: 1}, auth: {token: 'one'}});
    const two = Sio.io(`${url}/auth`, {query: {test: 1}, auth: {token: 'secret'}, retries: 2, ackTimeout: 5000,
        joinTimeout: 5000});

    equal((await two.emitWithAck('handshake')).auth, {token: 'secret'}, 'its own auth');
    equal((await one.emitWithAck('handshake')).auth, {token: 'one'}, 'its own auth');
    ok(two.io === one.io, 'one connection');
    one.close();
    two.close();
});

test('autoConnect is about one call', async () => {
    const one = Sio.io(url, {query: {test: 2}});
    const two = Sio.io(`${url}/admin`, {query: {test: 2}, autoConnect: false});

    await next(one, 'connect');
    ok(two.io === one.io, 'one connection');
    ok(!two.active, 'not asked to connect');
    one.close();

    const three = Sio.io(`${url}/dynamic-7`, {query: {test: 2}});

    ok(three.io === one.io, 'one connection');
    await next(three, 'connect');
    ok(!two.active, 'still not');
    three.close();
});

test('one that was dropped does not keep its namespace', async () => {
    const one = Sio.io(url, {query: {test: 3}});

    await (async () => {
        const socket = Sio.io(`${url}/admin`, {query: {test: 3}});

        socket.on('echo', () => socket.id);
        await next(socket, 'connect');
        socket.disconnect();
    })();
    for (let i = 0; i < 5; i++) {
        // eslint-disable-next-line no-await-in-loop
        await turn();
        System.gc();
    }
    const again = Sio.io(`${url}/admin`, {query: {test: 3}});

    ok(again.io === one.io, 'one connection');
    await next(again, 'connect');
    again.close();
    one.close();
});

run('gjs/again');
