// SPDX-License-Identifier: LGPL-2.1-or-later
//
// For GNOME 45 and later.

import * as Main from 'resource:///org/gnome/shell/ui/main.js';
import * as PanelMenu from 'resource:///org/gnome/shell/ui/panelMenu.js';
import * as PopupMenu from 'resource:///org/gnome/shell/ui/popupMenu.js';
import {Extension} from 'resource:///org/gnome/shell/extensions/extension.js';

import {Feed} from './feed.js';
import {Indicator} from './indicator.js';

export default class LiveEventsExtension extends Extension {
    async enable() {
        const indicator = new Indicator({PanelMenu, PopupMenu}, this.path, () => this._feed?.reconnect());

        this._indicator = indicator;
        this._settings = this.getSettings();
        this._settings.connectObject('changed::url', () => this._start(), this);
        Main.panel.addToStatusArea(this.uuid, indicator.button);

        try {
            // Imported at the top, a library that is not installed would keep the extension from loading.
            const {default: Sio} = await import('gi://Sio?version=1.0');

            // It may have been disabled meanwhile, or even enabled again.
            if (this._indicator !== indicator)
                return;
            this._Sio = Sio;
            this._start();
        } catch (error) {
            if (this._indicator === indicator)
                indicator.setState('missing', error.message);
        }
    }

    _start() {
        if (!this._Sio)
            return;
        this._feed?.destroy();
        this._feed = null;

        const {_indicator: indicator} = this;
        const feed = new Feed(this._Sio, this._settings.get_string('url'), urgent => indicator.show(feed, urgent));

        this._feed = feed;
        indicator.show(feed, true);
    }

    disable() {
        this._settings.disconnectObject(this);
        this._settings = null;
        this._feed?.destroy();
        this._feed = null;
        this._indicator.destroy();
        this._indicator = null;
        this._Sio = null;
    }
}
