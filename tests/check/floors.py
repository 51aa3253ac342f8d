# SPDX-License-Identifier: LGPL-2.1-or-later
"""On which floor of the house each file of sioclient/ stands; docs/architecture.md explains them."""

import re

# The first pattern that matches the path below sioclient/ decides.
FLOORS = [
    (r'config\.h$|sio-version(-macros)?\.h(\.in)?$|sio-enums\.[ch]$|sio-types\.[ch]$|base/', 0),
    (r'json/', 1),
    (r'sio-value[.-]|value/', 2),
    (r'codec/', 3),
    (r'machine/', 4),
    (r'transport/', 5),
    (r'sio-engine[.-]|engine/', 6),
    (r'sio-manager-sockets[.-]', 8),
    (r'sio-manager[.-]|sio-options[.-]|manager/', 7),
    (r'sio-socket[.-]|sio-event[.-]|socket/', 8),
    (r'sio-io[.-]|sio-inbox[.-]|sio\.h$|overrides/', 9),
]


def floor_of(name):
    """None for a name that stands nowhere."""
    for pattern, floor in FLOORS:
        if re.match(pattern, name):
            return floor
    return None
