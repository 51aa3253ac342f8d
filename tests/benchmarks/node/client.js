// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The JavaScript client, at the same work and with the same arguments as bench-meter.h tells.

'use strict';

const fs = require('fs');
const {io, Manager} = require('socket.io-client');

const [work, port, countText, transport = 'websocket', start = '0'] = process.argv.slice(2);
const count = Number(countText);
const inFlight = work.startsWith('pipe') ? 64 : 1;
const match = /-([0-9]+)([km])$/.exec(work);
const size = match ? Number(match[1]) * (match[2] === 'm' ? 1 << 20 : 1 << 10) : 0;
const binary = work.includes('bin');
const BURST = Math.min(500, Math.floor(256 * 1024 / Math.max(size, 1)));

let cpuFrom, wallFrom;
let lastTick, worstTick = 0;
const latencies = [];
const now = () => Number(process.hrtime.bigint());

function tick() {
    const t = now();
    worstTick = Math.max(worstTick, t - lastTick - 1e6);
    lastTick = t;
}

function begin() {
    if (work.startsWith('stall')) {
        lastTick = now();
        setInterval(tick, 1);
    }
    wallFrom = now();
    cpuFrom = process.cpuUsage();
}

function end(n) {
    const usage = process.cpuUsage(cpuFrom);
    const t = now();
    if (work.startsWith('stall'))
        tick();
    latencies.sort((a, b) => a - b);
    const quantile = q => latencies.length ? latencies[Math.round(q * (latencies.length - 1))] : 0;
    const sum = (path, names) => fs.readFileSync(path, 'utf8').split('\n')
        .filter(line => names.some(name => line.startsWith(name)))
        .reduce((total, line) => total + Number(/([0-9]+)/.exec(line.split(':')[1])[1]), 0);
    const result = {
        count: n, cpu: (usage.user + usage.system) / n, wall: (t - wallFrom) / 1e3 / n,
        p50: quantile(0.5), p99: quantile(0.99), start: start === '0' ? 0 : (t - Number(start)) / 1e6,
        worst: worstTick / 1e6, rss: sum('/proc/self/status', ['VmRSS']),
        private: sum('/proc/self/smaps_rollup', ['Private_Clean', 'Private_Dirty']),
    };
    fs.writeSync(1, `${JSON.stringify(result)}\n`);
    process.exit(0);
}

const served = work.startsWith('pipe') ? 'echo' : work.startsWith('send') ? 'send' : work.startsWith('stall') ? 'recv-small' : work;
const url = `http://127.0.0.1:${port}/?work=${served}&count=${count}`;
const options = {transports: [transport], forceNew: true};
let nSent = 0, nSeen = 0, total = 0;

function echo(socket) {
    if (nSent === count)
        return;
    const asked = inFlight === 1 ? now() : 0;
    socket.emit('echo', nSent++, 1.5, 'ABCD', value => {
        total += value;
        if (inFlight === 1)
            latencies.push((now() - asked) / 1e3);
        nSeen++;
        if (nSeen === count)
            end(count);
        else
            echo(socket);
    });
}

function sendBurst(socket) {
    const text = 'x'.repeat(size);
    const bytes = binary ? Buffer.alloc(size, 'x') : null;
    const burst = () => {
        for (let i = 0; i < BURST && nSent < count; i++, nSent++) {
            if (binary)
                socket.emit('tick', bytes);
            else if (size)
                socket.emit('tick', nSent, text);
            else
                socket.emit('tick', nSent, 1.5, 'ABCD');
        }
    };
    socket.io.engine.on('drain', burst);
    burst();
}

function run() {
    const socket = io(url, options);
    socket.on('tick', binary ? event => { total += event.data.length; nSeen++; }
        : event => { total += event.seq; nSeen++; });
    socket.on('done', () => end(count));
    socket.on('connect', () => {
        if (work.startsWith('start')) {
            wallFrom = now();
            end(1);
        }
        begin();
        if (work.startsWith('echo') || work.startsWith('pipe')) {
            for (let i = 0; i < inFlight; i++)
                echo(socket);
        } else if (work.startsWith('send')) {
            sendBurst(socket);
        } else {
            socket.emit('go');
        }
    });
}

function connectAgain() {
    const asked = now();
    const socket = io(url, options);
    socket.on('connect', () => {
        if (nSeen > 0)
            latencies.push((now() - asked) / 1e3);
        else
            begin();
        if (nSeen === count)
            end(count);
        nSeen++;
        setImmediate(() => {
            socket.disconnect();
            connectAgain();
        });
    });
}

const kept = [];

function idle(manager) {
    const next = manager === null || work.startsWith('idle') ? new Manager(url, options) : manager;
    const socket = next.socket(work.startsWith('idle') || manager === null ? '/' : `/n${nSeen}`);
    kept.push(socket);
    socket.on('connect', () => {
        if (++nSeen === count)
            setTimeout(() => end(count), 300);
        else
            idle(next);
    });
}

if (work.startsWith('connect')) {
    connectAgain();
} else if (work.startsWith('idle') || work.startsWith('nsp')) {
    begin();
    idle(null);
} else {
    run();
}
