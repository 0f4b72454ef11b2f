"""EMA's RSS feeds, the general ones and those of one medicine.

A feed tells news and nothing else: items roll off, are printed anew under the same date, or change
their title while the date stays. It names a medicine but gives no product number, and one name may
be that of two products (Blenrep). So a feed is a subject of its own, and each thing it announces is
one fact of it, keyed by what is announced, never by `guid` or `pubDate`:

    item[epar|ozempic|21|authorised]                  a medicine, its revision and its status
    item[opinion|wegovy|2026-05-21|positive]          an opinion of the committee
    item[document|wegovy|product information]         a document, with the day it was published
    item[page|https://www.ema.europa.eu/en/news/…]    anything else

The status in such an item is the feed's claim about a name: it is told as an item that appeared,
and the medicine's own sources say what became of the product. An item that is missing has rolled
off; that never means anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from watcher.core.edtf import Edtf
from watcher.core.facts import Fact, Reading, Record, Subject, Value, in_order
from watcher.core.identity import alias_key, canonical_address, normal_title
from watcher.core.status import authorisation_status
from watcher.core.text import fold, shorten, squash, tidy
from watcher.errors import ReadError
from watcher.readers.characters import unescape
from watcher.readers.dates import edtf
from watcher.readers.reader import Payload, Reader
from watcher.readers.rss import Channel, Item, read_channel, rfc822

ID: Final = "ema_feed@1"
MAX_NOTES: Final = 50

_EPAR = re.compile(
    r"(Human|Veterinary) medicines? European public assessment report \(EPAR\): (.+)",
    re.IGNORECASE | re.ASCII,
)
_OPINION = re.compile(r"Summary of opinion: (.+)", re.IGNORECASE | re.ASCII)
_DOCUMENT = re.compile(r"(.+?) ?: EPAR - (.+)")
_LABEL = re.compile(r", (Date of [a-z ]+|Revision|Status): ", re.IGNORECASE | re.ASCII)
_OUTCOMES: Final = {"positive": "Positive", "negative": "Negative"}

Announced = tuple[str, dict[str, Value]]
"""The key of an item and what it announces."""


def _read(payload: Payload) -> Reading:
    """Return what a feed announces.

    Raises:
        ReadError: It is no RSS 2.0 feed, or no item of it could be read.
    """
    channel = read_channel(payload, reader=ID)
    facts: dict[str, Fact] = {}
    notes: list[str] = []
    for item in _newest_first(channel):
        try:
            key, value = _announced(item)
        except ReadError as error:
            notes.append(f"expected {error.expected}, found {error.found}")
        else:
            path = f"item[{key}]"
            facts.setdefault(path, Fact(path, value, quote=item.title, place=item.place))
    if channel.items and not facts:
        raise ReadError(reader=ID, expected="items as EMA writes them", found=notes[0])
    subject = Subject("feed", canonical_address(payload.url or channel.link))
    built = rfc822(channel.built)
    return Reading(
        reader=ID,
        records=(Record(subject, (*_about(channel), *facts.values())),),
        published=built.isoformat() if built else "",
        unknown=tuple(dict.fromkeys(notes[:MAX_NOTES])),
    )


def _about(channel: Channel) -> Iterator[Fact]:
    if title := tidy(unescape(channel.title)):
        yield Fact("page.title", title, quote=channel.title, place="/rss/channel/title")


def _newest_first(channel: Channel) -> list[Item]:
    """Return the items by their date, so that of two that announce one thing the newer one counts.

    Those without a date that can be read come last.
    """

    def age(item: Item) -> float:
        published = rfc822(item.published)
        return -published.timestamp() if published else float("inf")

    return sorted(channel.items, key=age)


def _announced(item: Item) -> Announced:
    """Return what one item announces.

    Raises:
        ReadError: Its title follows one of EMA's grammars but not to the end.
    """
    title = tidy(unescape(item.title))
    address = {"url": item.link} if item.link.startswith(("https://", "http://")) else {}
    if match := _EPAR.fullmatch(title):
        key, value = _epar(match[1].capitalize(), match[2])
    elif match := _OPINION.fullmatch(title):
        key, value = _opinion(match[1])
    elif match := _DOCUMENT.fullmatch(title):
        key, value = _document(match[1], match[2], item)
    elif title:
        where = canonical_address(item.link) if address else normal_title(title)
        key, value = f"page|{where}", {"kind": "page", "title": title, **_published(item)}
    else:
        raise _error(expected="an item with a title", found="none")
    return key, {**value, **address}


def _epar(category: str, words: str) -> Announced:
    """Return a medicine's revision and status, from the words after `…(EPAR): `.

    The day it was published is left out on purpose: EMA reprints an item under another date, and
    announces a new revision under the old one.
    """
    head, *labelled = _LABEL.split(words)
    stated = {fold(label): tidy(text) for label, text in zip(*[iter(labelled)] * 2, strict=True)}
    name, substances = _name_and_substances(head)
    status = authorisation_status(stated.pop("status", ""))
    if status is None:
        raise _error(expected="a status in EMA's words", found=words)
    value: dict[str, Value] = {"kind": "epar", "medicine": name, "category": category}
    if substances:
        value["inn"] = in_order(substances)
    revision = stated.pop("revision", "")
    if revision:
        value["revision"] = _revision(revision)
    for label, text in stated.items():
        value[label.replace(" ", "_")] = _day(text)
    value["status"] = status.value
    number = value.get("revision", "")
    return f"epar|{_alias(name)}|{number}|{status.value}", value


def _opinion(words: str) -> Announced:
    name, _, rest = words.rpartition(", ")
    printed, _, word = rest.partition(" ")
    outcome = _OUTCOMES.get(fold(word))
    if not name or outcome is None:
        raise _error(expected="`Name, dd/mm/yyyy Positive` or `Negative`", found=words)
    day = _day(printed)
    value: dict[str, Value] = {
        "kind": "opinion",
        "medicine": name,
        "adopted": day,
        "outcome": outcome,
    }
    return f"opinion|{_alias(name)}|{day}|{fold(outcome)}", value


def _document(name: str, kind: str, item: Item) -> Announced:
    value: dict[str, Value] = {"kind": "document", "medicine": name, "title": kind}
    return f"document|{_alias(name)}|{fold(kind)}", {**value, **_published(item)}


def _published(item: Item) -> dict[str, Value]:
    """Return the day of `pubDate` as printed, in the offset it is printed in: Amsterdam's."""
    if not item.published:
        return {}
    moment = rfc822(item.published)
    if moment is None:
        expected = "a date like `Fri, 13 Mar 2026 16:35:00 +0100`"
        raise _error(expected=expected, found=item.published)
    return {"published": str(Edtf.of(moment.date()))}


