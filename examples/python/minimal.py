#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
import sys

import gi

gi.require_version('Sio', '1.0')
from gi.repository import GLib, Sio

loop = GLib.MainLoop()
socket = Sio.io(sys.argv[1] if len(sys.argv) > 1 else 'http://localhost:3000')


@socket.on('chat')
def on_chat(user, text):
    print(f'{user}: {text}')
    loop.quit()


socket.emit('chat', 'Python', 'Hello, world!')

loop.run()
