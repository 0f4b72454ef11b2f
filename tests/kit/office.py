"""An office: people with nights, holidays and wishes, told by rules through boxes of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from factories import a_state
from kit.clocks import StandingClock
from kit.correcting import LETTERS, STATUS, Bench, Box, letter
from kit.plain_source import a_source
from watcher.core.digest import Digest, compose_digest
from watcher.core.recipients import Group, Person
from watcher.core.rules import Rule
from watcher.notify.render import render
from watcher.ports import Envelope
from watcher.ports.telling import DigestItem
from watcher.services.alert import Alerted, alert
from watcher.services.deliver import deliver
from watcher.services.digests import due
from watcher.services.holding import held_batches, release

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday."""


def digest_letter(digest: Digest, key: str) -> Envelope:
    message = compose_digest(
        digest.cases, period=digest.period, why=digest.why, remarks=digest.remarks
    )
    return render(message, key=key)


def number(of: int) -> str:
    return f"medicine:EMEA/H/C/{of:06d}"


class Office(Bench):
    """A bench whose rules name people; every channel that anyone has is a box."""

    def __init__(
        self,
        folder: Path,
        rules: Sequence[Rule],
        people: Sequence[Person] = (),
        groups: Sequence[Group] = (),
    ) -> None:
        super().__init__(folder, rules)
        self.clock = StandingClock(MORNING)
        self.tools = _at(self.tools, self.clock)
        self.people, self.groups = people, groups
        names = {name for rule in rules for name in rule.channels}
        names |= {name for person in people for name in person.channels}
        self.boxes = {name: Box(name) for name in names}
        self.letters = _letters(people)

    def alert(self) -> Alerted:
        return alert(self.store, self.rules, letter, self.clock, self.people, self.groups)

    def tell(self) -> Alerted:
        done = self.alert()
        due(self.store, digest_letter, self.clock, self.people)
        deliver(self.store, self.boxes, self.clock)
        return done

    def pass_by(self, **time: float) -> None:
        """Let time go by, then send what has become due."""
        seconds = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
        self.clock.forward(sum(seconds[unit] * many for unit, many in time.items()))
        self.tell()

    def lines(self) -> tuple[DigestItem, ...]:
        """Return the lines that wait."""
        with self.store.reading() as work:
            return work.digests.due("9999")

    def says(self, source: str, state, *, tier: int = 1, tell: bool = True) -> list[str]:
        """Let a source of that tier say `state` of the one medicine."""
        return self.look(state, source=a_source(id=source, tier=tier), tell=tell)

    def flood(self, many: int, **changed: object) -> None:
        """Let so many medicines change alike, and a person release them; nothing is told yet."""
        before = {number(each): a_state() for each in range(many + 1)}
        after = {name: {**state, **changed} for name, state in before.items()}
        source = a_source(id="list", most_records=10_000)
        self.look(states=before, source=source)
        after[number(many)] = before[number(many)]
        self.look(states=after, source=source, tell=False)
        for batch in held_batches(self.store):
            if batch.state == "held":
                release(self.store, batch.batch, "it is so", self.again("f"), self.clock)


def _at(tools, clock):
    return replace(tools, clock=clock, recorder=clock)


def _letters(people: Sequence[Person]):
    return replace(LETTERS, people={person.id: person for person in people})


WITHDRAWN = a_state(**{STATUS: "withdrawn"})
