"""ngIRCd with one room, and somebody who sits in it and notes what is said."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Thread

from kit.receivers import LOOPBACK
from kit.servers import a_port, answers, as_nobody, given_to_nobody, needed, place, running, until

ROOM = "#alerts"
_CONFIGURATION = """\
[Global]
Name = irc.example.org
Info = test
Listen = 127.0.0.1
Ports = {port}
ServerUID = nobody
ServerGID = nogroup
MotdPhrase = hi
[Limits]
MaxConnectionsIP = 0
MaxJoins = 50
MaxNickLength = 31
MaxPenaltyTime = 0
[Options]
PAM = no
DNS = no
Ident = no
[Channel]
Name = #alerts
Topic = test
Modes = tn
"""


@dataclass
class Listener:
    """Somebody in the room: `lines` is what was said there, in order."""

    port: int
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = Condition()
        self._is_in = False
        self._socket = socket.create_connection((LOOPBACK, self.port), 10)
        self._say("NICK listener")
        self._say("USER listener 0 * :listener")
        Thread(target=self._listen, daemon=True).start()
        with self._changed:
            assert self._changed.wait_for(lambda: self._is_in, 10), "the room let nobody in"

    def wait_for(self, last: str, seconds: float = 20.0) -> list[str]:
        """Return all that was said once a line with `last` in it came."""
        with self._changed:
            came = self._changed.wait_for(lambda: any(last in line for line in self.lines), seconds)
        assert came, self.lines
        return self.lines

    def close(self) -> None:
        self._socket.close()

    def _say(self, line: str) -> None:
        self._socket.sendall(f"{line}\r\n".encode())

    def _listen(self) -> None:
        try:
            with self._socket.makefile("rb") as lines:
                for raw in lines:
                    self._heard(raw.decode("utf-8", "replace").rstrip("\r\n"))
        except (OSError, ValueError):
            return

    def _heard(self, line: str) -> None:
        words = line.split(" ")
        if words[0] == "PING":
            self._say(f"PONG {words[1]}")
        elif words[1] == "001":
            self._say(f"JOIN {ROOM}")
        with self._changed:
            self._is_in = self._is_in or words[1] == "366"
            if words[1] == "PRIVMSG":
                self.lines.append(line.partition(" :")[2])
            self._changed.notify_all()


@contextmanager
def irc() -> Iterator[int]:
    """Yield the port of an IRC server; skip where it is not installed."""
    program = needed("ngircd", package="ngircd")
    with place("irc") as folder:
        port = a_port()
        path = folder / "ngircd.conf"
        path.write_text(_CONFIGURATION.format(port=port))
        given_to_nobody(folder)
        command = as_nobody(program, "-n", "-f", path)
        with running(command, folder / "log") as process:
            until(lambda: answers(port), what="ngIRCd", process=process)
            yield port
