"""Moments of the past as addresses name them: a day, an instant, `now` or `position:N`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from litestar.params import QueryParameter

from watcher.core.capture import instant
from watcher.services.past import POSITION, Axis, Moment
from watcher.web.api.parameters import LARGEST, BadParameterError, instant_of

LogAxis: TypeAlias = Annotated[
    Literal["observed", "recorded"],
    QueryParameter(
        name="axis",
        description="`recorded`: what stood in the log by then; `observed`: what our looks had "
        "shown by then.",
    ),
]
StateAxis: TypeAlias = Annotated[
    Literal["observed", "recorded", "effective"],
    QueryParameter(
        name="axis",
        description="`observed`: what looks had shown by then; `recorded`: what stood in the log; "
        "`effective`: what was so on that day, by the dates known.",
    ),
]


def moment_of(as_of: str, axis: Axis, known_at: str, now: datetime) -> Moment:
    """Return the moment that `as_of` means on `axis`; `position:N` is an axis of its own.

    Args:
        as_of: The parameter; empty means now.
        axis: Which time is meant.
        known_at: By what was known when; empty means today.
        now: The present instant.

    Raises:
        BadParameterError: One of them is no moment, or `known_at` stands where it cannot.
    """
    is_position = as_of.startswith(POSITION)
    if known_at and (is_position or axis == "recorded"):
        message = "what stood in the log is asked for already: leave it out"
        raise BadParameterError(name="known_at", message=message)
    if is_position:
        return Moment(axis="position", at=_position("as_of", as_of))
    known = known_at
    if known_at.startswith(POSITION):
        _position("known_at", known_at)
    else:
        known = _instant("known_at", known_at, now)
    return Moment(axis=axis, at=_instant("as_of", as_of or "now", now), known_at=known)


def _instant(name: str, text: str, now: datetime) -> str:
    return instant(now) if text == "now" else instant_of(name, text, is_end=True)


def _position(name: str, text: str) -> str:
    number = text.removeprefix(POSITION)
    if not (number.isascii() and number.isdecimal()) or int(number) > LARGEST:
        message = f"{text!r} names no place in the log; write position:1234"
        raise BadParameterError(name=name, message=message)
    return str(int(number))
