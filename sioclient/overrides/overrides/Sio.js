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

const {GLib, GObject} = imports.gi;

const RESERVED = new Set(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']);
const MAX_UINT = 0xffffffff;

// Sockets that are active, or that owe somebody an answer, are not collected.
const alive = new Set();

let Sio;
let Inbox;
let native;
let EVENT;

// --- values

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

function toGError(error) {
    if (error instanceof GLib.Error)
        return error;
    return new GLib.Error(Sio.error_quark(), Sio.Error.FAILED, String(error?.message ?? error));
}

// --- listeners

// Lists are replaced, never changed, so that a round goes over those that were there when it began.
class Listeners {
    constructor() {
        this._lists = new Map();
    }

    get isEmpty() {
        return this._lists.size === 0;
    }

    has(name) {
        return this._lists.has(name);
    }

    get(name) {
        return this._lists.get(name) ?? [];
    }

    functions(name) {
        return this.get(name).map(listener => listener.run);
    }

    add(name, run, {once = false, first = false} = {}) {
        if (typeof run !== 'function')
            throw new TypeError('The listener has to be a function');

        const listener = {run, once, gone: false};
        const list = this.get(name);

        this._lists.set(name, first ? [listener, ...list] : [...list, listener]);
    }

    // Without a function all go, without a name those of all names.
    remove(name, run) {
        if (name === undefined) {
            [...this._lists.keys()].forEach(each => this.remove(each));
            return;
        }

        const list = this.get(name);
        const taken = run === undefined ? list : list.filter(listener => listener.run === run).slice(0, 1);

        taken.forEach(listener => {
            listener.gone = true;
        });
        this._keep(name, list.filter(listener => !listener.gone));
    }

    _keep(name, list) {
        if (list.length > 0)
            this._lists.set(name, list);
        else
            this._lists.delete(name);
    }

    call(self, name, args) {
        const list = this._lists.get(name);

        if (list === undefined)
            return;
        for (const listener of list) {
            if (listener.gone)
                continue;
            if (listener.once) {
                listener.gone = true;
                this._keep(name, this.get(name).filter(other => other !== listener));
            }
            guard(listener.run, self, args);
        }
    }
}

// What one listener throws is no matter of the next.
function guard(run, self, args) {
    try {
        run.apply(self, args);
    } catch (error) {
        logError(error);
    }
}

// --- sockets

const STATE = Symbol('Sio');
const ANY = 'any';

class SocketState {
    constructor(socket) {
        this.socket = socket;
        this.events = new Listeners();
        this.lifecycle = new Listeners();
        this.any = new Listeners();
        this.outgoing = new Listeners();
        this.tickets = new Map();
        this.early = null;
        this.deadlines = 0;
        this.limited = false;
        this.isVolatile = false;
        this.ackTimeout = 0;
        this.retries = 0;
        this.auth = undefined;
        this.kinds = MAX_UINT;
        // The socket holds it weakly, its wrapper holds it through here.
        this.inbox = new Inbox();
        this.inbox.owner = this;
        // Held from here, where garbage collection sees it, so that listeners of the manager may refer to
        // the socket.
        this.manager = socket.io;
        socket.loosen();
        socket.set_inbox(this.inbox, 'waiting');
        socket.set_inbox_text('text');
        this.listen();
    }

    configure(options) {
        this.ackTimeout = options?.ackTimeout ?? 0;
        this.retries = options?.retries ?? 0;
        this.auth = options instanceof Sio.Options || options?.auth instanceof Sio.Value ? undefined : options?.auth;
    }

    listenersOf(name) {
        return RESERVED.has(name) ? this.lifecycle : this.events;
    }

    // What nobody hears is not brought here.
    listen() {
        let kinds = MAX_UINT;

        if (this.events.isEmpty && this.any.isEmpty)
            kinds &= ~(1 << EVENT);
        if (this.outgoing.isEmpty)
            kinds &= ~(1 << Sio.NoticeKind.OUTGOING);
        kinds >>>= 0;
        if (kinds !== this.kinds) {
            this.kinds = kinds;
            this.socket.filter_inbox(kinds);
        }
    }

    hold() {
        if (this.deadlines > 0 || this.socket.active)
            alive.add(this.socket);
        else
            alive.delete(this.socket);
    }

    // A listener may have emptied the inbox meanwhile.
    empty(n) {
        for (let i = 0; i < n; i++) {
            const [kind, name, text, parts] = this.socket.take_event();

            if (kind < 0)
                return;
            if (name === null)
                this.handle(this.socket.take_notice());
            else if (kind === EVENT)
                this.handleEvent(name, text, parts, null);
            else
                this.outgoing.call(this.socket, ANY, [name, ...decodeText(text, parts)]);
        }
    }

    // An event that comes alone and is plain comes as a text: one step from C to here, and none back.
    hear(text) {
        const args = JSON.parse(text);
        const name = args.shift();

        if (!this.any.isEmpty)
            this.any.call(this.socket, ANY, [name, ...args]);
        this.events.call(this.socket, name, args);
    }

    handle(notice) {
        const {socket} = this;

        switch (notice.get_kind()) {
        case Sio.NoticeKind.EVENT: {
            const event = notice.get_event();

            this.handleEvent(event.get_name(), ...event.get_json(), event);
            break;
        }
        case Sio.NoticeKind.ACK:
            this.handleAck(notice.get_ticket(), notice);
            break;
        case Sio.NoticeKind.CONNECT:
            this.hold();
            this.lifecycle.call(socket, 'connect', []);
            break;
        case Sio.NoticeKind.CONNECT_ERROR:
            this.hold();
            this.lifecycle.call(socket, 'connect_error', [errorOf(notice)]);
            break;
        case Sio.NoticeKind.DISCONNECT:
            this.hold();
            this.lifecycle.call(socket, 'disconnect', reasonOf(notice));
            break;
        case Sio.NoticeKind.AUTH:
            this.present(notice.get_auth_request());
            break;
        }
    }

    // What the server calls by a reserved name is heard by listeners to all events only.
    handleEvent(name, text, parts, waiting) {
        if (this.any.isEmpty && !this.events.has(name))
            return;

        const args = decodeText(text, parts);

        if (!this.any.isEmpty)
            this.any.call(this.socket, ANY, [name, ...args]);
        if (waiting !== null)
            args.push((...answer) => waiting.ack_args(encode(answer)));
        this.events.call(this.socket, name, args);
    }

    handleAck(ticket, notice) {
        const settle = this.tickets.get(ticket);

        if (settle === undefined) {
            this.early?.set(ticket, notice);
            return;
        }

        const error = errorOf(notice);

        this.tickets.delete(ticket);
        if (error !== null)
            settle(error, []);
        else
            settle(null, decode(notice.get_value()));
    }

    // settle (error, args) is called once.
    ask(name, args, settle) {
        const hasDeadline = this.limited || this.isVolatile || this.ackTimeout > 0;
        const before = this.early;

        this.early = new Map();
        try {
            const ticket = this.socket.emit_with_ticket(name, encode(args));
            const early = this.early.get(ticket);

            this.deadlines += hasDeadline;
            this.hold();
            this.tickets.set(ticket, (...result) => {
                this.deadlines -= hasDeadline;
                this.hold();
                guard(settle, this.socket, result);
            });
            // A listener to what goes out has ended the connection.
            if (early !== undefined)
                this.handleAck(ticket, early);
        } finally {
            this.early = before;
        }
    }

    forgetFlags() {
        this.limited = false;
        this.isVolatile = false;
    }

    present(request) {
        const {auth} = this;
        let answered = false;
        const accept = payload => {
            if (answered)
                return;
            answered = true;
            try {
                request.accept(payload === undefined || payload === null ? null : encode(payload));
            } catch (error) {
                request.fail(toGError(error));
            }
        };
        const fail = error => {
            if (answered)
                return;
            answered = true;
            request.fail(toGError(error));
        };

        if (typeof auth !== 'function') {
            accept(auth);
            return;
        }
        // A function that takes one is expected to call it; of any other, what it returns counts.
        const take = payload => {
            if (payload !== undefined || auth.length === 0)
                accept(payload);
        };
        try {
            const result = auth.call(this.socket, accept);

            if (typeof result?.then === 'function')
                result.then(take, fail);
            else
                take(result);
        } catch (error) {
            fail(error);
        }
    }
}

function errorOf(notice) {
    const error = notice.get_error();

    if (error === null)
        return null;

    const data = notice.get_value();

    if (data !== null)
        error.data = decode(data);
    error.description = error.message;
    return error;
}

function reasonOf(notice) {
    return [Sio.disconnect_reason_to_string(notice.get_reason()), errorOf(notice) ?? undefined];
}

function stateOf(socket) {
    let state = socket[STATE];

    if (state === undefined) {
        state = new SocketState(socket);
        socket[STATE] = state;
        state.hold();
    }
    return state;
}

function checkName(name) {
    const text = String(name);

    if (RESERVED.has(text))
        throw new Error(`"${text}" is a reserved event name`);
    if (text.includes('\0'))
        throw new TypeError('The name of an event cannot have a NUL in it');
    return text;
}

const socketMethods = {
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
            native.socket.off.call(this, name ?? null, listener);
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
        const text = checkName(name);
        const state = stateOf(this);

        if (typeof args[args.length - 1] === 'function') {
            const callback = args.pop();
            const withError = state.limited || state.ackTimeout > 0 || state.retries !== 0;

            state.ask(text, args, (error, answer) => {
                if (withError)
                    callback.call(this, error, ...answer);
                else if (error === null)
                    callback.apply(this, answer);
            });
        } else {
            this.emit_args(text, encode(args));
        }
        state.forgetFlags();
        return this;
    },

    send(...args) {
        return this.emit('message', ...args);
    },

    emitWithAck(name, ...args) {
        return new Promise((resolve, reject) => {
            const state = stateOf(this);

            state.ask(checkName(name), args, (error, [answer]) => {
                if (error === null)
                    resolve(answer);
                else
                    reject(error);
            });
            state.forgetFlags();
        });
    },

    timeout(milliseconds) {
        stateOf(this).limited = true;
        return native.socket.timeout.call(this, clamp(milliseconds));
    },

    open() {
        const state = stateOf(this);

        native.socket.open.call(this);
        state.hold();
        return this;
    },

    close() {
        native.socket.close.call(this);
        stateOf(this).hold();
        return this;
    },

    // Handlers of signals are connected with a name, the socket without anything.
    connect(...args) {
        return args.length > 0 ? GObject.Object.prototype.connect.apply(this, args) : this.open();
    },

    disconnect(id) {
        return typeof id === 'number' ? GObject.Object.prototype.disconnect.call(this, id) : this.close();
    },
};

