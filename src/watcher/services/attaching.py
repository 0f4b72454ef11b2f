"""The files that go with a message, made when it is sent: what changed, its dates, its evidence.

A file that cannot be made, or is too large, must not hold back the message: a note goes in its
place that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from watcher.core import wording
from watcher.core.case import Case
from watcher.core.phrases import Sources, path_in_words, title, value_in_words, what_and_when
from watcher.core.sections import short_id
from watcher.core.text import tidy
from watcher.errors import WatcherError
from watcher.ports import Attachment, Envelope
from watcher.ports.store import Store
from watcher.services.bundle import Bundle
from watcher.services.correlate import case_of
from watcher.services.feeds import entry_of

KINDS = ("diff", "calendar", "evidence")
"""What can be asked for, in the order in which it is attached."""
LARGEST = 5_000_000
"""Bytes of all files of a message together: many servers take no mail of more than 10 MB, and
base64 makes a third more of a file."""
NOTE = "not-attached.txt"

Maker: TypeAlias = Callable[[], Attachment | None]
"""Makes one file; None where there is nothing to put into it."""
MakeBundle: TypeAlias = Callable[[str], Bundle]
"""Given an event's id, makes its evidence bundle."""


def attachments(
    store: Store,
    envelope: Envelope,
    wanted: frozenset[str],
    *,
    make_bundle: MakeBundle,
    sources: Sources,
    largest: int = LARGEST,
) -> tuple[Attachment, ...]:
    """Return the files that go with a message about a case; other messages have none.

    Args:
        store: The log and the cases.
        envelope: The message.
        wanted: Which of `KINDS`.
        make_bundle: Makes evidence bundles.
        sources: Names and tiers of the sources, by id.
        largest: Bytes that all of them together may have.
    """
    told = envelope.data
    if told.get("kind") != "case" or not wanted:
        return ()
    makers: Mapping[str, Maker] = {
        "diff": lambda: _changes(_case(store, envelope), sources),
        "calendar": lambda: _dates(store, envelope, sources),
        "evidence": lambda: _evidence(make_bundle(str(told["event"])), str(told["event"])),
    }
    return _within(largest, [makers[kind] for kind in KINDS if kind in wanted])


def _within(largest: int, makers: Sequence[Maker]) -> tuple[Attachment, ...]:
    """Return what the makers make and there is room for, and a note of what is lacking."""
    made: list[Attachment] = []
    lacking: list[str] = []
    for make in makers:
        try:
            file = make()
        except (WatcherError, OSError, ValueError, LookupError) as error:
            lacking.append(tidy(str(error)))
            continue
        if file is None:
            continue
        if sum(len(each.body) for each in (*made, file)) <= largest:
            made.append(file)
            continue
        size = f"{len(file.body):,}"
        told = wording.NOT_ATTACHED_SIZE.format(name=file.name, size=size, most=f"{largest:,}")
        lacking.append(told)
    return (*made, *_note(lacking))


def _note(lacking: list[str]) -> Iterator[Attachment]:
    if lacking:
        body = "\n".join([wording.NOT_ATTACHED, *lacking, ""]).encode()
        yield Attachment(name=NOTE, media_type="text/plain", body=body)


def _case(store: Store, envelope: Envelope) -> Case:
    """Return the case that a message tells of, as it is known now.

    Raises:
        LookupError: It is not kept here.
    """
    key = str(envelope.data["case"])
    with store.reading() as work:
        rows = [row for row in work.cases.named(key) if row.key == key]
        return case_of(work, rows[0])


def _changes(case: Case, sources: Sources) -> Attachment:
    """Return every fact that changed, before and after, with the words it was read from."""
    name = title(case.lead.event.subject, case.facts, sources)
    lines = [f"{wording.CHANGES_TITLE}: {name}", ""]
    for told in case.events:
        lines.append(f"* {what_and_when(told.event, case.facts)}")
        quotes = {one.path: tidy(one.quote) for one in told.provenance.evidence if one.quote}
        for change in told.event.changes:
            before, after = (
                value_in_words(change.path, each) for each in (change.before, change.after)
            )
            lines.append(f"  {path_in_words(change.path)}")
            lines.append(f"    - {tidy(before) or wording.NOT_STATED}")
            lines.append(f"    + {tidy(after) or wording.NO_LONGER}")
            if quote := quotes.get(change.path):
                lines.append(f'    {wording.CHANGES_QUOTE}: "{quote}"')
        lines.append("")
    return Attachment(
        name=f"changes-{short_id(case.lead)}.txt",
        media_type="text/plain",
        body="\n".join(lines).encode("utf-8", "replace"),
    )


def _dates(store: Store, envelope: Envelope, sources: Sources) -> Attachment | None:
    """Return the days of a case as a calendar; None where none is known to the day."""
    from watcher.services.calendar import case_calendar  # noqa: PLC0415  icalendar takes its time

    case = _case(store, envelope)
    body = case_calendar(entry_of(case, case.lead.recorded_at, None, sources))
    if body is None:
        return None
    name = f"dates-{short_id(case.lead)}.ics"
    return Attachment(name=name, media_type="text/calendar", body=body)


def _evidence(made: Bundle, event: str) -> Attachment:
    name = f"evidence-{event[:12]}.zip"
    return Attachment(name=name, media_type="application/zip", body=made.packed())
