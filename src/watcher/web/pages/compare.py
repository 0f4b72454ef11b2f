"""COMPARE: two captures of one address: facts, words side by side, and the pages themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from litestar import Controller, get
from litestar.params import QueryParameter
from litestar.response import Template

from watcher.core.access import Act
from watcher.core.capture import Capture
from watcher.core.compare import nature
from watcher.core.facts import Fact, split_path
from watcher.core.phrases import capital, label, path_in_words, value_in_words
from watcher.core.text import shorten
from watcher.core.wording import EMPTY, NATURE, NO_LONGER, NOT_STATED
from watcher.readers.registry import READERS
from watcher.services.choosing import MOST_LISTED, choices
from watcher.services.comparing import FactChange, compare
from watcher.services.kept_page import Side
from watcher.web.locked import locked_address
from watcher.web.medicine_rows import LONGEST, kept_page
from watcher.web.site import Here, Site

_SHOWN_AS_SECTIONS = frozenset({"section", "pdf"})
"""What a file of sections states of itself: its sections, which are shown as such, and digests."""
_Text = Annotated[str, QueryParameter(max_length=4_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactPair:
    """A fact that differs, in words: from what to what, and where each stands in its page."""

    subject: str
    label: str
    before: str
    after: str
    nature: str
    kept_before: str
    kept_after: str


class ComparePage(Controller):
    """Two captures side by side."""

    path = "/compare"
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @get("/", sync_to_thread=True)
    def show(
        self,
        site: Here,
        *,
        before: _Text = "",
        after: _Text = "",
        source: _Text = "",
        url: _Text = "",
        subject: _Text = "",
    ) -> Template:
        """Compare two captures; with fewer named, offer those there are."""
        if not before and not after:
            return _choose(site, source, url)
        watcher = site.watcher
        found = compare(watcher.store, watcher.snapshots, READERS, (before, after), subject)
        sides = (found.before, found.after)
        context = {
            "found": found,
            "sides": [(side, _frame(side), kept_page(side.capture.digest)) for side in sides],
            "source": _name(site, found.after.capture),
            "facts": [
                _pair(each, found.before, found.after)
                for each in found.facts
                if not (found.sections and split_path(each.path).family in _SHOWN_AS_SECTIONS)
            ],
            "many": len({each.subject for each in found.facts}) > 1,
            "subject": subject,
            "whole": f"/compare?{_ids(found.before, found.after)}",
            "others": "/compare?" + _target(found.after.capture.source, found.after.capture.url),
        }
        return Template("compare.html", context=context)


def _choose(site: Site, source: str, url: str) -> Template:
    names = site.watcher.naming.sources
    with site.watcher.store.reading() as work:
        captures = choices(work, source, url) if source and url else ()
        targets = () if captures else work.captures.targets_like(url, MOST_LISTED, source)
    context = {
        "url": url,
        "source": source,
        "name": names[source].name if source in names else source,
        "captures": captures,
        "targets": [
            (each, names[each.source].name if each.source in names else each.source)
            for each in targets
        ],
        "target_query": _target,
    }
    return Template("compare_choose.html", context=context)


def _target(source: str, url: str) -> str:
    return urlencode({"source": source, "url": url})


def _ids(before: Side, after: Side) -> str:
    return urlencode({"before": before.capture.id, "after": after.capture.id})


def _name(site: Site, capture: Capture) -> str:
    named = site.watcher.naming.sources.get(capture.source)
    return named.name if named else capture.source


def _frame(side: Side) -> str:
    """Return where the page is shown locked; empty: it is no page, or it is gone."""
    is_there = side.body is not None and side.is_html
    return locked_address(side.capture.digest) if is_there else ""


def _pair(each: FactChange, before: Side, after: Side) -> FactPair:
    aspects = _aspects(each)
    return FactPair(
        subject=each.subject.id,
        label=_label(each),
        before=_words(each.path, each.before, NOT_STATED, aspects),
        after=_words(each.path, each.after, NO_LONGER, aspects),
        nature=_nature(each),
        kept_before=_kept(before, each.before),
        kept_after=_kept(after, each.after),
    )


def _label(each: FactChange) -> str:
    """Return what a fact is about; a document is called by its title."""
    fact = each.after or each.before
    value = fact.value if fact else None
    if each.path.startswith("document[") and isinstance(value, Mapping):
        return f"Document: {shorten(str(value.get('title') or value.get('name') or ''), 120)}"
    return capital(path_in_words(each.path))


def _aspects(each: FactChange) -> tuple[str, ...]:
    """Return the keys that differ where both values have several; else none."""
    old, new = (fact.value if fact else None for fact in (each.before, each.after))
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return ()
    return tuple(sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key)))


def _words(path: str, fact: Fact | None, missing: str, aspects: tuple[str, ...]) -> str:
    if fact is None:
        return missing
    if aspects and isinstance(fact.value, Mapping):
        told = (
            f"{label(key)}: {value_in_words(key, fact.value.get(key)) or EMPTY}" for key in aspects
        )
        return shorten("; ".join(told), LONGEST)
    return shorten(value_in_words(path, fact.value) or EMPTY, LONGEST)


def _nature(each: FactChange) -> str:
    if each.before is None or each.after is None:
        return ""
    kind = nature(each.path, each.before.value, each.after.value)
    return "" if kind == "changed" else NATURE[kind]


def _kept(side: Side, fact: Fact | None) -> str:
    if fact is None or not fact.quote:
        return ""
    return kept_page(side.capture.digest, fact.quote[:LONGEST], fact.place)
