#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Sends a file in parts; each acknowledgement moves the progress on.
//
//   send-file.js FILE [URL]
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';
import System from 'system';

const PART = 64 * 1024;

Gio._promisify(Gio.File.prototype, 'read_async', 'read_finish');
Gio._promisify(Gio.File.prototype, 'query_info_async', 'query_info_finish');
Gio._promisify(Gio.InputStream.prototype, 'read_bytes_async', 'read_bytes_finish');

async function send(socket, file) {
    const name = file.get_basename();
    const info = await file.query_info_async('standard::size', Gio.FileQueryInfoFlags.NONE, GLib.PRIORITY_DEFAULT, null);
    const size = info.get_size();
    const stream = await file.read_async(GLib.PRIORITY_DEFAULT, null);
    const checksum = new GLib.Checksum(GLib.ChecksumType.SHA256);
    let answer;
    let offset = 0;

    do {
        // eslint-disable-next-line no-await-in-loop
        const part = await stream.read_bytes_async(PART, GLib.PRIORITY_DEFAULT, null);

        checksum.update(part.toArray());
        // No answer within this time rejects, as does the loss of the connection: the server would
        // not know the parts before.
        // eslint-disable-next-line no-await-in-loop
        answer = await socket.timeout(10000).emitWithAck('file-part', {name, offset, size}, part);
        if (answer.error)
            throw new Error(answer.error);
        offset = answer.received;
        print(`${name} ${size > 0 ? Math.round(100 * offset / size) : 100}%`);
    } while (offset < size);

    if (answer.sha256 !== checksum.get_string())
        throw new Error('the server got something else');
    print(`${size} bytes, SHA-256 ${answer.sha256}`);
}

const [path, url = 'http://localhost:3000'] = ARGV;
if (path === undefined) {
    printerr('Usage: send-file.js FILE [URL]');
    System.exit(2);
}

const loop = new GLib.MainLoop(null, false);
const socket = Sio.io(url);
let status = 0;

send(socket, Gio.File.new_for_commandline_arg(path)).catch(error => {
    printerr(`${path}: ${error.message}`);
    status = 1;
}).finally(() => {
    socket.close();
    loop.quit();
});
loop.run();
System.exit(status);
