#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What documents show is what the examples are, and what they link to is there.

    check-docs.py PROJECT-DIRECTORY

The output is TAP.
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tap

SHOWN = {
    'README.md': ['examples/c/minimal.c', 'examples/gjs/minimal.js', 'examples/python/minimal.py'],
    'docs/overview.md': ['examples/c/minimal.c'],
}
# Every snippet in JavaScript is a part of one of these.
TAKEN = {
    'docs/gnome-shell.md': ['examples/shell-extension/esm/extension.js', 'examples/shell-extension/classic/extension.js',
                            'examples/shell-extension/shared/feed.js', 'tests/shell/in-shell.js'],
}
SNIPPET = re.compile(r'^```js\n(.*?)^```$', re.MULTILINE | re.DOTALL)
# gi-docgen 2023.1 shows the name of the type alone (X47).
MEMBER = re.compile(r'\[(?:enum|error|flags)@(?:\w+\.)?\w+\.[A-Z_]+\]')
LINK = re.compile(r'\]\((?!https?:|#)([^)#\s]+)')


def code_of(path):
    """Without the lines for machines at the top."""
    lines = path.read_text(encoding='utf-8').splitlines()
    while lines and (lines[0].startswith('#!') or 'SPDX-License-Identifier' in lines[0]):
        lines.pop(0)
    return '\n'.join(lines).strip()


def without_indents(text):
    return '\n'.join(line.strip() for line in text.strip().splitlines())


def dead_links(document):
    """A page of the documentation may refer to another by the name that it is going to have."""
    return [f'there is no {link}' for link in LINK.findall(document.read_text(encoding='utf-8'))
            if not (document.parent / link).exists()
            and not (link.endswith('.html') and (document.parent / link).with_suffix('.md').exists())]


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    report = tap.Report('check/docs')
    for document, examples in SHOWN.items():
        text = (root / document).read_text(encoding='utf-8')
        report.point(f'snippets/{document}', [f'{example} is not shown as it is' for example in examples
                                              if code_of(root / example) not in text])

    for document, sources in TAKEN.items():
        text = (root / document).read_text(encoding='utf-8')
        known = [without_indents((root / source).read_text(encoding='utf-8')) for source in sources]
        snippets = SNIPPET.findall(text)
        report.point(f'snippets/{document}', ([] if snippets else ['there is no snippet']) + [
            f'not taken from an example: {snippet.strip().splitlines()[0]}' for snippet in snippets
            if not any(without_indents(snippet) in code for code in known)])

    for document in [root / 'README.md', *sorted((root / 'docs').glob('*.md'))]:
        report.point(f'links/{document.relative_to(root)}', dead_links(document))
    for folder, pattern in (('sioclient', '**/*.[ch]'), ('docs', '*.md')):
        report.point(f'members/{folder}', [f'{path.relative_to(root)}: {link}' for path in sorted((root / folder).glob(pattern))
                                           for link in MEMBER.findall(path.read_text(encoding='utf-8'))])
    return report.end()


sys.exit(main())
