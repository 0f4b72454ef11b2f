"""Which captures there are of an address, as a Memento TimeMap (RFC 7089, section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from watcher.core.capture import Capture

DEFAULT_BASE = "http://127.0.0.1:8080/memento/"
"""Where the pages of this program would be served on this machine."""
LINK_FORMAT = "application/link-format"
_UNSAFE = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]")
"""What must not stand between the angle brackets of a link."""


@dataclass(frozen=True, slots=True)
class Memento:
    """The target as it was at an instant.

    Attributes:
        uri: Where it can be seen.
        at: When it was captured, RFC 3339 UTC.
        payload: The digest of its bytes, `sha256:…`; of a "not modified", those before.
    """

    uri: str
    at: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeMap:
    """All mementos of one target, the oldest first.

    Attributes:
        original: The target's address.
        base: The address that mementos begin with.
        mementos: The captures that show the target as it was.
    """

    original: str
    base: str
    mementos: tuple[Memento, ...]

    @property
    def timegate(self) -> str:
        """Return where a client asks for the memento nearest to an instant."""
        return f"{self.base}timegate/{self.original}"

    def uri(self, form: str) -> str:
        """Return this map's own address in a form: `link` or `json`."""
        return f"{self.base}timemap/{form}/{self.original}"

    def link_format(self) -> Iterator[str]:
        """Yield the map in `application/link-format` (RFC 6690), one link a line."""
        span = ""
        if self.mementos:
            first, last = self.mementos[0], self.mementos[-1]
            span = f'; from="{_http_date(first.at)}"; until="{_http_date(last.at)}"'
        links = [
            f'<{self.original}>; rel="original"',
            f'<{self.uri("link")}>; rel="self"; type="{LINK_FORMAT}"{span}',
            f'<{self.uri("json")}>; rel="timemap"; type="application/json"{span}',
            f'<{self.timegate}>; rel="timegate"',
        ]
        links += (
            f'<{each.uri}>; rel="{self._relation(at)}"; datetime="{_http_date(each.at)}"'
            for at, each in enumerate(self.mementos)
        )
        for at, link in enumerate(links, start=1):
            yield f"{link},\n" if at < len(links) else f"{link}\n"

    def _relation(self, at: int) -> str:
        ends = ["first"] * (at == 0) + ["last"] * (at == len(self.mementos) - 1)
        return " ".join([*ends, "memento"])

    def plain(self) -> dict[str, object]:
        """Return the map as what JSON knows, with the names that aggregators of archives use."""
        told = [
            {"datetime": each.at, "uri": each.uri, "payload": each.payload}
            for each in self.mementos
        ]
        ends = {"first": told[0], "last": told[-1]} if told else {}
        return {
            "original_uri": self.original,
            "timegate_uri": self.timegate,
            "timemap_uri": {"link_format": self.uri("link"), "json_format": self.uri("json")},
            "mementos": {**ends, "list": told},
        }


def time_map(target_url: str, captures: Iterable[Capture], base: str = DEFAULT_BASE) -> TimeMap:
    """Return the mementos of a target.

    Only captures that were good are mementos: a firewall's page is not what the target was. Two in
    one second are one memento, since its address tells the second.

    Args:
        target_url: The address that was asked for.
        captures: Its captures, the oldest first.
        base: The address that mementos begin with.
    """
    original, base = _address(target_url), f"{_address(base).rstrip('/')}/"
    found: dict[str, Memento] = {}
    payload = ""
    for each in captures:
        if not each.verdict.is_good:
            continue
        payload = each.digest or payload
        stamp = f"{datetime.fromisoformat(each.at).astimezone(UTC):%Y%m%d%H%M%S}"
        if payload and stamp not in found:
            found[stamp] = Memento(f"{base}{stamp}/{original}", each.at, payload)
    return TimeMap(original=original, base=base, mementos=tuple(found.values()))


def _http_date(at: str) -> str:
    """Return an instant as RFC 1123 has it: `Sat, 14 Dec 2024 12:00:00 GMT`."""
    return format_datetime(datetime.fromisoformat(at).astimezone(UTC), usegmt=True)


def _address(url: str) -> str:
    return _UNSAFE.sub(lambda found: quote(found[0], safe="", errors="replace"), url)
