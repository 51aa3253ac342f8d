#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Connection state recovery, from PyGObject; the server has it switched on."""

from harness import connected, equal, following, run, test


@test('recovered')
async def _():
    socket = await connected(transports=['websocket'], reconnection_delay=100)
    missed = []
    first = socket.id
    equal(socket.recovered, False)
    socket.on('missed', lambda x, *_offset: missed.append(x))
    # Only who has seen an offset can be sent what came after it.
    came = following(socket, 'echo')
    socket.emit('echo', 1)
    await came
    socket.emit('drop-then-emit', ['missed', 1], ['missed', 2])
    await following(socket, 'disconnect')
    await following(socket, 'connect')
    equal([socket.recovered, socket.id == first, missed], [True, True, [1, 2]])
    socket.close()


run('python/recovery')
