// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A button in the panel with its menu. Knows the Shell and nothing of Socket.IO.

import Clutter from 'gi://Clutter';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Pango from 'gi://Pango';
import St from 'gi://St';

const ROWS = 6;
const LONGEST = 120;
// What is drawn more often than this nobody can read.
const PACE_US = 50 * 1000;

const TITLES = {
    connecting: 'Connecting…',
    connected: 'Connected',
    waiting: 'Waiting to connect again',
    disconnected: 'Disconnected',
    missing: 'Socket.IO is not installed',
};

const TRANSPORTS = {websocket: 'WebSocket', polling: 'long polling'};

function textOf(value) {
    if (value instanceof Uint8Array)
        return `${value.length} bytes`;
    if (typeof value === 'string')
        return value.replace(/\s+/g, ' ');
    if (Array.isArray(value) || typeof value !== 'object' || value === null)
        return JSON.stringify(value);
    return Object.entries(value).map(([key, member]) => `${key}: ${textOf(member)}`).join(', ');
}

function summary(args) {
    const text = args.map(textOf).join('  ');

    return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function timeOf(date) {
    return [date.getHours(), date.getMinutes(), date.getSeconds()].map(n => String(n).padStart(2, '0')).join(':');
}

function label(styleClass, properties = {}) {
    const made = new St.Label({style_class: styleClass, y_align: Clutter.ActorAlign.CENTER, ...properties});

    made.clutter_text.ellipsize = Pango.EllipsizeMode.END;
    return made;
}

function column(spacing) {
    return new St.Widget({
        x_expand: true,
        layout_manager: new Clutter.BoxLayout({orientation: Clutter.Orientation.VERTICAL, spacing}),
    });
}

class Row {
    constructor() {
        this.actor = new St.BoxLayout({style_class: 'live-events-row', visible: false});
        this._time = label('live-events-time');
        this._name = label('live-events-name');
        this._text = label('live-events-text', {x_expand: true});
        [this._time, this._name, this._text].forEach(child => this.actor.add_child(child));
    }

    show(event) {
        this.actor.visible = event !== undefined;
        if (event === undefined)
            return;
        this._time.text = timeOf(event.when);
        this._name.text = event.name;
        this._text.text = summary(event.args);
    }
}

export class Indicator {
    // The modules of the Shell are found in different ways before and since GNOME 45.
    constructor({PanelMenu, PopupMenu}, path, reconnect) {
        this._feed = null;
        this._drawn = 0;
        this._timer = 0;

        this.button = new PanelMenu.Button(0.5, 'Live events');
        this._fillPanel(path);
        this._fillMenu(PopupMenu, reconnect);
        this.setState('connecting', '');
    }

    _fillPanel(path) {
        const box = new St.BoxLayout({style_class: 'live-events-panel'});

        this._icon = new St.Icon({
            gicon: Gio.icon_new_for_string(`${path}/icons/live-events-symbolic.svg`),
            style_class: 'system-status-icon live-events-icon',
        });
        this._last = label('live-events-last');
        box.add_child(this._icon);
        box.add_child(this._last);
        this.button.add_child(box);
    }

    _fillMenu(PopupMenu, reconnect) {
        const {menu} = this.button;
        const head = new PopupMenu.PopupBaseMenuItem({reactive: false, can_focus: false, style_class: 'live-events-head'});
        const titles = column(2);

        this._dot = new St.Widget({style_class: 'live-events-dot', y_align: Clutter.ActorAlign.CENTER});
        this._title = label('live-events-title');
        this._detail = label('live-events-detail');
        titles.add_child(this._title);
        titles.add_child(this._detail);
        head.add_child(this._dot);
        head.add_child(titles);

        const body = new PopupMenu.PopupBaseMenuItem({reactive: false, can_focus: false, style_class: 'live-events-body'});
        const list = column(6);

        this._nothing = label('live-events-nothing', {text: 'Nothing has been heard yet'});
        this._rows = Array.from({length: ROWS}, () => new Row());
        list.add_child(this._nothing);
        this._rows.forEach(row => list.add_child(row.actor));
        body.add_child(list);

        menu.box.add_style_class_name('live-events-menu');
        menu.addMenuItem(head);
        menu.addMenuItem(new PopupMenu.PopupSeparatorMenuItem('Last events'));
        menu.addMenuItem(body);
        menu.addMenuItem(new PopupMenu.PopupSeparatorMenuItem());
        this._reconnect = menu.addAction('Reconnect', reconnect);
    }

    setState(state, detail) {
        for (const actor of [this._dot, this._icon]) {
            Object.keys(TITLES).forEach(name => actor.remove_style_class_name(`live-events-${name}`));
            actor.add_style_class_name(`live-events-${state}`);
        }
        this._title.text = TITLES[state];
        this._detail.text = detail;
        this._reconnect.setSensitive(state !== 'missing');
    }

    // Ten thousand events a second are drawn as twenty pictures.
    show(feed, urgent) {
        const now = GLib.get_monotonic_time();

        this._feed = feed;
        if (urgent || now - this._drawn >= PACE_US) {
            this._stopTimer();
            this._draw(now);
        } else if (this._timer === 0) {
            this._timer = GLib.timeout_add(GLib.PRIORITY_DEFAULT_IDLE, PACE_US / 1000, () => {
                this._timer = 0;
                this._draw(GLib.get_monotonic_time());
                return GLib.SOURCE_REMOVE;
            });
        }
    }

    _draw(now) {
        const {state, problem, transport, count, events} = this._feed;
        const heard = count === 1 ? '1 event' : `${count.toLocaleString()} events`;

        this._drawn = now;
        this.setState(state, [TRANSPORTS[transport], problem, heard].filter(part => part).join(' · '));
        this._last.text = events.length > 0 ? `${events[0].name}  ${summary(events[0].args)}` : '';
        this._last.visible = events.length > 0;
        this._nothing.visible = events.length === 0;
        this._rows.forEach((row, i) => row.show(events[i]));
    }

    _stopTimer() {
        // The same fault of GJS that skips handlers takes timers away, so it may be gone.
        if (this._timer !== 0 && GLib.MainContext.default().find_source_by_id(this._timer) !== null)
            GLib.Source.remove(this._timer);
        this._timer = 0;
    }

    destroy() {
        this._stopTimer();
        this._feed = null;
        this.button.destroy();
        this.button = null;
    }
}
