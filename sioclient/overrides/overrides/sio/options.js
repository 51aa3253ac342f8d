// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Options as an object.

/* exported makeOptions, optionsMethods */

const {Sio} = imports.gi;
const {checkText, clamp} = imports.overrides.sio.values;

const limit = value => value === Infinity ? -1 : Math.min(Math.trunc(Number(value)), 0x7fffffff);
const toText = (value, name) => checkText(value, `The option ${name}`);
const toStrings = (value, name) => (Array.isArray(value) ? value : [value]).map(each => toText(each, name));
const same = value => value;

// As they were before.
const {set_header, set_query_param} = Sio.Options.prototype;

// C says by itself what else can't be sent.
function setPair(setter, what) {
    return function (name, value) {
        setter.call(this, checkText(name, `The name of a ${what}`),
            value === null || value === undefined ? null : checkText(value, `The value of a ${what}`));
    };
}

var optionsMethods = {
    set_header: setPair(set_header, 'header'),
    set_query_param: setPair(set_query_param, 'parameter'),
};

// Those that are not here are of browsers or of Node.js only.
const OPTIONS = {
    forceNew: Boolean,
    multiplex: Boolean,
    autoConnect: Boolean,
    reconnection: Boolean,
    reconnectionAttempts: limit,
    reconnectionDelay: clamp,
    reconnectionDelayMax: clamp,
    randomizationFactor: value => Math.min(Math.max(Number(value) || 0, 0), 1),
    timeout: value => value === Infinity ? 0 : clamp(value),
    retries: limit,
    ackTimeout: clamp,
    path: toText,
    addTrailingSlash: Boolean,
    transports: toStrings,
    upgrade: Boolean,
    rememberUpgrade: Boolean,
    tryAllTransports: Boolean,
    timestampRequests: Boolean,
    timestampParam: toText,
    forceBase64: Boolean,
    withCredentials: Boolean,
    protocols: toStrings,
    requestTimeout: clamp,
    perMessageDeflate: Boolean,
    tlsDatabase: same,
    tlsCertificate: same,
    proxyResolver: same,
    networkAware: Boolean,
    joinTimeout: value => value === Infinity ? 0 : clamp(value),
};

function makeOptions(options) {
    if (options === undefined || options === null || options instanceof Sio.Options)
        return options ?? null;

    const made = new Sio.Options();

    for (const [name, convert] of Object.entries(OPTIONS)) {
        const value = options[name];

        if (value !== undefined && value !== null)
            made[name] = convert(value, name);
    }
    if (options['force new connection'])
        made.forceNew = true;
    for (const [name, value] of Object.entries(options.query ?? {}))
        made.set_query_param(name, String(value));
    for (const [name, value] of Object.entries(options.extraHeaders ?? {}))
        made.set_header(name, String(value));
    if (options.auth instanceof Sio.Value)
        made.auth = options.auth;
    else if (options.auth !== undefined && options.auth !== null)
        made.ask_inbox();
    return made;
}
