"""The dates of cases as a calendar (RFC 5545): effective, announced and expected ones.

Only a date that is known to the day has an entry: "December 2024" is no day of anybody's calendar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from icalendar import Calendar, vDate, vDatetime
from icalendar import Event as Appointment

from watcher.core import wording
from watcher.core.case import Case
from watcher.core.edtf import Edtf, is_edtf
from watcher.core.phrases import capital, date_role, title, what
from watcher.core.text import shorten, tidy
from watcher.services.feeds import Entry, Feed

PRODUCT = "-//watcher//regulatory dates//EN"
LONGEST_SUMMARY = 200
_EXPECTED = "shortage.expected_resolution"


class CaseDate(NamedTuple):
    """A day of a case, and what it is the day of."""

    role: str
    in_words: str
    day: date


def case_dates(case: Case) -> tuple[CaseDate, ...]:
    """Return the days of a case that are known to the day, each with its role."""
    return tuple(_dates(case))


def _dates(case: Case) -> Iterator[CaseDate]:
    event = case.lead.event
    stated = [("effective", date_role(event), event.effective)]
    announced = event.details.get("announced", "")
    stated.append(("announced", wording.CALENDAR_ROLES["announced"], announced))
    if event.type.startswith("shortage."):
        role = wording.CALENDAR_ROLES["expected_resolution"]
        stated.append(("expected_resolution", role, str(case.facts.get(_EXPECTED) or "")))
    for role, in_words, text in stated:
        if is_edtf(text) and (parsed := Edtf.parse(text)).precision == "day":
            yield CaseDate(role, in_words, parsed.first)


def calendar(told: Feed) -> bytes:
    """Return the dates of a feed's cases as a calendar; the same cases give the same bytes."""
    return _calendar(told.title, told.entries)


def case_calendar(entry: Entry) -> bytes | None:
    """Return the dates of one case as a calendar; None where none is known to the day."""
    if not case_dates(entry.case):
        return None
    return _calendar(wording.CALENDAR_OF_CASE, [entry])


def _calendar(name: str, entries: Sequence[Entry]) -> bytes:
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    for entry in entries:
        for each in case_dates(entry.case):
            made.add_component(_appointment(entry, each))
    return bytes(made.to_ical())


def _appointment(entry: Entry, each: CaseDate) -> Appointment:
    """Return a day of a case as an entry of a whole day, during which nobody is busy."""
    case = entry.case
    name = title(case.lead.event.subject, case.facts, {})
    said = wording.CALENDAR_SUMMARY.format(
        name=name, what=what(case.lead.event, case.facts), role=each.in_words
    )
    first = f"{wording.CORRECTION}: " if entry.is_corrected else ""
    changed = vDatetime(datetime.fromisoformat(entry.updated))
    made = Appointment()
    made.add("uid", f"{case.key}-{each.role}@watcher")
    made.add("dtstamp", changed)
    made.add("last-modified", changed)
    made.add("dtstart", vDate(each.day))
    made.add("summary", shorten(tidy(first + capital(said)), LONGEST_SUMMARY))
    made.add("description", entry.text)
    made.add("transp", "TRANSPARENT")
    made.add("status", _status(entry))
    if entry.url:
        made.add("url", entry.url)
    return made


def _status(entry: Entry) -> str:
    if entry.is_corrected:
        return "CANCELLED"
    return "TENTATIVE" if entry.case.is_unconfirmed else "CONFIRMED"
