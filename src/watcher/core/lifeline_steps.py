"""The steps of an authorisation's life in one jurisdiction, as all sources together date them.

A step is a status reached on a date. Its date is the authority's where the authority states one;
another source's more precise date is taken where both can mean the same day. Where no source
states a date, all we know is the day by which we had seen the status: the step was no later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from watcher.core import wording
from watcher.core.edtf import Edtf, is_edtf
from watcher.core.events import Recorded
from watcher.core.facts import State, split_path
from watcher.core.status import ENDED, PENDING
from watcher.core.status import AuthorisationStatus as Status


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A date as precise as it is known.

    Attributes:
        edtf: A day, a month or a year.
        is_latest: It happened no later than this; how much earlier is not known.
    """

    edtf: str
    is_latest: bool = False

    @property
    def first(self) -> date:
        """Return the first day it can mean."""
        return Edtf.parse(self.edtf).first

    @property
    def last(self) -> date:
        """Return the last day it can mean."""
        return Edtf.parse(self.edtf).last

    @property
    def middle(self) -> date:
        """Return the day in the middle of those it can mean: where a mark stands for all."""
        return self.first + (self.last - self.first) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What one source says of the medicine, at the moment that is drawn."""

    source: str
    tier: int
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One source's word on when a step was."""

    source: str
    tier: int
    when: When


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A status reached.

    Attributes:
        status: Which.
        when: The date taken to be right.
        claims: Everyone's word, the best source first.
    """

    status: Status
    when: When
    claims: tuple[Claim, ...]

    @property
    def disputed(self) -> tuple[Claim, ...]:
        """Return the claims that cannot mean the date taken."""
        ours = Edtf.parse(self.when.edtf)
        return tuple(
            claim
            for claim in self.claims
            if not (claim.when.is_latest or self.when.is_latest)
            and not ours.is_compatible(Edtf.parse(claim.when.edtf))
        )


_LEAVES = {
    "granted": Status.AUTHORISED,
    "approved_as_of": Status.AUTHORISED,
    "suspended": Status.SUSPENDED,
    "refused": Status.REFUSED,
    **{status.value: status for status in ENDED},
}
_OUTSIDE = {
    "application.evaluation_started": Status.UNDER_EVALUATION,
    "opinion.adopted": Status.OPINION,
    "application.withdrawn": Status.APPLICATION_WITHDRAWN,
}
"""Facts of the EU's procedure that stand outside `authorisation[EU]`."""
_REOPENING = {"authorisation.suspension_lifted", "authorisation.reinstated"}
_EVENTS = {
    "authorisation.granted": Status.AUTHORISED,
    "authorisation.suspended": Status.SUSPENDED,
    **{f"authorisation.{status.value}": status for status in ENDED},
}
_ONE_HAPPENING = timedelta(days=31)
_RANK = {status: rank for rank, status in enumerate(Status)}
_Dated = tuple[Status, Claim]


def steps(voices: Sequence[Voice], told: Iterable[Recorded], jurisdiction: str) -> tuple[Step, ...]:
    """Return the steps in a jurisdiction, in their order.

    Args:
        voices: What each source says.
        told: The events that count, in the order of observation.
        jurisdiction: `EU`, `JP` ….
    """
    here = [each for each in told if (each.event.jurisdiction or "EU") == jurisdiction]
    dated = [*_from_facts(voices, jurisdiction), *_from_events(here)]
    reopened = _happenings(each for each in here if each.event.type in _REOPENING)
    by_step: dict[tuple[Status, int], list[Claim]] = defaultdict(list)
    for status, claim in dated:
        turns = 0
        if status is not Status.AUTHORISED and status not in PENDING:
            turns = sum(claims[0].when.first <= claim.when.last for claims in reopened)
        by_step[status, turns].append(claim)
    for turn, claims in enumerate(reopened, start=1):
        by_step[Status.AUTHORISED, turn] = claims
    for status, claim in _seen_only(voices, here, jurisdiction):
        if not any(known is status for known, _ in by_step):
            by_step[status, 0].append(claim)
    found = [_step(status, claims) for (status, _), claims in by_step.items()]
    return tuple(sorted(found, key=lambda step: (step.when.first, _RANK[step.status])))


