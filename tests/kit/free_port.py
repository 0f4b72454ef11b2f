"""A port of the loopback that nothing listens at."""

from __future__ import annotations

import socket


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def free_port_with(*above: int) -> int:
    """Return a port that was free a moment ago, as were those so far above it."""
    while True:
        port = free_port()
        try:
            for each in above:
                with socket.socket() as taken:
                    taken.bind(("127.0.0.1", port + each))
        except (OSError, OverflowError):
            continue
        return port
