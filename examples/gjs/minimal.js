#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';

const loop = new GLib.MainLoop(null, false);
const socket = Sio.io(ARGV[0] ?? 'http://localhost:3000', null);

socket.connect('event::chat', (_socket, event) => {
    const [json] = event.get_json();
    const [user, text] = JSON.parse(json);
    print(`${user}: ${text}`);
    loop.quit();
});
socket.emit_args('chat', Sio.Value.new_from_json('["GJS", "Hello, world!"]', null));

loop.run();
