// SPDX-License-Identifier: LGPL-2.1-or-later
//
// For GNOME 43 and 44.

/* exported init */

const ExtensionUtils = imports.misc.extensionUtils;
const Main = imports.ui.main;
const PanelMenu = imports.ui.panelMenu;
const PopupMenu = imports.ui.popupMenu;

class LiveEventsExtension {
    constructor(me) {
        this._me = me;
        this._enabled = null;
    }

    async enable() {
        const enabled = Symbol('enabled');

        this._enabled = enabled;
        this._settings = ExtensionUtils.getSettings();
        this._settings.connectObject('changed::url', () => this._start(), this);

        try {
            // What is shared with the other form is in ES modules, which a script can only have this way.
            const [{Feed}, {Indicator}] = await Promise.all(['feed.js', 'indicator.js'].map(name =>
                import(this._me.dir.get_child(name).get_uri())));

            // It may have been disabled meanwhile, or even enabled again.
            if (this._enabled !== enabled)
                return;
            this._Feed = Feed;
            this._indicator = new Indicator({PanelMenu, PopupMenu}, this._me.path, () => this._feed?.reconnect());
            Main.panel.addToStatusArea(this._me.metadata.uuid, this._indicator.button);
            this._load();
        } catch (error) {
            logError(error, this._me.metadata.name);
        }
    }

    _load() {
        try {
            imports.gi.versions.Sio = '1.0';
            this._Sio = imports.gi.Sio;
        } catch (error) {
            this._indicator.setState('missing', error.message);
            return;
        }
        this._start();
    }

    _start() {
        if (!this._Sio)
            return;
        this._feed?.destroy();
        this._feed = null;

        const {_indicator: indicator} = this;
        const feed = new this._Feed(this._Sio, this._settings.get_string('url'), urgent => indicator.show(feed, urgent));

        this._feed = feed;
        indicator.show(feed, true);
    }

    disable() {
        this._enabled = null;
        this._settings.disconnectObject(this);
        this._settings = null;
        this._feed?.destroy();
        this._feed = null;
        this._indicator?.destroy();
        this._indicator = null;
        this._Sio = null;
    }
}

function init() {
    return new LiveEventsExtension(ExtensionUtils.getCurrentExtension());
}
