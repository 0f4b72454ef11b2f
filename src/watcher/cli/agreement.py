"""The command about what sources say of one medicine, side by side: `facts`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from watcher.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, say, told_errors, watching
from watcher.cli.moments import Axis, AxisOption, KnownAt, in_words, moment_of
from watcher.cli.printing import as_json, console, escaped
from watcher.core.facts import Value
from watcher.core.phrases import path_in_words, value_in_words
from watcher.core.reconcile import Answer
from watcher.core.text import shorten
from watcher.services.agreeing import SaidOfOne, what_is_said

_LIBRARY = "research_library"
"""The reader of pages that list studies, which state nothing of a medicine themselves."""


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command()(facts)


@told_errors
def facts(
    product: Annotated[str, typer.Argument(help="A name, product number or substance.")],
    disputed: Annotated[
        bool, typer.Option("--disputed", help="Only what cannot all be so.")
    ] = False,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="WHEN", help="A day (its end), an instant or `now`.")
    ] = "now",
    axis: AxisOption = Axis.OBSERVED,
    known_at: KnownAt = "",
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Show what every source says of one medicine: where they agree, and where they contradict.

    Of dates that can mean the same day the most precise is shown. What cannot both be so is all
    shown, also where a source contradicts itself; nothing is settled by the last word.
    """
    moment = moment_of(as_of, axis, known_at)
    with watching(config, writable=False) as watcher:
        sources = watcher.config.sources
        found = what_is_said(
            watcher.store,
            product,
            moment,
            tiers={each.id: each.tier for each in sources},
            libraries=[each.id for each in sources if each.reader == _LIBRARY],
        )
    if json:
        as_json(found)
        return
    for each in found:
        _show(each, only_disputed=disputed)
    say(f"as of {in_words(moment)}")


def _show(said: SaidOfOne, *, only_disputed: bool) -> None:
    screen = console()
    by = ", ".join(f"{source} ({subject})" for source, subject in said.sources.items())
    screen.print(f"[bold]{escaped(said.name)}[/]: {escaped(by)}")
    told = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("fact", "is", "", "by", "otherwise"):
        told.add_column(column, overflow="fold")
    for answer in said.answers:
        if answer.agreement == "conflict" or not only_disputed:
            told.add_row(*map(escaped, _row(answer)))
    screen.print(told if told.row_count else "nothing is disputed")
    if said.studies and not only_disputed:
        screen.print("studies that name it")
        for study in said.studies:
            screen.print(
                f"  {escaped(study.title)} [dim]{escaped(study.source)}, {escaped(study.why)}[/]"
            )
    screen.print()


def _row(answer: Answer) -> tuple[str, ...]:
    otherwise = "; ".join(
        f"{_short(answer.path, other.value)} ({', '.join(other.sources)})"
        for other in answer.others
    )
    agreement = "" if answer.agreement == "one source" else answer.agreement
    name = shorten(path_in_words(answer.path), 40)
    return name, _short(answer.path, answer.value), agreement, ", ".join(answer.by), otherwise


def _short(path: str, value: Value) -> str:
    return shorten(value_in_words(path, value), 60)
