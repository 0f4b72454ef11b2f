"""What sentences say of a medicine's authorisation in the European Union, in EMA's set phrases.

Sources that copy EMA's overviews copy its sentences, so the readers of both share these. A sentence
outside the phrases makes no fact. Reasons are quoted, never interpreted: "for commercial reasons"
is what the holder told, and nothing follows from its absence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from watcher.core.facts import Fact, Value
from watcher.readers.blocks import Block
from watcher.readers.dates import edtf

_DAY = r"(?P<day>\d{1,2}(?:st|nd|rd|th)? [a-z]+,? \d{4})"
_MA = r"(?:conditional )?marketing[ -]authori[sz]ations?"
_HOLDER = r"marketing[ -]authori[sz]ation holders?"
_EU = r"the (?:European Union|EU)(?: \(EU\))?"
_EC = r"the (?P<actor>European Commission)"
_TO_THE_END = r"(?=\.(?:\s|$)|\s*$)"


class _Phrase:
    """A set phrase, with words without which no sentence is one.

    To look for plain words is quick, and most paragraphs have none of them. The phrases are
    compiled when they are first looked for: all together they take as long as reading three pages.
    """

    def __init__(self, words: str, pattern: str) -> None:
        self._words = words
        self._pattern = pattern

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(rf"\b{self._pattern}", re.IGNORECASE)

    def search(self, text: str, folded: str) -> re.Match[str] | None:
        """Return where the phrase stands first in a text, given the text folded as well."""
        return self._compiled.search(text) if self._words in folded else None


_ACTS = {
    "withdrawn": _Phrase(
        "withdr",
        rf"On {_DAY},? {_EC},? (?:withdrew|adopted the decisions? withdrawing"
        rf"|issued,? a decision (?:to withdraw|withdrawing)) the {_MA}",
    ),
    "revoked": _Phrase("revoked", rf"On {_DAY},? {_EC} revoked the {_MA}"),
    "not_renewed": _Phrase(
        "renew", rf"On {_DAY},? {_EC} issued a decision (?:to not|not to) renew the {_MA}"
    ),
    "expired": _Phrase("expired on", rf"{_MA} for [^.]{{1,200}}? expired on {_DAY}"),
}
"""Sentences that tell when an authorisation ended, by what the ending is called."""

_GRANTED = (
    _Phrase(
        "granted",
        rf"granted (?:an? )?{_MA} (?:valid throughout|in) {_EU}(?: for [^.,]{{1,80}}?)? on {_DAY}",
    ),
    _Phrase(
        "received",
        rf"received (?:an? )?{_MA} valid throughout {_EU}(?: for [^.,]{{1,80}}?)? on {_DAY}",
    ),
    _Phrase(
        "european commission granted",
        rf"On {_DAY},? the European Commission granted an? {_MA} (?:valid throughout|for) ",
    ),
)

_DECISION = rf"(?P<reason>decision ?(?:not )?to .{{1,300}}?){_TO_THE_END}"
_ASKED = rf"(?:at the request of|requested by) the (?P<role>{_HOLDER}), (?P<name>.{{1,120}}?),"
_NOTIFIED = "notified the European Commission"
_REQUESTS = (
    _Phrase(
        _NOTIFIED.casefold(), rf"{_ASKED} (?:which|who) {_NOTIFIED} of (?:its|their) {_DECISION}"
    ),
    _Phrase(", due to ", rf"{_ASKED} (?P<reason>due to .{{1,200}}?){_TO_THE_END}"),
    _Phrase(", wh", rf"{_ASKED} (?:which|who) "),
    _Phrase(
        "(mah) responsible for",
        rf"the (?P<role>{_HOLDER}) \(MAH\) responsible for .{{1,80}}?, (?P<name>.{{1,100}}?),"
        rf" {_NOTIFIED} of (?:its|their) {_DECISION}",
    ),
    _Phrase(
        _NOTIFIED.casefold(),
        rf"the (?P<role>{_HOLDER}) {_NOTIFIED} (?:of|about) (?:its|their) {_DECISION}",
    ),
    _Phrase(
        "s decision",
        rf"(?:notified by (?:a )?letter|notifying the Commission) .{{0,40}}?of the "
        rf"(?P<role>MAH|{_HOLDER})['’]s {_DECISION}",
    ),
    _Phrase(
        "commission was notified by",
        rf"European Commission was notified by (?:the (?P<role>MAH)|(?P<name>.{{2,80}}?)) of "
        rf"(?:its|their) {_DECISION}",
    ),
    _Phrase("at the request of", rf"has been withdrawn at the request of the (?P<role>{_HOLDER})"),
)
"""Sentences that tell who asked for the withdrawal and why, the most telling first."""

_NOT_VALID = _Phrase(
    "no longer valid", rf"{_MA} (?:for [^.]{{1,120}}? )?is (?P<validity>no longer valid)"
)


def authorisation_statements(blocks: Iterable[Block]) -> list[Fact]:
    """Return what sentences among `blocks` state of the authorisation in the European Union.

    When it was granted and how it ended, who ended it, who asked for that and in which words, and
    whether it is still valid: `authorisation[EU].…`, each with the words it was read from. Of
    several sentences on one thing the first counts. A date that does not exist makes no fact.
    """
    facts: dict[str, Fact] = {}
    for block in blocks:
        for leaf, value, quote in _told(block.text):
            path = f"authorisation[EU].{leaf}"
            if value:
                facts.setdefault(path, Fact(path, value, quote, block.place))
    return list(facts.values())


def _told(text: str) -> Iterator[tuple[str, Value, str]]:
    """Yield what `text` tells: the end of the path, the value and the words."""
    folded = text.casefold()
    if "authori" not in folded:
        return
    if " commission" in folded or "expired" in folded:
        yield from _acts(text, folded)
    if " granted " in folded or " received " in folded:
        found = (phrase.search(text, folded) for phrase in _GRANTED)
        yield from (("granted", _day(match), match[0].strip()) for match in found if match)
    if " request" in folded or "notif" in folded:
        found = (phrase.search(text, folded) for phrase in _REQUESTS)
        yield from _request(next(filter(None, found), None))
    if match := _NOT_VALID.search(text, folded):
        yield "validity", match["validity"], match[0]


def _acts(text: str, folded: str) -> Iterator[tuple[str, Value, str]]:
    for ending, phrase in _ACTS.items():
        if match := phrase.search(text, folded):
            yield ending, _day(match), match[0]
            if actor := match.groupdict().get("actor"):
                yield f"{ending}.actor", actor, match[0]


def _request(match: re.Match[str] | None) -> Iterator[tuple[str, Value, str]]:
    found = match.groupdict() if match else {}
    quote = match[0].strip() if match else ""
    if name := found.get("name"):
        yield "withdrawn.requested_by", name, quote
    if found.get("role"):
        yield "withdrawn.requested_by_role", "marketing authorisation holder", quote
    if reason := found.get("reason"):
        yield "withdrawn.reason_text", reason, reason


def _day(match: re.Match[str]) -> str:
    try:
        return edtf(match["day"])
    except ValueError:
        return ""
