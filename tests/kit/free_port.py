"""A port of the loopback that nothing listens at, and that nothing else will be given.

What a system hands out by itself, it hands to whoever asks next: to the test in another process, or
to a connection that goes out. So these are of below that range, each process with a share of it.
"""

from __future__ import annotations

import os
import random
import socket
from pathlib import Path

_LOWEST, _HANDED_OUT = 10_000, 49_152
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_chance = random.SystemRandom()
_given: set[int] = set()


def free_port() -> int:
    """Return a port that was free a moment ago."""
    return free_port_with()


def free_port_with(*above: int) -> int:
    """Return a port that was free a moment ago, as were those so far above it."""
    share = _share()
    while True:
        port = _chance.choice(share)
        wanted = {port, *(port + each for each in above)}
        if not wanted & _given and all(map(_is_free, wanted)):
            _given.update(wanted)
            return port


def _share() -> range:
    """Return the ports of this process's tests."""
    try:
        handed_out = int(_RANGE.read_text(encoding="ascii").split()[0])
    except OSError:
        handed_out = _HANDED_OUT  # as IANA recommends, where the system does not tell
    ports = range(_LOWEST, handed_out if handed_out > 2 * _LOWEST else _HANDED_OUT)
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    each = len(ports) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return ports[number * each : (number + 1) * each]


def _is_free(port: int) -> bool:
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
