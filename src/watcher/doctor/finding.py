"""One thing the doctor looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How well it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and may not for long, or not in every case."""
    FAILING = "failing"
    """It does not work, or nothing may be built on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found, what it means, and what a person does about it.

    Attributes:
        area: `machine`, `configuration`, `database`, `channels` or `sources`.
        what: What was looked at: `zone data`, `ema-medicines`.
        level: How well it is.
        found: What was found, in words.
        means: What follows from it; empty where all is well.
        advice: What to do, with the command where there is one; empty where all is well.
    """

    area: str
    what: str
    level: Level
    found: str
    means: str = ""
    advice: str = ""

    def __post_init__(self) -> None:
        """Refuse a finding that leaves its reader alone.

        Raises:
            ValueError: It is not well, and does not say what that means or what to do.
        """
        if self.level is not Level.OK and not (self.means and self.advice):
            message = f"{self.what}: a {self.level} says what it means and what to do"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Area:
    """Makes the findings of one area."""

    name: str

    def fine(self, what: str, found: str) -> Finding:
        """Return that something is well."""
        return Finding(area=self.name, what=what, level=Level.OK, found=found)

    def warning(self, what: str, found: str, *, means: str, advice: str) -> Finding:
        """Return that something works, and may not always."""
        return Finding(
            area=self.name,
            what=what,
            level=Level.WARNING,
            found=found,
            means=means,
            advice=advice,
        )

    def failing(self, what: str, found: str, *, means: str, advice: str) -> Finding:
        """Return that something does not work."""
        return Finding(
            area=self.name,
            what=what,
            level=Level.FAILING,
            found=found,
            means=means,
            advice=advice,
        )
