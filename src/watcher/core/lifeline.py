"""The life line of one medicine: what it was where and when, and what happened along the way.

A lane a jurisdiction. Spans are statuses from one step to the next; points are documents,
referrals, transfers of the holder and what happened on the market, which is never drawn as the end
of an authorisation. A date is never more precise than it is stated, and where sources contradict
each other both dates stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from watcher.core.edtf import Edtf, is_edtf
from watcher.core.events import Recorded
from watcher.core.facts import Value, split_path
from watcher.core.identity import normal_title
from watcher.core.lifeline_steps import Claim, Step, Voice, When, jurisdictions, steps
from watcher.core.phrases import happened, short_date, topic, value_in_words
from watcher.core.status import AuthorisationStatus as Status
from watcher.core.text import tidy

Kind = Literal["document", "market", "holder", "referral", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A status that lasted.

    Attributes:
        status: Which.
        begins: When it was reached.
        ends: When the next one was; None: it lasts.
    """

    status: Status
    begins: When
    ends: When | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Something that happened on a date.

    Attributes:
        kind: What kind of thing.
        when: The date stated; where none is, the day by which we had seen it.
        label: What, in words.
        sources: Who says so.
        position: Of the event that tells of it; 0: it is read from what the source says now.
    """

    kind: Kind
    when: When
    label: str
    sources: tuple[str, ...]
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Something two sources say differently: about what, and each one's word."""

    about: str
    words: tuple[str, ...]
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One jurisdiction."""

    jurisdiction: str
    steps: tuple[Step, ...]
    spans: tuple[Span, ...]
    points: tuple[Point, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def status(self) -> Status | None:
        """Return the last status reached, or None where none is known."""
        return self.steps[-1].status if self.steps else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeLine:
    """A medicine's life.

    Attributes:
        name: What it is called.
        substance: Its active substance; empty: not stated.
        number: Its product number or other identity.
        holder: Who holds, or last held, the EU authorisation; empty: not stated.
        sources: Who was asked, the best first.
        until: The day up to which it is drawn: spans that last end there.
        lanes: The EU first.
    """

    name: str
    substance: str
    number: str
    holder: str
    sources: tuple[str, ...]
    until: str
    lanes: tuple[Lane, ...]

    @property
    def begins(self) -> date:
        """Return the first day anything can have happened."""
        dates = [step.when.first for lane in self.lanes for step in lane.steps]
        dates += [point.when.first for lane in self.lanes for point in lane.points]
        return min(dates, default=self.ends)

    @property
    def ends(self) -> date:
        """Return the last day drawn."""
        return date.fromisoformat(self.until)


def life_line(
    number: str, voices: Iterable[Voice], told: Sequence[Recorded], until: date
) -> LifeLine:
    """Return the life line of one medicine.

    Args:
        number: Its product number or other identity.
        voices: What each source says of it at the moment that is drawn.
        told: The events that count by then, in the order of observation, the baseline with them.
        until: The day of that moment.
    """
    ordered = sorted(voices, key=lambda voice: (voice.tier, voice.source))
    codes = jurisdictions(ordered, told) or ("EU",)
    return LifeLine(
        name=_first(ordered, "product.brand_name", "page.title") or number,
        substance=_first(ordered, "product.inn", "product.active_substance"),
        number=number,
        holder=_first(ordered, "authorisation[EU].holder"),
        sources=tuple(voice.source for voice in ordered),
        until=until.isoformat(),
        lanes=tuple(_lane(code, ordered, told, is_first=code == codes[0]) for code in codes),
    )


def _first(voices: Iterable[Voice], *paths: str) -> str:
    for path in paths:
        for voice in voices:
            value = voice.state.get(path)
            named = value.get("name") if isinstance(value, Mapping) else value
            if words := value_in_words(path, named):
                return words
    return ""


def _lane(code: str, voices: Sequence[Voice], told: Sequence[Recorded], *, is_first: bool) -> Lane:
    here = [
        each
        for each in told
        if each.event.jurisdiction == code or (is_first and not each.event.jurisdiction)
    ]
    found = steps(voices, told, code)
    documents = _documents(voices) if is_first else ()
    points = _merged([*_market(voices, code), *_happened(here), *documents])
    return Lane(
        jurisdiction=code,
        steps=found,
        spans=tuple(_spans(found)),
        points=tuple(points),
        conflicts=tuple(_conflicts(found, voices, here, code)),
    )


def _spans(found: Sequence[Step]) -> Iterator[Span]:
    following: list[Step | None] = [*found[1:], None]
    for step, after in zip(found, following, strict=False):
        yield Span(status=step.status, begins=step.when, ends=after.when if after else None)


def _documents(voices: Iterable[Voice]) -> Iterator[Point]:
    for voice in voices:
        for path, value in voice.state.items():
            if path.startswith("document[") and isinstance(value, Mapping):
                yield from _document(voice.source, value)


def _document(source: str, document: Mapping[str, Value]) -> Iterator[Point]:
    title = tidy(str(document.get("title") or "a document"))
    first, updated = (document.get(key) for key in ("first_published", "last_updated"))
    for day, label in (
        (first, title),
        (updated if updated != first else None, f"{title}, updated"),
    ):
        if isinstance(day, str) and is_edtf(day):
            yield Point(kind="document", when=When(edtf=day), label=label, sources=(source,))


def _market(voices: Iterable[Voice], code: str) -> Iterator[Point]:
    for voice in voices:
        for path, value in voice.state.items():
            if path.startswith(f"market[{code}].") and isinstance(value, str) and is_edtf(value):
                words = _MARKET.get(split_path(path).leaf)
                if words:
                    yield Point(
                        kind="market", when=When(edtf=value), label=words, sources=(voice.source,)
                    )


_MARKET = {
    "discontinued": "marketing discontinued",
    "withdrawn": "withdrawn from the market",
    "placed": "placed on the market",
    "resumed": "marketing resumed",
}
_POINTS: Mapping[str, Kind] = {
    "authorisation.holder_transferred": "holder",
    "authorisation.renewed": "other",
    "authorisation.converted_to_standard": "other",
    "authorisation.withdrawal_announced": "other",
    "product.renamed": "other",
    "indication.extended": "other",
    "indication.restricted": "other",
    "recall.issued": "market",
    "dhpc.issued": "other",
    **dict.fromkeys(
        (f"referral.{what}" for what in ("started", "recommendation_adopted", "concluded")),
        "referral",
    ),
    **dict.fromkeys((f"shortage.{what}" for what in ("started", "resolved")), "market"),
    **dict.fromkeys(
        (
            f"market.{what}"
            for what in ("placed", "cessation_announced", "suspended_temporarily", "resumed")
        ),
        "market",
    ),
}
"""Event types that are points on the line; what ends, begins or is listed is drawn from facts."""


def _happened(here: Iterable[Recorded]) -> Iterator[Point]:
    for told in here:
        kind = _POINTS.get(told.event.type)
        if kind is not None:
            stated = is_edtf(told.event.effective)
            day = told.event.effective if stated else told.provenance.observed_at[:10]
            label = tidy(f"{topic(told.event, {})} {happened(told.event, {})}")
            if kind == "holder" and (change := told.event.change("authorisation[EU].holder")):
                label = f"holder: {_name(change.before)} → {_name(change.after)}"
            yield Point(
                kind=kind,
                when=When(edtf=day, is_latest=not stated),
                label=label,
                sources=(told.provenance.source,),
                position=told.position,
            )


def _name(value: Value) -> str:
    named = value.get("name") if isinstance(value, Mapping) else value
    return value_in_words("authorisation[EU].holder", named) or "not stated"


def _merged(points: Iterable[Point]) -> list[Point]:
    """Return each happening once, with everyone who tells of it: the more precise date stays."""
    merged: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for point in points:
        alike = merged[point.kind, normal_title(point.label)]
        at = next((at for at, each in enumerate(alike) if _is_same(each, point)), -1)
        if at < 0:
            alike.append(point)
            continue
        same = alike[at]
        finer = Edtf.parse(point.when.edtf).refines(Edtf.parse(same.when.edtf))
        when = point.when if finer and not point.when.is_latest else same.when
        sources = tuple(dict.fromkeys((*same.sources, *point.sources)))
        alike[at] = replace(same, when=when, sources=sources)
    found = [point for alike in merged.values() for point in alike]
    return sorted(found, key=lambda point: (point.when.first, point.kind, point.label))


_A_DAY_OR_TWO = timedelta(days=2)


def _is_same(one: Point, other: Point) -> bool:
    """Return whether two points of one kind and label are one happening, by their dates."""
    dates = [Edtf.parse(point.when.edtf) for point in (one, other)]
    # an aggregator's day is often the one before or after: of one document that is no conflict
    apart = max(dates[0].first - dates[1].last, dates[1].first - dates[0].last)
    return apart <= (_A_DAY_OR_TWO if one.kind == "document" else timedelta(0))


def _conflicts(
    found: Iterable[Step], voices: Sequence[Voice], here: Iterable[Recorded], code: str
) -> Iterator[Conflict]:
    for step in found:
        if step.disputed:
            claims = (_best(step), *step.disputed)
            yield Conflict(
                about=f"the date of “{step.status.in_words}”",
                words=tuple(f"{short_date(each.when.edtf)} ({each.source})" for each in claims),
                dates=tuple(each.when.edtf for each in step.disputed),
            )
    path = f"authorisation[{code}].status"
    stated = {voice.source: voice.state[path] for voice in voices if voice.state.get(path)}
    if len(set(map(str, stated.values()))) > 1:
        words = tuple(f"{value_in_words(path, each)} ({who})" for who, each in stated.items())
        yield Conflict(about="the status", words=words)
    actors = {
        (each.event.details.get("one", ""), each.event.details.get("other", "")): None
        for each in here
        if each.event.type == "conflict.detected" and each.event.details.get("about") == "actor"
    }
    for one, other in actors:
        yield Conflict(about="who acted", words=(one, other))


def _best(step: Step) -> Claim:
    return next(claim for claim in step.claims if claim.when == step.when)
