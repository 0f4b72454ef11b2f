"""What is new, pushed to whoever has a page open: server-sent events, resumed without losing one.

The id of a message is a position of the log up to which everyone has been alerted, so that a case
is always there when it is told of. A reader who comes back with the last id they had (the
browser does so by itself) is sent all that came since.
"""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, NamedTuple

import anyio
import anyio.to_thread
from litestar import Controller, Request, Response, get
from litestar.params import QueryParameter
from litestar.response import Stream

from watcher.bootstrap import Watcher
from watcher.core.access import Act
from watcher.ports.store import EventFilter, Work
from watcher.services.acknowledge import ABOUT
from watcher.services.alert import CONSUMER
from watcher.services.cases import case_view
from watcher.web.callers import caller_of
from watcher.web.cookies import session_of
from watcher.web.outside import outside
from watcher.web.site import Site

MOST_READERS = 16
"""How many pages are kept up to date at once; the others are as they were loaded."""
_EVENTS = 200
_FURTHEST = 2**53
_BUSY = 503


class Pass(NamedTuple):
    """What one look for news found: messages as they are sent, how far it got, and what is open."""

    messages: tuple[str, ...]
    position: int
    open: int
    is_more: bool = False


@dataclass(slots=True)
class Live:
    """Everyone who has a page open.

    Attributes:
        watcher: Whose news it is.
        pause: Seconds between two looks for news.
        beat: Seconds of silence after which a comment shows that the line still stands.
        retry: Milliseconds after which a browser comes back when it was cut off.
        most: How many readers there are at most.
    """

    watcher: Watcher
    pause: float = 1.0
    beat: float = 15.0
    retry: int = 5_000
    most: int = MOST_READERS
    readers: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def close(self) -> None:
        """Let every line end, within one pause: the service does."""
        self._over.set()

    def position(self) -> int:
        """Return the position up to which everyone has been alerted."""
        with self.watcher.store.reading() as work:
            return work.checkpoint(CONSUMER)

    async def lines(
        self, after: int, is_welcome: Callable[[], bool] = lambda: True
    ) -> AsyncIterator[str]:
        """Yield what is sent to one reader, from a position on, until the service ends.

        Args:
            after: The position.
            is_welcome: Whether the reader may still be told; the line ends when they may not.
        """
        self.readers += 1
        try:
            yield f"retry: {self.retry}\n\n"
            async for message in self._messages(after, is_welcome):
                yield message
        finally:
            self.readers -= 1

    async def _messages(self, after: int, is_welcome: Callable[[], bool]) -> AsyncIterator[str]:
        known, silent = (-1, -1), 0.0
        while not self._over.is_set() and await anyio.to_thread.run_sync(is_welcome):
            found = await anyio.to_thread.run_sync(partial(self._look, after))
            for message in found.messages:
                yield message
            after, now = found.position, (found.position, found.open)
            if now != known:
                yield _message("head", after, {"position": after, "open": found.open})
                known, silent = now, 0.0
            elif silent >= self.beat:
                yield ": still here\n\n"
                silent = 0.0
            if not found.is_more:
                await anyio.sleep(self.pause)
                silent += self.pause

    def _look(self, after: int) -> Pass:
        """Return what there is after a position; one that lies ahead is another store's."""
        with self.watcher.store.reading() as work:
            alerted = work.checkpoint(CONSUMER)
            after = min(after, alerted)
            told = work.log.read(EventFilter(after=after, limit=_EVENTS)) if after < alerted else ()
            last = after
            found: list[tuple[str, int, str]] = []
            for each in told:
                if each.position > alerted:
                    break
                last = each.position
                found.extend(_news(work, last, each.event.type, each.event.subject.id))
            count = work.case_states.count_open()
        messages = tuple(
            _message(name, position, self._in_words(key)) for name, position, key in found
        )
        return Pass(messages, last, count, is_more=last < alerted)

    def _in_words(self, key: str) -> dict[str, object]:
        view = case_view(self.watcher.store, key, self.watcher.naming)
        return {
            "case": key,
            "severity": view.severity,
            "title": view.title,
            "what": view.what,
            "state": view.state,
        }


def _news(work: Work, position: int, kind: str, subject: str) -> Iterator[tuple[str, int, str]]:
    """Yield the case that an event opens, or the one that a person has answered by it."""
    if kind in ABOUT:
        if work.cases.named(subject):
            yield "answer", position, subject
        return
    row = work.cases.of_event(position)
    if row is not None and row.lead == position:
        yield "case", position, row.key


def _message(name: str, position: int, told: dict[str, object]) -> str:
    return f"id: {position}\nevent: {name}\ndata: {json.dumps(told)}\n\n"


class LivePage(Controller):
    """The line to an open page."""

    path = "/live"
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @get("/")
    async def listen(
        self,
        request: Request[Any, Any, Any],
        after: Annotated[int, QueryParameter(ge=0, le=_FURTHEST)] = _FURTHEST,
    ) -> Stream | Response[str]:
        """Send what is new: cases, answers, and how many are open, as it comes.

        `Last-Event-ID` says where the reader was, else `after`; without either it begins now.
        """
        live: Live = request.app.state.live
        if live.readers >= live.most:
            return Response(
                "enough pages are kept up to date; this one is as it was loaded\n",
                status_code=_BUSY,
                media_type="text/plain",
                headers={"Retry-After": "60"},
            )
        last = request.headers.get("last-event-id", "")
        begin = int(last) if last.isdecimal() and len(last) <= len(str(_FURTHEST)) else after
        headers = {"X-Accel-Buffering": "no"}
        lines = live.lines(begin, _welcome(request))
        return Stream(lines, media_type="text/event-stream", headers=headers)


def _welcome(request: Request[Any, Any, Any]) -> Callable[[], bool]:
    """Return what tells whether whoever asked may still be told what is new."""
    site: Site = request.app.state.site
    caller = caller_of(request)
    if site.callers is None or caller is None:
        return lambda: True
    secret = session_of(request.headers, outside(request.scope))
    bearer = request.headers.get("authorization", "").partition(" ")[2].strip()
    return partial(site.callers.is_still, caller, bearer if caller.way == "token" else secret)
