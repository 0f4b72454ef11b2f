"""What medicines are found by, as a protocol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from watcher.core.search_words import Kind


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One word by which a subject is found.

    Attributes:
        subject: The subject, `kind:id`.
        kind: What the word is of it.
        word: The word, squashed; of kind `event` the name of an event type.
    """

    subject: str
    kind: Kind
    word: str


class Search(Protocol):
    """The words of every medicine, and of every substance that is written about."""

    def matching(self, token: str) -> Iterator[Found]:
        """Yield the words that a token may be answered by; see `core.search_words.best`."""
        ...

    def like(self, token: str, most: int) -> tuple[Found, ...]:
        """Return words that share most with a token, for one that nothing answers."""
        ...

    def listed(self, *, skip: int, most: int) -> tuple[str, ...]:
        """Return subjects by name; an article on the substance of a medicine is not one itself."""
        ...

    def count(self) -> int:
        """Return how many `listed` has."""
        ...

    def medicines(self) -> int:
        """Return how many medicines there are."""
        ...

    def names(self, subjects: Sequence[str]) -> Mapping[str, str]:
        """Return what subjects are listed by."""
        ...

    def articles(self, subjects: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return by medicine the substances whose articles name it."""
        ...

    def named_by(self, articles: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return by substance the medicines that its article names."""
        ...

    def every_word(self) -> tuple[tuple[str, str, str, str], ...]:
        """Return all that is kept, as subject, source, kind and word, to prove two are equal."""
        ...
