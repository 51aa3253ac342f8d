// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The part of the test that runs inside of the Shell. test-shell.py calls the functions by D-Bus;
// what they return goes back as JSON.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import St from 'gi://St';
import System from 'system';

const Main = imports.ui.main;
const KEPT = 1000;

const watched = new Map();
let modern = null;
let load = null;

function labelsOf(actor, found = []) {
    if (!actor.visible)
        return found;
    if (actor instanceof St.Label && actor.text)
        found.push(actor.text);
    actor.get_children().forEach(child => labelsOf(child, found));
    return found;
}

const itemsOf = menu => menu._getMenuItems();

// What a person would read.
export function texts(uuid) {
    const button = Main.panel.statusArea[uuid];

    if (!button)
        return null;
    return {panel: labelsOf(button), menu: itemsOf(button.menu).flatMap(item => labelsOf(item))};
}

export function openMenu(uuid) {
    Main.overview.hide();
    Main.panel.statusArea[uuid].menu.open(false);
}

export function area(uuid) {
    const button = Main.panel.statusArea[uuid];
    const [x, y] = button.menu.actor.get_transformed_position();
    const [width, height] = button.menu.actor.get_transformed_size();

    return {x, y, width, height, shown: button.menu.actor.get_paint_opacity() === 255, overview: Main.overview.visible};
}

export function closeMenu(uuid) {
    Main.panel.statusArea[uuid].menu.close(false);
}

export function activate(uuid, text) {
    const item = itemsOf(Main.panel.statusArea[uuid].menu).find(each => each.label?.text === text);

    item.activate(null);
}

// --- what is left

function feedOf(uuid) {
    return (modern ?? Main.extensionManager.lookup(uuid).stateObj)._feed;
}

export function watch(uuid) {
    const feed = feedOf(uuid);

    watched.clear();
    for (const [name, object] of Object.entries({
        feed, socket: feed._socket, manager: feed._manager, engine: feed._manager.engine,
    }))
        watched.set(name, new WeakRef(object));
}

// Wrappers of objects that something still holds are not collected.
export function alive() {
    System.gc();
    // What deref() returned is held until a job has been run.
    Promise.resolve().then(() => {});
    return [...watched.keys()].filter(name => watched.get(name).deref() !== undefined);
}

export function sources() {
    const context = GLib.MainContext.default();
    const last = GLib.idle_add(GLib.PRIORITY_LOW, () => GLib.SOURCE_REMOVE);
    const names = [];

    for (let id = 1; id < last; id++) {
        const source = context.find_source_by_id(id);

        if (source !== null)
            names.push(source.get_name() ?? '');
    }
    GLib.Source.remove(last);
    return names;
}

// --- the form for GNOME 45 and later

// Gives this Shell the modules that the newer ones have.
export function startModern(resource, path) {
    const dir = Gio.File.new_for_path(path);
    const [, contents] = dir.get_child('metadata.json').load_contents(null);
    const metadata = {...JSON.parse(new TextDecoder().decode(contents)), dir};

    Gio.Resource.load(resource)._register();
    import(dir.get_child('extension.js').get_uri()).then(({default: Extension}) => {
        modern = new Extension(metadata);
        return modern.enable();
    }).catch(logError);
}

export function enableModern() {
    modern.enable().catch(logError);
}

export function disableModern() {
    modern.disable();
}

// --- nothing is lost

// An event goes to the extension, to a listener of our own, and to a handler of a plain signal.
export function startLoad(url, event) {
    const {Sio} = imports.gi;
    const socket = Sio.io(url, {forceNew: true});
    const plain = Sio.io(url, {forceNew: true});

    load = {socket, plain, heard: 0, inOrder: true, signals: 0, kept: [], promises: 0, timers: 0};
    socket.on(event, (i, rows) => {
        load.inOrder &&= i === load.heard;
        load.heard++;
        load.kept[i % KEPT] = rows;
        if (i % 100 === 0) {
            socket.emitWithAck('echo-ack', i).then(() => {
                load.promises++;
            });
        }
    });
    plain.connectObject(`event::${event}`, (_socket, received) => {
        load.signals++;
        load.last = JSON.parse(received.get_json()[0]);
    }, load);
}

export function loadState(uuid) {
    const {socket, plain, heard, inOrder, signals, promises} = load;

    return {
        connected: socket.connected && plain.connected,
        heard, inOrder, signals, promises,
        shown: feedOf(uuid).count,
    };
}

export function stopLoad() {
    load.plain.disconnectObject(load);

    const hasHandlers = GObject.signal_handler_find(load.plain, {signalId: 'event'}) !== 0;

    load.socket.off().close();
    load.plain.close();
    watched.clear();
    watched.set('socket of the load', new WeakRef(load.socket));
    watched.set('socket with signals', new WeakRef(load.plain));
    load = null;
    return {hasHandlers};
}
