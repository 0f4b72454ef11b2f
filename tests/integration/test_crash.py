"""The line killed at every step in turn, before and after it: nothing lost, nothing said twice.

The n-th step fails, for n from 1 until nothing fails any more; then the service starts again on
what was kept, as it would after a kill, and ends where an undisturbed one ends.
"""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from factories import ALOFISEL, a_state
from kit.clocks import StandingClock
from kit.plain_source import URL, ScriptedFetcher, a_source, a_toolbox, page
from watcher.core.rules import Rule
from watcher.ports import Envelope
from watcher.ports.store import EventFilter
from watcher.services.alert import alert
from watcher.services.check import check
from watcher.services.deliver import deliver
from watcher.services.replay import rebuild

pytestmark = pytest.mark.usefixtures("engine")

NAME = str(ALOFISEL)
PAGES = [
    page({NAME: a_state()}),
    page({NAME: a_state(**{"authorisation[EU].status": "withdrawn"})}),
]
RULES = [Rule(id="all", channels=("pv",))]


class KilledError(BaseException):
    """What a kill looks like from inside: nothing may catch it."""


@dataclass(slots=True)
class Fuse:
    """Burns at the n-th step, and only once."""

    at: int
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise KilledError


@dataclass(slots=True)
class KilledStore:
    """A store that may be killed as a transaction begins, before its commit, and after it."""

    store: object
    fuse: Fuse

    @contextmanager
    def writing(self):
        self.fuse.step()
        with self.store.writing() as work:
            yield work
            self.fuse.step()
        self.fuse.step()

    def reading(self):
        return self.store.reading()


@dataclass(slots=True)
class KilledSnapshots:
    snapshots: object
    fuse: Fuse

    def put(self, body, after=""):
        self.fuse.step()
        digest = self.snapshots.put(body, after)
        self.fuse.step()
        return digest

    def get(self, digest):
        return self.snapshots.get(digest)


@dataclass(slots=True)
class Receiver:
    """A channel whose receiver keeps what it takes, whatever happens to us afterwards."""

    fuse: Fuse
    taken: list[Envelope] = field(default_factory=list)
    id: str = "pv"

    def send(self, envelope):
        self.fuse.step()
        self.taken.append(envelope)
        self.fuse.step()
        return "taken"


class AlwaysThere(ScriptedFetcher):
    """Answers with the page as it is now, however often it is asked."""

    def fetch(self, request):
        answer = super().fetch(request)
        self.answers.append(answer)
        return answer


def letter(case, _why, _known, _recipient):
    return Envelope(key=case.key, subject=case.lead.event.type, text="")


def live(folder, fuse):
    """Live through the story, starting again after each kill; return what is left of it."""
    folder.mkdir()
    clock, fetcher, receiver = StandingClock(), AlwaysThere(), Receiver(fuse)
    tools = a_toolbox(folder, fetcher, clock)
    store = KilledStore(tools.store, fuse)
    tools = replace(tools, store=store, snapshots=KilledSnapshots(tools.snapshots, fuse))
    killed = False
    for body in PAGES:
        fetcher.answers.clear()
        fetcher.says(body)
        for _ in range(3):
            clock.forward(3600)
            try:
                check(a_source(), URL, tools)
                alert(store, RULES, letter, clock)
                deliver(store, {"pv": receiver}, clock)
            except KilledError:
                killed = True
    with tools.store.reading() as work:
        events = [(told.event.type, told.cause) for told in work.log.read(EventFilter())]
        assert list(work.log.verify()) == list(range(1, len(events) + 1))
        states = [each.state for each in work.outbox.latest(10)]
        for told in work.log.read(EventFilter()):
            if told.event.type != "alert.sent":
                tools.snapshots.get(told.provenance.snapshot)
    assert rebuild(tools.store.store).is_equal
    tools.store.store.close()
    return events, states, receiver.taken, killed


def test_killed_at_any_step_the_story_ends_the_same(tmp_path):
    undisturbed = live(tmp_path / "undisturbed", Fuse(at=0))
    assert [kind for kind, _ in undisturbed[0]] == [
        "fact.recorded",
        "authorisation.withdrawn",
        "alert.sent",
    ]
    assert (undisturbed[1], len(undisturbed[2])) == (["delivered"], 1)
    doubled = 0
    for step in itertools.count(1):
        events, states, taken, killed = live(tmp_path / str(step), Fuse(at=step))
        if not killed:
            break
        assert events == undisturbed[0], f"killed at step {step}"
        assert states == ["delivered"], f"killed at step {step}"
        assert len({envelope.key for envelope in taken}) == 1, f"killed at step {step}"
        doubled += len(taken) > 1
    assert step > 30
    assert doubled <= 3, "doubled only between the receiver's taking it and our noting so"


def test_a_full_disk_stops_a_look_and_the_next_one_finds_what_it_would_have_found(tmp_path):
    clock, fetcher = StandingClock(), AlwaysThere()
    tools = a_toolbox(tmp_path, fetcher, clock)

    class Full:
        def put(self, _body, _after):
            raise OSError(28, "No space left on device")

        def get(self, digest):
            return tools.snapshots.get(digest)

    fetcher.says(PAGES[0])
    check(a_source(), URL, tools)
    fetcher.answers.clear()
    fetcher.says(PAGES[1])
    clock.forward(60)
    with pytest.raises(OSError, match="No space left"):
        check(a_source(), URL, replace(tools, snapshots=Full()))
    clock.forward(60)
    outcome = check(a_source(), URL, tools)

    assert [told.event.type for told in outcome.events] == ["authorisation.withdrawn"]
    tools.store.close()
