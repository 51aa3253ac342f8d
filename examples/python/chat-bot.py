#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sits in the chat and answers to words that begin with an exclamation mark."""

import argparse
import random
import signal
import time

import gi

gi.require_version('Sio', '1.0')
from gi.repository import GLib, Sio

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('url', nargs='?', default='http://localhost:3000')
parser.add_argument('--name', default='Bot')
arguments = parser.parse_args()

loop = GLib.MainLoop()
socket = Sio.io(arguments.url)
commands = {}


def command(function):
    commands[function.__name__] = function
    return function


@command
def help(_words):
    return 'I know ' + ', '.join(f'!{name}' for name in sorted(commands))


@command
def echo(words):
    return ' '.join(words)


@command
def roll(words):
    sides = int(words[0]) if words and words[0].isdigit() and 1 < int(words[0]) <= 1000 else 6
    return f'{random.randint(1, sides)} of {sides}'


@command
def clock(_words):
    return time.strftime('It is %H:%M')


@socket.on('connect')
def on_connect():
    print(f'{arguments.name} is here as {socket.id}', flush=True)


@socket.on('disconnect')
def on_disconnect(reason):
    print(f'{reason}, ' + ('will be back' if socket.active else 'that was it'), flush=True)


# Anybody may send anything, so no more than two arguments is a habit and not a promise.
@socket.on('chat')
def on_chat(user, text, *_rest):
    if user == arguments.name or not isinstance(text, str) or not text.startswith('!'):
        return
    name, *words = text[1:].split() or ['help']
    answer = commands.get(name, help)(words)
    print(f'{user} asks {text}: {answer}', flush=True)
    socket.emit('chat', arguments.name, answer)


def on_signal():
    socket.close()
    loop.quit()
    return GLib.SOURCE_REMOVE


for number in (signal.SIGINT, signal.SIGTERM):
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, on_signal)
loop.run()
