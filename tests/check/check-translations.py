#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""po/POTFILES.in names all that is translated, and each language has it all.

    check-translations.py PROJECT-DIRECTORY

The output is TAP.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tap

TRANSLATED = re.compile(r'\b(?:_|N_|C_|Q_|g_dngettext|ngettext)\s*\(\s*"')
# As Meson does it for GLib, as far as it matters here.
XGETTEXT = ['xgettext', '--from-code=UTF-8', '--keyword=_', '--keyword=N_', '--keyword=C_:1c,2', '--keyword=g_dngettext:2,3',
            '--flag=g_error_new:3:c-format', '--flag=g_set_error:4:c-format', '--flag=g_strdup_printf:1:c-format']


def read_list(path):
    return {line.strip() for line in path.read_text(encoding='utf-8').splitlines()
            if line.strip() and not line.startswith('#')}


def translated_files(root):
    code = {path for pattern in ('sioclient/**/*.c', 'examples/*/*.c') for path in root.glob(pattern)
            if TRANSLATED.search(path.read_text(encoding='utf-8'))}
    data = {path for pattern in ('*.ui', '*.desktop.in', '*.metainfo.xml.in') for path in root.glob('examples/*/data/' + pattern)
            if path.suffix != '.ui' or 'translatable=' in path.read_text(encoding='utf-8')}
    return {path.relative_to(root).as_posix() for path in code | data}


def run(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def check_languages(report, root, files):
    languages = sorted(read_list(root / 'po/LINGUAS'))
    if not shutil.which('xgettext'):
        report.skip('languages', 'no gettext')
        return
    with tempfile.TemporaryDirectory() as scratch:
        template = pathlib.Path(scratch) / 'all.pot'
        done = run(*XGETTEXT, '-o', str(template), *files, cwd=root)
        # What it says of our files, not of what itself was installed with.
        report.point('template', [line for line in done.stderr.splitlines() if line.startswith(tuple(files))])
        for language in languages:
            done = run('msgcmp', str(root / f'po/{language}.po'), str(template))
            report.point(f'complete/{language}', done.stderr.splitlines() if done.returncode else [])
            done = run('msgfmt', '--check-format', '-o', '/dev/null', str(root / f'po/{language}.po'))
            report.point(f'formats/{language}', done.stderr.splitlines())


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    report = tap.Report('check/translations')
    listed, needed = read_list(root / 'po/POTFILES.in'), translated_files(root)
    report.point('files', [f'{name} is not in po/POTFILES.in' for name in sorted(needed - listed)] +
                 [f'{name} in po/POTFILES.in has nothing to translate' for name in sorted(listed - needed)])
    check_languages(report, root, sorted(listed))
    return report.end()


sys.exit(main())
