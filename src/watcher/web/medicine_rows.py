"""What is stated of a medicine, as rows of its page: in words, with who says so and since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode, urlsplit

from watcher.core import wording
from watcher.core.edtf import Edtf, in_words, is_edtf
from watcher.core.events import Cause, Change, Recorded
from watcher.core.facts import State, split_path
from watcher.core.phrases import (
    Sources,
    capital,
    change_in_words,
    date_with_precision,
    happened,
    path_in_words,
    value_in_words,
    what_and_when,
)
from watcher.core.text import shorten
from watcher.services.dossier import Stated

LONGEST = 600
_STANDING = ("authorisation", "market", "supply_status", "opinion", "application")
_IDENTITY = ("product", "flag", "orphan_designation", "indication", "product_information")
_SHOWN_CHANGES = 12
MOST_VERSIONS = 20
"""How many of the last versions of a document are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who says something, since when we know, and the words it was read from.

    Attributes:
        source: What people call the source.
        tier: Its tier; 0: no longer watched.
        since: When it was first seen so, RFC 3339 UTC.
        position: Of the event by which we know.
        quote: The words; empty: none were kept.
        place: Where they stand.
        kept: Address of the kept page with the words marked; empty: no page was kept.
    """

    source: str
    tier: int
    since: str
    position: int
    quote: str
    place: str
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """One fact and value, with everyone who states it so.

    Attributes:
        label: What it is.
        value: In words.
        url: The value, where it is an address of the web.
        origins: Who states it so, the best source first.
    """

    label: str
    value: str
    url: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts that belong together, under a heading."""

    heading: str
    rows: tuple[FactRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What became of a document: when, what, and from what to what."""

    at: str
    what: str
    detail: str
    compare: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """One document that a source lists, with what became of it, the newest first.

    Attributes:
        title: Its title.
        url: Its address; empty: not stated, or none of the web.
        number: Its reference number; empty: not stated.
        last: The last date it bears, EDTF; empty: none.
        dates: The dates it bears, in words.
        origin: Who lists it.
        versions: What became of it, the newest first, `MOST_VERSIONS` at most.
        earlier: How many there were before those.
    """

    title: str
    url: str
    number: str
    last: str
    dates: tuple[str, ...]
    origin: Origin
    versions: tuple[Version, ...]
    earlier: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event: when we saw it, what it tells, who says so and how to compare what it rests on."""

    at: str
    day: str
    what: str
    changes: tuple[str, ...]
    severity: str
    source: str
    cause: str
    position: int
    compare: str


def address_of(number: str, as_of: str = "") -> str:
    """Return the address of a medicine's page, as known on a day."""
    return f"/medicines/{quote(number, safe='/:')}" + (f"?as_of={as_of}" if as_of else "")


def kept_page(digest: str, words: str = "", place: str = "") -> str:
    """Return the address of a kept page, with words marked in it."""
    if not digest:
        return ""
    asked = {name: value for name, value in (("quote", words), ("place", place)) if value}
    query = f"?{urlencode(asked)}#quote" if words else ""
    return f"/snapshots/{digest.removeprefix('sha256:')}{query}"


def compared(told: Recorded) -> str:
    """Return the address that compares what an event rests on with the look before it."""
    origin = told.provenance
    if not origin.capture or not origin.snapshot or told.cause is Cause.BASELINE:
        return ""
    return f"/compare?{urlencode({'after': origin.capture, 'subject': str(told.event.subject)})}"


def fact_groups(stated: Iterable[Stated], sources: Sources) -> tuple[FactGroup, ...]:
    """Return the facts under their headings: where it stands, what it is, and the rest."""
    found = [each for each in stated if not each.path.startswith("document[")]
    groups: dict[str, list[Stated]] = {"Where it stands": [], "What it is": [], "And more": []}
    for each in sorted(found, key=_in_order):
        family = split_path(each.path).family
        name = "Where it stands" if family in _STANDING else "And more"
        groups["What it is" if family in _IDENTITY else name].append(each)
    return tuple(
        FactGroup(heading, tuple(_rows(told, sources))) for heading, told in groups.items() if told
    )


def _in_order(stated: Stated) -> tuple[int, bool, str, bool, str]:
    part = split_path(stated.path)
    families = (*_STANDING, *_IDENTITY)
    place = families.index(part.family) if part.family in families else len(families)
    return place, part.key != "EU", part.key, part.leaf != "status", stated.path


def _rows(stated: Iterable[Stated], sources: Sources) -> Iterator[FactRow]:
    """Yield a row a fact and value; all that is marked with No stands in one row a source."""
    rows: dict[tuple[str, str], list[Stated]] = {}
    unmarked: dict[str, list[Stated]] = {}
    for each in stated:
        if each.path.startswith("flag[") and each.value is False:
            unmarked.setdefault(each.source, []).append(each)
        else:
            rows.setdefault((each.path, value_of(each)), []).append(each)
    for (path, value), told in rows.items():
        yield FactRow(
            label=capital(path_in_words(path)),
            value=shorten(value, LONGEST),
            url=web_address(value),
            origins=tuple(origin_of(each, sources) for each in told),
        )
    for told in unmarked.values():
        names = (path_in_words(each.path).removesuffix(" flag") for each in told)
        origin = replace(origin_of(told[0], sources), quote="", kept="")
        yield FactRow(label="Not marked as", value=", ".join(names), url="", origins=(origin,))


def value_of(stated: Stated) -> str:
    """Return a stated value in words; a date says how precise it is."""
    value = stated.value
    if is_edtf(value) and split_path(stated.path).leaf != "status" and len(str(value)) > 4:
        return dated(str(value))
    if isinstance(value, Mapping) and isinstance(value.get("paragraphs"), list):
        return " ".join(map(str, value["paragraphs"]))  # type: ignore[arg-type]  # a list, as seen
    return value_in_words(stated.path, value) or wording.EMPTY


def dated(date: str) -> str:
    """Return a date in words; what is less precise than a day says so."""
    if is_edtf(date) and Edtf.parse(date).precision == "day":
        return in_words(date)
    return date_with_precision(date)


def origin_of(stated: Stated, sources: Sources) -> Origin:
    """Return who states something, since when, and in what words."""
    origin, evidence = stated.told.provenance, stated.evidence
    words, place = (evidence.quote, evidence.place) if evidence else ("", "")
    named = sources.get(stated.source)
    return Origin(
        source=named.name if named else stated.source,
        tier=named.tier if named else origin.tier,
        since=origin.observed_at,
        position=stated.told.position,
        quote=shorten(words, LONGEST),
        place=place,
        kept=kept_page(origin.snapshot, words[:LONGEST], place),
    )


def web_address(text: str) -> str:
    """Return `text` where it is an address of the web, else nothing."""
    try:
        return text if urlsplit(text).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def document_rows(
    stated: Iterable[Stated],
    events: Sequence[Recorded],
    files: Mapping[str, tuple[Recorded, ...]],
    sources: Sources,
) -> dict[str, tuple[DocumentRow, ...]]:
    """Return the documents each source lists, the newest first, by what people call the source.

    Args:
        stated: All that is stated of the medicine.
        events: Its events.
        files: What happened to the texts of documents that are watched too, by their addresses.
        sources: Names and tiers of the sources.
    """
    by_path: dict[tuple[str, str], list[Recorded]] = defaultdict(list)
    for told in events:
        for change in told.event.changes:
            by_path[told.provenance.source, change.path].append(told)
    rows: dict[str, list[DocumentRow]] = {}
    for each in stated:
        if each.path.startswith("document[") and isinstance(each.value, Mapping):
            of_it = by_path[each.source, each.path]
            row = _document(each, each.value, of_it, files, sources)
            rows.setdefault(row.origin.source, []).append(row)
    return {
        source: tuple(sorted(found, key=lambda row: (row.last, row.title), reverse=True))
        for source, found in rows.items()
    }


def _document(
    stated: Stated,
    document: Mapping[str, object],
    events: Sequence[Recorded],
    files: Mapping[str, tuple[Recorded, ...]],
    sources: Sources,
) -> DocumentRow:
    url = str(document.get("url") or "")
    number = str(document.get("reference_number") or "")
    told = sorted(
        (*events, *(each for each in files.get(url, ()) if not _is_first(each))),
        key=lambda each: each.provenance.observed_at,
        reverse=True,
    )
    return DocumentRow(
        title=shorten(str(document.get("title") or document.get("name") or number or url), 200),
        url=web_address(url),
        number=number,
        last=str(document.get("last_updated") or document.get("first_published") or ""),
        dates=tuple(
            f"{path_in_words(name)} {dated(str(document[name]))}"
            for name in ("first_published", "last_updated")
            if document.get(name)
        ),
        origin=origin_of(stated, sources),
        versions=tuple(_versions(stated, told[:MOST_VERSIONS])),
        earlier=max(0, len(told) - MOST_VERSIONS),
    )


def _versions(stated: Stated, told: Iterable[Recorded]) -> Iterator[Version]:
    """Yield what became of a document: of its place in a list, and of the text of its file."""
    for each in told:
        change = each.event.change(stated.path)
        if change is None:
            what, detail = what_and_when(each.event, {}), ""
        else:
            what, detail = _listed(each), _differing(change)
        at = each.provenance.observed_at
        yield Version(at=at, what=what, detail=detail, compare=compared(each))


def _listed(told: Recorded) -> str:
    aspects = told.event.details.get("aspects", "")
    became = "listed when first read" if _is_first(told) else happened(told.event, {})
    return f"{became} ({aspects})" if aspects else became


def _differing(change: Change) -> str:
    pair = change_in_words(change) if change.action == "changed" else None
    return shorten(str(pair), 200) if pair is not None and pair.before != pair.after else ""


def _is_first(told: Recorded) -> bool:
    return told.event.type == "fact.recorded" or told.cause is Cause.BASELINE


def event_row(told: Recorded, facts: State, sources: Sources) -> EventRow:
    """Return an event in words, with the facts it changed."""
    named = sources.get(told.provenance.source)
    changes = [
        f"{path_in_words(each.path)}: {shorten(str(change_in_words(each)), 200)}"
        for each in told.event.changes[:_SHOWN_CHANGES]
    ]
    if (more := len(told.event.changes) - _SHOWN_CHANGES) > 0:
        changes.append(f"and {more} more")
    return EventRow(
        at=told.provenance.observed_at,
        day=told.provenance.observed_at[:10],
        what=capital(what_and_when(told.event, facts)),
        changes=tuple(changes),
        severity=str(told.event.severity),
        source=named.name if named else told.provenance.source,
        cause=str(told.cause),
        position=told.position,
        compare=compared(told),
    )
