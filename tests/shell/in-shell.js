// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The part of the test that runs inside of the Shell. test-shell.py calls the functions by D-Bus;
// what they return goes back as JSON.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import St from 'gi://St';
import System from 'system';

let Main;

// Before GNOME 45 it is no module, and to import it as one would run it twice.
try {
    Main = imports.ui.main;
} catch {
    Main = await import('resource:///org/gnome/shell/ui/main.js');
}
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

const extensionOf = uuid => modern ?? Main.extensionManager.lookup(uuid).stateObj;
const feedOf = uuid => extensionOf(uuid)._feed;

// A binding knows its source weakly; WeakRef does not let go in every GJS.
function remember(name, object, property) {
    const target = new Gio.SimpleAction({name: 'target'});

    watched.set(name, object.bind_property_full(property, target, 'enabled', GObject.BindingFlags.DEFAULT,
        () => [true, true], null));
}

export function watch(uuid) {
    const {_feed: feed, _indicator: indicator} = extensionOf(uuid);

    watched.clear();
    remember('socket', feed._socket, 'connected');
    remember('manager', feed._manager, 'reconnection');
    remember('engine', feed._manager.engine, 'id');
    remember('button', indicator.button, 'visible');
}

export function alive() {
    System.gc();
    return [...watched.keys()].filter(name => watched.get(name).dup_source() !== null);
}

export function sources() {
    System.gc();

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

// Each event goes to the extension, to a listener of our own, and to a handler of the plain signal.
export function startLoad(uuid, event) {
    const {_socket: socket} = feedOf(uuid);

    load = {socket, heard: 0, inOrder: true, signals: 0, kept: [], promises: 0};
    socket.on(event, (i, rows) => {
        load.inOrder &&= i === load.heard;
        load.heard++;
        load.kept[i % KEPT] = rows;
        if (i % 100 === 0) {
            socket.emitWithAck('late', 0, i).then(() => {
                load.promises++;
            }).catch(logError);
        }
    });
    socket.connectObject(`event::${event}`, (_socket, received) => {
        load.signals++;
        load.last = received;
    }, load);
}

export function loadState(uuid) {
    const {heard, inOrder, signals, promises} = load;

    return {heard, inOrder, signals, promises, shown: feedOf(uuid).count};
}

export function stopLoad() {
    const {socket} = load;

    socket.off('tick');
    socket.disconnectObject(load);
    load = null;
    return socket.has_listeners('event::tick');
}
