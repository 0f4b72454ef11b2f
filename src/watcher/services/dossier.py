"""Everything known of one medicine, gathered for a person who has to be able to check it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from watcher.core.amend import AMENDED, positions
from watcher.core.capture import Capture
from watcher.core.chain import GENESIS
from watcher.core.correction import is_claim
from watcher.core.events import Evidence, Recorded, apply
from watcher.core.export_rows import Stands
from watcher.core.facts import Value
from watcher.core.past import Bounds, is_of_a_source
from watcher.core.phrases import Sources, title
from watcher.core.verdict import Verdict
from watcher.errors import NotFoundError
from watcher.ports.proof import SignedCheckpoint
from watcher.ports.store import EventFilter, Work
from watcher.ports.telling import Waiting
from watcher.services.correlate import RECONCILER
from watcher.services.export import standing_of


@dataclass(frozen=True, slots=True)
class Stated:
    """What one source states now, and the event by which it came to be known.

    Attributes:
        source: The source's id.
        path: What it is about the medicine.
        value: What the source states.
        told: The last event that set it.
    """

    source: str
    path: str
    value: Value
    told: Recorded

    @property
    def evidence(self) -> Evidence | None:
        """Return the words it was read from, or None where none were kept."""
        found = self.told.provenance.evidence
        return next((each for each in found if each.path == self.path), None)


@dataclass(frozen=True, slots=True)
class Spell:
    """A time during which no look at an address was good."""

    first: str
    last: str
    looks: int
    verdicts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How often one address was looked at, and what came of it.

    Attributes:
        source: The source's id.
        url: The address.
        first: When it was first looked at; empty: never.
        last: When it was looked at last.
        verdicts: How many looks had each verdict.
        gap: The longest time between two good looks, as its two ends.
        spells: The times during which no look was good.
    """

    source: str
    url: str
    first: str = ""
    last: str = ""
    verdicts: Mapping[Verdict, int] = field(default_factory=dict)
    gap: tuple[str, str] = ("", "")
    spells: tuple[Spell, ...] = ()

    @property
    def total(self) -> int:
        """Return how many looks there were."""
        return sum(self.verdicts.values())

    @property
    def good(self) -> int:
        """Return how many of them showed the source as it is."""
        return sum(count for verdict, count in self.verdicts.items() if verdict.is_good)


@dataclass(frozen=True, slots=True)
class Message:
    """One message that told of the medicine, and of which events."""

    waiting: Waiting
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One medicine as it stands in the log.

    Attributes:
        title: How it is called: `Alofisel (darvadstrocel)`.
        subjects: Its identities, `medicine:EMEA/H/C/004258`.
        at: When this was gathered, RFC 3339 UTC.
        program: Name and version of this program.
        sources: Names and tiers of the sources.
        stated: What each source states now.
        events: All events, in the order in which we learnt of them.
        standing: By position, whether an event still counts.
        amended: Amendments of a source's history that concern these events.
        looks: How often its addresses were looked at.
        messages: Who was told what.
        head: The last position of the log.
        head_hash: The hash of that row.
        checkpoint: The newest signed checkpoint; None before the first.
    """

    title: str
    subjects: tuple[str, ...]
    at: str
    program: str
    sources: Sources
    stated: tuple[Stated, ...]
    events: tuple[Recorded, ...]
    standing: Mapping[int, Stands]
    amended: tuple[Recorded, ...]
    looks: tuple[Looks, ...]
    messages: tuple[Message, ...]
    head: int
    head_hash: str
    checkpoint: SignedCheckpoint | None = None

    @property
    def snapshots(self) -> tuple[str, ...]:
        """Return the digests of the payloads that it rests on, in the order of their capture."""
        told = (each.provenance.snapshot for each in self.events)
        return tuple(dict.fromkeys(digest for digest in told if digest))


def dossier(work: Work, product: str, *, sources: Sources, at: str, program: str) -> Dossier:
    """Return everything known of one medicine.

    Args:
        work: The tables, as of one moment.
        product: A name, product number or substance.
        sources: Names and tiers of the sources.
        at: When this is gathered.
        program: Name and version of this program.

    Raises:
        NotFoundError: Nothing is known of it, or what is named is several medicines.
    """
    subjects = _subjects(work, product)
    found = [each for name in subjects for each in work.log.read(EventFilter(subject=name))]
    events = sorted(found, key=lambda each: (each.provenance.observed_at, each.position))
    standing = standing_of(work)
    head = work.log.head()
    stated = tuple(_stated(events, Bounds(position=head, aside=work.log.set_aside())))
    return Dossier(
        title=_title(events, stated),
        subjects=tuple(subjects),
        at=at,
        program=program,
        sources=sources,
        stated=stated,
        events=tuple(events),
        standing={each.position: standing(each.position) for each in events},
        amended=tuple(_amendments(work, events)),
        looks=tuple(_looks_at(work, events)),
        messages=_messages(work, events),
        head=head,
        head_hash=work.log.find(str(head)).hash if head else GENESIS,
        checkpoint=work.proof.last_checkpoint(),
    )


def _subjects(work: Work, product: str) -> list[str]:
    """Return one medicine's identities: its number, and its substance where articles name it."""
    streams = work.streams.named(product)
    if not streams:
        message = f"nothing is known of {product!r}; see `watcher replay --as-of now` for all"
        raise NotFoundError(message)
    subjects = {each.name.partition("/")[2] for each in streams}
    medicines = sorted(name for name in subjects if name.startswith("medicine:"))
    if len(medicines) > 1:
        listed = ", ".join(name.partition(":")[2] for name in medicines[:10])
        message = f"{product!r} is {len(medicines)} medicines: ask for one of {listed}"
        raise NotFoundError(message)
    brands = {str(each.state.get("product.brand_name") or "") for each in streams} - {""}
    for brand in brands:
        named = {each.name.partition("/")[2] for each in work.streams.named(brand)}
        subjects |= {name for name in named if name.startswith("substance:")}
    return sorted(subjects)


