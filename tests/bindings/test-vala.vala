/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The library from Vala. */

const uint DEADLINE = 10000;

string url;

/* Turns the main loop until done () is called. */
class Waiter : Object {
    private MainLoop loop = new MainLoop ();
    private bool called = false;

    public void done () {
        called = true;
        loop.quit ();
    }

    public void wait () {
        if (called)
            return;
        var source = Timeout.add (DEADLINE, () => {
            error ("waited in vain");
        });
        loop.run ();
        Source.remove (source);
    }
}

Sio.Socket connected (string path = "", Sio.Options? options = null) {
    var socket = Sio.io (url + path, options);

    if (!socket.connected) {
        var waiter = new Waiter ();
        var handler = socket.connect.connect (() => waiter.done ());
        waiter.wait ();
        SignalHandler.disconnect (socket, handler);
    }
    return socket;
}

void test_connects () {
    var socket = connected ();

    assert_true (socket.connected);
    assert_true (socket.active);
    assert_false (socket.disconnected);
    assert_nonnull (socket.id);
    assert_cmpstr (socket.nsp, CompareOperator.EQ, "/");
    assert_nonnull (socket.io.engine.transport_name);
    socket.close ();
}

void test_constructors () {
    var options = new Sio.Options () { reconnection = false, transports = { "websocket" } };
    var manager = new Sio.Manager (url, options);
    var socket = manager.get_socket ("/admin");
    var waiter = new Waiter ();

    manager.open_async.begin (null, (source, result) => {
        try {
            assert_true (manager.open_async.end (result));
        } catch (Error e) {
            error ("%s", e.message);
        }
        waiter.done ();
    });
    waiter.wait ();
    assert_cmpstr (manager.engine.transport_name, CompareOperator.EQ, "websocket");
    assert_true (manager.next_attempt_time == 0);
    assert_false (manager.reconnect_now ());
    assert_cmpstr (socket.nsp, CompareOperator.EQ, "/admin");
    socket.close ();
}

void test_refused () {
    var socket = Sio.io (url + "/auth");
    var waiter = new Waiter ();

    socket.connect_error.connect ((e, data) => {
        assert_true (e.matches (Sio.Error.quark (), Sio.Error.REJECTED));
        assert_cmpstr (e.message, CompareOperator.EQ, "not authorized");
        assert_cmpint ((int) data.get_member ("code").get_integer (), CompareOperator.EQ, 401);
        waiter.done ();
    });
    waiter.wait ();
    assert_false (socket.connected);
    socket.close ();
}

void test_auth () {
    var options = new Sio.Options ();

    options.auth = new Sio.Value.from_variant (new Variant.parsed ("{'token': 'secret'}"));
    options.join_timeout = 30000;
    connected ("/auth", options).close ();
}

void test_events () {
    var socket = connected ();
    var waiter = new Waiter ();

    socket.event["echo"].connect ((event) => {
        string text, missing = "untouched";
        double number;
        bool truth;

        assert_true (event.unpack ("sdb|s", out text, out number, out truth, out missing));
        assert_cmpstr (text, CompareOperator.EQ, "text");
        assert_cmpfloat (number, CompareOperator.EQ, 0.5);
        assert_true (truth);
        assert_false (event.needs_ack ());
        waiter.done ();
    });
    socket.emit ("echo", "(sdb)", "text", 0.5, true);
    waiter.wait ();
    socket.close ();
}

void test_listeners () {
    var socket = connected ();
    var waiter = new Waiter ();
    int calls = 0;

    var id = socket.on ("echo", (s, event) => {
        calls++;
    });
    socket.on ("after-ack", (s, event) => waiter.done ());
    socket.emit ("echo", null);
    socket.emit ("ack-then-emit", null);
    waiter.wait ();
    assert_cmpint (calls, CompareOperator.EQ, 1);
    assert_true (socket.has_listeners ("echo"));
    socket.off ("echo", id);
    assert_false (socket.has_listeners ("echo"));
    socket.close ();
}

