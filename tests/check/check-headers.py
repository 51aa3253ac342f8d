#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compiles the public headers as a program outside would.

    check-headers.py COMMAND… -- FLAGS… -- HEADER…

COMMAND is the C compiler; g++ or clang++ is used too if there is one. The output is TAP.
"""

import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tap

WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Werror', '-Wno-unused-function']
WARNINGS_C = ['-Wstrict-prototypes', '-Wredundant-decls', '-Wundef']
# GLib's own macros are not clean under these.
QUIET_CXX = ['-Wno-cast-function-type', '-Wno-deprecated-copy', '-Wno-volatile', '-Wno-unknown-warning-option']


def compiles(command, language, source):
    result = subprocess.run([*command, '-x', language, '-fsyntax-only', '-'], input=source, text=True,
                            capture_output=True, check=False)
    return result.returncode == 0, result.stderr.splitlines()


def main():
    arguments = sys.argv[1:]
    first = arguments.index('--')
    second = arguments.index('--', first + 1)
    cc, flags, headers = arguments[:first], arguments[first + 1:second], arguments[second + 1:]
    report = tap.Report('check/headers')
    umbrella = '#include <sioclient/sio.h>\nextern int dummy;\nint dummy;\n'

    for standard in ('gnu99', 'gnu11', 'c99'):
        fine, output = compiles([*cc, f'-std={standard}', *WARNINGS, *WARNINGS_C, *flags], 'c', umbrella)
        report.point(f'umbrella-{standard}', [] if fine else output)

    cxx = shutil.which(os.environ.get('CXX') or 'g++') or shutil.which('clang++')
    if cxx is None:
        report.skip('umbrella-c++', 'no C++ compiler')
    else:
        fine, output = compiles([cxx, '-std=c++17', *WARNINGS, *QUIET_CXX, *flags], 'c++', umbrella)
        report.point('umbrella-c++', [] if fine else output)

    for header in headers:
        name = pathlib.Path(header).name
        fine, output = compiles([*cc, *flags], 'c', f'#include <sioclient/{name}>\n')
        refused = not fine and any('can be included directly' in line for line in output)
        report.point(f'refused-alone/{name}', [] if refused else ['it can be included without sio.h'])
    return report.end()


sys.exit(main())
