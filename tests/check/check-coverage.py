#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sees that docs/api-coverage.md is complete, and that what it names exists.

    check-coverage.py PROJECT-DIRECTORY BUILD-DIRECTORY

Tests are known from the test programs, which list theirs, and from the scripts in tests/bindings/. Symbols are known from the
GIR and the vapi of the build and from the overrides; where the build has none of them, they are not looked at.
The output is TAP.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tap

DOCUMENT = 'docs/api-coverage.md'
RULES = {'E': 93, 'P': 51, 'M': 62, 'S': 67, 'O': 17, 'W': 9}

# The page of the client API, in its order; then what its options are called elsewhere; then what is ours alone.
ITEMS = """
io.protocol; io([url][, options])

new Manager(url[, options]); Manager event 'error'; Manager event 'ping'; Manager event 'reconnect';
Manager event 'reconnect_attempt'; Manager event 'reconnect_error'; Manager event 'reconnect_failed';
manager.connect([callback]); manager.open([callback]); manager.reconnection([value]); manager.reconnectionAttempts([value]);
manager.reconnectionDelay([value]); manager.reconnectionDelayMax([value]); manager.socket(nsp, options);
manager.timeout([value])

Socket event 'connect'; Socket event 'connect_error'; Socket event 'disconnect' (reason, details);
reason 'io server disconnect'; reason 'io client disconnect'; reason 'ping timeout'; reason 'transport close';
reason 'transport error'; socket.active; socket.connected; socket.disconnected; socket.id; socket.io; socket.io.engine;
engine.transport.name; Engine event 'upgrade'; Engine event 'packet'; Engine event 'packetCreate'; Engine event 'drain';
Engine event 'close'; socket.recovered; socket.close(); socket.compress(value); socket.connect(); socket.disconnect();
socket.emit(eventName[, ...args]); socket.emit() with binary; socket.emit(eventName[, ...args], ack);
socket.emitWithAck(eventName[, ...args]); socket.listeners(eventName); socket.listenersAny(); socket.listenersAnyOutgoing();
socket.off(eventName, listener); socket.off(eventName); socket.off(); socket.offAny([listener]);
socket.offAnyOutgoing([listener]); socket.on(eventName, callback); socket.on() with an acknowledgement;
socket.onAny(callback); socket.onAnyOutgoing(callback); socket.once(eventName, callback); socket.open();
socket.prependAny(callback); socket.prependAnyOutgoing(callback); socket.send([...args][, ack]); socket.timeout(value);
flag 'volatile'

option forceNew; option multiplex; option autoConnect; option reconnection; option reconnectionAttempts;
option reconnectionDelay; option reconnectionDelayMax; option randomizationFactor; option timeout; option auth;
option retries; option ackTimeout; option query; option extraHeaders; option path; option addTrailingSlash;
option transports; option upgrade; option rememberUpgrade; option tryAllTransports; option timestampRequests;
option timestampParam; option forceBase64; option withCredentials; option protocols; option requestTimeout;
option perMessageDeflate; option ca; option rejectUnauthorized; options cert, key, pfx; option agent;
options transportOptions, parser; options autoUnref, closeOnBeforeunload, useNativeTimers

manager.nextAttemptTime; manager.reconnectNow(); option networkAware; option joinTimeout
"""

CODE = re.compile(r'`([^`]*)`')
PATH = re.compile(r'`(/[^`]*)`')
QUOTED = re.compile(r"'([^']*)'")
NUMBER = re.compile(r'(?<![A-Za-z0-9])([EPMSOW]\d+)(?![0-9A-Za-z])')
LANGUAGES = {'gjs', 'python', 'vala'}
CLASSES = {'manager': 'Manager', 'socket': 'Socket', 'engine': 'Engine'}

XML = '{http://www.gtk.org/introspection/core/1.0}'
XML_C = '{http://www.gtk.org/introspection/c/1.0}'
XML_GLIB = '{http://www.gtk.org/introspection/glib/1.0}'


def dashed(name):
    """reconnect_attempt and packetCreate as the signals are called."""
    return re.sub(r'(?<=[a-z])([A-Z])', r'-\1', name).lower().replace('_', '-')


