"""Two captures of one target compared: their facts, their text, and of a PDF its sections.

Both are read anew, with today's reader: what differs between them is what the pages say, and not
which reader read them then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from watcher.core.facts import Fact, Reading, Subject
from watcher.core.side_by_side import SideBySide, side_by_side
from watcher.errors import ReadError
from watcher.ports.snapshots import SnapshotStore
from watcher.ports.store import Store
from watcher.readers.pdf_pages import pages_of
from watcher.readers.pdf_sections import Section, same_text, sections
from watcher.readers.reader import Payload, Reader
from watcher.services.choosing import chosen
from watcher.services.kept_page import Side, is_pdf, side_of, text_lines

MOST_FACTS = 300
_SENTENCE_END = re.compile(r"(?<=[.:;!?])\s+(?=[A-Z•–-])")


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that differs: of which subject, at which path, and both sides; None: not stated."""

    subject: Subject
    path: str
    before: Fact | None
    after: Fact | None


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A section of product information: its key and title, and how the two differ."""

    key: str
    title: str
    kind: str
    text: SideBySide | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two captures compared.

    Attributes:
        before: The earlier one.
        after: The later one.
        facts: The facts that differ, the first `MOST_FACTS`.
        more_facts: How many more there are.
        same_facts: How many are the same.
        unread: Why the facts could not be read; empty: they could.
        sections: Of product information, each section; empty: it is none.
        text: The words side by side; None: it is no text, or its sections say it better.
    """

    before: Side
    after: Side
    facts: tuple[FactChange, ...] = ()
    more_facts: int = 0
    same_facts: int = 0
    unread: str = ""
    sections: tuple[SectionChange, ...] = ()
    text: SideBySide | None = None

    @property
    def is_same(self) -> bool:
        """Return whether both have the very same bytes."""
        return self.before.capture.digest == self.after.capture.digest


def compare(
    store: Store,
    snapshots: SnapshotStore,
    readers: Mapping[str, Reader],
    ids: tuple[str, str],
    subject: str = "",
) -> Comparison:
    """Return two captures of one target compared.

    Args:
        store: Where the captures are.
        snapshots: Where their payloads are.
        readers: The readers by name.
        ids: Of the earlier and the later one; see `chosen`.
        subject: Only the facts of this subject, `medicine:EMEA/H/C/004258`; empty: of all.

    Raises:
        NotFoundError: There are no such captures.
    """
    with store.reading() as work:
        pair = chosen(work, *ids)
    before, after = (side_of(each, snapshots) for each in pair)
    if before.body is None or after.body is None:
        return Comparison(before=before, after=after)
    unread, changed, same = _facts(before, after, readers, subject)
    told = _sections(before.payload, after.payload)
    return Comparison(
        before=before,
        after=after,
        facts=changed[:MOST_FACTS],
        more_facts=max(0, len(changed) - MOST_FACTS),
        same_facts=same,
        unread=unread,
        sections=told,
        text=None if told else _text(before.payload, after.payload),
    )


def _facts(
    before: Side, after: Side, readers: Mapping[str, Reader], subject: str
) -> tuple[str, tuple[FactChange, ...], int]:
    """Return why they could not be read, else the facts that differ and how many do not."""
    name = (after.capture.reader or before.capture.reader).partition("@")[0]
    if name not in readers:
        return "no reader read these pages", (), 0
    try:
        old, new = (readers[name].read(each.payload) for each in (before, after))
    except ReadError as error:
        return str(error), (), 0
    pairs = list(_pairs(_by_subject(old), _by_subject(new), subject))
    changed = tuple(each for each in pairs if not _is_same(each))
    return "", changed, len(pairs) - len(changed)


def _is_same(pair: FactChange) -> bool:
    is_there = pair.before is not None and pair.after is not None
    return is_there and pair.before.value == pair.after.value  # type: ignore[union-attr]


def _by_subject(reading: Reading) -> dict[Subject, dict[str, Fact]]:
    return {
        record.subject: {fact.path: fact for fact in reversed(record.facts)}
        for record in reading.records
    }


def _pairs(
    old: Mapping[Subject, Mapping[str, Fact]],
    new: Mapping[Subject, Mapping[str, Fact]],
    wanted: str,
) -> Iterator[FactChange]:
    for subject in sorted(old.keys() | new.keys()):
        if wanted and str(subject) != wanted:
            continue
        one, other = old.get(subject, {}), new.get(subject, {})
        for path in sorted(one.keys() | other.keys()):
            yield FactChange(subject, path, one.get(path), other.get(path))


def _sections(before: Payload, after: Payload) -> tuple[SectionChange, ...]:
    """Return the sections of two editions of product information; none where they are no such."""
    if not (is_pdf(before) and is_pdf(after)):
        return ()
    try:
        old, new = (
            {each.key: each for each in sections(pages_of(payload.body))}
            for payload in (before, after)
        )
    except ReadError:
        return ()
    if not old or not new:
        return ()
    return tuple(
        _section(key, old.get(key), new.get(key)) for key in [*old, *(new.keys() - old.keys())]
    )


def _section(key: str, old: Section | None, new: Section | None) -> SectionChange:
    title = new.title if new else old.title if old else key
    if old is None or new is None:
        return SectionChange(key, title, "added" if new else "removed")
    if same_text(old.text) == same_text(new.text):
        return SectionChange(key, title, "same")
    text = side_by_side(_sentences(old.text), _sentences(new.text))
    return SectionChange(key, title, "changed", text)


def _sentences(text: str) -> list[str]:
    """Return a section's sentences: where its lines are broken says nothing."""
    return [each for each in _SENTENCE_END.split(" ".join(text.split())) if each]


def _text(before: Payload, after: Payload) -> SideBySide | None:
    try:
        old, new = text_lines(before), text_lines(after)
    except ReadError:
        return None
    return side_by_side(old, new) if old or new else None
