# SPDX-License-Identifier: LGPL-2.1-or-later
"""Options by keyword, and properties as attributes."""

import math

from gi.module import get_introspection_module
from gi.overrides import override
from gi.repository import GObject

from ._auth import on_auth
from ._values import check_text, clamp

Sio = get_introspection_module('Sio')

_MAX_INT = 0x7fffffff


def with_properties(cls):
    """Lets what GObject calls properties be attributes too."""
    for pspec in cls.list_properties():
        name = pspec.name.replace('-', '_')
        if name not in cls.__dict__:
            readable = pspec.flags & GObject.ParamFlags.READABLE
            writable = pspec.flags & GObject.ParamFlags.WRITABLE and not pspec.flags & GObject.ParamFlags.CONSTRUCT_ONLY
            setattr(cls, name, property(_getter(pspec.name) if readable else None,
                                        _setter(pspec.name) if writable else None, doc=pspec.blurb))
    # Not of the module that it happens to be in.
    cls.__module__ = __package__
    return override(cls)


def _getter(name):
    return lambda self: self.get_property(name)


def _setter(name):
    convert = _CONVERT.get(name.replace('-', '_'), _same)
    return lambda self, value: self.set_property(name, convert(value))


def _same(value):
    return value


def _limit(value):
    return -1 if value is None or value == math.inf else min(int(value), _MAX_INT)


def _text(value):
    return check_text(value, 'an option')


def _strings(value):
    return None if value is None else [_text(each) for each in ([value] if isinstance(value, str) else value)]


def _factor(value):
    if math.isnan(value):
        raise ValueError('a factor that is not a number')
    return min(max(value, 0), 1)


_CONVERT = {
    'randomization_factor': _factor,
    'reconnection_attempts': _limit,
    'retries': _limit,
    'reconnection_delay': clamp,
    'reconnection_delay_max': clamp,
    'timeout': lambda value: 0 if value is None or value == math.inf else clamp(value),
    'ack_timeout': lambda value: 0 if value is None else clamp(value),
    'join_timeout': lambda value: 0 if value is None or value == math.inf else clamp(value),
    'path': _text,
    'timestamp_param': _text,
    'transports': _strings,
    'protocols': _strings,
}


class Options(Sio.Options):
    """Options by keyword: Sio.Options(reconnection_delay_max=10000, query={'a': 'b'}, auth={…})."""

    def __init__(self, *, auth=None, query=None, extra_headers=None, **options):
        super().__init__(**{name: _CONVERT.get(name, _same)(value) for name, value in options.items()})
        self._sio_auth = None
        if isinstance(auth, Sio.Value):
            self.props.auth = auth
        elif auth is not None:
            self._sio_auth = auth
            self.set_auth_func(on_auth)
        for name, value in (query or {}).items():
            self.set_query_param(name, str(value))
        for name, value in (extra_headers or {}).items():
            self.set_header(name, str(value))

    def set_header(self, name, value):
        """Sets a header for all requests; None for none. One that cannot be sent is an exception."""
        super().set_header(check_text(name, 'the name of a header'), check_text(value, 'the value of a header'))

    def set_query_param(self, name, value):
        """Sets a parameter in the URL of all requests; None for none."""
        super().set_query_param(check_text(name, 'the name of a parameter'), check_text(value, 'the value of a parameter'))


Options = with_properties(Options)


def make_options(options, keywords):
    if options is not None and keywords:
        raise TypeError('options are given as an object or as keywords')
    return options if options is not None or not keywords else Options(**keywords)
