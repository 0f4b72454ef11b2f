"""A bench to correct on: one plain source, readers of two channels, real stores, our own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from factories import ALOFISEL, a_state
from kit.clocks import StandingClock
from kit.plain_source import URL, ScriptedFetcher, a_source, a_toolbox, page
from watcher.core.case import Case
from watcher.core.correction_message import compose_correction
from watcher.core.events import Recorded
from watcher.core.message import compose
from watcher.core.other_sources import Known
from watcher.core.rules import Rule
from watcher.errors import DeliveryError
from watcher.notify.render import render
from watcher.ports import Envelope
from watcher.ports.store import EventFilter
from watcher.ports.telling import Waiting
from watcher.services.alert import alert
from watcher.services.check import check
from watcher.services.correct import Corrected, Letters, Wrong, correct
from watcher.services.decisions import Decider
from watcher.services.deliver import deliver
from watcher.services.source import Source

NAME = str(ALOFISEL)
STATUS = "authorisation[EU].status"
ENDED = "authorisation[EU].withdrawn"
AUTHORISED = a_state()
WITHDRAWN = a_state(**{STATUS: "withdrawn", ENDED: "2024-12-13"})
SUSPENDED = a_state(**{STATUS: "suspended"})
EVERYONE = (
    Rule(id="all", channels=("pv", "chat")),
    Rule(id="documents", events=("document.*",), channels=("library",)),
)
BY = Decider(who="m. weber@desk", request="a" * 32)
WHY = "the reader took the sentence of another medicine for this one"


def letter(case: Case, why: str, known: Known, _recipient: str = "") -> Envelope:
    return render(compose(case, why=why, known=known), key=case.key)


LETTERS = Letters(
    correction=lambda told, key, first: render(
        compose_correction(told), key=key, in_reply_to=first
    ),
    case=letter,
)


@dataclass(slots=True)
class Box:
    """A channel that keeps what it takes, and may be out of order."""

    id: str
    taken: list[Envelope] = field(default_factory=list)
    fault: DeliveryError | None = None

    def send(self, envelope: Envelope) -> str:
        if self.fault is not None:
            raise self.fault
        self.taken.append(envelope)
        return "taken"


class Bench:
    """A watcher without its wiring: what a source says is handed to it, look by look."""

    def __init__(self, folder: Path, rules: Sequence[Rule] = EVERYONE) -> None:
        self.clock = StandingClock()
        self.fetcher = ScriptedFetcher()
        self.tools = a_toolbox(folder, self.fetcher, self.clock)
        self.rules = rules
        self.letters = LETTERS
        self.boxes = {name: Box(name) for name in ("pv", "chat", "library")}
        self._notes = 0

    @property
    def store(self):
        return self.tools.store

    def look(
        self,
        state=None,
        *,
        states=None,
        source: Source | None = None,
        tell: bool = True,
        after: float = 3600,
    ):
        """Look at a page of other bytes that says `state`; return the types of what happened."""
        self._notes += 1
        self.clock.forward(after)
        said = {NAME: state} if states is None else states
        self.fetcher.says(page(said, note=str(self._notes)))
        outcome = check(source or a_source(), URL, self.tools)
        if tell:
            self.tell()
        return [told.event.type for told in outcome.events]

    def tell(self) -> None:
        """Put into the outbox what is new and try to deliver it."""
        alert(self.store, self.rules, letter, self.clock)
        deliver(self.store, self.boxes, self.clock)

    def correct(self, event: Recorded, **said) -> Corrected:
        """Correct an event, tell and deliver."""
        by = said.pop("by", BY)
        wrong = Wrong(event=str(event.position), **{"why": WHY, **said})
        done = correct(self.store, wrong, self.letters, by, self.clock)
        self.tell()
        return done

    def again(self, request: str) -> Decider:
        """Return the same person with another request."""
        return replace(BY, request=request * 32)

    def log(self, **which) -> list[Recorded]:
        with self.store.reading() as work:
            return [*work.log.read(EventFilter(**which))]

    def last(self, kind: str) -> Recorded:
        return self.log(types=(kind,))[-1]

    def outbox(self) -> tuple[Waiting, ...]:
        with self.store.reading() as work:
            return work.outbox.latest(1000)

    def state(self, source: str = "ema"):
        with self.store.reading() as work:
            return work.streams.get(f"{source}/{NAME}").state

    def subjects(self, box: str) -> list[str]:
        """Return the subject lines that a channel took."""
        return [each.subject for each in self.boxes[box].taken]
