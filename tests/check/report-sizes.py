#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints what is larger than the sizes to aim at. It never fails: large is not yet wrong.

    report-sizes.py SIOCLIENT-DIRECTORY
"""

import pathlib
import re
import sys

FILE_LINES = 600
HEADER_LINES = 150
FUNCTION_LINES = 40
FUNCTION_SMELL = 100
STRUCT_MEMBERS = 20

FUNCTION = re.compile(r'^(\w+) \(.*?^\{$(.*?)^\}$', re.M | re.S)
STRUCT = re.compile(r'^(?:typedef )?struct _?(\w*)\n\{\n(.*?)^\}', re.M | re.S)


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    total = functions = long_functions = 0
    for path in sorted(root.glob('**/*.[ch]')):
        name = path.relative_to(root)
        text = path.read_text(encoding='utf-8')
        lines = text.count('\n')
        total += lines
        if path.suffix == '.h' and not path.stem.endswith('-private') and lines > HEADER_LINES:
            print(f'# {name}: {lines} lines, a public header aims at {HEADER_LINES}')
        elif lines > FILE_LINES:
            print(f'# {name}: {lines} lines, a file aims at {FILE_LINES}')
        if path.suffix == '.c':
            for function, body in FUNCTION.findall(text):
                length = body.count('\n') - 1
                functions += 1
                long_functions += length > FUNCTION_LINES
                if length > FUNCTION_SMELL:
                    print(f'# {name}: {function} has {length} lines, a function aims at {FUNCTION_LINES}')
        for struct, body in STRUCT.findall(text):
            members = len(re.findall(r';', re.sub(r'/\*.*?\*/', '', body, flags=re.S)))
            if members > STRUCT_MEMBERS:
                print(f'# {name}: struct {struct} has {members} members, aims at {STRUCT_MEMBERS}')
    print(f'# {total} lines, {functions} functions, {long_functions} of them above {FUNCTION_LINES} lines')
    print('ok 1 /check/sizes/printed')
    print('1..1')


main()
