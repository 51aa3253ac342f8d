// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Every property and every method that the typelib and the overrides have, with NULL, with nothing and with what
// makes no sense, from GJS: an exception is an answer, a crash or a critical is none.
//
// What was disposed of GJS itself lets nobody touch, so that is for walk-c and for Python.
//
//     walk.js FOLDER-OF-THE-TABLE

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Sio from 'gi://Sio?version=1.0';

const path = `${ARGV[0]}/walk-table.json`;
const table = JSON.parse(new TextDecoder().decode(GLib.file_get_contents(path)[1]));
const hasOverrides = typeof Sio.io.protocol === 'number';

// With what is made up these are a mistake of the program, which C says by a critical.
const NOT_WALKED = {
    'Socket.set_inbox': 'for the overrides alone, which know the property; walk-c',
    'Manager.set_inbox': 'likewise',
    'Engine.set_inbox': 'likewise',
    'Socket.set_inbox_text': 'likewise',
    'Socket.emit_with_ticket': 'for the overrides alone, which have an inbox; walk-c',
    'Socket.emit_for_answer': 'likewise',
    'Manager.open_with_ticket': 'likewise',
    'Socket.emit_with_ack_finish': 'takes the result of its own beginning',
    'Manager.open_finish': 'likewise',
    // Its callback is called while the object goes, which a GJS that sweeps forbids.
    'Socket.emit_with_ack_async': 'with overrides emitWithAck() is there for it; walk-c',
    'Socket.emit_with_callback': 'likewise',
};
const seen = new Set();

let nPoints = 0;

function point(name, run) {
    print(`# ${name}`);
    let why = null;

    try {
        run();
    } catch (error) {
        why = error;
    }
    nPoints++;
    print(`${why === null ? 'ok' : 'not ok'} ${nPoints} - ${name}`);
    if (why !== null)
        print(`# ${why}\n# ${String(why.stack).replaceAll('\n', '\n# ')}`);
}

// Else thousands of them would try to connect for as long as this takes.
function rest(object) {
    if (object instanceof Sio.Socket)
        object.close();
    else if (object instanceof Sio.Manager)
        object.reconnection = false;
}

function turn(n = 16) {
    while (n-- > 0)
        GLib.MainContext.default().iteration(false);
}

function closedUrl() {
    const socket = Gio.Socket.new(Gio.SocketFamily.IPV4, Gio.SocketType.STREAM, Gio.SocketProtocol.TCP);

    socket.bind(Gio.InetSocketAddress.new_from_string('127.0.0.1', 0), false);
    const {port} = socket.get_local_address();
    socket.close();
    return `http://127.0.0.1:${port}`;
}

const url = closedUrl();

function newManager(options = null) {
    return Sio.Manager.new(url, options);
}

const make = {
    Options: () => new Sio.Options(),
    Manager: () => newManager(),
    Socket: () => newManager().get_socket('/', null),
    Engine: () => newManager().get_engine(),
    Value: () => Sio.Value.new_from_json('{"a":["b"]}', null),
};

const values = {
    'utf8': parameter => ({url, property: 'waiting', json: '[1]', pointer: '/a'})[parameter.name] ?? 'walk',
    'gboolean': () => true,
    'gint': () => 1,
    'guint': () => 1,
    'gint64': () => 1,
    'gulong': () => 1,
    'gdouble': () => 0.5,
    'Value': make.Value,
    'Options': make.Options,
    'Socket': make.Socket,
    'Manager': make.Manager,
    'DisconnectReason': () => Sio.DisconnectReason.PING_TIMEOUT,
    'Gio.Cancellable': () => new Gio.Cancellable(),
    'GLib.Bytes': () => new GLib.Bytes([1, 2, 3]),
    'GLib.Bytes[]': () => null,
    'GLib.Variant': () => new GLib.Variant('s', 'walk'),
    'GLib.Error': () => new GLib.Error(Gio.IOErrorEnum, Gio.IOErrorEnum.FAILED, 'walked'),
    'Value[]': () => [Sio.Value.new_null()],
    'Json.Node': () => Sio.Value.new_null().to_node(),
    'AuthFunc': () => () => {},
    'AckFunc': () => () => {},
    'EventFunc': () => () => {},
    'Gio.AsyncReadyCallback': () => () => {},
    'GObject.Object': () => new Gio.Cancellable(),
};

function use(object) {
    if (object instanceof Sio.Options) {
        useManager(newManager(object));
        const socket = Sio.io(url, object);
        const again = Sio.io(url, object);

        again.close();
        socket.close();
    } else if (object instanceof Sio.Manager) {
        useManager(object);
    }
}

function useManager(manager) {
    let told = false;
    const id = GObject.signal_connect(manager, 'error', () => {
        told = true;
    });

    manager.open();
    while (!told)
        GLib.MainContext.default().iteration(true);
    GObject.signal_handler_disconnect(manager, id);
    manager.reconnection = false;
}

// --- properties

const candidates = {
    gchararray: [null, '', '/', '//', 'a b', '\r\n', '?#', '😀', '%00', 'x'.repeat(100000)],
    GStrv: [null, [], [''], ['websocket', 'polling', 'websocket'], ['webtransport'], ['a,b', 'c d', 'e\r\n']],
    gboolean: [null, false, true],
    gint: [null, -1, 0, 1, 0x7fffffff],
    guint: [null, 0, 1, 0xffffffff],
    gdouble: [null, 0, 0.5, 1],
    SioValue: [null, Sio.Value.new_null(), make.Value(), Sio.Value.new_string('text')],
};

