// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The Socket.IO server that the examples talk to.
//
//   node server.js [PORT]
//
// Without PORT a free one of the loopback address is taken. The first line of
// the output is the port. The process ends with status 75 when a client asks
// for a restart: whoever started it starts it again, on the same port.
'use strict';

const crypto = require('crypto');
const http = require('http');
const { Server } = require('socket.io');

const RESTART = 75;

const server = http.createServer();
const io = new Server(server, { pingInterval: 5000, pingTimeout: 5000, maxHttpBufferSize: 8 * 1024 * 1024 });

const isBinary = value => Buffer.isBuffer(value);
const sum = buffer => buffer.reduce((total, byte) => total + byte, 0);

io.on('connection', socket => {
  console.error(`  [server] ${socket.id} came`);
  io.emit('people', io.of('/').sockets.size);
  socket.on('disconnect', reason => {
    console.error(`  [server] ${socket.id} went: ${reason}`);
    io.emit('people', io.of('/').sockets.size);
  });

  socket.on('hello', name => socket.emit('welcome', `Hello ${name}, this is Node.js ${process.version}`));

  // The client asks, the server acknowledges.
  socket.on('add', (a, b, done) => done(a + b));

  // The server asks, the client acknowledges; its answer is told back.
  socket.on('ask-me', () => {
    socket.timeout(5000).emit('question', 'What is six times seven?', (error, answer) => {
      socket.emit('answer-came', error ? null : answer);
    });
  });

  // Binary data from the client, and the same turned round in the answer.
  socket.on('upload', (name, data, done) => {
    if (!isBinary(data))
      done({ error: 'that is not binary' });
    else
      done({ name, size: data.length, sum: sum(data), reversed: Buffer.from(data).reverse() });
  });

  // Binary data to the client.
  socket.on('download', size => {
    socket.emit('file', { name: 'ramp.bin', data: Buffer.from(Array.from({ length: size }, (_, i) => i % 256)) });
  });

  socket.on('chat', (user, text, done) => {
    io.emit('chat', user, text);
    if (typeof done === 'function')
      done('got it');
  });

  // An image for everybody, as binary data.
  socket.on('image', (user, name, data, done) => {
    if (isBinary(data))
      io.emit('image', user, name, data);
    if (typeof done === 'function')
      done(isBinary(data) ? 'got it' : 'that is not binary');
  });

  // A file in parts. Each is acknowledged with how much there is by now, the last one also with
  // a checksum of all.
  let parts = null;
  socket.on('file-part', ({ name, offset, size }, data, done) => {
    if (offset === 0)
      parts = { name, received: 0, hash: crypto.createHash('sha256') };
    if (!isBinary(data) || parts === null || parts.name !== name || parts.received !== offset) {
      done({ error: 'that is not the next part' });
      return;
    }
    parts.received += data.length;
    parts.hash.update(data);
    if (parts.received < size) {
      done({ received: parts.received });
    } else {
      done({ received: parts.received, sha256: parts.hash.digest('hex') });
      parts = null;
    }
  });

  socket.on('restart-please', () => process.exit(RESTART));
});

const members = io.of('/members');

members.use((socket, next) => {
  if (socket.handshake.auth.token === 'sesame') {
    next();
    return;
  }
  const error = new Error('not a member');
  error.data = { hint: 'the token is what opened the cave' };
  next(error);
});

members.on('connection', socket => {
  socket.emit('secret', `Only members of ${socket.nsp.name} hear this.`);
});

// Prices of things that nobody trades, ten times a second for each who subscribed.
const ticker = io.of('/ticker');

ticker.on('connection', socket => {
  const prices = new Map();
  const timer = setInterval(() => {
    const ticks = [];
    for (const [symbol, price] of prices) {
      const next = Math.max(1, price * (1 + (Math.random() - 0.5) / 50));
      prices.set(symbol, next);
      ticks.push({ symbol, price: Number(next.toFixed(2)) });
    }
    // Who is too slow for these gets the next.
    if (ticks.length > 0)
      socket.volatile.emit('ticks', ticks, Date.now());
  }, 100);

  socket.on('subscribe', (symbol, done) => {
    prices.set(String(symbol), 100);
    done(prices.size);
  });
  socket.on('unsubscribe', (symbol, done) => {
    prices.delete(String(symbol));
    done(prices.size);
  });
  socket.on('disconnect', () => clearInterval(timer));
});

server.on('error', error => {
  console.error(`  [server] ${error.message}`);
  process.exit(1);
});

server.listen(Number(process.argv[2] || 0), '127.0.0.1', () => console.log(server.address().port));
