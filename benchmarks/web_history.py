"""Twelve years of a watcher's life, made up: the store that `benchmarks/web.py` asks its questions.

Written through the real append path, chained, with the views in step; cases are opened by the real
alerting and answered by the real orders. The same number of events makes the same history.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watcher.bootstrap import Watcher, World, opened
from watcher.config.load import load
from watcher.core.capture import Capture, Target, capture_id, instant
from watcher.core.events import Cause, Change, Event, Evidence, Nature, Provenance, apply
from watcher.core.facts import Subject, Value
from watcher.core.verdict import Verdict
from watcher.ports.store import Append, EventFilter, Work
from watcher.readers.registry import READERS
from watcher.services.acknowledge import acknowledge
from watcher.services.alert import CONSUMER
from watcher.services.decisions import Decider

MEDICINES, SNAPSHOTS, DAYS = 5_200, 20_000, 4_340
RICH = Subject("medicine", "EMEA/H/C/004258")
RICH_NAME, RICH_SUBSTANCE = "Alofisel", "darvadstrocel"
END = datetime(2026, 11, 29, 6, 15, tzinfo=UTC)
_ALERTED, _ANSWERED = 12_000, 0.5
_TOGETHER = 30
"""Days in one transaction: what is made here need not outlive a power cut half made."""
_PAGE = "https://www.ema.example/en/medicines/human/EPAR/"
_SYLLABLES = [
    "al",
    "be",
    "cor",
    "da",
    "el",
    "fi",
    "gra",
    "ho",
    "in",
    "ju",
    "ka",
    "lu",
    "mo",
    "nex",
    "or",
    "pra",
    "qui",
    "ro",
    "sta",
    "tri",
    "ul",
    "vé",
    "xa",
    "yl",
    "zo",
]
_TOWNS = [
    "Zürich",
    "Bruxelles",
    "Málaga",
    "København",
    "Lyon",
    "Gdańsk",
    "Parma",
    "Utrecht",
    "Cork",
    "Uppsala",
]
_FORMS = [
    "Pharma A/S",
    "Laboratórios S.A.",
    "Biotech B.V.",
    "Thérapeutique SAS",
    "GmbH",
    "Medicines Ltd",
]
_DOCUMENTS = (
    "Product Information",
    "Public assessment report",
    "Risk-management plan",
    "Steps taken",
)
_AREAS = ("Crohn Disease", "Neoplasms", "Diabetes Mellitus", "Asthma", "Hypertension", "Migraine")

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
class Kept:
    """One stream as it is while the history is made."""

    source: str
    subject: Subject
    version: int = 0
    documents: int = 0
    state: dict[str, Value] = field(default_factory=dict)

    @property
    def stream(self) -> str:
        return f"{self.source}/{self.subject}"


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


def name_of(number: int) -> str:
    """Return a name that sounds like a medicine's, another one for each number."""
    parts = []
    rest = number + 400
    while rest:
        rest, at = divmod(rest, len(_SYLLABLES))
        parts.append(_SYLLABLES[at])
    return "".join(parts).capitalize()


def holder_of(number: int) -> str:
    return f"{_TOWNS[number % 10]} {name_of(number % 300)} {_FORMS[number % 6]}"


def medicine(number: int) -> Subject:
    return RICH if number == 0 else Subject("medicine", f"EMEA/H/C/{100_000 + number:06d}")


def first_state(number: int, source: str) -> dict[str, Value]:
    """Return what a source says of a medicine when it is first read."""
    if source == "medpath":
        return {"authorisation[EU].status": "authorised", "product.brand_name": _brand(number)}
    substance = RICH_SUBSTANCE if number == 0 else f"{name_of(number * 7 % 2_600).casefold()}mab"
    known: dict[str, Value] = {
        "product.brand_name": _brand(number), "product.number": medicine(number).id,
        "product.inn": [substance], "product.active_substance": [substance],
        "product.atc_code": f"L{number % 10:02d}A{'ABCDEFGX'[number % 8]}{number % 90 + 1:02d}",
        "product.therapeutic_area": [_AREAS[number % 6]],
        "authorisation[EU].status": "authorised",
        "authorisation[EU].holder": {"name": holder_of(number), "country": ""},
        "authorisation[EU].granted": f"20{number % 15:02d}-{number % 12 + 1:02d}-15",
    }  # fmt: skip
    if source == "ema-pages":
        return known | {_path(number, each): _document(number, each, 1) for each in range(8)}
    known["product.url"] = _page_of(number)
    return known | {f"flag[{name}]": number % 9 == at for at, name in enumerate(
        ("orphan", "generic", "biosimilar", "conditional_approval", "prime"))}  # fmt: skip


