"""Where the authority itself speaks of what a message tells."""

from __future__ import annotations

from urllib.parse import urlsplit

from watcher.core import wording
from watcher.core.case import Case

_AUTHORITY = 1


def official_address(case: Case) -> str:
    """Return where the authority itself speaks of the medicine, or of medicines at all.

    A page that an authority's own list leads to, on the site that was read, is that authority's.
    """
    event, origin = case.lead.event, case.lead.provenance
    page = str(case.facts.get("product.url") or case.facts.get("page.url") or "")
    official = wording.OFFICIAL.get(event.jurisdiction or "EU", "")
    if official and page.startswith(official):
        return page
    if origin.tier == _AUTHORITY and page and _site(page) == _site(origin.url):
        return page
    return official


def _site(url: str) -> str:
    """Return the host of an address; one that is none is on no site."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url
