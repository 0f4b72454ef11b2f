"""Why one address is looked at when it is: its interval, what it followed from, who has it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watcher.core.adapt import Pace, in_words
from watcher.core.capture import LISTS, NEVER_DUE, NEWS, URGENT, Target, instant
from watcher.core.shard import host_of
from watcher.errors import NotFoundError
from watcher.ports.store import Store

_PRIORITIES = {
    URGENT: "before all else: it is to confirm something critical",
    NEWS: "soon: something was said of it",
    LISTS: "before the pages that tables and feeds name",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyWhen:
    """Why one target is looked at when it is.

    Attributes:
        source: Its source's id.
        url: Its address.
        host: The server it is asked of.
        next_due: When it is looked at next, RFC 3339 UTC; empty: at once.
        every: Seconds between its looks now; 0: its source's schedule says, and it is no interval.
        promised: Seconds that there may be at most; 0 likewise.
        least: Seconds that there may be at the least.
        changed_at: When something on it was last seen to have changed; empty: never yet.
        failures: How many looks in a row were not good.
        leased_by: Which process has it now; empty: none.
        reasons: All that in sentences.
    """

    source: str
    url: str
    host: str
    next_due: str
    every: int
    promised: int
    least: int
    changed_at: str
    failures: int
    leased_by: str
    reasons: tuple[str, ...]


def why_when(
    store: Store, url: str, paces: dict[str, tuple[int, Pace | None]], now: datetime
) -> tuple[WhyWhen, ...]:
    """Return why the targets at an address are looked at when they are, one for each source.

    Args:
        store: Where they are.
        url: The address.
        paces: By source the seconds that its schedule promises, 0 where it is no interval, and
            between what the interval of its pages may be.
        now: The present instant.

    Raises:
        NotFoundError: No source looks at it.
    """
    with store.reading() as work:
        found = [
            _why(target, *paces[source], work.claims.who_has(source, url), now)
            for source in paces
            for target in work.captures.known(source, [url]).values()
        ]
    if not found:
        message = f"no source looks at {url}: see `watcher sources`"
        raise NotFoundError(message)
    return tuple(found)


def _why(
    target: Target, promised: int, pace: Pace | None, leased_by: str, now: datetime
) -> WhyWhen:
    every = pace.kept(target.every) if pace else promised
    return WhyWhen(
        source=target.source,
        url=target.url,
        host=host_of(target.url),
        next_due=target.next_due,
        every=every,
        promised=promised,
        least=pace.least if pace else promised,
        changed_at=target.changed_at,
        failures=target.failures,
        leased_by=leased_by,
        reasons=tuple(_reasons(target, every, promised, pace, leased_by, now)),
    )


def _reasons(
    target: Target,
    every: int,
    promised: int,
    pace: Pace | None,
    leased_by: str,
    now: datetime,
) -> list[str]:
    said = [_interval(target, every, promised, pace), _changed(target)]
    if target.failures:
        count = f"{target.failures} look{'s'[: target.failures != 1]}"
        said.append(
            f"its last {count} since {_short(target.failing_since)} found nothing good: it is "
            "tried again sooner at first, then ever more seldom, never less often than promised"
        )
    if target.priority in _PRIORITIES and target.next_due != NEVER_DUE:
        said.append(f"it comes {_PRIORITIES[target.priority]}")
    said.append(_next(target, leased_by, now))
    return [each for each in said if each]


def _interval(target: Target, every: int, promised: int, pace: Pace | None) -> str:
    if target.next_due == NEVER_DUE:
        return "nothing asks for looks at it any more; its history is kept"
    if not promised:
        return "it is looked at when its source's cron expression says"
    if pace is None:
        return f"it is looked at every {in_words(promised)}, as its source says"
    return (
        f"it is looked at every {in_words(every)} now: its source promises {in_words(promised)} "
        f"and allows {in_words(pace.least)}; half after a change, a quarter more without one"
    )


def _changed(target: Target) -> str:
    if target.changed_at:
        return f"something on it last changed at {_short(target.changed_at)}"
    return "nothing on it has been seen to change yet" if target.last_good else "it was never seen"


def _next(target: Target, leased_by: str, now: datetime) -> str:
    if leased_by:
        return f"process {leased_by} is at it now"
    if target.next_due == NEVER_DUE:
        return ""
    if target.next_due <= instant(now):
        since = f" since {_short(target.next_due)}" if target.next_due else ""
        return f"it is due{since}: it waits for its server's pace, or for a process"
    return f"it is looked at next at {_short(target.next_due)}"


def _short(at: str) -> str:
    return f"{at[:16].replace('T', ' ')} UTC"
