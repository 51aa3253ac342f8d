#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""As walk.js, from Python.

    walk.py FOLDER-OF-THE-TABLE
"""

import inspect
import json
import math
import socket as sockets
import sys
import traceback

import gi

gi.require_version('Sio', '1.0')
from gi.repository import Gio, GLib, GObject, Sio

with open(f'{sys.argv[1]}/walk-table.json', encoding='utf-8') as file:
    table = json.load(file)
has_overrides = hasattr(Sio, 'Pending')

# With what is made up these are a mistake of the program, which C says by a critical.
NOT_WALKED = {
    'Socket.set_inbox': 'for the overrides of GJS alone, which know the property; walk-c',
    'Manager.set_inbox': 'likewise',
    'Engine.set_inbox': 'likewise',
    'Socket.set_inbox_text': 'likewise',
    'Socket.emit_with_ticket': 'for the overrides of GJS alone, which have an inbox; walk-c',
    'Socket.emit_for_answer': 'likewise',
    'Manager.open_with_ticket': 'likewise',
    'Socket.emit_with_ack_finish': 'takes the result of its own beginning',
    'Manager.open_finish': 'likewise',
}
seen = set()
n_points = 0


def point(name, run, *args):
    global n_points
    print('#', name, flush=True)
    n_points += 1
    try:
        run(*args)
    except Exception:  # pylint: disable=broad-except
        print(f'not ok {n_points} - {name}')
        print('# ' + traceback.format_exc().replace('\n', '\n# '))
    else:
        print(f'ok {n_points} - {name}')


def rest(thing):
    """Else thousands of them would try to connect for as long as this takes."""
    if isinstance(thing, Sio.Socket):
        thing.close()
    elif isinstance(thing, Sio.Manager):
        thing.set_reconnection(False)


def turn(count=16):
    for _ in range(count):
        GLib.MainContext.default().iteration(False)


def closed_url():
    with sockets.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return f'http://127.0.0.1:{listener.getsockname()[1]}'


url = closed_url()


def new_manager(options=None):
    return Sio.Manager.new(url, options)


make = {
    'Options': Sio.Options.new if not has_overrides else Sio.Options,
    'Manager': new_manager,
    'Socket': lambda: new_manager().get_socket('/', None),
    'Engine': lambda: new_manager().get_engine(),
    'Value': lambda: Sio.Value.new_from_json('{"a":["b"]}', None),
}
FUNCTIONS = ('AuthFunc', 'AckFunc', 'EventFunc', 'Gio.AsyncReadyCallback')
values = {
    'gboolean': lambda: True,
    'gint': lambda: 1,
    'guint': lambda: 1,
    'gint64': lambda: 1,
    'gulong': lambda: 1,
    'gdouble': lambda: 0.5,
    'Value': make['Value'],
    'Options': make['Options'],
    'Socket': make['Socket'],
    'Manager': make['Manager'],
    'DisconnectReason': lambda: Sio.DisconnectReason.PING_TIMEOUT,
    'Gio.Cancellable': Gio.Cancellable,
    'GLib.Bytes': lambda: GLib.Bytes.new(b'abc'),
    'GLib.Bytes[]': lambda: None,
    'GLib.Variant': lambda: GLib.Variant('s', 'walk'),
    'GLib.Error': lambda: GLib.Error('walked'),
    'Value[]': lambda: [Sio.Value.new_null()],
    'Json.Node': lambda: Sio.Value.new_null().to_node(),
    'GObject.Object': Gio.Cancellable,
}
TEXTS = {'url': url, 'property': 'waiting', 'json': '[1]', 'pointer': '/a'}


def use_manager(manager):
    told = []
    handler = GObject.Object.connect(manager, 'error', lambda *args: told.append(args))
    manager.open()
    while not told:
        GLib.MainContext.default().iteration(True)
    GObject.Object.disconnect(manager, handler)
    manager.set_reconnection(False)


def use(thing):
    if isinstance(thing, Sio.Options):
        use_manager(new_manager(thing))
        socket = Sio.io(url, thing)
        Sio.io(url, thing).close()
        socket.close()
    elif isinstance(thing, Sio.Manager):
        use_manager(thing)


# --- properties

CANDIDATES = {
    'gchararray': [None, '', '/', '//', 'a b', '\r\n', '?#', '😀', '%00', 'x' * 100000],
    'GStrv': [None, [], [''], ['websocket', 'polling', 'websocket'], ['webtransport'], ['a,b', 'c d', 'e\r\n']],
    'gboolean': [None, False, True],
    'gint': [-1, 0, 1, 0x7fffffff],
    'guint': [0, 1, 0xffffffff],
    'gdouble': [0, 0.5, 1],
    'SioValue': [None, Sio.Value.new_null(), make['Value'](), Sio.Value.new_string('text')],
}


def set_property(kind, pspec, value, by_attribute):
    thing = make[kind]()
    if by_attribute:
        setattr(thing, pspec.name.replace('-', '_'), value)
        getattr(thing, pspec.name.replace('-', '_'))
    else:
        thing.set_property(pspec.name, value)
    if pspec.flags & GObject.ParamFlags.READABLE:
        thing.get_property(pspec.name)
    use(thing)
    turn()


for kind, cls in {'Options': Sio.Options, 'Manager': Sio.Manager, 'Socket': Sio.Socket}.items():
    for pspec in cls.list_properties():
        if not pspec.flags & GObject.ParamFlags.WRITABLE or pspec.flags & GObject.ParamFlags.CONSTRUCT_ONLY:
            continue
        for value in CANDIDATES.get(pspec.value_type.name, [None]):
            text = repr(value)[:40]
            point(f'{kind}.{pspec.name} = {text}', set_property, kind, pspec, value, False)
            if has_overrides:
                point(f'{kind}.{pspec.name} = {text}, as an attribute', set_property, kind, pspec, value, True)


# --- methods as the typelib has them

def make_up(parameter, kind):
    if kind == 'nulls' and parameter['nullable']:
        return None
    if parameter['type'] == 'utf8':
        return TEXTS.get(parameter['name'], 'walk')
    if parameter['type'] in FUNCTIONS:
        return lambda *args: None
    return values[parameter['type']]()


def call_method(entry, state, kind):
    if entry['static']:
        target = getattr(Sio, entry['class']) if entry['class'] else Sio
    else:
        target = make[entry['class']]()
    if state == 'disposed of':
        target.run_dispose()
    getattr(target, entry['name'])(*(make_up(parameter, kind) for parameter in entry['parameters']))
    turn()
    rest(target)


OBJECTS = ('Options', 'Manager', 'Socket', 'Engine')
for entry in table:
    name = f'{entry["class"]}.{entry["name"]}' if entry['class'] else entry['name']
    seen.add(name)
    # Events, notices and requests are not for programs to make.
    if not entry['static'] and entry['class'] not in make:
        continue
    # With overrides some are others, which come below.
    if name in NOT_WALKED or entry['name'] in ('ref', 'unref') or has_overrides and entry['class'] in OBJECTS:
        continue
    for state in ('made', 'disposed of') if entry['class'] in OBJECTS and not entry['static'] else ('made',):
        for kind in ('usual', 'nulls'):
            point(f'{name}, {state}, {kind}', call_method, entry, state, kind)

# --- methods as programs have them: whatever is given, there is an answer or an exception

JUNK = [
    (), (None,), ('',), ('a\0b',), (math.nan,), (-1,), (math.inf,), (2 ** 70,), ({},), ([],), (lambda *args: None,),
    ('walk', None), ('walk', ''), ('walk', {}), ('walk', math.nan), ('walk', lambda *args: None), ('walk', 'a\0b'),
    ('walk', 'a\nb'), (None, None), (None, None, None), ('x' * 100000,), ('\ud800',),
]
# As above: those of C that take what they are given at its word.
NO_JUNK = {
    **NOT_WALKED,
    'Socket.emit_args': 'a reserved name is a critical there; emit() says so by an exception',
    'Manager.set_randomization_factor': 'what is out of range is a critical, as GObject says for properties',
    'Manager.set_reconnection_attempts': 'likewise',
}
if gi.version_info >= (3, 50):
    NO_JUNK |= {
        'Manager.open_async': 'PyGObject 3.50 gives a main context back that it never had, if an argument is wrong',
        'Socket.emit_with_ack_async': 'likewise',
    }


def call_with_junk(kind, name, args, disposed):
    thing = make[kind]()
    if disposed:
        thing.run_dispose()
    try:
        method = getattr(thing, name)
        result = method(*args) if callable(method) else None
        if inspect.iscoroutine(result):
            result.close()
    except Exception:  # pylint: disable=broad-except
        pass  # An exception tells of the mistake.
    turn()
    rest(thing)


def io_with_junk(*args, **keywords):
    try:
        socket = Sio.io(*args, **keywords)
        use_manager(socket.get_property('io'))
        socket.close()
    except Exception:  # pylint: disable=broad-except
        pass
    turn()


if has_overrides:
    for kind in OBJECTS:
        names = {entry['name'] for entry in table if entry['class'] == kind and not entry['static']}
        names |= {name for name in vars(getattr(Sio, kind)) if not name.startswith('_')}
        for name in sorted(names):
            if f'{kind}.{name}' in NO_JUNK:
                continue
            for disposed in (False, True):
                for args in JUNK:
                    shown = ', '.join(repr(arg)[:12] for arg in args)
                    point(f'{kind}.{name} ({shown}){", disposed of" if disposed else ""}', call_with_junk, kind, name,
                          args, disposed)
    for args in JUNK:
        point(f'io ({", ".join(repr(arg)[:12] for arg in args)})', io_with_junk, *args)
    options = [pspec.name.replace('-', '_') for pspec in Sio.Options.list_properties()]
    for option in [*options, 'query', 'extra_headers']:
        for value in (None, '', 'a\0b', 'a\nb', math.nan, -1, math.inf, 1e300, {}, [], [None], {'a': None}, {'': ''},
                      lambda *args: None):
            point(f'io ({option}={value!r:.12})', lambda o=option, v=value: io_with_junk(url, **{o: v}))


def check_not_walked():
    assert set(NOT_WALKED) <= seen, set(NOT_WALKED) - seen


point('what is not walked is there', check_not_walked)
print(f'1..{n_points}')
