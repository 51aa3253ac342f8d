// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Socket.IO for GJS: the API of the JavaScript client, on top of what is introspected.
//
// Everything that happens comes through an inbox (sio-inbox.h), not through signals, as GJS before
// 1.81.90 drops signal handlers and callbacks while it collects garbage.
//
// A socket is kept while it is active. After that garbage collection finds it, whatever its listeners
// and those of its manager refer to.

/* exported _init */

const {Sio} = imports.gi;
const Manager = imports.overrides.sio.manager;
const {STATE} = imports.overrides.sio.notices;
const {makeOptions} = imports.overrides.sio.options;
const Socket = imports.overrides.sio.socket;
const {stateOf} = imports.overrides.sio.socketState;

const native = Sio.io;

function io(url, options) {
    if (typeof url !== 'string')
        throw new TypeError('io() needs a URL');

    const socket = native(url, makeOptions(options));
    const isNew = socket[STATE] === undefined;
    const state = stateOf(socket);

    if (isNew || options)
        state.configure(options);
    state.hold();
    return socket;
}

function _init() {
    Object.assign(Sio.Socket.prototype, Socket.methods);
    Object.defineProperties(Sio.Socket.prototype, Socket.properties);
    Object.assign(Sio.Manager.prototype, Manager.managerMethods);
    Object.assign(Sio.Engine.prototype, Manager.engineMethods);
    Object.defineProperties(Sio.Engine.prototype, Manager.engineProperties);

    Sio.io = Object.assign(io, {
        protocol: Sio.PROTOCOL,
        io,
        connect: io,
        Manager: Sio.Manager,
        Socket: Sio.Socket,
    });
}
