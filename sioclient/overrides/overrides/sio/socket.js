// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The methods and properties of a socket.

/* exported methods, properties */

const {GObject, Sio} = imports.gi;
const {ANY} = imports.overrides.sio.listeners;
const {isReserved, stateOf} = imports.overrides.sio.socketState;
const {clamp, decode, encode} = imports.overrides.sio.values;

// As they were before.
const {off, timeout, open, close, run_dispose} = Sio.Socket.prototype;
const native = {off, timeout, open, close, run_dispose};

function checkName(name) {
    const text = String(name);

    if (isReserved(text))
        throw new Error(`"${text}" is a reserved event name`);
    if (text.includes('\0'))
        throw new TypeError('The name of an event cannot have a NUL in it');
    return text;
}

// What was set for one emission is for that one alone, whether it is sent, refused, or throws.
function emitOnce(socket, emit) {
    const state = stateOf(socket);

    try {
        emit(state);
    } catch (error) {
        socket.forget_flags();
        throw error;
    } finally {
        state.forgetFlags();
    }
}

var methods = {
    // Not called for those that the library makes.
    _init() {
        throw new TypeError('Sio.io() and the socket() of a manager make sockets');
    },

    on(name, listener) {
        const state = stateOf(this);

        state.listenersOf(name).add(name, listener);
        state.listen();
        return this;
    },

    once(name, listener) {
        const state = stateOf(this);

        state.listenersOf(name).add(name, listener, {once: true});
        state.listen();
        return this;
    },

    off(name, listener) {
        const state = stateOf(this);

        if (typeof listener === 'number') {
            native.off.call(this, name ?? null, listener);
            return this;
        }
        if (name === undefined || name === null) {
            state.events.remove();
            state.lifecycle.remove();
        } else {
            state.listenersOf(name).remove(name, listener);
        }
        state.listen();
        return this;
    },

    listeners(name) {
        return stateOf(this).listenersOf(name).functions(name);
    },

    hasListeners(name) {
        return this.listeners(name).length > 0;
    },

    onAny(listener) {
        const state = stateOf(this);

        state.any.add(ANY, listener);
        state.listen();
        return this;
    },

    prependAny(listener) {
        const state = stateOf(this);

        state.any.add(ANY, listener, {first: true});
        state.listen();
        return this;
    },

    offAny(listener) {
        const state = stateOf(this);

        state.any.remove(ANY, listener);
        state.listen();
        return this;
    },

    listenersAny() {
        return stateOf(this).any.functions(ANY);
    },

    onAnyOutgoing(listener) {
        const state = stateOf(this);

        state.outgoing.add(ANY, listener);
        state.listen();
        return this;
    },

    prependAnyOutgoing(listener) {
        const state = stateOf(this);

        state.outgoing.add(ANY, listener, {first: true});
        state.listen();
        return this;
    },

    offAnyOutgoing(listener) {
        const state = stateOf(this);

        state.outgoing.remove(ANY, listener);
        state.listen();
        return this;
    },

    listenersAnyOutgoing() {
        return stateOf(this).outgoing.functions(ANY);
    },

    emit(name, ...args) {
        emitOnce(this, state => {
            const text = checkName(name);

            if (typeof args[args.length - 1] !== 'function') {
                this.emit_args(text, encode(args));
                return;
            }

            const callback = args.pop();

            if (state.limited || state.ackTimeout > 0 || state.retries !== 0)
                state.ask(text, args, (error, answer) => callback.call(this, error, ...answer));
            else
                state.askBlindly(text, args, answer => callback.apply(this, answer));
        });
        return this;
    },

    send(...args) {
        return this.emit('message', ...args);
    },

    emitWithAck(name, ...args) {
        return new Promise((resolve, reject) => {
            emitOnce(this, state => state.ask(checkName(name), args, (error, [answer]) => {
                if (error === null)
                    resolve(answer);
                else
                    reject(error);
            }));
        });
    },

    timeout(milliseconds) {
        stateOf(this).limited = true;
        return native.timeout.call(this, clamp(milliseconds));
    },

    open() {
        const state = stateOf(this);

        native.open.call(this);
        state.hold();
        return this;
    },

    close() {
        native.close.call(this);
        stateOf(this).hold();
        return this;
    },

    // Afterwards nobody could be told any more.
    run_dispose() {
        const state = stateOf(this);

        this.end_waiting();
        native.run_dispose.call(this);
        state.release();
    },

    // Handlers of signals are connected with a name, the socket without anything.
    connect(...args) {
        return args.length > 0 ? GObject.Object.prototype.connect.apply(this, args) : this.open();
    },

    disconnect(id) {
        return typeof id === 'number' ? GObject.Object.prototype.disconnect.call(this, id) : this.close();
    },
};

var properties = {
    volatile: {
        configurable: true,
        get() {
            stateOf(this).isVolatile = true;
            return this.make_volatile();
        },
    },

    auth: {
        configurable: true,
        enumerable: true,
        get() {
            const {auth} = stateOf(this);

            if (auth !== undefined)
                return auth;

            const value = this.get_auth();

            return value === null ? undefined : decode(value);
        },
        // It is asked for before each connection, so a member may be changed as well.
        set(auth) {
            const isValue = auth instanceof Sio.Value;

            stateOf(this).auth = isValue ? undefined : auth ?? undefined;
            if (isValue)
                this.set_auth(auth);
            else
                this.ask_inbox();
        },
    },
};
