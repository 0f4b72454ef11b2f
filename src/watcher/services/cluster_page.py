"""How the work of many processes stands: who is there, what waits, how far behind who tells is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.core.capture import instant
from watcher.core.pressure import Pressure
from watcher.ports.cluster import DEAD_AFTER, Backlog, Process
from watcher.ports.store import Store, Work
from watcher.services.alert import CONSUMER
from watcher.services.pressure import told_pressure

NEEDED = ("worker", "scheduler")
"""The roles without which nothing is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A process as it is shown.

    Attributes:
        process: The process.
        silent: Seconds since its last sign of life.
        is_alive: Whether the others take it for alive.
    """

    process: Process
    silent: float
    is_alive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the work stands.

    Attributes:
        at: When that was, by the clock that all processes share.
        members: The processes.
        missing: The needed roles that nobody plays.
        backlog: Targets and turns.
        lateness: Seconds since when the longest due target is due.
        events: The log's last position.
        untold: Events that nobody has been told of yet, nor been found not to concern.
        messages: Messages by channel that should go now.
        pressure: How much may be fetched.
    """

    at: str
    members: tuple[Member, ...]
    missing: tuple[str, ...]
    backlog: Backlog
    lateness: float
    events: int
    untold: int
    messages: dict[str, int]
    pressure: Pressure

    @property
    def is_well(self) -> bool:
        """Return whether somebody looks, somebody wakes them, and nothing is held up."""
        return not self.missing and self.pressure is Pressure.NONE


def standing(store: Store, machine_now: datetime) -> Standing:
    """Return how the work stands.

    Args:
        store: Where.
        machine_now: The present instant by this machine's clock; the shared one counts where there
            is one.
    """
    with store.reading() as work:
        return standing_in(work, machine_now)


def standing_in(work: Work, machine_now: datetime) -> Standing:
    """Return how the work stands, as one transaction sees it; see `standing`."""
    now = work.claims.clock() or machine_now
    at = instant(now)
    members = tuple(_member(each, now) for each in work.processes.all())
    backlog = work.claims.backlog(at)
    since = datetime.fromisoformat(backlog.oldest) if backlog.oldest else now
    waiting: dict[str, int] = {}
    for depth in work.outbox.depths():
        if depth.state in {"pending", "sending"}:
            waiting[depth.channel] = waiting.get(depth.channel, 0) + depth.messages
    head = work.log.head()
    return Standing(
        at=at,
        members=members,
        missing=_missing(members),
        backlog=backlog,
        lateness=max((now - since) / timedelta(seconds=1), 0.0),
        events=head,
        untold=head - work.checkpoint(CONSUMER),
        messages=waiting,
        pressure=told_pressure(work),
    )


def _member(process: Process, now: datetime) -> Member:
    silent = now - datetime.fromisoformat(process.beat_at)
    return Member(
        process=process,
        silent=round(max(silent.total_seconds(), 0.0), 1),
        is_alive=silent < DEAD_AFTER,
    )


def _missing(members: tuple[Member, ...]) -> tuple[str, ...]:
    roles = {each.process.role for each in members if each.is_alive}
    if "run" in roles:  # one process that does everything
        return ()
    return tuple(role for role in NEEDED if role not in roles)
