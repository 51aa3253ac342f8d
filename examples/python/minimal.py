#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
import json
import sys

import gi

gi.require_version('Sio', '1.0')
from gi.repository import GLib, Sio

loop = GLib.MainLoop()
socket = Sio.io(sys.argv[1] if len(sys.argv) > 1 else 'http://localhost:3000', None)


def on_chat(socket, event):
    text, attachments = event.get_json()
    user, message = json.loads(text)
    print(f'{user}: {message}')
    loop.quit()


socket.connect('event::chat', on_chat)
socket.emit_args('chat', Sio.Value.new_from_json('["Python", "Hello, world!"]', None))

loop.run()