async void ask (Sio.Socket socket, Waiter waiter) {
    try {
        var reply = yield socket.timeout (5000).emit_with_ack_async ("ack-many", Sio.args ("(i)", 3));

        assert_cmpuint (reply.get_length (), CompareOperator.EQ, 3);
        assert_cmpint ((int) reply.get_element (2).get_integer (), CompareOperator.EQ, 2);
    } catch (Error e) {
        error ("%s", e.message);
    }
    try {
        yield socket.timeout (50).emit_with_ack_async ("no-ack");
        assert_not_reached ();
    } catch (IOError.TIMED_OUT e) {
        waiter.done ();
    } catch (Error e) {
        error ("%s", e.message);
    }
}

void test_ack_from_server () {
    var socket = connected ();
    var waiter = new Waiter ();

    ask.begin (socket, waiter);
    waiter.wait ();

    var second = new Waiter ();
    socket.emit_with_callback ("hello", null, (s, args, e) => {
        assert_true (e == null);
        assert_cmpstr (args.get_element (0).get_string (), CompareOperator.EQ, "world");
        second.done ();
    });
    second.wait ();
    socket.close ();
}

void test_ack_to_server () {
    var socket = connected ();
    var waiter = new Waiter ();

    socket.event["question"].connect ((event) => {
        assert_true (event.needs_ack ());
        event.ack ("(si)", "answer", 42);
        assert_false (event.needs_ack ());
    });
    socket.event["answered"].connect ((event) => {
        assert_cmpstr (event.get_string (0), CompareOperator.EQ, "answer");
        assert_cmpint ((int) event.get_arg (1).get_integer (), CompareOperator.EQ, 42);
        waiter.done ();
    });
    socket.emit ("ask-me", "(s)", "why?");
    waiter.wait ();
    socket.close ();
}

void test_binary () {
    var socket = connected ();
    var waiter = new Waiter ();
    uint8[] data = { 0, 255, 128, 10, 0 };
    var sent = new Bytes (data);

    socket.once ("binary", (s, event) => {
        assert_true (event.get_arg (1).get_bytes ().compare (sent) == 0);
        waiter.done ();
    });
    socket.emit_args ("binary", new Sio.Value.array ({ new Sio.Value.string ("name"), new Sio.Value.bytes (sent) }));
    waiter.wait ();

    var second = new Waiter ();
    socket.emit_with_callback ("make-binary", Sio.args ("(i)", 70000), (s, args, e) => {
        assert_cmpuint ((uint) args.get_element (0).get_bytes ().get_size (), CompareOperator.EQ, 70000);
        second.done ();
    });
    second.wait ();
    socket.close ();
}

struct Row {
    string name;
    string sent;
    string? heard;
}

const Row[] ROWS = {
    { "integers", "[0,-1,9007199254740991,-9007199254740991]", null },
    { "2^53", "9007199254740992", null },
    { "2^53+1", "9007199254740993", "9007199254740992" },
    { "2^63-1", "9223372036854775807", "9223372036854776000" },
    { "2^64-1", "18446744073709551615", "18446744073709552000" },
    { "1e400", "1e400", "null" },
    { "1e21", "1e21", "1e+21" },
    { "0.1", "0.1", null },
    { "NUL-in-text", "\"a\\u0000b\"", null },
    { "NUL-in-a-key", "{\"a\\u0000b\":1}", null },
    { "lone-surrogates", "[\"x\\ud800y\",\"\\udc00\"]", null },
    { "__proto__", "{\"__proto__\":{\"a\":1}}", null },
    { "empty-array", "[]", null },
    { "empty-object", "{}", null },
    { "empty-key", "{\"\":\"\"}", null },
    { "nested-null", "{\"a\":[null,{\"b\":null}]}", null },
    { "key-order", "{\"b\":1,\"a\":2}", null },
    { "duplicate-keys", "{\"a\":1,\"a\":2}", "{\"a\":2}" },
};

string ask_text (Sio.Socket socket, Sio.Value args) {
    var waiter = new Waiter ();
    string answer = "";

    socket.emit_with_callback ("echo", args, (s, got, e) => {
        assert_true (e == null);
        answer = got.to_json (null);
        waiter.done ();
    });
    waiter.wait ();
    return answer;
}