def _name_and_substances(head: str) -> tuple[str, list[str]]:
    """Return the name and the substances: `Kyinsu, insulin icodec,semaglutide`.

    The name ends at the first comma outside brackets; EMA joins substances by a comma without a
    space, so that the commas within `meningococcal group A, C, W-135 …` do not part it.
    """
    depth = 0
    for at, mark in enumerate(head):
        depth += (mark in "([") - (mark in ")]")
        if mark == "," and depth <= 0 and head[at + 1 : at + 2] == " ":
            words = re.split(r",(?! )", head[at + 2 :])
            return head[:at].strip(), [word.strip() for word in words if word.strip()]
    return head.strip(), []


def _alias(name: str) -> str:
    """Return the key of a name; the former name EMA appends comes and goes and does not count."""
    return alias_key(name.partition(" (previously ")[0]) if squash(name) else fold(name)


def _revision(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise _error(expected="a revision number", found=text)
    return int(text)


def _day(text: str) -> str:
    """Return `dd/mm/yyyy` as EDTF; at EMA the day always comes first."""
    try:
        return edtf(text, order="day_first")
    except ValueError as error:
        raise _error(expected="a date as dd/mm/yyyy", found=text) from error


def _error(*, expected: str, found: str) -> ReadError:
    return ReadError(reader=ID, expected=expected, found=f"`{shorten(found)}`")


READER: Final = Reader(
    name="ema_feed",
    version=1,
    about="EMA's RSS feeds: general ones and those of one medicine.",
    read=_read,
    markers=("<rss",),
    ends_with="</rss>",
)
