"""Commands about who is told: `rules explain`, `rules rehearse`, `rules list`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from watcher.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    configuration,
    say,
    told_errors,
    watching,
)
from watcher.cli.moments import instant_of
from watcher.cli.printing import as_json, console, escaped
from watcher.cli.ruling_text import explained_as_json, print_explained, print_rehearsed
from watcher.config.model import Config
from watcher.core.rules_in_words import person_in_words, rule_in_words
from watcher.services.explain import Audience, explain_event
from watcher.services.rehearse_rules import rehearse_rules

app = typer.Typer(
    name="rules",
    help="Who is told of what, who is not, and why; and what other rules would have told.",
    no_args_is_help=True,
)


def register(main: typer.Typer) -> None:
    """Add these commands to `main`."""
    for name, command in (("explain", explain), ("rehearse", rehearse), ("list", list_)):
        app.command(name)(command)
    main.add_typer(app)


@told_errors
def explain(
    event: Annotated[str, typer.Argument(help="The event: its position or id.")],
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Show who is told of one event, who is not, why, and what really became of it.

    What the rules say is asked anew, of today's `sources.yaml` as of the moment at which the event
    was recorded; what became of it is read from the outbox, the digests and the log.
    """
    with watching(config, writable=False) as watcher:
        audience = audience_of(watcher.config)
        found = explain_event(watcher.store, event, audience)
    if json:
        as_json(explained_as_json(found))
    else:
        print_explained(found, audience)


@told_errors
def rehearse(
    since: Annotated[str, typer.Option(help="Since this day or instant: 2024-12-01.")] = "",
    until: Annotated[str, typer.Option(help="Up to this day (its end) or instant.")] = "",
    rules: Annotated[
        Path | None,
        typer.Option(help="Ask the rules and people of this file instead of today's."),
    ] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Show what these rules would have told of the past of the log, against what was told.

    `+` is new, `−` is told no longer, `=` stays. Nothing is sent and nothing is written. How many
    messages a person may get in an hour is left out: it decides when, never whether.
    """
    with watching(config, writable=False) as watcher:
        audience = audience_of(configuration(rules) if rules else watcher.config)
        found = rehearse_rules(
            watcher.store,
            audience,
            since=since,
            until=instant_of(until, "--until") if until else "",
        )
    if json:
        as_json([{"sign": each.sign, **asdict(each)} for each in found])
    else:
        print_rehearsed(found, audience)


@told_errors
def list_(config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """Say in sentences what each rule tells whom, and how and when each person is told."""
    told = configuration(config)
    audience = audience_of(told)
    rules = {
        each.id: rule_in_words(each, audience.people, audience.groups) for each in audience.rules
    }
    people = {each.id: person_in_words(each, audience.people) for each in audience.people.values()}
    if json:
        as_json({"rules": rules, "people": people})
        return
    _print("Rules", rules)
    _print("People", {str(audience.people[name]): lines for name, lines in people.items()})
    if not rules:
        say("there are no rules: nobody is told, and everything is recorded all the same")


def _print(heading: str, parts: dict[str, tuple[str, ...]]) -> None:
    for at, (name, lines) in enumerate(parts.items()):
        if at == 0:
            console().print(f"[bold]{heading}[/]")
        console().print(f"  [bold]{escaped(name)}[/]")
        for line in lines:
            console().print(f"    {escaped(line)}")


def audience_of(config: Config) -> Audience:
    """Return who may be told, by which rules."""
    return Audience.of(config.rules, config.people, config.groups)
