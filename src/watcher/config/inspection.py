"""One look through one file: what is known meanwhile, and all that is wrong with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from watcher.config.document import Entries, Items, Node, Scalar
from watcher.config.secret_files import SecretFileError, find
from watcher.core.text import shorten
from watcher.errors import Problem

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(slots=True, kw_only=True)
class Inspection:
    """What is known while a file is read, and the problems found so far.

    Attributes:
        file: The file's name, as problems give it.
        folder: Where relative paths start.
        environment: The environment variables.
        known: The names that may be referred to, by what they are names of.
        probe: Called with each channel's address; raises ValueError where it cannot be used.
        used: Those that were referred to.
        problems: What makes the configuration unusable.
        notices: What works, but is hardly meant so.
    """

    file: str
    folder: Path
    environment: Mapping[str, str]
    known: Mapping[str, Collection[str]]
    probe: Callable[[str], object] = str
    used: set[tuple[str, str]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    def note(self, node: Node, message: str) -> None:
        """Note a problem with the value at `node`."""
        self.problems.append(self._problem(node, message))

    def advise(self, node: Node, message: str) -> None:
        """Note what works at `node`, but is hardly meant so."""
        self.notices.append(self._problem(node, message))

    def expected(self, node: Node, what: str) -> None:
        """Note that something else than `what` stands at `node`."""
        self.note(node, f"expected {what}, found {found(node)}")

    def expand(self, node: Scalar, text: str, encode: Callable[[str], str] = str) -> str | None:
        """Return `text` with its `${VARIABLES}` read, or None where one is missing.

        Args:
            node: Where it stands.
            text: The text as written.
            encode: Applied to each value that does not begin the text.
        """
        names = dict.fromkeys(match[1] for match in VARIABLE.finditer(text))
        values = {name: self._value(node, name) for name in names}
        if "${" in VARIABLE.sub("", text):
            self.note(node, "a variable is written ${NAME}, in letters, digits and underscores")
            return None
        known = {name: value for name, value in values.items() if value is not None}
        if len(known) < len(values):
            return None
        return VARIABLE.sub(lambda match: (encode if match.start() else str)(known[match[1]]), text)

    def _value(self, node: Scalar, name: str) -> str | None:
        """Return what a variable stands for, or None after noting why it stands for nothing."""
        try:
            found = find(name, self.environment)
        except SecretFileError as error:
            self.note(node, str(error))
            return None
        if found is None:
            self.note(node, f"the environment variable {name} is not set")
            return None
        if found.notice:
            self.advise(node, found.notice)
        return found.value

    def _problem(self, node: Node, message: str) -> Problem:
        key = shorten(node.key, 120)
        return Problem(file=self.file, line=node.line, key=key, message=message)


def found(node: Node) -> str:
    """Return in words what stands at `node`."""
    match node:
        case Items():
            return "a list"
        case Entries():
            return "a mapping"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=str(text)):
            return f"'{shorten(text, 60)}'"
        case Scalar(value=bool(flag)):
            return "true" if flag else "false"
        case Scalar(value=number):
            return f"the number {number}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'every'?` where a known word is close to `word`, or nothing."""
    folded = {name.casefold(): name for name in sorted(known)}
    near = difflib.get_close_matches(word.casefold()[:80], folded, n=1, cutoff=0.6)
    return f"; did you mean '{folded[near[0]]}'?" if near else ""
