"""What a reader is and what it is given."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

from watcher.core.facts import Reading

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_ENOUGH_TO_GUESS = 65_536
_BEYOND_ASCII = re.compile("[^\x00-\x7f\ufffd]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_AS_BROWSERS_READ = {"ascii": "cp1252", "iso8859-1": "cp1252"}
"""Charsets that are stated where another one is meant (Encoding standard, labels)."""
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
        """Return the body as text: a byte order mark, the charset stated, else the likeliest.

        A statement of header or page is not believed against the bytes: what is UTF-8 with letters
        beyond ASCII is UTF-8, for in no other charset does a text happen to be that. A byte that
        does not fit becomes U+FFFD; a byte order mark is dropped.
        """
        for mark, charset in _MARKS:
            if self.body.startswith(mark):
                return self.body.removeprefix(mark).decode(charset, errors="replace")
        stated = self._stated_charsets()
        for charset in stated if self.body.isascii() else ["utf-8", *stated]:
            try:
                return self.body.decode(charset).removeprefix("\ufeff")
            except (UnicodeError, LookupError):
                continue
        if "utf-8" in stated[:-1] and (meant := self._as_if_utf8()):
            return meant
        from charset_normalizer import from_bytes  # noqa: PLC0415  one page in thousands needs it

        best = from_bytes(self.body[:_ENOUGH_TO_GUESS]).best()
        return self.body.decode(best.encoding if best else "utf-8", errors="replace")

    def _as_if_utf8(self) -> str:
        """Return the text of a body that is said to be UTF-8 and is not quite; empty: not at all.

        Where some of it is UTF-8, the rest is damage and gets its marks. Where none of it is, it is
        what browsers take a page for that says nothing: Western European. A guess would differ from
        day to day, and a name read otherwise would be news.
        """
        marked = self.body.decode("utf-8", errors="replace")
        if _BEYOND_ASCII.search(marked):
            return marked
        try:
            return self.body.decode("cp1252")
        except UnicodeDecodeError:
            return ""

    def _stated_charsets(self) -> list[str]:
        header = _CHARSET.search(self.media_type)
        meta = _META.search(self.body[:4096])
        stated = [header[1]] if header else []
        stated += [meta[1].decode("ascii", "replace")] if meta else []
        return [*filter(None, map(_read_as, stated)), "utf-8"]


def _read_as(stated: str) -> str:
    """Return the charset to read a page in that states `stated`; empty: none that pages have."""
    try:
        name = codecs.lookup(stated).name
    except LookupError:
        return ""
    return "" if name in _NOT_OF_PAGES else _AS_BROWSERS_READ.get(name, name)


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
