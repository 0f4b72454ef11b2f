"""A case with everything that stands behind it: who says what, who knows, what proves it.

All of it is read in one view of one moment, so that a page never contradicts itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from watcher.core.case import Case
from watcher.core.conflict import Disagreement, disagreements
from watcher.core.events import Recorded
from watcher.core.facts import State, Subject, Value
from watcher.core.sections import family
from watcher.ports.proof import SignedCheckpoint, StoredRow
from watcher.ports.store import EventFilter, Store, Work
from watcher.ports.telling import DigestItem, Waiting
from watcher.services.cases import CaseView, Naming, case_view
from watcher.services.correlate import case_of, medicine
from watcher.services.explain import answers
from watcher.services.statuses import tier_of

CONFLICT = "conflict.detected"
"""The type of the events that tell of two sources that contradict one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """One source that tells of a case.

    Attributes:
        told: Its event.
        is_lead: Whether the case rests on it.
        differences: Where it contradicts the lead.
    """

    told: Recorded
    is_lead: bool
    differences: tuple[Disagreement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bystander:
    """One source that has not told of a case, and what it says of the same fact now.

    Attributes:
        source: Its id.
        tier: Its tier.
        path: The fact.
        value: What it states; None: nothing.
        is_same: Whether it states the same as the case.
    """

    source: str
    tier: int
    path: str = ""
    value: Value = None
    is_same: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProof:
    """What shows that the lead of a case stands in the log as it was written.

    Attributes:
        row: Its row as stored: the hash, and the one before.
        covered: The first signed checkpoint over it; None: the next seal brings one.
    """

    row: StoredRow
    covered: SignedCheckpoint | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """One case, whole.

    Attributes:
        view: How it stands.
        case: Its events.
        tellers: Who tells of it, the lead first.
        bystanders: What the other sources of its medicine say, by tier.
        conflicts: Events that tell of a contradiction in it.
        messages: The messages about it, oldest first.
        lines: Its lines in digests.
        answers: What people did about it, oldest first.
        correction: The event that took its lead back; None: it stands.
        proof: What proves its lead.
        medicine: The medicine it is about; None: it is about a source, or the watching itself.
    """

    view: CaseView
    case: Case
    tellers: tuple[Teller, ...]
    bystanders: tuple[Bystander, ...]
    conflicts: tuple[Recorded, ...]
    messages: tuple[Waiting, ...]
    lines: tuple[DigestItem, ...]
    answers: tuple[Recorded, ...]
    correction: Recorded | None
    proof: CaseProof
    medicine: Subject | None

    @property
    def lead(self) -> Recorded:
        """Return the event that says it best."""
        return self.case.lead


def case_page(store: Store, key: str, naming: Naming) -> CasePage:
    """Return a case with all that stands behind it.

    Args:
        store: Where.
        key: Its whole key.
        naming: What sources and people are called.

    Raises:
        NotFoundError: There is none.
    """
    view = case_view(store, key, naming)
    with store.reading() as work:
        case = case_of(work, work.cases.named(key)[0])
        lead, subject = case.lead, medicine(work, case.lead.event.subject)
        return CasePage(
            view=view,
            case=case,
            tellers=tuple(_tellers(case)),
            bystanders=tuple(_bystanders(work, case, subject, naming)),
            conflicts=tuple(_conflicts(work, case)),
            messages=work.outbox.of_case(key),
            lines=work.digests.of_case(key),
            answers=tuple(answers(work, key)),
            correction=_correction(work, lead),
            proof=CaseProof(
                row=work.proof.row(lead.position), covered=work.proof.covering(lead.position)
            ),
            medicine=subject if subject.kind == "medicine" else None,
        )


def _tellers(case: Case) -> Iterator[Teller]:
    yield Teller(told=case.lead, is_lead=True)
    for each in case.corroborations:
        yield Teller(told=each, is_lead=False, differences=disagreements(case.lead, each))


def _bystanders(work: Work, case: Case, subject: Subject, naming: Naming) -> Iterator[Bystander]:
    """Yield what sources say of the same fact that have not told of the case, by tier."""
    if family(case.lead.event) not in {"authorisation", "application", "opinion", "market"}:
        return
    silent = {
        source: state
        for source, state in work.streams.of_subject(subject).items()
        if source in naming.sources and source not in case.sources
    }
    claimed = dict(_claimed(case))
    for source in sorted(silent, key=lambda each: (tier_of(each, naming.sources), each)):
        tier = tier_of(source, naming.sources)
        yield _bystander(source, tier, silent[source], claimed)


def _claimed(case: Case) -> Iterator[tuple[str, Value]]:
    """Yield what a case comes to, the status first."""
    event = case.lead.event
    if after := event.details.get("after"):
        yield f"authorisation[{event.jurisdiction}].status", after
    yield from ((change.path, change.after) for change in event.changes)


def _bystander(source: str, tier: int, state: State, claimed: State) -> Bystander:
    path = next((each for each in claimed if each in state), "")
    if not path:
        return Bystander(source=source, tier=tier)
    is_same = state[path] == claimed[path]
    return Bystander(source=source, tier=tier, path=path, value=state[path], is_same=is_same)


def _conflicts(work: Work, case: Case) -> Iterable[Recorded]:
    which = EventFilter(types=(CONFLICT,), subject=str(case.lead.event.subject))
    return (told for told in work.log.read(which) if told.event.details.get("case") == case.key)


def _correction(work: Work, lead: Recorded) -> Recorded | None:
    """Return the last event that put the lead right; None: nobody has."""
    found = None
    for told in work.log.read(EventFilter(types=("event.corrected",))):
        if told.event.details.get("corrects") == lead.event_id:
            found = told
    return found
