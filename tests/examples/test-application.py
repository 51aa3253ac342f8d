#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts examples/c/application.c several times on a session bus of its own.

    test-application.py APPLICATION FRIEND SERVER.js

The output is TAP.
"""

import os
import pathlib
import shutil
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / 'check')]
import tap
from processes import DEADLINE, Failure, Process, Server, why_no_server


def start_again(application, *arguments):
    return subprocess.run([application, *arguments], capture_output=True, text=True, timeout=DEADLINE, check=False)


def main():
    application, friend_path, server_path = sys.argv[1:]
    if 'SIO_TEST_HAS_BUS' not in os.environ:
        if shutil.which('dbus-run-session') is None:
            print('1..0 # SKIP no dbus-run-session')
            return 0
        os.environ['SIO_TEST_HAS_BUS'] = '1'
        os.execvp('dbus-run-session', ['dbus-run-session', '--', sys.executable, *sys.argv])
    missing = why_no_server(server_path)
    if missing:
        print(f'1..0 # SKIP {missing}')
        return 0

    report = tap.Report('examples/c/application')
    running = []
    try:
        server = Server(server_path)
        running.append(server)
        friend = Process('the friend', [friend_path, server.url])
        running.append(friend)
        friend.wait_for('connected')
        first = Process('the first', [application, '--url', server.url])
        running.append(first)
        first.wait_for('connected')
        friend.say('say Grace Anybody here?')
        first.wait_for('Grace: Anybody here?')
        report.point('stays', [])

        second = start_again(application, 'Hello', 'everybody')
        faults = [] if second.returncode == 0 and second.stdout == 'got it\n' else [repr(second)]
        report.point('hands-over', faults)
        friend.wait_for('Hello everybody')
        first.wait_for(': Hello everybody')

        start_again(application, '--quit')
        status = first.wait()
        report.point('ends', [f'status {status}'] if status != 0 else [])
    except (Failure, subprocess.TimeoutExpired) as failure:
        report.point('goes-on', [str(failure)])
    finally:
        for process in reversed(running):
            process.stop()
    return report.end()


sys.exit(main())