const socketProperties = {
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

// --- managers and engines

// Their listeners, fed by an inbox that is there as soon as somebody listens.
class Hub {
    constructor(object, argumentsOf) {
        this.object = object;
        this.argumentsOf = argumentsOf;
        this.listeners = new Listeners();
        this.tickets = new Map();
        this.inbox = new Inbox();
        this.inbox.owner = this;
        object.set_inbox(this.inbox, 'waiting');
    }

    empty() {
        let notice;

        while ((notice = this.object.take_notice()) !== null)
            this.handle(notice);
    }

    handle(notice) {
        if (notice.get_kind() === Sio.NoticeKind.OPEN) {
            const ticket = notice.get_ticket();
            const callback = this.tickets.get(ticket);

            this.tickets.delete(ticket);
            guard(callback, this.object, notice.get_error() === null ? [] : [errorOf(notice)]);
            return;
        }

        const [name, args] = this.argumentsOf(notice);

        this.listeners.call(this.object, name, args);
    }
}

function managerArguments(notice) {
    const name = notice.get_name();

    switch (name) {
    case 'error':
        return ['error', [errorOf(notice)]];
    case 'reconnect-error':
        return ['reconnect_error', [errorOf(notice)]];
    case 'reconnect':
        return ['reconnect', [notice.get_number()]];
    case 'reconnect-attempt':
        return ['reconnect_attempt', [notice.get_number()]];
    case 'reconnect-failed':
        return ['reconnect_failed', []];
    case 'opened':
        return ['open', []];
    case 'closed':
        return ['close', reasonOf(notice)];
    default:
        return [name, []];
    }
}

function engineArguments(notice) {
    const name = notice.get_name();

    switch (name) {
    case 'upgrade':
        return [name, [{name: notice.get_text()}]];
    case 'packet':
    case 'packet-create': {
        const value = notice.get_value();
        const data = value === null ? undefined : decode(value);

        return [name === 'packet' ? name : 'packetCreate', [{type: notice.get_text(), data}]];
    }
    case 'close':
        return [name, [notice.get_text(), errorOf(notice) ?? undefined]];
    default:
        return [name, []];
    }
}

function hubOf(object) {
    object[STATE] ??= new Hub(object, object instanceof Sio.Manager ? managerArguments : engineArguments);
    return object[STATE];
}

const hubMethods = {
    on(name, listener) {
        hubOf(this).listeners.add(name, listener);
        return this;
    },

    once(name, listener) {
        hubOf(this).listeners.add(name, listener, {once: true});
        return this;
    },

    off(name, listener) {
        hubOf(this).listeners.remove(name, listener);
        return this;
    },

    listeners(name) {
        return hubOf(this).listeners.functions(name);
    },
};

const managerMethods = {
    _init(...args) {
        if (typeof args[0] === 'string')
            native.manager._init.call(this, {url: args[0], options: makeOptions(args[1])});
        else
            native.manager._init.apply(this, args);
    },

    open(callback) {
        if (typeof callback !== 'function') {
            native.manager.open.call(this);
        } else {
            const hub = hubOf(this);

            hub.tickets.set(this.open_with_ticket(), callback);
        }
        return this;
    },

    connect(...args) {
        if (args.length === 0 || typeof args[0] === 'function')
            return this.open(...args);
        return GObject.Object.prototype.connect.apply(this, args);
    },

    reconnectNow() {
        return this.reconnect_now();
    },

    socket(nsp, options) {
        const socket = this.get_socket(String(nsp), makeOptions(options));
        const isNew = socket[STATE] === undefined;
        const state = stateOf(socket);

        // One that was there already keeps what it has.
        if (isNew)
            state.configure(options);
        state.hold();
        return socket;
    },
};

const engineProperties = {
    transport: {
        configurable: true,
        get() {
            return {name: this.transport_name};
        },
    },
};

// --- options

const limit = value => value === Infinity ? -1 : Math.min(Math.trunc(Number(value)), 0x7fffffff);
const toStrings = value => (Array.isArray(value) ? value : [value]).map(String);
const same = value => value;

// Those that are not here are of browsers or of Node.js only.
const OPTIONS = {
    forceNew: Boolean,
    multiplex: Boolean,
    autoConnect: Boolean,
    reconnection: Boolean,
    reconnectionAttempts: limit,
    reconnectionDelay: clamp,
    reconnectionDelayMax: clamp,
    randomizationFactor: value => Math.min(Math.max(Number(value) || 0, 0), 1),
    timeout: value => value === Infinity ? 0 : clamp(value),
    retries: limit,
    ackTimeout: clamp,
    path: String,
    addTrailingSlash: Boolean,
    transports: toStrings,
    upgrade: Boolean,
    rememberUpgrade: Boolean,
    tryAllTransports: Boolean,
    timestampRequests: Boolean,
    timestampParam: String,
    forceBase64: Boolean,
    withCredentials: Boolean,
    protocols: toStrings,
    requestTimeout: clamp,
    perMessageDeflate: Boolean,
    tlsDatabase: same,
    tlsCertificate: same,
    proxyResolver: same,
    networkAware: Boolean,
    joinTimeout: value => value === Infinity ? 0 : clamp(value),
};

function makeOptions(options) {
    if (options === undefined || options === null || options instanceof Sio.Options)
        return options ?? null;

    const made = new Sio.Options();

    for (const [name, convert] of Object.entries(OPTIONS)) {
        const value = options[name];

        if (value !== undefined && value !== null)
            made[name] = convert(value);
    }
    if (options['force new connection'])
        made.forceNew = true;
    for (const [name, value] of Object.entries(options.query ?? {}))
        made.set_query_param(name, String(value));
    for (const [name, value] of Object.entries(options.extraHeaders ?? {}))
        made.set_header(name, String(value));
    if (options.auth instanceof Sio.Value)
        made.auth = options.auth;
    else if (options.auth !== undefined && options.auth !== null)
        made.ask_inbox();
    return made;
}

function io(url, options) {
    if (typeof url !== 'string')
        throw new TypeError('io() needs a URL');

    const socket = native.io(url, makeOptions(options));
    const isNew = socket[STATE] === undefined;
    const state = stateOf(socket);

    if (isNew || options)
        state.configure(options);
    state.hold();
    return socket;
}

function defineMethods(prototype, methods) {
    for (const [name, method] of Object.entries(methods))
        prototype[name] = method;
}

function _init() {
    Sio = this;
    EVENT = Sio.NoticeKind.EVENT;

    Inbox = GObject.registerClass({
        GTypeName: 'SioGjsInbox',
        Properties: {
            'waiting': GObject.ParamSpec.uint('waiting', '', '', GObject.ParamFlags.WRITABLE, 0, MAX_UINT, 0),
            'text': GObject.ParamSpec.string('text', '', '', GObject.ParamFlags.WRITABLE, null),
        },
    }, class Inbox extends GObject.Object {
        set waiting(n) {
            this.owner.empty(n);
        }

        set text(text) {
            this.owner.hear(text);
        }
    });

    const {off, timeout, open, close} = Sio.Socket.prototype;

    native = {
        io: Sio.io,
        socket: {off, timeout, open, close},
        manager: {_init: Sio.Manager.prototype._init, open: Sio.Manager.prototype.open},
    };

    defineMethods(Sio.Socket.prototype, socketMethods);
    Object.defineProperties(Sio.Socket.prototype, socketProperties);
    defineMethods(Sio.Manager.prototype, {...hubMethods, ...managerMethods});
    defineMethods(Sio.Engine.prototype, hubMethods);
    Object.defineProperties(Sio.Engine.prototype, engineProperties);

    Sio.io = Object.assign(io, {
        protocol: Sio.PROTOCOL,
        io,
        connect: io,
        Manager: Sio.Manager,
        Socket: Sio.Socket,
    });
}
