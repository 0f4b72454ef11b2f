"""robots.txt: whether we are welcome, by RFC 9309, and how slowly we should walk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from protego import Protego

from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.guard import authority, checked_url
from watcher.fetch.pauses import A_DAY
from watcher.ports import Answer, Clock, Request

TOKEN = "watcher"  # noqa: S105 (the product token of RFC 9309: the name rules are written for)
"""What robots.txt calls us."""

_MAX_BYTES = 1_000_000
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Copy:
    """A robots.txt as we know it until an instant, or what came instead of it."""

    rules: Protego | FetchError
    until: float


@dataclass(slots=True)
class _Shelf:
    lock: Lock = field(default_factory=Lock)
    copy: _Copy | None = None


class RobotsBook:
    """Keeps each server's robots.txt for a day and answers from it.

    No such file (4xx) means no restriction. A server that cannot be reached or fails (5xx, and
    429, which says "not now" and not "no such file") means: stay out, unless an older copy is at
    hand.
    """

    def __init__(
        self, fetch: Callable[[Request], Answer], clock: Clock, again: float = 300.0
    ) -> None:
        """Make an empty book.

        Args:
            fetch: Fetches one file, redirects followed, without asking this book.
            clock: Tells how old a copy is.
            again: After how many seconds to ask again for a file that could not be read.
        """
        self._fetch = fetch
        self._clock = clock
        self._again = again
        self._shelves: dict[str, _Shelf] = {}
        self._lock = Lock()

    def admit(self, request: Request) -> float:
        """Return the crawl delay the server asks for, in seconds, or 0.

        Raises:
            FetchRefusedError: Kind `robots`: the rules forbid the address.
            FetchError: The rules cannot be read for now, so nothing may be asked; the kind is
                that of the failure, `robots` for a failing server's answer.
        """
        rules = self._rules(request)
        if isinstance(rules, FetchError):
            message = f"robots.txt of {authority(request.url)} cannot be read: {rules}"
            raise FetchError(message, kind=rules.kind)
        if not rules.can_fetch(request.url, TOKEN):
            message = f"robots.txt of {authority(request.url)} forbids {request.url}"
            raise FetchRefusedError(message, kind="robots")
        return min(rules.crawl_delay(TOKEN) or 0.0, A_DAY)

    def _rules(self, request: Request) -> Protego | FetchError:
        root = f"{checked_url(request.url).scheme}://{authority(request.url)}"
        with self._lock:
            shelf = self._shelves.setdefault(root, _Shelf())
        with shelf.lock:
            if shelf.copy is None or self._clock.monotonic() >= shelf.copy.until:
                shelf.copy = self._fetched(root, request, shelf.copy)
            return shelf.copy.rules

    def _fetched(self, root: str, request: Request, old: _Copy | None) -> _Copy:
        try:
            answer = self._fetch(
                Request(
                    url=f"{root}/robots.txt",
                    max_bytes=_MAX_BYTES,
                    seconds=_SECONDS,
                    allow_private=request.allow_private,
                )
            )
        except FetchError as error:
            # A refusal and a pause are ours, not the server's; they are no news about its rules.
            if isinstance(error, FetchRefusedError) or error.kind == "paused":
                raise
            return self._without(old, FetchError(str(error), kind=error.kind))
        if answer.status == 429 or answer.status >= 500:
            return self._without(old, FetchError(f"status {answer.status}", kind="robots"))
        text = answer.body.decode("utf-8", "replace") if 200 <= answer.status < 300 else ""
        rules = Protego.parse(text.removeprefix("\ufeff"))
        return _Copy(rules, until=self._clock.monotonic() + A_DAY)

    def _without(self, old: _Copy | None, failure: FetchError) -> _Copy:
        rules = old.rules if old and isinstance(old.rules, Protego) else failure
        return _Copy(rules, until=self._clock.monotonic() + self._again)
