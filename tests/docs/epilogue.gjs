// SPDX-License-Identifier: LGPL-2.1-or-later

new GLib.MainLoop(null, false).run();
