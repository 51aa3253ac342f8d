# SPDX-License-Identifier: LGPL-2.1-or-later
"""Listeners by name."""

import inspect
import math

from ._pending import guard

# The name under which listeners to all events are.
ANY = 'any'


def arity(function):
    """How many positional arguments it takes, and how many it needs."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return math.inf, 0
    if any(p.kind == p.VAR_POSITIONAL for p in parameters):
        most = math.inf
    else:
        most = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    least = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty for p in parameters)
    return most, least


class _Listener:
    __slots__ = ('function', 'most', 'once', 'gone')

    def __init__(self, function, once, trim):
        self.function = function
        self.once = once
        self.gone = False
        self.most = arity(function)[0] if trim else None


class Listeners:
    """By name; a list is replaced, never changed, so that a round goes over those it began with."""

    def __init__(self, trim=False):
        self.lists = {}
        self.trim = trim

    def functions(self, name):
        return [listener.function for listener in self.lists.get(name, ())]

    def add(self, name, function, once=False, first=False):
        if not callable(function):
            raise TypeError('the listener has to be callable')
        listener = _Listener(function, once, self.trim)
        there = self.lists.get(name, ())
        self.lists[name] = (listener, *there) if first else (*there, listener)

    def remove(self, name=None, function=None):
        if name is None:
            for each in tuple(self.lists):
                self.remove(each)
            return
        for listener in self.lists.get(name, ()):
            # Methods of one object are equal, but made anew each time.
            if function is None or listener.function == function:
                listener.gone = True
                if function is not None:
                    break
        self._sweep(name)

    def _sweep(self, name):
        kept = tuple(listener for listener in self.lists.get(name, ()) if not listener.gone)
        if kept:
            self.lists[name] = kept
        else:
            self.lists.pop(name, None)

    def call(self, name, args):
        for listener in self.lists.get(name, ()):
            if listener.gone:
                continue
            if listener.once:
                listener.gone = True
                self._sweep(name)
            most = listener.most
            guard(listener.function, args if most is None or most >= len(args) else args[:most])


def decorator(add, listener):
    if listener is not None:
        add(listener)
        return listener

    def decorate(function):
        add(function)
        return function
    return decorate
