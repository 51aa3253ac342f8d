// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a socket has in addition: its listeners, and who waits for an acknowledgement.

/* exported stateOf, isReserved */

const {Sio} = imports.gi;
const {ANY, Listeners, guard} = imports.overrides.sio.listeners;
const {STATE, Inbox, errorOf, reasonOf} = imports.overrides.sio.notices;
const {MAX_UINT, decode, decodeText, encode, toGError} = imports.overrides.sio.values;

const RESERVED = new Set(['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']);
const {EVENT} = Sio.NoticeKind;

// Sockets that are active, or that owe somebody an answer, are not collected.
const alive = new Set();

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

    release() {
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

    // A callback without a parameter for an error is called with an answer, or not at all. What is not sent is
    // told by an error of the manager, the end of a connection by disconnect.
    askBlindly(name, args, settle) {
        this.await('emit_for_answer', name, args, (error, answer) => {
            if (error === null)
                settle(answer);
        });
    }

    // settle (error, args) is called once.
    ask(name, args, settle) {
        this.await('emit_with_ticket', name, args, settle);
    }

    await(method, name, args, settle) {
        const hasDeadline = this.limited || this.isVolatile || this.ackTimeout > 0;
        const before = this.early;

        this.early = new Map();
        try {
            const ticket = this.socket[method](name, encode(args));

            // Somebody has disposed of the socket, and of its inbox.
            if (ticket === 0)
                throw new Error('The socket was disposed of');

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

function isReserved(name) {
    return RESERVED.has(name);
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
