/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Asks the server and waits for the answer, without a callback: `yield` goes on when it is there. */

async void ask (Sio.Socket socket) {
    try {
        var reply = yield socket.timeout (5000).emit_with_ack_async ("add", Sio.args ("(ii)", 20, 22));

        print ("20 + 22 = %lld\n", reply.get_element (0).get_integer ());
    } catch (IOError.TIMED_OUT error) {
        print ("the server did not answer\n");
    } catch (Error error) {
        print ("%s\n", error.message);
    }
}

int main (string[] args) {
    var loop = new MainLoop ();
    var options = new Sio.Options () { reconnection_delay_max = 10000 };

    options.set_query_param ("client", "vala");
    var socket = Sio.io (args.length > 1 ? args[1] : "http://localhost:3000", options);

    socket.connect.connect (() => print ("connected as %s\n", socket.id));
    socket.disconnect.connect ((reason, details) => {
        print ("%s\n", reason.to_string ());
    });
    socket.connect_error.connect ((error, data) => printerr ("%s\n", error.message));
    ask.begin (socket, () => {
        socket.close ();
        loop.quit ();
    });

    loop.run ();
    return 0;
}
