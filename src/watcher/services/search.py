"""Medicines found by what a person remembers of them: a name, a number, a holder, an area.

Only the index of their words is asked, never the whole log: a page of results reads what is said
of the medicines on it, and their last events, by their indexes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from watcher.core.events import Cause, Recorded
from watcher.core.facts import State, Subject, Value
from watcher.core.phrases import Sources, named, what_and_when
from watcher.core.search_words import OTHER, SUBSTANCE, Hit, Kind, best, tokens, worst
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.statuses import Standing, standings_of, tier_of

ON_A_PAGE = 25
_LAST_EVENTS = 20
_NEAR = 0.72
_NEAREST = 3
_LIKE = 60
_SUBSTANCE = "substance:"
_REASONS: Mapping[str, str] = {
    "alias": "known by this alias",
    "holder": "by its holder",
    "area": "by its therapeutic area",
    "atc": "by its ATC code",
    "substance": "by its substance",
    "document": "by a title of its documents",
    "event": "by what happened to it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One medicine that answers.

    Attributes:
        number: Its product number or other identity: what its page is called.
        name: Its name.
        substance: Its active substance; empty where that is its name or not stated.
        holder: Who holds, or last held, its authorisation.
        atc: Its ATC code.
        standings: Where it stands, the EU first.
        last: The last thing that happened to it, in words.
        last_at: When that was seen; empty: nothing did.
        reason: What it was found by, where its name does not tell.
    """

    number: str
    name: str
    substance: str
    holder: str
    atc: str
    standings: tuple[Standing, ...]
    last: str
    last_at: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A page of what was found.

    Attributes:
        query: What was asked for.
        known: How many medicines there are at all.
        total: How many answer.
        page: Which page this is, from 1.
        pages: How many there are; 0: nothing answers.
        found: What is on it.
        near: Names that are spelled nearly so, where nothing answers.
    """

    query: str
    known: int
    total: int
    page: int
    pages: int
    found: tuple[Found, ...]
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Answering:
    """Everything that answers.

    Attributes:
        hits: How well each subject does; empty where all are listed.
        shown: The subjects of the page, in order.
        total: How many there are.
        page: Which page this is, from 1; 0: there is none.
    """

    hits: Mapping[str, Hit]
    shown: tuple[str, ...]
    total: int
    page: int


def search(store: Store, query: str, sources: Sources, *, page: int = 1) -> Results:
    """Return the medicines that answer `query`, the best first; without one, all by name.

    Args:
        store: Where.
        query: A name, substance, alias, product number, holder, ATC code or area, words of the
            titles of its documents or of what happened to it, or parts of them.
        sources: Names and tiers of the sources.
        page: Which page, from 1; a page beyond the last is the last.
    """
    asked = tokens(query)
    with store.reading() as work:
        answering = _answering(work, asked, page) if asked or not query.strip() else _NOTHING
        kin = work.search.articles(answering.shown)
        aside = work.log.set_aside() if answering.shown else frozenset()
        found = tuple(
            _found(work, each, answering.hits.get(each, _LISTED), kin.get(each, ()), sources, aside)
            for each in answering.shown
        )
        near = () if answering.total or not asked else _near(work, "".join(asked), sources)
        known = work.search.medicines()
    return Results(
        query=query,
        known=known,
        total=answering.total,
        page=answering.page,
        pages=-(-answering.total // ON_A_PAGE),
        found=found,
        near=near,
    )


def known_medicines(store: Store) -> int:
    """Return how many medicines any source tells of."""
    with store.reading() as work:
        return work.search.medicines()


_LISTED = Hit(OTHER, "name")
_NOTHING = _Answering({}, (), 0, 1)


def _answering(work: Work, asked: Sequence[str], page: int) -> _Answering:
    if not asked:
        total = work.search.count()
        page = _within(page, total)
        shown = work.search.listed(skip=(page - 1) * ON_A_PAGE, most=ON_A_PAGE)
        return _Answering({}, shown, total, page)
    hits = _hits(work, asked)
    names = work.search.names([*hits])
    ordered = sorted(hits, key=lambda subject: (hits[subject], names.get(subject, ""), subject))
    page = _within(page, len(ordered))
    shown = tuple(ordered[(page - 1) * ON_A_PAGE : page * ON_A_PAGE])
    return _Answering(hits, shown, len(ordered), page)


def _within(page: int, total: int) -> int:
    return max(1, min(page, -(-total // ON_A_PAGE)))


def _hits(work: Work, asked: Sequence[str]) -> dict[str, Hit]:
    """Return what answers; an article on a substance answers for the medicines it names."""
    found = _best(work, "".join(asked))
    if len(asked) > 1:
        each = [_best(work, token) for token in asked]
        together = {
            subject: worst([one.get(subject) for one in each])
            for subject in set.intersection(*(set(one) for one in each))
        }
        found = {subject: hit for subject, hit in together.items() if hit is not None} | found
    named = work.search.named_by(each for each in found if each.startswith(_SUBSTANCE))
    for article, medicines in named.items():
        told = found.pop(article)
        lent = Hit(max(told.rank, SUBSTANCE), told.kind)
        for medicine in medicines:
            found[medicine] = min(found.get(medicine, lent), lent)
    return found


def _best(work: Work, token: str) -> dict[str, Hit]:
    """Return how well each subject answers one token."""
    words: dict[str, list[tuple[Kind, str]]] = defaultdict(list)
    for each in work.search.matching(token):
        words[each.subject].append((each.kind, each.word))
    ranked = ((subject, best(known, token)) for subject, known in words.items())
    return {subject: hit for subject, hit in ranked if hit is not None}


def _near(work: Work, asked: str, sources: Sources) -> tuple[str, ...]:
    """Return the names of medicines that are spelled nearly as asked."""
    by_word = {each.word: each.subject for each in reversed(work.search.like(asked, _LIKE))}
    close = get_close_matches(asked, by_word, _NEAREST, _NEAR)
    kin = work.search.articles(by_word[word] for word in close)
    names: dict[str, None] = {}
    for word in close:
        subject = by_word[word]
        facts = _facts(_states(work, subject, kin.get(subject, ())), sources)
        names[named(Subject.parse(subject), facts, {})[0]] = None
    return tuple(names)


def _states(work: Work, subject: str, kin: Iterable[str]) -> list[tuple[str, State]]:
    return [
        (source, state)
        for each in (subject, *kin)
        for source, state in work.streams.of_subject(Subject.parse(each)).items()
    ]


def _facts(states: Iterable[tuple[str, State]], sources: Sources) -> dict[str, Value]:
    """Return all that is said of a subject; where sources differ, the best one's word."""
    facts: dict[str, Value] = {}
    for _, state in sorted(states, key=lambda each: tier_of(each[0], sources), reverse=True):
        facts |= state
    return facts


