// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The introspected API from GJS, without an override.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Sio from 'gi://Sio?version=1.0';
import System from 'system';

const DEADLINE = 10000;
const url = ARGV[ARGV.length - 1];

Gio._promisify(Sio.Socket.prototype, 'emit_with_ack_async', 'emit_with_ack_finish');
Gio._promisify(Sio.Manager.prototype, 'open_async', 'open_finish');

// --- a little harness: tests are async functions, the output is TAP

const tests = [];
const test = (name, run) => tests.push({name, run});

function equal(got, wanted, what) {
    if (JSON.stringify(got) !== JSON.stringify(wanted))
        throw new Error(`${what}: got ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`);
}

function withDeadline(what, executor) {
    return new Promise((resolve, reject) => {
        let source = GLib.timeout_add(GLib.PRIORITY_DEFAULT, DEADLINE, () => {
            source = 0;
            reject(new Error(`waited in vain for ${what}`));
            return GLib.SOURCE_REMOVE;
        });

        executor(value => {
            if (source)
                GLib.source_remove(source);
            source = 0;
            resolve(value);
        });
    });
}

// Resolves to the parameters of the signal, without the emitter.
function once(object, signal) {
    return withDeadline(signal, resolve => {
        const id = object.connect(signal, (_object, ...args) => {
            object.disconnect(id);
            resolve(args);
        });
    });
}

const json = (value, attachments = null) => Sio.Value.new_from_json(JSON.stringify(value), attachments);

function plain(value) {
    const [text] = value.to_json();
    return JSON.parse(text);
}

async function connected(path = '', options = null) {
    const socket = Sio.io(url + path, options);

    if (!socket.connected)
        await once(socket, 'connect');
    return socket;
}

// --- tests

test('connects', async () => {
    const socket = Sio.io(url, null);

    equal([socket.connected, socket.disconnected, socket.active, socket.id], [false, true, true, null], 'at first');
    const notified = once(socket, 'notify::connected');
    await once(socket, 'connect');
    await notified;
    equal([socket.connected, socket.disconnected, socket.active, socket.nsp], [true, false, true, '/'], 'when connected');
    equal(typeof socket.id, 'string', 'type of the id');
    equal(socket.io instanceof Sio.Manager, true, 'manager');
    equal(['polling', 'websocket'].includes(socket.io.engine.transport_name), true, 'transport');
    socket.close();
});

test('is made by its constructors', async () => {
    const options = new Sio.Options({reconnection: false, transports: ['websocket']});
    const manager = new Sio.Manager({url, options});
    const socket = manager.get_socket('/admin', null);

    equal(await manager.open_async(null), true, 'result of open');
    if (!socket.connected)
        await once(socket, 'connect');
    equal([socket.nsp, manager.engine.transport_name], ['/admin', 'websocket'], 'namespace and transport');
    socket.close();
});

test('a refused namespace gives connect-error', async () => {
    const socket = Sio.io(`${url}/auth`, null);
    const [error, data] = await once(socket, 'connect-error');

    equal(error.matches(Sio.error_quark(), Sio.Error.REJECTED), true, 'error code');
    equal(error.message, 'not authorized', 'message');
    equal(plain(data), {code: 401, token: null}, 'data');
    equal(socket.connected, false, 'connected');
    socket.close();
});

test('auth opens the namespace', async () => {
    const options = new Sio.Options({auth: json({token: 'secret'})});
    const socket = await connected('/auth', options);

    equal(socket.nsp, '/auth', 'namespace');
    socket.close();
});

test('an event goes and comes back', async () => {
    const socket = await connected();
    const args = ['text €😀', 1, -2.5, true, null, [1, [2]], {a: {b: 'c'}}];
    const echo = once(socket, 'event::echo');

    socket.emit_args('echo', json(args));
    const [event] = await echo;
    equal(event.get_name(), 'echo', 'name');
    equal(event.get_n_args(), args.length, 'number of arguments');
    equal(event.get_string(0), 'text €😀', 'string');
    equal(event.get_arg(6).lookup('/a/b').get_string(), 'c', 'lookup');
    const [text, attachments] = event.get_json();
    equal(JSON.parse(text), args, 'JSON');
    equal(attachments?.length ?? 0, 0, 'attachments');
    equal(event.needs_ack(), false, 'needs no acknowledgement');
    socket.close();
});

test('listeners are called and removed', async () => {
    const socket = await connected();
    let calls = 0;
    const id = socket.on('echo', (_socket, event) => {
        calls += event.get_arg(0).get_integer();
    });
    const any = withDeadline('on_any', resolve => {
        socket.on_any((_socket, event) => resolve(event.get_name()));
    });

    equal(socket.has_listeners('echo'), true, 'has listeners');
    equal(socket.listeners('echo').length, 1, 'listeners');
    await socket.emit_with_ack_async('echo', json([1]), null);
    equal(await any, 'echo', 'name at on_any');
    equal(calls, 1, 'calls');
    socket.off('echo', id);
    await socket.emit_with_ack_async('echo', json([1]), null);
    equal(calls, 1, 'calls after off');
    socket.close();
});

