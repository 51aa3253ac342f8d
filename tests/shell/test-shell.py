#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The extension of examples/shell-extension in a real GNOME Shell, with a real server.

    test-shell.py SERVER.js EXTENSION-FOLDER LIBRARY-FOLDER OVERRIDE-FOLDER

The Shell needs neither a screen nor a GPU. The output is TAP. With SIO_UPDATE_SCREENSHOTS=1 the
picture in docs/images is made anew.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
PICTURE = HERE.parent.parent / 'docs/images/shell-extension.png'
UUID = 'live-events@sioclient.example'
DEADLINE = 30
# What is asked by D-Bus is done at once, or never.
PATIENCE = 2
SETTINGS = """\
[org/gnome/shell]
enabled-extensions=['{uuid}']
welcome-dialog-last-shown-version='999'

[org/gnome/shell/extensions/live-events]
url='{url}'

[org/gnome/desktop/background]
picture-options='none'
primary-color='#26466d'
secondary-color='#5e2750'
color-shading-type='vertical'

[org/gnome/desktop/notifications]
show-banners=false

[org/gnome/desktop/interface]
color-scheme='prefer-dark'
enable-animations=false
"""


def skip(why):
    print(f'1..0 # SKIP {why}')
    sys.exit(0)


if shutil.which('gnome-shell') is None:
    skip('no gnome-shell')
for program in ('node', 'dbus-daemon', 'glib-compile-resources', 'glib-compile-schemas'):
    if shutil.which(program) is None:
        skip(f'no {program}')
VERSION = int(re.search(r'\d+', subprocess.run(['gnome-shell', '--version'], stdout=subprocess.PIPE, text=True,
                                               check=False).stdout or '0').group())
FORM = 'esm' if VERSION >= 45 else 'classic'
try:
    from gi.repository import Gio, GLib
except ImportError:
    skip('no PyGObject')


def until(what, look):
    """What look() returns as soon as that is something."""
    end = time.monotonic() + DEADLINE
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f'waited in vain for {what}')
        time.sleep(0.02)


def equal(got, wanted, what):
    if got != wanted:
        raise AssertionError(f'{what}: {got!r} instead of {wanted!r}')


