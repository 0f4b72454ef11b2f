"""What `rules explain` and `rules rehearse` print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from watcher.cli.common import say
from watcher.cli.printing import console, escaped, plain, table
from watcher.core.recipients import Person
from watcher.core.taxonomy import Severity
from watcher.core.telling import Telling
from watcher.core.text import shorten
from watcher.ports.telling import DigestItem, Waiting
from watcher.services.explain import Audience, Explained
from watcher.services.rehearse_rules import Compared, Heard

_LEVELS = "▁▂▃▄▅▆▇█"
_MOST_COLUMNS = 60
_STYLES = {"+": "green", "−": "red", "=": "dim"}


def print_explained(found: Explained, audience: Audience) -> None:
    """Print who is told of an event, who is not, why, and what became of it."""
    event = found.event.event
    console().print(
        f"[bold]event {found.event.position}[/]  {event.type}, {event.severity}  "
        f"{escaped(str(event.subject))}  recorded {_minute(found.event.recorded_at)}"
    )
    if found.case:
        console().print(f"  case {found.case}, events {', '.join(map(str, found.told_with))}")
    for line in found.before_rules:
        console().print(f"  [yellow]{escaped(line)}[/]")
    _print_rules(found)
    _print_tellings(found.tellings, audience)
    if found.untold:
        names = ", ".join(_untold(name, found, audience) for name in found.untold)
        console().print(f"\n[dim]no rule leads to: {escaped(names)}[/]")
    _print_happened(found)


def _untold(name: str, found: Explained, audience: Audience) -> str:
    """Return a person, and whether they hear of it after all when nobody answers."""
    told = {rule for each in found.tellings if each.is_told for rule in each.rules}
    ids = {each for rule in audience.rules if rule.id in told for each in rule.escalate_to}
    later = ids | {
        member for each in ids & audience.groups.keys() for member in audience.groups[each].people
    }
    return f"{audience.people[name]}{' (unless nobody answers)' if name in later else ''}"


def _print_rules(found: Explained) -> None:
    table(
        "\nWhat each rule says of this event",
        ("rule", "", "why"),
        (
            (
                escaped(each.rule.id),
                "[green]tells[/]" if each.is_told else "[dim]silent[/]",
                escaped(each.reason),
            )
            for each in found.rules
        ),
    )


def _print_tellings(tellings: Iterable[Telling], audience: Audience) -> None:
    table(
        "\nWho is told, by today's rules, as of when it was recorded",
        ("who", "channel", "when", "how", "why"),
        (
            (
                escaped(_reader(each.person, audience.people)),
                escaped(each.channel),
                _local(each, audience.people) if each.is_told else "[dim]never[/]",
                escaped(each.plan.reason if each.is_told else ""),
                escaped(each.why if each.is_told else each.plan.reason),
            )
            for each in tellings
        ),
    )


def _print_happened(found: Explained) -> None:
    rows = [*map(_message_row, found.messages), *map(_digest_row, found.digests)]
    table(
        "\nWhat became of it" if rows else "\nNothing was put into the outbox or a digest for it",
        ("who", "channel", "what", "queued for", "state", "delivered", "said"),
        rows,
    )
    if found.case:
        state = found.state
        whose = f", given to {state.assigned_to}" if state.assigned_to else ""
        console().print(f"\ncase: [bold]{state.state}[/]{escaped(whose)}")
    for each in found.answers:
        details = each.event.details
        who, why = details.get("who", "the program"), details.get("why", "")
        told = f"{_minute(each.recorded_at)}  {each.event.type}  {who}  {why}"
        console().print(f"  {escaped(told)}")


def _message_row(each: Waiting) -> tuple[str, ...]:
    return (
        escaped(each.person or "–"),
        escaped(each.channel),
        f"{each.kind} {each.id}",
        _minute(max(each.created_at, each.next_attempt if each.state == "pending" else "")),
        each.state,
        _minute(each.delivered_at) or "–",
        escaped(shorten(each.answer, 60)),
    )


def _digest_row(each: DigestItem) -> tuple[str, ...]:
    state = f"told in {each.told_in}" if each.told_in else "waits"
    what = f"line of the {each.cadence} digest"
    if each.cadence == "summary":
        what = "line of a summary: too many messages at once"
    return (
        escaped(each.person or "–"),
        escaped(each.channel),
        what,
        _minute(each.due),
        escaped(shorten(state, 40)),
        "–",
        "",
    )


def explained_as_json(found: Explained) -> Mapping[str, object]:
    """Return the same for machines; of the messages, all but their texts."""
    told = found.event
    return {
        "event": {
            "position": told.position,
            "id": told.event_id,
            "type": told.event.type,
            "severity": told.event.severity,
            "subject": str(told.event.subject),
            "cause": told.cause,
            "recorded_at": told.recorded_at,
        },
        "case": found.case,
        "told_with": found.told_with,
        "before_rules": found.before_rules,
        "rules": [
            {"rule": each.rule.id, "tells": each.is_told, "why": each.reason}
            for each in found.rules
        ],
        "tellings": [{"is_told": each.is_told, "telling": each} for each in found.tellings],
        "untold": found.untold,
        "messages": [_without_texts(each) for each in found.messages],
        "digests": found.digests,
        "state": found.state,
        "answers": [
            {"at": each.recorded_at, "type": each.event.type, **each.event.details}
            for each in found.answers
        ],
    }


def _without_texts(each: Waiting) -> object:
    told = plain(each)
    if isinstance(told, dict):
        envelope = told.pop("envelope")
        told["subject"] = envelope["subject"]
    return told


def print_rehearsed(found: Sequence[Compared], audience: Audience) -> None:
    """Print what other rules would have told: each case, counts, and messages by day."""
    table(
        "",
        ("", "recorded", "severity", "what", "who", "channel", "would", "was", "why"),
        (
            (
                f"[{_STYLES[each.sign]}]{each.sign}[/]",
                _minute(each.at),
                str(each.severity),
                escaped(shorten(each.what, 70)),
                escaped(_reader(each.person, audience.people)),
                escaped(each.channel),
                _heard(each.would),
                _heard(each.was),
                escaped(shorten(each.why, 80)),
            )
            for each in found
            if each.sign != "="
        ),
    )
    _print_counts(found, audience)
    _print_days(found, audience)
    signs = Counter(each.sign for each in found)
    say(
        f"{len({each.case for each in found})} cases: {signs['+']} would be told newly, "
        f"{signs['−']} no longer, {signs['=']} as they were"
    )


def _print_counts(found: Iterable[Compared], audience: Audience) -> None:
    told = ((_who(each, audience), str(each.severity), str(each.sign)) for each in found)
    counts = Counter(told)
    rows = [
        (escaped(who), severity, *(counts[who, severity, sign] or "–" for sign in "+−="))
        for who in dict.fromkeys(who for who, _, _ in counts)
        for severity in map(str, Severity)
        if any(counts[who, severity, sign] for sign in "+−=")
    ]
    table("\nBy reader and severity", ("who", "severity", "+#", "−#", "=#"), rows)


def _print_days(found: Sequence[Compared], audience: Audience) -> None:
    """Print a bar a day, or a week, for each reader: messages by these rules, and as they were."""
    rows = []
    for who in dict.fromkeys(_who(each, audience) for each in found):
        theirs = [each for each in found if _who(each, audience) == who]
        zone = _zone(theirs[0].person, audience.people)
        bars = [_messages(theirs, name, zone) for name in ("would", "was")]
        days = [day for each in bars for day in each]
        for name, counts in zip(("would", "was"), bars, strict=True):
            most = max(counts.values(), default=0)
            drawn = bar(counts, min(days), max(days)) if days else ""
            rows.append((escaped(who), name, drawn, sum(counts.values()), most))
    columns = ("who", "", "messages, oldest day first", "all#", "most a day#")
    table("\nMessages", columns, rows)


def _messages(theirs: Iterable[Compared], name: str, zone: ZoneInfo) -> Counter[date]:
    """Count messages by local day; the lines of one digest are one message."""
    seen: set[tuple[str, str, str]] = set()
    for each in theirs:
        heard: Heard | None = each.would if name == "would" else each.was
        if heard is not None:
            alone = each.case if heard.how == "now" else ""
            seen.add((heard.at, each.channel, alone))
    return Counter(datetime.fromisoformat(at).astimezone(zone).date() for at, _, _ in seen)


def bar(counts: Mapping[date, int], first: date, last: date) -> str:
    """Return counts as a line of bars, a day each, or as many days as it takes to fit."""
    days = (last - first).days + 1
    step = -(-days // _MOST_COLUMNS)
    columns = [
        sum(counts.get(first + timedelta(days=at + more), 0) for more in range(step))
        for at in range(0, days, step)
    ]
    most = max(columns, default=0)
    return "".join(_level(count, most) for count in columns)


def _level(count: int, most: int) -> str:
    return _LEVELS[-(-count * len(_LEVELS) // most) - 1] if count else "·"


def _who(each: Compared, audience: Audience) -> str:
    return _reader(each.person, audience.people) if each.person else f"channel {each.channel}"


def _reader(person: str, people: Mapping[str, Person]) -> str:
    return str(people.get(person, person)) if person else "whoever reads it"


def _zone(person: str, people: Mapping[str, Person]) -> ZoneInfo:
    return ZoneInfo(people[person].zone if person in people else "UTC")


def _local(each: Telling, people: Mapping[str, Person]) -> str:
    zone = _zone(each.person, people)
    return f"{each.plan.at.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"


def _heard(heard: Heard | None) -> str:
    if heard is None:
        return "–"
    return _minute(heard.at) + ("" if heard.how == "now" else f" ({heard.how})")


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")
