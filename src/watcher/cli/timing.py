"""Commands about time: `diff`, `timeline`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from watcher.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, say, told_errors, watching
from watcher.cli.life import timeline
from watcher.cli.moments import Axis, AxisOption, KnownAt, in_words, moment_of
from watcher.cli.printing import as_json, console, escaped
from watcher.core.phrases import path_in_words, value_in_words, what_and_when
from watcher.core.text import shorten
from watcher.services.between import Between, Changed, FactChanged, between
from watcher.services.past import Moment

DIFFERENT = 1
"""The exit code of `diff --exit-code` where something changed, as `git diff` has it."""


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(diff)
    app.command()(timeline)


@told_errors
def diff(
    between_: Annotated[
        tuple[str, str],
        typer.Option(
            "--between",
            metavar="T1 T2",
            help="Two days (their ends), instants or `position:N`, the earlier first.",
        ),
    ],
    product: Annotated[str, typer.Option(help="A name, product number or substance.")] = "",
    axis: AxisOption = Axis.OBSERVED,
    known_at: KnownAt = "",
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 where something changed, else with 0.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Show what changed between two moments: facts from → to, and the events that tell of them.

    Corrections, pages read anew and events set aside are left out: they are no news of the world.
    Exit code 0 whether or not something changed, unless `--exit-code` is given, as with `git diff`.
    """
    first, second = (moment_of(text, axis, known_at, option="--between") for text in between_)
    _refuse_backwards(first, second)
    with watching(config, writable=False) as watcher:
        found = between(watcher.store, first, second, product=product)
    if json:
        as_json(found)
    else:
        for changed in found.subjects:
            _tell(changed)
        say(f"from {in_words(first)} to {in_words(second)}: {_summary(found)}")
    if exit_code and found.subjects:
        raise typer.Exit(DIFFERENT)


def _refuse_backwards(first: Moment, second: Moment) -> None:
    message = ""
    if "position" in (first.axis, second.axis):
        if first.axis != second.axis:
            message = "give two places in the log or two times, not one of each"
        elif int(first.at) > int(second.at):
            message = "the first place comes after the second: change them round"
    elif first.at > second.at:
        message = "the first moment is later than the second: change them round"
    if message:
        raise typer.BadParameter(message, param_hint="--between")


def _tell(changed: Changed) -> None:
    """Print what changed of one subject: the facts, then the events that tell of them."""
    screen = console()
    number = changed.subject.partition(":")[2]
    known = "  [dim]not known before[/]" if changed.is_new else ""
    screen.print(f"[bold]{escaped(changed.name)}[/]  {escaped(number)}{known}")
    facts = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for width in (36, 76, None):
        facts.add_column(overflow="fold", max_width=width)
    if changed.is_new:
        facts.add_row("  first read", f"{len(changed.facts)} facts", "")
    else:
        for fact in changed.facts:
            facts.add_row(*_fact_row(fact))
    screen.print(facts)
    told = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for each in changed.events:
        words = what_and_when(each.event, {})
        seen = f"seen {each.provenance.observed_at[:10]}"
        told.add_row(f"  #{each.position}", seen, each.event.type, escaped(shorten(words, 100)))
    screen.print(told)
    screen.print()


def _fact_row(fact: FactChanged) -> tuple[str, str, str]:
    before, after = (
        escaped(shorten(value_in_words(fact.path, value), 34)) or "–"
        for value in (fact.before, fact.after)
    )
    by = ", ".join(f"#{position}" for position in fact.told_by)
    told = f"{fact.source}, {by}" if by else fact.source
    return f"  {escaped(shorten(path_in_words(fact.path), 34))}", f"{before} → {after}", told


def _summary(found: Between) -> str:
    parts = [f"{count} {name}" for name, count in found.types.items()]
    count = len(found.subjects)
    told = ", ".join(parts) or "no events"
    summary = f"{count} subject{'s'[: count != 1]} changed; {told}" if count else "nothing changed"
    if found.put_right:
        facts = f"{found.put_right} fact{'s'[: found.put_right != 1]}"
        summary += f"; {facts} more differ by a correction or a better reader alone"
    return summary