def jurisdictions(voices: Iterable[Voice], told: Iterable[Recorded]) -> tuple[str, ...]:
    """Return every jurisdiction of which something is said: the EU, then others by their names."""
    found = {each.event.jurisdiction for each in told if each.event.jurisdiction}
    for voice in voices:
        for path in voice.state:
            if path.startswith(("authorisation[", "market[")):
                found.add(split_path(path).key)
            elif path in _OUTSIDE:
                found.add("EU")
    names = wording.TERRITORIES
    return tuple(sorted(found, key=lambda code: (code != "EU", names.get(code, code))))


def _from_facts(voices: Iterable[Voice], jurisdiction: str) -> Iterator[_Dated]:
    for voice in voices:
        for path, value in voice.state.items():
            status = _status_of(path, jurisdiction)
            if status is not None and isinstance(value, str) and is_edtf(value):
                when = When(edtf=value, is_latest=path.endswith(".approved_as_of"))
                yield status, Claim(source=voice.source, tier=voice.tier, when=when)


def _status_of(path: str, jurisdiction: str) -> Status | None:
    if path in _OUTSIDE:
        return _OUTSIDE[path] if jurisdiction == "EU" else None
    prefix = f"authorisation[{jurisdiction}]."
    return _LEAVES.get(path.removeprefix(prefix)) if path.startswith(prefix) else None


def _from_events(here: Iterable[Recorded]) -> Iterator[_Dated]:
    """Yield what events tell that the state may have lost since: endings that were undone."""
    for told in here:
        status = _EVENTS.get(told.event.type)
        if status is not None and is_edtf(told.event.effective):
            yield status, _claim(told)


def _claim(told: Recorded) -> Claim:
    return Claim(
        source=told.provenance.source,
        tier=told.provenance.tier,
        when=(
            When(edtf=told.event.effective)
            if is_edtf(told.event.effective)
            else When(edtf=told.provenance.observed_at[:10], is_latest=True)
        ),
    )


def _happenings(told: Iterable[Recorded]) -> list[list[Claim]]:
    """Return claims in groups of one happening each: within a month of one another."""
    groups: list[list[Claim]] = []
    for claim in sorted(map(_claim, told), key=lambda claim: claim.when.first):
        if groups and claim.when.first - groups[-1][-1].when.last <= _ONE_HAPPENING:
            groups[-1].append(claim)
        else:
            groups.append([claim])
    return groups


def _seen_only(
    voices: Iterable[Voice], here: Sequence[Recorded], jurisdiction: str
) -> Iterator[_Dated]:
    """Yield statuses that are stated without a date, with the day on which we first saw them."""
    path = f"authorisation[{jurisdiction}].status"
    for voice in voices:
        value = voice.state.get(path)
        if not isinstance(value, str) or value not in set(Status):
            continue
        for told in reversed(here):
            if told.provenance.source == voice.source and (change := told.event.change(path)):
                if change.after == value:
                    when = When(edtf=told.provenance.observed_at[:10], is_latest=True)
                    claim = Claim(source=voice.source, tier=voice.tier, when=when)
                    yield Status(value), claim
                break


def _step(status: Status, claims: Iterable[Claim]) -> Step:
    ordered = sorted(
        dict.fromkeys(claims),
        key=lambda claim: (claim.when.is_latest, claim.tier, claim.when.first, claim.source),
    )
    best = ordered[0].when
    if not best.is_latest:  # where a date is stated, the day by which it was seen adds nothing
        ordered = [claim for claim in ordered if not claim.when.is_latest]
    for claim in ordered[1:]:
        finer = Edtf.parse(claim.when.edtf)
        if not best.is_latest and finer.refines(Edtf.parse(best.edtf)):
            best = claim.when
    return Step(status=status, when=best, claims=tuple(ordered))
