"""Where a medicine stands in each jurisdiction, at one glance, from what all sources say of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from watcher.core.edtf import in_words, is_edtf
from watcher.core.facts import State, split_path
from watcher.core.lifeline_words import place
from watcher.core.phrases import Sources, date_on, value_in_words
from watcher.core.settle import DELISTED
from watcher.core.status import ENDED, NEVER, VALID, AuthorisationStatus
from watcher.core.status import AuthorisationStatus as Status

SIGNS: Mapping[str, str] = {
    "authorised": "■",
    "suspended": "▬",
    "ended": "▲",
    "pending": "─",
    "never": "╳",
    "unlisted": "?",
}
"""A shape for each kind of status, as the life line draws them."""
_LAST_TIER = 9
_MARKET = {"discontinued": "marketing ended", "withdrawn": "withdrawn from the market"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a medicine stands in one jurisdiction.

    Attributes:
        jurisdiction: `EU`, `JP` …
        place: The same in words.
        kind: A key of `SIGNS`.
        words: The status in words.
        since: Since when, as stated: `on 13 December 2024`; empty: not stated.
        market: What is stated of its sale there; empty: nothing.
        source: Who says so: of several the one nearest to the truth.
        tier: Its tier.
        others: What other sources say instead, with their ids.
    """

    jurisdiction: str
    place: str
    kind: str
    words: str
    since: str
    market: str
    source: str
    tier: int
    others: tuple[tuple[str, str], ...] = ()

    @property
    def sign(self) -> str:
        """Return the shape of its kind."""
        return SIGNS[self.kind]


def standings_of(states: Iterable[tuple[str, State]], sources: Sources) -> tuple[Standing, ...]:
    """Return where a medicine stands, the EU first.

    Args:
        states: What each source says of it, by the source's id; one may say it of two subjects.
        sources: Names and tiers of the sources.
    """
    ordered = sorted(states, key=lambda each: (tier_of(each[0], sources), each[0]))
    places: dict[str, None] = {}
    for _, state in ordered:
        places |= dict.fromkeys(_jurisdictions(state))
    found = (_standing(code, ordered, sources) for code in sorted(places, key=_eu_first))
    return tuple(each for each in found if each is not None)


def tier_of(source: str, sources: Sources) -> int:
    """Return a source's tier; one that is no longer watched comes last."""
    return sources[source].tier if source in sources else _LAST_TIER


def _eu_first(code: str) -> tuple[bool, str]:
    return code != "EU", code


def _jurisdictions(state: State) -> Iterator[str]:
    for path in state:
        part = split_path(path)
        if part.family in {"authorisation", "market"} and part.key:
            yield part.key


def _standing(code: str, states: Iterable[tuple[str, State]], sources: Sources) -> Standing | None:
    told = [(source, state, status) for source, state in states if (status := _said(code, state))]
    market = next((words for _, state in states if (words := _market(code, state))), "")
    if not told:
        return None
    source, _, status = told[0]
    words = _in_words(status)
    others = tuple((name, _in_words(each)) for name, _, each in told if each != status)
    return Standing(
        jurisdiction=code,
        place=place(code),
        kind=_kind(status),
        words=words,
        since=next((day for _, each, _ in told if (day := _since(code, each, status))), ""),
        market=market,
        source=source,
        tier=tier_of(source, sources),
        others=others,
    )


def _said(code: str, state: State) -> str:
    """Return the status a source states; one that gives only the day of it states it too."""
    if DELISTED in state and code == "EU":
        return DELISTED
    stated = state.get(f"authorisation[{code}].status")
    if stated:
        return str(stated)
    for status in (*sorted(ENDED), Status.SUSPENDED):
        if state.get(f"authorisation[{code}].{status}"):
            return str(status)
    dates = ("granted", "approved_as_of")
    is_granted = any(state.get(f"authorisation[{code}].{leaf}") for leaf in dates)
    return str(Status.AUTHORISED) if is_granted else ""


def _in_words(status: str) -> str:
    return "Not listed" if status == DELISTED else value_in_words("authorisation[].status", status)


def _kind(status: str) -> str:
    if status not in set(AuthorisationStatus):
        return "unlisted"
    known = AuthorisationStatus(status)
    if known in VALID:
        return "suspended" if known is Status.SUSPENDED else "authorised"
    return "ended" if known in ENDED else "never" if known in NEVER else "pending"


def _since(code: str, state: State, status: str) -> str:
    leaf = "granted" if status == Status.AUTHORISED else status
    day = state.get(f"authorisation[{code}].{leaf}")
    if isinstance(day, str) and is_edtf(day):
        return date_on(day)
    latest = state.get(f"authorisation[{code}].approved_as_of")
    is_by_then = status == Status.AUTHORISED and isinstance(latest, str) and is_edtf(latest)
    return f"by {in_words(str(latest))}" if is_by_then else ""


def _market(code: str, state: State) -> str:
    for leaf, words in _MARKET.items():
        day = state.get(f"market[{code}].{leaf}")
        if isinstance(day, str) and is_edtf(day):
            return f"{words} {date_on(day)}"
    return ""
