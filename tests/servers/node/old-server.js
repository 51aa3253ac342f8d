// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A server of version 2, which speaks an older revision of the protocol. Nothing can be done with it but to be refused clearly.
// Prints PORT n as server.js does, and ends with its standard input.

'use strict';

const http = require('http');
const listen = require('socket.io-2.5');

const {host = '127.0.0.1', port = 0} = JSON.parse(process.argv[2] || '{}');
const httpServer = http.createServer();

listen(httpServer).of('/admin');
process.stdin.on('end', () => process.exit(0)).resume();
httpServer.listen(port, host, () => process.stdout.write(`PORT ${httpServer.address().port}\n`));
