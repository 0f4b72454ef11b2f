"""Pages for commands: fetched as politely as the service would, or taken from files, and judged."""

from __future__ import annotations

from watcher.bootstrap import SystemClock, World, polite_fetcher, wait
from watcher.config.model import Config
from watcher.errors import NotFoundError
from watcher.ports import Answer, Request
from watcher.readers.judge import judge
from watcher.readers.reader import Payload, Reader
from watcher.readers.registry import READERS

_LARGEST = 50_000_000


def is_address(what: str) -> bool:
    """Return whether a person named a page of the web, not a file."""
    return what.startswith(("http://", "https://"))


def chosen(name: str) -> Reader:
    """Return the reader a person named.

    Raises:
        NotFoundError: There is none of that name.
    """
    if name not in READERS:
        message = f"there is no reader {name!r}; there are: {', '.join(READERS)}"
        raise NotFoundError(message)
    return READERS[name]


def fetched(url: str, config: Config, *, allow_private: bool = False) -> Answer:
    """Ask for a page as politely as the service would.

    Raises:
        FetchError: There was no usable answer.
    """
    world = World(clock=SystemClock(), sleep=wait)
    request = Request(url=url, max_bytes=_LARGEST, allow_private=allow_private)
    return polite_fetcher(config, world).fetch(request)


def payload_of(answer: Answer) -> Payload:
    """Return what an answer brought."""
    stated = answer.headers.get("content-type", "")
    return Payload(body=answer.body, media_type=stated, url=answer.url)


def believed(answer: Answer, url: str, reader: Reader) -> Payload:
    """Return what an answer brought, where it is the page that was asked for.

    Raises:
        NotFoundError: It is something else; the verdict says what.
    """
    judgement = judge(answer, url, reader)
    if not judgement.verdict.is_good:
        message = f"{url or 'the file'}: {judgement.verdict}: {judgement.reason}"
        raise NotFoundError(message)
    return payload_of(answer)
