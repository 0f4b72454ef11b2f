"""Twelve years of a watcher's life, made up: the store that `benchmarks/web.py` asks its questions.

Written through the real append path, chained, with the views in step; cases are opened by the real
alerting and answered by the real orders. The same number of events makes the same history.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from web_medicines import (
    MEDICINES,
    RICH,
    Kept,
    first_state,
    happening,
    medicine,
    page,
    page_of,
)

from watcher.bootstrap import Watcher, World, opened
from watcher.config.load import load
from watcher.core.capture import Capture, Target, capture_id, instant
from watcher.core.events import Cause, Change, Event, Evidence, Provenance, apply
from watcher.core.facts import Subject
from watcher.core.verdict import Verdict
from watcher.ports.store import Append, EventFilter, Work
from watcher.readers.registry import READERS
from watcher.services.acknowledge import acknowledge
from watcher.services.alert import CONSUMER
from watcher.services.decisions import Decider

SNAPSHOTS, DAYS = 20_000, 4_340
END = datetime(2026, 11, 29, 6, 15, tzinfo=UTC)
_ALERTED, _ANSWERED = 12_000, 0.5
_TOGETHER = 30
"""Days in one transaction: what is made here need not outlive a power cut half made."""
_KINDS: tuple[tuple[str, int], ...] = (
    ("fact.changed", 240), ("document.revised", 150), ("document.added", 130),
    ("document.date_changed", 90), ("product_information.updated", 90),
    ("product_information.section_changed", 60), ("opinion.post_authorisation_adopted", 50),
    ("authorisation.holder_details_changed", 30), ("authorisation.renewed", 25),
    ("psusa.outcome_published", 25), ("flag.changed", 20), ("shortage.started", 15),
    ("shortage.resolved", 15), ("classification.therapeutic_area_changed", 10),
    ("authorisation.holder_transferred", 10), ("additional_monitoring.added", 8),
    ("market.ceased", 6), ("dhpc.issued", 6), ("document.removed", 5), ("referral.started", 4),
    ("indication.extended", 4), ("recall.issued", 2), ("authorisation.withdrawn", 3),
    ("authorisation.suspended", 1), ("authorisation.lapsed", 1),
)  # fmt: skip
_NAMES = tuple(name for name, _ in _KINDS)
_WEIGHTS = tuple(weight for _, weight in _KINDS)


@dataclass(slots=True)
class Making:
    """What is made, and how far it is."""

    events: int
    chance: random.Random
    table: list[Kept]
    pages: list[Kept]
    done: int = 0
    captures: int = 0
    snapshots: int = 0


def configuration(folder: Path, port: int = 8080) -> Path:
    """Write the configuration of the store in `folder`, and return its path."""
    every = {"every": "12h", "tier": 1}
    told = {
        "contact": "mailto:bench@watcher.example.org",
        "storage": {"database": f"sqlite:///{folder / 'watcher.db'}",
                    "snapshots": str(folder / "snapshots")},
        "web": {"port": port},
        "sources": [
            {"id": "ema", "title": "EMA, table of all medicines", "reader": "ema_medicines",
             "url": "https://www.ema.example/medicines.json", **every},
            {"id": "ema-pages", "title": "EMA, pages of medicines", "reader": "ema_medicine_page",
             "follow": {"source": "ema", "every": "30d"}, "tier": 1},
            {"id": "medpath", "title": "MedPath", "reader": "medpath_approval",
             "url": "https://medpath.example/drug/1", **every, "tier": 3},
        ],
        "channels": [{"id": "team", "title": "Pharmacovigilance", "url": f"folder:{folder}/team"}],
        "rules": [{"id": "all", "events": ["authorisation.*", "document.*", "product_information.*", "shortage.*", "recall.*", "opinion.*", "market.*", "referral.*"], "least": "normal", "channels": ["team"]}],
    }  # fmt: skip
    path = folder / "sources.yaml"
    path.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return path


def days_of(events: int) -> int:
    """Return how many days a history of so many events has."""
    return max(60, DAYS * min(events, 1_000_000) // 1_000_000)


def _told(look: Capture, tier: int, previously: str = "") -> Provenance:
    return Provenance(
        source=look.source, tier=tier, url=look.url, capture=look.id, snapshot=look.digest,
        reader=look.reader, observed_at=look.at, previously=previously, derivation="diff@1",
    )  # fmt: skip


def look_at(source: str, url: str, day: datetime, digest: str, **told: object) -> Capture:
    at = instant(day)
    reader = {"ema": "ema_medicines@1", "ema-pages": "ema_medicine_page@1"}.get(source, "medpath@1")
    known: dict[str, object] = {
        "verdict": Verdict.OK, "status": 200, "final_url": url, "size": 4_000, "milliseconds": 310,
        "headers": {"content-type": "text/html; charset=utf-8"}, "reader": reader,
        "digest": digest, **told,
    }  # fmt: skip
    return Capture(id=capture_id(url, at), source=source, url=url, at=at, **known)  # type: ignore[arg-type]


def write(watcher: Watcher, events: int, snapshots: int, say: Callable[[str], None]) -> None:
    """Write the whole history into an empty store."""
    count = min(MEDICINES, max(40, events // 190))
    table = [Kept("ema", medicine(number)) for number in range(count)]
    pages = [Kept("ema-pages", medicine(number)) for number in range(count)]
    pages += [Kept("medpath", medicine(number)) for number in range(0, count, 3)]
    making = Making(events, random.Random(8), table, pages)
    say(f"{events:,} events of {count:,} medicines")
    days = days_of(events)
    for first in range(0, days, _TOGETHER):
        with watcher.store.writing() as work:
            for number in range(first, min(first + _TOGETHER, days)):
                day = END - timedelta(days=days - number)
                _day(watcher, work, making, day, (number, days, snapshots))
        say(f"day {first:,} of {days:,}: {making.done:,} events, {making.captures:,} looks")
    _answers(watcher, say)
    watcher.seal()


def _day(
    watcher: Watcher, work: Work, making: Making, day: datetime, at: tuple[int, int, int]
) -> None:
    """Write one day: a look at the table, and some at the pages of medicines."""
    number, days, snapshots = at
    due = making.events * (number + 1) // days - making.done
    pages, table = making.pages, making.table
    if number == 0:
        _begin(work, making, day)
        return
    wanted = snapshots * (number + 1) // days - making.snapshots
    looks = max(wanted, min(25, due // 4 or 1))
    for turn in range(looks):
        kept = pages[0] if turn == 0 and number % 3 == 0 else making.chance.choice(pages)
        digest = ""
        if turn < wanted:
            digest = watcher.snapshots.put(page(_number(kept), making.snapshots))
            making.snapshots += 1
        _look(
            work, making, kept, day + timedelta(seconds=60 * turn), digest, 1 + due // (3 * looks)
        )
    look = look_at("ema", "https://www.ema.example/medicines.json", day + timedelta(hours=6), "",
                   records=len(table))  # fmt: skip
    _keep(work, making, look)
    until = making.events * (number + 1) // days
    while making.done < until:
        kept = table[0] if making.chance.random() < 0.004 else making.chance.choice(table)
        _append(work, making, kept, look, min(making.chance.randint(1, 4), until - making.done))


def _number(kept: Kept) -> int:
    return 0 if kept.subject == RICH else int(kept.subject.id[-6:]) - 100_000


def _begin(work: Work, making: Making, day: datetime) -> None:
    for kept in (*making.table, *making.pages):
        number = _number(kept)
        url = "https://www.ema.example/medicines.json" if kept.source == "ema" else _url(kept)
        look = look_at(kept.source, url, day, "")
        kept.state = first_state(number, kept.source)
        changes = tuple(Change(path=path, action="added", after=value)
                        for path, value in kept.state.items())  # fmt: skip
        first = Event(type="fact.recorded", subject=kept.subject, changes=changes)
        _write(work, making, kept, [first], look, Cause.BASELINE)


def _url(kept: Kept) -> str:
    number = _number(kept)
    return (
        page_of(number) if kept.source == "ema-pages" else f"https://medpath.example/drug/{number}"
    )


def _look(work: Work, making: Making, kept: Kept, day: datetime, digest: str, most: int) -> None:
    url, bad = _url(kept), making.chance.random() < 0.02
    told: dict[str, object] = {"records": 1}
    if bad and not digest:
        told = {"verdict": Verdict.UNREACHABLE, "reason": "no answer in 30 s", "status": 0}
    elif not digest:
        told = {"verdict": Verdict.UNCHANGED, "status": 304}
    look = look_at(kept.source, url, day, digest, **told)
    _keep(work, making, look)
    if look.verdict is Verdict.OK:
        _append(work, making, kept, look, making.chance.randint(1, max(2, 2 * most)))


def _keep(work: Work, making: Making, look: Capture) -> None:
    target = work.captures.target(look.source, look.url)
    is_good = look.verdict.is_good
    work.captures.add(look, Target(
        source=look.source, url=look.url, next_due=instant(END + timedelta(hours=12)),
        digest=look.digest or target.digest, reader=look.reader,
        last_good=look.id if is_good else target.last_good,
        last_good_at=look.at if is_good else target.last_good_at, records=1,
        failures=0 if is_good else target.failures + 1,
        failing_since="" if is_good else target.failing_since or look.at,
    ))  # fmt: skip
    making.captures += 1


def _append(work: Work, making: Making, kept: Kept, look: Capture, count: int) -> None:
    left = making.events - making.done
    told: list[Event] = []
    for number in range(min(count, left)):
        (kind,) = making.chance.choices(_NAMES, _WEIGHTS)
        day = datetime.fromisoformat(look.at)
        told.append(happening(kept, _number(kept), kind, making.done + number, day))
        kept.state = apply(kept.state, told[-1])
    is_news = left <= min(_ALERTED, making.events // 8)
    _write(work, making, kept, told, look, Cause.OBSERVED if is_news else Cause.IMPORTED)


def _write(
    work: Work, making: Making, kept: Kept, told: list[Event], look: Capture, cause: Cause
) -> None:
    quotes = tuple(
        (Evidence(path=each.changes[0].path, quote=str(each.changes[0].after)[:200],
                  place="line 29"),)
        for each in told)  # fmt: skip
    append = Append(stream=kept.stream, subject=kept.subject, expected_version=kept.version,
                    events=tuple(told), evidence=quotes, state=kept.state)  # fmt: skip
    tier = 3 if kept.source == "medpath" else 1
    if told:
        kept.version += len(work.log.append(append, _told(look, tier), cause, look.at))
    making.done += len(told)


def _answers(watcher: Watcher, say: Callable[[str], None]) -> None:
    """Tell of what was observed last, and answer some of it."""
    with watcher.store.writing() as work:
        first = next(work.log.read(EventFilter(causes=(Cause.OBSERVED,), limit=1)), None)
        work.move_checkpoint(CONSUMER, first.position - 1 if first else 0)
    done = watcher.alert()
    say(f"{done.cases:,} cases, {done.queued:,} messages")
    with watcher.store.reading() as work:
        cases = [each.case for each in work.case_states.open()]
    clock = watcher.tools.recorder
    for number, case in enumerate(cases[: int(len(cases) * _ANSWERED)]):
        by = Decider(who=f"Anna {number % 7}", request=f"bench-{number}")
        acknowledge(watcher.store, case, "seen", by, clock)


class Then:
    """A clock that stands at the end of the history."""

    def now(self) -> datetime:
        return END + timedelta(hours=2)

    def monotonic(self) -> float:
        return 0.0


def made(folder: Path, events: int, snapshots: int) -> Path:
    """Return the configuration of a store of so many events, made where it is not there yet."""
    home = folder / f"web-{events}-{snapshots}"
    if not (home / "made").exists():
        home.mkdir(parents=True, exist_ok=True)
        config = load(configuration(home), {}, READERS)
        # nobody's history: it is thrown away whole if the machine stops while it is made
        os.fsync = lambda _file: None
        world = World(clock=Then(), sleep=lambda _seconds: None)
        with opened(config, world, writable=True) as watcher:
            write(watcher, events, snapshots, lambda text: print(text, file=sys.stderr))
        (home / "made").touch()
    return configuration(home)


def some(config: Path, count: int) -> Iterator[Subject]:
    """Yield medicines of the store, spread over all there are."""
    known = int(config.parent.name.split("-")[1])
    medicines = min(MEDICINES, max(40, known // 190))
    yield from (medicine(1 + number * (medicines - 2) // count) for number in range(count))
