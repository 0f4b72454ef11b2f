"""What systemd wants to hear (sd_notify(3)): that we are ready, alive, and stopping.

One datagram to the socket it names in the environment; without one, nobody wants to hear anything.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

_SILENT = 0.0


@dataclass(frozen=True, slots=True)
class Systemd:
    """The supervisor's ear.

    Attributes:
        address: Its socket, abstract where it begins with `@`; empty: there is none.
        watchdog: After how many seconds without a sign of life it restarts us; 0: never.
    """

    address: str = ""
    watchdog: float = _SILENT

    def tell(self, *states: str) -> None:
        """Send states such as `READY=1`; a supervisor that does not listen is no trouble of ours.

        Args:
            states: Each one assignment; what systemd does not know it ignores.
        """
        if not self.address:
            return
        name = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.settimeout(0)
            ear.sendto("\n".join(states).encode(), name)


def systemd(environment: Mapping[str, str], pid: int) -> Systemd:
    """Return the supervisor that `environment` names, as far as it waits for the process `pid`."""
    wanted = environment.get("WATCHDOG_PID", str(pid)) == str(pid)
    microseconds = environment.get("WATCHDOG_USEC", "")
    watchdog = int(microseconds) / 1e6 if wanted and microseconds.isdecimal() else _SILENT
    return Systemd(environment.get("NOTIFY_SOCKET", ""), watchdog)
