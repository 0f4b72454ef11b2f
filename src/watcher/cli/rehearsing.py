"""The command that asks what would have been sent: `rehearse`."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from watcher.bootstrap import SystemClock, Watcher, World, opened, wait
from watcher.cli.common import (
    DEFAULT_CONFIG,
    FOUND_NOTHING_GOOD,
    AsJson,
    configuration,
    say,
    told_errors,
)
from watcher.cli.printing import as_json, escaped, progressing, summary, table
from watcher.config.model import Config, Source, Storage
from watcher.core.schedule import Every
from watcher.core.text import shorten
from watcher.errors import FetchRefusedError, NotFoundError, OperationalError
from watcher.ports import Answer, Request
from watcher.readers.judge_address import is_same
from watcher.readers.registry import READERS
from watcher.services.archive import Page, pages
from watcher.services.explain import Audience
from watcher.services.rehearse import Step, rehearse
from watcher.services.source import Source as WatchedSource

_NOWHERE = "https://archive.invalid/"
_DAY = 86_400
_OUT_OF_QUESTION = re.compile("is none of its events$|is about watching itself")


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command("rehearse")(rehearse_)


@told_errors
def rehearse_(
    archives: Annotated[
        list[Path],
        typer.Argument(exists=True, help="Folders, tar archives, dated files, WARC files."),
    ],
    source: Annotated[str, typer.Option(help="The source that these pages are of.")] = "",
    reader: Annotated[
        str, typer.Option("--reader", "-r", help="Read them with this; see `watcher read`.")
    ] = "",
    rules: Annotated[
        Path,
        typer.Option(
            "--rules", "--config", "-c", envvar="WATCHER_CONFIG", help="Whose rules to ask."
        ),
    ] = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Run an archive through the whole line: what would have been sent, and why all else not.

    Nothing is sent and nothing is kept. A name tells a page's date: 2024-08-22_1506_page.html; a
    folder is a page of its own. Exit code 1 where no page of the archive could be believed.
    """
    config = _narrowed(configuration(rules), source, reader)
    with tempfile.TemporaryDirectory(prefix="watcher-rehearsal-") as scratch:
        archive = _pages(archives, config, Path(scratch), is_any=bool(reader and not source))
        with _scratch(config, Path(scratch)) as watcher:
            steps = rehearse(
                archive,
                lambda url: _source_of(watcher, url),
                watcher.tools,
                Audience.of(config.rules, config.people, config.groups),
                watcher.compose,
            )
            done = [*progressing("rehearsing", steps, total=len(archive))]
    if json:
        as_json(_plain(done))
    else:
        _show(done)
    if not any(step.outcome.capture.verdict.is_good for step in done):
        raise typer.Exit(FOUND_NOTHING_GOOD)


def _narrowed(config: Config, source: str, reader: str) -> Config:
    """Return the configuration with only the sources that the archive can be of, and no channel."""
    if reader and reader not in READERS:
        message = f"there is no reader {reader!r}; there are: {', '.join(READERS)}"
        raise NotFoundError(message)
    chosen = tuple(each for each in config.sources if source in {"", each.id})
    if not chosen:
        message = f"there is no source {source!r}; {', '.join(each.id for each in config.sources)}"
        raise NotFoundError(message)
    if reader and source:
        chosen = (replace(chosen[0], reader=reader, options=None),)
    elif reader:
        chosen = (_unnamed(reader),)
    return replace(config, sources=chosen, channels=())


def _unnamed(reader: str) -> Source:
    return Source(
        id="archive",
        title="the archive",
        reader=reader,
        urls=(_NOWHERE,),
        schedule=Every(_DAY),
        tier=1,
    )


def _pages(
    archives: Sequence[Path], config: Config, scratch: Path, *, is_any: bool
) -> tuple[Page, ...]:
    """Return the archive's pages; of a WARC file those of our sources, unless `is_any`."""
    urls = [url for each in config.sources for url in each.urls]
    is_warc = all(".warc" in archive.suffixes for archive in archives)
    if len(config.sources) > 1 and not is_warc:
        message = "say with --source or --reader whose pages these are"
        raise OperationalError(message)
    room = scratch / "archive"
    wanted = None if is_any else lambda asked: any(is_same(asked, url) for url in urls)
    return pages(archives, urls[0], room, wanted=wanted)


