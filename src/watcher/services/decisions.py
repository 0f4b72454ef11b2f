"""What persons decide, as events: who, what, why, before and after, with its effect or not at all.

Each stands in the log in the same transaction as what it does. The events are about watching
itself, so only a rule that names their type tells anyone of them; a correction reaches those it
concerns by a path of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from watcher.core.correction import CORRECTED, is_claim
from watcher.core.diff import changes
from watcher.core.events import Cause, Change, Event, Recorded
from watcher.core.facts import State, Subject, Value
from watcher.core.text import shorten
from watcher.errors import OperationalError
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.instants import after_all
from watcher.services.own_events import appended, ours, own_stream

CONFIGURED = "configuration.changed"
DECISIONS = (
    "batch.released",
    "batch.dismissed",
    "alert.resent",
    "alert.acknowledged",
    "alert.assigned",
    "alert.judged",
    "snapshot.redacted",
    CORRECTED,
    CONFIGURED,
    "storage.restored",
    "user.added",
    "user.role_changed",
    "user.password_changed",
    "user.disabled",
    "user.enabled",
    "user.removed",
    "token.added",
    "token.revoked",
)
"""The types of events that stand for what a person did."""
_MOST_CHANGES = 20
_LONGEST = 80
_Side = Callable[[Change], Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Who decides, and through what.

    Attributes:
        who: A name: what the person said of themselves, or the login name and machine.
        via: A `command` or a `page`.
        request: The id of the request; the same one decides once, however often it is carried out.
    """

    who: str
    request: str
    via: Literal["command", "page"] = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision as it is listed.

    Attributes:
        at: When, RFC 3339 UTC.
        who: Who.
        what: The type of the event.
        subject: On what: `batch:3f0a…`, `medicine:EMEA/H/C/004258`.
        why: The reason given.
        before: What was so before.
        after: What is so since.
        via: `command` or `page`.
        position: Its place in the log.
    """

    at: str
    who: str
    what: str
    subject: str
    why: str
    before: str
    after: str
    via: str
    position: int


def reason(why: str, about: str) -> str:
    """Return the reason given.

    Raises:
        OperationalError: There is none.
    """
    if not why.strip():
        message = f"say why {about}: --why '…'"
        raise OperationalError(message)
    return why.strip()


def details_of(by: Decider, why: str) -> dict[str, str]:
    """Return what every decision says of itself."""
    told = {"who": by.who, "why": why, "via": by.via, "request": by.request}
    return {name: text for name, text in told.items() if text}


def decided(work: Work, stream: str, by: Decider) -> Recorded | None:
    """Return the decision that this request came to before, or None where it is new."""
    for told in work.log.read(EventFilter(stream=stream, types=DECISIONS)):
        if told.event.details.get("request") == by.request:
            return told
    return None


def record(work: Work, event: Event, now: str, cause: Cause = Cause.OBSERVED) -> Recorded:
    """Append a decision to the stream of what it is about; see `details_of` for what it says.

    Args:
        work: The transaction in which it takes effect.
        event: The decision.
        now: When, RFC 3339 UTC.
        cause: Why it stands there.
    """
    stream = work.streams.get(own_stream(event.subject))
    seen = after_all(work, stream.name, now)
    provenance = ours(event.details.get("request", now), seen)
    return work.log.append(appended(stream, event), provenance, cause, now)[0]


def note_configuration(store: Store, name: str, settings: State, by: Decider, now: str) -> bool:
    """Record what differs from the configuration that the program last ran with.

    The first configuration is recorded as what was known at the beginning. The state of the stream
    is the whole configuration, so that it can be asked for as of any moment.

    Args:
        store: Where.
        name: The configuration's name: `sources.yaml`.
        settings: What it says, by path, with nothing secret in it.
        by: Who started the program.
        now: When.

    Returns:
        Whether anything differs.
    """
    subject = Subject("configuration", name)
    with store.writing() as work:
        stream = work.streams.get(own_stream(subject))
        found = changes(stream.state, settings)
        if not found:
            return False
        told = details_of(by, "")
        if stream.version:
            told["reason"] = f"{len(found)} settings: {_paths(found)}"
        event = Event(type=CONFIGURED, subject=subject, changes=tuple(found), details=told)
        record(work, event, now, Cause.OBSERVED if stream.version else Cause.BASELINE)
        return True


def _paths(found: list[Change]) -> str:
    names = [each.path for each in found[:_MOST_CHANGES]]
    left = len(found) - len(names)
    return ", ".join(names) + (f" and {left} more" if left else "")


def audit(store: Store, *, since: str = "", who: str = "") -> tuple[Decision, ...]:
    """Return what persons decided, the newest last.

    Args:
        store: Where.
        since: Only since this instant or day; empty: ever.
        who: Only by persons whose name has this in it.
    """
    with store.reading() as work:
        found = [*work.log.read(EventFilter(types=DECISIONS, since=since))]
    listed = (_listed(told) for told in found if told.event.details.get("who"))
    return tuple(each for each in listed if who.casefold() in each.who.casefold())


def latest_decisions(store: Store, limit: int) -> tuple[Decision, ...]:
    """Return what persons decided last, the newest last.

    Args:
        store: Where.
        limit: How many events are looked at; those that the program itself decided are left out.
    """
    with store.reading() as work:
        found = work.log.latest(EventFilter(types=DECISIONS, limit=limit))
    return tuple(_listed(told) for told in found if told.event.details.get("who"))


def _listed(told: Recorded) -> Decision:
    details: Mapping[str, str] = told.event.details
    shown = [each for each in told.event.changes if not is_claim(each.path)]
    if told.cause is Cause.BASELINE:
        shown = []
    before = details.get("before") or _values(shown, lambda each: each.before)
    after = details.get("after") or _values(shown, lambda each: each.after)
    return Decision(
        at=told.recorded_at,
        who=details["who"],
        what=told.event.type,
        subject=str(told.event.subject),
        why=details.get("why", ""),
        before=before,
        after=after,
        via=details.get("via", ""),
        position=told.position,
    )


def _values(shown: list[Change], of: _Side) -> str:
    said = [f"{each.path}={_short(of(each))}" for each in shown[:_MOST_CHANGES]]
    left = len(shown) - len(said)
    return "; ".join(said) + (f"; and {left} more" if left else "")


def _short(value: Value) -> str:
    return "–" if value is None else shorten(str(value), _LONGEST)
