// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Our client from GJS, through the override, at recv-chat, with the arguments that bench-meter.h tells.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';
import System from 'system';

const [work, port, count, transport = 'websocket'] = ARGV;
const wanted = Number(count);
const loop = GLib.MainLoop.new(null, false);
const socket = Sio.io(`http://127.0.0.1:${port}/?work=${work}&count=${count}`, {transports: [transport]});

let seen = 0;
let sum = 0;
let cpuFrom = 0;
let wallFrom = 0;

// Microseconds, of all threads; the kernel tells them in hundredths of a second.
function cpuTime() {
    const [, contents] = Gio.File.new_for_path('/proc/self/stat').load_contents(null);
    const fields = new TextDecoder().decode(contents).split(') ')[1].split(' ');

    return (Number(fields[11]) + Number(fields[12])) * 10000;
}

socket.on('connect', () => {
    wallFrom = GLib.get_monotonic_time();
    cpuFrom = cpuTime();
    socket.emit('go');
});

socket.on('chat', message => {
    sum += message.text.length + message.user.name.length;
    seen++;
});

socket.on('done', () => {
    const cpu = cpuTime() - cpuFrom;
    const wall = GLib.get_monotonic_time() - wallFrom;

    if (seen !== wanted)
        printerr(`${seen} of ${count}`);
    else
        print(JSON.stringify({count: seen, cpu: cpu / seen, wall: wall / seen}));
    loop.quit();
});

loop.run();
System.exit(seen === wanted && sum > 0 ? 0 : 1);
