"""Commands about the configuration: `config check|schema|show` and `test-channel`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from watcher.bootstrap import SystemClock, channels_of
from watcher.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    configuration,
    say,
    told_errors,
)
from watcher.cli.printing import as_json, table
from watcher.config.model import Channel, Config
from watcher.config.schema import config_schema
from watcher.core.capture import instant
from watcher.core.trial_message import compose_trial
from watcher.errors import DeliveryError, NotFoundError
from watcher.notify.render import render
from watcher.ports import Attachment
from watcher.ports import Channel as Way

NOT_TAKEN = 1
"""The exit code where a receiver did not take the sample."""
OUTCOMES = {"refused": "not taken for now", "permanent": "refused", "configuration": "unusable"}
"""What the kinds of failure are called; `unknown` is its own word."""
_SAMPLE = Attachment(
    name="watcher-test.txt",
    media_type="text/plain",
    body=b"A test: this is how a file comes with a message.\n",
)


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    config = typer.Typer(help="Check, explain or show the configuration.", no_args_is_help=True)
    config.command("check")(check)
    config.command("schema")(schema)
    config.command("show")(show)
    app.add_typer(config, name="config")
    app.command("test-channel")(try_channel)


@told_errors
def check(config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """Check the configuration and report everything wrong with it at once.

    Exit code 2 where it cannot be used.
    """
    checked = configuration(config)
    if json:
        as_json({"ok": True, "notices": checked.notices})
        return
    for notice in checked.notices:
        say(str(notice))
    sources, rules = len(checked.sources), len(checked.rules)
    say(f"{config}: good; {sources} sources, {len(checked.channels)} channels, {rules} rules")


@told_errors
def schema() -> None:
    """Print the JSON Schema of sources.yaml, for editors."""
    as_json(config_schema())


@told_errors
def show(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Print the configuration as understood, with defaults; secrets stay as they are written."""
    as_json(configuration(config).redacted())


@told_errors
def try_channel(
    channel: Annotated[str, typer.Argument(help="A channel's id; empty: list them.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Try every channel.")] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Send a sample that is plainly a test, in all its forms, and say what the receiver answered.

    It works beside the service, stands in no log, and shows no secret. Exit code 1 where a
    receiver did not take it.
    """
    checked = configuration(config)
    if not channel and not every:
        listed = [(each.id, each.title, each.scheme) for each in checked.channels]
        if json:
            as_json([dict(zip(("channel", "who", "kind"), row, strict=True)) for row in listed])
        else:
            table("", ("channel", "who", "kind"), listed)
        return
    wanted = _wanted(checked, channel)
    ways = channels_of(checked, SystemClock())
    tried = [sampled(each, ways[each.id]) for each in wanted]
    if json:
        as_json(tried)
    else:
        for each in tried:
            say(f"{each['channel']}: {each['outcome']}; {each['answer']}")
    if any(each["outcome"] != "taken" for each in tried):
        raise typer.Exit(NOT_TAKEN)


def _wanted(config: Config, name: str) -> list[Channel]:
    """Return the channel of that id, or all of them.

    Raises:
        NotFoundError: There is none of that id.
    """
    found = [each for each in config.channels if name in ("", each.id)]
    if name and not found:
        known = ", ".join(each.id for each in config.channels)
        message = f"there is no channel {name!r}; there are: {known}"
        raise NotFoundError(message)
    return found


def sampled(channel: Channel, way: Way) -> dict[str, str]:
    """Send the sample through one channel and return what came of it."""
    now = instant(SystemClock().now())
    envelope = render(compose_trial(channel.id, now), key=f"test-{now}")
    if channel.attach:
        envelope = replace(envelope, attachments=(_SAMPLE,))
    outcome = "taken"
    try:
        answer = way.send(envelope)
    except DeliveryError as error:
        outcome, answer = OUTCOMES.get(error.kind, error.kind), str(error)
    return {"channel": channel.id, "outcome": outcome, "answer": answer}
