"""The command that shows the program to someone new: `demo`."""

from __future__ import annotations

import json as standard_json
from email.message import EmailMessage
from typing import Annotated

import typer
from rich.panel import Panel
from rich.text import Text

from watcher.bootstrap import wait
from watcher.cli.common import FOUND_NOTHING_GOOD, AsJson, told_errors
from watcher.cli.printing import EVENT_COLUMNS, as_json, console, event_row, summary, table
from watcher.demo.play import PRODUCT, Played, Result, play
from watcher.services.replay import Known

_SECONDS_A_SCENE = 3.0


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command()(demo)


@told_errors
def demo(
    fast: Annotated[bool, typer.Option("--fast", help="Without pauses to read along.")] = False,
    json: AsJson = False,
) -> None:
    """Play Alofisel's years on loopback: a site, a mail server, a chat, and the one message.

    Needs no network and no accounts, and leaves nothing behind.
    """
    screen = console()
    result = Result()
    seconds = 0.0 if fast or json else _SECONDS_A_SCENE
    played: list[Played] = []
    for scene in play(lambda: wait(seconds), result):
        played.append(scene)
        if not json:
            screen.print(_scene(scene))
    if json:
        as_json(_told(played, result))
    else:
        for mail in result.mails:
            screen.print(Panel(Text(_mail(mail)), title="the mail, as received", width=100))
        for post in result.posts:
            text = standard_json.loads(post).get("text", "")
            screen.print(Panel(Text(text), title="the chat message, as received", width=100))
        table("What happened", EVENT_COLUMNS, map(event_row, result.timeline))
        screen.print()
        for day, known in (("31 December 2024", result.then), ("1 February 2025", result.now)):
            screen.print(f"As known on {day}: {PRODUCT} {_status(known)}")
    if len(result.mails) != 1:
        raise typer.Exit(FOUND_NOTHING_GOOD)


def _scene(played: Played) -> Text:
    capture = played.outcome.capture
    line = Text()
    line.append(f"{played.scene.at:%Y-%m-%d}  ", style="bold")
    line.append(f"{played.scene.title}\n")
    verdict = f"{capture.verdict}" + (f" ({capture.reason})" if capture.reason else "")
    known = f", {played.outcome.baseline} subject known" if played.outcome.baseline else ""
    line.append(f"            look: {verdict}{known}\n", style="dim")
    for told in played.outcome.events:
        line.append(f"            event: {told.event.type}  {summary(told)}\n")
    line.append(f"            mails so far: {played.mails}, chat messages: {played.posts}\n", "dim")
    return line


def _mail(mail: EmailMessage) -> str:
    wanted = ("From", "To", "Subject", "Message-ID", "Date")
    head = "\n".join(f"{name}: {mail[name]}" for name in wanted)
    body = mail.get_body(("plain",))
    return f"{head}\n\n{body.get_content() if body else ''}"


def _status(known: tuple[Known, ...]) -> str:
    return known[0].status if known else "unknown"


def _told(played: list[Played], result: Result) -> dict[str, object]:
    return {
        "scenes": [
            {
                "at": scene.scene.at.isoformat(),
                "title": scene.scene.title,
                "verdict": scene.outcome.capture.verdict,
                "events": [told.event.type for told in scene.outcome.events],
                "mails": scene.mails,
            }
            for scene in played
        ],
        "mails": [_mail(mail) for mail in result.mails],
        "timeline": result.timeline,
        "as_known_2024-12-31": _status(result.then),
        "as_known_2025-02-01": _status(result.now),
    }
