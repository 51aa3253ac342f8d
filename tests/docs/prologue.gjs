// SPDX-License-Identifier: LGPL-2.1-or-later
import GLib from 'gi://GLib';
import Sio from 'gi://Sio?version=1.0';

const {io, Manager} = Sio;

