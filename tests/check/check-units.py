#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sees that each source file of floors 0 to 4 has its unit test.

    check-units.py SOURCE-DIRECTORY

The test of sio-packet.c is tests/unit/test-packet.c. It must be built, and use each function that the file offers to others.
The output is TAP.
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tap
from floors import floor_of

HIGHEST_WITH_UNIT_TESTS = 4

LISTED = re.compile(r"^  '([\w-]+)': *\{", re.M)
COMMENT = re.compile(r'/\*.*?\*/', re.S)
STRING = re.compile(r'"(\\.|[^"\\\n])*"')
# The type of what is returned stands on the line before the name.
FUNCTION = re.compile(r'^(\w[\w *]*)\n(sio_\w+) \([^;{}]*\)\n\{', re.M)
# These g_autoptr() and g_auto() call without naming them.
CLEANUP = re.compile(r'_(clear|free|unref)$')


def without_comments(text):
    return STRING.sub('""', COMMENT.sub(' ', text))


def list_functions(source):
    text = without_comments(source.read_text(encoding='utf-8'))
    return [name for result, name in FUNCTION.findall(text)
            if 'static' not in result.split() and not CLEANUP.search(name)]


def check_source(source, tests, listed):
    name = source.stem.removeprefix('sio-')
    test = tests / f'test-{name}.c'
    if not test.is_file():
        return [f'there is no tests/unit/{test.name}']

    functions = list_functions(source)
    faults = [] if functions else ['it offers no function that this script sees']
    if name not in listed:
        faults.append(f'{test.name} is not listed in tests/unit/meson.build')
    used = set(re.findall(r'\w+', without_comments(test.read_text(encoding='utf-8'))))
    faults += [f'{test.name} does not use {function}()' for function in functions if function not in used]
    return faults


def check_list(tests, listed, sources):
    written = {test.stem.removeprefix('test-') for test in tests.glob('test-*.c')}
    names = {source.stem.removeprefix('sio-') for source in sources}
    faults = [f'test-{name}.c is not listed in tests/unit/meson.build' for name in sorted(written - listed)]
    faults += [f'{name} is listed, but there is no test-{name}.c' for name in sorted(listed - written)]
    faults += [f'test-{name}.c tests no file, as there is no sio-{name}.c' for name in sorted(written - names)]
    return faults


def check_names(sources):
    """One test for two files would pass for both."""
    first = {}
    return [f'{source.name} is the name of two files' for source in sources if first.setdefault(source.name, source) != source]


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    library = root / 'sioclient'
    tests = root / 'tests' / 'unit'
    listed = set(LISTED.findall((tests / 'meson.build').read_text(encoding='utf-8')))
    sources = sorted(library.glob('**/*.c'))

    report = tap.Report('check/units')
    for source in sources:
        name = source.relative_to(library).as_posix()
        floor = floor_of(name)
        if floor is not None and floor <= HIGHEST_WITH_UNIT_TESTS:
            report.point(name, check_source(source, tests, listed))
    report.point('list', check_list(tests, listed, sources))
    report.point('names', check_names(sources))
    return report.end()


sys.exit(main())
