"""Questions to a person at a terminal; elsewhere the flags have to answer them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import typer

from watcher.cli.common import say
from watcher.core.text import visible

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks, where somebody is there to answer.

    Attributes:
        is_somebody_there: Whether questions can be asked: a terminal, and not told `--yes`.
    """

    is_somebody_there: bool

    def answer(
        self,
        question: str,
        given: str,
        understood: Callable[[str], T],
        *,
        flag: str,
        default: str | None = None,
    ) -> T:
        """Return what was given by the flag, or the answer to the question, understood.

        Args:
            question: What to ask.
            given: What the flag says; empty: nothing.
            understood: Makes of a text what is wanted; raises ValueError in words for a person.
            flag: The flag that answers it without a question.
            default: What is meant by no answer; None: there has to be one.

        Raises:
            typer.BadParameter: The flag's value cannot be used, or there is none and nobody to ask.
        """
        if given or not self.is_somebody_there:
            return self._by_flag(given or default, understood, flag)
        while True:
            asked = typer.prompt(question, default=default, show_default=bool(default), err=True)
            try:
                return understood(str(asked).strip())
            except ValueError as error:
                say(f"  {error}")

    def _by_flag(self, given: str | None, understood: Callable[[str], T], flag: str) -> T:
        if given is None:
            message = "is needed, as nobody is at a terminal to be asked"
            raise typer.BadParameter(message, param_hint=flag)
        try:
            return understood(given.strip())
        except ValueError as error:
            raise typer.BadParameter(visible(str(error)), param_hint=flag) from error

    def secret(self, question: str) -> str:
        """Return what is typed unseen; empty where nobody is there."""
        if not self.is_somebody_there:
            return ""
        return str(typer.prompt(question, hide_input=True, err=True))

    def agreed(self, question: str) -> bool:
        """Return whether a person agrees; nobody there has agreed by the command itself."""
        return not self.is_somebody_there or typer.confirm(question, default=True, err=True)

    def choice(self, question: str, options: Sequence[T]) -> tuple[T, ...]:
        """Return which of several a person means: some, all, or none."""
        for number, option in enumerate(options, start=1):
            say(f"  {number}  {option}")
        while True:
            asked = str(typer.prompt(f"{question} (1, 2 … ; all; none)", default="1", err=True))
            picked = _picked(asked, options)
            if picked is not None:
                return picked
            say(f"  numbers from 1 to {len(options)}, all, or none")


def _picked(asked: str, options: Sequence[T]) -> tuple[T, ...] | None:
    words = asked.replace(",", " ").casefold().split()
    if words in (["all"], ["none"]):
        return tuple(options) if words == ["all"] else ()
    if not words or not all(word.isdecimal() and 1 <= int(word) <= len(options) for word in words):
        return None
    return tuple(options[number - 1] for number in dict.fromkeys(map(int, words)))
