# SPDX-License-Identifier: LGPL-2.1-or-later
"""What came out, as text, as a table for the documentation and as a picture."""

from html import escape

OURS, LIMIT, JS = 'sioclient', 'libsoup', 'JS'
BEGIN, END = '<!-- made by tests/benchmarks/run --update-docs -->', '<!-- end of what is made -->'
COLORS = {'sioclient': '#2e7d32', 'libsoup': '#9e9e9e', 'JS': '#f0a202', 'Python': '#3572a5'}


class Row:
    """One line of the table. Goals: L and J are ratios, L+ a difference, `most` the figure itself."""

    def __init__(self, name, key, unit, goals):
        self.name, self.key, self.unit, self.goals = name, key, unit, goals


def number(value):
    if value is None:
        return ''
    if abs(value) >= 100:
        return f'{value:.0f}'
    return f'{value:.1f}' if abs(value) >= 10 else f'{value:.2f}'


def ratio(medians, row, other):
    ours, theirs = medians.get((row.name, OURS)), medians.get((row.name, other))
    return ours / theirs if ours is not None and theirs else None


def judge(row, medians):
    """Goals in words, each with whether it is met; None for one that was not measured."""
    verdicts = []
    for goal, limit in row.goals.items():
        ours, limits = medians.get((row.name, OURS)), medians.get((row.name, LIMIT))
        if goal in ('L', 'J'):
            found = ratio(medians, row, LIMIT if goal == 'L' else JS)
            words = f'≤ {limit:g} {goal}'
        elif goal == 'L+':
            found = ours - limits if ours is not None and limits is not None else None
            words = f'≤ L + {limit:g} {row.unit}'
        else:
            found, words = ours, f'≤ {limit:g} {row.unit}'.strip()
        verdicts.append((words, None if found is None else found <= limit))
    return verdicts


def words_of(row, medians):
    marks = {True: 'met', False: 'NOT MET', None: 'not measured'}
    return ', '.join(f'{words}: {marks[met]}' for words, met in judge(row, medians))


def cells(row, medians, clients):
    name = f'{row.name}, {row.unit}' if row.unit else row.name
    return [name, *(number(medians.get((row.name, client))) for client in clients),
            number(ratio(medians, row, LIMIT)), number(ratio(medians, row, JS)), words_of(row, medians)]


def head(clients):
    return ['', *clients, 'ours / libsoup', 'ours / JS', 'goal']


def make_text(rows, medians, clients):
    lines = [head(clients), *(cells(row, medians, clients) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    verdicts = [met for row in rows for _, met in judge(row, medians)]
    text = '\n'.join('  '.join(cell.ljust(width) if i in (0, len(line) - 1) else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(line, widths))).rstrip() for line in lines)
    return f'{text}\n\n{verdicts.count(True)} goals met, {verdicts.count(False)} not met'


def make_table(rows, medians, clients):
    titles = head(clients)
    lines = [titles, ['---', *('---:' for _ in titles[1:-1]), '---'], *(cells(row, medians, clients) for row in rows)]
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines)


def make_picture(rows, medians, clients):
    """CPU time for each message, with that of the JavaScript client as the measure."""
    shown = [row for row in rows if row.key == 'cpu' and (row.name, JS) in medians and (row.name, OURS) in medians]
    left, width, bar, gap, top, most = 230, 460, 11, 12, 64, 1.5
    parts, y = [], top
    for row in shown:
        js = medians[row.name, JS]
        present = [client for client in clients if (row.name, client) in medians]
        parts.append(f'<text x="{left - 10}" y="{y + len(present) * bar / 2 + 4}" text-anchor="end">{escape(row.name)}</text>')
        for client in present:
            value = medians[row.name, client]
            share = value / js
            length = max(width * min(share, most) / most, 1)
            cut = ' →' if share > most else ''
            parts.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{bar - 1}" fill="{COLORS[client]}"/>')
            parts.append(f'<text x="{left + length + 5:.1f}" y="{y + bar - 2}" class="n">{number(value)}{cut}</text>')
            y += bar
        y += gap
    legend, x = [], left
    for client in clients:
        legend.append(f'<rect x="{x}" y="36" width="11" height="11" fill="{COLORS[client]}"/>'
                      f'<text x="{x + 16}" y="46">{escape(client)}</text>')
        x += 110
    line = left + width / most
    return f'''<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 80}" height="{y}" font-family="sans-serif" font-size="12">
<style>.n {{ font-size: 10px; fill: #555 }}</style>
<rect width="100%" height="100%" fill="white"/>
<text x="{left}" y="20" font-size="14">CPU time for each message, µs; length relative to JS; shorter is better</text>
{''.join(legend)}
<line x1="{line:.1f}" y1="{top - 6}" x2="{line:.1f}" y2="{y - gap}" stroke="#ccc" stroke-dasharray="3 3"/>
{chr(10).join(parts)}
</svg>
'''


def update_page(path, table):
    text = path.read_text(encoding='utf-8')
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    path.write_text(f'{before}{BEGIN}\n\n{table}\n\n{END}{after}', encoding='utf-8')
