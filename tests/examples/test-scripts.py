#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the larger scripts of one language against the server of the examples.

    test-scripts.py LANGUAGE FRIEND SERVER.js FOLDER INTERPRETER [ARGUMENT…]

The output is TAP.
"""

import hashlib
import os
import pathlib
import random
import re
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / 'check')]
import tap
from processes import Failure, Process, Server, why_no_server

SUFFIX = {'python': '.py', 'gjs': '.js'}


class Scripts:
    def __init__(self, language, friend, server, folder, interpreter):
        self.language, self.folder, self.interpreter = language, folder, interpreter
        self.friend_path = friend
        self.running = []
        self.server_path = server

    def start(self, process):
        self.running.append(process)
        return process

    def script(self, name, *arguments):
        path = os.path.join(self.folder, name + SUFFIX[self.language])
        return self.start(Process(name, [*self.interpreter, path, *arguments]))

    def set_up(self):
        self.server = self.start(Server(self.server_path))
        self.friend = self.start(Process('the friend', [self.friend_path, self.server.url]))
        self.friend.wait_for('connected')

    def expect_end(self, process, wanted=0):
        status = process.wait()
        if status != wanted:
            raise Failure(f'{process.name} ended with status {status}: {process.lines[-8:]}')

    def chat_bot(self):
        bot = self.script('chat-bot', self.server.url)
        bot.wait_for('Bot is here as ')
        for words, answer in (('!echo once more', 'once more'), ('!roll 20', ' of 20'), ('!clock', 'It is '),
                              ('!toString', 'I know !clock, !echo, !help, !roll'), ('!', 'I know')):
            self.friend.say(f'say Grace {words}')
            line = self.friend.wait_for('chat Bot')
            if answer not in line:
                raise Failure(f'to {words} it said {line}')
        self.friend.say('say Grace nothing for a bot')
        # It comes back when the server does.
        port = self.server.port
        self.server.stop()
        bot.wait_for('transport close, will be back')
        self.server = self.start(Server(self.server_path, port))
        bot.wait_for('Bot is here as ')
        self.friend.wait_for('connected')
        self.friend.say('say Grace !echo again')
        self.friend.wait_for('chat Bot again')
        bot.interrupt()
        self.expect_end(bot)

    def live_ticker(self):
        arguments = ['--count=6', self.server.url, 'GLIB', 'GTK']
        ticker = self.script('live-ticker', *arguments)
        ticker.wait_for('subscribed to GLIB, 1 in all')
        self.expect_end(ticker)
        ticker.drain()
        ticks = [line for line in ticker.lines if re.match(r'\d\d:\d\d:\d\d (GLIB|GTK) +\d+\.\d\d [▲▼=]$', line)]
        if len(ticks) != 6 or not any('GTK' in tick for tick in ticks):
            raise Failure(f'it showed {ticker.lines}')

    def send_file(self):
        with tempfile.TemporaryDirectory() as scratch:
            for name, size in (('large.bin', 300_001), ('empty.bin', 0)):
                path = os.path.join(scratch, name)
                data = random.Random(1).randbytes(size)
                with open(path, 'wb') as file:
                    file.write(data)
                sender = self.script('send-file', path, self.server.url)
                for part in range(1, size // 65536 + 2):
                    sender.wait_for(f'{name} {round(100 * min(1, part * 65536 / size)) if size else 100}%')
                sender.wait_for(f'{size} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}')
                self.expect_end(sender)
            missing = self.script('send-file', os.path.join(scratch, 'none'), self.server.url)
            missing.wait_for('none: ')
            self.expect_end(missing, 1)


def main():
    language, friend, server, folder, *interpreter = sys.argv[1:]
    missing = why_no_server(server)
    if missing:
        print(f'1..0 # SKIP {missing}')
        return 0

    report = tap.Report(f'examples/{language}')
    scripts = Scripts(language, friend, server, folder, interpreter)
    try:
        scripts.set_up()
        for name, run in (('chat-bot', scripts.chat_bot), ('live-ticker', scripts.live_ticker),
                          ('send-file', scripts.send_file)):
            try:
                run()
            except Failure as failure:
                report.point(name, [str(failure)])
            else:
                report.point(name, [])
    finally:
        for process in reversed(scripts.running):
            process.stop()
    return report.end()


sys.exit(main())
