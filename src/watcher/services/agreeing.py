"""What all sources say of one medicine, side by side: agreed, refined, contradicted.

A source's word is compared with those of the others that speak of the same product, by its number
where both have one, else by a name that nothing speaks against; see `core.same_product`. Studies of
a library are no statements on a medicine: they are listed beside it, with the name that they have.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from watcher.core.facts import Fact, Record, State, Subject
from watcher.core.reconcile import Answer, Telling, reconcile
from watcher.core.same_product import names_of, related_studies, same_product
from watcher.errors import NotFoundError
from watcher.ports.store import Store
from watcher.services.correlate import RECONCILER
from watcher.services.past import Moment
from watcher.services.replay import Known, as_of

_LAST_TIER = 4
"""Of a source that is no longer configured: what others say comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A study that a library lists, and why it is taken to be about the product."""

    source: str
    title: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfOne:
    """What is said of one product.

    Attributes:
        name: How the best source calls it.
        sources: By the source's id, what it speaks of: `medicine:EMEA/H/C/004258`. The best first.
        answers: One a question, by path.
        studies: Those of libraries that name it.
    """

    name: str
    sources: Mapping[str, str]
    answers: tuple[Answer, ...]
    studies: tuple[Study, ...] = ()


def what_is_said(
    store: Store,
    product: str,
    moment: Moment,
    *,
    tiers: Mapping[str, int],
    libraries: Collection[str] = (),
) -> tuple[SaidOfOne, ...]:
    """Return what all sources said of the products that a name means, as of a moment.

    Args:
        store: Where.
        product: A name, product number or substance; a substance may mean several products.
        moment: When; see `Moment`.
        tiers: The tier of each source by its id.
        libraries: Ids of sources that list studies.

    Raises:
        NotFoundError: Nothing is known by that name, or was not then.
    """
    known = as_of(store, moment.at, axis=moment.axis, product=product, known_at=moment.known_at)
    listed = _listed(store, libraries)
    told = [each for each in known if each.source not in {RECONCILER, *libraries}]
    told.sort(key=lambda each: (tiers.get(each.source, _LAST_TIER), each.stream))
    if not told:
        message = f"no source said anything of {product!r}: see `watcher replay` for what is known"
        raise NotFoundError(message)
    return tuple(_said(group, tiers, listed) for group in _products(told))


def _products(told: Sequence[Known]) -> list[list[tuple[Known, Record]]]:
    """Return what was told, product by product, the best source's first."""
    groups: list[list[tuple[Known, Record]]] = []
    for each in told:
        record = _record(each.stream, each.state)
        for group in groups:
            if any(_is_one(record, other) for _, other in group):
                group.append((each, record))
                break
        else:
            groups.append([(each, record)])
    return groups


def _is_one(one: Record, other: Record) -> bool:
    return one.subject == other.subject or same_product(one, other) is not None


def _said(
    group: Sequence[tuple[Known, Record]],
    tiers: Mapping[str, int],
    listed: Sequence[tuple[str, Record]],
) -> SaidOfOne:
    names = names_of(*(record for _, record in group))
    studies = tuple(
        Study(source=source, title=_title(library, path), why=why)
        for source, library in listed
        for path, why in sorted(related_studies(names, library).items())
    )
    return SaidOfOne(
        name=group[0][0].name,
        sources={known.source: str(record.subject) for known, record in group},
        answers=reconcile(
            Telling(known.source, tiers.get(known.source, _LAST_TIER), record.facts)
            for known, record in group
        ),
        studies=studies,
    )


def _listed(store: Store, libraries: Collection[str]) -> list[tuple[str, Record]]:
    with store.reading() as work:
        return [
            (source, _record(name, stream.state))
            for source in sorted(libraries)
            for name, stream in sorted(work.streams.of_source(source).items())
        ]


def _record(stream: str, state: State) -> Record:
    subject = Subject.parse(stream.partition("/")[2])
    return Record(subject, tuple(Fact(path, value) for path, value in state.items()))


def _title(library: Record, path: str) -> str:
    fact = library.fact(path)
    study = fact.value if fact else None
    return str(study.get("title") or path) if isinstance(study, dict) else path