def _found(
    work: Work,
    subject_name: str,
    answer: Hit,
    kin: Sequence[str],
    sources: Sources,
    aside: frozenset[int],
) -> Found:
    subject = Subject.parse(subject_name)
    states = _states(work, subject_name, kin)
    facts = _facts(states, sources)
    name, substance = named(subject, facts, {})
    last = _last(work, (subject_name, *kin), aside)
    return Found(
        number=subject.id,
        name=name,
        substance=substance,
        holder=holder_of(facts),
        atc=str(facts.get("product.atc_code") or facts.get("product.atcvet_code") or ""),
        standings=standings_of(states, sources),
        last=what_and_when(last.event, facts) if last else "",
        last_at=last.provenance.observed_at if last else "",
        reason=_REASONS.get(answer.kind, ""),
    )


def holder_of(facts: State) -> str:
    """Return who holds, or last held, the EU authorisation, or applied for it."""
    for leaf in ("holder", "applicant"):
        value = facts.get(f"authorisation[EU].{leaf}")
        if named_so := str((value.get("name") if isinstance(value, Mapping) else value) or ""):
            return named_so
    return ""


def _last(work: Work, subjects: Iterable[str], aside: frozenset[int]) -> Recorded | None:
    """Return the last thing that happened, rather than a fact that changed; None: nothing did."""
    told = [each for subject in subjects for each in _lately(work, subject, aside)]
    news = [each for each in told if each.cause is not Cause.BASELINE]
    happened = [each for each in news if not each.event.type.startswith("fact.")]
    return max(
        happened or news,
        key=lambda each: (each.provenance.observed_at, each.event.severity.rank, each.position),
        default=None,
    )


def _lately(work: Work, subject: str, aside: frozenset[int]) -> Iterator[Recorded]:
    which = EventFilter(subject=subject, limit=_LAST_EVENTS)
    return (each for each in work.log.latest(which) if each.position not in aside)
