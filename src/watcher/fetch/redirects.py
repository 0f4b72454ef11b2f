"""Following redirects by hand: each hop is a request of its own, checked and paced as such."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.address import Address, joined
from watcher.fetch.guard import authority, checked_url
from watcher.ports import Answer, Request

Ask = Callable[[Request], Answer]
"""One exchange: a redirect is an answer like any other."""

_LONGEST = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def is_redirect(answer: Answer) -> bool:
    """Return whether `answer` sends us elsewhere."""
    return answer.status in _REDIRECTS and "location" in answer.headers


def follow(ask: Ask, request: Request) -> Answer:
    """Return the answer at the end of at most five redirects.

    The request's seconds are those of all hops together, without the politeness between them.

    Raises:
        FetchError: Kind `redirect`: there is no end; or whatever `ask` raises.
        FetchRefusedError: Kind `redirect`: from https to http; or the guard refused a hop.
    """
    hop, spent = request, 0
    for _ in range(_LONGEST + 1):
        answer = ask(hop)
        spent += answer.milliseconds
        if not is_redirect(answer):
            return replace(answer, milliseconds=spent)
        hop = _next_hop(request, hop, answer.headers["location"], spent)
    message = f"{request.url} is redirected more than {_LONGEST} times"
    raise FetchError(message, kind="redirect", is_transient=False)


def _next_hop(first: Request, hop: Request, location: str, spent: int) -> Request:
    """Return the request for where `location` leads.

    Of the validators only the ETag goes along: the date of the page we knew could excuse another,
    older page from being sent at all. And the permission to ask private addresses is for the host
    and port the source names, not for wherever that host sends us: its database listens next door.
    """
    here = checked_url(hop.url)
    target = _joined(here, location)
    there = checked_url(target)
    if here.scheme == "https" and there.scheme == "http":
        message = f"{hop.url} redirects from https to {target}"
        raise FetchRefusedError(message, kind="redirect")
    stays = authority(target) == authority(first.url)
    seconds = first.seconds - spent / 1000
    if seconds <= 0:
        message = f"{first.url} is still being redirected after {first.seconds:g} s"
        raise FetchError(message, kind="timeout")
    return replace(
        hop,
        url=target,
        last_modified="",
        seconds=seconds,
        allow_private=first.allow_private and stays,
    )


def _joined(here: Address, location: str) -> str:
    try:
        return joined(here, location)
    except ValueError as error:
        message = f"{here} redirects to {location[:200]!r}, which is no address"
        raise FetchError(message, kind="redirect", is_transient=False) from error
