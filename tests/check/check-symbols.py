#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what the public headers declare with what the library exports.

    check-symbols.py NM LIBRARY HEADER…

The output is TAP.
"""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tap

AVAILABLE = r'SIO_(?:AVAILABLE|DEPRECATED)_IN_\w+(?:\s*\([^)]*\))?'
TYPE_MACRO = re.compile(r'(' + AVAILABLE + r')?\s*\bG_DECLARE_(?:FINAL_TYPE|DERIVABLE_TYPE|INTERFACE)\s*\(\s*\w+\s*,\s*(\w+)')
PROTOTYPE = re.compile(r'(' + AVAILABLE + r')?\s*((?:const\s+)?\b[A-Za-z_]\w*[\s*]+)\b(sio_\w+)\s*\([^;{]*\)[^;{]*;')


def strip(text):
    text = re.sub(r'/\*.*?\*/', ' ', text, flags=re.S)
    text = re.sub(r'^\s*#(?:.*\\\n)*.*$', ' ', text, flags=re.M)
    # A typedef of a function or a struct declares no symbol.
    return re.sub(r'\btypedef\b[^;{]*(\{[^}]*\})?[^;]*;', ' ', text)


def main():
    nm, library, *headers = sys.argv[1:]
    report = tap.Report('check/symbols')
    declared = set()
    for header in headers:
        path = pathlib.Path(header)
        text = strip(path.read_text(encoding='utf-8'))
        faults = []
        for macro, _type, name in PROTOTYPE.findall(text):
            declared.add(name)
            if not macro:
                faults.append(f'{name} has no SIO_AVAILABLE_IN_…')
        for macro, prefix in TYPE_MACRO.findall(text):
            declared.add(f'{prefix}_get_type')
            if not macro:
                faults.append(f'{prefix}_get_type has no SIO_AVAILABLE_IN_…')
        report.point(f'availability/{path.name}', faults)

    output = subprocess.run([nm, '--dynamic', '--defined-only', library], check=True, capture_output=True, text=True)
    exported = {line.split()[-1].split('@')[0] for line in output.stdout.splitlines() if line.strip()}
    report.point('only-ours', [f'{name} is exported' for name in sorted(exported) if not name.startswith('sio_')])
    report.point('only-declared', [f'{name} is exported, but in no public header'
                                   for name in sorted(exported - declared) if name.startswith('sio_')])
    report.point('all-declared', [f'{name} is declared, but not exported' for name in sorted(declared - exported)])
    return report.end()


sys.exit(main())
