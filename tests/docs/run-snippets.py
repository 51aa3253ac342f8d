#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs what the guides show, against a real server.

    run-snippets.py PAGE.md SERVER.js BUILD-DIRECTORY

All snippets of a language on a page, one after the other, are one program, with what stands in
prologue.LANGUAGE before it, unless it has imports of its own, and epilogue.LANGUAGE behind it, unless it runs
something by itself. It has to print what the page says:

    <!-- expect LANGUAGE: LINE -->

and nothing that looks like a warning. JavaScript is run twice, by GJS and by Node.js with the reference
client, or only by GJS if it imports something that Node.js does not have. Statements in C that stand for themselves
are put into a function with a socket that prints what it sends, see fragment.c.

These comments are not seen on the page. More of them:

    <!-- program NAME -->              what follows, to the next of these, is a program of its own
    <!-- needs python: MODULE -->      the program is skipped without it
    <!-- not run: REASON -->           the next snippet is not run; it is counted as skipped

A description for Meson has to build the program in C or Vala of its page, and JSON has to be a module of a Flatpak with
options that there are. The output is TAP.
"""

import contextlib
import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / 'tests' / 'check'))
import tap

SNIPPET = re.compile(r'^(?:<!-- not run: (?P<reason>.*) -->\n)?```(?P<language>\w*)\n(?P<code>.*?)^```$',
                     re.MULTILINE | re.DOTALL)
EXPECTED = re.compile(r'^<!-- expect (\w+): (.*) -->$', re.MULTILINE)
NEEDED = re.compile(r'^<!-- needs python: (.*) -->$', re.MULTILINE)
PROGRAM = re.compile(r'^<!-- program ([\w-]+) -->$', re.MULTILINE)
BAD = re.compile(r'WARNING|CRITICAL|ERROR|Traceback|TypeError|ReferenceError|SyntaxError|Error:')
# What GJS puts before that which goes to its console.
CONSOLE = re.compile(r'^Gjs-Console-Message: [\d:.]+: ')
URL = 'http://localhost:3000'
DEADLINE = 60
# The server of the examples ends with it when it is to be started again.
RESTART = 75
MODULES = ROOT / 'tests' / 'servers' / 'node' / 'node_modules'


class Skip(Exception):
    pass


class Failure(Exception):
    pass


def need(program, why=None):
    found = shutil.which(program)
    if found is None:
        raise Skip(why or f'no {program}')
    return found


def with_frame(language, code):
    def part(name):
        path = HERE / f'{name}.{language}'
        return path.read_text(encoding='utf-8') if path.exists() else ''

    begins_by_itself = re.search(r'^import ', code, re.MULTILINE) is not None
    runs_by_itself = re.search(r'\.run(Async)?\(', code) is not None
    return ('' if begins_by_itself else part('prologue')) + code + ('' if runs_by_itself else part('epilogue'))


def on_screen(code, command):
    if '<adwaita.h>' not in code and 'Gtk' not in code:
        return command
    need('xauth')
    return [need('dbus-run-session'), '--', need('xvfb-run'), '-a', '-s', '-screen 0 500x400x24', *command]


def compile_c(code, scratch, build):
    packages = ['libadwaita-1'] if '<adwaita.h>' in code else ['libsoup-3.0', 'json-glib-1.0']
    if subprocess.run(['pkg-config', '--exists', *packages], check=False).returncode != 0:
        raise Skip(f'no {packages[0]}')
    source = scratch / 'program.c'
    if not re.search(r'^main \(', code, re.MULTILINE):
        # Each function that takes nothing but a socket is called, in order.
        calls = re.findall(r'^(\w+) \(SioSocket \*socket\)$', code, re.MULTILINE)
        code = with_frame('c', code).replace('@CALLS@', '\n'.join(f'  {name} (socket);' for name in calls))
    source.write_text(code, encoding='utf-8')
    flags = subprocess.run(['pkg-config', '--cflags', '--libs', *packages, 'json-glib-1.0', 'gio-2.0'], check=True,
                           capture_output=True, text=True).stdout.split()
    done = subprocess.run(['cc', '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter', str(source), '-o',
                           str(scratch / 'program'), f'-I{ROOT}', f'-I{ROOT / "sioclient"}', f'-I{build}',
                           f'-I{build / "sioclient"}', f'-L{build / "sioclient"}', '-lsioclient-1.0', *flags],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(done.stderr)
    return on_screen(code, [str(scratch / 'program')])


def find_vapi(build):
    path = build / 'sioclient' / 'sioclient-1.0.vapi'
    if not path.exists():
        raise Skip('this was built without a vapi')
    return path


def with_main(code):
    """In Vala each function that takes nothing but a socket is called, in order, and waited for."""
    if re.search(r'^int main \(', code, re.MULTILINE):
        return code
    calls = [f'yield {name} (socket);' if is_async else f'{name} (socket);' for is_async, name in
             re.findall(r'^(async )?void (\w+) \(Sio\.Socket socket\)', code, re.MULTILINE)]
    return with_frame('vala', code).replace('@CALLS@', '\n'.join(calls))


def compile_vala(code, scratch, build):
    compiler = need('valac')
    find_vapi(build)
    source = scratch / 'program.vala'
    source.write_text(code, encoding='utf-8')
    # Warnings of Vala are errors, those about the C that it makes are its own business.
    done = subprocess.run([compiler, '--fatal-warnings', f'--vapidir={build / "sioclient"}', '--pkg=gio-2.0', '--pkg=json-glib-1.0', '--pkg=sioclient-1.0', str(source),
                           '-o', str(scratch / 'program'), f'--directory={scratch}', '-X', '-w', '-X', f'-I{ROOT}',
                           '-X', f'-I{ROOT / "sioclient"}', '-X', f'-I{build}', '-X', f'-I{build / "sioclient"}',
                           '-X', f'-L{build / "sioclient"}', '-X', '-lsioclient-1.0'],
                          capture_output=True, text=True, check=False,
                          env=dict(os.environ, PKG_CONFIG_PATH=str(build / 'meson-uninstalled')))
    if done.returncode != 0:
        raise Failure(done.stdout + done.stderr)
    return [str(scratch / 'program')]


def prepare(language, code, scratch, build):
    if language == 'c':
        return compile_c(code, scratch, build)
    if language == 'vala':
        return compile_vala(code, scratch, build)
    if language == 'python':
        path = scratch / 'program.py'
        path.write_text(with_frame('python', code), encoding='utf-8')
        return on_screen(code, ['/usr/bin/python3', str(path)])
    if language == 'gjs':
        path = scratch / 'program.js'
        path.write_text(with_frame('gjs', code), encoding='utf-8')
        return [need('gjs'), '-m', str(path)]
    if language == 'node':
        if not (MODULES / 'socket.io-client-4.8').is_dir():
            raise Skip('no socket.io-client; npm ci in tests/servers/node brings it')
        path = scratch / 'program.cjs'
        path.write_text(with_frame('node', code), encoding='utf-8')
        return [need('node'), str(path)]
    raise Failure(f'nothing is known of {language}')


def environment(build):
    overrides = ROOT / 'sioclient' / 'overrides'
    return dict(os.environ, GI_TYPELIB_PATH=str(build / 'sioclient'), LD_LIBRARY_PATH=str(build / 'sioclient'),
                GJS_PATH=str(overrides), PYTHONPATH=str(overrides), PYTHONUNBUFFERED='1', PYTHONDONTWRITEBYTECODE='1',
                NODE_PATH=str(MODULES), G_DEBUG='fatal-warnings', no_proxy='*', GDK_BACKEND='x11', GSK_RENDERER='cairo',
                GSETTINGS_BACKEND='memory', GTK_A11Y='none', NO_AT_BRIDGE='1', GIO_USE_PORTALS='0', LC_ALL='C.UTF-8')


def run(command, expected, build, scratch):
    missing = list(expected)
    lines = []
    end = time.monotonic() + DEADLINE

    def take(complete):
        for line in complete:
            text = CONSOLE.sub('', line.decode(errors='replace'))
            lines.append(text)
            for wanted in missing:
                if text.startswith(wanted):
                    missing.remove(wanted)
                    break

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          env=dict(environment(build), TMPDIR=scratch), start_new_session=True) as process:
        try:
            pending = b''
            while missing:
                if not select.select([process.stdout], [], [], max(end - time.monotonic(), 0))[0]:
                    raise Failure('\n'.join([*(f'never came: {line}' for line in missing), *lines[-20:]]))
                chunk = os.read(process.stdout.fileno(), 65536)
                if not chunk:
                    raise Failure('\n'.join([f'it ended with {process.wait()} before it had printed all', *missing, *lines[-20:]]))
                *complete, pending = (pending + chunk).split(b'\n')
                take(complete)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        # What it says last counts too.
        take((pending + process.stdout.read()).split(b'\n'))
        status = process.wait()
    if status not in (0, -signal.SIGTERM, 128 + signal.SIGTERM):
        raise Failure('\n'.join([f'it ended with {status}', *lines[-20:]]))
    bad = [line for line in lines if BAD.search(line)]
    if bad:
        raise Failure('\n'.join(bad))


class Server:
    """Starts it again, on the same port, when it asks for that."""

    def __init__(self, path):
        self.path = path
        self.ending = False
        self.start('0')
        self.watcher = threading.Thread(target=self.watch)
        self.watcher.start()

    def start(self, port):
        self.process = subprocess.Popen([need('node'), self.path, port], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.port = self.process.stdout.readline().strip()

    def watch(self):
        while self.process.wait() == RESTART and not self.ending:
            self.start(self.port)

    def end(self):
        self.ending = True
        # It may have been started again just now.
        while self.watcher.is_alive():
            self.process.terminate()
            self.watcher.join(0.1)


def run_program(runtime, code, expected, server, build):
    peer = Server(server)
    try:
        with tempfile.TemporaryDirectory(prefix='sio-docs-', ignore_cleanup_errors=True) as scratch:
            if runtime == 'c' and not re.search(r'^\w+ \(.*\)$', code, re.MULTILINE):
                code = (HERE / 'fragment.c').read_text(encoding='utf-8').replace('@FRAGMENT@', code)
            if runtime == 'vala':
                code = with_main(code)
            code = code.replace(URL, f'http://127.0.0.1:{peer.port}')
            run(prepare(runtime, code, pathlib.Path(scratch), build), expected, build, scratch)
    finally:
        peer.end()


def build_with_meson(description, code, build):
    """As a project of its own, against the library as it lies in the folder where it was built."""
    environ = dict(environment(build), PKG_CONFIG_PATH=str(build / 'meson-uninstalled'))
    for package in re.findall(r"dependency\('([\w.-]+)'", description):
        if subprocess.run(['pkg-config', '--exists', package], env=environ, check=False).returncode != 0:
            raise Skip(f'no {package}')
    with tempfile.TemporaryDirectory(prefix='sio-docs-') as scratch:
        folder = pathlib.Path(scratch)
        (folder / 'meson.build').write_text(description, encoding='utf-8')
        for source in re.findall(r"'([\w.-]+\.(?:c|vala))'", description):
            (folder / source).write_text(code, encoding='utf-8')
        if "'vala'" in description:
            need('valac')
            # Where it is once it is installed.
            vapis = folder / 'share' / 'vala' / 'vapi'
            vapis.mkdir(parents=True)
            shutil.copy(find_vapi(build), vapis)
            environ['XDG_DATA_DIRS'] = f'{folder / "share"}:/usr/share'
        for command in ([need('meson'), 'setup', '--fatal-meson-warnings', '-Dwerror=true', 'build'],
                        [need('meson'), 'compile', '-C', 'build']):
            done = subprocess.run(command, cwd=scratch, env=environ, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Failure(done.stdout + done.stderr)


def check_module(text):
    """What a Flatpak says of the library."""
    options = set(re.findall(r"^option\('(\w+)'", (ROOT / 'meson_options.txt').read_text(encoding='utf-8'), re.MULTILINE))
    module = json.loads(text)
    unknown = [option for option in module['config-opts'] if option[2:].split('=')[0] not in options]
    if unknown or module['buildsystem'] != 'meson':
        raise Failure(f'no such options: {unknown}')


class Page:
    """The programs of a page: name → language → text of its snippets."""

    def __init__(self, text):
        self.programs = []
        self.not_run = []
        self.faults = []
        names = PROGRAM.split(text)
        for name, part in zip(['', *names[1::2]], names[0::2]):
            self.add(name, part)

    def add(self, name, part):
        codes, expected = {}, {}
        for found in SNIPPET.finditer(part):
            language, code, reason = found.group('language', 'code', 'reason')
            if reason is not None:
                self.not_run.append((language, reason))
            elif language:
                codes.setdefault(language, []).append(code)
            else:
                self.faults.append(f'of no language: {code.splitlines()[0]}')
        for language, line in EXPECTED.findall(part):
            expected.setdefault(language, []).append(line)
        needed = NEEDED.search(part)
        self.programs.append((name, {language: '\n'.join(code) for language, code in codes.items()}, expected,
                              needed and needed.group(1)))


def runs_of(codes, expected, needed, server, build):
    """What is to be tried of a program: a name, and a function."""
    for language in sorted(set(codes) | set(expected)):
        code = codes.get(language)
        if language == 'meson':
            yield language, lambda code=code: build_with_meson(code, codes.get('c') or codes['vala'], build)
            continue
        if language == 'json':
            yield language, lambda code=code: check_module(code)
            continue
        runtimes = [language]
        if language == 'js':
            runtimes = ['gjs'] if code and "'gi://" in code else ['gjs', 'node']
        for runtime in runtimes:
            def try_it(language=language, code=code, runtime=runtime):
                if code is None or language not in expected:
                    raise Failure(f'snippets, or what they print, are missing for {language}')
                if language == 'python' and needed and subprocess.run(
                        ['/usr/bin/python3', '-c', f'import {needed}'], capture_output=True, check=False).returncode != 0:
                    raise Skip(f'no {needed}')
                run_program(runtime, code, expected[language], server, build)

            yield runtime, try_it


def main():
    path, server, build = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
    page = Page(path.read_text(encoding='utf-8'))
    report = tap.Report(f'docs/{path.stem.lower()}')
    if not (pathlib.Path(server).parent / 'node_modules').is_dir():
        print('1..0 # SKIP the modules of the server are not there; npm ci brings them')
        return 0

    report.point('languages', page.faults)
    for name, codes, expected, needed in page.programs:
        for runtime, try_it in runs_of(codes, expected, needed, server, build):
            label = f'{name}/{runtime}' if name else runtime
            try:
                try_it()
            except Skip as why:
                report.skip(label, str(why))
            except Failure as error:
                report.point(label, str(error).split('\n'))
            else:
                report.point(label, [])
    for language, reason in page.not_run:
        report.skip(f'not-run/{language}', reason)
    return report.end()


sys.exit(main())