for (const [name, klass] of Object.entries({Options: Sio.Options, Manager: Sio.Manager, Socket: Sio.Socket})) {
    for (const pspec of GObject.Object.list_properties.call(klass)) {
        const {flags} = pspec;
        const writable = flags & GObject.ParamFlags.WRITABLE && !(flags & GObject.ParamFlags.CONSTRUCT_ONLY);

        for (const value of writable ? candidates[pspec.value_type.name] ?? [null] : []) {
            const text = String(JSON.stringify(value)).slice(0, 40);

            point(`${name}.${pspec.name} = ${text}`, () => {
                const object = make[name]();
                const field = pspec.name.replaceAll('-', '_');

                // GJS itself refuses null for a number.
                try {
                    object[field] = value;
                } catch (error) {
                    if (value !== null || ['gchararray', 'GStrv'].includes(pspec.value_type.name))
                        throw error;
                }
                void object[field];
                use(object);
                turn();
            });
        }
    }
}

// --- methods as the typelib has them

function makeUp(parameter, kind) {
    if (kind === 'nulls' && parameter.nullable)
        return null;
    if (kind === 'empty' && parameter.type === 'utf8' && parameter.nullable)
        return '';

    const made = values[parameter.type];

    if (made === undefined)
        throw new Error(`nobody has taught this test the type ${parameter.type}`);
    return made(parameter);
}

function methodOf(entry) {
    if (entry.class === null)
        return Sio[entry.name];
    return entry.static ? Sio[entry.class][entry.name] : Sio[entry.class].prototype[entry.name];
}

function isWalked(name) {
    seen.add(name);
    return !(name in NOT_WALKED);
}

for (const entry of table) {
    const name = `${entry.class !== null ? `${entry.class}.` : ''}${entry.name}`;

    // Events, notices and requests are not for programs to make.
    if (!entry.static && make[entry.class] === undefined)
        continue;
    // With overrides some are others, which come below.
    if (!isWalked(name) || hasOverrides && ['Socket', 'Manager', 'Engine'].includes(entry.class))
        continue;
    if (['ref', 'unref'].includes(entry.name))
        continue;

    for (const kind of ['usual', 'nulls']) {
        point(`${name}, ${kind}`, () => {
            const object = entry.static ? Sio[entry.class] ?? Sio : make[entry.class]();

            methodOf(entry).apply(object, entry.parameters.map(parameter => makeUp(parameter, kind)));
            turn();
            rest(object);
        });
    }
}

// --- methods as programs have them: whatever is given, there is an answer or an exception

const JUNK = [
    [], [null], [undefined], [''], ['a\0b'], [NaN], [-1], [Infinity], [{}], [[]], [() => {}],
    ['walk', null], ['walk', ''], ['walk', undefined, null], ['walk', {}], ['walk', NaN], ['walk', () => {}],
    ['walk', 'a\0b'], ['walk', 'a\nb'], [null, null], [null, null, null], ['x'.repeat(100000)], ['\ud800'],
];

// As above: those of C that take what they are given at its word.
const NO_JUNK = {
    ...NOT_WALKED,
    'Socket.emit_args': 'a reserved name is a critical there; emit() says so by an exception',
    'Socket.run_dispose': 'GJS makes it a critical to touch what was disposed of; walk-c',
    'Socket.disconnect': 'a number is the id of a handler, and GObject warns of one that is none',
    'Manager.set_randomization_factor': 'what is out of range is a critical, as GObject says for properties',
    'Manager.set_reconnection_attempts': 'likewise',
};

function junkPoint(name, object, run, args) {
    const text = JSON.stringify(args.map(arg => typeof arg === 'string' ? arg.slice(0, 10) : String(arg)));

    point(`${name} (${text.slice(1, -1)})`, () => {
        try {
            run.apply(object, args)?.catch?.(() => {});
        } catch (error) {
            // An exception tells of the mistake.
        }
        turn();
        rest(object);
    });
}

if (hasOverrides) {
    for (const name of ['Socket', 'Manager', 'Engine', 'Options']) {
        const own = new Set(Object.getOwnPropertyNames(Sio[name].prototype));

        for (const entry of table.filter(each => each.class === name && !each.static))
            own.add(entry.name);
        for (const field of [...own].sort()) {
            const full = `${name}.${field}`;

            if (full in NO_JUNK || ['constructor', '_init'].includes(field))
                continue;
            for (const args of JUNK) {
                const object = make[name]();
                const run = object[field];

                if (typeof run === 'function')
                    junkPoint(full, object, run, args);
            }
        }
    }
    for (const args of JUNK)
        junkPoint('io', Sio, Sio.io, args);

    const OPTIONS = ['forceNew', 'multiplex', 'autoConnect', 'reconnection', 'reconnectionAttempts', 'reconnectionDelay',
        'reconnectionDelayMax', 'randomizationFactor', 'timeout', 'retries', 'ackTimeout', 'path', 'addTrailingSlash',
        'transports', 'upgrade', 'rememberUpgrade', 'tryAllTransports', 'timestampRequests', 'timestampParam',
        'forceBase64', 'withCredentials', 'protocols', 'requestTimeout', 'perMessageDeflate', 'tlsDatabase',
        'tlsCertificate', 'proxyResolver', 'networkAware', 'joinTimeout', 'auth', 'query', 'extraHeaders'];

    for (const option of OPTIONS) {
        for (const value of [null, undefined, '', 'a\0b', 'a\nb', NaN, -1, Infinity, 1e300, {}, [], [null], {a: null}, () => {}]) {
            junkPoint(`io with ${option}`, Sio, given => {
                const socket = Sio.io(url, {[option]: given});

                useManager(socket.io);
                socket.close();
            }, [value]);
        }
    }
}

point('what is not walked is there', () => {
    for (const name in NOT_WALKED) {
        if (!seen.has(name))
            throw new Error(`${name} is not there any more`);
    }
});
print(`1..${nPoints}`);