def camel(name):
    return re.sub(r'[-_](\w)', lambda match: match.group(1).upper(), name)


# --- which tests there are

def list_programs(build):
    """The test programs with their arguments, each once: the same one runs against several servers."""
    tests = json.loads((build / 'meson-info' / 'intro-tests.json').read_text(encoding='utf-8'))
    programs = {}
    for test in tests:
        for i, word in enumerate(test['cmd']):
            path = build / word
            if test['protocol'] == 'tap' and path.is_file() and (build / 'tests') in path.resolve().parents:
                programs.setdefault((str(path), *test['cmd'][i + 1:]))
                break
    return list(programs)


def list_script_tests(root):
    for path in sorted((root / 'tests' / 'bindings').glob('**/*')):
        if path.suffix not in ('.js', '.py'):
            continue
        text = path.read_text(encoding='utf-8')
        suite = re.search(r"^run\('([^']+)'\)", text, re.M)
        if suite:
            for name in re.findall(r"^@?test\('([^']+)'", text, re.M):
                yield f'/{suite.group(1)}/{name}'


def list_tests(root, build):
    found = set(list_script_tests(root))
    for program in list_programs(build.resolve()):
        listed = subprocess.run([*program, '-l'], capture_output=True, text=True, timeout=60, check=False).stdout
        found |= {line.lstrip('# ') for line in listed.splitlines() if line.lstrip('# ').startswith('/')}
    return found


class Tests:
    def __init__(self, paths):
        self.paths = paths
        self.rooms = {path.split('/')[1] for path in paths}

    def match(self, pattern):
        expression = re.compile('.*'.join(re.escape(part) for part in pattern.split('*')) + r'\Z')
        return [path for path in self.paths if expression.match(path)]

    def is_missing(self, pattern):
        # A language may not be there.
        room = pattern.split('/')[1]
        return not self.match(pattern) and (room not in LANGUAGES or room in self.rooms)


# --- which symbols there are

class Symbols:
    def __init__(self, root, build):
        gir = build / 'sioclient' / 'Sio-1.0.gir'
        vapi = build / 'sioclient' / 'sioclient-1.0.vapi'
        overrides = root / 'sioclient' / 'overrides'

        self.c = set()
        self.bound = set()
        self.members = collections.defaultdict(set)
        self.known = gir.is_file()
        if self.known:
            self.read_gir(ElementTree.parse(gir).getroot())
        self.vala = set(re.findall(r'\w+', vapi.read_text(encoding='utf-8'))) if vapi.is_file() else None

        text = self.read_all(overrides / 'overrides', '*.js')
        self.js = {camel(name) for name in self.bound} | {'new'}
        for form in (r'^\s*(?:get |set |async |static )?(\w+)\(.*\)\s*\{$', r'(?:^|\{)\s*(\w+):', r'\.(\w+) =', r'function (\w+)',
                     r'\boptions\.(\w+)'):
            self.js |= set(re.findall(form, text, re.M))
        text = self.read_all(overrides / 'gi' / 'overrides', '*.py')
        self.python = self.bound | set(re.findall(r'def (\w+)', text))
        for parameters in re.findall(r'def \w+\((.*)\)', text):
            self.python |= set(re.findall(r'(\w+)=', parameters))

    @staticmethod
    def read_all(folder, pattern):
        return ''.join(path.read_text(encoding='utf-8') for path in sorted(folder.rglob(pattern)))

    def read_gir(self, gir):
        namespace = gir.find(XML + 'namespace')
        for element in namespace.iter():
            kind = element.tag.split('}')[1]
            name = element.get('name')
            if kind in ('function', 'method', 'constructor', 'member', 'function-macro'):
                self.c.add(element.get(XML_C + 'identifier'))
            if kind == 'constant':
                self.c.add(element.get(XML_C + 'type'))
            if kind in ('function', 'method', 'constructor', 'property', 'signal', 'class', 'record', 'constant') and name:
                self.bound.add(name.replace('-', '_'))
        for element in namespace.findall(XML + 'class'):
            for signal in element.findall(XML_GLIB + 'signal'):
                self.members[element.get('name')].add('::' + signal.get('name'))
            for prop in element.findall(XML + 'property'):
                self.members[element.get('name')].add(':' + prop.get('name'))

    def check_c(self, word):
        if re.fullmatch(r'\w+(\(\))?', word):
            return word.removesuffix('()') in self.c
        member = re.fullmatch(r'(\w+)(::?[\w-]+)', word)
        return member is not None and member.group(2) in self.members[member.group(1)]

    def check_words(self, word, names):
        """`socket.on('connect')`, `Sio.io()`, `{autoConnect}`, `auto_connect=`: the last name, and signals by their class."""
        owner = word.split('.')[0]
        for signal in QUOTED.findall(word):
            # `open` and `close` of a manager are methods, so its signals are not called so.
            if '::' + dashed(signal) not in self.members[CLASSES[owner]]:
                return False
        return re.findall(r'\w+', QUOTED.sub('', word))[-1] in names

    def check(self, column, word):
        if column == 'C':
            return self.check_c(word)
        if column == 'Vala':
            return self.vala is None or re.findall(r'\w+', word)[-1] in self.vala
        return self.check_words(word, self.js if column == 'GJS' else self.python)