@contextmanager
def _scratch(config: Config, folder: Path) -> Iterator[Watcher]:
    """Return the program wired on stores that are thrown away."""
    storage = Storage(
        database=f"sqlite:///{folder / 'watcher.db'}",
        folder=folder,
        snapshots=folder / "snapshots",
    )
    world = World(clock=SystemClock(), sleep=wait, fetcher=_Offline())
    with opened(replace(config, storage=storage), world, writable=True) as watcher:
        yield watcher


class _Offline:
    """Stands where nothing is to be fetched; each page brings its own fetcher."""

    def fetch(self, request: Request) -> Answer:
        message = f"{request.url} was not asked: a rehearsal only reads its archive"
        raise FetchRefusedError(message, kind="read_only")


def _source_of(watcher: Watcher, url: str) -> WatchedSource:
    """Return the source that watches `url`, or the only one there is."""
    for source in watcher.sources.values():
        if any(is_same(url, known) for known in source.urls):
            return source
    return next(iter(watcher.sources.values()))


def _show(done: list[Step]) -> None:
    _show_sent(done)
    _show_not_sent(done)
    if doubted := [step for step in done if not step.outcome.capture.verdict.is_good]:
        _show_doubted(doubted)
    counts = _counts(done)
    say("; ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))


def _show_sent(done: list[Step]) -> None:
    table(
        "Would have been sent",
        ("time", "rule", "channel", "subject"),
        (
            (_minute(each.at), ", ".join(each.rules), each.channel, escaped(each.subject))
            for step in done
            for each in step.messages
        ),
    )


def _show_not_sent(done: list[Step]) -> None:
    table(
        "\nWould not have been sent",
        ("observed", "event", "subject", "what", "why not"),
        (
            (
                _minute(each.told.provenance.observed_at),
                each.told.event.type,
                escaped(each.told.event.subject.id),
                escaped(shorten(summary(each.told), 60)),
                escaped("\n".join(_nearest(each.reasons))),
            )
            for step in done
            for each in step.untold
        ),
    )


def _show_doubted(doubted: list[Step]) -> None:
    table(
        "\nNot believed",
        ("captured", "page", "verdict", "why"),
        (
            (
                _minute(step.outcome.capture.at),
                escaped(step.page.name),
                str(step.outcome.capture.verdict),
                escaped(step.outcome.capture.reason),
            )
            for step in doubted
        ),
    )


def _nearest(reasons: Sequence[str]) -> Sequence[str]:
    """Return the reasons of the rules that name the event, where any does."""
    near = [each for each in reasons if _OUT_OF_QUESTION.search(each) is None]
    return near or ("no rule names it",)


def _counts(done: list[Step]) -> dict[str, int]:
    counts = Counter(
        {
            "pages": len(done),
            "not_believed": sum(not step.outcome.capture.verdict.is_good for step in done),
            "first_readings": sum(step.outcome.baseline for step in done),
            "events": sum(len(step.outcome.events) for step in done),
            "messages": sum(len(step.messages) for step in done),
        }
    )
    return dict(counts)


def _plain(done: list[Step]) -> dict[str, object]:
    return {
        "counts": _counts(done),
        "messages": [each for step in done for each in step.messages],
        "not_told": [
            {
                "at": each.told.provenance.observed_at,
                "event": each.told.event.type,
                "subject": str(each.told.event.subject),
                "what": summary(each.told),
                "position": each.told.position,
                "reasons": each.reasons,
            }
            for step in done
            for each in step.untold
        ],
        "not_believed": [
            {
                "at": step.outcome.capture.at,
                "page": step.page.name,
                "url": step.page.url,
                "verdict": step.outcome.capture.verdict,
                "reason": step.outcome.capture.reason,
            }
            for step in done
            if not step.outcome.capture.verdict.is_good
        ],
    }


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")
