"""Moments as people write them: a day, an instant, `now` or `position:N`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated

import typer

from watcher.bootstrap import SystemClock
from watcher.core.capture import instant
from watcher.services.past import POSITION, Moment


class Axis(StrEnum):
    """Which time is meant."""

    OBSERVED = "observed"
    RECORDED = "recorded"
    EFFECTIVE = "effective"


AxisOption = Annotated[
    Axis,
    typer.Option(
        help="observed: what looks had shown by then; recorded: what stood in the log; "
        "effective: what was so by the dates known."
    ),
]
KnownAt = Annotated[
    str,
    typer.Option(
        "--known-at",
        metavar="WHEN",
        help="By what stood in the log at a day, an instant or `position:N`; empty: today.",
    ),
]


def instant_of(text: str, option: str) -> str:
    """Return the instant that `text` means; a day means its last one.

    Args:
        text: `2024-12-01`, an instant (UTC where it names no zone) or `now`.
        option: The option it stands at, for the message.

    Raises:
        BadParameter: It is none of these.
    """
    if text == "now":
        return instant(SystemClock().now())
    try:
        if len(text) == len("2024-12-01"):
            return instant(datetime.combine(date.fromisoformat(text), time.max, UTC))
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is neither a day (2024-12-01), an instant nor `now`"
        raise typer.BadParameter(message, param_hint=option) from error
    return instant(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))


def moment_of(text: str, axis: Axis, known_at: str = "", *, option: str = "--as-of") -> Moment:
    """Return the moment that `text` means on `axis`; `position:N` is an axis of its own.

    Raises:
        BadParameter: A text is none, or `known_at` stands where the moment says it already.
    """
    is_position = text.startswith(POSITION)
    if known_at and (is_position or axis is Axis.RECORDED):
        message = "what stood in the log is asked for already: leave it out"
        raise typer.BadParameter(message, param_hint="--known-at")
    if is_position:
        return Moment(axis="position", at=_position(text, option))
    known = known_at
    if known_at.startswith(POSITION):
        _position(known_at, "--known-at")
    elif known_at:
        known = instant_of(known_at, "--known-at")
    return Moment(axis=axis.value, at=instant_of(text, option), known_at=known)


def in_words(moment: Moment) -> str:
    """Return a moment for the line above a table."""
    if moment.axis == "position":
        return f"position {moment.at} of the log"
    known = f", as known at {moment.known_at}" if moment.known_at else ""
    at = moment.at[:10] if moment.axis == "effective" else moment.at
    return f"{at} ({moment.axis}{known})"


def _position(text: str, option: str) -> str:
    number = text.removeprefix(POSITION)
    if not number.isdecimal():
        message = f"{text!r} names no place in the log; write position:1234"
        raise typer.BadParameter(message, param_hint=option)
    return number
