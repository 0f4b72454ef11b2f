"""Medicines found by what a person remembers of them: a name, a number, a holder, an area.

Only the view of the streams is asked, never the whole log: a page of results reads the last events
of the medicines on it by their index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from watcher.core.events import Cause, Recorded
from watcher.core.facts import State, Subject, Value
from watcher.core.phrases import Sources, named, what_and_when
from watcher.core.search_words import OTHER, SUBSTANCE, Hit, Kind, Words, hit, of_text, tokens
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.statuses import Standing, standings_of, tier_of

ON_A_PAGE = 25
_LAST_EVENTS = 20
_NEAR = 0.72
_NEAREST = 3
_REASONS: Mapping[str, str] = {
    "alias": "known by this alias",
    "holder": "by its holder",
    "area": "by its therapeutic area",
    "atc": "by its ATC code",
    "substance": "by its substance",
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


@dataclass(slots=True)
class _Shelf:
    """The words of all subjects, and the articles that belong to a medicine.

    Attributes:
        words: By subject, over all sources.
        kin: By medicine, the substances whose articles name it.
    """

    words: dict[str, Words]
    kin: dict[str, list[str]]


def search(store: Store, query: str, sources: Sources, *, page: int = 1) -> Results:
    """Return the medicines that answer `query`, the best first; without one, all by name.

    Args:
        store: Where.
        query: A name, substance, alias, product number, holder, ATC code or area, or parts of them.
        sources: Names and tiers of the sources.
        page: Which page, from 1; a page beyond the last is the last.
    """
    asked = tokens(query)
    with store.reading() as work:
        shelf = _shelf(work)
        hits = _hits(shelf, asked) if asked or not query.strip() else {}
        ordered = sorted(hits, key=lambda subject: (hits[subject], _name(shelf.words[subject])))
        pages = -(-len(ordered) // ON_A_PAGE)
        page = max(1, min(page, pages))
        shown = ordered[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
        aside = work.log.set_aside() if shown else frozenset()
        found = tuple(_found(work, each, hits[each], shelf, sources, aside) for each in shown)
        near = () if ordered or not asked else _near(work, shelf, "".join(asked), sources)
    return Results(
        query=query,
        known=sum(each.startswith("medicine:") for each in shelf.words),
        total=len(ordered),
        page=page,
        pages=pages,
        found=found,
        near=near,
    )


def known_medicines(store: Store) -> int:
    """Return how many medicines any source tells of."""
    with store.reading() as work:
        subjects = {row.subject for row in work.streams.searchable()}
    return sum(subject.startswith("medicine:") for subject in subjects)


def _shelf(work: Work) -> _Shelf:
    merged: dict[str, dict[tuple[Kind, str], None]] = defaultdict(dict)
    for row in work.streams.searchable():
        merged[row.subject] |= dict.fromkeys(of_text(row.words))
    words = {subject: tuple(each) for subject, each in merged.items()}
    articles: dict[str, list[str]] = defaultdict(list)
    for subject in (each for each in words if each.startswith("substance:")):
        for key in _of(words[subject], "name", "substance"):
            articles[key].append(subject)
    kin: dict[str, list[str]] = {}
    for subject in (each for each in words if not each.startswith("substance:")):
        keys = _of(words[subject], "name") if articles else ()
        kin[subject] = [article for key in keys for article in articles.get(key, ())]
    return _Shelf(words, kin)


def _of(words: Words, *kinds: str) -> list[str]:
    return [word for kind, word in words if kind in kinds]


def _name(words: Words) -> str:
    return next(iter(_of(words, "name", "substance", "number")), "")


def _hits(shelf: _Shelf, asked: Sequence[str]) -> dict[str, Hit]:
    """Return what answers; an article on a substance answers for the medicines it names."""
    spoken_for = {article for articles in shelf.kin.values() for article in articles}
    found: dict[str, Hit] = {}
    for subject, words in shelf.words.items():
        if subject in spoken_for:
            continue
        best = hit(words, asked) if asked else Hit(OTHER, "name")
        for article in shelf.kin.get(subject, ()):
            told = hit(shelf.words[article], asked) if asked else None
            if told is not None and (best is None or best.rank > SUBSTANCE):
                best = min(filter(None, (best, Hit(max(told.rank, SUBSTANCE), told.kind))))
        if best is not None:
            found[subject] = best
    return found


def _near(work: Work, shelf: _Shelf, asked: str, sources: Sources) -> tuple[str, ...]:
    """Return the names of medicines that are spelled nearly as asked."""
    by_word: dict[str, str] = {}
    for subject, words in shelf.words.items():
        for word in _of(words, "name", "substance", "alias"):
            if abs(len(word) - len(asked)) <= 3:
                by_word.setdefault(word, subject)
    close = get_close_matches(asked, by_word, _NEAREST, _NEAR)
    names: dict[str, None] = {}
    for word in close:
        facts = _facts(_states(work, by_word[word], shelf), sources)
        names[named(Subject.parse(by_word[word]), facts, {})[0]] = None
    return tuple(names)


def _states(work: Work, subject: str, shelf: _Shelf) -> list[tuple[str, State]]:
    subjects = (subject, *shelf.kin.get(subject, ()))
    return [
        (source, state)
        for each in subjects
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
    shelf: _Shelf,
    sources: Sources,
    aside: frozenset[int],
) -> Found:
    subject = Subject.parse(subject_name)
    states = _states(work, subject_name, shelf)
    facts = _facts(states, sources)
    name, substance = named(subject, facts, {})
    last = _last(work, (subject_name, *shelf.kin.get(subject_name, ())), aside)
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
