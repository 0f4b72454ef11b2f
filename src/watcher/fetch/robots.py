"""robots.txt: whether we are welcome, by RFC 9309, and how slowly we should walk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from protego import Protego

from watcher.core.capture import instant
from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.guard import authority, checked_url
from watcher.fetch.pauses import A_DAY
from watcher.ports import Answer, Clock, Request
from watcher.ports.hosts import HostLedger, RobotsCopy

TOKEN = "watcher"  # noqa: S105 (the product token of RFC 9309: the name rules are written for)
"""What robots.txt calls us."""

LONG_ENOUGH = timedelta(days=30)
"""After so long without an answer RFC 9309 (2.3.1.4) lets us take the file as not there."""

_PARSED_BYTES = 512_000  # the least that RFC 9309 (2.5) asks a guest to read; what follows is noise
_MAX_BYTES = 5_000_000
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Page:
    """A robots.txt parsed, or why there is none, until a monotonic second."""

    rules: Protego | FetchError
    until: float


@dataclass(slots=True)
class _Shelf:
    lock: Lock = field(default_factory=Lock)
    page: _Page | None = None


class RobotsBook:
    """Keeps each server's robots.txt for a day, across restarts, and answers from it.

    No such file (4xx) means no restriction. A server that cannot be reached or fails (5xx, and
    429, which says "not now" and not "no such file") means: stay out, unless an older copy is at
    hand, or it has been so for 30 days.
    """

    def __init__(
        self,
        fetch: Callable[[Request], Answer],
        clock: Clock,
        ledger: HostLedger,
        again: float = 300.0,
    ) -> None:
        """Open the book.

        Args:
            fetch: Fetches one file, redirects followed, without asking this book.
            clock: Tells how old a copy is.
            ledger: Remembers the copies.
            again: After how many seconds to ask again for a file that could not be read.
        """
        self._fetch = fetch
        self._clock = clock
        self._ledger = ledger
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
        host = authority(request.url)
        root = f"{checked_url(request.url).scheme}://{host}"
        with self._lock:
            shelf = self._shelves.setdefault(root, _Shelf())
        with shelf.lock:
            if shelf.page is None or self._clock.monotonic() >= shelf.page.until:
                shelf.page = self._page(host, root, request)
            return shelf.page.rules

    def _page(self, host: str, root: str, request: Request) -> _Page:
        known = self._ledger.robots(host, root)
        left = self._seconds_left(known) if known else 0.0
        if known is None or left <= 0:
            known = self._asked(root, request, known or RobotsCopy())
            self._ledger.keep_robots(host, root, known)
            left = self._again if known.failure else A_DAY
        return _Page(self._parsed(known), until=self._clock.monotonic() + left)

    def _seconds_left(self, copy: RobotsCopy) -> float:
        """Return for how long a copy holds; one from the future tells of a clock set back."""
        holds = self._again if copy.failure else A_DAY
        age = (self._clock.now() - datetime.fromisoformat(copy.tried_at)).total_seconds()
        return holds - age if age >= 0 else 0.0

    def _asked(self, root: str, request: Request, old: RobotsCopy) -> RobotsCopy:
        asking = Request(
            url=f"{root}/robots.txt",
            etag=old.etag,
            last_modified=old.last_modified,
            max_bytes=_MAX_BYTES,
            seconds=_SECONDS,
            allow_private=request.allow_private,
        )
        try:
            answer = self._fetch(asking)
        except FetchError as error:
            # A refusal and a pause are ours, not the server's; they are no news about its rules.
            if isinstance(error, FetchRefusedError) or error.kind == "paused":
                raise
            return self._failed(old, str(error), error.kind)
        is_new = answer.status != 304
        if answer.status == 429 or answer.status >= 500 or not (is_new or old.at):
            return self._failed(old, f"status {answer.status}", "robots")
        now = instant(self._clock.now())
        if not is_new:
            return replace(old, at=now, tried_at=now, failing_since="", failure="", kind="")
        is_there = 200 <= answer.status < 300
        return RobotsCopy(
            text=_text(answer.body) if is_there else "",
            at=now,
            etag=answer.headers.get("etag", "") if is_there else "",
            last_modified=answer.headers.get("last-modified", "") if is_there else "",
            tried_at=now,
        )

    def _failed(self, old: RobotsCopy, failure: str, kind: str) -> RobotsCopy:
        now = instant(self._clock.now())
        since = old.failing_since or now
        return replace(old, tried_at=now, failing_since=since, failure=failure, kind=kind)

    def _parsed(self, copy: RobotsCopy) -> Protego | FetchError:
        if copy.failure and not copy.at:
            since = datetime.fromisoformat(copy.failing_since)
            if self._clock.now() - since < LONG_ENOUGH:
                return FetchError(copy.failure, kind=copy.kind)
        return Protego.parse(copy.text)


def _text(body: bytes) -> str:
    """Return the rules in `body`, as far as they are read, without half a line at the end."""
    if len(body) > _PARSED_BYTES:
        body = body[:_PARSED_BYTES].rpartition(b"\n")[0]
    return body.decode("utf-8", "replace").removeprefix("\ufeff")
