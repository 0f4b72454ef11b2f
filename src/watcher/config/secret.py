"""A value of the configuration that must not be seen."""

from __future__ import annotations


class Secret:
    """A value that must not be seen: an address with a password in it.

    It prints as it was written in the file, with its `${VARIABLES}` unread; `reveal` gives it away.
    """

    __slots__ = ("_value", "written")

    def __init__(self, value: str, *, written: str) -> None:
        self._value = value
        self.written = written

    def reveal(self) -> str:
        """Return the value itself, to be handed to what needs it and nothing else."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self.written!r})"

    def __str__(self) -> str:
        return self.written

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))
