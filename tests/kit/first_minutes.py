"""The first minutes of somebody new: from an empty folder to the first mail, at a real terminal.

A site and a mail server on the loopback stand in for EMA and for the person's own. What is typed is
what the README says, with the two addresses.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kit.ema_site import EmaSite
from kit.receivers import Mail, Mailbox
from kit.terminal import Terminal


@dataclass(frozen=True)
class Step:
    """One command as it was typed, what it printed, and when it began and how long it took."""

    command: str
    screen: str
    began: float
    seconds: float
    code: int


@dataclass
class FirstMinutes:
    """Plays them.

    Attributes:
        program: The program as it is installed.
        folder: An empty folder.
        site: The table and Alofisel's page.
        box: The person's mail server.
    """

    program: Path
    folder: Path
    site: EmaSite
    box: Mailbox
    steps: list[Step] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def play(self) -> Mail:
        """Play all of it and return the first mail that is news."""
        self.run(f"init --table {self.site.table}", self._answers)
        self.run("doctor")
        with self._at_terminal("run --no-web") as service:
            began = time.monotonic()
            service.wait_for("watching")
            self.site.publish(is_withdrawn=True)
            self.run("check ema-medicines")
            sample, news = self.box.wait_for(2, 60)
            assert sample.subject.startswith("[TEST]"), sample.subject
            code = service.interrupt()
            self._keep("run --no-web", service, began, code)
        self.run("history alofisel")
        return news

    def _answers(self, terminal: Terminal) -> None:
        terminal.asked("operators of the servers", "pv@hospital.eu")
        terminal.asked("commas between", "alofisel, imatinib, medicine 2")
        terminal.asked("Where to send", "pv@hospital.eu")
        terminal.asked("Your mail server", f"127.0.0.1:{self.box.port}")
        terminal.asked("Whom to sign in as", "")
        terminal.asked("take the first look", "y")

    def run(self, words: str, answers: Callable[[Terminal], None] = lambda _: None) -> Step:
        """Run one command to its end."""
        began = time.monotonic()
        with self._at_terminal(words) as terminal:
            answers(terminal)
            code = terminal.end()
            return self._keep(words, terminal, began, code)

    def _at_terminal(self, words: str) -> Terminal:
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return Terminal([self.program, *words.split()], self.folder, environment)

    def _keep(self, words: str, terminal: Terminal, began: float, code: int) -> Step:
        step = Step(
            command=f"watcher {words}",
            screen=terminal.screen,
            began=began - self._began,
            seconds=time.monotonic() - began,
            code=code,
        )
        self.steps.append(step)
        return step


def shown(steps: list[Step], folder: Path) -> Iterator[str]:
    """Yield the transcript, a line each: times, commands, and what they printed."""
    for step in sorted(steps, key=lambda each: each.began):
        minutes, seconds = divmod(round(step.began), 60)
        yield f"[{minutes}:{seconds:02}] $ {step.command}"
        yield from step.screen.replace(str(folder), "/home/anna/watcher").splitlines()
        yield f"       ({step.seconds:.0f} s, exit code {step.code})"
        yield ""
