"""How long a payload is kept: what an event rests on for ever, the rest by rule.

Never taken are the payload of any event, also of one that was set aside; any payload that an event
names; the last good payload before each event, which is what it was a change from; and the last
two good payloads of every address.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.core.capture import Capture
from watcher.core.events import Recorded
from watcher.core.settle import NEVER

_DAY = 86_400
_NAMED = re.compile(r"sha256:[0-9a-f]{64}")
_GOOD_ONES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how long payloads are kept that no event rests on.

    Attributes:
        unbelieved: Seconds for payloads that were not believed: blocked, failed, truncated ones;
            `NEVER`: for ever.
        unchanged: Seconds for good payloads that brought no event; `NEVER`: for ever.
    """

    unbelieved: int = 90 * _DAY
    unchanged: int = NEVER


@dataclass(slots=True)
class _Seen:
    """What the ledger says of one payload."""

    last: str = ""
    is_good: bool = False


def named(told: Iterable[Recorded]) -> Iterator[str]:
    """Yield the digest of each payload that an event rests on or names; some more than once."""
    for each in told:
        if each.provenance.snapshot:
            yield each.provenance.snapshot
        for text in each.event.details.values():
            yield from _NAMED.findall(text)


def evidence(told: Iterable[Recorded], captures: Iterable[Capture]) -> frozenset[str]:
    """Return the digests of all payloads that stay for ever, whatever the rules say.

    Args:
        told: The whole log.
        captures: The whole ledger, in the order in which they were made.
    """
    found: set[str] = set()
    before: set[tuple[str, str]] = set()
    for each in told:
        found.update(named([each]))
        before.add((each.provenance.source, each.provenance.previously))
    good: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for capture in captures:
        seen = good[capture.source, capture.url]
        if not capture.verdict.is_good:
            continue
        if capture.digest:
            # taken out and put in again: the last one seen stands last
            seen.pop(capture.digest, None)
            seen[capture.digest] = None
        if seen and (capture.source, capture.at) in before:
            found.add(next(reversed(seen)))
    for seen in good.values():
        found.update([*seen][-_GOOD_ONES:])
    return frozenset(found)


def expendable(
    captures: Iterable[Capture], kept_for_ever: AbstractSet[str], rules: Retention, now: datetime
) -> Mapping[str, str]:
    """Return the digests of the payloads whose time is over, and why it is.

    Args:
        captures: The whole ledger.
        kept_for_ever: What `evidence` found.
        rules: For how long the others are kept.
        now: The present instant.
    """
    seen: dict[str, _Seen] = defaultdict(_Seen)
    for capture in captures:
        if capture.digest and capture.digest not in kept_for_ever:
            known = seen[capture.digest]
            known.last = max(known.last, capture.at)
            known.is_good = known.is_good or capture.verdict.is_good
    found: dict[str, str] = {}
    for digest, known in seen.items():
        allowed = rules.unchanged if known.is_good else rules.unbelieved
        age = now - datetime.fromisoformat(known.last)
        if allowed != NEVER and age > timedelta(seconds=allowed):
            what = "good, and no event came of it" if known.is_good else "was not believed"
            found[digest] = f"{what}; last seen {known.last[:10]}, kept for {allowed // _DAY} days"
    return found
