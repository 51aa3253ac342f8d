// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The usual thing in one call.

/* exported io */

const {Sio} = imports.gi;
const {STATE} = imports.overrides.sio.notices;
const {makeOptions} = imports.overrides.sio.options;
const {stateOf} = imports.overrides.sio.socketState;
const {checkText} = imports.overrides.sio.values;

// As it was before.
const native = Sio.io;

function io(url, options) {
    if (typeof url !== 'string')
        throw new TypeError('io() needs a URL');

    const socket = native(checkText(url, 'A URL'), makeOptions(options));
    const isNew = socket[STATE] === undefined;
    const state = stateOf(socket);

    if (isNew || options)
        state.configure(options);
    state.hold();
    return socket;
}
