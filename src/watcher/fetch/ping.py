"""A sign of life: one bounded, guarded request a minute to somebody else's watchdog."""

from __future__ import annotations

from collections.abc import Callable

from watcher.errors import FetchError
from watcher.fetch.redirects import Ask
from watcher.ports import Request

_BYTES, _SECONDS = 65_536, 10.0


def pinger(ask: Ask, address: str, *, shown: str) -> Callable[[], None]:
    """Return what sends one sign of life, or raises `FetchError` where it was not taken.

    Args:
        ask: Makes one exchange.
        address: Where to; as a rule there is a secret in it.
        shown: The address as messages may show it.
    """
    request = Request(url=address, max_bytes=_BYTES, seconds=_SECONDS)

    def ping() -> None:
        try:
            status = ask(request).status
        except FetchError as error:
            message = f"the sign of life to {shown} was not taken: {error.kind}"
            # what the error says shows the address with its secret
            raise FetchError(message, kind=error.kind) from None
        if not 200 <= status < 300:
            message = f"the sign of life to {shown} was answered with status {status}"
            raise FetchError(message, kind="ping")

    return ping
