"""The cases of a watch list as feeds: Atom (RFC 4287) and JSON Feed 1.1.

A case has one id for ever. A correction, a confirmation or one more source makes its entry newer,
not another. Nothing in a feed depends on when it is made: the same cases give the same bytes, so
that a reader who has them is answered "not modified".
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote, urlsplit

from watcher.core import wording
from watcher.core.case import Case
from watcher.core.correction import CORRECTED
from watcher.core.events import Recorded
from watcher.core.message import Message, compose
from watcher.core.message_data import case_data
from watcher.core.other_sources import Known
from watcher.core.phrases import Sources, title, what_and_when
from watcher.core.text import shorten, tidy
from watcher.core.watch_list import WatchList, matches
from watcher.ports.store import EventFilter, Work
from watcher.services.correlate import case_of

MOST = 100
"""Entries of a feed: the newest."""
LONGEST_TITLE = 240
NEVER = "1970-01-01T00:00:00Z"
"""When a feed without entries last changed."""
_NO_XML = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing, and so what a title seems to say."""
_SPACE = uuid.UUID("8f0c1f52-2d3c-5d0b-9d0a-6f1c3b1f7a10")
"""The name space of the ids of feeds: a number of our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One case in a feed.

    Attributes:
        case: The case.
        id: `urn:uuid:…`, made of its key: the same for ever.
        title: What it is, in one line; `CORRECTION` comes first.
        text: The whole message, without what is for one reader.
        url: Where a person reads on: the source's page.
        published: When the case was opened, RFC 3339 UTC.
        updated: When it was last told of: opened, confirmed or corrected.
        tags: Severity, type and jurisdiction.
        data: What it tells, for programs.
        is_corrected: Whether a person has said that it is wrong.
    """

    case: Case
    id: str
    title: str
    text: str
    url: str
    published: str
    updated: str
    tags: tuple[str, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)
    is_corrected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The newest cases of a watch list, the newest first.

    Attributes:
        id: `urn:uuid:…`: the same for the same watch list at the same place.
        watch_list: Whose cases.
        entries: At most `MOST`.
        base: Where feeds and pages are seen from, with a slash at its end; empty: nowhere.
    """

    id: str
    watch_list: WatchList
    entries: tuple[Entry, ...]
    base: str = ""

    @property
    def title(self) -> str:
        """Return what people call it."""
        return wording.FEED_TITLE.format(watch_list=_clean(str(self.watch_list)))

    @property
    def updated(self) -> str:
        """Return when anything of it last changed, RFC 3339 UTC."""
        return max((entry.updated for entry in self.entries), default=NEVER)

    def address(self, suffix: str) -> str:
        """Return where a form of it is found: `…/feeds/crohn.atom`; empty: nowhere."""
        name = quote(self.watch_list.id, safe="")
        return f"{self.base}feeds/{name}.{suffix}" if self.base else ""


def feed(work: Work, watch_list: WatchList, sources: Sources, *, base: str = "") -> Feed:
    """Return the newest cases of a watch list.

    Args:
        work: One moment of the store.
        watch_list: Whose cases.
        sources: Names and tiers of the sources, by id.
        base: Where feeds and pages are seen from; empty: nowhere.
    """
    place = f"{base.rstrip('/')}/" if base else ""
    return Feed(
        id=uuid.uuid5(_SPACE, f"{place}{watch_list.id}").urn,
        watch_list=watch_list,
        entries=tuple(_entries(work, watch_list, sources)),
        base=place,
    )


def _entries(work: Work, watch_list: WatchList, sources: Sources) -> Iterator[Entry]:
    """Yield the entries of the newest cases on the watch list, the newest first."""
    corrections = _corrections(work)
    found = 0
    for row in reversed(work.cases.recent("")):
        case = case_of(work, row)
        if matches(watch_list, case.lead.event.subject, case.facts) is None:
            continue
        yield entry_of(case, row.opened_at, corrections.get(case.lead.position), sources)
        found += 1
        if found == MOST:
            return


def _corrections(work: Work) -> Mapping[int, Recorded]:
    """Return what put an event right, by the event's position."""
    told = work.log.read(EventFilter(types=(CORRECTED,)))
    return {int(each.event.details.get("position", "0")): each for each in told}


