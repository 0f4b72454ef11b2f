"""Commands about what a person decides: `correct`, `redact`, `audit`."""

from __future__ import annotations

from typing import Annotated

import typer

from watcher.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, say, told_errors, watching
from watcher.cli.ordering import As, NoWait, Why, ordered
from watcher.cli.printing import as_json, escaped, table
from watcher.core.text import shorten
from watcher.services.decisions import audit as audited
from watcher.services.orders import Arguments

_LONGEST = 60


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    for command in (correct, redact, audit):
        app.command()(command)


@told_errors
def correct(
    event: Annotated[str, typer.Argument(help="The wrong event: its position or id.")],
    why: Why = "",
    right: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="What is so instead; may be repeated. An empty value: nothing is stated there. "
            "Without it the whole event is taken back.",
        ),
    ] = None,
    source_is_wrong: Annotated[
        bool,
        typer.Option(
            "--source-is-wrong",
            help="The source itself is wrong: what it says stays, what we told is taken back.",
        ),
    ] = False,
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Put right what was told wrongly, and tell everyone who was told, and no one else.

    The wrong event stays in the log; what corrects it follows it. Messages about it that were not
    sent yet are not sent any more. As long as the source repeats what was corrected, it is no news;
    when it says something else, that is told as ever.
    """
    arguments: Arguments = {
        "event": event,
        "why": why,
        "right": right or [],
        "source_is_wrong": source_is_wrong,
    }
    done = ordered(config, "correct", arguments, named=named, no_wait=no_wait)
    if json:
        as_json(done.result)
        return
    told, cancelled = done.result["told"], done.result["cancelled"]
    say(f"event {done.result['event']} corrected by event {done.result['position']}")
    say(f"{told} told of it in the same way; {cancelled} messages stopped before they went")
    if left := done.result["left_alone"]:
        say(f"changed since, and left as it is: {left}")


@told_errors
def redact(
    snapshot: Annotated[
        str, typer.Argument(help="The payload: its digest, `sha256:…`, or its beginning.")
    ],
    why: Why = "",
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Drop the bytes of one kept page for good; its digest stays, with who wanted it and why.

    What events quote from it stays in the log, which is never rewritten. The same bytes are not
    kept again when they are met again. Killed in between, the same command finishes it.
    """
    done = ordered(
        config, "redact", {"snapshot": snapshot, "why": why}, named=named, no_wait=no_wait
    )
    if json:
        as_json(done.result)
        return
    say(f"{done.result['snapshot']} dropped, as event {done.result['position']} says")
    say("what events quote from it stays in the log")


@told_errors
def audit(
    since: Annotated[str, typer.Option(help="Since this day or instant: 2024-12-01.")] = "",
    who: Annotated[str, typer.Option(help="Only by persons whose name has this in it.")] = "",
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """List what persons decided: when, who, what, why, and from what to what.

    Held batches released or dismissed, messages sent again, corrections, payloads dropped, and
    every configuration that the program was started with.
    """
    with watching(config, writable=False) as watcher:
        found = audited(watcher.store, since=since, who=who)
    if json:
        as_json(found)
        return
    table(
        "",
        ("when", "who", "what", "on", "why", "before → after", "#"),
        (
            (
                each.at[:16].replace("T", " "),
                escaped(each.who),
                each.what,
                escaped(each.subject),
                escaped(each.why),
                escaped(f"{shorten(each.before, _LONGEST)} → {shorten(each.after, _LONGEST)}"),
                each.position,
            )
            for each in found
        ),
    )
