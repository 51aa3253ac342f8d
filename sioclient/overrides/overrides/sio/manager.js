// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The methods of a manager and of its engine.

/* exported managerMethods, engineMethods, engineProperties */

const {GObject, Sio} = imports.gi;
const {Listeners, guard} = imports.overrides.sio.listeners;
const {STATE, Inbox, errorOf, reasonOf} = imports.overrides.sio.notices;
const {makeOptions} = imports.overrides.sio.options;
const {stateOf} = imports.overrides.sio.socketState;
const {checkText, decode} = imports.overrides.sio.values;

// As they were before.
const {_init, open} = Sio.Manager.prototype;
const native = {_init, open};

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

var managerMethods = {
    ...hubMethods,

    _init(...args) {
        if (typeof args[0] === 'string')
            native._init.call(this, {url: checkText(args[0], 'A URL'), options: makeOptions(args[1])});
        else if (typeof args[0]?.url === 'string')
            native._init.apply(this, args);
        else
            throw new TypeError('A manager needs a URL');
    },

    open(callback) {
        if (typeof callback !== 'function') {
            native.open.call(this);
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
        const socket = this.get_socket(checkText(nsp, 'The name of a namespace'), makeOptions(options));
        const isNew = socket[STATE] === undefined;
        const state = stateOf(socket);

        // One that was there already keeps what it has.
        if (isNew)
            state.configure(options);
        state.hold();
        return socket;
    },
};

var engineMethods = {
    ...hubMethods,

    _init() {
        throw new TypeError('An engine is made by its manager');
    },
};

var engineProperties = {
    transport: {
        configurable: true,
        get() {
            return {name: this.transport_name};
        },
    },
};
