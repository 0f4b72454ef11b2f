"""The command that adds a medicine to what is watched: `add`."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from watcher.bootstrap import database_of
from watcher.cli import first_look
from watcher.cli.common import (
    DEFAULT_CONFIG,
    FOUND_NOTHING_GOOD,
    AsJson,
    ConfigPath,
    configuration,
    configured,
    say,
    told_errors,
    watching,
)
from watcher.cli.pages import believed, fetched
from watcher.cli.picking import unclear_in_words, watched_of
from watcher.cli.printing import as_json
from watcher.cli.questions import Asker
from watcher.config.addition import replace_file, with_item
from watcher.config.addresses import is_private
from watcher.config.first_file import TABLE_URL
from watcher.config.load import read
from watcher.config.model import Config, Source
from watcher.config.watched_addition import (
    Filter,
    Told,
    checked_addition,
    takes,
    with_new_list,
    with_watched,
)
from watcher.config.writing import as_item
from watcher.core.identity import slug
from watcher.core.watch_list import WatchList
from watcher.errors import NotFoundError, OperationalError, StoreBusyError
from watcher.readers.registry import reader
from watcher.services.catalogue import Listed, Meant, look_up, of_reading, of_store, on_lists
from watcher.services.proposal import suggested_id

_TABLE_READER, _PAGE_READER = "ema_medicines", "ema_medicine_page"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What the file becomes.

    Attributes:
        before: Its bytes as they are.
        after: Its bytes as they will be.
        config: What they say then.
        pages: The addresses that are looked at from then on, each with the id of its source.
    """

    before: bytes
    after: bytes
    config: Config
    pages: tuple[tuple[str, str], ...] = ()

    def difference(self, path: Path) -> str:
        """Return the difference, as `diff -u` tells it."""
        old, new = (text.decode().splitlines(keepends=True) for text in (self.before, self.after))
        return "".join(difflib.unified_diff(old, new, str(path), str(path)))


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command()(add)


