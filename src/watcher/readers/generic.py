"""A reader for a user's own page, made of what `sources.yaml` says of it.

`generic_reader(options)` makes the reader. Without options it reads every label and its value.
What the options promise has to be there: a required fact that is missing, words that are not of
their kind and a list outside its bounds are errors, since the page is then no longer the page the
options were written for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from watcher.core.facts import Fact, Reading, Record, Subject, Value, in_order
from watcher.core.identity import canonical_address
from watcher.core.status import authorisation_status
from watcher.core.text import fold, shorten, tidy, without_accents
from watcher.errors import ReadError
from watcher.readers.blocks import Block, Outline, joined
from watcher.readers.dates import remembered_edtf
from watcher.readers.generic_options import FactRule, GenericOptions, ListRule, Words
from watcher.readers.outline import MAX_CHARACTERS, outline
from watcher.readers.outline_html import HtmlPage
from watcher.readers.reader import Payload, Reader

VERSION: Final = 1

_FLAGS: Final = {"yes": True, "true": True, "no": False, "false": False}
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([,.'\u2019 ])\d{3})(?:\1\d{3})*|[+-]?\d{1,15}")
_LONGEST_NUMBER: Final = 19
"""Fifteen digits with their signs: above 2^53 readers of JSON no longer agree on a number."""


def generic_reader(options: GenericOptions) -> Reader:
    """Return the reader that these options make.

    Its name holds the digest of the options, so that other options are another reader and a page
    read anew with them is told as read anew, not as changed.
    """
    name = "generic" if options == GenericOptions() else f"generic-{options.digest}"
    return Reader(
        name=name,
        version=VERSION,
        about="A page of the user's own: the labels, selectors and lists its options name.",
        read=partial(_read, options, f"{name}@{VERSION}"),
    )


class _Found(NamedTuple):
    """Words and where they stand."""

    words: str
    place: str


class _Page(NamedTuple):
    """The page as its rules see it.

    Attributes:
        outline: Its lines.
        tree: Its elements; none where no rule has a selector.
        url: Its address.
        reader: Name and version of the reader, for errors.
    """

    outline: Outline
    tree: LexborHTMLParser
    url: str
    reader: str

    def error(self, *, expected: str, found: str, place: str = "") -> ReadError:
        return ReadError(
            reader=self.reader, expected=expected, found=shorten(found) or "nothing", place=place
        )


def _read(options: GenericOptions, reader: str, payload: Payload) -> Reading:
    page = _page(options, reader, payload)
    facts: list[Fact] = []
    for rule in options.facts:
        facts += _fact(page, rule)
    for listing in options.lists:
        facts += _listed(page, listing)
    if options == GenericOptions():
        facts += _everything(page)
    subject = Subject(options.subject, canonical_address(payload.url))
    return Reading(reader=reader, records=(Record(subject, tuple(facts)),))


def _page(options: GenericOptions, reader: str, payload: Payload) -> _Page:
    """Return the page; as HTML, whatever it calls itself, where a rule has a selector."""
    selectors = [*(rule.words.css for rule in options.facts), *(rule.css for rule in options.lists)]
    if not any(selectors):
        return _Page(outline(payload), LexborHTMLParser(""), payload.url, reader)
    text = payload.text().replace("\r\n", "\n")
    if len(text) > MAX_CHARACTERS:
        found = f"{len(text):,} characters"
        raise ReadError(reader=reader, expected="a page of ordinary size", found=found)
    page = HtmlPage.parsed(text)
    if all(selectors):  # nobody asks for its lines, which take as long as all the rest
        page.check_depth()
        return _Page(Outline(()), page.tree, payload.url, reader)
    return _Page(page.outline(payload.url), page.tree, payload.url, reader)


def _everything(page: _Page) -> Iterator[Fact]:
    """Yield the title and every label with its value; a label that comes again counts once."""
    if title := page.outline.title:
        yield Fact("page.title", title, title)
    told: dict[str, Fact] = {}
    for label, values in page.outline.pairs():
        path = f"stated[{_label(label.text)}]"
        words = "; ".join(value.text for value in values)
        told.setdefault(path, Fact(path, words or None, words, label.place))
    yield from told.values()


def _fact(page: _Page, rule: FactRule) -> Iterator[Fact]:
    found = _labelled(page, rule.label) if rule.label else _selected(page, rule.words)
    if not found and rule.is_required:
        raise page.error(expected=f"`{rule.name}`", found="a page without it")
    if not found:
        return
    quote, place = "; ".join(each.words for each in found if each.words), found[0].place
    if not quote:
        yield Fact(rule.path, None, place=place)
    elif rule.words.kind == "list":
        parts = (part for each in found for part in each.words.split(rule.words.separator))
        yield Fact(rule.path, in_order(filter(None, map(tidy, parts))), quote, place)
    else:
        yield Fact(rule.path, _value(page, rule.words, _one(page, rule, found)), quote, place)


def _one(page: _Page, rule: FactRule, found: Sequence[_Found]) -> _Found:
    """Return the one thing found; several that say the same are one."""
    said = {each.words: each for each in reversed(found) if each.words}
    if len(said) > 1:
        expected = f"one `{rule.name}`"
        raise page.error(expected=expected, found=" and ".join(said), place=found[0].place)
    return next(iter(said.values()))


def _labelled(page: _Page, wanted: str) -> list[_Found]:
    found: list[_Found] = []
    for label, values in page.outline.pairs():
        if _label(label.text) == _label(wanted):
            found += [_Found(value.text, value.place) for value in values]
            found += [] if values else [_Found("", label.place)]
    return found


def _label(text: str) -> str:
    return fold(text).rstrip(": ")


def _selected(page: _Page, words: Words) -> list[_Found]:
    nodes = page.tree.css(words.css)
    return [
        _Found(_words_of(node, words), f"{words.css} ({number})")
        for number, node in enumerate(nodes, 1)
    ]


def _words_of(node: LexborNode, words: Words) -> str:
    if words.attribute:
        return tidy(node.attributes.get(words.attribute) or "")
    return tidy(node.text(deep=True, separator=" "))


def _value(page: _Page, words: Words, found: _Found) -> Value:
    """Return the value of the words.

    Raises:
        ReadError: They are not of their kind.
    """
    try:
        return _converted(found.words, words, page.url)
    except (ValueError, KeyError) as error:
        expected = f"a {words.kind}"
        raise page.error(expected=expected, found=found.words, place=found.place) from error


def _converted(text: str, words: Words, url: str) -> Value:
    """Return the value of `text`.

    Raises:
        ValueError: It is not of its kind.
        KeyError: It is no yes or no.
    """
    match words.kind:
        case "text":
            return text
        case "date":
            return remembered_edtf(text, words.language, words.order)
        case "flag":
            return _FLAGS[fold(text)]
        case "list":
            return in_order(filter(None, map(tidy, text.split(words.separator))))
        case "number":
            return _number(text)
        case "status":
            return _status(text)
        case "url":  # pragma: no branch - there is no eighth; mypy checks it
            return joined(url, text)


def _status(text: str) -> str:
    status = authorisation_status(text)
    if status is None:
        message = "no status in EMA's words"
        raise ValueError(message)
    return status.value


def _number(text: str) -> int:
    if not _GROUPED.fullmatch(text) or len(text) > _LONGEST_NUMBER:
        message = "no whole number"
        raise ValueError(message)
    return int(re.sub(r"[^\d+-]", "", text))


def _listed(page: _Page, rule: ListRule) -> Iterator[Fact]:
    """Yield one fact for each thing of a list.

    Raises:
        ReadError: There are fewer or more than the rule says, or the key does not tell them apart.
    """
    things = [*(_by_selector(page, rule) if rule.css else _below(page, rule))]
    name = rule.css or rule.below
    if not rule.least <= len(things) <= rule.most:
        expected = f"{rule.least} to {rule.most} of `{name}`"
        raise page.error(expected=expected, found=str(len(things)))
    told: dict[str, Fact] = {}
    for value, found in things:
        key = value.get(rule.key)
        if key is None or key == "":
            expected = f"`{rule.key}` in each of `{name}`"
            raise page.error(expected=expected, found=found.words, place=found.place)
        path = f"{rule.path}[{tidy(str(key))}]"
        fact = told.setdefault(path, Fact(path, value, found.words, found.place))
        if fact.value != value:
            expected = f"another `{rule.key}` for each of `{name}`"
            raise page.error(expected=expected, found=str(key), place=found.place)
    yield from told.values()


Thing = tuple[dict[str, Value], _Found]
"""What one thing of a list holds, and the words it was read from."""


def _by_selector(page: _Page, rule: ListRule) -> Iterator[Thing]:
    for number, node in enumerate(page.tree.css(rule.css), 1):
        place = f"{rule.css} ({number})"
        value: dict[str, Value] = {}
        inside: dict[str, LexborNode | None] = {"": node}
        for name, words in rule.fields.items():
            if words.css not in inside:  # a link's words and its address are of one element
                inside[words.css] = node.css_first(words.css)
            inner = inside[words.css]
            text = _words_of(inner, words) if inner is not None else ""
            if text:
                value[name] = _value(page, words, _Found(text, place))
        yield value, _Found(tidy(node.text(deep=True, separator=" ")), place)


def _below(page: _Page, rule: ListRule) -> Iterator[Thing]:
    """Yield the items and table rows below a heading; a table's first row names its columns."""
    section = page.outline.find(rule.below)
    if section is None:
        return
    columns: Sequence[str] = ()
    for block in section.blocks:
        if block.kind != "row":
            columns = ()
        if block.kind == "item":
            yield _item(block), _Found(block.text, block.place)
        elif block.kind == "row" and not columns:
            columns = column_names(block)
        elif block.kind == "row":
            yield _cells(columns, block), _Found(block.text, block.place)


def _item(block: Block) -> dict[str, Value]:
    address: dict[str, Value] = {"url": block.links[0].url} if block.links else {}
    return {"title": block.text, **address}


def _cells(columns: Sequence[str], row: Block) -> dict[str, Value]:
    named = zip(columns, row.cells, strict=False)
    address: dict[str, Value] = {"url": row.links[0].url} if row.links else {}
    return {**address, **{name: cell for name, cell in named if cell}}


def column_names(header: Block) -> list[str]:
    """Return the names that a table's columns have in the value of a row, each another one.

    `Start date` is `start_date`; a column without Latin letters is `column_2`, and so is one whose
    name is taken.
    """
    names: list[str] = []
    for number, cell in enumerate(header.cells, 1):
        name = re.sub(r"[^a-z]+", "_", without_accents(cell)).strip("_")[:40]
        names.append(name if name and name not in names else f"column_{number}")
    return names


READER: Final = generic_reader(GenericOptions())
