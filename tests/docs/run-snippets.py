#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs what the guides show, against a real server.

    run-snippets.py GUIDE.md SERVER.js BUILD-DIRECTORY

All snippets of a language on a page, one after the other, are one program, with what stands in
prologue.LANGUAGE before it, unless it has imports of its own, and epilogue.LANGUAGE behind it, unless it has a
main function. It has to print what the page says at its end:

    <!-- expect LANGUAGE: LINE -->

and nothing that looks like a warning. JavaScript is run twice, by GJS and by Node.js with the reference
client. The output is TAP.
"""

import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / 'tests' / 'check'))
import tap

SNIPPET = re.compile(r'^```(\w+)\n(.*?)^```$', re.MULTILINE | re.DOTALL)
EXPECTED = re.compile(r'^<!-- expect (\w+): (.*) -->$', re.MULTILINE)
BAD = re.compile(r'WARNING|CRITICAL|ERROR|Traceback|TypeError|ReferenceError|SyntaxError|Error:')
# What GJS puts before that which goes to its console.
CONSOLE = re.compile(r'^Gjs-Console-Message: [\d:.]+: ')
URL = 'http://localhost:3000'
DEADLINE = 60
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
    return ('' if begins_by_itself else part('prologue')) + code + part('epilogue')


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
    command = [str(scratch / 'program')]
    if '<adwaita.h>' in code:
        command = [need('dbus-run-session'), '--', need('xvfb-run'), '-a', '-s', '-screen 0 500x400x24', *command]
    return command


def prepare(language, code, scratch, build):
    if language == 'c':
        return compile_c(code, scratch, build)
    if language == 'python':
        path = scratch / 'program.py'
        path.write_text(with_frame('python', code), encoding='utf-8')
        return ['/usr/bin/python3', str(path)]
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


def run(command, expected, build):
    missing = list(expected)
    lines = []
    end = time.monotonic() + DEADLINE
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          env=environment(build), start_new_session=True) as process:
        try:
            pending = b''
            while missing:
                if not select.select([process.stdout], [], [], max(end - time.monotonic(), 0))[0]:
                    raise Failure('\n'.join([*(f'never came: {line}' for line in missing), *lines[-20:]]))
                chunk = os.read(process.stdout.fileno(), 65536)
                if not chunk:
                    raise Failure('\n'.join(['it ended before it had printed all', *missing, *lines[-20:]]))
                *complete, pending = (pending + chunk).split(b'\n')
                for line in complete:
                    text = CONSOLE.sub('', line.decode(errors='replace'))
                    lines.append(text)
                    for wanted in missing:
                        if text.startswith(wanted):
                            missing.remove(wanted)
                            break
        finally:
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
    bad = [line for line in lines if BAD.search(line)]
    if bad:
        raise Failure('\n'.join(bad))


def with_server(server, use):
    with subprocess.Popen([need('node'), server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as peer:
        try:
            use(f'http://127.0.0.1:{peer.stdout.readline().split()[-1]}')
        finally:
            peer.stdin.close()
            peer.terminate()


def main():
    guide, server, build = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    text = guide.read_text(encoding='utf-8')
    report = tap.Report(f'docs/{guide.stem}')
    if not (pathlib.Path(server).parent / 'node_modules').is_dir():
        print('1..0 # SKIP the modules of the server are not there; npm ci brings them')
        return 0

    codes = {}
    for language, code in SNIPPET.findall(text):
        codes.setdefault(language, []).append(code)
    expected = {}
    for language, line in EXPECTED.findall(text):
        expected.setdefault(language, []).append(line)
    codes.pop('meson', None)
    for language in sorted(set(codes) | set(expected)):
        for runtime in {'js': ['gjs', 'node']}.get(language, [language]):
            if language not in codes or language not in expected:
                report.point(runtime, [f'snippets, or what they print, are missing for {language}'])
                continue

            def use(url, language=language, runtime=runtime):
                with tempfile.TemporaryDirectory(prefix='sio-docs-') as scratch:
                    code = '\n'.join(codes[language]).replace(URL, url)
                    run(prepare(runtime, code, pathlib.Path(scratch), build), expected[language], build)

            try:
                with_server(server, use)
            except Skip as why:
                report.skip(runtime, str(why))
                continue
            except Failure as error:
                report.point(runtime, str(error).split('\n'))
                continue
            report.point(runtime, [])
    return report.end()


sys.exit(main())
