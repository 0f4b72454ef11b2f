"""How long to leave a server alone, by what it answered; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from watcher.errors import FetchError
from watcher.ports import Answer

A_DAY = 86_400.0
"""Seconds; a server that asks for ten years of peace gets a day, and is then asked again."""

_BUSY = frozenset({429, 503})
_FAULTS = frozenset({"connection", "dns", "protocol", "timeout", "tls", "truncated"})
_EMA = "www.ema.europa.eu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What one host is owed.

    Attributes:
        gap: Seconds between the end of one request and the start of the next; 0 for a server of
            one's own.
        budget: How many requests a day, in UTC, at most.
        connections: How many requests at the same time.
    """

    gap: float = 1.0
    budget: int = 2_000
    connections: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a guest behaves; times in seconds.

    Attributes:
        owed: What a host is owed of which nothing else is said.
        hosts: What single hosts are owed, by `host:port`, `host`, or the domain that hosts are in.
        patience: The longest a caller is kept waiting for its turn; beyond it he is told when to
            come back.
        failures: After how many failures in a row a host is left alone for a while.
        first_pause: How long at first; it doubles with every further failure.
        longest_pause: Where the doubling ends.
        jitter: The share by which a pause may be shorter, drawn anew for each, so that guests
            turned away together do not come back together.
        robots_again: How soon to ask again for a robots.txt that could not be read.
    """

    owed: Owed = field(default_factory=Owed)
    hosts: Mapping[str, Owed] = field(
        default_factory=lambda: MappingProxyType({_EMA: Owed(gap=10.0)})
    )
    patience: float = 60.0
    failures: int = 5
    first_pause: float = 60.0
    longest_pause: float = 21_600.0
    jitter: float = 0.25
    robots_again: float = 300.0

    def owed_to(self, host: str) -> Owed:
        """Return what `host` is owed; it may carry a port."""
        if host in self.hosts:
            return self.hosts[host]
        name = host if host.endswith("]") else host.rsplit(":", 1)[0]
        while name:
            if name in self.hosts:
                return self.hosts[name]
            name = name.partition(".")[2]
        return self.owed

    def pause_after(self, failures: int, seed: str = "") -> float:
        """Return how long to leave a host alone after so many failures in a row."""
        if failures < self.failures:
            return 0.0
        return self.grown(failures - self.failures, seed)

    def grown(self, doublings: int, seed: str = "") -> float:
        """Return the first pause doubled so many times, up to the longest, less its jitter."""
        rest = min(self.first_pause * 2.0 ** min(doublings, 60), self.longest_pause)
        drawn = hashlib.sha256(f"{seed} {doublings}".encode()).digest()
        return rest * (1.0 - self.jitter * int.from_bytes(drawn[:4]) / 2**32)


def is_fault(outcome: Answer | FetchError) -> bool:
    """Return whether `outcome` says that the host is unwell or wants no guests.

    403 counts: that is how a content delivery network turns a guest away from all its pages. A
    page too large, say, is the page's trouble, and the host behind it is well.
    """
    if isinstance(outcome, FetchError):
        return outcome.kind in _FAULTS
    return outcome.status in (403, 429) or outcome.status >= 500


def pause(
    outcome: Answer | FetchError, failures: int, manners: Manners, now: datetime, seed: str = ""
) -> float:
    """Return for how many seconds to leave the host alone.

    Args:
        outcome: What came of the request.
        failures: How many faults in a row, this one included.
        manners: How a guest behaves.
        now: The present instant, for an answer that has no date of its own.
        seed: Draws the jitter; the host's name.
    """
    if not is_fault(outcome):
        return 0.0
    rest = manners.pause_after(failures, seed)
    if isinstance(outcome, FetchError):
        return rest
    asked = retry_after(outcome.headers, now)
    if asked is not None:
        return max(asked, rest)
    return max(manners.grown(failures - 1, seed), rest) if outcome.status in _BUSY else rest


def fault(outcome: Answer | FetchError, failures: int) -> str:
    """Return in words why a host is left alone after `outcome`, the last of so many faults."""
    what = outcome.kind if isinstance(outcome, FetchError) else f"status {outcome.status}"
    if isinstance(outcome, Answer) and "retry-after" in outcome.headers:
        return f"{what}: it asked for a pause"
    return what if failures == 1 else f"{what}, fault {failures} in a row"


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds of `Retry-After` (RFC 9110, 10.2.3), at most a day; None: none or garbage.

    A date is counted from the answer's own `Date`, so that a wrong clock, ours or theirs, does
    not matter; from `now` where the answer has none.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(min(int(value[:12]), A_DAY))
    until = _http_date(value)
    if until is None:
        return None
    seconds = (until - (_http_date(headers.get("date", "")) or now)).total_seconds()
    return min(max(seconds, 0.0), A_DAY)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
