"""Commands that look once: `once`, `check`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Annotated

import typer

from watcher.bootstrap import Watcher
from watcher.cli.common import (
    DEFAULT_CONFIG,
    FOUND_NOTHING_GOOD,
    AsJson,
    ConfigPath,
    say,
    told_errors,
    watching,
)
from watcher.cli.person import person
from watcher.core.text import shorten
from watcher.errors import StoreBusyError
from watcher.services.check import Outcome
from watcher.services.source import Source


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(once)
    app.command()(check)


@told_errors
def once(config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """Look at every source once, now; tell and deliver what is new; end."""
    with watching(config, writable=True) as watcher:
        watcher.note_configuration(person(""))
        _look(watcher, list(watcher.sources.values()), json=json)


@told_errors
def check(
    source: Annotated[str, typer.Argument(help="A source's id; see `watcher sources`.")],
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Look at one source now; tell and deliver what is new.

    Where the service runs, it is asked to look. Exit code 1 where a look was not good.
    """
    try:
        with watching(config, writable=True) as watcher:
            _look(watcher, [watcher.source(source)], json=json)
    except StoreBusyError:
        # all that can be ordered is a tenth of a start, and seldom is anything
        from watcher.cli.ordering import ordered  # noqa: PLC0415

        done = ordered(config, "look", {"source": source})
        say(f"the running service looks at {done.result['addresses']} addresses of {source} now")


def _look(watcher: Watcher, sources: list[Source], *, json: bool) -> None:
    # thousands of pages may be looked at: of one where nothing happened nothing is kept to be shown
    done: list[Outcome] = []
    are_good = True
    queued = 0
    with (
        ThreadPoolExecutor(1, thread_name_prefix="sending") as thread,
        _bar(watcher, sources) as advance,
        closing(_outcomes(watcher, sources)) as outcomes,
    ):
        sending = _Sending(watcher, thread)
        for outcome in outcomes:
            are_good = are_good and outcome.capture.verdict.is_good
            if json or outcome.events:
                done.append(outcome)
            advance()
            say(f"{outcome.capture.source}: {_in_words(outcome)}")
            if outcome.events:
                # a pass over thousands of pages takes an hour: nobody waits for its end
                queued += watcher.alert().queued
                sending.start()
        delivered = sending.finish()
    queued += watcher.alert().queued
    watcher.escalate()
    watcher.heartbeat()
    delivered += watcher.deliver()
    if queued or delivered:
        say(f"{queued} messages queued, {delivered} delivered")
    _show(done, json=json)
    if not are_good:
        raise typer.Exit(FOUND_NOTHING_GOOD)


class _Sending:
    """Sends beside the looks what they found: none of them waits for a receiver that is slow."""

    def __init__(self, watcher: Watcher, thread: Executor) -> None:
        self._watcher = watcher
        self._thread = thread
        self._begun: Future[int] | None = None
        self._delivered = 0

    def start(self) -> None:
        """Send what is due, unless it is at it: what it misses then is sent later in the pass."""
        if self._begun is None or self._begun.done():
            self.finish()
            self._begun = self._thread.submit(self._send)

    def finish(self) -> int:
        """Wait for what has begun; return how many messages were delivered in all."""
        if self._begun is not None:
            self._delivered += self._begun.result()
            self._begun = None
        return self._delivered

    def _send(self) -> int:
        delivered = 0
        while sent := self._watcher.deliver():
            delivered += sent
        return delivered


def _outcomes(watcher: Watcher, sources: list[Source]) -> Generator[Outcome]:
    for source in sources:
        with closing(watcher.check_all(source)) as outcomes:
            yield from outcomes


def _in_words(outcome: Outcome) -> str:
    capture = outcome.capture
    if not capture.verdict.is_good:
        return f"{capture.verdict}: {shorten(capture.reason, 200)}"
    if outcome.baseline:
        known = f"{outcome.baseline} subjects read for the first time, told to no one"
        return f"{known}; {len(outcome.events)} events" if outcome.events else known
    return f"{len(outcome.events)} events" if outcome.events else "nothing new"


def _show(done: list[Outcome], *, json: bool) -> None:
    """Print the events."""
    if not json and not any(outcome.events for outcome in done):
        return
    # what draws tables is not loaded where there is nothing to draw, as at the end of most passes
    from watcher.cli.printing import EVENT_COLUMNS, as_json, event_row, table  # noqa: PLC0415

    if json:
        as_json(
            [
                {
                    "capture": outcome.capture,
                    "baseline": outcome.baseline,
                    "events": [*outcome.events],
                }
                for outcome in done
            ]
        )
    else:
        table("", EVENT_COLUMNS, [event_row(told) for each in done for told in each.events])


@contextmanager
def _bar(watcher: Watcher, sources: list[Source]) -> Iterator[Callable[[], None]]:
    """Yield what moves a progress bar on, which shows on a terminal and nowhere else."""
    if not sys.stdout.isatty():
        yield lambda: None
        return
    # it takes a twentieth of a start to load
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from watcher.cli.printing import console  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console(), transient=True) as drawn:
        total = sum(len(watcher.addresses(source)) for source in sources)
        task = drawn.add_task("looking", total=total)
        yield lambda: drawn.advance(task)
