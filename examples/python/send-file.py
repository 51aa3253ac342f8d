#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sends a file in parts; each acknowledgement moves the progress on."""

import argparse
import hashlib
import os
import sys

import gi

gi.require_version('Sio', '1.0')
from gi.repository import GLib, Sio

PART = 64 * 1024

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('file')
parser.add_argument('url', nargs='?', default='http://localhost:3000')
arguments = parser.parse_args()


def show(name, received, size):
    share = received / size if size else 1
    bar = '█' * round(share * 30)
    end = '' if sys.stdout.isatty() and received < size else '\n'
    print(f'\r{name} {bar:░<30} {share:4.0%}' if sys.stdout.isatty() else f'{name} {share:.0%}', end=end, flush=True)


async def send(socket, path):
    name = os.path.basename(path)
    checksum = hashlib.sha256()
    with open(path, 'rb') as file:
        size = os.fstat(file.fileno()).st_size
        offset = 0
        while True:
            part = file.read(PART)
            checksum.update(part)
            # No answer within this time is a GLib.Error, as is the loss of the connection: the
            # server would not know the parts before.
            answer = await socket.timeout(10000).emit_with_ack(
                'file-part', {'name': name, 'offset': offset, 'size': size}, part)
            if 'error' in answer:
                raise ValueError(answer['error'])
            offset = answer['received']
            show(name, offset, size)
            if offset >= size:
                break
    if answer['sha256'] != checksum.hexdigest():
        raise ValueError('the server got something else')
    print(f'{size} bytes, SHA-256 {answer["sha256"]}')


def main():
    loop = GLib.MainLoop()
    socket = Sio.io(arguments.url)
    sending = Sio.spawn(send(socket, arguments.file))
    if not sending.done():
        sending.add_done_callback(lambda _: loop.quit())
        loop.run()
    socket.close()
    try:
        sending.result()
    except (GLib.Error, OSError, ValueError) as error:
        sys.exit(f'{arguments.file}: {error}')


main()
