"""A person at a terminal: a program that sees one, what it prints, and what is typed into it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

_PATIENCE = 90.0
_COLUMNS = 100
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\r(?!\n)")


class Terminal:
    """One program at a terminal of its own."""

    def __init__(
        self, command: Sequence[str | Path], cwd: Path, environment: Mapping[str, str]
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, _COLUMNS, 0, 0))
        self.text = ""
        self._process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env={**environment, "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": str(_COLUMNS)},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(_PATIENCE)
        os.close(self._ours)

    @property
    def number(self) -> int:
        """The number of its process."""
        return self._process.pid

    def wait_for(self, words: str) -> None:
        """Read until these words are there, behind whatever was typed last."""
        seen = len(self.text)
        while words not in self.text[seen:]:
            assert self._read(), f"it ended without saying {words!r}:\n{self.text}"

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._ours, f"{line}\n".encode())

    def asked(self, words: str, line: str) -> None:
        """Wait for a question and answer it."""
        if words not in self.text:
            self.wait_for(words)
        while not self.text.endswith(" "):  # the question is over: nothing is typed into it
            assert self._read(), self.text
        self.type(line)

    def end(self) -> int:
        """Read to its end and return its exit code."""
        while self._read():
            pass
        return self._process.wait(_PATIENCE)

    def interrupt(self) -> int:
        """Press Ctrl-C, as its terminal would tell it; return its exit code."""
        self._process.send_signal(signal.SIGINT)
        return self.end()

    @property
    def screen(self) -> str:
        """What a person has read, without what steers a terminal."""
        lines = _CONTROL.sub("", self.text).replace("\r\n", "\n").split("\n")
        return "\n".join(line.rstrip() for line in lines).strip("\n")

    def _read(self) -> bool:
        """Read what is there; return whether there may be more."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            ready, _, _ = select.select([self._ours], [], [], 0.2)
            if ready:
                # a terminal whose program has ended says so by an error
                with suppress(OSError):
                    if piece := os.read(self._ours, 65_536):
                        self.text += piece.decode("utf-8", "replace")
                        return True
                return False
            if self._process.poll() is not None:
                return False
        message = f"nothing was printed for {_PATIENCE} s:\n{self.text}"
        raise TimeoutError(message)
