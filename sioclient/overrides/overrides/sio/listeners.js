// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Listeners by name.

/* exported ANY, Listeners, guard */

var ANY = 'any';

// Lists are replaced, never changed, so that a round goes over those that were there when it began.
var Listeners = class Listeners {
    constructor() {
        this._lists = new Map();
    }

    get isEmpty() {
        return this._lists.size === 0;
    }

    has(name) {
        return this._lists.has(name);
    }

    get(name) {
        return this._lists.get(name) ?? [];
    }

    functions(name) {
        return this.get(name).map(listener => listener.run);
    }

    add(name, run, {once = false, first = false} = {}) {
        if (typeof run !== 'function')
            throw new TypeError('The listener has to be a function');

        const listener = {run, once, gone: false};
        const list = this.get(name);

        this._lists.set(name, first ? [listener, ...list] : [...list, listener]);
    }

    // Without a function all go, without a name those of all names.
    remove(name, run) {
        if (name === undefined) {
            [...this._lists.keys()].forEach(each => this.remove(each));
            return;
        }

        const list = this.get(name);
        const taken = run === undefined ? list : list.filter(listener => listener.run === run).slice(0, 1);

        taken.forEach(listener => {
            listener.gone = true;
        });
        this._keep(name, list.filter(listener => !listener.gone));
    }

    _keep(name, list) {
        if (list.length > 0)
            this._lists.set(name, list);
        else
            this._lists.delete(name);
    }

    call(self, name, args) {
        const list = this._lists.get(name);

        if (list === undefined)
            return;
        for (const listener of list) {
            if (listener.gone)
                continue;
            if (listener.once) {
                listener.gone = true;
                this._keep(name, this.get(name).filter(other => other !== listener));
            }
            guard(listener.run, self, args);
        }
    }
};

// What one listener throws is no matter of the next.
function guard(run, self, args) {
    try {
        run.apply(self, args);
    } catch (error) {
        logError(error);
    }
}
