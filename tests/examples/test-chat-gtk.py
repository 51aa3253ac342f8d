#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses examples/chat-gtk as a person would, on a screen of its own, and takes its picture.

    test-chat-gtk.py CHAT FRIEND SERVER.js LOCALE-DIRECTORY PICTURE

With SIO_UPDATE_SCREENSHOTS=1 in the environment PICTURE is written, the one in the documentation.
The output is TAP.
"""

import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / 'check')]
import tap
from processes import DEADLINE, Failure, Process, Server, why_no_server

WIDTH, HEIGHT = 460, 640
TITLE = 'Socket.IO Chat'


def skip(why):
    print(f'1..0 # SKIP {why}')
    sys.exit(0)


def draw(path, *parts):
    subprocess.run(['convert', *parts, str(path)], check=True)


def draw_landscape(path):
    """Something to send: hills in the evening."""
    draw(path, '-size', '600x360', 'gradient:#26306b-#ffb37a', '-fill', '#fff1c9', '-draw', 'circle 430,205 430,163',
         '-fill', '#6b5b95', '-draw', "path 'M 0,250 C 120,150 220,180 330,240 S 520,190 600,230 L 600,360 0,360 Z'",
         '-fill', '#463f74', '-draw', "path 'M 0,300 C 140,230 260,330 400,270 S 560,260 600,280 L 600,360 0,360 Z'",
         '-fill', '#272a4f', '-draw', "path 'M 0,330 C 120,300 300,350 420,320 S 560,330 600,315 L 600,360 0,360 Z'")


def draw_sketch(path):
    draw(path, '-size', '420x200', 'xc:#f6f5f4', '-fill', 'none', '-stroke', '#1c71d8', '-strokewidth', '7',
         '-draw', "path 'M 40,150 C 90,40 130,40 170,100 S 260,170 300,90 S 360,50 385,70'",
         '-stroke', 'none', '-fill', '#e66100', '-draw', 'circle 385,70 385,82')


def until(what, condition):
    end = time.monotonic() + DEADLINE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise Failure(f'waited in vain for {what}')
        time.sleep(0.05)


class Screen:
    def __init__(self):
        # It would begin anew whenever its last client has gone, and lose who comes just then.
        self.process = Process('Xvfb', ['Xvfb', '-displayfd', '1', '-screen', '0', f'{WIDTH}x{HEIGHT}x24',
                                        '-nolisten', 'tcp', '-noreset'])
        while True:
            line = self.process.wait_for('').strip()
            if line.isdigit():
                break
        self.display = f':{line}'
        self.env = dict(os.environ, DISPLAY=self.display)

    def output_of(self, *command):
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False).stdout

    def has_window(self):
        return TITLE in self.output_of('xwininfo', '-root', '-tree')

    def take_picture(self, path):
        subprocess.run(['import', '-window', 'root', str(path)], env=self.env, check=True)

    def colours(self, path):
        return int(self.output_of('identify', '-format', '%k', str(path)))

    def press(self, *keys):
        subprocess.run(['xdotool', *keys], env=self.env, check=True)


class Test:
    def __init__(self, chat, friend, server, locale_directory, picture, scratch):
        self.chat_path, self.friend_path, self.server_path = chat, friend, server
        self.locale_directory, self.picture, self.scratch = locale_directory, picture, scratch
        self.can_type = shutil.which('xdotool') is not None
        self.report = tap.Report('examples/chat-gtk')
        self.running = []

    def start(self, process):
        self.running.append(process)
        return process

    def run_chat(self, *arguments, **env):
        env = dict(self.screen.env, GDK_BACKEND='x11', GSK_RENDERER='cairo', GSETTINGS_BACKEND='memory', GTK_A11Y='none',
                   NO_AT_BRIDGE='1', GIO_USE_PORTALS='0', G_MESSAGES_DEBUG='SioChat', G_DEBUG='fatal-warnings',
                   XDG_RUNTIME_DIR=str(self.scratch), HOME=str(self.scratch),
                   XDG_CONFIG_HOME=str(self.scratch / '.config'), no_proxy='*', **env)
        return self.start(Process('the chat', ['dbus-run-session', '--', self.chat_path, *arguments], env))

    def point(self, name, run):
        try:
            run()
        except (Failure, subprocess.CalledProcessError) as error:
            self.report.point(name, [str(error)])
            raise
        self.report.point(name, [])

    def has_window(self):
        self.chat.expect_alive()
        return self.screen.has_window()

    def run(self):
        self.screen = Screen()
        self.running.append(self.screen.process)
        self.server = self.start(Server(self.server_path))
        self.friend = self.start(Process('the friend', [self.friend_path, self.server.url],
                                         dict(os.environ, no_proxy='*')))
        self.friend.wait_for('connected')
        draw_landscape(self.scratch / 'evening.png')
        draw_sketch(self.scratch / 'sketch.png')

        settings = self.scratch / '.config' / 'gtk-4.0' / 'settings.ini'
        settings.parent.mkdir(parents=True)
        settings.write_text('[Settings]\ngtk-font-name=Cantarell 11\ngtk-decoration-layout=:close\n', encoding='utf-8')

        self.chat = self.run_chat('--name', 'Ada', self.server.url)
        self.point('window', lambda: until('the window', self.has_window))
        self.point('connects', lambda: self.chat.wait_for('connection: there'))
        self.point('messages', self.receive)
        self.point('image', self.receive_image)
        if self.can_type:
            self.point('typed', self.type)
        else:
            self.report.skip('typed', 'no xdotool')
        self.point('picture', self.take_picture)
        self.point('hostile-images', self.receive_bad_images)
        self.point('reconnects', self.lose_connection)
        self.point('translated', self.speak_german)
        if self.can_type:
            self.point('ends', self.end)
        else:
            self.report.skip('ends', 'no xdotool')

    def receive(self):
        for user, text in (('Grace', 'Good morning! Is the new build in?'),
                           ('Grace', 'It ran all night without a hitch.'),
                           ('Ada', 'Yes, and this window runs on it ✨'),
                           ('Alan', 'Look what I see from the train:')):
            self.friend.say(f'say {user} {text}')
            self.chat.wait_for(f'shown: {user}: {text}')

    def receive_image(self):
        self.friend.say(f'image Alan {self.scratch / "evening.png"}')
        self.chat.wait_for('shown: image evening.png of Alan')

    def type(self):
        text = 'Worth the wait'
        self.screen.press('type', '--delay', '5', text)
        self.screen.press('key', 'Return')
        self.friend.wait_for(f'chat Ada {text}')
        self.chat.wait_for(f'shown: Ada: {text}')
        self.friend.say('say Grace See you both at noon 👋')
        self.chat.wait_for('shown: Grace: See you')

    def take_picture(self):
        picture = self.scratch / 'chat-gtk.png'

        # All is drawn when two pictures are the same; what blinks or moves makes it a few more.
        def is_still():
            before = picture.read_bytes() if picture.exists() else b''
            self.screen.take_picture(picture)
            return picture.read_bytes() == before and self.screen.colours(picture) > 500

        until('a picture with something in it', is_still)
        size = self.screen.output_of('identify', '-format', '%wx%h', str(picture))
        if size != f'{WIDTH}x{HEIGHT}':
            raise Failure(f'the picture has {size}')
        if os.environ.get('SIO_UPDATE_SCREENSHOTS'):
            self.picture.parent.mkdir(exist_ok=True)
            subprocess.run(['convert', str(picture), '-strip', str(self.picture)], check=True)

    def receive_bad_images(self):
        def chunk(kind, data):
            return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))

        # 3.6 GB of pixels, in a few bytes.
        header = struct.pack('>IIBBBBB', 30000, 30000, 8, 6, 0, 0, 0)
        bomb = b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', zlib.compress(bytes(120001)))
        for name, data in (('bomb.png', bomb), ('empty.png', b''), ('words.png', b'no image at all')):
            (self.scratch / name).write_bytes(data)
            self.friend.say(f'image Mallory {self.scratch / name}')
            self.chat.wait_for(f'{name} of Mallory is no image: ')

    def lose_connection(self):
        port = self.server.port
        self.server.stop()
        # Whatever the delay, it is counted down to the end; the attempt fails, and the next delay begins.
        self.chat.wait_for('connection: Reconnecting in 1 s…')
        self.chat.wait_for('not connected:')
        self.chat.wait_for('connection: Reconnecting in ')
        if self.can_type:
            if not self.retry('not connected:'):
                raise Failure('it was not asked to retry')
        self.server = self.start(Server(self.server_path, port))
        if self.can_type:
            # Unless it came back by itself just now.
            self.retry('connection: there')
        else:
            self.chat.wait_for('connection: there')
        self.friend.wait_for('connected')
        self.friend.say('say Grace Back again')
        self.chat.wait_for('shown: Grace: Back again')

    def retry(self, outcome):
        """Does not wait for the delay: what follows the key is an attempt, not a countdown."""
        before = self.chat.next
        self.screen.press('key', 'ctrl+r')
        self.chat.wait_for(outcome)
        lines = [line for line in self.chat.lines[before:self.chat.next] if ' connection: ' in line]
        asked = [i for i, line in enumerate(lines) if 'asked to retry' in line]
        if asked and not any('(attempt ' in line for line in lines[asked[0] + 1:asked[0] + 2]):
            raise Failure(f'no attempt was made at once: {lines}')
        return bool(asked)

    # The second window, with a second connection, that sends an image.
    # Newer C libraries do not translate in C.UTF-8, so a locale is made where there is what it takes.
    def german_locale(self):
        made = subprocess.run(['localedef', '--no-archive', '-i', 'de_DE', '-f', 'UTF-8', str(self.scratch / 'de_DE.UTF-8')],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return {'LOCPATH': str(self.scratch), 'LC_ALL': 'de_DE.UTF-8'} if made.returncode == 0 else {'LC_ALL': 'C.UTF-8'}

    def speak_german(self):
        other = self.run_chat('--name', 'Konrad', '--image', str(self.scratch / 'sketch.png'), self.server.url,
                              LANGUAGE='de', TEXTDOMAINDIR=self.locale_directory, **self.german_locale())
        other.wait_for('connection: Verbindung wird hergestellt')
        other.wait_for('connection: there')
        size = (self.scratch / 'sketch.png').stat().st_size
        self.friend.wait_for(f'image Konrad sketch.png {size}')
        self.chat.wait_for('shown: image sketch.png of Konrad')
        other.stop()

    # The search gives up when a window goes away under it, as the second one just does.
    def find_window(self):
        return until('the window to be found',
                     lambda: self.screen.output_of('xdotool', 'search', '--name', TITLE).split())[0]

    def end(self):
        window = self.find_window()
        self.screen.press('windowfocus', window, 'key', 'ctrl+w')
        status = self.chat.wait()
        if status != 0:
            raise Failure(f'the chat ended with status {status}: {self.chat.lines[-8:]}')


def main():
    chat, friend, server, locale_directory, picture = sys.argv[1:]
    for tool in ('Xvfb', 'xwininfo', 'import', 'convert', 'identify', 'dbus-run-session'):
        if shutil.which(tool) is None:
            skip(f'no {tool}')
    missing = why_no_server(server)
    if missing:
        skip(missing)

    with tempfile.TemporaryDirectory(prefix='sio-chat-') as scratch:
        test = Test(chat, friend, server, locale_directory, pathlib.Path(picture), pathlib.Path(scratch))
        try:
            test.run()
        except (Failure, subprocess.CalledProcessError) as error:
            print(f'# {error}')
            test.report.failures += not test.report.failures
            for process in test.running:
                for line in process.describe():
                    print(f'# {process.name}: {line}')
        finally:
            for process in reversed(test.running):
                process.stop()
    return test.report.end()


sys.exit(main())
