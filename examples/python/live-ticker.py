#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shows prices as they move."""

import argparse
import signal
import sys
import time

import gi

gi.require_version('Sio', '1.0')
from gi.repository import GLib, Sio

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('--count', type=int, help='end after so many ticks')
parser.add_argument('url', nargs='?', default='http://localhost:3000')
parser.add_argument('symbols', nargs='*', metavar='symbol')
arguments = parser.parse_args()

loop = GLib.MainLoop()
# The namespace is the path of the URL.
socket = Sio.io(arguments.url.rstrip('/') + '/ticker')
last = {}
seen = 0


# Each connection is a new one for the server, so it is told each time.
@socket.on('connect')
async def on_connect():
    for symbol in arguments.symbols or ['GLIB', 'SOUP']:
        try:
            n_symbols = await socket.timeout(5000).emit_with_ack('subscribe', symbol)
        except GLib.Error as error:
            print(f'{symbol} cannot be subscribed to: {error.message}', file=sys.stderr)
        else:
            print(f'subscribed to {symbol}, {n_symbols} in all', flush=True)


@socket.on('connect_error')
def on_connect_error(error):
    print(error.message, file=sys.stderr)


@socket.on('ticks')
def on_ticks(ticks, milliseconds):
    global seen
    clock = time.strftime('%H:%M:%S', time.localtime(milliseconds / 1000))
    for tick in ticks:
        symbol, price = tick['symbol'], tick['price']
        before = last.get(symbol, price)
        arrow = '▲' if price > before else '▼' if price < before else '='
        last[symbol] = price
        print(f'{clock} {symbol:8} {price:10.2f} {arrow}', flush=True)

        seen += 1
        if seen == arguments.count:
            quit_loop()
            return


def quit_loop():
    socket.close()
    loop.quit()
    return GLib.SOURCE_REMOVE


for number in (signal.SIGINT, signal.SIGTERM):
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, quit_loop)
loop.run()
