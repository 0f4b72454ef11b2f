"""Everything known of one medicine, now or as known on a day of the past, for a page.

The whole page turns back with the day: facts, statuses, life line, documents, conflicts and events
are folded from what our looks had shown by its end, and nothing from after it stands on the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from watcher.core.amend import counting
from watcher.core.compare import nature
from watcher.core.correction import is_claim
from watcher.core.events import Recorded, apply
from watcher.core.facts import State, Subject, Value, split_path
from watcher.core.identity import canonical_address
from watcher.core.lifeline import LifeLine, life_line
from watcher.core.past import Bounds
from watcher.core.phrases import Sources
from watcher.errors import NotFoundError
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.correlate import RECONCILER
from watcher.services.dossier import Stated
from watcher.services.lifeline import identity, of_medicine, voices_of
from watcher.services.past import Moment, bounds_of
from watcher.services.statuses import Standing, standings_of, tier_of


@dataclass(frozen=True, slots=True)
class CaseMark:
    """A case of the medicine: its key, and the event by which we saw it."""

    key: str
    told: Recorded


@dataclass(frozen=True, slots=True)
class Dispute:
    """One fact that sources state differently, each one's word, the best source first."""

    path: str
    words: tuple[Stated, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicinePage:
    """One medicine at a moment.

    Attributes:
        subject: What it is: its number, or a substance that an article is about.
        facts: All that is said of it; where sources differ, the best one's word.
        standings: Where it stands in each jurisdiction.
        line: Its life line up to the moment.
        stated: Each fact with its source and what last set it, the best source first.
        disputes: The facts that sources contradict each other on.
        files: What happened to the texts of documents that are watched too, by their addresses.
        events: The events that count by then, the newest first; what was known first at the end.
        cases: Its cases, the newest first.
        days: The days on which something was seen, of all its history, oldest first.
        later: How many events the moment leaves out.
    """

    subject: Subject
    facts: State
    standings: tuple[Standing, ...]
    line: LifeLine
    stated: tuple[Stated, ...]
    disputes: tuple[Dispute, ...]
    files: Mapping[str, tuple[Recorded, ...]]
    events: tuple[Recorded, ...]
    cases: tuple[CaseMark, ...]
    days: tuple[str, ...]
    later: int


def medicine_page(
    store: Store, product: str, moment: Moment, *, until: date, sources: Sources
) -> MedicinePage:
    """Return one medicine as it was known at a moment.

    Args:
        store: Where the log is.
        product: Its product number, name or substance.
        moment: As known when.
        until: The day up to which its life line is drawn.
        sources: Names and tiers of the sources.

    Raises:
        NotFoundError: Nothing was known of it by then, or what is named is several medicines.
    """
    with store.reading() as work:
        bounds = bounds_of(work, moment)
        known = of_medicine(work, product)
        told = counting(filter(bounds.hold, known), frozenset())
        if not told:
            raise NotFoundError(_nothing_known(product, known, moment))
        states = list(_states(told))
        stated = tuple(_stated(told, sources))
        aside = work.log.set_aside()
        all_days = {
            each.provenance.observed_at[:10] for each in known if each.position not in aside
        }
        return MedicinePage(
            subject=identity(told),
            facts=_merged(states, sources),
            standings=standings_of(states, sources),
            line=life_line(identity(told).id, voices_of(told, bounds), told, until),
            stated=stated,
            disputes=tuple(_disputes(stated)),
            files=dict(_files(work, stated, bounds)),
            events=tuple(reversed(told)),
            cases=tuple(_cases(work, told, bounds)),
            days=tuple(sorted(all_days)),
            later=sum(each.position not in aside and not bounds.hold(each) for each in known),
        )


def _nothing_known(product: str, known: Sequence[Recorded], moment: Moment) -> str:
    if not known:
        return f"nothing is known of {product[:80]!r} here; look for it among the medicines"
    first = min(each.provenance.observed_at for each in known)
    then, first = moment.at[:10], first[:10]
    return f"nothing was known of {product[:80]!r} on {then}; it was first seen on {first}"


def _states(told: Iterable[Recorded]) -> Iterator[tuple[str, State]]:
    """Yield what each source says, by its id; one may say it of a medicine and of a substance."""
    by_stream: dict[str, dict[str, Value]] = defaultdict(dict)
    for each in told:
        by_stream[each.stream] = apply(by_stream[each.stream], each.event)
    for stream, state in sorted(by_stream.items()):
        if stream.startswith(f"{RECONCILER}/"):
            continue  # what we make of the sources is no source
        yield stream.partition("/")[0], state


def _merged(states: Iterable[tuple[str, State]], sources: Sources) -> State:
    facts: dict[str, Value] = {}
    for _, state in sorted(states, key=lambda each: tier_of(each[0], sources), reverse=True):
        facts |= state
    return facts


def _stated(told: Iterable[Recorded], sources: Sources) -> Iterator[Stated]:
    """Yield every fact that is stated, with the event that last set it, the best source first."""
    states: dict[str, dict[str, Value]] = defaultdict(dict)
    setters: dict[tuple[str, str], Recorded] = {}
    for each in told:
        states[each.stream] = apply(states[each.stream], each.event)
        setters |= {(each.stream, change.path): each for change in each.event.changes}
    ordered = sorted(
        states, key=lambda stream: (tier_of(stream.partition("/")[0], sources), stream)
    )
    for stream in ordered:
        source = stream.partition("/")[0]
        for path, value in states[stream].items():
            if source != RECONCILER and not is_claim(path):
                yield Stated(source, path, value, setters[stream, path])


_COMPARED = frozenset({"authorisation", "market", "supply_status", "opinion", "application"})
_COMPARED_PATHS = frozenset(
    {"product.brand_name", "product.inn", "product.atc_code", "product.number"}
)


def _disputes(stated: Iterable[Stated]) -> Iterator[Dispute]:
    """Yield the facts on which no source merely says another's word better."""
    by_path: dict[str, list[Stated]] = defaultdict(list)
    for each in stated:
        part = split_path(each.path)
        is_date_of_actor = part.leaf.count(".") > 0
        if each.path in _COMPARED_PATHS or (part.family in _COMPARED and not is_date_of_actor):
            by_path[each.path].append(each)
    for path, words in sorted(by_path.items()):
        first, *others = words
        against = [each for each in others if _contradict(path, first.value, each.value)]
        if against:
            yield Dispute(path, (first, *against))


def _contradict(path: str, one: Value, other: Value) -> bool:
    """Return whether two values of one fact exclude each other; a month and its day do not."""
    if one is None or other is None or one == other:
        return False
    return nature(path, one, other) == nature(path, other, one) == "changed"


def _cases(work: Work, told: Iterable[Recorded], bounds: Bounds) -> Iterator[CaseMark]:
    """Yield the cases that these events tell of, the newest first."""
    by_position = {each.position: each for each in told}
    rows = work.cases.of_events([*by_position])
    seen: dict[str, Recorded] = {}
    for position, each in by_position.items():
        if position in rows:
            seen.setdefault(rows[position].key, each)
    leads = work.log.at(row.lead for row in rows.values())
    by_key = {row.key: leads[row.lead] for row in rows.values()}
    for key, each in reversed(seen.items()):
        yield CaseMark(key, by_key[key] if bounds.hold(by_key[key]) else each)


def _files(
    work: Work, stated: Iterable[Stated], bounds: Bounds
) -> Iterator[tuple[str, tuple[Recorded, ...]]]:
    """Yield what happened to the text of each document whose file is watched too."""
    values = [each.value for each in stated if each.path.startswith("document[")]
    urls = {str(value.get("url") or "") for value in values if isinstance(value, Mapping)}
    for url in sorted(filter(None, urls)):
        about = Subject("document", canonical_address(url))
        found = work.log.read(EventFilter(subject=str(about)))
        if history := tuple(counting(filter(bounds.hold, found), frozenset())):
            yield url, history