# --- what the document says

def read_tables(text):
    """Lists of rows, by heading."""
    tables = collections.OrderedDict()
    heading = None
    for line in text.splitlines():
        if line.startswith('### '):
            heading = line.removeprefix('### ')
            tables[heading] = []
        elif line.startswith('| ') and heading:
            tables[heading].append([cell.strip() for cell in line.strip('|').split(' | ')])
    return {heading: (rows[0], rows[1:]) for heading, rows in tables.items() if rows}


def check_api_row(row, columns, tests, symbols):
    cells = dict(zip(columns, row))
    item = CODE.findall(row[0])[0]
    patterns = PATH.findall(cells['Tests'])
    faults = [f'{item}: there is no test {pattern}' for pattern in patterns if tests.is_missing(pattern)]
    rooms = {pattern.split('/')[1] for pattern in patterns}
    if patterns and not {'gjs', 'python'} <= rooms:
        faults.append(f'{item}: no test in GJS or none in Python is named')
    if patterns and not rooms - LANGUAGES:
        faults.append(f'{item}: no test in C is named')
    if not patterns and not PATH.sub('', cells['Tests']).strip():
        faults.append(f'{item}: no test is named, and no reason')
    if symbols.known:
        faults += [f'{item}: {column} has no {word}' for column in ('C', 'GJS', 'Python', 'Vala')
                   for word in CODE.findall(cells[column]) if not symbols.check(column, word)]
    return faults


def check_rule_row(row, tests):
    rule, _about, proof = row
    patterns = PATH.findall(proof)
    reason = PATH.sub('', proof.replace('<br>', '')).strip()
    faults = [f'{rule}: there is no test {pattern}' for pattern in patterns if tests.is_missing(pattern)]
    if not reason and not any(rule in NUMBER.findall(path) for pattern in patterns for path in tests.match(pattern)):
        faults.append(f'{rule}: no test has its number, and no reason is given')
    return faults


def main():
    root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    tests = Tests(list_tests(root, build))
    symbols = Symbols(root, build)
    tables = read_tables((root / DOCUMENT).read_text(encoding='utf-8'))
    report = tap.Report('check/coverage')

    items, rules = set(), set()
    for heading, (columns, rows) in tables.items():
        if len(columns) == 3:
            rules |= {row[0] for row in rows}
            faults = [fault for row in rows for fault in check_rule_row(row, tests)]
        else:
            items |= {CODE.findall(row[0])[0] for row in rows}
            faults = [fault for row in rows for fault in check_api_row(row, columns, tests, symbols)]
        report.point(heading, faults)

    wanted = [item.strip() for item in re.split(r';|\n\n', ITEMS) if item.strip()]
    report.point('all items', [f'{item} has no row' for item in wanted if item not in items])
    report.point('no others', [f'{item} is not known to this script' for item in sorted(items - set(wanted))])
    report.point('all rules', [f'{letter}{n} has no row' for letter, last in RULES.items() for n in range(1, last + 1)
                               if f'{letter}{n}' not in rules])
    return report.end()


if __name__ == '__main__':
    sys.exit(main())
