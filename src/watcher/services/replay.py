"""The past, asked for: what was known at a moment, what was so on a day, and the views made anew.

None of it can send a message: nothing here knows a channel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from watcher.core.amend import counting
from watcher.core.events import Recorded
from watcher.core.facts import State
from watcher.core.history import status_on
from watcher.core.past import Standing
from watcher.core.search_words import squashed
from watcher.core.settle import DELISTED
from watcher.core.text import fold
from watcher.ports.store import EventFilter, Store
from watcher.services.acknowledge import rebuild_case_states
from watcher.services.correlate import RECONCILER
from watcher.services.past import (
    Axis,
    Moment,
    bounds_of,
    standings,
    standings_of,
    standings_of_subject,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What one source said of one subject, as of a moment.

    Attributes:
        stream: `source/subject`.
        version: The number of the last event that had happened to it by then.
        state: All it said.
        status: The EU authorisation status by then, or on that day; empty where it states none.
        last_event: The type of the last event that is more than a changed fact.
        last_at: When that was observed.
    """

    stream: str
    version: int
    state: State
    status: str
    last_event: str
    last_at: str

    @property
    def source(self) -> str:
        """Return the source's id."""
        return self.stream.partition("/")[0]

    @property
    def name(self) -> str:
        """Return how the subject is called, or its identity."""
        named = self.state.get("product.brand_name") or self.state.get("page.title")
        return str(named or self.stream.partition("/")[2])


def as_of(
    store: Store,
    moment: str,
    *,
    axis: Axis = "observed",
    product: str = "",
    known_at: str = "",
    use_memos: bool = True,
) -> tuple[Known, ...]:
    """Return what was known of every medicine, or of one, as of `moment`.

    Args:
        store: Where the log is.
        moment: When; see `Moment.at`.
        axis: Which time is meant; see `Moment.axis`.
        product: A product's name, number or substance; empty: all.
        known_at: By what was known when; see `Moment.known_at`.
        use_memos: False folds the whole log: slower, and the same answer.

    Raises:
        NotFoundError: The log has not come to the position that is named.
    """
    wanted = Moment(axis=axis, at=moment, known_at=known_at)
    with store.reading() as work:
        bounds = bounds_of(work, wanted)
        if product:
            found = standings_of(work, bounds, product)
        else:
            found = standings(work, bounds, use_memos=use_memos)
    return tuple(_known(stream, found[stream], wanted) for stream in sorted(found))


def known_page(
    store: Store, moment: Moment, *, name: str = "", after: str = "", limit: int = 100
) -> Mapping[str, tuple[Known, ...]]:
    """Return what was known of medicines as of `moment`, a page of them, by identity.

    Each is folded from its own events, found by their index: how long the log is, and how many
    medicines there are besides, makes no difference.

    Args:
        store: Where the log is.
        moment: When.
        name: Only those with this in their identity or name, folded; empty: all.
        after: The identity after which to go on.
        limit: How many at most.

    Raises:
        NotFoundError: The log has not come to the position that is named.
    """
    found: dict[str, tuple[Known, ...]] = {}
    with store.reading() as work:
        bounds = bounds_of(work, moment)
        last = f"{_MEDICINE}:{after}"
        while len(found) < limit:
            subjects = work.log.subjects(_MEDICINE, after=last, limit=limit - len(found))
            if not subjects:
                break
            last = subjects[-1]
            for subject in subjects:
                stood = standings_of_subject(work, bounds, subject)
                known = tuple(
                    _known(stream, stood[stream], moment)
                    for stream in sorted(stood)
                    if not stream.startswith(f"{RECONCILER}/")  # what we make of them is no source
                )
                identity = subject.removeprefix(f"{_MEDICINE}:")
                if known and _is_called(identity, known, name):
                    found[identity] = known
    return found


def known_now(
    store: Store, *, name: str = "", after: str = "", limit: int = 100
) -> Mapping[str, tuple[Known, ...]]:
    """Return what is known of medicines now, a page of them, by identity: from the views alone.

    What happened last to each is left out. See `known_page`.
    """
    with store.reading() as work:
        last = f"{_MEDICINE}:{after}"
        if name:
            asked = squashed(name)
            hits = work.search.matching(asked) if asked else iter(())
            called = {each.subject for each in hits if each.kind in {"name", "number"}}
            named = [each for each in called if each.startswith(f"{_MEDICINE}:") and each > last]
            subjects: Sequence[str] = sorted(named)[:limit]
        else:
            subjects = work.streams.subjects(_MEDICINE, after=last, limit=limit)
        streams = work.streams.of_subjects(subjects)
    found: dict[str, list[Known]] = {each.partition(":")[2]: [] for each in subjects}
    for stream in streams:
        known = Known(
            stream=stream.name,
            version=stream.version,
            state=stream.state,
            status=_stated(stream.state),
            last_event="",
            last_at="",
        )
        found[stream.name.partition(f"/{_MEDICINE}:")[2]].append(known)
    return {identity: tuple(known) for identity, known in found.items() if known}


_MEDICINE = "medicine"


def _is_called(identity: str, known: Sequence[Known], name: str) -> bool:
    return not name or any(name in fold(f"{identity} {each.name}") for each in known)


def _known(stream: str, standing: Standing, moment: Moment) -> Known:
    return Known(
        stream=stream,
        version=standing.version,
        state=standing.state,
        status=_status(standing.state, moment),
        last_event=standing.last_event,
        last_at=standing.last_at,
    )


def _status(state: State, moment: Moment) -> str:
    if moment.axis == "effective":
        return status_on(state, moment.day)
    return _stated(state)


def _stated(state: State) -> str:
    if DELISTED in state:
        return "not listed"
    return str(state.get("authorisation[EU].status") or "")


def history(store: Store, product: str, *, with_aside: bool = False) -> tuple[Recorded, ...]:
    """Return the events of a product that count, over all sources, in the order of observation.

    Args:
        store: Where the log is.
        product: A product's name, number or substance.
        with_aside: Also those that a later amendment has set aside.
    """
    with store.reading() as work:
        subjects = {stream.name.partition("/")[2] for stream in work.streams.named(product)}
        aside = frozenset() if with_aside else work.log.set_aside()
        found = [
            each for subject in subjects for each in work.log.read(EventFilter(subject=subject))
        ]
    return tuple(counting(found, aside))


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The views' digest before and after they were made anew from the log.

    Attributes:
        before: Of the streams' states as they stood.
        after: Of the same, made anew.
        are_cases_equal: Whether what people did about cases was made anew the same.
    """

    before: str
    after: str
    are_cases_equal: bool = True

    @property
    def is_equal(self) -> bool:
        """Return whether the log alone leads to the same views."""
        return self.before == self.after and self.are_cases_equal


def rebuild(store: Store) -> Rebuilt:
    """Drop the views and make them anew from the log; equal digests prove they were true."""
    with store.writing() as work:
        before = work.streams.digest()
        work.streams.rebuild()
        cases = rebuild_case_states(work)
        return Rebuilt(before, work.streams.digest(), cases.is_equal)
