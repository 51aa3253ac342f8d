/* SPDX-License-Identifier: LGPL-2.1-or-later */

int main (string[] args) {
    var loop = new MainLoop ();
    var socket = Sio.io (args.length > 1 ? args[1] : "http://localhost:3000");

    socket.event["chat"].connect ((event) => {
        string user, text;

        if (event.unpack ("ss", out user, out text))
            print ("%s: %s\n", user, text);
        loop.quit ();
    });
    socket.emit ("chat", "(ss)", "Vala", "Hello, world!");

    loop.run ();
    return 0;
}