def _brand(number: int) -> str:
    return RICH_NAME if number == 0 else name_of(number)


def _path(number: int, document: int) -> str:
    return f"document[EMA/{number * 50 + document}/2015]"


def _document(number: int, document: int, revision: int) -> dict[str, Value]:
    return {
        "title": f"{_brand(number)} : EPAR – {_DOCUMENTS[document % 4]}",
        "kind": "variation-report", "url": f"{_PAGE}{number}/{document}.pdf",
        "last_updated": f"20{10 + revision % 16:02d}-{revision % 12 + 1:02d}-0{revision % 9 + 1}",
    }  # fmt: skip


def happening(kept: Kept, number: int, kind: str, turn: int, day: datetime) -> Event:
    """Return an event of a type that can happen to a stream as it stands."""
    on = day.date().isoformat()
    if kind.startswith("document."):
        return _document_event(kept, number, kind, turn)
    if kind.startswith("authorisation.") and kind.rpartition(".")[2] in {
        "withdrawn", "suspended", "lapsed"}:  # fmt: skip
        after = kind.rpartition(".")[2]
        if kept.state["authorisation[EU].status"] == after:
            kind, after = "authorisation.reinstated", "authorised"
        status = Change(path="authorisation[EU].status", action="changed",
                        before=kept.state["authorisation[EU].status"], after=after)  # fmt: skip
        details = {"before": str(status.before), "after": after, "reason_category": "not_stated"}
        return Event(type=kind, subject=kept.subject, changes=(status,), jurisdiction="EU",
                     effective=on, details=details)  # fmt: skip
    if kind.startswith("authorisation.holder") and "authorisation[EU].holder" in kept.state:
        holder = Change(path="authorisation[EU].holder", action="changed",
                        before=kept.state["authorisation[EU].holder"],
                        after={"name": holder_of(turn), "country": ""})  # fmt: skip
        return Event(type=kind, subject=kept.subject, changes=(holder,), jurisdiction="EU")
    details = {"section": f"4.{turn % 9 + 1}"} if kind.endswith("section_changed") else {}
    path = f"note[{kind}]" if kind != "fact.changed" else f"product.note_{turn % 12}"
    told = f"{kind} number {turn} of {_brand(number)}, as stated"
    fact, nature = _set(kept, path, told)
    return Event(type=kind, subject=kept.subject, changes=(fact,), effective=on,
                 jurisdiction="EU", details=details, nature=nature)  # fmt: skip


def _set(kept: Kept, path: str, value: Value) -> tuple[Change, Nature]:
    if path in kept.state:
        return Change(path=path, action="changed", before=kept.state[path], after=value), "changed"
    return Change(path=path, action="added", after=value), "added"


def _document_event(kept: Kept, number: int, kind: str, turn: int) -> Event:
    have = [path for path in kept.state if path.startswith("document[")]
    if not have or (kind == "document.added" and len(have) < 40):
        kept.documents += 1
        path = _path(number, 100 + kept.documents)
        change = Change(path=path, action="added", after=_document(number, kept.documents, turn))
        return Event(type="document.added", subject=kept.subject, changes=(change,))
    path = have[turn % len(have)]
    if kind == "document.removed" and len(have) > 8:
        change = Change(path=path, action="removed", before=kept.state[path])
        return Event(type=kind, subject=kept.subject, changes=(change,))
    kind = "document.revised" if kind == "document.removed" else kind
    after = {**kept.state[path], "last_updated": f"2024-0{turn % 9 + 1}-1{turn % 10}"}  # type: ignore[dict-item]
    change = Change(path=path, action="changed", before=kept.state[path], after=after)
    return Event(type=kind, subject=kept.subject, changes=(change,))


def _told(look: Capture, tier: int, previously: str = "") -> Provenance:
    return Provenance(
        source=look.source, tier=tier, url=look.url, capture=look.id, snapshot=look.digest,
        reader=look.reader, observed_at=look.at, previously=previously, derivation="diff@1",
    )  # fmt: skip


def page(number: int, revision: int) -> bytes:
    """Return a page of a medicine: enough of one to be kept, compressed and shown."""
    lines = "".join(
        f"<p>{name_of(number + each)} {hashlib.sha256(f'{number} {revision} {each}'.encode()).hexdigest()}</p>"
        for each in range(12))  # fmt: skip
    return (
        f"<!doctype html><title>{_brand(number)}</title><h1>{_brand(number)}</h1>{lines}".encode()
    )


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
        _page_of(number) if kept.source == "ema-pages" else f"https://medpath.example/drug/{number}"
    )


def _page_of(number: int) -> str:
    return f"{_PAGE}{number}"


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
