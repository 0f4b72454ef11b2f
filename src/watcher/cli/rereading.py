"""Commands that read the past: `import` reads archives, `reread` our own snapshots anew."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from watcher.bootstrap import Watcher, scratch_store
from watcher.cli.common import (
    DEFAULT_CONFIG,
    FOUND_NOTHING_GOOD,
    AsJson,
    ConfigPath,
    say,
    told_errors,
    watching,
)
from watcher.cli.moments import instant_of
from watcher.cli.printing import EVENT_COLUMNS, as_json, event_row, progressing, table
from watcher.core.capture import Capture
from watcher.core.text import shorten
from watcher.errors import OperationalError
from watcher.readers.judge_address import is_same
from watcher.services.amending import Amended
from watcher.services.archive import Page, pages
from watcher.services.exchange import Imported, import_pages
from watcher.services.reread import Chosen, reread
from watcher.services.source import Source

_DAY = len("2024-12-01")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command("import")(import_)
    app.command("reread")(reread_)


@told_errors
def import_(
    source: Annotated[str, typer.Argument(help="The source that these files are of.")],
    paths: Annotated[
        list[Path],
        typer.Argument(exists=True, help="Dated files, folders, tar archives, WARC files."),
    ],
    config: ConfigPath = DEFAULT_CONFIG,
    url: Annotated[str, typer.Option(help="Which target, where the source has several.")] = "",
    json: AsJson = False,
) -> None:
    """Read archives of the past as history: observed at their own time, and told to no one.

    In any order, and twice as well as once: the history is the one it would be had each been read
    on its day. A file's name tells its date: 2024-08-22_1506_medicines.xlsx. Exit code 1 where one
    could not be believed.
    """
    with watching(config, writable=True) as watcher, tempfile.TemporaryDirectory() as room:
        wanted = watcher.source(source)
        targets = _targets(watcher, wanted, url)
        archive = _addressed(paths, targets, Path(room) / "archive", is_named=bool(url))
        steps = import_pages(wanted, archive, watcher.tools, scratch_store)
        done: list[Imported] = []
        for step in progressing("reading", steps):
            match step:
                case Imported():
                    done.append(step)
                    say(f"{step.name}: {_in_words(step)}")
                case Amended():
                    _say_amended(step)
                case Capture():
                    pass  # one more look was run again
        watcher.alert()  # moves past what was imported: it tells no one
    _show_imported(done, json=json)


@told_errors
def reread_(
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    since: Annotated[str, typer.Option(help="Only targets looked at since this day.")] = "",
    until: Annotated[str, typer.Option(help="Only targets looked at until this day.")] = "",
    all_: Annotated[
        bool, typer.Option("--all", help="Also what today's readers have read anew before.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change; write nothing.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Read the stored snapshots anew with today's readers; what they see otherwise is history.

    It stands in the log as `reread`, observed when it was captured, and is told to no one. A
    target's past is read as a whole. Interrupted, the same command goes on where it was.
    """
    chosen = Chosen(
        # a day begins where it says since, and ends where it says until
        since=instant_of(f"{since}T00:00:00" if len(since) == _DAY else since, "--since")
        if since
        else "",
        until=instant_of(until, "--until") if until else "",
        is_all=all_,
    )
    with watching(config, writable=not dry_run) as watcher:
        wanted = [watcher.source(source)] if source else [*watcher.sources.values()]
        steps = reread(wanted, chosen, watcher.tools, scratch_store, is_trial=dry_run)
        done = [each for each in progressing("rereading", steps) if isinstance(each, Amended)]
        if not dry_run:
            watcher.alert()  # moves past what was reread: it tells no one
    if json:
        as_json({"written": not dry_run, "targets": done})
        return
    table("", ("source", "event", "added#", "set aside#", "again#"), _by_type(done))
    looks, changed = sum(each.looks for each in done), sum(not each.is_nothing for each in done)
    would = "would have another history" if dry_run else "have another history"
    say(f"{looks} looks of {len(done)} groups of targets read anew: {changed} {would}")


def _targets(watcher: Watcher, source: Source, url: str) -> tuple[str, ...]:
    """Return the addresses that an archive's pages may be of."""
    if url:
        return (url,)
    with watcher.store.reading() as work:
        kept = (each.url for each in work.captures.of_source(source.id))
        return tuple(dict.fromkeys((*source.urls, *kept)))


def _addressed(
    paths: Sequence[Path], targets: Sequence[str], room: Path, *, is_named: bool
) -> tuple[Page, ...]:
    """Return the archive's pages under the addresses of their targets, as we write them.

    Raises:
        OperationalError: A page is of none of several targets.
    """
    if not targets:
        message = "this source has no address yet: look at it once, or name one with --url"
        raise OperationalError(message)

    def wanted(asked: str) -> bool:
        return any(is_same(asked, target) for target in targets)

    found = pages(paths, targets[0], room, wanted=wanted, apart=False)
    return tuple(replace(page, url=_target(page, targets, is_named=is_named)) for page in found)


def _target(page: Page, targets: Sequence[str], *, is_named: bool) -> str:
    same = [target for target in targets if is_same(page.url, target)]
    if same or is_named or len(targets) == 1:
        return same[0] if same else targets[0]
    message = f"{page.name} would be {page.url}, which is no target: say which it is with --url"
    raise OperationalError(message)


def _in_words(imported: Imported) -> str:
    capture = imported.capture
    if capture is None:
        return "known already, nothing was done"
    if not capture.verdict.is_good:
        return f"{capture.verdict}: {shorten(capture.reason, 200)}"
    known = f"{imported.baseline} subjects read for the first time" if imported.baseline else ""
    events = f"{len(imported.events)} events" if imported.events else ""
    return "; ".join(filter(None, (known, events))) or "nothing new"


def _say_amended(amended: Amended) -> None:
    added, aside, again = (
        sum(each.values()) for each in (amended.appended, amended.aside, amended.again)
    )
    say(
        f"{amended.looks} looks in their order: {added} events added, {aside} count no longer, "
        f"{again} count again"
    )


def _show_imported(done: Sequence[Imported], *, json: bool) -> None:
    """Print the events; end with 1 where a page could not be believed."""
    if json:
        as_json(done)
    elif rows := [event_row(told) for imported in done for told in imported.events]:
        table("", EVENT_COLUMNS, rows)
    if any(each.capture and not each.capture.verdict.is_good for each in done):
        raise typer.Exit(FOUND_NOTHING_GOOD)


def _by_type(done: Sequence[Amended]) -> Iterator[tuple[object, ...]]:
    """Yield what changed, a row for each source and type of event."""
    kinds = sorted(
        {(each.source, kind) for each in done for counts in _counts(each) for kind in counts}
    )
    for source, kind in kinds:
        of = [_counts(each) for each in done if each.source == source]
        yield (
            source,
            kind,
            *(sum(counts[place].get(kind, 0) for counts in of) for place in range(3)),
        )


def _counts(amended: Amended) -> tuple[Mapping[str, int], ...]:
    return amended.appended, amended.aside, amended.again
