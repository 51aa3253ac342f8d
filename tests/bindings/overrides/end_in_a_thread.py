#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program that ends while another thread collects what it has left; it says nothing but “end”."""

import gc
import sys
import threading

import gi

gi.require_version('Sio', '1.0')
from gi.repository import GLib, Sio

how, url = sys.argv[1:]
loop = GLib.MainLoop()


def make():
    if how == 'manager':
        thing = manager = Sio.Manager(url)
    else:
        thing = Sio.io(url, force_new=True)
        manager = thing.io
    thing.itself = thing
    manager.on('open', lambda: GLib.idle_add(loop.quit))
    return thing


gc.disable()
thing = make()
loop.run()
if how == 'socket':
    thing.close()
del thing
collector = threading.Thread(target=gc.collect, daemon=how == 'daemon')
collector.start()
if how != 'daemon':
    collector.join()
print('end')
