#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every source file names its licence in its first lines, and is text as .editorconfig wants it.

    check-licence.py PROJECT-DIRECTORY

The output is TAP.
"""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tap

LICENCE = 'SPDX-License-Identifier: LGPL-2.1-or-later'
SUFFIXES = {'.c', '.h', '.in', '.js', '.py', '.vala', '.sh', '.cases', '.supp', '.metadata'}
FOLDERS = ['sioclient', 'tests', 'examples', 'docs', 'po']
# Made by tools, or without room for a comment.
EXEMPT_DIRECTORIES = {'node_modules', 'corpus', '__pycache__'}
EXEMPT_NAMES = {'sioclient.toml.in', 'POTFILES.in'}


def is_script(path):
    with path.open('rb') as stream:
        return stream.read(2) == b'#!'


def sources(root):
    for folder in FOLDERS:
        for directory, names, files in os.walk(root / folder):
            names[:] = sorted(name for name in names if name not in EXEMPT_DIRECTORIES)
            for name in sorted(files):
                path = pathlib.Path(directory) / name
                if name not in EXEMPT_NAMES and (path.suffix in SUFFIXES or (not path.suffix and is_script(path))):
                    yield path


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    licence, layout = [], []
    for path in sources(root):
        name = path.relative_to(root)
        text = path.read_text(encoding='utf-8')
        if LICENCE not in '\n'.join(text.splitlines()[:4]):
            licence.append(f'{name}: no licence in the first lines')
        if path.suffix in {'.c', '.h'}:
            for number, line in enumerate(text.splitlines(), 1):
                if '\t' in line:
                    layout.append(f'{name}:{number}: a tab')
                if line != line.rstrip():
                    layout.append(f'{name}:{number}: blanks at the end')
        if not text.endswith('\n'):
            layout.append(f'{name}: no newline at the end')
    report = tap.Report('check/files')
    report.point('licence', licence)
    report.point('layout', layout)
    return report.end()


sys.exit(main())