/* What goes out is as it was, what comes back is what JavaScript makes of it. */
void test_row (Row row) {
    var socket = connected ();
    string sent = "", echo = "";

    socket.outgoing_event.connect ((event) => sent = event.get_json (null));
    socket.event["echo"].connect ((event) => echo = event.get_json (null));
    try {
        var answer = ask_text (socket, new Sio.Value.from_json (@"[$(row.sent)]", null));
        var heard = "[" + (row.heard ?? row.sent) + "]";

        assert_cmpstr (sent, CompareOperator.EQ, @"[$(row.sent)]");
        assert_cmpstr (echo, CompareOperator.EQ, heard);
        assert_cmpstr (answer, CompareOperator.EQ, heard);
    } catch (Error e) {
        error ("%s", e.message);
    }
    socket.close ();
}

void test_levels () {
    var socket = connected ();
    var text = string.nfill (201, '[') + "1" + string.nfill (201, ']');

    try {
        assert_cmpstr (ask_text (socket, new Sio.Value.from_json (text, null)), CompareOperator.EQ, text);
    } catch (Error e) {
        error ("%s", e.message);
    }
    socket.close ();
}

/* Within an array, empty, and of a mebibyte. */
void test_binary_row () {
    var socket = connected ();
    var data = new uint8[1 << 20];

    for (int i = 0; i < data.length; i++)
        data[i] = (uint8) (i * 7);
    Bytes[] parts = { new Bytes ({ 1, 0, 255 }), new Bytes ({}), new Bytes (data[0:900000]) };
    foreach (var part in parts) {
        var waiter = new Waiter ();
        var nested = new Sio.Value.array ({ new Sio.Value.array ({ new Sio.Value.string ("x"), new Sio.Value.bytes (part) }) });

        socket.emit_with_callback ("echo", nested, (s, got, e) => {
            assert_true (e == null);
            assert_true (got.lookup ("/0/1").get_bytes ().compare (part) == 0);
            waiter.done ();
        });
        waiter.wait ();
    }
    var second = new Waiter ();
    socket.emit_with_callback ("make-binary", Sio.args ("(i)", 1 << 20), (s, args, e) => {
        assert_cmpuint ((uint) args.get_element (0).get_bytes ().get_size (), CompareOperator.EQ, 1 << 20);
        second.done ();
    });
    second.wait ();
    socket.close ();
}

void test_disconnects () {
    var socket = connected ();
    int calls = 0;

    socket.disconnect.connect ((reason, details) => {
        assert_true (reason == Sio.DisconnectReason.IO_CLIENT_DISCONNECT);
        assert_cmpstr (reason.to_string (), CompareOperator.EQ, "io client disconnect");
        assert_true (details == null);
        calls++;
    });
    socket.close ();
    assert_cmpint (calls, CompareOperator.EQ, 1);
    assert_false (socket.active);
}

void test_server_disconnects () {
    var socket = connected ();
    var waiter = new Waiter ();

    socket.disconnect.connect ((reason, details) => {
        assert_true (reason == Sio.DisconnectReason.IO_SERVER_DISCONNECT);
        waiter.done ();
    });
    socket.emit ("kick", null);
    waiter.wait ();
    assert_false (socket.active);
}

int main (string[] args) {
    url = args[args.length - 1];
    Test.init (ref args);
    Test.add_func ("/vala/connects", test_connects);
    Test.add_func ("/vala/constructors", test_constructors);
    Test.add_func ("/vala/refused", test_refused);
    Test.add_func ("/vala/auth", test_auth);
    Test.add_func ("/vala/events", test_events);
    Test.add_func ("/vala/listeners", test_listeners);
    Test.add_func ("/vala/ack-from-server", test_ack_from_server);
    Test.add_func ("/vala/ack-to-server", test_ack_to_server);
    Test.add_func ("/vala/binary", test_binary);
    foreach (var row in ROWS) {
        var copy = row;
        Test.add_data_func ("/vala/fidelity/" + copy.name, () => test_row (copy));
    }
    Test.add_func ("/vala/fidelity/200-levels", test_levels);
    Test.add_func ("/vala/fidelity/binary", test_binary_row);
    Test.add_func ("/vala/disconnects", test_disconnects);
    Test.add_func ("/vala/server-disconnects", test_server_disconnects);
    return Test.run ();
}
