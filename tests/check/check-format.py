#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""C has the layout of .clang-format, as the version that is named there sees it.

    check-format.py PROJECT-DIRECTORY

Other versions see some things differently. The output is TAP.
"""

import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tap

FOLDERS = ['sioclient', 'tests', 'examples']


def sources(root):
    """Neither packages of others nor the parts of programs that snippets are put into."""
    return [path for folder in FOLDERS for path in sorted((root / folder).rglob('*.[ch]'))
            if 'node_modules' not in path.parts and root / 'tests' / 'docs' not in path.parents]


def find_clang_format(wanted):
    """The command for that version, or why there is none."""
    for name in (f'clang-format-{wanted}', 'clang-format'):
        command = shutil.which(name)
        if command is None:
            continue
        version = subprocess.run([command, '--version'], capture_output=True, text=True, check=True).stdout
        if re.search(rf'\bversion {wanted}\.', version):
            return command, None
    return None, f'no clang-format {wanted}'


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    wanted = re.match(r'# clang-format (\d+);', (root / '.clang-format').read_text(encoding='utf-8')).group(1)
    command, why_not = find_clang_format(wanted)
    report = tap.Report('check/format')
    if why_not:
        report.skip('layout', why_not)
        return report.end()

    done = subprocess.run([command, '--dry-run', '--Werror', '--style=file', *sources(root)],
                          capture_output=True, text=True, check=False)
    faults = [line.replace(f'{root}/', '') for line in done.stderr.splitlines() if ': error: ' in line]
    if done.returncode != 0 and not faults:
        faults = done.stderr.splitlines()
    report.point('layout', faults)
    return report.end()


if __name__ == '__main__':
    sys.exit(main())
