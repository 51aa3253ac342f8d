# SPDX-License-Identifier: LGPL-2.1-or-later
"""Results in the Test Anything Protocol."""


class Report:
    def __init__(self, prefix):
        self.prefix = prefix
        self.count = 0
        self.failures = 0

    def point(self, name, faults):
        """One test, which fails if there are faults (lines of text)."""
        self.count += 1
        print(f'{"not ok" if faults else "ok"} {self.count} /{self.prefix}/{name}')
        for fault in faults:
            print(f'# {fault}')
        self.failures += bool(faults)

    def skip(self, name, why):
        self.count += 1
        print(f'ok {self.count} /{self.prefix}/{name} # SKIP {why}')

    def end(self):
        print(f'1..{self.count}')
        return 1 if self.failures else 0
