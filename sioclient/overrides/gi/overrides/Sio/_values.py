# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plain values of Python to those of the library, and back."""

import json
import math

from gi.module import get_introspection_module
from gi.repository import GLib

Sio = get_introspection_module('Sio')

_BINARY = (bytes, bytearray, memoryview, GLib.Bytes)
MAX_UINT = 0xffffffff


def _to_bytes(value):
    if isinstance(value, GLib.Bytes):
        return value
    return GLib.Bytes.new(bytes(value))


class _Encoder(json.JSONEncoder):
    """Collects binary parts, if it may, and leaves a placeholder for each."""

    def __init__(self, parts=None, ensure_ascii=False):
        super().__init__(ensure_ascii=ensure_ascii, allow_nan=False, separators=(',', ':'))
        self.parts = parts

    def default(self, o):
        if isinstance(o, _BINARY):
            if self.parts is None:
                raise _HasBinary
            self.parts.append(_to_bytes(o))
            return {'_placeholder': True, 'num': len(self.parts) - 1}
        if isinstance(o, GLib.Variant):
            return o.unpack()
        return super().default(o)


class _HasBinary(Exception):
    pass


_encoder = _Encoder()


def _without_nan(value):
    """A copy in which a number that JSON has no form for is None, as in JSON.stringify()."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(element) for element in value]
    return value


def _write(value, ensure_ascii=False):
    try:
        if not ensure_ascii:
            return _encoder.encode(value), None
    except _HasBinary:
        pass
    parts = []
    return _Encoder(parts, ensure_ascii).encode(value), parts or None


def encode(value):
    try:
        text, parts = _write(value)
    except ValueError as error:
        if 'float' not in str(error):
            raise
        value = _without_nan(value)
        text, parts = _write(value)
    try:
        return Sio.Value.new_from_json(text, parts)
    except UnicodeEncodeError:
        # Half of a surrogate pair has no form in UTF-8, only in JSON.
        return Sio.Value.new_from_json(*_write(value, ensure_ascii=True))


def _parse_int(digits):
    # Python does not read numbers of thousands of digits, and a server may send one.
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def _put_back(value, parts):
    if isinstance(value, list):
        return [_put_back(element, parts) for element in value]
    if isinstance(value, dict):
        num = value.get('num')
        if value.get('_placeholder') is True and type(num) is int and 0 <= num < len(parts):
            return parts[num].get_data() or b''
        return {key: _put_back(member, parts) for key, member in value.items()}
    return value


# The text was checked already, so nothing is to be seen to around it.
_scan = json.JSONDecoder().scan_once


def decode_text(text, parts):
    try:
        value, _end = _scan(text, 0)
    except (ValueError, StopIteration):
        value = json.loads(text, parse_int=_parse_int)
    return _put_back(value, parts) if parts else value


def decode(value):
    return decode_text(*value.to_json())


def check_text(value, what):
    """A string of C ends at the first NUL, and what is behind it would be lost without a word."""
    if isinstance(value, str) and '\0' in value:
        raise ValueError(f'{what} cannot have a NUL in it')
    return value


def clamp(number):
    return min(max(round(number), 0), MAX_UINT)


def to_gerror(error):
    if isinstance(error, GLib.Error):
        return error
    return GLib.Error.new_literal(Sio.error_quark(), str(error) or type(error).__name__, Sio.Error.FAILED)
