// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What happens, as it is brought to a socket, a manager or an engine.

/* exported STATE, Inbox, errorOf, reasonOf */

const {GObject, Sio} = imports.gi;
const {MAX_UINT, decode} = imports.overrides.sio.values;

// The name under which an object has what is here.
var STATE = Symbol('Sio');

var Inbox = GObject.registerClass({
    GTypeName: 'SioGjsInbox',
    Properties: {
        'waiting': GObject.ParamSpec.uint('waiting', '', '', GObject.ParamFlags.WRITABLE, 0, MAX_UINT, 0),
        'text': GObject.ParamSpec.string('text', '', '', GObject.ParamFlags.WRITABLE, null),
    },
}, class Inbox extends GObject.Object {
    set waiting(n) {
        this.owner.empty(n);
    }

    set text(text) {
        this.owner.hear(text);
    }
});

function errorOf(notice) {
    const error = notice.get_error();

    if (error === null)
        return null;

    const data = notice.get_value();

    if (data !== null)
        error.data = decode(data);
    error.description = error.message;
    return error;
}

function reasonOf(notice) {
    return [Sio.disconnect_reason_to_string(notice.get_reason()), errorOf(notice) ?? undefined];
}
