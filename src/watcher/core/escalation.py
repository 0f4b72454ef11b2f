"""What somebody receives when nobody has acknowledged a case: the case, and who had it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from watcher.core import wording
from watcher.core.case import Case
from watcher.core.links import Action
from watcher.core.message import Mark, Message, compose
from watcher.core.other_sources import Known
from watcher.core.phrases import Sources, instant

MOST_NAMED = 12
"""How many of those who had it are named; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Had:
    """Somebody who had a case before.

    Attributes:
        name: A person's name, or `channel pv-team`.
        delivered_at: When they had it, RFC 3339 UTC; empty: it was not delivered.
    """

    name: str
    delivered_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """What is told of a case that nobody has acknowledged.

    Attributes:
        case: The case.
        since: When it was first told, RFC 3339 UTC; empty: it is not known.
        had: Who had it.
        assigned_to: Whose it is; empty: nobody's.
        why: Why the reader is told, in words.
        known: What other sources say of the same subject now.
    """

    case: Case
    since: str
    had: tuple[Had, ...]
    assigned_to: str = ""
    why: str = ""
    known: Known = field(default_factory=dict)


def compose_escalation(
    told: Escalation,
    sources: Sources | None = None,
    links: Mapping[Action, str] | None = None,
) -> Message:
    """Return the message about a case, with who had it before all else.

    Args:
        told: What is told.
        sources: Names and tiers of the sources, by id.
        links: The reader's one-time links, by what they do.
    """
    message = compose(told.case, why=told.why, sources=sources, known=told.known, links=links)
    return replace(
        message,
        subject=f"{wording.ESCALATED} {message.subject}",
        marks=(Mark(wording.ESCALATED, _reason(told)), *message.marks),
    )


def _reason(told: Escalation) -> str:
    """Return that nobody answered, who had it, and whose it is."""
    since = instant(told.since, seconds=False) if told.since else ""
    parts = [wording.UNANSWERED_SINCE.format(when=since) if since else wording.UNANSWERED]
    if told.had:
        parts.append(wording.WHO_HAD_IT.format(names=_names(told.had)))
    if told.assigned_to:
        parts.append(wording.GIVEN_TO.format(name=told.assigned_to))
    return " ".join(parts)


def _names(had: tuple[Had, ...]) -> str:
    named = [_had(each) for each in had[:MOST_NAMED]]
    if left := len(had) - len(named):
        named.append(wording.OTHERS.format(count=left))
    return ", ".join(named)


def _had(each: Had) -> str:
    if not each.delivered_at:
        return wording.NOT_DELIVERED.format(name=each.name)
    when = instant(each.delivered_at, seconds=False)
    return wording.DELIVERED.format(name=each.name, when=when)
