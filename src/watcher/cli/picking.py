"""Which medicines a person means: looked up, and asked back about where that is not clear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from watcher.cli.common import say
from watcher.cli.questions import Asker
from watcher.config.first_file import Watched
from watcher.core.identity import product_number
from watcher.core.text import shorten
from watcher.errors import NotFoundError, OperationalError
from watcher.services.catalogue import Answer, Kind, Listed, Meant, look_up

_SHOWN = 5
_LONGEST_NOTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """What goes onto watch lists.

    Attributes:
        products: Medicines, by number where one is known.
        substances: Substances.
        unchecked: What was taken as it was written, since there was nothing to look it up in.
    """

    products: tuple[Watched, ...] = ()
    substances: tuple[Watched, ...] = ()
    unchecked: tuple[str, ...] = field(default=())


def requests_of(texts: Iterable[str], file: Path | None) -> tuple[str, ...]:
    """Return the medicines that are asked for, once each: from flags or answers, and from a file.

    Args:
        texts: Names, substances or numbers, several in a text separated by commas or semicolons.
        file: One a line, the first column where a line has several; `#` begins a comment.

    Raises:
        OperationalError: The file cannot be read.
    """
    parts = [part for text in texts for part in text.replace(";", ",").split(",")]
    if file is not None:
        parts += _lines(file)
    return tuple(dict.fromkeys(filter(None, map(str.strip, parts))))


def _lines(file: Path) -> Iterator[str]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} cannot be read: {error}"
        raise OperationalError(message) from error
    for line in text.splitlines():
        yield line.partition("#")[0].replace("\t", ";").partition(";")[0].strip().strip('"')


def picked(catalogue: Sequence[Listed], asked: Sequence[str], ask: Asker) -> Picked:
    """Return what these requests mean, by the catalogue and, where it has to be, by asking back.

    Raises:
        NotFoundError: Something is not known, or may mean several things, and nobody is there to
            be asked; all of it is told at once.
    """
    if not catalogue:
        products = tuple(Watched(text=product_number(each) or each) for each in asked)
        return Picked(products=products, unchecked=tuple(asked))
    answers = [look_up(catalogue, each) for each in asked]
    unclear = [each for each in answers if len(each.meant) != 1]
    if unclear and not ask.is_somebody_there:
        raise NotFoundError("\n".join(map(unclear_in_words, unclear)))
    meant = [each for answer in answers for each in _made_clear(answer, ask)]
    return Picked(products=_watched(meant, "product"), substances=_watched(meant, "substance"))


def _made_clear(answer: Answer, ask: Asker) -> tuple[Meant, ...]:
    if len(answer.meant) == 1:
        return answer.meant
    if answer.meant:
        say(f"{answer.asked!r} may mean:")
        return ask.choice("Which", answer.meant)
    say(unclear_in_words(answer))
    return ()


def unclear_in_words(answer: Answer) -> str:
    """Return why an answer is none, and how to ask so that it is one."""
    if answer.meant:
        several = "; ".join(str(each) for each in answer.meant[:_SHOWN])
        return (
            f"{answer.asked!r} may mean: {several}. Give a product number, or say which: "
            "product:NAME, substance:NAME"
        )
    near = f"; nearly so: {', '.join(answer.near)}" if answer.near else ""
    return f"EMA's table has no medicine and no substance {answer.asked!r}{near}"


def _watched(meant: Iterable[Meant], kind: Kind) -> tuple[Watched, ...]:
    found = {each.text: watched_of(each) for each in meant if each.kind == kind}
    return tuple(found.values())


def watched_of(meant: Meant) -> Watched:
    """Return the line of a watch list for something that is meant, with what it is as a comment."""
    if meant.kind == "substance":
        return Watched(text=meant.text)
    medicine = meant.medicines[0]
    substance = f" ({medicine.substance})" if medicine.substance else ""
    note = f"{medicine.name}{substance}" if medicine.number else substance.strip(" ()")
    return Watched(text=meant.text, note=shorten(note, _LONGEST_NOTE))