class Server:
    def __init__(self, script):
        if not (pathlib.Path(script).parent / 'node_modules').is_dir():
            skip('the modules of the test server are not there; npm ci brings them')
        self.process = subprocess.Popen(['node', script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f'http://127.0.0.1:{self._line("PORT")}'

    def _line(self, word):
        line = self.process.stdout.readline()
        if not line.startswith(word + ' '):
            raise AssertionError(f'the server did not say {word}, but {line!r}')
        return line[len(word):].strip()

    def ask(self, cmd, **arguments):
        return self.ask_all([json.dumps({'cmd': cmd, **arguments})])[0]

    def ask_all(self, commands):
        self.process.stdin.write('\n'.join(commands) + '\n')
        self.process.stdin.flush()
        return [json.loads(self._line('REPLY')) for _ in commands]

    def emit(self, event, *args):
        self.ask('emit', event=event, args=args)

    def close(self):
        self.process.stdin.close()
        self.process.wait(DEADLINE)


class Shell:
    """A GNOME Shell with buses and a home of its own."""

    def __init__(self, folder, url, variables):
        self.folder = pathlib.Path(folder)
        self.home = self.folder / 'home'
        self.log = self.folder / 'shell.log'
        self.variables = variables
        self.process = None
        self.buses = []
        config = self.home / '.config/glib-2.0/settings'
        config.mkdir(parents=True)
        (config / 'keyfile').write_text(SETTINGS.format(uuid=UUID, url=url), encoding='utf-8')
        (self.folder / 'run').mkdir(mode=0o700)

    def install(self, extension, form, folder=None):
        folder = folder or self.home / '.local/share/gnome-shell/extensions'
        subprocess.run([f'{extension}/install', '--form', form, folder], check=True, stdout=subprocess.DEVNULL)
        return folder / UUID

    def _bus(self, environment):
        bus = subprocess.Popen(['dbus-daemon', '--session', '--nofork', '--print-address=1'], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True, env=environment)
        self.buses.append(bus)
        return bus.stdout.readline().strip()

    def start(self):
        environment = {name: value for name, value in os.environ.items()
                       if name not in ('DISPLAY', 'WAYLAND_DISPLAY', 'G_DEBUG', 'G_MESSAGES_DEBUG')}
        environment.update({
            'HOME': str(self.home), 'XDG_RUNTIME_DIR': str(self.folder / 'run'), 'XDG_DATA_DIRS': '/usr/local/share:/usr/share',
            'GSETTINGS_BACKEND': 'keyfile', 'LIBGL_ALWAYS_SOFTWARE': '1', 'NO_AT_BRIDGE': '1', 'GIO_USE_VFS': 'local',
            'LC_ALL': 'C.UTF-8', 'no_proxy': '*', 'GIO_USE_PROXY_RESOLVER': 'dummy', **self.variables,
        })
        for name in ('XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_STATE_HOME'):
            environment.pop(name, None)
        address = self._bus(environment)
        environment['DBUS_SESSION_BUS_ADDRESS'] = address
        environment['DBUS_SYSTEM_BUS_ADDRESS'] = self._bus(environment)
        with self.log.open('w', encoding='utf-8') as log:
            self.process = subprocess.Popen(
                ['gnome-shell', '--headless', '--virtual-monitor', '1024x768', '--wayland', '--no-x11', '--unsafe-mode'],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment)
        self.bus = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        until('the Shell', self._is_ready)

    def _is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f'the Shell ended with status {self.process.returncode}')
        try:
            # The extensions come when the rest is there.
            return self.eval('(Main.extensionManager._initialized === true || Main.extensionManager._initializationPromise != null)'
                             ' && !Main.layoutManager._startingUp')
        except (GLib.Error, AssertionError):
            return False

    def call(self, name, path, interface, method, arguments=None):
        """GJS before 1.81.90 ignores what comes by D-Bus while it collects garbage, so it may have to be asked again."""
        end = time.monotonic() + DEADLINE
        while True:
            try:
                return self.bus.call_sync(name, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE,
                                          PATIENCE * 1000, None).unpack()
            except GLib.Error as error:
                if not error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.TIMED_OUT) or time.monotonic() > end:
                    raise

    def eval(self, code):
        ok, result = self.call('org.gnome.Shell', '/org/gnome/Shell', 'org.gnome.Shell', 'Eval', GLib.Variant('(s)', (code,)))
        if not ok:
            raise AssertionError(f'{code}: {result}')
        return json.loads(result) if result else None

    def load_helpers(self):
        self.eval(f'import("file://{HERE}/in-shell.js").then(m => {{ global.sioTest = m; }}).catch(logError); null')
        until('the part in the Shell', lambda: self.eval('global.sioTest !== undefined'))

    def run(self, function, *arguments):
        return self.eval(f'global.sioTest.{function}({", ".join(json.dumps(argument) for argument in arguments)}) ?? null')

    def extensions(self, method, *arguments):
        signature = f'({"s" * len(arguments)})'
        return self.call('org.gnome.Shell', '/org/gnome/Shell', 'org.gnome.Shell.Extensions', method,
                         GLib.Variant(signature, arguments))

    def state(self):
        return int(self.extensions('GetExtensionInfo', UUID)[0].get('state', 0))

    def texts(self):
        texts = self.run('texts', UUID)
        return texts and texts['panel'] + texts['menu']

    def shows(self, *wanted):
        """Waits until all these can be read."""
        def look():
            texts = self.texts() or []
            return all(any(want in text for text in texts) for want in wanted)
        try:
            until(f'{wanted} to be shown', look)
        except AssertionError as error:
            raise AssertionError(f'{error}; but what is shown: {self.texts()}') from None

    def screenshot(self, path, x, y, width, height):
        done, _ = self.call('org.gnome.Shell.Screenshot', '/org/gnome/Shell/Screenshot', 'org.gnome.Shell.Screenshot',
                            'ScreenshotArea', GLib.Variant('(iiiibs)', (x, y, width, height, False, str(path))))
        return done

    def close(self):
        if self.process is None:
            return None
        process, self.process = self.process, None
        with contextlib.suppress(Exception):
            self.eval('global.context.terminate()')
        try:
            return process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            for bus in self.buses:
                bus.terminate()
                bus.wait()


