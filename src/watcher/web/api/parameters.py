"""What may stand in an address: every parameter is known, of its kind and named when it is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, TypeAlias

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter
from litestar.utils.signature import ParsedSignature

from watcher.core.capture import instant

LARGEST = 2**53 - 1
"""The largest number that every program's JSON can hold."""
MOST = 1_000
"""How many things one page has at most."""
USUAL = 100

Limit: TypeAlias = Annotated[
    int, QueryParameter(ge=1, le=MOST, description="How many at most, in one page.")
]
After: TypeAlias = Annotated[
    int,
    QueryParameter(
        ge=0, le=LARGEST, description="Go on after this one: `after` of the page before."
    ),
]
Since: TypeAlias = Annotated[
    str,
    QueryParameter(
        max_length=40,
        description="From this day or instant on: `2024-12-01`, `2024-12-01T06:00:00Z`.",
        examples=[Example(value="2024-12-01")],
    ),
]
Until: TypeAlias = Annotated[
    str,
    QueryParameter(
        max_length=40, description="Up to this instant; a day means its end. See `since`."
    ),
]
AsOf: TypeAlias = Annotated[
    str,
    QueryParameter(
        max_length=40,
        description="As of this moment: a day (its end), an instant, `now` or `position:1234`. "
        "Empty: now.",
        examples=[Example(value="position:1")],
    ),
]
KnownAt: TypeAlias = Annotated[
    str,
    QueryParameter(
        name="known_at",
        max_length=40,
        description="By what stood in the log at this day, instant or `position:1234`. "
        "Empty: today.",
    ),
]
SourceId: TypeAlias = Annotated[
    str, QueryParameter(max_length=100, description="Only of this source, by its id.")
]
CaseKey: TypeAlias = Annotated[
    str,
    PathParameter(
        pattern="^[0-9a-f]{8,64}$",
        description="The case's key, or its beginning.",
        examples=[Example(value="3f0a9c1d")],
    ),
]


class BadParameterError(HTTPException):
    """A parameter cannot be used as it was given.

    Attributes:
        extra: The parameter and what is wrong with it, for programs.
    """

    status_code = 422

    def __init__(self, *, name: str, message: str) -> None:
        super().__init__(
            detail=f"{name}: {message}", extra=[{"parameter": name, "message": message}]
        )


def only_known(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse a request with a parameter that its operation does not have.

    One that is misspelt would be passed over, and the answer be of something else.

    Raises:
        BadParameterError: There is one, or one that can stand once stands there twice.
    """
    known = {called: is_list for _, called, is_list in _parameters(handler)}
    for name, values in connection.query_params.dict().items():
        if name not in known:
            there_are = ", ".join(sorted(known)) or "none"
            message = f"there is no such parameter; there are: {there_are}"
            raise BadParameterError(name=name[:40], message=message)
        if len(values) > 1 and not known[name]:
            raise BadParameterError(name=name, message="it stands there more than once")


def called(handler: BaseRouteHandler, name: str) -> str:
    """Return what a parameter is called in addresses, by its name in the operation's function."""
    names = {ours: theirs for ours, theirs, _ in _parameters(handler)}
    return names.get(name, name)


def _parameters(handler: BaseRouteHandler) -> Iterator[tuple[str, str, bool]]:
    """Yield each query parameter's name here and in addresses, and whether it may be repeated."""
    yield from _of(handler.parsed_fn_signature)
    for name, provider in handler.resolve_dependencies().items():
        if name in handler.parsed_fn_signature.parameters:
            yield from _of(provider.parsed_fn_signature)


def _of(signature: ParsedSignature) -> Iterator[tuple[str, str, bool]]:
    for name, field in signature.parameters.items():
        kwarg = field.kwarg_definition
        if isinstance(kwarg, QueryParameter):
            yield name, kwarg.name or name, field.is_non_string_sequence


def instant_of(name: str, text: str, *, is_end: bool = False) -> str:
    """Return the instant that a parameter means, RFC 3339 UTC; empty: none.

    Args:
        name: The parameter's name, for the refusal.
        text: A day or an instant; UTC where it names no zone.
        is_end: Whether a day means its last instant.

    Raises:
        BadParameterError: It is neither.
    """
    if not text:
        return ""
    try:
        if len(text) == len("2024-12-01"):
            edge = time.max if is_end else time.min
            return instant(datetime.combine(date.fromisoformat(text), edge, UTC))
        moment = datetime.fromisoformat(text)
        return instant(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        message = f"{text!r} is neither a day (2024-12-01) nor an instant (2024-12-01T06:00:00Z)"
        raise BadParameterError(name=name, message=message) from error
