"""EMA's smaller reports, each one table of rows: one way to read them all.

What each report lists and what its columns say stands in `report_columns`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from watcher.core.facts import Fact, Reading, Record, Subject
from watcher.core.identity import slug
from watcher.readers.bulk import read_table
from watcher.readers.reader import Payload, Reader
from watcher.readers.report_columns import REPORTS, Report
from watcher.readers.tables import Layout, Row, UnreadableRowError, facts_of, refuse_many


def read_report(payload: Payload, report: Report) -> Reading:
    """Return one record a row of the report.

    Raises:
        ReadError: It is not the whole report, or too many of its rows cannot be read.
    """
    layout = Layout(
        reader=f"{report.name}@1",
        columns=report.columns,
        keys=((report.number, *report.apart), (report.page, *report.apart)),
    )
    table = read_table(payload, layout)
    shared = Counter(_name(report, row) for row in table.rows)
    notes = list(table.unknown)
    records: dict[str, Record] = {}
    unreadable: list[UnreadableRowError] = []
    for row in table.rows:
        try:
            identity = _identity(report, row, shared, records)
            facts = tuple(_facts(report, row))
        except UnreadableRowError as error:
            unreadable.append(error)
            notes.append(f"unreadable: {_name(report, row)}: {error}")
            continue
        records[identity] = Record(Subject(report.kind, identity), facts)
    refuse_many(layout, unreadable, len(table.rows))
    return Reading(
        reader=layout.reader,
        records=tuple(records.values()),
        lists_all=True,
        published=table.published,
        unknown=tuple(notes),
    )


def _identity(report: Report, row: Row, shared: Mapping[str, int], taken: Collection[str]) -> str:
    """Return what the row is known by: its name, or that and what sets it apart from its namesakes.

    Raises:
        UnreadableRowError: It has no name, or not one of its own.
    """
    name = _name(report, row)
    identity = name if shared[name] == 1 else _apart(report, row)
    if not identity or identity in taken:
        raise UnreadableRowError(row, report.page, "a name that no other row has")
    return identity


def _name(report: Report, row: Row) -> str:
    """Return the row's own number, or else the last part of its page's address."""
    if report.number != report.page and (number := row.printed(report.number)):
        return number
    return slug(row.printed(report.page))


def _apart(report: Report, row: Row) -> str:
    """Return a name for one of several rows of one number: two decisions on one plan, say."""
    parts = {field: row.printed(field) for field in report.apart}
    if report.page in parts:
        parts[report.page] = slug(parts[report.page])
    return " ".join(filter(None, (_name(report, row), *parts.values())))


def _facts(report: Report, row: Row) -> Iterator[Fact]:
    for fact in facts_of(row, report.columns):
        if fact.path == "orphan_designation.decided":
            # One column holds the date of a designation or of its refusal; the status says which.
            refused = row.printed("status").casefold() == "negative"
            path = "orphan_designation.refused" if refused else "orphan_designation.granted"
            yield Fact(path, fact.value, fact.quote, fact.place)
        else:
            yield fact


def _reader(report: Report) -> Reader:
    return Reader(
        name=report.name,
        version=1,
        about=report.about,
        read=lambda payload: read_report(payload, report),
        markers=(f'"{report.page}"', f'"{report.number}"'),
    )


EMA_POST_AUTHORISATION = _reader(REPORTS["ema_post_authorisation"])
EMA_ORPHAN_DESIGNATIONS = _reader(REPORTS["ema_orphan_designations"])
EMA_REFERRALS = _reader(REPORTS["ema_referrals"])
EMA_SHORTAGES = _reader(REPORTS["ema_shortages"])
EMA_DHPC = _reader(REPORTS["ema_dhpc"])
EMA_PSUSA = _reader(REPORTS["ema_psusa"])
EMA_PIP = _reader(REPORTS["ema_pip"])
