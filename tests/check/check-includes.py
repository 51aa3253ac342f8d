#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads every #include of the library and fails on one that goes up the floors.

    check-includes.py SIOCLIENT-DIRECTORY

The floors are explained in docs/architecture.md. The output is TAP.
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tap
from floors import floor_of

GENERATED = {'config.h', 'sio-version.h', 'sio-enums.h'}
TRANSPORT_FLOOR = 5
HIGHEST_WITHOUT_LOOP = 4

# Where a public header need not be in sio.h.
NOT_IN_UMBRELLA = {'sio.h', 'sio-inbox.h'}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# Floors without a main loop, time and chance get them as arguments.
IMPURE = re.compile(r'\b(g_get_(monotonic|real)_time|g_date_time_new_now\w*|g_random_\w+|g_timeout_\w+|g_idle_\w+|'
                    r'g_main_context_(?!ref|unref)\w+|g_main_loop_\w+|g_signal_(emit|connect)\w*|g_usleep|g_input_stream_\w+|'
                    r'g_output_stream_\w+|g_file_\w+|clock_gettime|getrandom|time)\s*\(')
IMPURE_ALLOWED = {'base/sio-clock.c', 'base/sio-home.c'}


def is_public(name):
    return '/' not in name and name.endswith('.h') and not name.endswith('-private.h')


def without_comments(text):
    text = re.sub(r'/\*.*?\*/', lambda m: re.sub(r'[^\n]', ' ', m[0]), text, flags=re.S)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', text)


class Checker:
    def __init__(self, root):
        self.root = root
        self.files = sorted(path for pattern in ('**/*.c', '**/*.h') for path in root.glob(pattern))

    def resolve(self, includer, target):
        """The name below sioclient/ of an included file of ours."""
        if target in GENERATED:
            return target
        for base in (includer.parent, self.root, self.root.parent):
            path = (base / target).resolve()
            if path.is_file() and self.root in path.parents:
                return path.relative_to(self.root).as_posix()
        return None

    def check(self, path):
        name = path.relative_to(self.root).as_posix()
        floor = floor_of(name)
        faults = []
        if floor is None:
            return [f'{name} stands on no floor']
        text = path.read_text(encoding='utf-8')
        for number, line in enumerate(text.splitlines(), 1):
            match = INCLUDE.match(line)
            if match is None:
                continue
            bracket, target = match.groups()
            where = f'{name}:{number}: '
            if target.startswith('libsoup/') and floor != TRANSPORT_FLOOR:
                faults.append(where + 'libsoup is for the transports alone')
            if bracket == '<' and not target.startswith('sioclient/'):
                continue
            included = self.resolve(path, target)
            if included is None:
                faults.append(where + f'there is no {target}')
                continue
            other = floor_of(included)
            if other is None or other > floor:
                faults.append(where + f'{target} (floor {other}) is above floor {floor}')
            if included.endswith('-private.h') and is_public(name):
                faults.append(where + f'a public header includes the private {target}')
        if floor <= HIGHEST_WITHOUT_LOOP and name not in IMPURE_ALLOWED:
            for number, line in enumerate(without_comments(text).splitlines(), 1):
                match = IMPURE.search(line)
                if match:
                    faults.append(f'{name}:{number}: {match[1]} has no place below floor {TRANSPORT_FLOOR}')
        return faults

    def check_umbrella(self):
        text = (self.root / 'sio.h').read_text(encoding='utf-8')
        public = {path.name for path in self.files if path.parent == self.root and is_public(path.name)}
        included = set(re.findall(r'#include "([^"]+)"', text))
        faults = [f'sio.h does not include {name}' for name in sorted(public - included - NOT_IN_UMBRELLA)]
        faults += [f'sio.h includes {name}, which is not there' for name in sorted(included - public - GENERATED)]
        return faults

    def check_guards(self):
        faults = []
        for path in self.files:
            if path.suffix != '.h':
                continue
            text = path.read_text(encoding='utf-8')
            if '#pragma once' not in text:
                faults.append(f'{path.name} can be included twice')
            if path.parent == self.root and is_public(path.name) and path.name not in NOT_IN_UMBRELLA \
                    and path.name != 'sio-version-macros.h' and 'SIO_INSIDE' not in text:
                faults.append(f'{path.name} can be included directly')
        return faults


def main():
    checker = Checker(pathlib.Path(sys.argv[1]).resolve())
    report = tap.Report('check/includes')
    rooms = {}
    for path in checker.files:
        room = path.relative_to(checker.root).parent.as_posix()
        rooms.setdefault('public' if room == '.' else room, []).extend(checker.check(path))
    for room, faults in sorted(rooms.items()):
        report.point(room, faults)
    report.point('umbrella', checker.check_umbrella())
    report.point('guards', checker.check_guards())
    return report.end()


sys.exit(main())
