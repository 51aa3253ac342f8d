#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Shows prices as they move.
//
//   live-ticker.js [--count=N] [URL [SYMBOL…]]
import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';

const option = ARGV.find(argument => argument.startsWith('--count='));
const count = option ? Number(option.slice('--count='.length)) : Infinity;
const [url = 'http://localhost:3000', ...symbols] = ARGV.filter(argument => argument !== option);

const loop = new GLib.MainLoop(null, false);
// The namespace is the path of the URL.
const socket = Sio.io(`${url.replace(/\/$/, '')}/ticker`);
const last = new Map();
let seen = 0;

function quit() {
    socket.close();
    loop.quit();
    return GLib.SOURCE_REMOVE;
}

// Each connection is a new one for the server, so it is told each time.
socket.on('connect', async () => {
    for (const symbol of symbols.length > 0 ? symbols : ['GLIB', 'SOUP']) {
        try {
            // eslint-disable-next-line no-await-in-loop
            const nSymbols = await socket.timeout(5000).emitWithAck('subscribe', symbol);

            print(`subscribed to ${symbol}, ${nSymbols} in all`);
        } catch (error) {
            printerr(`${symbol} cannot be subscribed to: ${error.message}`);
        }
    }
});
socket.on('connect_error', error => printerr(error.message));

socket.on('ticks', (ticks, milliseconds) => {
    const clock = GLib.DateTime.new_from_unix_local(Math.floor(milliseconds / 1000)).format('%H:%M:%S');

    for (const {symbol, price} of ticks) {
        const arrow = ['▼', '=', '▲'][Math.sign(price - (last.get(symbol) ?? price)) + 1];

        last.set(symbol, price);
        print(`${clock} ${symbol.padEnd(8)} ${price.toFixed(2).padStart(10)} ${arrow}`);
        if (++seen === count) {
            quit();
            return;
        }
    }
});

// Newer versions of GLib have it in a library of its own.
function addSignal(number, handler) {
    let add;

    try {
        const {GLibUnix} = imports.gi;

        add = GLibUnix.signal_add ?? GLibUnix.signal_add_full;
    } catch {
        add = GLib.unix_signal_add;
    }
    add(GLib.PRIORITY_DEFAULT, number, handler);
}

for (const number of [2 /* SIGINT */, 15 /* SIGTERM */])
    addSignal(number, quit);
loop.run();
