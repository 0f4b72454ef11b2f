"""What a capture turned out to be; only `ok` may ever speak of medicines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The verdict on one capture."""

    OK = "ok"
    """The page we asked for, whole."""
    UNCHANGED = "unchanged"
    """The server says it has not changed (304)."""
    UNREACHABLE = "unreachable"
    """No answer: name, connection, TLS or time."""
    REFUSED = "refused"
    """We did not ask: robots.txt, a guarded address, a limit."""
    ERROR = "error"
    """A status of 4xx or 5xx that says nothing on the medicine."""
    NOT_FOUND = "not_found"
    """404, 410 or a page that says so with status 200."""
    BLOCKED = "blocked"
    """A firewall's challenge, a login or a consent wall, with whatever status."""
    MAINTENANCE = "maintenance"
    """A maintenance notice in the page's place."""
    EMPTY = "empty"
    """No body, or one without text."""
    TRUNCATED = "truncated"
    """The page's beginning without its end, or fewer rows than it says it has."""
    WRONG_PAGE = "wrong_page"
    """Another page than the one we asked for: the home page, another medicine, another language."""
    UNREADABLE = "unreadable"
    """The right page as far as we can tell, but the reader does not understand it."""
    SHRUNK = "shrunk"
    """Readable, yet with so much less than the last good capture that we believe none of it."""

    @property
    def is_good(self) -> bool:
        """Return whether the source was seen as it is."""
        return self in {Verdict.OK, Verdict.UNCHANGED}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reason in words and the signals it was drawn from."""

    verdict: Verdict
    reason: str = ""
    signals: tuple[str, ...] = ()