def _stated(events: Sequence[Recorded], bounds: Bounds) -> Iterable[Stated]:
    """Yield what the events that count lead to, by source, each fact with what last set it."""
    states: dict[str, dict[str, Value]] = {}
    setters: dict[tuple[str, str], Recorded] = {}
    for told in events:
        if bounds.hold(told) and not is_of_a_source(told):
            states[told.stream] = apply(states.get(told.stream, {}), told.event)
            setters |= {(told.stream, change.path): told for change in told.event.changes}
    for stream, state in sorted(states.items()):
        for path, value in state.items():
            if not is_claim(path) and (stream, path) in setters:
                setter = setters[stream, path]
                yield Stated(stream.partition("/")[0], path, value, setter)


def _title(events: Sequence[Recorded], stated: Iterable[Stated]) -> str:
    """Return how the medicine is called by the source nearest to the truth."""
    ordered = sorted(stated, key=lambda each: each.told.provenance.tier, reverse=True)
    return title(events[0].event.subject, {each.path: each.value for each in ordered}, {})


def _amendments(work: Work, events: Iterable[Recorded]) -> Iterable[Recorded]:
    ours = {each.position for each in events}
    for told in work.log.read(EventFilter(types=(AMENDED,))):
        details = told.event.details
        named = f"{details.get('aside', '')},{details.get('again', '')}"
        if ours.intersection(positions(named)):
            yield told


def _looks_at(work: Work, events: Iterable[Recorded]) -> Iterable[Looks]:
    asked = {
        (each.provenance.source, each.provenance.url)
        for each in events
        if each.provenance.capture and each.provenance.source != RECONCILER
    }
    for source, url in sorted(asked):
        yield looks(source, url, work.captures.read(source=source, url=url))


def looks(source: str, url: str, captures: Iterable[Capture]) -> Looks:
    """Return how often an address was looked at, and when for long without success.

    Args:
        source: The source's id.
        url: The address.
        captures: Its captures, the oldest first; they are read once and not kept.
    """
    verdicts: Counter[Verdict] = Counter()
    spells: list[Spell] = []
    bad: list[Capture] = []
    first = last = last_good = ""
    gap = ("", "")
    longest = 0.0
    for each in captures:
        verdicts[each.verdict] += 1
        first, last = first or each.at, each.at
        if not each.verdict.is_good:
            bad.append(each)
            continue
        spells += _spell(bad)
        bad = []
        if last_good and (apart := seconds_between(last_good, each.at)) > longest:
            longest, gap = apart, (last_good, each.at)
        last_good = each.at
    spells += _spell(bad)
    return Looks(
        source=source,
        url=url,
        first=first,
        last=last,
        verdicts=dict(verdicts),
        gap=gap,
        spells=tuple(spells),
    )


def _spell(bad: Sequence[Capture]) -> list[Spell]:
    if not bad:
        return []
    verdicts = tuple(dict.fromkeys(str(each.verdict) for each in bad))
    return [Spell(bad[0].at, bad[-1].at, len(bad), verdicts)]


def seconds_between(first: str, last: str) -> float:
    """Return how many seconds lie between two instants."""
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()


def _messages(work: Work, events: Iterable[Recorded]) -> tuple[Message, ...]:
    """Return the messages about the cases that these events tell of, the oldest first."""
    told: dict[str, list[int]] = {}
    for each in events:
        case = work.cases.of_event(each.position)
        if case is not None:
            told.setdefault(case.key, []).append(each.position)
    found = [
        Message(waiting, tuple(numbers))
        for key, numbers in told.items()
        for waiting in work.outbox.of_case(key)
    ]
    return tuple(sorted(found, key=lambda each: each.waiting.id))
