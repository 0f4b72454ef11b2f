"""The command `feed`: the cases of a watch list as Atom, JSON Feed or a calendar."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from watcher.bootstrap import source_names
from watcher.cli.common import DEFAULT_CONFIG, ConfigPath, say, told_errors, watching
from watcher.config.model import Config
from watcher.core.watch_list import EVERYTHING, WatchList
from watcher.errors import NotFoundError
from watcher.services.feeds import Feed, atom, feed, json_feed
from watcher.services.whole_file import write_whole


class FeedFormat(StrEnum):
    """The forms of a feed."""

    ATOM = "atom"
    JSON = "json"
    ICAL = "ical"


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command("feed")(feed_of)


@told_errors
def feed_of(
    watch_list: Annotated[
        str, typer.Argument(help="A watch list's id, or `everything`.", metavar="WATCH_LIST")
    ],
    form: Annotated[
        FeedFormat, typer.Option("--format", help="Atom, JSON Feed, or a calendar of the dates.")
    ] = FeedFormat.ATOM,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write it to this file, whole; else to the screen."),
    ] = None,
    base_url: Annotated[
        str, typer.Option(help="Where feeds are seen from; else `web.public_url`, if there is one.")
    ] = "",
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Write the newest hundred cases of a watch list as a feed, to be subscribed to.

    The same cases give the same bytes, whenever it is made: a timer may run it, and readers of the
    feed are told "not modified" until something is.
    """
    with watching(config, writable=False) as watcher:
        wanted = _watch_list(watcher.config, watch_list)
        base = base_url or _public_url(watcher.config)
        with watcher.store.reading() as work:
            found = feed(work, wanted, source_names(watcher.config), base=base)
    body = _WRITERS[form](found)
    if output is None:
        typer.echo(body.decode(), nl=False)
        return
    write_whole(output, [body])
    say(f"{output}: {len(found.entries)} cases of {wanted}")


def _watch_list(config: Config, name: str) -> WatchList:
    known = {each.id: each for each in (EVERYTHING, *config.watch_lists)}
    if name not in known:
        message = f"there is no watch list {name!r}; there are: {', '.join(known)}"
        raise NotFoundError(message)
    return known[name]


def _public_url(config: Config) -> str:
    return config.web.public_url if config.web else ""


def _calendar(found: Feed) -> bytes:
    from watcher.services.calendar import calendar  # noqa: PLC0415  # icalendar takes its time

    return calendar(found)


_WRITERS: dict[FeedFormat, Callable[[Feed], bytes]] = {
    FeedFormat.ATOM: atom,
    FeedFormat.JSON: json_feed,
    FeedFormat.ICAL: _calendar,
}
