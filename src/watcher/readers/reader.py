"""What a reader is and what it is given."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

from charset_normalizer import from_bytes

from watcher.core.facts import Reading

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_ENOUGH_TO_GUESS = 65_536
_NOT_OF_PAGES = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
"""Python's own codecs that no page is written in: they are slow, or make half surrogate pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The bytes of a snapshot and what came with them.

    Attributes:
        body: The decoded body (no content encoding left).
        media_type: The Content-Type header as sent, or empty.
        url: The address it was fetched from, to resolve links against.
    """

    body: bytes
    media_type: str = ""
    url: str = ""

    def text(self) -> str:
        """Return the body as text: the charset stated by header or page, else the likeliest.

        A byte that does not fit becomes U+FFFD; a byte order mark is dropped.
        """
        for charset in self._stated_charsets():
            try:
                return self.body.decode(charset).removeprefix("\ufeff")
            except (UnicodeError, LookupError):
                continue
        best = from_bytes(self.body[:_ENOUGH_TO_GUESS]).best()
        return self.body.decode(best.encoding if best else "utf-8", errors="replace")

    def _stated_charsets(self) -> list[str]:
        header = _CHARSET.search(self.media_type)
        meta = _META.search(self.body[:4096])
        stated = [header[1]] if header else []
        stated += [meta[1].decode("ascii", "replace")] if meta else []
        return [*(name for name in stated if _is_of_pages(name)), "utf-8"]


def _is_of_pages(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name not in _NOT_OF_PAGES
    except LookupError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A named, versioned pure function from a payload to a reading.

    Attributes:
        name: As written in `sources.yaml`: `ema_medicine_page`.
        version: Raised whenever the same bytes would give other facts.
        about: What it reads, in one line.
        read: The function; raises `ReadError` where it does not understand.
        markers: Texts of which at least one stands on every page of this kind, whatever its
            state, and on no block, maintenance or error page; compared folded.
        ends_with: What the body ends with when it is whole, such as `</html>`; empty: no such mark.
    """

    name: str
    version: int
    about: str
    read: Callable[[Payload], Reading]
    markers: tuple[str, ...] = ()
    ends_with: str = ""

    @property
    def id(self) -> str:
        """Return `name@version`."""
        return f"{self.name}@{self.version}"
