// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The usual thing in one call.

/* exported io */

const {Sio} = imports.gi;
const {makeOptions} = imports.overrides.sio.options;
const {stateOf} = imports.overrides.sio.socketState;
const {checkText} = imports.overrides.sio.values;

// As it was before.
const native = Sio.io;

function io(url, options) {
    if (typeof url !== 'string')
        throw new TypeError('io() needs a URL');

    const socket = native(checkText(url, 'A URL'), makeOptions(options));
    const state = stateOf(socket);

    state.configure(options);
    state.hold();
    return socket;
}