@told_errors
def add(
    medicine: Annotated[
        str,
        typer.Argument(help="A name, a substance or a product number; it asks where several fit."),
    ],
    watch_list: Annotated[
        str, typer.Option("--list", help="The watch list's id; empty: the one that takes it.")
    ] = "",
    tell: Annotated[
        str,
        typer.Option(help="For a first list: the id of the person, group or channel to tell."),
    ] = "",
    no_page: Annotated[
        bool, typer.Option("--no-page", help="Do not look at its own page, too.")
    ] = False,
    bulk: Annotated[
        Path | None,
        typer.Option(help="EMA's table in a file to look it up in; else what is known, or EMA's."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the difference and change nothing.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Watch one more medicine: look it up, add it to sources.yaml, show the difference, look at it.

    Every other byte of the file stays, comments too, and what it becomes is checked before it is
    written. The first look is a baseline and tells no one.
    """
    known = configuration(config)
    meant = _meant(_catalogue(known, config, bulk), medicine, Asker(sys.stdin.isatty()))
    change = _changed(config, known, meant, watch_list, tell, no_page=no_page)
    difference = change.difference(config)
    if json:
        as_json(
            {
                "added": meant.text,
                "medicines": [str(each) for each in meant.medicines],
                "written": bool(difference) and not dry_run,
                "difference": difference,
            }
        )
    elif difference:
        typer.echo(difference, nl=False)
    if not difference:
        say(f"{meant}: is watched already; nothing was changed")
    elif not dry_run:
        replace_file(config, change.after)
        say(f"{config}: added {meant}")
        _look(config, change.pages)


def _catalogue(known: Config, path: Path, bulk: Path | None) -> Sequence[Listed]:
    """Return the medicines there are: of a file, of the database, else of EMA's table itself."""
    if bulk is not None:
        return first_look.in_bulk_file(bulk).medicines
    tables = [source for source in known.sources if source.reader == _TABLE_READER]
    database = database_of(known)
    if tables and (not isinstance(database, Path) or database.exists()):
        with watching(path, writable=False) as watcher:
            if found := of_store(watcher.store, [table.id for table in tables]):
                return found
    url, private = _table(tables)
    say(f"asking {url} for the table of all medicines …")
    answer = fetched(url, known, allow_private=private)
    made = reader(_TABLE_READER)
    return of_reading(made.read(believed(answer, url, made)))


def _table(tables: Sequence[Source]) -> tuple[str, bool]:
    addresses = [(url, table.allow_private) for table in tables for url in table.urls]
    return addresses[0] if addresses else (TABLE_URL, False)


def _meant(catalogue: Sequence[Listed], asked: str, ask: Asker) -> Meant:
    answer = look_up(catalogue, asked)
    if len(answer.meant) > 1 and ask.is_somebody_there:
        say(f"{asked!r} may mean:")
        chosen = ask.choice("Which one", answer.meant)
        if len(chosen) == 1:
            return chosen[0]
    if len(answer.meant) != 1:
        raise NotFoundError(unclear_in_words(answer))
    return answer.meant[0]


def _changed(
    path: Path, known: Config, meant: Meant, watch_list: str, tell: str, *, no_page: bool
) -> _Change:
    before = after = read(path)
    wanted: Filter = "products" if meant.kind == "product" else "substances"
    if _missed(meant, known):
        listed = _list(known, wanted, watch_list)
        if listed is None:
            told = _told(known, tell)
            after = with_new_list(after, path, known, wanted, watched_of(meant), told)
        else:
            after = with_watched(after, path, listed, wanted, watched_of(meant))
    pages = () if no_page else _pages(known, meant)
    for source, medicine in pages:
        if source not in {each.id for each in known.sources}:
            after = with_item(after, _entry(source, medicine), path)
    config = checked_addition(path, known, after, lambda body: configured(body, path))
    if missed := _missed(meant, config):
        message = f"{', '.join(missed)} would not be on a list; nothing was written"
        raise OperationalError(message)
    return _Change(
        before=before,
        after=after,
        config=config,
        pages=tuple((source, medicine.url) for source, medicine in pages),
    )


def _missed(meant: Meant, config: Config) -> list[str]:
    """Return the medicines that are meant and on none of the watch lists."""
    held = {each.subject for each in on_lists(meant.medicines, config.watch_lists)}
    return [str(each) for each in meant.medicines if each.subject not in held]


def _list(known: Config, wanted: Filter, named: str) -> WatchList | None:
    """Return the list to add to; None: there is none, and a first one is made."""
    lists = {listed.id: listed for listed in takes(known, wanted)}
    if named and named not in lists:
        listed = ", ".join(lists) or "none"
        message = f"no watch list {named!r} takes {wanted} alone; those that do: {listed}"
        raise NotFoundError(message)
    if len(lists) > 1 and not named:
        message = f"several lists take {wanted}: {', '.join(lists)}"
        raise typer.BadParameter(message, param_hint="--list")
    return lists[named] if named else next(iter(lists.values()), None)


def _told(known: Config, named: str) -> Told | None:
    """Return whom a rule for a first list tells; None: there is nobody."""
    people = [*(each.id for each in known.people), *(each.id for each in known.groups)]
    channels = [each.id for each in known.channels]
    if named:
        if named in people:
            return Told(key="tell", ids=(named,))
        if named in channels:
            return Told(key="channels", ids=(named,))
        message = f"there is nobody {named!r}; there are: {', '.join([*people, *channels])}"
        raise NotFoundError(message)
    if len(known.people) == 1:
        return Told(key="tell", ids=(known.people[0].id,))
    if len(channels) == 1 and not people:
        return Told(key="channels", ids=(channels[0],))
    if not channels:
        say("there is no channel yet, so nobody is told: add one, and a rule that names the list")
        return None
    message = f"who is to be told of the new list? one of: {', '.join([*people, *channels])}"
    raise typer.BadParameter(message, param_hint="--tell")


def _pages(known: Config, meant: Meant) -> list[tuple[str, Listed]]:
    """Return the pages that are looked at for it, each with the id of the source it is of."""
    following = [each.id for each in known.sources if each.follow and each.reader == _PAGE_READER]
    if following:
        return [(following[0], each) for each in meant.medicines if each.url]
    if meant.kind == "substance":
        say("their own pages are not looked at: a source with `follow` would (docs/configuration)")
        return []
    (medicine,) = meant.medicines
    if not medicine.url:
        return []
    watched = [each.id for each in known.sources if medicine.url in each.urls]
    taken = [each.id for each in known.sources]
    name = f"ema-{slug(medicine.url)}".casefold()
    new = suggested_id(medicine.url, taken) if name in taken else name
    return [(watched[0] if watched else new, medicine)]


def _entry(id_: str, medicine: Listed) -> str:
    private = is_private(urlsplit(medicine.url).hostname or "")
    entry: dict[str, object] = {
        "id": id_,
        "title": f"EMA, page of {medicine.name}",
        "reader": _PAGE_READER,
        "url": medicine.url,
        "every": "12h",
        "jitter": "30m",
        "tier": 1,
        "expect": {"records": [1, 1]},
        **({"allow_private": True} if private else {}),
    }
    return as_item(entry, head=(f"EMA's own page of {medicine.name}.",), notes={})


def _look(config: Path, pages: Sequence[tuple[str, str]]) -> None:
    """Take the first look at the pages; where the service runs, it does so when it starts anew."""
    is_good = True
    try:
        with watching(config, writable=True) as watcher:
            for source, url in pages:
                capture = watcher.check(watcher.source(source), url).capture
                is_good = is_good and capture.verdict.is_good
                known = "the baseline is taken" if capture.verdict.is_good else capture.reason
                say(f"{url}: {capture.verdict}: {known}")
    except StoreBusyError:
        say("the service runs with the file as it was: restart it, and it takes the first look")
    if not is_good:
        say("`watcher once` looks again")
        raise typer.Exit(FOUND_NOTHING_GOOD)
