/* SPDX-License-Identifier: LGPL-2.1-or-later */

async void tell (Sio.Socket socket) throws Error {
    @CALLS@
}

int main () {
    var loop = new MainLoop ();
    var socket = Sio.io ("http://localhost:3000");

    tell.begin (socket, (source, result) => {
        try {
            tell.end (result);
        } catch (Error error) {
            print ("%s\n", error.message);
        }
    });
    loop.run ();
    return 0;
}
