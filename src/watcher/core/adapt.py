"""How often one page is looked at: those that change oftener, those that do not as was promised.

A source promises an interval, and no page of it is looked at less often than that. Where it allows
oftener looks, each page finds its own interval between the two: it halves when something had
changed, and grows by a quarter when nothing had, so that the looks go where things happen.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Between what the interval of a source's pages may be, in seconds.

    Attributes:
        promised: The longest: what the source's own `every` says.
        least: The shortest; equal to `promised` where every page keeps to it.

    Raises:
        ValueError: They are not in this order, or not positive.
    """

    promised: int
    least: int

    def __post_init__(self) -> None:
        if not 0 < self.least <= self.promised:
            message = f"an interval from {self.least} to {self.promised} seconds"
            raise ValueError(message)

    def kept(self, every: int) -> int:
        """Return the interval that a page has, given the one kept for it; 0: none was kept yet."""
        return min(max(every or self.promised, self.least), self.promised)

    def after(self, every: int, *, changed: bool, is_good: bool) -> int:
        """Return a page's next interval after a look.

        Args:
            every: The interval that was kept for it; 0: none yet.
            changed: Whether something on it had changed.
            is_good: Whether the look was good. One that was not says nothing of the page: it is
                tried again soon, and a page that stays dead comes to the promised interval.
        """
        now = self.kept(every)
        if not is_good:
            return self.promised
        if changed:
            return self.kept(max(now // 2, 1))
        return self.kept(now + max(now // 4, 1))


def in_words(seconds: int) -> str:
    """Return an interval in words: `6 h`, `2 d 12 h`, `90 s`."""
    parts: list[str] = []
    rest = seconds
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
