#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';

const loop = new GLib.MainLoop(null, false);
const socket = Sio.io(ARGV[0] ?? 'http://localhost:3000');

socket.on('chat', (user, text) => {
    print(`${user}: ${text}`);
    loop.quit();
});
socket.emit('chat', 'GJS', 'Hello, world!');

loop.run();
