"""Three people over one bulk source, wired as the command line wires it, who are to answer.

Anna and Ben are told of endings at once; when nobody acknowledges within half an hour, Carla is,
and whoever stands in for her. `told()` lets a medicine be withdrawn and tells of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from kit.bulk import bulk, row, withdrawn
from kit.clocks import StandingClock
from kit.faulty_server import FaultyServer
from kit.station import Station, settings, station
from watcher.core.links import Action, action_links
from watcher.ports.cases import CaseState
from watcher.ports.telling import Waiting
from watcher.services.acknowledge import rebuild_case_states
from watcher.services.decisions import Decider

PATH = "/medicines.json"
PUBLIC = "https://watcher.example.org/"
PEOPLE: Sequence[Mapping[str, object]] = (
    {"id": "anna", "title": "Anna Visser", "channels": ["anna-box"]},
    {"id": "ben", "title": "Ben Smit", "channels": ["ben-box"]},
    {"id": "carla", "title": "Carla Rossi", "channels": ["carla-box"]},
)
RULE: Mapping[str, object] = {
    "id": "endings",
    "events": ["authorisation.*"],
    "least": "high",
    "tell": ["anna", "ben"],
    "escalate": {"after": "30m", "to": ["carla"]},
}
HALF_AN_HOUR = 1_800


def by(who: str = "m. weber", request: str = "a") -> Decider:
    return Decider(who=who, request=(request * 32)[:32])


class Answering(Station):
    """A station with people, and a source that can be made to say what a test needs."""

    site: FaultyServer
    rows: list[dict[str, str]]

    def told(self, number: int = 2) -> str:
        """Let a medicine be withdrawn, tell of it, and return the key of its case."""
        self.rows[number - 1] = withdrawn(number)
        self.say()
        self.look()
        return [each for each in self.outbox() if each.kind == "alert"][-1].case

    def say(self) -> None:
        """Let the source say what its rows are now."""
        self.site.page(PATH, bulk(*self.rows), media_type="application/json")

    def state(self, case: str) -> CaseState:
        with self.watcher.store.reading() as work:
            return work.case_states.get(case)

    def of_kind(self, kind: str) -> list[Waiting]:
        return [each for each in self.outbox() if each.kind == kind]

    def is_rebuilt_the_same(self) -> bool:
        with self.watcher.store.writing() as work:
            return rebuild_case_states(work).is_equal

    def link(self, case: str, action: Action, recipient: str = "person:anna") -> str:
        """Return the path of a link as a message carries it."""
        made = action_links(case, recipient, self.watcher.link_key, "", self.clock.now())
        return made[action]


@contextmanager
def answering(
    folder: Path,
    *,
    people: Sequence[Mapping[str, object]] = PEOPLE,
    rule: Mapping[str, object] = RULE,
    clock: StandingClock | None = None,
    environment: Mapping[str, str] | None = None,
    **sections: object,
) -> Iterator[Answering]:
    """Yield people whose source has been looked at once.

    Args:
        folder: Where it keeps everything.
        people: Who is there.
        rule: Who is told of what.
        clock: Its clock.
        environment: The variables that its configuration reads.
        sections: Further sections of its configuration, such as `web`.
    """
    with FaultyServer() as site:
        source = {"id": "ema", "reader": "ema_medicines", "url": site.url(PATH)}
        channels = {f"{each['id']}-box": f"folder:boxes/{each['id']}" for each in people}
        path = settings(folder, [source], channels=channels, rules=[rule])
        told = {**json.loads(path.read_text("utf-8")), "people": list(people), **sections}
        path.write_text(json.dumps(told), encoding="utf-8")
        with station(path, clock or StandingClock(), environment) as here:
            at_work = Answering(here.watcher, here.clock)
            at_work.site = site
            at_work.rows = [row(at) for at in (1, 2, 3)]
            at_work.say()
            at_work.look()
            yield at_work
