#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Sits in the chat and answers to words that begin with an exclamation mark.
//
//   chat-bot.js [URL [NAME]]
import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';

const [url = 'http://localhost:3000', name = 'Bot'] = ARGV;
const loop = new GLib.MainLoop(null, false);
const socket = Sio.io(url);

const commands = {
    help: () => `I know ${Object.keys(commands).sort().map(word => `!${word}`).join(', ')}`,
    echo: words => words.join(' '),
    roll: ([word]) => {
        const sides = /^\d{1,3}$/.test(word) && Number(word) > 1 ? Number(word) : 6;

        return `${GLib.random_int_range(1, sides + 1)} of ${sides}`;
    },
    clock: () => GLib.DateTime.new_now_local().format('It is %H:%M'),
};

socket.on('connect', () => print(`${name} is here as ${socket.id}`));
socket.on('disconnect', reason => print(`${reason}, ${socket.active ? 'will be back' : 'that was it'}`));

socket.on('chat', (user, text) => {
    if (user === name || typeof text !== 'string' || !text.startsWith('!'))
        return;

    const [word, ...words] = text.slice(1).split(/\s+/);
    // What others say may be the name of a method that every object has.
    const answer = (Object.hasOwn(commands, word) ? commands[word] : commands.help)(words);

    print(`${user} asks ${text}: ${answer}`);
    socket.emit('chat', name, answer);
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

for (const number of [2 /* SIGINT */, 15 /* SIGTERM */]) {
    addSignal(number, () => {
        socket.close();
        loop.quit();
        return GLib.SOURCE_REMOVE;
    });
}
loop.run();
