"""A mail server on the loopback that misbehaves as it is told."""

from __future__ import annotations

import socket
from threading import Thread
from typing import Self

from kit.receivers import LOOPBACK


class ScriptedServer:
    """A mail server that answers each command by its first word, and hangs up where told to.

    Args:
        answers: By command in capitals; empty: hang up instead. Others are answered 250.
    """

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers

    def __enter__(self) -> Self:
        self._socket = socket.create_server((LOOPBACK, 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = Thread(target=self._serve, name="scripted mail server", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)
        self._socket.close()

    @property
    def address(self) -> str:
        return f"mailto://{LOOPBACK}:{self.port}/?from=watcher@example.org&to=reader@example.org"

    def _serve(self) -> None:
        """Serve one client, from its coming to its going."""
        client, _ = self._socket.accept()
        with client, client.makefile("rwb") as lines:
            answer = "220 mx.example.org"
            while answer:
                lines.write(f"{answer}\r\n".encode())
                lines.flush()
                command = lines.readline().decode().strip().partition(" ")[0].upper()
                answer = self.answers.get(command, "250 OK") if command else ""
