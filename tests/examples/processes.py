# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that a test runs side by side and listens to."""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import threading
import time

DEADLINE = 30


class Failure(Exception):
    pass


class Process:
    """A program; what it prints is a list of lines that grows, and is waited for."""

    def __init__(self, name, command, env=None):
        self.name = name
        self.lines = []
        self.next = 0
        self._incoming = queue.Queue()
        self._process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, text=True, errors='replace',
                                         start_new_session=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            self._incoming.put(line.rstrip('\n'))
        self._incoming.put(None)

    def wait_for(self, wanted, seconds=DEADLINE):
        """The next line with these words in it; what was read on the way is not looked at again."""
        end = time.monotonic() + seconds
        while True:
            while self.next < len(self.lines):
                line = self.lines[self.next]
                self.next += 1
                if wanted in line:
                    return line
            try:
                line = self._incoming.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise Failure(f'{self.name} did not say {wanted!r}; the last it said: {self.lines[-8:]}')
            self.lines.append(line)

    def say(self, line):
        try:
            self._process.stdin.write(line + '\n')
            self._process.stdin.flush()
        except BrokenPipeError as error:
            status = self.wait()
            self.drain()
            raise Failure(f'{self.name} ended with status {status}; the last it said: {self.lines[-8:]}') from error

    def interrupt(self):
        self._process.send_signal(signal.SIGINT)

    def drain(self):
        """Takes in what is left of an ended program."""
        while True:
            line = self._incoming.get(timeout=DEADLINE)
            if line is None:
                return
            self.lines.append(line)

    def expect_alive(self):
        status = self._process.poll()
        if status is not None:
            raise Failure(f'{self.name} ended with status {status}')

    def describe(self, count=30):
        """What it said last, and what has become of it."""
        with contextlib.suppress(queue.Empty):
            while (line := self._incoming.get_nowait()) is not None:
                self.lines.append(line)
        status = self._process.poll()
        return [*self.lines[-count:], 'still runs' if status is None else f'ended with status {status}']

    def wait(self, seconds=DEADLINE):
        """The exit status."""
        try:
            return self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise Failure(f'{self.name} does not end') from error

    def stop(self):
        if self._process.poll() is None:
            # With what it has started itself.
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(self._process.pid, number)
                    self._process.wait(timeout=10)
                    break
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue


class Server(Process):
    """The server of the examples; it can be stopped and started again on its port."""

    def __init__(self, script, port=0):
        super().__init__('the server', ['node', script, str(port)])
        while True:
            line = self.wait_for('').strip()
            if line.isdigit():
                break
        self.port = int(line)
        self.url = f'http://127.0.0.1:{self.port}'


def why_no_server(script):
    """What is missing for the server, or None."""
    if shutil.which('node') is None:
        return 'no Node.js'
    if not os.path.isdir(os.path.join(os.path.dirname(script), 'node_modules')):
        return 'the modules of the example server are not there; npm ci brings them'
    return None
