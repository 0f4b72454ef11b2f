"""MEDICINE: everything known of one, now or as known on any day of the past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated
from urllib.parse import urlencode

from litestar import Controller, Response, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Template
from markupsafe import Markup

from watcher import __version__
from watcher.core.access import Act
from watcher.core.capture import instant
from watcher.core.edtf import in_words
from watcher.core.events import Cause
from watcher.core.identity import slug
from watcher.core.lifeline_page import KEY
from watcher.core.lifeline_seen import Day, Seen, seen_strip
from watcher.core.lifeline_svg import NARROW, WIDE, svg
from watcher.core.phrases import Sources, named, path_in_words, what_and_when
from watcher.services.dossier import dossier
from watcher.services.dossier_page import dossier_page
from watcher.services.lifeline import life_of
from watcher.services.medicine_page import CaseMark, medicine_page
from watcher.services.medicine_page import MedicinePage as Found
from watcher.services.past import Moment
from watcher.services.search import holder_of
from watcher.web.medicine_rows import (
    address_of,
    document_rows,
    event_row,
    fact_groups,
    origin_of,
    value_of,
)
from watcher.web.site import Here, Site

MOST_EVENTS = 50
"""How many events of its history a page shows."""
MOST_CASES = 50
_DAY = Annotated[str, QueryParameter(max_length=40)]
_FURTHEST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The day a reader asks for.

    Attributes:
        day: The day whose end is meant.
        is_now: Whether no day of the past was asked for.
        problem: What was wrong with the day asked for; empty: nothing.
    """

    day: date
    is_now: bool
    problem: str = ""

    @property
    def moment(self) -> Moment:
        """Return the moment that is meant: the end of the day."""
        at = datetime.combine(self.day, time.max, UTC)
        return Moment(axis="observed", at=instant(at))


@dataclass(frozen=True, slots=True)
class Slider:
    """The days that a reader can turn the page back to, counted from the first.

    Attributes:
        first: The day on which the medicine was first seen.
        span: How many days there are up to today.
        at: The day that is shown.
        seen: The days on which something was seen.
    """

    first: date
    span: int
    at: int
    seen: tuple[int, ...]


class MedicinePage(Controller):
    """One medicine."""

    path = "/medicines"
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @get("/{number:path}", sync_to_thread=True)
    def show(
        self,
        site: Here,
        number: FromPath[str],
        as_of: _DAY = "",
        history: Annotated[int, QueryParameter(ge=1, le=_FURTHEST)] = 1,
    ) -> Template:
        """Show what was known of it at the end of a day; without one, what is known now.

        Of a long history `history` is the page, the newest events on the first.
        """
        wanted = _wanted(as_of, site.now.date())
        names = site.watcher.naming.sources
        found = medicine_page(
            site.watcher.store,
            number.strip("/"),
            wanted.moment,
            until=wanted.day,
            sources=names,
        )
        return Template("medicine.html", context=_context(site, found, wanted, history))


class DossierPage(Controller):
    """A medicine's dossier, to keep and to print."""

    path = "/dossiers"
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @get("/{number:path}", sync_to_thread=True)
    def download(self, site: Here, number: FromPath[str]) -> Response[bytes]:
        """Return the dossier as a file of its own; see `watcher export dossier`."""
        now = site.now
        product, names = number.strip("/"), site.watcher.naming.sources
        program = f"watcher {__version__}"
        with site.watcher.store.reading() as work:
            told = dossier(work, product, sources=names, at=instant(now), program=program)
        moment = Moment(axis="position", at=str(told.head))
        line = life_of(site.watcher.store, product, moment, until=now.date())
        name = slug(product) or "medicine"
        safe = "".join(each if each.isascii() and each.isalnum() else "-" for each in name)
        return Response(
            dossier_page(told, line).encode("utf-8", "replace"),
            media_type="text/html",
            headers={
                "Content-Disposition": f'attachment; filename="dossier-{safe}-{now:%Y-%m-%d}.html"'
            },
        )


def _wanted(as_of: str, today: date) -> Wanted:
    if not as_of:
        return Wanted(day=today, is_now=True)
    try:
        day = date.fromisoformat(as_of.strip())
    except ValueError:
        problem = f"“{as_of[:40]}” is not a day: write it as 2024-12-31. This is what is known now."
        return Wanted(day=today, is_now=True, problem=problem)
    return Wanted(day=min(day, today), is_now=day >= today)


