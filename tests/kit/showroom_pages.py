"""Every page of a showroom by a name, for tests and pictures that are about all of them."""

from __future__ import annotations

from urllib.parse import urlencode

from kit.showroom import ALOFISEL, Showroom
from watcher.core.capture import Capture
from watcher.web.medicine_rows import address_of, kept_page

NAMES = (
    *(
        "today",
        "cases",
        "cases_answered",
        "case",
        "case_in_conflict",
        "case_taken_back",
        "case_of_the_operator",
    ),
    *("medicines", "search", "search_for_nothing", "medicine", "medicine_of_the_past"),
    *("compare_choose_address", "compare_choose_looks", "compare", "compare_leaflet"),
    *("kept_page", "kept_words", "sources", "source", "source_failing", "deliveries"),
    *("audit", "settings", "act", "not_found"),
)


GUARDED = {
    "sign_in": "/sign-in",
    "you": "/you",
    "users": "/users",
    "today_signed_in": "/",
    "nothing_for_you": "/users/nobody",
}
"""Pages of a showroom at which people sign in; all but the first are for an admin who has."""
BARE = {
    "today": "/",
    "cases": "/cases",
    "medicines": "/medicines",
    "compare": "/compare",
    "sources": "/sources",
    "source": "/sources/ema-medicines",
    "deliveries": "/deliveries",
    "audit": "/audit",
    "settings": "/settings",
}
"""Pages of a watcher that has not looked yet."""


def pages(here: Showroom) -> dict[str, str]:
    """Return the address of each page, by the names above."""
    epar, leaflet = (_looks(here, each) for each in ("ema-alofisel", "ema-leaflet"))
    withdrawn = here.case_of("Alofisel")
    found = {
        "today": "/",
        "cases": "/cases",
        "cases_answered": "/cases/answered",
        "case": f"/cases/{withdrawn}",
        "case_in_conflict": f"/cases/{here.case_of('Brelutin')}",
        "case_taken_back": f"/cases/{here.case_of('Kelvora', -1)}",
        "case_of_the_operator": f"/cases/{here.case_of('EMA, table')}",
        "medicines": "/medicines",
        "search": "/medicines?q=darvadstrocel",
        "search_for_nothing": "/medicines?q=alofisal",
        "medicine": address_of(ALOFISEL),
        "medicine_of_the_past": address_of(ALOFISEL, "2024-12-31"),
        "compare_choose_address": "/compare",
        "compare_choose_looks": "/compare?"
        + urlencode({"source": epar[0].source, "url": epar[0].url}),
        "compare": _compared(epar[-2], epar[-1]),
        "compare_leaflet": _compared(leaflet[0], leaflet[-1]),
        "kept_page": kept_page(epar[-1].digest),
        "kept_words": kept_page(epar[-1].digest, "On 13 December 2024, the European Commission"),
        "sources": "/sources",
        "source": "/sources/ema-medicines",
        "source_failing": "/sources/union-register",
        "deliveries": "/deliveries",
        "audit": "/audit",
        "settings": "/settings",
        "act": here.link(withdrawn, "acknowledge"),
        "not_found": "/nowhere",
    }
    assert found.keys() == set(NAMES)
    return found


def _looks(here: Showroom, source: str) -> list[Capture]:
    """Return the looks of a source that found another page than the one before."""
    with here.watcher.store.reading() as work:
        found = [each for each in work.captures.read(source=source) if each.verdict.is_good]
    kept = [each for each in found if each.digest]
    return [each for at, each in enumerate(kept) if not at or kept[at - 1].digest != each.digest]


def _compared(before: Capture, after: Capture) -> str:
    return f"/compare?{urlencode({'before': before.id, 'after': after.id})}"
