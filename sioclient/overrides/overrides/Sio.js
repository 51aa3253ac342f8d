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

function _init() {
    // Not before: the modules take the namespace from imports.gi, where it is from now on.
    const {io} = imports.overrides.sio.io;
    const {managerMethods, engineMethods, engineProperties} = imports.overrides.sio.manager;
    const {optionsMethods} = imports.overrides.sio.options;
    const {methods, properties} = imports.overrides.sio.socket;

    Object.assign(this.Socket.prototype, methods);
    Object.defineProperties(this.Socket.prototype, properties);
    Object.assign(this.Manager.prototype, managerMethods);
    Object.assign(this.Options.prototype, optionsMethods);
    Object.assign(this.Engine.prototype, engineMethods);
    Object.defineProperties(this.Engine.prototype, engineProperties);

    this.io = Object.assign(io, {
        protocol: this.PROTOCOL,
        io,
        connect: io,
        Manager: this.Manager,
        Socket: this.Socket,
    });
}
