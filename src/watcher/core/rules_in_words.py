"""Rules, watch lists and people as sentences, for those who have to agree to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from watcher.core.recipients import BY_SEVERITY, Cadence, Group, Person
from watcher.core.rules import Rule
from watcher.core.taxonomy import Severity
from watcher.core.watch_list import EVERYTHING, WatchList

_DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
_HOUR, _DAY = 3600, 86_400


def rule_in_words(
    rule: Rule, people: Mapping[str, Person], groups: Mapping[str, Group]
) -> tuple[str, ...]:
    """Return a rule as sentences: what it is about, who hears of it, and what if nobody answers.

    Args:
        rule: The rule.
        people: All people by id.
        groups: All groups by id.
    """
    lines = [f"tells of {_events(rule)}{_where(rule)}", f"about {_medicines(rule.watch_list)}"]
    if rule.shift:
        grade = "graver" if rule.shift > 0 else "lighter"
        lines.append(f"takes them for one step {grade} than they are")
    if rule.tell:
        names = _names(rule.tell, people, groups)
        sooner = "; ".join(f"{at}: {_SOON[how]}" for at, how in rule.cadences.items())
        lines.append(f"to {names}{f' ({sooner})' if sooner else ', as each has asked'}")
    if rule.channels:
        lines.append(f"to whoever reads {_listed(rule.channels)}, at once")
    if rule.escalate_to:
        names = _names(rule.escalate_to, people, groups)
        lines.append(f"and to {names} if nobody answers within {_span(rule.escalate_after)}")
    return tuple(lines)


_SOON = {
    Cadence.NOW: "at once",
    Cadence.DAILY: "in the daily digest",
    Cadence.WEEKLY: "in the weekly digest",
    Cadence.NEVER: "never",
}


def _events(rule: Rule) -> str:
    events = _listed(rule.events) if rule.events else "everything that happens to medicines"
    return events if rule.least is Severity.LOW else f"{events}, from {rule.least} on"


def _where(rule: Rule) -> str:
    told = ""
    if rule.jurisdictions:
        told += f", in {_listed(rule.jurisdictions)} or where no place is stated"
    if rule.sources:
        told += f", as {_listed(rule.sources)} says"
    if rule.tiers:
        told += f", by sources of tier {_listed(tuple(map(str, rule.tiers)))}"
    return told


_FILTERS = (
    ("products", "product"),
    ("substances", "substance"),
    ("atc", "ATC code"),
    ("holders", "holder"),
    ("areas", "therapeutic area"),
    ("jurisdictions", "jurisdiction"),
)


def _medicines(listed: WatchList) -> str:
    if listed is EVERYTHING or not any(getattr(listed, name) for name, _ in _FILTERS):
        return "all medicines"
    filters = [
        f"{what} {_listed(values)}" for name, what in _FILTERS if (values := getattr(listed, name))
    ]
    return f"the medicines of “{listed}”: {' and '.join(filters)}"


def person_in_words(person: Person, people: Mapping[str, Person]) -> tuple[str, ...]:
    """Return how and when somebody is told, as sentences.

    Args:
        person: Who.
        people: All people by id.
    """
    lines = [f"reads {_listed(person.channels, 'and')}; clocks of {person.zone}"]
    lines += _cadences(person)
    if person.quiet is not None:
        night = f"{person.quiet.begins:%H:%M} to {person.quiet.ends:%H:%M}"
        lines.append(f"not disturbed from {night}, but for what is critical")
    for each in person.away:
        cover = people.get(each.cover)
        stands_in = f"; {cover} is told as well" if cover else ""
        lines.append(f"away from {each.first} to {each.last}{stands_in}")
    return tuple(lines)


def _cadences(person: Person) -> Iterator[str]:
    when = {severity: person.cadences.get(severity, BY_SEVERITY[severity]) for severity in Severity}
    at = {
        Cadence.NOW: "at once",
        Cadence.DAILY: f"in the digest of {person.daily:%H:%M}",
        Cadence.WEEKLY: f"in the digest of {_DAYS[person.weekday]}, {person.weekly:%H:%M}",
        Cadence.NEVER: "never",
    }
    for cadence, words in at.items():
        wanted = [str(severity) for severity, soon in when.items() if soon is cadence]
        if wanted:
            yield f"{_listed(wanted, 'and')}: {words}"


def _names(ids: tuple[str, ...], people: Mapping[str, Person], groups: Mapping[str, Group]) -> str:
    return _listed([_name(each, people, groups) for each in ids], "and")


def _name(name: str, people: Mapping[str, Person], groups: Mapping[str, Group]) -> str:
    if name in groups:
        members = _listed([str(people.get(each, each)) for each in groups[name].people], "and")
        return f"{groups[name].title or name} ({members})"
    return str(people.get(name, name))


def _listed(names: tuple[str, ...] | list[str], word: str = "or") -> str:
    """Return `a, b or c`."""
    *rest, last = names
    return f"{', '.join(rest)} {word} {last}" if rest else last


def _span(seconds: int) -> str:
    """Return seconds as people say them: `4 hours`."""
    for size, word in ((_DAY, "day"), (_HOUR, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {word}" + ("" if count == 1 else "s")
    return f"{seconds} seconds"