class Suite:
    """One method after the other; those that come later stand on those that came before."""

    def __init__(self, server, shell, extension, scratch):
        self.server = server
        self.shell = shell
        self.extension = extension
        self.scratch = scratch

    def enable(self):
        self.shell.start()
        self.shell.load_helpers()
        until('the extension to be enabled', lambda: self.shell.state() == 1)
        self.shell.shows('Connected', 'Nothing has been heard yet', 'WebSocket')
        self.server.ask('await-clients', clients=1)

    def events(self):
        self.server.emit('welcome', 'It is 14 °C in Zürich')
        self.server.emit('cursor', 0.25, 0.75)
        self.server.emit('price', {'symbol': 'GNOM', 'last': 47.11})
        self.server.emit('build', 'main', {'passed': 1204, 'failed': 0})
        self.server.emit('typing', 'Grace')
        self.server.emit('chat', 'Ada', 'Shall we meet at the library?')
        self.shell.shows('welcome', 'It is 14 °C in Zürich', 'symbol: GNOM, last: 47.11',
                         'chat  Ada  Shall we meet at the library?', '6 events')

    def screenshot(self):
        self.shell.run('openMenu', UUID)
        area = until('the menu', lambda: self._shown_area())
        picture = self.scratch / 'shot.png'
        right, bottom = 1024, int(area['y'] + area['height']) + 20
        left = max(0, int(area['x']) - 20)
        equal(until('a picture', lambda: self.shell.screenshot(picture, left, 0, right - left, bottom)), True, 'taken')
        if picture.read_bytes()[:8] != b'\x89PNG\r\n\x1a\n' or picture.stat().st_size < 5000:
            raise AssertionError('there is hardly anything in the picture')
        if os.environ.get('SIO_UPDATE_SCREENSHOTS') == '1':
            PICTURE.parent.mkdir(exist_ok=True)
            shutil.copyfile(picture, PICTURE)
        self.shell.run('closeMenu', UUID)

    def _shown_area(self):
        area = self.shell.run('area', UUID)
        return area if area['shown'] and area['width'] and not area['overview'] else None

    def comes_back(self):
        self.server.ask('log')
        self.server.ask('drop')
        self.server.ask('await-log', entry={'log': 'connect', 'nsp': '/'})
        self.shell.shows('Connected', 'WebSocket')

    def reconnect_item(self):
        self.server.ask('disconnect')
        self.shell.shows('Disconnected', 'io server disconnect')
        self.shell.run('activate', UUID, 'Reconnect')
        self.shell.shows('Connected', 'WebSocket')
        self.server.ask('log')
        self.shell.run('activate', UUID, 'Reconnect')
        self.server.ask('await-log', entry={'log': 'disconnect', 'reason': 'client namespace disconnect'})
        self.server.ask('await-log', entry={'log': 'connect', 'nsp': '/'})
        self.shell.shows('Connected', 'WebSocket')
        self.server.ask('await-clients', clients=1)

    def other_url(self):
        self._set_url(self.server.url + '/admin')
        self.shell.shows('Connected', '0 events')
        until('the other namespace', lambda: self.server.ask('stats')['sockets'].get('/admin') == 1)
        equal(self.server.ask('stats')['sockets']['/'], 0, 'sockets in the old namespace')
        self._set_url('nonsense://example.com')
        self.shell.shows('Disconnected', 'nonsense')
        self.server.ask('await-clients', clients=0)
        self._set_url(self.server.url)
        self.shell.shows('Connected', 'WebSocket')

    def _set_url(self, url):
        self.shell.eval(f'Main.extensionManager.lookup("{UUID}").stateObj._settings.set_string("url", {json.dumps(url)})')

    def nothing_is_lost(self):
        count, batch = 30000, 50
        text = 'Lorem ipsum dolor sit amet, consectetur adipisici elit' * 2
        small, large = (json.dumps([{'user': f'user {i}', 'text': text, 'at': i} for i in range(n)], separators=(',', ':'))
                        for n in (1, 63))
        sizes = sorted(len(f'42["tick",10000,{rows}]') for rows in (small, large))
        self.shell.run('startLoad', UUID, 'tick')
        before = self.shell.run('loadState', UUID)['shown']
        for start in range(0, count, batch):
            self.server.ask_all([f'{{"cmd":"emit","event":"tick","args":[{i},{large if i % 2 else small}]}}'
                                 for i in range(start, start + batch)])

        def look():
            state = self.shell.run('loadState', UUID)
            done = state['heard'] >= count and state['promises'] >= count // 100
            return state if done or time.monotonic() > end else None
        end = time.monotonic() + DEADLINE
        state = until('the last event', look)
        print(f'# {count} events of {sizes[0]} and {sizes[1]} bytes; a handler of the plain signal heard {state["signals"]}')
        equal((state['heard'], state['inOrder'], state['promises']), (count, True, count // 100), 'heard, in order, promises')
        equal(state['shown'] - before, count, 'events that the extension has counted')
        self.shell.shows('tick')
        equal(self.shell.run('stopLoad'), False, 'listeners after off() and disconnectObject()')

    def disable(self):
        self.shell.run('watch', UUID)
        equal(any('[sioclient]' in name for name in self.shell.run('sources')), True, 'there are sources to look for')
        self.shell.extensions('DisableExtension', UUID)
        self.server.ask('await-clients', clients=0)
        self._nothing_left()
        equal(self.shell.state(), 2, 'state of the extension')

    def again_and_again(self):
        for _ in range(5):
            self.shell.extensions('EnableExtension', UUID)
            until('the extension', lambda: self.shell.state() == 1)
            # In whatever state it is then.
            self.shell.extensions('DisableExtension', UUID)
            until('the end of it', lambda: self.shell.state() == 2)
        self.shell.extensions('EnableExtension', UUID)
        self.shell.shows('Connected')
        self.shell.run('watch', UUID)
        self.shell.extensions('DisableExtension', UUID)
        self._nothing_left()

    def modern_form(self):
        resource = self.scratch / 'modern.gresource'
        subprocess.run(['glib-compile-resources', '--target', resource, '--sourcedir', HERE / 'modern',
                        HERE / 'modern/modern.gresource.xml'], check=True)
        path = self.shell.install(self.extension, 'esm', self.scratch / 'modern')
        self.shell.run('startModern', str(resource), str(path))
        self.shell.shows('Connected', 'Nothing has been heard yet', 'WebSocket')
        self.server.emit('chat', 'Ada', 'Hello')
        self.shell.shows('chat  Ada  Hello', '1 event')
        self.shell.run('watch', UUID)
        self.shell.run('disableModern')
        self._nothing_left()
        # Disabled while it waits for the library.
        self.shell.run('enableModern')
        self.shell.run('disableModern')
        self._nothing_left()

    def end(self):
        equal(self.shell.close(), 0, 'status of the Shell')
        log = self.shell.log.read_text(encoding='utf-8', errors='replace')
        ours = [line for line in log.splitlines()
                if 'Sio-' in line or 'live-events' in line or 'sioTest' in line or 'in-shell.js' in line]
        equal(ours, [], 'complaints in the log')

    def _nothing_watched(self):
        left = None

        def look():
            nonlocal left
            left = self.shell.run('alive')
            return not left
        try:
            until('everything to be collected', look)
        except AssertionError:
            raise AssertionError(f'not collected: {left}') from None

    def _is_deserted(self):
        stats = self.server.ask('stats')
        return stats['connections'] == 0 and set(stats['sockets'].values()) == {0}

    def _nothing_left(self):
        self._nothing_watched()
        # Also of connections before the last one, whose objects went without being watched.
        until('the sources to go', lambda: not [name for name in self.shell.run('sources') if '[sioclient]' in name])
        until('the connections to go', self._is_deserted)
        equal(self.shell.run('texts', UUID), None, 'the indicator')


def missing_library(extension, url, scratch):
    """Without the typelib the extension says what is wrong."""
    shell = Shell(scratch, url, {'GI_TYPELIB_PATH': str(scratch)})
    shell.install(extension, FORM)
    try:
        shell.start()
        shell.load_helpers()
        equal(shell.state(), 1, 'state of the extension')
        shell.shows('Socket.IO is not installed', 'Sio')
        shell.extensions('DisableExtension', UUID)
        until('the end of it', lambda: shell.texts() is None)
    finally:
        shell.close()


def main():
    server_js, extension, library, override = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    server = Server(server_js)
    failures = 0

    with tempfile.TemporaryDirectory(prefix='sio-shell-', ignore_cleanup_errors=True) as scratch, contextlib.ExitStack() as stack:
        stack.callback(server.close)
        scratch = pathlib.Path(scratch)
        first, second = scratch / '1', scratch / '2'
        first.mkdir()
        second.mkdir()
        shell = Shell(first, server.url, {'GI_TYPELIB_PATH': library, 'LD_LIBRARY_PATH': library, 'GJS_PATH': override})
        stack.callback(shell.close)
        shell.install(extension, FORM)
        suite = Suite(server, shell, extension, scratch)
        points = [(name, getattr(suite, name)) for name in (
            'enable', 'events', 'screenshot', 'comes_back', 'reconnect_item', 'other_url', 'nothing_is_lost', 'disable',
            'again_and_again', 'modern_form', 'end')]
        if FORM == 'esm':
            # That is what all the others look at.
            points = [point for point in points if point[0] != 'modern_form']
        points.append(('missing_library', lambda: missing_library(extension, server.url, second)))
        print(f'1..{len(points)}')
        for number, (name, run) in enumerate(points, 1):
            start = time.monotonic()
            try:
                run()
                print(f'ok {number} /shell/{name.replace("_", "-")} # {time.monotonic() - start:.1f} s', flush=True)
            except Exception:
                failures += 1
                print(f'not ok {number} /shell/{name.replace("_", "-")}')
                print('# ' + traceback.format_exc().strip().replace('\n', '\n# '), flush=True)
        if failures:
            print('# ' + shell.log.read_text(encoding='utf-8', errors='replace').strip().replace('\n', '\n# '))
    return 1 if failures else 0


sys.exit(main())
