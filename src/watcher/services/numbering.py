"""A medicine whose number is damaged for a while is still the medicine it was.

In August 2024 EMA's list had a procedure in place of five product numbers, for months. Such a row
is known by its address; and where one stream of the source has had that address all along, the row
is that stream's, so that a withdrawal in those months is a withdrawal and not a new medicine.
"""

from __future__ import annotations

from dataclasses import replace

from watcher.core.capture import Target
from watcher.core.facts import Reading, Record, Subject
from watcher.core.identity import slug
from watcher.ports.store import Store

_UNNUMBERED = "slug:"


def known_by_number(reading: Reading, target: Target, store: Store, source: str) -> Reading:
    """Return `reading` with each unnumbered medicine under the number it has always had.

    Args:
        reading: What was read.
        target: Where it was read; a page about one subject stays about it.
        store: Where the source's streams are.
        source: The source's id.
    """
    if not any(_is_unnumbered(record.subject) for record in reading.records):
        return reading
    if len(reading.records) == 1 and target.subject:
        known = {slug(target.url): Subject.parse(target.subject)}
    else:
        known = _by_address(store, source)
    return replace(reading, records=tuple(_numbered(each, known) for each in reading.records))


def _is_unnumbered(subject: Subject) -> bool:
    return subject.id.startswith(_UNNUMBERED)


def _numbered(record: Record, known: dict[str, Subject]) -> Record:
    if not _is_unnumbered(record.subject):
        return record
    return replace(
        record, subject=known.get(record.subject.id.removeprefix(_UNNUMBERED), record.subject)
    )


def _by_address(store: Store, source: str) -> dict[str, Subject]:
    """Return the numbered medicines of a source by the last part of their address."""
    with store.reading() as work:
        streams = work.streams.of_source(source)
    found: dict[str, Subject] = {}
    for name, stream in streams.items():
        subject = Subject.parse(name.partition("/")[2])
        address = stream.state.get("product.url")
        if isinstance(address, str) and not _is_unnumbered(subject):
            found[slug(address)] = subject
    return found
