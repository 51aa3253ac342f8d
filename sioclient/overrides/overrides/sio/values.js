// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Values of JavaScript to those of the library, and back.

/* exported MAX_UINT, encode, decode, decodeText, clamp, checkText, toGError */

const {GLib, Sio} = imports.gi;

var MAX_UINT = 0xffffffff;

function isBinary(value) {
    return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof GLib.Bytes;
}

function hasBinary(value) {
    if (typeof value !== 'object' || value === null)
        return false;
    if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) {
            if (hasBinary(value[i]))
                return true;
        }
        return false;
    }
    if (isBinary(value))
        return true;
    if (typeof value.toJSON === 'function')
        return hasBinary(value.toJSON());
    for (const key in value) {
        if (hasBinary(value[key]))
            return true;
    }
    return false;
}

function toBytes(value) {
    if (value instanceof GLib.Bytes)
        return value;
    if (value instanceof ArrayBuffer)
        return new GLib.Bytes(new Uint8Array(value));
    if (value instanceof Uint8Array)
        return new GLib.Bytes(value);
    return new GLib.Bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
}

function fromBytes(bytes) {
    // What toArray() returns still warns when it is made a string.
    const array = bytes.toArray();

    return new Uint8Array(array.buffer, array.byteOffset, array.length);
}

// A copy with a placeholder for each binary part.
function takeOut(value, parts) {
    if (typeof value !== 'object' || value === null)
        return value;
    if (isBinary(value))
        return {_placeholder: true, num: parts.push(toBytes(value)) - 1};
    if (Array.isArray(value))
        return value.map(element => takeOut(element, parts));
    if (typeof value.toJSON === 'function')
        return takeOut(value.toJSON(), parts);
    // Not by assignment, which would not make a member named __proto__.
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, takeOut(member, parts)]));
}

function putBack(value, parts) {
    if (typeof value !== 'object' || value === null)
        return value;
    if (value._placeholder === true && Number.isInteger(value.num) && value.num in parts)
        return fromBytes(parts[value.num]);
    for (const key of Object.keys(value)) {
        const member = value[key];
        const restored = putBack(member, parts);

        if (restored !== member)
            value[key] = restored;
    }
    return value;
}

function encode(value) {
    if (!hasBinary(value))
        return Sio.Value.new_from_json(JSON.stringify(value), null);

    const parts = [];
    const text = JSON.stringify(takeOut(value, parts));

    return Sio.Value.new_from_json(text, parts);
}

function decodeText(text, parts) {
    const value = JSON.parse(text);

    return parts?.length ? putBack(value, parts) : value;
}

function decode(value) {
    return decodeText(...value.to_json());
}

function clamp(value) {
    return Math.min(Math.max(Math.round(Number(value)) || 0, 0), MAX_UINT);
}

// A string of C ends at the first NUL, and what is behind it would be lost without a word.
function checkText(value, what) {
    const text = String(value);

    if (text.includes('\0'))
        throw new TypeError(`${what} cannot have a NUL in it`);
    return text;
}

function toGError(error) {
    if (error instanceof GLib.Error)
        return error;
    return new GLib.Error(Sio.error_quark(), Sio.Error.FAILED, String(error?.message ?? error));
}
