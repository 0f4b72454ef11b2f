"""People: through which channels each is told, and when: at once, in the morning or in a digest.

A severity goes to a person at once, into their daily digest or into their weekly one. What goes at
once waits for the end of their night, except what is critical. Who is away has someone who stands
in: they are told as well, since a withdrawal must not wait for the end of a holiday.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from watcher.core.cron import Timetable, instants, parse_cron
from watcher.core.taxonomy import Severity

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Cadence(StrEnum):
    """How soon somebody wants to be told."""

    NOW = "now"
    """At once, or at the end of the night."""
    DAILY = "daily"
    """In the digest of the day."""
    WEEKLY = "weekly"
    """In the digest of the week."""
    NEVER = "never"
    """Not at all: it stands in the log."""


BY_SEVERITY: Mapping[Severity, Cadence] = MappingProxyType(
    {
        Severity.CRITICAL: Cadence.NOW,
        Severity.HIGH: Cadence.NOW,
        Severity.NORMAL: Cadence.DAILY,
        Severity.LOW: Cadence.WEEKLY,
    }
)
"""How soon a person is told who has asked for nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """The hours in which only what is critical may disturb; over midnight where they run so.

    Attributes:
        begins: Local time of their beginning.
        ends: Local time of their end.
    """

    begins: time
    ends: time

    def holds_at(self, local: time) -> bool:
        """Return whether `local` lies in them."""
        if self.begins <= self.ends:
            return self.begins <= local < self.ends
        return local >= self.begins or local < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Days on which somebody is away, the first and the last of them included.

    Attributes:
        first: The first day, in the person's own zone.
        last: The last day.
        cover: Id of the person who stands in; empty: no one does.
    """

    first: date
    last: date
    cover: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is told.

    Attributes:
        id: Their id in `sources.yaml`.
        title: Their name.
        channels: Ids of the channels they read; each is told.
        zone: Their time zone, an IANA name.
        quiet: When they are not to be disturbed; None: they may always be.
        cadences: How soon they are told, by severity.
        daily: Local time of their daily digest.
        weekday: Day of their weekly digest, `mon` to `sun`.
        weekly: Local time of their weekly digest.
        away: When they are away, and who stands in.
    """

    id: str
    title: str = ""
    channels: tuple[str, ...] = ()
    zone: str = "UTC"
    quiet: Quiet | None = None
    cadences: Mapping[Severity, Cadence] = field(default_factory=lambda: BY_SEVERITY)
    daily: time = time(7, 30)
    weekday: str = "mon"
    weekly: time = time(7, 30)
    away: tuple[Absence, ...] = ()

    def __str__(self) -> str:
        """Return their name, or their id where it is not told."""
        return self.title or self.id

    def local(self, moment: datetime) -> datetime:
        """Return `moment` as their clock shows it."""
        return moment.astimezone(ZoneInfo(self.zone))

    def absence(self, moment: datetime) -> Absence | None:
        """Return the absence that `moment` falls into, or None."""
        today = self.local(moment).date()
        return next((each for each in self.away if each.first <= today <= each.last), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People who are told together.

    Attributes:
        id: Its id in `sources.yaml`.
        title: Its name for people.
        people: Ids of its members.
    """

    id: str
    title: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When and how somebody is told of something.

    Attributes:
        cadence: Alone, in a digest, or not at all.
        at: When, UTC.
        reason: Why then, in words.
    """

    cadence: Cadence
    at: datetime
    reason: str


def plan(person: Person, severity: Severity, now: datetime, wanted: Cadence | None = None) -> Plan:
    """Return when `person` is told of something of this severity that is known `now`.

    Args:
        person: Who is told.
        severity: How grave it is.
        now: When it came up, UTC.
        wanted: How soon a rule wants it told; None: as the person has asked.
    """
    cadence = wanted or person.cadences.get(severity, BY_SEVERITY[severity])
    match cadence:
        case Cadence.NEVER:
            return Plan(cadence=cadence, at=now, reason=f"{severity} events are not told to them")
        case Cadence.DAILY | Cadence.WEEKLY:
            at = next_digest(person, cadence, now)
            return Plan(
                cadence=cadence, at=at, reason=f"{severity} events go into the {cadence} digest"
            )
        case Cadence.NOW:  # pragma: no branch - there is no fifth; mypy checks it
            return _at_once(person, severity, now)


def _at_once(person: Person, severity: Severity, now: datetime) -> Plan:
    local = person.local(now)
    if person.quiet is None or not person.quiet.holds_at(local.time()):
        return Plan(cadence=Cadence.NOW, at=now, reason="at once")
    if severity is Severity.CRITICAL:
        return Plan(cadence=Cadence.NOW, at=now, reason="at once: critical passes quiet hours")
    ends = person.quiet.ends
    morning = _end_of_quiet(person.quiet, person.zone, now)
    return Plan(cadence=Cadence.NOW, at=morning, reason=f"quiet until {ends:%H:%M} {person.zone}")


def _end_of_quiet(quiet: Quiet, zone: str, now: datetime) -> datetime:
    """Return when the hours that hold `now` end, UTC.

    On the night on which the clocks are set back they may end twice: who is told in the second of
    two hours waits for the second end, and not for tomorrow. Where the clocks jump over the end
    into the next quiet hours, they do not end that day.
    """
    place = ZoneInfo(zone)
    first = _next(_daily(quiet.ends), zone, now)
    while quiet.holds_at(first.astimezone(place).time()):
        first = _next(_daily(quiet.ends), zone, first)
    again = datetime.combine(now.astimezone(place).date(), quiet.ends, tzinfo=place)
    second = again.replace(fold=1).astimezone(UTC)
    is_there = second.astimezone(place).replace(tzinfo=None) == again.replace(tzinfo=None)
    return second if is_there and now < second < first else first


def next_digest(person: Person, cadence: Cadence, now: datetime) -> datetime:
    """Return when the person's next digest is due, UTC: after `now`, once a local day or week."""
    if cadence is Cadence.WEEKLY:
        day = _DAYS.index(person.weekday) + 1
        table = parse_cron(f"{person.weekly.minute} {person.weekly.hour} * * {day % 7}")
    else:
        table = _daily(person.daily)
    return _next(table, person.zone, now)


def _daily(at: time) -> Timetable:
    return parse_cron(f"{at.minute} {at.hour} * * *")


def _next(table: Timetable, zone: str, now: datetime) -> datetime:
    place = ZoneInfo(zone)
    # from the day before: where a zone's clocks are set back, a time of today may be still to come
    first = now.astimezone(place).date() - timedelta(days=1)
    return next(at for at in instants(table, place, first) if at > now.astimezone(UTC))


def told(
    ids: Iterable[str],
    people: Mapping[str, Person],
    groups: Mapping[str, Group],
    now: datetime,
) -> Iterator[tuple[Person, str]]:
    """Yield each person to tell, once, and why where it is not for themselves.

    A group stands for its members; who is away is told and so is whoever stands in for them, over
    as many steps as it takes: the one who stands in may be away too.

    Args:
        ids: Ids of people and groups, as a rule names them.
        people: All people by id.
        groups: All groups by id.
        now: The moment that decides who is away.
    """
    seen: set[str] = set()
    pending = [(each, "") for name in ids for each in _members(name, groups)]
    while pending:
        name, why = pending.pop(0)
        if name in seen or name not in people:
            continue
        seen.add(name)
        person = people[name]
        yield person, why
        absence = person.absence(now)
        if absence is not None and absence.cover:
            until = f"{absence.last:%Y-%m-%d}"
            pending.append((absence.cover, f"stands in for {person} until {until}"))


def _members(name: str, groups: Mapping[str, Group]) -> tuple[str, ...]:
    return groups[name].people if name in groups else (name,)
