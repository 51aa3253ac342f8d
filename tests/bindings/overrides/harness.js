// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tests are async functions, the output is TAP.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';
import System from 'system';

const DEADLINE = 20000;
const tests = [];

export const url = ARGV[ARGV.length - 1];

export const test = (name, run) => tests.push({name, run});

function show(value) {
    return JSON.stringify(value, (_key, member) => {
        if (member instanceof Uint8Array)
            return `<${member.length} bytes: ${member.slice(0, 16)}>`;
        if (member === undefined)
            return '<undefined>';
        if (typeof member === 'number' && !Number.isFinite(member))
            return `<${member}>`;
        return member;
    });
}

// Equal as a program sees it: kinds, own members in their order, bytes.
function same(a, b) {
    if (Object.is(a, b))
        return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
        return false;
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b))
        return false;

    const names = Object.getOwnPropertyNames(a);

    if (show(names) !== show(Object.getOwnPropertyNames(b)))
        return false;
    return names.every(name =>
        same(Object.getOwnPropertyDescriptor(a, name).value, Object.getOwnPropertyDescriptor(b, name).value));
}

export function equal(got, wanted, what) {
    if (!same(got, wanted))
        throw new Error(`${what}: got ${show(got)} instead of ${show(wanted)}`);
}

export function ok(condition, what) {
    if (!condition)
        throw new Error(`not so: ${what}`);
}

export function throws(run, pattern, what) {
    let error = null;

    try {
        run();
    } catch (e) {
        error = e;
    }
    ok(error !== null, `${what} throws`);
    ok(pattern.test(error.message), `${what}: ${error.message}`);
}

export function within(what, executor, deadline = DEADLINE) {
    return new Promise((resolve, reject) => {
        const source = GLib.timeout_add(GLib.PRIORITY_DEFAULT, deadline, () => {
            reject(new Error(`waited in vain for ${what}`));
            return GLib.SOURCE_REMOVE;
        });

        executor(value => {
            GLib.source_remove(source);
            resolve(value);
        });
    });
}

// The arguments of the next event of anything that has once().
export const next = (emitter, name) => within(name, resolve => emitter.once(name, (...args) => resolve(args)));

// The parameters of a signal, without the emitter.
export function signal(object, name) {
    return within(name, resolve => {
        const id = object.connect(name, (_object, ...args) => {
            object.disconnect(id);
            resolve(args);
        });
    });
}

// A socket of its own that is connected.
export async function connected(path = '', options = {}) {
    const socket = Sio.io(url + path, {forceNew: true, ...options});

    if (!socket.connected)
        await next(socket, 'connect');
    return socket;
}

export const turn = (milliseconds = 0) => new Promise(resolve =>
    GLib.timeout_add(GLib.PRIORITY_LOW, milliseconds, () => {
        resolve();
        return GLib.SOURCE_REMOVE;
    }));

export async function until(what, condition) {
    const end = GLib.get_monotonic_time() + DEADLINE * 1000;

    while (!condition()) {
        if (GLib.get_monotonic_time() > end)
            throw new Error(`waited in vain for ${what}`);
        // eslint-disable-next-line no-await-in-loop
        await turn(5);
    }
}

export async function rejected(promise, what) {
    try {
        await promise;
    } catch (error) {
        return error;
    }
    throw new Error(`${what} did not fail`);
}

export function rss() {
    const [, contents] = GLib.file_get_contents('/proc/self/status');

    return Number(/VmRSS:\s+(\d+)/.exec(new TextDecoder().decode(contents))[1]);
}

export function descriptors() {
    const folder = Gio.File.new_for_path('/proc/self/fd').enumerate_children('standard::name', 0, null);
    let n = 0;

    while (folder.next_file(null) !== null)
        n++;
    folder.close(null);
    return n;
}

export function run(suite) {
    const loop = new GLib.MainLoop(null, false);
    let failures = 0;

    async function main() {
        print(`1..${tests.length}`);
        for (const [i, {name, run: body}] of tests.entries()) {
            try {
                // eslint-disable-next-line no-await-in-loop
                await body();
                print(`ok ${i + 1} /${suite}/${name}`);
            } catch (error) {
                failures++;
                print(`not ok ${i + 1} /${suite}/${name}`);
                print(`# ${error}\n${error.stack}`.replaceAll('\n', '\n# '));
            }
            System.gc();
        }
    }

    main().finally(() => loop.quit());
    loop.run();
    System.exit(failures ? 1 : 0);
}