def _context(site: Site, found: Found, wanted: Wanted, history: int) -> dict[str, object]:
    names = site.watcher.naming.sources
    first = [each for each in found.events if each.cause is Cause.BASELINE]
    happened = [each for each in found.events if each.cause is not Cause.BASELINE]
    here = address_of(found.subject.id)
    pages = max(1, -(-len(happened) // MOST_EVENTS))
    page = min(history, pages)
    cases = _happenings(found)
    shown = happened[(page - 1) * MOST_EVENTS : page * MOST_EVENTS]
    return {
        **_head(found, names),
        **_doubts(found, names),
        "page": found,
        "wanted": wanted,
        "day": in_words(wanted.day.isoformat()),
        "here": here,
        "dossier": here.replace("/medicines/", "/dossiers/", 1),
        "today": site.now.date().isoformat(),
        "slider": _slider(found, wanted, site.now.date()),
        "pictures": tuple(_picture(found, width) for width in (WIDE, NARROW)),
        "key": KEY,
        "groups": fact_groups(found.stated, names),
        "documents": document_rows(found.stated, found.events, found.files, names),
        "cases": [
            (
                each,
                what_and_when(each.told.event, found.facts),
                names.get(each.told.provenance.source),
            )
            for each in cases[:MOST_CASES]
        ],
        "all_cases": len(cases),
        "happened": [event_row(each, found.facts, names) for each in shown],
        "first_number": len(happened) - (page - 1) * MOST_EVENTS,
        "all_happened": len(happened),
        "first": [event_row(each, found.facts, names) for each in first[:MOST_EVENTS]],
        "all_first": len(first),
        "newer": _history(here, wanted, page - 1) if page > 1 else "",
        "older": _history(here, wanted, page + 1) if page < pages else "",
        "before": _neighbour(found, wanted, is_later=False),
        "after": _neighbour(found, wanted, is_later=True),
    }


def _happenings(found: Found) -> list[CaseMark]:
    """Return the cases but for those by which we note that sources agree or differ on another."""
    ours = ("corroboration.", "conflict.")
    return [each for each in found.cases if not each.told.event.type.startswith(ours)]


def _slider(found: Found, wanted: Wanted, today: date) -> Slider | None:
    """Return the days that can be turned back to; None where there is only today."""
    if not found.days:
        return None
    first = date.fromisoformat(found.days[0])
    if first >= today:
        return None
    seen = tuple((date.fromisoformat(each) - first).days for each in found.days)
    return Slider(first, (today - first).days, max(0, (wanted.day - first).days), seen)


def _head(found: Found, names: Sources) -> dict[str, object]:
    """Return how it is called and who answers for it."""
    name, substance = named(found.subject, found.facts, names)
    codes = (found.facts.get(f"product.{each}_code") for each in ("atc", "atcvet"))
    return {
        "name": name,
        "substance": substance,
        "number": found.subject.id,
        "holder": holder_of(found.facts),
        "atc": next(filter(None, codes), ""),
        "source_names": {each.source: each.source for each in found.stated}
        | {source: told.name for source, told in names.items()},
    }


def _doubts(found: Found, names: Sources) -> dict[str, object]:
    """Return where sources contradict each other: on facts, and on who acted."""
    return {
        "disputes": [
            (
                path_in_words(each.path),
                [(value_of(one), origin_of(one, names)) for one in each.words],
            )
            for each in found.disputes
        ],
        "actors": [
            (lane.jurisdiction, each)
            for lane in found.line.lanes
            for each in lane.conflicts
            if each.about == "who acted"
        ],
    }


def _picture(found: Found, width: int) -> Markup:
    """Return the life line and the strip of what we saw; both escape what sources say."""
    number = found.subject.id
    marks = [
        Seen(
            date.fromisoformat(each.told.provenance.observed_at[:10]),
            each.told.event.severity,
            f"{each.told.event.severity}: {what_and_when(each.told.event, found.facts)}, "
            f"seen {in_words(each.told.provenance.observed_at[:10])}",
            f"/cases/{each.key}",
        )
        for each in _happenings(found)
    ]
    days = [
        Day(
            date.fromisoformat(each),
            f"as known on {in_words(each)}",
            address_of(number, each),
        )
        for each in found.days
        if each <= found.line.until
    ]
    drawn = svg(found.line, width=width, is_alone=False)
    return Markup(drawn + seen_strip(found.line, marks, days, width=width))  # noqa: S704  # escaped


def _history(here: str, wanted: Wanted, page: int) -> str:
    """Return the address of another page of the same history."""
    asked = {} if wanted.is_now else {"as_of": wanted.day.isoformat()}
    return f"{here}?{urlencode(asked | {'history': page})}#events"


def _neighbour(found: Found, wanted: Wanted, *, is_later: bool) -> tuple[str, str]:
    """Return the nearest day on which something was seen, in words and as an address."""
    day = wanted.day.isoformat()
    days = [each for each in found.days if (each > day if is_later else each < day)]
    if not days:
        return "", ""
    nearest = days[0] if is_later else days[-1]
    return in_words(nearest), address_of(found.subject.id, nearest)
