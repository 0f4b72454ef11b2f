"""The log, taken out: one event a line, as JSON for machines or as rows for spreadsheets.

Everything here is a stream: an event is read, written and forgotten, however long the log is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from heapq import merge

import msgspec

from watcher.core import wording
from watcher.core.chain import GENESIS, row_hash
from watcher.core.correction import CORRECTED, wrong
from watcher.core.export_rows import COLUMNS, Stands, guarded, naming, row
from watcher.core.facts import State
from watcher.errors import BrokenLogError, NotFoundError
from watcher.ports.store import EventFilter, Stored, Work

FORM = "watcher-log/1"
"""The name of the JSON Lines form; a change that a reader would notice gets another number."""
CHAIN_RULE = (
    "hash = sha256(previous hash, position, event_id, stream, version, type, cause, schema, "
    "recorded_at and payload, one a line); the hash before position 1 is 64 zeros"
)
_encode = msgspec.json.Encoder(order="deterministic").encode
_SUBJECTS_IN_MIND = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which events to take out.

    Attributes:
        which: Types, sources and times.
        product: A name, product number or substance; empty: all.
        baseline: Whether to take what was known when watching began.
        set_aside: Whether to take events that a later amendment set aside.
    """

    which: EventFilter = field(default_factory=EventFilter)
    product: str = ""
    baseline: bool = True
    set_aside: bool = True

    @property
    def is_whole(self) -> bool:
        """Return whether it is the whole log, so that its chain can be recomputed."""
        everything = self.which == EventFilter() and not self.product
        return everything and self.baseline and self.set_aside


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What an export says of itself.

    Attributes:
        program: Name and version of this program.
        at: When it was made, RFC 3339 UTC.
        selection: What was asked for.
        head: The last position of the log then.
        head_hash: The hash of that row: it stands for the whole history before it.
    """

    program: str
    at: str
    selection: Selection
    head: int
    head_hash: str

    def plain(self) -> dict[str, object]:
        """Return it as what JSON knows, with whose words these are."""
        which = self.selection.which
        return {
            "form": FORM,
            "program": self.program,
            "exported_at": self.at,
            "is_whole": self.selection.is_whole,
            "asked_for": {
                "types": list(which.types),
                "sources": list(which.sources),
                "since": which.since,
                "until": which.until,
                "product": self.selection.product,
                "baseline": self.selection.baseline,
                "set_aside": self.selection.set_aside,
            },
            "head": {"position": self.head, "hash": self.head_hash},
            "chain": CHAIN_RULE,
            **self.terms(),
        }

    def terms(self) -> dict[str, str]:
        """Return whose words these are and what they are good for."""
        return {
            "acknowledgement": wording.FOOT_ORIGIN,
            "disclaimer": wording.FOOT_DISCLAIMER,
        }


@dataclass(frozen=True, slots=True)
class Selected:
    """One event to take out.

    Attributes:
        stored: The event with its payload as written.
        stands: Whether it still counts.
        facts: How its source calls its subject today; see `naming`.
    """

    stored: Stored
    stands: Stands
    facts: State

    def row(self) -> tuple[str, ...]:
        """Return it in the order of `COLUMNS`."""
        return row(self.stored.told, self.facts, stands=self.stands)


def about(work: Work, selection: Selection, *, program: str, at: str) -> About:
    """Return what an export made now says of itself."""
    head = work.log.head()
    last = work.log.find(str(head)).hash if head else GENESIS
    return About(program=program, at=at, selection=selection, head=head, head_hash=last)


def selected(
    work: Work, selection: Selection, standing: Callable[[int], Stands] | None = None
) -> Iterator[Selected]:
    """Yield the events asked for, in the order of their positions.

    Args:
        work: The tables.
        selection: Which events.
        standing: Tells of a position whether it counts, where that is known; see `standing_of`.

    Raises:
        NotFoundError: Nothing is known of the product.
        BrokenLogError: The whole log was asked for, and a row does not fit its chain.
    """
    standing, naming_of = standing or standing_of(work), _names(work)
    found = _stored(work, selection)
    for each in _fitting(found) if selection.is_whole else found:
        told = each.told
        stands = standing(told.position)
        if stands != "set aside" or selection.set_aside:
            yield Selected(each, stands, naming_of(told.stream))


def standing_of(work: Work) -> Callable[[int], Stands]:
    """Return how to tell of an event's position whether the event still counts."""
    aside = work.log.set_aside()
    corrected = wrong(work.log.read(EventFilter(types=(CORRECTED,))))

    def standing(position: int) -> Stands:
        if position in aside:
            return "set aside"
        return "corrected" if position in corrected else "yes"

    return standing


