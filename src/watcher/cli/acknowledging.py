"""Commands about what people do about a case: `cases`, `acknowledge`, `assign`, `judge`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from watcher.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, say, told_errors, watching
from watcher.cli.ordering import As, Done, NoWait, Why, in_words, ordered
from watcher.cli.printing import as_json, escaped, table
from watcher.core.text import shorten
from watcher.services.cases import MOST, CaseView
from watcher.services.cases import cases as listed
from watcher.services.orders import Arguments

CaseName = Annotated[
    str,
    typer.Argument(
        metavar="CASE",
        help="The beginning of its key, one of its events (position or id), or `message:12`.",
    ),
]


class Verdict(StrEnum):
    """What a case can be judged."""

    IRRELEVANT = "irrelevant"
    WRONG = "wrong"


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    for command in (cases, acknowledge, assign, judge):
        app.command()(command)


@told_errors
def cases(
    config: ConfigPath = DEFAULT_CONFIG,
    open_: Annotated[
        bool, typer.Option("--open", help="Only those that nobody has acknowledged or judged.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many, the gravest.")] = MOST,
    json: AsJson = False,
) -> None:
    """List the cases that anybody was told of: since when, how they stand, whose, who was told."""
    with watching(config, writable=False) as watcher:
        found = listed(watcher.store, watcher.naming, only_open=open_, limit=limit)
    if json:
        as_json(found)
        return
    columns = ("case", "severity", "what", "seen", "state", "whose", "told")
    table("", columns, map(_row, found))


def _row(case: CaseView) -> tuple[str, ...]:
    state = case.state + (", passed on" if case.escalated_at else "")
    names = dict.fromkeys(each.who for each in case.told)
    return (
        case.short,
        case.severity,
        escaped(shorten(f"{case.title} – {case.what}", 90)),
        case.seen_at[:16].replace("T", " "),
        f"{state} by {escaped(case.by)}" if case.by else state,
        escaped(case.assigned_to) or "–",
        escaped(shorten(", ".join(names), 60)) or "nobody yet",
    )


@told_errors
def acknowledge(
    case: CaseName,
    why: Why = "",
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Say that you have seen a case and answer for it: nobody else is woken for it any more."""
    arguments: Arguments = {"case": case, "why": why}
    _tell(ordered(config, "acknowledge", arguments, named=named, no_wait=no_wait), json=json)


@told_errors
def assign(
    case: CaseName,
    to: Annotated[str, typer.Option(help="Whose it is to be: a person's id in sources.yaml.")],
    why: Why = "",
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Give a case to somebody. Until they acknowledge it, it can be passed on all the same."""
    arguments: Arguments = {"case": case, "to": to, "why": why}
    _tell(ordered(config, "assign", arguments, named=named, no_wait=no_wait), json=json)


@told_errors
def judge(
    case: CaseName,
    verdict: Annotated[Verdict, typer.Argument(help="Of no concern to us, or not so.")],
    why: Why = "",
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Say that a case does not concern us, or that it is wrong; --why has to say why.

    It is not passed on any more. What was told stays told: `watcher correct` takes it back.
    """
    arguments: Arguments = {"case": case, "verdict": verdict.value, "why": why}
    done = ordered(config, "judge", arguments, named=named, no_wait=no_wait)
    _tell(done, json=json)
    if verdict is Verdict.WRONG and not json:
        say("what was told stands until it is corrected:")
        say(f"  watcher correct {done.result['lead']} --why '…'")


def _tell(done: Done, *, json: bool) -> None:
    if json:
        as_json(done.result)
        return
    result = done.result
    say(
        f"case {str(result['case'])[:12]}: {result['before']} → {result['after']} by "
        f"{result['who']} on {str(result['at'])[:16].replace('T', ' ')} UTC; {in_words(done)}"
    )
