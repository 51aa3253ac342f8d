// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is heard from a server. Knows Socket.IO and nothing of the Shell.

const KEPT = 6;

export class Feed {
    // changed (urgent) is called whenever there is something new to be seen.
    constructor(Sio, url, changed) {
        this.state = 'connecting';
        this.problem = '';
        this.count = 0;
        this.events = [];
        this._changed = changed;

        // All extensions share one process: without forceNew another one that talks to the same
        // server would share the connection, and its options.
        this._socket = Sio.io(url, {forceNew: true});
        this._manager = this._socket.io;

        // Not connect('event::…'): before GJS 1.81.90 a handler of a signal is skipped while garbage
        // is collected. What on() and onAny() are given is always called.
        this._socket.on('connect', () => {
            this._enter('connected');
            // It is not known before this whether a WebSocket works.
            this._manager.engine?.once('upgrade', () => this._changed?.(true));
        });
        this._socket.on('disconnect', reason => this._enter(this._socket.active ? 'waiting' : 'disconnected', reason));
        this._socket.on('connect_error', error => this._enter(this._socket.active ? 'waiting' : 'disconnected', error.message));
        this._manager.on('reconnect_attempt', n => this._enter('connecting', `attempt ${n}`));
        this._socket.onAny((name, ...args) => this._add(name, args));
    }

    get transport() {
        return this._socket.connected ? this._manager.engine?.transport.name ?? '' : '';
    }

    reconnect() {
        this._enter('connecting');
        this._socket.disconnect().connect();
    }

    // After this there is no listener, no connection and no timer any more.
    destroy() {
        this._changed = null;
        this._manager.off();
        this._socket.off().offAny();
        this._socket.disconnect();
        this._socket = null;
        this._manager = null;
        this.events = [];
    }

    _enter(state, problem = '') {
        this.state = state;
        this.problem = problem;
        this._changed?.(true);
    }

    _add(name, args) {
        this.count++;
        this.events = [{name, args, when: new Date()}, ...this.events.slice(0, KEPT - 1)];
        this._changed?.(false);
    }
}