def _stored(work: Work, selection: Selection) -> Iterator[Stored]:
    which = replace(selection.which, without_baseline=not selection.baseline)
    if not selection.product:
        return work.log.stored(which)
    subjects = {each.name.partition("/")[2] for each in work.streams.named(selection.product)}
    if not subjects:
        message = f"nothing is known of {selection.product!r}; see `watcher replay` for all"
        raise NotFoundError(message)
    streams = [work.log.stored(replace(which, subject=each)) for each in sorted(subjects)]
    return merge(*streams, key=lambda each: each.told.position)


def _names(work: Work) -> Callable[[str], State]:
    @lru_cache(maxsize=_SUBJECTS_IN_MIND)
    def of(stream: str) -> State:
        return naming(work.streams.get(stream).state)

    return of


def chain_columns(stored: Stored) -> tuple[str | int, ...]:
    """Return what the hash of a row covers beside the hash before it and the payload."""
    told = stored.told
    place = (told.position, told.event_id, told.stream, told.version)
    return (*place, told.event.type, str(told.cause), stored.schema, told.recorded_at)


def _fitting(found: Iterable[Stored]) -> Iterator[Stored]:
    """Yield rows of the whole log; raise at the first that does not fit its chain."""
    previous, expected = GENESIS, 1
    for each in found:
        told = each.told
        if told.position != expected:
            raise BrokenLogError(expected, f"missing; the next row is {told.position}")
        previous = row_hash(previous, chain_columns(each), each.payload)
        if previous != told.hash:
            raise BrokenLogError(told.position, "the row does not fit its hash")
        yield each
        expected += 1


def json_lines(told_of: About, found: Iterable[Selected]) -> Iterator[bytes]:
    """Yield the log as JSON Lines: a line on the export, one an event, a line that ends it.

    An event's `payload` is a text: the very bytes that were hashed. The chain can be recomputed
    from these lines alone where `is_whole` is true, and a file without its last line is cut.
    """
    yield _encode({"record": "about", **told_of.plain()}) + b"\n"
    count, last = 0, 0
    for each in found:
        count, last = count + 1, each.stored.told.position
        yield _encode(_line(each)) + b"\n"
    yield _encode({"record": "end", "events": count, "last_position": last}) + b"\n"


def _line(each: Selected) -> Mapping[str, object]:
    told = each.stored.told
    return {
        "record": "event",
        "position": told.position,
        "event_id": told.event_id,
        "stream": told.stream,
        "version": told.version,
        "type": told.event.type,
        "severity": str(told.event.severity),
        "cause": str(told.cause),
        "source": told.provenance.source,
        "observed_at": told.provenance.observed_at,
        "recorded_at": told.recorded_at,
        "stands": each.stands,
        "schema": each.stored.schema,
        "payload": each.stored.payload.decode(),
        "hash": told.hash,
    }


def csv_lines(found: Iterable[Selected]) -> Iterator[bytes]:
    """Yield the log as CSV (RFC 4180): UTF-8 with a mark for Excel, every cell quoted and guarded.

    Dates are ISO texts. Whose words these are stands in the last column, so that a row that is
    copied out takes it along.
    """
    line = io.StringIO(newline="")
    writer = csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    line.write("\ufeff")
    writer.writerow(COLUMNS)
    yield _taken(line)
    for each in found:
        writer.writerow(guarded(cell) for cell in each.row())
        yield _taken(line)


def _taken(line: io.StringIO) -> bytes:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text.encode("utf-8", "replace")