def entry_of(case: Case, opened: str, correction: Recorded | None, sources: Sources) -> Entry:
    """Return a case as an entry.

    Args:
        case: The case.
        opened: When it was opened, RFC 3339.
        correction: What puts its lead right; None: nobody has said that it is wrong.
        sources: Names and tiers of the sources, by id.
    """
    event = case.lead.event
    message = compose(case, why=wording.FEED_WHY, sources=sources, known=_NOTHING_KNOWN)
    tellings = [*case.events, *case.corroborations, *([correction] if correction else [])]
    name = title(event.subject, case.facts, sources)
    told = f"{name} – {what_and_when(event, case.facts)}"
    words = [wording.CORRECTION] if correction else []
    words += [mark.word for mark in message.marks]
    doubts = f"{', '.join(dict.fromkeys(words))}: " if words else ""
    return Entry(
        case=case,
        id=uuid.UUID(hex=f"{case.key:0>32}"[:32]).urn if _is_hex(case.key) else _named(case.key),
        title=shorten(_clean(f"[{message.badge}] {doubts}{told}"), LONGEST_TITLE),
        text=_text(message, correction),
        url=_web(case.lead.provenance.url),
        published=_instant(opened),
        updated=_instant(max([opened, *(each.recorded_at for each in tellings)])),
        tags=tuple(filter(None, (str(case.severity), event.type, event.jurisdiction))),
        data={**case_data(case, sources), "is_corrected": correction is not None},
        is_corrected=correction is not None,
    )


_NOTHING_KNOWN: Known = {}


def _is_hex(key: str) -> bool:
    return bool(re.fullmatch("[0-9a-f]{32}", key))


def _named(key: str) -> str:
    return uuid.uuid5(_SPACE, key).urn


def _text(message: Message, correction: Recorded | None) -> str:
    """Return the message as paragraphs: what reads the same in every program."""
    parts = []
    if correction:
        why = correction.event.details.get("why", "")
        parts.append(f"{wording.CORRECTION}: {wording.FEED_CORRECTED.format(why=why)}")
    parts.append(message.headline)
    parts += (f"{mark.word}: {mark.reason}" for mark in message.marks)
    for section in message.sections:
        if section.label in _FOR_ONE_READER:
            continue
        lines = (
            " – ".join(filter(None, (line.term, line.text, line.note))) for line in section.lines
        )
        parts.append("\n".join([section.label, *lines]))
    parts.append(f"{wording.FOOT_ORIGIN}\n{wording.FOOT_DISCLAIMER}")
    return "\n\n".join("\n".join(_clean(line) for line in part.split("\n")) for part in parts)


_FOR_ONE_READER = frozenset({wording.SECTIONS["why"], wording.SECTIONS["do"]})


def atom(told: Feed) -> bytes:
    """Return a feed as Atom."""
    here = told.address("atom")
    head = [
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        'xml:lang="en">',
        f"<id>{told.id}</id>",
        f"<title>{_xml(told.title)}</title>",
        f"<subtitle>{_xml(wording.FEED_ABOUT)}</subtitle>",
        f"<updated>{told.updated}</updated>",
        f"<author><name>{_xml(wording.FEED_AUTHOR)}</name></author>",
        f"<rights>{_xml(wording.FOOT_ORIGIN)}</rights>",
    ]
    head += [f'<link rel="self" type="application/atom+xml" href="{_xml(here)}"/>'] if here else []
    entries = (_atom_entry(entry) for entry in told.entries)
    return "\n".join([*head, *entries, "</feed>\n"]).encode()


def _atom_entry(entry: Entry) -> str:
    lines = [
        f"<id>{entry.id}</id>",
        f"<title>{_xml(entry.title)}</title>",
        f"<published>{entry.published}</published>",
        f"<updated>{entry.updated}</updated>",
    ]
    lines += [f'<link rel="alternate" href="{_xml(entry.url)}"/>'] if entry.url else []
    lines += (f'<category term="{_xml(tag)}"/>' for tag in entry.tags)
    lines.append(f'<content type="text">{_xml(entry.text)}</content>')
    return "\n".join(["<entry>", *lines, "</entry>"])


def json_feed(told: Feed) -> bytes:
    """Return a feed as JSON Feed 1.1, what it tells beside its words in `_watcher`."""
    whole: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": told.title,
        "description": f"{wording.FEED_ABOUT} {wording.FOOT_ORIGIN}",
        "language": "en",
        "authors": [{"name": wording.FEED_AUTHOR}],
        "items": [_item(entry) for entry in told.entries],
    }
    whole |= {"feed_url": here} if (here := told.address("json")) else {}
    text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode("utf-8", "replace") + b"\n"


def _item(entry: Entry) -> dict[str, object]:
    item: dict[str, object] = {
        "id": entry.id,
        "title": entry.title,
        "content_text": entry.text,
        "date_published": entry.published,
        "date_modified": entry.updated,
        "tags": list(entry.tags),
        "_watcher": {"about": wording.FEED_EXTENSION, **entry.data},
    }
    return item | ({"url": entry.url} if entry.url else {})


def _clean(text: str) -> str:
    return _DIRECTION.sub("", tidy(text))


def _xml(text: str) -> str:
    """Return text as XML holds it, without what XML cannot hold at all."""
    return escape(_NO_XML.sub("\ufffd", text), quote=True)


def _web(url: str) -> str:
    """Return a web address; an address of any other kind is none to follow."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def _instant(text: str) -> str:
    """Return an instant in UTC to the second, as all forms of feeds read it."""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
