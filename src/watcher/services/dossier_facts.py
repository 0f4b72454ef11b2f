"""The parts of a dossier that tell what is stated: where a medicine stands, what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from watcher.core import wording
from watcher.core.edtf import Edtf, in_words, is_edtf
from watcher.core.events import Recorded
from watcher.core.facts import split_path
from watcher.core.phrases import (
    capital,
    change_in_words,
    date_with_precision,
    happened,
    path_in_words,
    value_in_words,
)
from watcher.core.text import shorten
from watcher.services.correlate import RECONCILER
from watcher.services.dossier import Dossier, Stated
from watcher.services.html import Html, Piece, element, join, lines, link, table

_STANDING = ("authorisation", "market", "supply_status", "opinion", "application")
_IDENTITY = ("product", "flag", "orphan_designation", "indication", "product_information")
_LONGEST = 400


def day(at: str) -> Html:
    """Return an instant to the minute, as short as it can be told."""
    return element("span", f"{at[:10]} {at[11:16]}" if at else "", class_="nb")


def by(told: Dossier, source: str, tier: int) -> Html:
    """Return who says so, and how near that is to the truth."""
    if source == RECONCILER:
        return lines(("this program", _small("by comparing sources")))
    known = wording.TIERS.get(tier, "")
    return lines((_name(told, source), _small(f"tier {tier}, {known}")))


def dated(date: str) -> str:
    """Return a date in words; what is less precise than a day says so."""
    if is_edtf(date) and Edtf.parse(date).precision == "day":
        return in_words(date)
    return date_with_precision(date)


def _name(told: Dossier, source: str) -> str:
    named = told.sources.get(source)
    return named.name if named else source


def exhibit(told: Dossier, digest: str) -> Html:
    """Return the number of a captured page among the evidence."""
    if digest not in told.snapshots:
        return Html("")
    number = told.snapshots.index(digest) + 1
    return element("a", f"E{number}", href=f"#e{number}", class_="nb")


def quote(words: str) -> Html:
    """Return words of a source, set off."""
    return element("q", shorten(words, _LONGEST)) if words else Html("")


def nothing(what: str) -> Html:
    """Return a line in the place of a list that is empty."""
    return element("p", what, class_="none")


def _small(piece: Piece) -> Html:
    return element("span", piece, class_="soft small")


def now(told: Dossier) -> Html:
    """Return the statuses at one glance: a tile a jurisdiction, and a word where they differ."""
    statuses = [
        each
        for each in told.stated
        if each.path.startswith("authorisation[") and each.path.endswith("].status")
    ]
    places: dict[str, list[Stated]] = {}
    for each in sorted(statuses, key=_nearest_first):
        places.setdefault(split_path(each.path).key, []).append(each)
    return element(
        "div", *(_tile(told, place, found) for place, found in places.items()), class_="now"
    )


def _nearest_first(stated: Stated) -> tuple[int, str]:
    return (stated.told.provenance.tier, stated.path)


def _tile(told: Dossier, place: str, found: list[Stated]) -> Html:
    best = found[0]
    values = {value_in_words(each.path, each.value) for each in found}
    status, tier = value_in_words(best.path, best.value), best.told.provenance.tier
    since = _date_of(told, best)
    who = wording.STATED_TIER.format(source=_name(told, best.source), tier=tier)
    return element(
        "div",
        element("div", f"{wording.PLACES.get(place, place)} authorisation", class_="soft small"),
        element("div", status, class_="value"),
        element("div", since, class_="small"),
        element("div", who, class_="soft small"),
        element("div", element("span", wording.CONFLICT, class_="mark"), " sources differ")
        if len(values) > 1
        else Html(""),
    )


def _date_of(told: Dossier, status: Stated) -> str:
    """Return since when a status is so, as its source states it."""
    path = status.path.replace(".status", f".{status.value}")
    path = path.replace(".authorised", ".granted")
    date = next(
        (each for each in told.stated if (each.source, each.path) == (status.source, path)), None
    )
    if date is None or not is_edtf(date.value):
        return "date not stated"
    return f"{path_in_words(path).rpartition(', ')[2]}: {dated(str(date.value))}"


def status(told: Dossier) -> Html:
    """Return what each source states on authorisation, market and supply, with its words."""
    rows = [_stated_row(told, each) for each in _of_families(told, _STANDING)]
    if not rows:
        return nothing("No source states an authorisation, a market or a supply status.")
    return table(
        {"what": 17, "stated": 19, "by": 16, "in its words": 32, "known since": 12, "page": 4},
        rows,
        caption="Statuses and their dates as each source states them now",
    )


def _of_families(told: Dossier, families: tuple[str, ...]) -> list[Stated]:
    found = [each for each in told.stated if split_path(each.path).family in families]
    return sorted(
        found,
        key=lambda each: (
            families.index(split_path(each.path).family),
            split_path(each.path).key != "EU",
            split_path(each.path).key,
            split_path(each.path).leaf != "status",
            each.path,
            each.told.provenance.tier,
        ),
    )


def _stated_row(told: Dossier, stated: Stated) -> tuple[Piece, ...]:
    origin = stated.told.provenance
    words = stated.evidence.quote if stated.evidence else ""
    return (
        capital(path_in_words(stated.path)),
        element("strong", shorten(_value(stated), _LONGEST)),
        by(told, stated.source, origin.tier),
        quote(words),
        lines((day(origin.observed_at), _small(f"event {stated.told.position}"))),
        exhibit(told, origin.snapshot),
    )


def _value(stated: Stated) -> str:
    if is_edtf(stated.value) and split_path(stated.path).leaf != "status":
        return dated(str(stated.value))
    return value_in_words(stated.path, stated.value) or wording.EMPTY


def identity(told: Dossier) -> Html:
    """Return what the medicine is: one row a fact and value, with everyone who states it so."""
    rows: dict[tuple[str, str], list[Stated]] = {}
    for each in _of_families(told, _IDENTITY):
        rows.setdefault((each.path, _value(each)), []).append(each)
    subjects = [element("code", name) for name in told.subjects]
    known_as = element("p", "Known here as ", join(subjects, ", "), ".")
    if not rows:
        return join((known_as, nothing("No source states a name, a number or a substance.")))
    told_rows = [
        (
            capital(path_in_words(path)),
            link(value, shorten(value, _LONGEST)),
            lines(_who(told, each) for each in found),
        )
        for (path, value), found in rows.items()
    ]
    listed = table({"fact": 24, "stated": 46, "by": 30}, told_rows, caption="What the medicine is")
    return join((known_as, listed))


def _who(told: Dossier, stated: Stated) -> Html:
    origin = stated.told.provenance
    return join((_name(told, stated.source), " ", exhibit(told, origin.snapshot)))


def life(told: Dossier, drawing: Html) -> Html:
    """Return the life line as drawn, and every date of it with those who state it."""
    found: dict[tuple[str, str], list[Stated]] = {}
    for each in sorted(_dates(told), key=lambda each: str(each.value)):
        found.setdefault((str(each.value), each.path), []).append(each)
    if not found:
        return nothing("No source states a date of its authorisation or its market.")
    rows = [
        (dated(date), capital(path_in_words(path)), lines(_who(told, each) for each in tellers))
        for (date, path), tellers in found.items()
    ]
    dates = table({"date": 30, "what": 40, "by": 30}, rows, caption="Dates of the medicine's life")
    return join((drawing, dates))


def _dates(told: Dossier) -> Iterator[Stated]:
    for each in told.stated:
        part = split_path(each.path)
        if part.family in _STANDING and part.leaf != "status" and is_edtf(each.value):
            yield each


def documents(told: Dossier) -> Html:
    """Return every document that a source lists, with what happened to it and when."""
    rows = [
        _document_row(told, each, each.value)
        for each in sorted(_of_families(told, ("document",)), key=_by_title)
        if isinstance(each.value, Mapping)
    ]
    if not rows:
        return nothing("No source lists documents of it.")
    return table(
        {
            "document": 34,
            "dates it bears": 22,
            "by": 14,
            "its versions as we saw them": 26,
            "page": 4,
        },
        rows,
        caption="Documents and their versions",
    )


def _by_title(stated: Stated) -> str:
    return value_in_words(stated.path, stated.value).casefold()


def _document_row(
    told: Dossier, stated: Stated, document: Mapping[str, object]
) -> tuple[Piece, ...]:
    key = split_path(stated.path).key
    title = str(document.get("title") or document.get("name") or key)
    address = str(document.get("url") or "")
    number = str(document.get("reference_number") or "")
    dates = [
        f"{capital(path_in_words(name))}: {dated(str(document[name]))}"
        for name in ("first_published", "last_updated")
        if document.get(name)
    ]
    return (
        lines((link(address, title), _small(number) if number else "")),
        lines(dates),
        by(told, stated.source, stated.told.provenance.tier),
        lines(_versions(told, stated)),
        exhibit(told, stated.told.provenance.snapshot),
    )


def _versions(told: Dossier, stated: Stated) -> Iterable[Html]:
    for each in told.events:
        change = each.event.change(stated.path)
        if change is None or each.provenance.source != stated.source:
            continue
        when = join((day(each.provenance.observed_at), f" {_became(each)}"))
        pair = change_in_words(change) if change.action == "changed" else None
        differ = pair is not None and pair.before != pair.after
        yield lines((when, _small(shorten(str(pair), 160)) if differ else ""))


def _became(told: Recorded) -> str:
    if told.event.type == "fact.recorded":
        return "listed when first read"
    aspects = told.event.details.get("aspects", "")
    return f"{happened(told.event, {})}{f' ({aspects})' if aspects else ''}"
