"""What an encyclopaedia's sentences say of a medicine's authorisations and markets.

Three things that articles mix and regulators do not: an authorisation that was withdrawn, a product
withdrawn from a market, and sales that were discontinued. Each keeps its own path. A sentence that
names no place states no fact here: nothing is inferred from its neighbours. An ending without a
date is stated all the same, with null for its date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from watcher.core.facts import Fact, Value
from watcher.readers.dates import edtf
from watcher.readers.jurisdictions import AGENCY, PLACES, jurisdiction_of, places
from watcher.readers.sentences import Sentence

_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_COUNTED = r"(?! (?:patients|people|participants|subjects|adults|children|mg|mL|cells)\b)"
DATE = (
    rf"(?:\d{{1,2}} {_MONTH} \d{{4}}|{_MONTH} (?:\d{{1,2}}, )?\d{{4}}|(?:19|20)\d{{2}}{_COUNTED})"
    r"(?![\w%])"
)
"""A pattern of a date as English prose writes it."""

_LEADING = re.compile(rf"(?P<how>In|On|By|Since|As of) (?P<date>{DATE}),? ")
_ADJACENT = re.compile(
    r"(?:(?!\b(?:following|after|because|due|based)\b)[^.,;()]){0,80}?"
    rf"\b(?:in|on) (?P<date>{DATE})"
)
_IN_PLACES = re.compile(rf"\bin (?P<places>{PLACES})")
_DENIED = re.compile(
    r"\b(?:not|never|no longer) (?:been |yet )?(?:approved|authori[sz]ed)|\brefus|\breject"
    r"|\bapplication\b",
    re.IGNORECASE,
)

_APPROVED = re.compile(r"\b(?:approved|authori[sz]ed|licen[sc]ed)\b")
_ONLY = r"(?:(?!withdr|discontinu|suspend|revok|approv)[^.;]){0,120}?"
"""Words between a place and its date that belong to no other happening."""
_IN_PLACES_AT = re.compile(
    rf"\bin (?P<places>{PLACES})(?P<between>{_ONLY}),? (?:in|on) (?P<date>{DATE})"
)
_BY_AGENCY_AT = re.compile(
    rf"\bby (?:the )?(?P<agency>{AGENCY}(?: \([A-Z]{{2,6}}\))?)(?P<between>{_ONLY}),? "
    rf"(?:in|on) (?P<date>{DATE})"
)
_AGENCY_BETWEEN = re.compile(r" by (?:the )?(?:[A-Z]\w+'s )?(?P<agency>[A-Z].+)")

_WITHDRAWN_FROM = re.compile(
    r"\b(?:(?:was|were|has been|have been|had been)(?: \w+ly)? withdrawn|withdrew)"
    r"(?: \w+){0,4} from (?:the )?"
    rf"(?:(?P<of>{PLACES})(?:'s)? markets?|markets? (?:in|of) (?P<in>{PLACES}))"
)
_AUTHORISATION = r"(?:conditional )?marketing authori[sz]ation"
_WITHDREW = re.compile(
    rf"(?:^|, )(?:the )?(?P<actor>[A-Z][^,;]{{1,80}}?) (?:has |had |voluntarily )*"
    rf"(?:withdrew|withdrawn) (?:the|its|their) {_AUTHORISATION}"
)
_WAS_WITHDRAWN = re.compile(
    rf"\b{_AUTHORISATION}\b[^.;]{{0,80}}? (?:was|were|has been|had been) (?:voluntarily )?withdrawn"
)
_REQUESTED = re.compile(
    r"\b(?:upon|on|at|following) (?:the |a )?request (?:of|by|from) (?P<who>[^,;]+)"
)

_SOLD = r"(?:marketing|sales?|supply|distribution|commerciali[sz]ation|production|manufactur\w+)"
_DISCONTINUED = re.compile(
    rf"\b(?i:{_SOLD}) of [^,;]{{1,80}} (?:was|were|has been|have been|had been) discontinued"
    rf"|\bdiscontinued (?:the |its |all )?{_SOLD}\b"
    rf"|\b(?:brand|product|drug|medicine|medication) (?:was|has been) discontinued"
)
_DISCONTINUER = re.compile(
    r"(?:^|, )(?P<actor>[A-Z][^,;]{1,60}?) (?:has |have )?discontinued (?:the |its |all )?"
    rf"{_SOLD}\b"
)


def regulatory_facts(told: Iterable[Sentence]) -> list[Fact]:
    """Return what the sentences state of authorisations and markets, in their order."""
    return [fact for sentence in told for rule in _RULES for fact in rule(sentence)]


def _approvals(sentence: Sentence) -> list[Fact]:
    """Return grants, such as `It was approved for use in the European Union in March 2018`."""
    text = sentence.text
    verb = _APPROVED.search(text)
    if verb is None or _DENIED.search(text):
        return []
    facts: list[Fact] = []
    for match in _IN_PLACES_AT.finditer(text, verb.end()):
        agency = _AGENCY_BETWEEN.fullmatch(match["between"])
        for place in places(match["places"]):
            facts += _granted(
                sentence, place.code, match["date"], agency["agency"] if agency else ""
            )
    if facts:
        return facts
    if by := _BY_AGENCY_AT.search(text, verb.end()):
        name = re.sub(r" \([A-Z]+\)$", "", by["agency"])
        return _granted(sentence, jurisdiction_of(name), by["date"], by["agency"])
    return _approved_since(sentence, verb.end())


def _granted(sentence: Sentence, code: str, date: str, agency: str = "") -> list[Fact]:
    when = _edtf(date)
    facts = [_fact(f"authorisation[{code}].granted", when, sentence)] if when else []
    if agency:
        facts.append(_fact(f"authorisation[{code}].agency", agency, sentence))
    return facts


def _approved_since(sentence: Sentence, after: int) -> list[Fact]:
    """Return approvals whose date leads the sentence: `In 2023, it was approved in …`.

    A year before a list of places says as of when it was so, not when each of them decided.
    """
    lead = _LEADING.match(sentence.text)
    found = _IN_PLACES.search(sentence.text, after)
    date = _edtf(lead["date"]) if lead else ""
    if lead is None or found is None or not date:
        return []
    named = places(found["places"])
    is_year = len(lead["date"]) == 4
    leaf = "approved_as_of" if lead["how"] == "As of" or (is_year and len(named) > 1) else "granted"
    return [_fact(f"authorisation[{place.code}].{leaf}", date, sentence) for place in named]


def _market_withdrawals(sentence: Sentence) -> list[Fact]:
    """Return withdrawals from a market: `was withdrawn from the EU market in December 2024`."""
    match = _WITHDRAWN_FROM.search(sentence.text)
    if match is None:
        return []
    date = _date_of(sentence, match.end())
    named = places(match["of"] or match["in"])
    return [_fact(f"market[{place.code}].withdrawn", date, sentence) for place in named]


def _authorisation_withdrawals(sentence: Sentence) -> list[Fact]:
    """Return withdrawals of an authorisation, with who acted and who asked."""
    text = sentence.text
    active = _WITHDREW.search(text)
    match = active or _WAS_WITHDRAWN.search(text)
    if match is None or re.search(r"\bapplication\b", text):
        return []
    actor = active["actor"].removeprefix("The ") if active else ""
    named = _IN_PLACES.search(text)
    code = jurisdiction_of(actor) or (places(named["places"])[0].code if named else "")
    if not code:
        return []
    path = f"authorisation[{code}].withdrawn"
    asked = _REQUESTED.search(text)
    told = {".actor": actor, ".requested_by": _name(asked["who"]) if asked else ""}
    facts = [_fact(path, _date_of(sentence, match.end()), sentence)]
    return [*facts, *(_fact(path + leaf, name, sentence) for leaf, name in told.items() if name)]


def _discontinuations(sentence: Sentence) -> list[Fact]:
    """Return sales that ended: `In January 2026, Takeda Pharma discontinued sales in Japan`."""
    match = _DISCONTINUED.search(sentence.text)
    named = _IN_PLACES.search(sentence.text)
    if match is None or named is None:
        return []
    date = _date_of(sentence, match.end())
    actor = _DISCONTINUER.search(sentence.text)
    facts: list[Fact] = []
    for place in places(named["places"]):
        path = f"market[{place.code}].discontinued"
        facts.append(_fact(path, date, sentence))
        facts += [_fact(f"{path}.actor", actor["actor"], sentence)] if actor else []
    return facts


_RULES: tuple[Callable[[Sentence], list[Fact]], ...] = (
    _approvals,
    _market_withdrawals,
    _authorisation_withdrawals,
    _discontinuations,
)


def _date_of(sentence: Sentence, after: int) -> str | None:
    """Return the date that follows a verb, else the one that leads the sentence; None: neither."""
    found = _ADJACENT.match(sentence.text, after) or _LEADING.match(sentence.text)
    return (_edtf(found["date"]) or None) if found else None


def _edtf(date: str) -> str:
    """Return the date as EDTF; empty for a day that does not exist, which states nothing."""
    try:
        return edtf(date)
    except ValueError:
        return ""


def _name(words: str) -> str:
    """Return a name at a sentence's end without the full stop that ends the sentence."""
    name = re.sub(rf" (?:in|on) {DATE}.*$", "", words.strip()).removeprefix("the ")
    return name.removesuffix(".")


def _fact(path: str, value: Value, sentence: Sentence) -> Fact:
    return Fact(path, value, sentence.text, sentence.place)