test('the server acknowledges', async () => {
    const socket = await connected();
    const reply = await socket.timeout(5000).emit_with_ack_async('ack-many', json([3]), null);

    equal(plain(reply), [0, 1, 2], 'answer');
    const answer = await withDeadline('callback', resolve => {
        socket.emit_with_callback('hello', null, (_socket, args, error) => resolve([plain(args), error]));
    });
    equal(answer, [['world'], null], 'answer to the callback');
    socket.close();
});

test('the client acknowledges', async () => {
    const socket = await connected();
    const asked = withDeadline('question', resolve => {
        socket.connect('event::question', (_socket, event) => {
            const needed = event.needs_ack();

            event.ack_args(json(['answer', 42]));
            resolve([event.get_string(0), needed, event.needs_ack()]);
        });
    });
    const answered = once(socket, 'event::answered');

    socket.emit_args('ask-me', json(['why?']));
    equal(await asked, ['why?', true, false], 'question');
    const [event] = await answered;
    equal(plain(event.get_args()), ['answer', 42], 'what the server got');
    socket.close();
});

test('an acknowledgement that does not come is an error', async () => {
    const socket = await connected();
    let error = null;

    try {
        await socket.timeout(50).emit_with_ack_async('no-ack', null, null);
    } catch (e) {
        error = e;
    }
    equal(error?.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.TIMED_OUT), true, 'timed out');
    socket.close();
});

test('binary data goes and comes back', async () => {
    const socket = await connected();
    const sent = [0, 255, 128, 10, 0];
    const bytes = new GLib.Bytes(Uint8Array.from(sent));
    const came = once(socket, 'event::binary');

    socket.emit_args('binary', Sio.Value.new_array([Sio.Value.new_string('name'), Sio.Value.new_bytes(bytes)]));
    const [event] = await came;
    equal([...event.get_arg(1).get_bytes().toArray()], sent, 'bytes');
    const [text, attachments] = event.get_json();
    equal(JSON.parse(text)[1], {_placeholder: true, num: 0}, 'placeholder');
    equal(attachments.map(a => [...a.toArray()]), [sent], 'attachments');

    const reply = await socket.emit_with_ack_async('size-of',
        json([{_placeholder: true, num: 0}], [new GLib.Bytes(new Uint8Array(70000))]), null);
    equal(plain(reply), [70000], 'size at the server');
    const back = await socket.emit_with_ack_async('make-binary', json([70000]), null);
    equal(back.get_element(0).get_bytes().get_size(), 70000, 'size from the server');
    socket.close();
});

test('disconnects', async () => {
    const socket = await connected();
    const ended = once(socket, 'disconnect');

    socket.close();
    const [reason, details] = await ended;
    equal(reason, Sio.DisconnectReason.IO_CLIENT_DISCONNECT, 'reason');
    equal(Sio.disconnect_reason_to_string(reason), 'io client disconnect', 'words');
    equal([details, socket.connected, socket.active, socket.id], [null, false, false, null], 'afterwards');
});

test('the server disconnects', async () => {
    const socket = await connected();
    const ended = once(socket, 'disconnect');

    socket.emit_args('kick', null);
    const [reason] = await ended;
    equal(reason, Sio.DisconnectReason.IO_SERVER_DISCONNECT, 'reason');
    equal(socket.active, false, 'active');
});

test('values are read without fear', () => {
    const value = Sio.Value.new_from_variant(new GLib.Variant('(sd)', ['x', 0.5]));

    equal(value.get_kind(), Sio.ValueKind.ARRAY, 'kind');
    equal(value.get_element(5), null, 'beyond the end');
    equal(value.get_member('a'), null, 'no object');
    equal([value.get_integer(), value.get_string()], [0, null], 'other kinds');
    equal(json({b: 1, a: 2}).list_members(), ['b', 'a'], 'order of members');
    equal(value.to_variant().recursiveUnpack(), ['x', 0.5], 'as a variant');
    let error = null;
    try {
        Sio.Value.new_from_json('[1,]', null);
    } catch (e) {
        error = e;
    }
    equal(error?.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.INVALID_DATA), true, 'bad JSON');
});

test('methods of GObject are not hidden', async () => {
    const socket = await connected();

    for (const name of ['connect', 'disconnect', 'emit', 'notify', 'bind_property']) {
        equal(Object.hasOwn(Sio.Socket.prototype, name), false, name);
        equal(Object.hasOwn(Sio.Manager.prototype, name), false, name);
    }
    const binding = socket.bind_property('connected', new Gio.SimpleAction({name: 'send'}), 'enabled',
        GObject.BindingFlags.SYNC_CREATE);
    equal(binding.dup_source() === socket, true, 'binding');
    socket.close();
});

// --- run them

const loop = new GLib.MainLoop(null, false);
let failures = 0;

async function main() {
    print(`1..${tests.length}`);
    for (const [i, {name, run}] of tests.entries()) {
        try {
            await run();
            print(`ok ${i + 1} /gjs/${name}`);
        } catch (e) {
            failures++;
            print(`not ok ${i + 1} /gjs/${name}`);
            print(`# ${e}\n${e.stack}`.replaceAll('\n', '\n# '));
        }
        System.gc();
    }
}

main().finally(() => loop.quit());
loop.run();
System.exit(failures ? 1 : 0);
