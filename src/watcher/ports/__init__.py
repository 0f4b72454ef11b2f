"""What the steps need from the world, as protocols; the stores, fetchers and channels keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; only `bootstrap` makes a real one."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards, whatever happens to the wall clock."""
        ...


class Sleeper(Protocol):
    """Waits; tests pass one that does not."""

    def __call__(self, seconds: float, /) -> None:
        """Return after `seconds`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One conditional GET.

    Attributes:
        url: An http or https address.
        etag: The validator of the last good capture, sent as If-None-Match; empty: none.
        last_modified: Likewise, sent as If-Modified-Since.
        max_bytes: How large the decoded body may be.
        seconds: How long the whole exchange may take.
        allow_private: Whether loopback and private addresses may be asked (a source must say so).
    """

    url: str
    etag: str = ""
    last_modified: str = ""
    max_bytes: int = 20_000_000
    seconds: float = 60.0
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered, whatever its status.

    Attributes:
        url: The address that answered, after redirects.
        status: The HTTP status; 304 for "not modified".
        headers: By lower-case name; repeated ones joined by a comma.
        body: The body with its content encoding undone.
        milliseconds: How long it took, without the politeness before it.
    """

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    milliseconds: int = 0


class Fetcher(Protocol):
    """Asks servers, politely and within limits."""

    def fetch(self, request: Request) -> Answer:
        """Return the answer.

        Raises:
            FetchError: There was none that can be used.
            FetchRefusedError: We would not ask.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One POST to a receiver of messages.

    Attributes:
        url: An http or https address.
        headers: What it carries besides what every request of ours does.
        body: Its bytes.
        seconds: How long the whole exchange may take.
        allow_private: Whether loopback and private addresses may be asked (an address must say so).
    """

    url: str
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 60.0
    allow_private: bool = False


class Poster(Protocol):
    """Hands messages to web servers, within limits."""

    def post(self, post: Post) -> Answer:
        """Return the answer, whatever its status; a redirect is an answer like any other.

        Raises:
            FetchError: There was none; kind `unreachable`, `dns`, `tls` or `address` where nothing
                had been sent.
            FetchRefusedError: We would not ask.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One message to one recipient through one channel.

    Attributes:
        key: What makes it this message: the same happening gives the same key, so a doubled
            delivery can be recognised. `Message-ID` is made of it.
        subject: Tells severity, medicine, from → to and date on a phone's lock screen.
        text: The whole message as plain text.
        html: The same with hierarchy; empty for channels without it.
        chat: Five lines in Markdown.
        in_reply_to: The key of the message this one follows up; empty: it is the first.
        attachments: Files that go with it; made when it is sent, never kept in the outbox.
        data: What it tells, for programs: plain values that JSON knows.
        unsubscribe: An https address that ends such messages with one POST (RFC 8058); of digests
            alone, empty: none.
    """

    key: str
    subject: str
    text: str
    html: str = ""
    chat: str = ""
    in_reply_to: str = ""
    attachments: tuple[Attachment, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a message, for channels that carry files.

    Attributes:
        name: Its file name.
        media_type: `text/calendar`, `application/zip` …
        body: Its bytes.
    """

    name: str
    media_type: str
    body: bytes


class Channel(Protocol):
    """A way to one recipient."""

    @property
    def id(self) -> str:
        """Return the channel's id in `sources.yaml`."""
        ...

    def send(self, envelope: Envelope) -> str:
        """Send it and return what the receiver said, with secrets hidden.

        Raises:
            DeliveryError: It was not taken, or we cannot know whether it was.
        """
        ...
